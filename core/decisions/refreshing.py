"""Refreshing: what new data changes in a book, account by account, under a model that stays the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from core.accounts import books
from core.accounts.checking import Checked
from core.accounts.listing import Wanted
from core.measures import portfolio, tiers

if TYPE_CHECKING:
    from core.accounts.catalogue import Difference
    from core.accounts.snapshot import About
    from core.model.model import Model


def reopened(table: pa.Table, about: About, findings: pa.Table) -> Checked:
    """Give a kept book as a checked table, as it was before it was kept."""
    return Checked(table, about.columns, findings, about.rows_in_file, about.rows_set_aside)


def moved(before: Checked, after: Checked, model: Model) -> dict[str, tuple[str, str]]:
    """Give the accounts in both whose tier differs under the same model: id to (tier before, tier after)."""
    old, new = _tiers(before, model), _tiers(after, model)
    return {ident: (old[ident], tier) for ident, tier in new.items() if ident in old and old[ident] != tier}


def _tiers(checked: Checked, model: Model) -> dict[str, str]:
    book = books.open_checked(checked, name="refresh", source="refresh")
    prepared = portfolio.prepare(book, model)
    verdict = tiers.weigh(prepared.cube, model)
    found = portfolio.accounts(prepared, verdict, Wanted(sort="row", descending=False))
    labels = [verdict.labels[i] for i in found["tier"].to_pylist()]
    return dict(zip(found["account_id"].to_pylist(), labels, strict=True))


def table(found: Difference, moves: dict[str, tuple[str, str]]) -> pa.Table:
    """List every account that a refresh touches: id, what happened, which values, and its tiers where they differ."""
    rows = [{"account_id": i, "change": "added", "values": "", "tier": ""} for i in found.added]
    rows += [{"account_id": i, "change": "removed", "values": "", "tier": ""} for i in found.removed]
    told = dict.fromkeys((*moves, *found.changed))
    rows += [
        {
            "account_id": ident, "change": "changed", "values": ", ".join(found.changed.get(ident, ())),
            "tier": " → ".join(moves[ident]) if ident in moves else "",
        }
        for ident in told
    ]  # fmt: skip
    schema = pa.schema([(name, pa.string()) for name in ("account_id", "change", "values", "tier")])
    return pa.Table.from_pylist(rows, schema)
