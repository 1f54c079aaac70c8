"""An indicator: what is measured, from which standard tables, and how its parts become a value."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from pipelines.specs.declaration import Identifier, Model, Text

STANDARD_DIMENSIONS = ("sex", "age_group", "urbanisation")
"""Breakdowns that every indicator value has a column for; `_T` stands for all."""


class SdgAlignment(Model):
    """Where the indicator stands in the SDG framework.

    `exact`: the UN definition. `proxy`: measures something else that moves with it; the title says what. `contextual`:
    helps to read a target, measures no SDG indicator.
    """

    goal: Text
    target: Text
    indicator: Text | None = None
    alignment: Literal["exact", "proxy", "contextual"]


class Parameter(Model):
    """A number the query uses as `$name`, with the document it comes from."""

    value: int | float | str
    source: Text


class Prepare(Model):
    """A spatial measure to be computed before the query and read as `prepared.<name>`."""

    measure: Literal["share_of_area"]
    of: Identifier
    within: Identifier


class Ratio(Model):
    """How a value is made: `multiplier × numerator / denominator`, both of which add up over territories."""

    multiplier: int | float = Field(gt=0)


class Target(Model):
    """The value to reach, by when, and who says so."""

    value: float
    year: int
    source: Text


class Assumption(Model):
    """Something taken for granted, rated twice: how sound it is, and how much the value depends on it."""

    text: Text
    quality: Literal["green", "amber", "red"]
    impact: Literal["green", "amber", "red"]


class Disclosure(Model):
    """Values with a denominator under `minimum_count` are withheld, with status Q."""

    minimum_count: int = Field(ge=0)


class Indicator(Model):
    """`indicators/<id>/indicator.yaml`, beside its `query.sql` and `method.md`.

    The query returns the grain, the breakdowns, `series` where declared, `numerator`, `denominator`, optionally
    `numerator_low`, `numerator_high` (the interval that rounding in the source leaves) and `method`, and `input_rows`,
    the `row_id`s of the standard rows that went in. `aggregation: sum_over_members` makes the value of a territory
    that has members from their numerators and denominators, and only from them.
    """

    id: Identifier
    title: Text
    short_title: Text
    description: Text
    sdg: SdgAlignment
    unit: Text
    range: Annotated[list[int | float], Field(min_length=2, max_length=2)]
    direction: Literal["higher_is_better", "lower_is_better", "neutral"]
    grain: list[Identifier] = ["territory_id", "period"]
    series: dict[Identifier, Text] = {}
    disaggregate_by: list[Identifier] = []
    inputs: list[Identifier] = Field(min_length=1)
    parameters: dict[Identifier, Parameter] = {}
    prepare: dict[Identifier, Prepare] = {}
    ratio: Ratio
    aggregation: Literal["sum_over_members", "none"] = "sum_over_members"
    target: Target | None = None
    disclosure: Disclosure = Disclosure(minimum_count=0)
    requires_level: int = Field(1, ge=1, le=4)
    assumptions: list[Assumption] = []
    caveats: list[Text] = []
    method_version: int = Field(ge=1)

    @model_validator(mode="after")
    def _consistent(self) -> "Indicator":
        if self.range[0] >= self.range[1]:
            raise ValueError("'range' must be [low, high] with low below high")
        if self.grain != ["territory_id", "period"]:
            raise ValueError("the grain is [territory_id, period]; breakdowns go into 'disaggregate_by'")
        return self

    @property
    def dimensions(self) -> list[str]:
        """The breakdowns of this indicator that are not among the standard ones."""
        return [name for name in self.disaggregate_by if name not in STANDARD_DIMENSIONS]

    @property
    def breakdowns(self) -> list[str]:
        """The breakdown columns of this indicator's values: the standard ones, then its own."""
        return [*STANDARD_DIMENSIONS, *self.dimensions]
