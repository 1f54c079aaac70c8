"""Foreign keys: the keys that may be referred to, and the rows that refer to none of them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import duckdb

from pipelines.validation.connection import set_of_hashes
from pipelines.validation.judging import Judge, Lookup
from pipelines.validation.report import Error
from pipelines.validation.resource import Opened, Refused

_BATCH = 50_000


def lookups(opened: Opened, references: Mapping[str, Any]) -> list[Lookup]:
    """Read the tables that the foreign keys refer to.

    Args:
        opened: The table that refers.
        references: Opens a table by its name; the own one under its name and under the empty one.

    Raises:
        Refused: A table is not given, as Frictionless words it, or cannot be opened.
    """
    found: dict[tuple[str, tuple[str, ...]], frozenset[tuple[Any, ...]]] = {}
    result = []
    for group in opened.foreign_keys:
        name, fields = group["reference"]["resource"], tuple(group["reference"]["fields"])
        if (name, fields) not in found:
            found[name, fields] = _keys(_reference(opened, references, name), fields)
        result.append(Lookup(tuple(group["fields"]), name, fields, found[name, fields]))
    return result


def _reference(opened: Opened, references: Mapping[str, Any], name: str) -> Any:
    if name in references:
        return references[name]
    if len(references) <= 2:
        # The braces are Frictionless' own.
        note = 'package is required for foreign keys to other resources: "{fk}"'
        raise Refused(Error("resource-error", note))
    note = f'failed to handle a foreign key for resource "{opened.resource.name}" as resource "{name}" does not exist'
    raise Refused(Error("resource-error", note))


def _keys(open_reference: Any, fields: Sequence[str]) -> frozenset[tuple[Any, ...]]:
    with open_reference() as opened:
        present = {field.name for field in opened.fields}
        # As parts of a key their values are made sure to be comparable.
        judge = Judge(opened.fields, unique_keys=[[name for name in fields if name in present]])
        places = [next((c.number - 1 for c in judge.columns if c.name == name), None) for name in fields]
        return frozenset(_parsed(opened.records, judge, places))


def _parsed(
    records: Iterator[tuple[int, list[Any]]], judge: Judge, places: Sequence[int | None]
) -> Iterator[tuple[Any, ...]]:
    for _, cells in records:
        key = tuple([_value(judge, place, cells) for place in places])
        if any(value is not None for value in key):
            yield key


def _value(judge: Judge, place: int | None, cells: Sequence[Any]) -> Any:
    if place is None:
        return None
    return judge.columns[place].verdict(cells[place] if place < len(cells) else None)[0]


def suspect_references(
    connection: duckdb.DuckDBPyConnection, relation: str, names: Sequence[str], judge: Judge
) -> list[str]:
    """SQL conditions that hold only for rows whose foreign keys are all found.

    Each distinct key is parsed once. A row that is taken for one with a bad key by chance is judged, and found right.
    """
    conditions = []
    for number, lookup in enumerate(judge.lookups):
        places = [judge.place(name) for name in lookup.fields]
        texts = ", ".join(names[place] for place in places)
        unfound: list[int] = []
        # The last column is read too, without which DuckDB takes the cells in it for ones too many.
        cursor = connection.cursor().execute(
            f"SELECT hash({texts}), count({names[-1]}), {texts} FROM {relation} GROUP BY {texts}"
        )
        while rows := cursor.fetchmany(_BATCH):
            for hashed, _, *cells in rows:
                key = tuple([judge.columns[place].verdict(cell)[0] for place, cell in zip(places, cells, strict=True)])
                if any(value is not None for value in key) and key not in lookup.keys:
                    unfound.append(hashed)
        hit = set_of_hashes(connection, f"unfound_{number}", unfound)
        conditions.append(f"NOT ({hit.format(f'hash({texts})')})")
    return conditions
