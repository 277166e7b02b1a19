"""The command line: JSON with exactly the keys that are promised, and one sentence for whatever goes wrong."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from core import cli
from core.accounts import ingest, reading
from core.model import toml
from tests import making

ROOT = Path(cli.__file__).parents[1]
BOOK = (
    "account_id,name,annual_revenue,revenue_potential,employees,Fit,engagement_score,executive_contacts\n"
    "a,Acme,100.50,500,2000,10,60,1\n"
    "b,Bolt,900,100,5,5,10,0\n"
    "c,=Cord,-50,,200,5,90,\n"
    "d,Dune,,50,2000,,,\n"
    "e,Elm,0,50,,,,\n"
)


class Ran:
    """What a command wrote, and how it ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> Any:
        assert self.code == 0, self.err
        return json.loads(self.out)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the command line in this process, reading files without the child, which has its own tests."""

    def accounts(file: Path, *, mapping: dict[str, str] | None = None, set_aside: bool = False, **_: Any) -> Any:
        return ingest._read(file, mapping or {}, "accounts", set_aside=set_aside, source=file.name)

    def history(file: Path, *, set_aside: bool = False) -> Any:
        return ingest._read(file, {}, "history", set_aside=set_aside, source=file.name)

    monkeypatch.setattr(ingest, "accounts", accounts)
    monkeypatch.setattr(ingest, "history", history)

    def go(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["core", *map(str, arguments)])
        capsys.readouterr()
        code = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        return Ran(code, *capsys.readouterr())

    return go


@pytest.fixture
def book(tmp_path: Path) -> Path:
    file = tmp_path / "book.csv"
    file.write_text(BOOK, encoding="utf-8")
    return file


@pytest.fixture
def model(tmp_path: Path) -> Path:
    file = tmp_path / "model.toml"
    file.write_text(toml.dumps(making.model()), encoding="utf-8")
    return file


# What comes out ------------------------------------------------------------------------------------------------------


def test_score_gives_every_account_in_the_order_of_the_file(run: Any, book: Path, model: Path) -> None:
    found = run("score", book, "--model", model, "--json")
    assert found.err == ""
    rows = found.json["accounts"]
    keys = {"account_id", "score", "tier", "coverage", "low", "high", "provisional"}
    assert [set(row) for row in rows] == [keys] * 5
    assert [(row["account_id"], row["score"], row["tier"]) for row in rows] == [
        ("a", 100.0, "A"), ("b", 20.0, "C"), ("c", 50.0, "B"), ("d", 100.0, "A"), ("e", None, "Unrated"),
    ]  # fmt: skip
    assert rows[3] == {
        "account_id": "d", "score": 100.0, "tier": "A", "coverage": 0.6, "low": 60.0, "high": 100.0,
        "provisional": True,
    }  # fmt: skip
    assert found.json["model"] == "small"


@pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx"])
def test_score_writes_to_a_file_what_it_would_have_said(
    run: Any, book: Path, model: Path, tmp_path: Path, ending: str
) -> None:
    out = tmp_path / f"scores.{ending}"
    found = run("score", book, "--model", model, "-o", out)
    assert (found.code, found.out) == (0, "")
    assert found.err == f"5 accounts written to {out}\n"
    raw = reading.read(out)
    assert raw.headings == ("account_id", "score", "tier", "coverage", "low", "high", "provisional")
    assert raw.cells["c0"].to_pylist() == list("abcde")
    assert [float(score) if score not in {"", None} else None for score in raw.cells["c1"].to_pylist()] == [
        100.0, 20.0, 50.0, 100.0, None,
    ]  # fmt: skip


def test_a_weight_on_the_command_line_overrides_the_models(run: Any, book: Path, model: Path) -> None:
    rows = run("score", book, "--model", model, "--weight", "size=0", "--weight", "fit=1", "--json").json["accounts"]
    assert [row["score"] for row in rows] == [100.0, 50.0, 50.0, None, None]


def test_tiers_say_what_each_holds(run: Any, book: Path, model: Path) -> None:
    found = run("tiers", book, "--model", model, "--json").json
    assert set(found) == {"tiers", "unrated", "model"}
    assert found["tiers"] == [
        {"tier": "A", "accounts": 2, "revenue": 100.5, "potential": 550, "share_accounts": 0.4,
         "share_revenue": 10_050 / 100_050},
        {"tier": "B", "accounts": 1, "revenue": 0, "potential": 0, "share_accounts": 0.2, "share_revenue": 0.0},
        {"tier": "C", "accounts": 1, "revenue": 900, "potential": 100, "share_accounts": 0.2,
         "share_revenue": 90_000 / 100_050},
    ]  # fmt: skip
    assert (found["unrated"], found["model"]) == (1, "small")


def test_concentration_has_exactly_the_promised_keys(run: Any, book: Path) -> None:
    found = run("concentration", book, "--json").json
    assert set(found) == {
        "accounts", "accounts_counted", "total_revenue", "excluded", "top_n", "top_share", "gini", "gini_corrected",
        "hhi", "effective_accounts", "pareto_80",
    }  # fmt: skip
    assert (found["accounts_counted"], found["total_revenue"]) == (2, 1000.5)
    assert found["excluded"] == {"count": 1, "amount": -50}
    assert set(found["top_n"]) == {"1", "5", "10", "20"}
    assert set(found["top_share"]) == {"0.01", "0.05", "0.1", "0.2"}
    assert found["top_n"]["1"] == pytest.approx(900 / 1000.5)
    assert set(found["pareto_80"]) == {"accounts", "share"}
    assert found["pareto_80"] == {"accounts": 1, "share": 0.5}
    shares = (900 / 1000.5, 100.5 / 1000.5)
    assert found["hhi"] == pytest.approx(10_000 * sum(s * s for s in shares))
    assert found["effective_accounts"] == pytest.approx(1 / sum(s * s for s in shares))


def test_concentration_can_count_accounts_without_revenue_and_read_another_column(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "book.csv"
    file.write_text("account_id,name,ARR\n1,A,5\n2,B,0\n3,C,15\n", encoding="utf-8")
    found = run("concentration", file, "--revenue", "ARR", "--include-zeros", "--json").json
    assert (found["accounts_counted"], found["total_revenue"]) == (3, 20)
    assert run("concentration", file, "--revenue", "ARR", "--json").json["accounts_counted"] == 2


def test_concentration_says_every_year_of_the_history_where_it_is_asked(run: Any, tmp_path: Path) -> None:
    file, past = tmp_path / "book.csv", tmp_path / "past.csv"
    file.write_text("account_id,name,annual_revenue\n1,A,60\n2,B,40\n", encoding="utf-8")
    months = [f"{year}-{month:02}-28" for year in (2024, 2025) for month in range(1, 13)]
    lines = [f"{who},{day},{5 if who == '1' or day < '2025' else 2.5}" for who in "12" for day in months]
    past.write_text("\n".join(["account_id,period,amount", *lines]), encoding="utf-8")
    found = run("concentration", file, "--history", past, "--by", "year", "--json").json["through_time"]
    assert [row["period"] for row in found["calendar"]] == ["2024", "2025"]
    assert [row["hhi"] for row in found["calendar"]] == [5_000, pytest.approx(10_000 * 5 / 9)]
    assert [row["total_revenue"] for row in found["calendar"]] == [120, 90]
    assert (found["trailing"][-1]["nrr"], found["trailing"][-1]["grr"]) == (0.75, 0.75)
    assert run("concentration", file, "--history", past, "--by", "year").out.splitlines()[-1].startswith("2025 ")
    assert run("concentration", file, "--by", "year").code == 2
    assert "month, quarter or year" in run("concentration", file, "--history", past, "--by", "week").err


def test_concentration_can_be_taken_away_as_slides_a_workbook_and_a_page(
    run: Any, book: Path, model: Path, tmp_path: Path
) -> None:
    files = {"--deck": tmp_path / "a.pptx", "--workbook": tmp_path / "a.xlsx", "--page": tmp_path / "a.html"}
    options = [part for pair in files.items() for part in pair]
    found = run("concentration", book, "--model", model, "--as-of", "2026-09-30", *options, "--json")
    assert found.json["accounts_counted"] == 2
    said = [f"12 chapters written to {file}" for file in files.values()]
    assert found.err.splitlines()[-3:] == said
    assert [zipfile.is_zipfile(file) for file in files.values()] == [True, True, False]
    page = files["--page"].read_text(encoding="utf-8")
    assert "As of</dt><dd>2026-09-30" in page
    assert "90.0\u00a0%" in page, "900 of the 1,000.50 that two accounts pay"
    again = run("concentration", book, "--deck", tmp_path / "nowhere" / "a.pptx")
    assert (again.code, again.out != "") == (2, True)


def test_robustness_says_of_every_account_how_sure_its_tier_is(run: Any, book: Path, model: Path) -> None:
    found = run("robustness", book, "--model", model, "--any-weights", "--json").json
    assert set(found) == {"model", "any_weights", "spread", "accounts"}
    rows = found["accounts"]
    keys = {"account_id", "tier", "confidence", "label", "margin_points", "intervals"}
    assert [set(row) for row in rows] == [keys] * 5
    assert [(row["account_id"], row["tier"], row["label"], row["margin_points"]) for row in rows] == [
        # All points the same, so no weights change it; 60 points from size to fit bring b to B; and the least move
        # away from what is known of d leaves it below the floor.
        ("a", "A", "robust", None), ("b", "C", "robust", 60.0), ("c", "B", "robust", None), ("d", "A", "robust", 0.0),
        ("e", "Unrated", None, None),
    ]  # fmt: skip
    assert rows[0]["intervals"] == {"size": [0.0, 1.0], "fit": [0.0, 1.0]}
    assert rows[3]["intervals"] == {"size": [0.6, 1.0], "fit": [0.0, 0.4]}
    assert (rows[0]["confidence"], rows[4]["confidence"]) == (1.0, None)


def test_robustness_takes_the_spread_that_is_asked_for(run: Any, book: Path, model: Path) -> None:
    wide, usual = (run("robustness", book, "--model", model, *o, "--json").json for o in (("--spread", 12), ()))
    assert (round(usual["spread"], 1), round(wide["spread"], 1)) == (5.0, 12.2)
    assert not usual["any_weights"]
    refused = run("robustness", book, "--model", model, "--spread", 0)
    assert (refused.code, refused.err.startswith("spread: ")) == (2, True)


def test_concentration_of_nothing_is_undefined_not_an_error(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "book.csv"
    file.write_text("account_id,name,annual_revenue\n1,A,0\n2,B,\n", encoding="utf-8")
    found = run("concentration", file, "--json").json
    assert (found["total_revenue"], found["accounts_counted"], found["gini"], found["hhi"]) == (0, 0, None, None)
    assert found["pareto_80"] is None
    assert run("concentration", file).out.splitlines()[1].startswith("top 10: n/a")


def test_at_risk_lists_who_is_in_danger_why_and_what_to_do(run: Any, book: Path, model: Path) -> None:
    found = run("at-risk", book, "--model", model, "--json").json
    assert set(found) == {"accounts", "revenue_at_risk"}
    assert found["revenue_at_risk"] == 1000.5
    assert found["accounts"] == [
        {"account_id": "b", "name": "Bolt", "tier": "C", "health": "Critical", "health_score": 10.0,
         "annual_revenue": 900, "revenue_at_risk": 900, "reasons": ["engagement 10 of 100"],
         "next_action": "Schedule C-level meeting"},
        {"account_id": "a", "name": "Acme", "tier": "A", "health": "At Risk", "health_score": 60.0,
         "annual_revenue": 100.5, "revenue_at_risk": 100.5, "reasons": ["engagement 60 of 100"],
         "next_action": "Call the main contact and agree a success plan"},
    ]  # fmt: skip


def test_at_risk_writes_the_same_rows_to_a_file(run: Any, book: Path, model: Path, tmp_path: Path) -> None:
    listed = run("at-risk", book, "--model", model, "--json").json["accounts"]
    for suffix in (".csv", ".parquet", ".xlsx"):
        run("at-risk", book, "--model", model, "-o", tmp_path / f"out{suffix}")
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["account_id"] for row in rows] == [row["account_id"] for row in listed]
    assert [row["reasons"] for row in rows] == ["; ".join(row["reasons"]) for row in listed]
    assert [row["next_action"] for row in rows] == [row["next_action"] for row in listed]
    assert (tmp_path / "out.xlsx").read_bytes().startswith(b"PK")


def test_at_risk_reads_a_history_and_a_day(run: Any, book: Path, model: Path, tmp_path: Path) -> None:
    past = tmp_path / "history.csv"
    past.write_text("account_id,period,amount\nd,2024-09-30,0\nd,2025-06-30,100\nd,2026-06-30,10\n", encoding="utf-8")
    at = ("at-risk", book, "--model", model, "--history", past, "--json")
    found = {row["account_id"]: row for row in run(*at, "--as-of", "2026-06-30").json["accounts"]}
    assert found["d"]["reasons"] == ["spending \u221290\u00a0% in a year"]
    assert "d" not in {row["account_id"] for row in run(*at, "--as-of", "2030-01-01").json["accounts"]}


def test_check_says_what_a_file_holds(run: Any, book: Path) -> None:
    found = run("check", book, "--json").json
    assert found["ok"] is True
    assert (found["rows"], found["findings"], found["notes"]) == (5, [], [])
    assert {"heading": "Fit", "field": "", "kind": "number"} in found["columns"]
    assert {"heading": "annual_revenue", "field": "annual_revenue", "kind": "money"} in found["columns"]
    assert run("check", book).out == "book.csv: 5 rows, nothing to mend\n"


def test_check_lists_every_finding_and_ends_with_2(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "book.csv"
    file.write_text("account_id,name,employees\n1,A,x\n2,B\n3,,5\n", encoding="utf-8")
    found = run("check", file, "--json")
    assert found.code == 2
    report = json.loads(found.out)
    assert report["ok"] is False
    assert [(f["row"], f["column"]) for f in report["findings"]] == [(2, "employees"), (3, ""), (4, "name")]
    assert found.err.count("\n") == 1
    shown = run("check", file)
    assert shown.out.splitlines()[0] == "row 2, employees: “x” is not a whole number, 0 or more"
    assert shown.out.splitlines()[1] == "row 3, whole row: 2 cells where the heading has 3"


def test_check_tells_the_notes_and_counts_one_row_as_one(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "book.csv"
    file.write_text("account_id,name,\n1,A,x\n", encoding="utf-8")
    assert run("check", file).out.splitlines() == [
        "book.csv: 1 row, nothing to mend",
        "note: column 3 has no heading and is left out",
    ]


def test_check_sums_payments_by_a_column(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "paid.csv"
    file.write_text("Firm,Amount,Date\nAcme,5,2026-01-31\nBolt,6.5,2026-02-28\nAcme,7,2026-03-31\n", encoding="utf-8")
    report = json.loads(run("check", file, "--sum-by", "Firm", "--json").out)
    assert (report["rows"], report["rows_set_aside"], report["totals"]) == (3, 0, {"annual_revenue": 18.5})
    assert report["mapping"] == {"account_id": "Firm", "name": "Firm"}
    assert [joined["used"] for joined in report["joined"]] == [3]


@pytest.mark.parametrize("content", ["account_id,name\n1,A\n1,B\n", "name\nA\n", ""])
def test_check_writes_json_whatever_is_wrong_with_the_file(run: Any, tmp_path: Path, content: str) -> None:
    file = tmp_path / "book.csv"
    file.write_text(content, encoding="utf-8")
    found = run("check", file, "--json")
    assert found.code == 2
    assert json.loads(found.out) == {"ok": False, "error": found.err.strip(), "findings": []}
    assert is_one_sentence(run("check", file)), "without --json nothing goes to standard output"


def test_a_history_is_set_aside_and_counted_like_the_accounts(
    run: Any, book: Path, model: Path, tmp_path: Path
) -> None:
    past = tmp_path / "history.csv"
    past.write_text("account_id,period,amount\nd,2025-06-30,100\nd,2026,10\nz,2026-06-30,1\n", encoding="utf-8")
    found = run("at-risk", book, "--model", model, "--history", past, "--set-aside", "--json")
    assert found.code == 0
    assert found.err.splitlines() == [
        "history.csv: 1 row of the history is set aside",
        "history.csv: 1 row of the history names an account that is not in the book",
    ]


def test_broken_rows_can_be_set_aside_and_are_counted(run: Any, tmp_path: Path, model: Path) -> None:
    file = tmp_path / "book.csv"
    file.write_text("account_id,name,employees,Fit\n1,A,x,1\n2,B,5,1\n", encoding="utf-8")
    found = run("score", file, "--model", model, "--set-aside", "--json")
    assert [row["account_id"] for row in found.json["accounts"]] == ["2"]
    assert found.err == "book.csv: 1 of 2 rows were set aside; `check` lists them\n"


def test_a_guess_and_a_missing_column_are_told_on_standard_error(run: Any, tmp_path: Path, model: Path) -> None:
    file = tmp_path / "book.csv"
    file.write_bytes("account_id,name\n1,Müller\n".encode("cp1252"))
    found = run("score", file, "--model", model, "--json")
    assert found.json["accounts"][0]["tier"] == "Unrated"
    assert found.err.splitlines() == [
        "book.csv: not UTF-8: read as Windows-1252, check the accents",
        "book.csv: no column “employees”, so Size counts as missing for every account",
        "book.csv: no column “Fit”, so Fit counts as missing for every account",
    ]


def test_a_mapping_reads_a_file_of_other_headings(run: Any, tmp_path: Path, model: Path) -> None:
    file = tmp_path / "book.csv"
    file.write_text("Nr;Firm;People;Fit\n1;A;2000;10\n", encoding="utf-8")
    pairs = ["--map", "account_id=Nr", "--map", "name=Firm", "--map", "employees=People"]
    assert run("score", file, "--model", model, *pairs, "--json").json["accounts"][0]["score"] == 100.0


@pytest.mark.parametrize("command", ["score", "tiers", "concentration", "at-risk", "robustness", "check"])
def test_without_json_a_command_writes_plain_lines(run: Any, book: Path, command: str) -> None:
    found = run(command, book)
    assert found.code == 0
    assert found.out
    assert "{" not in found.out


def test_the_demo_writes_a_book_that_checks(run: Any, tmp_path: Path) -> None:
    found = run("demo", "--accounts", "60", "-o", tmp_path / "demo")
    files = [Path(line) for line in found.out.splitlines()]
    assert sorted(file.name for file in files) == ["accounts.csv", "history.csv"]
    accounts = next(file for file in files if file.name == "accounts.csv")
    assert run("check", accounts, "--json").json["rows"] == 60


# What goes wrong -----------------------------------------------------------------------------------------------------

BAD_FILES = {
    "empty.csv": b"",
    "heading.csv": b"account_id,name\n",
    "no_id.csv": b"ID,name\n1,A\n",
    "twice.csv": b"account_id,name\n1,A\n1,B\n",
    "text.csv": b"account_id,name,annual_revenue\n1,A,much\n",
    "huge.csv": b"account_id,name,annual_revenue\n1,A,1e309\n",
    "underscore.csv": b"account_id,name,annual_revenue\n1,A,1_000\n",
    "currencies.csv": b"account_id,name,currency\n1,A,USD\n2,B,EUR\n",
    "ragged.csv": b"account_id,name\n1,A,B\n",
    "quote.csv": b'account_id,name\n1,"A\n',
    "binary.csv": b"\x7fELF\x00\x01",
    "broken.xlsx": b"PK\x03\x04 nothing",
    "broken.parquet": b"PAR1 nothing",
}


def is_one_sentence(found: Ran) -> bool:
    lines = found.err.splitlines()
    return found.code == 2 and found.out == "" and len(lines) == 1 and lines[0].endswith(".") and len(lines[0]) > 20


@pytest.mark.parametrize("command", ["score", "tiers", "concentration", "at-risk", "robustness", "check"])
@pytest.mark.parametrize("name", [*BAD_FILES, "none.csv"])
def test_a_bad_file_is_one_sentence(run: Any, tmp_path: Path, command: str, name: str) -> None:
    if name in BAD_FILES:
        (tmp_path / name).write_bytes(BAD_FILES[name])
    found = run(command, tmp_path / name)
    listed = {"text.csv", "huge.csv", "underscore.csv", "ragged.csv"}
    if command == "check" and name in listed:  # what it found is its answer
        assert (found.code, found.err.count("\n"), bool(found.out)) == (2, 1, True)
        return
    assert is_one_sentence(found), (found.code, found.out, found.err)
    assert name in found.err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--model", "colour"], "There is no ready model or model file named “colour”. Choose one of: "),
        (["--model", "bad.toml"], "bad.toml: 1 fault: (1) file: this is not TOML: "),
        (["--map", "name"], "“name” is not of the form name=value. Write for example annual_revenue=ARR."),
        (["--map", "=x"], "“=x” is not of the form name=value."),
        (["--map", "colour=name"], "There is no field of the contract named “colour”."),
        (["--map", "name=Firm"], "There is no column in book.csv named “Firm”."),
        (["--weight", "fit=much"], "--weight fit: the importance “much” is not a number."),
        (["--weight", "colour=5"], "There is no criterion named “colour”. Choose one of: "),
        (["--weight", "fit=-1"], "fit: the importance -1 is not a number from 0 to 100."),
        (["--weight", "fit=101"], "fit: the importance 101 is not a number from 0 to 100."),
        (["--weight", "fit=nan"], "fit: the importance nan is not a number from 0 to 100."),
        (["--weight", "fit=inf"], "fit: the importance inf is not a number from 0 to 100."),
        (["--as-of", "yesterday"], "--as-of: “yesterday” is not a date. Write it as 2026-09-30."),
        (["--as-of", "2026-02-30"], "--as-of: “2026-02-30” is not a date."),
        (["-o", "out.txt"], "There is no kind of file to write named “.txt”. Choose one of: .csv, .parquet, .xlsx."),
        (["-o", "no/such/folder/out.csv"], "no/such/folder/out.csv: No such file or directory."),
        (["-o", "folder.csv"], "folder.csv: Is a directory."),
        (["-o", "book.csv/out.csv"], "book.csv/out.csv: Not a directory."),
    ],
)
def test_a_bad_option_is_one_sentence(
    run: Any, book: Path, model: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], sentence: str
) -> None:
    monkeypatch.chdir(book.parent)
    Path("bad.toml").write_text("name = \n", encoding="utf-8")
    Path("folder.csv").mkdir()
    found = run("score", "book.csv", "--model", model, *arguments)
    assert is_one_sentence(found), (found.code, found.out, found.err)
    assert found.err.startswith(sentence)


def test_no_importance_at_all_is_one_sentence(run: Any, book: Path, model: Path) -> None:
    found = run("tiers", book, "--model", model, "--weight", "size=0", "--weight", "fit=0")
    assert is_one_sentence(found)
    assert found.err.startswith("weights: every criterion has importance 0")


def test_concentration_without_its_column_says_how_to_name_it(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "book.csv"
    file.write_text("account_id,name,ARR\n1,A,5\n", encoding="utf-8")
    found = run("concentration", file, "--json")
    assert is_one_sentence(found)
    assert found.err == (
        "book.csv: there is no column “annual_revenue”. Name the column that holds it: --revenue COLUMN.\n"
    )


def test_a_bad_history_is_one_sentence(run: Any, book: Path, tmp_path: Path) -> None:
    past = tmp_path / "history.csv"
    past.write_text("account_id,period,amount\na,2026,5\n", encoding="utf-8")
    found = run("at-risk", book, "--history", past)
    assert is_one_sentence(found)
    assert found.err.startswith("history.csv, row 2, column period: “2026” is not a date such as 2026-09-30.")


def test_a_demo_that_cannot_be_written_is_one_sentence(run: Any, book: Path) -> None:
    assert is_one_sentence(run("demo", "-o", book / "demo", "--accounts", "50"))


@pytest.mark.parametrize("arguments", [["score"], ["score", "a", "b"], ["paint"], ["score", "x", "--colour", "red"]])
def test_bad_usage_ends_with_2_and_leaves_standard_output_empty(run: Any, arguments: list[str]) -> None:
    found = run(*arguments)
    assert (found.code, found.out) == (2, "")
    assert "Usage" in found.err


# The real process ----------------------------------------------------------------------------------------------------


def process(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "core", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)


def test_the_process_writes_one_json_object_and_nothing_else(book: Path) -> None:
    done = process("tiers", book, "--json")
    assert done.returncode == 0
    assert set(json.loads(done.stdout)) == {"tiers", "unrated", "model"}
    assert "column “industry”" in done.stderr


def test_the_process_ends_with_2_and_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "book.csv"
    file.write_text("account_id,name\n1,A\n1,B\n", encoding="utf-8")
    done = process("score", file)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "book.csv: the account_id “1” stands in rows 2, 3. Keep one row per account, or give each its own id.\n"
    )


def test_the_process_tells_what_it_can_do() -> None:
    done = process("--help")
    assert done.returncode == 0
    for command in ("check", "score", "tiers", "concentration", "at-risk", "robustness", "demo"):
        assert command in done.stdout
