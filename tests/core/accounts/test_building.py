"""Building: files of every kind and of every malice, each with its expected outcome; joins, merges, questions."""

from __future__ import annotations

import gzip
import json
import zipfile
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks import fuzz
from core.accounts import building, engine, reading
from core.accounts.checking import StandsTwice, Undecided
from core.accounts.recipe import Part, Recipe
from core.errors import BadAccounts, BadFile, TierwiseError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.accounts.building import Built

HEAD = "account_id,name,annual_revenue,renewal_date\n"


def workbook(*sheets: list[list[Any]]) -> bytes:
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"strings_to_formulas": False}) as book:
        for rows in sheets:
            sheet = book.add_worksheet()
            for n, row in enumerate(rows):
                sheet.write_row(n, 0, row)
    return buffer.getvalue()


def archive(**members: bytes) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in members.items():
            packed.writestr(name.replace("__", "."), data)
    return buffer.getvalue()


def parquet(**columns: Any) -> bytes:
    buffer = BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


def csv_of(*cells: str, heading: str = "annual_revenue", mark: str = ";") -> bytes:
    lines = [
        mark.join(("account_id", "name", heading)),
        *(mark.join((f"{i}", f"N{i}", c)) for i, c in enumerate(cells)),
    ]
    return "\n".join(lines).encode()


def revenue(built: Built) -> list[Any]:
    return [float(v) if isinstance(v, Decimal) else v for v in built.accounts.table["annual_revenue"].to_pylist()]


def names(built: Built) -> list[Any]:
    found: list[Any] = built.accounts.table["name"].to_pylist()
    return found


@pytest.fixture
def build(tmp_path: Path) -> Callable[..., Built]:
    def make(*files: bytes, part: str = "", **decided: Any) -> Built:
        sources = []
        for n, data in enumerate(files):
            path = tmp_path / f"upload-{n}"
            path.write_bytes(data)
            sources.append((path, f"file{n}", part if n == 0 else ""))
        return building.build(sources, Recipe(**decided))

    return make


# The corpus: what comes out -------------------------------------------------------------------------------------------

PLAIN = "account_id,name\n1,Müller\n2,Ñandú\n"
READ: dict[str, tuple[bytes, list[Any]]] = {
    "UTF-8": (PLAIN.encode(), ["Müller", "Ñandú"]),
    "UTF-8 with a mark": (PLAIN.encode("utf-8-sig"), ["Müller", "Ñandú"]),
    "UTF-16 with a mark": (PLAIN.encode("utf-16"), ["Müller", "Ñandú"]),
    "UTF-16 little-endian without": (PLAIN.encode("utf-16-le"), ["Müller", "Ñandú"]),
    "UTF-16 big-endian without": (PLAIN.encode("utf-16-be"), ["Müller", "Ñandú"]),
    "Windows-1252": (PLAIN.encode("cp1252"), ["Müller", "Ñandú"]),
    "CR alone": (PLAIN.replace("\n", "\r").encode(), ["Müller", "Ñandú"]),
    "CR LF": (PLAIN.replace("\n", "\r\n").encode(), ["Müller", "Ñandú"]),
    "mixed line ends": (b"account_id,name\r\n1,A\n2,B\r3,C\n", ["A", "B", "C"]),
    "semicolons": (PLAIN.replace(",", ";").encode(), ["Müller", "Ñandú"]),
    "tabs": (PLAIN.replace(",", "\t").encode(), ["Müller", "Ñandú"]),
    "bars": (PLAIN.replace(",", "|").encode(), ["Müller", "Ñandú"]),
    "quotes around all": (b'"account_id","name"\n"1","A, ""B"""\n', ['A, "B"']),
    "a line end in quotes": (b'account_id,name\n1,"A\nB"\n', ["A\nB"]),
    "no line end at the end": (b"account_id,name\n1,A", ["A"]),
    "blank lines": (b"account_id,name\n\n1,A\n,\n\n", ["A"]),
    "a quote inside a cell": (b'account_id,name\n1,5" pipe\n', ['5" pipe']),
    "names that others take for nothing": (
        b"account_id,name\n1,NA\n2,None\n3,null\n4,nan\n",
        ["NA", "None", "null", "nan"],
    ),
    "SQL in a name": (b"account_id,name\n1,'; DROP TABLE x; --\n", ["'; DROP TABLE x; --"]),
    "HTML in a name": (b"account_id,name\n1,<script>alert(1)</script>\n", ["<script>alert(1)</script>"]),
    "a path in a name": (b"account_id,name\n1,../../etc/passwd\n", ["../../etc/passwd"]),
    "a formula in a name": (b"account_id,name\n1,=1+1\n2,'=2+2\n", ["=1+1", "=2+2"]),
    "a mark that turns text round": ("account_id,name\n1,a\u202eb\n".encode(), ["a\u202eb"]),
    "JSON lines": (b'{"account_id":"1","name":"A"}\n{"account_id":"2","name":"B"}\n', ["A", "B"]),
    "a list of JSON objects": (b'[{"account_id":1,"name":"A"}]', ["A"]),
    "a workbook": (workbook([["account_id", "name"], ["1", "A"]]), ["A"]),
    "a zip of a CSV": (archive(a__csv=PLAIN.encode()), ["Müller", "Ñandú"]),
    "a zip of a workbook": (archive(a__xlsx=workbook([["account_id", "name"], ["1", "A"]])), ["A"]),
    "Parquet": (parquet(account_id=["1"], name=["A"]), ["A"]),
    "Parquet under codes": (parquet(account_id=["1"], name=pa.array(["A"]).dictionary_encode()), ["A"]),
}


