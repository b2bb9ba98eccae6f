"""A page run without a browser, and what it says."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

import dashboard
from dashboard.app import PAGES
from dashboard.who import USER_KEY
from registry.access import Role
from registry.database import open_engine
from tests.dashboard.signing import reference

SCRIPT = Path(dashboard.__file__).parent / "script" / "run.py"


def opened(file: str, *, role: Role = Role.ADMINISTRATOR, of_center: str | None = None, **address: str) -> AppTest:
    """A page of the table, opened at an address with these parameters by somebody who was nowhere before.

    The viewer has an account of the role, made in the registry of the environment where it is not there.
    """
    engine = open_engine()
    app = AppTest.from_file(str(SCRIPT), default_timeout=30)
    app.user = {USER_KEY: reference(engine, role, center=of_center)}
    if file != PAGES[0].file:
        app.switch_page(f"../pages/{file}")
    app.query_params.update(address)
    return app.run()


def html(app: AppTest) -> str:
    """All HTML that the page wrote itself, without its styles."""
    bodies = [element.proto.body for element in app.get("html")]
    return "\n".join(body for body in bodies if not body.startswith("<style>"))


def messages(app: AppTest) -> str:
    """What the page says in boxes."""
    return "\n".join(box.value for kind in (app.warning, app.info, app.error) for box in kind)
