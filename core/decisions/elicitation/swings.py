"""Swings spelled out: the worst and the best that an account can have on a criterion, in the criterion's own words.

A weight says what the whole way from the worst to the best band is worth, so nobody can give one without seeing both
ends. With bands that way is fully defined, which is what usually goes wrong in swing weighting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core import wording
from core.model.criteria import BandCriterion, CategoryCriterion, LinearCriterion

if TYPE_CHECKING:
    from core.model.criteria import Criterion

_CURRENCIES = ("USD", "EUR", "GBP", "JPY", "CHF")
_FRACTION = "fraction"


@dataclass(frozen=True, slots=True)
class Swing:
    """The way of one criterion: its worst and its best level in words, and every level with its points, worst first."""

    criterion: str
    name: str
    worst: str
    best: str
    levels: tuple[tuple[str, float], ...]

    @property
    def words(self) -> str:
        """The way in words: “from <$100K to $400K+”."""
        return f"from {self.worst} to {self.best}"


def of(criterion: Criterion) -> Swing:
    """Spell out the swing of a criterion.

    >>> from core.model import toml
    >>> of(toml.load("tier1_scorecard").criteria[0]).words
    'from <$100K to $400K+'
    """
    levels = sorted(_levels(criterion), key=lambda level: level[1])
    return Swing(criterion.id, criterion.name, levels[0][0], levels[-1][0], tuple(levels))


def _levels(criterion: Criterion) -> list[tuple[str, float]]:
    if isinstance(criterion, BandCriterion):
        return list(zip(_ranges(criterion), [band.points for band in criterion.bands], strict=True))
    if isinstance(criterion, CategoryCriterion):
        listed = [(", ".join(category.values), category.points) for category in criterion.categories]
        return listed + ([("anything else", criterion.otherwise)] if criterion.otherwise is not None else [])
    if isinstance(criterion, LinearCriterion):
        ends = (criterion.zero_at, 0.0), (criterion.ten_at, 10.0)
        return [(_with_unit(_said(value, criterion.unit), criterion.unit), points) for value, points in ends]
    return [("0 points", 0.0), ("10 points", 10.0)]


def _ranges(criterion: BandCriterion) -> list[str]:
    """Name each band by its edges, money short and shares in percent."""
    if criterion.unit not in _CURRENCIES and not criterion.unit.startswith(_FRACTION):
        return [_with_unit(label, criterion.unit) for label in criterion.labels()]
    edges = [None if band.lower is None else _said(band.lower, criterion.unit) for band in criterion.bands]
    names = []
    for low, high in zip(edges, [*edges[1:], None], strict=True):
        name = f"{low}–{high}" if low and high else f"<{high}" if high else f"{low}+" if low else "any"
        names.append(_with_unit(name, criterion.unit))
    return names


def _said(value: float, unit: str) -> str:
    if unit in _CURRENCIES:
        return wording.money_short(round(value * 100), unit)
    return f"{value * 100:,.6g}{wording.NBSP}%" if unit.startswith(_FRACTION) else f"{value:,.10g}"


def _with_unit(label: str, unit: str) -> str:
    """Put the unit behind a label, unless the label has it, or the unit only says how far the scale goes."""
    if label == "any" or unit in _CURRENCIES or any(letter.isdigit() for letter in unit):
        return label
    return f"{label} {unit.removeprefix(_FRACTION).strip()}".strip()