@pytest.mark.parametrize("case", READ)
def test_a_file_of_any_shape_is_read_rightly(build: Callable[..., Built], case: str) -> None:
    data, wanted = READ[case]
    assert names(build(data)) == wanted


AMOUNTS: dict[str, tuple[bytes, list[float | None]]] = {
    "dollars and millions": (csv_of("$1.2M", "$300K"), [1_200_000, 300_000]),
    "commas for thousands": (csv_of("1,234.56", "1,000"), [1234.56, 1000]),
    "points for thousands": (csv_of("1.234,56", "1.000"), [1234.56, 1000]),
    "spaces for thousands": (csv_of("1 234,50", "1\u00a0000"), [1234.5, 1000]),
    "brackets": (csv_of("(500)", "20"), [-500, 20]),
    "a real minus": (csv_of("\u2212500", "20"), [-500, 20]),
    "a minus behind": (csv_of("500-", "20"), [-500, 20]),
    "euros behind": (csv_of("500 €", "20,50 €"), [500, 20.5]),
    "codes in front": (csv_of("EUR 500", "EUR 20"), [500, 20]),
    "gaps": (csv_of("500", "", "nan"), [500, None, None]),
    "powers": (csv_of("1e3", "2.5e2"), [1000, 250]),
    "half a cent": (csv_of("0.285", "1.005", "-0.285"), [0.29, 1.01, -0.29]),
}


@pytest.mark.parametrize("case", AMOUNTS)
def test_amounts_are_read_rightly(build: Callable[..., Built], case: str) -> None:
    data, wanted = AMOUNTS[case]
    assert revenue(build(data)) == wanted


ASKED: dict[str, bytes] = {
    "one point": csv_of("1.234"), "one comma": csv_of("1,234"), "both ways": csv_of("1,5", "1.5"),
    "days": csv_of("03/04/2026", heading="renewal_date"),
    "days both ways": csv_of("31/12/2026", "12/31/2026", heading="renewal_date"),
}  # fmt: skip


@pytest.mark.parametrize("case", ASKED)
def test_what_admits_two_readings_is_asked_and_the_answer_is_followed(build: Callable[..., Built], case: str) -> None:
    with pytest.raises(Undecided) as caught:
        build(ASKED[case])
    (question,) = caught.value.questions
    assert str(caught.value).count("\n") == 0
    for answer in question.readings:
        found = build(ASKED[case], formats={question.heading: answer}, set_aside=True)
        assert found.accounts.table.num_rows + found.accounts.rows_set_aside == found.accounts.rows_in_file


