"""Health: is an account well, at risk or critical, and why?

In: the signals of many accounts as columns, NaN where missing.  Out: a score 0 to 100, its parts, a status, and for
those who ask the reasons in words, strongest first.

    engagement          the engagement score itself
    relationship        50·min(contacts/5, 1) + 50·min(executives/2, 1)
    pipeline coverage   100·min(pipeline / remaining target / 3.0, 1); 100 where the target is met
    revenue attainment  100·min(revenue/target, 1)                     customers only
    expansion           100·clip((spent now / spent before − 1 + 0.2) / 0.4, 0, 1)
    competition         none 100, present 50, active 0
    adoption            100·min(share used / 0.6, 1)                   customers only
    activity            100·clip(2 − days of silence / 60, 0, 1)
    renewal             100·min(days to renewal / 90, 1); a renewal in the past says nothing

The score is the weighted mean of the parts that are known; the weights are a proposal, not evidence, and can be edited.
The last three weigh nothing until somebody gives them a weight. Where less of the weight is known than the coverage
floor, there is no score. An account with no executive contact and an active competitor is At Risk at best.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core import wording
from core.model.health import NOT_KNOWN, PARTS, REASONS, STATUSES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from core.model.health import ActionRule, Health

Numbers = npt.NDArray[np.float64]
STATUS_NAMES = (*STATUSES, NOT_KNOWN)
"""Statuses by their code: 0 healthy, 1 at risk, 2 critical, 3 not known."""

CONTACTS_PART = 50.0
"""Points of relationship that contacts can earn; executives earn the rest."""
FALL_TO_ZERO = 0.2
"""A fall of spending by this share earns no point of expansion, an equal rise earns all."""


@dataclass(frozen=True, slots=True, eq=False)
class Diagnosis:
    """The health of N accounts: status code, score 0–100 (NaN: too little known), coverage 0–1, parts (N, 9).

    `single_threaded`: known to have fewer contacts or executives than the model asks for.
    """

    status: npt.NDArray[np.uint8]
    score: Numbers
    coverage: Numbers
    parts: Numbers
    capped: npt.NDArray[np.bool_]
    single_threaded: npt.NDArray[np.bool_]


def diagnose(signals: Mapping[str, Numbers], health: Health) -> Diagnosis:
    """Judge every account by its signals.

    `signals` has the columns of `books.signals`, one value an account. A prospect's revenue attainment does not
    apply, and neither does expansion where nothing was spent before.
    """
    parts, weights = parts_of(signals, health), weights_of(health)
    weight, points = np.zeros(len(parts)), np.zeros(len(parts))
    for part, counts in zip(parts.T, weights, strict=True):  # not as a matrix: company would change last digits
        weight += counts * ~np.isnan(part)
        points += counts * np.fmax(part, 0)  # no part is below 0; what is not known adds nothing
    coverage = weight / weights.sum()
    # In basis points, so that a floor of 0.3 is 0.3 whatever the order of additions.
    enough = (weight > 0) & (np.rint(BASIS * coverage) >= round(BASIS * health.coverage_floor))
    with np.errstate(divide="ignore", invalid="ignore"):
        score = np.where(enough, np.round(points / weight, _PLACES), np.nan)
    reached = (score >= health.critical_below).astype(np.uint8) + (score >= health.healthy_from)
    status = np.where(enough, 2 - reached, np.uint8(3))
    capped = np.zeros(len(status), dtype=np.bool_)
    if health.cap_without_executive:
        capped = (signals["executives"] == 0) & (signals["threat"] == _ACTIVE) & (status == 0)
    status[capped] = 1
    return Diagnosis(status, score, coverage, parts, capped, single_threaded(signals, health))


def parts_of(signals: Mapping[str, Numbers], health: Health) -> Numbers:
    """Give every part of the score, 0 to 100, NaN where it is not known or does not apply: (N, 9)."""
    return np.array([_PARTS[part](signals, health) for part in PARTS]).T  # a part's numbers lie side by side


def weights_of(health: Health) -> Numbers:
    """Give the weights of the parts, in their order."""
    return np.array([getattr(health.weights, part) for part in PARTS], dtype=np.float64)


def single_threaded(signals: Mapping[str, Numbers], health: Health) -> npt.NDArray[np.bool_]:
    """Tell which accounts hang on too few people; where neither number is recorded, none is known to."""
    few: npt.NDArray[np.bool_] = (signals["contacts"] < health.single_thread_contacts) | (
        signals["executives"] < health.single_thread_executives
    )
    return few


BASIS = 10_000
_PLACES = 9
"""Decimals of a score, so that one exactly on a cut-off is on it whatever the weights and the order of additions."""
_ACTIVE = 2.0


def _engagement(signals: Mapping[str, Numbers], _health: Health) -> Numbers:
    return signals["engagement"]


def _relationship(signals: Mapping[str, Numbers], health: Health) -> Numbers:
    contacts = np.minimum(signals["contacts"] / health.contacts_target, 1)
    executives = np.minimum(signals["executives"] / health.executives_target, 1)
    points: Numbers = CONTACTS_PART * contacts + (100 - CONTACTS_PART) * executives
    return points


def remaining_target(signals: Mapping[str, Numbers]) -> Numbers:
    """Give what is left of the target, never below 0.

    A prospect of whom no revenue is recorded has all of it left; of a customer it is not known then.
    """
    nothing_yet = np.isnan(signals["revenue"]) & (signals["prospect"] == 1)
    remaining: Numbers = np.maximum(signals["target"] - np.where(nothing_yet, 0, signals["revenue"]), 0)
    return remaining


def pipeline_coverage(signals: Mapping[str, Numbers]) -> Numbers:
    """Give open pipeline over remaining target, as a multiple; infinite where the target is met."""
    remaining = remaining_target(signals)
    with np.errstate(divide="ignore", invalid="ignore"):
        multiple = signals["pipeline"] / remaining
    met = (remaining == 0) & ~np.isnan(signals["target"])
    return np.where(met, np.inf, np.where(remaining > 0, multiple, np.nan))


def _coverage(signals: Mapping[str, Numbers], health: Health) -> Numbers:
    multiple = pipeline_coverage(signals)
    return 100 * np.clip(multiple / health.coverage_target, 0, 1)


def _attainment(signals: Mapping[str, Numbers], _health: Health) -> Numbers:
    applies = (signals["target"] > 0) & (signals["prospect"] != 1)
    share: Numbers = np.divide(signals["revenue"], signals["target"], out=np.full(len(applies), np.nan), where=applies)
    return 100 * np.clip(share, 0, 1)


def _expansion(signals: Mapping[str, Numbers], _health: Health) -> Numbers:
    before = signals["spent_before"]
    growth: Numbers = np.divide(signals["spent_now"], before, out=np.full(len(before), np.nan), where=before > 0) - 1
    return 100 * np.clip((growth + FALL_TO_ZERO) / (2 * FALL_TO_ZERO), 0, 1)


def _competition(signals: Mapping[str, Numbers], _health: Health) -> Numbers:
    return 100 - 50 * signals["threat"]


def _adoption(signals: Mapping[str, Numbers], health: Health) -> Numbers:
    share = np.clip(signals["adoption"] / health.adoption_target, 0, 1)
    return np.where(signals["prospect"] == 1, np.nan, 100 * share)


def _activity(signals: Mapping[str, Numbers], health: Health) -> Numbers:
    return 100 * np.clip(2 - signals["days_inactive"] / health.inactive_after_days, 0, 1)


def _renewal(signals: Mapping[str, Numbers], health: Health) -> Numbers:
    days = signals["days_to_renewal"]
    return np.where(days >= 0, 100 * np.minimum(days / health.renewal_within_days, 1), np.nan)


_PARTS = {
    "engagement": _engagement,
    "relationship": _relationship,
    "pipeline_coverage": _coverage,
    "revenue_attainment": _attainment,
    "expansion": _expansion,
    "competition": _competition,
    "adoption": _adoption,
    "activity": _activity,
    "renewal": _renewal,
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an account is not well: the reason's name, the points of the score it costs, the value beside its target."""

    part: str
    cost: float
    words: str


