"""Every test of a page has a workspace of its own and starts with empty caches."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import pytest
import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from core.accounts import ingest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest.register_assert_rewrite("tests.pages.visitor")

_READ = functools.cache(ingest.trusted)


class _WithFrame(PagesManager):
    """Runs app.py from the first run on, as a server does once a page has been opened.

    AppTest lets a folder called pages/ mean Streamlit's older kind of application, where a page runs without its frame.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        PagesManager.uses_pages_directory = False
        super().__init__(*args, **options)


@pytest.fixture(autouse=True)
def demo_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the files that came with the program once, which is a third of the time of a test; they never change."""
    monkeypatch.setattr(ingest, "trusted", _READ)


@pytest.fixture(autouse=True)
def no_cookies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has a cookie and nobody came through the doors; AppTest has no browser that could say so."""
    for name in ("cookies", "headers"):
        monkeypatch.setattr(type(st.context), name, property(lambda _: {}))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("TIERWISE_HOME", str(tmp_path / "workspace"))
    monkeypatch.setattr("streamlit.testing.v1.app_test.PagesManager", _WithFrame)
    yield tmp_path / "workspace"
    st.cache_data.clear()
    st.cache_resource.clear()
