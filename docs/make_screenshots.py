"""Photographs the pages for the README: a server of its own, the demo book, a real browser.

`.venv/bin/python -m docs.make_screenshots` writes docs/screenshots/*.png anew.
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import expect

from tests.browser import served

if TYPE_CHECKING:
    from playwright.sync_api import Page

FOLDER = Path(__file__).parent / "screenshots"
SIZE = {"width": 1440, "height": 900}
PAGES = {
    "overview": "",
    "weights": "weights",
    "robustness": "robustness",
    "concentration": "concentration",
    "at-risk": "at_risk",
}


def main() -> None:
    """Photograph every page of `PAGES`."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home, served.server(Path(home)) as address, served.browser() as browser:
        page = browser.new_page(viewport=SIZE, color_scheme="light")
        for name, path in PAGES.items():
            page.goto(f"{address}/{path}")
            _rest(page)
            if name == "weights":
                _move_a_slider(page)
            page.wait_for_timeout(1_000)  # the last chart is drawn after the script has run
            _write(page.screenshot(), FOLDER / f"{name}.png")


def _rest(page: Page) -> None:
    page.locator("[data-testid=stMain] h1").wait_for()
    app = page.locator("[data-testid=stApp]")
    expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=60_000)


def _move_a_slider(page: Page) -> None:
    """Make the first criterion matter more, so that before and after differ."""
    page.get_by_role("slider").first.focus()
    for _ in range(25):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_text("enter Tier 1")).to_be_visible(timeout=30_000)
    page.mouse.click(1200, 30)  # beside everything, so that no slider looks held
    _rest(page)


def _write(picture: bytes, file: Path) -> None:
    """Keep 256 colours, which is a third of the bytes and looks the same."""
    Image.open(io.BytesIO(picture)).convert("RGB").quantize(256).save(file, optimize=True)


if __name__ == "__main__":
    main()
