// The ranked dot plot: one row for each territory with a value, its interval, the country's value and the target as lines.

function drawRanking(host) {
  const indicator = indicatorInView();
  const { unit } = indicator;
  const all = rowsAt(state.period).sort((a, b) => byText(a.place.name, b.place.name));
  const rows = all.filter(hasValue);
  rows.sort((a, b) => (state.order === "highest" ? b.value - a.value : a.value - b.value));
  const missing = all.filter((row) => !hasValue(row));
  const ranks = ranksOf(rows);
  const title = titleOf("ranking");
  const turn = () => {
    state.order = state.order === "highest" ? "lowest" : "highest";
    draw();
    document.querySelector("#view .quiet").focus();
  };
  const order = button(`${t(`ranking.${state.order}`)} ⇅`, turn, { class: "quiet" });
  const plot = h("div", { class: "scroll plot" });
  const table = h("div", { class: "twin" });
  host.append(
    h("div", { class: "heading" }, h("h3", {}, title), note(t("ranking.note")), order),
    h("div", { class: "picture" }, h("figure", { "aria-label": title }, plot), table));
  if (rows.length) {
    const marks = marksOf(indicator);
    const numbers = rows.flatMap(numbersOf);
    drawPlot(plot, { items: rows, title, numbers, range: indicator.range, marks, draw: dotOf(ranks, rows.length, unit) });
  }
  else plot.append(h("p", { class: "empty" }, t("ranking.none")));
  drawTable(table, { caption: title, columns: valueColumns(unit, ranks, rows), rows: [...rows, ...missing] });
  const left = missingList(missing, "missing.title", "missing.caption");
  if (left) host.append(left);
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
