"""Checking: raw cells against the contract, into typed columns and a table of findings.

Nothing is filled in and nothing is dropped. A cell that cannot be read is a finding with its row, its column and the
way to mend it. A table with findings of severity “error” is refused, unless the reader asks for those rows to be set
aside; then they are kept apart and counted. A column that admits two readings is asked about, never guessed.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.accounts import columns as typing
from core.accounts import engine
from core.accounts.columns import Column, Typed
from core.accounts.contract import FIELDS, HISTORY, WANTED, Field, Kind, normalise
from core.accounts.raws import decoded, whole
from core.accounts.values import CODES, STYLES
from core.errors import BadAccounts, UnknownName
from core.wording import plural

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from core.accounts.columns import Question
    from core.accounts.raws import Raw

__all__ = ["Checked", "Column", "StandsTwice", "Undecided", "check"]

CURRENCY = "^[A-Za-z]{3}$"
MOST_MONEY = 2**63 // 100
"""What a column of amounts may add to, so that its cents are counted in 64 bits."""
MOST_SHOWN = 40
"""Characters of a cell that a sentence shows."""

FINDINGS = pa.schema(
    [
        ("row", pa.int64()),
        ("column", pa.string()),
        ("severity", pa.string()),
        ("value", pa.string()),
        ("what", pa.string()),
        ("way_out", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class Checked:
    """A typed table (`row` plus `columns`), the findings, and the rows that were set aside, as they stood in the file.

    `aside` has a row's number, what is wrong with it and its cells; None where no row was set aside.
    """

    table: pa.Table
    columns: tuple[Column, ...]
    findings: pa.Table
    rows_in_file: int
    rows_set_aside: int
    notes: tuple[str, ...] = ()
    aside: pa.Table | None = None


class Undecided(BadAccounts):
    """Columns whose values admit two readings: `questions` says which, and the reader chooses."""

    def __init__(self, what: str, *, where: str = "", way_out: str = "", questions: tuple[Question, ...] = ()) -> None:
        """Keep the questions beside the sentence."""
        self.questions = questions
        super().__init__(what, where=where, way_out=way_out)


class StandsTwice(BadAccounts):
    """An id, which must be unique, stands in several rows."""


def check(  # noqa: PLR0913  each is a decision of the reader's
    raw: Raw,
    *,
    mapping: Mapping[str, str] | None = None,
    formats: Mapping[str, str] | None = None,
    merges: Mapping[str, Mapping[str, str]] | None = None,
    fields: Sequence[Field] = FIELDS,
    set_aside: bool = False,
    twice: bool = False,
    source: str = "the file",
) -> Checked:
    """Type a raw table by the contract.

    `mapping` names the heading that feeds a field where the two differ, `formats` how a heading's values are written
    (a style of `values`), `merges` the words of a heading that stand for another word; `twice` lets ids
    stand more than once, for the caller to merge. Raises `Undecided` where a
    column admits two readings, `BadAccounts` where a required column is missing or an id stands twice, and, unless
    `set_aside`, where any cell or row is broken.
    """
    sources, notes = _sources(raw, mapping or {}, fields, source)
    found = typing.table(raw, sources, fields, formats or {}, merges or {})
    asked = tuple(one.question for one in found if one.question)
    if asked:
        raise undecided(asked, source)
    columns = tuple(one.column for one in found)
    rows = whole(raw.cells["row"])
    table = pa.table([rows, *(one.values for one in found)], names=["row", *(c.name for c in columns)])
    findings = pa.concat_tables([_broken_rows(raw), _faulty_cells(raw)])
    findings = pa.concat_tables([findings, *_unreadable(found, rows, fields, findings)])
    key = () if twice else ("account_id", "period") if fields is HISTORY else ("account_id",)
    table, columns = _with_currency(table, columns, found)
    settled = _settle(raw, table, columns, findings, set_aside=set_aside, source=source, key=key)
    notes += [note for one in found for note in one.notes]
    return replace(settled, notes=(*raw.notes, *notes, *_currency_notes(settled.table)))


def undecided(questions: tuple[Question, ...], source: str) -> Undecided:
    """Build the refusal that asks, from the first question, with the count of the others."""
    first = questions[0]
    shown = ", ".join(f"“{example}”" for example in first.examples)
    more = f" (and {plural(len(questions) - 1, 'more column')})" if len(questions) > 1 else ""
    either = " or with ".join(STYLES[reading] for reading in first.readings)
    return Undecided(
        f"{shown} can be read with {either}{more}",
        where=f"{source}, column {first.heading}",
        way_out=f"Say which one it is: {first.heading}={first.readings[0]} or {first.heading}={first.readings[1]}",
        questions=questions,
    )


def history_notes(past: Checked | None, accounts: Checked) -> tuple[str, ...]:
    """Say what is to know of a revenue history: its notes, its rows set aside, its rows of accounts not in the book."""
    if past is None:
        return ()
    notes = list(past.notes)
    if past.rows_set_aside:
        verb = "is" if past.rows_set_aside == 1 else "are"
        notes.append(f"{plural(past.rows_set_aside, 'row')} of the history {verb} set aside")
    known = pc.is_in(past.table["account_id"], value_set=accounts.table["account_id"].combine_chunks())
    strangers = past.table.num_rows - (pc.sum(known).as_py() or 0)
    if strangers:
        whom = "names an account that is" if strangers == 1 else "name accounts that are"
        notes.append(f"{plural(strangers, 'row')} of the history {whom} not in the book")
    return tuple(notes)


def _sources(
    raw: Raw, mapping: Mapping[str, str], fields: Sequence[Field], source: str
) -> tuple[dict[str, int], list[str]]:
    """Find, for each field of the contract, the position of the column that feeds it; a note where two could."""
    known = {field.name for field in fields}
    positions = {heading: i for i, heading in enumerate(raw.headings) if heading}
    alike: dict[str, list[str]] = {}
    for heading in positions:
        alike.setdefault(normalise(heading), []).append(heading)
    found: dict[str, int] = {}
    notes: list[str] = []
    for name, headings in alike.items():
        if name not in known or name in mapping:
            continue
        if name not in headings and len(headings) > 1:
            raise BadAccounts(
                f"the headings “{headings[0]}” and “{headings[1]}” both mean {name}",
                where=source,
                way_out=f"Rename one of them, or name the column that holds it: {name}=HEADING",
            )
        chosen = name if name in headings else headings[0]
        found[name] = positions[chosen]
        others = (heading for heading in headings if heading != chosen)
        notes += [f"“{other}” is kept as a column of its own; {name} is read from “{chosen}”" for other in others]
    for field, heading in mapping.items():
        if field not in known:
            raise UnknownName.of("field of the contract", field, known)
        if not heading:  # said to be none of the columns
            continue
        if heading not in positions:
            raise UnknownName.of(f"column in {source}", heading, positions)
        found[field] = positions[heading]
    for needed in (field for field in fields if field.required and field.name not in found):
        listed = ", ".join(list(positions)[:12])
        raise BadAccounts(
            f"there is no column “{needed.name}” ({needed.meaning}); the headings are {listed}",
            where=source,
            way_out=f"Rename a heading, or name the column that holds it: {needed.name}=HEADING",
        )
    return found, notes


# Findings ------------------------------------------------------------------------------------------------------------


def _broken_rows(raw: Raw) -> pa.Table:
    way_out = "Put a text that contains the separator into quotes, or remove the extra cells"
    return _listed([(row, "", text, what, way_out) for row, what, text in raw.broken])


def _faulty_cells(raw: Raw) -> pa.Table:
    return _listed([(f.row, raw.headings[f.column], f.value, f.what, f.way_out) for f in raw.faults])


def _listed(rows: Sequence[tuple[int, str, str, str, str]]) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {"row": row, "column": column, "severity": "error", "value": value, "what": what, "way_out": way_out}
            for row, column, value, what, way_out in rows
        ],
        FINDINGS,
    )


def _unreadable(found: Sequence[Typed], rows: pa.Array, fields: Sequence[Field], told: pa.Table) -> list[pa.Table]:
    """List the cells that say something which is not of their column's kind, and required cells that say nothing."""
    required = {field.name for field in fields if field.required}
    known = set(zip(told["row"].to_pylist(), told["column"].to_pylist(), strict=True))
    tables = []
    for one in found:
        bad, wanted = one.bad, WANTED[one.column.kind]
        if one.column.name in required:
            bad = bad | ~one.values.is_valid().to_numpy(zero_copy_only=False)
        elif one.column.name == "currency":
            bad, wanted = _no_codes(one.values), "a currency code of three letters, such as EUR"
        if bad.any():
            listed = _cells(one, rows, bad, wanted)
            if known:
                new = [(row, one.column.heading) not in known for row in listed["row"].to_pylist()]
                listed = listed.filter(pa.array(new, pa.bool_()))
            tables.append(listed)
    return tables


