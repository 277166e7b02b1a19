"""At risk and the account in a real browser: clicks that choose, actions that others see, names that stay text."""

from __future__ import annotations

import csv
import re
import time
import zipfile
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest
from playwright.sync_api import expect

from core.accounts import books, checking
from core.accounts.contract import HISTORY
from core.formulas import neutral
from core.workspace.folder import Workspace
from tests import making
from tests.browser import served
from tests.browser.tab import Tab

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import BrowserContext

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
SECONDS = 5
HOSTILE = (
    "<img src=x onerror=window.ran=1>",
    '=HYPERLINK("http://127.0.0.1:9/h","x")',
    "**bold**",
    "$x$",
    "\u202eغرفة \u05d7\u05d1\u05e8\u05d4",
    "x" * 300,
    "![x](http://127.0.0.1:9/b.png)",
    "[x](http://127.0.0.1:9/link)",
    "<a href='http://127.0.0.1:9/a'>x</a><b>y</b>",
    "<script>window.ran=1</script>",
    ":red[x] :material/bug_report: `code` # head",
    "a -> b -- c <-> d ~= e :smile: www.evil.example",
    "mail@evil.example",
    "https://127.0.0.1:9/x",
    "javascript:window.ran=1",
)  # fmt: skip


@pytest.fixture(scope="module")
def hostile(home: Path) -> str:
    """The key of a book in which every text is hostile."""
    n = len(HOSTILE)
    text: list[str | None] = list(HOSTILE)
    columns: dict[str, list[str | None]] = dict.fromkeys(("name", "industry", "region", "segment", "owner"), text)
    columns |= {
        "account_id": [f"H{i} {name[:40]}" for i, name in enumerate(HOSTILE)],
        "annual_revenue": [str(1000 * (i + 1)) for i in range(n)],
        "revenue_target": ["90000"] * n,
        "engagement_score": [str(5 * i) for i in range(n)],
        "executive_contacts": ["0"] * n,
        "contacts_engaged": ["1"] * n,
        "competitive_threat": ["active"] * n,
        "renewal_date": ["2026-10-30"] * n,
        "Churned <b>x</b>": [("yes", "no")[i % 2] for i in range(n)],
    }
    columns["parent_id"] = [columns["account_id"][0]] * n
    past: dict[str, list[str | None]] = {
        "account_id": [*columns["account_id"], *columns["account_id"]],
        "period": [*["2026-06-30"] * n, *["2026-09-30"] * n],
        "amount": [*["100"] * (2 * n)],
    }  # fmt: skip
    history = checking.check(making.raw(past), fields=HISTORY)
    kept = books.keep(Workspace(home), making.checked(columns), name=HOSTILE[6], source=HOSTILE[0], history=history)
    return kept.stem


def counted(tab: Tab) -> int:
    """The number of accounts over the table."""
    line = tab.page.get_by_text(re.compile(r"^[\d,]+ accounts? with .* of revenue$"))
    return int(line.inner_text().split(" ")[0].replace(",", ""))


def choose_row(tab: Tab) -> None:
    """Tick the first row; a table is a canvas, so this goes by its measures: 35 pixels a row, the boxes first."""
    table = tab.page.locator(".st-key-risk-table [data-testid=stDataFrame]")
    table.scroll_into_view_if_needed()
    table.click(position={"x": 18, "y": 53})


def test_a_click_on_the_matrix_lists_its_accounts_and_one_button_lists_all_again(tab: Tab) -> None:
    tab.open("").open("at_risk")
    every = counted(tab)
    chart = tab.page.locator(".st-key-risk-matrix [data-testid=stPlotlyChart]")
    expect(chart.locator("text").filter(has_text="account").first).to_be_attached()
    cells = [text for text in chart.locator("text").all_text_contents() if "account" in text]
    assert cells
    box = chart.locator(".heatmaplayer image").bounding_box()
    assert box is not None
    # Rows are tiers, columns are statuses: the second column of the first row is Tier 1, At Risk.
    rows, columns = 5, 3
    top = box["y"] + box["height"] * (0.5 / rows)
    tab.page.mouse.click(box["x"] + box["width"] * (1.5 / columns), top)
    button = tab.page.get_by_role("button", name="Show all in danger")
    expect(button).to_be_enabled()
    tab.rest()
    fewer = counted(tab)
    assert 0 < fewer < every
    assert any(text.startswith(f"{fewer} account") for text in cells)
    button.click()
    expect(button).to_be_disabled()
    assert counted(tab.rest()) == every
    tab.must_be_well()


def test_a_row_opens_the_account_and_the_account_has_an_address(tab: Tab) -> None:
    tab.open("").open("at_risk")
    choose_row(tab)
    dialog = tab.page.get_by_role("dialog")
    name = dialog.locator("h3").inner_text()
    dialog.get_by_role("button", name="Open the account").click()
    tab.page.wait_for_url(re.compile(r"/one_account\?account=A\d+$"))
    expect(tab.sentence).to_contain_text(name)
    link = tab.rest().page.url
    again = Tab(tab.page.context.new_page(), tab.address)
    again.page.goto(link)
    expect(again.sentence).to_contain_text(name)
    again.rest().must_be_well()
    tab.must_be_well()


