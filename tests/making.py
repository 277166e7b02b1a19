"""What tests make: raw tables, checked tables and open books out of a few columns, and models for hypothesis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
from hypothesis import strategies as st

from core.accounts import books, checking
from core.accounts.contract import HISTORY
from core.accounts.reading import Raw
from core.model.model import Model

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.accounts.books import Book
    from core.accounts.checking import Checked

WORDS = ("Alpha", "beta", "GAMMA", "Delta One", "epsilon")
"""What a column of categories may hold; a model may list them in another case."""
UNLISTED = "zeta"
"""A word that no model lists."""


def raw(columns: Mapping[str, Sequence[str | None]]) -> Raw:
    """A file's text as it was read: heading to cells, None for an empty cell; the heading is row 1."""
    rows = len(next(iter(columns.values())))
    cells = {"row": pa.array(range(2, rows + 2), pa.int64())}
    for i, column in enumerate(columns.values()):
        cells[f"c{i}"] = pa.array([cell or "" for cell in column], pa.string())
    return Raw(tuple(columns), pa.table(cells))


def checked(columns: Mapping[str, Sequence[str | None]], **options: Any) -> Checked:
    """A checked table; ids and names are made up where they are not given."""
    rows = len(next(iter(columns.values())))
    made = {"account_id": [f"A{i:04}" for i in range(rows)], "name": [f"Account {i}" for i in range(rows)]}
    return checking.check(raw({**made, **columns}), **options)


def book(
    columns: Mapping[str, Sequence[str | None]], history: Mapping[str, Sequence[str | None]] | None = None
) -> Book:
    """An open book."""
    past = checking.check(raw(history), fields=HISTORY) if history else None
    return books.open_checked(checked(columns), name="test", source="test.csv", history=past)


def model(**changes: Any) -> Model:
    """A small model of two criteria and three tiers, with changes."""
    data: dict[str, Any] = {
        "name": "small",
        "criteria": [
            {"id": "size", "name": "Size", "column": "employees", "importance": 60, "kind": "bands",
             "bands": [{"points": 0}, {"from": 100, "points": 5}, {"from": 1000, "points": 10}]},
            {"id": "fit", "name": "Fit", "column": "Fit", "importance": 40, "kind": "points"},
        ],
        "tiers": [{"name": "A", "cut_off": 75}, {"name": "B", "cut_off": 50}, {"name": "C", "cut_off": 0}],
    }  # fmt: skip
    return Model.model_validate({**data, **changes})


# Models and books for hypothesis -------------------------------------------------------------------------------------

points = st.integers(0, 100).map(lambda tenths: tenths / 10)
edges = st.integers(-40, 400).map(lambda quarters: quarters / 4)
importances = st.one_of(st.integers(0, 100), st.floats(0, 100), st.sampled_from([1 / 3, 0.1, 7.7]))


@st.composite
def criteria(draw: st.DrawFn, number: int, kinds: Sequence[str] = ("bands", "categories", "linear", "points")) -> Any:
    """A criterion of any kind; it reads the column of its own number, or one of the contract's."""
    kind = draw(st.sampled_from(kinds))
    columns = [f"Column {number}"] + (["revenue_potential"] if kind in {"bands", "linear"} else [])
    made: dict[str, Any] = {
        "id": f"c{number}", "name": f"Criterion {number}", "column": draw(st.sampled_from(columns)), "kind": kind,
        "importance": draw(importances),
    }  # fmt: skip
    if kind == "bands":
        lower: list[float | None] = [*sorted(draw(st.sets(edges, max_size=4)))]
        lower = [None, *lower] if not lower or draw(st.booleans()) else lower
        made["bands"] = [{"lower": edge, "points": draw(points)} for edge in lower]
    elif kind == "categories":
        listed = draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4, unique=True))
        cut = draw(st.integers(1, len(listed)))
        groups = [group for group in (listed[:cut], listed[cut:]) if group]
        made["categories"] = [{"values": [w.upper() for w in group], "points": draw(points)} for group in groups]
        made["otherwise"] = draw(st.none() | points)
    elif kind == "linear":
        made["zero_at"], made["ten_at"] = draw(st.lists(edges, min_size=2, max_size=2, unique=True))
    return made