def _no_codes(values: pa.Array) -> npt.NDArray[np.bool_]:
    folded = pc.fill_null(values, "USD")
    is_code = pc.and_(pc.match_substring_regex(folded, CURRENCY), pc.not_equal(pc.ascii_lower(folded), "nan"))
    return np.asarray(pc.invert(is_code).to_numpy(zero_copy_only=False))


def _cells(one: Typed, rows: pa.Array, bad: npt.NDArray[np.bool_], wanted: str) -> pa.Table:
    """List the bad cells of a column, each with what is wrong and the way out."""
    places = pa.array(np.flatnonzero(bad))
    values = one.texts(places)
    length = pc.utf8_length(values)
    cut = pc.binary_join_element_wise(pc.utf8_slice_codeunits(values, 0, MOST_SHOWN - 1), "…", "")
    shown = pc.if_else(pc.greater(length, MOST_SHOWN), cut, values)
    name = one.column.name
    empty = pc.equal(length, 0)
    what = pc.if_else(empty, f"{name} is empty", pc.binary_join_element_wise("“", shown, f"” is not {wanted}", ""))
    way_out = pc.if_else(empty, f"Give the row its {name}", "Mend the cell, or leave it empty")
    n = len(places)
    return pa.table(
        [rows.take(places), pa.array([one.column.heading] * n), pa.array(["error"] * n), values, what, way_out],
        schema=FINDINGS,
    )


