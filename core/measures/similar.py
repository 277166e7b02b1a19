"""Similar accounts: those whose profile is the same, or lies nearest.

In: a portfolio under a verdict, and a profile.  Out: the distance of every profile, and the accounts that are nearest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from core.accounts import listing
from core.accounts.banding import MISSING
from core.accounts.listing import Wanted
from core.measures import portfolio as portfolio_measure
from core.model.numbers import FULL_WEIGHT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.measures.portfolio import Portfolio
    from core.measures.tiers import Verdict


def distances(points: npt.NDArray[np.uint8], weights: Sequence[int], profile: int) -> npt.NDArray[np.float64]:
    """Give how far each profile lies from one, in score points: Σ W·|difference of points|, 0 for the same profile.

    What is missing in one of the two lies as far as it could: ten points. Weights are basis points.
    """
    here = points[profile]
    apart = np.abs(points.astype(np.int64) - here.astype(np.int64))
    one_missing = (points == MISSING) != (here == MISSING)
    tenths = np.where(one_missing, 100, apart)
    found: npt.NDArray[np.float64] = (tenths @ np.asarray(weights, dtype=np.int64)) / FULL_WEIGHT
    return found


def accounts(
    prepared: Portfolio, verdict: Verdict, weights: Sequence[int], profile: int, *, limit: int = 6
) -> pa.Table:
    """Give the accounts of the nearest profiles, the nearest first, then by revenue potential, itself among them.

    Columns are those of the listing with `distance` in score points.
    """
    away = distances(prepared.cube.points, weights, profile)
    order = np.argsort(away, kind="stable")
    enough = int(np.searchsorted(np.cumsum(prepared.cube.accounts[order]), limit)) + 1
    # Every profile as near as the last one that is needed, so that no order of profiles decides.
    near = away <= away[order[min(enough, len(order)) - 1]]
    by_profile = portfolio_measure.by_profile(verdict)
    by_profile = by_profile.append_column("distance", pa.array(away)).append_column("moved", pa.array(near))
    return listing.page(
        prepared.listing, by_profile, Wanted(moved=True, sort="distance", descending=False), limit=limit
    )
