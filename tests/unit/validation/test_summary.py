"""The summary: what it says of Frictionless' own reports, in three languages, from one catalogue."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from string import Formatter
from typing import Any, get_args

import pytest
from frictionless import Checklist, Package
from frictionless.resources import TableResource

from pipelines.validation.expectations import expectation
from pipelines.validation.messages import LANGUAGES, NARROW_SPACE, Language, Messages, catalogue, shown
from pipelines.validation.report import BEYOND, Error, Report
from pipelines.validation.summary import Summary, summarise

V2 = "https://datapackage.org/profiles/2.0/dataresource.json"
N = NARROW_SPACE
PLURALS = {"en": {"one", "other"}, "fr": {"one", "many", "other"}, "es": {"one", "many", "other"}}
CONSTRAINTS = {
    "required",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "pattern",
    "enum",
}
# `unique` has a type of error of its own. Sets of rules that judge no table (pipelines, inquiries, …) never come up.
ABSTRACT = {
    "error",
    "data-error",
    "table-error",
    "row-error",
    "cell-error",
    "header-error",
    "label-error",
    "file-error",
}
OF_OTHER_THINGS = {
    "metadata-error",
    "catalog-error",
    "dataset-error",
    "detector-error",
    "inquiry-error",
    "inquiry-task-error",
    "pipeline-error",
    "step-error",
    "report-error",
    "report-task-error",
    "stats-error",
}


def converted(task: Any) -> Report:
    """Frictionless' own report on one table, as ours."""
    found = [Error.of(error) for error in task.errors]
    return Report(task.name, task.place, task.labels, found, task.warnings, rows=task.stats.get("rows"))


def judged(
    folder: Path,
    text: str,
    fields: Sequence[dict[str, Any]],
    language: Language = "en",
    *,
    checks: Sequence[dict[str, Any]] = (),
    options: dict[str, Any] | None = None,
    **schema: Any,
) -> Summary:
    """What Frictionless finds in a file, summed up."""
    (folder / "table.csv").write_text(text, encoding="utf-8")
    table_schema = {"fields": list(fields), **schema}
    resource = TableResource.from_descriptor(
        {
            "$schema": V2,
            "name": "table",
            "type": "table",
            "path": "table.csv",
            "encoding": "utf-8",
            "dialect": {"csv": {"delimiter": ","}},
            "schema": table_schema,
        },
        basepath=str(folder),
    )
    checklist = Checklist.from_descriptor({"checks": list(checks)})
    (task,) = resource.validate(checklist, **(options or {})).tasks
    return summarise(converted(task), table_schema, language)


def field(name: str, kind: str = "string", /, **more: Any) -> dict[str, Any]:
    constraints = {key: more.pop(key) for key in (*sorted(CONSTRAINTS), "unique") if key in more}
    return {"name": name, "type": kind, "constraints": constraints, **more}


# ------------------------------------------------------------------------------------------------------ the catalogue