# The table as a whole ------------------------------------------------------------------------------------------------


def _with_currency(
    table: pa.Table, columns: tuple[Column, ...], found: Sequence[Typed]
) -> tuple[pa.Table, tuple[Column, ...]]:
    """Take the currency from the signs beside the amounts, where no column names it."""
    codes = sorted({code for one in found if one.column.kind is Kind.MONEY for code in one.currencies})
    if len(codes) > 1:
        raise BadAccounts(
            f"there are amounts in {', '.join(codes)}", way_out="Convert every amount to one currency before loading"
        )
    if not codes or any(column.name == "currency" for column in columns):
        return table, columns
    sign = next((sign for sign, code in CODES.items() if code == codes[0]), codes[0])
    said = pa.array([codes[0]] * table.num_rows, pa.string())
    return table.append_column("currency", said), (*columns, Column("currency", f"({sign})", Kind.TEXT))


def _settle(
    raw: Raw,
    table: pa.Table,
    columns: tuple[Column, ...],
    findings: pa.Table,
    *,
    set_aside: bool,
    source: str,
    key: Sequence[str],
) -> Checked:
    """Refuse, or set aside, what has an error; then hold the key to be unique."""
    found = findings.sort_by([("row", "ascending"), ("column", "ascending")])
    if found.num_rows and not set_aside:
        raise refused(found, source)
    bad_rows = pc.unique(found["row"]).drop_null()
    total = table.num_rows + len(raw.broken)
    aside = None
    if len(bad_rows):
        table = table.filter(pc.invert(pc.is_in(table["row"], value_set=bad_rows)))
        aside = originals(raw, found)
    if table.num_rows == 0:
        what = "no row is left that can be read"
        raise BadAccounts(what, where=source, way_out="Mend the rows that the findings name")
    _refuse_twice(table, key, source)
    _refuse_currencies(table, source)
    _refuse_too_much(table, columns, source)
    return Checked(table, columns, found, total, total - table.num_rows, raw.notes, aside)


def originals(raw: Raw, findings: pa.Table) -> pa.Table:
    """Give the rows that the findings name as they stood in the file, with what is wrong; one row each, in order."""
    wrong = findings.group_by("row").aggregate([("what", "list")]).sort_by("row")
    said = pa.array(["; ".join(dict.fromkeys(whats)) for whats in wrong["what_list"].to_pylist()], pa.string())
    rows = wrong["row"].combine_chunks()
    places = pc.index_in(rows, value_set=raw.cells["row"].combine_chunks())
    cells = [decoded(raw.cells[f"c{i}"].take(places)).combine_chunks() for i in range(len(raw.headings))]
    names = [heading or f"column {i + 1}" for i, heading in enumerate(raw.headings)]
    made = pa.table([rows, said, *cells], names=["row in the file", "what is wrong", *names])
    if not raw.broken:
        return made
    lines = {row: text for row, _, text in raw.broken}
    return made.append_column("line", pa.array([lines.get(row) for row in rows.to_pylist()], pa.string()))


