"""Spatial measures: what an indicator may ask for under `prepare`, by name.

A measure takes two standard tables, the features (`of`) and the boundaries (`within`), and returns one row
for each territory it can measure: `territory_id`, `period`, `numerator`, `denominator`, `crs`, `method`,
`input_rows`. The engine keeps it as `prepared.<name>` for the indicator's query.
"""

from collections.abc import Callable, Mapping

import pyarrow as pa

from pipelines.measures.share_of_area import share_of_area

Measure = Callable[[pa.Table, pa.Table], pa.Table]

MEASURES: Mapping[str, Measure] = {"share_of_area": share_of_area}
"""Every measure by the name that a declaration gives it."""

__all__ = ["MEASURES", "Measure"]
