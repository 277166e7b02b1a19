"""Where revenue rests: parts that add up, known splits, and the order that is asked for."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from inequality.theil import TheilD

from core.measures import concentration, where
from core.measures.where import Place

KNOWN: dict[str, Any] = json.loads((Path(__file__).parents[2] / "known" / "concentration.json").read_text("utf-8"))
SPLIT = KNOWN["theil_decomposition"]
CENTS = np.array([round(100 * value) for value in SPLIT["y"]], dtype=np.int64)
CODE = np.array(["ABC".index(group) for group in SPLIT["groups"]])
books = st.lists(st.tuples(st.integers(-100, 10**10), st.integers(0, 4)), max_size=40)


def test_equal_accounts_have_no_inequality_to_lie_anywhere() -> None:
    found = where.of_cut(where.cut(np.full(25, 333_33), np.arange(25) % 4, list("ABCD")))
    assert found.between is None


def test_inequality_splits_into_between_and_within_as_known_and_as_pysal_says() -> None:
    found = where.measure(CENTS, CODE, ["A", "B", "C"])
    assert found.theil is not None
    assert found.theil.between == pytest.approx(SPLIT["between"])
    assert found.theil.within == pytest.approx(SPLIT["within"])
    pysal = TheilD(CENTS.astype(float), CODE)
    assert found.theil.between == pytest.approx(float(np.squeeze(pysal.bg)))
    assert found.between == pytest.approx(SPLIT["between"] / SPLIT["total"])


def test_the_points_of_the_groups_are_the_known_hhi() -> None:
    found = where.measure(CENTS, CODE, ["A", "B", "C"])
    assert found.hhi == pytest.approx(10_000 * KNOWN["hhi_decomposition"]["total"])
    assert math.fsum(place.part or 0 for place in found.places) == pytest.approx(1)


def test_groups_of_equal_revenue_are_as_many_as_they_are() -> None:
    found = where.measure(np.array([10, 20, 30]), np.array([0, 0, 1]), ["A", "B"])
    assert found.effective_groups == pytest.approx(2)


@pytest.mark.parametrize("cents", [[], [0, 0], [-1, -2]])
def test_without_revenue_nothing_is_split(cents: list[int]) -> None:
    found = where.measure(np.array(cents, dtype=np.int64), np.zeros(len(cents), dtype=int), ["A"])
    assert (found.theil, found.hhi, found.effective_groups, found.between) == (None, None, None, None)


def test_where_all_bring_the_same_there_is_no_inequality_to_split() -> None:
    assert where.measure(np.array([5, 5]), np.array([0, 1]), ["A", "B"]).between is None


def place(group: str, **values: float | None) -> Place:
    given = {"share": None, "top1": None, "hhi": None, "gini": None, "points": None, "part": None, "revenue": 0}
    return Place(group=group, accounts=1, **{**given, **values})  # type: ignore[arg-type]


def test_groups_come_in_the_order_that_is_asked_for() -> None:
    rows = [place("b", revenue=1, points=9.0, top1=0.5), place("A", revenue=2, points=1.0, top1=None)]
    assert [row.group for row in where.ordered(rows, "revenue")] == ["A", "b"]
    assert [row.group for row in where.ordered(rows, "points")] == ["b", "A"]
    assert [row.group for row in where.ordered(rows, "top1")] == ["b", "A"]
    assert [row.group for row in where.ordered(rows, "name")] == ["A", "b"]


def test_a_group_is_cut_into_its_largest_and_the_rest() -> None:
    cents, code = np.array([5, 9, 1, 7, -3, 4]), np.array([0, 0, 0, 1, 1, 0])
    tiles = where.tiles(where.cut(cents, code, ["A", "B"]), ["A", "B"], 2)
    assert [(tile.group, tile.customer, tile.accounts, tile.revenue) for tile in tiles] == [
        ("A", 1, 1, 9), ("A", 0, 1, 5), ("A", -1, 2, 5), ("B", 3, 1, 7),
    ]  # fmt: skip


def test_each_group_has_its_curve_and_one_without_revenue_has_none() -> None:
    found = where.curves(where.cut(np.array([3, 1, 0]), np.array([0, 0, 1]), ["A", "B"]), ["A", "B"])
    assert {group: (x.tolist(), y.tolist()) for group, (x, y) in found.items()} == {"A": ([0, 0.5, 1], [0, 0.75, 1])}


@given(rows=books)
def test_groups_as_numbers_are_measured_as_groups_by_name(rows: list[tuple[int, int]]) -> None:
    names = [f"G{at}" for at in range(5)]
    cents = np.array([amount for amount, _ in rows], dtype=np.int64)
    code = np.array([group for _, group in rows], dtype=np.int64)
    assert concentration.by_code(cents, code, names) == concentration.by_group(cents, [names[at] for at in code])


@given(rows=books)
def test_tiles_hold_all_revenue_of_their_groups(rows: list[tuple[int, int]]) -> None:
    names = [f"G{at}" for at in range(5)]
    cents = np.array([amount for amount, _ in rows], dtype=np.int64)
    code = np.array([group for _, group in rows], dtype=np.int64)
    tiles = where.tiles(where.cut(cents, code, names), names, 3)
    assert sum(tile.revenue for tile in tiles) == sum(max(0, amount) for amount, _ in rows)
    assert sum(tile.accounts for tile in tiles) == sum(amount > 0 for amount, _ in rows)
