"""A book under a model: what the screens and the command line ask for, put together from the measures.

`prepare` costs a scan of the book and belongs into a cache; `verdict` and what follows from it cost the profiles only.
"""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from core import parallel
from core.accounts import books, cube, details, listing
from core.accounts import filters as filters_floor
from core.accounts.listing import Listing
from core.measures import health as health_measure
from core.measures import scoring, tiers
from core.model.health import AT_RISK, STATUSES

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from core.accounts.books import Book
    from core.accounts.cube import Cube
    from core.accounts.engine import Table
    from core.accounts.listing import Wanted
    from core.measures.tiers import Verdict
    from core.model.health import Health
    from core.model.model import Model


@dataclass(frozen=True, slots=True)
class Portfolio:
    """A book prepared under a model's bands, gates and health: its cube and its listing. Holds for any weights.

    `as_of` is None where neither the book nor anybody says what today is; then nothing has an age.
    """

    book: Book
    cube: Cube
    listing: Listing
    as_of: dt.date | None
    told: Told | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What the book's own probabilities of loss say, where it has any.

    accounts: how many have one; loss: cents that these lose on average; untold: (4,) cents by status of the others.
    """

    accounts: int
    loss: float
    untold: tuple[int, ...]


def prepare(
    book: Book, model: Model, *, as_of: dt.date | None = None, filters: Mapping[str, Sequence[str]] | None = None
) -> Portfolio:
    """Judge health, band every account and group by profile."""
    day = as_of or book.as_of
    health = judge(book, model.health, day)
    accounts = cube.keyed(book, model, health=health, filters=filters)
    name = _named(book, model, day, filters or {})
    keys, profile = cube.profiles(accounts)
    ground = None if any((filters or {}).values()) else filters_floor.ground(accounts, profile)
    if ground is None:
        listed = listing.make(book, accounts, profile, name=name)
        found = cube.group(accounts, model)
        return Portfolio(book, found, listed, day, _told(listed) if _tells(book, model) else None)
    found, part = filters_floor.whole(ground, keys, model)
    told = _told_of(filters_floor.told(ground, None)) if _tells(book, model) else None
    return Portfolio(book, found, Listing(name, book, part), day, told)


def narrow(whole: Portfolio, model: Model, filters: Mapping[str, Sequence[str]]) -> Portfolio:
    """Give what `prepare` gives with these filters, from the portfolio of the whole book in a fraction of the time."""
    book, part = whole.book, whole.listing.part
    if part is None or part.passes is not None:
        return prepare(book, model, as_of=whole.as_of, filters=filters)
    passes = filters_floor.passing(book, part.ground, filters)
    with ThreadPoolExecutor(1) as pool:  # numpy lets go of Python's lock
        told = pool.submit(filters_floor.told, part.ground, passes) if _tells(book, model) else None
        found, narrowed = filters_floor.narrow(whole.cube, part.ground, passes)
    listed = Listing(_named(book, model, whole.as_of, filters), book, narrowed)
    return Portfolio(book, found, listed, whole.as_of, _told_of(told.result()) if told else None)


def _told_of(by_status: list[tuple[int, float, int]]) -> Told:
    accounts, loss, untold = zip(*by_status, strict=True)
    return Told(sum(accounts), sum(loss), untold)


def _named(book: Book, model: Model, day: dt.date | None, filters: Mapping[str, Sequence[str]]) -> str:
    chosen = {name: sorted(values) for name, values in filters.items() if values}
    return book.listing_prefix + _fingerprint(book.digest, model.banding_key(), _said(day), chosen)


def _tells(book: Book, model: Model) -> bool:
    return book.has("churn_probability") and model.health.loss_probability.from_book


def _told(listed: Listing) -> Told:
    found = {row["status"]: row for row in details.told(listed).to_pylist()}
    untold = tuple(int(found[code]["untold_revenue"]) if code in found else 0 for code in range(4))
    return Told(sum(row["told"] for row in found.values()), sum(row["loss"] for row in found.values()), untold)


def judge(book: Book, health: Health, as_of: dt.date | None) -> Table:
    """Diagnose every account once, and hold the table that keeps status and score beside the accounts.

    The book holds it too, until it has been judged in many other ways.
    """
    rules = health.model_dump(mode="json", exclude={"actions", "rules", "loss_probability"})
    name = book.health_prefix + _fingerprint(rules, _said(as_of))

    def judged() -> pa.Table:
        parts = books.signals_in_parts(book, as_of)
        return pa.Table.from_batches(parallel.two_at_once(lambda signals: _judged(signals, health), parts))

    table = books.beside(book, name, judged)
    books.spare(book, _MOST_JUDGED)
    return table


def _judged(signals: Mapping[str, npt.NDArray[np.float64]], health: Health) -> pa.RecordBatch:
    found = [
        health_measure.diagnose({name: values[start : start + _AT_ONCE] for name, values in signals.items()}, health)
        for start in range(0, len(signals["row"]), _AT_ONCE)
    ]
    status, score = (np.concatenate([getattr(some, name) for some in found]) for name in ("status", "score"))
    row, known = signals["row"].astype(np.int64), pa.array(score, from_pandas=True)  # NaN becomes missing
    return pa.record_batch({"row": row, "status": status, "health_score": known})


_MOST_JUDGED = 8
"""Ways to judge a book's health that are kept: who tries numbers on the page makes one with every number."""
_AT_ONCE = 1 << 14
"""Accounts that are judged at once: few enough for a processor's cache."""


