"""Vital signs: what one account shows of its health, each beside its target, with what it counts and earns.

In: the signals of one account.  Out: a row for every part of the score, those that are not known too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core import wording
from core.measures import health as health_measure
from core.model.health import PARTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from core.measures.health import Numbers
    from core.model.health import Health

NAMES = {
    "engagement": "Engagement",
    "relationship": "Relationship",
    "pipeline_coverage": "Pipeline coverage",
    "revenue_attainment": "Revenue attainment",
    "expansion": "Expansion",
    "competition": "Competition",
    "adoption": "Adoption",
    "activity": "Activity",
    "renewal": "Renewal",
}
"""What the parts of health are called on screen."""


@dataclass(frozen=True, slots=True)
class Vital:
    """One part: its value and target in words, points 0 to 100 (None: not known or not applicable), weight as a share.

    The weight is of the whole model; cost is what the part takes off the account's score, in points.
    """

    part: str
    name: str
    value: str
    target: str
    points: float | None
    weight: float
    cost: float


def vitals(signals: Mapping[str, Numbers], health: Health) -> list[Vital]:
    """Read the vital signs of one account: `signals` holds one value a column."""
    parts, weights = health_measure.parts_of(signals, health), health_measure.weights_of(health)
    costs = health_measure.costs_of(parts, weights)[0]
    one = {name: float(values[0]) for name, values in signals.items()}
    one["multiple"] = float(health_measure.pipeline_coverage(signals)[0])
    with np.errstate(divide="ignore", invalid="ignore"):
        one["attained"] = float(np.divide(signals["revenue"], signals["target"])[0])
        one["growth"] = float(np.divide(signals["spent_now"], signals["spent_before"])[0]) - 1
    found = []
    for part, points, weight, cost in zip(PARTS, parts[0], weights, costs, strict=True):
        value, target = _SAID[part](one, health)
        shown = None if math.isnan(points) else float(points)
        share = float(weight / weights.sum())
        found.append(Vital(part, NAMES[part], value, target, shown, share, float(cost)))
    return found


def _number(value: float, unit: str = "") -> str:
    return f"{value:.0f}{unit}".replace("-", wording.MINUS) if math.isfinite(value) else wording.UNDEFINED


def _percent(value: float) -> str:
    return _number(100 * value, f"{wording.NBSP}%")


def _growth(value: float) -> str:
    return f"+{_percent(value)}" if 100 * value > 0.5 else _percent(value)


def _days(value: float, where: str) -> str:
    if not math.isfinite(value):
        return wording.UNDEFINED
    return f"{wording.plural(abs(round(value)), 'day')} {where if value >= 0 else 'ago'}"


def _relationship(one: Mapping[str, float], health: Health) -> tuple[str, str]:
    people = f"{_people(one['contacts'], 'contact')}, {_people(one['executives'], 'executive')}"
    known = math.isfinite(one["contacts"]) or math.isfinite(one["executives"])
    return (
        people if known else wording.UNDEFINED,
        f"{health.contacts_target:g} contacts, {health.executives_target:g} executives",
    )


def _people(value: float, word: str) -> str:
    return wording.plural(round(value), word) if math.isfinite(value) else f"{wording.UNDEFINED} {word}s"


def _coverage(one: Mapping[str, float], health: Health) -> tuple[str, str]:
    target = f"{health.coverage_target:.1f}x of the remaining target"
    if math.isinf(one["multiple"]):
        return "target met", target
    return f"{one['multiple']:.1f}x" if math.isfinite(one["multiple"]) else wording.UNDEFINED, target


def _competition(one: Mapping[str, float], _health: Health) -> tuple[str, str]:
    words = ("none", "present", "active")
    return words[int(one["threat"])] if math.isfinite(one["threat"]) else wording.UNDEFINED, "none"


_SAID: dict[str, Callable[[Mapping[str, float], Health], tuple[str, str]]] = {
    "engagement": lambda one, health: (_number(one["engagement"]), f"{health.healthy_from:g} of 100 is healthy"),
    "relationship": _relationship,
    "pipeline_coverage": _coverage,
    "revenue_attainment": lambda one, _: (_percent(one["attained"]), f"100{wording.NBSP}% of the target"),
    "expansion": lambda one, _: (_growth(one["growth"]), f"+20{wording.NBSP}% in a year"),
    "competition": _competition,
    "adoption": lambda one, health: (_percent(one["adoption"]), f"{_percent(health.adoption_target)} used"),
    "activity": lambda one, health: (
        _days(one["days_inactive"], "ago"),
        f"within {health.inactive_after_days:g} days",
    ),
    "renewal": lambda one, health: (
        _days(one["days_to_renewal"], "away"),
        f"more than {health.renewal_within_days:g} days away",
    ),
}
