"""The dashboard under load: sessions that search, open records and look at survival, with think times, on one machine.

    python benchmarks/load.py --patients 100000 --sessions 70 --minutes 10 [--sqlite] [--saves-a-minute 6]

A simulated cohort is imported and served by the command. Each session speaks to the server as a browser does, over a
websocket of its own, and fetches the pictures that a page names. The sessions share the cores with the server and the
database. A page's time runs from the click to the end of its run and the last of its pictures; a page that does not
show what was asked for counts as an error. With --saves-a-minute somebody writes records meanwhile, so that what the
pages keep of the registry becomes out of date again and again.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from storage import Databases, import_cohort
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from analytics.consensus.factors import FACTORS
from analytics.origins import ORIGINS
from registry import accounts, actions, sessions
from registry.access import Role, operator
from registry.database import open_engine, reading, writing
from registry.errors import OligometError
from registry.simulate import simulate
from registry.tables import TABLES

KINDS = {"search": 0.4, "record": 0.4, "survival": 0.2}
"""What a session does, how often."""

QUESTIONS = tuple(
    f"origin={origin}&by={factor}"
    for origin in ("lung_resection", "lung_diagnosis", "primary_diagnosis")
    for factor in ("multiple_lesions", "high_cea", "short_dfi", "rectal_primary", "older_than_70", "thoracic_nodes")
    if FACTORS[factor].fixed <= ORIGINS[origin].settled
)
"""The figures that somebody looks at."""

FIND = "Find a patient"
DONE, AGAIN = ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_EARLY_FOR_RERUN
PATIENCE_SECONDS = 60
RAMP_SECONDS = 60
"""Viewers come one after the other, within this time."""


@dataclass
class Drawn:
    """What one run of a page sent: the text of its elements, its widgets, its pictures, and its errors."""

    text: str = ""
    widgets: dict[str, str] = field(default_factory=dict)
    pictures: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def take(self, message: ForwardMsg) -> None:
        if message.WhichOneof("type") != "delta" or message.delta.WhichOneof("type") != "new_element":
            return
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind == "exception":
            self.errors.append(element.exception.type or "exception")
        elif kind == "html":
            self.text += element.html.body
        elif kind == "text_input":
            self.widgets[element.text_input.label] = element.text_input.id
        elif kind == "imgs":
            self.pictures += [image.url for image in element.imgs.imgs]
            self.text += " ".join(image.alt for image in element.imgs.imgs)
        elif kind == "heading":
            self.text += element.heading.body
        elif kind == "alert":
            self.text += element.alert.body


class Browser:
    """One session: a websocket, the page that it is at, and what its widgets hold."""

    def __init__(self, socket: ClientConnection, address: str, cookie: str) -> None:
        self._socket, self._address, self._cookie = socket, address, cookie
        self._hash, self._widgets = "", {}  # type: tuple[str, dict[str, str]]

    async def goto(self, page: str, query: str) -> Drawn:
        """Opens a page, as a click on a link does."""
        self._widgets = {}
        return await self._run(page=page, query=query)

    async def write(self, drawn: Drawn, label: str, text: str, query: str = "") -> Drawn:
        """Writes into a text field; raises LookupError, with what the page says, where there is no such field."""
        if label not in drawn.widgets:
            raise LookupError(f"no field {label!r}, but {re.sub('<[^>]*>', ' ', drawn.text)[:200]!r} {drawn.errors}")
        self._widgets[drawn.widgets[label]] = text
        return await self._run(query=query)

    async def _run(self, query: str, page: str = "") -> Drawn:
        asked = BackMsg()
        state = asked.rerun_script
        state.query_string = query
        if page:
            state.page_name = page
        else:
            state.page_script_hash = self._hash
        state.context_info.url = f"{self._address}/{page}?{query}"
        for name, text in self._widgets.items():
            state.widget_states.widgets.add(id=name, string_value=text)
        await self._socket.send(asked.SerializeToString())
        drawn = Drawn()
        while True:
            message = ForwardMsg.FromString(await asyncio.wait_for(self._socket.recv(decode=False), PATIENCE_SECONDS))
            kind = message.WhichOneof("type")
            if kind == "new_session":
                drawn = Drawn()
            elif kind == "navigation":
                self._hash = message.navigation.page_script_hash
            elif kind == "script_finished" and message.script_finished == DONE:
                break
            elif kind == "script_finished" and message.script_finished != AGAIN:
                drawn.errors.append("did not compile")
                break
            drawn.take(message)
        await asyncio.gather(*(asyncio.to_thread(self._fetch, url) for url in drawn.pictures if url.startswith("/")))
        return drawn

    def _fetch(self, url: str) -> None:
        asked = urllib.request.Request(f"{self._address}{url}", headers={"Cookie": self._cookie})
        with urllib.request.urlopen(asked, timeout=PATIENCE_SECONDS) as answer:
            answer.read()


@dataclass
class Times:
    """Seconds of each kind of page, and what went wrong."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    errors: list[str] = field(default_factory=list)

    def add(self, kind: str, seconds: float, drawn: Drawn, expected: str) -> None:
        self.seconds[kind].append(seconds)
        self.errors += [f"{kind}: {error}" for error in drawn.errors]
        if expected not in drawn.text:
            self.errors.append(f"{kind}: {expected!r} is not on the page")


