from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.decisions import scenarios
from core.decisions.scenarios import Draft, Scenario
from core.errors import BadModel, TierwiseError, UnknownName
from core.model import toml
from core.workspace.state import Change, Stamp, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from core.model.model import Model

ROOT = Path(__file__).parents[3]
NOW = dt.datetime(2026, 7, 31, 9, tzinfo=dt.UTC)
SCORECARD = toml.load("tier1_scorecard")
OTHER = SCORECARD.with_importance({"competition": 40})
KILLS = 100


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path)) as opened:
        yield opened


def stamp(author: str = "Ana") -> Stamp:
    return Stamp(NOW, author)


def save(store: Store, name: str, model: Model = SCORECARD, *, book: str = "book", key: str = "") -> Scenario:
    return scenarios.save(store, Draft(name, model, book, "tier1_scorecard", "to see"), stamp(), key=key)


def names(found: list[Scenario]) -> list[str]:
    return [scenario.name for scenario in found]


# Saving and reading -------------------------------------------------------------------------------------------------


def test_what_is_saved_comes_back_whole(store: Store) -> None:
    saved = save(store, "Expansion", OTHER)
    store.close()
    with closing(Store(store.file.parent)) as again:
        found = scenarios.load(again, saved.id)
    assert found == saved
    assert found.model == OTHER
    assert (found.name, found.author, found.reason, found.time) == ("Expansion", "Ana", "to see", NOW)
    assert (found.book, found.base, found.version, found.status) == ("book", "tier1_scorecard", 1, "draft")


@pytest.mark.parametrize("name", list(toml.ready_models()))
def test_every_ready_model_comes_back_equal(store: Store, name: str) -> None:
    assert scenarios.load(store, save(store, name, toml.load(name)).id).model == toml.load(name)


def test_an_id_is_short_and_cannot_be_guessed(store: Store) -> None:
    ids = {save(store, f"s{i}").id for i in range(50)}
    assert len(ids) == 50
    assert {len(key) for key in ids} == {10}
    assert set("".join(ids)) <= set("abcdefghijklmnopqrstuvwxyz234567")


def test_the_next_version_keeps_the_former(store: Store) -> None:
    first = save(store, "Expansion")
    second = save(store, "Expansion 2", OTHER, key=first.id)
    assert (second.id, second.version) == (first.id, 2)
    assert scenarios.versions(store, first.id) == [first, second]
    assert scenarios.load(store, first.id, version=1) == first
    assert scenarios.load(store, first.id) == second


def test_scenarios_are_listed_by_book_last_saved_first(store: Store) -> None:
    first = save(store, "a")
    save(store, "b", book="other book")
    save(store, "c")
    save(store, "a", OTHER, key=first.id)
    assert names(scenarios.listed(store, "book")) == ["a", "c"]
    assert names(scenarios.listed(store)) == ["a", "c", "b"]
    assert scenarios.listed(store, "no book") == []


def test_an_author_may_stay_unnamed(store: Store) -> None:
    saved = scenarios.save(store, Draft("a", SCORECARD, "book"), stamp("  "))
    assert saved.author == scenarios.NOT_NAMED
    scenarios.delete(store, saved.id, stamp(""))
    with pytest.raises(UnknownName, match=r"deleted on 2026-07-31 \(author: not named\)"):
        scenarios.load(store, saved.id)


@pytest.mark.parametrize("key", ["", "aaaaaaaaaa", "../../etc", "\x00", "a" * 10_000])
def test_an_id_that_is_not_there_is_refused_and_no_other_is_told(store: Store, key: str) -> None:
    saved = save(store, "Secret")
    refused: list[Callable[[], object]] = [
        lambda: scenarios.load(store, key),
        lambda: scenarios.versions(store, key),
        lambda: scenarios.rename(store, key, "x", stamp()),
        lambda: scenarios.duplicate(store, key, stamp()),
        lambda: scenarios.delete(store, key, stamp()),
        lambda: scenarios.undelete(store, key, stamp()),
        lambda: scenarios.publish(store, key, stamp()),
        lambda: scenarios.restore(store, key, 1, stamp()),
    ]
    for attempt in refused:
        with pytest.raises(UnknownName, match="Check the link") as caught:
            attempt()
        assert "Secret" not in str(caught.value)
        assert saved.id not in str(caught.value)
        assert len(str(caught.value)) < 150
    assert len(store.log()) == 1


