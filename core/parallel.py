"""Two at a time: work that lets go of Python's lock, as numpy's sorts and sums do, on the two cores that there are.

In: what is to be done with each item, and the items. Out: the results in order. Items are made one after the other, and
never more than one of them waits, so that a long list of large arrays is never held all at once.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Future

Item = TypeVar("Item")
Result = TypeVar("Result")

CORES = 2


def two_at_once(work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Do the work for every item; an error in one is raised when its turn comes.

    >>> two_at_once(abs, [-3, 2, -1])
    [3, 2, 1]
    """
    waiting: list[Future[Result]] = []
    found: list[Result] = []
    with ThreadPoolExecutor(CORES) as pool:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > CORES:
                found.append(waiting.pop(0).result())
        return found + [one.result() for one in waiting]
