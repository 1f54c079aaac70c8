"""Traps: Frictionless is made to break off, and ours must have seen it coming."""

import copy
import datetime
import itertools
import json
import re
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pytest
from frictionless import Resource, Schema

from pipelines.validation.report import Error
from pipelines.validation.traps import CellTrap, find_traps, guard

REGISTRY = Path(__file__).parents[3].parent / "shared/data/table_schemas/registry"
V2_RESOURCE = "https://datapackage.org/profiles/2.0/dataresource.json"
V2_SCHEMA = "https://datapackage.org/profiles/2.0/tableschema.json"

# What each type accepts.
CELLS = {
    "any": ["a"],
    "array": ["[1,2]"],
    "boolean": ["true"],
    "date": ["2020-01-01"],
    "datetime": ["2020-01-01T00:00:00", "2020-01-01T00:00:00Z"],
    "duration": ["P1D", "P1Y"],
    "geojson": ['{"type":"Point","coordinates":[1,2]}'],
    "geopoint": ["1,2"],
    "integer": ["1"],
    "list": ["a,b"],
    "number": ["2", "INF", "NaN", "sNaN"],
    "object": ['{"a":1}'],
    "string": ["a"],
    "time": ["10:00:00", "10:00:00Z"],
    "year": ["2020"],
    "yearmonth": ["2020-01"],
}
VALUES = [
    None, True, False, 0, 1, -1, 2020, 1.5, float("nan"), float("inf"), 10**30, "", "abc", "1", "1.5", "2020-01-01",
    "2020-01-01T00:00:00", "2020-01-01T00:00:00Z", "10:00:00", "10:00:00Z", "2020", "2020-01", "P1D", "P1M2D", "NaN",
    "sNaN", "true", "1,2", "[1]", '{"a":1}', "[", [], [1], [2020, 1], [2020, "b"], ["a", "b"], [None, 1], {}, {"a": 1},
]  # fmt: skip
CONSTRAINTS = {"required", "unique", "minLength", "maxLength", "minimum", "exclusiveMaximum", "pattern", "enum"}


def schema_of(field, **others):
    return {"$schema": V2_SCHEMA, "fields": [{"name": "x", **field}], **others}


def frictionless_validate(schema, cells):
    resource = Resource.from_descriptor(
        {"$schema": V2_RESOURCE, "name": "t", "type": "table", "data": [["x"]], "schema": copy.deepcopy(schema)}
    )
    resource.data = [["x"], *([cell] for cell in cells)]
    return resource.validate()


def breaks(schema, cells):
    """Whether Frictionless breaks off."""
    try:
        frictionless_validate(schema, cells)
    except Exception:
        return True
    return False


def is_refused(schema):
    return not Schema.validate_descriptor(copy.deepcopy(schema)).valid


def guarded(schema, cells):
    """What reading the cells gives; the reason where ours breaks off."""
    field = Schema.from_descriptor(copy.deepcopy(schema)).fields[0]
    read = guard(field.create_cell_reader(), field)
    return [read(cell) for cell in cells]


def is_foreseen(schema, cells):
    if find_traps(schema):
        return True
    try:
        guarded(schema, cells)
    except CellTrap:
        return True
    return False


def bound(kind, value, name="minimum", **others):
    return schema_of({"type": kind, "constraints": {name: value}, **others})


SELF = [{"fields": ["x"], "reference": {"resource": "", "fields": ["x"]}}]
OTHER_FIELD = [{"fields": ["y"], "reference": {"resource": "", "fields": ["x"]}}]
UNHASHABLE = 'values of type "{}" cannot be compared with those of other rows; take the field out of {}'

