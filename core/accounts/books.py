"""Books: the accounts that are scored together, open for analysis.

An open book is a table in the process's DuckDB, named by its digest, and this record, which says what the table's
columns mean. A heading from a file is never an SQL identifier: inside, foreign columns are called x0, x1 ….
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.accounts import details, engine, ingest, raws, snapshot
from core.accounts.contract import BY_NAME, SQL_TYPES, normalise
from core.errors import BadFile, UnknownName
from core.workspace.folder import sha256

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import numpy.typing as npt

    from core.accounts.checking import Checked, Column
    from core.accounts.engine import Table
    from core.accounts.snapshot import About
    from core.workspace.folder import Workspace

    Signals = dict[str, npt.NDArray[np.float64]]

MOST_CODES = 5_000
"""A text column with more values than this is no category."""
_LOOKED_AT = 200_000
"""A column with too many values in its first rows need not be read to its end."""
ENOUGH_DATES = 10
"""With fewer dates of activity, none can be told to be alone."""
_YEAR = 366
_DAY_0 = dt.date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Book:
    """An open book: `digest` names its snapshot and its table; `rows` accounts; amounts in `currency`.

    `as_of` is “today” for everything that has an age: the newest date of activity or history in the data that can
    be believed, or None. `history_from` is the earliest period of the revenue history.
    `codes` lists, for each text column with few values, those values; beside the column stands `k_` + its name, which
    holds a value's place in that list. Comparing numbers is ten times quicker than comparing texts.

    Its tables stay in memory for as long as this is held: `held` holds them by name, the oldest first.
    """

    digest: str
    name: str
    source: str
    columns: tuple[Column, ...]
    rows: int
    rows_in_file: int
    rows_set_aside: int
    currency: str
    as_of: dt.date | None
    has_history: bool
    history_from: dt.date | None
    codes: Mapping[str, tuple[str, ...]]
    held: dict[str, Table] = field(default_factory=dict, compare=False, repr=False)

    @property
    def table(self) -> str:
        """The name of the book's table in DuckDB."""
        return f"book_{self.digest[:24]}"

    @property
    def history_table(self) -> str:
        """The name of the revenue history's table in DuckDB."""
        return f"history_{self.digest[:24]}"

    @property
    def words_table(self) -> str:
        """The name in DuckDB of the table of names and ids in small letters, once somebody has searched."""
        return f"words_{self.digest[:24]}"

    @property
    def health_prefix(self) -> str:
        """How the names of the book's tables of health begin."""
        return f"health_{self.digest[:24]}_"

    @property
    def listing_prefix(self) -> str:
        """How the names of the tables of the book's listings begin."""
        return f"listing_{self.digest[:24]}_"

    def knows_a_year_before(self, as_of: dt.date) -> bool:
        """Tell whether the history covers the twelve months that ended a year before a day.

        Its earliest period must lie in the first quarter of those twelve months, or before them: revenue by quarter may
        be dated by the last day of a quarter. Otherwise months that are not recorded would be read as months without
        revenue, and so as growth. A history by year needs a period more than the two that are compared.
        """
        if self.history_from is None:
            return False
        last = 12 * as_of.year + as_of.month - 21  # the third of the months 24 to 13 months back
        return 12 * self.history_from.year + self.history_from.month <= last

    def has(self, name: str) -> bool:
        """Tell whether the file had this column of the contract."""
        return any(column.name == name for column in self.columns)

    def column(self, name: str) -> Column:
        """Find a column by its heading or its name in the contract; raises `UnknownName`."""
        wanted = normalise(name)
        for key in ("name", "heading"):
            for column in self.columns:
                if normalise(getattr(column, key)) == wanted and not (key == "name" and column.name not in BY_NAME):
                    return column
        raise UnknownName.of(f"column in “{self.name}”", name, [column.heading for column in self.columns])


def keep(workspace: Workspace, checked: Checked, *, name: str, source: str, history: Checked | None = None) -> Path:
    """Write a checked table (and its history) as snapshots into the workspace; give the book's file."""
    about = snapshot.describe(checked, name=name, source=source)
    with tempfile.TemporaryDirectory(prefix="tierwise-") as folder:
        if history is not None:
            file = Path(folder) / "history.parquet"
            snapshot.write(history.table, snapshot.describe(history, name=f"{name} (history)", source=source), file)
            about = snapshot.with_history(about, workspace.keep(file).stem)
        file = Path(folder) / "book.parquet"
        snapshot.write(checked.table, about, file)
        return workspace.keep(file)


