// The release, decoded once and indexed. A row of values is one territory, period and series, all breakdowns at their total.

const parse = (id) => JSON.parse(document.getElementById(id).textContent);
const MESSAGES = parse("messages");
const RELEASE = parse("release");
const own = (object, key) => Object.prototype.hasOwnProperty.call(object, key);
const LEVELS = Object.keys(MESSAGES.levels);

/** A table of columns (`words` and `codes`, or plain numbers) as a list of row objects. */
function decode({ count, columns }) {
  const names = Object.keys(columns);
  const readers = names.map((name) => {
    const column = columns[name];
    return Array.isArray(column) ? (i) => column[i] : (i) => column.words[column.codes[i]];
  });
  return Array.from({ length: count }, (_, i) => Object.fromEntries(names.map((name, n) => [name, readers[n](i)])));
}

const INDICATORS = new Map(RELEASE.indicators.map((indicator) => [indicator.id, indicator]));
const PLACES = decode(RELEASE.territories);
const TERRITORIES = new Map(PLACES.map((territory) => [territory.id, territory]));
const MAPS = new Map(Object.entries(RELEASE.maps));
const decoded = new Map();

/** All rows of an indicator whose territory the release knows; decoded when first asked for. */
function valuesOf(indicatorId) {
  if (!decoded.has(indicatorId)) {
    const table = own(RELEASE.values, indicatorId) ? decode(RELEASE.values[indicatorId]) : [];
    const rows = table.map((row) => ({ ...row, place: PLACES[row.place], territory: PLACES[row.place]?.id }));
    decoded.set(indicatorId, rows.filter(({ place }) => place));
  }
  return decoded.get(indicatorId);
}

const hasValue = (row) => row !== undefined && row.value !== null;
const byText = (a, b) => a.localeCompare(b, document.documentElement.lang);
const distinct = (items) => [...new Set(items)];
const last = (items) => items[items.length - 1];
/** Items by key, in the order of first appearance. */
function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) {
    const key = keyOf(item);
    if (groups.has(key)) groups.get(key).push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
