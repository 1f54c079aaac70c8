"""A source: one dataset as its owner publishes it, and how it becomes rows of the standard schemas."""

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from pipelines.specs.declaration import Identifier, Model, Text

Frequency = Literal["daily", "weekly", "monthly", "quarterly", "annual", "every_ten_years", "irregular", "once"]
Profile = Literal["register", "administrative", "civil_society", "crowdsourced", "sensor", "republished"]
PublisherKind = Literal["nso", "agency", "municipality", "civil_society", "crowd", "standards_body"]
Period = Annotated[str, Field(pattern=r"^[0-9]{4}(-(Q[1-4]|0[1-9]|1[0-2]))?$")]
RelativePath = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_./ -]*$", max_length=300)]


def is_named(column: str, sql: str) -> bool:
    """Whether an SQL text names the column as a whole word, in whatever case."""
    return re.search(rf"(?<![a-z0-9_]){re.escape(column)}(?![a-z0-9_])", sql, re.IGNORECASE) is not None


class Publisher(Model):
    """Who publishes the data and answers for it."""

    name: Text
    kind: PublisherKind
    url: Text | None = None


class Data(Model):
    """Where the bytes are and how they are written.

    `path` is inside the package for the connector `package`, and inside the source's own folder for `file`.
    """

    connector: Literal["package", "file"]
    package: Text | None = None
    path: RelativePath
    compression: Literal["gzip"] | None = None

    format: Literal["csv", "sqlite", "osm"]
    encoding: Text = "utf-8"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    quote: Annotated[str, Field(min_length=1, max_length=1)] = '"'
    header: bool = True
    columns: list[Text] | None = None
    missing: list[str] = [""]
    trim: bool = False
    group_char: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    decimal_char: Annotated[str, Field(min_length=1, max_length=1)] = "."
    layer: Identifier | None = None

    @field_validator("path")
    @classmethod
    def _path_stays_inside(cls, path: str) -> str:
        if ".." in path.split("/") or "//" in path:
            raise ValueError("the path must stay inside its folder: no '..'")
        return path

    @model_validator(mode="after")
    def _options_belong_together(self) -> "Data":
        if (self.connector == "package") != (self.package is not None):
            raise ValueError("'package' names the Python package and goes with 'connector: package'")
        if self.format == "csv" and not self.header and not self.columns:
            raise ValueError("a file without a header needs 'columns', the names in order")
        if self.format == "csv" and self.header and self.columns:
            raise ValueError("'columns' is for a file without a header ('header: false')")
        if self.group_char == self.decimal_char:
            raise ValueError(f"'group_char' and 'decimal_char' are both {self.decimal_char!r}; say which mark is which")
        if self.format == "sqlite" and (self.layer is None or self.compression):
            raise ValueError("'format: sqlite' needs 'layer', the table's name, and no compression")
        return self


class Scope(Model):
    """Which rows of the source a table takes, and why the others are not meant; the others are counted, not lost."""

    where: Text
    why: Text


class Unpivot(Model):
    """Columns that become rows: `columns` maps the code written into `into` to the source column read into `value`."""

    into: Identifier
    value: Identifier
    columns: dict[Text, Text] = Field(min_length=1)


class Fix(Model):
    """A correction of known bad values. It states how many rows it changes and fails when that number moves.

    `where` is an expression over the standard columns, `expect` what the cells hold before, `set` what after.
    """

    where: Text
    set: dict[Identifier, str]
    expect: dict[Identifier, str] = {}
    rows: int = Field(ge=1)
    why: Text


class Rows(Model):
    """How many rows a table is expected to have."""

    min: int = Field(ge=0)
    max: int | None = None


class Reconcile(Model):
    """Parts that must add up to a published whole.

    Without `weight` the parts of `measure` are summed; with it their weighted mean is taken (for a rate). `parts` and
    `whole` select rows by an expression over the source's own columns; instead of `whole`, `equals` gives a figure
    published elsewhere. `tolerance` is absolute, in the unit of the measure.
    """

    name: Text
    measure: Identifier
    weight: Identifier | None = None
    parts: Text
    whole: Text | None = None
    equals: float | None = None
    tolerance: float = Field(ge=0)
    published_in: Text

    @model_validator(mode="after")
    def _one_benchmark(self) -> "Reconcile":
        if (self.whole is None) == (self.equals is None):
            raise ValueError("give either 'whole' (rows of this source) or 'equals' (a published figure)")
        return self


