"""Tiers, and the gates before them.

Tiers are ordered, best first; the last one has cut-off 0, so that every rated account has a tier.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from core.model.criteria import Record, Slug, Text
from core.model.numbers import CutOff, Number, scaled


class Tier(Record):
    """A class of accounts with the service it gets: `cut_off` is its lowest score, inclusive."""

    name: Text
    cut_off: CutOff
    aliases: tuple[Text, ...] = ()
    service_level: str = ""
    cadence: str = ""
    accounts_per_owner: Annotated[int, Field(gt=0)] | None = None

    @property
    def hundredths(self) -> int:
        """The cut-off in hundredths of a point."""
        return scaled(self.cut_off, 100)


class Gate(Record):
    """A condition an account must meet to be in a tier better than `best_tier`, whatever its score.

    Exactly one test: the column's text is `allowed`, or is not `refused`, or its number is `at_least` or `below`.
    A missing value passes unless `missing_fails`; either way the tier is provisional where the value could change it.
    """

    id: Slug
    name: Text
    column: Text
    best_tier: Text
    allowed: tuple[Text, ...] = ()
    refused: tuple[Text, ...] = ()
    at_least: Number | None = None
    below: Number | None = None
    missing_fails: bool = False

    @model_validator(mode="after")
    def _one_test(self) -> Gate:
        tests = [bool(self.allowed), bool(self.refused), self.at_least is not None, self.below is not None]
        if sum(tests) != 1:
            message = "a gate has exactly one of allowed, refused, at_least, below"
            raise ValueError(message)
        return self