def refused(findings: pa.Table, source: str) -> BadAccounts:
    """Build the refusal from the first finding, with the count of the others."""
    first = findings.slice(0, 1).to_pylist()[0]
    place = f"row {first['row']}" + (f", column {first['column']}" if first["column"] else "")
    more = findings.num_rows - 1
    also = f" (and {more} more like it)" if more else ""
    return BadAccounts(
        f"{first['what']}{also}",
        where=f"{source}, {place}",
        way_out=f"{first['way_out']}, or set the broken rows aside",
        findings=findings,
    )


def _all_differ(ids: pa.ChunkedArray) -> bool:
    """Tell that no id stands twice: where they are in order, or no two of 64 bits' fingerprints are equal, none does.

    Two that are equal prove nothing; then the caller counts. A look at the order takes a twentieth of the time of
    fingerprints, and they a tenth of that of counting.
    """
    if ids.null_count:
        return False
    if pc.all(pc.less(ids[:-1], ids[1:])).as_py():
        return True
    with contextlib.closing(engine.scratch()) as connection:
        fingerprint = duckdb.FunctionExpression("hash", duckdb.ColumnExpression("ids")).alias("found")
        found = connection.from_arrow(pa.table({"ids": ids})).select(fingerprint).to_arrow_table()["found"]
        prints = np.sort(found.to_numpy())
    return not bool((prints[1:] == prints[:-1]).any())


def _refuse_twice(table: pa.Table, key: Sequence[str], source: str) -> None:
    if not key or (len(key) == 1 and _all_differ(table[key[0]])):
        return
    counts = table.group_by(list(key), use_threads=False).aggregate([([], "count_all")])
    twice = counts.filter(pc.greater(counts["count_all"], 1))
    if twice.num_rows == 0:
        return
    first = twice.slice(0, 1).to_pylist()[0]
    same = table
    for name in key:
        same = same.filter(pc.equal(same[name], first[name]))
    rows = ", ".join(map(str, same["row"].to_pylist()[:5]))
    of_period = f" with the period {first['period']}" if "period" in key else ""
    more = "more such pair" if of_period else "more id"
    also = f" (and {plural(twice.num_rows - 1, more)})" if twice.num_rows > 1 else ""
    raise StandsTwice(
        f"the account_id “{first['account_id']}” stands{of_period} in rows {rows}{also}",
        where=source,
        way_out="Keep one row per account" + (" and period" if of_period else ", or give each its own id"),
    )


def _currency_notes(table: pa.Table) -> tuple[str, ...]:
    """Say as what the amounts of rows that name no currency are read, where the others name one."""
    if "currency" not in table.column_names:
        return ()
    blank = table["currency"].null_count
    if blank in {0, table.num_rows}:
        return ()
    code = table["currency"].drop_null()[0].as_py().upper()
    verbs = ("names", "is") if blank == 1 else ("name", "are")
    return (f"{plural(blank, 'row')} {verbs[0]} no currency and {verbs[1]} read as {code}",)


def _refuse_currencies(table: pa.Table, source: str) -> None:
    if "currency" not in table.column_names:
        return
    found = sorted({c.upper() for c in table["currency"].unique().to_pylist() if c})
    if len(found) > 1:
        raise BadAccounts(
            f"there are amounts in {', '.join(found[:5])}",
            where=f"{source}, column currency",
            way_out="Convert every amount to one currency before loading",
        )


def _most_cents(amounts: pa.ChunkedArray) -> int:
    """Give a number of cents that no amount of a column is above, credits as well; what lies under a gap counts too."""
    ends = [0]
    for chunk in amounts.chunks:
        buffer = chunk.buffers()[1]
        if buffer is not None and len(chunk):  # every amount was checked to fit into the low one of its two words
            cents = np.frombuffer(buffer, np.int64)[2 * chunk.offset : 2 * (chunk.offset + len(chunk)) : 2]
            ends += [int(cents.max()), -int(cents.min())]
    return max(ends)


def _refuse_too_much(table: pa.Table, columns: Sequence[Column], source: str) -> None:
    for column in columns:
        if column.kind is Kind.MONEY:
            if _most_cents(table[column.name]) * table.num_rows < 100 * MOST_MONEY:
                continue
            amount = pc.sum(pc.abs(table[column.name]).cast(pa.decimal128(38, 2))).as_py()
            if amount is not None and amount >= MOST_MONEY:
                raise BadAccounts(
                    f"the amounts add to {amount:,.0f}, which is more than can be counted in cents",
                    where=f"{source}, column {column.heading}",
                    way_out="Give amounts in a larger unit, such as thousands",
                )
