"""How much a table may hold that is not read as delimited text."""

from pipelines.errors import DataError

COLUMN_LIMIT = 2_000
UNPACKED_LIMIT = 2 * 1024**3
"""Bytes that a spreadsheet, or a JSON file, may hold once unpacked."""
CHUNK = 4 << 20
"""Bytes that are looked at at once."""
BATCH = 4_096
"""Rows that are read at once."""


def check_width(name: str, columns: int) -> None:
    """Refuse a table of more than `COLUMN_LIMIT` columns.

    Args:
        name: The file.
        columns: How many it has, as far as is known.

    Raises:
        DataError: They are too many.
    """
    if columns > COLUMN_LIMIT:
        raise DataError(
            f"{name}: has more than {COLUMN_LIMIT:,} columns",
            why=f"{columns:,} were found",
            fix="check 'format'; if the table is so wide, ask the owner for it in parts",
        )
