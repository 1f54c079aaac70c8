"""An indicator cannot contradict itself."""

from typing import Any

import pytest
from pydantic import ValidationError

from pipelines.specs.indicator import Indicator
from tests.unit.synthetic import INDICATOR


def indicator(**changes: Any) -> Indicator:
    return Indicator.model_validate({"id": "zz_rate", **INDICATOR, **changes})


def test_breakdowns_are_the_standard_ones_and_its_own() -> None:
    spec = indicator(disaggregate_by=["sex", "commuting_mode"])
    assert spec.dimensions == ["commuting_mode"]
    assert spec.breakdowns == ["sex", "age_group", "urbanisation", "commuting_mode"]
    assert (spec.aggregation, spec.requires_level, spec.disclosure.minimum_count) == ("sum_over_members", 1, 0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"range": [100, 0]}, "low below high"),
        ({"range": [0, 0]}, "low below high"),
        ({"range": [0]}, "at least 2 items"),
        ({"grain": ["territory_id", "year"]}, "breakdowns go into 'disaggregate_by'"),
        ({"ratio": {"multiplier": 0}}, "greater than 0"),
        ({"inputs": []}, "at least 1 item"),
        ({"inputs": ["Labour Force"]}, "String should match pattern"),
        ({"requires_level": 5}, "less than or equal to 4"),
        ({"disclosure": {"minimum_count": -1}}, "greater than or equal to 0"),
        ({"parameters": {"limit": {"value": 3}}}, "Field required"),
        ({"prepare": {"near": {"measure": "eval", "of": "a", "within": "b"}}}, "Input should be 'share_of_area'"),
        ({"sdg": {"goal": "8", "target": "8.5", "alignment": "nearly"}}, "Input should be 'exact'"),
        ({"formula": '@__builtins__.__import__("os").system("id")'}, "Extra inputs are not permitted"),
    ],
)
def test_contradictions_are_faults(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as raised:
        indicator(**changes)
    assert message in "; ".join(error["msg"] for error in raised.value.errors())
