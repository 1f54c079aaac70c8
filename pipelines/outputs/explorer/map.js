// The choropleth: five classes of about equal size, a legend, zoom, and a way through the shapes by keyboard.

const CLASSES = 5;
const ZOOM = 1.6;

function drawMap(host) {
  const indicator = indicatorInView();
  const map = MAPS.get(state.country);
  if (!map) {
    host.append(noMap());
    return;
  }
  const shapes = map.shapes.filter(([id]) => TERRITORIES.has(id));
  const mapped = new Set(shapes.map(([id]) => id));
  const rows = rowsAt(state.period, (row) => mapped.has(row.territory));
  const valued = rows.filter(hasValue).sort((a, b) => b.value - a.value);
  const title = titleOf("map");
  const breaks = breaksOf(valued);
  const figureBox = h("figure", { class: "map", "aria-label": title });
  const table = h("div", { class: "twin" });
  const heading = h("div", { class: "heading" }, h("h3", {}, title), note(t(valued.length ? "map.note" : "map.novalues")));
  host.append(heading, h("div", { class: "picture" }, figureBox, table));
  const zoom = drawShapes(figureBox, map, shapes, new Map(rows.map((row) => [row.territory, row])), breaks, indicator.unit);
  heading.append(zoom);
  figureBox.append(legend(valued, shapes.length, breaks, indicator.unit),
    h("figcaption", {}, t("map.attribution", { attribution: map.attribution, crs: map.crs })));
  const missing = rows.filter((row) => !hasValue(row));
  drawTable(table, { caption: title, columns: valueColumns(indicator.unit, ranksOf(valued), valued), rows: [...valued, ...missing] });
  const present = new Set(rows.map((row) => row.territory));
  const absent = shapes.filter(([id]) => !present.has(id)).map(([id]) => ({ place: TERRITORIES.get(id), status: null, reason: t("missing.norow") }));
  const left = missingList([...missing, ...absent], "missing.title", "missing.caption");
  if (left) host.append(left);
}

function noMap() {
  const others = countries().filter(({ id }) => MAPS.has(id));
  const go = (id) => () => {
    state.country = id;
    draw();
  };
  return h("div", { class: "empty" }, h("p", {}, t("map.none", { country: placeName(state.country) })),
    others.map(({ id, name }) => button(t("map.go", { country: name }), go(id))));
}

/** Quantile breaks, rounded as the figures are, so that a class holds exactly what its label says. */
function breaksOf(rows) {
  const sorted = rows.map((row) => rounded(row.value)).sort((a, b) => a - b);
  const cuts = Array.from({ length: CLASSES - 1 }, (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / CLASSES)]);
  return distinct(cuts).filter((cut) => cut !== undefined && cut > sorted[0]);
}
const rounded = (value) => Math.round(value * 10) / 10;
const classOf = (value, breaks) => breaks.filter((cut) => rounded(value) >= cut).length;
/** Classes are spread over the whole of the colours, also where there are fewer of them. */
const colourOf = (index, breaks) => Math.round((index * (CLASSES - 1)) / Math.max(1, breaks.length)) + 1;

function legend(rows, shapes, breaks, unit) {
  const groups = groupBy(rows, (row) => classOf(row.value, breaks));
  const entry = (colour, text, size) =>
    h("li", {}, h("i", { class: `class-${colour}`, "aria-hidden": "true" }), text, h("small", {}, t("map.count", { count: count(size) })));
  const entries = [...groups].sort(([a], [b]) => a - b).map(([index, members]) => {
    const [low, high] = extent(members.map((row) => row.value));
    return entry(colourOf(index, breaks), t("map.class", { low: figure(low), high: figure(high) }), members.length);
  });
  if (shapes > rows.length) entries.push(entry("none", t("map.missing"), shapes - rows.length));
  return h("ul", { class: "classes", "aria-label": t("map.legend", { unit }) }, entries);
}

