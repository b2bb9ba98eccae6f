"""Double entry: a sample that a second person enters blind, and how often both entries differ."""

from __future__ import annotations

import streamlit as st

from analytics.audit.agreement import agreement
from dashboard import double_entry
from dashboard.components.blind import blind_form, title
from dashboard.components.double_entry import SAMPLE, agreement_table, discrepancies, draw, sample_words
from dashboard.components.form_state import said
from dashboard.components.heading import heading
from dashboard.components.html import show, tag
from dashboard.who import viewer
from dashboard.words import counted
from registry.access import Permission

writes = viewer().may(Permission.WRITE_RECORDS)
st.title("Double entry", anchor=False)
show(
    tag(
        "p",
        "Chosen forms of a random sample of patients are entered again by a second person, who does not see what is "
        "stored. The share of fields that differ measures the entry of the data.",
        class_="quiet",
    )
)
samples = {sample.number: sample for sample in double_entry.samples()}
if writes:
    with st.expander("Draw a sample", expanded=not samples):
        draw(len(samples))
if not samples:
    show(tag("p", "No sample was drawn yet." + ("" if writes else " A data manager draws one."), class_="quiet"))
    st.stop()
asked = st.query_params.get(SAMPLE, "")
first = int(asked) if asked.isdecimal() and int(asked) in samples else next(iter(samples))
numbers = list(samples)
chosen = st.selectbox("Sample", numbers, numbers.index(first), format_func=lambda n: sample_words(samples[n]))
sample = samples[chosen]
st.query_params[SAMPLE] = str(sample.number)
said()
if writes:
    items = double_entry.to_enter(sample.number)
    heading("Second entry")
    if items:
        words = {item: title(item, double_entry.named(item)) for item in items[:1]}
        item = st.selectbox(
            "Form to enter", items, key=f"second-item|{sample.number}|{len(items)}", width=520,
            format_func=lambda one: words.get(one) or title(one, {}),
        )  # fmt: skip
        show(
            tag("p", f"{counted(len(items), 'form')} to enter. {title(item, double_entry.named(item))}", class_="quiet")
        )
        blind_form(item)
    else:
        show(
            tag(
                "p",
                "Nothing is left here for you: what you entered first is another person's to enter.",
                class_="quiet",
            )
        )
compared = double_entry.compared(sample.number)
heading("Comparison")
if compared:
    rates = agreement(compared)
    show(
        agreement_table([one for one in rates if not one.column]),
        tag("p", f"Seed {sample.seed}, drawn by {sample.drawn_by}. The record as it stood when each form was finished; "
            "what is corrected later stays a discrepancy here. A field that is blank in both is not counted.",
            class_="quiet"),
    )  # fmt: skip
    with st.expander("Each field, with kappa"):
        show(agreement_table([one for one in rates if one.column]))
    heading("Discrepancies")
    discrepancies(compared, resolves=writes)
else:
    show(tag("p", "No form is finished yet.", class_="quiet"))
