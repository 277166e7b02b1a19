"""Ratings by hand on the Data page: apart from the file, in the book at once, and put over every refresh."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from core.accounts import snapshot
from tests.pages.test_data import books, press, upload
from tests.pages.visitor import Visitor

if TYPE_CHECKING:
    from pathlib import Path

GOOD = "account_id,name,annual_revenue,Fit\n1,Acme,1200000.50,3\n2,Zenith,300000,\n3,Prospect,,4\n"


@pytest.fixture
def visitor() -> Visitor:
    return press(upload(Visitor("data"), "customers.csv", GOOD), "Use this book")


def which(visitor: Visitor, criterion: str, name: str = "") -> Visitor:
    visitor.at.selectbox(key="data.rated").set_value(criterion).run()
    if name:
        visitor.at.text_input(key="data.rated.new").set_value(name).run()
    return visitor.must_be_well()


def grid(visitor: Visitor) -> Any:
    (found,) = (table for table in visitor.at.dataframe if "points" in table.value.columns)
    return found


def rate(visitor: Visitor, points: dict[str, float | None]) -> Visitor:
    """Type points into rows, as the browser reports it, and keep them."""
    edits = {"edited_rows": {row: {"points": value} for row, value in points.items()}, "added_rows": []}
    visitor._report(grid(visitor).proto.id, "string_value", {**edits, "deleted_rows": []}).must_be_well()
    return press(visitor, "Keep the ratings")


def column(home: Path, digest: str, heading: str) -> list[float | None]:
    """What the kept file itself says under a heading."""
    file = home / "books" / f"{digest}.parquet"
    (name,) = (c.name for c in snapshot.read_about(file).columns if c.heading == heading)
    found: list[float | None] = snapshot.read(file)[name].to_pylist()
    return found


def on_screen(visitor: Visitor) -> str:
    return str(visitor.at.session_state["book"])


def test_nothing_is_offered_for_the_demo_book() -> None:
    assert "data.rated" not in [box.key for box in Visitor("data").at.selectbox]


def test_the_grid_offers_every_account_with_what_was_rated_and_keeps_only_changes(visitor: Visitor) -> None:
    which(visitor, "Fit")
    assert list(grid(visitor).value["account_id"]) == ["1", "2", "3"]
    assert grid(visitor).value["points"].isna().all(), "the file's own points are not ratings"
    (keep,) = (button for button in visitor.at.button if button.label == "Keep the ratings")
    assert keep.disabled, "nothing has been rated"


@pytest.mark.parametrize("criterion", ["Fit", "Influence", "Culture"])
def test_a_criterion_is_rated_by_hand_and_the_book_has_it(visitor: Visitor, home: Path, criterion: str) -> None:
    before = on_screen(visitor)
    offered = [label for label in visitor.at.selectbox(key="data.rated").options if label != "A new criterion"]
    chosen = next((label for label in offered if label == criterion), "")
    which(visitor, chosen or "A new criterion", "" if chosen else criterion)
    rate(visitor, {"0": 8.5, "1": 6})
    assert on_screen(visitor) != before, "a book is a file that never changes: this is another"
    assert column(home, on_screen(visitor), criterion)[:2] == [8.5, 6.0]
    assert column(home, before, "Fit") == [3.0, None, 4.0], "the file of before is as it was"
    assert visitor.sentence == "“customers”: 3 accounts, from customers.csv."
    assert len(visitor.at.sidebar.selectbox(key="book").options) >= 2


def test_ratings_are_put_over_a_refresh_and_can_be_taken_back(visitor: Visitor, home: Path) -> None:
    which(visitor, "Fit")
    rate(visitor, {"0": 9, "2": 1})
    rated = on_screen(visitor)
    newer = GOOD.replace("1200000.50,3", "1300000,2").replace("Zenith,300000,", "Zenith,400000,5") + "4,New,7,6\n"
    upload(visitor, "newer.csv", newer)
    (box,) = (box for box in visitor.at.selectbox if str(box.key).startswith("data.before."))
    box.set_value(rated).run()
    press(visitor.must_be_well(), "Use this book")
    assert column(home, on_screen(visitor), "Fit") == [9.0, 5.0, 1.0, 6.0], "by hand where there is a rating"
    which(visitor, "Fit")
    assert grid(visitor).value["points"].tolist()[:1] == [9.0], "the grid shows what was rated"
    rate(visitor, {"0": None, "2": None})
    assert column(home, on_screen(visitor), "Fit") == [2.0, 5.0, 4.0, 6.0], "taken back, the file speaks again"


def test_a_column_of_the_contract_is_no_criterion_to_be_rated(visitor: Visitor) -> None:
    which(visitor, "A new criterion", "annual revenue")
    rate(visitor, {"0": 5})
    (said,) = visitor.errors
    assert said.startswith("“annual_revenue” holds a plain amount")
    assert said.endswith("Give the criterion another name.")


def test_points_outside_the_range_are_refused_in_one_sentence(visitor: Visitor, home: Path) -> None:
    which(visitor, "Fit")
    count = len(books(home))
    rate(visitor, {"0": 11})
    assert visitor.errors == ["The rating of “1” is not from 0 to 10. Give points from 0 to 10."]
    assert len(books(home)) == count
