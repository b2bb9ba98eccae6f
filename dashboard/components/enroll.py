"""Enrolling a patient: the center, the consent, then who it is."""

from __future__ import annotations

import streamlit as st

from dashboard import entering
from dashboard.components.form import form
from dashboard.components.form_state import said
from dashboard.components.html import show, tag
from dashboard.components.own_center import own_center
from dashboard.words import NOTHING
from registry.drafts import NEW, Place

ENROLL = "enroll"


def to_enroll() -> None:
    """The way to the enrollment of a patient."""
    st.button("Enroll a patient", key="to-enroll", type="primary", on_click=_begin)


def is_asked() -> bool:
    """Whether the address asks for an enrollment."""
    return ENROLL in st.query_params


def enroll() -> None:
    """The form of a patient who is not in the registry yet."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header("Enroll a patient", anchor=False)
        st.button("Back to the list", key="enroll-back", on_click=_end)
    center = own_center(ENROLL)
    if center is None:
        return
    said()
    words = "consent is given or waived"
    show(
        tag(
            "p",
            f"Center {center}. The form goes on where {words}. Without consent a listed case belongs into the "
            f"screening log, as not enrolled. {NOTHING} stands for blank; * marks what is required.",
            class_="quiet",
        )
    )
    form(
        Place(center, "patient", NEW),
        options={},
        fixed={"center_id": center},
        begins={"patient_id": entering.next_patient_id(center)},
    )


def _begin() -> None:
    st.query_params.from_dict({ENROLL: "yes"})


def _end() -> None:
    st.query_params.clear()
