"""Slides: every number in their charts is the story's, nothing in them runs, and every text has its place."""

from __future__ import annotations

import io
import itertools
import re
from typing import Any

import pytest
from pptx import Presentation
from python_calamine import CalamineWorkbook

from core.report import deck
from core.report.story import Chapter, Kind, Story, Unit, printable, said, shorten
from tests import telling

AMOUNTS = {"annual_revenue": [str(9000 - 70 * i) for i in range(60)], "industry": ["Steel", "Paper", "Glass"] * 20}


def slides(data: bytes) -> list[Any]:
    return list(Presentation(io.BytesIO(data)).slides)


def chart_of(slide: Any) -> Any:
    return next((shape.chart for shape in slide.shapes if shape.has_chart), None)


def table_of(slide: Any) -> list[list[str]]:
    (table,) = (shape.table for shape in slide.shapes if shape.has_table)
    return [[cell.text for cell in row.cells] for row in table.rows]


@pytest.fixture(scope="module")
def plain() -> Story:
    return telling.told(telling.prepared(AMOUNTS))


@pytest.fixture(scope="module")
def written(plain: Story) -> list[Any]:
    return slides(deck.write(plain))


def drawn(chapter: Chapter) -> list[list[float | None]]:
    assert chapter.chart is not None
    columns = [chapter.column(name) for name in chapter.chart.of]
    return [[v / 100 if v is not None and c.unit is Unit.MONEY else v for v in c.values] for c in columns]


def test_there_is_a_slide_a_chapter_whose_title_is_its_message(plain: Story, written: list[Any]) -> None:
    assert [slide.shapes.title.text for slide in written] == [
        plain.title,
        *(chapter.message for chapter in plain.chapters),
    ]


def test_every_number_of_a_chart_is_the_storys(plain: Story, written: list[Any]) -> None:
    for chapter, slide in zip(plain.chapters, written[1:], strict=True):
        if chapter.chart is not None:
            assert [list(series.values) for series in chart_of(slide).plots[0].series] == drawn(chapter)
    assert len([slide for slide in written if chart_of(slide)]) == 8


def test_a_curve_keeps_both_its_coordinates(plain: Story, written: list[Any]) -> None:
    at = [chapter.key for chapter in plain.chapters].index("pareto")
    first = chart_of(written[at + 1]).plots[0].series[0]
    across = [float(v.text) for v in first._element.xpath("c:xVal//c:v")]
    assert across == [float(x) for x in plain.chapters[at].columns[0].values]


def test_a_table_says_every_value(plain: Story, written: list[Any]) -> None:
    for chapter, slide in zip(plain.chapters, written[1:], strict=True):
        if chapter.chart is None:
            columns = [column for column in chapter.columns if column.name not in chapter.aside]
            rows = zip(*([said(v, c.unit, "USD") for v in c.values] for c in columns), strict=True)
            for wanted, found in zip(rows, table_of(slide)[1:], strict=True):
                assert [a if not a.endswith("…") else "" for a in found] == [
                    w if not f.endswith("…") else "" for w, f in zip(wanted, found, strict=True)
                ]


def test_the_workbook_behind_a_chart_holds_the_same_numbers(plain: Story) -> None:
    data = deck.write(plain.only({"largest"}))
    (book,) = (content for name, content in telling.parts(data).items() if name.endswith(".xlsx"))
    rows = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    (largest,) = plain.only({"largest"}).chapters
    assert [row[1] for row in rows[1:]] == drawn(largest)[0]
    assert [row[0] for row in rows[1:]] == list(largest.columns[0].values)


def test_nothing_in_a_deck_of_hostile_names_runs_or_leads_out_of_it() -> None:
    assert telling.alive(deck.write(telling.hostile())) == []


def test_nothing_in_a_deck_of_every_chapter_runs() -> None:
    story = telling.hostile_in_full()
    assert {"bridge", "retention", "ranks", "loss", "loss_curve", "map_industry"} <= {c.key for c in story.chapters}
    assert telling.alive(deck.write(story)) == []


@pytest.mark.parametrize("kind", [Kind.BARS, Kind.COLUMNS, Kind.LINE, Kind.STACKED])
@pytest.mark.parametrize("name", [*telling.HOSTILE, "half a \ud800 pair", ""])
def test_a_hostile_name_stays_text_in_every_kind_of_chart(kind: Kind, name: str) -> None:
    story = telling.small(name, "-5", "Acme", kind=kind)
    data = deck.write(story)
    assert telling.alive(data) == []
    opening, slide = slides(data)
    assert opening.shapes.title.text == printable(name)
    assert list(chart_of(slide).plots[0].categories)[1:] == ["-5", "Acme"]
    assert list(chart_of(slide).plots[0].series[0].values) == [-5.0, None, 200.0], "negative numbers are untouched"


