"""Files of a CRM become a book in a real browser: brought, mapped, what was found is seen, then used on every page."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import FilePayload, Locator

    from tests.browser.tab import Tab

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NAMES = ["Acme Corporation", "Betasoloin", "Cancity", "Isdom", "Zathunicon", "Konex"]
ACCOUNTS = "account,sector,employees\n" + "".join(f"{name},retail,{n * 100}\n" for n, name in enumerate(NAMES, 1))
PRODUCTS = ["GTX Basic", "GTX Plus Pro", "GTXPro", "MG Special", "GTX Plus Basic"]
DEALS = "opportunity_id,product,account,deal_stage,close_date,close_value\n" + "".join(
    f"O{n},{PRODUCTS[n % 5]},{NAMES[n % 6] if n % 4 else ''},{stage},{day},{value}\n"
    for n in range(60)
    for stage, day, value in [("Engaging", "", "") if n % 2 == 0 else ("Won", f"2026-0{n % 9 + 1}-15", "1000.50")]
)


def payload(name: str, text: str) -> FilePayload:
    return {"name": name, "mimeType": "text/csv", "buffer": text.encode()}


def bring(tab: Tab, *files: FilePayload) -> None:
    tab.page.locator("[data-testid=stFileUploader] input[type=file]").set_input_files(list(files))
    tab.rest()


def field(tab: Tab, name: str) -> Locator:
    boxes = tab.page.locator("[data-testid=stSelectbox]")
    return boxes.filter(has=tab.page.get_by_text(name, exact=True)).first.locator("input")


def opened(tab: Tab, box: Locator, option: re.Pattern[str]) -> None:
    """Open a list until it offers an option: a list that is open is shut by a run that ends, as late as that may be."""
    offered = tab.page.get_by_role("option", name=option)
    for _ in range(5):
        tab.rest()
        box.click()
        with contextlib.suppress(PlaywrightTimeoutError):
            offered.wait_for(timeout=5_000)
            return
        tab.page.keyboard.press("Escape")
    expect(offered).to_be_visible()


def test_accounts_and_their_deals_become_a_book(tab: Tab) -> None:
    tab.open("data")
    bring(tab, payload("accounts.csv", ACCOUNTS), payload("deals.csv", DEALS))
    read = tab.page.get_by_role("button", name="Read the files")
    expect(tab.page.get_by_text("Choose what feeds account_id; every account needs it.")).to_be_visible()
    expect(read).to_be_disabled()
    field(tab, "account_id").click()
    tab.page.get_by_role("option", name="account", exact=True).first.click()
    expect(read).to_be_enabled()
    read.click()
    expect(tab.page.get_by_text("accounts.csv: 6 accounts read.")).to_be_visible()
    expect(tab.page.get_by_text("deals.csv: 15 rows without an account (Engaging 15)")).to_be_visible()
    expect(tab.page.get_by_text(re.compile(r"annual_revenue adds to 30,015\.00"))).to_be_visible()
    tab.page.get_by_role("tab", name="Merge").click()
    expect(tab.page.get_by_text("These words look alike.")).to_be_visible()
    opened(tab, tab.page.get_by_placeholder("Choose options").first, re.compile("GTXPro.*GTX Pro"))
    tab.page.keyboard.press("Escape")
    tab.must_be_well()
    tab.page.get_by_role("button", name="Use this book").click()
    expect(tab.sentence).to_have_text("“accounts”: 6 accounts, from accounts.csv.")
    tab.open("concentration").must_be_well()


def test_a_file_that_is_no_table_is_refused_in_one_sentence_and_the_next_one_is_read(tab: Tab) -> None:
    tab.open("data")
    bring(tab, {"name": "photo.csv", "mimeType": "text/csv", "buffer": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" * 99})
    expect(tab.page.get_by_text(re.compile(r"photo\.csv: the file is "))).to_be_visible()
    tab.page.reload()
    tab.rest()
    bring(tab, payload("good.csv", "account_id,name\n1,Acme\n2,Bolt\n"))
    expect(tab.page.get_by_text("good.csv: 2 accounts read.")).to_be_visible()
    tab.must_be_well()
