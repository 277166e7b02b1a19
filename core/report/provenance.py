"""Provenance: what everything that is taken away carries, so that a number in it can be traced.

In: a portfolio, the model and the filters it was made with.  Out: one frozen record of plain facts, and its texts.
"""

from __future__ import annotations

import functools
import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core import wording
from core.model import toml

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from core.measures.portfolio import Portfolio
    from core.model.model import Model

SHOWN = 12
"""Characters of a SHA-256 that are written: enough to tell two books apart, short enough to be read out."""
EVERYTHING = "none, every account of the book"
_PROJECT = Path(__file__).parents[2] / "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the numbers come from.

    digest and fingerprint: the first characters of the SHA-256 of the book's data and of the model as TOML; accounts:
    those that pass the filters, of `accounts_of_book`; joined: subsidiaries count as one
    customer with their parents; made: the day the document was made, where its maker gave it.
    """

    book: str
    digest: str
    source: str
    model: str
    fingerprint: str
    filters: str
    as_of: dt.date | None
    currency: str
    accounts: int
    accounts_of_book: int
    set_aside: int
    version: str
    joined: bool = False
    made: dt.date | None = None

    @property
    def whose(self) -> str:
        """Say whose shares are measured."""
        return "customers, subsidiaries joined with their parents" if self.joined else "accounts, each by itself"

    def facts(self) -> list[tuple[str, str]]:
        """Give every fact with its name, in the order a reader checks them."""
        counted = f"{wording.count(self.accounts)} of {wording.count(self.accounts_of_book)}"
        facts = [
            ("Book", self.book),
            ("Book's digest (SHA-256)", self.digest),
            ("Source file", self.source),
            ("Model", self.model),
            ("Model's fingerprint (SHA-256)", self.fingerprint),
            ("Filters", self.filters),
            ("As of", _day(self.as_of)),
            ("Currency", self.currency),
            ("Accounts", counted),
            ("Shares are of", self.whose),
            ("Rows of the file set aside", wording.count(self.set_aside)),
            ("Made with", f"Tierwise {self.version}"),
        ]
        return facts + ([("Made on", self.made.isoformat())] if self.made else [])

    def line(self) -> str:
        """Give the facts that stand under every chart, on one line."""
        return (
            f"Source: {self.book} ({self.digest}), as of {_day(self.as_of)} · model: {self.model} ({self.fingerprint})"
            f" · filters: {self.filters}{' · subsidiaries joined' if self.joined else ''} · Tierwise {self.version}"
        )


def trace(
    portfolio: Portfolio,
    model: Model,
    filters: Mapping[str, Sequence[str]],
    *,
    joined: bool = False,
    made: dt.date | None = None,
    called: str = "",
) -> Provenance:
    """Say where the numbers of a portfolio under a model come from; `filters` are those it was prepared with.

    `called` is the name that the book goes by, where that is no longer the one in its file.
    """
    book = portfolio.book
    return Provenance(
        book=called or book.name,
        digest=book.digest[:SHOWN],
        source=book.source,
        model=model.name,
        fingerprint=fingerprint(model),
        filters=in_words(filters),
        as_of=portfolio.as_of,
        currency=book.currency,
        accounts=int(portfolio.cube.accounts.sum()),
        accounts_of_book=book.rows,
        set_aside=book.rows_set_aside,
        version=version(),
        joined=joined,
        made=made,
    )


def fingerprint(model: Model) -> str:
    """Fingerprint everything that a model says; two models share it only where they are the same file."""
    return hashlib.sha256(toml.dumps(model).encode()).hexdigest()[:SHOWN]


def in_words(filters: Mapping[str, Sequence[str]]) -> str:
    """Say filters in words.

    >>> in_words({"region": ["EMEA", "APAC"], "owner": []}), in_words({})
    ('region is APAC or EMEA', 'none, every account of the book')
    """
    parts = [f"{name} is {' or '.join(sorted(values))}" for name, values in filters.items() if values]
    return "; ".join(parts) or EVERYTHING


@functools.cache
def version() -> str:
    """Give the version of Tierwise, as the project's own file has it."""
    return str(tomllib.loads(_PROJECT.read_text(encoding="utf-8"))["project"]["version"])


def _day(day: dt.date | None) -> str:
    return day.isoformat() if day else "no date in the data"