NESTED = parquet(account_id=["1"], name=["A"], tags=[[1, 2]])
REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "the file is empty"),
    "headings alone": (b"account_id,name\n", "no rows"),
    "no headings": (b"\n1,2\n", "no headings"),
    "a missing heading row": (b"1,Acme\n2,Bolt\n", "there is no column “account_id”"),
    "a heading twice": (b"account_id,name,name\n1,A,B\n", "stands twice"),
    "an open quote": (b'account_id,name\n1,"A\n2,B\n', "line 3 cannot be read"),
    "letters after a quote": (b'account_id,name\n1,"A"b\n', "line 2 cannot be read"),
    "NUL": (b"account_id,name\n1,A\x00\n", "not text"),
    "gzip": (gzip.compress(PLAIN.encode()), "packed with gzip"),
    "no encoding": (b"account_id,name\n1,\x81\n", "neither UTF-8"),
    "half a UTF-16": (b"\xff\xfea", "neither UTF-8"),
    "a line of 200 KB": (b"account_id,name\n1," + b"x" * 200_000, "line 2 cannot be read"),
    "ragged rows": (b"account_id,name\n1,A,B\n2,C\n", "3 cells where the heading has 2"),
    "many columns": (",".join(f"c{i}" for i in range(2001)).encode(), "2,001 columns"),
    "100,000 columns": (",".join(f"c{i}" for i in range(100_000)).encode(), "100,000 columns"),
    "newlines alone": (b"\n" * 1_000_000, "no headings"),
    "commas alone": (b"," * 1_000_000, "no headings"),
    "a broken workbook": (b"PK\x03\x04 nothing", "workbook cannot be read"),
    "half a workbook": (workbook([["account_id"], ["1"]])[:2000], "workbook cannot be read"),
    "an empty sheet": (workbook([]), "sheet is empty"),
    "an archive in an archive": (archive(a__csv=archive(b__csv=PLAIN.encode())), "archive in the archive"),
    "two files in an archive": (archive(a__csv=PLAIN.encode(), b__csv=PLAIN.encode()), "holds 2 files"),
    "a broken Parquet": (b"PAR1 nothing", "Parquet file is broken"),
    "nested Parquet": (NESTED, "“tags” is nested"),
    "half a Parquet": (parquet(account_id=["1"] * 9)[:-20], "Parquet file is broken"),
    "no DuckDB": (b"\x00" * 8 + b"DUCK" + b"\x00" * 500, "DuckDB file cannot be read"),
    "JSON in JSON": (b'{"account_id":"1","name":{"a":1}}', "value within a value"),
    "a broken list of JSON": (b'[{"account_id":1,', "JSON cannot be read"),
    "deep JSON": (b"[" * 100_000, "JSON cannot be read"),
    "an id twice": (b"account_id,name\n1,A\n1,B\n", "stands in rows 2, 3"),
    "an empty id": (b"account_id,name\n,A\n", "account_id is empty"),
    "two currencies": (csv_of("$5", "€5"), "amounts in EUR, USD"),
    "infinite": (csv_of("1e400"), "is not a plain amount"),
    "too much": (csv_of("99999999999999"), "is not a plain amount"),
    "a day that is none": (csv_of("2026-02-30", heading="renewal_date"), "is not a date"),
    "a serial number for a day": (csv_of("46295", heading="renewal_date"), "is not a date"),
    "years of two digits": (csv_of("31/12/26", heading="renewal_date"), "is not a date"),
    "per cent of an amount": (csv_of("5%"), "is not a plain amount"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_rightly_is_refused_in_one_sentence(build: Callable[..., Built], case: str) -> None:
    data, said = REFUSED[case]
    with pytest.raises(TierwiseError) as caught:
        build(data)
    assert said in str(caught.value)
    assert "Traceback" not in str(caught.value)
    assert "upload-" not in str(caught.value), "a sentence names the file that the reader knows"


def test_the_corpus_holds_at_least_sixty_files() -> None:
    assert len(READ) + len(AMOUNTS) + len(ASKED) + len(REFUSED) >= 60


def test_a_zip_bomb_is_stopped_while_it_is_unpacked(
    build: Callable[..., Built], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_UNPACKED", 1 << 20)
    with pytest.raises(BadFile, match="unpacks to more than"):
        build(archive(a__csv=b"account_id,name\n" + b"0" * (5 << 20)))


def test_mutated_files_are_read_or_refused_and_every_row_is_accounted_for() -> None:
    found = list(fuzz.run(300, seed=50_000))
    assert len(found) == 300
    assert {said for _, said in found} <= {"read", "refused", "ended its reader"}, found
    assert sum(said == "read" for _, said in found) > 50


# Parts ----------------------------------------------------------------------------------------------------------------


def test_a_sheet_a_file_and_a_table_can_be_chosen(build: Callable[..., Built], tmp_path: Path) -> None:
    two = workbook([["x"], ["y"]], [["account_id", "name"], ["1", "Second"]])
    assert names(build(two, part="Sheet2")) == ["Second"]
    packed = archive(a__csv=b"x\ny\n", b__csv=b"account_id,name\n1,B\n")
    assert names(build(packed, part="b.csv")) == ["B"]
    file = tmp_path / "made.duckdb"
    with duckdb.connect(str(file)) as made:
        made.execute("CREATE TABLE one AS SELECT '1' account_id, 'Duck' \"name\", 5.25::DECIMAL(9,2) annual_revenue")
        made.execute("CREATE TABLE two AS SELECT 1 x")
        made.execute("CREATE VIEW seen AS SELECT * FROM read_csv('/etc/passwd')")
    data = file.read_bytes()
    found = build(data, part="one")
    assert (names(found), revenue(found)) == (["Duck"], [5.25])
    with pytest.raises(BadFile, match="holds 2 tables"):
        build(data)
    assert reading.parts(file) == ["one", "two"], "a view is somebody else's query"


def test_a_look_gives_parts_facts_and_first_rows(tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_bytes(PLAIN.replace(",", ";").encode("cp1252"))
    seen = building.look(file, "book.csv")
    assert seen.facts == {"encoding": "Windows-1252", "separator": "semicolon"}
    assert seen.sample is not None
    assert seen.sample.headings == ("account_id", "name")
    file.write_bytes(archive(a__csv=b"x\ny\n", b__csv=b"x\ny\n"))
    seen = building.look(file, "book.zip")
    assert (seen.parts, seen.sample) == (("a.csv", "b.csv"), None)


# Proposals, merges, joins ---------------------------------------------------------------------------------------------


def test_headings_that_leave_no_doubt_are_applied_and_told_and_others_are_asked(build: Callable[..., Built]) -> None:
    found = build(b"Customer ID,Company name,revenue\n1,A,5\n", propose=True)
    assert found.mapping == {"account_id": "Customer ID", "name": "Company name"}
    assert "annual_revenue" not in found.accounts.table.column_names
    assert [(p.field, p.heading) for p in found.asked] == [("annual_revenue", "revenue")]
    assert any("is read from “Company name”" in note for note in found.accounts.notes)


def test_ids_that_stand_twice_become_one_account_on_request(build: Callable[..., Built]) -> None:
    data = b"account_id,name,annual_revenue,region\n1,A,5,\n2,B,1,x\n1,A2,7,EMEA\n"
    with pytest.raises(StandsTwice):
        build(data)
    summed, first = build(data, twice="sum").accounts, build(data, twice="first").accounts
    assert summed.table.select(["account_id", "name", "annual_revenue", "region"]).to_pylist() == [
        {"account_id": "1", "name": "A", "annual_revenue": Decimal("12.00"), "region": "EMEA"},
        {"account_id": "2", "name": "B", "annual_revenue": Decimal("1.00"), "region": "x"},
    ]
    assert first.table["annual_revenue"].to_pylist() == [Decimal("5.00"), Decimal("1.00")]
    assert (summed.rows_in_file, summed.rows_set_aside) == (3, 1)
    assert summed.findings["what"].to_pylist() == ["merged into row 2"]
    assert summed.aside is not None
    assert summed.aside["name"].to_pylist() == ["A2"]


def test_accounts_that_look_like_one_are_offered_and_merged_on_consent(build: Callable[..., Built]) -> None:
    data = (
        b"account_id,name,annual_revenue,website\n1,Acme Inc.,5,\n2,ACME,1,\n"
        b"3,Bolt,2,www.bolt.com\n4,Blitz,3,https://bolt.com/x\n"
    )
    found = build(data)
    assert [(s.id, s.kept_id) for s in found.same] == [("2", "1"), ("4", "3")]
    assert found.accounts.table.num_rows == 4, "nothing is merged unasked"
    merged = build(data, same={"2": "1"}).accounts
    assert merged.table["annual_revenue"].to_pylist() == [Decimal(6), Decimal(2), Decimal(3)]
    assert merged.rows_set_aside == 1


def test_words_that_look_alike_are_offered_and_merged_on_consent(build: Callable[..., Built]) -> None:
    words = ["Technology"] * 9 + ["Technolgy", "Retail", "retail", "Retail", "Energy"]
    data = csv_of(*words, heading="industry", mark=",")
    found = build(data)
    assert {(a.word, a.meant) for a in found.alike} == {("Technolgy", "Technology"), ("retail", "Retail")}
    hints = found.accounts.findings.filter(pc.equal(found.accounts.findings["severity"], "hint"))
    assert hints.num_rows == 2
    merged = build(data, merges={"industry": {"Technolgy": "Technology"}}).accounts
    assert set(merged.table["industry"].to_pylist()) == {"Technology", "Retail", "retail", "Energy"}


DEALS = (
    b"deal,account,product,deal_stage,close_date,close_value\n"
    b"d1,Acme,GTX Basic,Won,2026-09-30,100\nd2,Acme,GTXPro,Won,2025-10-31,50\nd3,Acme,GTXPro,Won,2024-09-30,1000\n"
    b"d4,Bolt,GTX Plus Pro,Lost,2026-08-01,0\nd5,,GTX Basic,Engaging,,\nd6,,GTX Basic,Prospecting,,\n"
    b"d7,Bolt,GTX Basic,Engaging,,70\n"
)
FIRMS = b"account,sector,revenue\nAcme,technolgy,11\nBolt,medical,12\nCord,medical,13\n"
KEY = {"account_id": "account", "name": "account"}


def test_an_industry_that_every_row_misspells_is_noticed(build: Callable[..., Built]) -> None:
    found = build(csv_of(*["technolgy"] * 4, *["retail"] * 6, heading="sector", mark=","))
    assert [(a.word, a.meant) for a in found.alike] == [("technolgy", "technology")]


def test_raw_deals_become_revenue_pipeline_history_and_findings(build: Callable[..., Built]) -> None:
    found = build(FIRMS, DEALS, mapping=KEY, propose=True)
    table = found.accounts.table
    assert table["annual_revenue"].to_pylist() == [Decimal(150), None, None], "the last twelve months, and no made-up 0"
    assert table["pipeline"].to_pylist() == [None, Decimal(70), None]
    assert found.history is not None
    assert found.history.table.select(["account_id", "amount"]).to_pylist() == [
        {"account_id": "Acme", "amount": Decimal(amount)} for amount in (1000, 50, 100)
    ]
    said = found.accounts.findings
    empty = said.filter(pc.equal(said["what"], "the row names no account"))
    assert empty["row"].to_pylist() == [6, 7]
    assert ("GTXPro", "GTX Pro") in {(a.word, a.meant) for a in found.alike}
    for joined in found.joined:
        counted = joined.used + joined.left_out + joined.without_account + joined.strangers + joined.unreadable
        assert counted == joined.rows == 7


PAYMENTS = (
    b"Invoice,Customer,Industry,Amount,Invoice date\n1,Acme,Retail,100,2026-01-05\n2,Bolt,Energy,50,2024-12-05\n"
    b"3,Acme,Retail,abc,2026-03-05\n4,Bolt,Energy,70,2026-03-06\n5,,Energy,7,2026-03-06\n6,Acme,,30,2025-11-06\n"
)


def test_payments_alone_become_accounts_revenue_and_history(build: Callable[..., Built]) -> None:
    found = build(PAYMENTS, grouped="Customer", propose=True)
    table = found.accounts.table
    assert table["account_id"].to_pylist() == table["name"].to_pylist() == ["Acme", "Bolt"]
    assert table["industry"].to_pylist() == ["Retail", "Energy"]
    assert table["annual_revenue"].to_pylist() == [Decimal(130), Decimal(70)], "of the last twelve months"
    assert found.history is not None
    past = found.history.table.select(["account_id", "period", "amount"]).to_pylist()
    assert [(r["account_id"], str(r["period"]), r["amount"]) for r in past] == [
        ("Acme", "2025-11-30", 30), ("Acme", "2026-01-31", 100), ("Bolt", "2024-12-31", 50), ("Bolt", "2026-03-31", 70)
    ]  # fmt: skip
    assert (found.accounts.rows_in_file, found.accounts.rows_set_aside) == (6, 2)
    said = {(f["row"], f["column"]): f["value"] for f in found.accounts.findings.to_pylist()}
    assert said == {(6, "file0: Customer"): "", (4, "file0: Amount"): "abc"}
    assert "what differs from row to row is left out: Invoice" in found.accounts.notes


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Acme", "Bolt", " ", ""]),
            st.sampled_from(["5", "0.25", "-3", "", "x"]),
            st.sampled_from(["2026-03-31", "2025-04-01", "2025-03-31", "", "soon"]),
            st.sampled_from(["Won", "Open", ""]),
        ),
        min_size=1,
        max_size=15,
    )
)
def test_every_row_of_payments_is_counted_once_and_no_amount_twice(
    build: Callable[..., Built], rows: list[tuple[str, str, str, str]]
) -> None:
    rows = [("Acme", "1", "2026-03-31", "Won"), *rows]
    data = "\n".join(["Firm,Amount,Date,Stage", *(",".join(row) for row in rows)])
    part = Part(use="amounts", key="Firm", to="Firm", amount="Amount", day="Date", only="Stage", values=("Won",))
    found = build(data.encode(), mapping={"account_id": "Firm", "name": "Firm"}, grouped="Firm", parts=((0, part),))
    (joined,) = found.joined
    counts = [r for r in rows if r[0].strip() and r[3] == "Won" and r[1] not in {"", "x"} and r[2] not in {"", "soon"}]
    parts = (joined.left_out, joined.without_account, joined.strangers, joined.unreadable)
    assert (joined.rows, joined.used, sum(parts)) == (len(rows), len(counts), len(rows) - len(counts))
    recent = sum(Decimal(amount) for _, amount, day, _ in counts if day > "2025-03-31")
    assert pc.sum(found.accounts.table["annual_revenue"]).as_py() == recent
    assert found.history is not None
    assert pc.sum(found.history.table["amount"]).as_py() == sum(Decimal(amount) for _, amount, _, _ in counts)
    assert found.accounts.table.num_rows == len({r[0].strip() for r in rows} - {""})


