"""What the tests of the registry's commands share: a command that runs in this process."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from dashboard.cli import main

Result = tuple[int, str, str]
"""Exit status, standard output, standard error."""

Command = Callable[..., Result]


@pytest.fixture
def oligomet(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs the command in this process; gives its exit status and what it wrote."""

    def run(*arguments: object) -> Result:
        monkeypatch.setattr(sys, "argv", ["oligomet", *map(str, arguments)])
        monkeypatch.setenv("COLUMNS", "200")
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        written = capsys.readouterr()
        return int(left.value.code or 0), written.out, written.err

    return run
