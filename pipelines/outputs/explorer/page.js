// The page: controls, tabs and what is drawn when a choice changes.

const element = (id) => document.getElementById(id);

const field = (key, control) => h("label", { class: `field ${key}` }, h("span", {}, t(`control.${key}`)), control);
function chooser(key, options, groups = null) {
  const option = ({ id, name }) => h("option", { value: id, selected: id === state[key] }, name);
  const listed = groups ? [...groups].map(([label, members]) => h("optgroup", { label }, members.map(option))) : options.map(option);
  const choose = (event) => {
    state[key] = event.target.value;
    showAll = false;
    draw();
    element("controls").querySelector(`.field.${key} select`)?.focus();
  };
  return field(key, h("select", { onchange: choose, disabled: options.length < 2 }, listed));
}

function drawControls(host) {
  const indicators = RELEASE.indicators.map(({ id, title, alignment, goal }) => {
    const marked = alignment === "proxy" && !/proxy/i.test(title);
    return { id, goal, name: marked ? `${title} · ${word("alignments", "proxy")}` : title };
  });
  const series = Object.entries(indicatorInView().series).map(([id, name]) => ({ id, name }));
  const sizes = levels().map(({ id, size }) => ({ id, name: `${levelName(id, true)} (${count(size)})` }));
  const known = periods().map((id) => ({ id, name: id }));
  const several = known.length > 1;
  host.replaceChildren(
    chooser("indicator", indicators, groupBy(indicators, ({ goal }) => t("control.goal", { goal }))),
    ...(series.length ? [chooser("series", series)] : []),
    chooser("country", countries()),
    chooser("level", sizes),
    ...(state.view === "change"
      ? [chooser("from", several ? known.slice(0, -1) : known), chooser("to", several ? known.slice(1) : known)]
      : [chooser("period", known)]),
    search());
}

/** Finds a territory of the country in view that has rows; goes to its level and selects it. */
function search() {
  const places = distinct(seriesRows().map((row) => row.place)).filter((place) => place.country === state.country);
  const label = (place) => [place.name, levelName(place.level), placeName(place.parent)].filter(Boolean).join(" · ");
  const output = h("output", { class: "note" });
  const find = (event) => {
    const text = event.target.value.trim().toLocaleLowerCase(language);
    if (!text) return;
    const starts = places.filter((place) => place.name.toLocaleLowerCase(language).startsWith(text));
    const found = places.find((place) => label(place).toLocaleLowerCase(language) === text) ?? starts[0];
    output.textContent = found ? "" : t("control.search.none", { country: placeName(state.country), text: event.target.value });
    if (!found) return;
    if (found.level !== "country") state.level = found.level;
    state.territory = found.id;
    draw();
  };
  const input = h("input", { type: "search", list: "places", placeholder: t("control.search.hint"), autocomplete: "off", onchange: find });
  const names = h("datalist", { id: "places" }, places.map((place) => h("option", { value: label(place) })));
  return h("div", { class: "field search" }, field("search", input), names, output);
}

function drawIndicator(host) {
  const indicator = indicatorInView();
  const proxy = indicator.alignment === "proxy";
  const caveats = titled("indicator.caveats", indicator.caveats);
  host.replaceChildren(h("div", { class: "lead" },
    h("div", {},
      badges(indicator),
      h("h2", {}, indicator.title),
      h("p", { class: "description" }, indicator.description),
      proxy ? h("div", { class: "caveats" }, h("p", {}, word("alignment_meanings", "proxy")), caveats) : null,
      method(indicator, proxy ? [] : caveats)),
    summary(indicator.unit)));
}

function badges({ alignment, sdg_indicator: code, target, direction }) {
  const badge = (text, kind = "", title = null) => h("span", { class: `badge ${kind}`, title }, text);
  return h("p", { class: "badges" },
    badge(word("alignments", alignment), alignment, word("alignment_meanings", alignment)),
    code || target ? badge(t("indicator.sdg", { code: code ?? target })) : null,
    badge(word("directions", direction)));
}

