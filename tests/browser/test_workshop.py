"""A workshop in real browsers: the facilitator at the server's machine, participants who come over the network."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError
from playwright.sync_api import expect

from benchmarks.workshop import Tab as Wire
from core.decisions.workshop import access, sessions
from core.workspace.folder import Workspace
from core.workspace.state import Store, open_store
from tests.browser import served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

ROOT = Path(__file__).parents[2]
QUESTION = "What matters to you, and how much?"
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("[!_]*.py"))
PHONE = {"width": 390, "height": 844}
CODE = re.compile(r"^[A-Z2-7]{4}-[A-Z2-7]{4}$")
SECRET = ["accounts ·", "Revenue at risk", "Healthy", "Critical", "Open round", "Hand over", "Contested accounts"]
"""What no participant may read: counts of accounts, health, the facilitator's controls; names are looked for apart."""


def own_network() -> str:
    """An address of this machine that is not its own loop, so that a visitor seems to come from elsewhere."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return ""
        found = str(probe.getsockname()[0])
    return "" if found.startswith("127.") else found


pytestmark.append(pytest.mark.skipif(not own_network(), reason="this machine has no network to come over"))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("workspace")


@pytest.fixture(scope="module")
def here(home: Path) -> Iterator[str]:
    with served.server(home, "--host", "0.0.0.0") as found:  # noqa: S104
        yield found


@pytest.fixture(scope="module")
def far(here: str) -> str:
    return f"http://{own_network()}:{here.rpartition(':')[2]}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with served.browser() as started:
        yield started


@pytest.fixture
def phone(browser: Browser) -> Iterator[Callable[[], Page]]:
    made = []

    def make(viewport: Any = PHONE) -> Page:
        made.append(browser.new_context(viewport=viewport))
        page = made[-1].new_page()
        page.set_default_timeout(30_000)
        return page

    yield make
    for context in made:
        context.close()


@pytest.fixture
def store(home: Path, here: str) -> Store:
    assert here
    return open_store(Workspace(home))


def rest(page: Page) -> None:
    page.locator("h1").first.wait_for()
    expect(page.locator("[data-testid=stApp]")).to_have_attribute("data-test-script-state", "notRunning")


def lead(page: Page, here: str) -> str:
    """Start a workshop; give its code."""
    page.goto(f"{here}/workshop")
    rest(page)
    page.get_by_role("button", name="Start", exact=True).click()
    code = page.locator("h1", has_text=CODE)
    code.wait_for()
    rest(page)
    return code.inner_text()


def press_in_popover(page: Page, label: str) -> None:
    page.get_by_role("button", name=label).first.click()
    page.get_by_test_id("stPopoverBody").get_by_role("button", name=label).click()
    rest(page)


def newest(store: Store) -> sessions.Workshop:
    return max((sessions.load(store, d.id) for d in store.newest("workshop")), key=lambda found: found.started)


def text(page: Page) -> str:
    return page.locator("[data-testid=stApp]").inner_text()


def names() -> list[str]:
    with (ROOT / "data" / "demo" / "accounts.csv").open(encoding="utf-8", newline="") as file:
        return [row["name"] for row in csv.DictReader(file) if len(row["name"]) > 8]


def test_a_stranger_from_the_network_gets_the_way_in_whatever_is_asked_for(far: str, phone: Callable[[], Page]) -> None:
    page = phone()
    for path in ("", *PAGES, "overview?scenario=abcdefghij", "?embed=true"):
        page.goto(f"{far}/{path}")
        assert page.locator("h1").inner_text() == "Join a workshop"
        assert page.locator("[data-testid=stApp]").count() == 0


def test_a_whole_round_and_what_a_participant_cannot_see(
    here: str, far: str, phone: Callable[..., Page], store: Store
) -> None:
    facilitator = phone({"width": 1920, "height": 1080})
    code = lead(facilitator, here)
    found = newest(store)

    one = phone()
    heard: list[bytes] = []
    one.on("websocket", lambda wire: wire.on("framereceived", lambda data: heard.append(_bytes(data))))
    one.goto(far)
    one.get_by_label("Code").fill(code.lower())
    one.get_by_role("button", name="Join").click()
    expect(one.get_by_text("You are in, as Participant 1.")).to_be_visible()
    expect(facilitator.get_by_text("Participant 1").first).to_be_visible(timeout=4_000)

    press_in_popover(facilitator, "Open round 1")
    expect(one.get_by_text("Round 1")).to_be_visible(timeout=8_000)
    one.get_by_role("combobox").first.click()
    one.get_by_role("option").first.click()
    one.get_by_role("button", name="Hand in").click()
    expect(one.get_by_text("Your ballot is kept")).to_be_visible()
    expect(facilitator.get_by_text("1 of 1")).to_be_visible(timeout=4_000)
    assert facilitator.locator(".js-plotly-plot").count() == 0, "the facilitator sees no ballot before the reveal"

    for path in ("", *PAGES, "overview?scenario=abcdefghij", "workshop?lead=1", "ballot?seat=2&round=2", "lead/x"):
        one.goto(f"{far}/{path}")
        one.locator("h1").first.wait_for()
        if path == "lead/x":
            assert one.locator("h1").inner_text() == "Lead a workshop"
            continue
        rest(one)
        assert one.locator("h1").all_inner_texts() == [QUESTION], path
        assert one.locator("[data-testid=stSidebar]").count() == 0
        assert [word for word in SECRET if word in text(one)] == []
        assert one.locator("[data-testid=stException]").count() == 0
    sent = b"".join(heard)
    assert heard
    assert [name for name in names() if name.encode() in sent] == []
    assert sessions.progress(store, sessions.load(store, found.id)) == sessions.Progress(seats=1, handed_in=1)


def _bytes(data: str | bytes) -> bytes:
    return data.encode() if isinstance(data, str) else data


def begin(page: Page) -> None:
    """Choose what a ballot starts from, where it asks: a list that is open is shut by a look at how far the room is."""
    for _ in range(5):
        if not page.get_by_role("slider").count():
            with contextlib.suppress(PlaywrightTimeoutError):
                page.get_by_role("combobox").first.click(timeout=5_000)
                page.get_by_role("option").nth(1).click(timeout=5_000)
        with contextlib.suppress(PlaywrightTimeoutError):
            page.get_by_role("slider").first.wait_for(timeout=6_000)
            return
    page.get_by_role("slider").first.wait_for()


def test_a_reload_a_second_tab_and_joining_again_are_one_person_with_one_ballot(
    here: str, far: str, phone: Callable[..., Page], store: Store
) -> None:
    facilitator = phone({"width": 1920, "height": 1080})
    code = lead(facilitator, here)
    found = newest(store)
    press_in_popover(facilitator, "Open round 1")
    one = phone()
    one.goto(f"{far}/join/{code}")
    rest(one)
    tabs = [one, one.context.new_page(), one.context.new_page()]
    tabs[1].goto(far)
    tabs[2].goto(f"{far}/join/{code}?seat=another")
    for tab in tabs:
        rest(tab)
        begin(tab)
        rest(tab)
        tab.get_by_role("button", name="Hand in").click()
        expect(tab.get_by_text("Your ballot is kept")).to_be_visible()
    one.reload()
    rest(one)
    expect(one.get_by_text("Your ballot is in.")).to_be_visible()
    assert sessions.progress(store, sessions.load(store, found.id)) == sessions.Progress(seats=1, handed_in=1)
    assert one.evaluate("document.cookie").count("tierwise") == 0, "no script can read who this is"


def test_the_server_gives_a_participants_browser_no_other_page_over_the_wire(
    here: str, phone: Callable[..., Page], store: Store
) -> None:
    """A browser that is no browser of ours asks for other pages by name; even from this machine it gets the ballot."""
    lead(phone({"width": 1920, "height": 1080}), here)
    found = newest(store)
    from core.workspace.secret import open_secret

    cookie = f"{access.PARTICIPANT}={access.joined(open_secret(Workspace(store.file.parent)), found.id)}"
    port = int(here.rpartition(":")[2])

    async def titles(page: str) -> list[str]:
        tab = await Wire(port, cookie, page).open()
        shown = tab.titles
        await tab.close()
        return shown

    for page in PAGES:
        with ThreadPoolExecutor(1) as pool:  # Playwright has an event loop of its own in this thread
            assert set(pool.submit(asyncio.run, titles(page)).result()) == {QUESTION, "The criteria"}, page


def test_when_the_workshop_is_closed_the_phone_is_shut_out(here: str, far: str, phone: Callable[..., Page]) -> None:
    facilitator = phone({"width": 1920, "height": 1080})
    code = lead(facilitator, here)
    one = phone()
    one.goto(f"{far}/join/{code}")
    rest(one)
    facilitator.get_by_role("button", name="Close").first.click()
    facilitator.get_by_role("button", name="Close the workshop").click()
    rest(facilitator)
    expect(one.get_by_text("has ended")).to_be_visible(timeout=8_000)
    one.goto(f"{far}/overview")
    assert one.locator("h1").inner_text() == "Join a workshop"
    one.goto(f"{far}/join/{code}")
    assert "No workshop is open under this code." in one.content()


def test_the_key_kept_in_the_browser_leads_after_a_reload(here: str, phone: Callable[..., Page]) -> None:
    facilitator = phone({"width": 1920, "height": 1080})
    lead(facilitator, here)
    facilitator.get_by_role("button", name="Key").click()
    link = facilitator.get_by_role("link", name="Keep it in this browser").get_attribute("href")
    assert link is not None
    facilitator.goto(f"{here}{link}" if link.startswith("/") else link)
    rest(facilitator)
    assert "/workshop?book=" in facilitator.url, "on the book that is weighed"
    expect(facilitator.get_by_text("people are joining.")).to_be_visible()
    facilitator.reload()
    rest(facilitator)
    expect(facilitator.get_by_text("people are joining.")).to_be_visible()
