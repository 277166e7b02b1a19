"""The harness times fairly, and what the benchmarks set side by side gives one answer."""

from __future__ import annotations

import gc
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks import build, concentration, harness, page, reading, shelf, weights
from benchmarks.harness import Result
from core.accounts import books
from core.model import toml

if TYPE_CHECKING:
    from pathlib import Path

    from core.accounts.listing import Wanted

SIZE = 1_000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> shelf.Shelf:
    return shelf.Shelf(tmp_path_factory.mktemp("books"))


def test_contenders_take_turns_and_the_first_round_does_not_count() -> None:
    seen: list[tuple[int, str]] = []
    names = ("a", "b", "c")

    def run(name: str, number: int) -> None:
        seen.append((number, name))

    found = harness.race({name: partial(run, name) for name in names}, rounds=3)
    turns = [seen[i : i + 3] for i in range(0, len(seen), 3)]
    assert [{number for number, _ in turn} for turn in turns] == [{-1}, {0}, {1}, {2}]
    assert all(sorted(name for _, name in turn) == list(names) for turn in turns)
    assert list(found) == list(names)


def test_the_garbage_collector_waits_while_a_contender_runs_and_comes_back() -> None:
    seen: list[bool] = []
    harness.race({"a": lambda _: seen.append(gc.isenabled())}, rounds=2)
    assert seen == [False] * 3
    assert gc.isenabled()

    def fails(_: int) -> None:
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        harness.race({"a": fails}, rounds=1)
    assert gc.isenabled()


@pytest.mark.parametrize(
    ("seconds", "median", "low", "high"), [([3.0, 1.0, 2.0], 2.0, 1.5, 2.5), ([4.0], 4.0, 4.0, 4.0)]
)
def test_a_result_is_the_median_and_the_quartiles(seconds: list[float], median: float, low: float, high: float) -> None:
    assert harness._result(seconds) == Result(median, low, high)


def test_a_race_becomes_a_table_with_ratios_to_ours() -> None:
    race = {"ours": Result(0.001, 0.0009, 0.0012), "theirs": Result(0.05, 0.04, 1.5)}
    assert harness.race_table({"10 accounts": race}).splitlines() == [
        "|  | 10 accounts |",
        "| --- | ---: |",
        "| ours | 1.00 ms (0.900–1.20 ms) |",
        "| theirs | 50.0 ms (40.0 ms–1.50 s), **50×** |",
    ]


@pytest.mark.parametrize("name", [shelf.SCORECARD, shelf.FINE])
def test_whoever_weighs_a_book_finds_the_same_tiers(made: shelf.Shelf, name: str) -> None:
    prepared = made.portfolio(SIZE, name)
    asked = weights.questions(toml.load(name), 25)
    accounts = shelf.accounts(prepared)
    weights.hold_equal(weights.contenders(prepared.cube, accounts), asked)
    weights.hold_equal(weights.with_scikit_criteria(prepared.cube, accounts), asked)


def test_a_contender_that_answers_otherwise_is_not_timed(made: shelf.Shelf) -> None:
    prepared = made.portfolio(SIZE)
    entrants = weights.contenders(prepared.cube, shelf.accounts(prepared))
    with pytest.raises(AssertionError):
        weights.hold_equal(
            {**entrants, "wrong": lambda _: [(SIZE, 0)]}, weights.questions(toml.load(shelf.SCORECARD), 1)
        )


def test_whoever_groups_a_book_finds_the_same_profiles(made: shelf.Shelf) -> None:
    profiles, race = build.contest(made.book(SIZE), rounds=1)
    assert profiles == len(made.portfolio(SIZE).cube)
    assert next(iter(race)) == build.OURS


@pytest.mark.parametrize("wanted", page.PAGES.values(), ids=page.PAGES)
def test_whoever_pages_through_a_book_shows_the_same_accounts(made: shelf.Shelf, wanted: Wanted) -> None:
    assert page.contest(made.portfolio(SIZE), wanted, rounds=1)


def test_whoever_measures_concentration_finds_the_same_figures(made: shelf.Shelf) -> None:
    cents = books.amounts(made.book(SIZE))
    assert np.any(cents < 0)  # credits are in the book, and set apart by all
    assert concentration.contest(cents, rounds=1)


def test_whoever_reads_a_file_finds_the_same_revenue(made: shelf.Shelf) -> None:
    path: Path = made.file(SIZE, "csv")
    assert reading.contest(path, rounds=1)
