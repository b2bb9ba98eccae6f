"""Partitions by patient: a large input is laid down on disk so that all rows of a patient come back together.

Memory is then bounded by a partition, not by the input, whatever the order of the rows in the files.
"""

from __future__ import annotations

import bisect
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pyarrow as pa

from registry.cells import Cells, by_distinct
from registry.errors import EnvironmentRefused
from registry.intake.rows import Rows, Source, Text, concatenate
from registry.tables import PATIENT_TABLES, TABLES

PARTITION_BYTES = 6_000_000
"""About how much of an input one partition holds: some 3 000 patients."""

_LINE, _REFUSED = "@line", "@refused"  # no column of a table is named so

Partition = dict[str, Rows]
"""The rows of some patients (or of centers), by table."""


class Spill:
    """Takes rows in any order and gives them back patient by patient, in ranges of their identifiers.

    Ranges, because neighbors lie on the same pages of the database: partitions by a hash would touch every page of
    every table once for each partition.

    Args:
        source: what will be read. A small one stays in memory; a large one is opened once before, for the identifiers
            of its first table, so that the ranges hold about as many patients each.
    """

    def __init__(self, source: Source) -> None:
        self._bounds = _bounds(source, -(-source.bytes // PARTITION_BYTES))
        self.count = len(self._bounds) + 1
        self._memory: dict[str, list[Rows]] = defaultdict(list)
        with _disk():
            self._folder = tempfile.TemporaryDirectory(prefix="oligomet-")
        self._files: dict[str, _File] = {}

    def add(self, rows: Rows) -> None:
        """Takes a chunk of one table."""
        if self.count == 1 or rows.table == "center":
            self._memory[rows.table].append(rows)
            return
        number = by_distinct(_belongs_to(rows), lambda key: bisect.bisect_right(self._bounds, key)).astype(np.int64)
        with _disk():
            if rows.table not in self._files:
                self._files[rows.table] = _File(Path(self._folder.name) / rows.table, rows)
            for partition in np.unique(number):
                self._files[rows.table].add(int(partition), rows.take(number == partition))

    def partitions(self) -> Iterator[Partition]:
        """The centers first, then the patients, some at a time, and the screening entries with their patients."""
        if "center" in self._memory:
            yield {"center": concatenate(self._memory.pop("center"))}
        if self.count == 1:
            yield {name: concatenate(self._memory[name]) for name in TABLES if name in self._memory}
            return
        for partition in range(self.count):
            with _disk():
                found = {
                    name: rows for name in TABLES if name in self._files for rows in self._files[name].get(partition)
                }
            yield found

    def close(self) -> None:
        """Removes what was laid down."""
        for file in self._files.values():
            with suppress(OSError):  # what was not laid down whole is removed all the same
                file.close()
        self._folder.cleanup()


@contextmanager
def _disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        remedy = "Free some space there, or let TMPDIR name another folder"
        raise EnvironmentRefused("The folder for temporary files failed", got=error.strerror, remedy=remedy) from error


def _bounds(source: Source, count: int) -> list[str]:
    """The identifiers at which the partitions after the first begin."""
    if count <= 1:
        return []
    found: set[str] = set()
    table = None
    for item in source.read():
        if isinstance(item, Text) and item.table in PATIENT_TABLES:
            table = table or item.table
            if item.table != table:
                if source.table_by_table:
                    break
                continue
            found.update(text.strip() for text in item.columns.get("patient_id", ()))
    owners = sorted(found)
    return sorted({owners[len(owners) * number // count] for number in range(1, count)}) if owners else []


def _belongs_to(rows: Rows) -> Cells:
    owner = rows.columns[TABLES[rows.table].keys[0]]
    patient = rows.columns.get("patient_id")
    return owner if patient is None else np.where(patient == "", owner, patient)


class _File:
    """The chunks of one table on disk, with a list of which belong to which partition."""

    def __init__(self, path: Path, rows: Rows) -> None:
        self._table, self._file, self._names = rows.table, rows.file, list(rows.columns)
        beside = [(_LINE, pa.int64()), (_REFUSED, pa.bool_())]
        self._schema = pa.schema([*((name, pa.string()) for name in self._names), *beside])
        self._path = path
        self._writer: pa.ipc.RecordBatchFileWriter | None = pa.ipc.new_file(str(path), self._schema)
        self._reader: pa.ipc.RecordBatchFileReader | None = None
        self._where: dict[int, list[int]] = defaultdict(list)
        self._batches = 0

    def add(self, partition: int, rows: Rows) -> None:
        arrays = [pa.array(rows.columns[name], pa.string()) for name in self._names]
        assert self._writer is not None
        beside = [pa.array(rows.lines), pa.array(rows.refused)]
        self._writer.write_batch(pa.record_batch([*arrays, *beside], schema=self._schema))
        self._where[partition].append(self._batches)
        self._batches += 1

    def get(self, partition: int) -> Iterator[Rows]:
        if self._writer is not None:
            self._writer.close()
            self._writer, self._reader = None, pa.ipc.open_file(pa.OSFile(str(self._path)))
        if partition in self._where:
            assert self._reader is not None
            table = pa.Table.from_batches([self._reader.get_batch(at) for at in self._where[partition]])
            columns = {name: _cells(table.column(name)) for name in self._names}
            lines, refused = (table.column(name).to_numpy() for name in (_LINE, _REFUSED))
            yield Rows(self._table, self._file, columns, lines, refused)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._reader = None


def _cells(column: pa.ChunkedArray) -> Cells:
    # Through a dictionary, so that equal cells are one object again and not one each.
    encoded = column.combine_chunks().dictionary_encode()
    distinct = encoded.dictionary.to_numpy(zero_copy_only=False)
    return np.asarray(distinct[encoded.indices.to_numpy()], dtype=object)
