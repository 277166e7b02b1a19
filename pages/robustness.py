"""How sure are we of every tier?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core import wording
from core.decisions.robustness import fragile, margins
from core.figures import robustness as figures
from core.measures import tiers
from core.report import robustness as said
from pages import _account as account
from pages import _confidence as confidence
from pages import _parts as parts
from pages import _robustness_examples as examples
from pages import _robustness_fragile as fragile_list
from pages import _robustness_money as money
from pages import _robustness_order as order
from pages import _robustness_tipping as tipping
from pages import _state as state

if TYPE_CHECKING:
    from core.accounts.cube import Cube
    from core.decisions.robustness.acceptability import Acceptability
    from core.decisions.robustness.fragile import Sureness
    from core.measures.tiers import Verdict
    from core.model.model import Model

QUESTION = "How sure are we of every tier?"
FRAGILE, TIPPING, MONEY, ORDER, EXAMPLES = (
    "Fragile accounts", "Tipping points", "What moves the most", "Whatever the weights", "Weights from examples",
)  # fmt: skip
SECTION = "robustness.section"


def show() -> None:
    """Show how sure the tiers are, and one section at a time of what that rests on."""
    prepared, model = state.portfolio(), state.current()
    if not len(prepared.cube):
        parts.heading(QUESTION, "")
        parts.empty()
        return
    verdict = tiers.weigh(prepared.cube, model)
    top = st.container()
    thought = confidence.choose(model)
    measured = confidence.measured(prepared, model)
    if measured is None:
        with top:
            parts.heading(QUESTION, "This book is large, so that is worked out when you ask for it.")
        return
    rows = fragile.by_label(prepared.cube, verdict, measured)
    with top:
        parts.heading(QUESTION, said.headline(rows, thought.within, prepared.book.currency))
    if not any(row.accounts for row in rows):
        return
    st.caption(parts.text(confidence.explained(thought, model, measured)))
    distances = margins.distances(prepared.cube, margins.measure(prepared.cube, model, verdict))
    parts.cards(_headline(prepared.cube, model, verdict, measured, rows))
    left, right = st.columns(2, gap="large")
    with left:
        parts.figure(figures.sureness(parts.records(rows), **state.look()), "robustness.sureness")
    with right:
        parts.figure(figures.distances(parts.records(distances), **state.look()), "robustness.distances")
    sections = {
        FRAGILE: lambda: fragile_list.show(prepared, model, verdict, measured),
        TIPPING: lambda: tipping.show(prepared, model, verdict),
        MONEY: lambda: money.show(prepared, model, verdict),
        ORDER: lambda: order.show(prepared, model, verdict),
        EXAMPLES: lambda: examples.show(prepared, model, verdict),
    }
    chosen = st.segmented_control(
        "Section", list(sections), key=SECTION, default=FRAGILE, required=True, label_visibility="collapsed",
        persist_state="session",
    )  # fmt: skip
    sections[chosen]()
    account.open_asked()


def _headline(
    cube: Cube, model: Model, verdict: Verdict, measured: Acceptability, rows: list[Sureness]
) -> list[parts.Card]:
    currency = state.book().currency
    cards = []
    for label, meaning in (
        ("robust", "At least 95 % of the weightings give the account the tier that it has."),
        ("toss-up", "Fewer than 75 % of the weightings give the account the tier that it has."),
    ):
        own = [row for row in rows if row.label == label]
        count, revenue = sum(row.accounts for row in own), sum(row.revenue for row in own)
        worth = f"worth {wording.money_short(revenue, currency)}"
        cards.append(parts.Card(label.capitalize(), wording.count(count), worth, meaning=meaning))
    stake = wording.money_short(fragile.at_stake(cube, measured), currency)
    meaning = "Revenue times the share of weightings that give another tier, added up."
    cards.append(parts.Card("Rests on opinion", stake, "revenue × doubt", meaning=meaning))
    line = cube.accounts[fragile.on_the_line(cube, model, verdict)].sum()
    meaning = "Their score is exactly a cut-off, so any move of a weight may take them to another tier."
    return [*cards, parts.Card("On the line", wording.count(int(line)), "exactly on a cut-off", meaning=meaning)]


parts.run(show)