def texts(part: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Every message of the catalogue: a mapping from languages to texts."""
    if not isinstance(part, dict):
        return
    if part.keys() & set(LANGUAGES):
        yield path, part
        return
    for key, value in part.items():
        yield from texts(value, (*path, key))


MESSAGES = dict(texts(catalogue()))


def forms(text: str | dict[str, str]) -> dict[str, str]:
    return text if isinstance(text, dict) else {"other": text}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_languages_of_the_catalogue_are_those_of_the_interface() -> None:
    assert LANGUAGES == get_args(Language) == ("en", "fr", "es")
    assert len(MESSAGES) > 150


@pytest.mark.parametrize("path", MESSAGES, ids=".".join)
def test_message_stands_in_every_language_with_the_same_words_to_fill_in(path: tuple[str, ...]) -> None:
    message = MESSAGES[path]
    assert set(message) == set(LANGUAGES)
    assert all(text.strip() for language in LANGUAGES for text in forms(message[language]).values())
    wanted = {language: placeholders(forms(message[language])["other"]) for language in LANGUAGES}
    assert wanted["en"] == wanted["fr"] == wanted["es"]


@pytest.mark.parametrize("path", MESSAGES, ids=".".join)
def test_counted_message_has_every_form_of_its_language(path: tuple[str, ...]) -> None:
    message = MESSAGES[path]
    counted = [language for language in LANGUAGES if isinstance(message[language], dict)]
    assert counted in ([], list(LANGUAGES))
    for language in counted:
        assert set(message[language]) == PLURALS[language]
        # A single thing may go without its number, nothing else.
        assert placeholders(message[language]["one"]) | {"count"} == placeholders(message[language]["other"]) | {
            "count"
        }


def test_every_rule_says_what_it_is_about_what_is_wrong_and_what_to_do() -> None:
    for rule, parts in catalogue()["rules"].items():
        assert set(parts) == {"about", "problem", "fix"}, rule
        assert parts["about"] in {"cell", "row", "header", "file", "schema", "descriptor"}, rule


def test_every_error_of_frictionless_and_every_constraint_has_its_message() -> None:
    def below(kind: type) -> Iterator[str]:
        yield kind.type  # type: ignore[attr-defined]
        for each in kind.__subclasses__():
            yield from below(each)

    from frictionless.error import Error as FrictionlessError

    types = {kind for kind in below(FrictionlessError) if kind not in ABSTRACT | OF_OTHER_THINGS}
    assert {"type-error", "hash-count", "unmatched-header", "row-constraint"} <= types
    assert (types | CONSTRAINTS | set(BEYOND)) - set(catalogue()["rules"]) == set()


def test_every_type_of_frictionless_has_its_word() -> None:
    from frictionless import fields

    types = {kind.type for kind in vars(fields).values() if isinstance(kind, type) and hasattr(kind, "type")}
    assert {"integer", "geojson"} <= types
    assert types - set(catalogue()["types"]) == set()


# ------------------------------------------------------------------------------------- numbers, plurals, typography


@pytest.mark.parametrize(("language", "text"), [("en", "1,234,567"), ("fr", f"1{N}234{N}567"), ("es", "1.234.567")])
def test_thousands_are_set_apart_as_the_language_does(language: Language, text: str) -> None:
    assert Messages(language).number(1_234_567) == text
    assert Messages(language).number(999) == "999"


@pytest.mark.parametrize(
    ("language", "count", "text"),
    [
        ("en", 0, "0 rows read"),
        ("en", 1, "1 row read"),
        ("en", 2, "2 rows read"),
        ("en", 1_000_000, "1,000,000 rows read"),
        ("fr", 0, "0 ligne lue"),
        ("fr", 1, "1 ligne lue"),
        ("fr", 2, "2 lignes lues"),
        ("fr", 1_000_000, f"1{N}000{N}000 de lignes lues"),
        ("fr", 1_000_001, f"1{N}000{N}001 lignes lues"),
        ("es", 0, "0 filas leídas"),
        ("es", 1, "1 fila leída"),
        ("es", 1_000_000, "1.000.000 de filas leídas"),
    ],
)
def test_plurals_are_those_of_unicode(language: Language, count: int, text: str) -> None:
    assert Messages(language).say("phrases", "rows_read", count=count) == text


def test_french_has_narrow_spaces_before_its_high_marks_and_inside_its_quotes() -> None:
    messages = Messages("fr")
    assert messages.quoted("12,5") == f"«{N}12,5{N}»"
    for path in MESSAGES:
        template = MESSAGES[path]["fr"]
        for text in forms(template).values():
            filled = messages.fill(path, dict.fromkeys(placeholders(text), "x"), 5)
            assert not re.search(r"[ \u00a0][;:!?»]|«[^\u202f]|[^\s\u202f][;!?»]", filled), filled
            assert "'" not in re.sub(r"\w'\w", "", filled), filled


def test_french_typography_leaves_the_file_s_own_words_alone() -> None:
    assert Messages("fr").quoted("a ; b : « c »") == f"«{N}a ; b : « c »{N}»"


def test_spanish_and_english_quotes() -> None:
    assert Messages("es").quoted("12,5") == "«12,5»"
    assert Messages("en").quoted("12,5") == '"12,5"'


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="'de' is not a language of the summaries: en, fr, es"):
        summarise(Report("table", "table.csv", rows=0), None, "de")  # type: ignore[arg-type]


# --------------------------------------------------------------------------------------------- what is shown, is safe


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("plain é 漢", "plain é 漢"),
        ("tab\tline\nend", r"tab\tline\nend"),
        ("\x1b[31mred\x07", r"\x1b[31mred\x07"),
        ("1\u00a0234", r"1\xa0234"),
        ("\u202eabc", r"\u202eabc"),
        ("\udc80", r"\udc80"),
        ("{note} {0}", "{note} {0}"),
        ("x" * 60, "x" * 60),
        ("x" * 61, "x" * 59 + "…"),
    ],
)
def test_values_are_shown_with_what_cannot_be_seen(text: str, seen: str) -> None:
    assert shown(text) == seen


def test_a_value_full_of_control_characters_stays_short() -> None:
    assert len(shown("\x00" * 1_000)) <= 60


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_from_the_file_or_the_schema_reaches_the_terminal_raw(tmp_path: Path, language: Language) -> None:
    evil = "\x1b[2J\u202e"
    fields = [field(f"a{evil}", "integer", title=f"t{evil}", description=evil, enum=[1], example=None)]
    text = judged(tmp_path, f"a{evil}\n{evil}\n", fields[:1], language).text()
    assert all(character.isprintable() or character in f"\n{N}" for character in text)


# ------------------------------------------------------------------------------------------------------- the sentences

POPULATION = [
    field("code", required=True, pattern="[0-9]{5}", title="Code"),
    field("population", "integer", minimum=0, maximum=1000),
]


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "en",
            [
                "table.csv: not valid. 2 rows read: 1 without errors, 1 with errors (1 error in all).",
                "Rows are numbered as in a spreadsheet: the header is row 1.",
                "",
                '1. Row 3, column "population": "12,5" is not a whole number.',
                "   Expected: a whole number; between 0 and 1000",
                "   To do: write the number without decimals; if decimals are meant, the type in the schema is "
                '"number"',
            ],
        ),
        (
            "fr",
            [
                f"table.csv{N}: non valide. 2 lignes lues{N}: 1 sans erreur, 1 avec au moins une erreur "
                "(1 erreur en tout).",
                f"Les lignes sont numérotées comme dans un tableur{N}: l'en-tête est la ligne 1.",
                "",
                f"1. Ligne 3, colonne «{N}population{N}»{N}: «{N}12,5{N}» n'est pas un nombre entier.",
                f"   Attendu{N}: un nombre entier{N}; entre 0 et 1000",
                f"   À faire{N}: écrivez le nombre sans décimales{N}; si elles sont voulues, le type à déclarer dans "
                f"le schéma est «{N}number{N}»",
            ],
        ),
        (
            "es",
            [
                "table.csv: no válido. 2 filas leídas: 1 sin errores, 1 con algún error (1 error en total).",
                "Las filas se numeran como en una hoja de cálculo: la cabecera es la fila 1.",
                "",
                "1. Fila 3, columna «population»: «12,5» no es un número entero.",
                "   Se espera: un número entero; entre 0 y 1000",
                "   Qué hacer: escriba el número sin decimales; si son intencionados, el tipo en el esquema es "
                "«number»",
            ],
        ),
    ],
)
def test_a_report_in_full(tmp_path: Path, language: Language, lines: list[str]) -> None:
    summary = judged(tmp_path, 'code,population\n10101,5\n10102,"12,5"\n', POPULATION, language)
    assert summary.text().split("\n") == lines


def test_the_same_rule_on_the_same_field_is_one_group(tmp_path: Path) -> None:
    rows = "".join(f"{10_000 + number},{'x' * (number % 7 + 1)}\n" for number in range(20))
    summary = judged(tmp_path, f"code,population\n{rows}1234,2000\n1235,-1\n", POPULATION)
    groups = {(group.rule, group.column): group for group in summary.groups}
    assert set(groups) == {
        ("type-error", "population"),
        ("pattern", "code"),
        ("maximum", "population"),
        ("minimum", "population"),
    }
    types = groups["type-error", "population"]
    assert (types.errors, types.rows, types.first_rows) == (20, 20, [2, 3, 4, 5, 6])
    assert types.values == ["x", "xx", "xxx", "xxxx"]
    assert summary.groups[0] == types
    assert groups["pattern", "code"].first_rows == [22, 23]
    assert groups["maximum", "population"].problem.endswith('"2000" is more than the largest value allowed, 1000.')
    assert groups["minimum", "population"].problem.endswith('"-1" is less than the smallest value allowed, 0.')
    assert (summary.rows, summary.rows_in_order, summary.rows_with_errors, summary.errors) == (22, 0, 22, 24)
    text = summary.text()
    assert "20 rows, the first being 2, 3, 4, 5, 6" in text
    assert '2 rows: 22, 23; another value: "1235"' in text


def test_a_valid_table(tmp_path: Path) -> None:
    summary = judged(tmp_path, "code,population\n10101,5\n", POPULATION, "fr")
    assert summary.text() == f"table.csv{N}: valide. 1 ligne lue, 1 sans erreur."
    assert summary.valid
    assert summary.groups == []


def test_an_empty_file(tmp_path: Path) -> None:
    summary = judged(tmp_path, "", POPULATION, "fr")
    assert [group.problem for group in summary.groups] == [f"Fichier{N}: le fichier est vide."]


@pytest.mark.parametrize(
    ("language", "verdict"),
    [
        (
            "en",
            "table.csv: not valid. 3 rows read: 3 with errors so far. "
            "Stopped at 3 errors, the limit: what follows was not looked at.",
        ),
        (
            "fr",
            f"table.csv{N}: non valide. 3 lignes lues{N}: 3 avec au moins une erreur à ce stade. "
            f"Contrôle arrêté à 3 erreurs, la limite fixée{N}: la suite n'a pas été examinée.",
        ),
    ],
)
def test_a_limit_is_said_and_what_it_hides_is_not_claimed(tmp_path: Path, language: Language, verdict: str) -> None:
    text = "code,population\n" + "10101,x\n" * 9
    summary = judged(tmp_path, text, POPULATION, language, options={"limit_errors": 3})
    assert summary.verdict == verdict
    assert summary.rows_in_order is None


def test_the_limit_of_rows(tmp_path: Path) -> None:
    text = "code,population\n" + "10101,1\n" * 9
    summary = judged(tmp_path, text, POPULATION, options={"limit_rows": 4})
    assert summary.verdict.endswith("Only the first 4 rows were judged, the limit asked for.")


def test_accepted_rows_are_known_in_spite_of_the_limit() -> None:
    error = Error("blank-row", "", 2, cells=["", ""])
    report = Report("t", "t.csv", [], [error], ["reached error limit: 1"], rows=10, accepted=6)
    summary = summarise(report)
    assert (summary.rows_in_order, summary.rows_with_errors) == (6, 4)
    assert summary.verdict == (
        "t.csv: not valid. 10 rows read: 6 without errors, 4 with errors. "
        "Only the first error is listed; all rows were judged."
    )


# ----------------------------------------------------------------------------------------------------- rows and keys


def test_rows_that_are_short_long_blank_or_double(tmp_path: Path) -> None:
    fields = [field("a", "integer", unique=True), field("b"), field("c")]
    text = "a,b,c\n1,x,y\n2\n3,x,y,more,and more\n\n1,z,y\n1,z,y\n"
    summary = judged(tmp_path, text, fields, checks=[{"type": "duplicate-row"}])
    problems = {group.rule: group.problem for group in summary.groups}
    assert problems == {
        "missing-cell": 'Row 3: the row has fewer cells than the header; missing: "b", "c".',
        "extra-cell": 'Row 4: the row has more cells than the header; too many: "more", "and more".',
        "blank-row": "Row 5: the row is empty.",
        "unique-error": 'Row 6, column "a": "1" already stands in row 2, and each value may occur only once.',
        "duplicate-row": "Row 7: the row is the same as row 6.",
    }


def test_keys_are_told_with_their_values(tmp_path: Path) -> None:
    fields = [field("note"), field("code"), field("year", "integer")]
    text = "note,code,year\nx,A,2020\ny,A,2020\nz,,\n"
    problems = [group.problem for group in judged(tmp_path, text, fields, "fr", primaryKey=["code", "year"]).groups]
    assert problems == [
        f"Ligne 3{N}: la clé code = «{N}A{N}», year = «{N}2020{N}» figure déjà à la ligne 2.",
        f"Ligne 4{N}: aucune cellule de la clé n'a de valeur utilisable.",
    ]


@pytest.mark.parametrize(("reference", "table"), [("towns", f"la table «{N}towns{N}»"), ("", "cette table")])
def test_a_foreign_key_names_the_table_it_looks_in(tmp_path: Path, reference: str, table: str) -> None:
    (tmp_path / "towns.csv").write_text("code\nA\n", encoding="utf-8")
    (tmp_path / "people.csv").write_text("name,town\nA,A\nB,X\n", encoding="utf-8")
    other = "code" if reference else "name"
    schema = {
        "fields": [field("name"), field("town")],
        "foreignKeys": [{"fields": ["town"], "reference": {"resource": reference, "fields": [other]}}],
    }
    towns = {"name": "towns", "type": "table", "path": "towns.csv", "schema": {"fields": [field("code")]}}
    people = {"name": "people", "type": "table", "path": "people.csv", "schema": schema}
    tasks = Package.from_descriptor({"resources": [people, towns]}, basepath=str(tmp_path)).validate().tasks
    (group,) = summarise(converted(tasks[0]), schema, "fr").groups
    assert group.problem == f"Ligne 3{N}: town = «{N}X{N}» ne figure pas parmi les clés de {table}."
    assert group.fix == [f"corrigez le code, ou ajoutez-le d'abord à {table}"]


def test_rules_over_the_row_are_kept_apart(tmp_path: Path) -> None:
    fields = [field("a", "integer"), field("b", "integer")]
    checks = [{"type": "row-constraint", "formula": formula} for formula in ("a < b", "a > 0")]
    groups = judged(tmp_path, "a,b\n1,0\n-1,5\n-2,5\n", fields, checks=checks).groups
    assert [(group.rule, group.rows) for group in groups] == [("row-constraint", 2), ("row-constraint", 1)]
    assert '"a < b"' in groups[1].problem


# ------------------------------------------------------------------------------------------------------------- header


def test_what_is_wrong_with_the_header(tmp_path: Path) -> None:
    fields = [field("a"), field("b"), field("c"), field("d")]
    (group,) = judged(tmp_path, "a,b\n1,1\n", fields).groups
    assert group.problem == 'Header: 2 columns are missing: "c", "d".'
    (group,) = judged(tmp_path, "a,x,y,d\n1,1,1,1\n", fields).groups
    assert group.problem == (
        'Header: 2 columns have other names than in the schema: "x" instead of "b", "y" instead of "c".'
    )
    assert group.fix == ["rename the columns as in the schema and put them in its order"]
    problems = [group.problem for group in judged(tmp_path, "a,b,,d,e,e\n1,1,1,1,1,1\n", fields).groups]
    assert 'Header: 2 columns are not in the schema: "e", "e".' in problems
    assert "Header: a column has no name (its position: 3)." in problems


def test_columns_in_another_order_are_told_from_unknown_ones(tmp_path: Path) -> None:
    summary = judged(tmp_path, "population,code\n5,10101\n", POPULATION, "fr")
    assert summary.groups[0].fix == [
        f"toutes les colonnes sont là, dans un autre ordre{N}: remettez-les dans l'ordre du schéma, ou mettez "
        f"«{N}fieldsMatch{N}» à «{N}equal{N}»"
    ]
    assert summary.notes[0].startswith("Corrigez d'abord l'en-tête")


# ---------------------------------------------------------------------------------------- what is expected, what to do


@pytest.mark.parametrize(
    ("descriptor", "text"),
    [
        (field("a"), "a text"),
        (field("a", required=True), "a text; required"),
        (field("a", minLength=5, maxLength=5), "exactly 5 characters"),
        (field("a", minLength=1), "at least 1 character"),
        (field("a", maxLength=1200), "at most 1,200 characters"),
        (field("a", pattern="[a-z]+"), "of the form [a-z]+"),
        (field("a", enum=["x", "y"]), 'one of "x", "y"'),
        (field("a", enum=list("abcdefgh")), 'one of "a", "b", "c", "d", "e", "f" and 2 others'),
        (field("a", categories=[{"value": "x", "label": "An x"}]), 'one of "x"'),
        (field("a", format="email"), "an e-mail address"),
        (field("a", "integer", minimum=1), "a whole number; 1 or more"),
        (field("a", "integer", exclusiveMinimum=1, maximum=9), "a whole number; 9 or less; more than 1"),
        (
            field("a", "number", decimalChar=",", groupChar=" "),
            'a number; decimal mark ","; thousands may be set apart by " "',
        ),
        (field("a", "boolean"), 'one of "true", "1", "false", "0"'),
        (field("a", "boolean", trueValues=["oui"], falseValues=["non"]), 'one of "oui", "non"'),
        (field("a", "date"), "a date written YYYY-MM-DD"),
        (field("a", "date", format="%d/%m/%Y"), "a date written DD/MM/YYYY"),
        (field("a", "date", format="any"), "a date"),
        (field("a", "datetime"), "a date with time written YYYY-MM-DDThh:mm:ss"),
        (field("a", "date", format="%j %B"), "a date written %j %B"),
        (field("a", "yearmonth"), "a month written YYYY-MM"),
        (field("a", "geojson", format="topojson"), "a geometry in TopoJSON"),
        (field("a", "integer", unique=True, example=12), 'a whole number; each value once; for example "12"'),
        ({"name": "a", "type": "nonsense", "constraints": None}, "a value"),
    ],
    ids=str,
)
def test_what_a_field_expects(descriptor: dict[str, Any], text: str) -> None:
    assert expectation(descriptor, Messages("en")) == text


def test_a_date_in_french_letters() -> None:
    messages = Messages("fr")
    assert expectation(field("a", "date", format="%d/%m/%Y"), messages) == "une date au format JJ/MM/AAAA"


@pytest.mark.parametrize(
    ("descriptor", "cell", "advice"),
    [
        (field("a", "integer"), "12.0", "write the number without decimals"),
        (field("a", "integer"), "1 234", "write the number without separators between thousands"),
        (field("a", "integer"), "1\u202f234\u202f567", "write the number without separators between thousands"),
        (field("a", "integer"), "12 %", "write the number alone"),
        (field("a", "integer"), "n.d.", 'if this means "no figure"'),
        (field("a", "number"), "12,5", 'write "." as the decimal mark'),
        (field("a", "number", decimalChar=","), "12.5", 'write "," as the decimal mark'),
        (field("a", "date"), "31/12/2020", "write year, month and day in the order YYYY-MM-DD"),
        (field("a", "date"), "20201231", "write year, month and day in the order YYYY-MM-DD"),
        (field("a", "date", format="%d/%m/%Y"), "2020-12-31", "write year, month and day in the order DD/MM/YYYY"),
        (field("a", "date"), "2021-02-29", "there is no such day in the calendar"),
        (field("a", "date", format="%d/%m/%Y"), "31/04/2021", "there is no such day in the calendar"),
        (field("a", "date"), "2021-02-28T10:00:00", "keep the date only"),
        (field("a", "date"), "2021-02-28 ", "remove the spaces or invisible characters"),
        (field("a", "boolean"), "oui", "use one of the values above"),
        (field("a", "boolean"), "true ", "remove the spaces or invisible characters"),
        (field("a", enum=["Femme", "Homme"]), "femme", 'write "Femme"'),
        (field("a", enum=["Femme", "Homme"]), "Hommme", 'write "Homme"'),
        (field("a", enum=["Femme", "Homme"]), "X", "use a value of the list"),
        (field("a", pattern="[a-z]{3}"), "abc\u00a0", "remove the spaces or invisible characters"),
        (field("a", required=True, missingValues=["NA"]), "NA", '"NA": this counts as an empty cell in this schema'),
        (field("a", required=True, missingValues=["NA", ""]), '""', "fill in the value"),
        (field("a", "year"), "20", "correct the value"),
    ],
    ids=str,
)
def test_what_the_value_itself_suggests(tmp_path: Path, descriptor: dict[str, Any], cell: str, advice: str) -> None:
    quoted = cell if cell == '""' else f'"{cell}"'
    (group,) = judged(tmp_path, f"a,b\n{quoted},x\n", [descriptor, field("b")]).groups
    assert [fix[: len(advice)] for fix in group.fix] == [advice]


def test_of_several_values_each_has_its_own_advice(tmp_path: Path) -> None:
    (group,) = judged(tmp_path, 'a\n"1,5"\nn.d.\n"2,5"\n', [field("a", "number")], "fr").groups
    assert [fix.partition(f"{N}: ")[0] for fix in group.fix] == [f"«{N}1,5{N}»", f"«{N}n.d.{N}»"]


def test_the_schema_s_own_words_are_added(tmp_path: Path) -> None:
    described = field("a", "integer", title="Population", description="People on census night.\n" + "Really. " * 60)
    (group,) = judged(tmp_path, "a\nx\n", [described]).groups
    assert group.meaning is not None
    assert group.meaning.startswith("Population – People on census night. Really.")
    assert len(group.meaning) <= 200
    assert "In the schema: Population – People" in judged(tmp_path, "a\nx\n", [described]).text()


# --------------------------------------------------------------------------------------- what concerns no row, and more


def test_counts_of_a_descriptor_are_compared(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("a\n1\n", encoding="utf-8")
    descriptor = {"name": "table", "type": "table", "path": "table.csv", "rows": 5, "bytes": 9}
    (task,) = TableResource.from_descriptor(descriptor, basepath=str(tmp_path)).validate().tasks
    problems = [group.problem for group in summarise(converted(task)).groups]
    assert problems == [
        "File: size in bytes 4 instead of 9.",
        "File: number of rows 1 instead of 5.",
    ]


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (
            Error("schema-error", "bound of the field x"),
            "Schéma : le tableau ne peut pas être contrôlé avec ce schéma (bound",
        ),
        (Error("encoding-error", "'utf-8' codec"), "Fichier : les caractères ne sont pas lisibles dans l'encodage"),
        (Error("dialect-error", "x"), "Descripteur : le dialecte du fichier"),
        (Error("unheard-of", "what\x00"), r"Fichier : unheard-of (what\x00)."),
        (
            Error("constraint-error", 'constraint "jsonSchema" is "{}"', 2, 1, "a", "x"),
            "Ligne 2, colonne « a » : « x » ne",
        ),
        (
            Error("category-error", "x", 2, 1, "a", "x"),
            "Ligne 2, colonne « a » : « x » ne fait pas partie des modalités",
        ),
        (
            Error("unstorable-value", "x", 2, 1, "a", "1e999"),
            "Ligne 2, colonne « a » : « 1e999 » est conforme au schéma",
        ),
        (
            Error("unique-key", '"a, b" is the same as in the row at position 4', 7, cells=["1", "2"]),
            "Ligne 7 : la combinaison a = « 1 », b = « 2 » figure déjà à la ligne 4.",
        ),
        (
            Error("unique-key", "x", 7, details={"field_names": ["a"]}),
            "Ligne 7 : la combinaison a = «  » figure déjà à une",
        ),
    ],
    ids=lambda value: getattr(value, "type", None),
)
def test_errors_of_other_kinds(error: Error, problem: str) -> None:
    report = Report("t", "t.csv", ["a", "b"], [error], rows=None)
    summary = summarise(report, None, "fr")
    (group,) = summary.groups
    assert group.problem.replace(N, " ").startswith(problem)
    assert summary.verdict == f"t.csv{N}: contrôle impossible."


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_can_be_said(language: Language) -> None:
    """No message asks for a word that nothing fills in."""
    for rule in catalogue()["rules"]:
        kind = "constraint-error" if rule in CONSTRAINTS else rule.removesuffix("-empty")
        note = f'constraint "{rule}" is "3"' if rule in CONSTRAINTS else "note"
        details = {"labels": ["a"], "label": "a", "field_names": ["a"], "reference_name": "b"}
        summary = summarise(
            Report("t", "t", ["a"], [Error(kind, note, 2, 1, "a", "x", ["x"], details)], rows=1),
            {"fields": [field("a")], "primaryKey": "a"},
            language,
        )
        assert "{" not in summary.text()
        assert summary.groups[0].problem


@pytest.mark.parametrize(
    "schema",
    [None, {}, {"fields": None}, {"fields": [None, {"name": 1}, {"name": "a", "constraints": 5, "title": {}}]}],
)
def test_a_schema_that_makes_no_sense_is_no_hindrance(schema: dict[str, Any] | None) -> None:
    error = Error("type-error", 'type is "date/%d/%m/%Y"', 2, 1, "a", "x", ["x"])
    (group,) = summarise(Report("t", "t", ["a"], [error], rows=1), schema).groups
    assert group.column == "a"
    if not schema or not schema.get("fields"):
        assert group.problem == 'Row 2, column "a": "x" is not a date written DD/MM/YYYY.'


def test_many_kinds_of_error_are_cut_in_the_text_and_whole_in_the_data(tmp_path: Path) -> None:
    names = [f"c{number}" for number in range(40)]
    text = ",".join(names) + "\n" + ",".join("x" for _ in names) + "\n"
    summary = judged(tmp_path, text, [field(name, "integer") for name in names])
    assert len(summary.groups) == 40
    assert summary.text().endswith("… and 10 more kinds of error; the JSON report has all.")


def test_the_data_form_is_plain(tmp_path: Path) -> None:
    summary = judged(tmp_path, "code,population\n10101,x\n", POPULATION, "es")
    data = json.loads(json.dumps(summary.to_dict()))
    assert data["rows_in_order"] == 0
    assert data["groups"][0]["rule"] == "type-error"
    assert data["groups"][0]["fix"]
