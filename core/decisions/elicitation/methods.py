"""The five ways to weigh, as one: what a ballot says, what weights follow from it, and how consistent it is.

    swing        {"swing": [100, 70, …]}            one number a criterion, in the order of the criteria
    points       {"points": [30, 25, …]}
    ranking      {"places": [1, 2, 2, 4, …]}
    best_worst   {"from_best": [1, 2, …], "to_worst": [8, 4, …]}
    pairs        {"pairs": [3, 0.5, …]}             criteria 1-2, 1-3, … 2-3, …: how many times the first matters

Answers come from browsers, so `weigh` checks every one of them. The same answers give the same weights, always.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from core import wording
from core.decisions.elicitation import best_worst, direct, pairwise
from core.errors import TierwiseError, UnknownName
from core.model.numbers import weights_from

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

NAMES: Mapping[str, str] = MappingProxyType(
    {
        "swing": "Swing",
        "points": "100 points",
        "ranking": "Ranking",
        "best_worst": "Best and worst",
        "pairs": "Pairs",
    }
)
"""Every method by its key, the one to begin with first."""
FEWEST, MOST = 2, 18


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a ballot comes to: weights in basis points that add to 10,000, and notes on the answers, most urgent first.

    consistent: None where the method cannot tell, or no threshold is known.
    """

    weights: tuple[int, ...]
    consistent: bool | None = None
    notes: tuple[str, ...] = ()


def weigh(method: str, answers: Mapping[str, Any], names: Sequence[str]) -> Weighed:
    """Turn answers into weights; `names` are the criteria, for what the notes say.

    Raises `TierwiseError` where an answer is missing, out of range or no number, `UnknownName` for another method.

    >>> weigh("points", {"points": [60, 40]}, ["Size", "Fit"]).weights
    (6000, 4000)
    """
    if method not in _WEIGH:
        raise UnknownName.of("method", method, NAMES)
    if not FEWEST <= len(names) <= MOST:
        what = f"there are {len(names)} criteria"
        raise TierwiseError(what, where="ballot", way_out=f"Weigh {FEWEST} to {MOST} criteria")
    return _WEIGH[method](answers, names)


def pairs_of(n: int) -> list[tuple[int, int]]:
    """List the pairs that are compared, in their order.

    >>> pairs_of(3)
    [(0, 1), (0, 2), (1, 2)]
    """
    return list(combinations(range(n), 2))


def comparisons(method: str, n: int) -> int:
    """Count what a person must answer.

    >>> comparisons("pairs", 6), comparisons("best_worst", 6), comparisons("swing", 6)
    (15, 9, 6)
    """
    return {"pairs": n * (n - 1) // 2, "best_worst": 2 * n - 3}.get(method, n)


def _swing(answers: Mapping[str, Any], names: Sequence[str]) -> Weighed:
    return Weighed(weights_from(direct.swing(_numbers(answers, "swing", len(names)))))


def _points(answers: Mapping[str, Any], names: Sequence[str]) -> Weighed:
    given = _numbers(answers, "points", len(names))
    left = direct.remainder(given)
    notes = (f"The points add to {sum(given):g} and were scaled to {direct.TOTAL}.",) if left else ()
    return Weighed(weights_from(direct.points(given)), notes=notes)


def _ranking(answers: Mapping[str, Any], names: Sequence[str]) -> Weighed:
    places = _numbers(answers, "places", len(names))
    if any(place != int(place) or not 1 <= place <= len(names) for place in places):
        way_out = f"Give each criterion a place from 1 to {len(names)}"
        raise TierwiseError("a place is not a whole number in range", where="ranking", way_out=way_out)
    return Weighed(weights_from(direct.ranking([int(place) for place in places])))


def _best_worst(answers: Mapping[str, Any], names: Sequence[str]) -> Weighed:
    n = len(names)
    from_best, to_worst = _numbers(answers, "from_best", n), _numbers(answers, "to_worst", n)
    before, found = best_worst.consistency(from_best, to_worst), best_worst.solve(from_best, to_worst)
    limit = wording.UNDEFINED if before.threshold is None else f"{before.threshold:.4g}"
    notes = [f"Consistency ratio before solving {before.ratio:.3f}, threshold {limit}; ξ after solving {found.xi:.3f}."]
    if before.acceptable is False and before.least_fitting is not None:
        notes.insert(0, f"The answers on {names[before.least_fitting]} fit the others least.")
    return Weighed(weights_from(found.weights), before.acceptable, tuple(notes))


def _pairs(answers: Mapping[str, Any], names: Sequence[str]) -> Weighed:
    n = len(names)
    given = _numbers(answers, "pairs", len(pairs_of(n)))
    found = pairwise.solve(pairwise.matrix(dict(zip(pairs_of(n), given, strict=True)), n))
    ratio = wording.UNDEFINED if found.cr is None else f"{found.cr:.3f}"
    notes = [f"Consistency ratio {ratio}, at most {pairwise.ACCEPTABLE:g} is good (random index: {pairwise.TABLE})."]
    if found.acceptable is False:
        notes = [_misfit(misfit, names) for misfit in found.misfits] + notes
    return Weighed(weights_from(found.geometric), found.acceptable, tuple(notes))


def _misfit(found: pairwise.Misfit, names: Sequence[str]) -> str:
    first, second = names[found.first], names[found.second]
    return f"{first} against {second}: you said {times(found.said)}, the other answers come to {times(found.implied)}."


def times(ratio: float) -> str:
    """Say a ratio as a person does.

    >>> times(3), times(0.5), times(1), times(2.4)
    ('3 times as much', '1/2 as much', 'as much', '2.4 times as much')
    """
    if abs(ratio - 1) < 0.05:
        return "as much"
    return f"{ratio:.2g} times as much" if ratio > 1 else f"1/{1 / ratio:.2g} as much"


def _numbers(answers: Mapping[str, Any], key: str, count: int) -> list[float]:
    """Read one list of numbers, which a browser sent."""
    given = answers.get(key)
    if not isinstance(given, list | tuple) or len(given) != count:
        raise TierwiseError("an answer is missing", where="ballot", way_out="Answer for every criterion")
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in given):
        raise TierwiseError("an answer is not a number", where="ballot", way_out="Answer with numbers")
    numbers = [float(value) for value in given]
    if any(not abs(value) < float("inf") for value in numbers):
        raise TierwiseError("an answer is not a number", where="ballot", way_out="Answer with numbers")
    return numbers


_WEIGH: dict[str, Callable[[Mapping[str, Any], Sequence[str]], Weighed]] = {
    "swing": _swing,
    "points": _points,
    "ranking": _ranking,
    "best_worst": _best_worst,
    "pairs": _pairs,
}