def test_what_one_records_another_sees_within_seconds(context: Callable[..., BrowserContext], address: str) -> None:
    one, other = Tab(context().new_page(), address).open(""), Tab(context().new_page(), address).open("")
    for each in (one, other):
        each.open("one_account?account=A0000700")
        expect(each.page.get_by_text("Status: Open")).to_be_visible()
    one.page.get_by_role("radio", name="Done").or_(one.page.get_by_role("button", name="Done")).first.click()
    one.rest().page.get_by_label("Who does it").fill("Luis Herrera")
    one.page.get_by_label("Who does it").press("Tab")
    one.rest().page.get_by_role("button", name="Record").click()
    expect(one.page.get_by_text(re.compile("^Status: Done .*Luis Herrera"))).to_be_visible()
    start = time.monotonic()
    expect(other.page.get_by_text(re.compile("^Status: Done .*Luis Herrera"))).to_be_visible(timeout=1000 * SECONDS)
    assert time.monotonic() - start < SECONDS
    one.must_be_well()
    other.must_be_well()


def calm(tab: Tab) -> None:
    """Nothing ran, nothing leads elsewhere."""
    assert tab.page.evaluate("window.ran") is None
    assert (
        tab.page.locator("[data-testid=stApp] a[href*='127.0.0.1:9/'], [data-testid=stApp] a[href^=javascript]").count()
        == 0
    )
    assert tab.page.locator("[data-testid=stApp] img[src*='127.0.0.1:9'], [data-testid=stApp] img[src=x]").count() == 0
    svg = "document.querySelectorAll('[data-testid=stPlotlyChart] svg a').length"
    assert tab.page.evaluate(svg) == 0


def hover(tab: Tab) -> None:
    """A name also stands in what a chart says under the pointer."""
    for chart in tab.page.locator("[data-testid=stPlotlyChart]").all():
        chart.scroll_into_view_if_needed()
        box = chart.bounding_box() or {"x": 0, "y": 0, "width": 0, "height": 0}
        for part in (0.2, 0.35, 0.5, 0.65, 0.8):
            tab.page.mouse.move(box["x"] + part * box["width"], box["y"] + part * box["height"])
            tab.page.wait_for_timeout(40)


PAGES = sorted(
    path.stem for path in (served.ROOT / "pages").glob("[!_]*.py") if path.stem not in {"ballot", "workshop"}
)


def test_hostile_names_are_text_on_every_page(tab: Tab, hostile: str) -> None:
    for page in PAGES:
        path = "" if page == "overview" else page
        tab.open(f"{path}?book={hostile}")
        hover(tab)
        calm(tab)
        assert (page, tab.complaints) == (page, [])
    tab.must_be_well()


def test_hostile_names_are_text_in_the_account_and_in_its_dialog(tab: Tab, hostile: str) -> None:
    tab.open(f"at_risk?book={hostile}")
    for label in ("Is the list any good?", "What decides this list"):
        tab.page.get_by_text(label).click()
        tab.rest()
    choose_row(tab)
    dialog = tab.page.get_by_role("dialog")
    expect(dialog.locator("h3")).to_have_text(HOSTILE[-1])
    hover(tab)
    calm(tab)
    for i, name in enumerate(HOSTILE):
        account = f"H{i} {name[:40]}"
        tab.page.goto(
            f"{tab.address}/one_account?book={hostile}&account={account.replace('#', '%23').replace('&', '%26')}"
        )
        expect(tab.sentence).to_contain_text(f"H{i} ")
        said = tab.rest().sentence.inner_text().replace("\N{WORD JOINER}", "")
        assert said.startswith(name), "every letter of it, as text"
        hover(tab.rest())
        calm(tab)
    tab.must_be_well()


def test_hostile_names_leave_as_text(tab: Tab, hostile: str, tmp_path: Path) -> None:
    tab.open(f"at_risk?book={hostile}")
    files = {}
    for kind in ("CSV", "XLSX", "Parquet"):
        with tab.page.expect_download() as waiting:
            tab.page.get_by_role("button", name=f"Download {kind}").click()
        files[kind] = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(files[kind])
    with files["CSV"].open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert sorted(row["name"] for row in rows) == sorted(neutral(name) for name in HOSTILE)
    assert sorted(pq.read_table(files["Parquet"])["name"].to_pylist()) == sorted(HOSTILE)
    with zipfile.ZipFile(files["XLSX"]) as workbook:
        parts = "".join(workbook.read(n).decode() for n in workbook.namelist() if n.startswith("xl/worksheets"))
    assert "<f>" not in parts
    assert "<hyperlink" not in parts
    tab.must_be_well()
