"""Health: is an account well, at risk or critical, and why?

In: the signals of many accounts as columns, NaN where missing.  Out: a score 0 to 100, its parts, a status, and for
those who ask the reasons in words, strongest first.

    engagement          the engagement score itself
    relationship        50·min(contacts/5, 1) + 50·min(executives/2, 1)
    pipeline coverage   100·min(pipeline / remaining target / 3.0, 1); 100 where the target is met
    revenue attainment  100·min(revenue/target, 1)                     customers only
    expansion           100·clip((spent now / spent before − 1 + 0.2) / 0.4, 0, 1)
    competition         none 100, present 50, active 0

The score is the weighted mean of the parts that are known; the weights are a proposal, not evidence, and can be edited.
An account with no executive contact and an active competitor is At Risk at best.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.model.health import NOT_KNOWN, PARTS, STATUSES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from core.model.health import Health

Numbers = npt.NDArray[np.float64]
STATUS_NAMES = (*STATUSES, NOT_KNOWN)
"""Statuses by their code: 0 healthy, 1 at risk, 2 critical, 3 not known."""

CONTACTS_PART = 50.0
"""Points of relationship that contacts can earn; executives earn the rest."""
FALL_TO_ZERO = 0.2
"""A fall of spending by this share earns no point of expansion, an equal rise earns all."""


@dataclass(frozen=True, slots=True, eq=False)
class Diagnosis:
    """The health of N accounts: status code, score 0–100 (NaN: nothing known), coverage 0–1, parts (N, 6)."""

    status: npt.NDArray[np.uint8]
    score: Numbers
    coverage: Numbers
    parts: Numbers
    capped: npt.NDArray[np.bool_]


def diagnose(signals: Mapping[str, Numbers], health: Health) -> Diagnosis:
    """Judge every account by its signals.

    `signals` has the columns of `accounts/signals.sql`, one value an account. A prospect's revenue attainment does not
    apply, and neither does expansion where nothing was spent before.
    """
    parts = np.column_stack([_PARTS[part](signals, health) for part in PARTS])
    weights = np.array([getattr(health.weights, part) for part in PARTS])
    known = ~np.isnan(parts)
    weight = known @ weights
    score = np.divide(np.nan_to_num(parts) @ weights, weight, out=np.full(len(weight), np.nan), where=weight > 0)
    status = np.select([np.isnan(score), score >= health.healthy_from, score >= health.critical_below], [3, 0, 1], 2)
    capped = np.zeros(len(status), dtype=np.bool_)
    if health.cap_without_executive:
        capped = (signals["executives"] == 0) & (signals["threat"] == _ACTIVE) & (status == 0)
    return Diagnosis(np.where(capped, 1, status).astype(np.uint8), score, weight / weights.sum(), parts, capped)


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


_PARTS = {
    "engagement": _engagement,
    "relationship": _relationship,
    "pipeline_coverage": _coverage,
    "revenue_attainment": _attainment,
    "expansion": _expansion,
    "competition": _competition,
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an account is not well: which part, how many points of the score it costs, the value beside its target."""

    part: str
    cost: float
    words: str


def explain(signals: Mapping[str, Numbers], health: Health) -> list[list[Reason]]:
    """Say in words what costs each account its health, strongest first.

    A part is a reason where it is known and earns less than 100. Silence and a renewal that is near are no part of the
    score, so they cost nothing and stand last.
    """
    parts = diagnose(signals, health).parts
    weights = np.array([getattr(health.weights, part) for part in PARTS])
    present = ~np.isnan(parts) @ weights
    with np.errstate(divide="ignore", invalid="ignore"):
        costs = weights * (100 - parts) / present[:, None]
    multiples = pipeline_coverage(signals)
    found = []
    for i in range(len(parts)):
        one = {name: float(values[i]) for name, values in signals.items()} | {"multiple": float(multiples[i])}
        mine = [
            Reason(part, float(costs[i, j]), _WORDS[part](one, health))
            for j, part in enumerate(PARTS)
            if costs[i, j] > 0
        ]
        found.append([*sorted(mine, key=lambda reason: -reason.cost), *_warnings(one, health)])
    return found


def _relationship_words(one: Mapping[str, float], health: Health) -> str:
    return (
        f"{one['contacts']:.0f} of {health.contacts_target:g} contacts, "
        f"{one['executives']:.0f} of {health.executives_target:g} executives"
    )


def _expansion_words(one: Mapping[str, float], _health: Health) -> str:
    change = 100 * (one["spent_now"] / one["spent_before"] - 1)
    return f"spending {change:+.0f}\u00a0% in a year".replace("-", "\u2212")


_WORDS: dict[str, Callable[[Mapping[str, float], Health], str]] = {
    "engagement": lambda one, _: f"engagement {one['engagement']:.0f} of 100",
    "relationship": _relationship_words,
    "pipeline_coverage": lambda one, health: (
        f"pipeline {one['multiple']:.1f}x of the remaining target, {health.coverage_target:.1f}x needed"
    ),
    "revenue_attainment": lambda one, _: f"{100 * one['revenue'] / one['target']:.0f}\u00a0% of the revenue target",
    "expansion": _expansion_words,
    "competition": lambda one, _: "an active competitor" if one["threat"] == _ACTIVE else "a competitor is present",
}


def _warnings(one: Mapping[str, float], health: Health) -> list[Reason]:
    found = []
    silent, renewal = one["days_inactive"], one["days_to_renewal"]
    if silent > health.inactive_after_days:
        found.append(Reason("inactivity", 0.0, f"no activity for {silent:.0f} days"))
    if 0 <= renewal <= health.renewal_within_days:
        found.append(Reason("renewal", 0.0, f"renewal in {renewal:.0f} days"))
    return found


def next_action(found: list[Reason], *, executives: float, known: bool, health: Health) -> str:
    """Name the one thing to do next: what answers the strongest reason.

    Where no executive is known, meeting one comes before anything that a conversation could mend. `executives` is the
    number of executive contacts (NaN: not recorded); `known` tells whether any health signal is recorded at all.
    """
    actions = health.actions
    if not found:
        return actions.keep if known else actions.unknown
    strongest = found[0].part
    if executives == 0 and strongest in _MENDED_BY_TALKING:
        return actions.executives
    return str(getattr(actions, strongest))


_MENDED_BY_TALKING = ("relationship", "competition", "pipeline_coverage", "engagement")
