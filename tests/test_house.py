"""The house: imports run dashboard -> analytics -> registry, every file says what it is for, nothing leaks into it."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LAYERS = ("registry", "analytics", "dashboard")
"""Each may import from those before it."""


def _modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports name the whole way"
            yield node.module or ""


@pytest.mark.parametrize("layer", LAYERS)
def test_imports_run_one_way(layer: str) -> None:
    later = LAYERS[LAYERS.index(layer) + 1 :]
    back = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in _modules(layer)
        for module in _imports(path)
        if module.split(".")[0] in later
    ]
    assert back == []
    assert _modules(layer), f"there is no {layer}/"


def test_the_medical_knowledge_does_no_input_or_output() -> None:
    """analytics/consensus knows no database and no files: the same rules serve one patient and a million."""
    forbidden = {"sqlalchemy", "registry.database", "registry.store", "registry.frames", "pathlib", "os", "io"}
    for path in _modules("analytics/consensus"):
        assert not forbidden & set(_imports(path)), path


SOURCES = [path for package in (*LAYERS, "migrations", "tests", "benchmarks") for path in _modules(package)]


def test_every_file_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if path.read_text(encoding="utf-8").strip()
        and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_no_table_is_written_but_through_the_action_layer() -> None:
    """What writes rows is called by the actions, their intake, and the trail and the queries that go with them."""
    writers = {"insert", "update", "delete"}
    allowed = {"registry/actions.py", "registry/intake/intake.py", "registry/audit.py", "registry/queries.py"}
    beside = ("accounts", "sessions", "delays", "drafts", "sign_offs", "double_entry")  # no table of the record
    beside += ("identity/actions", "identity/store", "identity/keeping")
    allowed |= {f"registry/{name}.py" for name in beside}
    for path in (path for layer in LAYERS for path in _modules(layer)):
        name = str(path.relative_to(ROOT))
        if name in allowed or name == "registry/store.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                assert not (node.value.id in ("store", "sa") and node.attr in writers), f"{name}:{node.lineno}"


def test_nothing_says_where_it_was_made() -> None:
    """No path of a machine, no host of a package registry, in any file that git tracks."""
    try:
        listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.fail("the list of files comes from git")
    leak = re.compile(r"(/work/|/root/|\.\./shared|(?<!emit-)index-url|files\.pythonhosted|/home/\w+)")
    # Looked for one by one first: in large files of data that is many times faster.
    parts = ("/work/", "/root/", "../shared", "index-url", "files.pythonhosted", "/home/")
    found = []
    for name in listed.splitlines():
        if name in (".ci/run", "tests/test_house.py"):
            continue
        try:
            text = (ROOT / name).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue
        if any(part in text for part in parts):
            found += [f"{name}: {match[0]}" for match in leak.finditer(text)]
    assert found == []
