from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.decisions.elicitation import group, methods
from core.errors import UnknownName

KNOWN = json.loads((Path(__file__).parents[3] / "known" / "elicitation.json").read_text(encoding="utf-8"))["group"]
ROOM = KNOWN["participants_pct"]

ballots = st.lists(
    st.lists(st.integers(0, 100), min_size=3, max_size=3).filter(any), min_size=1, max_size=12
)  # fmt: skip


def test_comparisons_in_pairs_go_with_the_geometric_mean_and_all_else_with_the_mean() -> None:
    assert {method: group.way_for(method) for method in methods.NAMES} == {
        method: "geometric mean" if method == "pairs" else "mean" for method in methods.NAMES
    }


def test_the_ways_to_combine_equal_the_known_answers() -> None:
    assert group.mean(ROOM) == pytest.approx(KNOWN["mean"], abs=1e-12)
    assert group.median(ROOM) == pytest.approx(KNOWN["median_renormalised"], abs=1e-12)
    assert group.geometric(ROOM) == pytest.approx(KNOWN["geometric_mean_renormalised"], abs=1e-12)


def test_the_trimmed_mean_leaves_out_the_lowest_and_highest_of_five() -> None:
    rows = np.array([[0.0, 1.0], [0.2, 0.8], [0.3, 0.7], [0.4, 0.6], [1.0, 0.0]])
    assert group.trimmed(rows) == pytest.approx([0.3, 0.7])
    assert group.trimmed(rows[:4]) == pytest.approx(rows[:4].mean(axis=0))


def test_where_a_way_leaves_nothing_the_mean_stands_in() -> None:
    opposed = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    for way in (group.median, group.geometric):
        assert way(opposed) == pytest.approx([1 / 3] * 3)


def test_another_way_is_refused_by_name() -> None:
    with pytest.raises(UnknownName, match="mode"):
        group.combine([(5000, 5000)], "mode")


@given(ballots, st.sampled_from(sorted(group.WAYS)))
def test_every_way_gives_weights_that_add_to_10_000_within_what_was_said(rows: list[list[int]], way: str) -> None:
    found = group.combine(rows, way)
    assert sum(found) == 10_000
    if way == "mean":
        shares = np.array(rows) / np.array(rows).sum(axis=1, keepdims=True)
        assert (np.array(found) >= np.floor(shares.min(axis=0) * 10_000 - 1e-6)).all()
        assert (np.array(found) <= np.ceil(shares.max(axis=0) * 10_000 + 1e-6)).all()
