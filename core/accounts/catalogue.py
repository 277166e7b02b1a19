"""The catalogue: what people did with the books of a workspace: names, deletions, refreshes, ratings by hand.

A book is a file that never changes; this is what was decided about it, kept in the state store, so that every step can
be undone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from core.accounts import books
from core.accounts.checking import Column
from core.accounts.contract import Kind, normalise
from core.errors import TierwiseError
from core.workspace.document import Change

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from core.accounts.checking import Checked
    from core.accounts.snapshot import About
    from core.workspace.document import Document, Stamp
    from core.workspace.folder import Workspace
    from core.workspace.state import Store

KIND, RATINGS = "book", "ratings"
HIGHEST = 10.0


@dataclass(frozen=True, slots=True)
class Entry:
    """A book of the workspace: its digest, name now, what its file says, and what is known of its making."""

    digest: str
    name: str
    about: About
    time: dt.datetime | None
    before: str = ""
    deleted: bool = False


def entries(workspace: Workspace, store: Store | None) -> list[Entry]:
    """List the books, newest first, those that were deleted too."""
    said: dict[str, Document] = {found.id: found for found in store.newest(KIND)} if store else {}
    made = []
    for digest, about in books.kept(workspace).items():
        body: dict[str, Any] = said[digest].body if digest in said else {}
        time = said[digest].time if digest in said else None
        gone = bool(body.get("deleted"))
        made.append(Entry(digest, body.get("name") or about.name, about, time, body.get("before", ""), gone))
    return made


def note(store: Store, digest: str, stamp: Stamp, **changes: Any) -> None:
    """Write down a change of a book: `name`, `deleted`, `before` (the digest it was refreshed from)."""

    def decide() -> Change:
        last = store.latest(KIND, digest)
        body = ({} if last is None else last.body) | changes
        action = "deleted" if changes.get("deleted") else next(iter(changes), "noted")
        return Change(KIND, digest, action, title=str(body.get("name", ""))[:80], body=body)

    store.write(decide, stamp)


def rename(store: Store, digest: str, name: str, stamp: Stamp) -> None:
    """Give a book another name; raises `TierwiseError` where it would have none."""
    if not name.strip():
        what = "a book needs a name"
        raise TierwiseError(what, way_out="Write one")
    note(store, digest, stamp, name=name.strip()[:80])


# Ratings by hand -----------------------------------------------------------------------------------------------------


def ratings(store: Store, lineage: str) -> dict[str, dict[str, float]]:
    """Give the ratings made by hand: heading to account id to points, apart from what any file says."""
    found = store.latest(RATINGS, lineage)
    return {} if found is None else {heading: dict(by) for heading, by in found.body.items()}


def rate(store: Store, lineage: str, heading: str, by: Mapping[str, float | None], stamp: Stamp) -> None:
    """Keep ratings of one criterion, 0 to 10; None takes one back. Raises `TierwiseError` outside that range."""
    wrong = [ident for ident, points in by.items() if points is not None and not 0 <= points <= HIGHEST]
    if wrong:
        what = f"the rating of “{wrong[0]}” is not from 0 to 10"
        raise TierwiseError(what, way_out="Give points from 0 to 10")

    def decide() -> Change:
        now = ratings(store, lineage)
        merged = {**now.get(heading, {}), **by}
        now[heading] = {ident: points for ident, points in merged.items() if points is not None}
        return Change(RATINGS, lineage, "rated", title=heading[:80], scope=lineage, body=now)

    store.write(decide, stamp)


def lineage(all_: list[Entry], digest: str) -> str:
    """Give the first book that a book goes back to by refreshes."""
    before = {entry.digest: entry.before for entry in all_}
    seen = {digest}
    while before.get(digest) and before[digest] not in seen:
        digest = before[digest]
        seen.add(digest)
    return digest


def rated(checked: Checked, made: Mapping[str, Mapping[str, float]]) -> Checked:
    """Put ratings made by hand over a checked table: a column of that heading is filled over, or added."""
    from dataclasses import replace  # noqa: PLC0415  beside its use

    table, columns = checked.table, list(checked.columns)
    ids = table["account_id"].to_pylist()
    for heading, by in made.items():
        if not by:
            continue
        points = pa.array([by.get(ident) for ident in ids], pa.float64())
        found = next((c for c in columns if normalise(c.heading) == normalise(heading)), None)
        if found is not None and found.kind is Kind.NUMBER:
            place = table.column_names.index(found.name)
            table = table.set_column(place, found.name, pc.coalesce(points, table[found.name].combine_chunks()))
        elif found is None:
            taken = {column.name for column in columns}
            name = next(f"x{n}" for n in range(len(columns) + 1) if f"x{n}" not in taken)
            table = table.append_column(name, points)
            columns.append(Column(name, heading, Kind.NUMBER))
    return replace(checked, table=table, columns=tuple(columns))


# Refresh -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """What a refresh brings: ids that are new, gone, and those of which a value changed, with the headings that did."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: Mapping[str, tuple[str, ...]]


def difference(before: Checked, after: Checked) -> Difference:
    """Compare two tables account by account, by their ids; a column that only one of them has counts as unchanged."""
    old, new = before.table["account_id"].to_pylist(), after.table["account_id"].to_pylist()
    both = [ident for ident in new if ident in set(old)]
    at = [{ident: i for i, ident in enumerate(ids)} for ids in (old, new)]
    changed: dict[str, list[str]] = {}
    by_key = {_key(column): column for column in before.columns}
    places = [pa.array([found[ident] for ident in both], pa.int64()) for found in at]
    for column in after.columns:
        other = by_key.get(_key(column))
        if other is None or column.name == "account_id":
            continue
        left = _as_text(before.table[other.name].take(places[0]))
        right = _as_text(after.table[column.name].take(places[1]))
        for i in pc.indices_nonzero(pc.not_equal(left, right)).to_pylist():
            changed.setdefault(both[i], []).append(column.heading)
    added = tuple(ident for ident in new if ident not in at[0])
    removed = tuple(ident for ident in old if ident not in at[1])
    return Difference(added, removed, {ident: tuple(headings) for ident, headings in changed.items()})


def _key(column: Column) -> str:
    return normalise(column.heading) if column.name.startswith("x") else column.name


def _as_text(values: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.fill_null(pc.cast(values, pa.string()), "\x00")