IN_SCHEMA = {
    **{
        f"unique {kind}": (
            schema_of({"type": kind, "constraints": {"unique": True}}),
            CELLS[kind],
            UNHASHABLE.format(kind, '"unique"'),
        )
        for kind in ("array", "geojson", "list", "object")
    },
    "primary key": (
        schema_of({"type": "array"}, primaryKey=["x"]),
        ["[1]"],
        UNHASHABLE.format("array", '"primaryKey"'),
    ),
    "foreign key": (
        schema_of({"type": "object"}, foreignKeys=SELF),
        ['{"a":1}'],
        UNHASHABLE.format("object", '"foreignKeys"'),
    ),
    "all keys": (
        schema_of({"type": "list", "constraints": {"unique": True}}, primaryKey="x", foreignKeys=SELF),
        ["a"],
        UNHASHABLE.format("list", '"unique", "primaryKey", "foreignKeys"'),
    ),
    "integer bound": (
        bound("integer", 1.5),
        ["1"],
        '"minimum" is "1.5", which is no "integer"; write it as the cells are written',
    ),
    "text bound": (
        bound("number", "abc", "exclusiveMaximum"),
        ["1"],
        '"exclusiveMaximum" is "abc", which is no "number"; write it as the cells are written',
    ),
    "bound of another format": (
        bound("date", "2020-01-31", "maximum", format="%d/%m/%Y"),
        ["31/01/2020"],
        '"maximum" is "2020-01-31", which is no "date" in the format "%d/%m/%Y"; write it as the cells are written',
    ),
    "bound without decimal comma": (
        bound("number", "1.5", decimalChar=","),
        ["1,5"],
        '"minimum" is "1.5", which is no "number"; write it as the cells are written',
    ),
    "true as bound": (
        bound("integer", True),
        ["1"],
        '"minimum" is "True", which is no "integer"; write it as the cells are written',
    ),
    "NaN as bound": (
        bound("number", "NaN"),
        ["1"],
        '"minimum" is "NaN", with which nothing can be compared; give a value, or leave it out',
    ),
    "signalling NaN as bound": (
        bound("number", "sNaN", "exclusiveMinimum"),
        ["1"],
        '"exclusiveMinimum" is "sNaN", with which nothing can be compared; give a value, or leave it out',
    ),
    "signalling NaN in an enum": (
        schema_of({"type": "number", "constraints": {"enum": ["1", "sNaN"]}}),
        ["2"],
        '"enum" has "sNaN", with which nothing can be compared; take it out',
    ),
    "yearmonth of texts": (
        bound("yearmonth", [2020, "b"]),
        ["2020-01"],
        '"minimum" is "[2020, \'b\']", with which nothing can be compared; give a value, or leave it out',
    ),
    "bounds with and without zone": (
        schema_of(
            {
                "type": "datetime",
                "constraints": {"minimum": "2020-01-01T00:00:00", "maximum": "2021-01-01T00:00:00Z"},
            }
        ),
        ["2020-06-01T00:00:00"],
        'no cell can be compared with all bounds: "minimum" without, "maximum" with a time zone; '
        "write all with or all without",
    ),
    "times with and without zone": (
        schema_of(
            {"type": "time", "constraints": {"exclusiveMinimum": "10:00:00+01:00", "exclusiveMaximum": "11:00:00"}}
        ),
        ["10:30:00Z"],
        'no cell can be compared with all bounds: "exclusiveMinimum" with, "exclusiveMaximum" without a time zone; '
        "write all with or all without",
    ),
    "pattern": (
        schema_of({"type": "string", "constraints": {"pattern": "[a"}}),
        [],
        '"pattern" is "[a", which is no regular expression of Python (unterminated character set at position 1); '
        "correct it, minding that it is put between ^ and $",
    ),
    "flag inside": (
        schema_of({"type": "string", "constraints": {"pattern": "(?i)a"}}),
        [],
        '"pattern" is "(?i)a", which is no regular expression of Python '
        "(global flags not at the start of the expression at position 1); "
        "correct it, minding that it is put between ^ and $",
    ),
    "surrogate in an enum": (
        schema_of({"type": "string", "format": "uri", "constraints": {"enum": ["http://\ud800"]}}),
        [],
        "\"enum\" has \"http://\\ud800\", which cannot be read ('utf-8' codec can't encode character '\\ud800' in "
        "position 0: surrogates not allowed); take it out",
    ),
    "delimiter": (
        schema_of({"type": "list", "delimiter": ""}),
        ["a"],
        'the "delimiter" is empty; give the character between the items, such as ","',
    ),
    "bound of items": (
        schema_of({"type": "array", "arrayItem": {"type": "integer", "constraints": {"maximum": "z"}}}),
        ["[1]"],
        '"arrayItem": "maximum" is "z", which is no "integer"; write it as the cells are written',
    ),
    "pattern of items": (
        schema_of({"type": "array", "arrayItem": {"type": "string", "constraints": {"pattern": "("}}}),
        [],
        '"arrayItem": "pattern" is "(", which is no regular expression of Python '
        "(missing ), unterminated subpattern at position 1); correct it, minding that it is put between ^ and $",
    ),
}

