"""The fields of a table as SQL over its scan: compiled, or by the distinct texts of a column."""

import datetime
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.validation.connection import literal
from pipelines.validation.judging import Column
from pipelines.validation.predicates import Predicate, compile_field, duckdb_type, missing_values, with_values
from pipelines.validation.scanning import Relation, Unscannable

_SAMPLE = 1_000
_WORTHWHILE = 0.9
"""So much of the sample must be proven clean; with less, too many rows would be judged one by one."""
_MOST_DISTINCT = 50_000
_TYPE = re.compile(
    r"VARCHAR|BIGINT|INTEGER|SMALLINT|DOUBLE|BOOLEAN|DATE|TIMESTAMP|TIME|DECIMAL\([0-9]{1,2},[0-9]{1,2}\)"
)


@dataclass(frozen=True)
class ScannedField:
    """One field of a scan.

    Attributes:
        column: Its reader.
        predicate: What SQL knows of it.
        type: In which type accepted values are kept.
        value: The value of a clean text in that type; null for a missing one, and where it cannot be kept.
        ids: The number of each distinct value where the field is judged by those, else null.
    """

    column: Column
    predicate: Predicate
    type: str
    value: str
    ids: Mapping[Any, int] | None = None

    @property
    def key_type(self) -> str:
        """DuckDB's type of the key."""
        return "BIGINT" if self.ids is not None else self.predicate.type

    def comparable(self, value: Any) -> Any:
        """A parsed value as the key of a clean text of equal value; `NotImplemented` where there is none."""
        if value is None:
            return None
        if self.ids is not None:
            return self.ids.get(value, NotImplemented)
        try:
            return _COMPARABLE.get(self.column.type, _unchanged)(value)
        except (OverflowError, ValueError):
            return NotImplemented


def kept_types(fields: Sequence[Any], types: Mapping[str, str]) -> list[str]:
    """In which DuckDB type the accepted values of each field are kept.

    Raises:
        ValueError: A type is none that values are kept in.
    """
    kept = [types.get(expected.name, duckdb_type(expected)) for expected in fields]
    for kind in kept:
        if not _TYPE.fullmatch(kind):
            raise ValueError(f"{kind!r} is no type that values are kept in")
    return kept


def scanned_fields(
    connection: duckdb.DuckDBPyConnection,
    relation: Relation,
    columns: Sequence[Column],
    types: Mapping[str, str],
) -> list[ScannedField]:
    """Find for each field the way that proves most of its cells clean.

    Raises:
        Unscannable: A field can be judged by its distinct texts only, and has too many of them.
    """
    predicates = [compile_field(column.field, name) for column, name in zip(columns, relation.names, strict=False)]
    _drop_unfit(connection, relation, predicates)
    pending = [index for index, predicate in enumerate(predicates) if predicate is None]
    texts = dict(zip(pending, _distinct(connection, relation, pending), strict=True))
    all_kept = kept_types([column.field for column in columns], types)
    fields = []
    for index, column in enumerate(columns):
        kept = all_kept[index]
        predicate = predicates[index]
        if predicate is None:
            fields.append(_by_distinct_texts(connection, column, index, texts[index], kept))
        else:
            fields.append(_compiled(column, predicate, kept))
    return fields


def _compiled(column: Column, predicate: Predicate, kept: str) -> ScannedField:
    if kept == predicate.type:
        return ScannedField(column, predicate, kept, predicate.typed)
    return ScannedField(column, predicate, kept, f"TRY_CAST({predicate.plain} AS {kept})")


def _drop_unfit(connection: duckdb.DuckDBPyConnection, relation: Relation, predicates: list[Predicate | None]) -> None:
    """Forget the predicates that the first rows mostly fail, whether wrong or only written in an odd way."""
    counted = [index for index, predicate in enumerate(predicates) if predicate is not None]
    if not counted:
        return
    counts = ", ".join(f"count(*) FILTER ({predicates[index].clean})" for index in counted)  # type: ignore[union-attr]
    known = {relation.names[index]: predicates[index] for index in counted}
    sample = with_values(f"(SELECT * FROM {relation.sql()} LIMIT {_SAMPLE})", known)  # type: ignore[arg-type]
    total, *clean, _ = connection.execute(f"SELECT count(*), {counts}, {_all(relation)} FROM {sample}").fetchall()[0]
    for index, count in zip(counted, clean, strict=True):
        if total >= 20 and count < _WORTHWHILE * total:
            predicates[index] = None


def _all(relation: Relation) -> str:
    """Something of the last column: where it is not read, DuckDB takes the cells in it for ones too many."""
    return f"count({relation.names[-1]})"


