"""The head of the trail as it was last verified, kept outside the database: a trail that was cut since is found."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path

from sqlalchemy.engine import Engine

from registry import times
from registry.audit import Head
from registry.database import home


def _path(engine: Engine) -> Path:
    name = hashlib.sha256(engine.url.render_as_string().encode()).hexdigest()[:16]
    return home() / "trail-heads" / f"{name}.json"


def last_verified(engine: Engine) -> Head | None:
    """The head at the last verification on this machine; None where there was none."""
    try:
        known = json.loads(_path(engine).read_text(encoding="utf-8"))
        return Head(int(known["number"]), str(known["hash"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def verified_at(engine: Engine) -> dt.datetime | None:
    """When the trail was last found whole on this machine; None where that never was, or is not known."""
    try:
        return times.read(str(json.loads(_path(engine).read_text(encoding="utf-8"))["at"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remember(engine: Engine, head: Head) -> None:
    """Keeps the head of a trail that was found whole; a machine that cannot keep it verifies without it next time."""
    path = _path(engine)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        said = {"number": head.number, "hash": head.hash, "at": times.text(times.now())}
        path.write_text(json.dumps(said) + "\n", encoding="utf-8")
    except OSError:
        return


def forget(engine: Engine) -> None:
    """Gives up the head of a database that is made anew."""
    _path(engine).unlink(missing_ok=True)
