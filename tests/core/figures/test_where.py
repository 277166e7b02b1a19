"""Figures of where revenue rests: the map, the points of HHI, the small curves."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from core.figures import theme, where

HOSTILE = "<b>R&D</b><img src=x>"
TILES = pd.DataFrame(
    {
        "group": ["Tech", "Tech", HOSTILE], "name": pd.Series(["Acme <i>", None, "Beta"], dtype=object),
        "accounts": [1, 12, 1], "revenue": [60_00, 30_00, 10_00],
    }
)  # fmt: skip
POINTS = pd.DataFrame({"group": ["Tech", HOSTILE], "share": [0.6, 0.4], "part": [0.8, 0.2]})
CURVES = {"Tech": ([0.0, 0.1, 1.0], [0.0, 0.7, 1.0]), HOSTILE: ([0.0, 0.5, 1.0], [0.0, 0.5, 1.0])}


def texts(frame: Any) -> list[str]:
    return [str(note.text) for note in frame.layout.annotations]


def test_the_rooms_of_the_map_hold_what_their_tiles_do() -> None:
    (tree,) = where.treemap(TILES, 100_00).data
    sizes = dict(zip(tree.ids, tree.values, strict=True))
    assert sizes == {"g0": 90_00, "g1": 10_00, "t0": 60_00, "t1": 30_00, "t2": 10_00}
    assert dict(zip(tree.ids, tree.parents, strict=True)) == {"g0": "", "g1": "", "t0": "g0", "t1": "g0", "t2": "g1"}
    assert tree.labels[3] == "12 others"


def test_the_map_says_its_largest_tile_as_a_share_of_the_book() -> None:
    frame = where.treemap(TILES, 200_00)
    assert frame.layout.meta["title"] == "The largest tile is Acme <i> of Tech: 30.0\u00a0% of revenue"


def test_the_points_stand_beside_the_revenue() -> None:
    frame = where.points(POINTS)
    revenue, index = frame.data
    assert (list(revenue.x), list(index.x)) == ([0.6, 0.4], [0.8, 0.2])
    assert frame.layout.meta["title"] == "Tech brings 60.0\u00a0% of revenue and 80.0\u00a0% of the HHI"


def test_each_group_has_its_own_small_curve_with_the_largest_fifth_marked() -> None:
    frame = where.multiples(CURVES, {"Tech": 12_345, HOSTILE: 2})
    assert frame.layout.meta["title"].startswith("In Tech the largest fifth brings 73.3\u00a0% of revenue")
    fifths = [trace for trace in frame.data if trace.mode == "markers"]
    assert [trace.y[0] for trace in fifths] == pytest.approx([0.7 + 0.3 / 9, 0.5], abs=1e-4), "of two, a fifth is one"
    assert {trace.xaxis for trace in fifths} == {"x", "x2"}
    assert "12K: 73.3\u00a0%" in texts(frame)


def test_groups_that_are_alike_have_no_first_and_a_group_of_one_brings_all_of_its_revenue() -> None:
    line = ([0.0, 1.0], [0.0, 1.0])
    alike = where.multiples({"Tech": line, "Paper": line}, {"Tech": 5, "Paper": 10}, who="customer")
    assert alike.layout.meta["title"] == "In Paper the largest fifth brings 20.0\u00a0% of revenue"
    alone = where.multiples({"Tech": line}, {"Tech": 1})
    assert alone.layout.meta["title"] == "In Tech the largest fifth brings 100.0\u00a0% of revenue"


def test_a_single_group_is_not_called_the_most() -> None:
    frame = where.multiples({"Tech": CURVES["Tech"]}, {"Tech": 2})
    assert frame.layout.meta["title"].endswith("of revenue")


def test_nothing_is_said_where_there_is_nothing() -> None:
    nothing = POINTS.assign(part=None, share=None)
    for frame in (where.treemap(TILES.iloc[:0], 0), where.points(nothing), where.multiples({}, {})):
        assert texts(frame) == [where.NOTHING]


@pytest.mark.parametrize("dark", [False, True])
def test_names_are_never_markup(*, dark: bool) -> None:
    drawn = [
        where.treemap(TILES, 100_00, dark=dark),
        where.points(POINTS, dark=dark),
        where.multiples(CURVES, {"Tech": 2, HOSTILE: 2}, dark=dark),
    ]
    for frame in drawn:
        assert theme.alt(frame)
        sent = frame.to_plotly_json()
        sent["layout"].pop("meta")
        assert "<img" not in str(sent)
        assert "<i>" not in str(sent)
        assert "&lt;" in str(sent)