WITH_ZONE = (
    "and a bound of the field cannot be compared: one has a time zone, the other has none; "
    "write both with or both without"
)
NO_VALUE = 'is no value that can be compared; correct it, or declare it in "missingValues"'
IN_KEY = "is a list or an object, which cannot be part of a key; take the field out of the key"
UTC = datetime.UTC
UNIQUE = {"constraints": {"unique": True}}

IN_CELL = {
    "zone": (bound("datetime", "2020-01-01T00:00:00"), "2020-06-01T00:00:00Z", WITH_ZONE),
    "no zone": (bound("datetime", "2020-01-01T00:00:00Z", "maximum"), "2020-06-01T00:00:00", WITH_ZONE),
    "zone of a time": (bound("time", "10:00:00", "exclusiveMinimum"), "11:00:00+01:00", WITH_ZONE),
    "zone in any format": (bound("datetime", "2020-01-01", format="any"), "2020-06-01 10:00Z", WITH_ZONE),
    "a workbook's time": (
        bound("datetime", "2020-01-01 +0000", format="%Y-%m-%d %z"),
        datetime.datetime(2020, 6, 1),  # noqa: DTZ001
        WITH_ZONE,
    ),
    "zone from Python": (bound("time", "10:00:00"), datetime.time(1, tzinfo=UTC), WITH_ZONE),
    "bound": (bound("number", 1), "sNaN", NO_VALUE),
    "enum": (schema_of({"type": "number", "constraints": {"enum": [1]}}), "-snan1", NO_VALUE),
    "unique": (schema_of({"type": "number", **UNIQUE}), "sNaN", NO_VALUE),
    "primary key": (schema_of({"type": "number"}, primaryKey=["x"]), "sNaN", NO_VALUE),
    "foreign key": (schema_of({"type": "number"}, foreignKeys=SELF), "sNaN", NO_VALUE),
    "items": (
        schema_of({"type": "array", "arrayItem": {"type": "number", "constraints": {"minimum": 1}}}),
        '["sNaN"]',
        NO_VALUE,
    ),
    "list from JSON": (schema_of({"type": "any", **UNIQUE}), [1], IN_KEY),
    "object from JSON": (schema_of({"type": "any"}, primaryKey="x"), {"a": 1}, IN_KEY),
    "infinite Decimal": (schema_of({"type": "integer"}), Decimal("Infinity"), NO_VALUE),
    "yearmonth of texts": (
        bound("yearmonth", "2020-01"),
        ("a", "b"),
        "makes Frictionless break off (TypeError: '>=' not supported between instances of 'str' and 'int'); "
        "correct it, or the field's constraints",
    ),
    "surrogate": (
        schema_of({"type": "string", "format": "uri"}),
        "http://\ud800",
        "makes Frictionless break off (UnicodeEncodeError: 'utf-8' codec can't encode character '\\ud800' in position "
        "0: surrogates not allowed); correct it, or the field's constraints",
    ),
}


