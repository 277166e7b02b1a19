from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from core.decisions.workshop import sessions
from core.decisions.workshop.sessions import NotAllowed, NotNow, Setup
from core.errors import TierwiseError, UnknownName
from core.workspace.state import Stamp, Store
from tests import making

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.decisions.workshop.sessions import Workshop

ROOT = Path(__file__).parents[4]
NOW = dt.datetime(2026, 7, 31, 9, tzinfo=dt.UTC)
KEY = sessions.new_key()
HALF = {"swing": [100, 100]}
FIRST = {"swing": [100, 0]}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path)) as opened:
        yield opened


def at(minutes: float = 0, author: str = "") -> Stamp:
    return Stamp(NOW + dt.timedelta(minutes=minutes), author)


def begun(store: Store, **changes: Any) -> Workshop:
    setup: dict[str, Any] = {"title": "Spring", "model": making.model(), "book": "b00c", "book_name": "Book"}
    return sessions.start(store, Setup(**setup | changes), KEY, at())


def opened(store: Store, people: int = 3, **changes: Any) -> Workshop:
    found = begun(store, **changes)
    for i in range(people):
        sessions.sit(store, found.id, f"p{i}", at(), name=f"Person {i}")
    return sessions.open_round(store, found.id, KEY, at())


# Starting and joining -----------------------------------------------------------------------------------------------


def test_a_session_starts_in_its_lobby_with_a_code_of_eight_base32_letters(store: Store) -> None:
    found = begun(store)
    assert (found.phase, found.round, found.title, found.revealed) == (sessions.LOBBY, 0, "Spring", ())
    assert len(found.code) == 8
    assert set(found.code) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    assert found.model == making.model()


def test_the_key_is_not_in_the_store(store: Store) -> None:
    begun(store)
    assert KEY not in store.log()[0].text  # type: ignore[operator]
    assert KEY.replace("-", "") not in store.log()[0].text  # type: ignore[operator]


def test_a_code_is_found_however_it_is_typed_and_no_other_is(store: Store) -> None:
    found = begun(store)
    assert sessions.by_code(store, sessions.spoken(found.code).lower(), NOW) == found
    assert sessions.by_code(store, found.code[:-1] + ("A" if found.code[-1] != "A" else "C"), NOW) is None
    assert sessions.by_code(store, "", NOW) is None


def test_a_code_ends_with_the_session_and_after_a_day(store: Store) -> None:
    found = begun(store)
    assert sessions.by_code(store, found.code, NOW + dt.timedelta(hours=24)) is None
    sessions.close(store, found.id, KEY, at(1))
    assert sessions.by_code(store, found.code, NOW) is None


def test_a_renewed_code_takes_the_place_of_the_old_one(store: Store) -> None:
    before = begun(store)
    after = sessions.renew(store, before.id, KEY, at(60))
    assert sessions.by_code(store, before.code, NOW) is None
    assert sessions.by_code(store, after.code, NOW + dt.timedelta(hours=24.5)) == after


def test_the_same_person_sits_once_however_often_they_join(store: Store) -> None:
    found = begun(store)
    first = sessions.sit(store, found.id, "p", at())
    assert sessions.sit(store, found.id, "p", at(1)) == first
    assert [seat.label for seat in sessions.seats(store, found.id)] == ["Participant 1"]


def test_a_name_is_kept_only_where_ballots_carry_names(store: Store) -> None:
    quiet, named = begun(store), begun(store, named=True)
    assert sessions.sit(store, quiet.id, "p", at(), name="Ana").name == ""
    assert sessions.sit(store, named.id, "p", at(), name="  Ana \n Ruiz ").label == "Ana Ruiz"
    with pytest.raises(TierwiseError, match="Give at most 40"):
        sessions.sit(store, named.id, "q", at(), name="x" * 41)


def test_a_closed_door_stops_newcomers_and_nobody_else(store: Store) -> None:
    found = begun(store)
    sessions.sit(store, found.id, "early", at())
    sessions.admit(store, found.id, KEY, at(), open_door=False)
    sessions.sit(store, found.id, "early", at())
    with pytest.raises(NotNow, match="the door is closed"):
        sessions.sit(store, found.id, "late", at())


def test_nobody_sits_down_in_a_session_that_is_over(store: Store) -> None:
    found = begun(store)
    sessions.close(store, found.id, KEY, at())
    with pytest.raises(NotNow, match="has ended"):
        sessions.sit(store, found.id, "p", at())


