"""A page of a real browser, and what tests do with it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Locator, Page

QUESTION = "[data-testid=stMain] h1"
PROBES = re.compile(r"/_stcore/(health|host-config)$")
"""Streamlit's page looks for these below a page's own address first, gets 404, and then finds them."""
expect.set_options(timeout=30_000)


@dataclass
class Tab:
    """A page of the browser, and all that it asked for and complained of."""

    page: Page
    address: str
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(30_000)
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not PROBES.search(message.location["url"]):
            self.complaints.append(f"{message.text} ({message.location['url']})")

    def open(self, path: str = "") -> Tab:
        self.page.goto(f"{self.address}/{path}")
        self.page.locator(QUESTION).first.wait_for()
        return self.rest()

    def rest(self) -> Tab:
        """Wait until the script has run."""
        expect(self.page.locator("[data-testid=stApp]")).to_have_attribute("data-test-script-state", "notRunning")
        return self

    def must_be_well(self) -> Tab:
        assert self.page.locator("[data-testid=stException]").count() == 0
        assert "Traceback" not in self.page.locator("[data-testid=stApp]").inner_text()
        ours = (f"{self.address}/", self.address.replace("http", "ws"), "data:", "blob:")
        assert [url for url in self.asked if not url.startswith(ours)] == []
        assert self.complaints == []
        return self

    @property
    def links(self) -> list[Locator]:
        self.page.locator("[data-testid=stSidebarNavLink]").first.wait_for()
        return self.page.locator("[data-testid=stSidebarNavLink]").all()

    @property
    def sentence(self) -> Locator:
        return self.page.locator("[data-testid=stMain] [data-testid=stMarkdown]").first

    @property
    def slider(self) -> Locator:
        """The first slider of the board."""
        return self.page.get_by_role("slider").first

    def chart(self, key: str) -> Locator:
        return self.page.locator(f".st-key-{key.replace('.', '-')} canvas").first

    def described(self) -> str:
        """What the charts say to a reader that cannot see them."""
        labels = self.page.locator("[data-testid=stMain] [aria-label]")  # all at once: a run may take some away
        return "\n".join(labels.evaluate_all("found => found.map(one => one.getAttribute('aria-label') || '')"))
