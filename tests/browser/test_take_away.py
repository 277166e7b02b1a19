"""What is taken away in a real browser: the files arrive, and their numbers are those on the screen."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pptx import Presentation
from python_calamine import CalamineWorkbook

from tests import telling

if TYPE_CHECKING:
    from tests.browser.tab import Tab

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def downloaded(tab: Tab, label: str) -> bytes:
    button = tab.page.get_by_role("button", name=label)
    button.wait_for()
    tab.rest()  # a click while the script still runs may be lost
    with tab.page.expect_download(timeout=60_000) as waiting:
        button.click()
    return Path(waiting.value.path()).read_bytes()


def test_slides_workbook_and_print_view_say_what_the_screen_says(tab: Tab) -> None:
    tab.open("concentration")
    answer = tab.sentence.inner_text().strip()
    tab.page.get_by_role("tab", name="Take away").click()
    tab.rest()
    slides = list(Presentation(io.BytesIO(deck := downloaded(tab, "Download slides"))).slides)
    assert slides[1].shapes.title.text == answer
    book = CalamineWorkbook.from_filelike(io.BytesIO(workbook := downloaded(tab, "Download workbook")))
    assert book.get_sheet_by_index(0).to_python()[1][0] == answer
    assert answer in downloaded(tab, "Download print view").decode()
    assert telling.alive(deck) == telling.alive(workbook) == []
    tab.must_be_well()


def test_an_interactive_figure_draws_itself_and_asks_nobody(tab: Tab, tmp_path: Path) -> None:
    tab.open("concentration")
    tab.page.get_by_role("tab", name="Take away").click()
    tab.rest()
    tab.page.get_by_text("Pictures of single figures").click()
    page = tmp_path / "figure.html"
    page.write_bytes(downloaded(tab, "Download interactive HTML"))
    tab.asked.clear()
    tab.page.goto(page.as_uri())
    tab.page.locator(".main-svg").first.wait_for()
    assert re.search(r"accounts? \(.+ make 80", tab.page.locator(".gtitle").text_content() or "")
    assert [url for url in tab.asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert tab.complaints == []