def test_one_criterion_and_an_unknown_method_start_nothing(store: Store) -> None:
    single = making.model(criteria=[c.model_dump() for c in making.model().criteria[:1]])
    with pytest.raises(TierwiseError, match="one criterion needs no weighing"):
        begun(store, model=single)
    with pytest.raises(UnknownName, match="dice"):
        begun(store, method="dice")
    assert store.log() == []


# Ballots ------------------------------------------------------------------------------------------------------------


def test_a_ballot_is_one_a_person_and_round_and_the_newest_counts(store: Store) -> None:
    found = opened(store)
    sessions.hand_in(store, found.id, 1, "p0", HALF, at())
    sessions.hand_in(store, found.id, 1, "p0", FIRST, at(1), comments={"size": " why  not ", "other": "x"})
    sessions.hand_in(store, found.id, 1, "p1", HALF, at(1))
    assert sessions.progress(store, found) == sessions.Progress(seats=3, handed_in=2)
    sessions.reveal(store, found.id, KEY, at(2))
    first, second = sessions.ballots(store, found.id, 1)
    assert (first.weights, first.version, dict(first.comments)) == ((10_000, 0), 2, {"size": "why not"})
    assert second.weights == (5000, 5000)


def test_the_same_request_twice_is_one_ballot(store: Store) -> None:
    found = opened(store)
    stamp = at()
    assert sessions.hand_in(store, found.id, 1, "p0", HALF, stamp) == sessions.hand_in(
        store, found.id, 1, "p0", HALF, stamp
    )
    own = sessions.own(store, found.id, 1, "p0")
    assert own is not None
    assert own.version == 1


def test_ballots_are_private_until_the_reveal_to_everybody(store: Store) -> None:
    found = opened(store)
    sessions.hand_in(store, found.id, 1, "p0", HALF, at())
    with pytest.raises(NotNow, match="not been revealed"):
        sessions.ballots(store, found.id, 1)
    sessions.lock(store, found.id, KEY, at())
    with pytest.raises(NotNow):
        sessions.ballots(store, found.id, 1)
    sessions.reveal(store, found.id, KEY, at())
    assert len(sessions.ballots(store, found.id, 1)) == 1


def test_a_locked_round_takes_no_ballot_until_it_is_reopened(store: Store) -> None:
    found = opened(store)
    sessions.lock(store, found.id, KEY, at())
    with pytest.raises(NotNow, match="no ballots are taken now"):
        sessions.hand_in(store, found.id, 1, "p0", HALF, at())
    sessions.reopen(store, found.id, KEY, at())
    sessions.hand_in(store, found.id, 1, "p0", HALF, at())


def test_the_timer_ends_a_round_and_can_be_set_anew(store: Store) -> None:
    found = begun(store)
    sessions.sit(store, found.id, "p0", at())
    sessions.open_round(store, found.id, KEY, at(), minutes=5)
    sessions.hand_in(store, found.id, 1, "p0", HALF, at(4.9))
    with pytest.raises(NotNow):
        sessions.hand_in(store, found.id, 1, "p0", FIRST, at(5))
    sessions.reopen(store, found.id, KEY, at(6), minutes=2)
    sessions.hand_in(store, found.id, 1, "p0", FIRST, at(7))


@pytest.mark.parametrize("phase", ["lobby", "reveal", "discussion", "decided", "closed"])
def test_a_ballot_is_taken_while_weighing_only(store: Store, phase: str) -> None:
    found = begun(store)
    sessions.sit(store, found.id, "p0", at())
    if phase != "lobby":
        sessions.open_round(store, found.id, KEY, at())
        sessions.hand_in(store, found.id, 1, "p0", HALF, at())
        sessions.reveal(store, found.id, KEY, at())
    if phase == "discussion":
        sessions.discuss(store, found.id, KEY, at())
    elif phase == "decided":
        sessions.settle(store, found.id, KEY, {}, at())
    elif phase == "closed":
        sessions.close(store, found.id, KEY, at())
    assert sessions.load(store, found.id).phase == phase
    for number in (0, 1, 2):
        with pytest.raises(NotNow):
            sessions.hand_in(store, found.id, number, "p0", FIRST, at())


def test_a_ballot_for_another_round_changes_nothing(store: Store) -> None:
    found = opened(store)
    sessions.hand_in(store, found.id, 1, "p0", HALF, at())
    sessions.open_round(store, found.id, KEY, at())
    with pytest.raises(NotNow, match="round 1 is over"):
        sessions.hand_in(store, found.id, 1, "p0", FIRST, at())
    own = sessions.own(store, found.id, 1, "p0")
    assert own is not None
    assert own.weights == (5000, 5000)


