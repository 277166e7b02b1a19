"""The bridge of the HHI: exact, worked by hand, and additive whatever the accounts do."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.measures import bridge, concentration
from core.measures.bridge import Bridge, Part

amounts = st.integers(0, 10**13)
pairs = st.lists(st.tuples(amounts, amounts), min_size=1, max_size=30)


def split(rows: list[tuple[int, int]]) -> Bridge:
    before, after = (np.array(side, dtype=np.int64) for side in zip(*rows, strict=True))
    found = bridge.hhi(before, after)
    assert found is not None
    return found


def by_hand(rows: list[tuple[int, int]]) -> dict[str, Fraction]:
    """The parts in exact fractions, as the docstring of the module derives them."""
    r0, r1 = sum(a for a, _ in rows), sum(b for _, b in rows)
    q0, q1 = sum(a * a for a, _ in rows), sum(b * b for _, b in rows)
    w = (Fraction(1, r0**2) + Fraction(1, r1**2)) / 2
    k = Fraction(q0 + q1, 2) * Fraction(r0 + r1, (r0 * r1) ** 2)
    parts = dict.fromkeys(bridge.KINDS, Fraction(0))
    for a, b in rows:
        if a != b:
            kind = "lost" if b == 0 else "new" if a == 0 else "grown" if b > a else "shrunk"
            parts[kind] += 10_000 * (w * (b * b - a * a) - k * (b - a))
    return parts


def test_one_account_of_two_halved_is_worked_by_hand() -> None:
    # 50, 50 -> 50, 25: H from 1/2 to 5/9, all of it the shrunk account's.
    found = split([(50, 50), (50, 25)])
    assert found.before == pytest.approx(5000)
    assert found.after == pytest.approx(10_000 * 5 / 9)
    assert [part.points for part in found.parts] == pytest.approx([0, 0, 0, 10_000 * (5 / 9 - 1 / 2)])


def test_everybody_growing_alike_moves_nothing_but_own_and_total_part() -> None:
    found = split([(30, 60), (70, 140)])
    grown = found.parts[2]
    assert found.after == pytest.approx(found.before)
    assert grown.points == pytest.approx(0, abs=1e-9)
    assert grown.own == pytest.approx(-grown.total)
    assert grown.own > 0


def test_an_account_that_stays_has_no_part() -> None:
    found = split([(50, 50), (50, 0), (0, 20)])
    assert [part.accounts for part in found.parts] == [1, 1, 0, 0]
    assert {mover.customer for mover in found.movers} == {1, 2}


def test_a_small_new_account_lowers_the_index_and_a_large_one_raises_it() -> None:
    assert split([(50, 50), (50, 50), (0, 1)]).parts[1].points < 0
    assert split([(50, 50), (50, 50), (0, 900)]).parts[1].points > 0


def test_movers_come_by_size_of_their_part_and_are_no_more_than_asked() -> None:
    rows = [(100, 50), (10, 10), (10, 11), (10, 40)]
    before, after = (np.array(side, dtype=np.int64) for side in zip(*rows, strict=True))
    found = bridge.hhi(before, after, movers=2)
    assert found is not None
    # Of the two that grew, 10 to 40 did nearly all; the exact parts are 10,000 w (b² − a²) − 10,000 k (b − a).
    assert [(mover.customer, mover.kind, mover.before, mover.after) for mover in found.movers] == [
        (3, "grown", 10, 40), (0, "shrunk", 100, 50),
    ]  # fmt: skip
    assert found.movers[1].points == float(by_hand(rows)["shrunk"])


def test_credits_count_as_no_revenue() -> None:
    found = bridge.hhi(np.array([50, 50, -5]), np.array([50, -5, 10]))
    assert found is not None
    assert [part.accounts for part in found.parts] == [1, 1, 0, 0]


@pytest.mark.parametrize("rows", [[(0, 5)], [(5, 0)], [(0, 0)], [(-5, 5)]])
def test_without_revenue_on_both_sides_there_is_no_bridge(rows: list[tuple[int, int]]) -> None:
    before, after = (np.array(side) for side in zip(*rows, strict=True))
    assert bridge.hhi(before, after) is None


def test_nobody_at_all_has_no_bridge() -> None:
    nobody = np.array([], dtype=np.int64)
    assert bridge.hhi(nobody, nobody) is None


def test_amounts_must_be_of_the_same_customers() -> None:
    with pytest.raises(ValueError, match="1 amounts before but 2 after"):
        bridge.hhi(np.array([1]), np.array([1, 2]))


def test_a_bridge_that_does_not_add_up_is_refused() -> None:
    part = Part("lost", 1, 5, 0, 1.0, 1.0, 2.0)
    with pytest.raises(ValueError, match="the parts come to"):
        Bridge(100.0, 110.0, (part,), ())


@given(rows=pairs)
def test_the_parts_add_up_and_are_those_of_exact_fractions(rows: list[tuple[int, int]]) -> None:
    assume(sum(a for a, _ in rows) and sum(b for _, b in rows))
    found = split(rows)
    before, after = (np.array([row[side] for row in rows], dtype=np.int64) for side in (0, 1))
    largest = max(1.0, *(abs(part.points) for part in found.parts))
    for measured, side in ((found.before, before), (found.after, after)):
        assert math.isclose(measured, concentration.hhi(concentration.shares_base(side).counted), rel_tol=1e-9)
    total = math.fsum(part.points for part in found.parts)
    assert math.isclose(total, found.after - found.before, rel_tol=1e-9, abs_tol=1e-9 * largest)
    for part in found.parts:
        assert part.points == float(by_hand(rows)[part.kind])
        assert math.isclose(part.own + part.total, part.points, rel_tol=1e-9, abs_tol=1e-12 * max(1, abs(part.own)))


@given(rows=pairs, factor=st.integers(2, 50))
def test_the_unit_of_money_does_not_matter(rows: list[tuple[int, int]], factor: int) -> None:
    assume(sum(a for a, _ in rows) and sum(b for _, b in rows))
    one, other = split(rows), split([(a * factor, b * factor) for a, b in rows])
    assert [part.points for part in one.parts] == [part.points for part in other.parts]