def _distinct(
    connection: duckdb.DuckDBPyConnection, relation: Relation, indices: Sequence[int]
) -> list[list[str | None]]:
    if not indices:
        return []
    lists = ", ".join(f"list(DISTINCT {relation.names[index]})" for index in indices)
    *found, _ = connection.execute(f"SELECT {lists}, {_all(relation)} FROM {relation.sql()}").fetchall()[0]
    for index, texts in zip(indices, found, strict=True):
        if texts is not None and len(texts) > _MOST_DISTINCT:
            raise Unscannable(f"field {index + 1} has {len(texts):,} distinct texts, each to be read by Frictionless")
    return [texts or [] for texts in found]


def _by_distinct_texts(
    connection: duckdb.DuckDBPyConnection, column: Column, index: int, texts: Sequence[str | None], kept: str
) -> ScannedField:
    """A field of which Frictionless reads each distinct text once.

    The texts it accepts become an enumeration: a cast into it is looked up, and unlike a join leaves the rows in order.
    """
    rows: list[tuple[str, int | None, Any]] = []
    ids: dict[Any, int] = {}
    for text in texts:
        if text is None:
            continue
        value, notes = column.verdict(text)
        stored = storable(value, text, kept)
        if notes or (stored is None and value is not None):
            continue
        identity = None if value is None else ids.setdefault(_hashable(value, text), len(ids))
        rows.append((text, identity, stored))
    name = f"c{index}"
    if not rows:
        nothing = Predicate("false", "true", "NULL::VARCHAR", f"NULL::{kept}", "NULL::BIGINT", kept)
        return ScannedField(column, nothing, kept, nothing.typed, ids)
    known, identities, values = (list(column) for column in zip(*rows, strict=True))
    table = pa.table({"text": known, "id": pa.array(identities, pa.int64()), "value": text_array(values)})
    connection.register("accepted", table)
    connection.execute(f"DROP TYPE IF EXISTS accepted_{index}")
    connection.execute(f"CREATE TYPE accepted_{index} AS ENUM (SELECT text FROM accepted)")
    connection.execute(f"SET VARIABLE ids_{index} = (SELECT list(id) FROM accepted)")
    connection.execute(f"SET VARIABLE values_{index} = (SELECT list(value::{kept}) FROM accepted)")
    connection.unregister("accepted")
    cast = f"TRY_CAST({name} AS accepted_{index})"
    place = f"enum_code({cast})::INTEGER + 1"
    value_sql = f"list_extract(getvariable('values_{index}'), {place})"
    missing = missing_values(column.field)
    predicate = Predicate(
        f"{cast} IS NOT NULL",
        f"{name} NOT IN ({', '.join(map(literal, missing))})" if missing else "true",
        name,
        value_sql,
        f"list_extract(getvariable('ids_{index}'), {place})",
        kept,
    )
    return ScannedField(column, predicate, kept, value_sql, ids)


def text_array(values: Sequence[Any]) -> pa.Array:
    """Values as text, which DuckDB casts to whatever they are."""
    return pa.array([None if value is None else str(value) for value in values], pa.string())


def _hashable(value: Any, text: str) -> Any:
    try:
        hash(value)
    except TypeError:
        return text
    return value


def storable(value: Any, text: str | None, kept: str) -> Any:
    """A parsed value as it is kept in a DuckDB type, null where it is missing or cannot be kept."""
    if value is None or kept == "VARCHAR":
        return None if value is None else text if text is not None else str(value)
    try:
        return _STORABLE.get(kept.partition("(")[0], _unchanged)(value)
    except (ValueError, OverflowError, TypeError, InvalidOperation):
        return None


def _unchanged(value: Any) -> Any:
    return value


def _whole(bits: int) -> Callable[[Any], int | None]:
    limit = 2 ** (bits - 1)
    return lambda value: int(value) if value == int(value) and -limit <= value < limit else None


def _utc(value: Any) -> Any:
    if value.tzinfo is None:
        return value
    return value.astimezone(datetime.UTC).replace(tzinfo=None)


def _decimal(value: Any) -> Decimal | None:
    number = Decimal(value)
    return number if number.is_finite() else None


_STORABLE: Mapping[str, Callable[[Any], Any]] = {
    "BIGINT": _whole(64),
    "INTEGER": _whole(32),
    "SMALLINT": _whole(16),
    "DOUBLE": float,
    "DECIMAL": _decimal,
    "TIMESTAMP": _utc,
    "TIME": lambda value: value.replace(tzinfo=None),
}


def _compared_integer(value: int) -> Any:
    return value if -(2**63) <= value < 2**63 else NotImplemented


def _compared_number(value: Any) -> Any:
    number = float(value)
    return number + 0.0 if math.isfinite(number) else NotImplemented


_COMPARABLE: Mapping[str, Callable[[Any], Any]] = {
    "integer": _compared_integer,
    "number": _compared_number,
    "datetime": _utc,
    "time": lambda value: value if value.tzinfo is None else NotImplemented,
    "yearmonth": lambda value: f"{value[0]:04}-{value[1]:02}",
    "any": lambda value: value if isinstance(value, str) else NotImplemented,
}
