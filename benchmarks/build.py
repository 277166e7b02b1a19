"""A book is opened, a filter or a band has changed: group the accounts by profile.

Tierwise reads the raw values, bands them and adds 17 sums up per profile, in one statement. The rivals add up 4 of them
(accounts, revenue, potential, pipeline); “given points” means that they start from points already banded, which is a
head start; “from values” bands with `pd.cut` and `map` first. Profiles, accounts and cents are held equal.

    python -m benchmarks.build 10000000     one size, in a process of its own: JSON with seconds and peak memory
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

from benchmarks import harness
from benchmarks.harness import Claim, Result, Section
from benchmarks.shelf import SCORECARD, Shelf
from core.accounts import cube, engine
from core.accounts.banding import MISSING
from core.measures import portfolio
from core.model import toml
from core.model.criteria import BandCriterion, CategoryCriterion
from core.model.numbers import scaled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy.typing as npt

    from core.accounts.books import Book
    from core.accounts.cube import Cube
    from core.model.model import Model

OURS = "Tierwise, from values, 17 sums"
SUMS = ("revenue", "potential", "pipeline")
LIMIT = 0.5
ALONE = 10**7
"""From this size on a book gets a process of its own, with the columns it needs only, where there is the memory."""
MEMORY = 16 << 30
NEEDED = (
    "account_id", "name", "lifecycle", "annual_revenue", "revenue_potential", "pipeline", "employees", "industry",
    "technology_fit", "buying_stage", "competitive_threat", "engagement_score", "last_activity_date",
)  # fmt: skip


def values(book: Book, model: Model) -> pd.DataFrame:
    """Give what the criteria read, as pandas users keep it: floats and categories; and the sums' amounts in cents."""
    table = engine.cursor().table(book.table).order("row").to_arrow_table()
    frame = pd.DataFrame(index=pd.RangeIndex(book.rows))
    for criterion in model.criteria:
        column = table[book.column(criterion.column).name]
        text = pa.types.is_string(column.type)
        frame[criterion.column] = (
            column.to_pandas().astype("category") if text else column.cast(pa.float64()).to_numpy()
        )
    for name, source in zip(SUMS, ("annual_revenue", "revenue_potential", "pipeline"), strict=True):
        cents = np.rint(table[source].cast(pa.float64()).fill_null(0).to_numpy() * 100).astype(np.int64)
        frame[f"{name}_cents"] = np.maximum(cents, 0) if name == "revenue" else cents
    return frame


def banded(frame: pd.DataFrame, model: Model) -> pd.DataFrame:
    """Turn values into points in tenths, 255 missing, as bands and categories say."""
    points: dict[str, npt.NDArray[np.uint8]] = {}
    for criterion in model.criteria:
        column = frame[criterion.column]
        if isinstance(criterion, BandCriterion):
            edges = [*(-np.inf if band.lower is None else band.lower for band in criterion.bands), np.inf]
            tenths = np.array([*(scaled(band.points, 10) for band in criterion.bands), MISSING], np.uint8)
            place = pd.cut(column, edges, right=False, labels=False).fillna(-1).astype(int)
            points[criterion.id] = tenths[place]
        elif isinstance(criterion, CategoryCriterion):
            worth = {text: scaled(c.points, 10) for c in criterion.categories for text in c.values}  # noqa: PD011
            other = MISSING if criterion.otherwise is None else scaled(criterion.otherwise, 10)
            known = column.map({value: worth.get(value, other) for value in column.cat.categories})
            points[criterion.id] = known.astype("Float64").fillna(MISSING).to_numpy().astype(np.uint8)
    return pd.DataFrame(points).assign(**{name: frame[f"{name}_cents"] for name in SUMS})


def pandas_group(points: pd.DataFrame, model: Model) -> pd.DataFrame:
    """Group banded points by all criteria."""
    names = [criterion.id for criterion in model.criteria]
    return points.groupby(names, sort=False).agg(accounts=(names[0], "size"), **{n: (n, "sum") for n in SUMS})


