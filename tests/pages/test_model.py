"""Model: what is typed is taken at once where it is right, said where it is not, and can be undone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from core.model import toml
from tests.pages.visitor import HOSTILE, Visitor

if TYPE_CHECKING:
    from collections.abc import Iterable

AS_BEFORE = "No account changes its tier."
CRITERIA = [criterion.name for criterion in toml.load(toml.DEFAULT).criteria]


def labelled(widgets: Iterable[Any], label: str) -> Any:
    """The first widget of that label."""
    return next(widget for widget in widgets if widget.label == label)


def press(visitor: Visitor, label: str) -> Visitor:
    labelled(visitor.at.button, label).click().run()
    return visitor.must_be_well()


def criteria(visitor: Visitor) -> list[str]:
    options: list[str] = labelled(visitor.at.selectbox, "Criterion").options
    return options


@pytest.fixture
def visitor() -> Visitor:
    return Visitor("model").must_be_well()


def test_at_first_the_model_is_shown_as_it_is(visitor: Visitor) -> None:
    assert visitor.sentence == AS_BEFORE
    assert criteria(visitor) == CRITERIA
    assert labelled(visitor.at.number_input, "Coverage floor (%)").value == 60
    assert [button.disabled for button in visitor.at.button if "edit" in button.label] == [True, True, True]


def test_what_a_band_holds_of_the_book_adds_up_to_the_book(visitor: Visitor) -> None:
    for place in range(len(CRITERIA)):
        labelled(visitor.at.selectbox, "Criterion").select_index(place).run()
        held = next(table.value for table in visitor.must_be_well().at.dataframe if "Share" in table.value.columns)
        assert held["Accounts"].sum() == 2000
        assert held["Share"].sum() == pytest.approx(100)


def test_a_criterion_that_is_removed_is_gone_everywhere_and_comes_back(visitor: Visitor) -> None:
    press(visitor, "Remove")
    assert criteria(visitor) == CRITERIA[1:]
    assert visitor.sentence != AS_BEFORE
    said = visitor.sentence
    assert "revenue_potential" not in visitor.open("weights").must_be_well().importance
    press(visitor.open("model"), "Undo edit")
    assert criteria(visitor) == CRITERIA
    assert visitor.sentence == AS_BEFORE
    assert press(visitor, "Redo edit").sentence == said
    assert press(visitor, "Discard all edits").sentence == AS_BEFORE


def test_a_new_criterion_reads_the_column_that_was_chosen(visitor: Visitor) -> None:
    names = [widget for widget in visitor.at.text_input if widget.label == "Name"]
    next(widget for widget in names if "new" in str(widget.key)).set_value(HOSTILE[2])
    column = next(widget for widget in visitor.at.selectbox if "new.column" in str(widget.key))
    column.set_value("engagement_score")
    press(visitor, "Add criterion")
    assert criteria(visitor) == [*CRITERIA, HOSTILE[2]]
    assert visitor.errors == []
    rows = visitor.open("weights").must_be_well().board["rows"]
    assert HOSTILE[2] in [row["name"] for row in rows]


def test_a_model_that_cannot_be_is_said_and_the_last_good_one_stays(visitor: Visitor) -> None:
    name = next(widget for widget in visitor.at.text_input if widget.label == "Name" and "new" not in str(widget.key))
    name.set_value("").run()
    visitor.must_be_well()
    assert len(visitor.errors) == 1
    assert "name" in visitor.errors[0]
    assert visitor.sentence == AS_BEFORE
    assert criteria(visitor) == CRITERIA
    assert press(visitor, "Undo edit").errors == []


def test_the_coverage_floor_decides_who_is_unrated(visitor: Visitor) -> None:
    def unrated() -> float:
        bars: list[dict[str, float]] = visitor.figures["model.accounts"]["series"][1]["data"]
        return bars[-1]["value"]

    before = unrated()
    labelled(visitor.at.number_input, "Coverage floor (%)").set_value(100.0).run()
    assert unrated() > before
    labelled(visitor.must_be_well().at.number_input, "Coverage floor (%)").set_value(0.0).run()
    assert unrated() == 0


def test_edits_and_weights_act_together(visitor: Visitor) -> None:
    press(visitor, "Remove")
    visitor.open("weights").move(industry=100.0).must_be_well()
    said = visitor.sentence
    assert visitor.open("model").sentence == said
    assert criteria(visitor) == CRITERIA[1:]
