"""The `groma` command: data on stdout, progress and messages on stderr, an exit code that says what happened.

Commands are imported when they are called: `groma --help` answers at once.
"""

import difflib
import importlib
import sys
from typing import Any

import click

from pipelines.errors import ExitCode, GromaError

_COMMANDS = {
    "run": ("pipelines.cli.run:run", "Run the main job: fetch, conform, validate, certify, compute, publish."),
    "plan": ("pipelines.cli.plan:plan", "Show what a run would make and why, without running."),
    "validate": ("pipelines.cli.validate:validate", "Check every declaration of a workspace."),
    "validate-file": ("pipelines.cli.validate_file:validate_file", "Judge a table against a Table Schema."),
    "source": ("pipelines.cli.source:source", "List, show and check sources."),
    "indicator": ("pipelines.cli.indicator:indicator", "List and show indicators."),
    "query": ("pipelines.cli.query:query", "Ask the current release with SQL, read-only."),
    "explain": ("pipelines.cli.explain:explain", "Show where a value comes from, down to the rows of the files."),
    "ui": ("pipelines.cli.ui:ui", "Open Dagster's web interface on the same graph, on localhost."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, in the order of the work."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name not in _COMMANDS:
            return None
        module, _, attribute = _COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in `--help`, without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command, or a suggestion where it is misspelt."""
        name = args[0]
        if name not in _COMMANDS and not name.startswith("-"):
            near = difflib.get_close_matches(name, _COMMANDS, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else f" Commands: {', '.join(_COMMANDS)}."
            raise click.UsageError(f"No such command {name!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="groma", prog_name="groma")
@click.option("--debug", is_flag=True, help="Show a traceback where something goes wrong.")
@click.pass_context
def cli(ctx: click.Context, debug: bool) -> None:
    """Turn local open data into certified, comparable city indicators."""
    ctx.obj = {"debug": debug}


def main(arguments: list[str] | None = None) -> None:
    """Entry point: run the command and exit with the code that says what happened."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        result: Any = cli.main(args=arguments, prog_name="groma", standalone_mode=False)
        sys.exit(result if isinstance(result, int) else ExitCode.OK)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(ExitCode.USAGE)
    except GromaError as error:
        if "--debug" in arguments:
            raise
        from pipelines.cli.output import print_error

        print_error(error, as_json="--json" in arguments)
        sys.exit(error.exit_code)
    except SystemExit as ended:
        # A reader that stopped early (`… | head`) is no fault; click wraps the stream then, and ends with 1.
        is_closed = type(sys.stdout).__name__.endswith("PacifyFlushWrapper")
        sys.exit(ExitCode.OK if is_closed else ended.code)
