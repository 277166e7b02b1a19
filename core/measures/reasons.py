"""Reasons by the column: the words of `health.explain` and the next actions, for a million accounts at once.

In: the signals of many accounts as columns.  Out: Arrow arrays. Account by account it says exactly what
`health.explain` and `health.planned` say, the slow and plain way to the same words; a test holds the two equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from core import wording
from core.measures import health as health_measure
from core.measures.health import MENDED_BY_TALKING, Numbers
from core.model.health import REASONS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from core.model.health import Health

Flags = npt.NDArray[np.bool_]
KEYS = (*REASONS, "executives", "keep", "unknown")
"""What a next action may answer, by its code."""
_EXECUTIVES, _KEEP, _UNKNOWN = (KEYS.index(name) for name in ("executives", "keep", "unknown"))
_TALKING = np.array([KEYS.index(name) for name in MENDED_BY_TALKING])


@dataclass(frozen=True, slots=True, eq=False)
class Worded:
    """The reasons of N accounts: lists of sentences, strongest first, and the code (`KEYS`) of what is answered."""

    reasons: pa.ListArray
    answers: npt.NDArray[np.int8]


def worded(signals: Mapping[str, Numbers], health: Health, known: Flags) -> Worded:
    """Put the reasons of every account into words; `known` tells which accounts have a health score."""
    costs = health_measure.costs_of(health_measure.parts_of(signals, health), health_measure.weights_of(health))
    lacking = costs > 0
    warned = lacking.copy()
    with np.errstate(invalid="ignore"):
        silent, renewal = signals["days_inactive"], signals["days_to_renewal"]
        warned[:, REASONS.index("inactivity")] |= silent > health.inactive_after_days
        warned[:, REASONS.index("renewal")] |= (renewal >= 0) & (renewal <= health.renewal_within_days)
    # What costs nothing stands last, in the order of the parts; what is no reason comes after it and is cut off.
    order = np.argsort(np.where(warned, -costs, np.inf), axis=1, kind="stable")
    counts = warned.sum(axis=1)
    kept = np.arange(len(REASONS)) < counts[:, None]
    texts, starts, places = _texts(signals, health, warned)
    chosen = (starts[order] + np.take_along_axis(places, order, axis=1))[kept]
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    reasons = pa.ListArray.from_arrays(pa.array(offsets), texts.take(pa.array(chosen)))
    strongest = np.where(counts > 0, order[:, 0], np.where(known, _KEEP, _UNKNOWN))
    meeting = (signals["executives"] == 0) & np.isin(strongest, _TALKING)
    return Worded(reasons, np.where(meeting, _EXECUTIVES, strongest).astype(np.int8))


def joined(reasons: pa.ListArray) -> pa.Array:
    """Write each account's reasons in one line."""
    return pc.binary_join(reasons, "; ")


def actions(
    answers: npt.NDArray[np.int8], status: npt.NDArray[np.uint8], tier: npt.NDArray[np.int8], tiers: int, health: Health
) -> dict[str, pa.Array]:
    """Look up what is to be done, who does it, and in how many days: columns action, role, due_days.

    `tier` counts from 0, the best; `tiers` is the code of unrated.
    """
    names = health_measure.STATUS_NAMES
    plans = [
        health_measure.planned(name, place + 1 if place < tiers else None, key, health)
        for name in names
        for place in range(tiers + 1)
        for key in KEYS
    ]
    place = pa.array((status.astype(np.int64) * (tiers + 1) + tier) * len(KEYS) + answers)
    return {
        "action": pa.array([plan.action for plan in plans]).take(place),
        "role": pa.array([plan.role for plan in plans]).take(place),
        "due_days": pa.array([plan.due_days for plan in plans], pa.int32()).take(place),
    }


# Words by the column -------------------------------------------------------------------------------------------------


