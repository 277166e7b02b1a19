"""Outcomes: where a book says what became of its accounts, and how good its at-risk list was.

Two ways to know. The revenue history tells who paid in one year and had stopped by the end of the next: then what the
history showed at the end of the first year is judged by what followed, and probabilities are fitted on the year before
that. Or a column of the book says who was lost: then the health score that stands beside it is judged, and the
probabilities assumed for each status; nothing is fitted, so nothing has seen its own answer.

Only spending has a past in a book; engagement and the other signals are known as of today alone, and are never used to
explain what happened before they were recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.compute as pc

from core.accounts import details
from core.accounts.contract import BY_NAME, normalise
from core.measures import calibration, health
from core.model.health import PARTS

if TYPE_CHECKING:
    import datetime as dt

    import numpy.typing as npt

    from core.accounts.books import Book
    from core.accounts.checking import Column
    from core.measures.calibration import Calibration
    from core.measures.portfolio import Portfolio
    from core.model.health import Health

HINTS = ("churn", "lost", "cancel", "attrition")
"""A column whose heading has one of these may say who was lost."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A list and what became of it. `column`: the heading that told, empty where the history did.

    split: the end of the year whose list is judged by the year after it; fitted: the end of the year that the
    probabilities were fitted on, None where they are assumptions or there are none. skipped: accounts left out, since
    nothing was known of their health or of their outcome.
    """

    found: Calibration
    column: str = ""
    split: dt.date | None = None
    fitted: dt.date | None = None
    skipped: int = 0


def columns(book: Book) -> list[Column]:
    """List the columns that may say who was lost, the most likely first; those of the contract say other things."""
    likely = [c for c in book.columns if c.name not in BY_NAME and any(h in normalise(c.heading) for h in HINTS)]
    others = [c for c in book.columns if c.name not in BY_NAME and c not in likely and _says(book, c)]
    return [*(c for c in likely if _says(book, c) is not False), *others]


def _says(book: Book, column: Column) -> bool | None:
    """Tell whether a text column holds outcomes and nothing else; None where its values are not listed."""
    values = book.codes.get(column.name)
    if values is None:
        return None
    found = calibration.outcomes(values)
    return found is not None and set(found.tolist()) >= {0.0, 1.0}


def by_column(prepared: Portfolio, health_model: Health, column: Column) -> Judged | None:
    """Judge health scores, and the probabilities of loss, by a column that says who was lost.

    None where the column says something else than lost or kept.
    """
    table = details.values(prepared.listing, [column.name, "churn_probability"])
    outcome = calibration.outcomes(table[column.name].to_pylist())
    if outcome is None:
        return None
    score = pc.fill_null(table["health_score"], np.nan).to_numpy()
    kept = ~np.isnan(score) & ~np.isnan(outcome)
    assumed = np.array([*health_model.loss_probability.by_status().values(), np.nan])
    said = assumed[table["status"].to_numpy()[kept]]
    if health_model.loss_probability.from_book:
        own = pc.fill_null(table["churn_probability"], np.nan).to_numpy()[kept]
        said = np.where(np.isnan(own), said, own)
    revenue = table["cents"].fill_null(0).to_numpy()[kept].astype(np.float64)
    found = calibration.judge(100 - score[kept], outcome[kept] == 1, revenue, said)
    return Judged(found, column=column.heading, skipped=int((~kept).sum()))


def through_time(prepared: Portfolio, health_model: Health) -> Judged | None:
    """Judge what spending showed a year ago by who has stopped paying since.

    An account is lost where it paid in the year before the split and nothing in the last quarter of the year after it.
    None where the history is too short to know spending in the two years before the split.
    """
    if prepared.as_of is None or not prepared.book.has_history:
        return None
    split = _a_year_before(prepared.as_of)
    later = _cohort(prepared.book, health_model, split)
    if later is None:
        return None
    score, lost, revenue, skipped = later
    first = _a_year_before(split)
    earlier = _cohort(prepared.book, health_model, first)
    fitted = calibration.logit(earlier[0], earlier[1]) if earlier else None
    said = calibration.probability(score, fitted) if fitted else None
    found = calibration.judge(100 - score, lost, revenue, said)
    return Judged(found, split=split, fitted=first if fitted else None, skipped=skipped)


def _cohort(
    book: Book, health_model: Health, split: dt.date
) -> tuple[calibration.Numbers, calibration.Flags, calibration.Numbers, int] | None:
    if not book.knows_a_year_before(split):
        return None
    table = details.survival(book, split)
    before, now, after = (table[name].to_numpy() for name in ("before", "now", "after"))
    score = _expansion(before, now, health_model)
    known = ~np.isnan(score)
    return score[known], (after <= 0)[known], now[known], int((~known).sum())


def _expansion(
    before: npt.NDArray[np.float64], now: npt.NDArray[np.float64], health_model: Health
) -> calibration.Numbers:
    nothing = np.full(len(now), np.nan)
    names = ("engagement", "contacts", "executives", "pipeline", "revenue", "target", "threat", "days_inactive",
             "days_to_renewal", "prospect", "adoption")  # fmt: skip
    shown = dict.fromkeys(names, nothing) | {"spent_before": before, "spent_now": now}
    return health.parts_of(shown, health_model)[:, PARTS.index("expansion")]


def _a_year_before(day: dt.date) -> dt.date:
    last = 28 if day.month == 2 else day.day  # a 29th of February has no day a year before
    return day.replace(year=day.year - 1, day=last)


def hinted(column: Column) -> bool:
    """Tell whether the heading of a column says that it is about loss."""
    return any(hint in normalise(column.heading) for hint in HINTS)
