"""Joining: further tables into the accounts. One row an account adds columns; many rows an account are summed.

Amounts with a day (won deals, invoices) are summed over the twelve months up to the newest day and give a history by
month. Contracts with a yearly amount count where they are open on that day: begun, and not ended. Every row is counted
once: used, left out by a condition, without an account, of an account that is not in the book, or unreadable.
"""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.accounts import columns, mapping, values
from core.accounts.checking import FINDINGS, undecided
from core.accounts.columns import Column
from core.accounts.contract import WANTED, Kind
from core.accounts.raws import Raw
from core.accounts.recipe import Part
from core.errors import BadAccounts, UnknownName
from core.wording import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy.typing as npt

    from core.accounts.columns import Typed

    Mask = npt.NDArray[np.bool_]

AMOUNTS = ("amount", "close value", "close amount", "deal value", "value", "amount usd", "deal amount", "total",
           "invoice amount", "revenue", "net amount", "amount in company currency", "betrag")  # fmt: skip
YEARLY = ("arr amount", "arr", "annual amount", "acv", "annual contract value", "yearly amount")
DAYS = ("close date", "closed date", "date", "invoice date", "period", "posting date", "day", "paid on", "month")
STARTS, ENDS = ("start date", "contract start", "start", "begin"), ("end date", "contract end", "end", "ended at")
STAGES = ("deal stage", "stage", "stage name", "status", "opportunity stage", "deal status")
WON = ("won", "closed won", "closedwon", "paid", "gewonnen", "completed")
LOST = ("lost", "closed lost", "closedlost", "cancelled", "verloren", "canceled")
ENOUGH = 0.5
"""The share of a table's words that must be found among the accounts' for it to be their key."""
MOST_WORDS = 5_000


@dataclass(frozen=True, slots=True)
class Joined:
    """What one further table gave: its rows by what became of them, and where they went."""

    name: str
    use: str
    rows: int
    used: int
    left_out: int
    without_account: int
    strangers: int
    unreadable: int
    as_of: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """The accounts with what was joined to them, the history that follows, what became of every row, and findings."""

    accounts: Raw
    history: Raw | None
    joined: tuple[Joined, ...]
    findings: pa.Table
    notes: tuple[str, ...]


def join(
    accounts: Raw,
    tables: Sequence[tuple[str, Raw, Part]],
    formats: Mapping[str, str] | None = None,
    ids: str = "",
) -> Made:
    """Join tables (name, cells, how) to the accounts, whose ids stand under `ids`.

    Raises `Undecided`, `BadAccounts` and `UnknownName`.
    """
    joined, findings, notes, history = [], [FINDINGS.empty_table()], [], []
    told: set[tuple[int, str]] = set()
    for name, raw, part in tables:
        if part.use == "skip":
            continue
        table = _Table(name, raw, part, formats or {})
        keys = _key(accounts, part.to, "the accounts")
        table.ids = _key(accounts, ids, "the accounts") if ids in accounts.headings else keys
        places = pc.index_in(table.key, value_set=_first_of_each(keys)).to_numpy(zero_copy_only=False)
        if part.use == "columns":
            accounts, report = _columns(accounts, keys, table)
        else:
            add = _contracts if part.use == "contracts" else _amounts
            accounts, report, past = add(accounts, keys, table)
            history += [past] if past is not None and part.history else []
        report = replace(report, rows=report.rows + len(raw.broken), unreadable=report.unreadable + len(raw.broken))
        joined.append(report)
        found = _homeless(table, places, told)
        findings += [*found, *_unread(table, places, told)]
        notes += _notes(table, report, found)
    return Made(accounts, _history(history), tuple(joined), pa.concat_tables(findings), tuple(notes))


