"""The log of the server: one JSON object a line on standard error, with no cell of a record in it."""

from __future__ import annotations

import json
import logging
import traceback
from pathlib import Path

from registry import times

LOG = logging.getLogger("oligomet.dashboard")


class JsonLines(logging.Formatter):
    """A record as one line of JSON: when, how bad, what, and the fields that go with it."""

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "at": times.text(times.now())[:23] + "Z",
            "level": record.levelname.lower(),
            "what": record.getMessage(),
        }
        return json.dumps(said | getattr(record, "fields", {}), ensure_ascii=False)


def start() -> None:
    """Sends the log to standard error; called once by the program that serves."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    LOG.handlers[:] = [handler]
    LOG.setLevel(logging.INFO)
    LOG.propagate = False


def told(what: str, **fields: str | int) -> None:
    """Something that happened."""
    LOG.info(what, extra={"fields": fields})


def place_of(error: BaseException) -> str:
    """The kind and place of an error. Its message can hold values of a record: it is shown and logged nowhere."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" in {Path(frames[-1].filename).name} line {frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"


def failed(what: str, error: BaseException | None) -> None:
    """Something that should not have happened."""
    LOG.error("%s: %s", what, place_of(error) if error is not None else "unknown")
