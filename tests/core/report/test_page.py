"""The print view: one page that needs nothing from elsewhere, in which every text is only a text."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser

import pytest

from core.report import page, pictures
from core.report.story import Story, printable
from tests import telling

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><text>hello</text></svg>'


class _Reader(HTMLParser):
    """Reads a page as a browser does: its tags, its attributes, its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def read(data: bytes) -> _Reader:
    reader = _Reader()
    reader.feed(data.decode())
    return reader


def test_every_message_definition_and_fact_stands_on_the_page() -> None:
    story = telling.told(telling.prepared({"annual_revenue": ["600", "300", "100", "-5"]}))
    texts = read(page.write(story)).texts
    for chapter in story.chapters:
        assert chapter.message in texts
        assert chapter.reading in texts
    assert all(name in texts and value in texts for name, value in story.provenance.facts())
    assert all(found.term in texts for found in story.definitions)
    assert "60.0\u00a0%" in texts
    assert "−$5" in texts


@pytest.mark.parametrize("name", [*telling.HOSTILE, "half a \ud800 pair", '"><img src=x onerror=alert(1)>'])
def test_a_hostile_name_is_only_text(name: str) -> None:
    found = read(page.write(telling.small(name, "-5", "Acme"), {}))
    assert set(found.tags) <= {
        "html", "head", "meta", "title", "style", "body", "header", "h1", "h2", "p", "section", "div", "table",
        "thead", "tbody", "tr", "th", "td", "footer", "dl", "dt", "dd", "caption",
    }  # fmt: skip
    assert {attribute for attribute, _ in found.attributes} <= {
        "lang", "charset", "http-equiv", "content", "name", "class", "scope", "style",
    }  # fmt: skip
    assert printable(name) in "".join(found.texts)


def test_nothing_comes_from_elsewhere_and_no_script_runs() -> None:
    text = page.write(telling.hostile(), {"pareto": SVG}).decode()
    assert "<script" not in text
    assert not re.search(r'(src|href)="(?!data:)', text)
    assert "default-src 'none'" in text
    assert not re.search(r"@import|url\(", text)


def test_a_picture_takes_the_place_of_its_table() -> None:
    story = telling.told(telling.prepared({"annual_revenue": ["6", "3"]}), keys=["pareto"])
    found = read(page.write(story, {"pareto": SVG}))
    (source,) = [value for name, value in found.attributes if name == "src"]
    assert base64.b64decode(source.partition(",")[2]) == SVG
    assert ("alt", story.chapters[0].message) in found.attributes
    assert "table" not in found.tags


def test_a_curve_without_a_picture_is_a_short_table() -> None:
    story = telling.told(telling.prepared({"annual_revenue": [str(i + 1) for i in range(400)]}), keys=["lorenz"])
    data = page.write(story).decode()
    assert data.count("<tr>") == page.CURVE_ROWS + 1
    assert "100.0\u00a0%" in data
    assert "more rows in the workbook" in data


def test_without_a_browser_the_page_is_made_of_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "NAMES", ())
    for name in pictures.NAMED_BY:
        monkeypatch.delenv(name, raising=False)
    story = telling.told(telling.prepared({"annual_revenue": ["6", "3"]}))
    assert page.illustrated(story, ("A", "B", "C")) == page.write(story)


def test_bars_are_drawn_in_proportion() -> None:
    story = telling.told(telling.prepared({"annual_revenue": ["60", "30"]}), keys=["largest"])
    assert re.findall(r"--w:([\d.]+)%", page.write(story).decode()) == ["100.0", "50.0"]


@pytest.mark.parametrize("revenue", [["-100"], ["0"], ["5"], ["7", "7", "7"]])
def test_books_of_credits_of_nothing_of_one_and_of_equals_make_a_page(revenue: list[str]) -> None:
    story: Story = telling.told(telling.prepared({"annual_revenue": revenue}))
    assert read(page.write(story)).tags.count("section") == len(story.chapters) + 2
