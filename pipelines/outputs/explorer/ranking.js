// The ranked dot plot: one row for each territory with a value, its interval, the country's value and the target as lines.

function drawRanking(host) {
  const indicator = indicatorInView();
  const { unit } = indicator;
  const all = rowsAt(state.period).sort((a, b) => byText(a.place.name, b.place.name));
  const rows = all.filter(hasValue);
  rows.sort((a, b) => (state.order === "highest" ? b.value - a.value : a.value - b.value));
  const missing = all.filter((row) => !hasValue(row));
  const ranks = ranksOf(rows);
  const title = t("ranking.title", { indicator: indicator.short_title, country: placeName(state.country), level: levelName(state.level, true).toLowerCase(), period: state.period });
  const order = h("button", { type: "button", class: "quiet", onclick: () => { state.order = state.order === "highest" ? "lowest" : "highest"; draw(); } },
    t(`ranking.${state.order}`), " ⇅");
  const plot = h("div", { class: "scroll plot" });
  const table = h("div", { class: "twin" });
  host.append(
    h("div", { class: "heading" }, h("h3", {}, title), h("p", { class: "note" }, t("ranking.note")), order),
    h("div", { class: "picture" }, h("figure", { "aria-label": title }, plot), table));
  if (rows.length) {
    drawPlot(plot, { items: rows, title, numbers: rows.flatMap(numbersOf), range: indicator.range, marks: marksOf(indicator), draw: dotOf(ranks, rows.length, unit) });
  }
  else plot.append(h("p", { class: "empty" }, t("ranking.none")));
  drawTable(table, { caption: title, columns: valueColumns(unit, ranks, rows), rows: [...rows, ...missing] });
  const list = missingList(missing, "missing.title", "missing.caption");
  if (list) host.append(list);
}

/** Values that are drawn as lines: the country's, and the target where it lies within the picture. */
function marksOf({ unit, target_value: target }) {
  const marks = [];
  const country = rowOf(state.country);
  if (hasValue(country) && state.level !== "country") {
    marks.push({ at: country.value, text: `${placeName(state.country)} ${valueText(country, unit)}`, kind: "country" });
  }
  if (target) marks.push({ at: target.value, text: `${t("ranking.target")} ${figure(target.value)}`, kind: "target" });
  return marks;
}

const dotOf = (ranks, total, unit) => (row, scale) => ({
  label: t("ranking.row", {
    name: row.place.name, value: valueText(row, unit), interval: intervalText(row, "interval.spoken"),
    rank: count(ranks.get(row)), count: count(total),
  }),
  figure: figure(row.value),
  shapes: [intervalBar(scale, row), dot(scale, row.value)],
});
