"""Take away: what can be downloaded is offered, and made only when it is asked for."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from core.accounts import catalogue
from core.report import leadership, pictures
from core.workspace.folder import Workspace
from core.workspace.state import Stamp, open_store
from tests.pages.visitor import HOSTILE, Visitor, keep

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def opened(visitor: Visitor) -> Visitor:
    """Open the section, as a click on its tab does."""
    visitor.at.session_state["concentration.section"] = "Take away"
    visitor.at.run()
    return visitor.must_be_well()


def labels(visitor: Visitor) -> list[str]:
    return [button.proto.label for button in visitor.at.get("download_button")]


def test_slides_a_workbook_and_a_print_view_are_offered() -> None:
    found = labels(opened(Visitor("concentration")))
    assert found[:3] == ["Download slides", "Download workbook", "Download print view"]
    assert found[-1] == "Download interactive HTML"


def test_nothing_is_made_before_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("made without being asked for")

    monkeypatch.setattr(leadership, "tell", never)
    assert labels(opened(Visitor("concentration")))


def test_without_a_chapter_there_is_nothing_to_download() -> None:
    visitor = opened(Visitor("concentration"))
    (chapters,) = (choice for choice in visitor.at.multiselect if choice.label == "Chapters")
    chapters.set_value([]).run()
    assert labels(visitor) == []
    assert "Choose at least one chapter." in visitor.texts


def test_without_a_browser_pictures_say_what_they_need(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "browser", lambda: None)
    visitor = opened(Visitor("concentration"))
    assert labels(visitor)[3:] == ["Download interactive HTML"]
    assert "PNG and SVG need a Chromium on the machine that runs Tierwise, and none is found." in visitor.texts


def test_hostile_names_do_not_break_the_section(home: Path) -> None:
    rows = [{"account_id": str(i), "name": n, "annual_revenue": "100", "industry": n} for i, n in enumerate(HOSTILE)]
    assert "Download slides" in labels(opened(Visitor("concentration", book=keep(home, rows))))


def test_what_is_taken_away_names_a_book_as_it_is_called_now(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = keep(home, [{"account_id": "1", "name": "Acme", "annual_revenue": "100"}])
    stamp = Stamp(dt.datetime(2026, 9, 30, tzinfo=dt.UTC), author="me")
    catalogue.rename(open_store(Workspace(home)), key, "Customers 2026", stamp)
    called: list[str] = []
    look = leadership.Look

    def looked(*args: Any, **given: Any) -> Any:
        called.append(given["called"])
        return look(*args, **given)

    monkeypatch.setattr(leadership, "Look", looked)
    opened(Visitor("concentration", book=key))
    assert called[-1] == "Customers 2026"


def test_another_book_offers_its_own_chapters(home: Path) -> None:
    rows = [{"account_id": "1", "name": "Acme", "annual_revenue": "100"}]
    other = keep(home, rows)
    visitor = opened(Visitor("concentration"))
    visitor.choose(book=other).must_be_well()
    (chapters,) = (choice for choice in visitor.at.multiselect if choice.label == "Chapters")
    assert not {"time", "by_industry"} & set(chapters.value)
    assert "headline" in chapters.value