function drawShapes(host, map, shapes, rows, breaks, unit) {
  const label = (id) => t("map.shape", { name: TERRITORIES.get(id).name, value: valueText(rows.get(id), unit) });
  const items = shapes.map(([id, d]) => {
    const row = rows.get(id);
    const colour = hasValue(row) ? colourOf(classOf(row.value, breaks), breaks) : "none";
    return svg("path", { d, class: `shape class-${colour}`, role: "option", "data-territory": id, "aria-label": label(id) });
  });
  const outline = svg("path", { class: "outline" });
  const tip = h("p", { class: "tip", "aria-hidden": "true" });
  const drawing = svg("svg", { role: "listbox", "aria-label": host.getAttribute("aria-label") },
    svg("defs", {}, svg("pattern", { id: "hatch", width: 6, height: 6, patternUnits: "userSpaceOnUse" }, svg("path", { d: "M0 6L6 0" }))),
    items, outline);
  const view = viewOf(drawing, map.view);
  const show = (item, pan = false) => {
    outline.setAttribute("d", item?.getAttribute("d") ?? "");
    tip.textContent = item ? label(item.dataset.territory) : "";
    if (!item) return;
    if (pan) view.reveal(item.getBBox());
    const [box, frameBox] = [item.getBoundingClientRect(), host.getBoundingClientRect()];
    const middle = box.left + box.width / 2 - frameBox.left;
    tip.style.left = `${Math.max(90, Math.min(frameBox.width - 90, middle))}px`;
    tip.style.top = `${Math.max(0, box.top - frameBox.top - 34)}px`;
  };
  const chosen = () => items.find((item) => item.dataset.territory === state.territory);
  drawing.addEventListener("pointerover", (event) => event.target.dataset.territory && show(event.target));
  drawing.addEventListener("pointerleave", () => show(chosen()));
  // On the box around it: Chromium makes an SVG that listens for focus a tab stop of its own.
  const canvas = h("div", { class: "canvas", onfocusout: () => show(chosen()) }, drawing);
  const zoomButton = (key, sign, act) => {
    const onclick = () => {
      act();
      show(chosen());
    };
    return button(sign, onclick, { "aria-label": t(key), title: t(key) });
  };
  host.append(canvas, tip);
  const value = (item) => rows.get(item.dataset.territory)?.value ?? -Infinity;
  roving(canvas, [...items].sort((a, b) => value(a) - value(b)), (item) => show(item, true));
  requestAnimationFrame(() => show(chosen()));
  return h("div", { class: "zoom quiet" }, zoomButton("map.in", "+", () => view.zoom(1 / ZOOM)), zoomButton("map.out", "−", () => view.zoom(ZOOM)),
    zoomButton("map.reset", t("map.reset"), () => view.reset()));
}

/** The part of the map that is shown; drag moves it. */
function viewOf(drawing, initial) {
  let box = [...initial];
  let grip = null;
  let dragged = false;
  const apply = () => drawing.setAttribute("viewBox", box.map((n) => n.toFixed(2)).join(" "));
  const unitsPerPixel = () => Math.max(box[2] / drawing.clientWidth, box[3] / drawing.clientHeight);
  drawing.addEventListener("pointerdown", (event) => {
    grip = [event.clientX, event.clientY];
    dragged = false;
  });
  // What ends a drag is not a choice.
  drawing.addEventListener("click", (event) => dragged && event.stopPropagation(), true);
  drawing.addEventListener("pointermove", (event) => {
    if (!grip || !event.buttons) return;
    dragged = dragged || Math.hypot(event.clientX - grip[0], event.clientY - grip[1]) > 3;
    if (!dragged) return;
    const k = unitsPerPixel();
    box[0] -= (event.clientX - grip[0]) * k;
    box[1] -= (event.clientY - grip[1]) * k;
    grip = [event.clientX, event.clientY];
    apply();
  });
  apply();
  return {
    zoom(factor) {
      const [x, y, w, height] = box;
      box = [x + (w * (1 - factor)) / 2, y + (height * (1 - factor)) / 2, w * factor, height * factor];
      apply();
    },
    reset() { box = [...initial]; apply(); },
    reveal({ x, y, width, height }) {
      const [left, top, w, tall] = box;
      if (x >= left && y >= top && x + width <= left + w && y + height <= top + tall) return;
      box = [x + width / 2 - w / 2, y + height / 2 - tall / 2, w, tall];
      apply();
    },
  };
}
