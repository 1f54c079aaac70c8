// About the release: sources and licences, quarantine, files, how to cite, the first query.

const section = (id, title, ...children) => h("section", { id, tabindex: "-1" }, h("h2", {}, t(title)), ...children);
const plainTable = (caption, headings, rows, kind = "") => h("div", { class: `wide ${kind}`, tabindex: "0", role: "region", "aria-label": caption }, h("table", {}, h("caption", {}, caption),
  h("thead", {}, h("tr", {}, headings.map(([key, kind]) => h("th", { scope: "col", class: kind }, t(key))))),
  h("tbody", {}, rows.map((cells) => h("tr", {}, cells.map((cell, i) => (i ? h("td", { class: headings[i][1] }, cell) : h("th", { scope: "row" }, cell))))))));

function drawRelease(host) {
  const { sources, quarantine, files } = RELEASE;
  const providers = distinct(sources.map(({ attribution, publisher }) => attribution || publisher)).join("; ");
  const cite = t("about.cite.text", { providers, version: RELEASE.engine_version, title: RELEASE.title, id: RELEASE.release_id, hash: RELEASE.content_sha256 });
  host.append(
    section("sources", "about.sources", plainTable(t("about.sources.caption"),
      [["about.source"], ["source.publisher"], ["source.licence"], ["source.reference"], ["about.received", "number"], ["about.accepted", "number"], ["about.quarantined", "number"], ["about.out", "number"], ["table.level"]],
      sources.map((source) => [
        [source.homepage ? link(source.homepage, source.title) : source.title, h("small", {}, source.attribution), source.notes.map((note) => h("small", {}, note))],
        source.publisher, source.licence, source.reference_date, count(source.received), count(source.accepted), count(source.quarantined), count(source.out_of_scope),
        levelChip(RELEASE.certificates[source.certificate]?.level)]))),
    section("quarantine", "about.quarantine", quarantine.total ? [plainTable(
      t("about.quarantine.caption", { shown: count(quarantine.rows.length), count: count(quarantine.total) }),
      [["about.source"], ["about.table"], ["about.row", "number"], ["about.column"], ["about.cell"], ["about.rule"], ["about.message"], ["about.fix"]],
      quarantine.rows.map((row) => [row.source_id, row.table, row.source_row ?? "", row.column ?? "", h("code", {}, row.value || t("about.empty")), row.rule, row.message, row.fix ?? ""]), "scroll"),
    quarantine.total > quarantine.rows.length ? h("p", { class: "note" }, t("about.quarantine.more")) : ""] : h("p", {}, t("about.quarantine.none"))),
    section("files", "about.files", plainTable(t("about.files"), [["about.file"], ["about.content.what"], ["about.size", "number"]],
      files.map((file) => [fileLink(file.path), file.title, bytes(file.bytes)]))),
    section("cite", "about.cite", h("blockquote", {}, cite), h("p", { class: "note" }, t("about.cite.note")),
      definitions([[t("about.id"), RELEASE.release_id], [t("about.content"), h("code", { class: "hash" }, RELEASE.content_sha256)], [t("about.engine"), t("about.engine.version", { version: RELEASE.engine_version })]]),
      h("h3", {}, t("about.query")), h("p", { class: "note" }, t("about.query.note")), h("pre", { tabindex: "0" }, RELEASE.query)));
}
