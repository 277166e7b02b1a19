"""Criteria: what each kind refuses, the points it can give, and its labels."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from core.model import toml
from core.model.criteria import BandCriterion, CategoryCriterion, Criterion, fold

ADAPTER: TypeAdapter[Any] = TypeAdapter(Criterion)
BASE = {"id": "size", "name": "Size", "column": "employees", "importance": 20}


def criterion(**facts: Any) -> Any:
    return ADAPTER.validate_python({**BASE, **facts})


@pytest.mark.parametrize(
    ("facts", "fault"),
    [
        ({"kind": "bands", "bands": []}, "at least 1 item"),
        ({"kind": "bands", "bands": [{"points": 0}, {"points": 5}]}, "only the first band may go without a lower edge"),
        ({"kind": "bands", "bands": [{"from": 5, "points": 0}, {"from": 5, "points": 5}]}, "lower edges must rise"),
        ({"kind": "bands", "bands": [{"from": 9, "points": 0}, {"from": 5, "points": 5}]}, "lower edges must rise"),
        ({"kind": "bands", "bands": [{"from": float("nan"), "points": 0}]}, "finite number"),
        ({"kind": "categories", "categories": [{"values": ["A", " a "], "points": 1}]}, "“a” is listed twice"),
        ({"kind": "categories", "categories": [{"values": ["A"], "points": 1}, {"values": ["a"], "points": 2}]},
         "“a” is listed twice"),
        ({"kind": "categories", "categories": [{"values": [], "points": 1}]}, "at least 1 item"),
        ({"kind": "linear", "zero_at": 3, "ten_at": 3}, "zero_at and ten_at must differ"),
        ({"kind": "linear", "zero_at": 3}, "Field required"),
        ({"kind": "points", "id": "Not A Slug"}, "String should match pattern"),
        ({"kind": "points", "colour": "red"}, "Extra inputs are not permitted"),
        ({"kind": "guess"}, "does not match any of the expected tags"),
    ],
)  # fmt: skip
def test_a_criterion_that_cannot_decide_is_refused(facts: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        criterion(**facts)


def test_levels_are_the_points_that_can_be_earned_in_tenths() -> None:
    bands = criterion(kind="bands", bands=[{"points": 0}, {"from": 1, "points": 7.5}, {"from": 2, "points": 7.5}])
    listed = [{"values": ["a"], "points": 10}, {"values": ["b"], "points": 0.1}]
    assert bands.levels == (0, 75, 75)
    assert criterion(kind="categories", categories=listed).levels == (100, 1)
    assert criterion(kind="categories", categories=listed, otherwise=2).levels == (100, 1, 20)
    assert criterion(kind="linear", zero_at=0, ten_at=1).levels == tuple(range(101))
    assert criterion(kind="points").levels == tuple(range(101))


@pytest.mark.parametrize(
    ("unit", "edges", "labels"),
    [
        # Source: the scorecard's own labels; whole numbers of people end before the next edge, money ends at it.
        ("employees", [None, 500, 2000, 10_000], ("<500", "500–1,999", "2,000–9,999", "10,000+")),
        ("USD", [None, 100_000, 200_000], ("<100,000", "100,000–200,000", "200,000+")),
        ("", [0, 0.1, 0.3], ("0–0.1", "0.1–0.3", "0.3+")),
        ("", [-5, 5], ("-5–4", "5+")),
        ("", [None], ("any",)),
        ("", [3], ("3+",)),
    ],
)
def test_bands_are_named_by_their_edges(unit: str, edges: list[float | None], labels: tuple[str, ...]) -> None:
    found = criterion(kind="bands", unit=unit, bands=[{"lower": edge, "points": i} for i, edge in enumerate(edges)])
    assert isinstance(found, BandCriterion)
    assert found.labels() == labels


def test_categories_are_named_by_their_values() -> None:
    listed = [{"values": ["Strong", "Good"], "points": 10}, {"values": ["Weak"], "points": 0}]
    found = criterion(kind="categories", categories=listed, otherwise=5)
    assert isinstance(found, CategoryCriterion)
    assert found.labels() == ("Strong, Good", "Weak", "anything else")
    assert criterion(kind="categories", categories=listed).labels() == ("Strong, Good", "Weak")


def test_every_label_belongs_to_a_level() -> None:
    for name in toml.ready_models():
        for found in toml.load(name).criteria:
            if isinstance(found, BandCriterion | CategoryCriterion):
                assert len(found.labels()) == len(found.levels)


def test_a_criterion_is_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        criterion(kind="points").importance = 5


def test_outer_spaces_and_case_do_not_count() -> None:
    assert fold("  Financial Services\n") == "financial services"