@contextlib.asynccontextmanager
async def browser(address: str, token: str) -> AsyncIterator[Browser]:
    cookie = f"oligomet={token}"
    url = f"{address.replace('http', 'ws', 1)}/_stcore/stream"
    async with connect(
        url,
        additional_headers={"Cookie": cookie},
        subprotocols=["streamlit"],  # type: ignore[list-item]
        origin=address,  # type: ignore[arg-type]
        max_size=None,
        open_timeout=PATIENCE_SECONDS,
        ping_interval=None,
        proxy=None,
    ) as socket:
        yield Browser(socket, address, cookie)


async def session(
    address: str, token: str, patients: list[str], times: Times, think: float, until: float, seed: int
) -> None:
    """What one viewer does until the time is over; a connection that is lost counts as an error and is made anew."""
    chance = random.Random(seed)
    await asyncio.sleep(chance.uniform(0, RAMP_SECONDS))
    while time.perf_counter() < until:
        try:
            await pages(address, token, patients, times, think, until, chance)
        except (TimeoutError, OSError, WebSocketException) as lost:
            times.errors.append(f"connection: {type(lost).__name__}")
            await asyncio.sleep(think)


async def pages(
    address: str, token: str, patients: list[str], times: Times, think: float, until: float, chance: random.Random
) -> None:
    """Page after page over one connection."""
    async with browser(address, token) as at:
        while time.perf_counter() < until:
            kind = chance.choices(list(KINDS), list(KINDS.values()))[0]
            patient = chance.choice(patients)
            try:
                if kind == "search":
                    listed = await at.goto("patient", "")
                    await asyncio.sleep(chance.uniform(0.2, 1.0) * think / 2)
                    start = time.perf_counter()
                    drawn = await at.write(listed, FIND, patient[:-1])
                    expected = f"with “{patient[:-1]}” in the id"
                elif kind == "record":
                    start = time.perf_counter()
                    drawn = await at.goto("patient", f"patient={patient}&view=read")
                    expected = patient
                else:
                    start = time.perf_counter()
                    drawn = await at.goto("survival", chance.choice(QUESTIONS))
                    expected = "Kaplan-Meier"
                times.add(kind, time.perf_counter() - start, drawn, expected)
            except TimeoutError:
                times.errors.append(f"{kind}: no answer in {PATIENCE_SECONDS} s")
            except LookupError as missing:
                times.errors.append(f"{kind}: {missing}")
            await asyncio.sleep(chance.uniform(0.5, 1.5) * think)


async def writer(engine: Engine, per_minute: float, times: Times, until: float) -> None:
    """Somebody who enters a visit of a living patient, now and then."""
    patient = TABLES["patient"].__table__.c
    with reading(engine) as connection:
        found = connection.execute(
            sa.select(patient.patient_id, patient.last_contact_on).where(patient.vital_status == "alive").limit(1000)
        ).all()
        number = connection.execute(sa.select(sa.func.max(TABLES["follow_up"].__table__.c.record_no))).scalar_one()
    chance = random.Random(0)
    while per_minute and time.perf_counter() < until:
        await asyncio.sleep(60 / per_minute)
        number += 1
        patient_id, seen_on = chance.choice(found)
        row = {"patient_id": patient_id, "record_no": str(number), "seen_on": str(seen_on)}
        try:
            await asyncio.to_thread(
                lambda row=row: actions.save(engine, "follow_up", row, by=operator(), reason=None, seen_version=0)
            )
        except OligometError as refused:
            times.errors.append(f"save: {refused}")


