"""Criteria: the four ways to turn an account's value into points.

Bands (a number falls between lower edges), categories (a text is listed), linear (between two values, resolved to 0.1
point) and direct points (the column holds points). A band's lower edge is inclusive, its upper edge exclusive; only
lower edges are stored, and labels are made from them.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from core.model.numbers import Importance, Number, Points, scaled

Text = Annotated[str, Field(min_length=1, max_length=200)]
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]


class Record(BaseModel):
    """A frozen record that knows every one of its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class _Criterion(Record):
    """What every criterion has, whatever turns its values into points."""

    id: Slug
    name: Text
    column: Text
    group: Text = "firmographic"
    unit: str = ""
    description: str = ""
    importance: Importance


class Band(Record):
    """Values from `lower` (inclusive) up to the next band's `lower` earn `points`; no `lower` is open below."""

    lower: Number | None = Field(default=None, alias="from")
    points: Points


class BandCriterion(_Criterion):
    """A number that falls into a band.

    A first band without `from` takes everything below the second; with `from`, values below it earn no points at all
    and count as missing.
    """

    kind: Literal["bands"] = "bands"
    bands: tuple[Band, ...] = Field(min_length=1)

    @field_validator("bands")
    @classmethod
    def _edges_rise(cls, bands: tuple[Band, ...]) -> tuple[Band, ...]:
        if any(band.lower is None for band in bands[1:]):
            message = "only the first band may go without a lower edge"
            raise ValueError(message)
        edges = [band.lower for band in bands if band.lower is not None]
        if any(a >= b for a, b in pairwise(edges)):
            message = "lower edges must rise from band to band"
            raise ValueError(message)
        return bands

    @property
    def levels(self) -> tuple[int, ...]:
        """The points an account can earn, in tenths, by band."""
        return tuple(scaled(band.points, 10) for band in self.bands)

    def labels(self) -> tuple[str, ...]:
        """Name each band by its edges, in the criterion's unit.

        >>> sizes = (Band(points=0), Band(lower=500, points=5), Band(lower=2000, points=8))
        >>> BandCriterion(id="size", name="Size", column="employees", importance=20, bands=sizes).labels()
        ('<500', '500–1,999', '2,000+')
        """
        whole = all(float(b.lower).is_integer() for b in self.bands if b.lower is not None)
        step = 1 if whole and self.unit not in ("USD", "EUR", "GBP") else 0
        names = []
        for band, upper in zip(self.bands, [*(b.lower for b in self.bands[1:]), None], strict=True):
            if band.lower is None:
                names.append("any" if upper is None else f"<{upper:,.10g}")
            elif upper is None:
                names.append(f"{band.lower:,.10g}+")
            else:
                names.append(f"{band.lower:,.10g}–{upper - step:,.10g}")
        return tuple(names)


class Category(Record):
    """Values that earn the same points; compared without regard to case or outer spaces."""

    values: tuple[Text, ...] = Field(min_length=1)
    points: Points


class CategoryCriterion(_Criterion):
    """A text that is listed. What is not listed earns `otherwise`; without `otherwise` it counts as missing."""

    kind: Literal["categories"] = "categories"
    categories: tuple[Category, ...] = Field(min_length=1)
    otherwise: Points | None = None

    @field_validator("categories")
    @classmethod
    def _listed_once(cls, categories: tuple[Category, ...]) -> tuple[Category, ...]:
        seen: set[str] = set()
        for value in (fold(v) for category in categories for v in category.values):
            if value in seen:
                message = f"the value “{value}” is listed twice"
                raise ValueError(message)
            seen.add(value)
        return categories

    @property
    def levels(self) -> tuple[int, ...]:
        """The points an account can earn, in tenths: one a category, then `otherwise` where there is one."""
        listed = tuple(scaled(category.points, 10) for category in self.categories)
        return listed if self.otherwise is None else (*listed, scaled(self.otherwise, 10))

    def labels(self) -> tuple[str, ...]:
        """Name each category by its values."""
        listed = tuple(", ".join(category.values) for category in self.categories)
        return listed if self.otherwise is None else (*listed, "anything else")


class LinearCriterion(_Criterion):
    """A number between `zero_at` (0 points) and `ten_at` (10 points), clamped beyond them, to the nearest 0.1 point.

    `zero_at` may be the larger of the two: fewer is then better.
    """

    kind: Literal["linear"] = "linear"
    zero_at: Number
    ten_at: Number

    @model_validator(mode="after")
    def _apart(self) -> LinearCriterion:
        if self.zero_at == self.ten_at:
            message = "zero_at and ten_at must differ"
            raise ValueError(message)
        return self

    @property
    def levels(self) -> tuple[int, ...]:
        """Every tenth of a point."""
        return tuple(range(101))


class PointsCriterion(_Criterion):
    """A column that holds points itself, 0 to 10, taken to the nearest 0.1; anything outside counts as missing."""

    kind: Literal["points"] = "points"

    @property
    def levels(self) -> tuple[int, ...]:
        """Every tenth of a point."""
        return tuple(range(101))


Criterion = Annotated[
    BandCriterion | CategoryCriterion | LinearCriterion | PointsCriterion, Field(discriminator="kind")
]


def fold(text: str) -> str:
    """Fold a category's text for comparison: outer spaces and case do not count."""
    return text.strip().lower()
