"""Listings: pages in an order that is no accident, searched, filtered and added up."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from core.accounts import books, engine, filters, listing
from core.accounts.listing import Wanted
from core.measures import portfolio, tiers
from tests import making

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.measures.portfolio import Portfolio

ROWS = [
    # id, name, owner, revenue, potential, employees, engagement
    ("id05", "Acme Corp", "Ann", "100", "5", "2000", "90"),
    ("id04", "acme services", "Bob", "100", "7", "2000", "60"),
    ("id03", "Bolt 100%", "Ann", "100", "7", "5", "10"),
    ("id02", "Cord_x", "", "", "1", "5", ""),
    ("id01", "ÉCLAIR", "Bob", "-50", "", "200", "80"),
    ("id00", "Dune", "Cid", "900", "2", "200", "40"),
]
NAMES = ("account_id", "name", "owner", "annual_revenue", "revenue_potential", "employees", "engagement_score")


def made(rows: Sequence[tuple[str, ...]]) -> tuple[Portfolio, pa.Table]:
    columns: dict[str, list[str | None]] = {name: [row[i] for row in rows] for i, name in enumerate(NAMES)}
    model = making.model()
    prepared = portfolio.prepare(making.book({**columns, "Fit": ["5"] * len(rows)}), model)
    return prepared, portfolio.by_profile(tiers.weigh(prepared.cube, model))


@pytest.fixture(scope="module", params=["ground", "table"])
def shown(request: pytest.FixtureRequest) -> Iterator[tuple[Portfolio, pa.Table]]:
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "table":
            patch.setattr(filters, "MOST", 0)  # too many accounts for a ground
        found = made(ROWS)
    assert (found[0].listing.part is None) == (request.param == "table")
    yield found
    books.close(found[0].book)


def ids(shown: tuple[Portfolio, pa.Table], wanted: Wanted, **page: Any) -> list[str]:
    found: list[str] = listing.page(shown[0].listing, shown[1], wanted, **page)["account_id"].to_pylist()
    return found


@pytest.mark.parametrize(
    ("sort", "descending", "order"),
    [
        ("cents", True, ["id00", "id03", "id04", "id05", "id01", "id02"]),
        ("cents", False, ["id01", "id03", "id04", "id05", "id00", "id02"]),
        ("account_id", False, ["id00", "id01", "id02", "id03", "id04", "id05"]),
        ("name", True, ["id01", "id04", "id00", "id02", "id03", "id05"]),
        ("score", True, ["id04", "id05", "id00", "id01", "id03", "id02"]),
        ("tier", False, ["id04", "id05", "id00", "id01", "id03", "id02"]),
        ("row", False, ["id05", "id04", "id03", "id02", "id01", "id00"]),
        ("health_score", False, ["id03", "id00", "id04", "id01", "id05", "id02"]),
    ],
)
def test_accounts_are_sorted_with_ties_by_potential_then_id_and_missing_last(
    shown: tuple[Portfolio, pa.Table], sort: str, *, descending: bool, order: list[str]
) -> None:
    assert ids(shown, Wanted(sort=sort, descending=descending)) == order


@pytest.mark.parametrize("sort", ["cents", "score", "owner", "revenue_potential"])
def test_the_order_of_the_file_does_not_matter(shown: tuple[Portfolio, pa.Table], sort: str) -> None:
    shuffled = made(random.Random(7).sample(ROWS, len(ROWS)))
    wanted = Wanted(sort=sort)
    assert ids(shuffled, wanted) == ids(shown, wanted)
    books.close(shuffled[0].book)


def test_a_column_can_be_multiplied_by_what_the_profile_says(shown: tuple[Portfolio, pa.Table]) -> None:
    # 1 for whoever has 2,000 employees, else a twentieth: of revenues of 100, 100, 100, 900 and -50, and one missing.
    prepared, table = shown
    size = prepared.cube.points[:, 0].tolist()
    weighed = table.append_column("doubt", pa.array([1.0 if tenths == 100 else 0.05 for tenths in size]))
    found = ids((prepared, weighed), Wanted(times="doubt"))
    assert found == ["id04", "id05", "id00", "id03", "id02", "id01"], "100, 100, 45, 5, none as 0, -2.50"


def test_pages_put_together_are_the_whole(shown: tuple[Portfolio, pa.Table]) -> None:
    whole = ids(shown, Wanted())
    for size in (1, 2, 4, 100):
        pages = [ids(shown, Wanted(), limit=size, offset=offset) for offset in range(0, len(whole), size)]
        assert [account for page in pages for account in page] == whole
    assert ids(shown, Wanted(), limit=5, offset=50) == []


@pytest.mark.parametrize("sort", ["cents", "score", "tier", "health_score", "row", "owner"])
def test_a_page_is_the_same_however_many_accounts_tie(
    shown: tuple[Portfolio, pa.Table], sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [(limit, offset, down) for limit in (1, 3, 9) for offset in (0, 2, 7) for down in (True, False)]

    def pages() -> list[list[str]]:
        return [ids(shown, Wanted(sort=sort, descending=down), limit=n, offset=at) for n, at, down in asked]

    few = pages()
    monkeypatch.setattr(listing, "_MOST_TIES", 0)
    monkeypatch.setattr(listing, "_FEW", 0)
    assert few == pages()
    whole = {down: ids(shown, Wanted(sort=sort, descending=down)) for down in (True, False)}
    assert few == [whole[down][at : at + n] for n, at, down in asked]


def test_a_page_may_ask_for_some_columns(shown: tuple[Portfolio, pa.Table]) -> None:
    found = listing.page(shown[0].listing, shown[1], Wanted(), limit=2, columns=("name", "tier"))
    assert (found.column_names, found["name"].to_pylist()) == (["name", "tier"], ["Dune", "Bolt 100%"])


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"search": "ACME"}, {"id04", "id05"}),
        ({"search": "  acme "}, {"id04", "id05"}),
        ({"search": "éclair"}, {"id01"}),
        ({"search": "%"}, {"id03"}),
        ({"search": "_"}, {"id02"}),
        ({"search": "ID03"}, {"id03"}),
        ({"search": "'; DROP TABLE x; --"}, set()),
        ({"search": "   "}, {row[0] for row in ROWS}),
        ({"owners": ["Ann", "Cid"]}, {"id05", "id03", "id00"}),
        ({"owners": ()}, {row[0] for row in ROWS}),
        ({"tiers": [0]}, {"id04", "id05"}),
        ({"tiers": [0, 1]}, {"id04", "id05", "id00", "id01"}),
        ({"tiers": []}, set()),
        ({"statuses": [3]}, {"id02"}),
        ({"statuses": []}, set()),
        ({"statuses": [0, 3], "owners": ["Bob"]}, {"id01"}),
        ({"tiers": [0], "search": "services"}, {"id04"}),
    ],
)
def test_the_accounts_that_are_wanted_are_found_and_added_up(
    shown: tuple[Portfolio, pa.Table], wanted: dict[str, Any], found: set[str]
) -> None:
    assert set(ids(shown, Wanted(**wanted))) == found
    cents = sum(max(int(100 * float(row[3] or 0)), 0) for row in ROWS if row[0] in found)
    assert listing.summary(shown[0].listing, shown[1], Wanted(**wanted)) == (len(found), cents)


def test_a_page_has_every_column_of_the_book(shown: tuple[Portfolio, pa.Table]) -> None:
    row = listing.page(shown[0].listing, shown[1], Wanted(), limit=1).to_pylist()[0]
    assert (row["account_id"], row["name"], row["cents"], row["owner"]) == ("id00", "Dune", 90_000, "Cid")
    assert {"score", "coverage", "low", "high", "provisional", "status", "health_score", "x0", "region"} <= set(row)


def test_profiles_and_revenue_of_every_account_are_given_for_what_does_not_add_up(
    shown: tuple[Portfolio, pa.Table],
) -> None:
    profile, cents = listing.profiles(shown[0].listing)
    assert sorted(cents.tolist()) == [-5_000, 0, 10_000, 10_000, 10_000, 90_000]
    assert [int(n) for n in shown[0].cube.accounts] == [profile.tolist().count(i) for i in range(len(shown[0].cube))]


def test_two_listings_are_joined_account_by_account(shown: tuple[Portfolio, pa.Table]) -> None:
    criteria = [{"id": "size", "name": "Size", "column": "employees", "importance": 1, "kind": "bands",
                 "bands": [{"points": 0}, {"from": 300, "points": 10}]}]  # fmt: skip
    other = portfolio.prepare(shown[0].book, making.model(criteria=criteria))
    paired, table = listing.joint(shown[0].listing, other.listing)
    before, after = listing.profiles(shown[0].listing), listing.profiles(other.listing)
    rows = table.to_pylist()
    assert sum(row["accounts"] for row in rows) == len(ROWS)
    assert sum(row["revenue"] for row in rows) == sum(max(int(100 * float(row[3] or 0)), 0) for row in ROWS)
    for row in rows:
        assert sum(row[f"accounts_{code}"] for code in range(4)) == row["accounts"]
        assert sum(row[f"revenue_{code}"] for code in range(4)) == row["revenue"]
    assert len({(row["before"], row["after"]) for row in rows}) == len(rows)
    assert {row["before"] for row in rows} == set(before[0].tolist())
    assert {row["after"] for row in rows} == set(after[0].tolist())
    numbers = listing.profiles(paired)[0].tolist()
    assert [numbers.count(i) for i in range(len(rows))] == [row["accounts"] for row in rows]
    assert listing.joint(shown[0].listing, other.listing)[0] == paired, "made once"


def test_a_listings_table_stays_for_as_long_as_somebody_holds_the_listing() -> None:
    book = making.book({"region": ["EMEA", "APAC", "EMEA"]})
    prepared = portfolio.prepare(book, making.model())
    narrowed = portfolio.narrow(prepared, making.model(), {"region": ["EMEA"]})
    again = portfolio.narrow(prepared, making.model(), {"region": ["EMEA"]})
    tables = [prepared.listing.table, narrowed.listing.table]
    assert again.listing.table == narrowed.listing.table
    del prepared, narrowed
    assert [engine.hold(name) is not None for name in tables] == [False, True]
    assert listing.column(again.listing, "region")[0].tolist() == ["EMEA", "EMEA"], "by one who still holds it"
    del again
    assert not any(map(engine.hold, tables))
    books.close(book)
