"""The tables of a release: what an analyst finds in the DuckDB file, in Parquet and in CSV."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """A column: its DuckDB type, and what it means (with its unit, and what null means)."""

    name: str
    type: str
    description: str


@dataclass(frozen=True)
class ReleaseTable:
    """A table: its grain in words, its columns, and the key that orders it."""

    name: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def column_names(self) -> list[str]:
        """The columns' names, in order."""
        return [column.name for column in self.columns]

    def described(self, name: str) -> str:
        """The description of a column; KeyError where there is none of that name."""
        return {column.name: column.description for column in self.columns}[name]


def _table(name: str, description: str, key: str, *columns: tuple[str, str, str]) -> ReleaseTable:
    return ReleaseTable(name, description, tuple(key.split()), tuple(Column(*column) for column in columns))


NOT_IN_CSV = frozenset({"input_rows"})
"""Columns that are too long to be read in a spreadsheet; the DuckDB file and Parquet have them."""

DIMENSION_DESCRIPTION = "Breakdown declared by the indicator; _T stands for all."

INDICATOR_VALUE = _table(
    "indicator_value",
    "One row for each indicator, series, territory, period and breakdown. A missing value is a row with a status and "
    "a reason.",
    "indicator_id series territory_id period sex age_group urbanisation",
    ("indicator_id", "VARCHAR", "The indicator, see table indicator."),
    ("series", "VARCHAR", "The series within the indicator; empty where it has only one."),
    ("territory_id", "VARCHAR", "The territory, see table territory."),
    ("period", "VARCHAR", "The reference period: a year, a quarter (2024-Q1) or a month (2024-03)."),
    ("sex", "VARCHAR", "SDMX code: _T all, F female, M male."),
    ("age_group", "VARCHAR", "SDMX code: _T all, Y_GE15 15 and over, and so on."),
    ("urbanisation", "VARCHAR", "SDMX code: _T all, U urban, R rural."),
    ("value", "DECIMAL(18,6)", "The value in the unit of the row; null where obs_status says why."),
    (
        "value_low",
        "DECIMAL(18,6)",
        "Lower end of the interval that rounding in the source leaves; equals value where exact.",
    ),
    ("value_high", "DECIMAL(18,6)", "Upper end of that interval."),
    (
        "numerator",
        "DECIMAL(18,4)",
        "What is counted; value = multiplier × numerator / denominator. Null where missing.",
    ),
    ("denominator", "DECIMAL(18,4)", "What it is counted among. Add numerators and denominators, never values."),
    ("unit", "VARCHAR", "The unit of value."),
    ("alignment", "VARCHAR", "exact: the UN definition; proxy: something else that moves with it; contextual."),
    (
        "obs_status",
        "VARCHAR",
        "SDMX CL_OBS_STATUS: A normal, U low reliability (level 2), G experimental (level 1), O missing, "
        "L withheld for quality, Q withheld for confidentiality.",
    ),
    ("conf_status", "VARCHAR", "SDMX CL_CONF_STATUS: F free, C confidential."),
    ("status_reason", "VARCHAR", "Why there is no value, in words; null where there is one."),
    (
        "cert_level",
        "INTEGER",
        "The lowest certificate level over everything that went in: 0 none, 1 experimental, 2 indicative, "
        "3 statistical, 4 accredited.",
    ),
    (
        "exposure",
        "VARCHAR",
        "JSON: the share of the denominator that comes from inputs of each level; null where there is no value.",
    ),
    (
        "method",
        "VARCHAR",
        "How the numerator was had: counts, rounded_rate, as_published, or what the indicator's query says.",
    ),
    ("members", "INTEGER", "How many undivided territories were summed; 0 where the territory's own row was used."),
    ("method_version", "INTEGER", "The version of the indicator's method."),
    ("input_rows", "VARCHAR[]", "The row_id of every standard row that went in: source, table and row of the file."),
    ("certificate_ids", "VARCHAR[]", "The certificates of the sources that went in."),
    ("release_id", "VARCHAR", "The release."),
)

