"""Loss: revenue in danger, what is expected of it to be lost, and how far the outcome may lie from that.

In: cents and probabilities of loss (0 to 1), one per account, or one per health status with the cents (or their
squares) summed per status: every formula adds up, so both give the same answer. Out: cents, or a share of revenue.
The formulas are naked: revenue >= 0 (credits set apart before) and losses of accounts independent of each other.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from core.measures import concentration

Probability = npt.NDArray[np.float64]


def revenue_at_risk(revenue: concentration.Money, is_at_risk: npt.NDArray[np.bool_]) -> int:
    """Revenue, in cents, of accounts that are At Risk or Critical: all of it, whatever the probability of loss.

    >>> revenue_at_risk(np.array([280_00, 120_00]), np.array([False, True]))
    12000
    """
    return concentration.total(revenue[is_at_risk])


def expected_loss(revenue: npt.NDArray[np.int64 | np.float64], probability: Probability) -> float:
    """Expected revenue at risk: E[L] = sum of p * r, in cents.

    A probability per health status is an assumption; show it beside the number.

    >>> expected_loss(np.array([280_00, 120_00]), np.array([0.25, 0.05]))
    7600.0
    """
    return float(revenue.astype(np.float64) @ probability)


def loss_variance(squared_revenue: npt.NDArray[np.float64], probability: Probability) -> float:
    """Variance of the loss: Var(L) = sum of p * (1 - p) * r**2, in square cents, for independent accounts.

    Takes r**2 per account, or the sum of r**2 of accounts that share a probability (never the square of their sum).
    Accounts that fall together, in one industry or under one parent, vary more than this.

    >>> loss_variance(np.array([280.0, 120.0]) ** 2, np.array([0.25, 0.05]))
    15384.0
    """
    return float(squared_revenue @ (probability * (1 - probability)))


def loss_deviation(squared_revenue: npt.NDArray[np.float64], probability: Probability) -> float:
    """Standard deviation of the loss, in cents: the root of `loss_variance`.

    Few large accounts make the loss far from normal: do not read a quantile off this.

    >>> round(loss_deviation(np.array([280.0, 120.0]) ** 2, np.array([0.25, 0.05])), 6)
    124.032254
    """
    return math.sqrt(loss_variance(squared_revenue, probability))


def deviation_share(probability: float, hhi: float) -> float:
    """Deviation as a share of revenue when every account has one probability: sd(L)/R = sqrt(p * (1 - p) * HHI).

    HHI from 0 to 10,000, as `concentration.hhi` gives it. This is why concentration is risk: at equal p the loss
    spreads with the root of HHI. Exact, not an approximation.

    >>> round(deviation_share(0.1, 10_000 / 100), 12)
    0.03
    """
    return math.sqrt(probability * (1 - probability) * hhi / 10_000)
