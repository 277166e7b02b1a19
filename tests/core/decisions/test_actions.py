"""Actions: recorded without loss, kept over a refresh of the data, open again when another step is called for."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from core.decisions import actions
from core.decisions.actions import Entry
from core.errors import TierwiseError
from core.workspace.state import Stamp, Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = dt.datetime(2026, 9, 30, 12, tzinfo=dt.UTC)
TODAY = NOW.date()
CALL, VISIT = "Call the main contact", "Schedule C-level meeting"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    found = Store(tmp_path)
    yield found
    found.close()


def stamp(author: str = "Ana") -> Stamp:
    return Stamp(NOW, author=author)


def test_what_was_recorded_is_there_with_who_and_when(store: Store) -> None:
    entry = Entry("done", CALL, who="Luis Herrera", note="They renew.\nWith two more seats.")
    actions.record(store, "EMEA", "A1", entry, stamp(), name="Acme")
    found = actions.latest(store, "EMEA", "A1")
    assert found == actions.Record("A1", "done", CALL, "Luis Herrera", None, entry.note, "Ana", NOW, 1)
    assert actions.recorded(store, "EMEA") == {"A1": found}
    assert actions.latest(store, "EMEA", "A2") is None
    entry_of_log = store.log()[-1]
    assert (entry_of_log.kind, entry_of_log.action, entry_of_log.title) == ("action", "done", "Acme")


def test_nothing_is_overwritten(store: Store) -> None:
    for status, note in (("open", "first"), ("done", "second")):
        actions.record(store, "EMEA", "A1", Entry(status, CALL, note=note), stamp())  # type: ignore[arg-type]
    assert [(each.version, each.note) for each in actions.history(store, "EMEA", "A1")] == [(2, "second"), (1, "first")]


def test_an_action_belongs_to_the_books_of_one_name_whatever_their_data(store: Store, tmp_path: Path) -> None:
    actions.record(store, "EMEA accounts", "A1", Entry("done", CALL), stamp())
    store.close()
    anew = Store(tmp_path)
    assert actions.latest(anew, "  emea  ACCOUNTS ", "A1") is not None
    assert actions.latest(anew, "APAC accounts", "A1") is None
    anew.close()


def test_names_that_run_together_are_not_one(store: Store) -> None:
    actions.record(store, "a", "b1", Entry("done", CALL), stamp())
    assert actions.latest(store, "ab", "1") is None
    hostile = ('"}', "1:a", "<img src=x onerror=alert(1)>", "\u202eabc", "x" * 300)
    for name in hostile:
        actions.record(store, name, name, Entry("open", CALL, note=name), stamp())
    assert [actions.latest(store, name, name).note for name in hostile] == list(hostile)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("entry", "action", "today", "status"),
    [
        (Entry("done", CALL), CALL, TODAY, "done"),
        (Entry("done", CALL), VISIT, TODAY, "open"),
        (Entry("snoozed", CALL, until=dt.date(2026, 10, 7)), CALL, dt.date(2026, 10, 6), "snoozed"),
        (Entry("snoozed", CALL, until=dt.date(2026, 10, 7)), CALL, dt.date(2026, 10, 7), "open"),
        (Entry("snoozed", CALL, until=dt.date(2026, 10, 7)), VISIT, TODAY, "open"),
        (Entry("open", CALL), CALL, TODAY, "open"),
    ],
)
def test_a_step_is_open_again_when_its_day_has_come_or_another_is_called_for(
    store: Store, entry: Entry, action: str, today: dt.date, status: str
) -> None:
    assert actions.record(store, "EMEA", "A1", entry, stamp()).status_now(action, today) == status


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (Entry("done", CALL, who="Luis"), "Done 2026-09-30, Luis"),
        (Entry("snoozed", CALL, until=dt.date(2026, 10, 7)), "Snoozed until 2026-10-07"),
        (Entry("open", CALL, who="Luis"), "Open, Luis"),
        (Entry("done", VISIT, who="Luis"), "Open"),
    ],
)
def test_it_is_said_in_a_few_words(store: Store, entry: Entry, words: str) -> None:
    actions.record(store, "EMEA", "A1", entry, stamp())
    assert actions.said(actions.recorded(store, "EMEA"), "A1", CALL, TODAY) == words


@pytest.mark.parametrize(
    ("entry", "place"),
    [
        (Entry("gone", CALL), "status"),  # type: ignore[arg-type]
        (Entry("snoozed", CALL), "snoozed until"),
        (Entry("open", CALL, note="x" * 2001), "note"),
        (Entry("open", CALL, note="\ud800"), "note"),
        (Entry("open", CALL, who="x" * 81), "who"),
        (Entry("open", CALL, who="a\x00b"), "who"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_nothing_is_written(store: Store, entry: Entry, place: str) -> None:
    with pytest.raises(TierwiseError, match=place):
        actions.record(store, "EMEA", "A1", entry, stamp())
    assert store.log() == []


def test_a_repeated_request_is_one_record(store: Store) -> None:
    once = stamp()
    for _ in range(2):
        actions.record(store, "EMEA", "A1", Entry("done", CALL), once)
    assert len(actions.history(store, "EMEA", "A1")) == 1


def test_the_mark_changes_with_every_record_of_the_line_and_with_no_other(store: Store) -> None:
    marks = [actions.mark(store, "EMEA")]
    for book in ("EMEA", "EMEA", "APAC"):
        actions.record(store, book, "A1", Entry("done", CALL), stamp())
        marks.append(actions.mark(store, "EMEA"))
    assert [one == other for one, other in pairwise(marks)] == [False, False, True]


def test_fifty_at_once_lose_none(store: Store, tmp_path: Path) -> None:
    other = Store(tmp_path)  # a second process would open the file anew, too

    def write(i: int) -> None:
        entry = replace(Entry("done", CALL), note=f"note {i}")
        actions.record((store, other)[i % 2], "EMEA", f"A{i % 10}", entry, stamp(f"person {i}"))

    with ThreadPoolExecutor(50) as pool:
        list(pool.map(write, range(50)))
    kept = [record for i in range(10) for record in actions.history(store, "EMEA", f"A{i}")]
    assert sorted(record.note for record in kept) == sorted(f"note {i}" for i in range(50))
    assert {record.author for record in kept} == {f"person {i}" for i in range(50)}
    assert store.verify().entries == 50
    other.close()


def test_what_one_session_records_another_reads_at_once(store: Store, tmp_path: Path) -> None:
    other = Store(tmp_path)
    assert actions.recorded(other, "EMEA") == {}
    actions.record(store, "EMEA", "A1", Entry("done", CALL), stamp())
    assert set(actions.recorded(other, "EMEA")) == {"A1"}
    other.close()
