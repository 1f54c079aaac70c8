// About the release: sources and licences, quarantine, files, how to cite, the first query.

const section = (id, ...children) => h("section", { id, tabindex: "-1" }, h("h2", {}, t(`about.${id}`)), ...children);
const words = (...keys) => keys.map((key) => [t(key)]);
const numbers = (...keys) => keys.map((key) => [t(key), "number"]);

function sourcesTable() {
  const headings = [
    ...words("about.source", "source.publisher", "source.licence", "source.reference"),
    ...numbers("about.received", "about.accepted", "about.quarantined", "about.out"),
    ...words("table.level"),
  ];
  const rows = RELEASE.sources.map((source) => [
    [
      source.homepage ? link(source.homepage, source.title) : source.title,
      [source.attribution, ...source.notes].map((text) => h("small", {}, text)),
    ],
    source.publisher, source.licence, source.reference_date,
    count(source.received), count(source.accepted), count(source.quarantined), count(source.out_of_scope),
    levelChip(RELEASE.certificates[source.certificate]?.level),
  ]);
  return wideTable(t("about.sources.caption"), headings, rows);
}

function quarantineTable({ total, rows }) {
  if (!total) return h("p", {}, t("about.quarantine.none"));
  const headings = [
    ...words("about.source", "about.table"), ...numbers("about.row"),
    ...words("about.column", "about.cell", "about.rule", "about.message", "about.fix"),
  ];
  const cells = rows.map((row) => [
    row.source_id, row.table, row.source_row, row.column, h("code", {}, row.value || t("about.empty")), row.rule, row.message, row.fix,
  ]);
  return [
    wideTable(t("about.quarantine.caption", { shown: count(rows.length), count: count(total) }), headings, cells, "scroll"),
    total > rows.length ? note(t("about.quarantine.more")) : null,
  ];
}

function citation() {
  const providers = distinct(RELEASE.sources.map(({ attribution, publisher }) => attribution || publisher)).join("; ");
  return t("about.cite.text", {
    providers, version: RELEASE.engine_version, title: RELEASE.title, id: RELEASE.release_id, hash: RELEASE.content_sha256,
  });
}

function drawRelease(host) {
  const files = RELEASE.files.map((file) => [fileLink(file.path), file.title, file.bytes === null ? "" : bytes(file.bytes)]);
  host.append(
    section("sources", sourcesTable()),
    section("quarantine", quarantineTable(RELEASE.quarantine)),
    section("files", wideTable(t("about.files"), [...words("about.file", "about.contents"), ...numbers("about.size")], files)),
    section("cite",
      h("blockquote", {}, citation()),
      note(t("about.cite.note")),
      definitions([
        ["about.id", RELEASE.release_id],
        ["about.content", h("code", { class: "hash" }, RELEASE.content_sha256)],
        ["about.engine", t("about.engine.version", { version: RELEASE.engine_version })],
      ])),
    section("query", note(t("about.query.note")), h("pre", { tabindex: "0" }, RELEASE.query)));
}
