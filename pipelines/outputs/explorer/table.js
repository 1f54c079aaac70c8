// Tables: the same figures as the picture beside them, sortable by every column.

const sorting = { ranking: null, change: null, map: null };
const statusCode = (status) => (status ? h("abbr", { title: word("status", status) }, status) : "");
/** The certification level as a number and its name; where there is little room, the name on demand. */
function levelChip(level, short = false) {
  if (level === null || level === undefined) return "";
  const text = t("certificate.short", { level: level || "Q", name: word("cert_levels", level) });
  return h("span", { class: `chip level-${level || "Q"}`, title: text, "aria-label": short && text }, short ? level || "Q" : text);
}

/** A sortable table. Columns: `{key, title, number?, sort(row), cell(row)}`; the first is the row's heading. */
function drawTable(host, { caption, columns, rows }) {
  const wanted = sorting[state.view];
  const column = columns.find(({ key }) => key === wanted?.key);
  const ordered = column ? [...rows].sort((a, b) => compare(column.sort(a), column.sort(b), wanted.down)) : rows;
  const shown = firstOf(ordered);
  const heading = ({ key, title, number }) => {
    const down = wanted?.key === key ? !wanted.down : Boolean(number);
    const sorted = wanted?.key === key ? (wanted.down ? "descending" : "ascending") : null;
    const sort = () => {
      sorting[state.view] = { key, down };
      host.replaceChildren();
      drawTable(host, { caption, columns, rows });
      markSelection();
      host.querySelector(`[data-column="${key}"]`).focus();
    };
    return h("th", { scope: "col", class: number && "number", "aria-sort": sorted },
      h("button", { type: "button", "data-column": key, "aria-label": t("table.sort", { column: title }), onclick: sort },
        title, h("span", { class: "arrow", "aria-hidden": "true" }, sorted ? (wanted.down ? " ▾" : " ▴") : "")));
  };
  const body = h("tbody", {}, shown.map((row) => h("tr", { "data-territory": row.territory },
    columns.map(({ number, cell }, i) => (i ? h("td", { class: number && "number" }, cell(row)) : h("th", { scope: "row" }, cell(row)))))));
  host.append(
    h("div", { class: "scroll", tabindex: "-1" }, h("table", { class: "data" }, h("caption", { class: "unseen" }, caption), h("thead", {}, h("tr", {}, columns.map(heading))), body)),
    moreButton(shown.length, rows.length));
  roving(body, [...body.rows]);
}

/** Nothing sorts last in both directions. */
function compare(a, b, down) {
  if (a === null || b === null) return (a === null) - (b === null);
  const order = typeof a === "number" ? a - b : byText(a, b);
  return down ? -order : order;
}

/** Columns of a table of values at one period. */
function valueColumns(unit, ranks, rows) {
  const columns = [
    { key: "territory", title: t("table.territory"), sort: (row) => row.place.name, cell: (row) => row.place.name },
    { key: "rank", title: t("table.rank"), number: true, sort: (row) => ranks.get(row) ?? null, cell: (row) => (ranks.has(row) ? count(ranks.get(row)) : "") },
    { key: "value", title: t("table.value", { unit }), number: true, sort: (row) => row.value, cell: (row) => (hasValue(row) ? figure(row.value) : "–") },
    { key: "interval", title: t("table.interval"), number: true, sort: (row) => (hasInterval(row) ? row.high - row.low : null), cell: (row) => intervalText(row) },
    { key: "level", title: t("table.level"), sort: (row) => row.cert_level, cell: (row) => levelChip(row.cert_level) },
    { key: "status", title: t("table.status"), sort: (row) => row.status, cell: (row) => statusCode(row.status) },
  ];
  return rows.some(hasInterval) ? columns : columns.filter(({ key }) => key !== "interval");
}
/** Place of each row that has a value, from the highest; equal values share a place. */
function ranksOf(rows) {
  const sorted = [...rows].sort((a, b) => b.value - a.value);
  const places = new Map();
  sorted.forEach((row, i) => places.set(row, i && sorted[i - 1].value === row.value ? places.get(sorted[i - 1]) : i + 1));
  return places;
}

/** Territories that are not drawn, those with the same status and reason together: `[{place, status, reason}]`. */
function missingList(items, title, caption) {
  if (!items.length) return null;
  const groups = groupBy(items, ({ status, reason }) => JSON.stringify([status, reason]));
  const names = (group) => {
    const all = group.map(({ place }) => place.name).sort(byText);
    return all.length > 40 ? t("missing.more", { names: all.slice(0, 40).join(", "), count: count(all.length - 40) }) : all.join(", ");
  };
  const rows = [...groups.values()].map((group) => {
    const [{ status, reason }] = group;
    const code = status ? h("span", {}, h("code", {}, status), ` ${word("status", status)}`) : "";
    return [names(group), code, reason || t("missing.noreason")];
  });
  const headings = [[t("table.territory")], [t("table.status")], [t("certificate.reason")]];
  return h("details", { class: "missing", open: true },
    h("summary", {}, t(title, { count: count(items.length) })), plainTable(t(caption), headings, rows));
}
