// Change between two periods as dumbbells, only where both values are comparable.

function drawChange(host) {
  const indicator = indicatorInView();
  const { from, to } = state;
  if (from === to) {
    host.append(h("p", { class: "empty" }, t("change.single")));
    return;
  }
  const { pairs, others } = pairRows(rowsAt(from), rowsAt(to), indicator);
  const title = titleOf("change");
  const plot = h("div", { class: "scroll plot" });
  const table = h("div", { class: "twin" });
  const kinds = [...groupBy(pairs, ({ kind }) => kind)].sort();
  const legendEntry = ([kind, group]) =>
    h("li", { class: kind }, h("i", { "aria-hidden": "true" }), `${t(`change.${kind}`)} (${count(group.length)})`);
  host.append(
    h("div", { class: "heading" }, h("h3", {}, title), note(t("change.note", { from, to })),
      h("ul", { class: "legend" }, kinds.map(legendEntry))),
    h("div", { class: "picture" }, h("figure", { "aria-label": title }, plot), table));
  if (pairs.length) {
    const numbers = pairs.flatMap(({ a, b }) => [...numbersOf(a), ...numbersOf(b)]);
    drawPlot(plot, { items: pairs, title, numbers, range: indicator.range, draw: dumbbellOf(indicator.unit) });
  }
  else plot.append(h("p", { class: "empty" }, t("ranking.none")));
  drawTable(table, { caption: title, columns: changeColumns(indicator.unit), rows: pairs });
  const left = missingList(others, "change.missing.title", "change.missing.caption");
  if (left) host.append(left);
}

/** Comparable pairs by change, largest first, and the territories that are left out, with the reason. */
function pairRows(before, after, indicator) {
  const ends = new Map([...before, ...after].map((row) => [row.territory, {}]));
  for (const row of before) ends.get(row.territory).a = row;
  for (const row of after) ends.get(row.territory).b = row;
  const pairs = [];
  const others = [];
  for (const [territory, { a, b }] of ends) {
    const place = TERRITORIES.get(territory);
    const fault = faultOf(a, state.from) ?? faultOf(b, state.to);
    if (fault) others.push({ place, ...fault });
    else pairs.push(changeOf(territory, place, a, b, indicator.direction));
  }
  return { pairs: pairs.sort((x, y) => y.change - x.change || byText(x.place.name, y.place.name)), others };
}
function faultOf(row, period) {
  if (!row) return { status: null, reason: t("missing.period", { period, reason: t("missing.norow") }) };
  if (!hasValue(row)) return { status: row.status, reason: t("missing.period", { period, reason: row.reason || t("missing.noreason") }) };
  return row.status === "B" ? { status: "B", reason: t("missing.break", { period }) } : null;
}
/** The change and what rounding leaves of it: the interval runs from (low after − high before) to (high after − low before). */
function changeOf(territory, place, a, b, direction) {
  const difference = b.value - a.value;
  const low = (b.low ?? b.value) - (a.high ?? a.value);
  const high = (b.high ?? b.value) - (a.low ?? a.value);
  const rose = difference > 0;
  const kind = low <= 0 && high >= 0 ? "even" : direction === "neutral" ? (rose ? "up" : "down") :
    rose === (direction === "higher_is_better") ? "better" : "worse";
  return { territory, place, a, b, change: difference, low, high, kind };
}

const dumbbellOf = (unit) => ({ place, a, b, change: difference, kind }, scale) => ({
  label: t("change.row", {
    name: place.name, from: figure(a.value), to: figure(b.value), change: change(difference), unit: pointsUnit(unit), kind: t(`change.${kind}`),
  }),
  kind,
  figure: change(difference),
  shapes: [intervalBar(scale, a), intervalBar(scale, b), bar(scale, a.value, b.value, "bond"), dot(scale, a.value, "hollow"), dot(scale, b.value)],
});

function changeColumns(unit) {
  return [
    { key: "territory", title: t("table.territory"), sort: (pair) => pair.place.name, cell: (pair) => pair.place.name },
    { key: "from", title: state.from, number: true, sort: (pair) => pair.a.value, cell: (pair) => figure(pair.a.value) },
    { key: "to", title: state.to, number: true, sort: (pair) => pair.b.value, cell: (pair) => figure(pair.b.value) },
    { key: "change", title: t("table.change", { unit: pointsUnit(unit) }), number: true, sort: (pair) => pair.change, cell: (pair) => change(pair.change) },
    { key: "interval", title: t("table.change.interval"), number: true, sort: (pair) => pair.high - pair.low,
      cell: (pair) => intervalText(pair) },
    { key: "level", title: t("table.level"), sort: (pair) => lowestLevel(pair), cell: (pair) => levelChip(lowestLevel(pair), true) },
  ];
}
const lowestLevel = ({ a, b }) => Math.min(a.cert_level ?? 0, b.cert_level ?? 0);