def polars_group(points: pl.DataFrame, model: Model) -> pl.DataFrame:
    """Group banded points by all criteria, on every core."""
    names = [criterion.id for criterion in model.criteria]
    return points.lazy().group_by(names).agg(pl.len().alias("accounts"), pl.col(SUMS).sum()).collect()


def hold_equal(found: Cube, theirs: Mapping[str, pd.DataFrame]) -> None:
    """Refuse to time contenders that do not find the same profiles, accounts and cents."""
    right = np.column_stack([found.points, found.accounts, *(getattr(found, name) for name in SUMS)]).astype(np.int64)
    right = right[np.lexsort(right.T)]
    for name, frame in theirs.items():
        rows = frame.to_numpy(np.int64)
        assert np.array_equal(right, rows[np.lexsort(rows.T)]), name


def contest(book: Book, rounds: int) -> tuple[int, dict[str, Result]]:
    """Hold the contenders equal on a book, then time them; give the number of profiles too."""
    model = toml.load(SCORECARD)
    assert book.as_of is not None
    health = portfolio.judge(book, model.health, book.as_of)
    raw = values(book, model)
    points = banded(raw, model)
    typed = pl.from_pandas(points)
    found = cube.build(book, model, health=health)
    entrants: dict[str, Callable[[int], Any]] = {
        OURS: lambda _: cube.build(book, model, health=health),
        "pandas, from values, 4 sums": lambda _: pandas_group(banded(raw, model), model),
        "pandas, given points, 4 sums": lambda _: pandas_group(points, model),
        "polars, given points, 4 sums": lambda _: polars_group(typed, model),
    }
    theirs = {name: run(0) for name, run in list(entrants.items())[1:]}
    frames = {n: f.to_pandas() if isinstance(f, pl.DataFrame) else f.reset_index() for n, f in theirs.items()}
    hold_equal(found, frames)
    return len(found), harness.race(entrants, rounds)


def run(books: Shelf, sizes: Sequence[int], rounds: int = 11) -> Section:
    """Time the building of a cube at every size."""
    races: dict[int, dict[str, Result]] = {}
    notes = []
    for size in sizes:
        if size < ALONE:
            profiles, races[size] = contest(books.book(size), rounds)
            notes.append(f"{size:,} accounts have {profiles:,} profiles")
        elif _memory() >= MEMORY:
            profiles, races[size], peak = _alone(size)
            notes.append(f"{size:,} have {profiles:,} (a process of its own, which took {peak / 2**30:.1f} GiB in all)")
        else:
            notes.append(f"{size:,} were left out: too little memory was free")
    found = races.get(10**6, {}).get(OURS)
    what = f"a cube of 1,000,000 accounts is built in less than {LIMIT} s"
    claims = (Claim(what, harness.duration(found.median), found.median < LIMIT),) if found else ()
    by_column = {f"{size:,} accounts": race for size, race in races.items()}
    return Section("Cube built", f"{'; '.join(notes)}.", harness.race_table(by_column), claims)


def _memory() -> int:
    """Bytes of memory that are free now; 0 where the system does not say."""
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return 0


def _alone(size: int) -> tuple[int, dict[str, Result], int]:
    command = [sys.executable, "-m", "benchmarks.build", str(size)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  our own module
    found = json.loads(done.stdout)
    return found["profiles"], {name: Result(**times) for name, times in found["race"].items()}, found["peak"]


def _main(size: int) -> None:
    import resource  # noqa: PLC0415  not on Windows

    with tempfile.TemporaryDirectory(prefix="tierwise-") as folder:
        book = Shelf(Path(folder)).book(size, NEEDED)
        profiles, race = contest(book, rounds=5)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"profiles": profiles, "race": {n: asdict(r) for n, r in race.items()}, "peak": peak}))


if __name__ == "__main__":
    _main(int(sys.argv[1]))
