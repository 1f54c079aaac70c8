// What is in view. It lives in the address after `#`, so that a view can be linked.

const KEYS = ["indicator", "series", "country", "level", "period", "from", "to", "view", "order", "territory"];
const VIEWS = ["ranking", "change", "map"];
let state = {};

const indicatorInView = () => INDICATORS.get(state.indicator);
/** Rows of the indicator and series in view, of every territory and period. */
const seriesRows = () => valuesOf(state.indicator).filter((row) => row.series === state.series);
const isCountry = (row) => row.place.level === "country";
const ofLevel = (row) => row.place.country === state.country && row.place.level === state.level;
/** Rows at one period: the territories of the level in view, or those that pass another test. */
const rowsAt = (period, test = ofLevel) => seriesRows().filter((row) => row.period === period && test(row));
const rowOf = (territory, period = state.period) =>
  seriesRows().find((row) => row.territory === territory && row.period === period);

/** The heading of a view: what, where and when. */
const titleOf = (view) => t(`${view}.title`, {
  ...state, indicator: indicatorInView().short_title, country: placeName(state.country), level: levelName(state.level, true).toLowerCase(),
});

function countries() {
  const found = new Set(seriesRows().filter(hasValue).map((row) => row.place.country));
  const names = [...found].map((id) => ({ id, name: TERRITORIES.get(id)?.name ?? id }));
  return names.sort((a, b) => byText(a.name, b.name));
}
/** Levels of the country in view, cities first, each with its number of territories; the country only where it is all. */
function levels() {
  const territories = new Map();
  for (const row of seriesRows()) if (row.place.country === state.country) territories.set(row.territory, row.place.level);
  const sizes = new Map();
  for (const level of territories.values()) sizes.set(level, (sizes.get(level) ?? 0) + 1);
  if (sizes.size > 1) sizes.delete("country");
  const rank = (level) => (LEVELS.includes(level) ? LEVELS.indexOf(level) : LEVELS.length);
  return [...sizes].map(([id, size]) => ({ id, size })).sort((a, b) => rank(a.id) - rank(b.id));
}
const periods = () => distinct(seriesRows().filter(ofLevel).map((row) => row.period)).sort();

/** Makes every choice a possible one: what no longer exists falls back to the first (or the latest period). */
function settle() {
  const pick = (key, options, fallback = options[0]) => {
    if (!options.includes(state[key])) state[key] = fallback ?? null;
  };
  pick("indicator", [...INDICATORS.keys()]);
  const series = Object.keys(indicatorInView().series);
  pick("series", series.length ? series : [null]);
  pick("country", countries().map(({ id }) => id));
  pick("level", levels().map(({ id }) => id));
  const known = periods();
  pick("period", known, last(known));
  pick("from", known, known[0]);
  pick("to", known, last(known));
  if (state.from >= state.to) [state.from, state.to] = [known[0], last(known)];
  pick("view", VIEWS);
  pick("order", ["highest", "lowest"]);
  if (TERRITORIES.get(state.territory)?.country === state.country) return;
  // The country where it has a row; else the first territory in view, so that there is a value to look at.
  const first = rowsAt(state.period).find(hasValue);
  state.territory = rowOf(state.country) || !first ? state.country : first.territory;
}

const readAddress = () => {
  const fields = new URLSearchParams(location.hash.slice(1));
  state = Object.fromEntries(KEYS.map((key) => [key, fields.get(key)]));
};
const writeAddress = () => {
  const fields = KEYS.filter((key) => state[key] !== null).map((key) => [key, state[key]]);
  history.replaceState(null, "", `#${new URLSearchParams(fields)}`);
};
