"""The at-risk table: which accounts are in danger, why, how much rests on them, and what to do next.

A page is read for its fifty accounts alone; everything at once comes in chunks, so that a million accounts never stand
in memory with all their words. Both take the same way, so they say the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.accounts import books, listing
from core.measures import health as health_measure
from core.measures import portfolio, reasons
from core.model.health import AT_RISK

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from core.accounts.listing import Wanted
    from core.measures.health import Numbers
    from core.measures.portfolio import Portfolio
    from core.measures.tiers import Verdict
    from core.model.model import Model

AT_RISK_CODES = tuple(health_measure.STATUS_NAMES.index(status) for status in AT_RISK)
CHUNK = 50_000
"""Accounts that are worded at once."""
_FOUND = ("row", "account_id", "name", "owner", "tier", "score", "status", "health_score", "cents", "churn_probability",
          "profile")  # fmt: skip

_INNER = ("row", "profile")
"""Columns that are not handed over."""


@dataclass(frozen=True, slots=True)
class AccountAtRisk:
    """One row of the table; money in cents. revenue_at_risk is the revenue where the status is At Risk or Critical.

    loss_probability: within a year, 0 to 1; `told` where the book says it, else assumed by the status, None where that
    is not known. single_threaded: known to hang on too few people. due_days: days from the as-of date. profile: its row
    of the cube.
    """

    account_id: str
    name: str
    owner: str | None
    tier: str
    score: float | None
    health: str
    health_score: float | None
    annual_revenue: int | None
    revenue_at_risk: int
    days_to_renewal: int | None
    reasons: tuple[str, ...]
    next_action: str
    row: int = 0
    role: str = ""
    due_days: int = 0
    loss_probability: float | None = None
    told: bool = False
    single_threaded: bool = False
    profile: int = 0


def rows(
    prepared: Portfolio, verdict: Verdict, model: Model, wanted: Wanted, *, limit: int | None = None, offset: int = 0
) -> list[AccountAtRisk]:
    """Give a page of the table, reasons and next action included."""
    found = portfolio.accounts(prepared, verdict, wanted, limit=limit, offset=offset, columns=_FOUND)
    signals = reasons.in_order(books.signals(prepared.book, prepared.as_of, found["row"].to_pylist()), found["row"])
    return [
        AccountAtRisk(**row | {"reasons": tuple(row["reasons"])})
        for row in _worded(found, signals, verdict, model).to_pylist()
    ]


def chunks(
    prepared: Portfolio, verdict: Verdict, model: Model, wanted: Wanted, *, size: int = CHUNK
) -> Iterator[pa.Table]:
    """Give everything that is wanted, in its order, in tables of at most `size` rows; at least one, which may be empty.

    Columns are those of `AccountAtRisk`, money still in cents and reasons as lists.
    """
    by_profile = portfolio.by_profile(verdict)
    count, _ = listing.summary(prepared.listing, by_profile, wanted)
    # Signals of everyone are read first: that takes the most memory, and less while there is nothing else.
    everyones = books.signals(prepared.book, prepared.as_of) if count == prepared.book.rows else None
    found, places = listing.ordered(prepared.listing, by_profile, wanted, _FOUND)
    signals = everyones or books.signals(prepared.book, prepared.as_of, found["row"].to_numpy())
    for start in range(0, max(found.num_rows, 1), size):
        part = found.take(pa.array(places[start : start + size])).combine_chunks()
        yield _worded(part, reasons.in_order(signals, part["row"]), verdict, model)


def exported(table: pa.Table) -> pa.Table:
    """Make a chunk into what is handed over: money in units of the currency, reasons in one line, no inner columns."""
    units = {
        name: pc.divide(table[name].cast(pa.decimal128(20, 0)), pa.scalar(100, pa.decimal128(3, 0))).cast(
            pa.decimal128(18, 2)
        )
        for name in ("annual_revenue", "revenue_at_risk")
    }
    line = pc.binary_join(table["reasons"], "; ")
    columns = {name: units.get(name, table[name]) for name in table.column_names if name not in _INNER}
    return pa.table(columns | {"reasons": line})


def _worded(found: pa.Table, signals: dict[str, Numbers], verdict: Verdict, model: Model) -> pa.Table:
    """Put accounts, with the signals of each in the same order, into the words and amounts of the table."""
    health = model.health
    status, tier = found["status"].to_numpy().astype(np.uint8), found["tier"].to_numpy()
    known = found["health_score"].is_valid().to_numpy()
    worded = reasons.worded(signals, health, known)
    plans = reasons.actions(worded.answers, status, tier, len(verdict.names), health)
    in_danger = pa.array(np.isin(status, AT_RISK_CODES))
    revenue = pc.max_element_wise(found["cents"].fill_null(0), 0)
    probability, told = _probability(found, status, model)
    return pa.table(
        {
            "account_id": found["account_id"],
            "name": found["name"],
            "owner": found["owner"],
            "tier": pa.array(verdict.labels).take(pa.array(tier)),
            "score": found["score"],
            "health": pa.array(health_measure.STATUS_NAMES).take(pa.array(status)),
            "health_score": found["health_score"],
            "annual_revenue": found["cents"],
            "revenue_at_risk": pc.if_else(in_danger, revenue, 0),
            "days_to_renewal": pa.array(signals["days_to_renewal"], from_pandas=True).cast(pa.int32()),
            "reasons": worded.reasons,
            "next_action": plans["action"],
            "role": plans["role"],
            "due_days": plans["due_days"],
            "loss_probability": probability,
            "told": told,
            "single_threaded": pa.array(health_measure.single_threaded(signals, health)),
            "row": found["row"],
            "profile": found["profile"],
        }
    )


def _probability(found: pa.Table, status: npt.NDArray[np.uint8], model: Model) -> tuple[pa.Array, pa.Array]:
    assumed = model.health.loss_probability
    by_status = pa.array([*assumed.by_status().values(), None]).take(pa.array(status))
    own = found["churn_probability"]
    if not assumed.from_book:
        own = pa.nulls(len(own), pa.float64())
    return pc.coalesce(own, by_status), pc.is_valid(own)
