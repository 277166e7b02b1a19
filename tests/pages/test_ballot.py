"""The ballot page as a participant's browser gets it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.decisions import scenarios
from core.decisions.workshop import access, sessions
from core.model import toml
from core.workspace import secret
from core.workspace.folder import Workspace
from core.workspace.state import Stamp, Store, open_store
from tests.pages.visitor import HOSTILE, PAGES, ROOT, Visitor

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.decisions.workshop.sessions import Workshop

KEY = sessions.new_key()
CRITERIA = [criterion.name for criterion in toml.load(toml.DEFAULT).criteria]


def stamp() -> Stamp:
    return Stamp(dt.datetime.now(dt.UTC))


def store() -> Store:
    return open_store(Workspace.here())


def begun(method: str = "swing", title: str = "Spring", *, named: bool = False) -> Workshop:
    setup = sessions.Setup(title, toml.load(toml.DEFAULT), "b00c", "Demo book", method, named)
    return sessions.start(store(), setup, KEY, stamp())


@pytest.fixture
def joined(monkeypatch: pytest.MonkeyPatch) -> Callable[[Workshop], Visitor]:
    """Give a browser the cookie of the join route, and open the app in it."""

    def join(found: Workshop) -> Visitor:
        cookies = {access.PARTICIPANT: access.joined(secret.open_secret(Workspace.here()), found.id)}
        monkeypatch.setattr(type(st.context), "cookies", property(lambda _: cookies))
        return tab()

    return join


def tab() -> Visitor:
    """Open the app at its own address, as a browser does that has been sent there."""
    visitor = Visitor.__new__(Visitor)
    visitor.at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    visitor.at.run()
    return visitor


def test_who_has_not_joined_is_told_how() -> None:
    visitor = Visitor("ballot").must_be_well()
    assert "This browser has not joined a workshop. Open the link that the facilitator shows." in visitor.texts


def test_a_participant_sees_the_ballot_alone_without_the_frame(joined: Callable[..., Visitor]) -> None:
    visitor = joined(begun()).must_be_well()
    assert visitor.at.title.values == ["What matters to you, and how much?"]
    assert visitor.sentence == "Spring", "nothing but the title of the workshop stands under the question"
    assert len(visitor.at.sidebar) == 0
    said = "\n".join(visitor.texts)
    assert "You are in, as Participant 1." in said
    assert "accounts ·" not in said
    assert "Points: <$100K 0 · $100K–$200K 5" in said


@pytest.mark.parametrize("page", [page for page in PAGES if page != "ballot"])
def test_no_other_page_is_there_for_a_participant(joined: Callable[..., Visitor], page: str) -> None:
    visitor = joined(begun())
    with pytest.raises(ValueError, match="Could not find a navigation page"):
        visitor.at.switch_page(f"pages/{page}.py")


def test_a_link_to_a_scenario_opens_nothing_for_a_participant(joined: Callable[..., Visitor]) -> None:
    model = toml.load(toml.DEFAULT)
    saved = scenarios.save(store(), scenarios.Draft("Secret plan", model, "b00c"), stamp())
    visitor = joined(begun())
    visitor.at.query_params["scenario"] = saved.id
    visitor.at.run()
    visitor.must_be_well()
    assert visitor.at.title.values == ["What matters to you, and how much?"]
    assert "Secret plan" not in "\n".join(visitor.texts)
    assert "book" not in visitor.at.session_state


def opened(method: str = "swing", **options: Any) -> Workshop:
    found = begun(method, **options)
    return sessions.open_round(store(), found.id, KEY, stamp())


def press(visitor: Visitor, label: str) -> Visitor:
    (button,) = [button for button in visitor.at.button if button.label == label]
    button.click().run()
    return visitor.must_be_well()


def weights(visitor: Visitor) -> str:
    """The table of weights, as it is written."""
    return next(text for text in visitor.texts if text.startswith("| Criterion |"))


def only_ballot(found: Workshop) -> sessions.Ballot:
    (seat,) = sessions.seats(store(), found.id)
    given = sessions.own(store(), found.id, found.round, seat.id)
    assert given is not None
    return given


def test_a_swing_ballot_is_handed_in_kept_and_can_be_changed(joined: Callable[..., Visitor]) -> None:
    found = opened()
    visitor = joined(found)
    assert "from <$100K to $400K+" in visitor.at.selectbox[0].options[0]
    visitor.at.selectbox[0].select_index(0).run()
    assert len(visitor.at.slider) == len(CRITERIA) - 1
    visitor.at.slider[0].set_value(80)
    press(visitor, "Hand in")
    assert only_ballot(found).answers["swing"] == [100, 80, 50, 50, 50, 50]
    assert any("Your ballot is kept" in element.value for element in visitor.at.success)
    visitor.at.slider[1].set_value(0)
    press(visitor, "Hand in")
    given = only_ballot(found)
    assert (given.answers["swing"], given.version) == ([100, 80, 0, 50, 50, 50], 2)


def test_pressing_twice_is_one_ballot(joined: Callable[..., Visitor]) -> None:
    found = opened()
    visitor = joined(found)
    visitor.at.selectbox[0].select_index(2).run()
    press(visitor, "Hand in")
    press(visitor, "Hand in")
    assert only_ballot(found).version == 1


def test_a_reload_and_a_second_tab_show_the_ballot_that_was_handed_in(joined: Callable[..., Visitor]) -> None:
    found = opened()
    visitor = joined(found)
    visitor.at.selectbox[0].select_index(1).run()
    visitor.at.slider[0].set_value(20)
    press(visitor, "Hand in")
    other = tab().must_be_well()
    assert other.at.slider[0].value == 20
    assert [button.label for button in other.at.button][-1] == "Hand in"
    assert len(sessions.seats(store(), found.id)) == 1


def test_of_two_tabs_the_last_to_hand_in_counts(joined: Callable[..., Visitor]) -> None:
    found = opened()
    first = joined(found)
    first.at.selectbox[0].select_index(1).run()
    first.at.slider[0].set_value(20)
    press(first, "Hand in")
    second = tab().must_be_well()
    second.at.slider[0].set_value(80)
    press(second, "Hand in")
    press(first, "Hand in")
    assert only_ballot(found).answers["swing"][0] == 20
    assert only_ballot(found).version == 3


def test_best_and_worst_are_the_same_after_a_reload(joined: Callable[..., Visitor]) -> None:
    """The third is best; the first is as much as it is, and comes before it in the list."""
    found = opened("best_worst")
    joined(found)
    (seat,) = sessions.seats(store(), found.id)
    answers = {"from_best": [1, 5, 1, 2, 2, 2], "to_worst": [3, 1, 5, 2, 2, 2]}
    sessions.hand_in(store(), found.id, 1, seat.id, answers, stamp())
    before = only_ballot(found)
    visitor = tab().must_be_well()
    assert [box.index for box in visitor.at.selectbox[:2]] == [2, 1]
    press(visitor, "Hand in")
    assert only_ballot(found).weights == before.weights


def test_points_must_nearly_add_to_100(joined: Callable[..., Visitor]) -> None:
    found = opened("points")
    visitor = joined(found)
    assert visitor.at.warning[0].value == "100 points left."
    assert visitor.at.button[0].disabled
    for field, points in zip(visitor.at.number_input, [50, 25, 10, 10, 5, 5], strict=True):
        field.set_value(points)
    visitor.at.run()
    assert "5 too many. That is near enough" in visitor.at.success[0].value
    press(visitor, "Hand in")
    assert sum(only_ballot(found).weights) == 10_000


def test_a_ranking_takes_ties_and_wants_every_place(joined: Callable[..., Visitor]) -> None:
    found = opened("ranking")
    visitor = joined(found)
    press(visitor, "Hand in")
    assert visitor.errors == ["Some criteria are still without a place."]
    for place, pills in zip([1, 2, 2, 4, 5, 6], visitor.at.pills, strict=True):
        pills.set_value(place)
    press(visitor, "Hand in")
    assert only_ballot(found).answers["places"] == [1, 2, 2, 4, 5, 6]


def test_best_and_worst_are_chosen_and_compared_and_the_consistency_told(joined: Callable[..., Visitor]) -> None:
    found = opened("best_worst")
    visitor = joined(found)
    visitor.at.selectbox[0].select_index(0).run()
    visitor.at.selectbox[1].select_index(0).run()
    assert visitor.at.warning[0].value == "Choose two different criteria."
    visitor.at.selectbox[1].select_index(5).run()
    assert len(visitor.at.slider) == 9, "2n − 3 comparisons"
    press(visitor, "Hand in")
    given = only_ballot(found)
    assert (given.answers["from_best"][0], given.answers["to_worst"][5]) == (1, 1)
    assert any("Consistency ratio before solving" in text for text in visitor.texts)


def test_pairs_point_out_what_contradicts(joined: Callable[..., Visitor]) -> None:
    found = opened("pairs")
    visitor = joined(found)
    assert len(visitor.at.select_slider) == 15
    visitor.at.select_slider[0].set_value(-8)
    visitor.at.select_slider[1].set_value(8)
    visitor.at.select_slider[5].set_value(-8)
    press(visitor, "Hand in")
    assert only_ballot(found).answers["pairs"][:2] == pytest.approx([9, 1 / 9])
    said = [text for text in visitor.texts if "you said" in text]
    assert len(said) == 3
    assert any("Saaty 1980" in text for text in visitor.texts)


def test_comments_are_kept_with_the_ballot(joined: Callable[..., Visitor]) -> None:
    found = opened()
    visitor = joined(found)
    visitor.at.selectbox[0].select_index(0).run()
    visitor.at.text_input[1].set_value(HOSTILE[1])
    press(visitor, "Hand in")
    assert dict(only_ballot(found).comments) == {"company_size": HOSTILE[1]}


def test_a_locked_round_shows_ones_own_ballot_and_no_form(joined: Callable[..., Visitor]) -> None:
    found = opened()
    visitor = joined(found)
    visitor.at.selectbox[0].select_index(0).run()
    press(visitor, "Hand in")
    sessions.lock(store(), found.id, KEY, stamp())
    visitor.at.run()
    assert "Ballots are locked. The facilitator shows the result in a moment." in visitor.texts
    assert len(visitor.at.slider) == 0
    assert "| Revenue potential | 28.6\xa0% |" in weights(visitor)


def test_the_lock_is_held_by_the_server_not_by_the_form(joined: Callable[..., Visitor]) -> None:
    """The button was still on the screen when the facilitator locked."""
    found = opened()
    visitor = joined(found)
    visitor.at.selectbox[0].select_index(0).run()
    sessions.lock(store(), found.id, KEY, stamp())
    (button,) = [button for button in visitor.at.button if button.label == "Hand in"]
    button.click().run()
    visitor.must_be_well()
    assert sessions.progress(store(), found).handed_in == 0


def test_after_the_reveal_the_room_stands_beside_ones_own_weights(joined: Callable[..., Visitor]) -> None:
    found = opened()
    visitor = joined(found)
    visitor.at.selectbox[0].select_index(0).run()
    press(visitor, "Hand in")
    sessions.sit(store(), found.id, "other", stamp())
    sessions.hand_in(store(), found.id, 1, "other", {"swing": [0, 100, 0, 0, 0, 0]}, stamp())
    visitor.at.run()
    assert "| Criterion | You |" in weights(visitor), "nothing of the room before the reveal"
    sessions.reveal(store(), found.id, KEY, stamp())
    visitor.at.run()
    visitor.must_be_well()
    assert "| Criterion | You | The room |" in weights(visitor)
    assert "| Company size | 14.3\xa0% | 57.2\xa0% |" in weights(visitor)


def test_a_removed_participant_is_told(joined: Callable[..., Visitor]) -> None:
    found = opened()
    visitor = joined(found)
    (seat,) = sessions.seats(store(), found.id)
    sessions.remove(store(), found.id, KEY, seat.id, stamp())
    visitor.at.run()
    assert "The facilitator has removed you from this workshop." in visitor.texts
    assert len(visitor.at.selectbox) == 0


def test_where_ballots_carry_names_a_name_is_asked_for_first(joined: Callable[..., Visitor]) -> None:
    found = opened(named=True, title=HOSTILE[0])
    visitor = joined(found)
    visitor.at.text_input[0].set_value(HOSTILE[2])
    press(visitor, "Take your seat")
    assert [seat.label for seat in sessions.seats(store(), found.id)] == [HOSTILE[2]]
    assert len(visitor.at.selectbox) == 1


def test_when_the_session_has_ended_on_this_machine_the_app_is_back(joined: Callable[..., Visitor]) -> None:
    found = opened()
    visitor = joined(found)
    sessions.close(store(), found.id, KEY, stamp())
    visitor.at.run()
    assert visitor.must_be_well().at.title.values != []
    assert len(visitor.at.sidebar.selectbox) == 2