def test_a_version_that_is_not_there_is_refused(store: Store) -> None:
    saved = save(store, "a")
    for version in (0, 2, -1):
        with pytest.raises(UnknownName, match=f"“a” has no version {version}"):
            scenarios.load(store, saved.id, version)


def test_a_model_that_this_program_does_not_take_spoils_no_list(store: Store) -> None:
    save(store, "good")
    body = {"reason": "", "base": "", "model": "from_the_future = true"}
    store.write(lambda: Change("scenario", "old", "saved", title="odd", scope="book", body=body), stamp())
    odd, good = scenarios.listed(store, "book")
    assert good.model == SCORECARD
    with pytest.raises(BadModel, match="the scenario “odd”: "):
        _ = odd.model


# Names --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "what"),
    [
        pytest.param("", "name: it is empty. Give 1 to 80 characters", id="empty"),
        pytest.param(" \t\n", "name: it is empty", id="spaces"),
        pytest.param("\u200b\u200b", "name: it is empty", id="invisible"),
        pytest.param("x" * 81, "name: it has 81 characters. Give at most 80", id="long"),
        pytest.param("a\x00b", "name: it holds a character that cannot be written", id="nul"),
        pytest.param("a\ud800", "name: it holds a character that cannot be written", id="half a character"),
    ],
)
def test_a_name_that_cannot_be_used_is_refused(store: Store, name: str, what: str) -> None:
    saved = save(store, "fine")
    attempts: list[Callable[[], object]] = [
        lambda: save(store, name),
        lambda: scenarios.rename(store, saved.id, name, stamp()),
        lambda: scenarios.duplicate(store, saved.id, stamp(), name or " "),
    ]
    for attempt in attempts:
        with pytest.raises(TierwiseError) as caught:
            attempt()
        assert str(caught.value).startswith(what)
    assert len(store.log()) == 1


@pytest.mark.parametrize("name", ["x", "x" * 80, "<script>", "Übernahme 山田 😀", "'; DROP TABLE log; --", "👨‍👩‍👧"])
def test_any_other_name_is_kept_to_the_letter(store: Store, name: str) -> None:
    assert scenarios.load(store, save(store, name).id).name == name


def test_spaces_around_and_between_are_tidied(store: Store) -> None:
    assert save(store, "  Focus \n on  growth ").name == "Focus on growth"


@pytest.mark.parametrize("name", ["Growth", "growth", " GROWTH ", "Ｇrowth"])
def test_a_name_is_used_once_among_the_living_of_a_book(store: Store, name: str) -> None:
    saved = save(store, "Growth")
    with pytest.raises(TierwiseError, match=r"has a scenario named “.*” already"):
        save(store, name)
    save(store, name, book="other book")
    save(store, name, key=saved.id)  # one's own name is no obstacle
    scenarios.delete(store, saved.id, stamp())
    save(store, name)


def test_a_long_author_or_reason_is_refused(store: Store) -> None:
    with pytest.raises(TierwiseError, match="author: it has 81 characters"):
        scenarios.save(store, Draft("a", SCORECARD, "book"), stamp("x" * 81))
    with pytest.raises(TierwiseError, match="reason: it has 501 characters"):
        scenarios.save(store, Draft("a", SCORECARD, "book", reason="x" * 501), stamp())


def test_a_scenario_stays_in_its_book(store: Store) -> None:
    saved = save(store, "a")
    with pytest.raises(TierwiseError, match="“a” belongs to another book"):
        save(store, "a", book="other book", key=saved.id)


# Changing -----------------------------------------------------------------------------------------------------------


def test_rename_keeps_the_content(store: Store) -> None:
    saved = save(store, "a", OTHER)
    renamed = scenarios.rename(store, saved.id, "b", stamp("Bo"))
    assert (renamed.name, renamed.author, renamed.version, renamed.model) == ("b", "Bo", 2, OTHER)
    with pytest.raises(TierwiseError, match="already"):
        scenarios.rename(store, save(store, "c").id, "B", stamp())


