"""Work two at a time gives what one at a time gives, in order, and holds few items at once."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from core import parallel

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_results_come_in_the_order_of_the_items() -> None:
    assert parallel.two_at_once(lambda n: n * n, range(50)) == [n * n for n in range(50)]
    assert parallel.two_at_once(str, []) == []


def test_few_items_are_made_ahead_of_the_work() -> None:
    done, ahead, lock = 0, 0, threading.Lock()

    def items() -> Iterator[int]:
        nonlocal ahead
        for number in range(20):
            with lock:
                ahead = max(ahead, number - done)
            yield number

    def work(number: int) -> int:
        nonlocal done
        with lock:
            done += 1
        return number

    assert parallel.two_at_once(work, items()) == list(range(20))
    assert ahead <= parallel.CORES + 1


def test_an_error_is_raised_and_not_swallowed() -> None:
    with pytest.raises(ZeroDivisionError):
        parallel.two_at_once(lambda n: 1 // n, [1, 0, 2])
