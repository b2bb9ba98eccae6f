"""What the installation says in ``OLIGOMET_HOME/settings.toml``: names, proxies, sessions, identity provider.

Without the file the dashboard answers this computer alone, over http, with the usual limits.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from registry.database import home
from registry.errors import EnvironmentRefused
from registry.sessions import Limits

FILE = "settings.toml"
BACKUPS = "backups"

_KNOWN = {
    "server": {"names", "trusted_proxies"},
    "sign_in": {"idle_minutes", "session_hours"},
    "backup": {"folder", "warn_after_days"},
    "openid": {"title", "metadata", "client_id", "client_secret_file"},
}

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class OpenId:
    """An identity provider.

    Args:
        title: what it is called on the sign-in page.
        metadata: the address of its ``.well-known/openid-configuration``.
        client_id: by which it knows this registry.
        client_secret_file: where the secret lies that goes with it.
    """

    title: str
    metadata: str
    client_id: str
    client_secret_file: Path


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings.

    Args:
        names: under which browsers reach the dashboard, beside those of this computer.
        proxies: whose X-Forwarded-For and X-Forwarded-Proto are believed.
        limits: how long a session lasts.
        openid: None where only passwords sign in.
        backups: the folder in which the page makes backups.
        warn_after: how old the last backup may be before the page warns.
    """

    names: frozenset[str] = frozenset()
    proxies: tuple[Network, ...] = ()
    limits: Limits = field(default_factory=Limits)
    openid: OpenId | None = None
    backups: Path = field(default_factory=lambda: home() / BACKUPS)
    warn_after: dt.timedelta = dt.timedelta(days=7)

    def trusts(self, address: str) -> bool:
        """Whether an address is that of a proxy of ours."""
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self.proxies)


def read_settings() -> Settings:
    """The settings of this home; raises EnvironmentRefused where the file says something that cannot be."""
    path = home() / FILE
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        raise EnvironmentRefused(f"{FILE} cannot be read", got=error.strerror, remedy="Check its rights") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise EnvironmentRefused(f"{FILE} is not TOML: {error}", remedy="See docs/operations.md") from None
    for section, values in said.items():
        for name in values if isinstance(values, Mapping) else [None]:
            if section not in _KNOWN or name not in _KNOWN[section]:
                where = f"[{section}] {name or ''}".strip()
                raise EnvironmentRefused(f"{FILE} has a setting that there is not", got=where, remedy="Remove it")
    server, sign_in, backup = (said.get(section, {}) for section in ("server", "sign_in", "backup"))
    try:
        return Settings(
            names=frozenset(str(name).lower() for name in _list(server.get("names", []))),
            proxies=tuple(ipaddress.ip_network(str(item)) for item in _list(server.get("trusted_proxies", []))),
            limits=Limits(
                idle=dt.timedelta(minutes=_positive(sign_in.get("idle_minutes", 30))),
                absolute=dt.timedelta(hours=_positive(sign_in.get("session_hours", 12))),
            ),
            openid=_openid(said.get("openid"), path.parent),
            backups=path.parent / str(backup.get("folder", BACKUPS)),
            warn_after=dt.timedelta(days=_positive(backup.get("warn_after_days", 7))),
        )
    except (ValueError, TypeError, KeyError) as error:
        raise EnvironmentRefused(
            f"{FILE} has a value that cannot be: {error}", remedy="See docs/operations.md"
        ) from None


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is not a list")
    return value


def _positive(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise ValueError(f"{value!r} is not a number above 0")
    return float(value)


def _openid(said: Mapping[str, Any] | None, folder: Path) -> OpenId | None:
    if said is None:
        return None
    metadata = str(said["metadata"])
    if not metadata.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        raise ValueError("metadata must be an https address")
    secret = folder / str(said["client_secret_file"])
    return OpenId(str(said.get("title", "your institution")), metadata, str(said["client_id"]), secret)
