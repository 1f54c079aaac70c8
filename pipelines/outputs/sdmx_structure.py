"""The data structure of a release in SDMX: its components, their code lists, and the messages for both."""

import json
import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from pipelines.errors import DataError
from pipelines.outputs.code_lists import (
    ALIGNMENT,
    CERTIFICATE_LEVEL,
    CONF_STATUS,
    FREQUENCY,
    OBS_STATUS,
    Meaning,
    breakdown_name,
)
from pipelines.outputs.release import Release
from pipelines.outputs.tables import DIMENSION_DESCRIPTION, INDICATOR_VALUE
from pipelines.specs.workspace import TERRITORY
from pipelines.warehouse import quote

if TYPE_CHECKING:
    from pysdmx.model import Codelist, Concept
    from pysdmx.model.dataflow import Component, Dataflow

AGENCY = "GROMA"
DATAFLOW = "INDICATOR_VALUE"
VERSION = "1.0"
STRUCTURE_ID = f"{AGENCY}:{DATAFLOW}({VERSION})"

_URN = "urn:sdmx:org.sdmx.infomodel"
_DESCRIBED = {column.name: column.description for column in INDICATOR_VALUE.columns}
_FREQUENCY_OF_PERIOD = "CASE WHEN period LIKE '%-Q%' THEN 'Q' WHEN period LIKE '%-%' THEN 'M' ELSE 'A' END"
_SERIES = "upper(indicator_id) || CASE WHEN series = '' THEN '' ELSE '__' || upper(series) END"
_UNIT = "CASE unit WHEN '%' THEN 'PT' ELSE upper(unit) END"


def _code(sql: str) -> str:
    """SQL for the SDMX identifier of a text: characters that no identifier may have become underscores."""
    return f"regexp_replace({sql}, '[^A-Za-z0-9_@$-]', '_', 'g')"


@dataclass(frozen=True)
class SdmxComponent:
    """A column of the SDMX-CSV.

    `sql` gives its cells from `indicator_value`. A coded one has either `meanings`, a list that does not depend on
    the release, or `columns`, the columns of `indicator_value` whose values its codes stand for, one code for each.
    `attached_to` is the dimension that an attribute is constant within, or O for the observation.
    """

    id: str
    role: Literal["dimension", "measure", "attribute"]
    name: str
    sql: str
    description: str
    type: Literal["code", "decimal", "text", "period"] = "code"
    columns: tuple[str, ...] = ()
    meanings: dict[str, Meaning] | None = None
    attached_to: str = "O"
    is_required: bool = True


def components(release: Release) -> list[SdmxComponent]:
    """The columns of the SDMX-CSV, in order; breakdowns that only some indicators have are dimensions of all.

    Raises:
        DataError: A breakdown's name is taken by another component.
    """
    own = release.own_dimensions
    found = [
        SdmxComponent("FREQ", "dimension", "Frequency", _FREQUENCY_OF_PERIOD, _DESCRIBED["period"], meanings=FREQUENCY),
        _dimension("SERIES", "Indicator and series", ("indicator_id", "series"), _SERIES),
        _dimension("REF_AREA", "Territory", ("territory_id",)),
        _dimension("SEX", "Sex", ("sex",)),
        _dimension("AGE", "Age", ("age_group",)),
        _dimension("URBANISATION", "Urban or rural", ("urbanisation",)),
        *(_dimension(name.upper(), _in_words(name), (name,)) for name in own),
        SdmxComponent("TIME_PERIOD", "dimension", "Reference period", "period", _DESCRIBED["period"], "period"),
        SdmxComponent("OBS_VALUE", "measure", "Value", "value", _DESCRIBED["value"], "decimal", is_required=False),
        _attribute("obs_status", meanings=OBS_STATUS),
        _attribute("conf_status", meanings=CONF_STATUS),
        replace(_attribute("unit", columns=("unit",), attached_to="SERIES"), id="UNIT_MEASURE", sql=_code(_UNIT)),
        _attribute("value_low", type="decimal", is_required=False),
        _attribute("value_high", type="decimal", is_required=False),
        _attribute("numerator", type="decimal", is_required=False),
        _attribute("denominator", type="decimal", is_required=False),
        _attribute("cert_level", meanings=CERTIFICATE_LEVEL),
        _attribute("alignment", meanings=ALIGNMENT, attached_to="SERIES"),
        _attribute("status_reason", type="text", is_required=False),
        _attribute("method", type="text"),
    ]
    reserved = ["STRUCTURE", "STRUCTURE_ID", "STRUCTURE_NAME", "ACTION", "SERIES_KEY", "OBS_KEY"]
    counts = Counter([*reserved, *(component.id for component in found)])
    if taken := [name for name in own if counts[name.upper()] > 1]:
        raise DataError(
            f"the breakdown {taken[0]!r} cannot be published in SDMX: {taken[0].upper()} means something else there",
            fix="rename the breakdown in the indicator's query and in 'disaggregate_by'",
        )
    return found


def _dimension(component_id: str, name: str, columns: tuple[str, ...], sql: str | None = None) -> SdmxComponent:
    described = _DESCRIBED.get(columns[0], DIMENSION_DESCRIPTION)
    return SdmxComponent(component_id, "dimension", name, _code(sql or quote(columns[0])), described, columns=columns)


def _attribute(column: str, **more: Any) -> SdmxComponent:
    return SdmxComponent(column.upper(), "attribute", _in_words(column), column, _DESCRIBED[column], **more)


