"""Zip files of tables: what is unpacked where, and what is refused before it is."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from registry.errors import InputRefused
from registry.exchange import archive
from registry.exchange.archive import pack, safe_name, unpack
from registry.exchange.formats import open_source

HOSTILE_NAMES = (
    "../patient.csv",
    "../../../../etc/cron.d/patient.csv",
    "/etc/patient.csv",
    "..\\..\\patient.csv",
    "C:\\Windows\\patient.csv",
    "a/../../patient.csv",
    "./patient.csv",
    "~/patient.csv",
)


def _zip(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return path


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_name_in_an_archive_never_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "deep" / "inside"
    folder.mkdir(parents=True)
    assert unpack(_zip(tmp_path / "in.zip", {name: b"patient_id\nP1\n"}), folder) == []
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert set(files) == {folder / "patient.csv", tmp_path / "in.zip"}


def test_a_link_in_an_archive_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    secret = tmp_path / "secret"
    secret.write_text("secret")
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as packed:
        link = zipfile.ZipInfo("patient.csv")
        link.external_attr = 0o120777 << 16
        packed.writestr(link, str(secret))
    unpack(tmp_path / "in.zip", tmp_path / "out")
    made = tmp_path / "out" / "patient.csv"
    assert not made.is_symlink()
    assert made.read_text() == str(secret)


def test_what_is_no_table_is_named_and_left(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    files = {"data/patient.csv": b"a", "data/manifest.json": b"{}", "__MACOSX/._patient.csv": b"x", "run.exe": b"MZ"}
    assert unpack(_zip(tmp_path / "in.zip", files), tmp_path / "out") == ["manifest.json", "._patient.csv", "run.exe"]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["patient.csv"]


def test_what_would_fill_the_disk_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out").mkdir()
    bomb = _zip(tmp_path / "bomb.zip", {"patient.csv": b"\0" * 20_000_000})
    assert bomb.stat().st_size < 30_000
    many = _zip(tmp_path / "many.zip", {f"{number}.csv": b"" for number in range(archive.MOST_FILES + 1)})
    monkeypatch.setattr(archive, "LARGEST", 1_000)
    large = _zip(tmp_path / "large.zip", {"patient.csv": bytes(range(256)) * 4})
    for path in (bomb, many, large):
        with pytest.raises(InputRefused, match="would unpack to"):
            unpack(path, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_directory_that_lies_about_its_sizes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    path = _zip(tmp_path / "in.zip", {"patient.csv": b"\0" * 20_000_000})
    told = (20_000_000).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(told, (1_000).to_bytes(4, "little")))
    with pytest.raises(InputRefused, match="damaged"):
        unpack(path, tmp_path / "out")
    assert sum(file.stat().st_size for file in (tmp_path / "out").iterdir()) <= 1_000


@pytest.mark.parametrize("content", [b"", b"PK", b"patient_id\nP1\n", b"PK\x03\x04" + b"\0" * 100])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "in.zip").write_bytes(content)
    with pytest.raises(InputRefused, match="damaged"):
        unpack(tmp_path / "in.zip", tmp_path)


def test_a_password_is_refused(tmp_path: Path) -> None:
    path = _zip(tmp_path / "in.zip", {"patient.csv": b"x"})
    packed = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        packed[packed.index(mark) + at] |= 1
    path.write_bytes(packed)
    with pytest.raises(InputRefused, match="password"):
        unpack(path, tmp_path)


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    path = _zip(tmp_path / "in.zip", {"a/patient.csv": b"1", "b/patient.csv": b"2"})
    with pytest.raises(InputRefused, match="several files of this name"):
        unpack(path, tmp_path / "out")


def test_what_is_packed_comes_back(tmp_path: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    for made in (folder, out):
        made.mkdir()
    (folder / "patient.csv").write_text("patient_id\nP1\n")
    pack(folder, tmp_path / "one.zip")
    pack(folder, tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    assert unpack(tmp_path / "one.zip", out) == []
    assert open_source(out).bytes == 14


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        *((name, "patient.csv") for name in HOSTILE_NAMES),
        ("patient.csv", "patient.csv"),
        ("Größe 中文.xlsx", "Größe 中文.xlsx"),
        ("..", "file"),
        ("", "file"),
        ("a\0b.csv", "a_b.csv"),
        ("a\nb\x1b[2J.csv", "a_b_[2J.csv"),
        ("\u202ecsv.exe", "_csv.exe"),
        (".bashrc", "bashrc"),
        ("x" * 400 + ".csv", "x" * archive.LONGEST_NAME + ".csv"),
        ("🫁" * 400, "🫁" * archive.LONGEST_NAME),
    ],
)
def test_a_name_of_somebody_else_names_a_file_of_the_folder(tmp_path: Path, name: str, kept: str) -> None:
    assert safe_name(name) == kept
    (tmp_path / safe_name(name)).write_bytes(b"x")
    assert [path.name for path in tmp_path.iterdir()] == [kept]