def test_what_is_summed_feeds_no_field_as_it_stands(build: Callable[..., Built]) -> None:
    found = build(PAYMENTS, grouped="Customer", propose=True, mapping={"annual_revenue": "Amount"})
    assert found.accounts.table["annual_revenue"].to_pylist() == [Decimal(130), Decimal(70)]


def test_a_broken_row_of_payments_is_refused_or_set_aside_and_counted_once(build: Callable[..., Built]) -> None:
    broken = PAYMENTS + b"7,Acme,Retail,1,2026-03-06,more\n"
    with pytest.raises(BadAccounts, match=r"row 8: 6 cells where the heading has 5"):
        build(broken, grouped="Customer", propose=True)
    found = build(broken, grouped="Customer", propose=True, set_aside=True)
    assert (found.accounts.rows_in_file, found.accounts.rows_set_aside) == (7, 3)
    assert found.joined[0].rows == 6, "the seventh is a broken row of the accounts' file"


def test_won_and_open_deals_alone_become_revenue_and_pipeline(build: Callable[..., Built]) -> None:
    found = build(DEALS, grouped="account", propose=True, mapping={})
    table = {r["account_id"]: (r["annual_revenue"], r["pipeline"]) for r in found.accounts.table.to_pylist()}
    assert table["Acme"] == (Decimal(150), None)
    assert any(pipeline for _, pipeline in table.values())