INDICATOR = _table(
    "indicator",
    "One row for each indicator.",
    "indicator_id",
    ("indicator_id", "VARCHAR", "Identifier; the folder under indicators/."),
    ("title", "VARCHAR", "What is measured. The title of a proxy says what it really measures."),
    ("short_title", "VARCHAR", "The same in a few words."),
    ("description", "VARCHAR", "Definition in words."),
    ("goal", "VARCHAR", "SDG goal."),
    ("target", "VARCHAR", "SDG target."),
    ("sdg_indicator", "VARCHAR", "SDG indicator; null for a contextual one."),
    ("alignment", "VARCHAR", "exact, proxy or contextual."),
    ("unit", "VARCHAR", "Unit of the values."),
    ("direction", "VARCHAR", "Which way is better: higher_is_better, lower_is_better, neutral."),
    ("range_low", "DOUBLE", "Lowest value that can be."),
    ("range_high", "DOUBLE", "Highest value that can be."),
    ("multiplier", "DOUBLE", "value = multiplier × numerator / denominator."),
    ("aggregation", "VARCHAR", "sum_over_members, or none where parts do not add up."),
    ("series", "VARCHAR", "JSON: titles of the series by code."),
    ("target_value", "DOUBLE", "The value to reach; null where the SDG text has no number for what is measured."),
    ("target_year", "INTEGER", "The year to reach it by."),
    ("target_source", "VARCHAR", "Who says so."),
    ("requires_level", "INTEGER", "The certificate level that inputs must have."),
    ("method_version", "INTEGER", "Version of the method."),
    ("caveats", "VARCHAR[]", "What a reader must know."),
    ("assumptions", "VARCHAR", "JSON: what is taken for granted, rated for quality and impact."),
    ("method", "VARCHAR", "The method page (Markdown)."),
    ("query", "VARCHAR", "The SELECT that gives numerators and denominators; it runs on this file."),
    ("content_sha256", "VARCHAR", "Digest of the indicator's figures."),
)

TERRITORY = _table(
    "territory",
    "One row for each territory.",
    "territory_id",
    ("territory_id", "VARCHAR", "Country code, hyphen, the office's own code."),
    ("territory_name", "VARCHAR", "The name as the office writes it."),
    (
        "territory_level",
        "VARCHAR",
        "country, region, province, subprovince, county, city, municipality, district, locality or clip.",
    ),
    ("country_code", "VARCHAR", "ISO 3166-1 alpha-2."),
    ("parent_id", "VARCHAR", "The territory it lies in; null for a country."),
    ("definition", "VARCHAR", "What makes it a territory of its level; null where the source does not say."),
    ("valid_from", "DATE", "First day; null where the source does not say."),
    ("valid_to", "DATE", "Last day; null while it exists."),
    ("row_id", "VARCHAR", "The row it comes from."),
    ("source_id", "VARCHAR", "The source."),
    ("vintage_id", "VARCHAR", "The vintage of the source."),
    ("certificate_id", "VARCHAR", "The certificate of that vintage."),
)

SOURCE = _table(
    "source",
    "One row for each source of the workspace, in service or not.",
    "source_id",
    ("source_id", "VARCHAR", "Identifier; the folder under sources/."),
    ("title", "VARCHAR", "The dataset's title."),
    ("description", "VARCHAR", "What it holds."),
    ("publisher", "VARCHAR", "Who publishes it and answers for it."),
    ("publisher_kind", "VARCHAR", "nso, agency, municipality, civil_society, crowd or standards_body."),
    ("licence", "VARCHAR", "SPDX identifier, or the supply agreement."),
    ("attribution", "VARCHAR", "The credit that the owner asks for; cite it."),
    ("homepage", "VARCHAR", "The owner's page."),
    ("contact", "VARCHAR", "Where errors are reported; null where the owner names nobody."),
    (
        "profile",
        "VARCHAR",
        "Kind of source: register, administrative, civil_society, crowdsourced, sensor, republished.",
    ),
    ("frequency", "VARCHAR", "How often it is published."),
    ("reference_date", "VARCHAR", "The day it describes; null where the owner does not say."),
    ("published_on", "VARCHAR", "The day it was published; null where the owner does not say."),
    ("definition", "VARCHAR", "How its concepts differ from the standard; null where they do not."),
    ("notes", "VARCHAR[]", "What a reader must know."),
    ("is_in_service", "BOOLEAN", "Whether a vintage of it may be used."),
    ("stale_because", "VARCHAR", "Why the newest vintage is not the one in service; null where it is."),
    ("vintage_id", "VARCHAR", "The vintage in service; null where there is none."),
    ("certificate_id", "VARCHAR", "The newest certificate."),
    ("cert_level", "INTEGER", "Its level; 0 means quarantined."),
    ("records", "BIGINT", "Records in the file; null where it could not be read."),
    ("received", "BIGINT", "Standard rows made of them, and records that are no rows: accepted + quarantined."),
    ("accepted", "BIGINT", "Rows accepted."),
    ("quarantined", "BIGINT", "Rows in quarantine, records that are no rows among them."),
    ("out_of_scope", "BIGINT", "Records that tables leave out by their declared scope."),
)

