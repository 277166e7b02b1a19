"""Two or three scenarios side by side: weights, tiers, how alike they are, and the accounts that differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core import wording
from core.decisions import comparison
from core.measures import agreement, tiers
from pages import _account as account
from pages import _moves as moves
from pages import _parts as parts
from pages import _state as state
from pages import _store as store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.decisions.scenarios import Scenario
    from core.measures.portfolio import Portfolio
    from core.model.model import Model


def show(chosen: Sequence[Scenario]) -> None:
    """Compare scenarios with the first of them."""
    models = [store.parsed(found.toml) for found in chosen]
    prepared = [store.portfolio(st.session_state[state.BOOK], model, state.filters()) for model in models]
    names = [found.name for found in chosen]
    left, right = st.columns(2, gap="large")
    with left:
        st.caption("Weights")
        _table(_weights(models), "Criterion", names)
    with right:
        st.caption("Tiers: accounts and revenue")
        _table(_tiers(models, prepared), "Tier", names)
    for i in range(1, len(chosen)):
        _differ((names[0], names[i]), (models[0], models[i]), (prepared[0], prepared[i]))
    account.open_asked()


def _weights(models: Sequence[Model]) -> dict[str, dict[int, str]]:
    rows: dict[str, dict[int, str]] = {}
    for i, model in enumerate(models):
        for criterion, weight in zip(model.criteria, model.weights, strict=True):
            rows.setdefault(criterion.name, {})[i] = wording.share(weight / 10_000)
    return rows


def _tiers(models: Sequence[Model], prepared: Sequence[Portfolio]) -> dict[str, dict[int, str]]:
    rows: dict[str, dict[int, str]] = {}
    for i, (model, portfolio) in enumerate(zip(models, prepared, strict=True)):
        for row in tiers.distribution(portfolio.cube, tiers.weigh(portfolio.cube, model)):
            revenue = wording.money_share(row.revenue, row.share_revenue, portfolio.book.currency)
            rows.setdefault(row.tier, {})[i] = f"{wording.accounts(row.accounts)}, {revenue}"
    return rows


def _table(rows: dict[str, dict[int, str]], heading: str, names: Sequence[str]) -> None:
    # Columns are numbered inside, since a scenario may have the name of the heading.
    columns = {"what": list(rows)} | {str(i): [row.get(i, "–") for row in rows.values()] for i in range(len(names))}
    labels = {"what": heading} | {str(i): name for i, name in enumerate(names)}
    st.dataframe(pd.DataFrame(columns), hide_index=True, column_config=dict(labels))


def _differ(names: tuple[str, str], models: tuple[Model, Model], prepared: tuple[Portfolio, Portfolio]) -> None:
    one, other = names
    joint = store.joint(*prepared)
    verdicts = tiers.weigh(prepared[0].cube, models[0]), tiers.weigh(prepared[1].cube, models[1])
    found = agreement.agreement(joint, *joint.aligned(*verdicts))
    tau = "n/a" if found.tau_b is None else f"{found.tau_b:.2f}"
    words = f"{wording.share(found.same_tier)} of accounts and {wording.share(found.same_tier_revenue)} of revenue keep"
    st.markdown(parts.text(f"{one} and {other}: {words} their tier; the order of accounts agrees with tau-b {tau}."))
    differing = comparison.movement(joint, *verdicts).moved
    if not differing:
        return
    label = f"{wording.accounts(differing)} {'differs' if differing == 1 else 'differ'}: from {one} to {other}"
    # The list is a scan of the accounts, so it waits until somebody asks.
    with st.expander(parts.text(label), key=f"differ.{one}.{other}", on_change="rerun") as box:
        if box.open:
            moves.listed(joint, models, differing, key=f"differ.{one}.{other}.rows", file=f"{one} to {other}")
