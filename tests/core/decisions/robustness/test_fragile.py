"""The fragile list, held by what it lists, and blanks by filling them with every value there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings

from core.accounts import books
from core.accounts.banding import MISSING
from core.decisions.robustness import acceptability, fragile
from core.measures import portfolio, scoring, tiers
from tests import making
from tests.core.decisions.robustness import shared
from tests.core.decisions.robustness.shared import ACME, PROFILES, SCORECARD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.accounts.cube import Cube
    from core.measures.portfolio import Portfolio
    from core.model.model import Model

MODEL = making.model()
COLUMNS: dict[str, list[str | None]] = {
    "employees": ["1000", "1000", "100", "50", None, "1000"],
    "Fit": ["10", "4", "10", "0", "10", None],
    "annual_revenue": ["900", "500", "100", "50", "800", "-70"],
}


@pytest.fixture
def prepared() -> Iterator[Portfolio]:
    found = making.book(COLUMNS)
    yield portfolio.prepare(found, MODEL)
    books.close(found)


def test_what_rests_on_opinion_is_revenue_times_doubt_the_most_first(prepared: Portfolio) -> None:
    verdict = tiers.weigh(prepared.cube, MODEL)
    found = acceptability.measure(prepared.cube, MODEL, verdict, acceptability.anything(2))
    rows = fragile.rows(prepared, verdict, MODEL, found)
    # 1,000 employees and 4 of fit: 60 w + 40; in A from w = 7/12 on, as 0.6 is. 100 employees and 10 of fit:
    # 100 - 50 w, 70 and in B for w in (1/2, 1]. Fit alone, or size alone, is all or nothing: sure.
    assert [(row.name, row.tier, row.revenue) for row in rows] == [
        ("Account 1", "A", 50_000),
        ("Account 2", "B", 10_000),
    ]
    assert rows[0].confidence == pytest.approx(5 / 12)
    assert rows[0].at_stake == round(50_000 * 7 / 12)
    assert rows[1].confidence == pytest.approx(1 / 2)
    assert rows[0].label == rows[1].label == acceptability.TOSS_UP
    for row, at in zip(rows, (7 / 12, 1 / 2), strict=True):
        assert row.tips is not None
        assert row.tips[0] == "Size"
        assert row.tips[1] == pytest.approx(at)
    assert fragile.at_stake(prepared.cube, found) == pytest.approx(sum(row.at_stake for row in rows), abs=1)


def test_the_list_is_as_long_as_it_is_asked_to_be(prepared: Portfolio) -> None:
    verdict = tiers.weigh(prepared.cube, MODEL)
    found = acceptability.measure(prepared.cube, MODEL, verdict, acceptability.anything(2))
    assert [row.name for row in fragile.rows(prepared, verdict, MODEL, found, limit=1)] == ["Account 1"]


def test_a_blank_that_decides_is_named(prepared: Portfolio) -> None:
    verdict = tiers.weigh(prepared.cube, MODEL)
    rows = fragile.blanks(prepared.cube, MODEL, verdict)
    # Account 5 has size alone (60 %): fit of 0 takes it from A (100) to B (60). Account 4 has fit alone: unrated, and
    # any size rates it.
    assert [(row.criterion, row.missing, row.decides, row.revenue) for row in rows] == [
        ("Size", 1, 1, 80_000), ("Fit", 1, 1, 0),
    ]  # fmt: skip


@given(shared.settings_())
@settings(max_examples=60, deadline=None)
def test_a_blank_decides_iff_some_value_leads_elsewhere(made: tuple[Model, Cube]) -> None:
    model, cube = made
    verdict = tiers.weigh(cube, model)
    found = fragile.deciding_blanks(cube, model, verdict)
    for i, j in zip(*np.nonzero(cube.points == MISSING), strict=True):
        reached = set()
        for level in range(101):
            filled = cube.points[[i]].copy()
            filled[0, j] = level
            reached.add(int(tiers.assign(scoring.score(filled, model.weights), model, cube.gate[[i]]).tier[0]))
        assert found[i, j] == (reached != {int(verdict.tier[i])})
    assert not found[cube.points != MISSING].any()


def test_on_the_line_are_the_25_profiles_at_75_and_those_at_the_other_cut_offs() -> None:
    cube = shared.cube(PROFILES)
    verdict = tiers.weigh(cube, SCORECARD)
    found = fragile.on_the_line(cube, SCORECARD, verdict)
    assert (found & (verdict.scores.score == 75)).sum() == 25
    assert set(verdict.scores.score[found].tolist()) == {75, 60, 40}
    gated = shared.cube(PROFILES, gate=[1] * len(PROFILES))
    assert set(verdict.scores.score[fragile.on_the_line(gated, SCORECARD, tiers.weigh(gated, SCORECARD))]) == {60, 40}


def test_every_rated_account_stands_under_one_label() -> None:
    cube = shared.cube([ACME, (100, 100, 50, 50, 0, 100), (255,) * 6], accounts=[3, 2, 5], revenue=[30, 20, 50])
    verdict = tiers.weigh(cube, SCORECARD)
    found = acceptability.measure(cube, SCORECARD, verdict, acceptability.around(SCORECARD.weights))
    rows = [row for row in fragile.by_label(cube, verdict, found) if row.accounts]
    assert [(row.tier, row.label, row.accounts, row.revenue) for row in rows] == [
        ("Tier 1", "robust", 3, 30), ("Tier 1", "toss-up", 2, 20),
    ]  # fmt: skip
