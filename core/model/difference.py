"""The difference of two models, in plain rows: what stands where in the one and in the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from core.model.model import Model


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs: where it stands, and how each model says it; None where a model does not have it."""

    path: str
    before: str | None
    after: str | None


def difference(before: Model, after: Model) -> list[Difference]:
    """List everything that differs; empty exactly when the models are equal.

    A weight is listed beside its importance, since it changes when another criterion's importance does.
    Criteria and gates are told apart by id, tiers by name.
    """
    old, new = _facts(before), _facts(after)
    paths = [*old, *(path for path in new if path not in old)]
    rows = [Difference(path, _say(path, old), _say(path, new)) for path in paths if old.get(path) != new.get(path)]
    return rows + [row for key in ("criteria", "gates") for row in _reordered(key, before, after)]


def _facts(model: Model) -> dict[str, Any]:
    """Take a model apart: the place of every value, in the order of the file, and the value."""
    data = model.model_dump(mode="json", by_alias=True, exclude_none=True)
    for criterion, weight in zip(data["criteria"], model.weights, strict=True):
        importance = criterion.pop("importance")
        criterion.update(importance=importance, weight=f"{weight / 100:.2f} %")
    facts: dict[str, Any] = {}
    for path, value in _walk("", data):
        twin = 2
        unique = path
        while unique in facts:  # nothing forbids two gates of one id
            unique, twin = f"{path} ({twin})", twin + 1
        facts[unique] = value
    return facts


def _walk(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Go down to what is said as a whole: a number, a text, a list of texts, a criterion's bands or categories."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _walk(f"{path}.{key}" if path else key, item)
    elif isinstance(value, list) and all(isinstance(item, dict) and "name" in item for item in value):
        for item in value:
            yield from _walk(f"{path}.{item.get('id', item['name'])}", item)
    else:
        yield path, value


def _say(path: str, facts: Mapping[str, Any]) -> str | None:
    return _text(facts[path]) if path in facts else None


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list):
        return "; ".join(map(_text, value)) or "none"
    if isinstance(value, dict):  # a band or a category
        earned = f"{_text(value['points'])} points"
        if "values" in value:
            return f"{', '.join(value['values'])}: {earned}"
        return f"from {_text(value['from'])}: {earned}" if "from" in value else f"lowest: {earned}"
    return str(value)


def _reordered(key: str, before: Model, after: Model) -> Iterator[Difference]:
    """Say where the order of what both models have is another one: it decides who gets a leftover basis point."""

    def order(model: Model, other: Model) -> Sequence[str]:
        there = {item.id for item in getattr(other, key)}
        return [item.id for item in getattr(model, key) if item.id in there]

    old, new = order(before, after), order(after, before)
    if old != new:
        yield Difference(key, ", ".join(old), ", ".join(new))