def _in_words(column: str) -> str:
    return column.replace("_", " ").capitalize()


def structure_messages(release: Release, columns: list[SdmxComponent]) -> dict[str, str]:
    """The code lists, concepts, data structure and dataflow as SDMX-ML, by version of the format.

    Raises:
        DataError: Two values of the release would get the same SDMX code.
    """
    from pysdmx.io import write_sdmx
    from pysdmx.io.format import Format
    from pysdmx.model import ConceptScheme, Organisation
    from pysdmx.model.dataflow import Components, DataStructureDefinition
    from pysdmx.model.message import Header

    lists = {column.id: _code_list(release, column) for column in columns if column.type == "code"}
    concepts = {column.id: _concept(column) for column in columns}
    scheme = ConceptScheme(
        id=f"CS_{DATAFLOW}", name="Concepts of groma", agency=AGENCY, version=VERSION, items=list(concepts.values())
    )
    structure = DataStructureDefinition(
        id=DATAFLOW,
        name="Indicator values",
        agency=AGENCY,
        version=VERSION,
        components=Components([_component(column, concepts[column.id], lists.get(column.id)) for column in columns]),
    )
    header = Header(
        id=release.release_id,
        # A header must say when it was prepared. The clock would give one release other bytes every time.
        prepared=datetime(1970, 1, 1, tzinfo=UTC),
        sender=Organisation(id=AGENCY),
    )
    artefacts = [*lists.values(), scheme, structure, _dataflow(release, structure.short_urn)]
    formats = {"3.0": Format.STRUCTURE_SDMX_ML_3_0, "2.1": Format.STRUCTURE_SDMX_ML_2_1}
    return {version: write_sdmx(artefacts, kind, header=header) or "" for version, kind in formats.items()}


def _dataflow(release: Release, structure: str) -> "Dataflow":
    from pysdmx.model.dataflow import Dataflow

    return Dataflow(
        id=DATAFLOW,
        name=_xml_text(release.title),
        description=_xml_text(INDICATOR_VALUE.description),
        agency=AGENCY,
        version=VERSION,
        structure=structure,
    )


def _concept(column: SdmxComponent) -> "Concept":
    from pysdmx.model import Concept

    urn = f"{_URN}.conceptscheme.Concept={AGENCY}:CS_{DATAFLOW}({VERSION}).{column.id}"
    return Concept(id=column.id, name=column.name, description=column.description, urn=urn)


def _component(column: SdmxComponent, concept: "Concept", codes: "Codelist | None") -> "Component":
    from pysdmx.model import DataType, Role
    from pysdmx.model.dataflow import Component

    types = {"decimal": DataType.DECIMAL, "text": DataType.STRING, "period": DataType.PERIOD}
    return Component(
        id=column.id,
        required=column.is_required,
        role=Role[column.role.upper()],
        concept=concept,
        local_dtype=types.get(column.type),
        local_codes=codes,
        attachment_level=column.attached_to if column.role == "attribute" else None,
    )


def _code_list(release: Release, column: SdmxComponent) -> "Codelist":
    """Every code in the release, with its name, and the value it stands for where that is spelled otherwise."""
    from pysdmx.model import Annotation, Code, Codelist

    if column.meanings is not None:
        codes = [Code(id=code, name=name, description=note) for code, (name, note) in column.meanings.items()]
    else:
        names = _names(release, column)
        codes = []
        for code, *values in _distinct(release, column):
            notes = dict(zip(column.columns, values, strict=True)) if [code] != values else {}
            annotations = [Annotation(id=key.upper(), title=value) for key, value in notes.items() if value]
            name = _xml_text(names.get(tuple(values)) or breakdown_name(column.columns[0], values[0]))
            codes.append(Code(id=code, name=name, annotations=annotations))
    return Codelist(id=f"CL_{column.id}", name=column.name, agency=AGENCY, version=VERSION, items=codes)


def _distinct(release: Release, column: SdmxComponent) -> list[tuple[str, ...]]:
    values = ", ".join(map(quote, column.columns))
    rows = release.warehouse.rows(f"SELECT DISTINCT {column.sql}, {values} FROM indicator_value ORDER BY ALL")
    for (code, *one), (other, *two) in pairwise(rows):
        if code == other:
            raise DataError(
                f"{'/'.join(one)!r} and {'/'.join(two)!r} in {', '.join(column.columns)} are one code in SDMX, {code}",
                why="an SDMX code has letters, digits, _, @, $ and -; other characters become _",
                fix="give one of them another code in its source's declaration",
            )
    return rows


def _names(release: Release, column: SdmxComponent) -> dict[tuple[str, ...], str]:
    """The names of a code list's values where a table of the release has them."""
    if column.id == "REF_AREA":
        rows = release.warehouse.rows(f"SELECT territory_id, territory_name FROM {TERRITORY}")
        return {(territory_id,): name for territory_id, name in rows}
    if column.id == "SERIES":
        names: dict[tuple[str, ...], str] = {}
        rows = release.warehouse.rows("SELECT indicator_id, title, series FROM indicator")
        for indicator_id, title, series in rows:
            names[indicator_id, ""] = title
            for code, text in json.loads(series).items():
                names[indicator_id, code] = f"{title}: {text}"
        return names
    return {("%",): "Per cent"} if column.id == "UNIT_MEASURE" else {}


def _xml_text(text: str) -> str:
    """The text without the characters that XML cannot hold."""
    return re.sub("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)
