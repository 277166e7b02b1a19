"""What the room said, for the big screen: spread, agreement, the group's weights, and what the disagreement touches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core import wording
from core.decisions import contested
from core.decisions.elicitation import disagreement, group
from core.decisions.workshop import sessions
from core.figures import workshop as figures
from core.model.numbers import FULL_WEIGHT
from pages import _parts as parts
from pages import _state as state
from pages import _store as store

if TYPE_CHECKING:
    from core.decisions.contested import Dispute, Effect
    from core.decisions.elicitation.disagreement import Disagreement
    from core.decisions.workshop.sessions import Ballot, Workshop
    from core.measures.portfolio import Portfolio
    from core.model.model import Model

FEW = 3
"""Fewer ballots than this cannot be shown without telling whose they are."""
TERMS = {
    "consensus": "0: people put all weight on different criteria; 100 %: all weigh alike. Normalised by the smaller of "
    "participants and criteria.",
    "w": "Kendall’s W with ties: 0 no common order of the criteria, 1 the same order for all.",
    "agreed": "Whoever's weights decide, these have the same tier.",
}


@dataclass(frozen=True, slots=True)
class Touched:
    """What a disagreement touches: shares all agree on, contested accounts and revenue (cents), effects, disputes."""

    share_accounts: float | None
    share_revenue: float | None
    accounts: int
    revenue: int
    effects: tuple[Effect, ...]
    disputes: tuple[Dispute, ...]


def way_of(found: Workshop) -> str:
    """Give the way in which ballots are combined on screen."""
    return str(st.session_state.get(_way(found)) or group.way_for(found.method))


def _way(found: Workshop) -> str:
    return f"workshop.way.{found.id}.{found.round}"


def combined(found: Workshop) -> tuple[int, ...]:
    """Give the room's weights of the last revealed round, in basis points."""
    return group.combine([ballot.weights for ballot in given(found)], way_of(found))


def prepared(found: Workshop) -> Portfolio:
    """Prepare the whole book under the session's model; the filters of the sidebar do not count here."""
    return store.portfolio(st.session_state[state.BOOK], found.model, {})


def show(found: Workshop) -> None:
    """Show the last revealed round."""
    ballots = given(found)
    if not ballots:
        st.info("Every ballot of this round was removed.", icon=":material/info:")
        return
    labels = {seat.id: seat.label for seat in sessions.seats(store.state_store(), found.id)}
    people = [labels[ballot.seat] for ballot in ballots]
    said = tuple(ballot.weights for ballot in ballots)
    apart = disagreement.measure(said)
    ways = list(group.WAYS)
    label, first = "The room's weights are the", way_of(found)
    way = str(st.segmented_control(label, ways, default=first, key=_way(found), required=True))
    weights = group.combine(said, way)
    touched = _touched(prepared(found).listing.name, found.toml, said, weights, prepared(found), found.model)
    _cards(apart, touched)
    if len(ballots) < FEW and not found.named:
        st.caption("With so few ballots everybody can tell whose is whose.")
    left, right = st.columns([3, 2], gap="large")
    with left:
        parts.figure(
            figures.spread(_spread(found, ballots, apart), people, dark=state.dark(), names=found.named),
            "workshop.spread",
        )
    with right:
        parts.figure(figures.chosen(_chosen(found, weights), dark=state.dark()), "workshop.weights")
        _camps(found.model, apart, people)
    _effects(found.model, touched)
    _disputes(found, touched, people)
    _comments(found.model, ballots, labels)


def given(found: Workshop) -> list[Ballot]:
    """Give the ballots of the last revealed round that count."""
    return sessions.ballots(store.state_store(), found.id, found.revealed[-1])


@st.cache_data(max_entries=32, show_spinner="Putting every account under everybody's weights …")
def _touched(
    table: str,  # noqa: ARG001  stands for the portfolio in the cache key
    toml: str,  # noqa: ARG001  and this for the model, whose cut-offs and names no table knows
    weights: tuple[tuple[int, ...], ...],
    combined: tuple[int, ...],
    _prepared: Portfolio,
    _model: Model,
) -> Touched:
    found = contested.measure(_prepared.cube, _model, weights)
    return Touched(
        found.share_accounts,
        found.share_revenue,
        found.accounts,
        found.revenue,
        tuple(contested.effects(_prepared.cube, _model, combined, weights)),
        tuple(contested.disputes(_prepared, _model, weights, found)),
    )


