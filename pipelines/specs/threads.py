"""How many threads DuckDB may use, for all who open it."""

import os

from pipelines.errors import UsageError

_MOST_THREADS = 256


def threads_wanted() -> int | None:
    """The worker threads that `GROMA_THREADS` asks for; None leaves it to DuckDB.

    Raises:
        UsageError: The variable is no whole number from 1 to 256.
    """
    given = os.environ.get("GROMA_THREADS", "")
    if not given:
        return None
    if not given.isdecimal() or not 1 <= int(given) <= _MOST_THREADS:
        raise UsageError(
            f"GROMA_THREADS is {given!r}", fix=f"give a whole number from 1 to {_MOST_THREADS}, or unset it"
        )
    return int(given)