def test_a_duplicate_is_a_scenario_of_its_own(store: Store) -> None:
    saved = save(store, "a", OTHER)
    copies = [scenarios.duplicate(store, saved.id, stamp()) for _ in range(3)]
    assert names(copies) == ["a (copy)", "a (copy 2)", "a (copy 3)"]
    assert {copy.model for copy in copies} == {OTHER}
    assert len({saved.id, *(copy.id for copy in copies)}) == 4
    assert {copy.version for copy in copies} == {1}
    assert scenarios.duplicate(store, saved.id, stamp(), "mine").name == "mine"
    with pytest.raises(TierwiseError, match="already"):
        scenarios.duplicate(store, saved.id, stamp(), "Mine")


def test_the_copy_of_a_long_name_fits(store: Store) -> None:
    saved = save(store, "x" * 80)
    assert scenarios.duplicate(store, saved.id, stamp()).name == "x" * 73 + " (copy)"


def test_a_deleted_scenario_is_gone_and_comes_back_as_it_was(store: Store) -> None:
    saved = save(store, "a", OTHER)
    scenarios.delete(store, saved.id, stamp("Bo"))
    assert scenarios.listed(store) == []
    assert scenarios.deleted(store, "book") == [saved] == scenarios.versions(store, saved.id)
    with pytest.raises(UnknownName, match=r"“a” was deleted on 2026-07-31 \(author: Bo\)"):
        scenarios.load(store, saved.id)
    back = scenarios.undelete(store, saved.id, stamp())
    assert (back.name, back.model, back.version, back.base) == ("a", OTHER, 3, "tier1_scorecard")
    assert scenarios.deleted(store) == []
    with pytest.raises(TierwiseError, match="“a” is not deleted"):
        scenarios.undelete(store, saved.id, stamp())


def test_a_scenario_whose_name_is_taken_comes_back_under_another(store: Store) -> None:
    saved = save(store, "a")
    scenarios.delete(store, saved.id, stamp())
    save(store, "A")
    with pytest.raises(TierwiseError, match="already"):
        scenarios.undelete(store, saved.id, stamp())
    assert scenarios.undelete(store, saved.id, stamp(), "b").name == "b"


def test_returning_to_a_version_is_a_new_version(store: Store) -> None:
    saved = save(store, "a", SCORECARD)
    save(store, "b", OTHER, key=saved.id)
    back = scenarios.restore(store, saved.id, 1, stamp("Bo"))
    assert (back.version, back.name, back.model, back.reason) == (3, "b", SCORECARD, "Back to version 1")
    assert [found.model for found in scenarios.versions(store, saved.id)] == [SCORECARD, OTHER, SCORECARD]


def test_the_same_request_twice_is_one_scenario(store: Store) -> None:
    once = stamp()
    draft = Draft("a", SCORECARD, "book")
    assert scenarios.save(store, draft, once) == scenarios.save(store, draft, once)
    twice = stamp()
    first = scenarios.duplicate(store, scenarios.listed(store)[0].id, twice)
    assert scenarios.duplicate(store, scenarios.listed(store)[1].id, twice) == first
    assert len(scenarios.listed(store)) == 2


def test_the_log_tells_the_story(store: Store) -> None:
    saved = save(store, "a")
    scenarios.rename(store, saved.id, "b", stamp())
    scenarios.publish(store, saved.id, stamp())
    scenarios.withdraw(store, "book", stamp())
    scenarios.delete(store, saved.id, stamp())
    scenarios.undelete(store, saved.id, stamp())
    assert [f"{entry.author} {entry.action} {entry.title}" for entry in store.log()] == [
        "Ana saved a",
        "Ana renamed b",
        "Ana published b",
        "Ana withdrawn b",
        "Ana deleted b",
        "Ana undeleted b",
    ]


# Publishing ---------------------------------------------------------------------------------------------------------


