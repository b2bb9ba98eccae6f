"""The whole proof of a registry: its trail is what was written, and its record is what the trail says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.engine import Engine

from registry import anchor, audit
from registry.audit import Break, Head
from registry.database import reading
from registry.replay import verify_record

_CHAIN = 0.3
"""The share of the work that the chain is, where the record is compared too."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verification found.

    Args:
        head: of the trail that was read.
        broken: the first break; None where all is whole.
    """

    head: Head
    broken: Break | None


def verify(
    engine: Engine,
    *,
    known: Head | None = None,
    trail_only: bool = False,
    progress: Callable[[float, str], None] = lambda share, what: None,
) -> Verified:
    """Reads the whole trail, and compares the record with it. A trail that was found whole is remembered.

    Args:
        known: a head that the trail must still hold; without it the last that was verified on this machine.
        trail_only: does not compare the record.
        progress: is told the share that is done, and what is being done.
    """
    known = known or anchor.last_verified(engine)
    chain = 1.0 if trail_only else _CHAIN
    with reading(engine) as connection:
        head = audit.head(connection)
        broken = audit.verify_chain(
            connection, known=known, progress=lambda share: progress(chain * share, "the trail")
        )
        if broken is None and not trail_only:
            broken = verify_record(connection, lambda share: progress(chain + (1 - chain) * share, "the record"))
    if broken is None:
        anchor.remember(engine, head)
    return Verified(head, broken)
