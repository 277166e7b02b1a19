"""Robustness: the sentence on top, every section, and weights from examples that reach the board."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from core.accounts import books
from core.decisions.robustness import acceptability, fragile
from core.errors import TierwiseError
from core.measures import portfolio, tiers
from core.model import toml
from core.report import robustness as said
from pages import _confidence as confidence
from tests.pages.visitor import HOSTILE, ROOT, Visitor, bare, keep

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from core.measures.portfolio import Portfolio

MODEL = toml.load(toml.DEFAULT)
SECTIONS = (
    "Fragile accounts",
    "Tipping points",
    "What moves the most",
    "Whatever the weights",
    "Weights from examples",
)
COLUMNS = ("revenue_potential", "employees", "industry", "technology_fit", "buying_stage", "competitive_threat")


@pytest.fixture(scope="module")
def demo_book() -> Iterator[Portfolio]:
    folder = ROOT / "data" / "demo"
    found = books.open_file(folder / "accounts.csv", history=folder / "history.csv", name="Demo book")
    yield portfolio.prepare(found, MODEL)
    books.close(found)


def section(visitor: Visitor, name: str) -> Visitor:
    visitor.at.session_state["robustness.section"] = name
    visitor.at.run()
    return visitor.must_be_well()


def think(visitor: Visitor, kind: str) -> Visitor:
    visitor.at.session_state[confidence.KEY] = kind
    visitor.at.run()
    return visitor.must_be_well()


def press(visitor: Visitor, label: str) -> Visitor:
    next(button for button in visitor.at.button if button.label == label).click().run()
    return visitor.must_be_well()


def frame(visitor: Visitor, column: str) -> Any:
    return next(table.value for table in visitor.at.dataframe if column in table.value.columns)


def own(home: Path, rows: Sequence[tuple[str, ...]], names: tuple[str, ...] = HOSTILE) -> str:
    """Keep a book of accounts with hostile names: revenue, then a value for each of the columns."""
    made = [
        {"account_id": f"id{i}", "name": name, "annual_revenue": row[0], **dict(zip(COLUMNS, row[1:], strict=True))}
        for i, (name, row) in enumerate(zip(names, rows, strict=False))
    ]
    return keep(home, made)


BEST = ("900000", "500000", "20000", "Technology", "Strong", "Active evaluation", "none")
SOME = ("500000", "500000", "100", "Technology", "Weak", "No project", "active")
LEAST = ("100", "10", "10", "Other", "Weak", "No project", "active")


def test_the_sentence_on_top_counts_what_holds_and_what_is_a_toss_up(demo_book: Portfolio) -> None:
    verdict = tiers.weigh(demo_book.cube, MODEL)
    found = acceptability.measure(demo_book.cube, MODEL, verdict, acceptability.around(MODEL.weights))
    rows = fragile.by_label(demo_book.cube, verdict, found)
    visitor = Visitor("robustness").must_be_well()
    assert visitor.sentence == said.headline(rows, said.spread(5), "USD")
    assert visitor.cards["Robust"] == f"{sum(row.accounts for row in rows if row.label == 'robust'):,}"
    assert {"robustness.sureness", "robustness.distances"} <= set(visitor.figures)


@pytest.mark.parametrize("name", SECTIONS)
def test_every_section_shows_something(name: str) -> None:
    visitor = section(Visitor("robustness"), name)
    assert visitor.errors == []
    assert len(visitor.figures) >= 2
    expected = {"Tipping points": 4, "What moves the most": 3}
    assert len(visitor.figures) == expected.get(name, 2)


@pytest.mark.parametrize("kind", list(confidence.NAMES))
def test_every_way_to_think_of_the_weights_is_worked_out(kind: str) -> None:
    visitor = think(Visitor("robustness"), kind)
    assert visitor.errors == []
    assert "Tier 1 accounts hold" in visitor.sentence
    drawn = any("10,000 weightings drawn" in text for text in visitor.texts)
    assert drawn == (kind in {confidence.ORDER, confidence.RANGES})


def test_ranges_that_leave_no_weights_are_said_with_the_way_out() -> None:
    visitor = think(Visitor("robustness"), confidence.RANGES)
    for slider in visitor.at.slider:
        slider.set_value((0, 10))
    visitor.at.run()
    assert visitor.must_be_well().errors == [
        "weights: no weights that add to 100 % keep to these ranges and this order. Widen a range."
    ]


def test_what_is_thought_stays_when_the_page_changes() -> None:
    visitor = think(Visitor("robustness"), confidence.ANY)
    sentence = visitor.sentence
    assert visitor.open("overview").open("robustness").must_be_well().sentence == sentence


def test_the_fragile_list_starts_with_the_most_revenue_at_stake() -> None:
    table = frame(Visitor("robustness").must_be_well(), "At stake (USD)")
    assert table["At stake (USD)"].is_monotonic_decreasing
    assert (table["Confidence"] < 100).all()
    assert set(table["Sure"]) <= {"robust", "likely", "toss-up"}


def test_choosing_a_fragile_account_opens_it() -> None:
    visitor = Visitor("robustness").must_be_well()
    name = frame(visitor, "At stake (USD)")["Account"].iloc[0]
    visitor.at.session_state["robustness.fragile"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    visitor.at.run()
    assert visitor.must_be_well().errors == []
    assert name


def test_hostile_names_stay_names_in_every_section(home: Path) -> None:
    book = own(home, [BEST, SOME, LEAST, BEST, SOME, LEAST])
    visitor = Visitor("robustness", book=book)
    for name in SECTIONS:
        section(visitor, name)
        assert visitor.errors == []
    assert sorted(frame(section(visitor, SECTIONS[0]), "At stake (USD)")["Account"]) == sorted([HOSTILE[1], HOSTILE[4]])


def test_a_book_where_nobody_is_rated_says_so(home: Path) -> None:
    visitor = Visitor("robustness", book=bare(home)).must_be_well()
    assert visitor.sentence == said.NOTHING
    assert visitor.errors == []
    assert visitor.figures == {}


def test_one_criterion_with_all_the_weight_is_sure_of_everything() -> None:
    visitor = Visitor("weights")
    visitor.move(**(dict.fromkeys(visitor.importance, 0.0) | {"industry": 100.0})).open("robustness").must_be_well()
    assert "none is a toss-up" in visitor.sentence
    for name in SECTIONS:
        assert section(visitor, name).errors == []


@pytest.mark.parametrize("model", sorted(set(toml.ready_models()) - {toml.DEFAULT}))
def test_every_section_works_under_every_model(model: str) -> None:
    visitor = Visitor("robustness", model=model).must_be_well()
    for name in SECTIONS:
        assert section(visitor, name).errors == []


def test_a_large_book_is_worked_out_when_somebody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confidence, "MUCH", 1)
    visitor = Visitor("robustness").must_be_well()
    assert visitor.sentence == "This book is large, so that is worked out when you ask for it."
    assert visitor.figures == {}
    assert "Tier 1 accounts hold" in press(visitor, "Work it out").sentence


def test_edges_are_moved_when_somebody_asks(home: Path) -> None:
    visitor = Visitor("robustness", book=own(home, [BEST, SOME, LEAST, BEST, SOME, LEAST]))
    section(visitor, "What moves the most")
    assert "robustness.edges" not in visitor.figures
    assert "robustness.edges" in press(visitor, "Move every edge").figures
    section(visitor, "Tipping points")
    assert "robustness.edges" in section(visitor, "What moves the most").figures, "they are kept"


# Weights from examples -----------------------------------------------------------------------------------------------


def state(visitor: Visitor, one: str, how: str, what: str | int) -> Visitor:
    """Make a statement; `AppTest` runs the page after each choice, as a browser does."""
    visitor.at.selectbox(key="examples.one").set_value(one).run()
    visitor.at.selectbox(key="examples.how").set_value(how).run()
    key = "examples.other" if how == "stands above" else "examples.tier"
    visitor.at.selectbox(key=key).set_value(what).run()
    return press(visitor, "Add this statement")


@pytest.fixture
def examples(home: Path) -> Visitor:
    rows = [BEST, ("1", "500000", "100", "Technology", "Strong", "No project", "active"), LEAST]
    return section(Visitor("robustness", book=own(home, rows)), "Weights from examples")


def test_weights_from_examples_go_onto_the_board_and_undo_takes_them_off(examples: Visitor) -> None:
    visitor = state(examples, "id1", "is in", 0)
    found = frame(visitor, "From the examples")
    assert found["From the examples"].sum() == pytest.approx(100)
    press(visitor, "Put these weights on the board")
    assert "These weights are on the board; undo there brings the others back." in visitor.texts
    assert "The weights on screen satisfy every statement already." in visitor.texts
    board = visitor.open("weights").must_be_well()
    weights = [f"{share:.1f}\u00a0%" for share in found["From the examples"].round(1)]
    assert list(board.weights.values()) == weights
    assert list(board.press("undo").must_be_well().importance.values()) == [c.importance for c in MODEL.criteria]


def test_statements_that_contradict_each_other_are_named(examples: Visitor) -> None:
    visitor = state(state(examples, "id1", "stands above", "id2"), "id2", "stands above", "id1")
    (said_,) = (warning.value for warning in visitor.at.warning)
    assert "No weights make" in said_
    assert "true" in said_
    assert press(visitor, "Clear all statements").at.warning.values == []


def test_a_statement_can_be_taken_back(examples: Visitor) -> None:
    visitor = state(examples, "id2", "is at least in", 0)
    assert len(visitor.at.warning) == 1
    visitor.at.button(key="examples.drop.0").click().run()
    assert visitor.must_be_well().at.warning.values == []
    assert "No statement yet." in visitor.texts


def test_ranges_are_those_of_the_weights_until_somebody_sets_them() -> None:
    thought = confidence.Thought(confidence.RANGES, (0.9, 0.9), (1.0, 1.0))
    assert thought.within == "within these ranges"
    assert thought.belief(MODEL) is None
    with pytest.raises(TierwiseError, match="Widen a range"):
        thought.measure(None, MODEL, None)  # type: ignore[arg-type]