class _Table:
    """A table that is being joined, with its columns by heading."""

    def __init__(self, name: str, raw: Raw, part: Part, formats: Mapping[str, str]) -> None:
        self.name, self.raw, self.part, self.formats = name, raw, part, formats
        self.key = _key(raw, part.key, name)
        self.kept = self._condition()
        self.ids: pa.Array = pa.array([], pa.string())
        self.read: list[Typed] = []

    def ids_at(self, places: npt.NDArray[np.float64], rows: Mask) -> pa.Array:
        """Give the account's id of every row that counts."""
        return self.ids.take(pa.array(places[rows].astype(np.int64)))

    def column(self, heading: str) -> int:
        if heading not in self.raw.headings:
            raise UnknownName.of(f"column in {self.name}", heading, [h for h in self.raw.headings if h])
        return self.raw.headings.index(heading)

    def texts(self, heading: str) -> pa.Array:
        return _texts(self.raw, self.column(heading))

    def typed(self, heading: str, kind: Kind) -> Typed:
        i = self.column(heading)
        cells = self.raw.cells[f"c{i}"]
        whole = values.trimmed(cells) if pa.types.is_string(cells.type) else cells.combine_chunks()
        style = self.formats.get(heading, values.POINT if i in self.raw.plain else "")
        found = columns.typed(Column(kind.value, heading, kind), whole, style)
        if found.question:
            raise undecided((found.question,), self.name)
        self.read.append(found)
        return found

    def _condition(self) -> Mask:
        if not self.part.only:
            return np.ones(self.raw.cells.num_rows, bool)
        said = pc.utf8_lower(self.texts(self.part.only))
        wanted = pa.array([value.strip().lower() for value in self.part.values], pa.string())
        return np.asarray(pc.is_in(said, value_set=wanted).to_numpy(zero_copy_only=False))


def _texts(raw: Raw, i: int) -> pa.Array:
    column = raw.cells[f"c{i}"]
    if pa.types.is_string(column.type):
        return values.trimmed(column)
    return pc.fill_null(columns.as_text(column.combine_chunks()), "")


def _key(raw: Raw, heading: str, name: str) -> pa.Array:
    if heading not in raw.headings:
        raise UnknownName.of(f"column in {name}", heading, [h for h in raw.headings if h])
    return _texts(raw, raw.headings.index(heading))


def _first_of_each(keys: pa.Array) -> pa.Array:
    """Make empty keys match nothing."""
    return pc.if_else(pc.equal(keys, ""), pa.scalar(None, pa.string()), keys)


def _columns(accounts: Raw, keys: pa.Array, table: _Table) -> tuple[Raw, Joined]:
    """Add a table's columns to the accounts, by their key; a key that stands twice would have to be guessed at."""
    named = table.key.filter(pc.not_equal(table.key, ""))
    if pc.count_distinct(named).as_py() < len(named):
        counts = pc.value_counts(named).to_pylist()
        first = next(one["values"] for one in counts if one["counts"] > 1)
        raise BadAccounts(
            f"“{first}” stands more than once in the column {table.part.key}",
            where=table.name,
            way_out="Sum its rows as amounts, or keep one row per account",
        )
    places = pc.index_in(keys, value_set=_first_of_each(table.key))
    headings, cells, plain = list(accounts.headings), accounts.cells, set(accounts.plain)
    for i, heading in enumerate(table.raw.headings):
        if not heading or heading == table.part.key:
            continue
        fresh = heading if heading not in headings else f"{heading} ({table.name})"
        if fresh in headings:
            continue
        column = table.raw.cells[f"c{i}"].combine_chunks().take(places)
        plain |= {len(headings)} if i in table.raw.plain else set()
        cells = cells.append_column(f"c{len(headings)}", column)
        headings.append(fresh)
    homes = pc.is_in(table.key, value_set=_first_of_each(keys)).to_numpy(zero_copy_only=False)
    empty = pc.equal(table.key, "").to_numpy(zero_copy_only=False)
    rows = len(table.key)
    used = int((homes & ~empty).sum())
    made = _grown(accounts, headings, cells, plain)
    return made, Joined(table.name, "columns", rows, used, 0, int(empty.sum()), rows - used - int(empty.sum()), 0)


