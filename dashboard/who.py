"""Who looks at the pages: until there is a sign-in, the person at this computer, who could read the database itself."""

from __future__ import annotations

from registry.access import Actor, operator


def viewer() -> Actor:
    """The actor in whose name a page reads; asked on every run, never remembered."""
    return operator()
