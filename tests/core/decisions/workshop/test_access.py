from __future__ import annotations

import datetime as dt
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from core.decisions.workshop import access, sessions
from core.decisions.workshop.access import COLLEAGUE, LEAD, PARTICIPANT, Limiter, May, Tickets
from core.workspace.secret import Secret
from core.workspace.state import Stamp, Store
from tests import making

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from core.decisions.workshop.sessions import Workshop

NOW = dt.datetime(2026, 7, 31, 9, tzinfo=dt.UTC)
OURS, FOREIGN = Secret(b"s" * 32), Secret(b"t" * 32)
KEY = sessions.new_key()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path)) as opened:
        yield opened


@pytest.fixture
def found(store: Store) -> Workshop:
    return sessions.start(store, sessions.Setup("Spring", making.model(), "b00c", "Book"), KEY, Stamp(NOW))


def test_joining_again_is_the_same_person_and_another_browser_is_not() -> None:
    cookie = access.joined(OURS, "w1")
    again = access.joined(OURS, "w1", cookie)
    assert access.participant(OURS, cookie) == access.participant(OURS, again)
    assert access.participant(OURS, access.joined(OURS, "w1")) != access.participant(OURS, cookie)


def test_who_leaves_sits_nowhere_and_comes_back_as_the_same_person() -> None:
    cookie = access.joined(OURS, "w1")
    gone = access.left(OURS, cookie)
    assert access.participant(OURS, gone) is None
    assert access.participant(OURS, access.joined(OURS, "w1", gone)) == access.participant(OURS, cookie)


def test_two_workshops_know_a_browser_by_different_numbers() -> None:
    cookie = access.joined(OURS, "w1")
    first, second = access.participant(OURS, cookie), access.participant(OURS, access.joined(OURS, "w2", cookie))
    assert first is not None
    assert second is not None
    assert first.seat != second.seat


@pytest.mark.parametrize("purpose", [LEAD, COLLEAGUE, "seat"])
def test_a_cookie_that_is_not_ours_names_nobody(purpose: str) -> None:
    cookie = access.joined(OURS, "w1")
    text, _, mark = cookie.rpartition(".")
    browser, _, workshop = text.partition(".")
    forged = [
        "", ".", "x", cookie[:-1], cookie + "0", f"{'0' * 32}.{workshop}.{mark}", f"{browser}.w2.{mark}", text,
        access.joined(FOREIGN, "w1"), OURS.signed(purpose, text),
    ]  # fmt: skip
    assert [access.participant(OURS, each) for each in forged] == [None] * len(forged)


def test_this_machine_sees_the_whole_app_and_others_only_the_way_in(store: Store) -> None:
    assert access.may(store, OURS, {}, NOW, near=True) is May.WHOLE
    assert access.may(store, OURS, {}, NOW, near=False) is May.NOTHING
    assert access.may(store, OURS, {}, NOW, near=False, known=True) is May.WHOLE


@pytest.mark.parametrize("near", [True, False])
def test_a_participant_sees_the_ballot_only_even_on_this_machine(store: Store, found: Workshop, *, near: bool) -> None:
    cookies = {PARTICIPANT: access.joined(OURS, found.id)}
    assert access.may(store, OURS, cookies, NOW, near=near) is May.BALLOT


def test_when_the_session_has_ended_a_participants_cookie_opens_nothing(store: Store, found: Workshop) -> None:
    cookies = {PARTICIPANT: access.joined(OURS, found.id)}
    sessions.close(store, found.id, KEY, Stamp(NOW))
    assert access.may(store, OURS, cookies, NOW, near=False) is May.NOTHING
    assert access.may(store, OURS, cookies, NOW, near=True) is May.WHOLE


def test_a_made_up_cookie_is_as_good_as_none(store: Store, found: Workshop) -> None:
    cookies = {PARTICIPANT: access.joined(FOREIGN, found.id), LEAD: "A" * 20}
    assert access.may(store, OURS, cookies, NOW, near=False) is May.NOTHING


def test_the_facilitator_sees_the_whole_app_from_anywhere_until_the_key_is_handed_over(
    store: Store, found: Workshop
) -> None:
    cookies = {LEAD: KEY, PARTICIPANT: access.joined(OURS, found.id)}
    assert access.may(store, OURS, cookies, NOW, near=False) is May.WHOLE
    sessions.hand_over(store, found.id, KEY, sessions.new_key(), Stamp(NOW))
    assert access.may(store, OURS, cookies, NOW, near=False) is May.BALLOT


def test_a_colleagues_cookie_holds_for_the_code_of_the_day_only() -> None:
    cookie = access.colleague(OURS, "open sesame")
    assert access.is_colleague(OURS, "open sesame", cookie)
    assert not access.is_colleague(OURS, "another", cookie)
    assert not access.is_colleague(OURS, "", access.colleague(OURS, ""))
    assert not access.is_colleague(FOREIGN, "open sesame", cookie)


def test_guessing_is_limited_by_failures_of_one_address() -> None:
    limiter = Limiter()
    for i in range(access.TRIES):
        assert limiter.wait("10.0.0.1", i) == 0
        limiter.failed("10.0.0.1", i)
    assert limiter.wait("10.0.0.1", 10) == pytest.approx(50)
    assert limiter.wait("10.0.0.2", 10) == 0
    assert limiter.wait("10.0.0.1", 61) == 0


def test_somebody_who_comes_back_after_a_minute_does_not_end_the_limit() -> None:
    limiter = Limiter()
    limiter.failed("10.0.0.1", 0)
    assert limiter.wait("10.0.0.1", 61) == 0, "which forgets the guess, and not that there is an address"
    for i in range(access.TRIES):
        limiter.failed("10.0.0.2", 62 + i / 10)
    assert limiter.wait("10.0.0.2", 64) > 0


def test_fifty_phones_behind_one_address_are_not_limited_by_joining() -> None:
    limiter = Limiter()
    assert [limiter.wait("office", second / 20) for second in range(50)] == [0] * 50


def test_guessing_from_everywhere_is_limited_too() -> None:
    limiter = Limiter()
    for i in range(access.TRIES_OF_ALL):
        limiter.failed(f"10.0.{i // 250}.{i % 250}", 0)
    assert limiter.wait("fresh", 1) > 0
    assert limiter.wait("fresh", 61) == 0


def test_ten_thousand_guesses_in_a_minute_are_refused_but_for_ten() -> None:
    limiter, let_through = Limiter(), 0
    for guess in range(10_000):
        moment = guess * 60 / 10_000
        if limiter.wait("10.0.0.9", moment) == 0:
            let_through += 1
            limiter.failed("10.0.0.9", moment)
    assert let_through == access.TRIES


def test_the_limiter_forgets_addresses_of_the_past() -> None:
    limiter = Limiter()
    for i in range(1000):
        limiter.failed(f"10.0.{i // 250}.{i % 250}", i * 10)
    assert len(limiter._of) <= 7


def test_a_ticket_opens_once_and_not_for_long() -> None:
    tickets = Tickets()
    first, second = tickets.issue("key", 0), tickets.issue("key", 0)
    assert tickets.redeem(first, 1) == "key"
    assert tickets.redeem(first, 2) is None
    assert tickets.redeem(second, access.TICKET_SECONDS + 1) is None
    assert tickets.redeem("made up", 0) is None
