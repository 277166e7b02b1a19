"""What the program should answer, account by account, in fractions and from the sentences of the design alone.

Nothing of `core.accounts` or `core.measures` is used: only the records that say what the model asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.model.criteria import Criterion
    from core.model.health import Health
    from core.model.model import Model
    from core.model.tiers import Gate

HEALTHY, AT_RISK, CRITICAL, NOT_KNOWN = range(4)


@dataclass(frozen=True)
class Answer:
    """What follows for one account; tier is the number of tiers where it is unrated."""

    points: tuple[Fraction | None, ...]
    score: Fraction | None
    coverage: Fraction
    low: Fraction
    high: Fraction
    tier: int
    provisional: bool
    health: int
    health_score: Fraction | None


def exact(value: float) -> Fraction:
    """A number as the digits that a person reads."""
    return Fraction(repr(value))


def half_up(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))


def weights(importance: Sequence[float]) -> list[Fraction]:
    """Shares of 1 in basis points: round down, then give what is left to the largest remainders, earlier first."""
    total = sum(map(Fraction, importance))
    quotas = [Fraction(i) * 10_000 / total for i in importance]
    whole = [floor(q) for q in quotas]
    left = 10_000 - sum(whole)
    order = sorted(range(len(quotas)), key=lambda j: (-(quotas[j] - whole[j]), j))
    return [Fraction(w + (order.index(j) < left), 10_000) for j, w in enumerate(whole)]


def points(criterion: Criterion, text: str) -> Fraction | None:
    """Points from 0 to 10 in tenths; None is missing."""
    if not text:
        return None
    if criterion.kind == "categories":
        for category in criterion.categories:
            if text.strip().lower() in {value.strip().lower() for value in category.values}:
                return exact(category.points)
        return None if criterion.otherwise is None else exact(criterion.otherwise)
    value = Fraction(text)
    if criterion.kind == "bands":
        earned = None
        for band in criterion.bands:
            if band.lower is None or value >= exact(band.lower):
                earned = exact(band.points)
        return earned
    if criterion.kind == "linear":
        share = (value - exact(criterion.zero_at)) / (exact(criterion.ten_at) - exact(criterion.zero_at))
        return Fraction(half_up(100 * min(max(share, Fraction(0)), Fraction(1))), 10)
    return Fraction(half_up(10 * value), 10) if 0 <= value <= 10 else None


def passes(gate: Gate, text: str, missing_fails: bool | None = None) -> bool:  # noqa: FBT001
    if not text:
        return not (gate.missing_fails if missing_fails is None else missing_fails)
    folded = text.strip().lower()
    if gate.allowed:
        return folded in {value.strip().lower() for value in gate.allowed}
    if gate.refused:
        return folded not in {value.strip().lower() for value in gate.refused}
    if gate.at_least is not None:
        return Fraction(text) >= exact(gate.at_least)
    assert gate.below is not None
    return Fraction(text) < exact(gate.below)


def health(account: Mapping[str, str], rules: Health) -> tuple[int, Fraction | None]:
    """Status and score from the parts that are known; spending before is not in these books."""

    def number(name: str) -> Fraction | None:
        text = account.get(name, "")
        return Fraction(text) if text else None

    revenue, target, pipeline = number("annual_revenue"), number("revenue_target"), number("pipeline")
    contacts, executives = number("contacts_engaged"), number("executive_contacts")
    lifecycle, threat = account.get("lifecycle", ""), account.get("competitive_threat", "")
    parts: dict[str, Fraction | None] = {"engagement": number("engagement_score"), "expansion": None}
    parts["relationship"] = None
    if contacts is not None and executives is not None:
        share = contacts / exact(rules.contacts_target), executives / exact(rules.executives_target)
        parts["relationship"] = sum((50 * min(s, Fraction(1)) for s in share), Fraction(0))
    parts["pipeline_coverage"] = parts["revenue_attainment"] = None
    is_prospect = lifecycle == "prospect" or (not lifecycle and revenue == 0)
    if target is not None and (revenue is not None or is_prospect):
        remaining = max(target - (revenue or 0), Fraction(0))
        if remaining == 0:
            parts["pipeline_coverage"] = Fraction(100)
        elif pipeline is not None:
            parts["pipeline_coverage"] = 100 * min(max(pipeline / remaining / 3, Fraction(0)), Fraction(1))
        if target > 0 and revenue is not None and not is_prospect:
            parts["revenue_attainment"] = 100 * min(max(revenue / target, Fraction(0)), Fraction(1))
    parts["competition"] = {"none": Fraction(100), "present": Fraction(50), "active": Fraction(0)}.get(threat)
    known = {name: (exact(getattr(rules.weights, name)), part) for name, part in parts.items() if part is not None}
    weight = sum((w for w, _ in known.values()), Fraction(0))
    if not weight or weight / sum(map(exact, rules.weights.model_dump().values())) < exact(rules.coverage_floor):
        return NOT_KNOWN, None
    score = sum((w * part for w, part in known.values()), Fraction(0)) / weight
    status = HEALTHY if score >= rules.healthy_from else AT_RISK if score >= rules.critical_below else CRITICAL
    if rules.cap_without_executive and executives == 0 and threat == "active":
        status = max(status, AT_RISK)
    return status, score


def judge(model: Model, account: Mapping[str, str]) -> Answer:
    """Everything that follows from one account's texts."""
    earned = tuple(points(criterion, account.get(criterion.column, "")) for criterion in model.criteria)
    share = weights([criterion.importance for criterion in model.criteria])
    present = sum((w for w, p in zip(share, earned, strict=True) if p is not None), Fraction(0))
    low = sum((10 * w * p for w, p in zip(share, earned, strict=True) if p is not None), Fraction(0))
    high = low + 100 * (1 - present)
    score = low / present if present else None

    cut_offs = [exact(tier.cut_off) for tier in model.tiers]
    names = [tier.name for tier in model.tiers]

    def tier_of(value: Fraction, missing_fails: bool | None = None) -> int:  # noqa: FBT001
        failed = [g for g in model.gates if not passes(g, account.get(g.column, ""), missing_fails)]
        allowed = max((names.index(gate.best_tier) for gate in failed), default=0)
        return max(next(i for i, cut_off in enumerate(cut_offs) if value >= cut_off), allowed)

    rated = score is not None and present >= exact(model.coverage_floor)
    tier = tier_of(score) if rated and score is not None else len(names)
    status, health_score = health(account, model.health)
    provisional = rated and tier_of(low, missing_fails=True) != tier_of(high, missing_fails=False)
    return Answer(earned, score, present, low, high, tier, provisional, status, health_score)


def cents(text: str) -> int:
    return int(Fraction(text) * 100) if text else 0
