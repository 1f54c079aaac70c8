"""Files made up for each schema of a national registry, judged by DuckDB and by Frictionless."""

import csv
import io
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from frictionless import Schema

from tests.unit.validation.oracle import V2_SCHEMA, Case, difference, frictionless_verdict, our_verdict
from tests.unit.validation.strategies import KINDS

REGISTRY = Path(__file__).parents[3].parent / "shared/data/table_schemas/registry"
FILES = sorted(REGISTRY.glob("*.json"))
ROWS = 60
# The row of the header is said: Frictionless would take the first one that is as wide as the average.
RESOURCE = {"encoding": "utf-8", "dialect": {"headerRows": [1], "csv": {"delimiter": ",", "skipInitialSpace": False}}}
# Without carriage returns: those make a file one for the exact reader.
NASTY = [
    "", "0", "-1", "007", "+5", "12.0", "1.5", "1,5", "1_000", "1e3", "NaN", "INF", "٢٤", "½", "true", "oui", "2024",
        "24",
    "2023-02-29", "2024-1-5", "a", "n/a", "é", "e\u0301", "a\u200cb", "a\nb", 'x"y', "null", "None", "\xa0", "1\xa0",
    "[1,]", "[NaN]", "{}", "1,2", "181,0", "http://a b", "2024-02-29T10:00:00", "x" * 300, "a\n", "  ", "\t", "0\0",
]  # fmt: skip

needs_the_registry = pytest.mark.skipif(not FILES, reason=f"the registry is not here: {REGISTRY}")


def good_texts(expected: Any, descriptor: dict[str, Any], chance: random.Random) -> list[str]:
    """Texts that a field accepts, as many kinds of them as are found."""
    kind = KINDS[expected.type]
    given = [descriptor.get("example"), *descriptor.get("constraints", {}).get("enum", [])]
    texts = [str(value) for value in given if value is not None]
    texts += [text for goods in kind.goods.values() for text in goods]
    texts += [text for name in ("trueValues", "falseValues") for text in descriptor.get(name, [])]
    texts += ["".join(chance.choices("0123456789", k=length)) for length in (2, 4, 5, 9, 14)]
    texts += [f"{chance.randint(-180, 180)}.{chance.randint(0, 999)}", "[1.5, 2]", '["a"]', "2016"]
    read = expected.create_cell_reader()
    return [text for text in texts if not read(text)[1]] or ["?"]


def made_up(descriptor: dict[str, Any], seed: str) -> bytes:
    """A file of rows that are mostly right."""
    chance = random.Random(seed)
    schema = Schema.from_descriptor(
        {"$schema": V2_SCHEMA, **json.loads(json.dumps({**descriptor, "$schema": V2_SCHEMA}))}
    )
    goods = [
        good_texts(expected, given, chance) for expected, given in zip(schema.fields, descriptor["fields"], strict=True)
    ]
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(schema.field_names)
    for _ in range(ROWS):
        row = row_of(goods, chance)
        if row:
            writer.writerow(row)
        else:
            file.write("\n")
    return file.getvalue().encode()


def row_of(goods: Sequence[Sequence[str]], chance: random.Random) -> list[str]:
    row = [chance.choice(texts) for texts in goods]
    shape = chance.randrange(20)
    if shape < 12:
        return row
    if shape < 17:
        for _ in range(chance.choice([1, 1, 3])):
            row[chance.randrange(len(row))] = chance.choice(NASTY)
        return row
    if shape == 17:
        return row[: chance.randrange(len(row))]
    return [*row, "extra"] if shape == 18 else []


def test_the_registry_is_whole() -> None:
    assert len(FILES) in (0, 59)


@needs_the_registry
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_of_each_schema_is_judged_alike(file: Path, tmp_path: Path) -> None:
    descriptor = json.loads(file.read_text())
    references = {
        name: (made_up(referred, name), {**referred, "foreignKeys": []})
        for name, referred in referred_by(descriptor).items()
    }
    case = Case(made_up(descriptor, file.name), descriptor, RESOURCE, references=references)
    theirs, ours = frictionless_verdict(case, tmp_path), our_verdict(case, tmp_path, "duckdb")
    assert ours.engine == "duckdb"
    assert theirs.errors
    assert difference(case, theirs, ours) is None


@needs_the_registry
def test_a_reference_to_a_file_that_is_not_given(tmp_path: Path) -> None:
    for file in FILES:
        descriptor = json.loads(file.read_text())
        if referred_by(descriptor):
            case = Case(made_up(descriptor, file.name), descriptor, RESOURCE)
            assert difference(case, frictionless_verdict(case, tmp_path), our_verdict(case, tmp_path, "duckdb")) is None


def referred_by(descriptor: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The schemas that the foreign keys of a schema refer to, by name."""
    names = {group["reference"]["resource"] for group in descriptor.get("foreignKeys", [])}
    schemas = (json.loads(other.read_text()) for other in FILES)
    return {schema["name"]: schema for schema in schemas if schema.get("name") in names}
