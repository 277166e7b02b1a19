"""One server and one browser for the tests of a module; all such modules run on one worker, one after the other.

A browser must not outlive its module: Playwright's loop would still be running in the thread of the tests that follow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.browser import served
from tests.browser.tab import Tab

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("workspace")


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    with served.server(home) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with served.browser() as started:
        yield started


@pytest.fixture
def context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    made = []

    def make(**options: Any) -> BrowserContext:
        made.append(browser.new_context(**({"viewport": {"width": 1440, "height": 900}} | options)))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def tab(context: Callable[..., BrowserContext], address: str) -> Tab:
    return Tab(context().new_page(), address)