def test_rows_of_a_further_table_that_cannot_be_read_are_told_one_by_one(build: Callable[..., Built]) -> None:
    accounts = b"account_id,name\n1,Acme\n2,Bolt\n"
    deals = b"account_id,amount,date\n1,5,2026-01-02\n2,6,2026-01-02,7\n2,x,2026-01-02\n1,8,soon\n1,,2026-01-03\n"
    found = build(accounts, deals, propose=True)
    (joined,) = found.joined
    assert (joined.rows, joined.used, joined.unreadable) == (5, 1, 4)
    assert [(f["row"], f["column"], f["value"]) for f in found.accounts.findings.to_pylist()] == [
        (4, "file1: amount", "x"), (5, "file1: date", "soon"), (3, "file1", "2,6,2026-01-02,7")
    ], "an empty amount is none that cannot be read; it is counted"  # fmt: skip


def test_a_cell_with_an_error_in_a_further_workbook_is_told(build: Callable[..., Built]) -> None:
    accounts = b"account_id,name\n1,Acme\n2,Bolt\n"
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        for n, row in enumerate((("account_id", "amount", "note"), ("1", 5, "x"), ("2", 6, "y"))):
            sheet.write_row(n, 0, row)
        for cell in ("B3", "C2"):
            sheet.write_formula(cell, "=1/0", value="#DIV/0!")
    found = build(accounts, buffer.getvalue(), propose=True)
    assert [(f["row"], f["column"], f["value"]) for f in found.accounts.findings.to_pylist()] == [
        (3, "file1: amount", "#DIV/0!")
    ]
    assert found.joined[0].unreadable == 1