def keep_again(workspace: Workspace, checked: Checked, *, name: str, source: str, history: str) -> Path:
    """Write a table that follows a kept book, beside the history (its digest, or empty) that the book has already."""
    about = snapshot.with_history(snapshot.describe(checked, name=name, source=source), history)
    with tempfile.TemporaryDirectory(prefix="tierwise-") as folder:
        file = Path(folder) / "book.parquet"
        snapshot.write(checked.table, about, file)
        return workspace.keep(file)


def kept(workspace: Workspace) -> dict[str, About]:
    """List the books of a workspace, newest first: digest to what the book says of itself.

    A file there that cannot be read is passed over, so that one damaged book does not hide the others.
    """
    found = {}
    for file in workspace.snapshots():
        with contextlib.suppress(BadFile):
            found[file.stem] = snapshot.read_about(file)
    histories = {about.history for about in found.values()}
    return {digest: about for digest, about in found.items() if digest not in histories and not _is_history(about)}


def _is_history(about: About) -> bool:
    return {"period", "amount"} <= {column.name for column in about.columns} and len(about.columns) <= 3


def open_kept(workspace: Workspace, digest: str) -> Book:
    """Open a book of the workspace."""
    file = _undamaged(workspace, digest)
    about = snapshot.read_about(file)
    history = snapshot.read(_undamaged(workspace, about.history)) if about.history else None
    return _open(digest, about, snapshot.read(file, coded=True), history)


def _undamaged(workspace: Workspace, digest: str) -> Path:
    """Give the snapshot's file, whose bytes are still those it was named by; page checksums do not cover the footer."""
    file = workspace.books / f"{digest}.parquet"
    if not file.is_file():
        what = "this book is not in the workspace any more"
        raise BadFile(what, where=file.name, way_out="Upload the account file again")
    if sha256(file) != digest:
        what = "the book's file is damaged"
        raise BadFile(what, where=file.name, way_out="Upload the account file again")
    return file


def open_checked(checked: Checked, *, name: str, source: str, history: Checked | None = None) -> Book:
    """Open a checked table without keeping it, as the command line and the demo book do."""
    about = snapshot.describe(checked, name=name, source=source)
    # The headings belong to it: two files may differ in nothing else, and a model reads columns by their headings.
    digest = hashlib.sha256(repr(checked.columns).encode())
    columns = [table.select([name]) for table in (checked.table, *([history.table] if history else []))
               for name in table.column_names]  # fmt: skip
    with ThreadPoolExecutor(2) as pool:  # hashing lets go of Python's lock
        for found in pool.map(_hashed, columns):
            digest.update(found)
    return _open(digest.hexdigest(), about, checked.table, history.table if history else None)


def open_file(file: Path, *, history: Path | None = None, name: str = "") -> Book:
    """Open files that came with the program."""
    past = ingest.trusted(history, fields="history") if history else None
    return open_checked(ingest.trusted(file), name=name or file.stem, source=file.name, history=past)


def _hashed(column: pa.Table) -> bytes:
    digest = hashlib.sha256()
    with pa.ipc.new_stream(_Hashing(digest), column.schema) as writer:
        writer.write_table(column)
    return digest.digest()


class _Hashing:
    """A file that only hashes what is written to it."""

    closed = False

    def __init__(self, digest: hashlib._Hash) -> None:
        self._digest = digest

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        return len(data)

    def flush(self) -> None:
        """Do nothing: there is no buffer."""


def _open(digest: str, about: About, table: pa.Table, history: pa.Table | None) -> Book:
    currency = _currency(table)
    newest = _newest(table, history)
    codes = _codes(table)
    book = Book(
        digest=digest,
        name=about.name,
        source=about.source,
        columns=about.columns,
        rows=table.num_rows,
        rows_in_file=about.rows_in_file,
        rows_set_aside=about.rows_set_aside,
        currency=currency,
        as_of=newest,
        has_history=history is not None,
        history_from=pc.min(history["period"]).as_py() if history is not None else None,
        codes={name: tuple(code.dictionary.to_pylist()) for name, code in codes.items()},
    )
    beside(book, book.table, lambda: _with_contract(_numbered(table, codes)))
    beside(book, book.history_table, lambda: history if history is not None else _NO_HISTORY)
    return book


