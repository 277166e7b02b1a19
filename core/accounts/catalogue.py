"""The catalogue: what people did with the books of a workspace: names, deletions, refreshes, ratings by hand.

A book is a file that never changes; this is what was decided about it, kept in the state store, so that every step can
be undone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from core.accounts import books
from core.accounts.checking import Column
from core.accounts.contract import BY_NAME, WANTED, Kind, normalise
from core.errors import TierwiseError
from core.workspace.document import Change

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

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


def titles(all_: Sequence[Entry], taken: Iterable[str] = ()) -> dict[str, str]:
    """Name every book that is not deleted so that no two are called alike: a box of choices knows them by these names.

    Of several the newest, which stands first, keeps its name; the others say when they were made, or their digest.
    """
    used, made = set(taken), {}
    for entry in all_:
        if not entry.deleted:
            told = [f", {entry.time:%Y-%m-%d %H:%M}"] if entry.time else []
            longer = [entry.name + more for more in ("", *told, f", {entry.digest[:12]}")]
            made[entry.digest] = next((name for name in longer if name not in used), f"{entry.name}, {entry.digest}")
            used.add(made[entry.digest])
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


def ratable(heading: str, columns: Sequence[Column]) -> None:
    """Refuse to rate under the heading of a column of the contract; raises `TierwiseError`."""
    for column in columns:
        if normalise(column.heading) == normalise(heading) and column.name in BY_NAME:
            what = f"“{column.heading}” holds {WANTED[column.kind]}, and no points"
            raise TierwiseError(what, way_out="Give the criterion another name")


def rated(
    checked: Checked,
    made: Mapping[str, Mapping[str, float]],
    held: Mapping[str, Mapping[str, float]] | None = None,
) -> Checked:
    """Put ratings made by hand over a checked table: a column of that heading is filled over, or added.

    What the file says stays beside it, under the heading and “(in the file)”, so that a rating can be taken back;
    `held` are the ratings that the table holds already.
    """
    ids = checked.table["account_id"].to_pylist()
    for heading, by in made.items():
        points = pa.array([by.get(ident) for ident in ids], pa.float64())
        found, own = _under(checked, heading), _under(checked, heading + IN_FILE)
        if found is None:
            checked = _with(checked, heading, points) if by else checked
        elif found.name not in BY_NAME:
            if own is None and by and not (held or {}).get(heading):
                said = checked.table[found.name].combine_chunks()
                checked = _with(checked, found.heading + IN_FILE, said, found.kind)
                own = checked.columns[-1]
            before = _points(checked, own) if own else _without(checked, found, ids, (held or {}).get(heading, {}))
            checked = _with(checked, found.heading, pc.coalesce(points, before), place=found.name)
    return checked


IN_FILE = " (in the file)"


def _under(checked: Checked, heading: str) -> Column | None:
    return next((c for c in checked.columns if normalise(c.heading) == normalise(heading)), None)


def _points(checked: Checked, column: Column) -> pa.Array:
    """Give what a column of numbers says; a column of words says nothing in points."""
    values = checked.table[column.name].combine_chunks()
    return values if column.kind is Kind.NUMBER else pa.nulls(len(values), pa.float64())


def _without(checked: Checked, column: Column, ids: Sequence[str], held: Mapping[str, float]) -> pa.Array:
    """Give what a column says of accounts that were not rated by hand."""
    return pc.if_else(pa.array([ident in held for ident in ids], pa.bool_()), None, _points(checked, column))


def _with(checked: Checked, heading: str, values: pa.Array, kind: Kind = Kind.NUMBER, place: str = "") -> Checked:
    """Add a column, or put it in the place of another."""
    columns, table = list(checked.columns), checked.table
    taken = {column.name for column in columns}
    name = place or next(f"x{n}" for n in range(len(columns) + 1) if f"x{n}" not in taken)
    column = Column(name, heading, kind)
    if place:
        columns = [column if one.name == place else one for one in columns]
        return replace(
            checked, table=table.set_column(table.column_names.index(place), name, values), columns=tuple(columns)
        )
    return replace(checked, table=table.append_column(name, values), columns=(*columns, column))


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
