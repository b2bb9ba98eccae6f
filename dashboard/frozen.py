"""The snapshots as the pages see them: which there are, what one holds, the state that one is, and making one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from analytics.snapshot_manifest import MANIFEST, Manifest, list_snapshots, read_manifest
from analytics.snapshots import create_snapshot
from dashboard import data, store, trail
from dashboard.data import Moment
from dashboard.disclosure import Protected
from dashboard.scope import scope
from dashboard.who import viewer
from registry.access import Permission


@dataclass(frozen=True, slots=True)
class Held:
    """What a snapshot holds, as far as the viewer sees.

    Args:
        manifest: what is said of it.
        patients, episodes, centers: of the viewer's center, without those who withdrew their consent.
        rows: table -> rows, of all centers; empty for who is bound to one.
    """

    manifest: Manifest
    patients: int
    episodes: int
    centers: int
    rows: Mapping[str, int]


def listed() -> Mapping[str, Manifest | None]:
    """The snapshots by name; None where the manifest of one is not what was written."""
    viewer().require(Permission.VIEW_OUTCOMES)
    return list_snapshots()


def moment(name: str) -> Moment:
    """The state that a snapshot is.

    Raises UsageError where there is none of that name, AnalysisRefused where it is not what was written.
    """
    viewer().require(Permission.VIEW_OUTCOMES)
    manifest = read_manifest(name)
    # The time too: a name that was freed by a removal can be given again.
    key = f"{MANIFEST}:{name}:{manifest.created_at}:{manifest.fingerprint}"
    return Moment(key, int(manifest.trail["number"]), manifest.data_cut, manifest.read_by.to_toml(), name)


def held(at: Moment) -> Held:
    """What the snapshot of a state holds; its files are held against its manifest."""
    seen = scope(Permission.VIEW_OUTCOMES)
    assert at.snapshot is not None
    manifest = read_manifest(at.snapshot)
    frames = data.cohort(at, seen.center).frames
    rows = {} if seen.center else {table: said["rows"] for table, said in manifest.tables.items() if said["rows"]}
    patients, episodes = len(frames["patient"]), len(frames["episode"])
    if seen.protected:
        rows = {table: Protected(count) for table, count in rows.items()}
        patients, episodes = Protected(patients), Protected(episodes)
    return Held(manifest, patients, episodes, frames["patient"]["center_id"].nunique(), rows)


def may_freeze() -> bool:
    """Whether the viewer may make a snapshot: it holds the records of all centers."""
    who = viewer()
    return who.may(Permission.EXPORT) and who.center_id is None


def freeze(name: str, cut: dt.date, note: str) -> Manifest:
    """Makes a snapshot, and says so in the trail; raises as :func:`analytics.snapshots.create_snapshot` does."""
    who = viewer()
    made = create_snapshot(store.engine(), name, cut, by=who, note=note)
    trail.exported(who, f"snapshot {name}")
    return made
