"""`groma ui`."""

import os
import sys
from pathlib import Path

import click

from pipelines.cli.output import note
from pipelines.cli.workspace import checked_workspace, workspace_option
from pipelines.errors import Blocked
from pipelines.specs.workspace import ENGINE_ROOT

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@click.command()
@workspace_option
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=3000, show_default=True, help="The port to listen on.")
@click.option("--i-have-a-proxy", is_flag=True, help="Listen elsewhere; the web interface asks nobody who they are.")
def ui(folder: Path, host: str, port: int, i_have_a_proxy: bool) -> None:
    """Open Dagster's web interface on the same graph, on localhost, until Ctrl-C."""
    if host not in _LOOPBACK and not i_have_a_proxy:
        raise Blocked(
            f"the web interface would listen on {host}, where others can reach it",
            why="Dagster's web interface has no log-in",
            fix="put a proxy with a log-in before it and add --i-have-a-proxy",
        )
    workspace = checked_workspace(folder)
    environment = {
        **os.environ,
        "GROMA_WORKSPACE": str(workspace.root),
        "DAGSTER_HOME": str(ENGINE_ROOT),
        "DAGSTER_DISABLE_TELEMETRY": "1",
    }
    os.chdir(workspace.root)
    note(f"http://{host}:{port}  (Ctrl-C ends it)")
    command = [sys.executable, "-m", "dagster", "dev", "-m", "pipelines.definitions", "-h", host, "-p", str(port)]
    os.execve(sys.executable, command, environment)  # noqa: S606