VINTAGE = _table(
    "vintage",
    "One row for each vintage: the bytes of a source at one time.",
    "vintage_id",
    ("vintage_id", "VARCHAR", "Source and first digits of the hash."),
    ("source_id", "VARCHAR", "The source."),
    ("sha256", "VARCHAR", "SHA-256 of the bytes as received."),
    ("bytes", "BIGINT", "Their number."),
    ("address", "VARCHAR", "Where they came from."),
    ("records_file", "VARCHAR", "The file's records as text, relative to the workspace's data folder."),
)

CERTIFICATE = _table(
    "certificate",
    "One row for each certificate.",
    "certificate_id",
    ("certificate_id", "VARCHAR", "Source and first digits of the certificate's hash."),
    ("source_id", "VARCHAR", "The source."),
    ("vintage_id", "VARCHAR", "The vintage it is about; null where no bytes could be had."),
    ("level", "INTEGER", "0 quarantined, 1 experimental, 2 indicative, 3 statistical, 4 accredited."),
    ("level_name", "VARCHAR", "The same in a word."),
    ("quality_level", "INTEGER", "What the values alone would give."),
    (
        "assurance_cap",
        "INTEGER",
        "The highest level that the assurance allows; null where the source could not be read.",
    ),
    ("profile_cap", "INTEGER", "The highest level that the kind of source allows."),
    ("caps", "VARCHAR[]", "What keeps it from a higher level, in words."),
    ("content", "VARCHAR", "The whole certificate (JSON, RFC 8785)."),
)

CERTIFICATE_RESULT = _table(
    "certificate_result",
    "One row for each criterion of each certificate.",
    "certificate_id criterion",
    ("certificate_id", "VARCHAR", "The certificate."),
    ("criterion", "VARCHAR", "Number of the criterion, D1.1 to D9.6."),
    ("name", "VARCHAR", "The fact that must hold."),
    ("title", "VARCHAR", "The criterion in words."),
    ("dimension", "VARCHAR", "Quality dimension."),
    ("outcome", "VARCHAR", "pass, fail, not_assessable or not_applicable."),
    ("value", "DOUBLE", "What was measured, in unit; null where not assessed."),
    ("unit", "VARCHAR", "Its unit."),
    ("explanation", "VARCHAR", "What was found, in words."),
)

QUARANTINE = _table(
    "quarantine",
    "One row for each reason why a row may not be used.",
    "source_id table_name source_row row_id rule column_name",
    ("source_id", "VARCHAR", "The source."),
    ("vintage_id", "VARCHAR", "The vintage."),
    ("table_name", "VARCHAR", "The standard table the row was meant for; (file) for a record that is no row."),
    ("source_row", "BIGINT", "The record's number in the file; a header is row 1."),
    ("row_id", "VARCHAR", "Source, table and row."),
    ("column_name", "VARCHAR", "The source's column; null where the whole row is meant."),
    ("value", "VARCHAR", "The cell as received; null where there is none."),
    ("rule", "VARCHAR", "What was broken."),
    ("message", "VARCHAR", "File, row, column, value and what was expected."),
    ("fix", "VARCHAR", "What to do about it."),
    ("raw_record", "VARCHAR", "The whole record as received (JSON)."),
)

RELEASE = _table(
    "release",
    "One row: this release.",
    "release_id",
    ("release_id", "VARCHAR", "Identifier: fingerprint of inputs, declarations and engine."),
    ("title", "VARCHAR", "Title of the workspace."),
    ("content_sha256", "VARCHAR", "Digest of all figures; independent of the order of rows in the sources."),
    ("engine_version", "VARCHAR", "Version of groma."),
)

RELEASE_TABLES = (
    RELEASE,
    INDICATOR,
    INDICATOR_VALUE,
    TERRITORY,
    SOURCE,
    VINTAGE,
    CERTIFICATE,
    CERTIFICATE_RESULT,
    QUARANTINE,
)
