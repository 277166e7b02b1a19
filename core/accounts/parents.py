"""Parents: which accounts belong to one customer, by the company that owns them.

A parent and its subsidiaries are one customer: entities under common control count as one (ASC 280-10-50-42). The
ultimate parent is found along `parent_id`. Where the ids go round in a circle, all that hang on it are one customer,
named by the smallest account_id of the circle; an id that no account of the book has is a customer of its own, shared
by its children.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from core.accounts import arrays, engine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from core.accounts.books import Book

    Rows = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Customers:
    """Who belongs to whom. `of` gives the customer of every row; customers are numbered from 0.

    head: row of the account that names each customer, -1 where it is not in the book; unknown: the id that names such
    a customer; joined: accounts that belong to a customer other than themselves alone.
    """

    of: Rows
    head: Rows
    unknown: Mapping[int, str]
    joined: int

    def __post_init__(self) -> None:
        """Make the arrays read-only: they are shared by everybody who looks at the book."""
        self.of.setflags(write=False)
        self.head.setflags(write=False)

    @property
    def size(self) -> int:
        """How many customers there are."""
        return len(self.head)


def read(book: Book) -> Customers | None:
    """Find the ultimate parent of every account; None where no account has a parent other than itself."""
    if not book.has("parent_id"):
        return None
    found = engine.cursor().sql(engine.sql("parents"), params={"accounts": book.table}).to_arrow_table()
    parents = found["parent"].to_pylist()
    rows, ids = found["row"].to_pylist(), found["parent_id"].to_pylist()
    links = [(row, parent, key) for row, parent, key in zip(rows, parents, ids, strict=True) if parent != row]
    if not links:
        return None
    names = sorted({key for _, parent, key in links if parent is None})
    number = {key: book.rows + at for at, key in enumerate(names)}
    owner = np.arange(book.rows + len(names), dtype=np.int32)
    children = np.array([row for row, _, _ in links], dtype=np.int32)
    owner[children] = [number[key] if parent is None else parent for _, parent, key in links]
    return _customers(book, owner, names)


def _customers(book: Book, owner: Rows, names: Sequence[str]) -> Customers:
    """Join what hangs together. Every node has one owner, so a component holds one root or else one circle."""
    nodes = owner.size
    links = coo_matrix((np.ones(nodes, dtype=np.int8), (np.arange(nodes), owner)), shape=(nodes, nodes))
    count, component = connected_components(links, directed=False)
    head = np.full(count, -1, dtype=np.int32)
    roots = np.flatnonzero(owner == np.arange(nodes))
    head[component[roots]] = roots
    rootless = np.flatnonzero(head < 0)
    if rootless.size:
        some = np.empty(count, dtype=np.int64)  # one node of each component
        some[component] = np.arange(nodes)
        head[rootless] = _smallest(book, [_circle(owner, int(some[place])) for place in rootless])
    unknown = {int(component[book.rows + at]): key for at, key in enumerate(names)}
    for customer in unknown:
        head[customer] = -1
    of = component[: book.rows].astype(np.int32)
    sizes = np.bincount(of, minlength=count)
    return Customers(of, head, unknown, int(sizes[of][sizes[of] > 1].size))


def _circle(owner: Rows, start: int) -> list[int]:
    """Follow the owners until one comes again, and give the rows that go round."""
    seen: dict[int, int] = {}
    node = start
    while node not in seen:
        seen[node] = len(seen)
        node = int(owner[node])
    return [row for row, at in seen.items() if at >= seen[node]]


def _smallest(book: Book, circles: Sequence[Sequence[int]]) -> list[int]:
    """Give the row with the smallest account_id of each circle."""
    rows = [row for circle in circles for row in circle]
    ids = dict(zip(rows, (key for key, _ in arrays.named(book, rows)), strict=True))
    return [min(circle, key=ids.__getitem__) for circle in circles]
