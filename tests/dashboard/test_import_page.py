"""The import page: errors with their places, a preview, one writing of what was agreed to, and files that vanish."""

from __future__ import annotations

import csv
import io
import stat
import threading
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine
from streamlit.testing.v1 import AppTest

from dashboard import importing, who
from dashboard.components import preview
from dashboard.importing import Import, Kind
from dashboard.jobs import Progress
from registry import actions, audit
from registry.access import Actor, Role
from registry.database import reading
from registry.intake.intake import Outcome
from tests.dashboard.pages import SCRIPT, html, messages, opened
from tests.registry.imports import contents, open_queries
from tests.registry.rows import ENTRY, row

HOSTILE = '<img src=x onerror="document.title=1"> ![x](http://evil.example/x.png) **bold**'
PAGE = "import.py"


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """No import of one test is that of another."""
    yield
    for work in list(importing._open.values()):
        work.give_up()
    importing._open.clear()


def table(rows: Sequence[dict[str, str]]) -> bytes:
    """Rows as a CSV file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def manager() -> AppTest:
    """The page of a data manager of center A."""
    return opened(PAGE, role=Role.DATA_MANAGER, of_center="A")


def choose(page: AppTest, *files: tuple[str, bytes]) -> AppTest:
    """Chooses files, and goes on."""
    page.file_uploader[0].set_value([(name, content, "") for name, content in files]).run()
    return page.button(key="import-check").click().run()


def another_tab(page: AppTest) -> AppTest:
    """The same page in the same session, opened anew."""
    app = AppTest.from_file(str(SCRIPT), default_timeout=30)
    app.user = {who.USER_KEY: page.user[who.USER_KEY]}
    app.switch_page(f"../pages/{PAGE}")
    return app.run()


def work() -> Import:
    """The only import that is open."""
    (found,) = importing._open.values()
    return found


def left(home: Path) -> list[Path]:
    """The files that the server keeps."""
    return [path for path in (home / "work").rglob("*") if path.is_file()]


def imports(engine: Engine) -> set[int]:
    """The revisions that imports have written."""
    with reading(engine) as connection:
        return {entry.number for entry in audit.log(connection) if "import" in entry.source}


NEW = row("patient", patient_id="P2")
BAD = NEW | {"birth_date": "31/02/1950"}
CHANGED = row("patient", sex="male")


def test_an_error_is_told_mended_and_written_with_its_reason(small: Engine, own_home: Path) -> None:
    page = choose(manager(), ("patient.csv", table([CHANGED, BAD])))
    assert not page.exception
    shown = html(page)
    assert "1 error: nothing can be written" in shown
    for cell in ("patient.csv", ">3<", "birth_date", "31/02/1950", "Not a date.", "Write the date as YYYY-MM-DD."):
        assert cell in shown
    assert "import-write" not in [button.key for button in page.button]
    page.button(key="import-mended").click().run()
    assert left(own_home) == []
    choose(page, ("patient.csv", table([CHANGED, NEW])))
    shown = html(page)
    assert "1 stored cell would change" in shown
    for cell in ("Sex", ">female<", ">male<", "P1"):
        assert cell in shown
    assert contents(small)["patient"][("P1",)]["sex"] == "female"
    page.button(key="import-write").click().run()
    assert "give a reason" in html(page)
    assert imports(small) == set()
    page.text_input(key="import-reason").set_value("read again").run()
    page.button(key="import-write").click().run()
    assert page.success[0].value == "2 rows written, 0 unchanged."
    stored = contents(small)["patient"]
    assert (stored[("P1",)]["sex"], ("P2",) in stored) == ("male", True)
    assert left(own_home) == []
    with reading(small) as connection:
        last = list(audit.log(connection))[-1]
    assert (last.written_by, last.reason) == ("data-manager-a", "read again")
    assert last.source == "dashboard, import of patient.csv (csv)"
    page.button(key="import-again").click().run()
    assert page.file_uploader


def test_what_is_implausible_becomes_a_query_and_a_link_leads_there(small: Engine) -> None:
    odd = row("patient", patient_id="P2", last_contact_on="2019-01-01")
    page = choose(manager(), ("patient.csv", table([odd])))
    assert "would become a data query" in html(page)
    page.button(key="import-write").click().run()
    assert "is now a data query" in html(page)
    assert any(owner == "P2" for owner, *_ in open_queries(small))
    links = [link.proto.page for link in page.get("page_link")]
    assert "worklist" in links


@pytest.mark.parametrize("again", ["second click", "second tab", "both at once"])
def test_nothing_is_written_twice(small: Engine, again: str) -> None:
    page = choose(manager(), ("patient.csv", table([NEW])))
    if again == "second click":
        work().begin_write(Actor("data-manager-a", Role.DATA_MANAGER, "A"), "first")
        page.button(key="import-write").click().run()
    elif again == "second tab":
        other = another_tab(page)
        for tab in (page, other):
            tab.button(key="import-write").click().run()
            assert tab.success[0].value == "1 row written, 0 unchanged."
    else:
        by = Actor("data-manager-a", Role.DATA_MANAGER, "A")
        clicks = [threading.Thread(target=work().begin_write, args=(by, "x")) for _ in range(8)]
        for click in clicks:
            click.start()
        for click in clicks:
            click.join()
    job = work().write
    assert job is not None
    assert job.wait(20)
    assert len(imports(small)) == 1
    assert another_tab(page).success


def test_a_lost_connection_finds_the_import_where_it_is(small: Engine) -> None:
    page = choose(manager(), ("patient.csv", table([NEW])))
    again = another_tab(page)
    assert again.button(key="import-write").label == "Write 1 row"
    assert not opened(PAGE, role=Role.ADMINISTRATOR).button(key="import-check").value  # somebody else begins anew


def test_what_others_wrote_meanwhile_is_not_written_over_unseen(small: Engine) -> None:
    page = choose(manager(), ("patient.csv", table([CHANGED])))
    actions.save(small, "patient", row("patient", sex="UNK"), by=ENTRY, reason="unsure", seen_version=1)
    page.text_input(key="import-reason").set_value("read again").run()
    page.button(key="import-write").click().run()
    assert "Somebody else wrote to these rows meanwhile" in messages(page)
    assert contents(small)["patient"][("P1",)]["sex"] == "UNK"
    page.button(key="import-check-again").click().run()
    assert ">UNK<" in html(page)
    page.button(key="import-write").click().run()
    assert contents(small)["patient"][("P1",)]["sex"] == "male"


def test_rows_of_another_center_are_refused_with_their_place(small: Engine) -> None:
    patient = row("patient", patient_id="Q1", center_id="B")
    for name, cells in (("center", row("center", center_id="B")), ("patient", patient)):
        actions.save(small, name, cells, by=ENTRY, reason=None, seen_version=0)
    before = contents(small)
    theirs = patient | {"sex": "male"}
    for rows in ([NEW, theirs], [NEW, theirs | {"center_id": "A"}]):
        page = choose(manager(), ("patient.csv", table(rows)))
        assert "patient\\.csv, line 3" in messages(page)
        assert "female" not in html(page)
        page.button(key="import-again").click().run()
    page = choose(manager(), ("study.csv", table([row("study", patient_id="Q1")])))
    assert "another center" in messages(page)
    assert contents(small) == before


def test_several_files_a_zip_and_a_workbook_are_read(small: Engine, tmp_path: Path, own_home: Path) -> None:
    from registry.exchange.formats import write_export
    from tests.registry.samples import streams

    rows = {"patient": [NEW], "study": [row("study", patient_id="P2")]}
    files = [(f"{name}.csv", table(found)) for name, found in rows.items()]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files:
            archive.writestr(f"../../{name}", content)
        archive.writestr("readme.txt", "x")
    write_export(tmp_path / "in.xlsx", streams(rows), "xlsx")
    for given, name in (
        (files, "2 files"),
        ([("../../all.zip", packed.getvalue())], "all.zip"),
        ([("in.xlsx", (tmp_path / "in.xlsx").read_bytes())], "in.xlsx"),
    ):
        page = choose(manager(), *given)
        assert page.button(key="import-write").label == "Write 2 rows", messages(page)
        assert work().name == name
        assert ("readme.txt" in html(page)) is name.endswith(".zip")
        page.button(key="import-again").click().run()
        assert left(own_home) == []


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd.csv", "..\\..\\patient.csv", "/patient.csv", "a\nb.csv", "..csv"]
)
def test_an_upload_name_never_leads_out_of_its_folder(small: Engine, own_home: Path, name: str) -> None:
    page = manager()
    before = {path for path in own_home.parent.rglob("*") if path.is_file()}
    choose(page, (name, table([NEW])))
    assert not page.exception
    made = {path for path in own_home.parent.rglob("*") if path.is_file()} - before
    kept = {path for path in made if path.read_bytes() == table([NEW])}
    assert all(path.is_relative_to(own_home / "work") for path in kept)
    for path in kept:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE((own_home / "work" / path.relative_to(own_home / "work").parts[0]).stat().st_mode) == 0o700


def test_files_that_do_not_belong_together_are_refused(small: Engine, own_home: Path) -> None:
    for files in (
        [("patient.csv", table([NEW])), ("in.xlsx", b"PK")],
        [("patient.csv", table([NEW])), ("folder/patient.csv", table([NEW]))],
        [("a.zip", b"PK"), ("b.zip", b"PK")],
        [("a.zip", b"PK\x03\x04")],
        [("in.xlsx", b"not a workbook")],
        [("in.xlsx", b"PK\x03\x04" + b"\0" * 30)],
    ):
        page = choose(manager(), *files)
        assert not page.exception
        assert messages(page)
        assert "import-write" not in [button.key for button in page.button]
        importing._open.clear()
    assert imports(small) == set()


def test_too_much_at_once_is_refused(small: Engine, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "LARGEST_MB", 0)
    assert "more than 0 MB" in messages(choose(manager(), ("patient.csv", table([NEW]))))
    assert left(own_home) == []


def test_a_bomb_is_refused(small: Engine, own_home: Path) -> None:
    for name, part in (("bomb.zip", "patient.csv"), ("bomb.xlsx", "xl/worksheets/sheet1.xml")):
        packed = io.BytesIO()
        with (
            zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
            archive.open(part, "w", force_zip64=True) as file,
        ):
            for _ in range(210):
                file.write(b" " * 1_000_000)
        assert len(packed.getvalue()) < 1_000_000
        page = choose(manager(), (name, packed.getvalue()))
        assert "would unpack to" in messages(page)
        assert sum(path.stat().st_size for path in left(own_home)) < 1_000_000
        importing._open.clear()


def test_what_a_file_says_is_shown_as_it_was_written(small: Engine) -> None:
    hostile = [
        row("patient", patient_id="P2", sex=HOSTILE, birth_date=HOSTILE),
        row("patient", patient_id="P1", cause_of_death=HOSTILE),
    ]
    wrong = table(hostile).replace(b"vital_status", b"<b>vital_status</b>")
    pages = [
        choose(manager(), (f"{HOSTILE}.csv", table(hostile))),
        choose(manager(), ("patient.csv", table(hostile))),
        choose(manager(), ("patient.csv", wrong)),
    ]
    changed = row("episode", biology_note=HOSTILE)
    pages.append(choose(manager(), ("episode.csv", table([changed]))))
    assert "&lt;img" in html(pages[-1])
    for page in pages:
        assert not page.exception
        assert "<img" not in html(page)
        assert "<b>vital" not in html(page)
        for element in page.markdown:
            assert "evil.example" not in element.value


def test_a_download_of_errors_holds_no_formula(small: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: dict[str, bytes] = {}
    kept = preview.csv_file
    monkeypatch.setattr(preview, "csv_file", lambda frame: taken.setdefault(str(list(frame)), kept(frame)))
    monkeypatch.setattr(preview, "to_take", lambda name, needs, make: make())
    formula = '=HYPERLINK("http://evil.example")'
    bad = [row("patient", sex=formula), row("patient", patient_id=formula, sex="-1+1")]
    choose(manager(), ("patient.csv", table(bad)))
    choose(manager(), ("episode.csv", table([row("episode", biology_note=formula)])))
    assert len(taken) == 3  # errors, changes, implausible values
    assert sum(b"HYPERLINK" in content for content in taken.values()) == 2
    for content in taken.values():
        cells = [cell for line in csv.reader(io.StringIO(content.decode())) for cell in line]
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)


def test_stored_values_that_a_preview_shows_stand_in_the_trail(small: Engine) -> None:
    from dashboard import trail

    choose(manager(), ("patient.csv", table([NEW, CHANGED])))
    trail.settle()
    with reading(small) as connection:
        views = [entry.owner for entry in audit.log(connection) if entry.event == audit.Event.VIEW]
    assert views == ["P1"]


def test_the_own_spreadsheet_is_read_by_a_mapping(small: Engine, own_home: Path) -> None:
    mine = b"Fallnummer;Geschlecht;Geburtsdatum\nP1;m;01.05.1950\n"
    page = manager()
    page.segmented_control(key="import-kind").set_value(str(Kind.OWN)).run()
    choose(page, ("mine.csv", mine))
    assert "How the columns are read" in html(page)
    page.button(key="mapping-draft").click().run()
    drafted = page.text_area(key="import-mapping").value
    assert '"Fallnummer"' in drafted
    assert 'delimiter = ";"' in drafted
    page.button(key="mapping-check").click().run()
    assert "mapping.toml" in html(page)
    assert "Not filled in yet." in html(page)
    written = (
        '[source]\ndelimiter = ";"\npatient_id = { from = "Fallnummer" }\n[patient]\n'
        'sex = { from = "Geschlecht", codes = { "m" = "male", "w" = "female" } }\n'
        'birth_date = { from = "Geburtsdatum", date_format = "DD.MM.YYYY" }\n'
    )
    page.text_area(key="import-mapping").set_value(written).run()
    page.button(key="mapping-check").click().run()
    assert "1 stored cell would change" in html(page), messages(page) + html(page)
    page.text_input(key="import-reason").set_value("our list").run()
    page.button(key="import-write").click().run()
    assert contents(small)["patient"][("P1",)]["sex"] == "male"
    assert left(own_home) == []


def test_a_mapping_that_is_none_is_told(small: Engine) -> None:
    page = manager()
    page.segmented_control(key="import-kind").set_value(str(Kind.OWN)).run()
    choose(page, ("mine.csv", b"id\nP1\n"))
    for text in ("[", HOSTILE, "[source]\npatient_id = 1", "a = 1\x0b", "[[[[[[" * 200):
        page.text_area(key="import-mapping").set_value(text).run()
        page.button(key="mapping-check").click().run()
        assert not page.exception
        assert "mapping.toml" in html(page)
        assert "<img" not in html(page)


def test_long_work_shows_its_progress_and_can_be_ended(small: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = threading.Event()

    def slow(*_: object, progress: Progress, **__: object) -> Outcome:
        while True:
            progress(0.4, "checking")
            begun.set()

    wait, take = importing.AT_ONCE_SECONDS, actions.import_source
    monkeypatch.setattr(importing, "AT_ONCE_SECONDS", 0.05)
    monkeypatch.setattr(actions, "import_source", slow)
    page = choose(manager(), ("patient.csv", table([NEW])))
    assert begun.wait(10)
    assert "You may leave this page meanwhile" in html(page)
    job = work().check
    assert job is not None
    job.cancel()
    assert job.wait(10)
    page.run()
    assert "This was cancelled" in messages(page)
    monkeypatch.setattr(importing, "AT_ONCE_SECONDS", wait)
    monkeypatch.setattr(actions, "import_source", take)
    page.button(key="import-check-again").click().run()
    assert page.button(key="import-write").label == "Write 1 row"


def test_files_go_with_the_session(small: Engine, own_home: Path) -> None:
    page = choose(manager(), ("patient.csv", table([NEW])))
    assert left(own_home)
    importing.end_left()
    assert left(own_home)
    from registry import sessions
    from registry.database import writing

    with writing(small) as connection:
        sessions.sign_out(connection, str(page.user[who.USER_KEY]), source="test")
    who.forget()
    importing.end_left()
    assert left(own_home) == []
    assert importing._open == {}


def test_an_empty_registry_leads_to_the_import(sqlite_engine: Engine, own_home: Path) -> None:
    own_home.mkdir()
    actions.save(sqlite_engine, "center", row("center"), by=ENTRY, reason=None, seen_version=0)
    overview = opened("overview.py")
    assert "import" in [link.proto.page for link in overview.get("page_link")]
    page = choose(opened(PAGE), ("patient.csv", table([NEW])))
    page.button(key="import-write").click().run()
    assert page.success


def test_templates_are_made(small: Engine) -> None:
    from dashboard.components.upload import _template
    from registry.tables import TABLES

    with zipfile.ZipFile(io.BytesIO(_template("csv"))) as archive:
        assert set(archive.namelist()) == {f"{name}.csv" for name in TABLES}
    assert zipfile.is_zipfile(io.BytesIO(_template("xlsx")))