def _grown(raw: Raw, headings: Sequence[str], cells: pa.Table, plain: Iterable[int]) -> Raw:
    return Raw(tuple(headings), cells, raw.broken, raw.notes, raw.faults, raw.facts, frozenset(plain))


def _report(
    table: _Table, places: npt.NDArray[np.float64], readable: Mask, as_of: dt.date | None
) -> tuple[Joined, Mask]:
    """Say what became of every row, each counted once, and which rows count."""
    empty = pc.equal(table.key, "").to_numpy(zero_copy_only=False)
    home = ~np.isnan(places.astype(float))
    kept = table.kept
    counts = kept & ~empty & home & readable
    report = Joined(
        table.name, table.part.use, len(kept), int(counts.sum()), int((~kept).sum()), int((kept & empty).sum()),
        int((kept & ~empty & ~home).sum()), int((kept & ~empty & home & ~readable).sum()), as_of,
    )  # fmt: skip
    return report, counts


def _cents(amounts: pa.Array) -> npt.NDArray[np.int64]:
    """Give amounts as whole cents; a missing one as 0."""
    words = np.frombuffer(pc.fill_null(amounts, pa.scalar(0, amounts.type)).buffers()[1], np.int64)
    return words[0::2][: len(amounts)].copy()


def _amounts(accounts: Raw, keys: pa.Array, table: _Table) -> tuple[Raw, Joined, pa.Table | None]:
    """Sum dated amounts over the twelve months up to the newest day; without a day, sum them all."""
    part = table.part
    amount = table.typed(part.amount, Kind.MONEY)
    readable = amount.values.is_valid().to_numpy(zero_copy_only=False)  # an open deal without an amount is no 0
    days = table.typed(part.day, Kind.DATE).values if part.day else None
    places = pc.index_in(table.key, value_set=_first_of_each(keys)).to_numpy(zero_copy_only=False)
    as_of = None
    if days is not None:
        readable &= days.is_valid().to_numpy(zero_copy_only=False)
        as_of = pc.max(days.filter(pa.array(table.kept))).as_py()
    report, counts = _report(table, places, readable, as_of)
    cents = np.where(counts, _cents(amount.values), 0)
    recent = counts
    if days is not None and as_of is not None:
        ordinal = pc.fill_null(pc.cast(days, pa.int32()), 0).to_numpy()
        recent = counts & (ordinal > (_year_before(as_of) - dt.date(1970, 1, 1)).days)
    added = _summed(accounts, keys, places, np.where(recent, cents, 0), counts, part.into)
    past = None
    if days is not None:
        periods = _month_ends(days.filter(pa.array(counts)))
        by = pa.table({"key": table.ids_at(places, counts), "period": periods, "cents": cents[counts]})
        past = by.group_by(["key", "period"]).aggregate([("cents", "sum")])
    return added, report, past


def _contracts(accounts: Raw, keys: pa.Array, table: _Table) -> tuple[Raw, Joined, pa.Table | None]:
    """Sum the yearly amounts of the contracts that are open on the newest day on which one began."""
    part = table.part
    amount = table.typed(part.amount, Kind.MONEY)
    start, end = table.typed(part.day, Kind.DATE), table.typed(part.end, Kind.DATE)
    readable = (
        amount.values.is_valid().to_numpy(zero_copy_only=False)
        & ~end.bad
        & start.values.is_valid().to_numpy(zero_copy_only=False)
    )
    as_of = pc.max(start.values).as_py()
    places = pc.index_in(table.key, value_set=_first_of_each(keys)).to_numpy(zero_copy_only=False)
    begun = pc.fill_null(pc.cast(start.values, pa.int32()), 0).to_numpy()
    ended = pc.fill_null(pc.cast(end.values, pa.int32()), np.iinfo(np.int32).max).to_numpy()
    report, counts = _report(table, places, readable, as_of)
    if as_of is None:
        return accounts, report, None
    cents = _cents(amount.values)
    today = (as_of - dt.date(1970, 1, 1)).days
    is_open = counts & (begun <= today) & (ended > today)
    added = _summed(accounts, keys, places, np.where(is_open, cents, 0), counts, part.into)
    months = _months(dt.date(1970, 1, 1) + dt.timedelta(int(begun[counts].min())), as_of) if counts.any() else []
    pieces = []
    for last in months:
        day = (last - dt.date(1970, 1, 1)).days
        live = counts & (begun <= day) & (ended > day)
        by = pa.table({"key": table.ids_at(places, live), "cents": cents[live]})
        summed = by.group_by("key").aggregate([("cents", "sum")])
        twelfth = np.rint(summed["cents_sum"].to_numpy() / 12).astype(np.int64)
        period = pa.array([last] * len(twelfth), pa.date32())
        pieces.append(pa.table({"key": summed["key"], "period": period, "cents_sum": twelfth}))
    return added, report, pa.concat_tables(pieces) if pieces else None