async def memory(process: int, found: list[float], times: Times, until: float) -> None:
    """The memory of the server, MiB, at the start of each minute; says how far the run is."""
    while time.perf_counter() < until:
        status = Path(f"/proc/{process}/status").read_text()
        found.append(int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024)
        pages = sum(len(seconds) for seconds in times.seconds.values())
        print(f"minute {len(found) - 1}: {pages} pages, {len(times.errors)} errors", flush=True)
        await asyncio.sleep(60)


async def load(asked: argparse.Namespace, address: str, process: int, engine: Engine) -> tuple[Times, list[float]]:
    """All sessions at once, after one viewer has opened the first figure."""
    with reading(engine) as connection:
        patients = list(connection.execute(sa.select(TABLES["patient"].__table__.c.patient_id)).scalars())
    patients = random.Random(asked.seed).sample(patients, min(len(patients), 5000))
    tokens = signed_in(engine, asked.sessions)
    times, found = Times(), []  # type: tuple[Times, list[float]]
    async with browser(address, tokens[0]) as first:
        start = time.perf_counter()
        await first.goto("survival", "")
        print(f"the first figure after the start: {time.perf_counter() - start:.1f} s", flush=True)
    until = time.perf_counter() + RAMP_SECONDS + 60 * asked.minutes
    await asyncio.gather(
        *(
            session(address, token, patients, times, asked.think, until, asked.seed + position)
            for position, token in enumerate(tokens)
        ),
        memory(process, found, times, until),
        writer(engine, asked.saves_a_minute, times, until),
    )
    return times, found


def signed_in(engine: Engine, count: int) -> list[str]:
    """Sessions of as many accounts, of auditors and clinicians."""
    tokens = []
    for position in range(count):
        role, name = (Role.AUDITOR, Role.CLINICIAN)[position % 2], f"load-{position}"
        accounts.add(engine, name, role=role, by=operator(), subject=name)
        with writing(engine) as connection:
            tokens.append(sessions.open_session(connection, name))
    return tokens


@contextlib.contextmanager
def served(environment: dict[str, str], log: Path) -> Iterator[tuple[str, int]]:
    """The dashboard, served by the command: its address and its process."""
    command = [sys.executable, "-c", "from dashboard.cli import main; main()", "serve"]
    with log.open("wb") as written:
        process = subprocess.Popen(command, env=environment, stdout=written, stderr=written)
    try:
        while not (found := re.search(r"http://127\.0\.0\.1:\d+", log.read_text())):
            assert process.poll() is None, log.read_text()
            time.sleep(0.2)
        while True:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{found[0]}/healthz", timeout=5):
                break
            time.sleep(0.2)
        yield found[0], process.pid
    finally:
        process.terminate()
        process.wait(timeout=30)


def tell(asked: argparse.Namespace, times: Times, found: list[float]) -> None:
    """The figures of the run."""
    pages = sum(len(seconds) for seconds in times.seconds.values())
    print(f"{asked.patients} patients, {asked.sessions} sessions, {asked.minutes} minutes, {pages} pages")
    for kind, seconds in times.seconds.items():
        if len(seconds) > 1:
            cuts = statistics.quantiles(seconds, n=100)
            p50, p95, p99 = (1000 * cuts[at] for at in (49, 94, 98))
            print(f"  {kind:10} {len(seconds):6} pages  p50 {p50:6.0f} ms  p95 {p95:6.0f}  p99 {p99:6.0f}", end="")
            print(f"  max {1000 * max(seconds):6.0f}")
    print(f"  errors     {len(times.errors):6}  {sorted(set(times.errors))[:5]}")
    print("  memory of the server by minute, MiB: " + ", ".join(f"{mib:.0f}" for mib in found))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, default=100_000)
    parser.add_argument("--sessions", type=int, default=70)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--think", type=float, default=10, help="seconds between two pages of a session, on average")
    parser.add_argument("--saves-a-minute", type=float, default=0)
    parser.add_argument("--sqlite", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        os.environ["OLIGOMET_HOME"] = scratch
        url = Databases(folder, not asked.sqlite).new()
        simulate(folder / "cohort", patients=asked.patients, seed=1)
        import_cohort(url, str(folder / "cohort"))
        engine = open_engine(url)
        environment = {**os.environ, "OLIGOMET_DATABASE_URL": url}
        with served(environment, folder / "serve.log") as (address, process):
            times, found = asyncio.run(load(asked, address, process, engine))
            engine.dispose()
        tell(asked, times, found)
        print((folder / "serve.log").read_text()[-2000:], file=sys.stderr)


if __name__ == "__main__":
    main()
