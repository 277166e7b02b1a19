"""An account file is handed over: a CSV of 35 columns, read and checked.

Tierwise refuses what it cannot read instead of guessing: every row's number of cells, quotes, encoding; every cell
against the kind its column has by contract (exact money, counts, shares, dates), each fault with its row; ids that
stand twice; two currencies. Uploads are read in a child process with limits, which costs its start and a copy.
`pandas.read_csv` checks none of that: it guesses types column by column and turns what it cannot place into text or
NaN, money into floats. The typed variant parses dates and looks for ids that stand twice. So this is what the checks
cost, not a race between equals; only the number of rows and the revenue in cents are held equal.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow.compute as pc
import pyarrow.csv

from benchmarks import harness
from benchmarks.harness import Claim, Section
from core.accounts import books, ingest
from core.measures import portfolio, tiers
from core.model import toml

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from benchmarks.harness import Contenders, Result
    from benchmarks.shelf import Shelf

DATES = ["contract_start", "renewal_date", "last_activity_date"]
MOST = 10**5
LARGE = 10**6
CSV_SECONDS, PARQUET_SECONDS, GIGABYTES = 6.0, 2.0, 1.5
"""What is promised at a million accounts: from file to scored book, and memory of the largest process."""


ROOT = Path(__file__).resolve().parents[1]


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


def scored(path: Path) -> int:
    """Read a file in a child that waits, open it as a book, band, score and tier every account; give the accounts."""
    checked = ingest.accounts(path)
    book = books.open_checked(checked, name="timed", source=path.name)
    del checked  # as on the page, what was uploaded goes once it is a book
    model = toml.load("tier1_scorecard")
    prepared = portfolio.prepare(book, model)
    counted = sum(row.accounts for row in tiers.distribution(prepared.cube, tiers.weigh(prepared.cube, model)))
    books.close(book)
    return int(counted)


def large(shelf: Shelf, size: int, rounds: int = 3) -> Section:
    """Time the way from a large file to a scored book, each in a process of its own, and read the memory it took."""
    rows, claims = [], []
    for suffix, most in (("csv", CSV_SECONDS), ("parquet", PARQUET_SECONDS)):
        path = shelf.file(size, suffix)
        runs = [_alone(path) for _ in range(rounds)]
        best = statistics.median(run["seconds"] for run in runs)
        memory = max(run["gigabytes"] for run in runs)
        rows.append([suffix.upper(), harness.duration(best), f"{memory:.2f} GB", harness.duration(runs[0]["cpu"])])
        if size >= LARGE:
            told = f"{harness.duration(best)}, {memory:.2f} GB"
            holds = best <= most and memory < GIGABYTES
            what = f"{suffix.upper()} of {size:,} accounts to a scored book in {most:g} s, under {GIGABYTES} GB"
            claims.append(Claim(what, told, holds))
    heading = ["", "to a scored book", "largest process", "processor time"]
    return Section(
        f"From a file of {size:,} accounts to a scored book", "", harness.table(heading, rows), tuple(claims)
    )


def _alone(path: Path) -> dict[str, float]:
    """Run once in a process of its own, so that its memory can be read."""
    command = [sys.executable, "-m", "benchmarks.reading", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)  # noqa: S603  our own module
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _once(path: Path) -> None:
    portfolio.prepare(books.open_file(ROOT / "data" / "demo" / "accounts.csv"), toml.load("tier1_scorecard"))
    ingest.prepare()
    time.sleep(3)  # as on the page, where the child starts when the page opens
    start, cpu = time.perf_counter(), os.times()
    scored(path)
    seconds, after = time.perf_counter() - start, os.times()
    used = sum(after[:4]) - sum(cpu[:4])
    memory = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(json.dumps({"seconds": seconds, "gigabytes": memory / 1e6, "cpu": used}))


def _cents(table: pa.Table) -> int:
    return int(pc.sum(table["annual_revenue"]).as_py() * 100)


def run(shelf: Shelf, sizes: Sequence[int], rounds: int = 5) -> Section:
    """Time the readers at 100,000 rows, or the largest size below."""
    size = max(size for size in sizes if size <= MOST)
    races = {f"{size:,} rows": contest(shelf.file(size, "csv"), rounds)}
    return Section("Reading a file", "", harness.race_table(races))


if __name__ == "__main__":
    _once(Path(sys.argv[1]))
