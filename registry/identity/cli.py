"""The commands of names and hospital numbers: identity status, rotate-key, tidy. None of them shows one."""

from __future__ import annotations

import dataclasses

import typer

from registry.access import operator
from registry.terminal import Json, messages, open_registry, print_json

app = typer.Typer(help="Names and hospital numbers: their key and their store; nothing of them is shown.")


@app.command()
def status(json: Json = False) -> None:
    """Count them by center, and open every one to see that it is what was written."""
    from registry.identity.keeping import status as status_of

    found = status_of(open_registry(), by=operator())
    if json:
        print_json(dataclasses.asdict(found))
    elif not found.centers:
        messages.print("No name and no hospital number is kept.")
    else:
        for center, count in found.centers.items():
            messages.print(f"{center}: {count}", markup=False, highlight=False)
        for center, patient in found.damaged:
            messages.print(f"{center} {patient}: not what was written", markup=False, highlight=False)
        if found.of_nobody:
            said = f"{len(found.of_nobody)} of patients who are not in the registry, or in another center"
            messages.print(f"{said}: remove them with `oligomet identity tidy`.", highlight=False)
    if found.damaged:
        raise typer.Exit(1)


@app.command("rotate-key")
def rotate_key() -> None:
    """Seal all of them anew under a new key, and remove the old one."""
    from registry.identity.keeping import rotate_key as rotate

    count = rotate(open_registry(), by=operator(), source="command line")
    messages.print(f"A new key seals {count} of them. Back up OLIGOMET_HOME/keys now: the old one is gone.")


@app.command()
def tidy() -> None:
    """Remove those whose patient is not in the registry any more, or in another center."""
    from registry.identity.keeping import remove_of_nobody

    count = remove_of_nobody(open_registry(), by=operator(), source="command line")
    messages.print(f"Removed {count}.")
