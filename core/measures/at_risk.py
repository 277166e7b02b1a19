"""The at-risk table: which accounts are in danger, why, how much rests on them, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.accounts import books
from core.measures import health as health_measure
from core.measures import portfolio
from core.model.health import AT_RISK

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    from core.accounts.listing import Wanted
    from core.measures.portfolio import Portfolio
    from core.measures.tiers import Verdict
    from core.model.model import Model

AT_RISK_CODES = tuple(health_measure.STATUS_NAMES.index(status) for status in AT_RISK)


@dataclass(frozen=True, slots=True)
class AccountAtRisk:
    """One row of the table; money in cents. revenue_at_risk is the revenue where the status is At Risk or Critical."""

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


def rows(
    prepared: Portfolio, verdict: Verdict, model: Model, wanted: Wanted, *, limit: int | None = None, offset: int = 0
) -> list[AccountAtRisk]:
    """Give a page of the table, reasons and next action included."""
    found = portfolio.accounts(prepared, verdict, wanted, limit=limit, offset=offset)
    signals = _in_order(books.signals(prepared.book, prepared.as_of, found["row"].to_pylist()), found)
    why = health_measure.explain(signals, model.health)
    executives, renewal = signals["executives"], signals["days_to_renewal"]
    columns = ["account_id", "name", "owner", "tier", "score", "status", "health_score", "cents"]
    return [
        AccountAtRisk(
            account_id=row["account_id"],
            name=row["name"],
            owner=row["owner"],
            tier=verdict.labels[row["tier"]],
            score=row["score"],
            health=health_measure.STATUS_NAMES[row["status"]],
            health_score=row["health_score"],
            annual_revenue=row["cents"],
            revenue_at_risk=max(row["cents"] or 0, 0) if row["status"] in AT_RISK_CODES else 0,
            days_to_renewal=None if np.isnan(renewal[i]) else int(renewal[i]),
            reasons=tuple(reason.words for reason in why[i]),
            next_action=health_measure.next_action(
                why[i], executives=executives[i], known=row["health_score"] is not None, health=model.health
            ),
        )
        for i, row in enumerate(found.select(columns).to_pylist())
    ]


def _in_order(signals: dict[str, npt.NDArray[np.float64]], found: pa.Table) -> dict[str, npt.NDArray[np.float64]]:
    """Bring signals, which come by row of the book, into the order of the page."""
    place = np.searchsorted(signals["row"], found["row"].to_numpy())
    return {name: values[place] for name, values in signals.items()}