class Expect(Model):
    """What must hold for the table; broken expectations lower the certificate, with the figures as evidence."""

    rows: Rows | None = None
    reconcile: list[Reconcile] = []


class Table(Model):
    """One standard table that the source feeds.

    `columns` maps a field of the schema to the source column it is read from, `derive` to a DuckDB expression over
    the source columns (all text), `constants` to one text for every row. `values` recodes a field afterwards; a value
    it does not list is left as it is, for validation to judge.
    """

    conforms_to: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*@[1-9][0-9]*$")]
    name: Identifier | None = None
    scope: Scope | None = None
    columns: dict[Identifier, Text] = {}
    derive: dict[Identifier, Text] = {}
    constants: dict[Identifier, str] = {}
    unpivot: Unpivot | None = None
    values: dict[Identifier, dict[str, str]] = {}
    fixes: list[Fix] = []
    expect: Expect = Expect()

    @property
    def schema_name(self) -> str:
        """The name of the schema, without its version."""
        return self.conforms_to.partition("@")[0]

    @property
    def table_name(self) -> str:
        """The table's name within its source; the schema's name unless two tables conform to one schema."""
        return self.name or self.schema_name

    def expressions(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Every SQL expression of the table, with its place in the declaration."""
        if self.scope:
            yield ("scope", "where"), self.scope.where
        yield from ((("derive", name), text) for name, text in self.derive.items())
        yield from ((("fixes", number, "where"), fix.where) for number, fix in enumerate(self.fixes))
        for number, check in enumerate(self.expect.reconcile):
            yield ("expect", "reconcile", number, "parts"), check.parts
            if check.whole:
                yield ("expect", "reconcile", number, "whole"), check.whole

    def targets(self) -> list[str]:
        """The fields of the schema that the table fills."""
        unpivoted = [self.unpivot.into, self.unpivot.value] if self.unpivot else []
        return [*self.columns, *self.derive, *self.constants, *unpivoted]


class Assurance(Model):
    """What is known of how the data come about, in one practice area (levels A0 to A3 of the UK's QAAD toolkit)."""

    level: Literal["A0", "A1", "A2", "A3"]
    evidence: Text


class AssuranceForm(Model):
    """`sources/<id>/assurance.yaml`, filled in by a data steward of the office, never by the machine."""

    acknowledged_by: Text
    acknowledged_on: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    operational_context: Assurance
    communication: Assurance
    supplier_checks: Assurance
    own_investigation: Assurance


class KnownFaults(Model):
    """How many rows or records of the current vintage are known to be wrong. They stay in quarantine; more is news."""

    rows: int = Field(ge=0)
    why: str = ""


class Source(Model):
    """`sources/<id>/source.yaml`.

    Grain: one dataset of one publisher and one reference period. `reference_date` is the day the data describe,
    `published_on` the day the owner published them; null means the owner does not say.
    """

    id: Identifier
    title: Text
    description: Text
    publisher: Publisher
    licence: Text
    attribution: Text
    homepage: Text | None = None
    contact: Text | None = None
    profile: Profile
    frequency: Frequency
    reference_date: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")] | None = None
    published_on: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")] | None = None
    definition: Text | None = None
    notes: list[Text] = []
    data: Data
    tables: list[Table] = Field(min_length=1)
    ignore: list[Text] = []
    known_faults: KnownFaults = KnownFaults(rows=0)

    @field_validator("tables")
    @classmethod
    def _table_names_are_unique(cls, tables: list[Table]) -> list[Table]:
        names = [table.table_name for table in tables]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(
                f"two tables are called {', '.join(twice)}; give each a 'name' where both conform to one schema"
            )
        return tables

    def mentions(self, column: str) -> bool:
        """Whether the source column is used by a table or listed in `ignore` (where `*` stands for any ending)."""
        for table in self.tables:
            unpivoted = table.unpivot.columns.values() if table.unpivot else ()
            if column in table.columns.values() or column in unpivoted:
                return True
            if any(is_named(column, expression) for _, expression in table.expressions()):
                return True
        return any(
            column == pattern or (pattern.endswith("*") and column.startswith(pattern[:-1])) for pattern in self.ignore
        )

    def required_columns(self) -> list[str]:
        """The source columns that must be there for the tables to be read, in order of first use."""
        names: dict[str, None] = {}
        for table in self.tables:
            names.update(dict.fromkeys(table.columns.values()))
            if table.unpivot:
                names.update(dict.fromkeys(table.unpivot.columns.values()))
        return list(names)
