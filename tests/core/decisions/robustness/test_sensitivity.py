"""The tornado, held by known answers and by moving each thing by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.accounts import books, engine, filters
from core.decisions.robustness import sensitivity
from core.measures import portfolio, tiers
from tests import making
from tests.core.decisions.robustness import shared
from tests.core.decisions.robustness.shared import KNOWN, SCORECARD
from tests.core.decisions.robustness.test_tipping import known_book

if TYPE_CHECKING:
    from collections.abc import Iterator

COLUMNS: dict[str, list[str | None]] = {
    "employees": ["50", "97", "99", "104", "1000", "960", "20000", None],
    "Fit": ["10", "9", "9", "8", "6", "10", "0", "5"],
    "annual_revenue": ["100", "200", "300", "400", "500", "600", "700", "800"],
}


@pytest.fixture
def own() -> Iterator[books.Book]:
    found = making.book(COLUMNS)
    yield found
    books.close(found)


@pytest.mark.parametrize("step", [5, 10])
def test_tier_1_grows_and_shrinks_as_is_known(step: int) -> None:
    cube = known_book()
    found = {b.name: b for b in sensitivity.tornado(cube, SCORECARD, tiers.weigh(cube, SCORECARD), step=step)}
    base = KNOWN["tornado"]["base"]
    for criterion, known in zip(SCORECARD.criteria, KNOWN["tornado"]["rows"].values(), strict=True):
        bar = found[criterion.name]
        for effect, sign in ((bar.lower, "-"), (bar.higher, "+")):
            expected = known[f"{sign}{step / 100:.2f}"]
            assert effect is not None
            assert base["tier1_accounts"] + effect.top == expected["tier1_accounts"]
            assert round(100 * base["tier1_revenue"]) + effect.top_revenue == round(100 * expected["tier1_revenue"])


def test_the_bar_that_moves_the_most_revenue_stands_first_and_cut_offs_are_among_them() -> None:
    cube = known_book()
    found = sensitivity.tornado(cube, SCORECARD, tiers.weigh(cube, SCORECARD))
    assert [bar.most for bar in found] == sorted((bar.most for bar in found), reverse=True)
    assert len(found) == 6 + 3
    cut = next(bar for bar in found if bar.name == "Cut-off of Tier 1")
    assert cut.lower is not None
    assert (cut.now, cut.lower.value) == ("75", "70")
    lower = SCORECARD.with_cut_offs({"Tier 1": 70})
    after = tiers.weigh(cube, lower).tier
    before = tiers.weigh(cube, SCORECARD).tier
    assert cut.lower.moved == int((after != before).sum())
    assert cut.lower.top == int((after == 0).sum() - (before == 0).sum())


def test_a_cut_off_stops_before_its_neighbours_and_a_weight_at_0_and_100() -> None:
    model = shared.model(2, importance=[98, 2], cut_offs=(52, 50, 0))
    cube = shared.cube([(100, 0), (50, 80)])
    found = {bar.name: bar for bar in sensitivity.tornado(cube, model, tiers.weigh(cube, model))}
    values = {name: [side.value if side else None for side in (bar.lower, bar.higher)] for name, bar in found.items()}
    assert values["Criterion 0"] == ["93 %", "100 %"]
    assert values["Criterion 1"] == ["0 %", "7 %"]
    assert values["Cut-off of Tier 1"] == ["50.5", "57"]
    assert values["Cut-off of Tier 2"] == ["45", "51.5"]


def test_the_only_criterion_has_no_bar_to_either_side() -> None:
    model, cube = shared.model(1), shared.cube([[80]])
    (bar,) = (b for b in sensitivity.tornado(cube, model, tiers.weigh(cube, model)) if b.kind == sensitivity.WEIGHT)
    assert (bar.lower, bar.higher, bar.most) == (None, None, 0)


def test_an_edge_moved_is_the_book_banded_anew(own: books.Book) -> None:
    model = making.model()
    prepared = portfolio.prepare(own, model)
    verdict = tiers.weigh(prepared.cube, model)
    told: list[float] = []
    found = {bar.now: bar for bar in sensitivity.edge_bars(prepared, model, verdict, progress=told.append)}
    assert told == [0.5, 1.0]
    assert list(found) == ["100", "1,000"]
    low = found["100"].lower
    # 97 and 99 employees come to have 5 points: 9 of fit and 5 of size are 66, in B; 104 are above either way.
    assert low is not None
    assert (low.value, low.moved, low.moved_revenue, low.top) == ("95", 2, 50_000, 0)
    high = found["100"].higher
    assert high is not None
    assert (high.value, high.moved, high.moved_revenue) == ("105", 1, 40_000)


def test_tables_of_edges_that_were_tried_are_put_away_unless_somebody_holds_them(
    own: books.Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filters, "MOST", 0)  # so that every listing is a table
    model = making.model()
    prepared = portfolio.prepare(own, model)
    lower, higher = (sensitivity.with_edge(model, 0, 1, edge) for edge in (95, 105))
    assert lower is not None
    assert higher is not None
    tried = portfolio.prepare(own, lower).listing  # by another, who goes on with it
    untried = portfolio.prepare(own, higher).listing.name
    sensitivity.edge_bars(prepared, model, tiers.weigh(prepared.cube, model))
    assert len(prepared.listing.rows()) == len(tried.rows()) == own.rows
    assert engine.hold(untried) is None
    assert engine.hold(f"joint_{prepared.listing.name}_{tried.name}") is None


def test_an_edge_may_not_pass_its_neighbours() -> None:
    model = making.model()
    assert sensitivity.edges(model) == [(0, 1), (0, 2)]
    assert sensitivity.with_edge(model, 0, 1, 1_000) is None
    assert sensitivity.with_edge(model, 0, 2, 100) is None
    assert sensitivity.with_edge(model, 1, 0, 5) is None, "points have no bands"
    moved = sensitivity.with_edge(model, 0, 2, 500)
    assert moved is not None
    assert [band.lower for band in moved.criteria[0].bands] == [None, 100, 500]  # type: ignore[union-attr]
    assert np.isclose(moved.criteria[1].importance, model.criteria[1].importance)
