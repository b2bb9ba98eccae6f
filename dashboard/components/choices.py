"""A choice of several that lives in the address of the page, as :mod:`dashboard.components.choice` has one of them."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboard.components.messages import note

SEPARATOR = ","


def choices(label: str, name: str, options: Mapping[str, str], *, help: str | None = None) -> tuple[str, ...]:
    """Some of several options; none of them leaves the address as it is.

    Args:
        name: of the parameter in the address.
        options: what stands in the address -> what is shown.
    """
    key, seen = f"choices-{name}", f"address-{name}"
    state, address = st.session_state, st.query_params.get(name)
    if key not in state or state.get(seen) != address:
        state[key] = _asked(label, address, options)
    state[key] = [one for one in state[key] if one in options]
    chosen = st.multiselect(
        label, list(options), format_func=options.__getitem__, key=key, placeholder="any", help=help
    )
    if chosen:
        st.query_params[name] = SEPARATOR.join(one for one in options if one in chosen)
    elif name in st.query_params:
        del st.query_params[name]
    state[seen] = st.query_params.get(name)
    return tuple(chosen)


def _asked(label: str, address: str | None, options: Mapping[str, str]) -> list[str]:
    asked = [one for one in (address or "").split(SEPARATOR) if one]
    for one in asked:
        if one not in options:
            note(f"The address names a {label.lower()} “{one}” that there is not. It is left out.")
    return [one for one in options if one in asked]
