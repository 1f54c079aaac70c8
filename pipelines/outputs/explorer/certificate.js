// The value in view: how it was made, how far it can be trusted and why, and whose it is.

const placeName = (id) => TERRITORIES.get(id)?.name ?? id ?? "";
const STEPS = [0, 1, 2, 3, 4];
const definitions = (entries) => h("dl", {}, entries.filter(([, value]) => value !== null && value !== "").map(([term, value]) => [h("dt", {}, term), h("dd", {}, value)]));

function drawValue(host) {
  const indicator = indicatorInView();
  const place = TERRITORIES.get(state.territory);
  const period = state.view === "change" ? state.to : state.period;
  const row = rowOf(place.id, period);
  host.replaceChildren(
    h("header", {}, h("p", { class: "eyebrow" }, t("page.value")), h("h2", {}, t("value.title", { name: place.name, period })),
      h("p", { class: "note" }, place.parent ? t("value.kind", { level: levelName(place.level), parent: placeName(place.parent) }) : levelName(place.level), " · ", t("value.id", { id: place.id }))),
    h("div", { class: "panel" }, valueFacts(indicator, row), levelFacts(row), periodTable(place, indicator)),
    certificates(row));
}

function valueFacts(indicator, row) {
  const box = h("div", {}, h("p", { class: "eyebrow" }, indicator.short_title), h("p", { class: "big" }, valueText(row, indicator.unit)));
  if (!row) box.append(h("p", {}, t("value.norow")));
  else if (!hasValue(row)) box.append(h("p", { class: "reason" }, row.reason || t("missing.noreason")));
  else {
    const country = rowOf(state.country, row.period);
    if (hasInterval(row)) box.append(h("p", {}, intervalText(row, "value.interval")));
    if (country && country !== row && hasValue(country)) {
      box.append(h("p", {}, t("value.vscountry", { difference: change(row.value - country.value), country: placeName(state.country), value: valueText(country, indicator.unit) })));
    }
    if (row.numerator !== null) {
      box.append(h("p", { class: "note" }, t("value.formula", { value: figure(row.value), formula: indicator.formula, numerator: amount(row.numerator), denominator: amount(row.denominator) })));
    }
  }
  if (row?.status) box.append(h("p", { class: "note" }, t("value.status", { code: row.status, text: word("status", row.status) })));
  if (row?.method) box.append(h("p", { class: "note" }, t("value.method", { method: row.method })));
  return box;
}
// A numerator rebuilt from a rounded rate is no whole number; more than its whole part would only look exact.
const amount = (number) => (Math.abs(number) >= 100 ? count(number) : measured.format(number));

function levelFacts(row) {
  const level = row?.cert_level ?? null;
  const box = h("div", {}, h("p", { class: "eyebrow" }, t("certificate.title")));
  if (level === null) return fill(box, {}, [h("p", {}, t("certificate.none"))]);
  const ladder = STEPS.map((step) => h("li", { class: step === level ? `here level-${step || "Q"}` : "", "aria-current": step === level ? "true" : null }, h("b", {}, step || "Q"), h("span", {}, word("cert_levels", step))));
  const caps = distinct(certificatesOf(row).flatMap((certificate) => certificate.caps));
  return fill(box, {}, [h("ol", { class: "ladder", "aria-label": t("certificate.level", { level: level || "Q", name: word("cert_levels", level) }) }, ladder),
    h("p", {}, word("cert_meanings", level)),
    caps.length ? [h("h3", { class: "minor" }, t("certificate.caps")), h("ul", { class: "caps" }, caps.map((cap) => h("li", {}, cap)))] : null,
    (row.certificates?.length ?? 0) > 1 ? h("p", { class: "note" }, t("certificate.lowest")) : null]);
}

