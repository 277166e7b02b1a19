"""Draws from a room keep to it, and are uniform there: held to the exact shares where those exist."""

from __future__ import annotations

import numpy as np
import pytest

from core.decisions.robustness import acceptability, draws
from core.decisions.robustness.draws import Room
from core.errors import TierwiseError
from core.measures import tiers
from tests.core.decisions.robustness import shared
from tests.core.decisions.robustness.shared import PROFILES, SCORECARD

EVERYTHING = Room((0.0,) * 6, (1.0,) * 6)


def test_a_room_without_sides_is_any_weights() -> None:
    cube = shared.cube(PROFILES[::7])
    verdict = tiers.weigh(cube, SCORECARD)
    drawn = draws.measure(cube, SCORECARD, verdict, draws.from_room(EVERYTHING)).confidence
    exact = acceptability.measure(cube, SCORECARD, verdict, acceptability.anything(6)).confidence
    away = np.abs(drawn - exact) / np.maximum(np.sqrt(exact * (1 - exact) / draws.DRAWS), 1 / draws.DRAWS)
    assert (away > 3).mean() < 0.02
    assert away.max() < 5


def test_draws_keep_to_their_ranges_and_reach_their_ends() -> None:
    found = draws.from_room(draws.within(SCORECARD.weights, 10))
    assert found.sum(axis=1) == pytest.approx(1)
    assert found.min(axis=0) == pytest.approx([0.2, 0.1, 0.05, 0.05, 0, 0], abs=0.002)
    assert found.max(axis=0) == pytest.approx([0.4, 0.3, 0.25, 0.25, 0.2, 0.2], abs=0.002)


def test_a_room_with_an_order_is_the_same_as_sorting() -> None:
    weights = (5_000, 3_000, 2_000)
    room = Room((0.0,) * 3, (1.0,) * 3, order=((0, 1), (1, 2)))
    walked, sorted_ = draws.from_room(room), draws.from_order(weights)
    assert (np.diff(walked, axis=1) <= 1e-9).all()
    centroid = [11 / 18, 5 / 18, 2 / 18]
    for found in (walked, sorted_):
        assert found.mean(axis=0) == pytest.approx(centroid, abs=0.006)
        assert found[:, 0].std() == pytest.approx(sorted_[:, 0].std(), rel=0.05)


def test_criteria_that_weigh_the_same_may_go_either_way() -> None:
    found = draws.from_order((4_000, 3_000, 3_000))
    assert (found[:, 0] >= found[:, 1:].max(axis=1)).all()
    assert (found[:, 1] > found[:, 2]).mean() == pytest.approx(0.5, abs=0.02)


def test_a_weight_that_is_fixed_stays_and_the_others_move() -> None:
    found = draws.from_room(Room((0.3, 0.0, 0.0), (0.3, 1.0, 1.0)), number=2_000)
    assert found[:, 0] == pytest.approx(0.3)
    assert found[:, 1].std() > 0.15
    assert draws.from_room(Room((1.0,), (1.0,)), number=5).tolist() == [[1.0]] * 5
    assert draws.from_room(Room((0.0, 0.0), (0.5, 0.5)), number=5) == pytest.approx(np.full((5, 2), 0.5))


@pytest.mark.parametrize(
    "room",
    [
        Room((0.0, 0.0), (0.4, 0.4)),
        Room((0.6, 0.6), (1.0, 1.0)),
        Room((0.0, 0.6), (1.0, 1.0), order=((0, 1),)),
    ],
)
def test_a_room_that_holds_no_weights_is_said_with_the_way_out(room: Room) -> None:
    with pytest.raises(TierwiseError, match=r"keep to these ranges and this order\. Widen a range"):
        draws.from_room(room)


def test_a_room_that_leaves_some_weights_no_room_is_said_too() -> None:
    with pytest.raises(TierwiseError, match="no room at all"):
        draws.from_room(Room((0.0, 0.0, 0.0), (1.0, 0.5, 0.5), order=((1, 0), (2, 0), (0, 1))))


def test_the_same_seed_draws_the_same_and_profiles_share_their_draws() -> None:
    room = draws.within(SCORECARD.weights, 5)
    one, other = draws.from_room(room, number=50), draws.from_room(room, number=50)
    assert one.tolist() == other.tolist()
    assert draws.from_room(room, number=50, seed=8).tolist() != one.tolist()


def test_the_error_is_that_of_a_share_of_so_many_draws() -> None:
    cube = shared.cube([(100, 100, 50, 50, 0, 100)])
    found = draws.measure(cube, SCORECARD, tiers.weigh(cube, SCORECARD), draws.from_room(EVERYTHING, number=2_500))
    assert found.error is not None
    share = found.confidence[0]
    assert found.error[0] == pytest.approx(np.sqrt(share * (1 - share) / 2_500))
    assert found.error[0] <= 0.5 / 50