def test_nobody_is_removed_from_what_was_decided(store: Store) -> None:
    found = opened(store)
    sessions.hand_in(store, found.id, 1, "p0", FIRST, at())
    sessions.reveal(store, found.id, KEY, at())
    sessions.settle(store, found.id, KEY, {}, at())
    with pytest.raises(NotNow, match="decided"):
        sessions.remove(store, found.id, KEY, "p0", at())
    assert len(sessions.ballots(store, found.id, 1)) == 1


def test_who_has_no_seat_or_was_removed_hands_in_nothing(store: Store) -> None:
    found = opened(store)
    sessions.hand_in(store, found.id, 1, "p1", HALF, at())
    sessions.hand_in(store, found.id, 1, "p0", FIRST, at())
    sessions.remove(store, found.id, KEY, "p0", at())
    for who in ("p0", "stranger"):
        with pytest.raises(NotAllowed, match="no seat"):
            sessions.hand_in(store, found.id, 1, who, HALF, at())
    assert sessions.sit(store, found.id, "p0", at()).removed, "joining again does not help"
    sessions.reveal(store, found.id, KEY, at())
    assert [ballot.seat for ballot in sessions.ballots(store, found.id, 1)] == ["p1"]
    assert [seat.number for seat in sessions.seats(store, found.id)] == [2, 3], "the others keep their numbers"


def test_answers_that_cannot_be_used_are_refused_and_not_written(store: Store) -> None:
    found = opened(store)
    before = len(store.log())
    for answers in ({}, {"swing": [1, 2]}, {"swing": [100]}, {"swing": ["100", 1]}):
        with pytest.raises(TierwiseError):
            sessions.hand_in(store, found.id, 1, "p0", answers, at())
    with pytest.raises(TierwiseError, match="at most 300"):
        sessions.hand_in(store, found.id, 1, "p0", HALF, at(), comments={"size": "x" * 301})
    assert len(store.log()) == before


def test_no_name_stands_beside_a_ballot_in_the_log(store: Store) -> None:
    found = opened(store)
    sessions.hand_in(store, found.id, 1, "p0", HALF, at(author="Ana"))
    assert store.log()[-1].author == ""


# The facilitator ----------------------------------------------------------------------------------------------------

ACTIONS: dict[str, Any] = {
    "open a round": lambda s, w, key: sessions.open_round(s, w, key, at()),
    "lock": lambda s, w, key: sessions.lock(s, w, key, at()),
    "reopen": lambda s, w, key: sessions.reopen(s, w, key, at()),
    "reveal": lambda s, w, key: sessions.reveal(s, w, key, at()),
    "discuss": lambda s, w, key: sessions.discuss(s, w, key, at()),
    "admit": lambda s, w, key: sessions.admit(s, w, key, at(), open_door=False),
    "renew": lambda s, w, key: sessions.renew(s, w, key, at()),
    "hand over": lambda s, w, key: sessions.hand_over(s, w, key, "another", at()),
    "remove": lambda s, w, key: sessions.remove(s, w, key, "p0", at()),
    "settle": lambda s, w, key: sessions.settle(s, w, key, {}, at()),
    "close": lambda s, w, key: sessions.close(s, w, key, at()),
}


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("key", ["", "A" * 20, KEY[:-1], "p0"], ids=["none", "another", "cut short", "a person"])
def test_every_action_needs_the_facilitators_key(store: Store, action: str, key: str) -> None:
    found = opened(store)
    sessions.hand_in(store, found.id, 1, "p0", HALF, at())
    before = store.log()
    with pytest.raises(NotAllowed, match="facilitator's key"):
        ACTIONS[action](store, found.id, key)
    assert store.log() == before


@pytest.mark.parametrize("action", ACTIONS)
def test_nothing_is_done_in_a_session_that_is_closed(store: Store, action: str) -> None:
    found = opened(store)
    sessions.close(store, found.id, KEY, at())
    with pytest.raises(NotNow, match="closed"):
        ACTIONS[action](store, found.id, KEY)


def test_the_key_may_be_typed_in_any_case_without_hyphens(store: Store) -> None:
    found = begun(store)
    assert sessions.leads(store, found.id, KEY.lower().replace("-", " "))
    assert not sessions.leads(store, found.id, KEY[:-1])
    assert sessions.led_by(store, KEY, NOW) == found
    assert sessions.led_by(store, "", NOW) is None


