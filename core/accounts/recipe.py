"""A recipe: everything a reader has decided about files, so that the same files give the same book again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Part(BaseModel):
    """How one more table joins the accounts; headings are the table's own, `to` is a heading of the accounts.

    use: `columns` adds its columns, one row an account; `amounts` sums dated amounts; `contracts` sums the yearly
    amounts of contracts that are open; `skip` leaves it out. `only` keeps rows whose column says one of the values.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    use: str = "columns"
    key: str = ""
    to: str = ""
    amount: str = ""
    day: str = ""
    end: str = ""
    only: str = ""
    values: tuple[str, ...] = ()
    into: str = "annual_revenue"
    history: bool = True

    def with_(self, **changes: Any) -> Part:
        """Give the part with changes."""
        return self.model_copy(update=changes)


class Recipe(BaseModel):
    """What was decided.

    mapping: field to heading, an empty heading for none; formats: heading to a style; merges: heading to the words that
    stand for another word; same: id to the id it is merged into; parts: for each further table (by its place in the
    list of files, from 1) how it joins, in order; propose: apply what the headings leave no doubt of; grouped: the
    heading that names the account where the rows of the first file are payments or deals; 0 is then a further table.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    mapping: Mapping[str, str] = Field(default_factory=dict)
    formats: Mapping[str, str] = Field(default_factory=dict)
    merges: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    same: Mapping[str, str] = Field(default_factory=dict)
    twice: str = ""
    grouped: str = ""
    parts: tuple[tuple[int, Part], ...] = ()
    set_aside: bool = False
    propose: bool = False

    def with_(self, **changes: Any) -> Recipe:
        """Give the recipe with changes."""
        return self.model_copy(update=changes)