def _texts(
    signals: Mapping[str, Numbers], health: Health, wanted: Flags
) -> tuple[pa.Array, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Word every reason that is wanted: all texts, where those of each reason begin, and each account's place there."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = [_WORDS[name](_chosen(signals, wanted[:, j]), health) for j, name in enumerate(REASONS)]
    starts = np.concatenate([[0], np.cumsum([len(texts) for texts in found])[:-1]]).astype(np.int64)
    return pa.concat_arrays(found), starts, np.cumsum(wanted, axis=0, dtype=np.int64) - 1


class _chosen(dict[str, Numbers]):  # noqa: N801  reads like the function that it is
    """The signals of some accounts, each cut out when it is asked for."""

    def __init__(self, signals: Mapping[str, Numbers], rows: Flags) -> None:
        super().__init__()
        self._signals, self._rows = signals, rows

    def __missing__(self, name: str) -> Numbers:
        self[name] = self._signals[name][self._rows]
        return self[name]


def _joined(*pieces: pa.Array | str) -> pa.Array:
    return pc.binary_join_element_wise(*pieces, "")


def _whole(values: Numbers, *, sign: bool = False) -> pa.Array:
    """Write numbers without decimals: half to even, as Python's formatting does; nothing is never signed."""
    rounded = np.rint(values).astype(np.int64)
    text = pc.cast(pa.array(np.abs(rounded)), pa.string())
    return _joined(_sign(rounded, "+" if sign else ""), text)


def _tenths(values: Numbers) -> pa.Array:
    """Write numbers with one decimal. Multiplying rounds, so Python is asked where two decimals are about as near."""
    tenfold = 10 * values
    rounded = np.rint(tenfold).astype(np.int64)
    near = np.flatnonzero(np.abs(tenfold - np.floor(tenfold) - 0.5) < _NEAR * np.maximum(1, np.abs(tenfold)))
    rounded[near] = [int(f"{value:.1f}".replace(".", "")) for value in values[near].tolist()]
    size = np.abs(rounded)
    ones, rest = (pc.cast(pa.array(part), pa.string()) for part in np.divmod(size, 10))
    return _joined(_sign(rounded, ""), ones, ".", rest)


_NEAR = 1e-12


def _sign(rounded: npt.NDArray[np.int64], plus: str) -> pa.Array:
    return pa.array(["", plus, wording.MINUS]).take(pa.array(np.sign(rounded) % 3))


def _multiples(one: Mapping[str, Numbers]) -> Numbers:
    return health_measure.pipeline_coverage({name: one[name] for name in ("revenue", "target", "pipeline", "prospect")})


def _competition(one: Mapping[str, Numbers], _health: Health) -> pa.Array:
    texts = ["a competitor is present", "an active competitor"]
    return pa.array(texts).take(pa.array((one["threat"] == 2).astype(np.int8)))


_PERCENT = f"{wording.NBSP}%"
_WORDS: dict[str, Callable[[Mapping[str, Numbers], Health], pa.Array]] = {
    "engagement": lambda one, _: _joined("engagement ", _whole(one["engagement"]), " of 100"),
    "relationship": lambda one, health: _joined(
        _whole(one["contacts"]), f" of {health.contacts_target:g} contacts, ",
        _whole(one["executives"]), f" of {health.executives_target:g} executives",
    ),
    "pipeline_coverage": lambda one, health: _joined(
        "pipeline ", _tenths(_multiples(one)), f"x of the remaining target, {health.coverage_target:.1f}x needed"
    ),
    "revenue_attainment": lambda one, _: _joined(
        _whole(100 * one["revenue"] / one["target"]), f"{_PERCENT} of the revenue target"
    ),
    "expansion": lambda one, _: _joined(
        "spending ", _whole(100 * (one["spent_now"] / one["spent_before"] - 1), sign=True), f"{_PERCENT} in a year"
    ),
    "competition": _competition,
    "adoption": lambda one, health: _joined(
        _whole(100 * one["adoption"]),
        f"{_PERCENT} is used, {_one(100 * health.adoption_target)}{_PERCENT} expected",
    ),
    "inactivity": lambda one, _: _joined("no activity for ", _whole(one["days_inactive"]), " days"),
    "renewal": lambda one, _: _joined("renewal in ", _whole(one["days_to_renewal"]), " days"),
}  # fmt: skip


def _one(value: float) -> str:
    return str(_whole(np.array([value])).to_pylist()[0])


def in_order(signals: Mapping[str, Numbers], rows: Sequence[int] | npt.NDArray[np.int64]) -> dict[str, Numbers]:
    """Bring signals, which come by row of the book, into the order of `rows`."""
    place = np.searchsorted(signals["row"], rows)
    return {name: values[place] for name, values in signals.items()}