class TestSchemas:
    @pytest.mark.parametrize(("schema", "cells", "note"), IN_SCHEMA.values(), ids=IN_SCHEMA)
    def test_where_frictionless_breaks_off_ours_reports(self, schema, cells, note):
        with pytest.raises((re.error, TypeError, ValueError, InvalidOperation)):
            frictionless_validate(schema, cells)
        expected = [Error("schema-error", f'field "x": {note}')]
        assert find_traps(schema) == expected
        assert find_traps(Schema.from_descriptor(copy.deepcopy(schema))) == expected

    @pytest.mark.parametrize(
        ("schema", "kind"),
        [
            ({"fields": [1]}, TypeError),
            ({"fields": [["x"]]}, AttributeError),
            ({"fields": [None]}, TypeError),
            ({"fields": [{"name": "x"}], "foreignKeys": 1}, TypeError),
            ({"fields": [{"name": "x"}], "foreignKeys": [{"fields": ["x"], "reference": "a"}]}, AttributeError),
            ({"fields": [{"name": "x"}], "foreignKeys": [{"fields": ["x"], "reference": None}]}, AttributeError),
        ],
    )
    def test_a_descriptor_that_breaks_frictionless_is_one_error(self, schema, kind):
        with pytest.raises(kind):
            frictionless_validate(schema, [])
        [error] = find_traps(schema)
        assert error.type == "schema-error"
        assert error.note.startswith("the schema cannot be read (")

    def test_each_field_and_cause_has_its_own(self):
        schema = {
            "fields": [
                {"name": "a", "type": "integer", "constraints": {"minimum": "x", "maximum": "y"}},
                {"name": "b", "type": "integer"},
                {"name": "c", "type": "list", "delimiter": "", "constraints": {"unique": True}},
            ]
        }
        starts = ['field "a": "minimum"', 'field "a": "maximum"', 'field "c": values', 'field "c": the "delimiter"']
        assert [error.note.startswith(start) for error, start in zip(find_traps(schema), starts, strict=True)]

    def test_the_other_end_of_a_reference_to_the_same_table_is_a_key_too(self):
        schema = {"fields": [{"name": "x", "type": "array"}, {"name": "y"}], "foreignKeys": OTHER_FIELD}
        assert [error.note[:9] for error in find_traps(schema)] == ['field "x"']
        schema["foreignKeys"][0] = {"fields": ["y"], "reference": {"resource": "elsewhere", "fields": ["x"]}}
        assert find_traps(schema) == []

    @pytest.mark.parametrize(
        ("schema", "cells"),
        [
            (schema_of({"type": "number", "groupChar": "", "decimalChar": ""}), ["1", "1,5"]),
            (schema_of({"type": "number", "groupChar": ",", "decimalChar": ","}), ["1,5"]),
            (schema_of({"type": "date", "format": "%Q"}), ["2020-01-01"]),
            (schema_of({"type": "string", "constraints": {"enum": [1, None, {}, []]}}), ["1"]),
            (bound("number", "NaN", floatNumber=True), ["1", "nan", "sNaN"]),
            (bound("datetime", "2020-01-01T00:00:00Z"), ["2020-06-01T00:00:00Z", "x"]),
            (bound("datetime", "01/01/2020", format="%d/%m/%Y"), ["02/01/2020", "2020-06-01T00:00:00Z"]),
            (bound("time", "10:00 +0100", format="%H:%M %z"), ["10:00 +0000", "10:00"]),
            (bound("datetime", None), ["2020-06-01T00:00:00Z"]),
            (bound("yearmonth", [2020, 1]), ["2020-01"]),
            (schema_of({"type": "datetime", "constraints": {"enum": ["2020-01-01T00:00:00"]}}), CELLS["datetime"]),
            (schema_of({"type": "number"}), ["sNaN"]),
            (schema_of({"type": "number", **UNIQUE}), ["NaN", "NaN"]),
            (schema_of({"type": "list", "constraints": {"minLength": 2}}), ["a,b"]),
            (schema_of({"type": "array", "arrayItem": {"type": "list", "constraints": {"unique": True}}}), ["[[1]]"]),
            (schema_of({"type": "array", "arrayItem": {"type": "nope"}}), ["[1]"]),
            (schema_of({"type": "string", "format": "wkt"}), []),
        ],
    )
    def test_what_frictionless_survives_is_none(self, schema, cells):
        frictionless_validate(schema, cells)
        assert find_traps(schema) == []
        if "wkt" not in str(schema) and "nope" not in str(schema):
            guarded(schema, cells)

    def test_what_frictionless_refuses_in_its_own_words_is_none(self):
        for schema in ({}, {"fields": 5}, {"fields": [{"name": "x", "type": "nope"}]}, bound("boolean", "x")):
            assert find_traps(schema) == []

    def test_a_descriptor_is_left_as_it_was(self):
        schema = schema_of({"type": "integer"}, primaryKey="x", foreignKeys=[{"fields": "x"}])
        before = copy.deepcopy(schema)
        find_traps(schema)
        assert schema == before

    @pytest.mark.skipif(not REGISTRY.is_dir(), reason="the registry's schemas are not here")
    def test_the_registry_has_none(self):
        paths = sorted(REGISTRY.glob("*.json"))
        assert len(paths) == 59
        assert {path.name: found for path in paths if (found := find_traps(json.loads(path.read_text())))} == {}


