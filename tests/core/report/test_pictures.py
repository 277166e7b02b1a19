"""Pictures: a Chromium draws them where there is one, and the interactive page needs nothing at all."""

from __future__ import annotations

import html
import re
import struct
import threading
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from core.figures import concentration
from core.report import pictures
from tests import telling

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NEEDS_CHROMIUM = pytest.mark.skipif(pictures.browser() is None, reason="no Chromium draws pictures on this machine")
SOURCE = telling.source()


def figure(name: str = "Acme") -> Any:
    table = pd.DataFrame(
        {"name": [name], "revenue": [100_00], "share": [1.0], "tier": ["A"], "cumulative_share": [1.0]}
    )
    return concentration.largest(table, ["A", "B"])


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    pictures.close()


@pytest.mark.browser
@NEEDS_CHROMIUM
def test_a_picture_is_twice_as_fine_as_it_is_wide_and_carries_its_source() -> None:
    drawn = pictures.still(figure(), "png", SOURCE)
    assert drawn.startswith(b"\x89PNG")
    assert struct.unpack(">I", drawn[16:20])[0] == 2 * pictures.WIDTH
    svg = pictures.still(figure("<b>=1+1</b>"), "svg", SOURCE).decode()
    assert "0123456789ab" in svg
    assert "<b>=1+1</b>" in html.unescape(svg)
    assert "<b>" not in svg
    assert not re.search(r"<(script|a|image|foreignObject)\b", svg)


@pytest.mark.browser
@NEEDS_CHROMIUM
def test_many_threads_share_one_chromium_and_closing_leaves_none() -> None:
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(pictures.still(figure(), "svg", SOURCE))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3
    assert "pictures" in [thread.name for thread in threading.enumerate()]
    pictures.close()
    pictures.close()
    assert "pictures" not in [thread.name for thread in threading.enumerate()]


def test_a_browser_that_does_not_start_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    broken.chmod(0o755)
    monkeypatch.setenv("BROWSER_PATH", str(broken))
    monkeypatch.setattr(pictures, "TIMEOUT", 5.0)
    with pytest.raises(pictures.NoBrowser, match=r"did not draw the picture\. Try again, or take the interactive HTML"):
        pictures.still(figure(), "png", SOURCE)
    assert "pictures" not in [thread.name for thread in threading.enumerate()]


def test_no_browser_is_one_sentence_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "NAMES", ())
    for name in pictures.NAMED_BY:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(pictures.NoBrowser, match=r"none is found\. Install Chromium, name it in CHROMIUM"):
        pictures.still(figure(), "svg", SOURCE)


def test_a_variable_of_the_environment_names_the_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "mine"
    own.write_text("#!/bin/sh\n", encoding="utf-8")
    own.chmod(0o755)
    for name in pictures.NAMED_BY:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CHROMIUM", str(own))
    assert pictures.browser() == str(own)


def test_the_interactive_page_needs_no_network_and_carries_its_source() -> None:
    page = pictures.interactive(figure("</script><b>"), SOURCE).decode()
    assert "default-src 'none'" in page
    assert not re.search(r"<(script|link|img|iframe)[^>]+(src|href)=", page.partition("<script")[2][:500])
    assert not re.search(r"<script[^>]+src=", page)
    assert SOURCE.line().replace("'", "&#x27;") in page
    assert "</script><b>" not in page
