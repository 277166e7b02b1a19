"""The facilitator's page."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest

from core.accounts import books, ingest
from core.decisions import scenarios
from core.decisions.elicitation import group
from core.decisions.workshop import decision, sessions
from core.measures import portfolio
from core.model import toml
from core.workspace.folder import Workspace
from core.workspace.state import Stamp, Store, open_store
from pages import _access as access
from tests.pages.visitor import HOSTILE, ROOT, Visitor

if TYPE_CHECKING:
    from pathlib import Path

    from core.decisions.workshop.sessions import Workshop

DEMO = ROOT / "data" / "demo"


def stamp() -> Stamp:
    return Stamp(dt.datetime.now(dt.UTC))


def store() -> Store:
    return open_store(Workspace.here())


def press(visitor: Visitor, label: str, *, last: bool = False) -> Visitor:
    buttons = [button for button in visitor.at.button if button.label == label]
    assert buttons, (label, [button.label for button in visitor.at.button])
    buttons[-1 if last else 0].click().run()
    return visitor.must_be_well()


def started(method: str = "swing", *, named: bool = False) -> Visitor:
    visitor = Visitor("workshop")
    visitor.at.selectbox(key="workshop.method").set_value(method).run()
    visitor.at.toggle(key="workshop.named").set_value(named).run()
    return press(visitor, "Start")


def session() -> Workshop:
    (found,) = [sessions.load(store(), document.id) for document in store().newest("workshop")]
    return found


def weighed(visitor: Visitor, *answers: list[int]) -> Visitor:
    """Let people join, open the round and hand in."""
    found = session()
    for i, _ in enumerate(answers):
        sessions.sit(store(), found.id, f"p{i}", stamp(), name=[*HOSTILE, "Ana"][i % 7])
    press(visitor, "Open round 1")
    for i, swing in enumerate(answers):
        sessions.hand_in(store(), found.id, 1, f"p{i}", {"swing": swing}, stamp(), comments={"industry": HOSTILE[1]})
    visitor.at.run()
    return visitor.must_be_well()


ROOM = ([100, 50, 50, 40, 30, 20], [40, 100, 20, 20, 60, 10], [90, 30, 100, 70, 20, 40])


def test_a_session_starts_from_the_model_and_the_book_on_screen() -> None:
    visitor = started()
    found = session()
    assert (found.phase, found.book_name, found.model.name) == (sessions.LOBBY, "Demo book", "Tier 1 scorecard")
    assert visitor.sentence == "“Tier 1 scorecard”: people are joining."
    assert any("python server.py --host 0.0.0.0" in warning.value for warning in visitor.at.warning)


def test_the_start_page_says_how_many_answers_each_method_asks_for() -> None:
    visitor = Visitor("workshop")
    assert any(text.startswith("6 answers a person.") for text in visitor.texts)
    visitor.at.selectbox(key="workshop.method").set_value("pairs").run()
    assert any(text.startswith("15 answers a person.") for text in visitor.texts)


def test_ballots_are_counted_live_and_not_shown_before_the_reveal() -> None:
    visitor = weighed(started(), *ROOM)
    assert visitor.cards["Handed in"] == "3 of 3"
    assert visitor.figures == {}
    assert len(visitor.at.dataframe) == 0


def test_the_reveal_shows_spread_weights_agreement_and_what_the_disagreement_touches() -> None:
    visitor = press(weighed(started(), *ROOM), "Reveal")
    assert visitor.cards["Ballots"] == "3"
    assert set(visitor.cards) == {"Ballots", "Consensus", "Same order", "Agreed accounts", "Agreed revenue"}
    assert {"workshop.spread", "workshop.weights"} <= set(visitor.figures)
    effects, contested, comments = (frame.value for frame in visitor.at.dataframe[:3])
    assert list(effects.columns) == ["Criterion", "Said", "Accounts it moves", "Revenue it moves"]
    assert {"Account", "Revenue", "Criterion behind it"} <= set(contested.columns)
    assert comments["Comment"].tolist() == [HOSTILE[1]] * 3
    assert comments["From"].tolist() == ["Participant 1", "Participant 2", "Participant 3"]


def test_the_figures_on_screen_are_those_of_the_measures() -> None:
    from core.decisions import contested

    visitor = press(weighed(started(), *ROOM), "Reveal")
    found = session()
    book = books.open_file(DEMO / "accounts.csv", history=DEMO / "history.csv", name="again")
    prepared = portfolio.prepare(book, found.model)
    weights = [ballot.weights for ballot in sessions.ballots(store(), found.id, 1)]
    measured = contested.measure(prepared.cube, found.model, weights)
    assert measured.share_accounts is not None
    assert visitor.cards["Agreed accounts"] == f"{100 * measured.share_accounts:.1f}\xa0%"
    first = contested.disputes(prepared, found.model, weights, measured, most=1)[0]
    assert visitor.at.dataframe[1].value["Account"].tolist()[0] == first.name
    books.close(book)


def test_filters_of_the_sidebar_do_not_count_and_the_page_says_so() -> None:
    visitor = weighed(started(), *ROOM)
    press(visitor, "Reveal")
    said = "the filters of the sidebar do not count on this page"
    cards = visitor.cards
    assert not any(said in text for text in visitor.texts)
    visitor.filter(region=["EMEA"]).must_be_well()
    assert any(said in text for text in visitor.texts)
    assert visitor.cards == cards


def test_names_are_shown_where_ballots_carry_names_and_are_no_markup() -> None:
    visitor = press(weighed(started(named=True), *ROOM), "Reveal")
    cells = visitor.at.dataframe[1].value.astype(str).to_numpy().ravel().tolist()
    assert any(HOSTILE[0] in cell for cell in cells)


def test_where_all_agree_nothing_is_contested() -> None:
    visitor = press(weighed(started(), [100, 50, 50, 40, 30, 20], [100, 50, 50, 40, 30, 20]), "Reveal")
    assert visitor.cards["Consensus"] == "100.0\xa0%"
    assert "Everybody's weights put every account into the same tier." in visitor.texts
    assert any(text.startswith("No need to discuss") for text in visitor.texts)


def test_the_decision_is_a_scenario_and_its_record_can_be_computed_again() -> None:
    visitor = press(press(weighed(started(), *ROOM), "Reveal"), "Discuss")
    visitor.at.text_area(key="workshop.reason").set_value("Agreed in the room")
    visitor.at.text_area(key="workshop.dissent").set_value("Two wanted fit first").run()
    press(visitor, "Adopt as a scenario")
    found = session()
    (saved,) = scenarios.listed(store(), found.book)
    assert saved.reason == "Workshop of 3 ballots, mean. Agreed in the room"
    assert found.decision["dissent"] == "Two wanted fit first"
    made = json.loads(decision.dumps(decision.record(store(), found.id)))
    book = books.open_file(DEMO / "accounts.csv", history=DEMO / "history.csv", name="again")
    prepared = portfolio.prepare(book, toml.loads(made["model"], source="record"))
    assert decision.recompute(made, prepared).holds
    books.close(book)
    assert any("is adopted" in element.value for element in visitor.at.success)


def test_a_second_round_leaves_the_first_as_it_was() -> None:
    visitor = press(weighed(started(), *ROOM), "Reveal")
    press(visitor, "Open round 2")
    found = session()
    assert (found.phase, found.round) == (sessions.WEIGHING, 2)
    assert len(sessions.ballots(store(), found.id, 1)) == 3
    assert visitor.cards["Handed in"] == "0 of 3"


def test_a_participant_can_be_removed() -> None:
    visitor = weighed(started(), *ROOM)
    press(visitor, "Remove")
    assert len(sessions.seats(store(), session().id)) == 2


def test_when_every_ballot_is_removed_after_the_reveal_the_page_says_so() -> None:
    visitor = press(weighed(started(), ROOM[0]), "Reveal")
    press(visitor, "Remove")
    assert any("Every ballot of this round was removed." in element.value for element in visitor.at.info)
    assert "Adopt as a scenario" not in [button.label for button in visitor.at.button]


def test_after_a_removal_the_weights_to_adopt_are_those_of_who_is_left() -> None:
    visitor = press(weighed(started(), *ROOM), "Reveal")
    press(visitor, "Remove", last=True)
    left = [ballot.weights for ballot in sessions.ballots(store(), session().id, 1)]
    press(visitor, "Adopt as a scenario")
    assert len(left) == 2
    assert tuple(session().decision["weights"]) == group.combine(left, "mean")
    assert not session().decision["edited"]


def test_what_was_decided_keeps_its_ballots() -> None:
    visitor = press(weighed(started(), *ROOM), "Reveal")
    press(visitor, "Adopt as a scenario")
    assert "Remove" not in [button.label for button in visitor.at.button]


def test_a_workshop_on_another_book_is_one_press_away(tmp_path: Path) -> None:
    file = tmp_path / "other.csv"
    file.write_text("account_id,name,annual_revenue\nA1,One,100\nA2,Two,50\n", encoding="utf-8")
    kept = books.keep(Workspace.here(), ingest.trusted(file), name="Other", source=file.name).stem
    key = sessions.new_key()
    setup = sessions.Setup("Elsewhere", toml.load("tier1_scorecard"), kept, "Other", "swing", named=False)
    elsewhere = sessions.start(store(), setup, key, stamp())
    visitor = Visitor("workshop")
    visitor.at.session_state[access.KEYS] = {elsewhere.id: key}
    visitor.at.run()
    assert visitor.sentence == "Nobody leads a workshop on this book from this browser."
    press(visitor, "Go on with it")
    assert visitor.sentence == "“Elsewhere”: people are joining."


def test_after_a_reload_the_key_is_asked_for() -> None:
    started()
    found = session()
    other = Visitor("workshop")
    assert other.sentence == "Nobody leads a workshop on this book from this browser."
    other.at.text_input(key="workshop.key").set_value("wrong").run()
    press(other, "Take the lead")
    assert other.errors == ["No workshop is led with this key. Check it, or ask who started the workshop."]
    assert not sessions.leads(store(), found.id, "wrong")


def test_the_key_that_was_shown_takes_the_lead_in_another_browser() -> None:
    visitor = started()
    (key,) = [code.value for code in visitor.at.code if code.value.count("-") == 3]
    other = Visitor("workshop")
    other.at.text_input(key="workshop.key").set_value(key.lower()).run()
    press(other, "Take the lead")
    assert other.sentence == "“Tier 1 scorecard”: people are joining."


def test_after_a_hand_over_only_the_new_key_leads() -> None:
    visitor = started()
    (before,) = [code.value for code in visitor.at.code if code.value.count("-") == 3]
    press(visitor, "Hand over with a new key")
    (after,) = [code.value for code in visitor.at.code if code.value.count("-") == 3]
    assert after != before
    assert [sessions.leads(store(), session().id, key) for key in (before, after)] == [False, True]


def test_a_closed_session_is_over_and_its_record_stays() -> None:
    visitor = press(weighed(started(), *ROOM), "Reveal")
    press(visitor, "Close the workshop")
    assert session().phase == sessions.CLOSED
    assert visitor.sentence == "Nobody leads a workshop on this book from this browser."
    shown: list[Any] = list(visitor.at.get("download_button"))
    assert [button.label for button in shown] == [
        "Decision record, HTML",
        "Decision record, JSON",
    ]


@pytest.mark.parametrize("method", ["points", "ranking", "best_worst", "pairs"])
def test_a_round_may_be_weighed_another_way(method: str) -> None:
    visitor = started(method)
    press(visitor, "Open round 1")
    assert session().method == method