class TestCells:
    @pytest.mark.parametrize(("schema", "cell", "reason"), IN_CELL.values(), ids=IN_CELL)
    def test_where_frictionless_breaks_off_ours_names_the_cell(self, schema, cell, reason):
        with pytest.raises((TypeError, ValueError, InvalidOperation)):
            frictionless_validate(schema, [cell])
        assert find_traps(schema) == []
        with pytest.raises(CellTrap) as caught:
            guarded(schema, [cell])
        trap = caught.value
        assert (trap.field, trap.cell, trap.reason) == ("x", cell, reason)
        shown = "http://\\ud800" if cell == "http://\ud800" else cell
        assert str(trap) == f'field "x": the cell "{shown}" {reason}'

    def test_an_integer_too_long_to_write(self):
        schema = schema_of({"type": "integer"})
        with pytest.raises(ValueError, match="4300 digits"):
            frictionless_validate(schema, [10**5000])
        with pytest.raises(CellTrap, match=r'^field "x": the cell "\(int\)" makes Frictionless break off'):
            guarded(schema, [10**5000])

    def test_a_guarded_reader_reads_as_before(self):
        for kind, cells in CELLS.items():
            field = Schema.from_descriptor(schema_of({"type": kind})).fields[0]
            reader = field.create_cell_reader()
            for cell in [*cells, "", None, "?", 1]:
                assert repr(guard(reader, field)(cell)) == repr(reader(cell))

    def test_whether_it_is_a_key_may_be_told(self):
        field = Schema.from_descriptor(schema_of({"type": "any"})).fields[0]
        assert guard(field.create_cell_reader(), field)([1]) == ([1], None)
        with pytest.raises(CellTrap, match="cannot be part of a key"):
            guard(field.create_cell_reader(), field, is_key=True)([1])
        field.constraints = {"unique": True}
        assert guard(field.create_cell_reader(), field, is_key=False)([1]) == ([1], None)


@pytest.mark.parametrize("kind", CELLS)
def test_every_constraint_with_every_value_is_foreseen_exactly_where_frictionless_breaks_off(kind):
    supported = {"unique", *Schema.from_descriptor(schema_of({"type": kind})).fields[0].supported_constraints}
    for constraint, value in itertools.product(sorted(supported & CONSTRAINTS), VALUES):
        given = [value] if constraint == "enum" and not isinstance(value, list) else value
        schema = schema_of({"type": kind, "constraints": {constraint: given}})
        if is_refused(schema):
            assert find_traps(schema) == []
            continue
        for cells in ([cell] for cell in CELLS[kind]):
            # What is found in the schema alone needs a cell that can be compared to show.
            if find_traps(schema) and cells in (["NaN"], ["sNaN"]):
                continue
            assert is_foreseen(schema, cells) is breaks(schema, cells), (constraint, value, cells)
