"""Tiers and gates as records."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from core.model.tiers import Gate, Tier

GATE = {"id": "served", "name": "Served", "column": "region", "best_tier": "C"}


@pytest.mark.parametrize("test", [{"allowed": ["a"]}, {"refused": ["a"]}, {"at_least": 0}, {"below": 0}])
def test_a_gate_has_one_test(test: dict[str, Any]) -> None:
    assert Gate.model_validate({**GATE, **test}).best_tier == "C"


@pytest.mark.parametrize(
    "tests", [{}, {"allowed": []}, {"at_least": 1, "below": 2}, {"allowed": ["a"], "refused": ["b"]}]
)
def test_a_gate_with_no_test_or_with_two_is_refused(tests: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="exactly one of allowed, refused, at_least, below"):
        Gate.model_validate({**GATE, **tests})


def test_a_cut_off_is_whole_hundredths() -> None:
    assert Tier(name="A", cut_off=74.99).hundredths == 7499
    for bad in (74.995, 100.5, -1):
        with pytest.raises(ValidationError):
            Tier(name="A", cut_off=bad)


def test_nobody_serves_a_negative_number_of_accounts() -> None:
    with pytest.raises(ValidationError, match="greater than 0"):
        Tier(name="A", cut_off=0, accounts_per_owner=0)
