"""Checking: raw text against the contract, into typed columns and a table of findings.

Nothing is filled in and nothing is dropped. A cell that cannot be read is a finding with its row, its column and the
way to mend it. A table with findings of severity “error” is refused, unless the reader asks for those rows to be set
aside; then they are kept apart and counted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from core.accounts import engine
from core.accounts.contract import CHOICES, FIELDS, HISTORY, SQL_TYPES, WANTED, Field, Kind, normalise
from core.errors import BadAccounts, UnknownName
from core.wording import plural

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.accounts.reading import Raw

DAY = r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?"
RANGES = {Kind.SHARE: (0.0, 1.0), Kind.SCORE: (0.0, 100.0), Kind.MONEY: (-1e13, 1e13)}
CURRENCY = "[A-Za-z]{3}"
MOST_MONEY = 2**63 // 100
"""What a column of amounts may add to, so that its cents are counted in 64 bits."""

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

col, lit, fn = duckdb.ColumnExpression, duckdb.ConstantExpression, duckdb.FunctionExpression


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a book: its name inside, the file's heading, and what it holds."""

    name: str
    heading: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Checked:
    """A typed table (`row` plus `columns`), the findings, and the rows that were set aside."""

    table: pa.Table
    columns: tuple[Column, ...]
    findings: pa.Table
    rows_in_file: int
    rows_set_aside: int
    notes: tuple[str, ...] = ()


def check(
    raw: Raw,
    *,
    mapping: Mapping[str, str] | None = None,
    fields: Sequence[Field] = FIELDS,
    set_aside: bool = False,
    source: str = "the file",
) -> Checked:
    """Type a raw table by the contract.

    `mapping` names the heading that feeds a field where the two differ. Raises `BadAccounts` where a required column is
    missing or an id stands twice, and, unless `set_aside`, where any cell or row is broken.
    """
    sources, notes = _sources(raw, mapping or {}, fields, source)
    connection = engine.scratch()
    try:
        _trimmed(connection, raw).create("cells")
        relation = connection.table("cells")
        columns = _columns(relation, raw, sources, fields)
        typed = relation.select(col("row"), *(_typed(c, _cell(raw, place)).alias(c.name) for c, place in columns))
        table = typed.to_arrow_table()
        connection.from_arrow(table).create("typed")
        findings = [*_broken_rows(raw), *_faulty_cells(raw)]
        told = {(f["row"], f["column"]) for f in findings}
        lost = _unreadable(connection, raw, columns, fields)
        findings += [f for f in lost if (f["row"], f["column"]) not in told]
    finally:
        connection.close()
    kept = tuple(column for column, _ in columns)
    key = ("account_id", "period") if fields is HISTORY else ("account_id",)
    found = _settle(raw, table, kept, findings, set_aside=set_aside, source=source, key=key)
    return replace(found, notes=(*raw.notes, *notes, *_currency_notes(found.table)))


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


def _trimmed(connection: duckdb.DuckDBPyConnection, raw: Raw) -> duckdb.DuckDBPyRelation:
    """Take outer white space off every text, once; no cell at all is an empty one."""
    columns = []
    for field in raw.cells.schema:
        column = col(field.name)
        if pa.types.is_string(field.type):
            trimmed = fn("trim", column, lit(" \t\r\n\u00a0"))
            column = duckdb.CaseExpression(column.isnull(), lit("")).otherwise(trimmed)
        columns.append(column.alias(field.name))
    return connection.from_arrow(raw.cells).select(*columns)


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


def _columns(
    relation: duckdb.DuckDBPyRelation, raw: Raw, sources: Mapping[str, int], fields: Sequence[Field]
) -> list[tuple[Column, str]]:
    """Pair every column of the book with the raw column that feeds it; a foreign one gets the kind its cells show."""
    contract = [
        (Column(f.name, raw.headings[sources[f.name]], f.kind), f"c{sources[f.name]}")
        for f in fields
        if f.name in sources
    ]
    taken = set(sources.values())
    foreign = [i for i, heading in enumerate(raw.headings) if heading and i not in taken]
    kinds = _kinds_shown(relation, [_cell(raw, f"c{i}") for i in foreign])
    return contract + [
        (Column(f"x{n}", raw.headings[i], kind), f"c{i}")
        for n, (i, kind) in enumerate(zip(foreign, kinds, strict=True))
    ]


