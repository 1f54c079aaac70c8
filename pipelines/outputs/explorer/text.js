// Words, numbers and elements. All text enters the page as text, never as markup.

const language = document.documentElement.lang;

/** The message of a key with its {placeholders} filled; the key itself where there is no message. */
const t = (key, values = {}) =>
  (MESSAGES[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
/** The word for a code, or the code itself. */
const word = (list, code) => (own(MESSAGES[list], code) ? MESSAGES[list][code] : String(code));
const levelName = (code, plural = false) => (own(MESSAGES.levels, code) ? MESSAGES.levels[code][plural ? 1 : 0] : code);

// One decimal everywhere: the rates of the sources are published with no more.
const decimal = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const hundredth = new Intl.NumberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const signed = new Intl.NumberFormat(language, {
  minimumFractionDigits: 1, maximumFractionDigits: 1, signDisplay: "exceptZero",
});
const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
const measured = new Intl.NumberFormat(language, { maximumSignificantDigits: 4 });

const count = (number) => whole.format(number);
const figure = (number) => decimal.format(number);
const change = (number) => signed.format(number).replace("-", "−");
const unitText = (unit) => (unit === "%" ? "%" : `\u00a0${unit}`);
const pointsUnit = (unit) => (unit === "%" ? t("table.points") : unit);
const valueText = (row, unit) => (hasValue(row) ? figure(row.value) + unitText(unit) : t("value.none"));
const hasInterval = (row) => row.low !== null && row.high !== null && row.high > row.low;
/** An interval as narrow as rounding leaves it gets one decimal more than the value; else both its ends look alike. */
const intervalText = (row, key = "interval.written") => {
  if (!hasInterval(row)) return "";
  const format = row.high - row.low < 1 ? hundredth.format : figure;
  return t(key, { low: format(row.low), high: format(row.high) }).replace(/-/g, "−");
};

function bytes(size) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(size, 1)) / 3));
  const style = { style: "unit", unit: units[power], maximumFractionDigits: power ? 1 : 0 };
  return new Intl.NumberFormat(language, style).format(size / 1000 ** power);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}
/** An HTML element; `on…` attributes are listeners. */
const h = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);
/** An SVG element. */
const svg = (tag, attributes = {}, ...children) =>
  fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

const note = (...children) => h("p", { class: "note" }, ...children);
const eyebrow = (text) => h("p", { class: "eyebrow" }, text);
const list = (items, attributes = {}) => h("ul", attributes, items.map((item) => h("li", {}, item)));
const button = (label, onclick, attributes = {}) => h("button", { type: "button", onclick, ...attributes }, label);
/** A titled list, or nothing where there is nothing to list. */
const titled = (key, items) => (items.length ? [h("h3", { class: "minor" }, t(key)), list(items)] : []);
const definitions = (entries) =>
  h("dl", {}, entries.filter(([, value]) => value).map(([term, value]) => [h("dt", {}, t(term)), h("dd", {}, value)]));
/** A plain table; `headings` are `[text, class]`, the first cell of a row is its heading. */
const plainTable = (caption, headings, rows, attributes = {}) =>
  h("table", attributes,
    h("caption", {}, caption),
    h("thead", {}, h("tr", {}, headings.map(([text, kind]) => h("th", { scope: "col", class: kind }, text)))),
    h("tbody", {}, rows.map((cells) => h("tr", {}, cells.map((cell, i) =>
      i ? h("td", { class: headings[i][1] }, cell) : h("th", { scope: "row" }, cell))))));
/** A table too wide for a small screen, which scrolls by itself and can be reached by keyboard. */
const wideTable = (caption, headings, rows, kind = "") =>
  h("div", { class: `wide ${kind}`, tabindex: "0", role: "region", "aria-label": caption }, plainTable(caption, headings, rows));

/** A link for an http(s) address; anything else (`javascript:`, `data:`, nonsense) stays text. */
function link(address, text = address) {
  return /^https?:\/\//i.test(address) ? h("a", { href: address, rel: "noreferrer noopener" }, text) : h("span", {}, text);
}
/** A link to a file beside this page; a path that leads elsewhere stays text. */
function fileLink(path) {
  const inside = /^[\w][\w./ -]*$/.test(path) && !path.split("/").includes("..");
  return inside ? h("a", { href: path.split("/").map(encodeURIComponent).join("/") }, path) : h("span", {}, path);
}