def test_the_checker_sees_a_live_formula() -> None:
    import xlsxwriter

    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "=1+1")
        sheet.write(1, 0, "https://evil.invalid")
    assert any("formula" in found for found in telling.alive(stream.getvalue()))
    assert any("hyperlink" in found for found in telling.alive(stream.getvalue()))


def test_a_text_that_would_run_when_it_is_typed_anew_is_marked_as_text() -> None:
    data = deck.write(telling.small("=1+1", "-5", "Acme"))
    (styles,) = (content for name, content in telling.parts(data).items() if name.endswith("!xl/styles.xml"))
    (sheet,) = (content for name, content in telling.parts(data).items() if name.endswith("!xl/worksheets/sheet1.xml"))
    marked = re.findall(r'<xf [^>]*quotePrefix="1"[^>]*>', styles.decode())
    assert len(marked) == 1
    assert re.search(r'<c r="A2" s="\d+" t="s">', sheet.decode()), "the name has that look"


def test_notes_hold_the_definitions_and_where_the_numbers_come_from(plain: Story, written: list[Any]) -> None:
    for chapter, slide in zip(plain.chapters, written[1:], strict=True):
        notes = slide.notes_slide.notes_text_frame.text
        assert all(printable(str(found)) in notes for found in chapter.definitions)
        assert all(f"{name}: {value}" in notes for name, value in plain.provenance.facts())
    sources = written[[c.key for c in plain.chapters].index("rules") + 1].notes_slide.notes_text_frame.text
    assert "ASC 280-10-50-42" in sources


def test_every_slide_names_its_source_and_every_chart_has_a_text_for_those_who_cannot_see_it(
    plain: Story, written: list[Any]
) -> None:
    for chapter, slide in zip(plain.chapters, written[1:], strict=True):
        (source,) = (shape.text_frame.text for shape in slide.shapes if shape.name == "Source")
        assert plain.provenance.digest in source
        (frame,) = (shape for shape in slide.shapes if shape.has_chart or shape.has_table)
        assert chapter.message in frame._element.nvGraphicFramePr.cNvPr.get("descr")


def test_no_shape_leaves_the_slide_and_none_lies_over_another() -> None:
    for slide in slides(deck.write(telling.hostile())):
        boxes = [(s.left / 914_400, s.top / 914_400, s.width / 914_400, s.height / 914_400) for s in slide.shapes]
        for left, top, width, height in boxes:
            assert left >= 0 <= top
            assert left + width <= deck.WIDE
            assert top + height <= deck.HIGH
        boxes.sort(key=lambda box: box[1])
        for one, other in itertools.pairwise(boxes):
            assert one[1] + one[3] <= other[1] + 0.06


@pytest.mark.parametrize("letters", [20, 120, 400])
@pytest.mark.parametrize("letter", ["m ", "漢"])
def test_a_long_title_is_set_smaller_until_it_fits(letters: int, letter: str) -> None:
    text = shorten(letter * letters, deck.MOST_MESSAGE)
    size = deck._size(text, 12.13, 1.15, (28, 24, 21, 18, 14))
    ems = sum(1.0 if c == "漢" else 0.62 for c in text)
    assert -(-ems * size // (12.13 * 72)) * size * 1.2 <= 1.15 * 72 or size == 14


def test_more_rows_than_a_slide_holds_are_counted() -> None:
    story = telling.small(*(f"Account {i}" for i in range(40)))
    bare = Story(story.title, story.answer, story.provenance, (_without_chart(story.chapters[0]),))
    rows = table_of(slides(deck.write(bare))[1])
    assert len(rows) == deck.MOST_ROWS + 1
    assert rows[-1][0].startswith("25 more rows")


def _without_chart(chapter: Chapter) -> Chapter:
    return Chapter(chapter.key, chapter.name, chapter.message, chapter.columns, chapter.reading)


@pytest.mark.parametrize("revenue", [["-100"], ["0"], ["5"], ["7", "7", "7"]])
def test_books_of_credits_of_nothing_of_one_and_of_equals_make_a_deck(revenue: list[str]) -> None:
    story = telling.told(telling.prepared({"annual_revenue": revenue}))
    assert len(slides(deck.write(story))) == len(story.chapters) + 1


def test_the_deck_says_who_made_it_and_from_what() -> None:
    about = Presentation(io.BytesIO(deck.write(telling.small("a", "b")))).core_properties
    assert about.author == "Tierwise 1.2.3"
    assert "0123456789ab" in about.keywords
