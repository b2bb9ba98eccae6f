"""A page run without a browser, and what it says."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

import dashboard
from dashboard.app import PAGES

SCRIPT = Path(dashboard.__file__).parent / "script" / "run.py"


def opened(file: str, **address: str) -> AppTest:
    """A page of the table, opened at an address with these parameters by somebody who was nowhere before."""
    app = AppTest.from_file(str(SCRIPT), default_timeout=30)
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
