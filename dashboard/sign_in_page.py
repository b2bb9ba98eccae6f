"""The pages before the pages: sign-in and account, plain HTML without a script."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from urllib.parse import quote

from dashboard.components.html import Html, html, join, tag
from registry.access import Actor
from registry.passwords import SHORTEST


def page(title: str, body: Html, *, wide: bool = False) -> str:
    """A whole page."""
    width = ' class="wide"' if wide else ""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(title)} · oligomet</title>
<link rel="icon" href="/favicon.png">
<link rel="stylesheet" href="/signin/style.css">
</head>
<body>
<main{width}>
<picture>
<source srcset="/signin/logo-dark.svg" media="(prefers-color-scheme: dark)">
<img src="/signin/logo-light.svg" alt="oligomet" width="130" height="32">
</picture>
{html(body)}
</main>
</body>
</html>
"""


def message(text: str, *, good: bool = False) -> Html:
    """What was wrong, or what was done; read aloud at once."""
    return tag("p", text, class_="said good" if good else "said", role="status" if good else "alert", id="said")


def sign_in(
    token: str, goes_to: str, *, said: Html | None = None, name: str = "", provider: str = "", extra: Html | None = None
) -> str:
    """The sign-in page.

    Args:
        token: binds the form to the browser.
        goes_to: the page that was asked for.
        said: the message above the form.
        name: what was typed before.
        provider: the title of the identity provider; "" without one.
        extra: what stands below.
    """
    described = ' aria-describedby="said"' if said is not None else ""
    focus_name, focus_password = ("", " autofocus") if name else (" autofocus", "")
    form = Html(
        f"""<form method="post" action="/signin">
{_hidden("token", token)}{_hidden("next", goes_to)}
<label for="name">Name</label>
<input id="name" name="name" value="{escape(name)}" autocomplete="username" autocapitalize="none" spellcheck="false"
 maxlength="200" required{described}{focus_name}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" maxlength="1000"
 required{described}{focus_password}>
<button type="submit">Sign in</button>
</form>"""
    )
    parts: list[Html] = [tag("h1", "Sign in")]
    parts += [said] if said is not None else []
    parts.append(form)
    if provider:
        address = "/signin/provider?next=" + quote(goes_to, safe="")
        parts.append(Html(f'<p class="or">or</p><a class="button" href="{address}">With {escape(provider)}</a>'))
    parts += [extra] if extra is not None else []
    return page("Sign in", join(parts), wide=extra is not None)


def no_accounts() -> str:
    """What is said where nobody can sign in yet."""
    words = (
        tag("h1", "There is no account yet"),
        tag("p", "Whoever runs this registry makes the first one on its computer:"),
        tag("pre", "oligomet user add NAME --role administrator"),
        tag("p", "Then load this page again."),
    )
    return page("Sign in", join(words))


def demo_accounts(accounts: Sequence[tuple[str, str, str]]) -> Html:
    """The accounts of a demo: role, name, password."""
    head = join(tag("th", text, scope="col") for text in ("Role", "Name", "Password"))
    rows = join(
        tag("tr", join((tag("th", role, scope="row"), tag("td", tag("code", name)), tag("td", tag("code", password)))))
        for role, name, password in accounts
    )
    table = tag("table", join((tag("thead", tag("tr", head)), tag("tbody", rows))))
    note = tag("p", "This is a demo: its patients are simulated, and these accounts are open to all.", class_="quiet")
    return tag("section", join((tag("h2", "Accounts of the demo"), table, note)))


def account(who: Actor, token: str, *, said: Html | None = None, has_password: bool = True) -> str:
    """What somebody can do with their own account: sign out, here or everywhere, and change the password."""
    of = f"{who.role}, {who.center_id}" if who.center_id else str(who.role)
    parts: list[Html] = [tag("h1", who.name), tag("p", of, class_="quiet")]
    parts += [said] if said is not None else []
    parts.append(
        Html(
            f"""<form method="post" action="/signout" class="row">
{_hidden("token", token)}
<button type="submit" autofocus>Sign out</button>
<button type="submit" name="everywhere" value="yes" class="second">Sign out everywhere</button>
</form>"""
        )
    )
    if has_password:
        parts.append(
            Html(
                f"""<h2>Change the password</h2>
<form method="post" action="/account">
{_hidden("token", token)}
<input hidden autocomplete="username" value="{escape(who.name)}" aria-hidden="true" tabindex="-1">
<label for="old">Password until now</label>
<input id="old" name="old" type="password" autocomplete="current-password" maxlength="1000" required>
<label for="new">New password, at least {SHORTEST} characters</label>
<input id="new" name="new" type="password" autocomplete="new-password" minlength="{SHORTEST}" maxlength="256" required>
<label for="again">The new password again</label>
<input id="again" name="again" type="password" autocomplete="new-password" maxlength="256" required>
<button type="submit">Change it and sign out everywhere</button>
</form>"""
            )
        )
    parts.append(Html('<p><a href="/">Back to the registry</a></p>'))
    return page("Your account", join(parts))


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{name}" value="{escape(value)}">'
