"""Who moves: the flow between tiers, the accounts behind it, and whom it concerns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core import wording
from core.decisions import comparison
from core.figures import flow
from pages import _account as account
from pages import _confidence as confidence
from pages import _parts as parts
from pages import _state as state

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from core.decisions.comparison import Group, Joint, Mix
    from core.measures.tiers import Verdict
    from core.model.model import Model

ROWS = 50


def show(joint: Joint, models: tuple[Model, Model], verdicts: tuple[Verdict, Verdict]) -> None:
    """Show what two models make of one book: before and after, each verdict on its own cube."""
    moves = comparison.movement(joint, *verdicts)
    if not moves.moved:
        return
    left, right = st.columns([2, 3], gap="large")
    with left:
        flows = parts.records(comparison.flows(joint, *verdicts))
        parts.figure(flow.sankey(flows, comparison.both_tiers(*verdicts), **state.look()), "weights.flow")
    with right:
        st.subheader(f"{wording.accounts(moves.moved)} {'moves' if moves.moved == 1 else 'move'}", anchor=False)
        listed(joint, models, moves.moved, key="weights.movers")
    _mix(comparison.mix(joint, *verdicts), state.book().currency)


def listed(joint: Joint, models: tuple[Model, Model], moved: int, *, key: str, file: str = "movers") -> None:
    """List the accounts that change their tier, most revenue first, with what moved each; all of them as files."""
    found = comparison.movers(joint, *models, limit=ROWS, belief=confidence.belief(models[1]))
    currency = joint.listing.book.currency
    shown = pd.DataFrame(
        {
            "Account": found["name"].to_pylist(),
            f"Revenue ({currency})": [None if cents is None else cents / 100 for cents in found["revenue"].to_pylist()],
            "From": found["before"].to_pylist(),
            "To": found["after"].to_pylist(),
            "Confidence": [None if share is None else 100 * share for share in found["confidence"].to_pylist()],
            "Score": found["score_after"].to_pylist(),
            "Change": found["change"].to_pylist(),
            "Because of": found["reason"].to_pylist(),
            "Health": found["health"].to_pylist(),
            "Owner": found["owner"].to_pylist(),
        }
    )
    look = {
        f"Revenue ({currency})": st.column_config.NumberColumn(format="%,.0f"),
        "Confidence": st.column_config.ProgressColumn(
            min_value=0, max_value=100, format="%.0f %%", help=confidence.COLUMN
        ),
        "Score": st.column_config.NumberColumn(format="%.1f", help="After the change, 0 to 100."),
        "Change": st.column_config.NumberColumn(format="%+.1f", help="Score points gained or lost."),
        "Because of": st.column_config.TextColumn(help="What changed the score most in the direction of the move."),
    }
    account.table(shown, found["account_id"].to_pylist(), key, column_config=look, height=parts.tall(len(shown), 360))
    if moved > ROWS:
        st.caption(f"The {ROWS} with the most revenue; the files hold all of them.")
    parts.downloads(file, lambda: _export(comparison.movers(joint, *models, limit=None)))


def _export(found: pa.Table) -> pa.Table:
    amounts = [None if cents is None else cents / 100 for cents in found["revenue"].to_pylist()]
    return found.set_column(found.column_names.index("revenue"), "revenue", [amounts])


def _mix(found: Mix, currency: str) -> None:
    at_risk = wording.money_short(found.at_risk_revenue, currency)
    kinds = [(found.customers, "customer"), (found.prospects, "prospect"), (found.unknown, "of unknown lifecycle")]
    who = ", ".join(wording.plural(n, word, None if word[-1] != "e" else word) for n, word in kinds if n)
    st.markdown(parts.text(f"Among them {who}; {wording.count(found.at_risk)} At Risk or Critical with {at_risk}."))
    for column, (title, groups) in zip(
        st.columns(3, gap="large"),
        (("owners", found.owners), ("regions", found.regions), ("industries", found.industries)),
        strict=True,
    ):
        with column:
            st.caption(parts.text(f"{found.tier} accounts won and lost by {title}"))
            _groups(groups, currency)


def _groups(groups: Sequence[Group], currency: str) -> None:
    if not groups:
        st.markdown("Nobody wins or loses any.")
        return
    shown = pd.DataFrame(
        {
            "Who": [group.name for group in groups],
            "Won": [group.entering for group in groups],
            "Lost": [group.leaving for group in groups],
            "Net revenue": [group.net_revenue / 100 for group in groups],
        }
    )
    look = {
        "Net revenue": st.column_config.NumberColumn(
            format="compact", help=parts.text(f"Won less lost, in {currency}.")
        )
    }
    st.dataframe(shown, hide_index=True, column_config=look, height=parts.tall(len(shown), 240))