function method({ formula, unit, method_version: version, target_value: target, assumptions }, caveats) {
  const assumption = ({ text, quality, impact }) => {
    const ratings = { quality: word("quality", quality), impact: word("impact", impact) };
    return [text, " ", h("small", {}, t("indicator.assumption", ratings))];
  };
  return h("details", { class: "method" },
    h("summary", {}, t("indicator.method")),
    h("p", {}, t("indicator.formula"), ": ", h("code", {}, formula), ` (${unit}) · `, t("indicator.version", { version })),
    target ? h("p", {}, t("indicator.target", { ...target, value: figure(target.value) + unitText(unit) })) : null,
    caveats,
    titled("indicator.assumptions", assumptions.map(assumption)));
}

/** The country's value, and what the territories of the level in view have. */
function summary(unit) {
  const period = state.view === "change" ? state.to : state.period;
  const rows = rowsAt(period);
  const country = rowOf(state.country, period);
  const valued = rows.filter(hasValue).map((row) => row.value).sort((a, b) => a - b);
  const middle = valued.length / 2;
  const spread = () => {
    const median = (valued[Math.ceil(middle) - 1] + valued[Math.floor(middle)]) / 2;
    const range = t("summary.range", { low: figure(valued[0]), high: figure(last(valued)) });
    return h("p", {}, range, unitText(unit), ", ", t("summary.median", { value: figure(median) }));
  };
  return h("div", { class: "summary" },
    hasValue(country) && state.level !== "country"
      ? [eyebrow(`${placeName(state.country)}, ${period}`), h("p", { class: "big" }, valueText(country, unit)), levelChip(country.cert_level)]
      : null,
    eyebrow(levelName(state.level, true)),
    h("p", {}, h("b", {}, count(valued.length)), ` ${t("summary.values")}, `, h("b", {}, count(rows.length - valued.length)), ` ${t("summary.missing")}`),
    valued.length > 1 ? spread() : null);
}

function drawTabs(host) {
  const open = (view) => {
    state.view = view;
    showAll = false;
    draw();
    element(`tab-${view}`).focus();
  };
  const onkeydown = ({ key }) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
    if (step) open(VIEWS[(VIEWS.indexOf(state.view) + step + VIEWS.length) % VIEWS.length]);
  };
  const tab = (view) => {
    const chosen = view === state.view;
    const aria = { "aria-selected": String(chosen), "aria-controls": "view" };
    return button(t(`view.${view}`), () => open(view), { role: "tab", id: `tab-${view}`, tabindex: chosen ? 0 : -1, ...aria });
  };
  host.replaceChildren(h("div", { role: "tablist", "aria-label": t("view.label"), onkeydown }, VIEWS.map(tab)));
}

function drawView() {
  const host = element("view");
  host.replaceChildren();
  host.setAttribute("aria-labelledby", `tab-${state.view}`);
  ({ ranking: drawRanking, change: drawChange, map: drawMap })[state.view](host);
  markSelection();
}

/** Draws everything that depends on the choices. */
function draw() {
  settle();
  drawControls(element("controls"));
  drawIndicator(element("indicator"));
  drawTabs(element("tabs"));
  drawView();
  drawValue(element("value"));
  writeAddress();
}
/** Chooses a territory without drawing the pictures again. */
function select(territory) {
  state.territory = territory;
  markSelection();
  drawValue(element("value"));
  writeAddress();
}

if (INDICATORS.size) {
  readAddress();
  draw();
  addEventListener("hashchange", () => { if (location.hash.includes("=")) { readAddress(); draw(); } });
  let width = innerWidth;
  addEventListener("resize", () => { if (innerWidth !== width) { width = innerWidth; drawView(); } });
} else element("view").append(h("p", { class: "empty" }, t("page.empty")));
drawRelease(element("about"));
