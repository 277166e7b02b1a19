"""A page of the account table: the first 50 accounts of Tier 1, then the first 50 that a search finds.

Sorted by revenue, then potential, then account id, with tier and score beside every column of the table. Tierwise joins
what the weights decide, by profile, to a table in DuckDB. The rivals hold the whole table in memory and are given every
account's profile, so that what the weights decide costs them a look-up, too. The ids are held equal, in their order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow as pa

from benchmarks import harness, shelf
from benchmarks.harness import Section
from core.accounts import engine, searching
from core.accounts.listing import Wanted
from core.measures import portfolio, tiers
from core.model import toml

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from benchmarks.harness import Result
    from benchmarks.shelf import Shelf
    from core.measures.portfolio import Portfolio
    from core.measures.tiers import Verdict

ROWS = 50
PAGES = {"Tier 1": Wanted(tiers=[0]), "search “data”": Wanted(search="data")}
ORDER = ["annual_revenue", "revenue_potential", "account_id"]


def frame(prepared: Portfolio) -> pa.Table:
    """Give the whole account table, amounts as floats, with every account's profile."""
    table = engine.cursor().table(prepared.book.table).order("row").to_arrow_table()
    for i, field in enumerate(table.schema):
        if pa.types.is_decimal(field.type):
            table = table.set_column(i, field.name, table[field.name].cast(pa.float64()))
    return table.append_column("profile", shelf.listed(prepared)["profile"])


def ours(prepared: Portfolio, verdict: Verdict, wanted: Wanted) -> pa.Table:
    """Ask Tierwise, which must not know what it found the last time."""
    searching.found.cache_clear()
    return portfolio.accounts(prepared, verdict, wanted, limit=ROWS)


def pandas_sorted(accounts: pd.DataFrame, verdict: Verdict, wanted: Wanted) -> pd.DataFrame:
    """Filter, sort what is left, take the head: as one writes it."""
    return _kept(accounts, verdict, wanted).sort_values(ORDER, ascending=[False, False, True]).head(ROWS)


def pandas_largest(accounts: pd.DataFrame, verdict: Verdict, wanted: Wanted) -> pd.DataFrame:
    """Filter, then sort only the largest by revenue and their ties: as an expert writes it."""
    largest = _kept(accounts, verdict, wanted).nlargest(ROWS, ORDER[0], keep="all")
    return largest.sort_values(ORDER, ascending=[False, False, True]).head(ROWS)


def _kept(accounts: pd.DataFrame, verdict: Verdict, wanted: Wanted) -> pd.DataFrame:
    if wanted.tiers is not None:
        keep = np.isin(verdict.tier, wanted.tiers)[accounts["profile"].to_numpy()]
    else:
        texts = (accounts[name].str.lower() for name in ("name", "account_id"))
        either = [text.str.contains(wanted.search, regex=False).to_numpy(bool) for text in texts]
        keep = either[0] | either[1]
    kept: pd.DataFrame = accounts[keep]
    profile = kept["profile"].to_numpy()
    return kept.assign(tier=verdict.tier[profile], score=verdict.scores.score[profile])


def polars_top(accounts: pl.DataFrame, verdict: Verdict, wanted: Wanted) -> pl.DataFrame:
    """Filter, sort and take the head in one lazy query, which polars turns into a search for the top."""
    by_profile = pl.DataFrame({"tier": verdict.tier, "score": verdict.scores.score}).with_row_index("profile")
    query = accounts.lazy().join(by_profile.lazy().with_columns(pl.col("profile").cast(pl.Int32)), on="profile")
    if wanted.tiers is not None:
        query = query.filter(pl.col("tier").is_in(list(wanted.tiers)))
    else:
        names = (pl.col(name).str.to_lowercase() for name in ("name", "account_id"))
        query = query.filter(pl.any_horizontal(name.str.contains(wanted.search, literal=True) for name in names))
    return query.sort(ORDER, descending=[True, True, False], nulls_last=True).head(ROWS).collect()


def contest(prepared: Portfolio, wanted: Wanted, rounds: int) -> dict[str, Result]:
    """Hold the contenders equal on a page, then time them."""
    verdict = tiers.weigh(prepared.cube, toml.load(shelf.SCORECARD))
    table = frame(prepared)
    accounts, typed = table.to_pandas(), pl.from_arrow(table)
    assert isinstance(typed, pl.DataFrame)
    entrants: dict[str, Callable[[int], pa.Table | pd.DataFrame | pl.DataFrame]] = {
        "Tierwise": lambda _: ours(prepared, verdict, wanted),
        "pandas, sorted": lambda _: pandas_sorted(accounts, verdict, wanted),
        "pandas, nlargest": lambda _: pandas_largest(accounts, verdict, wanted),
        "polars": lambda _: polars_top(typed, verdict, wanted),
    }
    answers = {name: [str(value) for value in run(0)["account_id"]] for name, run in entrants.items()}
    assert all(answer == answers["Tierwise"] for answer in answers.values()), answers
    return harness.race(entrants, rounds)


def run(books: Shelf, sizes: Sequence[int], rounds: int = 11) -> Section:
    """Time both pages at the largest size."""
    size = max(sizes)
    prepared = books.portfolio(size)
    races = {f"{name}, {size:,} accounts": contest(prepared, wanted, rounds) for name, wanted in PAGES.items()}
    return Section("A page of accounts", "", harness.race_table(races))
