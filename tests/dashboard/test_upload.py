"""The door for uploads: open for who may import, from our own pages, with Streamlit's token, up to a size."""

from __future__ import annotations

import http.client

import pytest

from dashboard.importing import LARGEST_MB
from dashboard.options import OPTIONS
from registry.access import PERMISSIONS as GRANTED
from registry.access import Permission, Role
from registry.database import open_engine
from tests.dashboard import signing
from tests.dashboard.serving import Served

ADDRESS = "/_stcore/upload_file/11111111-1111-1111-1111-111111111111/22222222-2222-2222-2222-222222222222"
BODY = b'--b\r\nContent-Disposition: form-data; name="f"; filename="patient.csv"\r\n\r\npatient_id\r\n--b--\r\n'


def _request(
    server: Served, method: str, path: str, body: bytes | None, headers: dict[str, str]
) -> tuple[int, str, str]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    said = answer.status, answer.read().decode("utf-8", "replace"), answer.getheader("set-cookie") or ""
    connection.close()
    return said


@pytest.fixture(scope="module")
def cookies(server: Served) -> dict[Role, str]:
    """The cookie of a session of each role."""
    engine = open_engine(f"sqlite:///{server.home / 'oligomet.db'}")
    found = {role: f"oligomet={signing.token(engine, role)}" for role in Role}
    engine.dispose()
    return found


@pytest.fixture(scope="module")
def xsrf(server: Served, cookies: dict[Role, str]) -> str:
    """Streamlit's token for a browser of a data manager."""
    sent = {"Cookie": cookies[Role.DATA_MANAGER], "Accept": "*/*"}
    _, _, cookie = _request(server, "GET", "/_stcore/health", None, sent)
    return cookie.partition("_streamlit_xsrf=")[2].partition(";")[0].strip('"')


def _put(
    server: Served, cookie: str, *, token: str = "", method: str = "PUT", body: bytes = BODY, **headers: str
) -> tuple[int, str]:
    sent = {"Cookie": f"{cookie}; _streamlit_xsrf={token}" if token else cookie, "Accept": "*/*"}
    sent |= {"Content-Type": "multipart/form-data; boundary=b"} | ({"X-Xsrftoken": token} if token else {})
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    status, text, _ = _request(server, method, ADDRESS, body, sent)
    return status, text


@pytest.mark.parametrize("role", Role)
def test_the_door_is_open_for_who_may_import(server: Served, cookies: dict[Role, str], xsrf: str, role: Role) -> None:
    status, text = _put(server, cookies[role], token=xsrf)
    if Permission.IMPORT in GRANTED[role]:
        assert (status, "session_id" in text) == (400, True)  # Streamlit takes over: no page has this session
    else:
        assert (status, text) == (403, "You may not import records.\n")


def test_nobody_sends_a_file_without_a_session(server: Served, xsrf: str) -> None:
    for cookie in ("", "oligomet=", f"oligomet={'A' * 43}"):
        assert _put(server, cookie, token=xsrf)[0] == 401


def test_a_foreign_page_sends_no_file(server: Served, cookies: dict[Role, str], xsrf: str) -> None:
    manager, own = cookies[Role.DATA_MANAGER], server.address
    assert _put(server, manager, token=xsrf, Origin=own, Sec_Fetch_Site="same-origin")[0] == 400
    for headers in (
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": own.replace("127.0.0.1", "localhost")},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ):
        assert _put(server, manager, token=xsrf, **headers) == (403, "Not from this page.\n")
    other = "2|00000000|00000000000000000000000000000000|1795000000"
    for cookie, header in ((xsrf, ""), ("", xsrf), (xsrf, other), (other, xsrf), (xsrf, "x"), ("", "")):
        status, text = _put(server, manager, token=cookie, X_Xsrftoken=header, Origin=own)
        assert (status, "XSRF" in text) == (403, True)
    assert _put(server, manager, token=xsrf, method="DELETE", Origin="http://evil.example")[0] == 403


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "OPTIONS"])
def test_the_door_takes_files_and_nothing_else(
    server: Served, cookies: dict[Role, str], xsrf: str, method: str
) -> None:
    assert _put(server, cookies[Role.DATA_MANAGER], token=xsrf, method=method)[0] == 405


def test_streamlit_takes_no_more_and_asks_for_its_token() -> None:
    assert OPTIONS["server.maxUploadSize"] == LARGEST_MB
    assert OPTIONS["server.enableXsrfProtection"]
