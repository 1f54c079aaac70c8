// The value in view: how it was made, how far it can be trusted and why, and whose it is.

const placeName = (id) => TERRITORIES.get(id)?.name ?? id ?? "";
const certificatesOf = (row) => (row?.certificates ?? []).map((index) => RELEASE.certificates[index]).filter(Boolean);

function drawValue(host) {
  const indicator = indicatorInView();
  const place = TERRITORIES.get(state.territory);
  const period = state.view === "change" ? state.to : state.period;
  const row = rowOf(place.id, period);
  const level = levelName(place.level);
  const kind = place.parent ? t("value.kind", { level, parent: placeName(place.parent) }) : level;
  host.replaceChildren(
    h("header", {},
      eyebrow(t("page.value")),
      h("h2", {}, t("value.title", { name: place.name, period })),
      note(kind, " · ", t("value.id", { id: place.id }))),
    h("div", { class: "panel" }, valueFacts(indicator, row), levelFacts(row), periodTable(place, indicator)),
    h("div", { class: "certificates" }, certificatesOf(row).map(certificateFacts)));
}

// A numerator rebuilt from a rounded rate is no whole number; more than its whole part would only look exact.
const amount = (number) => (Math.abs(number) >= 100 ? count(number) : measured.format(number));

function valueFacts({ short_title: title, unit, formula }, row) {
  const box = h("div", {}, eyebrow(title), h("p", { class: "big" }, valueText(row, unit)));
  if (!row) box.append(h("p", {}, t("value.norow")));
  else if (!hasValue(row)) box.append(h("p", { class: "reason" }, row.reason || t("missing.noreason")));
  else {
    const country = rowOf(state.country, row.period);
    if (hasInterval(row)) box.append(h("p", {}, intervalText(row, "value.interval")));
    if (country !== row && hasValue(country)) {
      const difference = `${change(row.value - country.value)} ${pointsUnit(unit)}`;
      box.append(h("p", {}, t("value.vscountry", { difference, country: placeName(state.country), value: valueText(country, unit) })));
    }
    if (row.numerator !== null && row.denominator !== null) {
      const parts = { numerator: amount(row.numerator), denominator: amount(row.denominator) };
      box.append(note(t("value.formula", { value: figure(row.value), formula, ...parts })));
    }
  }
  if (row?.status) box.append(note(t("value.status", { code: row.status, text: word("status", row.status) })));
  if (row?.method) box.append(note(t("value.method", { method: row.method })));
  return box;
}

function levelFacts(row) {
  const level = row?.cert_level ?? null;
  if (level === null) return h("div", {}, eyebrow(t("certificate.title")), h("p", {}, t("certificate.none")));
  const step = (code) =>
    h("li", { class: code === level && `here level-${code || "Q"}`, "aria-current": code === level && "true" },
      h("b", {}, code || "Q"), h("span", {}, word("cert_levels", code)));
  const spoken = t("certificate.level", { level: level || "Q", name: word("cert_levels", level) });
  const caps = distinct(certificatesOf(row).flatMap((certificate) => certificate.caps));
  return h("div", {},
    eyebrow(t("certificate.title")),
    h("ol", { class: "ladder", "aria-label": spoken }, [0, 1, 2, 3, 4].map(step)),
    h("p", {}, word("cert_meanings", level)),
    titled("certificate.caps", caps),
    certificatesOf(row).length > 1 ? note(t("certificate.lowest")) : null);
}

function periodTable(place, { unit }) {
  const rows = seriesRows().filter((row) => row.territory === place.id).sort((a, b) => byText(a.period, b.period));
  const headings = [[t("value.period")], [t("table.value", { unit }), "number"], [t("table.interval"), "number"], [t("table.status")]];
  const cells = rows.map((row) => [row.period, hasValue(row) ? figure(row.value) : "–", intervalText(row), statusCode(row.status)]);
  return h("div", {}, plainTable(t("value.history", { name: place.name }), headings, cells));
}

function certificateFacts(certificate) {
  const position = RELEASE.certificates.indexOf(certificate);
  const sources = RELEASE.sources.filter((source) => source.certificate === position);
  const { quality_level: quality, assurance_cap: assurance, profile_cap: profile } = certificate;
  return h("details", { class: "certificate", open: true },
    h("summary", {}, h("span", {}, sources[0]?.title ?? certificate.source_id), levelChip(certificate.level)),
    h("p", {}, t("certificate.why", { quality, assurance, profile })),
    sources.map(sourceFacts),
    criteria(certificate));
}

function sourceFacts(source) {
  const rows = {
    received: count(source.received), accepted: count(source.accepted), quarantined: count(source.quarantined), out: count(source.out_of_scope),
  };
  return definitions([
    ["source.publisher", source.publisher],
    ["source.licence", source.licence],
    ["source.cite", source.attribution],
    ["source.homepage", source.homepage && link(source.homepage)],
    ["source.reference", source.reference_date],
    ["source.vintage", source.vintage_id],
    ["source.rows", t("source.account", rows)],
    ["source.hash", h("code", { class: "hash" }, source.sha256)],
    ["source.notes", source.notes.length > 0 && list(source.notes)],
  ]);
}

const OUTCOMES = Object.keys(MESSAGES.outcomes);
const SIGNS = { pass: "✓", fail: "✗", not_assessable: "?", not_applicable: "–" };
const outcomeMark = (outcome, text = word("outcomes", outcome)) =>
  h("span", { class: `outcome ${outcome}` }, h("b", { "aria-hidden": "true" }, SIGNS[outcome] ?? ""), ` ${text}`);

/** What a criterion measured; a share as a percentage, a bare number (true as 1) not at all: its reason says it in words. */
function measuredText({ value, unit }) {
  if (value === null || !unit) return "";
  if (unit === "share") return `${measured.format(value * 100)}%`;
  return `${typeof value === "number" ? measured.format(value) : value} ${unit}`;
}
/** Every criterion, what is not met first. */
function criteria({ id, results }) {
  const rows = OUTCOMES.flatMap((outcome) => results.filter((result) => result.outcome === outcome));
  const tally = [...groupBy(rows, ({ outcome }) => outcome)].map(([outcome, group]) =>
    outcomeMark(outcome, t("certificate.counts", { count: group.length, outcome: word("outcomes", outcome).toLowerCase() })));
  const headings = ["criterion", "outcome", "measured", "reason"].map((key) => [t(`certificate.${key}`)]);
  const cells = rows.map((result) => [
    [result.title, h("small", {}, `${result.criterion} · ${result.name} · ${result.dimension}`)],
    outcomeMark(result.outcome), measuredText(result), result.explanation,
  ]);
  return [h("p", { class: "tally" }, tally), wideTable(t("certificate.caption", { id }), headings, cells, "criteria")];
}
