"""The indicator values as SDMX-CSV 2.0, with the data structure that defines them in SDMX-ML 3.0 and 2.1."""

from pathlib import Path

from pipelines.outputs.release import Release
from pipelines.outputs.sdmx_structure import STRUCTURE_ID, SdmxComponent, components, structure_messages
from pipelines.warehouse import literal, quote


def write_sdmx_csv(release: Release) -> list[Path]:
    """Write `sdmx/`: one data file and the same structure twice, for newer and for older readers.

    Grain of the data: one row for each row of `indicator_value`. A missing value is an empty cell with a status.

    Raises:
        DataError: Two values of the release would get the same SDMX code.
    """
    folder = release.folder / "sdmx"
    folder.mkdir()
    columns = components(release)
    written = [folder / "indicator_value.csv"]
    _write_data(release, columns, written[0])
    for version, message in structure_messages(release, columns).items():
        written.append(folder / f"structure_{version}.xml")
        written[-1].write_text(message + "\n", encoding="utf-8")
    return written


def _write_data(release: Release, columns: list[SdmxComponent], file: Path) -> None:
    cells = ", ".join(f"{column.sql} AS {quote(column.id)}" for column in columns)
    order = ", ".join(quote(column.id) for column in columns if column.role == "dimension")
    # The action I stands for information: nobody is told what to do with the rows of an earlier release.
    head = f'\'dataflow\' AS "STRUCTURE", {literal(STRUCTURE_ID)} AS "STRUCTURE_ID", \'I\' AS "ACTION"'
    release.warehouse.execute(
        f"COPY (SELECT {head}, {cells} FROM indicator_value ORDER BY {order}) "
        f"TO {literal(str(file))} (FORMAT csv, HEADER)"
    )