def _said(day: dt.date | None) -> str:
    return day.isoformat() if day else "no date"


def _fingerprint(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:24]


def by_profile(verdict: Verdict) -> pa.Table:
    """Give what a verdict says of each profile, to be joined to accounts."""
    scores = verdict.scores
    return pa.table(
        {
            "profile": np.arange(len(verdict.tier), dtype=np.int32),
            "tier": verdict.tier,
            "score": pa.array(scores.score, from_pandas=True),
            "coverage": scores.coverage,
            "low": scores.low,
            "high": scores.high,
            "provisional": verdict.provisional,
        }
    )


def accounts(
    portfolio: Portfolio,
    verdict: Verdict,
    wanted: Wanted,
    *,
    limit: int | None = None,
    offset: int = 0,
    columns: Sequence[str] = (),
) -> pa.Table:
    """Give a page of accounts with tier, score and health; `columns` asks for some columns only."""
    return listing.page(portfolio.listing, by_profile(verdict), wanted, limit=limit, offset=offset, columns=columns)


@dataclass(frozen=True, slots=True)
class RiskCell:
    """Accounts and revenue (cents) of one tier and one health status."""

    tier: str
    health: str
    accounts: int
    revenue: int


def risk_matrix(found: Cube, verdict: Verdict) -> list[RiskCell]:
    """Cross tiers (best first, unrated last) with health statuses."""
    cells = []
    for code, status in enumerate(health_measure.STATUS_NAMES):
        counts = tiers.total(found.health_accounts[:, code], verdict.tier, len(verdict.names))
        revenue = tiers.total(found.health_revenue[:, code], verdict.tier, len(verdict.names))
        cells += [RiskCell(label, status, int(counts[i]), int(revenue[i])) for i, label in enumerate(verdict.labels)]
    return cells


@dataclass(frozen=True, slots=True)
class Risk:
    """Accounts and revenue (cents) that are At Risk or Critical, and the loss to be expected in the whole book.

    `told`: for how many accounts the book itself says how probable a loss is; for the others it is an assumption.
    `blind`: there are accounts, and the health of none is known.
    """

    accounts: int
    revenue: int
    total: int
    expected_loss: float
    told: int = 0
    blind: bool = False


def risk(found: Cube, health: Health, told: Told | None = None) -> Risk:
    """Add up revenue at risk over the whole book.

    Expected loss takes the probabilities that the book says, and the model's, by status, for all other revenue.
    """
    counts, revenue = found.health_accounts.sum(axis=0), found.health_revenue.sum(axis=0)
    codes = [STATUSES.index(status) for status in AT_RISK]
    assumed = health.loss_probability.by_status()
    others = told.untold if told else revenue
    expected = sum(float(others[i]) * assumed[status] for i, status in enumerate(STATUSES))
    expected += told.loss if told else 0.0
    counted = told.accounts if told else 0
    blind = bool(counts.sum()) and not counts[: len(STATUSES)].any()
    return Risk(int(counts[codes].sum()), int(revenue[codes].sum()), int(revenue.sum()), expected, counted, blind)


def contributions(portfolio: Portfolio, model: Model, profile: int) -> dict[str, float | None]:
    """Split the score of one profile over the criteria, in score points; None where the value is missing."""
    parts = scoring.contributions(portfolio.cube.points[[profile]], model.weights)[0]
    return {c.id: None if np.isnan(part) else float(part) for c, part in zip(model.criteria, parts, strict=True)}
