"""Chapters of a probable loss: how much a year may take, and with what chance.

In: the facts of a story. Out: a chapter each, or None where no account can be lost. Every probability is an assumption,
and each chapter says which ones it stands on.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core import wording
from core.figures import losses as figures
from core.measures.exposure import OWN
from core.report import losing, terms
from core.report.story import Chapter, Chart, Column, Kind, Unit
from core.report.theming import BEFORE, STRONG

if TYPE_CHECKING:
    from core.measures.loss_distribution import LossRisk
    from core.report.look import Facts

CURVE_POINTS, FEW = 100, 50
"""Points of a curve on a slide, and outcomes up to which it is drawn in steps."""


def values(key: str, name: str, facts: Facts) -> Chapter | None:
    """Say how much a bad year may take."""
    found = _found(facts)
    if found is None:
        return None
    rows = found.quantiles
    money: dict[str, list[int | None]] = {
        "Loses at least": [round(found.expected), *(q.value for q in rows)],
        "Give or take": [0, *(max(q.high - q.value, q.value - q.low) for q in rows)],
        "Mean beyond": [None, *(q.shortfall for q in rows)],
        "Normal would say": [None, *(q.normal for q in rows)],
    }
    held = money["Loses at least"]
    columns = (
        Column("Chance", Unit.TEXT, ("On average", *(_chance(q.level) for q in rows))),
        Column("Loses at least", Unit.MONEY, tuple(held)),
        Column("Share of revenue", Unit.SHARE, tuple((cents or 0) / found.total for cents in held)),
        *(Column(name, Unit.MONEY, tuple(money[name])) for name in list(money)[1:]),
    )
    chart = Chart(Kind.BARS, "Chance", ("Loses at least",), (BEFORE, *[STRONG] * len(rows)))
    message = losing.expected(found, facts.currency)
    reading = f"{_assumed(facts)} {losing.method(found, facts.currency)}."
    meant = (terms.EXPECTED, terms.AT_RISK_VALUE, terms.SHORTFALL)
    return Chapter(key, name, message, columns, reading.replace("..", "."), chart, meant)


def curve(key: str, name: str, facts: Facts) -> Chapter | None:
    """Draw the chance of losing more than any amount."""
    found = _found(facts)
    if found is None:
        return None
    losses, chances = _stepped(found)
    bell = NormalDist(found.expected, found.deviation)
    columns = (
        Column("Loss in a year", Unit.MONEY, tuple(round(float(x)) for x in losses)),
        Column("Chance of losing more", Unit.SHARE, tuple(float(c) for c in chances)),
        Column("Normal approximation", Unit.SHARE, tuple(1 - bell.cdf(float(x)) for x in losses)),
    )
    chart = Chart(
        Kind.XY, columns[0].name, (columns[1].name, columns[2].name), (STRONG, BEFORE), "revenue lost in a year",
        "chance of losing more",
    )  # fmt: skip
    worst = found.quantiles[len(found.quantiles) // 2]
    message = f"{_chance(worst.level)} loses {wording.money_short(worst.value, facts.currency)} or more"
    if not worst.value:
        message = f"{wording.share(worst.level)} of years lose nothing"
    low = f"below 0.1{wording.NBSP}%"
    none = wording.share(found.nothing) if found.nothing >= 0.0005 else low
    reading = f"{_assumed(facts)} Few large accounts bend the curve away from the normal one."

    def draw() -> Any:
        drawn = pd.DataFrame({"loss": found.curve_losses, "chance": found.curve_chances})
        marks = pd.DataFrame([[q.level, q.value] for q in found.quantiles], columns=["level", "value"])
        return figures.distribution(drawn, marks, found.expected, found.deviation, currency=facts.currency)

    return Chapter(
        key, name, f"{message}; the chance of losing nobody is {none}.", columns, reading, chart,
        (terms.AT_RISK_VALUE, terms.EXPECTED), picture=draw,
    )  # fmt: skip


def _found(facts: Facts) -> LossRisk | None:
    if not facts.has_revenue:
        return None
    found = facts.loss
    return found if found.accounts and found.quantiles and found.deviation > 0 else None


def _chance(level: float) -> str:
    return f"One year in {wording.count(round(1 / (1 - level)))}"


def _assumed(facts: Facts) -> str:
    """Say what the chapter stands on."""
    assumed = facts.assumed
    said = ", ".join(f"{status} {wording.share(p)}" for status, p in assumed.by_status.items() if p)
    own = " the book’s own where it has one, else" if assumed.from_book and facts.prepared.book.has(OWN) else ""
    factor = f", with a common factor (correlation {assumed.correlation:.2f})" if assumed.correlation else ""
    return f"Assumed probability of loss within a year:{own} {said}{factor}."


def _stepped(found: LossRisk) -> tuple[Any, Any]:
    """Thin the curve; where outcomes are few, keep its steps."""
    losses, chances = found.curve_losses, found.curve_chances
    if losses.size <= FEW:
        return np.repeat(losses, 2)[1:], np.repeat(chances, 2)[:-1]
    at = np.unique(np.linspace(0, losses.size - 1, CURVE_POINTS).round().astype(np.int64))
    return losses[at], chances[at]
