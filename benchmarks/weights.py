"""A weight has changed: how many accounts, and how much revenue, has each tier now?

Every contender starts from points already banded and kept ready in memory in the form it likes best, is given the same
new weights each round, and answers accounts and revenue per tier, unrated included. Tierwise starts from the cube and
answers more: potential, credits, shares and provisional accounts too. Before anything is timed the answers to three
weightings are held equal, accounts and cents exactly. scikit-criteria takes no missing values, so it is given 0 for
each, and is held equal to a cube that is filled likewise.

What makes the cube quick is that profiles are fewer than accounts. The first model, which a visit opens with, has few
profiles at any size of book; the second, the finest that comes with the program, gives almost every account a profile
of its own, and there the cube has next to nothing to save.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import skcriteria
from skcriteria.agg.simple import WeightedSumModel

from benchmarks import harness, shelf
from benchmarks.harness import Claim, Section
from core.accounts.banding import MISSING
from core.measures import tiers
from core.model import toml

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from benchmarks.harness import Result
    from benchmarks.shelf import Accounts, Shelf
    from core.accounts.cube import Cube
    from core.model.model import Model

    Answer = list[tuple[int, int]]
    """Accounts and cents of every tier, best first, unrated last."""
    Contender = Callable[[Model], Answer]
    Floats = npt.NDArray[np.float64]

OURS, PANDAS = "Tierwise, cube", ("pandas, whole numbers", "pandas, as usually written")
SCIKIT = "scikit-criteria (missing filled with 0)"
FASTER, FLAT = 30, 2.0


def ours(cube: Cube, model: Model) -> Answer:
    """Weigh the cube and say what each tier holds."""
    return [(row.accounts, row.revenue) for row in tiers.distribution(cube, tiers.weigh(cube, model))]


def pandas_whole(frame: pd.DataFrame, model: Model) -> Answer:
    """Add whole numbers up column by column (NaN is missing), so that no score is a hair off its cut-off."""
    earned = present = pd.Series(0, index=frame.index)
    for name, weight in zip(frame.columns, model.weights, strict=False):
        earned = earned + frame[name].fillna(0) * weight
        present = present + frame[name].notna() * weight
    return _pandas_tiers(frame, earned / present, present, model)


def pandas_usual(frame: pd.DataFrame, model: Model, decimals: int | None = 8) -> Answer:
    """Multiply points 0 to 10 by weights as fractions; without rounding, scores on a cut-off fall below it."""
    points = frame.drop(columns="revenue")
    weights = pd.Series(model.weights, index=points.columns) / 10_000
    present = points.notna().mul(weights).sum(axis=1)
    score = 10 * points.mul(weights).sum(axis=1) / present
    score = score if decimals is None else score.round(decimals)
    return _pandas_tiers(frame, score, present * 10_000, model)


def _pandas_tiers(frame: pd.DataFrame, score: pd.Series, present: pd.Series, model: Model) -> Answer:
    edges = [-np.inf, *(cut_off / 100 for cut_off in model.cut_offs[-2::-1]), np.inf]
    tier = pd.cut(score, edges, right=False, labels=model.tier_names[::-1])
    tier = tier.cat.add_categories(tiers.UNRATED).mask(present.round() < max(model.floor, 1), tiers.UNRATED)
    found = frame["revenue"].groupby(tier, observed=False).agg(["size", "sum"])
    rows = found.loc[[*model.tier_names, tiers.UNRATED]].itertuples(index=False)
    return [(int(accounts), int(cents)) for accounts, cents in rows]


def polars_lazy(frame: pl.DataFrame, model: Model) -> Answer:
    """Add whole numbers up and group, in one lazy query on every core."""
    weights = dict(zip(frame.columns, model.weights, strict=False))
    earned = pl.sum_horizontal(pl.col(name).cast(pl.Int64).fill_null(0) * w for name, w in weights.items())
    present = pl.sum_horizontal(pl.col(name).is_not_null().cast(pl.Int64) * w for name, w in weights.items())
    tier = pl.lit(len(model.tiers) - 1)
    for i, cut_off in reversed(list(enumerate(model.cut_offs[:-1]))):
        tier = pl.when(100 * pl.col("earned") >= cut_off * pl.col("present")).then(i).otherwise(tier)
    tier = pl.when(pl.col("present") < max(model.floor, 1)).then(len(model.tiers)).otherwise(tier)
    scored = frame.lazy().select("revenue", earned.alias("earned"), present.alias("present"))
    rows = scored.group_by(tier.alias("tier")).agg(pl.len(), pl.col("revenue").sum()).collect().rows()
    return _in_order({int(i): (int(count), int(cents)) for i, count, cents in rows}, model)


def scan(table: duckdb.DuckDBPyRelation, model: Model) -> Answer:
    """Score every account of a DuckDB table and group, in one statement."""
    col, lit = duckdb.ColumnExpression, duckdb.ConstantExpression
    earned, present = lit(0), lit(0)
    for name, weight in zip(table.columns, model.weights, strict=False):
        known = col(name).isnotnull()
        earned += duckdb.CaseExpression(known, col(name).cast("INTEGER") * lit(weight)).otherwise(lit(0))
        present += duckdb.CaseExpression(known, lit(weight)).otherwise(lit(0))
    scored = table.select(col("revenue"), earned.alias("earned"), present.alias("present"))
    tier = duckdb.CaseExpression(col("present") < lit(max(model.floor, 1)), lit(len(model.tiers)))
    for i, cut_off in enumerate(model.cut_offs):
        tier = tier.when(col("earned") * lit(100) >= col("present") * lit(cut_off), lit(i))
    rows = scored.select(tier.alias("tier"), col("revenue")).aggregate("tier, count(*), sum(revenue)").fetchall()
    return _in_order({int(i): (int(count), int(cents)) for i, count, cents in rows}, model)


def matrices(earnable: npt.NDArray[np.float32], known: npt.NDArray[np.float32], cents: Floats, model: Model) -> Answer:
    """Score every account by two matrix products; float32 holds these whole numbers exactly."""
    weights = np.array(model.weights, np.float32)
    present = (known @ weights).astype(np.float64)
    with np.errstate(invalid="ignore"):
        score = (earnable @ weights) / present
    return _numpy_tiers(score, present, cents, model)


def scikit_criteria(matrix: skcriteria.DecisionMatrix, cents: Floats, model: Model) -> Answer:
    """Rank by scikit-criteria's weighted sum model, and cut its scores into tiers."""
    weighted = matrix.replace(weights=model.weights)
    score = WeightedSumModel().evaluate(weighted).e_.score / 10_000
    return _numpy_tiers(score, np.full(len(score), 10_000.0), cents, model)


