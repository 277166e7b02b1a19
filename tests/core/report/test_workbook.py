"""A workbook: a sheet a chapter with every number of the story, links only inside it, and nothing that runs."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from core.report import formats, workbook
from core.report.story import Kind, Story, Unit, printable
from tests import telling

AMOUNTS = {"annual_revenue": [str(9000 - 70 * i) for i in range(60)], "industry": ["Steel", "Paper", "Glass"] * 20}


def sheets(data: bytes) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


@pytest.fixture(scope="module")
def plain() -> Story:
    return telling.told(telling.prepared(AMOUNTS))


def test_every_number_of_a_sheet_is_the_storys(plain: Story) -> None:
    found = sheets(workbook.write(plain))
    names = workbook.sheet_names(plain.chapters)
    for chapter in plain.chapters:
        rows = found[names[chapter.key]]
        assert rows[0][0] == chapter.message
        assert rows[workbook.HEADING_ROW][: len(chapter.columns)] == [column.name for column in chapter.columns]
        for i in range(chapter.rows):
            row = rows[workbook.HEADING_ROW + 1 + i][: len(chapter.columns)]
            for value, column in zip(row, chapter.columns, strict=True):
                told = column.values[i]
                if told is None or column.unit is Unit.TEXT:
                    assert value == ("n/a" if told is None else printable(told))
                else:  # a workbook is written with 16 digits
                    assert value == pytest.approx(formats.cell(told, column.unit), rel=1e-15, abs=0)


def test_every_chapter_is_a_table_with_its_chart(plain: Story) -> None:
    parts = telling.parts(workbook.write(plain))
    assert len([name for name in parts if "/tables/table" in name]) == len(plain.chapters)
    charts = [name for name in parts if re.search(r"charts/chart\d+\.xml$", name)]
    assert len(charts) == len([chapter for chapter in plain.chapters if chapter.chart])
    drawings = b"".join(content for name, content in parts.items() if "drawings/drawing" in name).decode()
    assert len(re.findall(r'descr="[^"]+"', drawings)) == len(charts)


def test_links_lead_from_the_contents_to_every_sheet_and_back(plain: Story) -> None:
    parts = telling.parts(workbook.write(plain))
    contents = parts["xl/worksheets/sheet1.xml"].decode()
    names = [*workbook.sheet_names(plain.chapters).values(), workbook.DEFINITIONS, workbook.PROVENANCE]
    assert re.findall(r"location=\"'([^']+)'!A1\"", contents) == names
    assert "location=\"'Contents'!A1\"" in parts["xl/worksheets/sheet2.xml"].decode()


def test_definitions_and_provenance_are_complete(plain: Story) -> None:
    found = sheets(workbook.write(plain))
    assert [row[0] for row in found["Definitions"][1:]] == [one.term for one in plain.definitions]
    assert [tuple(row) for row in found["Provenance"][1:]] == plain.provenance.facts()


def test_nothing_in_a_workbook_of_hostile_names_runs_or_leads_out_of_it() -> None:
    assert telling.alive(workbook.write(telling.hostile())) == []


def test_nothing_in_a_workbook_of_every_chapter_runs() -> None:
    story = telling.hostile_in_full()
    assert {"bridge", "retention", "ranks", "loss", "loss_curve", "map_industry"} <= {c.key for c in story.chapters}
    assert telling.alive(workbook.write(story)) == []


@pytest.mark.parametrize("kind", [Kind.BARS, Kind.COLUMNS, Kind.LINE, Kind.STACKED])
@pytest.mark.parametrize("name", [*telling.HOSTILE, "half a \ud800 pair", ""])
def test_a_hostile_name_stays_text_and_a_negative_number_a_number(kind: Kind, name: str) -> None:
    data = workbook.write(telling.small(name, "-5", "Acme", kind=kind))
    assert telling.alive(data) == []
    rows = sheets(data)["Small"][workbook.HEADING_ROW + 1 :]
    assert [row[1] for row in rows[:3]] == [-5.0, "n/a", 200.0]
    assert rows[1][0] == "-5"
    wanted = printable(name)
    assert rows[0][0] == wanted.replace("_x0041_", "A") or rows[0][0] == wanted


def test_long_names_label_the_chart_shortened_and_the_table_in_full() -> None:
    rows = sheets(workbook.write(telling.small("x" * 300, "b")))["Small"]
    assert rows[workbook.HEADING_ROW + 1][0] == "x" * 300
    labels = [cell for row in rows for cell in row if isinstance(cell, str) and cell.endswith("…")]
    assert labels == ["x" * (workbook.LABEL - 1) + "…"]


def test_a_currency_cannot_write_a_format() -> None:
    story = telling.small("a", "b")
    hostile = Story("t", "a", telling.source(currency='";[Red]=1+1'), story.chapters)
    data = workbook.write(hostile)
    assert telling.alive(data) == []
    codes = re.findall(r'formatCode="([^"]*)"', telling.parts(data)["xl/styles.xml"].decode())
    assert all(code.replace("&quot;", '"').count(";") <= 2 for code in codes)


@pytest.mark.parametrize("revenue", [["-100"], ["0"], ["5"], ["7", "7", "7"]])
def test_books_of_credits_of_nothing_of_one_and_of_equals_make_a_workbook(revenue: list[str]) -> None:
    story = telling.told(telling.prepared({"annual_revenue": revenue}))
    assert len(sheets(workbook.write(story))) == len(story.chapters) + 3


def test_a_story_without_rows_is_a_workbook_too() -> None:
    assert sheets(workbook.write(telling.small()))["Small"][workbook.HEADING_ROW][:1] == ["Name"]
