from __future__ import annotations

import copy
import datetime as dt
import hashlib
import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from core.decisions import scenarios
from core.decisions.workshop import decision, sessions
from core.decisions.workshop.decision import Choice
from core.errors import TierwiseError
from core.measures import portfolio
from core.model import toml
from core.workspace.state import Stamp, Store
from tests import making

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from core.decisions.workshop.sessions import Workshop
    from core.measures.portfolio import Portfolio

NOW = dt.datetime(2026, 7, 31, 9, tzinfo=dt.UTC)
KEY = sessions.new_key()
BOOK: dict[str, list[str | None]] = {
    "account_id": ["big", "fit", "both", "none"],
    "employees": ["5000", "10", "5000", "10"],
    "Fit": ["0", "10", "10", "0"],
    "annual_revenue": ["400", "300", "200", "100"],
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path)) as opened:
        yield opened


@pytest.fixture
def prepared() -> Portfolio:
    return portfolio.prepare(making.book(BOOK), making.model())


def held(store: Store, prepared: Portfolio, *, named: bool = False) -> Workshop:
    """A session of two rounds: the first is never revealed, the second is."""
    setup = sessions.Setup("Spring", making.model(), prepared.book.digest, "Book", "swing", named)
    found = sessions.start(store, setup, KEY, Stamp(NOW))
    for i, name in enumerate(["Ana", "Björn", "Chi"]):
        sessions.sit(store, found.id, f"p{i}", Stamp(NOW), name=name)
    sessions.open_round(store, found.id, KEY, Stamp(NOW))
    sessions.hand_in(store, found.id, 1, "p0", {"swing": [100, 0]}, Stamp(NOW))
    sessions.open_round(store, found.id, KEY, Stamp(NOW), method="points")
    for i, points in enumerate([[90, 10], [60, 40], [30, 70]]):
        comments = {"size": "big is <b>good</b>"} if i == 0 else {}
        sessions.hand_in(store, found.id, 2, f"p{i}", {"points": points}, Stamp(NOW), comments=comments)
    return sessions.reveal(store, found.id, KEY, Stamp(NOW))


CHOICE = Choice("mean", (6000, 4000), "Agreed", "One <script> for all", "Chi wants fit first")


def adopted(store: Store, prepared: Portfolio, choice: Choice = CHOICE, **options: Any) -> dict[str, Any]:
    found = held(store, prepared, **options)
    decision.adopt(store, found.id, KEY, choice, prepared, Stamp(NOW, "Ana"))
    return decision.record(store, found.id)


def test_the_rooms_weights_become_a_scenario_with_reason(store: Store, prepared: Portfolio) -> None:
    found = held(store, prepared)
    after, saved = decision.adopt(store, found.id, KEY, CHOICE, prepared, Stamp(NOW, "Ana"))
    assert after.phase == sessions.DECIDED
    assert saved.model.weights == (6000, 4000)
    assert (saved.book, saved.author, saved.name) == (prepared.book.digest, "Ana", "Agreed")
    assert saved.reason == "Workshop of 3 ballots, mean. One <script> for all"
    assert after.decision["edited"] is False
    assert after.decision["dissent"] == "Chi wants fit first"
    assert scenarios.load(store, saved.id) == saved


def test_the_tier_list_hash_can_be_written_down_by_hand(prepared: Portfolio) -> None:
    """With weights 60 and 40: “both” scores 100, “big” 60, “fit” 40, “none” 0; cut-offs 75 and 50."""
    text = "big\tB\nboth\tA\nfit\tC\nnone\tC\n"
    model = decision.weighted(making.model(), (6000, 4000))
    assert decision.tier_list(prepared, model) == hashlib.sha256(text.encode()).hexdigest()


def test_the_same_request_twice_is_one_decision_and_one_scenario(store: Store, prepared: Portfolio) -> None:
    found = held(store, prepared)
    stamp = Stamp(NOW, "Ana")
    first = decision.adopt(store, found.id, KEY, CHOICE, prepared, stamp)
    assert decision.adopt(store, found.id, KEY, CHOICE, prepared, stamp) == first
    assert len(scenarios.listed(store)) == 1