def test_one_scenario_of_a_book_is_published(store: Store) -> None:
    a, b, elsewhere = save(store, "a"), save(store, "b", OTHER), save(store, "a", book="other book")
    scenarios.publish(store, elsewhere.id, stamp())
    scenarios.publish(store, a.id, stamp())
    assert scenarios.publish(store, b.id, stamp()).status == "published"
    assert {found.name: found.status for found in scenarios.listed(store, "book")} == {"a": "draft", "b": "published"}
    assert scenarios.published(store, "book") == scenarios.load(store, b.id)
    assert scenarios.load(store, elsewhere.id).status == "published"
    assert scenarios.published(store, "no book") is None


def test_what_is_saved_later_does_not_change_what_is_published(store: Store) -> None:
    saved = save(store, "a", SCORECARD)
    scenarios.publish(store, saved.id, stamp())
    newer = save(store, "a", OTHER, key=saved.id)
    current = scenarios.published(store, "book")
    assert current is not None
    assert (current.version, current.model, newer.status, newer.published_version) == (1, SCORECARD, "draft", 1)
    scenarios.publish(store, saved.id, stamp())
    assert scenarios.load(store, saved.id).status == "published"
    scenarios.publish(store, saved.id, stamp(), version=1)
    assert [found.status for found in scenarios.versions(store, saved.id)] == ["published", "draft"]


def test_the_days_on_which_a_model_was_published_are_reviews(store: Store) -> None:
    saved = save(store, "a", SCORECARD)
    assert scenarios.reviewed(store, "book") == []
    scenarios.publish(store, saved.id, stamp())
    day = NOW.date()
    later = NOW + dt.timedelta(40)
    scenarios.withdraw(store, "book", Stamp(later, "Ana"))
    assert scenarios.reviewed(store, "book") == [day], "to withdraw settles nothing"
    scenarios.publish(store, saved.id, Stamp(later, "Ana"))
    assert scenarios.reviewed(store, "book") == [day, day + dt.timedelta(40)]
    assert scenarios.reviewed(store, "another") == []


def test_a_published_scenario_can_be_withdrawn(store: Store) -> None:
    saved = save(store, "a")
    scenarios.publish(store, saved.id, stamp())
    scenarios.withdraw(store, "book", stamp())
    assert scenarios.published(store, "book") is None
    assert scenarios.load(store, saved.id).status == "draft"
    with pytest.raises(UnknownName, match="No scenario of this book is published"):
        scenarios.withdraw(store, "book", stamp())


def test_deleting_what_is_published_and_back(store: Store) -> None:
    saved = save(store, "a")
    scenarios.publish(store, saved.id, stamp())
    scenarios.delete(store, saved.id, stamp())
    assert scenarios.published(store, "book") is None
    scenarios.undelete(store, saved.id, stamp())
    current = scenarios.published(store, "book")
    assert current is not None
    assert (current.id, current.version) == (saved.id, 1)


def test_many_who_publish_at_once_leave_one_published(store: Store) -> None:
    saved = [save(store, f"s{i}") for i in range(10)]
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda one: scenarios.publish(store, one.id, stamp()), saved * 5))
    assert [found.status for found in scenarios.listed(store, "book")].count("published") == 1


# Nothing is lost ----------------------------------------------------------------------------------------------------


def test_twenty_threads_save_a_thousand_scenarios(store: Store) -> None:
    def fifty(thread: int) -> list[Scenario]:
        return [save(store, f"{thread}.{i}", book=f"book {thread}") for i in range(50)]

    with ThreadPoolExecutor(20) as pool:
        acknowledged = {one.id: one for found in pool.map(fifty, range(20)) for one in found}
    assert len(acknowledged) == 1000
    with closing(Store(store.file.parent)) as again:
        assert {one.id: one for one in scenarios.listed(again)} == acknowledged


def test_of_many_who_take_one_name_at_once_one_gets_it(store: Store) -> None:
    def attempt(_: int) -> bool:
        try:
            save(store, "Growth")
        except TierwiseError:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(attempt, range(60))) == 1
    assert names(scenarios.listed(store)) == ["Growth"]


