"""Retention: known answers, and gross that never passes 1 or net.

`tests/known/health_tiers.json` holds the case of five accounts.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.measures import retention
from core.measures.retention import Retention

KNOWN: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "known" / "health_tiers.json").read_text("utf-8")
)["retention"]
KNOWN = [case for case in KNOWN if "start" in case]

amounts = st.integers(-(10**12), 10**13)
pairs = st.lists(st.tuples(amounts, amounts), max_size=30)


def measured(rows: list[tuple[int, int]]) -> Retention:
    start, end = (np.array([row[side] for row in rows], dtype=np.int64) for side in (0, 1))
    return retention.measure(start, end)


@pytest.mark.parametrize("case", KNOWN)
def test_the_known_case_is_reproduced(case: dict[str, Any]) -> None:
    found = retention.measure(np.array(case["start"]), np.array(case["end"]))
    assert (found.nrr, found.grr) == pytest.approx((case["NRR"], case["GRR"]))
    assert found.kept == pytest.approx(case["logo_retention"])
    assert (found.new, found.churned) == (case["new_arr"], case["churned"])
    assert (found.contraction, found.expansion) == (case["contraction"], case["expansion"])


def test_there_is_a_known_case() -> None:
    assert KNOWN


def test_the_published_example_of_10_million_is_reproduced() -> None:
    # Start 10.0, churned 0.6, contracted 0.9, expanded 1.8: gross 85 %, net 103 %.
    found = measured([(6, 0), (14, 5), (40, 58), (40, 40)])
    assert (found.churned, found.contraction, found.expansion) == (6, 9, 18)
    assert (found.grr, found.nrr) == (0.85, 1.03)


def test_new_accounts_are_in_neither() -> None:
    alone, crowded = measured([(100, 90)]), measured([(100, 90), (0, 10_000)])
    assert (alone.nrr, alone.grr) == (crowded.nrr, crowded.grr)
    assert crowded.new == 10_000


def test_a_credit_at_the_end_is_a_loss_of_all_and_no_more() -> None:
    found = measured([(100, -50), (100, 100)])
    assert (found.nrr, found.grr, found.churned) == (0.5, 0.5, 100)


@pytest.mark.parametrize("rows", [[], [(0, 5)], [(-5, 5)]])
def test_without_a_cohort_nothing_is_defined(rows: list[tuple[int, int]]) -> None:
    found = measured(rows)
    assert (found.nrr, found.grr, found.kept) == (None, None, None)


def test_groups_come_in_their_order_then_all_and_those_without_a_cohort_are_left_out() -> None:
    start, end = np.array([100, 50, 0, 10]), np.array([50, 50, 70, 10])
    rows = retention.by_group(start, end, np.array([1, 0, 2, 0]), ["A", "B", "C"])
    assert [(row.name, row.accounts, row.grr) for row in rows] == [("A", 2, 1.0), ("B", 1, 0.5), ("All", 3, 0.6875)]


def test_amounts_must_be_of_the_same_accounts() -> None:
    with pytest.raises(ValueError, match="1 amounts at the start but 2"):
        retention.measure(np.array([1]), np.array([1, 2]))


def test_a_record_that_does_not_add_up_is_refused() -> None:
    with pytest.raises(ValueError, match="does not add up"):
        Retention("x", 1, 100, 90, 0, 0, 0, 0, 0.9, 0.9, 1.0)
    with pytest.raises(ValueError, match="at most"):
        Retention("x", 1, 100, 90, 0, 10, 0, 0, 0.9, 0.95, 1.0)


@given(rows=pairs)
def test_gross_is_at_most_1_and_at_most_net(rows: list[tuple[int, int]]) -> None:
    found = measured(rows)
    if found.grr is not None and found.nrr is not None:
        assert 0 <= found.grr <= min(1, found.nrr)
        assert found.start == sum(a for a, _ in rows if a > 0)


@given(rows=pairs, groups=st.integers(1, 4))
def test_groups_add_up_to_all(rows: list[tuple[int, int]], groups: int) -> None:
    start, end = (np.array([row[side] for row in rows], dtype=np.int64) for side in (0, 1))
    *parts, whole = retention.by_group(start, end, np.arange(len(rows)) % groups, [str(at) for at in range(groups)])
    for name in ("accounts", "start", "end", "churned", "contraction", "expansion"):
        assert sum(getattr(part, name) for part in parts) == getattr(whole, name)