def explain(signals: Mapping[str, Numbers], health: Health) -> list[list[Reason]]:
    """Say in words what costs each account its health, strongest first.

    A part is a reason where it is known, counts, and earns less than 100. Silence and a renewal that is near are said
    even where they count for nothing; then they cost nothing and stand last.

    One account after the other: `reasons.worded` says the same of a million.
    """
    costs = costs_of(parts_of(signals, health), weights_of(health))
    multiples = pipeline_coverage(signals)
    found = []
    for i in range(len(costs)):
        one = {name: float(values[i]) for name, values in signals.items()} | {"multiple": float(multiples[i])}
        mine = [
            Reason(name, float(costs[i, j]), _WORDS[name](one, health))
            for j, name in enumerate(REASONS)
            if costs[i, j] > 0
        ]
        said = {reason.part for reason in mine}
        warnings = [warning for warning in _warnings(one, health) if warning.part not in said]
        found.append([*sorted(mine, key=lambda reason: -reason.cost), *warnings])
    return found


def costs_of(parts: Numbers, weights: Numbers) -> Numbers:
    """Give what each part takes off a full score, in points: (N, 9), 0 where it is not known or counts for nothing."""
    present = ~np.isnan(parts) @ weights
    lost = np.nan_to_num(100 - parts) * weights
    return np.divide(lost, present[:, None], out=np.zeros_like(lost), where=present[:, None] > 0)