def _summed(
    accounts: Raw,
    keys: pa.Array,
    places: npt.NDArray[np.float64],
    cents: npt.NDArray[np.int64],
    counts: Mask,
    into: str,
) -> Raw:
    """Add sums to the accounts as a column of their own; an account of which no row speaks has none."""
    totals, rows = np.zeros(len(keys), np.int64), np.zeros(len(keys), np.int64)
    at = np.nan_to_num(places, nan=0).astype(np.int64)
    np.add.at(totals, at[counts], cents[counts])
    np.add.at(rows, at[counts], 1)
    heading = into
    while heading in accounts.headings:
        heading += " (summed)"
    column = columns.money(totals / 100, rows > 0, pa.array(totals / 100))
    place = len(accounts.headings)
    cells = accounts.cells.append_column(f"c{place}", column)
    return _grown(accounts, (*accounts.headings, heading), cells, {*accounts.plain, place})


def _year_before(day: dt.date) -> dt.date:
    return day.replace(year=day.year - 1, day=min(day.day, monthrange(day.year - 1, day.month)[1]))


def _month_ends(days: pa.Array) -> pa.Array:
    following = pc.add(pc.year(days), 0), pc.month(days)
    ends = {
        (year, month): dt.date(year, month, monthrange(year, month)[1])
        for year, month in {*zip(following[0].to_pylist(), following[1].to_pylist(), strict=True)}
        if year is not None
    }
    pairs = zip(following[0].to_pylist(), following[1].to_pylist(), strict=True)
    return pa.array([ends.get(pair) for pair in pairs], pa.date32())


