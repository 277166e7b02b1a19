"""Every page in the states that a visitor may bring it into."""

from __future__ import annotations

import ast
from itertools import product
from typing import TYPE_CHECKING

import pytest

from core.model import toml
from tests.pages.visitor import FORMULA, HOSTILE, PAGES, ROOT, Visitor, bare, demo

if TYPE_CHECKING:
    from pathlib import Path

EMPTY = {
    "overview": "No account passes the filters.",
    "weights": "No account passes the filters.",
    "model": "No account passes the filters.",
    "robustness": "No account passes the filters.",
    "concentration": "No account with revenue passes the filters.",
    "at_risk": "No account passes the filters.",
    "one_account": "No account passes the filters.",
}
"""What a page says where the filters leave nothing; the others do not look at the filters."""
UNFILTERED = {"ballot", "data", "scenarios", "workshop"}
WEIGHTLESS = {"ballot", "data", "workshop"}
"""Pages that show nothing that depends on weights."""
WITHOUT_REVENUE = {
    "robustness": "No account has a tier under this model, so there is nothing to be sure of.",
    "overview": "- No account has revenue yet, so there is nothing to concentrate.",
    "concentration": "Revenue is not known: the book has no column “annual_revenue”.",
    "at_risk": "The health of no account is known: too few of its signals are in the book.",
    "one_account": f"{HOSTILE[0]}: 0 · no owner · revenue n/a · health not known",
    "weights": "No account changes its tier.",
    "model": "No account changes its tier.",
    "scenarios": "0 scenarios. No scenario is published for this book yet.",
    "data": f"“{HOSTILE[0]}”: 7 accounts, from own.csv.",
    "ballot": "This browser has not joined a workshop. Open the link that the facilitator shows.",
    "workshop": "Nobody leads a workshop on this book from this browser.",
}
FILTERS = ("lifecycle", "industry", "region", "segment", "owner")


def question(page: str) -> str:
    docstring = ast.get_docstring(ast.parse((ROOT / "pages" / f"{page}.py").read_text(encoding="utf-8")))
    return (docstring or "").splitlines()[0]


def nobody() -> dict[str, list[str]]:
    """Values for every filter that no account of the demo book has together."""
    there = {tuple(row[name] for name in FILTERS) for row in demo()}
    offered = [sorted({row[name] for row in demo()} - {""}) for name in FILTERS]
    values = next(combination for combination in product(*offered) if combination not in there)
    return {name: [value] for name, value in zip(FILTERS, values, strict=True)}


def test_every_page_is_tested() -> None:
    assert PAGES
    assert {*EMPTY, *UNFILTERED} == set(PAGES)
    assert set(WITHOUT_REVENUE) == set(PAGES)
    assert [page for page in PAGES if not (ROOT / "tests" / "pages" / f"test_{page}.py").is_file()] == []


@pytest.mark.parametrize("page", PAGES)
def test_the_readme_asks_the_question_of_the_page(page: str) -> None:
    assert f"| {question(page)} | `{page}.py` |" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_a_first_visit_shows_the_demo_book_under_its_question(page: str) -> None:
    visitor = Visitor(page).must_be_well()
    assert visitor.at.title.values == [question(page)]
    assert "2,000 accounts · USD · as of 2026-09-30" in visitor.texts
    assert visitor.errors == []
    assert len(visitor.at.warning) == 0


@pytest.mark.parametrize("page", sorted(EMPTY))
def test_filters_that_leave_nothing_are_said_with_the_way_out(page: str) -> None:
    visitor = Visitor(page).filter(**nobody()).must_be_well()
    way_out = "Widen the filters in the sidebar, or choose another book."
    assert [info.value for info in visitor.at.info] == [f"{EMPTY[page]} {way_out}"]
    assert visitor.errors == []
    assert visitor.figures == {}
    assert len(visitor.at.dataframe) == 0


@pytest.mark.parametrize("page", PAGES)
def test_weights_that_are_all_0_are_said_in_one_sentence(page: str) -> None:
    visitor = Visitor("weights")
    visitor.move(**dict.fromkeys(visitor.importance, 0.0)).open(page).must_be_well()
    if page in WEIGHTLESS:
        assert visitor.errors == []
        return
    (said,) = visitor.errors
    assert said.startswith("weights: every criterion has importance 0")
    assert said.count(". ") == 1, "a fact and a way out"


