"""The books that benchmarks run on: made by data/make_demo.py when first asked for, kept for one run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.parquet as pq

from core.accounts import books
from core.measures import portfolio
from core.model import toml
from data import make_demo

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt
    import pyarrow as pa

    from core.accounts.books import Book
    from core.measures.portfolio import Portfolio

SCORECARD, FINE = "tier1_scorecard", "high_value_account"
"""The ready model a visit opens with, and the one whose twelve criteria group a book least."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """A book account by account, in row order, as a program without a cube would keep it.

    points: (N, J) tenths, 255 missing; profile: the account's row of the cube; revenue: cents above 0, else 0.
    """

    points: npt.NDArray[np.uint8]
    profile: npt.NDArray[np.int32]
    revenue: npt.NDArray[np.int64]


class Shelf:
    """The books of one run, in a folder that the caller throws away."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._books: dict[int, Book] = {}

    @property
    def folder(self) -> Path:
        """Where the books are kept."""
        return self._folder

    def file(self, size: int, suffix: str = "parquet") -> Path:
        """Give the demo book of that many accounts as a file, without revenue history."""
        folder = self._folder / str(size)
        path = folder / f"accounts.{suffix}"
        if not path.exists():
            make_demo.write(folder, size, suffix=suffix, history=False)
        return path

    def book(self, size: int, columns: tuple[str, ...] = ()) -> Book:
        """Open the book of that size; `columns` opens it with these columns only, where memory is short."""
        if size not in self._books:
            path = self.file(size)
            if columns:
                narrow = path.with_name("narrow.parquet")
                pq.write_table(pq.read_table(path, columns=list(columns)), narrow)
                path = narrow
            self._books[size] = books.open_file(path)
        return self._books[size]

    def portfolio(self, size: int, model: str = SCORECARD) -> Portfolio:
        """Prepare the book of that size under a ready model."""
        return portfolio.prepare(self.book(size), toml.load(model))


def listed(prepared: Portfolio) -> pa.Table:
    """Give profile, health and cents of every account, in row order."""
    return prepared.listing.rows()


def accounts(prepared: Portfolio) -> Accounts:
    """Give a book account by account."""
    rows = listed(prepared)
    profile = rows["profile"].to_numpy()
    revenue = np.maximum(rows["cents"].fill_null(0).to_numpy(), 0)
    return Accounts(prepared.cube.points[profile], profile, revenue)
