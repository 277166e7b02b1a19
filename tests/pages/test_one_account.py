"""The account's page: one account whole, by its address, under the weights on screen, with what was recorded of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from core.accounts import catalogue
from core.decisions import actions, scenarios
from core.decisions.actions import Entry
from core.model import toml
from core.workspace.folder import Workspace
from core.workspace.state import open_store
from pages import _store as shelf
from pages._saving import stamp
from tests.pages.visitor import HOSTILE, Visitor, bare, demo, keep

if TYPE_CHECKING:
    from pathlib import Path

ROTHBECK = "A0000700"


def opened(account: str = ROTHBECK, **options: str) -> Visitor:
    visitor = Visitor("one_account", **options)
    visitor.at.query_params["account"] = account
    visitor.at.run()
    return visitor


def table(visitor: Visitor, column: str) -> list[dict[str, Any]]:
    """The rows of the table that has this column."""
    (found,) = (frame.value for frame in visitor.at.dataframe if column in frame.value.columns)
    return [{str(name): value for name, value in row.items()} for row in found.to_dict("records")]


def test_an_address_opens_its_account() -> None:
    visitor = opened().must_be_well()
    row = next(row for row in demo() if row["account_id"] == ROTHBECK)
    assert visitor.sentence.startswith(f"{row['name']}: {ROTHBECK} · {row['owner']} · revenue $")
    assert visitor.at.query_params["account"] == ROTHBECK
    assert list(visitor.cards) == ["Tier", "Health", "Revenue", "Of its owner's book", "Probability of loss"]
    mine = [float(each["annual_revenue"]) for each in demo() if each["owner"] == row["owner"]]
    share = float(row["annual_revenue"]) / sum(max(amount, 0) for amount in mine)
    assert visitor.cards["Of its owner's book"] == f"{100 * share:.1f}\u00a0%"


def test_without_an_address_the_account_with_most_revenue_is_shown() -> None:
    visitor = Visitor("one_account").must_be_well()
    largest = max(demo(), key=lambda row: float(row["annual_revenue"] or 0))
    assert visitor.sentence.startswith(largest["name"])


def test_an_account_that_is_not_there_is_said_with_the_way_out() -> None:
    visitor = opened("<img src=x onerror=alert(1)>").must_be_well()
    (said,) = visitor.at.info
    assert said.value.startswith("This account does not pass the filters, or is not in this book. ")


def test_signals_stand_beside_their_targets_and_add_up_to_the_score() -> None:
    visitor = opened().must_be_well()
    rows = table(visitor, "Signal")
    assert [row["Signal"] for row in rows][:3] == ["Engagement", "Relationship", "Pipeline coverage"]
    costs = sum(float(row["Costs"]) for row in rows if row["Costs"] == row["Costs"])
    health = re.search(r"health .*, (\d+) of 100", visitor.sentence)
    assert health is not None
    assert 100 - costs == pytest.approx(int(health.group(1)), abs=0.51)


def test_the_tier_follows_the_weights_on_screen() -> None:
    visitor = opened("A0000001")
    before = visitor.cards["Tier"], [text for text in visitor.texts if "weighted" in text]
    visitor.open("weights").move(revenue_potential=0.0, company_size=0.0, industry=0.0)
    visitor.open("one_account")
    after = visitor.cards["Tier"], [text for text in visitor.texts if "weighted" in text]
    assert "A0000001" in visitor.sentence
    assert before != after


def test_relatives_and_similar_accounts_are_listed() -> None:
    child = next(row for row in demo() if row["parent_id"])
    visitor = opened(child["account_id"]).must_be_well()
    kin = table(visitor, "Kin")
    others = {row["name"] for row in demo() if row["parent_id"] == child["parent_id"]} - {child["name"]}
    assert others <= {row["Account"] for row in kin}
    similar = table(visitor, "Difference")
    assert len(similar) == 6
    assert child["name"] not in {row["Account"] for row in similar}


def test_what_is_recorded_is_shown_and_survives_a_refresh_of_the_data(home: Path) -> None:
    rows = [{"account_id": "a", "name": "Acme", "engagement_score": "10", "annual_revenue": "5"}]
    first = keep(home, rows, name="EMEA")
    visitor = opened("a", book=first)
    key = next(str(b.key) for b in visitor.at.button if str(b.key).endswith(".record"))[: -len(".record")]
    visitor.at.text_input(key=f"{key}.who").set_value("Luis")
    visitor.at.text_input(key=f"{key}.author").set_value("Ana")
    visitor.at.text_area(key=f"{key}.note").set_value(HOSTILE[1]).run()
    visitor.at.button(key=f"{key}.record").click().run()
    visitor.must_be_well()
    assert "Status: Open, Luis" in visitor.texts
    second = keep(home, [rows[0] | {"annual_revenue": "6"}], name="emea")
    assert second != first
    later = opened("a", book=second).must_be_well()
    assert "Status: Open, Luis" in later.texts
    (entry,) = table(later, "Recorded by")
    assert (entry["Note"], entry["Recorded by"]) == (HOSTILE[1], "Ana")


def test_the_history_marks_the_days_on_which_a_model_was_published(home: Path) -> None:
    said = "A dotted line is a review"
    assert said not in " ".join(opened().must_be_well().texts)
    kept = open_store(Workspace(home))
    draft = scenarios.Draft("Ours", toml.load("tier1_scorecard"), shelf.book(shelf.DEMO).digest)
    scenarios.publish(kept, scenarios.save(kept, draft, stamp()).id, stamp())
    assert said in " ".join(opened().must_be_well().texts)


def test_a_refreshed_book_keeps_the_reviews_of_the_one_before(home: Path) -> None:
    rows = [{"account_id": "a", "name": "Acme", "annual_revenue": "5"}]
    first, kept = keep(home, rows), open_store(Workspace(home))
    draft = scenarios.Draft("Ours", toml.load("tier1_scorecard"), first)
    scenarios.publish(kept, scenarios.save(kept, draft, stamp()).id, stamp())
    again = keep(home, [rows[0] | {"annual_revenue": "6"}])
    assert shelf.reviews(again) == []
    catalogue.note(kept, again, stamp(), before=first)
    assert shelf.reviews(first) == shelf.reviews(again) == [stamp().now.date()]


def test_another_name_and_a_refresh_lose_nothing_that_was_recorded(home: Path) -> None:
    rows = [{"account_id": "a", "name": "Acme", "engagement_score": "10", "annual_revenue": "5"}]
    first = keep(home, rows, name="EMEA")
    kept = open_store(Workspace(home))
    visitor = opened("a", book=first)
    (action,) = (found.group(1) for text in visitor.texts if (found := re.fullmatch(r"\*\*(.+)\*\*", text)))
    actions.record(kept, "EMEA", "a", Entry("open", action, who="Luis"), stamp())
    catalogue.rename(kept, first, "Europe", stamp())
    assert "Status: Open, Luis" in opened("a", book=first).texts
    second = keep(home, [rows[0] | {"annual_revenue": "6"}], name="Europe")
    catalogue.note(kept, second, stamp(), before=first)
    assert "Status: Open, Luis" in opened("a", book=second).texts


def test_a_book_on_screen_is_not_asked_for_an_account_of_another(home: Path) -> None:
    own = keep(home, [{"account_id": "a", "name": "Acme", "annual_revenue": "5"}], name="EMEA")
    visitor = opened()
    assert ROTHBECK in visitor.sentence
    visitor.choose(book=own).must_be_well()
    assert visitor.sentence.startswith("Acme:")


def test_another_session_shows_what_one_recorded(home: Path) -> None:
    visitor = opened()
    assert "Status: Open" in visitor.texts
    (action,) = (found.group(1) for text in visitor.texts if (found := re.fullmatch(r"\*\*(.+)\*\*", text)))
    entry = Entry("done", action, who="Luis")
    actions.record(open_store(Workspace(home)), "Demo book", ROTHBECK, entry, stamp())
    visitor.at.run()
    assert any(re.match(r"Status: Done \d{4}-\d\d-\d\d, Luis$", text) for text in visitor.texts)
    table_ = Visitor("at_risk").must_be_well().table.set_index("Account id")
    assert str(table_.loc[ROTHBECK, "Action status"]).endswith(", Luis")


def test_a_book_with_next_to_nothing_in_it_has_a_page_for_each_account(home: Path) -> None:
    book = bare(home)
    for i, name in enumerate(HOSTILE):
        visitor = opened(str(i), book=book).must_be_well()
        assert visitor.sentence.startswith(" ".join(name.split()))
        assert visitor.cards["Health"] == "Not known"


def test_an_account_is_found_by_a_part_of_its_name() -> None:
    visitor = opened()
    visitor.at.text_input(key="account.search").set_value("acme").run()
    (found,) = (box for box in visitor.at.main.selectbox if box.key == "account.found")
    assert any("Acme Corp" in option for option in found.options)