@dataclass(frozen=True, slots=True)
class _Cell:
    """One raw column as expressions: what it says, and whether that is nothing, a number, a code or a day."""

    text: duckdb.Expression
    exact: duckdb.Expression
    number: duckdb.Expression
    day: duckdb.Expression
    blank: duckdb.Expression
    is_number: duckdb.Expression
    is_code: duckdb.Expression
    is_day: duckdb.Expression


def _cell(raw: Raw, place: str) -> _Cell:
    """Look at a raw column: text from CSV and XLSX, typed from Parquet."""
    native = raw.cells.schema.field(place).type
    if pa.types.is_string(native):
        return _text_cell(place)
    yes, no, value = lit(value=True), lit(value=False), col(place)
    text = duckdb.CaseExpression(value.isnull(), lit("")).otherwise(value.cast("VARCHAR"))
    if pa.types.is_date(native):
        return _Cell(text, value, lit(None).cast("DOUBLE"), value, value.isnull(), no, no, value.isnotnull())
    number = value.cast("DOUBLE")
    finite = fn("isfinite", number)
    exact = value
    if pa.types.is_floating(native):  # by its digits, as in a CSV: 12.0 is the id 12, and 0.285 is 0.29 in cents
        whole = fn("isfinite", number) & (number == fn("trunc", number)) & (fn("abs", number) < lit(2.0**53))
        text = duckdb.CaseExpression(whole, number.try_cast("BIGINT").cast("VARCHAR")).otherwise(text)
        exact = text
    return _Cell(
        text, exact, number, lit(None).cast("DATE"), value.isnull() | fn("isnan", number), finite & yes, no, no
    )


def _text_cell(place: str) -> _Cell:
    text = col(place)
    number = text.try_cast("DOUBLE")
    # DuckDB also reads 1_000 and inf as numbers; a person would not mean that.
    is_number = number.isnotnull() & ~fn("contains", text, lit("_")) & fn("isfinite", number)
    return _Cell(
        text=text,
        exact=text,
        number=number,
        day=fn("left", text, lit(10)).try_cast("DATE"),
        blank=text.isin(lit(""), lit("nan"), lit("NaN")),
        is_number=is_number,
        is_code=fn("left", text, lit(2)).isin(*(lit(f"0{digit}") for digit in range(10))),  # 007 is no number
        is_day=fn("regexp_full_match", text, lit(DAY)),
    )


def _kinds_shown(relation: duckdb.DuckDBPyRelation, cells: Sequence[_Cell]) -> list[Kind]:
    """Tell numbers and dates from text: a column is a number only where every cell that says anything is one."""
    checks: list[duckdb.Expression] = []
    for cell in cells:
        says = ~cell.blank
        for test in (says, says & cell.is_number & ~cell.is_code, says & cell.is_day):
            checks.append(fn("count_if", test).alias(f"n{len(checks)}"))
    counts = relation.aggregate(checks).fetchall()[0] if checks else ()
    triples = [counts[i : i + 3] for i in range(0, len(counts), 3)]
    return [
        Kind.NUMBER if filled and filled == numbers else Kind.DATE if filled and filled == dates else Kind.TEXT
        for filled, numbers, dates in triples
    ]


def _typed(column: Column, cell: _Cell) -> duckdb.Expression:
    """Read a cell by its kind; what cannot be read becomes NULL, and `_unreadable` tells it from an empty cell."""
    kind = column.kind
    missing = lit(None).cast(SQL_TYPES[kind])
    if kind is Kind.TEXT:
        # An account may be called “nan”; only a column of numbers writes its gaps that way.
        return duckdb.CaseExpression(cell.text == lit(""), missing).otherwise(cell.text)
    if kind in CHOICES:
        folded = fn("lower", cell.text)
        return duckdb.CaseExpression(folded.isin(*map(lit, CHOICES[kind])), folded).otherwise(missing)
    if kind is Kind.DATE:
        return duckdb.CaseExpression(cell.is_day, cell.day).otherwise(missing)
    readable = ~cell.blank & cell.is_number
    if kind is Kind.COUNT:
        readable = readable & (cell.number >= lit(0.0)) & (cell.number == fn("floor", cell.number))
    if kind in RANGES:
        low, high = RANGES[kind]
        readable = readable & cell.number.between(lit(low), lit(high))
    value = cell.exact.try_cast("DECIMAL(18,2)") if kind is Kind.MONEY else cell.number.try_cast(SQL_TYPES[kind])
    return duckdb.CaseExpression(readable, value).otherwise(missing)