def _months(first: dt.date, last: dt.date) -> list[dt.date]:
    """List the ends of the months from one day to another, at most the last ten years."""
    numbers = range(12 * first.year + first.month - 1, 12 * last.year + last.month)
    ends = [dt.date(n // 12, n % 12 + 1, monthrange(n // 12, n % 12 + 1)[1]) for n in numbers]
    return [day for day in ends if day <= last or (day.year, day.month) == (last.year, last.month)][-120:]


def _history(pieces: Sequence[pa.Table]) -> Raw | None:
    if not pieces:
        return None
    by = pa.concat_tables(pieces).group_by(["key", "period"]).aggregate([("cents_sum", "sum")])
    by = by.sort_by([("key", "ascending"), ("period", "ascending")])
    cents = by["cents_sum_sum"].to_numpy()
    amount = columns.money(cents / 100, np.ones(len(cents), bool), pa.array(cents / 100))
    row = pa.array(np.arange(1, len(cents) + 1), pa.int64())
    cells = pa.table([row, by["key"], by["period"], amount], names=["row", "c0", "c1", "c2"])
    return Raw(("account_id", "period", "amount"), cells, plain=frozenset({1, 2})) if len(cents) else None


# What is told of the rows ---------------------------------------------------------------------------------------------


def _homeless(table: _Table, places: npt.NDArray[np.float64], told: set[tuple[int, str]]) -> list[pa.Table]:
    """List the rows that name no account, or one that is not among the accounts."""
    empty = pc.equal(table.key, "").to_numpy(zero_copy_only=False)
    home = ~np.isnan(places.astype(float))
    strange = table.kept & ~empty & ~home
    rows = table.raw.cells["row"].combine_chunks()
    lists = []
    for bad, what, way_out in (
        (table.kept & empty, "the row names no account", "Name the account, or leave the row out"),
        (strange, "the account is not among the accounts", "Add the account, or mend its name"),
    ):
        at = _untold(np.flatnonzero(bad), table.name + what, told)
        lists.append(_listed(table, table.part.key, rows.take(at), table.key.take(at), what, way_out))
    return lists


def _unread(table: _Table, places: npt.NDArray[np.float64], told: set[tuple[int, str]]) -> list[pa.Table]:
    """List the cells of rows that would count, were they an amount or a day, and the rows that could not be split."""
    home = table.kept & ~np.isnan(places.astype(float))
    rows = table.raw.cells["row"].combine_chunks()
    lists = []
    for one in table.read:
        what = f"this is not {WANTED[one.column.kind]}, and the row does not count"
        at = _untold(np.flatnonzero(home & one.bad), table.name + one.column.heading, told)
        lists.append(_listed(table, one.column.heading, rows.take(at), one.texts(at), what, "Mend the cell"))
    used = {table.part.key, table.part.only, *(one.column.heading for one in table.read)}
    single = [
        (row, "", text, f"{what}, and the row does not count", "Mend the row") for row, what, text in table.raw.broken
    ]
    faults = [(fault, table.raw.headings[fault.column]) for fault in table.raw.faults]
    single += [(one.row, heading, one.value, one.what, one.way_out) for one, heading in faults if heading in used]
    for number, heading, value, what, way_out in single:
        if (number, table.name + heading + what) not in told:
            told.add((number, table.name + heading + what))
            row, cell = pa.array([number], pa.int64()), pa.array([value], pa.string())
            lists.append(_listed(table, heading, row, cell, what, way_out))
    return lists


def _untold(found: npt.NDArray[np.intp], what: str, told: set[tuple[int, str]]) -> pa.Array:
    """Give the places of which this was not told yet: a table that joins twice says it once."""
    fresh = [place for place in found.tolist() if (place, what) not in told]
    told |= {(place, what) for place in fresh}
    return pa.array(fresh, pa.int64())


def _listed(table: _Table, heading: str, rows: pa.Array, cells: pa.Array, what: str, way_out: str) -> pa.Table:
    column = f"{table.name}: {heading}" if heading else table.name
    columns_, severity, whats, ways = (
        pa.array([said] * len(rows), pa.string()) for said in (column, "warning", what, way_out)
    )
    return pa.table([rows, columns_, severity, cells, whats, ways], schema=FINDINGS)


def _notes(table: _Table, report: Joined, found: Sequence[pa.Table]) -> list[str]:
    notes = []
    by_stage = ""
    if table.part.only and found[0].num_rows:
        rows = pc.index_in(found[0]["row"], value_set=table.raw.cells["row"].combine_chunks())
        counts = pc.value_counts(table.texts(table.part.only).take(rows.combine_chunks())).to_pylist()
        by_stage = " (" + ", ".join(f"{one['values']} {one['counts']:,}" for one in counts) + ")"
    if found[0].num_rows:
        notes.append(f"{table.name}: {plural(found[0].num_rows, 'row')} without an account{by_stage}")
    if report.left_out:
        words = table.texts(table.part.only).filter(pa.array(~table.kept))
        counts = sorted(pc.value_counts(words).to_pylist(), key=lambda one: -one["counts"])
        said = ", ".join(f"{one['values'] or '(nothing)'} {one['counts']:,}" for one in counts[:6])
        notes.append(f"{table.name}: {plural(report.left_out, 'row')} do not count towards {table.part.into}: {said}")
    if report.strangers:
        notes.append(f"{table.name}: {plural(report.strangers, 'row')} of accounts that are not in the book")
    if report.unreadable:
        notes.append(f"{table.name}: {plural(report.unreadable, 'row')} without a readable amount or day")
    return notes


# Proposals -----------------------------------------------------------------------------------------------------------


def propose(accounts: Raw, name: str, table: Raw, fields: Mapping[str, str]) -> list[tuple[Part, str]]:
    """Propose how a table joins the accounts, each part with its reason; nothing where no key is found."""
    key, to, share = _best_key(accounts, table, fields)
    return _how(table, key, to, f"{share:.0%} of “{key}” in {name} stand among the accounts' “{to}”") if key else []


def propose_sums(table: Raw, key: str) -> list[tuple[Part, str]]:
    """Propose how a table's rows are summed by a column of its own; nothing where no column holds amounts."""
    return [one for one in _how(table, key, key, f"each row belongs to one “{key}”") if one[0].use in SUMS]


SUMS = ("amounts", "contracts")


def _how(table: Raw, key: str, to: str, why: str) -> list[tuple[Part, str]]:
    said = {mapping.words(heading): heading for heading in table.headings if heading}

    def first(names: Sequence[str]) -> str:
        return next((said[n] for n in names if n in said), "")

    yearly, start, end = first(YEARLY), first(STARTS), first(ENDS)
    if yearly and start and end:
        return [(Part(use="contracts", key=key, to=to, amount=yearly, day=start, end=end), f"{why}; contracts that are open count")]  # fmt: skip  # noqa: E501
    amount, day, stage = first(AMOUNTS), first(DAYS), first(STAGES)
    if not amount:
        keys = _texts(table, table.headings.index(key))
        one = pc.count_distinct(keys).as_py() == len(keys)
        return [(Part(use="columns" if one else "skip", key=key, to=to), why if one else f"{why}, but often more than once, and no column holds amounts")]  # fmt: skip  # noqa: E501
    if not stage:
        return [(Part(use="amounts", key=key, to=to, amount=amount, day=day), f"{why}; amounts of the last twelve months are summed")]  # fmt: skip  # noqa: E501
    stages = [word for word in _texts(table, table.headings.index(stage)).unique().to_pylist() if word]
    won = tuple(word for word in stages if mapping.words(word) in WON)
    still = tuple(word for word in stages if mapping.words(word) not in {*WON, *LOST})
    if not won:
        return [(Part(use="skip", key=key, to=to, amount=amount, day=day, only=stage), f"{why}, but no stage says that a deal is won")]  # fmt: skip  # noqa: E501
    made = [(Part(use="amounts", key=key, to=to, amount=amount, day=day, only=stage, values=won), f"{why}; won deals of the last twelve months are summed")]  # fmt: skip  # noqa: E501
    if still:
        made.append((Part(use="amounts", key=key, to=to, amount=amount, only=stage, values=still, into="pipeline", history=False), "deals that are still open are summed as pipeline"))  # fmt: skip  # noqa: E501
    return made


def _best_key(accounts: Raw, table: Raw, fields: Mapping[str, str]) -> tuple[str, str, float]:
    """Find the pair of columns by which a table names the accounts: the most words in common, the id first."""
    best = ("", "", 0.0)
    targets = [fields[f] for f in ("account_id", "name") if f in fields]
    targets += [h for h in accounts.headings if h and h not in targets]
    for to in targets:
        words = _texts(accounts, accounts.headings.index(to))
        if pc.count_distinct(words).as_py() < len(words):
            continue
        for key in (heading for heading in table.headings if heading):
            said = _texts(table, table.headings.index(key)).unique().slice(0, MOST_WORDS)
            said = said.filter(pc.not_equal(said, ""))
            a_number = columns.shown("x", "x", said).column.kind is Kind.NUMBER
            if not len(said) or (a_number and to not in targets[:2]):
                continue
            share = (pc.sum(pc.is_in(said, value_set=words)).as_py() or 0) / len(said)
            if share > best[2] and share >= ENOUGH:
                best = (key, to, share)
    return best
