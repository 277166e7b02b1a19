"""A book under a model: what the cube and the listing say together."""

from __future__ import annotations

import datetime as dt
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.accounts import books, engine
from core.accounts.listing import Wanted
from core.measures import at_risk, portfolio, tiers
from tests import making, reference

if TYPE_CHECKING:
    from core.model.model import Model


@st.composite
def cases(draw: st.DrawFn) -> tuple[Model, list[dict[str, str]]]:
    model = draw(making.models(most=3))
    return model, draw(making.rows(model))


@settings(max_examples=10)
@given(cases())
def test_the_risk_matrix_and_the_risk_are_those_of_every_account(case: tuple[Model, list[dict[str, str]]]) -> None:
    model, accounts = case
    prepared = portfolio.prepare(making.book(making.columns(accounts)), model)
    labels, statuses = [*model.tier_names, "Unrated"], ["Healthy", "At Risk", "Critical", "Not known"]
    wanted = {(tier, status): [0, 0] for tier in labels for status in statuses}
    for account in accounts:
        answer = reference.judge(model, account)
        cell = wanted[labels[answer.tier], statuses[answer.health]]
        cell[0] += 1
        cell[1] += max(reference.cents(account["annual_revenue"]), 0)
    matrix = portfolio.risk_matrix(prepared.cube, tiers.weigh(prepared.cube, model))
    assert {(cell.tier, cell.health): [cell.accounts, cell.revenue] for cell in matrix} == wanted
    in_danger = [cell for (_, status), cell in wanted.items() if status in {"At Risk", "Critical"}]
    found = portfolio.risk(prepared.cube, model.health)
    assert (found.accounts, found.revenue) == (sum(a for a, _ in in_danger), sum(r for _, r in in_danger))
    assert found.total == sum(revenue for _, revenue in wanted.values())
    assumed = model.health.loss_probability.by_status()
    expected = sum(assumed.get(status, 0) * revenue for (_, status), (_, revenue) in wanted.items())
    assert found.expected_loss == pytest.approx(expected)
    books.close(prepared.book)


def test_today_is_what_is_asked_for_else_the_books_newest_date() -> None:
    dated = making.book({"last_activity_date": ["2026-09-20"], "employees": ["5"]})
    assert portfolio.prepare(dated, making.model()).as_of == dt.date(2026, 9, 20)
    assert portfolio.prepare(dated, making.model(), as_of=dt.date(2027, 1, 1)).as_of == dt.date(2027, 1, 1)
    undated = making.book({"employees": ["5"]})
    assert portfolio.prepare(undated, making.model()).as_of is None
    books.close(dated)
    books.close(undated)


def test_another_day_is_another_listing() -> None:
    book = making.book(
        {"spent": ["1"], "employees": ["5"]},
        {"account_id": ["A0000"] * 2, "period": ["2024-02-29", "2026-01-31"], "amount": ["100", "1"]},
    )
    days = [dt.date(2026, 1, 31), dt.date(2028, 1, 31)]
    found = [portfolio.prepare(book, making.model(), as_of=day) for day in days]
    assert found[0].listing.name != found[1].listing.name
    assert [prepared.cube.health_accounts.argmax() for prepared in found] == [2, 3]
    books.close(book)


def test_without_a_date_nothing_has_an_age_and_a_day_that_is_asked_for_gives_one() -> None:
    book = making.book({"renewal_date": ["1970-02-01"], "engagement_score": ["40"], "employees": ["5"]})
    found = portfolio.prepare(book, making.model())
    [row] = at_risk.rows(found, tiers.weigh(found.cube, making.model()), making.model(), Wanted())
    assert row.days_to_renewal is None
    assert not any("renewal" in words for words in row.reasons)
    asked = portfolio.prepare(book, making.model(), as_of=dt.date(1970, 1, 2))
    [row] = at_risk.rows(asked, tiers.weigh(asked.cube, making.model()), making.model(), Wanted())
    assert row.days_to_renewal == 30
    books.close(book)


def test_closing_a_book_drops_its_tables_of_health_and_no_other_books() -> None:
    first, second = (making.book({"engagement_score": [score]}) for score in ("10", "90"))
    days = (None, dt.date(2026, 1, 1))
    tables = [[portfolio.judge(book, making.model().health, day).name for day in days] for book in (first, second)]
    assert len({name for names in tables for name in names}) == 4
    books.close(first)
    assert [[engine.hold(name) is not None for name in names] for names in tables] == [[False] * 2, [True] * 2]
    books.close(second)
    assert not any(map(engine.hold, tables[1]))


def test_of_many_ways_to_judge_a_books_health_the_last_ones_are_kept() -> None:
    book = making.book({"region": ["EMEA"]})
    health, most = making.model().health, portfolio._MOST_JUDGED
    made = [portfolio.judge(book, health, dt.date(2026, 1, 1 + day)).name for day in range(most + 3)]
    assert [engine.hold(name) is not None for name in made] == [False] * 3 + [True] * most
    assert portfolio.judge(book, health, dt.date(2026, 1, 1)).name == made[0], "which is made anew"
    assert engine.hold(made[0]) is not None
    books.close(book)
    assert not any(map(engine.hold, made))


def test_threads_that_judge_a_book_in_many_ways_at_once_do_not_fail_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portfolio, "_MOST_JUDGED", 1)
    book = making.book({"engagement_score": [str(n) for n in range(100)], "renewal_date": ["2026-06-30"] * 100})
    failed: list[object] = []

    def run(thread: int) -> None:
        try:
            for turn in range(8):
                found = portfolio.prepare(book, making.model(), as_of=dt.date(2026, 1 + thread, 1 + turn))
                if found.cube.accounts.sum() != 100:
                    failed.append(found)
        except Exception as error:  # noqa: BLE001  whatever it is, it must not be
            failed.append(error)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    books.close(book)


def test_contributions_of_a_profile_are_named_by_criterion_and_missing_is_none() -> None:
    prepared = portfolio.prepare(making.book({"employees": ["2000"], "Fit": [""]}), making.model())
    assert portfolio.contributions(prepared, making.model(), 0) == {"size": 100.0, "fit": None}
    books.close(prepared.book)


def test_undefined_scores_are_missing_in_what_is_joined_to_accounts() -> None:
    prepared = portfolio.prepare(making.book({"employees": [""]}), making.model())
    verdict = tiers.weigh(prepared.cube, making.model())
    assert portfolio.by_profile(verdict)["score"].to_pylist() == [None]
    [row] = portfolio.accounts(prepared, verdict, Wanted()).to_pylist()
    assert (row["score"], row["health_score"], row["tier"], row["coverage"]) == (None, None, 3, 0.0)
    books.close(prepared.book)