def _numpy_tiers(score: Floats, present: Floats, cents: Floats, model: Model) -> Answer:
    edges = np.array(model.cut_offs[-2::-1]) / 100
    tier = len(edges) - np.searchsorted(edges, score, side="right")
    tier[present < max(model.floor, 1)] = len(model.tiers)
    size = len(model.tiers) + 1
    revenue = np.bincount(tier, cents, size)  # exact: whole cents below 2^53
    return [(int(a), int(b)) for a, b in zip(np.bincount(tier, minlength=size), revenue, strict=True)]


def _in_order(found: dict[int, tuple[int, int]], model: Model) -> Answer:
    return [found.get(i, (0, 0)) for i in range(len(model.tiers) + 1)]


def contenders(cube: Cube, book: Accounts) -> dict[str, Contender]:
    """Prepare every contender but scikit-criteria for a book."""
    points = np.where(book.points == MISSING, np.nan, book.points.astype(np.float64))
    names = [f"c{j}" for j in range(points.shape[1])]
    frame = pd.DataFrame(points, columns=names).assign(revenue=book.revenue)
    tenths = pa.table({name: pa.array(points[:, j], from_pandas=True).cast(pa.uint8()) for j, name in enumerate(names)})
    typed = tenths.append_column("revenue", pa.array(book.revenue))
    typed_frame = pl.from_arrow(typed)
    assert isinstance(typed_frame, pl.DataFrame)
    database = duckdb.connect(":memory:")
    database.from_arrow(typed).create("accounts")
    known = (book.points != MISSING).astype(np.float32)
    earnable = np.nan_to_num(points).astype(np.float32)
    return {
        OURS: partial(ours, cube),
        PANDAS[0]: partial(pandas_whole, frame),
        PANDAS[1]: partial(pandas_usual, frame.assign(**(frame[names] / 10))),
        "polars": partial(polars_lazy, typed_frame),
        "DuckDB, scan of the accounts": partial(scan, database.table("accounts")),
        "numpy, matrix product": partial(matrices, earnable, known, book.revenue.astype(np.float64)),
    }


