"""At risk: which rows stand in the table, in which order, and that a download holds the same ones."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import zipfile
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest
import streamlit as st
from python_calamine import CalamineWorkbook

from core.accounts import books
from core.decisions.robustness import acceptability, per_account
from core.measures import portfolio
from core.measures.tiers import Verdict
from core.model import toml
from pages import _risk
from tests.pages.visitor import FORMULA, HOSTILE, ROOT, Visitor, bare, demo, keep

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COLUMNS = [
    "Account", "Tier", "Health", "Health score", "Revenue (USD)", "Trend", "Why", "Next action", "Action status",
    "Renewal (days)", "Owner", "At risk (USD)", "Score", "Account id",
]  # fmt: skip
TIERS = "risk.tiers.Tier 1/Tier 2/Tier 3/Tier 4"


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[], bytes]]:
    """What the download buttons of the last run would hand over, by the name of the file."""
    found: dict[str, Callable[[], bytes]] = {}
    real = st.download_button

    def button(label: str, data: Callable[[], bytes], *, file_name: str, **options: Any) -> bool:
        found[file_name] = data
        return real(label, data, file_name=file_name, **options)

    monkeypatch.setattr(st, "download_button", button)
    return found


def pills(visitor: Visitor, key: str, *chosen: str) -> Visitor:
    visitor.at.pills(key=key).set_value(list(chosen)).run()
    return visitor.must_be_well()


def counted(visitor: Visitor) -> int:
    """The number of accounts over the table."""
    (text,) = (text for text in visitor.texts if re.match(r"[\d,]+ accounts? with .* of revenue$", text))
    return int(text.split(" account")[0].replace(",", ""))


def amount(row: dict[str, str]) -> Decimal | None:
    return Decimal(row["annual_revenue"]) if row["annual_revenue"] else None


def test_the_table_shows_who_is_in_danger_most_revenue_first() -> None:
    visitor = Visitor("at_risk").must_be_well()
    assert list(visitor.table.columns) == COLUMNS
    assert len(visitor.table) == 50
    assert set(visitor.table["Health"]) == {"▲ At Risk", "■ Critical"}
    assert list(visitor.table["Revenue (USD)"]) == sorted(visitor.table["Revenue (USD)"], reverse=True)
    assert visitor.sentence.startswith(f"{counted(visitor)} accounts with $")
    file = {row["account_id"]: row for row in demo()}
    for shown in visitor.table.fillna({"Owner": ""}).to_dict("records"):
        row = file[str(shown["Account id"])]
        assert (row["name"], row["owner"]) == (shown["Account"], shown["Owner"])
        assert float(row["annual_revenue"]) == shown["Revenue (USD)"]
    assert visitor.table["Next action"].str.len().min() > 0
    assert visitor.table["Why"].str.len().min() > 0


def test_the_five_accounts_of_the_dashboard_have_their_status_and_their_next_action() -> None:
    # Source of the statuses: tests/known/scoring.json, "seed_dashboard_kUSD"; the actions follow from the rules.
    known = json.loads((ROOT / "tests" / "known" / "scoring.json").read_text(encoding="utf-8"))["seed_dashboard_kUSD"]
    visitor = pills(Visitor("at_risk"), "risk.health")
    visitor.at.text_input(key="risk.search").set_value("A000000").run()
    rows = {row["Account"]: row for row in visitor.must_be_well().table.to_dict("records")}
    seeds = [row["account"] for row in known["rows"]]
    assert [rows[name]["Health"].partition(" ")[2] for name in seeds] == [row["status"] for row in known["rows"]]
    assert {name: rows[name]["Next action"] for name in seeds} == {
        "Acme Corp": "Schedule C-level meeting",
        "TechGlobal Inc": "Review the account plan with its owner",
        "Enterprise Co": "Call the main contact and agree a success plan",
        "DataCorp": "Call the main contact and agree a success plan",
        "BigRetail Inc": "Schedule C-level meeting",
    }


def test_how_sure_a_tier_is_can_be_chosen_as_a_column() -> None:
    visitor = pills(Visitor("at_risk"), "risk.columns", "Account id", "Tier", "Confidence")
    assert list(visitor.table.columns) == ["Tier", "Confidence", "Account id"]
    prepared = portfolio.prepare(books.open_file(ROOT / "data" / "demo" / "accounts.csv"), toml.load(toml.DEFAULT))
    belief = acceptability.around(toml.load(toml.DEFAULT).weights)
    sure = dict(per_account.measure(prepared, toml.load(toml.DEFAULT), belief))
    for row in visitor.table.to_dict("records"):
        expected = sure[str(row["Account id"])].confidence
        found = float(row["Confidence"])
        assert math.isnan(found) if expected is None else found == pytest.approx(100 * expected)
    books.close(prepared.book)


def test_a_workbook_that_takes_long_is_said_beforehand_and_one_that_takes_too_long_is_not_offered(
    offered: dict[str, Callable[[], bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    suffixes = [f"at-risk{suffix}" for suffix in (".csv", ".xlsx", ".parquet")]
    visitor = Visitor("at_risk").must_be_well()
    assert list(offered) == suffixes
    assert not any("cell by cell" in text for text in visitor.texts)
    rows = counted(visitor)
    monkeypatch.setattr(_risk, "XLSX_PACE", rows // 20)
    visitor.at.run()
    assert any(f"{rows:,} accounts take about 20 seconds." in text for text in visitor.must_be_well().texts)
    monkeypatch.setattr(_risk, "MOST_XLSX", rows - 1)
    offered.clear()
    visitor.at.run()
    assert list(offered) == ["at-risk.csv", "at-risk.parquet"]
    assert any(f"holds at most {rows - 1:,} accounts here" in text for text in visitor.must_be_well().texts)


def test_the_health_pills_choose_the_rows() -> None:
    visitor = Visitor("at_risk")
    both = counted(visitor)
    critical = counted(pills(visitor, "risk.health", "Critical"))
    assert set(visitor.table["Health"]) == {"■ Critical"}
    assert critical + counted(pills(visitor, "risk.health", "At Risk")) == both
    assert counted(pills(visitor, "risk.health")) == 2000, "no pill at all leaves nobody out"


def test_the_tier_pills_choose_the_rows() -> None:
    visitor = Visitor("at_risk")
    every = counted(visitor)
    apart = []
    for tier in ("Tier 1", "Tier 2", "Tier 3", "Tier 4", "Unrated"):
        apart.append(counted(pills(visitor, TIERS, tier)))
        assert set(visitor.table["Tier"]) == {tier}
    assert sum(apart) == every
    assert counted(pills(visitor, TIERS, "Tier 1", "Tier 2")) == apart[0] + apart[1]


def test_a_choice_stays_when_the_page_changes() -> None:
    visitor = pills(Visitor("at_risk"), "risk.health")
    assert counted(visitor.open("overview").open("at_risk")) == 2000


@pytest.mark.parametrize("written", ["rothbeck NETWORKS", "  A0000700 ", "a0000700"])
def test_an_account_is_found_by_its_name_or_id_however_it_is_written(written: str) -> None:
    visitor = Visitor("at_risk")
    visitor.at.text_input(key="risk.search").set_value(written).run()
    assert list(visitor.must_be_well().table["Account"]) == ["Rothbeck Networks GmbH"]
    assert counted(visitor) == 1


@pytest.mark.parametrize("written", ["nobody is called so", "%", "_", "'; DROP TABLE book", HOSTILE[0], "\\"])
def test_what_is_not_found_is_said_with_the_way_out(written: str) -> None:
    visitor = Visitor("at_risk")
    visitor.at.text_input(key="risk.search").set_value(written).run()
    (said,) = visitor.must_be_well().at.info
    assert said.value.startswith("No account is like that. ")
    assert len(visitor.at.dataframe) == 0
    assert len(visitor.at.download_button) == 0


@pytest.mark.parametrize(
    ("order", "column", "descending"),
    [
        ("Most revenue", "Revenue (USD)", True),
        ("Worst health", "Health score", False),
        ("Best score", "Score", True),
        ("Name", "Account", False),
    ],
)
def test_the_table_can_be_sorted(order: str, column: str, *, descending: bool) -> None:
    visitor = Visitor("at_risk")
    visitor.at.selectbox(key="risk.sort").set_value(order).run()
    values = list(visitor.must_be_well().table[column])
    assert values == sorted(values, reverse=descending)
    assert len(set(values)) > 1


def test_every_page_of_the_table_shows_other_accounts_and_the_last_one_the_rest() -> None:
    visitor = Visitor("at_risk")
    (pages,) = visitor.at.pagination
    every = counted(visitor)
    assert pages.num_pages == -(-every // 50)
    seen = list(visitor.table["Account id"])
    for number in (2, pages.num_pages):
        visitor.at.pagination[0].set_value(number).run()
        assert len(visitor.table) == (50 if number == 2 else every - 50 * (pages.num_pages - 1))
        seen += list(visitor.must_be_well().table["Account id"])
    assert len(set(seen)) == len(seen)


def test_filters_that_leave_fewer_pages_do_not_leave_the_visitor_beyond_the_last() -> None:
    visitor = Visitor("at_risk")
    visitor.at.pagination[0].set_value(visitor.at.pagination[0].num_pages).run()
    visitor.filter(region=["APAC"]).must_be_well()
    assert len(visitor.table) > 0
    visitor.filter(region=["LATAM"], segment=["Enterprise"]).must_be_well()
    assert 0 < len(visitor.table) == counted(visitor) <= 50


def test_a_download_holds_every_row_that_is_wanted_in_the_order_of_the_table(
    offered: dict[str, Callable[[], bytes]],
) -> None:
    visitor = pills(Visitor("at_risk"), "risk.health", "Critical")
    rows = list(csv.DictReader(io.StringIO(offered["at-risk.csv"]().decode("utf-8-sig"))))
    assert len(rows) == counted(visitor)
    assert [row["account_id"] for row in rows[:50]] == list(visitor.table["Account id"])
    assert {row["health"] for row in rows} == {"Critical"}
    file = {row["account_id"]: row for row in demo()}
    assert [(row["name"], amount(row)) for row in rows] == [
        (file[row["account_id"]]["name"], amount(file[row["account_id"]])) for row in rows
    ]
    assert [row["reasons"] for row in rows[:50]] == list(visitor.table["Why"])


def test_both_kinds_of_download_hold_the_same(offered: dict[str, Callable[[], bytes]]) -> None:
    visitor = Visitor("at_risk")
    visitor.at.text_input(key="risk.search").set_value("networks").run()
    text = list(csv.reader(io.StringIO(offered["at-risk.csv"]().decode("utf-8-sig"))))
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(offered["at-risk.xlsx"]())).get_sheet_by_index(0).to_python()
    assert sheet[0] == text[0]
    assert [row[:2] for row in sheet] == [row[:2] for row in text]
    assert len(text) == 1 + counted(visitor)


def test_hostile_names_stand_in_the_table_as_they_are_and_run_nowhere(
    home: Path, offered: dict[str, Callable[[], bytes]]
) -> None:
    visitor = pills(Visitor("at_risk", book=bare(home)), "risk.health")
    assert visitor.cards["Revenue at risk"] == visitor.cards["Expected loss"] == "n/a", "not known, and not 0"
    assert sorted(visitor.table["Account"]) == sorted([*HOSTILE, FORMULA])
    text = list(csv.DictReader(io.StringIO(offered["at-risk.csv"]().decode("utf-8-sig"))))
    assert f"'{FORMULA}" in [row["name"] for row in text]
    with zipfile.ZipFile(io.BytesIO(offered["at-risk.xlsx"]())) as workbook:
        parts = {name: workbook.read(name).decode() for name in workbook.namelist() if name.startswith("xl/worksheets")}
    assert "<f>" not in "".join(parts.values()), "no formula"
    assert "<hyperlink" not in "".join(parts.values())


def test_weights_move_accounts_between_the_tiers_of_the_table() -> None:
    visitor = Visitor("at_risk")
    before = counted(pills(visitor, TIERS, "Tier 1"))
    visitor.open("weights").move(revenue_potential=100.0)
    after = counted(visitor.open("at_risk"))
    assert after != before
    assert set(visitor.table["Tier"]) == {"Tier 1"}, "the choice of the pill stays"


def test_the_headline_adds_up_to_the_table() -> None:
    visitor = Visitor("at_risk")
    assert visitor.cards["Accounts in danger"] == f"{counted(visitor):,}"
    assert list(visitor.cards) == ["Accounts in danger", "Revenue at risk", "Expected loss", "Tier 1 in danger"]
    file = {row["account_id"]: float(row["annual_revenue"] or 0) for row in demo()}
    tier = counted(pills(visitor, TIERS, "Tier 1"))
    assert 0 < tier <= 50 + 50
    assert sum(file[key] for key in visitor.table["Account id"]) > 0


def test_columns_are_chosen_and_stay_chosen() -> None:
    visitor = pills(Visitor("at_risk"), "risk.columns", "Account", "Role", "Due", "Loss probability", "Account id")
    assert list(visitor.table.columns) == ["Account", "Due", "Role", "Loss probability", "Account id"]
    assert visitor.table["Due"].str.match(r"in \d+ days?$").all()
    assert visitor.table["Loss probability"].between(0, 1).all()
    assert list(visitor.open("overview").open("at_risk").table.columns)[1] == "Due"


def test_without_a_history_there_is_no_trend(home: Path) -> None:
    book = keep(home, [{"account_id": "a", "name": "Acme", "engagement_score": "10", "annual_revenue": "5"}])
    visitor = Visitor("at_risk", book=book).must_be_well()
    assert "Trend" not in visitor.table.columns


def test_one_button_lists_all_in_danger_again() -> None:
    visitor = pills(pills(Visitor("at_risk"), TIERS, "Tier 1"), "risk.health", "Critical")
    visitor.at.text_input(key="risk.search").set_value("a").run()
    (button,) = (button for button in visitor.at.button if button.label == "Show all in danger")
    button.click().run()
    assert f"{counted(visitor):,}" == visitor.cards["Accounts in danger"]
    (button,) = (button for button in visitor.at.button if button.label == "Show all in danger")
    assert button.disabled


def test_a_click_on_the_matrix_chooses_its_tier_and_status(monkeypatch: pytest.MonkeyPatch) -> None:
    verdict = Verdict.__new__(Verdict)
    object.__setattr__(verdict, "names", ("Tier 1", "Tier 2"))
    held: dict[str, Any] = {"m": {"selection": {"points": [{"customdata": ["Tier 2", "Critical"]}]}}, "book": "mine"}
    monkeypatch.setattr(st, "session_state", held)
    _risk.clicked("m", verdict)
    assert (held["risk.health"], held["risk.tiers.Tier 1/Tier 2"]) == (["Critical"], ["Tier 2"])
    held["m"] = {"selection": {"points": []}}
    _risk.clicked("m", verdict)
    assert held["risk.health"] == ["Critical"], "a click that chooses nothing changes nothing"


def test_a_click_on_one_mark_opens_the_account_and_on_several_lists_them(monkeypatch: pytest.MonkeyPatch) -> None:
    held: dict[str, Any] = {"s": {"selection": {"points": [{"customdata": ["A1"]}]}}, "book": "mine"}
    monkeypatch.setattr(st, "session_state", held)
    _risk.picked("s")
    assert held["account.open"] == "A1"
    held["s"] = {"selection": {"points": [{"customdata": ["A1"]}, {"customdata": ["A2"]}]}}
    _risk.picked("s")
    assert held["risk.picked.mine"] == ("A1", "A2"), "and those of another book are others"


def opened(visitor: Visitor, section: str) -> Visitor:
    visitor.at.session_state[section] = True
    visitor.at.run()
    return visitor.must_be_well()


def outcomes(home: Path, *, signal: bool) -> str:
    """Keep a book with a churn column that follows engagement, or nothing."""
    rows = [
        {"account_id": str(i), "name": f"Account {i}", "engagement_score": str(i % 101), "annual_revenue": "100",
         "Churned": "yes" if ((i % 101) < 25 if signal else (i // 101) % 4 == 0) else "no"}
        for i in range(404)
    ]  # fmt: skip
    return keep(home, rows, name=f"signal {signal}")


def test_the_page_says_whether_the_list_is_any_good(home: Path) -> None:
    good = opened(Visitor("at_risk", book=outcomes(home, signal=True)), "risk.judged")
    assert any(text.startswith("The signals carry information about loss: AUC 1.00") for text in good.texts)
    assert good.cards["AUC"] == "1.00"
    assert "risk.reliability.column" in good.figures
    bad = opened(Visitor("at_risk", book=outcomes(home, signal=False)), "risk.judged")
    assert any("carry no information about loss in this book: AUC 0.50" in text for text in bad.texts)


def test_without_outcomes_the_probabilities_are_said_to_be_assumptions(home: Path) -> None:
    book = keep(home, [{"account_id": "a", "name": "Acme", "engagement_score": "10", "annual_revenue": "5"}])
    visitor = opened(Visitor("at_risk", book=book), "risk.judged")
    assert any("the probabilities of loss are assumptions" in text for text in visitor.texts)


def test_what_decides_the_list_can_be_edited_and_is_part_of_the_model() -> None:
    visitor = opened(Visitor("at_risk"), "risk.rules")
    before = visitor.cards["Accounts in danger"]
    (number,) = (box for box in visitor.at.number_input if box.label == "Healthy from")
    number.set_value(90.0).run()
    assert int(visitor.must_be_well().cards["Accounts in danger"].replace(",", "")) > int(before.replace(",", ""))
    assert any("The model is edited" in text for text in visitor.texts)
    (number,) = (box for box in visitor.at.number_input if box.label == "Critical below")
    number.set_value(95.0).run()
    assert any("critical_below must not be above healthy_from" in error for error in visitor.errors)
    (button,) = (button for button in visitor.at.button if button.label == "Discard edits of health")
    button.click().run()
    assert visitor.must_be_well().cards["Accounts in danger"] == before


def test_parquet_holds_the_same_rows(offered: dict[str, Callable[[], bytes]]) -> None:
    visitor = pills(Visitor("at_risk"), "risk.health", "Critical")
    table = pq.read_table(io.BytesIO(offered["at-risk.parquet"]()))
    assert table.num_rows == counted(visitor)
    assert table["account_id"].to_pylist()[:50] == list(visitor.table["Account id"])
    assert set(table["action_status"].to_pylist()) == {"Open"}
