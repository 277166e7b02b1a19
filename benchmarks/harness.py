"""Timing side by side, and the tables that come of it.

Contenders take turns in shuffled rounds, so that a busy moment of the machine meets all of them alike; what is read is
the median of the rounds and its ratio to ours. Python's garbage collector waits while a contender runs.
"""

from __future__ import annotations

import gc
import random
import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Contenders = Mapping[str, Callable[[int], object]]
    """Name to what is timed, ours first; it is given the number of the round, to vary its question by."""


@dataclass(frozen=True, slots=True)
class Result:
    """Seconds a contender took: the median of its rounds, and the quartiles between which half of them lie."""

    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Claim:
    """Something the program promises, what was measured, and whether it holds."""

    what: str
    measured: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Section:
    """One benchmark: its heading, what is compared, the table in Markdown, and the claims it bears out or not."""

    title: str
    text: str
    table: str
    claims: tuple[Claim, ...] = ()


def race(contenders: Contenders, rounds: int = 11) -> dict[str, Result]:
    """Time every contender once a round, in a new order each round, after one round that does not count."""
    order = list(contenders)
    seconds: dict[str, list[float]] = {name: [] for name in order}
    shuffle = random.Random(7).shuffle
    for number in range(-1, rounds):
        for name in order:
            took = _timed(contenders[name], number)
            if number >= 0:
                seconds[name].append(took)
        shuffle(order)
    return {name: _result(seconds[name]) for name in contenders}


def _timed(run: Callable[[int], object], number: int) -> float:
    gc.collect()
    gc.disable()
    try:
        start = time.perf_counter()
        run(number)
        return time.perf_counter() - start
    finally:
        gc.enable()


def _result(seconds: list[float]) -> Result:
    if len(seconds) == 1:
        return Result(*seconds * 3)
    low, _, high = statistics.quantiles(seconds, n=4, method="inclusive")
    return Result(statistics.median(seconds), low, high)


def duration(seconds: float) -> str:
    """Write a duration with three digits and the unit that suits it.

    >>> duration(0.000512), duration(0.0731), duration(2.5)
    ('0.512 ms', '73.1 ms', '2.50 s')
    """
    value, unit = (seconds, "s") if seconds >= 1 else (seconds * 1000, "ms")
    return f"{value:#.3g}".rstrip(".") + f" {unit}"


def ratio(value: float) -> str:
    """Write a ratio with two digits, or whole from 10 on.

    >>> ratio(0.314), ratio(9.96), ratio(123.4)
    ('0.31×', '10×', '123×')
    """
    return f"{value:.0f}×" if value >= 9.95 else f"{value:.2g}×"


def race_table(by_column: Mapping[str, Mapping[str, Result]]) -> str:
    """Write races as a table: a row a contender, ours first, a column a race."""
    names = list(next(iter(by_column.values())))
    rows = [[name, *(_cell(race, name, names[0]) for race in by_column.values())] for name in names]
    return table(["", *by_column], rows)


def _cell(race: Mapping[str, Result], name: str, ours: str) -> str:
    if name not in race:
        return "–"
    found = race[name]
    low, high = duration(found.low), duration(found.high)
    low = low.removesuffix(f" {low.rpartition(' ')[2]}") if low.rpartition(" ")[2] == high.rpartition(" ")[2] else low
    compared = "" if name == ours else f", **{ratio(found.median / race[ours].median)}**"
    return f"{duration(found.median)} ({low}–{high}){compared}"


def table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a Markdown table; all columns but the first stand to the right."""
    lines = [heading, ["---", *["---:"] * (len(heading) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
