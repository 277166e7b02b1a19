"""Quality: what was read of every column, what is unusual in it, and for how much revenue a criterion has no value."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.accounts import raws
from core.accounts.contract import BY_NAME, NUMERIC, Kind, normalise
from core.wording import plural

if TYPE_CHECKING:
    from core.accounts.checking import Checked
    from core.accounts.columns import Column
    from core.model.model import Model

FAR = 1_000
"""A number so many times the median is told as unusual: most often a slip of the decimal mark."""
_GROUPED = 10_000
SPAN = 30 * 365
"""Days from the median day beyond which a day is unusual."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A criterion and the part of the book of which it knows nothing: share of accounts, of revenue (None if none)."""

    criterion: str
    column: str
    accounts: float
    revenue: float | None


def columns(checked: Checked) -> pa.Table:
    """Report on every column: what feeds it, its kind, cells read, missing and set aside, range, what is unusual."""
    errors = checked.findings.filter(pc.equal(checked.findings["severity"], "error"))
    faults = {one["values"]: one["counts"] for one in pc.value_counts(errors["column"]).to_pylist()}
    rows = []
    for column in checked.columns:
        values = checked.table[column.name]
        rows.append(
            {
                "heading": column.heading,
                "field": column.name if column.name in BY_NAME else "",
                "kind": column.kind.value,
                "read": len(values) - values.null_count,
                "missing": values.null_count,
                "not readable": faults.get(column.heading, 0),
                "range": _range(column, values),
                "unusual": _unusual(column, values),
            }
        )
    return pa.Table.from_pylist(rows)


SEVERITIES = ("error", "warning", "hint", "merged")


def grouped(findings: pa.Table) -> pa.Table:
    """Put findings that say the same of the same column together, the graver first: how many rows, and the first one.

    `rows` is missing where a finding is of no row, but of a word or of two accounts.
    """
    keys = ["severity", "column", "what", "way_out"]
    found = findings.group_by(keys, use_threads=False).aggregate([("row", "count"), ("row", "min")])
    rank = pc.index_in(found["severity"], value_set=pa.array(SEVERITIES))
    rows = pc.if_else(pc.equal(found["row_count"], 0), None, found["row_count"])
    made = {"what": found["what"], "rows": rows, "first row": found["row_min"], "column": found["column"],
            "severity": found["severity"], "way out": found["way_out"]}  # fmt: skip
    return pa.table({**made, "rank": rank}).sort_by([("rank", "ascending")]).select(list(made))


def _range(column: Column, values: pa.ChunkedArray) -> str:
    if values.null_count == len(values):
        return "–"
    if column.kind in NUMERIC or column.kind is Kind.DATE:
        low, high = pc.min(values).as_py(), pc.max(values).as_py()
        return f"{_shown(low)} to {_shown(high)}"
    distinct = pc.count_distinct(raws.decoded(values)).as_py()
    return plural(int(distinct), "different word")


def _shown(value: object) -> str:
    if isinstance(value, float):  # 1979 is more often a year than a number in the thousands
        return f"{value:.15g}" if abs(value) < _GROUPED else f"{value:,.15g}"
    return f"{value:,}" if isinstance(value, int | Decimal) else f"{value}"


def _unusual(column: Column, values: pa.ChunkedArray) -> str:
    present = values.drop_null()
    if not len(present):
        return ""
    if column.kind is Kind.DATE:
        days = pc.cast(present, pa.int32()).to_numpy()
        far = int((np.abs(days - np.median(days)) > SPAN).sum())
        return f"{plural(far, 'day')} far from the others" if far else ""
    if column.kind not in NUMERIC:
        return ""
    numbers = pc.cast(present, pa.float64()).to_numpy()
    told = []
    if column.kind is Kind.MONEY and (below := int((numbers < 0).sum())):
        told.append(f"{below:,} below 0")
    middle = float(np.median(np.abs(numbers[numbers != 0]))) if (numbers != 0).any() else 0.0
    if middle and (far := int((np.abs(numbers) > FAR * middle).sum())):
        told.append(f"{far:,} over {FAR:,} times the median")
    return ", ".join(told)


def missing(checked: Checked, model: Model) -> list[Missing]:
    """Say for every criterion of a model for which share of the accounts, and of revenue above 0, it has no value.

    A criterion without a column in the book is missing for all of it.
    """
    revenue = None
    if "annual_revenue" in checked.table.column_names:
        cents = pc.cast(pc.fill_null(checked.table["annual_revenue"], 0), pa.float64()).to_numpy()
        revenue = np.maximum(cents, 0)
    total = 0.0 if revenue is None else float(revenue.sum())
    found = []
    for criterion in model.criteria:
        column = _fed(checked, criterion.column)
        if column is None:
            found.append(Missing(criterion.name, criterion.column, 1.0, 1.0 if total else None))
            continue
        absent = checked.table[column.name].is_null().to_numpy()
        share = float(revenue[absent].sum()) / total if revenue is not None and total else None
        found.append(Missing(criterion.name, criterion.column, float(absent.mean()), share))
    return found


def _fed(checked: Checked, name: str) -> Column | None:
    wanted = normalise(name)
    for column in checked.columns:
        if wanted == (column.name if column.name in BY_NAME else normalise(column.heading)):
            return column
    return next((column for column in checked.columns if normalise(column.heading) == wanted), None)
