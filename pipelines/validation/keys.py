"""Rows that may share a key: found by hashes, which are the same for equal keys and rarely for others."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.validation.columns import ScannedField, text_array
from pipelines.validation.connection import numbers, set_of_hashes
from pipelines.validation.resource import Opened

_Hashes = npt.NDArray[np.uint64]
_Mask = npt.NDArray[np.bool_]


@dataclass
class _Key:
    """Fields whose values no two rows may share.

    Attributes:
        fields: The fields.
        skips_missing: A row that lacks a part of the key has none.
        sought: The hashes that more than one row has.
    """

    fields: Sequence[ScannedField]
    skips_missing: bool
    sought: _Hashes = field(default_factory=lambda: np.empty(0, np.uint64))

    @property
    def hash(self) -> str:
        """SQL for the hash of a record's key; null where it has none."""
        keys = [f"({scanned.predicate.key})" for scanned in self.fields]
        hashed = f"hash({', '.join(keys)})"
        if not self.skips_missing:
            return hashed
        return f"CASE WHEN {' OR '.join(f'{key} IS NULL' for key in keys)} THEN NULL ELSE {hashed} END"

    def comparable(self, cells: Sequence[str | None]) -> list[Any] | None:
        """The key of a suspect as a clean row would have it, null where no clean row can have the same."""
        values = []
        for scanned in self.fields:
            index = scanned.column.number - 1
            value, notes = scanned.column.verdict(cells[index] if index < len(cells) else None)
            values.append(scanned.comparable(None if notes and notes[0][0] == "type" else value))
        is_filled = [value is not None for value in values]
        if any(value is NotImplemented for value in values) or not (all if self.skips_missing else any)(is_filled):
            return None
        return values


class Keys:
    """The keys of one table: unique fields, the primary key and further unique keys.

    Args:
        connection: Where the table `judged` will be.
        fields: All fields of the table.
        opened: Which of them are keys.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, fields: Sequence[ScannedField], opened: Opened) -> None:
        by_name = {scanned.column.name: scanned for scanned in fields}
        self._connection = connection
        unique = [scanned for scanned in fields if scanned.column.field.constraints.get("unique")]
        self._keys = [_Key([scanned], skips_missing=True) for scanned in unique]
        primary = [by_name[name] for name in opened.primary_key]
        # A single field that is unique too needs no second look: a row without a value is a suspect anyway.
        if primary and not (len(primary) == 1 and primary[0] in unique):
            self._keys.append(_Key(primary, skips_missing=False))
        self._keys += [_Key([by_name[name] for name in names], skips_missing=True) for names in opened.unique_keys]

    @property
    def columns(self) -> list[str]:
        """What the table `judged` has for them."""
        return [f"{key.hash} AS h{place}" for place, key in enumerate(self._keys)]

    def find_shared(self, is_clean: _Mask, suspects: Iterable[Sequence[Sequence[str | None]]]) -> npt.NDArray[np.int64]:
        """The places of clean rows whose key another row may have.

        Args:
            is_clean: Which rows of `judged` are clean.
            suspects: The cells of the others, in batches.
        """
        if not self._keys:
            return np.empty(0, np.int64)
        of_suspects = self._hashes_of(suspects)
        shared = np.zeros(len(is_clean), np.bool_)
        for place, key in enumerate(self._keys):
            hashes = numbers(self._connection, f"SELECT coalesce(h{place}, 0::UBIGINT) FROM judged")
            is_filled = numbers(self._connection, f"SELECT (h{place} IS NOT NULL)::UTINYINT FROM judged")
            has_key = is_clean & (is_filled == 1)
            ordered = np.sort(hashes[has_key])
            repeated = ordered[1:][ordered[1:] == ordered[:-1]]
            key.sought = np.unique(np.concatenate([repeated, of_suspects[place]]))
            if len(key.sought):
                shared |= np.isin(hashes, key.sought) & has_key
        return np.flatnonzero(shared)

    def _hashes_of(self, suspects: Iterable[Sequence[Sequence[str | None]]]) -> list[_Hashes]:
        """For each key, what the suspects' would hash to, were they written as clean ones are."""
        hashes: list[list[_Hashes]] = [[np.empty(0, np.uint64)] for _ in self._keys]
        for batch in suspects:
            for key, found in zip(self._keys, hashes, strict=True):
                rows = [values for cells in batch if (values := key.comparable(cells)) is not None]
                if rows:
                    found.append(self._hashed(key, rows))
        return [np.concatenate(found) for found in hashes]

    def _hashed(self, key: _Key, rows: list[list[Any]]) -> _Hashes:
        columns = {f"k{place}": text_array(column) for place, column in enumerate(zip(*rows, strict=True))}
        self._connection.register("keys", pa.table(columns))
        hashed = ", ".join(f"k{place}::{scanned.key_type}" for place, scanned in enumerate(key.fields))
        hashes = numbers(self._connection, f"SELECT hash({hashed}) FROM keys")
        self._connection.unregister("keys")
        return hashes

    def conditions(self) -> tuple[str, str]:
        """SQL that holds for all rows with a shared key, and for few others: over the scan, and over `judged`.

        Both hold for the same rows.
        """
        scan, judged = [], []
        for place, key in enumerate(self._keys):
            hit = set_of_hashes(self._connection, f"shared_{place}", key.sought)
            scan.append(hit.format(f"({key.hash})"))
            judged.append(hit.format(f"h{place}"))
        return " OR ".join(scan), " OR ".join(judged)
