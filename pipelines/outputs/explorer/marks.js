// What the pictures share: scales, axes, the selection and the way of the keyboard through many marks.

const ROW = 20; // pixels of one row of a plot
const MIDDLE = ROW / 2;
const FIRST = 300; // rows drawn before one asks for all

const linear = ([low, high], [start, end]) => {
  const scale = (value) => start + ((value - low) / (high - low || 1)) * (end - start);
  return scale;
};
/** Round numbers within [low, high], about `wanted` of them. */
function ticks(low, high, wanted) {
  const rough = (high - low || 1) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough * 0.75) ?? 10);
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) found.push(i * step + 0); // never −0
  return found;
}
const extent = (numbers) => numbers.reduce(([low, high], n) => [Math.min(low, n), Math.max(high, n)], [Infinity, -Infinity]);
/** The extent with a little air on both sides, within what the indicator can be. */
function domainOf(numbers, [least, most]) {
  const [low, high] = extent(numbers);
  const air = (high - low || Math.abs(high) || 1) * 0.04;
  return [Math.max(least, low - air), Math.min(most, high + air)];
}
const shorten = (text, width) => {
  const room = Math.floor(width / 7.1);
  return text.length > room ? `${text.slice(0, room - 1)}…` : text;
};

/** Widths of a plot with a name at the left and a figure at the right of each row. */
function frame(host, figureWidth) {
  const width = Math.max(280, host.clientWidth - 2);
  const name = Math.min(190, Math.round(width * 0.32));
  return { width, name, left: name + 12, right: width - figureWidth - 14 };
}
/** An axis that stays on top while the rows scroll. */
function axis(scale, domain, { width, left, right }, marks) {
  const numbers = ticks(...domain, Math.max(3, Math.round((right - left) / 60)));
  const whole = numbers.every((n) => Number.isInteger(Math.round(n * 1e6) / 1e6));
  return h("div", { class: "axis", "aria-hidden": "true" },
    svg("svg", { width, height: 40 },
      marks.map(({ at, text, kind }) => {
        const x = scale(at);
        const anchor = x > right - 60 ? "end" : x < left + 60 ? "start" : "middle";
        return svg("text", { x, y: 13, "text-anchor": anchor, class: `label ${kind}` }, text);
      }),
      numbers.map((n) => svg("text", { x: scale(n), y: 33, "text-anchor": "middle", class: "tick" }, whole ? count(n) : figure(n)))));
}
/** Vertical lines behind the rows: the grid and the marked values. */
const lines = (scale, domain, { left, right }, height, marks) => [
  ticks(...domain, Math.max(3, Math.round((right - left) / 60))).map((n) =>
    svg("line", { x1: scale(n), x2: scale(n), y1: 0, y2: height, class: "grid" })),
  marks.map(({ at, kind }) => svg("line", { x1: scale(at), x2: scale(at), y1: 0, y2: height, class: `mark ${kind}` })),
];

/**
 * A plot with a row for each item: an axis on top, lines for the marked values, and what `draw` returns for an item as
 * `{label, kind, figure, shapes}`. Only the first rows of a long list are drawn until one asks for all.
 */
function drawPlot(host, { items, title, numbers, range, marks = [], draw: drawItem }) {
  const shown = firstOf(items);
  const size = frame(host, 48);
  const domain = domainOf([...numbers, ...marks.filter(({ kind }) => kind === "country").map(({ at }) => at)], range);
  const inside = marks.filter(({ at }) => at >= domain[0] && at <= domain[1]);
  const scale = linear(domain, [size.left + 4, size.right - 4]);
  const height = shown.length * ROW + 4;
  const rows = shown.map((item, i) => {
    const { label, kind = "", figure: text, shapes } = drawItem(item, scale);
    return svg("g", { class: `row ${kind}`, role: "option", "data-territory": item.territory, "aria-label": label, transform: `translate(0 ${i * ROW + 2})` },
      svg("title", {}, label),
      svg("rect", { class: "hit", width: size.width - 1, height: ROW, rx: 3 }),
      svg("text", { x: size.name, y: MIDDLE + 4, "text-anchor": "end", class: "name" }, shorten(item.place.name, size.name)),
      shapes,
      svg("text", { x: size.width - 10, y: MIDDLE + 4, "text-anchor": "end", class: "figure" }, text));
  });
  host.append(axis(scale, domain, size, inside),
    svg("svg", { width: size.width, height, role: "listbox", "aria-label": title }, lines(scale, domain, size, height, inside), rows),
    moreButton(shown.length, items.length));
  roving(host, rows);
}
const dot = (scale, value, kind = "") => svg("circle", { class: `dot ${kind}`, cx: scale(value), cy: MIDDLE, r: kind ? 3.5 : 4 });
const bar = (scale, low, high, kind) => svg("line", { class: kind, x1: scale(low), x2: scale(high), y1: MIDDLE, y2: MIDDLE });
const intervalBar = (scale, row) => hasInterval(row) && bar(scale, row.low, row.high, "interval");
const numbersOf = (row) => [row.value, row.low ?? row.value, row.high ?? row.value];

/** One tab stop for many items: arrows, Home and End move, Enter and Space choose. `items` in the order of movement. */
function roving(host, items, onFocus = () => {}) {
  const position = new Map(items.map((item, i) => [item, i]));
  let current = items.find((item) => item.dataset.territory === state.territory) ?? items[0];
  const enter = (item) => {
    current?.setAttribute("tabindex", "-1");
    (current = item).setAttribute("tabindex", "0");
  };
  for (const item of items) item.setAttribute("tabindex", "-1");
  if (current) enter(current);
  const itemAt = (event) => {
    const item = event.target.closest("[data-territory]");
    return position.has(item) ? item : null;
  };
  host.addEventListener("click", (event) => {
    const item = itemAt(event);
    if (item) { enter(item); select(item.dataset.territory); }
  });
  host.addEventListener("focusin", (event) => itemAt(event) && onFocus(itemAt(event)));
  host.addEventListener("keydown", (event) => {
    const item = itemAt(event);
    if (!item) return;
    const at = position.get(item);
    const step = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: items.length - 1,
      PageDown: Math.min(items.length - 1, at + 10), PageUp: Math.max(0, at - 10) }[event.key];
    if (event.key === "Enter" || event.key === " ") select(item.dataset.territory);
    else if (step === undefined) return;
    else if (items[step]) { enter(items[step]); items[step].focus(); }
    event.preventDefault();
  });
}

/** Shows which territory is chosen in every picture and table, and brings it into their view. */
function markSelection() {
  for (const item of document.querySelectorAll("#view [data-territory]")) {
    const chosen = item.dataset.territory === state.territory;
    item.classList.toggle("selected", chosen);
    item.setAttribute(item.getAttribute("role") ? "aria-selected" : "aria-current", chosen);
    const pane = chosen && item.closest(".scroll");
    if (!pane) continue;
    const [box, view] = [item.getBoundingClientRect(), pane.getBoundingClientRect()];
    if (box.top < view.top + 44 || box.bottom > view.bottom) pane.scrollTop += box.top - view.top - view.height / 2;
  }
}
/** The first rows of a long list, and the chosen one wherever it stands. */
const firstOf = (rows) => (showAll ? rows : rows.filter((row, i) => i < FIRST || row.territory === state.territory));
let showAll = false;
function moreButton(shown, all) {
  if (shown >= all) return "";
  const more = () => {
    showAll = true;
    drawView();
  };
  return h("p", { class: "more" }, t("table.limited", { shown: count(shown), count: count(all) }), " ",
    button(t("table.more", { count: count(all) }), more));
}
