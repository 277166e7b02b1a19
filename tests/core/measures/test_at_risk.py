"""The at-risk table: who is in danger, why, and what to do, page by page."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from core.accounts import books
from core.accounts.listing import Wanted
from core.measures import at_risk, portfolio, tiers
from tests import making

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.measures.at_risk import AccountAtRisk
    from core.measures.portfolio import Portfolio

COLUMNS = {
    "account_id": ["a", "b", "c", "d", "e"],
    "name": ["Acme", "Bolt", "Cord", "Dune", "Elm"],
    "owner": ["Ann", "", "Bob", "Bob", "Ann"],
    "annual_revenue": ["100.50", "900", "-50", "", "400"],
    "employees": ["2000", "5", "200", "2000", "5"],
    "Fit": ["10", "5", "5", "5", ""],
    "engagement_score": ["60", "10", "20", "90", "30"],
    "executive_contacts": ["1", "0", "", "", "0"],
    "renewal_date": ["2026-10-10", "", "", "", "2027-12-01"],
    "last_activity_date": ["2026-09-30", "2026-01-01", "", "", "2026-09-30"],
}


@pytest.fixture(scope="module")
def prepared() -> Iterator[Portfolio]:
    found = portfolio.prepare(making.book({k: list(v) for k, v in COLUMNS.items()}), making.model())
    yield found
    books.close(found.book)


def rows(prepared: Portfolio, **options: int) -> list[AccountAtRisk]:
    model = making.model()
    wanted = Wanted(statuses=at_risk.AT_RISK_CODES)
    return at_risk.rows(prepared, tiers.weigh(prepared.cube, model), model, wanted, **options)


def test_those_in_danger_are_listed_most_revenue_first(prepared: Portfolio) -> None:
    found = rows(prepared)
    assert [(row.account_id, row.health, row.tier, row.annual_revenue, row.revenue_at_risk) for row in found] == [
        ("b", "Critical", "C", 90_000, 90_000),
        ("e", "Critical", "C", 40_000, 40_000),
        ("a", "At Risk", "A", 10_050, 10_050),
        ("c", "Critical", "B", -5_000, 0),
    ]
    assert sum(row.revenue_at_risk for row in found) == portfolio.risk(prepared.cube, making.model().health).revenue


def test_reasons_next_action_and_renewal_belong_to_their_account_whatever_the_order(prepared: Portfolio) -> None:
    found = {row.account_id: row for row in rows(prepared)}
    assert found["a"].reasons == ("engagement 60 of 100", "renewal in 10 days")
    assert found["b"].reasons == ("engagement 10 of 100", "no activity for 272 days")
    assert found["b"].next_action == "Schedule C-level meeting"
    assert found["c"].next_action == "Call the main contact and agree a success plan"
    assert {key: row.days_to_renewal for key, row in found.items()} == {"a": 10, "b": None, "c": None, "e": 427}
    assert (found["a"].owner, found["b"].owner, found["e"].score) == ("Ann", None, 0.0)


def test_pages_put_together_are_the_whole(prepared: Portfolio) -> None:
    whole = rows(prepared)
    assert [row for offset in range(5) for row in rows(prepared, limit=1, offset=offset)] == whole


def test_with_every_status_a_healthy_account_has_no_revenue_at_risk(prepared: Portfolio) -> None:
    model = making.model()
    found = at_risk.rows(prepared, tiers.weigh(prepared.cube, model), model, Wanted(search="dune"))
    assert [(row.health, row.revenue_at_risk, row.annual_revenue) for row in found] == [("Healthy", 0, None)]


def test_another_day_changes_what_has_an_age(prepared: Portfolio) -> None:
    later = portfolio.prepare(prepared.book, making.model(), as_of=dt.date(2026, 12, 31))
    found = {row.account_id: row for row in rows(later)}
    assert found["a"].reasons == ("engagement 60 of 100", "no activity for 92 days")
    assert found["a"].days_to_renewal == -82


def test_nobody_in_danger_is_an_empty_table() -> None:
    found = portfolio.prepare(making.book({"engagement_score": ["100"]}), making.model())
    assert rows(found) == []
    books.close(found.book)


def test_chunks_together_are_the_pages_whatever_their_size(prepared: Portfolio) -> None:
    model = making.model()
    verdict = tiers.weigh(prepared.cube, model)
    for wanted in (Wanted(), Wanted(statuses=at_risk.AT_RISK_CODES, sort="name", descending=False), Wanted(ids=["d"])):
        found = [row for chunk in at_risk.chunks(prepared, verdict, model, wanted, size=2) for row in chunk.to_pylist()]
        pages = at_risk.rows(prepared, verdict, model, wanted)
        assert [at_risk.AccountAtRisk(**row | {"reasons": tuple(row["reasons"])}) for row in found] == pages
    (nobody,) = at_risk.chunks(prepared, verdict, model, Wanted(search="nobody"))
    assert nobody.num_rows == 0


def test_what_is_handed_over_is_in_units_of_the_currency(prepared: Portfolio) -> None:
    model = making.model()
    (chunk,) = at_risk.chunks(prepared, tiers.weigh(prepared.cube, model), model, Wanted())
    found = {row["account_id"]: row for row in at_risk.exported(chunk).to_pylist()}
    amounts = {key: row["annual_revenue"] for key, row in found.items()}
    assert {key: None if a is None else float(a) for key, a in amounts.items()} == {
        "a": 100.5, "b": 900, "c": -50, "d": None, "e": 400,
    }  # fmt: skip
    assert found["b"]["reasons"] == "engagement 10 of 100; no activity for 272 days"
    assert float(found["b"]["revenue_at_risk"]) == 900
    assert "row" not in found["a"]


def test_the_probability_of_loss_is_the_books_own_where_it_has_one() -> None:
    columns = {"engagement_score": ["10", "10", "60", "90", ""], "churn_probability": ["0.02", "", "", "", "0.4"]}
    model = making.model()
    prepared = portfolio.prepare(making.book(columns), model)
    found = at_risk.rows(
        prepared, tiers.weigh(prepared.cube, model), model, Wanted(sort="account_id", descending=False)
    )
    assert [(row.loss_probability, row.told) for row in found] == [
        (0.02, True), (0.6, False), (0.25, False), (0.05, False), (0.4, True)
    ]  # fmt: skip
    books.close(prepared.book)


def test_who_acts_and_how_soon_follows_the_rules_of_the_model(prepared: Portfolio) -> None:
    rules = [{"statuses": ["Critical"], "tiers": [3], "role": "Sponsor", "due_days": 2, "action": "Visit them"}]
    model = making.model(health={"rules": rules})
    found = at_risk.rows(prepared, tiers.weigh(prepared.cube, model), model, Wanted())
    said = {row.account_id: (row.next_action, row.role, row.due_days) for row in found}
    assert said["b"] == ("Visit them", "Sponsor", 2)
    assert said["c"] == ("Call the main contact and agree a success plan", "Account owner", 30)
