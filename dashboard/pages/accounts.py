"""Accounts: who may sign in, in which role and for which center."""

from __future__ import annotations

import streamlit as st

from dashboard import accounts
from dashboard.components.accounts import account_table, add, change
from dashboard.components.form_state import said
from dashboard.components.html import show

st.title("Accounts", anchor=False)
said()
found = accounts.listed()
show(account_table(found))
left, right = st.columns(2, gap="large")
with left:
    change(found)
with right:
    add()