def with_scikit_criteria(cube: Cube, book: Accounts) -> dict[str, Contender]:
    """Prepare scikit-criteria, which takes no missing values, and the cube of the same filled book to hold it to."""
    filled = np.where(book.points == MISSING, 0, book.points).astype(np.float64)
    matrix = skcriteria.mkdm(filled, [max] * filled.shape[1])
    filled_cube = replace(cube, points=np.where(cube.points == MISSING, 0, cube.points).astype(np.uint8))
    return {
        "ours, filled": partial(ours, filled_cube),
        SCIKIT: partial(scikit_criteria, matrix, book.revenue.astype(np.float64)),
    }


def questions(model: Model, count: int) -> list[Model]:
    """Give the model as it is, then with other weights: what a slider asks while it moves."""
    rng = np.random.default_rng(7)
    drawn = rng.integers(1, 101, (count - 1, len(model.criteria)))
    ids = [criterion.id for criterion in model.criteria]
    return [model, *(model.with_importance(dict(zip(ids, map(float, row), strict=True))) for row in drawn)]


def hold_equal(entrants: dict[str, Contender], asked: Sequence[Model]) -> None:
    """Refuse to time contenders that do not answer alike."""
    for model in asked:
        answers = {name: run(model) for name, run in entrants.items()}
        first = next(iter(answers.values()))
        assert all(answer == first for answer in answers.values()), answers


def contest(books: Shelf, size: int, name: str, rounds: int) -> tuple[str, dict[str, Result]]:
    """Hold the contenders equal at one size, then time them; say how large the cube is and what pandas got wrong."""
    prepared, model = books.portfolio(size, name), toml.load(name)
    cube, book = prepared.cube, shelf.accounts(prepared)
    asked = questions(model, rounds)
    entrants, filled = contenders(cube, book), with_scikit_criteria(cube, book)
    hold_equal(entrants, asked[:3])
    hold_equal(filled, asked[:3])
    note = f"{size:,} accounts have {len(cube):,} profiles"
    usual = entrants[PANDAS[1]]
    if isinstance(usual, partial):
        pairs = zip(usual(model, decimals=None), ours(cube, model), strict=True)
        wrong = sum(abs(theirs - right) for (theirs, _), (right, _) in pairs) // 2
        note += f" (without rounding, the usual pandas miscounts tiers by {wrong:,})"
    entrants[SCIKIT] = filled[SCIKIT]
    timed = {name: (lambda number, run=run: run(asked[number])) for name, run in entrants.items()}
    return note, harness.race(timed, rounds)


def run(books: Shelf, sizes: Sequence[int], name: str = shelf.SCORECARD, rounds: int = 15) -> Section:
    """Time a change of weights at every size, under a ready model."""
    found = {size: contest(books, size, name, rounds) for size in sizes}
    races = {size: race for size, (_, race) in found.items()}
    model = toml.load(name)
    text = f"Model “{model.name}”, {len(model.criteria)} criteria. " + "; ".join(note for note, _ in found.values())
    by_column = {f"{size:,} accounts": race for size, race in races.items()}
    claims = _claims(races) if name == shelf.SCORECARD else ()
    return Section(f"Weights changed: {model.name}", f"{text}.", harness.race_table(by_column), claims)


def _claims(races: dict[int, dict[str, Result]]) -> tuple[Claim, ...]:
    if not {10**5, 10**6} <= set(races):
        return ()
    small, large = races[10**5], races[10**6]
    faster = min(large[name].median for name in PANDAS) / large[OURS].median
    growth = large[OURS].median / small[OURS].median
    return (
        Claim(f"a change of weights is at least {FASTER}× faster than pandas at 1,000,000 accounts",
              f"{harness.ratio(faster)} (the faster of the two)", faster >= FASTER),
        Claim(f"and costs less than {FLAT:g}× as much at 1,000,000 as at 100,000",
              harness.ratio(growth), growth < FLAT),
    )  # fmt: skip
