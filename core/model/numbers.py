"""Exact numbers of a model: points in tenths, cut-offs in hundredths, weights in basis points.

A tier is decided by integers, so that 75.00 is 75.00 whatever the order of additions. These types check once, where a
number enters a model; behind them the integers can be trusted.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field

from core.errors import TierwiseError

if TYPE_CHECKING:
    from collections.abc import Sequence

FULL_WEIGHT = 10_000
"""The weights of a model, in basis points, add to this."""


def scaled(value: float, steps: int) -> int:
    """Give `value` x `steps` as an integer; refuse a value that is finer than 1/`steps`.

    >>> scaled(7.5, 10), scaled(75, 100)
    (75, 7500)
    """
    exact = Decimal(repr(value)) * steps
    if exact != exact.to_integral_value():
        message = f"{value} is finer than steps of {1 / steps:g}"
        raise ValueError(message)
    return int(exact)


def _in_steps_of(steps: int) -> AfterValidator:
    def check(value: float) -> float:
        scaled(value, steps)
        return value

    return AfterValidator(check)


Points = Annotated[float, Field(ge=0, le=10, allow_inf_nan=False), _in_steps_of(10)]
"""What an account earns on a criterion: 0 to 10 in steps of 0.1."""
CutOff = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False), _in_steps_of(100)]
"""The lowest score of a tier: 0 to 100 in steps of 0.01."""
Importance = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
"""What a slider holds: 0 to 100, free of any sum."""
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
"""A fraction, 0 to 1."""
Number = Annotated[float, Field(allow_inf_nan=False)]
"""Any finite number."""


def weights_from(importance: Sequence[float], total: int = FULL_WEIGHT) -> tuple[int, ...]:
    """Normalise importance to weights in basis points that add to exactly 10,000, or to `total` of them.

    Largest remainder: each weight is rounded down, and the basis points left over go to the largest remainders, the
    earlier criterion first where two are equal. Fractions are exact, so doubling every importance changes nothing.

    Raises `TierwiseError` where every importance is 0, or one is negative or not a number.

    >>> weights_from([30, 20, 15, 15, 10, 10])
    (3000, 2000, 1500, 1500, 1000, 1000)
    >>> weights_from([1, 1, 1])
    (3334, 3333, 3333)
    """
    if not importance or any(not 0 <= value < float("inf") for value in importance):
        what = "an importance is negative or not a number"
        raise TierwiseError(what, where="weights", way_out="Give every criterion a number from 0 to 100")
    exact = [Fraction(value) for value in importance]
    whole = sum(exact)
    if whole == 0:
        what = "every criterion has importance 0, so no account can be told from another"
        raise TierwiseError(what, where="weights", way_out="Raise at least one criterion above 0")
    quotas = [value * total / whole for value in exact]
    floors = [int(quota) for quota in quotas]
    by_remainder = sorted(range(len(quotas)), key=lambda i: (floors[i] - quotas[i], i))
    for i in by_remainder[: total - sum(floors)]:
        floors[i] += 1
    return tuple(floors)
