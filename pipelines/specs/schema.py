"""A standard schema: the definition of one kind of data that every conforming source and every indicator agrees on."""

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from pipelines.specs.declaration import Identifier, Model, Text

FieldType = Literal["string", "integer", "number", "boolean", "date", "year"]
FieldFormat = Literal["default", "wkb_hex"]


class Constraints(Model):
    """What a cell must satisfy; names and meanings are Table Schema's. Uniqueness is the primary key's."""

    required: bool = False
    minimum: int | float | str | None = None
    maximum: int | float | str | None = None
    min_length: int | None = Field(None, alias="minLength")
    max_length: int | None = Field(None, alias="maxLength")
    pattern: str | None = None
    enum: list[str] | None = None


class SchemaField(Model):
    """One column of a standard table.

    `unit` is null for text. `wkb_hex` marks a geometry as hexadecimal well-known binary. `is_float` keeps a
    coordinate in binary floating point; every other number is a decimal with six places, so that sums are exact.
    """

    name: Identifier
    type: FieldType
    title: Text
    description: Text
    unit: Text | None = None
    format: FieldFormat = "default"
    is_float: bool = False
    constraints: Constraints = Constraints()

    @model_validator(mode="after")
    def _numbers_are_bounded(self) -> "SchemaField":
        if self.type in ("integer", "number"):
            if self.unit is None:
                raise ValueError(f"the field {self.name!r} is a number and needs a unit")
            if self.constraints.minimum is None or self.constraints.maximum is None:
                raise ValueError(
                    f"the field {self.name!r} is a number and needs a minimum and a maximum; "
                    "they keep NaN and infinity out"
                )
        return self


class Edit(Model):
    """A relation between the fields of one row that must hold where all of its fields are present.

    `rule` is a DuckDB expression over the fields; a row in which it is null is not judged.
    """

    name: Identifier
    rule: Text
    description: Text


class StandardSchema(Model):
    """`schemas/<name>/schema.yaml`.

    `kind` tells the engine what a row is: an `observation` of a territory in a period, a `feature` on the ground,
    a `boundary` of a territory, or a `reference` list such as the territories themselves. `measures` names the
    fields that carry the observation; the others describe it.
    """

    name: Identifier
    version: int = Field(ge=1)
    title: Text
    description: Text
    standard: Text
    kind: Literal["observation", "feature", "boundary", "reference"]
    fields: list[SchemaField] = Field(min_length=1)
    primary_key: list[Identifier] = Field(min_length=1, alias="primaryKey")
    measures: list[Identifier] = []
    edits: list[Edit] = []

    @field_validator("fields")
    @classmethod
    def _names_are_unique(cls, fields: list[SchemaField]) -> list[SchemaField]:
        names = [field.name for field in fields]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"defined twice: {', '.join(twice)}")
        reserved = sorted({"source_id", "vintage_id", "certificate_id", "row_id", "source_row"} & set(names))
        if reserved:
            raise ValueError(f"the engine adds these columns itself: {', '.join(reserved)}")
        return fields

    @model_validator(mode="after")
    def _keys_are_fields(self) -> "StandardSchema":
        names = set(self.field_names)
        for label, group in (("primaryKey", self.primary_key), ("measures", self.measures)):
            unknown = [name for name in group if name not in names]
            if unknown:
                raise ValueError(f"{label} names no field: {', '.join(unknown)}")
        if self.kind == "observation" and not self.measures:
            raise ValueError("an observation needs at least one measure")
        return self

    @property
    def field_names(self) -> list[str]:
        """The names of the fields, in order."""
        return [field.name for field in self.fields]

    @property
    def reference(self) -> str:
        """How a source names this schema: `name@version`."""
        return f"{self.name}@{self.version}"

    def field(self, name: str) -> SchemaField:
        """The field called `name`; KeyError where there is none."""
        return {field.name: field for field in self.fields}[name]

    def table_schema(self) -> dict[str, Any]:
        """The Frictionless Table Schema: what the standard knows of this schema, without groma's additions."""
        return {
            "fields": [
                {
                    "name": field.name,
                    "type": field.type,
                    "title": field.title,
                    "description": field.description,
                    "constraints": field.constraints.model_dump(by_alias=True, exclude_defaults=True),
                }
                for field in self.fields
            ],
            "primaryKey": self.primary_key,
            "missingValues": [""],
        }