# One process imports everything and then forks a writer for each round: what dies is a process in the midst of saving.
# An acknowledgement is one write to a file, which outlives the writer.
KILLED_WRITERS = """
import datetime as dt, json, os, random, signal, sys, time
from pathlib import Path
from core.decisions.scenarios import Draft, save
from core.model import toml
from core.workspace.state import Stamp, Store

home, acknowledged, rounds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
model = toml.load("tier1_scorecard")
dice = random.Random(2026)

def write_on(turn):
    store = Store(home)
    log = os.open(acknowledged, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for i in range(1_000_000):
        name = f"{turn}.{i}"
        changed = model.with_importance({"industry": i % 100})
        saved = save(store, Draft(name, changed, f"book {turn}"), Stamp(dt.datetime.now(dt.UTC), "Ana"))
        os.write(log, json.dumps([saved.id, saved.name, i % 100]).encode() + b"\\n")

Path(acknowledged).touch()
for turn in range(rounds):
    # Some die while opening, some while saving: after so many bytes of acknowledgements (30 to a save) and a moment.
    enough = os.path.getsize(acknowledged) + dice.choice([0, 1, 100, 200])
    child = os.fork()
    if not child:
        write_on(turn)
    while os.path.getsize(acknowledged) < enough:
        time.sleep(0.001)
    time.sleep(dice.uniform(0, 0.03))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_hundred_kills_lose_no_saved_scenario_and_leave_none_half_saved(tmp_path: Path) -> None:
    acknowledged = tmp_path / "acknowledged"
    command = [sys.executable, "-c", KILLED_WRITERS, str(tmp_path), str(acknowledged), str(KILLS)]
    subprocess.run(command, cwd=ROOT, check=True, timeout=180)
    promised = {
        key: (name, industry) for key, name, industry in map(json.loads, acknowledged.read_text().split("\n")[:-1])
    }
    assert len(promised) > KILLS
    with closing(Store(tmp_path)) as store:
        found = {one.id: (one.name, one.model.criteria[2].importance) for one in scenarios.listed(store)}
        entries = store.verify().entries
    assert promised.items() <= found.items()
    # A save that was cut off is there whole or not at all; at most one a round was not acknowledged.
    assert len(found) == entries <= len(promised) + KILLS
    assert all(industry == int(name.partition(".")[2]) % 100 for name, industry in found.values())


# Against a plain model of what should be ----------------------------------------------------------------------------

NAMES = st.sampled_from(["a", "b", "c", "A", " a ", "d"])
MODELS = st.sampled_from([SCORECARD, OTHER])
BOOKS = st.sampled_from(["one", "two"])


class Kept:
    """What one scenario should be."""

    def __init__(self, book: str, name: str, model: Model) -> None:
        self.book, self.name, self.model = book, name, model
        self.history: list[Model | None] = [model]
        self.alive = True


class Against(RuleBasedStateMachine):
    """Whatever is done in whatever order, scenarios are what a dictionary says they are, also after a restart."""

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.store = Store(Path(self.folder.name))
        self.kept: dict[str, Kept] = {}
        self.published: dict[str, tuple[str, int] | None] = {}

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    def taken(self, book: str, name: str, own: str = "") -> bool:
        return any(
            one.alive and one.book == book and one.name.lower() == name.strip().lower() and key != own
            for key, one in self.kept.items()
        )

    def attempt(self, act: Callable[[Stamp], Any], *, works: bool) -> Any:
        """Do it, and do it again as a repeated request; or see it refused without a trace."""
        before = len(self.store.log())
        request = stamp()
        if works:
            first = act(request)
            assert act(request) == first
            assert len(self.store.log()) == before + 1
            return first
        with pytest.raises(TierwiseError):
            act(request)
        assert len(self.store.log()) == before
        return None

    def pick(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from(sorted(self.kept, key=list(self.kept).index)))

    @rule(book=BOOKS, name=NAMES, model=MODELS)
    def save_new(self, book: str, name: str, model: Model) -> None:
        draft = Draft(name, model, book)
        saved = self.attempt(lambda s: scenarios.save(self.store, draft, s), works=not self.taken(book, name))
        if saved:
            self.kept[saved.id] = Kept(book, name.strip(), model)

    @precondition(lambda self: self.kept)
    @rule(data=st.data(), name=NAMES, model=MODELS)
    def save_next(self, data: st.DataObject, name: str, model: Model) -> None:
        key = self.pick(data)
        one = self.kept[key]
        works = one.alive and not self.taken(one.book, name, key)
        draft = Draft(name, model, one.book)
        if self.attempt(lambda s: scenarios.save(self.store, draft, s, key=key), works=works):
            one.name, one.model = name.strip(), model
            one.history.append(model)

    @precondition(lambda self: self.kept)
    @rule(data=st.data(), name=NAMES)
    def rename(self, data: st.DataObject, name: str) -> None:
        key = self.pick(data)
        one = self.kept[key]
        works = one.alive and not self.taken(one.book, name, key)
        if self.attempt(lambda s: scenarios.rename(self.store, key, name, s), works=works):
            one.name = name.strip()
            one.history.append(one.model)

    @precondition(lambda self: self.kept)
    @rule(data=st.data())
    def duplicate(self, data: st.DataObject) -> None:
        one = self.kept[key := self.pick(data)]
        copy = self.attempt(lambda s: scenarios.duplicate(self.store, key, s), works=one.alive)
        if copy:
            assert not self.taken(one.book, copy.name)
            self.kept[copy.id] = Kept(one.book, copy.name, one.model)

    @precondition(lambda self: self.kept)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        one = self.kept[key := self.pick(data)]
        self.attempt(lambda s: scenarios.delete(self.store, key, s), works=one.alive)
        if one.alive:
            one.alive = False
            one.history.append(None)

    @precondition(lambda self: self.kept)
    @rule(data=st.data())
    def undelete(self, data: st.DataObject) -> None:
        one = self.kept[key := self.pick(data)]
        works = not one.alive and not self.taken(one.book, one.name)
        if self.attempt(lambda s: scenarios.undelete(self.store, key, s), works=works):
            one.alive = True
            one.history.append(one.model)

    @precondition(lambda self: self.kept)
    @rule(data=st.data(), version=st.integers(1, 5))
    def go_back(self, data: st.DataObject, version: int) -> None:
        one = self.kept[key := self.pick(data)]
        former = one.history[version - 1] if version <= len(one.history) else None
        works = one.alive and former is not None
        if self.attempt(lambda s: scenarios.restore(self.store, key, version, s), works=works):
            assert former is not None
            one.model = former
            one.history.append(former)

    @precondition(lambda self: self.kept)
    @rule(data=st.data())
    def publish(self, data: st.DataObject) -> None:
        one = self.kept[key := self.pick(data)]
        done = self.attempt(lambda s: scenarios.publish(self.store, key, s), works=one.alive)
        if done:
            self.published[one.book] = (key, done.version)

    @rule(book=BOOKS)
    def withdraw(self, book: str) -> None:
        self.attempt(lambda s: scenarios.withdraw(self.store, book, s), works=self.expected(book) is not None)
        if self.expected(book):
            self.published[book] = None

    @rule()
    def restart(self) -> None:
        self.store.close()
        self.store = Store(Path(self.folder.name))

    def expected(self, book: str) -> tuple[str, int] | None:
        current = self.published.get(book)
        return current if current and self.kept[current[0]].alive else None

    @invariant()
    def is_as_expected(self) -> None:
        living = {key: (one.book, one.name, one.model) for key, one in self.kept.items() if one.alive}
        assert {s.id: (s.book, s.name, s.model) for s in scenarios.listed(self.store)} == living
        assert {s.id for s in scenarios.deleted(self.store)} == set(self.kept) - set(living)
        for key, one in self.kept.items():
            history = {i: model for i, model in enumerate(one.history, 1) if model is not None}
            assert {s.version: s.model for s in scenarios.versions(self.store, key)} == history
        for book in ("one", "two"):
            current = scenarios.published(self.store, book)
            assert (current and (current.id, current.version)) == self.expected(book)
            assert [s.published_version for s in scenarios.listed(self.store, book)].count(None) >= (
                len(scenarios.listed(self.store, book)) - 1
            )


Against.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestScenariosAgainstADictionary = Against.TestCase
