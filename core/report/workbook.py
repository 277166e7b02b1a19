"""A workbook: a story as sheets, each a real table with its native chart, and where every number comes from.

Every cell is written as what it is, text as text: nothing in the workbook runs, and its only links lead from the
contents to its own sheets. Undefined is the text "n/a", which spreadsheets leave out of sums.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

from core import wording
from core.figures import theme
from core.formulas import neutral
from core.report import formats
from core.report.story import Kind, Unit, printable, said, shorten
from core.report.tables import MOST_XLSX_TEXT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.report.story import Chapter, Chart, Column, Story

CONTENTS, DEFINITIONS, PROVENANCE = "Contents", "Definitions", "Provenance"
LABEL = 40
"""Letters of a name beside a bar; longer ones get a column of short labels for the chart."""
HEADING_ROW = 4
"""The row of a sheet, from 0, that heads its table: above it stand the message, how to read it, and the way back."""

_MOST_NAME = 31
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_CHART_WIDE, _COLUMN_WIDE, _ROW_HIGH = 760, 64, 20  # pixels; the last two as Excel has them unless told otherwise
_COLOURS = theme.palette()
_CHARTS = {
    Kind.BARS: {"type": "bar"},
    Kind.STACKED: {"type": "bar", "subtype": "stacked"},
    Kind.COLUMNS: {"type": "column"},
    Kind.LINE: {"type": "line"},
    Kind.XY: {"type": "scatter", "subtype": "straight"},
}


def write(story: Story) -> bytes:
    """Write a story as an XLSX file: contents, a sheet a chapter, definitions, provenance."""
    import xlsxwriter  # noqa: PLC0415  only where a workbook is asked for

    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, _OPTIONS) as book:
        maker = f"Tierwise {story.provenance.version}"
        trace = f"book {story.provenance.digest}, model {story.provenance.fingerprint}"
        about = {"title": story.title, "subject": story.answer, "author": maker, "keywords": trace}
        book.set_properties({name: printable(text)[:250] for name, text in about.items()})
        writer = _Writer(book, story)
        writer.contents()
        for chapter in story.chapters:
            writer.chapter(chapter)
        writer.definitions()
        writer.provenance()
    return stream.getvalue()


def sheet_names(chapters: Sequence[Chapter]) -> dict[str, str]:
    """Name a sheet for each chapter, by its key: at most 31 letters, none that Excel refuses, no two alike.

    >>> from core.report.story import Chapter, Column
    >>> nothing = (Column("x", Unit.TEXT, ()),)
    >>> sheet_names([Chapter("a", "By [x]/y", "", nothing, ""), Chapter("b", "by  x  y", "", nothing, "")])
    {'a': 'By x y', 'b': 'by x y 2'}
    """
    names: dict[str, str] = {}
    taken = {name.lower() for name in (CONTENTS, DEFINITIONS, PROVENANCE, "history")}
    for chapter in chapters:
        plain = " ".join(_FORBIDDEN.sub(" ", printable(chapter.name)).split()) or chapter.key
        name, number = plain[:_MOST_NAME].strip(), 1
        while name.lower() in taken:
            number += 1
            name = f"{plain[: _MOST_NAME - 4].strip()} {number}"
        taken.add(name.lower())
        names[chapter.key] = name
    return names


class _Writer:
    """Writes the sheets of one workbook, sharing its formats."""

    def __init__(self, book: Any, story: Story) -> None:
        self.book, self.story = book, story
        self.currency = story.provenance.currency
        self.names = sheet_names(story.chapters)
        self.formats: dict[str, Any] = {}
        self.tables = 0

    def contents(self) -> None:
        """Write the first sheet: the answer, and a link to every other sheet with its message."""
        sheet = self._sheet(CONTENTS, (26, 110))
        self._text(sheet, 0, 0, self.story.title, bold=True, font_size=16)
        self._text(sheet, 1, 0, self.story.answer)
        self._text(sheet, 2, 0, self.story.provenance.line(), font_color=_COLOURS.muted, font_size=9)
        self._head(sheet, 4, ("Sheet", "What it says"))
        rows = [(self.names[chapter.key], chapter.message) for chapter in self.story.chapters]
        rows += [(DEFINITIONS, "What every term means, and where it comes from.")]
        rows += [(PROVENANCE, "Which book, model and filters the numbers come from.")]
        for at, (name, message) in enumerate(rows, 5):
            self._link(sheet, at, 0, name, name)
            self._text(sheet, at, 1, message, text_wrap=True, valign="top")

    def definitions(self) -> None:
        """Write every definition that a chapter uses."""
        sheet = self._sheet(DEFINITIONS, (30, 100, 44))
        self._head(sheet, 0, ("Term", "Meaning", "Source"))
        for at, found in enumerate(self.story.definitions, 1):
            for place, text in enumerate((found.term, found.meaning, found.source)):
                self._text(sheet, at, place, text, text_wrap=True, valign="top")
        sheet.freeze_panes(1, 0)

    def provenance(self) -> None:
        """Write where the numbers come from."""
        sheet = self._sheet(PROVENANCE, (32, 100))
        self._head(sheet, 0, ("What", "Which"))
        for at, (name, value) in enumerate(self.story.provenance.facts(), 1):
            self._text(sheet, at, 0, name, valign="top")
            self._text(sheet, at, 1, value, text_wrap=True, valign="top")

    def chapter(self, chapter: Chapter) -> None:
        """Write one chapter: message, how to read it, the table, and its chart to the right."""
        sheet = self._sheet(self.names[chapter.key], [_width(column) for column in chapter.columns])
        self._text(sheet, 0, 0, chapter.message, bold=True, font_size=14)
        self._text(sheet, 1, 0, chapter.reading, font_color=_COLOURS.muted)
        self._link(sheet, 2, 0, CONTENTS, "Back to the contents")
        for place, column in enumerate(chapter.columns):
            self._column(sheet, place, column)
        self._as_table(sheet, chapter)
        sheet.freeze_panes(HEADING_ROW + 1, 0)
        if chapter.chart is not None and chapter.rows:
            self._chart(sheet, chapter, chapter.chart)

    def _sheet(self, name: str, widths: Sequence[float]) -> Any:
        sheet = self.book.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        for place, width in enumerate(widths):
            sheet.set_column(place, place, width)
        return sheet

    def _format(self, **looks: Any) -> Any:
        key = repr(sorted(looks.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format(looks)
        return self.formats[key]

    def _text(self, sheet: Any, row: int, column: int, text: object, **looks: Any) -> None:
        """Write a text as text; one that would run if it were typed anew is marked as text for that too."""
        plain = printable(text)[:MOST_XLSX_TEXT]
        if neutral(plain) != plain:
            looks["quote_prefix"] = True
        sheet.write_string(row, column, plain, self._format(**looks))

    def _link(self, sheet: Any, row: int, column: int, name: str, text: str) -> None:
        look = self._format(font_color="#2B5C94", underline=1, valign="top")
        sheet.write_url(row, column, f"internal:'{name}'!A1", look, text)

    def _head(self, sheet: Any, row: int, names: Sequence[str]) -> None:
        for place, name in enumerate(names):
            self._text(sheet, row, place, name, bold=True, bottom=1)

    def _column(self, sheet: Any, place: int, column: Column) -> None:
        """Write a column below its heading, each cell as what it is."""
        number = self._format(num_format=formats.full(column.unit, self.currency))
        for at, value in enumerate(column.values, HEADING_ROW + 1):
            if value is None:
                self._text(sheet, at, place, wording.UNDEFINED, align="right", font_color=_COLOURS.muted)
            elif column.unit is Unit.TEXT:
                self._text(sheet, at, place, value)
            else:
                sheet.write_number(at, place, formats.cell(value, column.unit), number)

    def _as_table(self, sheet: Any, chapter: Chapter) -> None:
        """Make the cells a real table: filters, banding, and a name that formulas of the reader can use."""
        last = len(chapter.columns) - 1
        if not chapter.rows:
            self._head(sheet, HEADING_ROW, [column.name for column in chapter.columns])
            return
        self.tables += 1
        right = self._format(bold=True, align="right")
        left = self._format(bold=True)
        heads = [
            {"header": shorten(column.name, 200), "header_format": right if column.numeric else left}
            for column in chapter.columns
        ]
        look = {"columns": heads, "name": f"Table{self.tables}", "style": "Table Style Light 1"}
        sheet.add_table(HEADING_ROW, 0, HEADING_ROW + chapter.rows, last, look)

    def _chart(self, sheet: Any, chapter: Chapter, chart: Chart) -> None:
        drawn = self.book.add_chart(dict(_CHARTS[chart.kind]))
        first, last, name = HEADING_ROW + 1, HEADING_ROW + chapter.rows, self.names[chapter.key]
        labels = self._labels(sheet, chapter, chart)
        for at, of in enumerate(chart.of):
            place = chapter.columns.index(chapter.column(of))
            drawn.add_series(
                {
                    "name": [name, HEADING_ROW, place],
                    "categories": [name, first, labels, last, labels],
                    "values": [name, first, place, last, place],
                    **self._series(chapter, chart, at),
                }
            )
        self._axes(drawn, chapter, chart)
        drawn.set_title({"none": True})
        drawn.set_legend({"position": "top"} if len(chart.of) > 1 else {"none": True})
        tall = max(340, 26 * chapter.rows * (len(chart.of) if chart.kind is Kind.BARS else 1) + 60)
        drawn.set_size({"width": _CHART_WIDE, "height": min(tall, 620)})
        about = {"description": printable(chapter.message), "object_position": 2}
        sheet.insert_chart(HEADING_ROW, len(chapter.columns) + 1, drawn, about)
        rows = max(chapter.rows, -(-min(tall, 620) // _ROW_HIGH)) + 2
        sheet.print_area(0, 0, HEADING_ROW + rows, len(chapter.columns) + _CHART_WIDE // _COLUMN_WIDE + 1)

    def _labels(self, sheet: Any, chapter: Chapter, chart: Chart) -> int:
        """Give the column that labels the chart: the table's own, or, where its texts are long, one of short labels."""
        by = chapter.column(chart.by)
        own = chapter.columns.index(by)
        if by.numeric or all(len(printable(value)) <= LABEL for value in by.values if value is not None):
            return own
        place = len(chapter.columns) + 14
        self._text(sheet, HEADING_ROW, place, "Labels of the chart", font_color=_COLOURS.muted)
        for at, value in enumerate(by.values, HEADING_ROW + 1):
            self._text(sheet, at, place, shorten(said(value, by.unit, self.currency), LABEL), font_color=_COLOURS.muted)
        return place

    def _series(self, chapter: Chapter, chart: Chart, at: int) -> dict[str, Any]:
        column = chapter.column(chart.of[at])
        each = len(chart.of) == 1 and len(chart.paints) > 1
        paint = chart.paints[0 if each else at]
        if chart.kind in {Kind.XY, Kind.LINE}:
            line = {"color": paint.edge, "width": 2.25 if at == 0 else 1.25}
            if at and chart.kind is Kind.XY:
                line["dash_type"] = "square_dot"
            return {"line": line, "marker": {"type": "none"} if chart.kind is Kind.XY else {"type": "automatic"}}
        looks: dict[str, Any] = {"fill": {"color": paint.fill}, "border": {"color": paint.edge}, "gap": 45}
        looks["overlap"] = 100 if chart.kind is Kind.STACKED else -5
        if each:
            looks["points"] = [{"fill": {"color": p.fill}, "border": {"color": p.edge}} for p in chart.paints]
        if chart.kind is not Kind.STACKED:
            number = formats.short(column.unit, self.currency, column.values)
            looks["data_labels"] = {"value": True, "num_format": number, "position": "outside_end"}
        return looks

    def _axes(self, drawn: Any, chapter: Chapter, chart: Chart) -> None:
        column = chapter.column(chart.of[0])
        values = [value for name in chart.of for value in chapter.column(name).values]
        number = formats.short(column.unit, self.currency, values)
        grid = {"visible": True, "line": {"color": _COLOURS.grid}}
        up: dict[str, Any] = {"num_format": number, "major_gridlines": grid, "line": {"none": True}}
        across: dict[str, Any] = {"line": {"color": _COLOURS.border}, "label_position": "low"}
        if chart.kind is Kind.XY:
            by = chapter.column(chart.by)
            look = formats.axis(by.unit, self.currency, by.values)
            across |= {**_span(by), "num_format": look, "name": printable(chart.across)}
            up |= {**_span(column), "name": printable(chart.up)}
        elif chart.kind in {Kind.BARS, Kind.STACKED}:
            across["reverse"] = True
            if chart.kind is Kind.BARS:
                up |= {"visible": False, "major_gridlines": {"visible": False}}
            else:
                up["label_position"] = "high"  # the first row is on top, and takes the axis with it
        for axis in (across, up):
            if axis.get("name"):
                axis["name_font"] = {"bold": False, "color": _COLOURS.muted}
        flat = chart.kind in {Kind.BARS, Kind.STACKED}  # xlsxwriter names the axes of bars by where they lie
        drawn.set_x_axis(up if flat else across)
        drawn.set_y_axis(across if flat else up)


def _span(column: Column) -> Mapping[str, Any]:
    amounts = [formats.cell(v, column.unit) for v in column.values if v is not None]
    most = 1 if column.unit is Unit.SHARE else max([*amounts, 1])
    return {"min": 0, "max": most}


def _width(column: Column) -> float:
    """Give a column's width in letters, for its heading and its longest value."""
    longest = max((len(printable(v)) for v in column.values if isinstance(v, str)), default=0)
    return min(48, max(longest + 2, len(column.name) + 5, 20 if column.unit is Unit.MONEY else 12))
