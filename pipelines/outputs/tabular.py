"""The release's tables as Parquet (for tools) and CSV (for everyone)."""

from pathlib import Path

from pipelines.outputs.release import Release
from pipelines.outputs.tables import NOT_IN_CSV, RELEASE_TABLES
from pipelines.warehouse import literal, quote


def write_parquet(release: Release) -> list[Path]:
    """One Parquet file for each release table and each standard table, sorted by key."""
    folder = release.folder / "parquet"
    folder.mkdir()
    written = []
    for table in RELEASE_TABLES:
        order = ", ".join(map(quote, release.key(table)))
        written.append(folder / f"{table.name}.parquet")
        release.warehouse.write_parquet(f"SELECT * FROM {quote(table.name)} ORDER BY {order}", written[-1])
    (folder / "standard").mkdir()
    for name, schema in sorted(release.workspace.schemas.items()):
        order = ", ".join(map(quote, [*schema.spec.primary_key, "row_id"]))
        written.append(folder / "standard" / f"{name}.parquet")
        release.warehouse.write_parquet(f"SELECT * FROM standard.{quote(name)} ORDER BY {order}", written[-1])
    return written


def write_csv(release: Release) -> list[Path]:
    """One CSV file for each release table: UTF-8, RFC 4180 with line feeds; lists are written as JSON.

    The rows that each value was made from are left out: they are in the DuckDB file and in Parquet.
    """
    folder = release.folder / "csv"
    folder.mkdir()
    written = []
    for table in RELEASE_TABLES:
        order = ", ".join(map(quote, release.key(table)))
        columns = ", ".join(
            f"CAST(to_json({quote(column.name)}) AS VARCHAR) AS {quote(column.name)}"
            if column.type.endswith("[]")
            else quote(column.name)
            for column in release.columns(table)
            if column.name not in NOT_IN_CSV
        )
        file = folder / f"{table.name}.csv"
        release.warehouse.execute(
            f"COPY (SELECT {columns} FROM {quote(table.name)} ORDER BY {order}) "
            f"TO {literal(str(file))} (FORMAT csv, HEADER)"
        )
        written.append(file)
    return written