def _whole(value: float, *, sign: bool = False) -> str:
    """Write a number without decimals, with the real minus; nothing is never signed."""
    text = f"{value:+.0f}" if sign else f"{value:.0f}"
    return "0" if text in {"+0", "-0"} else text.replace("-", wording.MINUS)


def _tenths(value: float) -> str:
    text = f"{value:.1f}"
    return "0.0" if text == "-0.0" else text.replace("-", wording.MINUS)


_PERCENT = f"{wording.NBSP}%"
_WORDS: dict[str, Callable[[Mapping[str, float], Health], str]] = {
    "engagement": lambda one, _: f"engagement {_whole(one['engagement'])} of 100",
    "relationship": lambda one, health: (
        f"{_whole(one['contacts'])} of {health.contacts_target:g} contacts, "
        f"{_whole(one['executives'])} of {health.executives_target:g} executives"
    ),
    "pipeline_coverage": lambda one, health: (
        f"pipeline {_tenths(one['multiple'])}x of the remaining target, {health.coverage_target:.1f}x needed"
    ),
    "revenue_attainment": lambda one, _: (
        f"{_whole(100 * one['revenue'] / one['target'])}{_PERCENT} of the revenue target"
    ),
    "expansion": lambda one, _: (
        f"spending {_whole(100 * (one['spent_now'] / one['spent_before'] - 1), sign=True)}{_PERCENT} in a year"
    ),
    "competition": lambda one, _: "an active competitor" if one["threat"] == _ACTIVE else "a competitor is present",
    "adoption": lambda one, health: (
        f"{_whole(100 * one['adoption'])}{_PERCENT} is used, {_whole(100 * health.adoption_target)}{_PERCENT} expected"
    ),
    "inactivity": lambda one, _: f"no activity for {_whole(one['days_inactive'])} days",
    "renewal": lambda one, _: f"renewal in {_whole(one['days_to_renewal'])} days",
}


def _warnings(one: Mapping[str, float], health: Health) -> list[Reason]:
    said = {
        "inactivity": one["days_inactive"] > health.inactive_after_days,
        "renewal": 0 <= one["days_to_renewal"] <= health.renewal_within_days,
    }
    return [Reason(name, 0.0, _WORDS[name](one, health)) for name, holds in said.items() if holds]


# What comes next -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NextAction:
    """What to do about an account: `reason` is what it answers, `due_days` are counted from the book's as-of date."""

    action: str
    role: str
    due_days: int
    reason: str


def next_action(found: list[Reason], *, executives: float, known: bool, health: Health) -> str:
    """Name the one thing to do next: what answers the strongest reason.

    Where no executive is known, meeting one comes before anything that a conversation could mend. `executives` is the
    number of executive contacts (NaN: not recorded); `known` tells whether any health signal is recorded at all.
    """
    return str(getattr(health.actions, answered(found, executives=executives, known=known)))


def answered(found: list[Reason], *, executives: float, known: bool) -> str:
    """Name what the next action answers: a reason, “executives”, “keep” (all is well) or “unknown” (nothing known)."""
    if not found:
        return "keep" if known else "unknown"
    strongest = found[0].part
    return "executives" if executives == 0 and strongest in MENDED_BY_TALKING else strongest


def planned(status: str, tier: int | None, reason: str, health: Health) -> NextAction:
    """Say what to do about an account of a status, in a tier (its place, None: unrated), for a reason."""
    rule: ActionRule = health.rule(status, tier, reason)
    return NextAction(rule.action or str(getattr(health.actions, reason)), rule.role, rule.due_days, reason)


MENDED_BY_TALKING = ("relationship", "competition", "pipeline_coverage", "engagement")
"""Where no executive is known, meeting one comes before these."""
