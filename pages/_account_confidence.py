"""How sure one may be of an account's tier: its place on the account's page.

What stands here is what the account's own values say: the interval that missing values leave open, and how near the
next cut-off lies; then how sure the tier is under other weights, and how far each of them may move.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core import wording
from pages import _confidence as confidence
from pages import _parts as parts

if TYPE_CHECKING:
    from pages._account import One


def section(found: One) -> None:
    """Say how firmly the account stands in its tier."""
    why = found.why
    if why.score is None:
        st.caption("Nothing is known of this account that a tier could rest on.")
        return
    if why.provisional:
        between = f"{wording.score(why.low)} and {wording.score(why.high)}"
        st.markdown(
            parts.text(f"Provisional: missing values leave the score between {between}, which spans two tiers.")
        )
    near = [(way.distance, word, way.tier) for way, word in ((why.up, "up to"), (why.down, "down to")) if way]
    if near:
        distance, word, tier = min(near)
        st.markdown(parts.text(f"The nearest cut-off is {wording.score(distance)} points away, {word} {tier}."))
    confidence.show(found.prepared, found.model, found.verdict, found.facts["profile"], "account.page.robustness")
