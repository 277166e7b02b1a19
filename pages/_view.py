"""What every section of the Concentration page looks at: the filtered book, its tiers, whose shares are measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from core import wording
from core.accounts import arrays
from core.measures import tiers
from core.report import sentences
from pages import _parts as parts
from pages import _past as past
from pages import _state as state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.measures.basis import Basis
    from core.measures.concentration import Concentration
    from core.measures.portfolio import Portfolio
    from core.measures.tiers import Verdict

JOINED = "concentration.joined"


@dataclass(frozen=True, slots=True)
class View:
    """One look at a book. `joined`: subsidiaries count as one customer with their parent; before: a year ago."""

    prepared: Portfolio
    joined: bool
    basis: Basis
    found: Concentration
    before: Concentration | None

    @property
    def verdict(self) -> Verdict:
        """Weigh the profiles; it costs no accounts, and only the sections that need it ask."""
        return tiers.weigh(self.prepared.cube, state.current())

    @property
    def who(self) -> str:
        """What the shares are of: accounts, or customers where subsidiaries are joined."""
        return "customer" if self.joined else "account"

    def names(self, customers: Sequence[int]) -> list[str]:
        """Say what customers are called: by their parent, with how many others there are."""
        found = arrays.named(self.prepared.book, [int(self.basis.head[customer]) for customer in customers])
        return [self._name(customer, name) for customer, (_, name) in zip(customers, found, strict=True)]

    def _name(self, customer: int, name: str) -> str:
        others = int(self.basis.members[customer]) - 1
        if customer in self.basis.unknown:
            return f"{self.basis.unknown[customer]} ({wording.accounts(others + 1)})"
        return f"{name} and {wording.count(others)} more" if others else name


def take(prepared: Portfolio) -> View:
    """Look at a book as the reader's switch says."""
    joined = bool(st.session_state.get(JOINED)) and past.customers(prepared.book) is not None
    basis, found = past.basis(prepared, joined=joined), past.now(prepared, joined=joined)
    return View(prepared, joined, basis, found, past.a_year_ago(prepared, joined=joined))


def switch(view: View) -> None:
    """Offer to join subsidiaries with their parents, and say what it changes; nothing where nobody has a parent."""
    customers = past.customers(view.prepared.book)
    if customers is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        meaning = (
            "A parent and the accounts below it, by parent_id, count as one customer, with their revenue added up."
        )
        st.toggle("Join subsidiaries with their parents", key=JOINED, help=meaning, persist_state="session")
        if view.joined:
            alone = past.now(view.prepared, joined=False)
            st.caption(parts.text(sentences.joined(view.found, alone)))
        else:
            together = wording.accounts(customers.joined)
            st.caption(parts.text(f"{together} of the book share a customer with others."))