@st.composite
def gates(draw: st.DrawFn, number: int, tiers: Sequence[str]) -> Any:
    """A gate of any kind, on the region or on the engagement score."""
    words = tuple(draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=2, unique=True)))
    level = float(draw(st.integers(0, 100)))
    tests: list[dict[str, Any]] = [{"allowed": words}, {"refused": words}, {"at_least": level}, {"below": level}]
    test = draw(st.sampled_from(tests))
    column = "region" if {"allowed", "refused"} & set(test) else "engagement_score"
    return {
        "id": f"g{number}", "name": f"Gate {number}", "column": column, "best_tier": draw(st.sampled_from(tiers)),
        "missing_fails": draw(st.booleans()), **test,
    }  # fmt: skip


@st.composite
def models(
    draw: st.DrawFn,
    *,
    kinds: Sequence[str] = ("bands", "categories", "linear", "points"),
    least: int = 1,
    most: int = 6,
) -> Model:
    """A model with anything in it that decides a tier."""
    count = draw(st.integers(least, most))
    chosen = [draw(criteria(j, kinds)) for j in range(count)]
    if not any(c["importance"] for c in chosen):
        chosen[0]["importance"] = 1
    cut_offs = sorted(draw(st.sets(st.integers(1, 10_000), min_size=1, max_size=4)), reverse=True)
    tiers = [{"name": f"T{i}", "cut_off": cut / 100} for i, cut in enumerate([*cut_offs, 0])]
    names = [f"T{i}" for i in range(len(tiers))]
    return Model.model_validate(
        {
            "name": "random",
            "coverage_floor": draw(st.sampled_from([0, 0.25, 0.6, 0.6001, 1])),
            "criteria": chosen,
            "tiers": tiers,
            "gates": [draw(gates(i, names)) for i in range(draw(st.integers(0, 2)))],
        }
    )


def decimals(low: int, high: int, places: int) -> st.SearchStrategy[str]:
    """Numbers as a person writes them: exactly so many places."""
    return st.integers(low * 10**places, high * 10**places).map(
        lambda n: f"{'-' if n < 0 else ''}{abs(n) // 10**places}.{abs(n) % 10**places:0{places}}"
    )


def rows(model: Model, *, most: int = 40) -> st.SearchStrategy[list[dict[str, str]]]:
    """Accounts as texts, any of them missing, for every column that the model and the health rules read."""
    cells: dict[str, st.SearchStrategy[str]] = {
        "annual_revenue": decimals(-50, 5_000, 2) | st.just("0.00"),
        "revenue_potential": edges.map(lambda edge: f"{edge:.2f}") | decimals(-20, 120, 2),
        "region": st.sampled_from([*WORDS, UNLISTED]),
        "owner": st.sampled_from(WORDS[:2]),
        "engagement_score": st.integers(0, 100).map(str),
        "contacts_engaged": st.integers(0, 8).map(str),
        "executive_contacts": st.integers(0, 3).map(str),
        "pipeline": decimals(0, 9_000, 2),
        "revenue_target": decimals(0, 6_000, 2),
        "competitive_threat": st.sampled_from(["none", "present", "active"]),
        "lifecycle": st.sampled_from(["customer", "prospect"]),
    }
    numbers = edges.map(str) | decimals(-2, 12, 3) | st.sampled_from(["0", "10", "10.05", "0.05", "5"])
    for criterion in model.criteria:
        if criterion.column not in cells:
            words = st.sampled_from([*WORDS, UNLISTED, "delta one"])
            cells[criterion.column] = words if criterion.kind == "categories" else numbers
    cells = {name: st.just("") | cell | cell | cell for name, cell in cells.items()}
    return st.lists(st.fixed_dictionaries(cells), min_size=1, max_size=most)


def columns(accounts: Sequence[Mapping[str, str]]) -> dict[str, list[str | None]]:
    """Turn accounts into columns."""
    return {name: [account[name] for account in accounts] for name in accounts[0]}
