"""How sure a tier is: what is thought of the weights, chosen once for every page, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core import wording
from core.decisions.robustness import acceptability, draws, margins, tipping
from core.measures import tiers
from core.model.numbers import FULL_WEIGHT
from core.report import robustness as said
from pages import _parts as parts
from pages import _state as state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.accounts.cube import Cube
    from core.decisions.robustness.acceptability import Acceptability, Belief
    from core.measures.portfolio import Portfolio
    from core.measures.tiers import Verdict
    from core.model.model import Model

KEY = "confidence.belief"
ASKED = "confidence.asked"
ANY, ORDER, RANGES = "any", "order", "ranges"
SPREADS = {"3": 3.0, "5": 5.0, "10": 10.0}
NAMES = {key: f"± {points:g} points" for key, points in SPREADS.items()}
NAMES |= {ANY: "Any weights", ORDER: "Any in this order", RANGES: "Within ranges"}
WITHIN = {ANY: "", ORDER: "as long as their order stays", RANGES: "within these ranges"}
USUAL = "5"
RANGE = 10
"""Points by which a range reaches to either side of its weight before anybody sets it."""
MUCH = 400_000_000
"""Steps of work, about 4 seconds, above which a person is asked first."""

HELP = (
    "How far the weights may be off. ± 5 points: the largest weight has a standard deviation of 5 points, the others "
    "in keeping. Any weights: nothing is known of them. A tier is robust where at least 95 % of these weightings give "
    "it, likely from 75 %, a toss-up below."
)


COLUMN = "Share of weightings near those on screen that give the account this tier; the Robustness page says how near."


@dataclass(frozen=True, slots=True)
class Thought:
    """What is thought of the weights: the choice on screen, and for ranges their ends as shares of weight."""

    kind: str
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()

    @property
    def within(self) -> str:
        """Say which weights are thought possible, as the end of a sentence; empty is any weights."""
        return said.spread(SPREADS[self.kind]) if self.kind in SPREADS else WITHIN[self.kind]

    def belief(self, model: Model) -> Belief | None:
        """Give it in the form whose shares are exact; None where weightings must be drawn."""
        if self.kind in SPREADS:
            return acceptability.around(model.weights, SPREADS[self.kind])
        return acceptability.anything(len(model.weights)) if self.kind == ANY else None

    def measure(self, cube: Cube, model: Model, verdict: Verdict) -> Acceptability:
        """Measure how sure every tier is; raises `TierwiseError` where ranges leave no weights."""
        belief = self.belief(model)
        if belief:
            return acceptability.measure(cube, model, verdict, belief)
        room = draws.Room(self.low, self.high)
        weightings = draws.from_order(model.weights) if self.kind == ORDER else draws.from_room(room)
        return draws.measure(cube, model, verdict, weightings)


def thought(model: Model) -> Thought:
    """Give what is thought of the weights, from what was chosen on the Robustness page."""
    kind = st.session_state.get(KEY) or USUAL
    if kind != RANGES:
        return Thought(kind)
    ends = [
        st.session_state.get(_range_key(c.id), _usual(w)) for c, w in zip(model.criteria, model.weights, strict=True)
    ]
    return Thought(kind, tuple(low / 100 for low, _ in ends), tuple(high / 100 for _, high in ends))


def belief(model: Model) -> Belief:
    """Give what is thought of the weights in its exact form; where weightings would have to be drawn, the usual one."""
    return thought(model).belief(model) or acceptability.around(model.weights)


def choose(model: Model) -> Thought:
    """Show the control of how far the weights may be off."""
    st.segmented_control(
        "How far may the weights be off?", list(NAMES), key=KEY, default=USUAL, required=True,
        format_func=NAMES.__getitem__, help=HELP, persist_state="session",
    )  # fmt: skip
    if st.session_state.get(KEY) == RANGES:
        with st.expander("Ranges of the weights, in percent", expanded=True), st.grid("auto", min_column_width=260):
            for criterion, weight in zip(model.criteria, model.weights, strict=True):
                st.slider(
                    parts.text(criterion.name), 0, 100, _usual(weight), key=_range_key(criterion.id),
                    persist_state="session",
                )  # fmt: skip
    return thought(model)


def _range_key(criterion: str) -> str:
    return f"confidence.range.{st.session_state[state.MODEL]}.{criterion}"


def _usual(weight: int) -> tuple[int, int]:
    share = round(100 * weight / FULL_WEIGHT)
    return max(0, share - RANGE), min(100, share + RANGE)


def explained(found: Thought, model: Model, measured: Acceptability) -> str:
    """Say in one line what was taken for possible, and how exact the shares are."""
    belief = found.belief(model)
    if belief and belief != acceptability.anything(len(model.weights)):
        largest = max(range(len(model.weights)), key=model.weights.__getitem__)
        return said.belief(belief, model.criteria[largest].name)
    if belief:
        return "Every weighting that adds to 100 % is taken for equally possible. Exact, nothing is drawn by lot."
    error = 0.0 if measured.error is None else float(pd.Series(measured.error).max())
    off = f"standard error at most {100 * error:.1f} points"
    return f"{wording.count(measured.draws)} weightings drawn, the same for every account; {off}."


def measured(prepared: Portfolio, model: Model) -> Acceptability | None:
    """Measure how sure every tier is; None where that takes long and nobody has asked for it yet."""
    found = thought(model)
    belief = found.belief(model)
    steps = acceptability.work(prepared.cube, model, belief) if belief else 0
    asked = (prepared.listing.name, found)
    if steps > MUCH and st.session_state.get(ASKED) != asked:
        seconds = wording.count(round(steps / 100_000_000))
        st.info(f"So many profiles take about {seconds} seconds.", icon=":material/hourglass_top:")
        if not st.button("Work it out", type="primary"):
            return None
        st.session_state[ASKED] = asked
    return _measured(prepared.listing.name, model.weights, model.cut_offs, model.floor, found, prepared, model)


@st.cache_data(max_entries=32, show_spinner="Working out how sure every tier is …")
def _measured(  # what follows from weights is cached here only, since it may take seconds
    table: str,  # noqa: ARG001
    weights: tuple[int, ...],  # noqa: ARG001
    cut_offs: tuple[int, ...],  # noqa: ARG001
    floor: int,  # noqa: ARG001
    found: Thought,
    _prepared: Portfolio,
    _model: Model,
) -> Acceptability:
    return found.measure(_prepared.cube, _model, tiers.weigh(_prepared.cube, _model))


def show(prepared: Portfolio, model: Model, verdict: Verdict, profile: int, key: str) -> None:
    """Show of one account how sure its tier is, what would change it, and how far each weight may move."""
    tier, cube = int(verdict.tier[profile]), prepared.cube
    points, gate = cube.points[profile].tolist(), int(cube.gate[profile])
    if tier == len(model.tiers):
        st.markdown(parts.text(said.account("", None, None, "")))
        return
    found = thought(model)
    within = found.within if found.belief(model) else said.spread(acceptability.USUAL_SPREAD)
    shares = acceptability.of_one(model, points, gate, belief(model))
    st.markdown(parts.text(said.account(verdict.labels[tier], float(shares.confidence[0]), shares.labels[0], within)))
    proof = margins.certificate(model, points, tier=tier, gate=gate)
    st.markdown(parts.text(said.certificate(proof, verdict.labels[tier])))
    rows = {"Criterion": [c.name for c in model.criteria], "Weight": [w / 100 for w in model.weights]}
    if proof and proof.shift.moved:
        rows[f"Weight for {proof.tier}"] = [100 * share for share in proof.then]
    lines = (tipping.Lines(cube.points[[profile]], cube.gate[[profile]], model, j) for j in range(len(model.weights)))
    spans = [line.within(verdict.tier[[profile]]) for line in lines]
    rows["Keeps its tier at"] = [said.interval(tipping.whole_list(span)) for span in spans]
    look = {name: st.column_config.NumberColumn(format="%.1f %%") for name in rows if name.startswith("Weight")}
    look["Keeps its tier at"] = st.column_config.TextColumn(
        help="The weights of this criterion alone, the others in proportion, at which the account keeps its tier."
    )
    st.dataframe(pd.DataFrame(rows), hide_index=True, column_config=look, key=key)


def shares(prepared: Portfolio, model: Model, profiles: Sequence[int]) -> dict[int, float | None]:
    """Give how sure the tier of some profiles is, in percent; None where unrated."""
    some = sorted(set(profiles))
    found = acceptability.of_rows(model, prepared.cube.points[some], prepared.cube.gate[some], belief(model)).confidence
    return {i: None if share != share else 100 * share for i, share in zip(some, found.tolist(), strict=True)}  # noqa: PLR0124


def stairs(found: tipping.Staircase, *, money: bool) -> pd.DataFrame:
    """Give a staircase as the table that its figure draws."""
    at, after = (found.revenue_at, found.revenue_after) if money else (found.accounts_at, found.accounts_after)
    return pd.DataFrame({"weight": found.weight, "at": at, "after": after})
