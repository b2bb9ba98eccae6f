"""Secret keys of a registry: 32 random bytes each, in ``OLIGOMET_HOME/keys``, readable by their owner only."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from registry.database import home
from registry.errors import EnvironmentRefused

LENGTH = 32


def key_file(name: str) -> Path:
    """Where a key lies."""
    return home() / "keys" / f"{name}.key"


def secret_key(name: str, *, purpose: str, when_damaged: str) -> bytes:
    """A key, made on first use.

    Args:
        name: of its file.
        purpose: in the message when it cannot be read: "the key for …".
        when_damaged: what to do when the file holds no key.

    Raises EnvironmentRefused where it cannot be kept or read.
    """
    if not key_file(name).exists():
        make_key(name, purpose=purpose)
    return stored_key(name, purpose=purpose, when_damaged=when_damaged)


def stored_key(name: str, *, purpose: str, when_damaged: str) -> bytes:
    """A key that was made before; arguments as above. Raises EnvironmentRefused where it cannot be read."""
    try:
        key = bytes.fromhex(key_file(name).read_text(encoding="ascii"))
    except OSError as error:
        raise _unreadable(purpose, error) from error
    except ValueError:
        key = b""
    if len(key) != LENGTH:
        raise EnvironmentRefused(f"The key for {purpose} is damaged", remedy=when_damaged)
    return key


def make_key(name: str, *, purpose: str) -> None:
    """Makes a key where there is none of that name. Raises EnvironmentRefused where it cannot be kept."""
    try:
        _make(key_file(name))
    except OSError as error:
        raise _unreadable(purpose, error) from error


def _unreadable(purpose: str, error: OSError) -> EnvironmentRefused:
    remedy = "Check OLIGOMET_HOME and its rights"
    return EnvironmentRefused(f"The key for {purpose} cannot be read", got=error.strerror, remedy=remedy)


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as file:
        file.write(secrets.token_hex(LENGTH) + "\n")
    # A link appears whole or not at all, and never over the key that another process made meanwhile.
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
