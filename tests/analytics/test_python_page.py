"""docs/python.md: every block runs, one after the other, on a simulated registry, and gives what the page says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from matplotlib.figure import Figure

PAGE = Path(__file__).resolve().parents[2] / "docs" / "python.md"


def test_the_examples_run(registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = PAGE.read_text(encoding="utf-8")
    blocks = list(re.finditer(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    assert len(blocks) > 8
    names: dict[str, Any] = {}
    for block in blocks:
        # Line numbers of a failure are those of the page.
        lines = "\n" * text.count("\n", 0, block.start(1)) + block.group(1)
        exec(compile(lines, str(PAGE), "exec"), names)

    result, model, table = names["result"], names["model"], names["table"]
    assert result.frame()["n"].tolist() == [group["n"] for group in result.to_dict()["groups"]]
    assert result.frame()["rate_60m_estimate"].tolist() == [
        group["rates"][2]["estimate"] for group in result.to_dict()["groups"]
    ]
    assert model.frame()["hr"].tolist() == [term["hr"] for term in model.to_dict()["terms"]]
    assert set(table.frame()["factor"]) >= {"multiple_lesions", "high_cea", "irlm"}
    assert (tmp_path / "survival.pdf").read_bytes().startswith(b"%PDF")
    assert "landmark-months" in names["remedy"]
    for name in ("figure", "panel", "forest"):
        assert isinstance(names[name], Figure)
    assert isinstance(names["om"].baseline_frame(names["patients"]), pd.DataFrame)
