"""The app in a real browser: what only a browser can tell."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser import served
from tests.browser.tab import QUESTION, Tab

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import BrowserContext

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

AS_BEFORE = "No account changes its tier."


def test_the_first_visitor_of_a_server_may_come_by_a_link_to_one_page(tab: Tab) -> None:
    """Runs first: until app.py has run once, Streamlit takes a folder called pages/ for its older kind of app."""
    tab.open("at_risk").must_be_well()
    assert tab.page.locator(QUESTION).all_inner_texts() == ["Which accounts are in danger, and what comes next?"]
    assert tab.page.locator("[data-testid=stSidebar] [data-testid=stSelectbox]").count() == 2
    assert tab.page.title() == "Tierwise"


def test_every_page_opens_from_the_sidebar_and_by_its_own_address(tab: Tab) -> None:
    questions: list[str] = []
    for place in range(len(tab.open().links)):
        tab.links[place].click()
        if questions:
            expect(tab.page.locator(QUESTION).first).not_to_have_text(questions[-1])
        tab.rest().must_be_well()
        questions += tab.page.locator(QUESTION).all_inner_texts()
        tab.page.reload()
        expect(tab.page.locator(QUESTION)).to_have_text(questions[-1])
        tab.rest().must_be_well()
    pages = {file.stem for file in (served.ROOT / "pages").glob("[!_]*.py")} - {"ballot"}  # a participant's only
    assert len(set(questions)) == len(questions) == len(pages)
    assert [question for question in questions if not question.endswith("?")] == []


def test_a_slider_moves_the_sentence_and_the_charts_in_place(tab: Tab) -> None:
    tab.open("weights")
    expect(tab.sentence).to_have_text(AS_BEFORE)
    canvas = tab.chart("weights.accounts").element_handle()
    before, picture = tab.described(), tab.chart("weights.accounts").screenshot()
    tab.slider.focus()
    start = int(tab.slider.input_value())
    for _ in range(20):
        tab.page.keyboard.press("ArrowRight")
    assert int(tab.slider.input_value()) == start + 20
    expect(tab.sentence).to_contain_text(re.compile(r"enters? Tier 1, .+ leaves?\."))
    tab.rest().must_be_well()
    assert tab.described() != before
    assert tab.chart("weights.accounts").screenshot() != picture
    assert tab.page.evaluate(
        "([one, other]) => one === other", [canvas, tab.chart("weights.accounts").element_handle()]
    )
    assert int(tab.slider.input_value()) == start + 20, "no answer of the server pulls the slider back"
    tab.page.get_by_role("button", name="Reset all").click()
    expect(tab.sentence).to_have_text(AS_BEFORE)
    expect(tab.slider).to_have_value(str(start))


def test_weights_stay_when_the_page_changes_and_go_with_nobody_else(
    context: Callable[..., BrowserContext], address: str
) -> None:
    both = context()
    one, other = Tab(both.new_page(), address).open("weights"), Tab(both.new_page(), address).open("weights")
    one.slider.focus()
    one.page.keyboard.press("End")
    expect(one.sentence).not_to_have_text(AS_BEFORE)
    said = one.rest().sentence.inner_text()
    other.page.reload()
    other.page.locator(QUESTION).first.wait_for()
    expect(other.rest().sentence).to_have_text(AS_BEFORE)
    assert other.slider.input_value() != "100"
    one.links[0].click()
    expect(one.page.locator(QUESTION)).to_have_text("Which accounts matter, and what rests on them?")
    one.links[1].click()
    expect(one.sentence).to_have_text(said)
    assert one.rest().slider.input_value() == "100"
    one.must_be_well()
    other.must_be_well()


def upload(tab: Tab, file: Path) -> None:
    tab.open("data")
    tab.page.locator("[data-testid=stFileUploader] input[type=file]").first.set_input_files(file)
    tab.page.get_by_role("button", name="Use this book").click()
    expect(tab.sentence).to_contain_text(f"“{file.stem}”")
    tab.rest().must_be_well()


def write(file: Path, rows: list[dict[str, object]]) -> Path:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return file


def test_a_file_of_ones_own_becomes_the_book_on_every_page(tab: Tab, tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"account_id": i, "name": f"Account {i}", "annual_revenue": 1000 * i, "region": "EMEA" if i % 2 else "APAC"}
        for i in range(1, 41)
    ]
    upload(tab, write(tmp_path / "forty.csv", rows))
    tab.links[0].click()
    accounts = tab.page.locator("[data-testid=stMetricValue]").first
    expect(accounts).to_have_text("40")
    expect(tab.page.locator("[data-testid=stSidebar]")).to_contain_text("40 accounts · USD")
    tab.rest().must_be_well()


@pytest.mark.parametrize("kind", ["CSV", "XLSX"])
def test_a_download_is_a_file_with_the_rows(kind: str, tab: Tab, tmp_path: Path) -> None:
    tab.open("at_risk")
    with tab.page.expect_download() as waiting:
        tab.page.get_by_role("button", name=f"Download {kind}").click()
    file = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(file)
    assert file.name == f"at-risk.{kind.lower()}"
    if kind == "XLSX":
        assert file.read_bytes().startswith(b"PK\x03\x04")
    else:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
        assert f"{len(rows)} accounts with" in tab.page.locator("[data-testid=stMain]").inner_text()
    tab.must_be_well()


def test_nothing_sticks_out_of_a_narrow_screen(context: Callable[..., BrowserContext], address: str) -> None:
    tab = Tab(context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True).new_page(), address)
    for path in sorted(page.stem for page in (served.ROOT / "pages").glob("[!_]*.py")):
        tab.open("" if path == "overview" else path).must_be_well()
        wide = (
            "() => [document.documentElement.scrollWidth, document.querySelector('[data-testid=stMain]').scrollWidth]"
        )
        assert [width for width in tab.page.evaluate(wide) if width > 390] == [], path


def test_a_dark_screen_gets_dark_pages(context: Callable[..., BrowserContext], address: str) -> None:
    tab = Tab(context(color_scheme="dark").new_page(), address).open()
    body = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
    assert tab.page.evaluate(body) == "rgb(18, 23, 31)"
    title = tab.page.locator("[data-testid=stPlotlyChart] .gtitle, [data-testid=stPlotlyChart] .g-gtitle text").first
    assert title.evaluate("node => getComputedStyle(node).fill") == "rgb(230, 234, 240)"
    tab.open("weights").must_be_well()
    expect(tab.chart("weights.accounts")).to_be_visible()
