"""The `oligomet` command: the commands of the record, of the analyses and of the pages, joined."""

from __future__ import annotations

import io
import os
import sys
import traceback

import typer
from rich.markup import escape

from analytics.cli import app as analytics_commands
from dashboard.serve_cli import app as page_commands
from registry.cli import app as registry_commands
from registry.errors import OligometError
from registry.terminal import messages

app = typer.Typer(
    name="oligomet",
    help="The registry of oligometastatic colorectal cancer, with outcome analytics.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(registry_commands)
app.add_typer(analytics_commands)
app.add_typer(page_commands)


def main() -> None:
    """Runs a command; what a person can mend ends with a sentence and an exit status, not with a traceback."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A document is UTF-8 wherever it is printed, and what it says was written before it is printed.
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        app()
    except OligometError as error:
        messages.print(f"[bold red]Error:[/] {escape(str(error))}", highlight=False)
        sys.exit(error.exit_status)
    except Exception as error:
        if os.environ.get("OLIGOMET_DEBUG"):
            raise
        # The message of a foreign exception can hold values of a record: only its kind and place are shown.
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{type(error).__name__} in {os.path.basename(frame.filename)} line {frame.lineno}"
        messages.print(f"[bold red]Error:[/] the program failed ({place}). Nothing was written.", highlight=False)
        messages.print("Please report this place. With OLIGOMET_DEBUG=1 the whole course is shown.")
        sys.exit(1)