def _cards(apart: Disagreement, touched: Touched) -> None:
    word = disagreement.word(apart.consensus)
    cards = [
        parts.Card("Ballots", wording.count(apart.people)),
        parts.Card("Consensus", wording.share(apart.consensus), word, meaning=TERMS["consensus"]),
        parts.Card("Same order", wording.gini(apart.kendall_w), "Kendall’s W", meaning=TERMS["w"]),
        parts.Card("Agreed accounts", wording.share(touched.share_accounts),
                   f"{wording.count(touched.accounts)} contested", meaning=TERMS["agreed"]),
        parts.Card("Agreed revenue", wording.share(touched.share_revenue),
                   f"{wording.money_short(touched.revenue, state.book().currency)} contested", meaning=TERMS["agreed"]),
    ]  # fmt: skip
    parts.cards(cards, columns=len(cards))


def _spread(found: Workshop, given: list[Ballot], apart: Disagreement) -> pd.DataFrame:
    rows = [
        {
            "criterion": found.model.criteria[s.place].name,
            "weights": [ballot.weights[s.place] / FULL_WEIGHT for ballot in given],
            "low": s.low, "lower_quartile": s.lower_quartile, "median": s.median, "upper_quartile": s.upper_quartile,
            "high": s.high,
        }
        for s in apart.spreads
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _chosen(found: Workshop, weights: tuple[int, ...]) -> pd.DataFrame:
    model = found.model
    return pd.DataFrame(
        {
            "criterion": [criterion.name for criterion in model.criteria],
            "weight": [weight / FULL_WEIGHT for weight in weights],
            "before": [weight / FULL_WEIGHT for weight in model.weights],
        }
    )


def _camps(model: Model, apart: Disagreement, people: list[str]) -> None:
    if not apart.camps:
        return
    st.subheader(f"{len(apart.camps)} camps", anchor=False)
    for camp in apart.camps:
        order = sorted(range(len(model.criteria)), key=lambda j: -camp.weights[j])[:2]
        most = ", ".join(f"{model.criteria[j].name} {wording.share(camp.weights[j])}" for j in order)
        members = ", ".join(people[i] for i in camp.members)
        st.markdown(parts.text(f"{wording.plural(len(camp.members), 'person', 'people')}: {most} ({members})"))


def _effects(model: Model, touched: Touched) -> None:
    st.subheader("Which disagreement matters", anchor=False)
    names = {criterion.id: criterion.name for criterion in model.criteria}
    quiet = [names[effect.criterion] for effect in touched.effects if not effect.matters]
    if quiet:
        words = f"No need to discuss {', '.join(quiet)}: taken alone, what was said of it moves no account."
        st.success(parts.text(words), icon=":material/check:")
    currency = state.book().currency
    rows = [
        {
            "Criterion": names[effect.criterion],
            "Said": f"{wording.share(effect.low / FULL_WEIGHT)} to {wording.share(effect.high / FULL_WEIGHT)}",
            "Accounts it moves": effect.accounts,
            "Revenue it moves": wording.money_short(effect.revenue, currency),
        }
        for effect in touched.effects if effect.matters
    ]  # fmt: skip
    if rows:
        st.dataframe(pd.DataFrame(rows), hide_index=True)
        st.caption("Each criterion's weight by itself runs over all that was said of it, the others in proportion.")


def _disputes(found: Workshop, touched: Touched, people: list[str]) -> None:
    st.subheader("Contested accounts", anchor=False)
    if not touched.disputes:
        st.markdown("Everybody's weights put every account into the same tier.")
        return
    labels = (*found.model.tier_names, "Unrated")
    there = [label for label in labels if any(label == tier for d in touched.disputes for tier, _ in d.people)]
    names = {criterion.id: criterion.name for criterion in found.model.criteria}
    rows = []
    for dispute in touched.disputes:
        by_tier = dict(dispute.people)
        rows.append({
            "Account": dispute.name,
            "Revenue": wording.money_short(dispute.revenue, state.book().currency),
            "Criterion behind it": names.get(dispute.criterion or "", wording.NOTHING),
            **{label: _who(by_tier.get(label, ()), people, named=found.named) for label in there},
        })  # fmt: skip
    st.dataframe(pd.DataFrame(rows), hide_index=True)
    shown = f"The {len(rows)} with the most revenue of {wording.accounts(touched.accounts)}. " * (
        len(rows) < touched.accounts
    )
    st.caption(parts.text(f"{shown}Each tier says {'who puts' if found.named else 'how many put'} the account there."))
    if state.filters():
        st.caption("A workshop decides for the whole book: the filters of the sidebar do not count on this page.")


def _who(members: tuple[int, ...], people: list[str], *, named: bool) -> str:
    if not members:
        return wording.NOTHING
    return ", ".join(people[i] for i in members) if named else wording.count(len(members))


def _comments(model: Model, given: list[Ballot], labels: dict[str, str]) -> None:
    said = [(c.name, labels[b.seat], b.comments[c.id]) for c in model.criteria for b in given if c.id in b.comments]
    if said:
        st.subheader("Comments", anchor=False)
        st.dataframe(pd.DataFrame(said, columns=["Criterion", "From", "Comment"]), hide_index=True)