function periodTable(place, indicator) {
  const rows = seriesRows().filter((row) => row.territory === place.id).sort((a, b) => byText(a.period, b.period));
  return h("div", {}, h("table", {}, h("caption", {}, t("value.history", { name: place.name })),
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("value.period")), h("th", { scope: "col", class: "number" }, t("table.value", { unit: indicator.unit })), h("th", { scope: "col", class: "number" }, t("table.interval")), h("th", { scope: "col" }, t("table.status")))),
    h("tbody", {}, rows.map((row) => h("tr", {}, h("th", { scope: "row" }, row.period), h("td", { class: "number" }, hasValue(row) ? figure(row.value) : "–"), h("td", { class: "number" }, intervalText(row)), h("td", {}, statusCode(row.status)))))));
}

const certificatesOf = (row) => (row?.certificates ?? []).map((index) => RELEASE.certificates[index]).filter(Boolean);

function certificates(row) {
  return h("div", { class: "certificates" }, certificatesOf(row).map((certificate) => {
    const position = RELEASE.certificates.indexOf(certificate);
    const sources = RELEASE.sources.filter((source) => source.certificate === position);
    const name = sources[0]?.title ?? certificate.source_id;
    return h("details", { class: "certificate", open: true },
      h("summary", {}, h("span", {}, name), levelChip(certificate.level)),
      h("p", {}, t("certificate.why", { quality: certificate.quality_level, assurance: certificate.assurance_cap, profile: certificate.profile_cap })),
      sources.map(sourceFacts), criteria(certificate));
  }));
}

function sourceFacts(source) {
  return definitions([
    [t("source.publisher"), source.publisher], [t("source.licence"), source.licence], [t("source.cite"), source.attribution],
    [t("source.homepage"), source.homepage ? link(source.homepage) : null],
    [t("source.reference"), source.reference_date], [t("source.vintage"), source.vintage_id],
    [t("source.rows"), t("source.account", { received: count(source.received), accepted: count(source.accepted), quarantined: count(source.quarantined), out: count(source.out_of_scope) })],
    [t("source.hash"), h("code", { class: "hash" }, source.sha256)],
    [t("source.notes"), source.notes.length ? h("ul", {}, source.notes.map((note) => h("li", {}, note))) : null],
  ]);
}

const OUTCOMES = Object.keys(MESSAGES.outcomes);
const SIGNS = { pass: "✓", fail: "✗", not_assessable: "?", not_applicable: "–" };
const outcomeMark = (outcome, text = word("outcomes", outcome)) => h("span", { class: `outcome ${outcome}` }, h("b", { "aria-hidden": "true" }, SIGNS[outcome] ?? ""), ` ${text}`);

/** What a criterion measured; a share as a percentage, a bare number (true as 1) not at all: its reason says it in words. */
function measuredText({ value, unit }) {
  if (value === null || !unit) return "";
  return unit === "share" ? `${measured.format(value * 100)}%` : `${typeof value === "number" ? measured.format(value) : value} ${unit}`;
}
/** Every criterion, what is not met first. */
function criteria(certificate) {
  const order = (result) => OUTCOMES.indexOf(result.outcome);
  const results = [...certificate.results].sort((a, b) => order(a) - order(b));
  const tally = OUTCOMES.map((outcome) => [outcome, results.filter((result) => result.outcome === outcome).length]).filter(([, n]) => n);
  return [h("p", { class: "tally" }, tally.map(([outcome, n]) => outcomeMark(outcome, t("certificate.counts", { count: n, outcome: word("outcomes", outcome).toLowerCase() })))),
    h("div", { class: "wide", tabindex: "0", role: "region", "aria-label": t("certificate.criteria") }, h("table", { class: "criteria" }, h("caption", { class: "unseen" }, t("certificate.caption", { id: certificate.id })),
      h("thead", {}, h("tr", {}, ["criterion", "outcome", "measured", "reason"].map((key) => h("th", { scope: "col" }, t(`certificate.${key}`))))),
      h("tbody", {}, results.map((result) => h("tr", {},
        h("th", { scope: "row" }, result.title, h("small", {}, `${result.criterion} · ${result.name} · ${result.dimension}`)),
        h("td", {}, outcomeMark(result.outcome)), h("td", {}, measuredText(result)), h("td", {}, result.explanation))))))];
}
