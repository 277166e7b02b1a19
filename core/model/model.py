"""The model: everything that decides a tier, as one frozen record that cannot exist when wrong."""

from __future__ import annotations

import hashlib
import json
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, model_validator

from core.errors import BadModel, Fault, TierwiseError, UnknownName
from core.model.criteria import Criterion, Record, Text
from core.model.health import Health
from core.model.numbers import Share, weights_from
from core.model.tiers import Gate, Tier

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST_CRITERIA = 17
"""More criteria than this nobody can weigh, and a profile, with three digits of gates, would not fit into 128 bits."""


class Model(Record):
    """Criteria with importance, tiers with cut-offs, gates, the coverage floor, and the health model."""

    name: Text
    description: str = ""
    coverage_floor: Share = 0.6
    criteria: tuple[Criterion, ...] = Field(min_length=1, max_length=MOST_CRITERIA)
    tiers: tuple[Tier, ...] = Field(min_length=2, max_length=8)
    gates: tuple[Gate, ...] = Field(default=(), max_length=8)
    health: Annotated[Health, Field(default_factory=Health)]

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Model:
        for _place, message in contradictions(
            [c.id for c in self.criteria],
            [c.importance for c in self.criteria],
            [(t.name, t.cut_off) for t in self.tiers],
            [(g.id, g.best_tier) for g in self.gates],
        ):
            raise ValueError(message)
        return self

    @property
    def weights(self) -> tuple[int, ...]:
        """The weights in basis points, in the order of the criteria; they add to 10,000."""
        return weights_from([criterion.importance for criterion in self.criteria])

    @property
    def cut_offs(self) -> tuple[int, ...]:
        """The cut-offs in hundredths of a point, best tier first; the last is 0."""
        return tuple(tier.hundredths for tier in self.tiers)

    @property
    def tier_names(self) -> tuple[str, ...]:
        """The tiers' names, best first."""
        return tuple(tier.name for tier in self.tiers)

    @property
    def floor(self) -> int:
        """The coverage floor in basis points: an account with less of the weight present is unrated."""
        return round(self.coverage_floor * 10_000)

    def with_importance(self, changes: Mapping[str, float]) -> Model:
        """Give the same model with other importances; a criterion that is not named keeps its own.

        Raises `UnknownName` for a criterion that the model does not have, `TierwiseError` for an importance that is
        not a number from 0 to 100, or where none is above 0.
        """
        known = [criterion.id for criterion in self.criteria]
        for name in changes:
            if name not in known:
                raise UnknownName.of("criterion", name, known)
        for name, value in changes.items():
            if not 0 <= value <= 100:
                what = f"the importance {value:g} is not a number from 0 to 100"
                raise TierwiseError(what, where=name, way_out="Give a number from 0 to 100")
        weights_from([changes.get(c.id, c.importance) for c in self.criteria])  # raises where all are 0
        criteria = tuple(
            type(c).model_validate({**c.model_dump(), "importance": changes.get(c.id, c.importance)})
            for c in self.criteria
        )
        return Model.model_validate({**dict(self), "criteria": criteria})

    def with_cut_offs(self, changes: Mapping[str, float]) -> Model:
        """Give the same model with other cut-offs, by tier; a tier that is not named keeps its own.

        Raises `UnknownName` for a tier that the model does not have, `BadModel` where cut-offs no longer fall from tier
        to tier.
        """
        for name in changes:
            if name not in self.tier_names:
                raise UnknownName.of("tier", name, self.tier_names)
        cut_offs = [(tier.name, float(changes.get(tier.name, tier.cut_off))) for tier in self.tiers]
        found = contradictions([], [], cut_offs, [])
        if found:
            raise BadModel([Fault(place, what, "Mend the cut-off") for place, what in found])
        tiers = tuple(
            Tier.model_validate({**dict(t), "cut_off": c}) for t, (_, c) in zip(self.tiers, cut_offs, strict=True)
        )
        return Model.model_validate({**dict(self), "tiers": tiers})

    def banding_key(self) -> str:
        """Fingerprint of what a profile depends on: bands, columns and gates, but no weight and no cut-off."""
        parts = [
            c.model_dump(mode="json", exclude={"importance", "name", "description", "group"}) for c in self.criteria
        ]
        gates = [(g.model_dump(mode="json"), self.tier_names.index(g.best_tier)) for g in self.gates]
        text = json.dumps(
            [parts, gates, self.health.model_dump(mode="json", exclude={"actions", "rules"})], sort_keys=True
        )
        return hashlib.sha256(text.encode()).hexdigest()


def contradictions(
    ids: Sequence[str],
    importance: Sequence[float],
    tiers: Sequence[tuple[str, float]],
    gates: Sequence[tuple[str, str]],
) -> list[tuple[str, str]]:
    """List what parts of a model, each right by itself, get wrong together, as (place, what).

    One truth for two readers: a `Model` refuses to exist with any of these; the TOML reader lists them all, beside the
    faults of single values.
    """
    found = [("criteria", f"the criterion id “{i}” stands twice") for i in sorted({i for i in ids if ids.count(i) > 1})]
    if importance and not any(importance):
        found.append(("criteria", "every criterion has importance 0"))
    names = [name for name, _ in tiers]
    found += [("tiers", f"the tier “{n}” stands twice") for n in sorted({n for n in names if names.count(n) > 1})]
    found += [
        (f"tiers[{i + 2}].cut_off", f"{low:g} is not below {high:g}, the cut-off of the tier before it")
        for i, ((_, high), (_, low)) in enumerate(pairwise(tiers))
        if low >= high
    ]
    if tiers and tiers[-1][1] != 0:
        found.append(
            (f"tiers[{len(tiers)}].cut_off", "the last tier needs cut-off 0, so that every account has a tier")
        )
    found += [
        (f"gates[{i}].best_tier", f"there is no tier “{best}”")
        for i, (_, best) in enumerate(gates, 1)
        if best not in names
    ]
    return found