def _codes(table: pa.Table) -> dict[str, pa.DictionaryArray]:
    """Number the values of every text column that has few of them, where reading has not numbered them."""
    texts = [f for f in table.schema if f.name not in ("account_id", "name")]
    with ThreadPoolExecutor(2) as pool:
        coded = list(pool.map(lambda field: _code(table[field.name], field.type), texts))
    found = {field.name: code for field, code in zip(texts, coded, strict=True) if code is not None}
    return {name: code for name, code in found.items() if len(code.dictionary) <= MOST_CODES}


def _code(column: pa.ChunkedArray, kind: pa.DataType) -> pa.DictionaryArray | None:
    if pa.types.is_dictionary(kind):
        return raws.whole(column)
    if not pa.types.is_string(kind) or pc.count_distinct(column.slice(0, _LOOKED_AT)).as_py() > MOST_CODES:
        return None
    return raws.whole(column).dictionary_encode()


def _numbered(table: pa.Table, codes: Mapping[str, pa.DictionaryArray]) -> pa.Table:
    """Give the columns of few words numbered, and every other one spelled out."""
    columns = [codes[name] if name in codes else raws.decoded(table[name]) for name in table.column_names]
    return pa.table(columns, names=table.column_names)


def beside(book: Book, name: str, make: Callable[[], pa.Table]) -> Table:
    """Hold a table that stays for as long as the book is held; it is made where there is none of that name."""
    table = book.held[name] = engine.keep(name, make)
    return table


def signals(book: Book, as_of: dt.date | None, rows: Sequence[int] | None = None) -> Signals:
    """Give what each account shows of its health, in row order: see `signals.sql` and `spent.sql`. NaN is missing.

    `rows` asks for some accounts only, by their row in the book. Without `as_of` nothing has an age. Where the history
    does not reach back to what was spent before, that is missing: a history that is too short is no growth.
    """
    if rows is None:
        parts = [*signals_in_parts(book, as_of)]
        return _in_row_order({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})
    cursor = details.few(book, rows)
    shown = cursor.sql(engine.sql("signals"), params={"accounts": "few_accounts", "as_of": as_of}).to_arrow_table()
    spent = _spent(cursor, book, {"accounts": "few_accounts", "history": "few_history"}, as_of)
    return _in_row_order(_with_spent(shown, spent))


def signals_in_parts(book: Book, as_of: dt.date | None) -> Iterator[Signals]:
    """Give what `signals` gives of a whole book, part after part, while DuckDB reads on."""
    spent = _spent(engine.cursor(), book, {"accounts": book.table, "history": book.history_table}, as_of)
    shown = engine.cursor().sql(engine.sql("signals"), params={"accounts": book.table, "as_of": as_of})
    for batch in shown.to_arrow_reader(_AT_ONCE):
        yield _with_spent(batch, spent)


_AT_ONCE = 122_880
"""Accounts whose signals are read at once; DuckDB's own unit."""


def _spent(cursor: duckdb.DuckDBPyConnection, book: Book, given: Mapping[str, str], as_of: dt.date | None) -> Signals:
    """Give what accounts spent, by row; of the others the history says nothing."""
    if not book.has_history or as_of is None:
        return {"row": np.empty(0)}
    names = ("spent_before", "spent_now") if book.knows_a_year_before(as_of) else ("spent_now",)
    told = cursor.sql(engine.sql("spent"), params={**given, "as_of": as_of}).to_arrow_table()
    return _in_row_order(_numbers(told.select(["row", *names])))


def _with_spent(shown: pa.Table | pa.RecordBatch, spent: Signals) -> Signals:
    found = _numbers(shown)
    at = np.searchsorted(spent["row"], found["row"])
    told = np.append(spent["row"], np.nan)[at] == found["row"]
    for name in ("spent_before", "spent_now"):
        found[name] = np.full(len(at), np.nan)
        if name in spent:
            found[name][told] = spent[name][at[told]]
    return found


def _numbers(table: pa.Table | pa.RecordBatch) -> Signals:
    columns = zip(table.schema.names, table.columns, strict=True)
    return {name: pc.cast(column, pa.float64()).to_numpy(zero_copy_only=False) for name, column in columns}


