"""The ASGI application: Streamlit's pages with a guard before them, a health check and an icon beside them."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
from collections.abc import AsyncIterator
from importlib.metadata import version
from pathlib import Path

import uvicorn
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route
from streamlit.starlette import App

from dashboard import exporting, importing, jobs, logs, openid, options, sign_in, store, workplace
from dashboard.failures import show_failure
from dashboard.guard import LOCAL_NAMES, Guard
from dashboard.settings import read_settings
from registry import passwords
from registry.errors import EnvironmentRefused

ADDRESS = "127.0.0.1"
"""Where nobody names another address, only this computer is answered."""

PORT, PORTS_TRIED = 8765, 20
COLLECTED_EVERY_SECONDS, CLEARED_EVERY_SECONDS = 300, 60
_HERE = Path(__file__).parent


def application(names: frozenset[str] = LOCAL_NAMES) -> App:
    """The dashboard of the environment's registry, as an ASGI application; sets Streamlit's options for the process.

    Args:
        names: by which browsers may reach it, beside those of the settings.
    """
    options.apply()
    read_settings()  # what is wrong in them is said now, not to the first who signs in

    async def health(_request: Request) -> Response:
        try:
            await run_in_threadpool(store.require_current)
        except EnvironmentRefused as error:
            return JSONResponse({"status": "unavailable", "problem": error.problem}, 503)
        return JSONResponse({"status": "ok", "version": version("oligomet")})

    async def icon(_request: Request) -> Response:
        return FileResponse(_HERE / "assets" / "icon.png")

    return App(
        _HERE / "script" / "run.py",
        lifespan=_lifespan,
        routes=[Route("/healthz", health), Route("/favicon.png", icon), *_sign_in_routes(), *exporting.routes()],
        middleware=[Middleware(Guard, names=names)],
        on_script_error=show_failure,
        # Without any, each look at who the viewer is goes through the files for them, one session after the other.
        secrets={"oligomet": {}},
    )


def _sign_in_routes() -> list[Route]:
    # Before the files of the sign-in page, which answer any other name below /signin.
    through = [Route("/signin/provider", openid.to_provider), Route(openid.BACK, openid.from_provider)]
    return [*through, *sign_in.routes()]


@contextlib.asynccontextmanager
async def _lifespan(_app: App) -> AsyncIterator[None]:
    """Keeps what is imported out of every later garbage collection; collects the rest now and then."""
    import dashboard.warm  # noqa: F401  all that the pages import, before somebody waits for it

    await run_in_threadpool(passwords.prepare)
    gc.collect()
    gc.freeze()
    await run_in_threadpool(workplace.remove_old)
    tidying = [asyncio.create_task(_collect()), asyncio.create_task(_clear_up())]
    try:
        yield
    finally:
        for task in tidying:
            task.cancel()
        jobs.end_all()


async def _collect() -> None:
    while True:
        await asyncio.sleep(COLLECTED_EVERY_SECONDS)
        await run_in_threadpool(gc.collect)


async def _clear_up() -> None:
    """Removes the files of sessions that have ended."""
    while True:
        await asyncio.sleep(CLEARED_EVERY_SECONDS)
        for end_left in (importing.end_left, exporting.end_left):
            try:
                await run_in_threadpool(end_left)
            except EnvironmentRefused as error:  # the database is away: another time
                logs.failed("files could not be cleared up", error)


def listen(port: int | None, host: str = ADDRESS) -> socket.socket:
    """A listening socket: on the port, or, where none is named, on the usual one or one of the next.

    Raises EnvironmentRefused where the port is taken, or the address is not one of this computer.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    tried = [port] if port is not None else range(PORT, PORT + PORTS_TRIED)
    for number in tried:
        listening = socket.socket(family)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, number))
            listening.listen()
        except OSError:
            listening.close()
        else:
            return listening
    raise EnvironmentRefused("The port cannot be listened on", got=tried[0], remedy="Name another one with --port")


def serve(listening: socket.socket, names: frozenset[str] = LOCAL_NAMES) -> None:
    """Serves the dashboard until the program is interrupted."""
    logs.start()
    config = uvicorn.Config(
        application(names),
        access_log=False,  # an address can name a patient
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=3,
        ws="websockets-sansio",
    )
    with listening, contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])
