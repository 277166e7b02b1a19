"""What do we know of this account?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.accounts.listing import Wanted
from core.measures import portfolio, tiers
from pages import _account as account
from pages import _account_confidence as confidence
from pages import _account_facts as facts
from pages import _account_health as health
from pages import _actions as actions
from pages import _parts as parts
from pages import _state as state
from pages import _store as store

if TYPE_CHECKING:
    from pages._account import One

QUESTION = "What do we know of this account?"
FOUND, SEARCH, MATCHES = "account.found", "account.search", 30


def show() -> None:
    """Show one account whole: the one that the address names, or the one that was chosen."""
    if not len(state.portfolio().cube):
        st.title(QUESTION, anchor=False)
        parts.empty()
        return
    opened = st.session_state.pop(account.OPEN, None)  # chosen in one of the tables below
    asked = opened or _named() or st.session_state.get(_chosen()) or _first()
    found = account.one(asked)
    name = found.row.name if found else f"account {asked}"
    parts.heading(QUESTION, f"{name}: {account.headline(found)}" if found else f"“{asked}” is not shown.")
    _finder()
    if found is None:
        parts.empty("This account does not pass the filters, or is not in this book.")
        return
    st.session_state[_chosen()] = asked
    st.query_params.from_dict({"account": asked, **account.address()})
    _whole(found)
    actions.watch()


def _named() -> str | None:
    """Give the account that the address names, unless another book is on screen by now."""
    same = st.query_params.get("book", store.DEMO) == st.session_state[state.BOOK]
    return st.query_params.get("account") if same else None


def _chosen() -> str:
    return f"account.chosen.{st.session_state[state.BOOK]}"


def _first() -> str:
    """Give the account with the most revenue."""
    verdict = tiers.weigh(state.portfolio().cube, state.current())
    return str(portfolio.accounts(state.portfolio(), verdict, Wanted(), limit=1)["account_id"][0])


def _finder() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        part = st.text_input("Find another account", placeholder="Name or account id", key=SEARCH)
        if part:
            verdict = tiers.weigh(state.portfolio().cube, state.current())
            rows = portfolio.accounts(state.portfolio(), verdict, Wanted(search=part), limit=MATCHES).to_pylist()
            names = {row["account_id"]: f"{row['name']} · {row['account_id']}" for row in rows}
            if names:
                st.selectbox("Found", list(names), index=None, format_func=names.__getitem__, key=FOUND,
                             placeholder=f"{len(names)} found", on_change=_choose)  # fmt: skip
            else:
                st.caption("No account is called so.")


def _choose() -> None:
    if st.session_state[FOUND]:
        st.session_state[account.OPEN], st.session_state[SEARCH] = st.session_state[FOUND], ""


def _whole(found: One) -> None:
    facts.cards(found)
    left, right = st.columns([9, 5], gap="medium")
    with left:
        st.subheader("Why this tier", anchor=False)
        account.standing(found, "account.page.waterfall")
        confidence.section(found)
        st.subheader("Health against its targets", anchor=False)
        health.signals(found)
        st.subheader("What it paid", anchor=False)
        health.history(found)
    with right:
        st.subheader("Next action", anchor=False)
        actions.panel(found.row, found.tier)
        st.subheader("Actions and notes", anchor=False)
        actions.history(found.row.account_id)
        st.subheader("Who it is", anchor=False)
        facts.identity(found)
    st.subheader("Parent, siblings and children", anchor=False)
    facts.family(found)
    st.subheader("Similar accounts", anchor=False)
    facts.alike(found)


parts.run(show)
