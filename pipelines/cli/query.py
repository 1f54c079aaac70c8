"""`groma query`."""

from pathlib import Path

import click

from pipelines.cli.output import note, print_csv, print_json, print_table
from pipelines.cli.workspace import published, workspace_option
from pipelines.errors import UsageError
from pipelines.warehouse import QueryError, Warehouse

_SHOWN_ROWS = 100


@click.command()
@click.argument("sql")
@workspace_option
@click.option("--format", "shape", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--time-limit", type=click.FloatRange(min=0.1), default=60.0, show_default=True, help="Seconds.")
def query(sql: str, folder: Path, shape: str, as_json: bool, time_limit: float) -> None:
    """Ask the current release with SQL (DuckDB), read-only.

    Tables: indicator_value, indicator, territory, source, vintage, certificate, certificate_result, quarantine,
    release; the view latest; and the standard tables as standard.NAME.
    """
    publication = published(folder)
    with Warehouse(file=publication.database, read_only=True) as warehouse:
        try:
            with warehouse.time_limit(time_limit):
                table = warehouse.arrow(sql)
        except QueryError as error:
            raise UsageError(
                str(error).strip(),
                fix='`groma query "SHOW TABLES"` lists the tables, `groma query "DESCRIBE latest"` the columns',
            ) from None
    if as_json or shape == "json":
        print_json(table.to_pylist())
        return
    columns = list(map(str, table.column_names))
    rows = list(zip(*(column.to_pylist() for column in table.columns), strict=True)) if columns else []
    if shape == "csv":
        print_csv(columns, rows)
        return
    print_table(columns, rows[:_SHOWN_ROWS])
    if len(rows) > _SHOWN_ROWS:
        note(f"the first {_SHOWN_ROWS} of {len(rows):,} rows; --format csv prints all")
