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
  const indicators = [...INDICATORS.values()].map(({ id, title, alignment, goal }) => ({ id, goal, name: alignment === "proxy" && !/proxy/i.test(title) ? `${title} · ${word("alignments", "proxy")}` : title }));
  const series = Object.entries(indicatorInView().series).map(([id, name]) => ({ id, name }));
  const known = periods().map((id) => ({ id, name: id }));
  host.replaceChildren(...[
    chooser("indicator", indicators, groupBy(indicators, ({ goal }) => t("control.goal", { goal }))),
    series.length > 0 && chooser("series", series),
    chooser("country", countries()),
    chooser("level", levels().map(({ id, size }) => ({ id, name: `${levelName(id, true)} (${count(size)})` }))),
    ...(state.view === "change" ? [chooser("from", known.slice(0, -1).length ? known.slice(0, -1) : known), chooser("to", known.slice(1).length ? known.slice(1) : known)] : [chooser("period", known)]),
    search(),
  ].filter(Boolean));
}

/** Finds a territory of the country in view that has rows; goes to its level and selects it. */
function search() {
  const places = distinct(seriesRows().map((row) => row.place)).filter((place) => place.country === state.country);
  const label = (place) => [place.name, levelName(place.level), placeName(place.parent)].filter(Boolean).join(" · ");
  const note = h("output", { class: "note" });
  const find = (event) => {
    const text = event.target.value.trim().toLocaleLowerCase(language);
    if (!text) return;
    const starts = places.filter((place) => place.name.toLocaleLowerCase(language).startsWith(text));
    const found = places.find((place) => label(place).toLocaleLowerCase(language) === text) ?? starts[0];
    note.textContent = found ? "" : t("control.search.none", { country: placeName(state.country), text: event.target.value });
    if (!found) return;
    if (found.level !== "country") state.level = found.level;
    state.territory = found.id;
    draw();
  };
  const input = h("input", { type: "search", list: "places", placeholder: t("control.search.hint"), autocomplete: "off", onchange: find });
  return h("div", { class: "field search" }, field("search", input), h("datalist", { id: "places" }, places.map((place) => h("option", { value: label(place) }))), note);
}

function drawIndicator(host) {
  const indicator = indicatorInView();
  const { alignment, caveats, assumptions, unit, target_value: target } = indicator;
  const rows = rowsAt(state.view === "change" ? state.to : state.period);
  const country = rowOf(state.country, state.view === "change" ? state.to : state.period);
  const valued = rows.filter(hasValue).map((row) => row.value).sort((a, b) => a - b);
  const middle = valued.length / 2;
  const median = valued.length ? (valued[Math.ceil(middle) - 1] + valued[Math.floor(middle)]) / 2 : null;
  const caveatList = caveats.length ? [h("h3", { class: "minor" }, t("indicator.caveats")), h("ul", {}, caveats.map((text) => h("li", {}, text)))] : [];
  const proxy = alignment === "proxy";
  host.replaceChildren(h("div", { class: "lead" },
    h("div", {},
      h("p", { class: "badges" }, h("span", { class: `badge ${alignment}`, title: word("alignment_meanings", alignment) }, word("alignments", alignment)),
        indicator.sdg_indicator || indicator.target ? h("span", { class: "badge" }, t("indicator.sdg", { code: indicator.sdg_indicator ?? indicator.target })) : null, h("span", { class: "badge" }, word("directions", indicator.direction))),
      h("h2", {}, indicator.title), h("p", { class: "description" }, indicator.description),
      proxy ? h("div", { class: "caveats" }, h("p", {}, word("alignment_meanings", "proxy")), caveatList) : null,
      h("details", { class: "method" }, h("summary", {}, t("indicator.method")),
        h("p", {}, t("indicator.formula"), ": ", h("code", {}, indicator.formula), ` (${unit}) · `, t("indicator.version", { version: indicator.method_version })),
        target ? h("p", {}, t("indicator.target", { value: figure(target.value) + unitText(unit), year: target.year, source: target.source })) : null,
        proxy ? null : caveatList,
        assumptions.length ? [h("h3", { class: "minor" }, t("indicator.assumptions")), h("ul", {}, assumptions.map(({ text, quality, impact }) => h("li", {}, text, " ", h("small", {}, t("indicator.assumption", { quality: word("quality", quality), impact: word("impact", impact) })))))] : null)),
    h("div", { class: "summary" },
      country && hasValue(country) && state.level !== "country" ? [h("p", { class: "eyebrow" }, `${placeName(state.country)}, ${country.period}`), h("p", { class: "big" }, valueText(country, unit)), levelChip(country.cert_level)] : null,
      h("p", { class: "eyebrow" }, levelName(state.level, true)),
      h("p", {}, h("b", {}, count(valued.length)), ` ${t("summary.values")}, `, h("b", {}, count(rows.length - valued.length)), ` ${t("summary.missing")}`),
      valued.length > 1 ? h("p", {}, t("summary.range", { low: figure(valued[0]), high: figure(last(valued)) }), unitText(unit), ", ", t("summary.median", { value: figure(median) })) : null)));
}

function drawTabs(host) {
  const open = (view) => { state.view = view; showAll = false; draw(); element(`tab-${view}`).focus(); };
  const keys = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) open(VIEWS[(VIEWS.indexOf(state.view) + step + VIEWS.length) % VIEWS.length]);
  };
  host.replaceChildren(h("div", { role: "tablist", "aria-label": t("view.label"), onkeydown: keys }, VIEWS.map((view) =>
    h("button", { type: "button", role: "tab", id: `tab-${view}`, "aria-selected": String(view === state.view), "aria-controls": "view", tabindex: view === state.view ? 0 : -1, onclick: () => open(view) }, t(`view.${view}`)))));
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
