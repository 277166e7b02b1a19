"""The weights page under a real hand: dialogs, the lasso, and a finger on a phone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.tab import QUESTION, Tab

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import BrowserContext, Locator

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

AS_BEFORE = "No account changes its tier."


def raised(tab: Tab) -> Tab:
    """The weights page with the first criterion at its most."""
    tab.open("weights")
    tab.slider.focus()
    tab.page.keyboard.press("End")
    expect(tab.sentence).not_to_have_text(AS_BEFORE)
    return tab.rest()


def choose_row(table: Locator, row: int = 0) -> None:
    """Tick a row of a table; a table is a canvas, so this goes by its measures: 35 pixels a row, the boxes first."""
    table.scroll_into_view_if_needed()
    table.click(position={"x": 18, "y": 35 * (row + 1) + 18})


def test_a_row_of_the_movers_opens_the_reasons_of_that_account(tab: Tab) -> None:
    raised(tab)
    choose_row(tab.page.locator(".st-key-weights-movers [data-testid=stDataFrame]"))
    dialog = tab.page.get_by_role("dialog")
    expect(dialog).to_contain_text("Why is this account there?")
    expect(dialog).to_contain_text(re.compile("of 100"))
    expect(dialog.locator("[data-testid=stPlotlyChart]")).to_be_visible()
    tab.rest().must_be_well()
    tab.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_what_is_saved_in_the_dialog_is_on_screen_and_in_the_address(tab: Tab) -> None:
    raised(tab)
    said = tab.sentence.inner_text()
    tab.page.get_by_role("button", name="Save scenario").click()
    dialog = tab.page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Revenue above all")
    dialog.get_by_label("Reason").fill("The board wants to see it")
    dialog.get_by_role("button", name="Save as new").click()
    expect(tab.page.get_by_role("combobox", name="Model")).to_have_value("Revenue above all (scenario)")
    expect(tab.sentence).to_have_text(AS_BEFORE)  # the scenario is what later moves are compared with
    tab.rest().must_be_well()
    assert said != AS_BEFORE
    assert "scenario=" in tab.page.url
    tab.page.reload()
    tab.page.locator(QUESTION).first.wait_for()
    expect(tab.page.get_by_role("combobox", name="Model")).to_have_value("Revenue above all (scenario)")
    expect(tab.rest().slider).to_have_value("100")


def test_marks_inside_the_lasso_are_listed_as_accounts(tab: Tab) -> None:
    tab.open("weights")
    tab.page.get_by_text("Fit and need").click()
    plot = tab.page.locator("[class*=st-key-plane-chart] .js-plotly-plot").first
    plot.scroll_into_view_if_needed()
    tab.rest()
    box = plot.bounding_box()
    assert box is not None
    left, right = box["x"] + 0.72 * box["width"], box["x"] + 0.98 * box["width"]
    top, bottom = box["y"] + 0.2 * box["height"], box["y"] + 0.8 * box["height"]
    tab.page.mouse.move(left, top)
    tab.page.mouse.down()
    for x, y in ((right, top), (right, bottom), (left, bottom), (left, top)):
        tab.page.mouse.move(x, y, steps=6)
    tab.page.mouse.up()
    listed = tab.page.get_by_text(re.compile(r"^\d+ profiles: [\d,]+ accounts with \$"))
    expect(listed).to_be_visible()
    expect(tab.page.locator(".st-key-plane-accounts [data-testid=stDataFrame]")).to_be_visible()
    tab.rest().must_be_well()


def test_a_finger_drags_a_weight_and_the_charts_follow_before_it_lets_go(
    context: Callable[..., BrowserContext], address: str
) -> None:
    phone = context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    tab = Tab(phone.new_page(), address).open("weights")
    expect(tab.sentence).to_have_text(AS_BEFORE)
    tab.slider.scroll_into_view_if_needed()
    start, box = float(tab.slider.input_value()), tab.slider.bounding_box()
    assert box is not None
    finger = phone.new_cdp_session(tab.page)

    def touch(kind: str, part: float | None) -> None:
        at: list[dict[str, Any]] = []
        if part is not None:
            at = [{"x": box["x"] + part * box["width"], "y": box["y"] + box["height"] / 2}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    touch("touchStart", start / 100)
    for step in range(1, 11):
        touch("touchMove", start / 100 + step * (0.95 - start / 100) / 10)
        tab.page.wait_for_timeout(30)
    expect(tab.sentence).not_to_have_text(AS_BEFORE)  # the finger is still down
    touch("touchEnd", None)
    tab.rest().must_be_well()
    assert float(tab.slider.input_value()) > start + 20