def _broken_rows(raw: Raw) -> list[dict[str, object]]:
    way_out = "Put a text that contains the separator into quotes, or remove the extra cells"
    return [_finding(row, "", text, what, way_out) for row, what, text in raw.broken]


def _faulty_cells(raw: Raw) -> list[dict[str, object]]:
    return [_finding(f.row, raw.headings[f.column], f.value, f.what, f.way_out) for f in raw.faults]


def _finding(row: int, column: str, value: str | None, what: str, way_out: str) -> dict[str, object]:
    return {"row": row, "column": column, "severity": "error", "value": value, "what": what, "way_out": way_out}


def _unreadable(
    connection: duckdb.DuckDBPyConnection, raw: Raw, columns: Sequence[tuple[Column, str]], fields: Sequence[Field]
) -> list[dict[str, object]]:
    """List the cells that say something which is not of their column's kind, and required cells that say nothing."""
    required = {field.name for field in fields if field.required}
    # The two tables hold the same rows in the same order; `row` joins them, and the headings cannot clash with a name.
    both = connection.table("cells").join(connection.table("typed"), "row")
    lost = {}
    for column, place in columns:
        cell = _cell(raw, place)
        if column.name in required:
            lost[column] = (col(column.name).isnull(), cell.text)
        elif column.name == "currency":
            is_code = fn("regexp_full_match", cell.text, lit(CURRENCY)) & (fn("lower", cell.text) != lit("nan"))
            lost[column] = (col(column.name).isnotnull() & ~is_code, cell.text)
        elif column.kind is not Kind.TEXT:
            lost[column] = (col(column.name).isnull() & ~cell.blank, cell.text)
    # One pass counts for every column; only the columns with faults are read again.
    counts = [fn("count_if", test).alias(f"n{i}") for i, (test, _) in enumerate(lost.values())]
    faulty = [c for c, n in zip(lost, both.aggregate(counts).fetchall()[0], strict=True) if n]
    return [
        _cell_finding(row, column, value)
        for column in faulty
        for row, value in both.filter(lost[column][0]).select(col("row"), lost[column][1]).fetchall()
    ]


def _cell_finding(row: int, column: Column, value: str | None) -> dict[str, object]:
    wanted = "a currency code of three letters, such as EUR" if column.name == "currency" else WANTED[column.kind]
    if value is None or not value.strip():
        return _finding(row, column.heading, value, f"{column.name} is empty", f"Give the row its {column.name}")
    shown = value if len(value) <= 40 else value[:39] + "…"
    return _finding(row, column.heading, value, f"“{shown}” is not {wanted}", "Mend the cell, or leave it empty")


def _settle(
    raw: Raw,
    table: pa.Table,
    columns: tuple[Column, ...],
    findings: list[dict[str, object]],
    *,
    set_aside: bool,
    source: str,
    key: Sequence[str],
) -> Checked:
    """Refuse, or set aside, what has an error; then hold the key to be unique."""
    found = pa.Table.from_pylist(sorted(findings, key=lambda f: (str(f["row"]).zfill(12), str(f["column"]))), FINDINGS)
    if findings and not set_aside:
        raise refused(found, source)
    bad_rows = sorted({row for row in found["row"].to_pylist() if row is not None})
    total = table.num_rows + len(raw.broken)
    if bad_rows:
        table = table.filter(pc.invert(pc.is_in(table["row"], value_set=pa.array(bad_rows, pa.int64()))))
    if table.num_rows == 0:
        what = "no row is left that can be read"
        raise BadAccounts(what, where=source, way_out="Mend the rows that the findings name")
    _refuse_twice(table, key, source)
    _refuse_currencies(table, source)
    _refuse_too_much(table, columns, source)
    return Checked(table, columns, found, total, total - table.num_rows, raw.notes)


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


def _refuse_twice(table: pa.Table, key: Sequence[str], source: str) -> None:
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
    raise BadAccounts(
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


def _refuse_too_much(table: pa.Table, columns: Sequence[Column], source: str) -> None:
    for column in columns:
        if column.kind is Kind.MONEY:
            amount = pc.sum(pc.abs(table[column.name]).cast(pa.decimal128(38, 2))).as_py()
            if amount is not None and amount >= MOST_MONEY:
                raise BadAccounts(
                    f"the amounts add to {amount:,.0f}, which is more than can be counted in cents",
                    where=f"{source}, column {column.heading}",
                    way_out="Give amounts in a larger unit, such as thousands",
                )
