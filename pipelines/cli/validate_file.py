"""`groma validate-file`."""

import json
from pathlib import Path
from typing import Any

import click

from pipelines.cli.output import JSON_OPTION, finish, note, print_json
from pipelines.cli.workspace import known, workspace_option
from pipelines.errors import ExitCode, UsageError

_V2 = "https://datapackage.org/profiles/2.0/dataresource.json"
_NAMED_DELIMITERS = {"tab": "\t", r"\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}
_EXAMPLES = """
\b
Examples:
  groma validate-file population.csv --schema schema.json
  groma validate-file population.csv --schema population --language fr
  groma validate-file data.csv --schema schema.yaml --delimiter ';' --encoding iso-8859-1
  groma validate-file data.csv --schema schema.json --accepted good.parquet --quarantine bad.parquet
  groma validate-file data.csv --schema schema.json --json > report.json
  groma validate-file datapackage.json
"""
_OUTPUT = click.Path(dir_okay=False, path_type=Path)


@click.command("validate-file", epilog=_EXAMPLES)
@click.argument("file", metavar="FILE")
@click.option("--schema", help="A Table Schema (JSON or YAML file), or the name of a standard schema.")
@JSON_OPTION
@click.option(
    "--language", type=click.Choice(["en", "fr", "es"]), default="en", show_default=True, help="Of the summary."
)
@click.option("--limit-errors", type=click.IntRange(min=0), default=1_000, show_default=True, help="0: no limit.")
@click.option("--limit-rows", type=click.IntRange(min=0), default=0, show_default=True, help="0: no limit.")
@click.option(
    "--engine",
    type=click.Choice(["auto", "duckdb", "frictionless"]),
    default="auto",
    show_default=True,
    help="What does the work; the errors are the same.",
)
@click.option("--accepted", type=_OUTPUT, help="Write the rows without errors to this Parquet file, typed.")
@click.option("--quarantine", type=_OUTPUT, help="Write the other rows to this Parquet file, with their reasons.")
@click.option("--delimiter", help="Between the cells of a CSV file: a character, or tab, comma, semicolon, pipe.")
@click.option("--encoding", help="Of a text file, such as utf-8 or iso-8859-1. Without it, it is guessed.")
@click.option("--sheet", help="Of an XLSX file; by default the first.")
@click.option("--layer", help="Of a GeoPackage with several layers.")
@workspace_option
def validate_file(
    file: str,
    schema: str | None,
    as_json: bool,
    language: str,
    limit_errors: int,
    limit_rows: int,
    engine: str,
    accepted: Path | None,
    quarantine: Path | None,
    delimiter: str | None,
    encoding: str | None,
    sheet: str | None,
    layer: str | None,
    folder: Path,
) -> None:
    """Judge a table against a Table Schema: the errors of Frictionless, at the speed of a database.

    Reads CSV, TSV, JSON, XLSX, Parquet, and the attributes of GeoJSON and GeoPackage; or every table of a data package,
    named by its datapackage.json, which brings the schemas. Prints a short report on stdout, or with --json
    Frictionless' own. Ends with 0 where the file is valid, 3 where it is not, 2 where the command is wrong.
    """
    path = _path(file)
    limits = {"engine": engine, "limit_errors": limit_errors, "limit_rows": limit_rows}
    if path.name == "datapackage.json":
        of_one_table = [schema, accepted, quarantine, delimiter, encoding, sheet, layer]
        if any(option is not None for option in of_one_table):
            raise UsageError(
                "a data package says itself what its tables are",
                fix="leave out --schema, --accepted, --quarantine, --delimiter, --encoding, --sheet and --layer",
            )
        _judge_package(path, language if not as_json else None, limits)
    if schema is None:
        raise UsageError("there is no schema to judge by", fix="name one: --schema SCHEMA")
    for output in (accepted, quarantine):
        _check_output(output, path)
    table_schema = _table_schema(schema, folder)
    report = _report(
        _descriptor(path, delimiter=delimiter, encoding=encoding, sheet=sheet, layer=layer),
        table_schema,
        path.parent,
        accepted=accepted,
        quarantine=quarantine,
        **limits,
    )
    if as_json:
        print_json(report.to_descriptor())
    else:
        from pipelines.validation.summary import summarise

        # Not `say`: the summary makes values safe itself, and French needs spaces that `say` would not let through.
        click.echo(summarise(report, table_schema, language).text())  # type: ignore[arg-type]
    for name, output in (("accepted", accepted), ("quarantine", quarantine)):
        if output is not None and output.is_file():
            note(f"{name}: {output}")
    finish(ExitCode.OK if report.valid else ExitCode.DATA_INVALID)


def _report(descriptor: dict[str, Any], table_schema: dict[str, Any], basepath: Path, **options: Any) -> Any:
    from pipelines.validation import validate

    return validate(descriptor, table_schema, basepath=basepath, **options)


def _judge_package(path: Path, language: str | None, limits: dict[str, Any]) -> None:
    """Judge every table of a package and end; without a language, as JSON."""
    from pipelines.validation import package_descriptor, package_schemas, validate_package
    from pipelines.validation.summary import summarise

    reports = validate_package(path, **limits)
    if language is None:
        print_json(package_descriptor(reports))
    else:
        schemas = package_schemas(path)
        texts = [summarise(report, schemas.get(report.name), language).text() for report in reports]  # type: ignore[arg-type]
        click.echo("\n".join(texts))
    finish(ExitCode.OK if all(report.valid for report in reports) else ExitCode.DATA_INVALID)


def _path(given: str) -> Path:
    path = Path(given)
    if "://" in given:
        raise UsageError(f"{given} is an address; nothing is fetched", fix="download the file and give its path")
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise UsageError(f"the file {given} {what}", fix="check the path; it starts from the folder you are in")
    return path


def _check_output(output: Path | None, file: Path) -> None:
    if output is None:
        return
    if output.resolve() == file.resolve():
        raise UsageError(f"{output} is the file to be judged", fix="write to another file")
    if not output.parent.is_dir():
        raise UsageError(f"the folder {output.parent} does not exist", fix="make it first, or write elsewhere")


def _descriptor(
    file: Path, *, delimiter: str | None, encoding: str | None, sheet: str | None, layer: str | None
) -> dict[str, Any]:
    """The file as a Data Resource; only what was said is in it, so that the rest is found out."""
    descriptor: dict[str, Any] = {"$schema": _V2, "name": file.stem.lower() or "table", "path": file.name}
    dialect: dict[str, Any] = {}
    if delimiter is not None:
        delimiter = _NAMED_DELIMITERS.get(delimiter, delimiter)
        if len(delimiter) != 1:
            raise UsageError(
                f"a delimiter is one character, not {delimiter!r}",
                fix=f"give the character, or one of {', '.join(name for name in _NAMED_DELIMITERS if name.isalpha())}",
            )
        dialect["csv"] = {"delimiter": delimiter}
    if sheet is not None:
        dialect["excel"] = {"sheet": sheet}
    if dialect:
        descriptor["dialect"] = dialect
    if encoding is not None:
        descriptor["encoding"] = _known_encoding(encoding)
    if layer is not None:
        descriptor["layer"] = layer
    return descriptor


def _known_encoding(encoding: str) -> str:
    import codecs

    try:
        codecs.lookup(encoding)
    except LookupError:
        raise UsageError(
            f"there is no encoding {encoding!r}", fix="use a name such as utf-8, iso-8859-1 or windows-1252"
        ) from None
    return encoding


def _table_schema(given: str, folder: Path) -> dict[str, Any]:
    """The Table Schema of a file, or of a standard schema by its name."""
    path = Path(given)
    if not path.is_file():
        return _standard_schema(given, folder)
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the schema {path} cannot be read: {error}", fix="save it as UTF-8") from None
    content = _parsed(path, text)
    if isinstance(content, dict) and {"kind", "standard"} <= content.keys():
        return _declared_schema(path)
    if isinstance(content, dict) and isinstance(content.get("schema"), dict):
        content = content["schema"]
    if not isinstance(content, dict) or not isinstance(content.get("fields"), list):
        raise UsageError(
            f"{path} is not a Table Schema: it has no list of fields",
            fix='a schema begins with {"fields": [{"name": …, "type": …}, …]}',
        )
    return content


def _parsed(path: Path, text: str) -> Any:
    from pipelines.specs.strict_yaml import YamlFault, parse

    try:
        return parse(text).value if path.suffix in (".yaml", ".yml") else json.loads(text)
    except YamlFault as fault:
        raise UsageError(f"{path}:{fault.line}: {fault.message}", fix="correct the YAML") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is not JSON: {error}", fix="correct the JSON, or name a YAML file .yaml") from None


def _standard_schema(name: str, folder: Path) -> dict[str, Any]:
    if Path(name).suffix or "/" in name:
        raise UsageError(
            f"the schema {name} does not exist", fix="check the path, or give the name of a standard schema"
        )
    from pipelines.specs.workspace import load_workspace

    schemas = load_workspace(folder).schemas
    return schemas[known("standard schema", name, schemas)].spec.table_schema()


def _declared_schema(path: Path) -> dict[str, Any]:
    """A standard schema that lies in no workspace, or not yet."""
    from pipelines.specs.declaration import read_declaration
    from pipelines.specs.schema import StandardSchema

    declared, faults = read_declaration(StandardSchema, path, path.parent)
    if declared is None:
        raise UsageError("; ".join(map(str, faults)), fix="correct the schema")
    return declared.spec.table_schema()
