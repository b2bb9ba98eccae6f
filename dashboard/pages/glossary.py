"""What the words of the pages mean."""

from __future__ import annotations

import streamlit as st

from dashboard import glossary
from dashboard.components.heading import heading
from dashboard.components.html import Column, show, table, tag

st.title("Glossary", anchor=False)
text = st.text_input("Find a word", key="glossary-text", placeholder="a part of it", width=320, live="500ms").strip()
found = glossary.found(text)
for head, terms in found.items():
    heading(head)
    columns = (Column("Word", kind="head"), Column("Meaning"))
    show(tag("div", table(columns, [(term.word, term.meaning) for term in terms]), class_="glossary"))
if not found:
    show(
        tag(
            "p",
            "No word here holds this text. The data dictionary explains every column; see also the help of a field.",
        )
    )
