from __future__ import annotations

from typing import Any

import pytest

from core.decisions.elicitation import methods
from core.errors import TierwiseError, UnknownName

NAMES = ["Revenue", "Size", "Fit"]
GOOD: dict[str, dict[str, Any]] = {
    "swing": {"swing": [100, 50, 50]},
    "points": {"points": [50, 25, 25]},
    "ranking": {"places": [1, 2, 2]},
    "best_worst": {"from_best": [1, 2, 2], "to_worst": [2, 1, 1]},
    "pairs": {"pairs": [2, 2, 1]},
}


@pytest.mark.parametrize("method", methods.NAMES)
def test_every_method_gives_weights_that_add_to_10_000(method: str) -> None:
    found = methods.weigh(method, GOOD[method], NAMES)
    assert sum(found.weights) == 10_000
    assert found.weights[0] > found.weights[1]
    assert abs(found.weights[1] - found.weights[2]) <= 1


@pytest.mark.parametrize("method", methods.NAMES)
@pytest.mark.parametrize(
    "bad", [None, [], [1], [1] * 9, "111", [1, 2, "3"], [True, 1, 1], [1, 2, float("nan")], [1, 2, None], [-5, 1, 1]]
)
def test_what_no_form_of_ours_would_send_is_refused(method: str, bad: object) -> None:
    for key in GOOD[method]:
        with pytest.raises(TierwiseError):
            methods.weigh(method, {**GOOD[method], key: bad}, NAMES)


def test_an_unknown_method_and_a_single_criterion_are_refused() -> None:
    with pytest.raises(UnknownName, match="dictate"):
        methods.weigh("dictate", {}, NAMES)
    with pytest.raises(TierwiseError, match="there are 1 criteria"):
        methods.weigh("points", {"points": [100]}, ["One"])


def test_a_place_beyond_the_last_is_refused() -> None:
    with pytest.raises(TierwiseError, match="whole number in range"):
        methods.weigh("ranking", {"places": [1, 2, 4]}, NAMES)


def test_points_off_100_are_scaled_and_said() -> None:
    assert methods.weigh("points", {"points": [55, 25, 25]}, NAMES).notes == (
        "The points add to 105 and were scaled to 100.",
    )
    assert methods.weigh("points", GOOD["points"], NAMES).notes == ()


def test_contradicting_pairs_are_pointed_out_with_the_table_named() -> None:
    found = methods.weigh("pairs", {"pairs": [9, 1 / 9, 9]}, NAMES)
    assert found.consistent is False
    assert len(found.notes) == 4
    assert "you said" in found.notes[0]
    assert "Saaty 1980" in found.notes[-1]


def test_contradicting_best_and_worst_names_the_criterion_that_fits_least() -> None:
    found = methods.weigh("best_worst", {"from_best": [1, 9, 3], "to_worst": [3, 9, 1]}, NAMES)
    assert found.consistent is False
    assert found.notes[0] == "The answers on Size fit the others least."
    assert "ξ after solving" in found.notes[1]


def test_the_number_of_answers_is_known_beforehand() -> None:
    assert [methods.comparisons(method, 6) for method in methods.NAMES] == [6, 6, 6, 9, 15]
    assert len(methods.pairs_of(6)) == 15
