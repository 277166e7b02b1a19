"""Forms of the model editor: a criterion, the tiers and the gates as tables that can be typed into, and back.

Pure: a model's parts as plain values (as they stand in its file) to tables, and tables to plain values. What a person
has not touched comes back exactly as it was, and nothing is checked here: `core.model.toml.build` says what is wrong.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from core.accounts.contract import BY_NAME
from core.errors import UnknownName

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.accounts.books import Book
    from core.model.model import Model

Raw = dict[str, Any]
KINDS = {
    "bands": "Bands of a number",
    "categories": "Listed texts",
    "linear": "Straight line between two numbers",
    "points": "Points, as the column has them",
}
TESTS = {"allowed": "is one of", "refused": "is none of", "at_least": "is at least", "below": "is below"}
BANDS = {"from": "From", "points": "Points"}
CATEGORIES = {"values": "Values", "points": "Points"}
TIERS = {
    "name": "Tier", "cut_off": "From score", "service_level": "Service level", "cadence": "Cadence",
    "accounts_per_owner": "Accounts per owner",
}  # fmt: skip
GATES = {
    "name": "Gate", "column": "Column", "test": "Test", "value": "Value", "best_tier": "Best tier if it fails",
    "missing_fails": "Missing fails",
}  # fmt: skip


def raw(model: Model) -> Raw:
    """Give a model as plain values, laid out as in its file."""
    return model.model_dump(mode="json", by_alias=True, exclude_none=True)


def table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> pd.DataFrame:
    """Lay rows out under the headings of `columns`; numbers are numbers even where there are none yet."""
    numbers = {"from", "points", "cut_off", "accounts_per_owner"}
    made = {}
    for key, heading in columns.items():
        cells = [row.get(key) for row in rows]
        made[heading] = pd.Series(cells, dtype="float64" if key in numbers else "object")
    return pd.DataFrame(made)


def rows(found: pd.DataFrame, columns: Mapping[str, str]) -> list[tuple[int, Raw]]:
    """Read a table back: each row with its number in the table that was shown; empty cells and rows are left out."""
    read = []
    for place, record in zip(found.index, found.to_dict("records"), strict=True):
        row = {key: _cell(record[heading]) for key, heading in columns.items()}
        row = {key: value for key, value in row.items() if value is not None and value != ""}
        if row:
            read.append((int(place), row))
    return read


def _cell(value: Any) -> Any:
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [str(item) for item in value]
    if isinstance(value, float) and value != value:  # noqa: PLR0124  NaN is an empty cell
        return None
    return None if value is pd.NA else value


def bands(found: pd.DataFrame) -> list[Raw]:
    """Read bands, lowest first."""
    return sorted((row for _, row in rows(found, BANDS)), key=lambda row: row.get("from", float("-inf")))


def tiers(found: pd.DataFrame, shown: Sequence[Raw]) -> list[Raw]:
    """Read tiers, highest cut-off first; what is not in the table stays with its row."""
    made = []
    for place, row in rows(found, TIERS):
        kept = shown[place] if place < len(shown) else {}
        made.append({key: value for key, value in kept.items() if key not in TIERS} | row)
    return sorted(made, key=lambda row: -row.get("cut_off", 0))


def gate_rows(model: Model, headings: Mapping[str, str]) -> list[Raw]:
    """Write gates as rows; `headings` names columns as the editor shows them."""
    found = []
    for gate in raw(model)["gates"]:
        test = next(test for test in TESTS if gate.get(test) not in (None, []))
        value = gate[test]
        text = "; ".join(value) if isinstance(value, list) else f"{value:g}"
        shown = {
            "made": gate,
            "test": TESTS[test],
            "value": text,
            "column": headings.get(gate["column"], gate["column"]),
        }
        found.append({**gate, **shown})
    return found


def gates(found: pd.DataFrame, shown: Sequence[Raw], book: Book) -> list[Raw]:
    """Read gates; a row that reads as it was shown stays as it was made."""
    old, before = [row["made"] for row in shown], dict(rows(table(shown, GATES), GATES))
    made: list[Raw] = []
    for place, row in rows(found, GATES):
        if place < len(old) and row == before.get(place):
            made.append(old[place])
            continue
        test = next((key for key, words in TESTS.items() if words == row.get("test")), "")
        text = str(row.get("value", ""))
        value = listed(text) if test in ("allowed", "refused") else _number(text)
        known = (
            old[place]["id"]
            if place < len(old)
            else free(str(row.get("name", "")), [gate["id"] for gate in (*made, *old)])
        )
        gate: Raw = {key: row[key] for key in ("name", "best_tier", "missing_fails") if key in row}
        gate |= {"id": known} | ({test: value} if test and text else {})
        made.append(gate | ({"column": stored(book, row["column"])} if "column" in row else {}))
    return made


def listed(text: str) -> list[str]:
    """Take a list apart: by semicolons where there are any, else by commas."""
    return [part.strip() for part in re.split(";" if ";" in text else ",", text) if part.strip()]


def _number(text: str) -> float | str:
    try:
        return float(text.replace(",", "").strip())
    except ValueError:
        return text  # said to be no number where the model is built


def headings(book: Book, model: Model) -> dict[str, str]:
    """Name the columns that a model reads as the book heads them, or as the model does where the book has none."""
    named = {}
    for item in (*model.criteria, *model.gates):
        try:
            named[item.column] = book.column(item.column).heading
        except UnknownName:
            named[item.column] = item.column
    return named


def stored(book: Book, heading: str) -> str:
    """Give what a model keeps of a column: its name in the contract, so that it fits other books, else its heading."""
    try:
        name = book.column(heading).name
    except UnknownName:
        return heading
    return name if name in BY_NAME else heading


def free(name: str, taken: Sequence[str]) -> str:
    """Make an id of a name that is not taken yet."""
    slug = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:50]
    slug = slug if slug[:1].isalpha() else f"c_{slug}".rstrip("_")
    number = 2
    found = slug
    while found in taken:
        found, number = f"{slug}_{number}", number + 1
    return found


def new_criterion(name: str, heading: str, kind: str, book: Book, quartiles: Sequence[float]) -> Raw:
    """Make a criterion that can be edited further, with the quartiles or the values of its column where it has any."""
    made: Raw = {"name": name, "column": stored(book, heading), "kind": kind, "importance": 10}
    edges = sorted({float(f"{edge:.2g}") for edge in quartiles})
    if kind == "bands":
        steps = [{"from": edge, "points": points} for edge, points in zip(edges, (4, 7, 10), strict=False)]
        made["bands"] = [{"points": 0}, *(steps or [{"from": 1, "points": 10}])]
    elif kind == "categories":
        values = book.codes.get(book.column(heading).name, ())[:1]
        made |= {"categories": [{"values": list(values or ("yes",)), "points": 10}], "otherwise": 0}
    elif kind == "linear":
        low, high = (edges[0], edges[-1]) if len(edges) > 1 else (0.0, 100.0)
        made |= {"zero_at": low, "ten_at": high}
    return made