def _in_row_order(found: Signals) -> Signals:
    """Sort by row; a scan keeps the order of rows, and a few accounts come in any."""
    if (found["row"][1:] > found["row"][:-1]).all():
        return found
    order = np.argsort(found["row"], kind="stable")  # DuckDB would sort every column along
    return {name: values[order] for name, values in found.items()}


def amounts(book: Book, name: str = "annual_revenue") -> npt.NDArray[np.int64]:
    """Give a money column in cents, in row order; missing amounts are left out.

    A missing amount is an account, but neither revenue nor a zero: `without` counts them, so that these and those are
    all accounts of the book.
    """
    expression = (duckdb.ColumnExpression(name) * duckdb.ConstantExpression(100)).cast("BIGINT").alias("cents")
    found = engine.cursor().table(book.table).select(expression).to_arrow_table()["cents"]
    cents: npt.NDArray[np.int64] = found.drop_null().to_numpy()
    return cents


def without(book: Book, name: str = "annual_revenue") -> int:
    """Count the accounts of which a column says nothing."""
    missing = engine.cursor().table(book.table).filter(duckdb.ColumnExpression(name).isnull())
    return int(missing.aggregate([duckdb.FunctionExpression("count_star")]).fetchall()[0][0])


def quartiles(book: Book, name: str) -> tuple[float, ...]:
    """Give the lower quartile, the median and the upper quartile of a column of numbers; none where it has no value."""
    value = duckdb.ColumnExpression(name).try_cast("DOUBLE")
    parts = [
        duckdb.FunctionExpression("quantile_cont", value, duckdb.ConstantExpression(part)).alias(f"q{i}")
        for i, part in enumerate((0.25, 0.5, 0.75))
    ]
    found = engine.cursor().table(book.table).aggregate(parts).fetchall()[0]
    return tuple(float(edge) for edge in found if edge is not None)


def close(book: Book) -> None:
    """Let go of a book's tables before the book itself: they leave memory, unless somebody else has opened it too."""
    book.held.clear()


def spare(book: Book, most: int) -> None:
    """Let go of the oldest tables of health of a book but `most`; each is a number and a score an account."""
    for name in [name for name in [*book.held] if name.startswith(book.health_prefix)][:-most]:
        book.held.pop(name, None)


_NO_HISTORY = pa.table(
    {
        "row": pa.array([], pa.int64()),
        "account_id": pa.array([], pa.string()),
        "period": pa.array([], pa.date32()),
        "amount": pa.array([], pa.decimal128(18, 2)),
    }
)
_ARROW = {
    "VARCHAR": pa.string(),
    "DECIMAL(18,2)": pa.decimal128(18, 2),
    "DOUBLE": pa.float64(),
    "BIGINT": pa.int64(),
    "DATE": pa.date32(),
}


def _with_contract(table: pa.Table) -> pa.Table:
    """Number the rows from 0 and add the columns of the contract that the file did not have, all missing.

    So every statement can name every column of the contract.
    """
    table = table.append_column("line", table["row"]).set_column(0, "row", pa.array(np.arange(table.num_rows)))
    for wanted in BY_NAME.values():
        if wanted.name not in table.column_names:
            nothing = pa.nulls(table.num_rows, _ARROW[SQL_TYPES[wanted.kind]])
            table = table.append_column(wanted.name, nothing)
    return table


def _currency(table: pa.Table) -> str:
    found = table["currency"].drop_null().unique().to_pylist() if "currency" in table.column_names else []
    return str(found[0]).upper() if found else "USD"


def _newest(table: pa.Table, history: pa.Table | None) -> dt.date | None:
    """Give the newest date that can be believed; one mistyped year must not make every account look silent.

    With a revenue history that is its newest period, or a later activity within a year of it. Of ten or more
    activities, one counts only if another lies within a year of it.
    """
    period: dt.date | None = pc.max(history["period"]).as_py() if history is not None else None
    if "last_activity_date" not in table.column_names:
        return period
    newest = np.sort(pc.cast(table["last_activity_date"].drop_null(), pa.int32()).to_numpy())[::-1]
    if period is not None:
        newest = newest[newest <= (period - _DAY_0).days + _YEAR]
    if len(newest) >= ENOUGH_DATES:
        newest = newest[:-1][newest[:-1] - newest[1:] <= _YEAR]
    activity = _DAY_0 + dt.timedelta(int(newest[0])) if len(newest) else None
    return max((day for day in (period, activity) if day is not None), default=None)
