"""Outcomes: a list that knows nothing is told so, one that knows something too, and nothing sees its own answer."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from core.accounts import books
from core.measures import outcomes, portfolio
from core.model.health import Health
from core.report import judgement
from tests import making

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.measures.portfolio import Portfolio

CHURN = "Churn flag"
HEALTH = Health()


def snapshot(*, signal: float, accounts: int = 500, seed: int = 7, words: tuple[str, str] = ("FALSE", "TRUE")) -> Any:
    """A table with a churn column that follows engagement as strongly as said, or not at all."""
    rng = np.random.default_rng(seed)
    engagement = rng.integers(0, 101, accounts)
    chance = 1 / (1 + np.exp(-(-1.3 - signal * (engagement - 50) / 20)))
    lost = rng.random(accounts) < chance
    return {
        "engagement_score": [str(value) for value in engagement],
        "competitive_threat": rng.choice(["none", "present", "active"], accounts).tolist(),
        "annual_revenue": [f"{value:.2f}" for value in rng.lognormal(9, 1, accounts)],
        CHURN: [words[int(value)] for value in lost],
        "Plan": rng.choice(["Basic", "Pro"], accounts).tolist(),
    }


def prepared(columns: Any, history: Any = None) -> Portfolio:
    return portfolio.prepare(making.book(columns, history), making.model())


@pytest.fixture
def opened() -> Iterator[list[Portfolio]]:
    found: list[Portfolio] = []
    yield found
    for each in found:
        books.close(each.book)


def by_churn(opened: list[Portfolio], **options: Any) -> outcomes.Judged:
    opened.append(prepared(snapshot(**options)))
    book = opened[-1].book
    assert [column.heading for column in outcomes.columns(book)] == [CHURN], "a plan is no outcome"
    judged = outcomes.by_column(opened[-1], HEALTH, book.column(CHURN))
    assert judged is not None
    return judged


def test_signals_that_know_nothing_are_said_to_know_nothing(opened: list[Portfolio]) -> None:
    judged = by_churn(opened, signal=0.0)
    assert judged.found.auc is not None
    assert judged.found.auc.low < 0.5 < judged.found.auc.high
    assert "carry no information about loss" in judgement.answer(judged)


def test_signals_that_know_something_are_said_to(opened: list[Portfolio]) -> None:
    judged = by_churn(opened, signal=1.5, words=("No", "Yes"))
    assert judged.found.auc is not None
    assert judged.found.auc.low > 0.6
    assert judged.found.capture is not None
    assert judged.found.capture > 0.15
    assert judgement.answer(judged).startswith("The signals carry information about loss: AUC 0.")
    observed = [each.observed for each in judged.found.bins]
    assert observed == sorted(observed)
    assert [each.forecast for each in judged.found.bins] == pytest.approx([0.05, 0.25, 0.6])


def test_signals_that_point_the_wrong_way_are_said_to(opened: list[Portfolio]) -> None:
    assert "point the wrong way" in judgement.answer(by_churn(opened, signal=-1.5))


def test_accounts_without_health_or_outcome_are_left_out_and_counted(opened: list[Portfolio]) -> None:
    columns = snapshot(signal=1.0)
    columns["engagement_score"][:30] = columns["competitive_threat"][:30] = [""] * 30
    columns[CHURN][20:40] = [""] * 20
    opened.append(prepared(columns))
    judged = outcomes.by_column(opened[0], HEALTH, opened[0].book.column(CHURN))
    assert judged is not None
    assert (judged.skipped, judged.found.accounts) == (40, 460)
    assert "40 accounts left out" in judgement.basis(judged)


def test_a_column_that_says_something_else_judges_nothing(opened: list[Portfolio]) -> None:
    opened.append(prepared(snapshot(signal=1.0)))
    assert outcomes.by_column(opened[0], HEALTH, opened[0].book.column("Plan")) is None


def test_the_probabilities_of_the_book_are_judged_where_it_has_any(opened: list[Portfolio]) -> None:
    columns = snapshot(signal=1.0)
    columns["churn_probability"] = ["0.3"] * 500
    opened.append(prepared(columns))
    column = opened[0].book.column(CHURN)
    own = outcomes.by_column(opened[0], HEALTH, column)
    assert own is not None
    assert [each.forecast for each in own.found.bins] == pytest.approx([0.3])
    off = Health.model_validate({"loss_probability": {"from_book": False}})
    assumed = outcomes.by_column(opened[0], off, column)
    assert assumed is not None
    assert len(assumed.found.bins) == 3


# Through time --------------------------------------------------------------------------------------------------------


def past(*, signal: float, years: int = 4, accounts: int = 300, seed: int = 5) -> tuple[Any, Any]:
    """Accounts paid by quarter to the end of 2026; every year some stop, those whose spending fell more often."""
    rng = np.random.default_rng(seed)
    history: dict[str, list[str | None]] = {"account_id": [], "period": [], "amount": []}
    spending, alive = rng.lognormal(8, 0.5, accounts), np.ones(accounts, dtype=bool)
    for year in range(2027 - years, 2027):
        change = rng.uniform(-0.4, 0.4, accounts)
        for month, day in ((3, 31), (6, 30), (9, 30), (12, 31)):
            for i in range(accounts):
                history["account_id"].append(f"A{i:04}")
                history["period"].append(f"{year}-{month:02}-{day}")
                history["amount"].append(f"{spending[i] if alive[i] else 0:.2f}")
        alive &= rng.random(accounts) > np.clip(0.15 - signal * change, 0, 1)
        spending = spending * (1 + change)
    return {"annual_revenue": ["1000"] * accounts}, history


def test_without_a_history_or_with_a_short_one_nothing_is_judged(opened: list[Portfolio]) -> None:
    columns, history = past(signal=0.0, years=2)
    opened += [prepared(columns, history), prepared({"annual_revenue": ["1", "2"]})]
    assert [outcomes.through_time(each, HEALTH) for each in opened] == [None, None]


def test_the_year_before_is_judged_by_the_year_after(opened: list[Portfolio]) -> None:
    columns, history = past(signal=0.0, years=3)
    opened.append(prepared(columns, history))
    judged = outcomes.through_time(opened[0], HEALTH)
    assert judged is not None
    assert (judged.split, judged.fitted) == (dt.date(2025, 12, 31), None)
    assert judged.found.brier is None, "three years are too short to fit on one year and judge the next"
    paid = {(a, p): float(m or 0) for a, p, m in zip(*history.values(), strict=True)}
    cohort = [i for i in range(300) if paid[f"A{i:04}", "2025-12-31"] > 0]
    gone = [i for i in cohort if paid[f"A{i:04}", "2026-12-31"] == 0]
    assert (judged.found.accounts, judged.found.lost) == (len(cohort), len(gone))
    assert "have no past in the book" in judgement.basis(judged)


def test_with_a_longer_history_probabilities_are_fitted_on_one_year_and_judged_on_the_next(
    opened: list[Portfolio],
) -> None:
    columns, history = past(signal=0.0, years=4)
    opened.append(prepared(columns, history))
    judged = outcomes.through_time(opened[0], HEALTH)
    assert judged is not None
    assert judged.fitted == dt.date(2024, 12, 31)
    assert judged.found.skill is not None
    assert judged.found.skill < 0.05
    assert judged.found.auc is not None
    assert not judged.found.auc.informs


def test_what_happens_after_the_split_changes_no_forecast(opened: list[Portfolio]) -> None:
    columns, history = past(signal=0.0, years=4)
    later = {name: list(values) for name, values in history.items()}
    for i, period in enumerate(later["period"]):
        if period and period > "2025-12-31":
            later["amount"][i] = "1.00"
    opened += [prepared(columns, history), prepared(columns, later)]
    one, other = (outcomes.through_time(each, HEALTH) for each in opened)
    assert one is not None
    assert other is not None
    assert other.found.lost == 0 < one.found.lost
    assert sum(b.forecast * b.accounts for b in one.found.bins) == pytest.approx(
        sum(b.forecast * b.accounts for b in other.found.bins)
    )
