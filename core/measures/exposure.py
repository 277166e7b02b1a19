"""Exposure: what each account would take with it, and how probable that is assumed to be.

In: a prepared book and a probability of loss for each health status. Out: revenue in cents and probabilities, one of
each per account. Where the book itself says how probable the loss of an account is, that holds for it; all else is an
assumption, and shown as one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.accounts import details
from core.measures.health import STATUS_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from core.measures.concentration import Money
    from core.measures.portfolio import Portfolio

OWN = "churn_probability"
"""The column of the contract that says how probable the loss of an account is."""


@dataclass(frozen=True, slots=True, eq=False)
class Exposure:
    """Accounts with revenue above 0: cents, health status by its code, the book's own probability (NaN: none said)."""

    revenue: Money
    status: npt.NDArray[np.uint8]
    told: npt.NDArray[np.float64]

    @property
    def statuses(self) -> list[str]:
        """Name the statuses that an account with revenue has, best first."""
        held = np.bincount(self.status, minlength=len(STATUS_NAMES))
        return [name for name, count in zip(STATUS_NAMES, held, strict=True) if count]

    @property
    def accounts_told(self) -> int:
        """Count the accounts whose probability the book says."""
        return int(np.count_nonzero(~np.isnan(self.told)))

    def probability(self, by_status: Mapping[str, float], *, from_book: bool) -> npt.NDArray[np.float64]:
        """Give every account its probability of loss; a status without one, as Not known may be, is never lost."""
        assumed = np.array([by_status.get(name, 0.0) for name in STATUS_NAMES])[self.status]
        return np.where(np.isnan(self.told), assumed, self.told) if from_book else assumed


def exposure(prepared: Portfolio) -> Exposure:
    """Read revenue, status and the book's own probabilities, account by account; credits are set apart."""
    own = [OWN] if prepared.book.has(OWN) else []
    rows = details.values(prepared.listing, own)
    cents = rows["cents"].fill_null(0).to_numpy()
    paying = cents > 0
    said = rows[OWN].to_numpy().astype(np.float64) if own else np.full(cents.size, np.nan)
    return Exposure(cents[paying], rows["status"].to_numpy()[paying], np.clip(said[paying], 0.0, 1.0))
