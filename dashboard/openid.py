"""Signing in through an identity provider (OpenID Connect, authorization code with PKCE and nonce).

The provider says who somebody is (its ``sub``); an account that an administrator made says what they may do here.
Nobody gets an account by signing in at the provider. From then on the session is one of ours, with our limits.
"""

from __future__ import annotations

import base64
import json
import secrets
import time
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from authlib.integrations.requests_client import OAuth2Session  # type: ignore[import-untyped]
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dashboard import cookies, logs, sign_in, store
from dashboard.client import Client, client_of
from dashboard.settings import OpenId, Settings, read_settings
from registry.errors import EnvironmentRefused, OligometError
from registry.sign_in import SignInRefused, sign_in_subject

COOKIE = "oligomet-provider"
BACK = "/signin/provider/back"
MINUTES = 10
_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
_TIMEOUT_SECONDS = 10
_CLOCKS_APART_SECONDS = 60


async def to_provider(request: Request) -> Response:
    """Leads to the provider."""
    return await run_in_threadpool(_to_provider, request)


def _to_provider(request: Request) -> Response:
    settings = read_settings()
    client, goes_to = client_of(request.scope, settings), sign_in.inside(request.query_params.get("next", "/"))
    if settings.openid is None:
        return RedirectResponse("/signin", HTTPStatus.SEE_OTHER)
    try:
        endpoint = _metadata(settings.openid)["authorization_endpoint"]
    except OligometError as error:
        return sign_in.refused(request, client, goes_to, error, HTTPStatus.BAD_GATEWAY)
    kept = {"state": secrets.token_urlsafe(24), "nonce": secrets.token_urlsafe(24), "next": goes_to}
    kept["verifier"], kept["until"] = secrets.token_urlsafe(48), str(int(time.time()) + 60 * MINUTES)
    asked = {
        "response_type": "code",
        "client_id": settings.openid.client_id,
        "redirect_uri": _back(request, client),
        "scope": "openid",
        "state": kept["state"],
        "nonce": kept["nonce"],
        "code_challenge": create_s256_code_challenge(kept["verifier"]),
        "code_challenge_method": "S256",
    }
    response = RedirectResponse(f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}", HTTPStatus.SEE_OTHER)
    # Lax: the provider's redirect back is a navigation from elsewhere.
    cookies.set_cookie(response, COOKIE, _sealed(kept), client, same_site="lax", max_age=60 * MINUTES)
    return response


async def from_provider(request: Request) -> Response:
    """Takes what the provider sends back."""
    return await run_in_threadpool(_from_provider, request)


def _from_provider(request: Request) -> Response:
    settings = read_settings()
    client = client_of(request.scope, settings)
    kept = _unsealed(cookies.cookie(request.scope, COOKIE, client))
    goes_to = sign_in.inside(kept.get("next", "/"))
    try:
        subject = _subject(request, client, settings, kept)
        opened = sign_in_subject(store.engine(), subject, settings.limits, address=client.address)
    except SignInRefused:
        logs.told("sign-in refused", address=client.address)
        refused = EnvironmentRefused("You have no open account here", remedy="Ask the administrator for one")
        response = sign_in.refused(request, client, goes_to, refused, HTTPStatus.FORBIDDEN)
    except OligometError as error:
        logs.told("sign-in through the provider failed", address=client.address, problem=error.problem)
        response = sign_in.refused(request, client, goes_to, error, HTTPStatus.BAD_GATEWAY)
    else:
        response = sign_in.enter(request, client, opened, goes_to)
    cookies.drop_cookie(response, COOKIE, client)
    return response


def _subject(request: Request, client: Client, settings: Settings, kept: dict[str, str]) -> str:
    """Who the provider says this is; raises EnvironmentRefused where it does not say so beyond doubt."""
    state, code = request.query_params.get("state", ""), request.query_params.get("code", "")
    in_time = int(kept.get("until", "0")) > time.time()
    if settings.openid is None or not in_time or not secrets.compare_digest(state.encode(), kept["state"].encode()):
        raise EnvironmentRefused("This sign-in was not begun here, or too long ago", remedy="Begin again")
    if not code:
        raise EnvironmentRefused("The identity provider did not let you in", remedy="Try again, or ask its help desk")
    metadata = _metadata(settings.openid)
    try:
        secret = settings.openid.client_secret_file.read_text(encoding="utf-8").strip()
    except OSError as error:
        problem = "The secret of the identity provider cannot be read"
        raise EnvironmentRefused(problem, got=error.strerror, remedy="Check client_secret_file") from error
    try:
        with OAuth2Session(settings.openid.client_id, secret, redirect_uri=_back(request, client)) as session:
            token = session.fetch_token(
                metadata["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=kept["verifier"],
                timeout=_TIMEOUT_SECONDS,
            )
            answer = session.request("GET", metadata["jwks_uri"], withhold_token=True, timeout=_TIMEOUT_SECONDS)
            keys = KeySet.import_key_set(answer.json())
        claims = jwt.decode(str(token["id_token"]), keys, algorithms=_ALGORITHMS).claims
        _rules(settings.openid, metadata, kept["nonce"]).validate(claims)
    except JoseError as error:
        raise _not_understood("Its token is not valid") from error
    except Exception as error:  # whatever the libraries raise for a broken answer, a refused code or a lost connection
        raise _not_understood("It refused, or could not be reached") from error
    if claims.get("azp", settings.openid.client_id) != settings.openid.client_id:
        raise _not_understood("Its token is for another program")
    return str(claims["sub"])


def _rules(openid: OpenId, metadata: dict[str, Any], nonce: str) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        leeway=_CLOCKS_APART_SECONDS,
        iss={"essential": True, "value": metadata["issuer"]},
        aud={"essential": True, "value": openid.client_id},
        sub={"essential": True, "allow_blank": False},
        exp={"essential": True},
        nonce={"essential": True, "value": nonce},
    )


def _not_understood(why: str) -> EnvironmentRefused:
    return EnvironmentRefused(f"The identity provider did not sign you in. {why}", remedy="Try again")


def _metadata(openid: OpenId) -> dict[str, Any]:
    """What the provider says about itself."""
    try:
        with OAuth2Session() as session:
            answer = session.request("GET", openid.metadata, withhold_token=True, timeout=_TIMEOUT_SECONDS)
            answer.raise_for_status()
            said: dict[str, Any] = answer.json()
            needed = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
            return {name: str(said[name]) for name in needed}
    except Exception as error:
        problem = "The identity provider cannot be reached"
        raise EnvironmentRefused(problem, remedy="Sign in with a password, or try again later") from error


def _back(request: Request, client: Client) -> str:
    return f"{'https' if client.secure else 'http'}://{request.headers['host']}{BACK}"


def _sealed(kept: dict[str, str]) -> str:
    text = base64.urlsafe_b64encode(json.dumps(kept).encode()).decode().rstrip("=")
    return f"{text}.{cookies.form_token('provider', text)}"


def _unsealed(value: str) -> dict[str, str]:
    """What was kept in the browser on the way to the provider; blanks where it is not ours."""
    text, _, seal = value.partition(".")
    if not cookies.is_form_token(seal, "provider", text):
        return {"state": secrets.token_urlsafe(24), "until": "0"}
    return dict(json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))))
