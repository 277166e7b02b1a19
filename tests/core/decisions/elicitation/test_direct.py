from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.decisions.elicitation import direct
from core.errors import TierwiseError
from core.model.numbers import weights_from

KNOWN = json.loads((Path(__file__).parents[3] / "known" / "elicitation.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("n", sorted(map(int, KNOWN["surrogates"])))
def test_rank_order_centroids_equal_the_known_answers(n: int) -> None:
    expected = KNOWN["surrogates"][str(n)]["roc"]
    assert direct.centroids(n) == pytest.approx(expected, abs=1e-12)
    assert direct.ranking(range(1, n + 1)) == pytest.approx(expected, abs=1e-12)


def test_tied_places_share_the_mean_of_their_places() -> None:
    known = KNOWN["roc_ties_example"]
    assert direct.ranking(known["ranks"]) == pytest.approx(known["weights"], abs=1e-12)
    assert direct.ranking([1, 2, 3, 3, 4, 4]) == direct.ranking(known["ranks"])


def test_swing_and_points_equal_the_known_answers() -> None:
    assert direct.swing(KNOWN["swing"]["raw"]) == pytest.approx(KNOWN["swing"]["weights"], abs=1e-12)
    assert direct.points(KNOWN["points"]["raw"]) == pytest.approx(KNOWN["points"]["weights"], abs=1e-12)


def test_rounding_is_by_largest_remainder() -> None:
    """Plain rounding of three thirds gives 99."""
    assert list(weights_from(direct.ranking(range(1, 7)), total=100)) == KNOWN["rounding"]["roc6"]
    assert list(weights_from(direct.swing(KNOWN["swing"]["raw"]), total=100)) == KNOWN["rounding"]["swing"]
    assert list(weights_from(direct.ranking([1, 1, 1]), total=100)) == KNOWN["rounding"]["thirds"]


@pytest.mark.parametrize("whole", [95, 105])
def test_points_a_little_off_100_are_taken(whole: int) -> None:
    assert direct.points([whole - 10, 10]) == pytest.approx([(whole - 10) / whole, 10 / whole])


@pytest.mark.parametrize("whole", [94.9, 105.1, 0])
def test_points_far_off_100_are_refused(whole: float) -> None:
    with pytest.raises(TierwiseError, match=r"the points add to"):
        direct.points([whole, 0])


def test_what_is_left_of_the_points_is_told() -> None:
    assert direct.remainder([30, 25, 15]) == 30
    assert direct.remainder([60, 60]) == -20


def test_a_swing_without_100_is_refused() -> None:
    with pytest.raises(TierwiseError, match="Give 100 to the swing that matters most"):
        direct.swing([90, 50])


@pytest.mark.parametrize("answers", [[-1, 100], [float("nan"), 100], [float("inf"), 100], []])
def test_what_is_no_number_is_refused(answers: list[float]) -> None:
    for method in (direct.swing, direct.points):
        with pytest.raises(TierwiseError):
            method(answers)


@given(st.lists(st.integers(1, 12), min_size=1, max_size=12))
def test_weights_of_any_ranking_add_to_1_and_follow_the_order(places: list[int]) -> None:
    weights = direct.ranking(places)
    assert sum(weights) == pytest.approx(1)
    for a, first in zip(places, weights, strict=True):
        for b, second in zip(places, weights, strict=True):
            assert (a < b) == (first > second)