def test_a_second_decision_is_refused_and_saves_nothing(store: Store, prepared: Portfolio) -> None:
    found = held(store, prepared)
    decision.adopt(store, found.id, KEY, CHOICE, prepared, Stamp(NOW))
    later = Stamp(NOW + dt.timedelta(minutes=1))
    with pytest.raises(sessions.NotNow):
        decision.adopt(store, found.id, KEY, Choice("median", (5000, 5000), "Other"), prepared, later)
    assert len(scenarios.listed(store)) == 1


def test_a_decision_needs_the_key_a_reveal_and_the_sessions_own_book(store: Store, prepared: Portfolio) -> None:
    found = held(store, prepared)
    with pytest.raises(sessions.NotAllowed):
        decision.adopt(store, found.id, "wrong", CHOICE, prepared, Stamp(NOW))
    other = portfolio.prepare(making.book(BOOK | {"Fit": ["1", "2", "3", "4"]}), making.model())
    with pytest.raises(TierwiseError, match="Choose “Book” in the sidebar"):
        decision.adopt(store, found.id, KEY, CHOICE, other, Stamp(NOW))
    sessions.open_round(store, found.id, KEY, Stamp(NOW))
    with pytest.raises(sessions.NotNow, match="weighing"):
        decision.adopt(store, found.id, KEY, CHOICE, prepared, Stamp(NOW))
    assert scenarios.listed(store) == []


def test_the_record_holds_everything_that_was_shown_and_nothing_that_was_not(store: Store, prepared: Portfolio) -> None:
    made = adopted(store, prepared)
    hidden, shown = made["rounds"]
    assert (hidden["revealed"], hidden["ballots"]) == (False, [])
    assert [ballot["answers"]["points"] for ballot in shown["ballots"]] == [[90, 10], [60, 40], [30, 70]]
    assert shown["method"] == "points"
    assert made["participants"] == ["Participant 1", "Participant 2", "Participant 3"]
    assert made["decision"]["weights"] == [6000, 4000]
    assert "Ana" not in json.dumps([made["rounds"], made["participants"]])


def test_names_are_in_the_record_where_ballots_carry_names(store: Store, prepared: Portfolio) -> None:
    assert adopted(store, prepared, named=True)["participants"] == ["Ana", "Björn", "Chi"]


def test_the_result_can_be_computed_again_from_the_written_record(store: Store, prepared: Portfolio) -> None:
    """From the JSON alone, with the book opened anew."""
    made = json.loads(decision.dumps(adopted(store, prepared)))
    again = portfolio.prepare(making.book(BOOK), toml.loads(made["model"], source="record"))
    assert decision.recompute(made, again).holds
    edited = json.loads(decision.dumps(made))
    edited["decision"] |= {"weights": [5900, 4100], "edited": True}
    found = decision.recompute(edited, again)
    assert (found.ballots, found.weights, found.tier_list) == (True, True, True), "59 % moves nobody here"


def test_weights_edited_by_hand_are_said_so_and_still_computed_again(store: Store, prepared: Portfolio) -> None:
    made = adopted(store, prepared, Choice("mean", (2000, 8000), "Edited"))
    assert made["decision"]["edited"] is True
    assert made["decision"]["computed"] == [6000, 4000]
    assert decision.recompute(made, prepared).holds


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (lambda made: made["rounds"][1]["ballots"][0]["answers"].update(points=[80, 20]), "ballots"),
        (lambda made: made["rounds"][1]["ballots"].pop(), "weights"),
        (lambda made: made["decision"].update(weights=[2000, 8000]), "weights"),
        (lambda made: made["decision"].update(tier_list="0" * 64), "tier_list"),
    ],
)
def test_a_record_that_was_tampered_with_does_not_hold(
    store: Store, prepared: Portfolio, change: Any, part: str
) -> None:
    made = copy.deepcopy(adopted(store, prepared))
    change(made)
    found = decision.recompute(made, prepared)
    assert getattr(found, part) is False
    assert not found.holds


def test_a_record_without_a_decision_or_of_another_book_cannot_be_computed_again(
    store: Store, prepared: Portfolio
) -> None:
    found = held(store, prepared)
    with pytest.raises(TierwiseError, match="no decision"):
        decision.recompute(decision.record(store, found.id), prepared)
    made = adopted(store, prepared)
    other = portfolio.prepare(making.book(BOOK | {"Fit": ["1", "2", "3", "4"]}), making.model())
    with pytest.raises(TierwiseError, match="not the one of this record"):
        decision.recompute(made, other)