def test_contracts_count_where_they_are_open(build: Callable[..., Built]) -> None:
    accounts = b"account_id,account_name\nA,Acme\nB,Bolt\n"
    contracts = (
        b"subscription_id,account_id,start_date,end_date,arr_amount\n"
        b"1,A,2024-01-01,2024-06-30,1200\n2,A,2024-03-01,,2400\n3,B,2024-12-31,2025-12-31,600\n4,X,2024-02-01,,9\n"
    )
    found = build(accounts, contracts, propose=True)
    assert found.accounts.table["annual_revenue"].to_pylist() == [Decimal(2400), Decimal(600)]
    assert found.joined[0].strangers == 1
    assert found.history is not None
    amounts = {(r["account_id"], str(r["period"])): r["amount"] for r in found.history.table.to_pylist()}
    assert amounts["A", "2024-05-31"] == Decimal(300)
    assert amounts["A", "2024-12-31"] == Decimal(200)
    assert amounts["B", "2024-12-31"] == Decimal(50)


def test_a_table_of_one_row_an_account_adds_its_columns(build: Callable[..., Built]) -> None:
    more = b"key,employees,name\nBolt,50,x\nAcme,20,y\n"
    found = build(FIRMS, more, mapping=KEY, parts=[(1, Part(use="columns", key="key", to="account"))])
    assert found.accounts.table["employees"].to_pylist() == [20, 50, None]
    with pytest.raises(BadAccounts, match="“Acme” stands more than once"):
        build(FIRMS, b"key,v\nAcme,1\nAcme,2\n", mapping=KEY, parts=[(1, Part(use="columns", key="key", to="account"))])


