"""The weight board: what a person holds in hand while deciding what matters.

A draft is importance by criterion and the weights that are locked. A locked weight keeps its basis points while others
move; what is left of 10,000 is shared by importance among the free ones. A history of drafts gives undo and redo.
All of it is values: nothing here changes in place.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from core.errors import TierwiseError, UnknownName
from core.model.numbers import FULL_WEIGHT, weights_from

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.model.model import Model

EQUAL = 50.0
"""The importance that every free criterion gets when all are made equal."""
GAP = 0.5
"""Points of score that two cut-offs keep between them."""
MOST_STEPS = 200
"""Steps of undo that are kept."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Importance (0 to 100) by criterion, in the model's order; locked weights in basis points; cut-offs by tier.

    `cut_offs` holds every tier but the last, whose cut-off is always 0.
    """

    importance: Mapping[str, float]
    locked: Mapping[str, int] = field(default_factory=dict)
    cut_offs: Mapping[str, float] = field(default_factory=dict)


def start(model: Model) -> Draft:
    """Take the importances and cut-offs of a model, nothing locked."""
    importance = {criterion.id: criterion.importance for criterion in model.criteria}
    return Draft(importance, cut_offs={tier.name: tier.cut_off for tier in model.tiers[:-1]})


def weights(draft: Draft) -> dict[str, int]:
    """Give every weight in basis points: the locked ones as they are, the free ones by importance; they add to 10,000.

    Raises `TierwiseError` where the free criteria have something to share and all have importance 0.
    """
    free = [name for name in draft.importance if name not in draft.locked]
    rest = FULL_WEIGHT - sum(draft.locked.values())
    if free and rest and not any(draft.importance[name] for name in free):
        what = (
            "every criterion that is not locked has importance 0"
            if draft.locked
            else "every criterion has importance 0"
        )
        raise TierwiseError(what, where="weights", way_out="Raise at least one above 0, or undo")
    shares = weights_from([draft.importance[name] for name in free], rest) if free and rest else (0,) * len(free)
    found = {**draft.locked, **dict(zip(free, shares, strict=True))}
    return {name: found[name] for name in draft.importance}


def apply(draft: Draft, model: Model) -> Model:
    """Give the model with the draft's weights and cut-offs.

    Without locks the importances are kept as they are; with locks the weights in percent become the importances, and
    give the same basis points again.
    """
    found = weights(draft)
    importance = {name: points / 100 for name, points in found.items()} if draft.locked else draft.importance
    return model.with_importance(importance).with_cut_offs(draft.cut_offs)


def move(draft: Draft, changes: Mapping[str, float]) -> Draft:
    """Set importances; a locked criterion does not move, and a value is held to 0 to 100."""
    _known(draft, changes)
    held = {name: min(100.0, max(0.0, float(value))) for name, value in changes.items() if name not in draft.locked}
    return replace(draft, importance={**draft.importance, **held})


def cut(draft: Draft, changes: Mapping[str, float]) -> Draft:
    """Set cut-offs, to the hundredth; one that would pass its neighbour stops `GAP` before it."""
    cut_offs = dict(draft.cut_offs)
    names = list(cut_offs)
    for name, value in changes.items():
        if name not in cut_offs:
            raise UnknownName.of("tier", name, cut_offs)
        i = names.index(name)
        above = cut_offs[names[i - 1]] - GAP if i else 100.0
        below = cut_offs[names[i + 1]] + GAP if i + 1 < len(names) else GAP
        cut_offs[name] = round(min(above, max(below, float(value))), 2)
    return replace(draft, cut_offs=cut_offs)


def lock(draft: Draft, name: str) -> Draft:
    """Hold a criterion at the weight it has now. The last free one cannot be locked: nothing would be left to move."""
    _known(draft, [name])
    if len(draft.locked) >= len(draft.importance) - 1 and name not in draft.locked:
        what = "one criterion must stay free"
        raise TierwiseError(what, where="weights", way_out="Unlock another one first")
    return replace(draft, locked={**draft.locked, name: weights(draft)[name]})


def unlock(draft: Draft, name: str) -> Draft:
    """Let a criterion move again; its importance becomes the one that gives it the weight it had, so nothing jumps.

    Where that importance would be above 100, the free criteria are all scaled down together instead.
    """
    _known(draft, [name])
    before = weights(draft)
    locked = {key: points for key, points in draft.locked.items() if key != name}
    others = [key for key in draft.importance if key not in locked and key != name]
    shared = sum(before[key] for key in others)
    if not shared:
        return replace(draft, locked=locked)
    needed = before[name] * sum(draft.importance[key] for key in others) / shared
    scale = min(1.0, 100.0 / needed) if needed else 1.0
    scaled = {key: draft.importance[key] * scale for key in others} if scale < 1 else {}
    return replace(draft, importance={**draft.importance, **scaled, name: needed * scale}, locked=locked)


def reset(draft: Draft, model: Model, name: str | None = None) -> Draft:
    """Bring one criterion or cut-off back to what the model has, unlocked; without a name, all of them."""
    made = start(model)
    if name is None:
        return made
    if name in made.cut_offs:
        return cut(draft, {name: made.cut_offs[name]})
    _known(draft, [name])
    locked = {key: points for key, points in draft.locked.items() if key != name}
    return replace(draft, importance={**draft.importance, name: made.importance[name]}, locked=locked)


def with_weights(draft: Draft, found: Sequence[int]) -> Draft:
    """Put weights (basis points, in the model's order, adding to 10,000) on the board; nothing stays locked.

    >>> weights(with_weights(Draft({"a": 50.0, "b": 50.0}), (3333, 6667)))
    {'a': 3333, 'b': 6667}
    """
    importance = {name: points / 100 for name, points in zip(draft.importance, found, strict=True)}
    return replace(draft, importance=importance, locked={})


def equal(draft: Draft) -> Draft:
    """Make every free criterion equally important."""
    return move(draft, dict.fromkeys(draft.importance, EQUAL))


def _known(draft: Draft, names: Mapping[str, float] | list[str]) -> None:
    for name in names:
        if name not in draft.importance:
            raise UnknownName.of("criterion", name, draft.importance)


Step = TypeVar("Step")


@dataclass(frozen=True, slots=True)
class History(Generic[Step]):
    """Drafts, or models, in the order they were made: those before now, now, and those that were undone."""

    now: Step
    past: tuple[Step, ...] = ()
    future: tuple[Step, ...] = ()

    def then(self, step: Step) -> History[Step]:
        """Go on with a step; one that changes nothing is no step."""
        return self if step == self.now else History(step, (*self.past, self.now)[-MOST_STEPS:])

    def undo(self) -> History[Step]:
        """Go one step back, where there is one."""
        return History(self.past[-1], self.past[:-1], (self.now, *self.future)) if self.past else self

    def redo(self) -> History[Step]:
        """Go one step forward again, where one was undone."""
        return History(self.future[0], (*self.past, self.now), self.future[1:]) if self.future else self


def fits(draft: Draft, model: Model) -> bool:
    """Tell whether a draft holds exactly the model's criteria and tiers, in the model's order."""
    made = start(model)
    return list(draft.importance) == list(made.importance) and list(draft.cut_offs) == list(made.cut_offs)


def carry(history: History[Draft], model: Model) -> History[Draft]:
    """Carry a history over to a model that was edited: importances and locks stay, cut-offs are the model's.

    A criterion that is new comes with the model's importance. The steps before stay where criteria and tiers are the
    same; else they would not fit the model, and the history starts anew from what is held now.
    """
    held, made = history.now, start(model)
    locked = {name: points for name, points in held.locked.items() if name in made.importance}
    if len(locked) == len(made.importance):
        locked = {}
    importance = {name: held.importance.get(name, value) for name, value in made.importance.items()}
    carried = Draft(importance, locked, made.cut_offs)
    return history.then(carried) if fits(held, model) else History(carried)