@pytest.mark.parametrize("page", PAGES)
def test_one_criterion_may_decide_alone(page: str) -> None:
    visitor = Visitor("weights")
    visitor.move(**(dict.fromkeys(visitor.importance, 0.0) | {"industry": 100.0})).open(page).must_be_well()
    assert visitor.errors == []
    assert visitor.at.title.values == [question(page)]


@pytest.mark.parametrize("model", sorted(set(toml.ready_models()) - {toml.DEFAULT}))
def test_every_page_shows_the_demo_book_under_every_model(model: str) -> None:
    visitor = Visitor(model=model)
    for page in PAGES:
        visitor.open(page).must_be_well()
        assert visitor.at.session_state["model"] == model
        assert visitor.at.title.values == [question(page)]
        assert visitor.errors == []


@pytest.mark.parametrize("page", PAGES)
def test_a_book_with_next_to_nothing_in_it_is_shown(page: str, home: Path) -> None:
    visitor = Visitor(page, book=bare(home)).must_be_well()
    assert visitor.errors == []
    assert visitor.at.title.values == [question(page)]
    assert WITHOUT_REVENUE[page] in visitor.texts
    assert "No column “employees”: Company size counts as missing." in visitor.texts
    assert "7 accounts · USD · no date in the data" in visitor.texts


@pytest.mark.parametrize("model", sorted(toml.ready_models()))
def test_a_book_with_next_to_nothing_in_it_is_shown_under_every_model(model: str, home: Path) -> None:
    visitor = Visitor(book=bare(home), model=model)
    for page in PAGES:
        visitor.open(page).must_be_well()
        assert visitor.errors == []


def test_the_filters_of_a_book_offer_its_own_words(home: Path) -> None:
    visitor = Visitor(book=bare(home))
    (industry,) = visitor.at.sidebar.multiselect
    assert industry.options == sorted([*HOSTILE, FORMULA])
    assert visitor.filter(industry=[HOSTILE[1]]).must_be_well().cards["Accounts"] == "1"


def test_a_filter_stays_when_the_page_changes_and_narrows_every_page() -> None:
    emea = sum(row["region"] == "EMEA" for row in demo())
    visitor = Visitor().filter(region=["EMEA"])
    assert visitor.cards["Accounts"] == f"{emea:,}"
    bars = visitor.open("weights").figures["weights.accounts"]["series"][1]["data"]
    assert sum(bar["value"] for bar in bars) == emea
    assert visitor.open("overview").cards["Accounts"] == f"{emea:,}"


def test_each_book_keeps_its_own_filters(home: Path) -> None:
    own = bare(home)
    visitor = Visitor().filter(region=["EMEA"])
    emea = visitor.cards["Accounts"]
    assert visitor.choose(book=own).cards["Accounts"] == "7"
    assert visitor.choose(book="demo").cards["Accounts"] == emea


def test_a_book_that_is_gone_gives_way_to_the_demo_book(home: Path) -> None:
    own = bare(home)
    visitor = Visitor(book=own)
    (home / "books" / f"{own}.parquet").unlink()
    visitor.at.run()
    assert visitor.must_be_well().at.session_state["book"] == "demo"
    assert visitor.cards["Accounts"] == "2,000"


def test_a_damaged_file_among_the_books_does_not_stop_the_others(home: Path) -> None:
    file = home / "books" / f"{bare(home)}.parquet"
    file.write_bytes(file.read_bytes()[:-100] + bytes(100))
    visitor = Visitor().must_be_well()
    assert visitor.errors == []
    assert visitor.at.sidebar.selectbox(key="book").options == ["Demo book"]


def test_a_book_whose_rows_are_damaged_is_said_in_one_sentence(home: Path) -> None:
    own = bare(home)
    file = home / "books" / f"{own}.parquet"
    good = file.read_bytes()
    file.write_bytes(good[:20] + bytes([good[20] ^ 1]) + good[21:])
    visitor = Visitor(book=own).must_be_well()
    assert visitor.errors == [f"{file.name}: the book's file is damaged. Upload the account file again."]
    assert visitor.choose(book="demo").cards["Accounts"] == "2,000"