def test_the_scratch_of_a_foreign_database_can_reach_nothing(tmp_path: Path) -> None:
    file = tmp_path / "d.duckdb"
    with duckdb.connect(str(file)) as made:
        made.execute("CREATE TABLE t AS SELECT 1 x")
    before = file.read_bytes()
    with reading._database(file) as connection:
        for attack in (
            "SELECT * FROM read_csv('/etc/passwd')",
            f"COPY t TO '{file}'",
            "INSTALL httpfs",
            "SET memory_limit='9GB'",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(attack).fetchall()
    assert file.read_bytes() == before
    assert engine.CONFIG["autoload_known_extensions"] is False


def test_a_recipe_survives_being_written(build: Callable[..., Built]) -> None:
    recipe = Recipe(mapping={"name": "x"}, parts=((1, Part(use="amounts", values=("Won",))),), same={"1": "2"})
    assert Recipe.model_validate_json(json.dumps(json.loads(recipe.model_dump_json()))) == recipe


# Files that are not what they seem -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("Accounts export,,,\nGenerated 2026-09-30,,,\n,,,\naccount_id,name,ARR,industry\n1,Acme,1,Retail\n", 4),
        ("Accounts export\n\naccount_id;name;ARR;industry\n1;Acme;1;Retail\n", 3),
        ("Account,,Revenue,,\nId,Name,2025,2026,Owner\n1,Acme,100,200,Ann\n", 2),
    ],
    ids=["title", "title of one cell", "two rows"],
)
def test_headings_below_a_title_are_found_and_told(tmp_path: Path, text: str, row: int) -> None:
    file = tmp_path / "upload-1"
    file.write_text(text, encoding="utf-8")
    said = f"report.csv: the headings seem to stand in row {row}, and the rows above are no headings. Remove the rows"
    with pytest.raises(BadFile) as caught:
        building.look(file, "report.csv")
    assert str(caught.value).startswith(said)
    with pytest.raises(BadFile):
        building.build([(file, "report.csv", "")], Recipe())


def test_columns_without_a_heading_are_no_title(tmp_path: Path) -> None:
    file = tmp_path / "upload-1"
    file.write_text("account_id,name,,\n1,Acme,Customer,Owner\n2,Bolt,Region,Name\n", encoding="utf-8")
    assert building.build([(file, "a.csv", "")], Recipe()).accounts.table.num_rows == 2
