"""The demo book is what its data dictionary says, and the committed files are what the program makes."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from data import make_demo

DEMO = Path(make_demo.__file__).resolve().parent / "demo"
Row = dict[str, str]

# The default scorecard, written out a second time: (weight, points). Source: the tier 1 scorecard of the use case.
LADDERS: dict[str, tuple[int, list[tuple[Decimal, int]]]] = {
    "revenue_potential": (30, [(Decimal(400_000), 10), (Decimal(200_000), 8), (Decimal(100_000), 5)]),
    "employees": (20, [(Decimal(10_000), 10), (Decimal(2_000), 8), (Decimal(500), 5)]),
}
CATEGORIES: dict[str, tuple[int, dict[str, int]]] = {
    "industry": (
        15,
        {"Financial Services": 10, "Technology": 10, "Healthcare": 10}
        | {"Manufacturing": 5, "Professional Services": 5, "Energy": 5},
    ),
    "technology_fit": (15, {"Strong": 10, "Partial": 5}),
    "buying_stage": (10, {"Active evaluation": 10, "Budgeted": 8, "Exploring": 5}),
    "competitive_threat": (10, {"none": 10, "present": 5}),
}


def points(row: Row) -> dict[str, tuple[int, int]]:
    """Weight and points of every criterion that has a value."""
    found = {}
    for name, (weight, ladder) in LADDERS.items():
        if row[name]:
            found[name] = (weight, next((p for edge, p in ladder if Decimal(row[name]) >= edge), 0))
    for name, (weight, table) in CATEGORIES.items():
        if row[name]:
            found[name] = (weight, table.get(row[name], 0))
    return found


def tier(row: Row) -> int | None:
    """1 to 4, or None where less than 60 % of the weight has a value. Decided in whole numbers."""
    found = points(row).values()
    known = sum(weight for weight, _ in found)
    tenfold = 10 * sum(weight * p for weight, p in found)
    return None if known < 60 else next((t for t, cut in ((1, 75), (2, 60), (3, 40)) if tenfold >= cut * known), 4)


def health(row: Row) -> str:
    """Rule-based health: engagement 30, relationship 20, pipeline coverage 20, attainment 15, competition 10."""
    revenue, target = float(row["annual_revenue"] or 0), float(row["revenue_target"])
    gap = max(target - revenue, 0.0)
    parts = [(20, 100 * min(float(row["pipeline"]) / gap / 3, 1) if gap else 100.0)]
    if row["engagement_score"]:
        parts.append((30, float(row["engagement_score"])))
    if row["contacts_engaged"]:
        seniors = min(int(row["executive_contacts"]) / 2, 1)
        parts.append((20, 50 * min(int(row["contacts_engaged"]) / 5, 1) + 50 * seniors))
    if row["lifecycle"] == "customer":
        parts.append((15, 100 * min(max(revenue / target, 0), 1)))
    if row["competitive_threat"]:
        parts.append((10, {"none": 100.0, "present": 50.0, "active": 0.0}[row["competitive_threat"]]))
    score = sum(w * v for w, v in parts) / sum(w for w, _ in parts)
    if score < 50:
        return "Critical"
    capped = row["executive_contacts"] == "0" and row["competitive_threat"] == "active"
    return "Healthy" if score >= 70 and not capped else "At Risk"


def read(name: str) -> list[Row]:
    with (DEMO / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def accounts() -> list[Row]:
    return read("accounts.csv")


@pytest.fixture(scope="module")
def history() -> list[Row]:
    return read("history.csv")


def revenue(row: Row) -> Decimal:
    return max(Decimal(row["annual_revenue"] or "0"), Decimal(0))


def test_the_committed_files_are_what_the_program_makes(tmp_path: Path) -> None:
    for path in make_demo.write(tmp_path):
        assert path.read_bytes() == (DEMO / path.name).read_bytes(), f"{path.name}: run python data/make_demo.py"


def test_the_same_seed_makes_the_same_bytes_and_another_seed_another_book(tmp_path: Path) -> None:
    books = {}
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        books[name] = [path.read_bytes() for path in make_demo.write(tmp_path / name, accounts=200, seed=seed)]
    assert books["a"] == books["b"]
    assert books["a"][0] != books["c"][0]
    assert books["a"][1] != books["c"][1]


def test_a_book_in_memory_equals_the_written_one(tmp_path: Path) -> None:
    demo = make_demo.make(accounts=300, seed=5)
    paths = make_demo.write(tmp_path, accounts=300, seed=5, suffix="parquet")
    assert pq.read_table(paths[0]).equals(demo.accounts)
    assert pq.read_table(paths[1]).equals(demo.history)


def test_columns_and_sizes(accounts: list[Row]) -> None:
    assert list(accounts[0]) == list(make_demo.FIELDS)
    # 2,000 accounts as 150, 600 and 1,250: the mid-market use case.
    assert Counter(row["segment"] for row in accounts) == {"Enterprise": 150, "Mid-market": 600, "Small": 1250}
    assert {row["region"] for row in accounts} == set(make_demo.REGIONS)
    assert len({row["industry"] for row in accounts}) == 8
    assert 22 <= len({row["owner"] for row in accounts} - {""}) <= 26
    assert 0.58 <= sum(row["lifecycle"] == "customer" for row in accounts) / len(accounts) <= 0.66


def test_employees_follow_the_segment(accounts: list[Row]) -> None:
    limits = {"Small": (1, 500), "Mid-market": (500, 5_000), "Enterprise": (5_000, 1_000_000)}
    for row in accounts:
        low, high = limits[row["segment"]]
        assert not row["employees"] or low <= int(row["employees"]) < high, row["account_id"]


def test_ids_and_names_are_unique_and_parents_exist(accounts: list[Row]) -> None:
    by_id = {row["account_id"]: row for row in accounts}
    children = [row for row in accounts if row["parent_id"]]
    assert len(by_id) == len({row["name"] for row in accounts}) == len(accounts) == 2000
    assert 0.05 <= len(children) / len(accounts) <= 0.07
    for row in children:
        parent = by_id[row["parent_id"]]
        assert not parent["parent_id"], "a parent has no parent"
        assert row["name"].split()[0] == parent["name"].split()[0]
        assert row["industry"] == parent["industry"]


def test_names_stay_unique_when_the_words_run_out() -> None:
    demo = make_demo.make(accounts=260_000, history=False)  # two chunks
    for column in ("name", "account_id"):
        assert len(demo.accounts[column].unique()) == 260_000
    assert demo.history.num_rows == 0


def test_descriptors_keep_industries_apart() -> None:
    lists = list(make_demo.NAMES["descriptors"].values())
    assert len({len(words) for words in lists}) == 1
    assert len({word for words in lists for word in words}) == sum(map(len, lists))


# Source: the dashboard of the account tiering use case (potential, revenue, pipeline, engagement, health).
SEEDS = [
    ("Acme Corp", "prospect", "Financial Services", 650_000, 0, 350_000, 82, "Healthy"),
    ("TechGlobal Inc", "customer", "Technology", 480_000, 120_000, 180_000, 91, "Healthy"),
    ("Enterprise Co", "prospect", "Manufacturing", 425_000, 0, 95_000, 58, "At Risk"),
    ("DataCorp", "customer", "Healthcare", 380_000, 280_000, 120_000, 76, "Healthy"),
    ("BigRetail Inc", "prospect", "Retail", 520_000, 0, 0, 34, "Critical"),
]


def test_the_first_five_accounts_are_the_seed_dashboard(accounts: list[Row]) -> None:
    money = ("revenue_potential", "annual_revenue", "pipeline", "engagement_score")
    found = [
        (row["name"], row["lifecycle"], row["industry"], *(Decimal(row[name]) for name in money), health(row))
        for row in accounts[:5]
    ]
    assert found == SEEDS


def test_acme_scores_89(accounts: list[Row]) -> None:
    # Points (10, 8, 10, 10, 8, 5) and 89.0: the worked example of the scorecard.
    found = points(accounts[0])
    assert [found[name][1] for name in (*LADDERS, *CATEGORIES)] == [10, 8, 10, 10, 8, 5]
    assert sum(weight * p for weight, p in found.values()) == 890
    assert accounts[0]["executive_contacts"] == "0"
    assert int(accounts[0]["contacts_engaged"]) > 0


def test_enterprise_co_sits_exactly_on_the_cut_off(accounts: list[Row]) -> None:
    # 10*30 + 10*20 + 5*15 + 5*15 + 5*10 + 5*10 = 750 tenths: Tier 1, lower edge inclusive.
    assert sum(weight * p for weight, p in points(accounts[2]).values()) == 750
    assert tier(accounts[2]) == 1


def test_tier_1_is_few_accounts_and_most_revenue(accounts: list[Row]) -> None:
    # 5-15 % of accounts and 50-70 % of revenue: the use case's own bounds. The demo book aims at their middle.
    tiers = Counter(map(tier, accounts))
    total = sum(map(revenue, accounts))
    first = sum(revenue(row) for row in accounts if tier(row) == 1)
    assert 0.08 <= tiers[1] / 2000 <= 0.11
    assert Decimal("0.56") <= first / total <= Decimal("0.65")
    assert 0.15 <= tiers[2] / 2000 <= 0.20
    assert 0.25 <= tiers[3] / 2000 <= 0.33
    assert 0.01 <= tiers[None] / 2000 <= 0.02
    assert 75_000_000 <= total <= 150_000_000


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_other_seeds_keep_the_shape(seed: int, tmp_path: Path) -> None:
    path = make_demo.write(tmp_path, seed=seed, history=False)[0]
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    first = [row for row in rows if tier(row) == 1]
    assert 0.05 <= len(first) / len(rows) <= 0.15
    assert Decimal("0.5") <= sum(map(revenue, first)) / sum(map(revenue, rows)) <= Decimal("0.7")


def test_concentration_is_plausible(accounts: list[Row]) -> None:
    ranked = sorted(map(revenue, accounts), reverse=True)
    assert Decimal("0.15") <= sum(ranked[:10]) / sum(ranked) <= Decimal("0.25")
    assert ranked[0] / sum(ranked) <= Decimal("0.06")
    assert 3 <= sum(row["annual_revenue"].startswith("-") for row in accounts) <= 5


def test_health_is_plausible_and_some_tier_1_revenue_is_critical(accounts: list[Row]) -> None:
    customers = [row for row in accounts if row["lifecycle"] == "customer"]
    status = [health(row) for row in customers]
    share = {name: count / len(customers) for name, count in Counter(status).items()}
    assert 0.60 <= share["Healthy"] <= 0.70
    assert 0.20 <= share["At Risk"] <= 0.28
    assert 0.08 <= share["Critical"] <= 0.14
    at_risk = sum(revenue(row) for row, name in zip(customers, status, strict=True) if name != "Healthy")
    assert Decimal("0.15") <= at_risk / sum(map(revenue, customers)) <= Decimal("0.25")
    slipping = [row for row, name in zip(customers, status, strict=True) if name == "Critical" and tier(row) == 1]
    assert 3 <= len(slipping) <= 12
    assert max(map(revenue, slipping)) > 1_000_000


def test_loss_follows_health(accounts: list[Row]) -> None:
    odds = defaultdict(list)
    for row in accounts[5:]:
        assert bool(row["churn_probability"]) == (row["lifecycle"] == "customer")
        if row["churn_probability"]:
            odds[health(row)].append(float(row["churn_probability"]))
    mean = {name: sum(values) / len(values) for name, values in odds.items()}
    assert mean["Healthy"] < 0.08 < mean["At Risk"] < 0.35 < mean["Critical"] < 0.75


def test_values_are_in_range(accounts: list[Row]) -> None:
    shares = ("recurring_share", "adoption", "churn_probability")
    grades = ("strategic_value", "influence", "reference_potential", "network_effects", "culture_fit")
    tops = dict.fromkeys(shares, 1) | dict.fromkeys(grades, 10) | {"engagement_score": 100}
    for row in accounts:
        for name, top in tops.items():
            assert not row[name] or 0 <= float(row[name]) <= top, (row["account_id"], name)
        for name, texts in make_demo.LABELS.items():
            assert row[name] in ("", *texts), (row["account_id"], name)
        for name in ("annual_revenue", "revenue_potential", "pipeline", "revenue_target"):
            assert not row[name] or Decimal(row[name]).as_tuple().exponent == -2
        if row["lifecycle"] == "prospect":
            assert row["annual_revenue"] in ("", "0.00")
        else:
            assert row["contract_start"] < "2026-09-30" < row["renewal_date"]
        assert row["last_activity_date"] <= "2026-09-30"


def test_values_are_missing_as_in_real_books(accounts: list[Row]) -> None:
    def missing(name: str, rows: list[Row]) -> float:
        return sum(not row[name] for row in rows) / len(rows)

    for name in ("technology_fit", "buying_stage", "competitive_threat", "engagement_score", "revenue_potential"):
        assert 0.025 <= missing(name, accounts) <= 0.12, name
    small = [row for row in accounts if row["segment"] == "Small"]
    others = [row for row in accounts if row["segment"] != "Small"]
    assert missing("technology_fit", small) > missing("technology_fit", others)
    assert missing("annual_revenue", [row for row in accounts if row["lifecycle"] == "prospect"]) > 0


def test_the_last_four_quarters_add_up_to_annual_revenue(accounts: list[Row], history: list[Row]) -> None:
    quarters = [quarter.isoformat() for quarter in make_demo.QUARTERS]
    assert (len(quarters), quarters[0], quarters[-1]) == (12, "2023-12-31", "2026-09-30")
    amounts: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for row in history:
        amounts[row["account_id"]][row["period"]] = Decimal(row["amount"])
    customers = [row for row in accounts if row["lifecycle"] == "customer"]
    assert list(amounts) == [row["account_id"] for row in customers]
    for row in customers:
        periods = amounts[row["account_id"]]
        assert list(periods) == quarters
        assert sum(periods[quarter] for quarter in quarters[-4:]) == Decimal(row["annual_revenue"])
        assert not any(periods[quarter] for quarter in quarters if quarter < row["contract_start"])


def test_some_customers_grow_and_some_shrink_visibly(history: list[Row]) -> None:
    years: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for row in history:
        period = date.fromisoformat(row["period"])
        if period > date(2024, 9, 30):
            years[row["account_id"]][period > date(2025, 9, 30)] += Decimal(row["amount"])
    ratios = [after / before for before, after in years.values() if before > 0]
    assert sum(ratio < Decimal("0.75") for ratio in ratios) / len(ratios) > 0.05
    assert sum(ratio > Decimal("1.05") for ratio in ratios) / len(ratios) > 0.40


def test_too_small_a_book_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 40"):
        make_demo.make(accounts=10)
    with pytest.raises(SystemExit) as stop:
        make_demo.main(["--accounts", "10"])
    assert stop.value.code == 2


def test_command_line_leaves_the_history_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_demo.main(["--accounts", "60", "--out", str(tmp_path), "--format", "parquet", "--no-history"])
    assert [path.name for path in tmp_path.iterdir()] == ["accounts.parquet"]
    assert capsys.readouterr().out.strip().endswith("accounts.parquet")
