"""An account file is handed over: a CSV of 35 columns, read and checked.

Tierwise refuses what it cannot read instead of guessing: every row's number of cells, quotes, encoding; every cell
against the kind its column has by contract (exact money, counts, shares, dates), each fault with its row; ids that
stand twice; two currencies. Uploads are read in a child process with limits, which costs its start and a copy.
`pandas.read_csv` checks none of that: it guesses types column by column and turns what it cannot place into text or
NaN, money into floats. The typed variant parses dates and looks for ids that stand twice. So this is what the checks
cost, not a race between equals; only the number of rows and the revenue in cents are held equal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pyarrow.compute as pc
import pyarrow.csv

from benchmarks import harness
from benchmarks.harness import Section
from core.accounts import ingest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pyarrow as pa

    from benchmarks.harness import Contenders, Result
    from benchmarks.shelf import Shelf

DATES = ["contract_start", "renewal_date", "last_activity_date"]
MOST = 10**5


def pandas_typed(path: Path) -> pd.DataFrame:
    """Read with dates as dates, and refuse an id that stands twice."""
    frame = pd.read_csv(path, parse_dates=DATES)
    assert frame["account_id"].is_unique
    return frame


def contest(path: Path, rounds: int) -> dict[str, Result]:
    """Hold rows and revenue equal, then time the readers."""
    ours, theirs = ingest.trusted(path).table, pandas_typed(path)
    assert (ours.num_rows, _cents(ours)) == (len(theirs), round(theirs["annual_revenue"].sum() * 100))
    entrants: Contenders = {
        "Tierwise, read and checked": lambda _: ingest.trusted(path),
        "Tierwise, the same in a child process": lambda _: ingest.accounts(path),
        "pandas.read_csv": lambda _: pd.read_csv(path),
        "pandas.read_csv, dates and unique ids": lambda _: pandas_typed(path),
        "pyarrow.csv.read_csv": lambda _: pyarrow.csv.read_csv(path),
    }
    return harness.race(entrants, rounds)


def _cents(table: pa.Table) -> int:
    return int(pc.sum(table["annual_revenue"]).as_py() * 100)


def run(books: Shelf, sizes: Sequence[int], rounds: int = 5) -> Section:
    """Time the readers at 100,000 rows, or the largest size below."""
    size = max(size for size in sizes if size <= MOST)
    races = {f"{size:,} rows": contest(books.file(size, "csv"), rounds)}
    return Section("Reading a file", "", harness.race_table(races))
