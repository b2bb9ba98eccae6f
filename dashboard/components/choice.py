"""A choice that lives in the address of the page, so that it can be shared and bookmarked."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboard.components.messages import note


def choice(label: str, name: str, options: Mapping[str, str], *, help: str | None = None) -> str:
    """One of several options; the first is the default and leaves the address as it is.

    Args:
        name: of the parameter in the address.
        options: what stands in the address -> what is shown.
    """
    default = next(iter(options))
    key, seen = f"choice-{name}", f"address-{name}"
    state, address = st.session_state, st.query_params.get(name)
    # The address counts when the page is opened and whenever somebody else than this function changed it.
    if key not in state or state[key] not in options or state.get(seen) != address:
        asked = default if address is None else address
        if asked not in options:
            note(f"The address names a {label.lower()} “{asked}” that there is not. Shown instead: {options[default]}.")
            asked = default
        state[key] = asked
    # Said anew in each run: on another page a widget of this key would begin with its default.
    state[key] = state[key]
    chosen = st.selectbox(label, list(options), format_func=options.__getitem__, key=key, help=help)
    if chosen != default:
        st.query_params[name] = chosen
    elif name in st.query_params:
        del st.query_params[name]
    state[seen] = st.query_params.get(name)
    return str(chosen)
