"""Whose shares are measured: the accounts of a listing, or the customers they belong to.

With subsidiaries joined, a parent and its subsidiaries are one customer and their amounts are netted before any share
is taken; a customer counts what of it passes the filters. Everything on a page is taken through one basis, so that
every figure means the same customers. In: a listing, and perhaps who belongs to whom. Out: arrays with one entry a
customer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.accounts import arrays

if TYPE_CHECKING:
    import numpy.typing as npt

    from core.accounts.arrays import Listed
    from core.accounts.listing import Listing
    from core.accounts.parents import Customers
    from core.measures.concentration import Money

    Rows = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """The customers of a listing, n of them; every array has one entry a customer and is read-only.

    rows: of the listed accounts, ascending; cents: what each customer paid us by the account table; head: row of the
    account that names it; profile: of that account; members: its listed accounts; unknown: customer to the parent_id
    that names it, where no account of the book has that id. `place` gives the customer of each listed account, None
    where every account is one itself.
    """

    rows: Rows
    cents: Money
    head: Rows
    profile: Rows
    members: Rows
    unknown: dict[int, str]
    place: Rows | None

    def __post_init__(self) -> None:
        """Make every array read-only: a basis is shared by everybody who looks at the book."""
        for array in (self.rows, self.cents, self.head, self.profile, self.members):
            array.setflags(write=False)

    def __len__(self) -> int:
        """Count the customers."""
        return len(self.cents)

    @property
    def joined(self) -> bool:
        """Whether subsidiaries are joined with their parents."""
        return self.place is not None

    def take(self, by_row: Money) -> Money:
        """Give the amount of every customer from an amount for every row of the book."""
        mine = by_row.take(self.rows)
        if self.place is None:
            return mine
        return _added(mine, self.place, len(self))

    def among(self, rows: int) -> npt.NDArray[np.bool_]:
        """Tell of each of the book's rows whether it is listed."""
        listed = np.zeros(rows, dtype=bool)
        listed[self.rows] = True
        return listed


def of_listing(listing: Listing, customers: Customers | None = None) -> Basis:
    """Take the accounts of a listing, or the customers they belong to."""
    found = arrays.listed(listing)
    if customers is None:
        alone = np.ones(found.row.size, dtype=np.int32)
        return Basis(found.row, found.cents, found.row.view(), found.profile, alone, {}, None)
    return _joined(found, customers)


def _joined(found: Listed, customers: Customers) -> Basis:
    of = customers.of[found.row]
    members = np.bincount(of, minlength=customers.size)
    there = np.flatnonzero(members)
    number = np.full(customers.size, -1, dtype=np.int32)
    number[there] = np.arange(there.size, dtype=np.int32)
    place = number[of]
    cents = _added(found.cents, place, there.size)
    at = _heads(found, place, customers.head[there])
    unknown = {int(number[key]): name for key, name in customers.unknown.items() if number[key] >= 0}
    together = members[there].astype(np.int32)
    return Basis(found.row, cents, found.row[at], found.profile[at], together, unknown, place)


def _heads(found: Listed, place: Rows, wanted: Rows) -> npt.NDArray[np.int64]:
    """Find the listed account that names each customer: its head where listed, else the member with most revenue."""
    at = np.full(wanted.size, -1, dtype=np.int64)
    order = np.lexsort((-found.row, found.cents))  # the largest last, of equal ones that with the smallest row
    at[place[order]] = order
    if found.row.size:
        named = np.minimum(np.searchsorted(found.row, wanted), found.row.size - 1)
        at = np.where(found.row[named] == wanted, named, at)
    return at


def _added(amounts: Money, place: Rows, size: int) -> Money:
    total = np.zeros(size, dtype=np.int64)
    np.add.at(total, place, amounts)
    return total


def largest(amounts: Money, most: int) -> Money:
    """Give the places of the largest amounts above 0, the largest first, equal ones in the order of the book."""
    if amounts.size > most:
        least = np.partition(amounts, -most)[-most]
        some = np.flatnonzero(amounts >= max(int(least), 1))
    else:
        some = np.flatnonzero(amounts > 0)
    order = np.argsort(-amounts[some], kind="stable")
    places: Money = some[order][:most]
    return places
