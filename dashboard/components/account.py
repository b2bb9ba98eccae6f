"""Who is signed in, on every page; and what is said to somebody who no longer is."""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

from dashboard.components.html import Html, join, show, tag
from dashboard.components.messages import refused
from dashboard.who import SignedOut
from registry.access import Actor


def account_link(who: Actor) -> Html:
    """The name and role of the viewer, leading to their account and the way out; and to the glossary."""
    of = f"{who.role}, {who.center_id}" if who.center_id else str(who.role)
    name = tag("a", who.name, href="/account", target="_self", title="Your account: sign out, change the password")
    way = tag("a", "Glossary", href="/glossary", target="_self", title="What the words of the pages mean")
    words = tag("span", join((way, " · ")), class_="glossary-link")
    return tag("span", join((words, name, tag("span", f" {of}", class_="quiet"))), class_="who")


def signed_out(error: SignedOut) -> NoReturn:
    """The way back in; the page shows nothing else any more."""
    refused(error)
    show(tag("p", tag("a", "Sign in", href="/signin", target="_self")))
    st.stop()
