"""Maps: outlines of the territories that have a boundary, drawn once for every format that shows them."""

from typing import Any

import pyarrow.compute as pc

from pipelines.specs.workspace import TERRITORY
from pipelines.steps.contents import Contents
from pipelines.territories.outline import draw_outline
from pipelines.warehouse import Warehouse, quote


def draw_maps(contents: Contents) -> dict[str, dict[str, Any]]:
    """Outlines by country, for the explorer's map: of the level that has the most boundaries there."""
    maps: dict[str, dict[str, Any]] = {}
    for name, schema in sorted(contents.workspace.schemas.items()):
        geometry = next((f.name for f in schema.spec.fields if f.format == "wkb_hex"), None)
        if schema.spec.kind != "boundary" or geometry is None:
            continue
        standards = contents.standards[name], contents.standards[TERRITORY]
        with Warehouse([standard.folder for standard in standards]) as warehouse:
            warehouse.view("boundary", standards[0].file)
            warehouse.view(TERRITORY, standards[1].file)
            table = warehouse.arrow(_BOUNDARIES_OF_MAIN_LEVEL.format(geometry=quote(geometry)))
        for country in sorted(set(table["country_code"].to_pylist())):
            part = table.filter(pc.equal(table["country_code"], country))
            sources = sorted(set(part["source_id"].to_pylist()))
            credit = "; ".join(contents.workspace.sources[s].spec.attribution.rstrip(".") for s in sources)
            maps[country] = dict(draw_outline(part["territory_id"].to_pylist(), part["geometry"].to_pylist(), credit))
    return maps


_BOUNDARIES_OF_MAIN_LEVEL = """
    WITH placed AS (
        SELECT
            territory_id, country_code, territory_level, {geometry} AS geometry, boundary.source_id,
            count(*) OVER (PARTITION BY country_code, territory_level) AS of_level
        FROM boundary JOIN territory USING (territory_id)
    )
    SELECT territory_id, country_code, geometry, source_id FROM placed
    QUALIFY dense_rank() OVER (PARTITION BY country_code ORDER BY of_level DESC, territory_level) = 1
    ORDER BY territory_id
"""
