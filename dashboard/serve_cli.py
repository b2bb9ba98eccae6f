"""The commands that show pages: serve, demo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from sqlalchemy.engine import Engine

from registry.errors import EnvironmentRefused
from registry.terminal import messages, open_registry, progress_bar

app = typer.Typer()

Port = Annotated[
    int | None, typer.Option(min=0, max=65535, help="0 takes any that is free; by default 8765 or one of the next.")
]


@app.command()
def serve(
    port: Port = None,
    host: Annotated[
        str | None, typer.Option(help="The address to listen on; by default this computer alone is answered.")
    ] = None,
) -> None:
    """Serve the dashboard of the registry."""
    engine = open_registry()
    if not _can_anybody_sign_in(engine):
        if host is not None:
            raise EnvironmentRefused("Nobody could sign in: there is no account yet", remedy=_FIRST)
        messages.print(f"There is no account yet. {escape(_FIRST)}.", highlight=False)
    _serve(engine, port, host)


_FIRST = "Make the first one with `oligomet user add NAME --role administrator`"


def _can_anybody_sign_in(engine: Engine) -> bool:
    from registry import accounts
    from registry.database import reading

    with reading(engine) as connection:
        return accounts.is_there_any(connection)


@app.command()
def demo(
    patients: Annotated[int, typer.Option(min=1, max=100_000, help="How many patients.")] = 400,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same patients.")] = 1,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Stop before the dashboard is served.")] = False,
    port: Port = None,
) -> None:
    """Fill a registry of its own with simulated patients, write its report, and serve the dashboard."""
    from dashboard.demo import draw_survival, make_registry, write_report

    with progress_bar("Demo") as progress:
        made = make_registry(patients=patients, seed=seed, progress=progress)
    _say("The demo registry", made.folder)
    for figure in draw_survival(made):
        _say("A survival figure", figure)
    with progress_bar("Report") as progress:
        report = write_report(made, progress)
    _say("The report", report)
    messages.print(f"Other commands work on it with OLIGOMET_HOME={escape(str(made.folder))}", highlight=False)
    if not no_serve:
        _serve(made.engine, port, None)


def _say(what: str, path: Path) -> None:
    messages.print(f"{what}: {escape(str(path))}", highlight=False)


def _serve(engine: Engine, port: int | None, host: str | None) -> None:
    engine.dispose()  # the pages open their own connections, one at a time
    # Streamlit and what the pages need take seconds to import: only a command that serves waits for them.
    from dashboard import server
    from dashboard.guard import LOCAL_NAMES

    host = host or server.ADDRESS
    listening = server.listen(port, host)
    address = f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}"
    registry = escape(engine.url.render_as_string())
    messages.print(f"The dashboard of {registry} is at [bold]{address}[/]", highlight=False)
    local = host in LOCAL_NAMES
    messages.print(f"It answers {'this computer only' if local else 'the network'}. Ctrl-C ends it.", highlight=False)
    if not local:
        words = "Without https before it passwords travel in the clear: see docs/operations.md, Reverse proxy."
        messages.print(f"[bold]{words}[/]", highlight=False)
    server.serve(listening, LOCAL_NAMES | {host.lower()})
