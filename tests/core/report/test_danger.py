"""Chapters of a probable loss stand on the reader's assumptions, and say so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.measures import loss_distribution
from core.report import leadership
from tests import telling

if TYPE_CHECKING:
    from core.report.story import Chapter

REVENUE = [500, 300, 200, 100, 50]
OWN = [0.05, 0.1, 0.25, 0.6, 0.05]
BOOK = {"annual_revenue": [str(r) for r in REVENUE], "churn_probability": [str(p) for p in OWN]}


def told(**look: object) -> dict[str, Chapter]:
    found = telling.prepared(BOOK)
    plain = leadership.plain(found)
    seen = leadership.Look(plain.amounts, **look)  # type: ignore[arg-type]
    return {chapter.key: chapter for chapter in telling.told(found, look=seen, keys=["loss", "loss_curve"]).chapters}


def test_the_values_at_risk_are_those_of_the_distribution() -> None:
    wanted = loss_distribution.assess(np.array([100 * r for r in REVENUE]), np.array(OWN))
    chapter = told()["loss"]
    # The exact example of docs/methods.md: 400, 600 and 800 of 1,150.
    assert chapter.column("Loses at least").values == (16750, 400_00, 600_00, 800_00)
    assert chapter.column("Mean beyond").values == (None, *(q.shortfall for q in wanted.quantiles))
    assert chapter.column("Chance").values == ("On average", "One year in 10", "One year in 20", "One year in 100")
    assert chapter.column("Share of revenue").values[2] == pytest.approx(600 / 1150)
    assert "expect a loss of $168 (14.6\u00a0% of revenue); one year in 20 loses $600 or more" in chapter.message


def test_the_curve_keeps_its_steps_and_falls() -> None:
    chapter = told()["loss_curve"]
    losses, chances = chapter.columns[0].values, chapter.columns[1].values
    assert list(losses) == sorted(losses)
    assert list(chances) == sorted(chances, reverse=True)
    pairs = set(zip(losses, chances, strict=True))
    assert {loss for loss, _ in pairs} >= {400_00, 600_00, 800_00}
    nothing = np.prod([1 - p for p in OWN])
    assert f"the chance of losing nobody is {100 * nothing:.1f}\u00a0%." in chapter.message


def test_what_the_reader_assumes_is_what_is_taken_away() -> None:
    assumed = leadership.Assumed({"Healthy": 0.0, "At Risk": 0.0, "Critical": 0.0, "Not known": 0.5}, from_book=False)
    chapter = told(assumed=assumed)["loss"]
    assert chapter.column("Loses at least").values[0] == 57_500
    assert "Assumed probability of loss within a year: Not known 50.0\u00a0%." in chapter.reading
    factor = leadership.Assumed(assumed.by_status, from_book=False, correlation=0.15)
    assert "with a common factor (correlation 0.15)" in told(assumed=factor)["loss"].reading


def test_where_nobody_can_be_lost_there_is_no_chapter() -> None:
    nobody = leadership.Assumed({"Healthy": 0.0}, from_book=False)
    assert told(assumed=nobody) == {}