def test_after_a_hand_over_only_the_new_key_leads(store: Store) -> None:
    found = begun(store)
    successor = sessions.new_key()
    sessions.hand_over(store, found.id, KEY, successor, at())
    assert not sessions.leads(store, found.id, KEY)
    sessions.open_round(store, found.id, successor, at())


def test_a_reset_is_a_new_round_and_deletes_nothing(store: Store) -> None:
    found = opened(store)
    sessions.hand_in(store, found.id, 1, "p0", HALF, at())
    again = sessions.open_round(store, found.id, KEY, at(1), method="points")
    assert (again.round, again.method, [r["number"] for r in again.rounds]) == (2, "points", [1, 2])
    assert sessions.progress(store, again).handed_in == 0
    assert sessions.own(store, found.id, 1, "p0") is not None
    with pytest.raises(NotNow, match="round 1 have not been revealed"):
        sessions.ballots(store, found.id, 1)


def test_a_revealed_round_never_takes_a_ballot_again(store: Store) -> None:
    found = opened(store)
    sessions.hand_in(store, found.id, 1, "p0", HALF, at())
    sessions.reveal(store, found.id, KEY, at())
    with pytest.raises(NotNow):
        sessions.reopen(store, found.id, KEY, at())


def test_nothing_is_revealed_where_nobody_has_handed_in(store: Store) -> None:
    found = opened(store)
    with pytest.raises(NotNow, match="nobody has handed in"):
        sessions.reveal(store, found.id, KEY, at())


def test_an_unknown_session_and_participant_are_said(store: Store) -> None:
    with pytest.raises(UnknownName, match="no such session"):
        sessions.load(store, "none")
    assert sessions.find(store, "none") is None
    found = begun(store)
    with pytest.raises(UnknownName, match="no such participant"):
        sessions.remove(store, found.id, KEY, "nobody", at())


# Under load, and after a crash --------------------------------------------------------------------------------------


def test_fifty_threads_lose_no_ballot_and_double_none(store: Store) -> None:
    """Fifty people change their ballots ten times each, every request sent twice."""
    found = opened(store, people=50)
    took: list[float] = []

    def one(person: int) -> None:
        for change in range(10):
            stamp = at(change / 10)
            start = time.perf_counter()
            sessions.hand_in(store, found.id, 1, f"p{person}", {"swing": [100, 10 * change]}, stamp)
            took.append(time.perf_counter() - start)
            sessions.hand_in(store, found.id, 1, f"p{person}", {"swing": [100, 10 * change]}, stamp)

    with ThreadPoolExecutor(50) as pool:
        list(pool.map(one, range(50)))
    assert sum(document.kind == "ballot" for document in store.log()) == 500
    sessions.reveal(store, found.id, KEY, at(5))
    given = sessions.ballots(store, found.id, 1)
    assert [(ballot.version, ballot.answers["swing"]) for ballot in given] == [(10, [100, 90])] * 50
    store.verify()
    took.sort()
    assert took[int(len(took) * 0.95)] < 2.5, "ten times what is promised, for a machine that is busy"


VOTERS = """
import datetime as dt, sys, threading
from pathlib import Path
from core.decisions.workshop import sessions
from core.workspace.state import Stamp, Store

store, key = Store(Path(sys.argv[1])), sys.argv[2]
said = threading.Lock()

def vote(person):
    for change in range(100_000):
        answers = {"swing": [100, change % 101]}
        ballot = sessions.hand_in(store, key, 1, f"p{person}", answers, Stamp(dt.datetime.now(dt.UTC)))
        with said:
            print(person, ballot.version, change % 101, flush=True)

for person in range(10):
    threading.Thread(target=vote, args=(person,)).start()
"""


def test_every_acknowledged_ballot_is_there_after_the_process_was_killed(tmp_path: Path) -> None:
    with closing(Store(tmp_path)) as store:
        found = opened(store, people=10)
        sessions.renew(store, found.id, KEY, Stamp(dt.datetime.now(dt.UTC)))
    command = [sys.executable, "-c", VOTERS, str(tmp_path), found.id]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as voters:
        assert voters.stdout is not None
        acknowledged = [voters.stdout.readline().split() for _ in range(200)]
        os.kill(voters.pid, signal.SIGKILL)
        acknowledged += [line.split() for line in voters.stdout.read().splitlines() if len(line.split()) == 3]
    assert len(acknowledged) >= 200
    with closing(Store(tmp_path)) as store:
        store.verify()
        for person, version, answer in acknowledged:
            kept = store.versions("ballot", f"{found.id}.1.p{person}")[int(version) - 1]
            assert kept.body["answers"] == {"swing": [100, int(answer)]}
