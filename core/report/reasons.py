"""Reasons: why an account is in its tier, and what would take it elsewhere, in plain sentences.

In: an explanation that is already computed.  Out: sentences, the nearest way first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import wording

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.decisions.explanation import Explanation, Way
    from core.decisions.nearest import Shift

PERCENT = f"{wording.NBSP}%"


def standing(found: Explanation) -> str:
    """Say where an account stands, and the unweighted check beside it, which no tier depends on."""
    if found.score is None:
        return "Nothing is known of this account, so it has no score."
    text = f"{wording.score(found.score)} of 100, weighted: {found.tier}"
    if found.held_by_gate:
        text += ", held back by a gate whatever its score"
    if found.coverage < 1:
        known = f"{100 * found.coverage:.0f}{PERCENT}"
        between = f"{wording.score(found.low)} and {wording.score(found.high)}"
        text += f". {known} of the weight is known; what is missing leaves the score between {between}"
    earned = f"{found.earned_points:g} of {found.possible_points:g} points"
    return f"{text}. Unweighted check: {earned}, {wording.share(found.unweighted)}."


def ways(found: Explanation, names: Mapping[str, str]) -> list[str]:
    """Say the nearest way up and the nearest way down; `names` gives each criterion's name by its id."""
    sentences = []
    if found.up:
        sentences.append(_way(found.up, names, f"Up to {found.up.tier}", "more are needed"))
    if found.down:
        sentences.append(_way(found.down, names, f"Down to {found.down.tier}", "may be lost before"))
    return sentences


def _way(way: Way, names: Mapping[str, str], where: str, verb: str) -> str:
    parts = [f"{where}: {way.distance:.2f}".rstrip("0").rstrip(".") + f" points {verb}"]
    if way.steps is None:
        parts.append("no change of its values would do")
    else:
        changes = [
            f"{change.criterion} from {change.value_before} to {change.value_after}" for change in way.steps.changes
        ]
        parts.append(f"fewest changes of its values: {', '.join(changes)}" if changes else "it stands on the cut-off")
    parts.append(_shift(way.weight, names))
    return "; ".join(parts) + "."


def _shift(shift: Shift | None, names: Mapping[str, str]) -> str:
    if shift is None:
        return "no weights would do"
    if not shift.moved:
        return "any other weights could do"
    return f"fewest points of weight moved: {100 * float(shift.moved):.1f}, to {names[shift.to]}"
