"""A deck: a story as slides with native charts that can be edited, one message a slide, definitions in the notes.

Names from a book are text wherever they stand: in slides, in the charts' own XML, and in the workbook behind each
chart, where a spreadsheet would otherwise run a category named =1+1.
"""

from __future__ import annotations

import io
import re
import unicodedata
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core import wording
from core.figures import theme
from core.formulas import neutral
from core.report import formats
from core.report.story import Kind, Unit, printable, said, shorten

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.report.story import Chapter, Chart, Column, Paint, Story

WIDE, HIGH = 13.333, 7.5
"""The slide in inches: 16:9."""
MOST_ROWS = 16
"""Rows of a table that fit on a slide."""
LABEL = 34
"""Letters of a name beside a bar; the table of the workbook has all of them."""
MOST_MESSAGE, MOST_LINE, MOST_CAPTION = 300, 175, 260

_LEFT, _WIDTH = 0.6, 12.13
_TITLE_TOP, _TITLE_HIGH = 0.4, 1.15
_BODY_TOP, _BODY_HIGH = 1.65, 4.75
_CAPTION_TOP, _SOURCE_TOP = 6.45, 7.02
_POINTS = 72
_MOST_ABOUT = 255  # letters of a document's property
_LETTER = 0.62  # of the size of the font: an average letter of the widest font that may stand in for Calibri
_THINNEST = 0.07  # of the longest stack, a part that has room for its label
_COLOURS = theme.palette()
_ACCENTS = ("#1B3A6B", "#3E7CB1", "#8DB8D8", "#2A9D8F", "#E9A23B", "#C8453B")


@dataclass(frozen=True, slots=True)
class _Box:
    """A place on a slide, in inches."""

    left: float
    top: float
    width: float
    height: float

    @property
    def emu(self) -> tuple[int, int, int, int]:
        """Give the place in the unit that slides count in: left, top, width, height."""
        left, top, width, height = (round(914_400 * inches) for inches in self._inches)
        return left, top, width, height

    @property
    def _inches(self) -> tuple[float, float, float, float]:
        return self.left, self.top, self.width, self.height


_TITLE = _Box(_LEFT, _TITLE_TOP, _WIDTH, _TITLE_HIGH)
_BODY = _Box(_LEFT, _BODY_TOP, _WIDTH, _BODY_HIGH)
_CAPTION = _Box(_LEFT, _CAPTION_TOP, _WIDTH, 0.5)
_SOURCE = _Box(_LEFT, _SOURCE_TOP, _WIDTH, 0.3)


def write(story: Story) -> bytes:
    """Write a story as a PPTX file: a title slide, then a slide a chapter."""
    deck = _template()
    about = deck.core_properties
    about.title, about.subject = shorten(story.title, _MOST_ABOUT), shorten(story.answer, _MOST_ABOUT)
    about.author = about.last_modified_by = f"Tierwise {story.provenance.version}"
    about.keywords = f"book {story.provenance.digest}, model {story.provenance.fingerprint}"
    _opening(deck, story)
    for number, chapter in enumerate(story.chapters, 1):
        _slide(deck, story, chapter, f"{number} of {len(story.chapters)}")
    stream = io.BytesIO()
    deck.save(stream)
    return stream.getvalue()


# The template -------------------------------------------------------------------------------------------------------


def _template() -> Any:
    """Make an empty deck of our own size: python-pptx brings 4:3 layouts, whose titles run over a wide slide."""
    from pptx import Presentation  # noqa: PLC0415  only where a deck is asked for
    from pptx.opc.constants import RELATIONSHIP_TYPE  # noqa: PLC0415

    deck: Any = Presentation()
    deck.slide_width, deck.slide_height = round(914_400 * WIDE), round(914_400 * HIGH)
    kept = {"Title Slide", "Title Only"}
    for layout in [layout for layout in deck.slide_layouts if layout.name not in kept]:
        deck.slide_layouts.remove(layout)
    master = deck.slide_master
    for page in (master, *deck.slide_layouts):
        for shape in list(page.placeholders):
            if shape.placeholder_format.type in _FURNITURE():
                shape._element.getparent().remove(shape._element)  # noqa: SLF001  there is no other way
            else:
                _placed(shape, _TITLE if "Title" in shape.name else _BODY)
    colours = master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    colours.blob = _recoloured(colours.blob)
    return deck


def _FURNITURE() -> tuple[Any, ...]:  # noqa: N802
    from pptx.enum.shapes import PP_PLACEHOLDER  # noqa: PLC0415

    return PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER


def _recoloured(blob: bytes) -> bytes:
    """Give the deck's theme our colours, so that a chart that somebody adds later fits."""
    for number, colour in enumerate(_ACCENTS, 1):
        place = rf'(<a:accent{number}><a:srgbClr val=")[0-9A-F]{{6}}'.encode()
        blob = re.sub(place, rf"\g<1>{colour[1:]}".encode(), blob)
    return blob


# Slides -------------------------------------------------------------------------------------------------------------


def _opening(deck: Any, story: Story) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts.get_by_name("Title Slide"))
    title, answer = slide.shapes.title, slide.placeholders[1]
    _placed(title, _Box(_LEFT, 1.3, _WIDTH, 1.0))
    _say(title, story.title, 40, bold=True)
    _placed(answer, _Box(_LEFT, 2.4, _WIDTH, 1.3))
    _say(answer, story.answer, _size(story.answer, 12.1, 1.3, (24, 20, 18, 16)), colour=_COLOURS.muted)
    facts = slide.shapes.add_textbox(*_Box(_LEFT, 4.0, _WIDTH, 3.0).emu)
    facts.name = "Provenance"
    lines = [f"{name}: {shorten(value, 130)}" for name, value in story.provenance.facts()]
    _say(facts, "\n".join(lines), 13, colour=_COLOURS.muted)
    _note(slide, story, None)


def _slide(deck: Any, story: Story, chapter: Chapter, place: str) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts.get_by_name("Title Only"))
    message = shorten(chapter.message, MOST_MESSAGE)
    _say(slide.shapes.title, message, _size(message, _WIDTH, _TITLE_HIGH, (28, 24, 21, 18)), bold=True)
    if chapter.chart is not None and chapter.rows:
        _chart(slide, chapter, chapter.chart, story.provenance.currency)
    else:
        _table(slide, chapter, story.provenance.currency)
    caption = slide.shapes.add_textbox(*_CAPTION.emu)
    caption.name = "How to read it"
    reading = shorten(chapter.reading, MOST_CAPTION)
    _say(caption, reading, _size(reading, _WIDTH, 0.5, (14, 13, 12, 11)), colour=_COLOURS.muted)
    source = slide.shapes.add_textbox(*_SOURCE.emu)
    source.name = "Source"
    _say(source, f"{shorten(story.provenance.line(), MOST_LINE)} · {place}", 9, colour=_COLOURS.muted)
    _note(slide, story, chapter)


def _note(slide: Any, story: Story, chapter: Chapter | None) -> None:
    """Write what a reader of the slide alone would ask: what the words mean, and where the numbers come from."""
    parts = [chapter.message, chapter.reading, ""] if chapter else [story.answer, ""]
    definitions = chapter.definitions if chapter else story.definitions
    parts += ["Definitions", *map(str, definitions), ""] if definitions else []
    parts += _aside(chapter, story.provenance.currency) if chapter else []
    parts += ["Provenance", *(f"{name}: {value}" for name, value in story.provenance.facts())]
    slide.notes_slide.notes_text_frame.text = "\n".join(printable(part) for part in parts)


def _aside(chapter: Chapter, currency: str) -> list[str]:
    """Write the columns that the slide has no room for, a line a row."""
    first, parts = chapter.columns[0], []
    for name in chapter.aside:
        column = chapter.column(name)
        told = zip(first.values, column.values, strict=True)
        parts += [name, *(f"{said(a, first.unit, currency)}: {said(b, column.unit, currency)}" for a, b in told), ""]
    return parts


def _placed(shape: Any, box: _Box) -> None:
    shape.left, shape.top, shape.width, shape.height = box.emu


def _say(shape: Any, text: str, size: float, *, bold: bool = False, colour: str = "") -> None:
    """Write a text into a shape, each line a paragraph; size in points."""
    from pptx.enum.text import MSO_ANCHOR, PP_ALIGN  # noqa: PLC0415
    from pptx.util import Pt  # noqa: PLC0415

    frame = shape.text_frame
    frame.word_wrap = True
    frame.vertical_anchor = MSO_ANCHOR.TOP
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    frame.text = "\n".join(printable(line) for line in text.split("\n"))
    for paragraph in frame.paragraphs:
        paragraph.alignment = PP_ALIGN.LEFT
        paragraph.font.size, paragraph.font.bold = Pt(size), bold
        paragraph.font.color.rgb = _rgb(colour or _COLOURS.ink)


def _size(text: str, width: float, height: float, sizes: Sequence[int]) -> int:
    """Give the largest size in points at which a text fits into a box of inches, or the smallest there is."""
    ems = sum(1.0 if unicodedata.east_asian_width(letter) in "WF" else _LETTER for letter in text)
    for size in sizes:
        lines = -(-ems * size // (width * _POINTS))
        if lines * size * 1.2 <= height * _POINTS:
            return size
    return sizes[-1]


# Tables -------------------------------------------------------------------------------------------------------------


def _table(slide: Any, chapter: Chapter, currency: str) -> None:
    """Put the chapter's table on the slide, a line a row; rows that do not fit are counted in the last one."""
    shown = chapter.rows if chapter.rows <= MOST_ROWS else MOST_ROWS - 1
    columns = [column for column in chapter.columns if column.name not in chapter.aside]
    rows = [[column.name for column in columns]]
    rows += [[said(column.values[i], column.unit, currency) for column in columns] for i in range(shown)]
    if chapter.rows > shown:
        more = wording.plural(chapter.rows - shown, "more row")
        rows.append([f"{more} in the workbook", *[""] * (len(columns) - 1)])
    size = 16 if len(rows) <= 7 and len(columns) <= 6 else 11
    room = _WIDTH * _POINTS / (_LETTER * size) - 3 * len(columns)
    letters = _letters(rows, [column.numeric for column in columns], room)
    high = (0.5 if size == 16 else 0.275) * len(rows)
    frame = slide.shapes.add_table(len(rows), len(letters), *_Box(_LEFT, _BODY_TOP + 0.1, _WIDTH, high).emu)
    frame.name = chapter.name
    _describe(frame, f"Table. {chapter.message}")
    for j, (column, wide) in enumerate(zip(columns, letters, strict=True)):
        frame.table.columns[j].width = round(914_400 * _WIDTH * wide / sum(letters))
        for i, row in enumerate(rows):
            _fill(frame.table.cell(i, j), shorten(row[j], max(wide, 4)), size, right=column.numeric)


def _letters(rows: Sequence[Sequence[str]], numeric: Sequence[bool], room: float) -> list[int]:
    """Share a line's letters out: numbers keep theirs, and texts are cut alike where a line has too few."""
    wanted = [max(len(row[j]) for row in rows) + 1 for j in range(len(numeric))]
    fixed = sum(wide for wide, number in zip(wanted, numeric, strict=True) if number)
    most = max(wanted)
    while most > 8 and fixed + sum(min(w, most) for w, n in zip(wanted, numeric, strict=True) if not n) > room:
        most -= 1
    return [wide if number else min(wide, most) for wide, number in zip(wanted, numeric, strict=True)]


def _fill(cell: Any, text: str, size: int, *, right: bool) -> None:
    from pptx.enum.text import PP_ALIGN  # noqa: PLC0415

    cell.text = text
    if size < 16:
        cell.margin_top = cell.margin_bottom = _points(2)
    for paragraph in cell.text_frame.paragraphs:
        paragraph.font.size = _points(size)
        paragraph.alignment = PP_ALIGN.RIGHT if right else PP_ALIGN.LEFT


def _describe(frame: Any, text: str) -> None:
    """Give a chart or a table its alternative text."""
    frame._element.nvGraphicFramePr.cNvPr.set("descr", printable(text))  # noqa: SLF001  python-pptx offers no door


# Charts -------------------------------------------------------------------------------------------------------------


def _chart(slide: Any, chapter: Chapter, chart: Chart, currency: str) -> None:
    from pptx.enum.chart import XL_CHART_TYPE  # noqa: PLC0415

    kinds = {
        Kind.BARS: XL_CHART_TYPE.BAR_CLUSTERED,
        Kind.STACKED: XL_CHART_TYPE.BAR_STACKED,
        Kind.COLUMNS: XL_CHART_TYPE.COLUMN_CLUSTERED,
        Kind.LINE: XL_CHART_TYPE.LINE_MARKERS,
        Kind.XY: XL_CHART_TYPE.XY_SCATTER_LINES_NO_MARKERS,
    }
    data = _curve_data(chapter, chart, currency) if chart.kind is Kind.XY else _bar_data(chapter, chart, currency)
    frame = slide.shapes.add_chart(kinds[chart.kind], *_BODY.emu, data)
    frame.name = chapter.name
    _describe(frame, f"{_KIND_NAMES[chart.kind]}. {chapter.message}")
    drawn = frame.chart
    drawn.has_title = False
    drawn.font.size = _points(12 if chapter.rows <= 12 else 10.5)
    drawn.font.color.rgb = _rgb(_COLOURS.ink)
    _legend(drawn, chart)
    if chart.kind is Kind.XY:
        _curve(drawn, chapter, chart, currency)
    else:
        _bars(drawn, chapter, chart, currency)


_KIND_NAMES = {
    Kind.BARS: "Bar chart",
    Kind.STACKED: "Stacked bar chart",
    Kind.COLUMNS: "Column chart",
    Kind.LINE: "Line chart",
    Kind.XY: "Curve",
}


def _bar_data(chapter: Chapter, chart: Chart, currency: str) -> Any:
    from pptx.chart.data import CategoryChartData  # noqa: PLC0415
    from pptx.chart.xlsx import CategoryWorkbookWriter  # noqa: PLC0415

    class Writer(_Inert, CategoryWorkbookWriter):
        """Writes the workbook behind a chart of categories."""

    class Data(CategoryChartData):
        """Categories and series, whose workbook runs nothing."""

        @property
        def _workbook_writer(self) -> Any:
            return writer(self)

    writer: Any = Writer
    maker: Any = Data
    data = maker()
    by = chapter.column(chart.by)
    data.categories = [shorten(said(value, by.unit, currency), LABEL) for value in by.values]
    for name in chart.of:
        column = chapter.column(name)
        values = [formats.cell(value, column.unit) for value in column.values]
        data.add_series(shorten(name, LABEL), values, formats.short(column.unit, currency, column.values))
    return data


def _curve_data(chapter: Chapter, chart: Chart, currency: str) -> Any:
    from pptx.chart.data import XyChartData  # noqa: PLC0415
    from pptx.chart.xlsx import XyWorkbookWriter  # noqa: PLC0415

    class Writer(_Inert, XyWorkbookWriter):
        """Writes the workbook behind a curve."""

    class Data(XyChartData):
        """Curves, whose workbook runs nothing."""

        @property
        def _workbook_writer(self) -> Any:
            return writer(self)

    writer: Any = Writer
    maker: Any = Data
    x = chapter.column(chart.by)
    data = maker(number_format=formats.short(x.unit, currency, x.values))
    for name in chart.of:
        y = chapter.column(name)
        series = data.add_series(shorten(name, LABEL), formats.short(y.unit, currency, y.values))
        for across, up in zip(x.values, y.values, strict=True):
            series.add_data_point(formats.cell(across, x.unit), formats.cell(up, y.unit))
    return data


class _Inert:
    """Opens the workbook behind a chart so that no text in it can run, be a link, or come alive when it is edited."""

    @contextmanager
    def _open_worksheet(self, file: io.BytesIO) -> Iterator[tuple[Any, Any]]:
        import xlsxwriter  # noqa: PLC0415

        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        with xlsxwriter.Workbook(file, options) as workbook:
            sheet = workbook.add_worksheet()
            inert = workbook.add_format({"quote_prefix": True})

            def text(to: Any, row: int, column: int, value: str, *_: Any) -> Any:
                return to.write_string(row, column, value, inert) if neutral(value) != value else None

            sheet.add_write_handler(str, text)
            yield workbook, sheet


def _legend(drawn: Any, chart: Chart) -> None:
    from pptx.enum.chart import XL_LEGEND_POSITION  # noqa: PLC0415

    drawn.has_legend = len(chart.of) > 1
    if drawn.has_legend:
        drawn.legend.position = XL_LEGEND_POSITION.TOP
        drawn.legend.include_in_layout = False
        drawn.legend.font.size = _points(13)


def _bars(drawn: Any, chapter: Chapter, chart: Chart, currency: str) -> None:
    """Style bars, columns and lines: direct labels in place of a value axis, the first row on top."""
    from pptx.enum.chart import XL_LABEL_POSITION, XL_TICK_LABEL_POSITION, XL_TICK_MARK  # noqa: PLC0415

    plot = drawn.plots[0]
    flat = chart.kind in {Kind.BARS, Kind.STACKED}
    drawn.category_axis.reverse_order = flat
    drawn.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    drawn.category_axis.major_tick_mark = XL_TICK_MARK.NONE
    drawn.category_axis.format.line.color.rgb = _rgb(_COLOURS.border)
    drawn.value_axis.visible = chart.kind is Kind.LINE
    drawn.value_axis.has_major_gridlines = chart.kind is Kind.LINE
    columns = [chapter.column(name) for name in chart.of]
    values = [value for column in columns for value in column.values if value is not None]
    if chart.kind is Kind.LINE:
        _line_axis(drawn, columns[0], currency, values)
    else:
        plot.gap_width = 45 if chapter.rows > 5 else 80
        plot.overlap = 100 if chart.kind is Kind.STACKED else -5
    if chart.kind is not Kind.LINE or chapter.rows <= 12:
        plot.has_data_labels = True
        labels = plot.data_labels
        labels.number_format = formats.short(columns[0].unit, currency, values)
        labels.number_format_is_linked = False
        if chart.kind is not Kind.STACKED:
            labels.position = XL_LABEL_POSITION.ABOVE if chart.kind is Kind.LINE else XL_LABEL_POSITION.OUTSIDE_END
    for at, series in enumerate(plot.series):
        _paint_series(series, chart, at)
    if chart.kind is Kind.STACKED:
        _stack_labels(plot, columns, chart)


def _line_axis(drawn: Any, column: Column, currency: str, values: Sequence[Any]) -> None:
    axis = drawn.value_axis
    axis.tick_labels.number_format = formats.short(column.unit, currency, values)
    axis.tick_labels.number_format_is_linked = False
    axis.major_gridlines.format.line.color.rgb = _rgb(_COLOURS.grid)
    axis.format.line.fill.background()
    if min(values, default=0) >= 0:
        axis.minimum_scale = 0


def _paint_series(series: Any, chart: Chart, at: int) -> None:
    each = len(chart.of) == 1 and len(chart.paints) > 1
    if chart.kind is Kind.LINE:
        series.smooth = False
        series.format.line.color.rgb = _rgb(chart.paints[at].edge)
        series.format.line.width = _points(2.25)
        series.marker.format.fill.solid()
        series.marker.format.fill.fore_color.rgb = _rgb(chart.paints[at].edge)
        series.marker.format.line.color.rgb = _rgb(chart.paints[at].edge)
        return
    series.invert_if_negative = False
    _painted(series.format, chart.paints[0 if each else at])
    if each:
        for place, paint in enumerate(chart.paints):
            _painted(series.points[place].format, paint)


def _painted(form: Any, paint: Paint) -> None:
    form.fill.solid()
    form.fill.fore_color.rgb = _rgb(paint.fill)
    form.line.color.rgb = _rgb(paint.edge)
    form.line.width = _points(0.75)


def _stack_labels(plot: Any, columns: Sequence[Column], chart: Chart) -> None:
    """Label the parts of a stack within them, in the ink that reads there; a part too thin for its label has none."""
    whole = max((sum(v or 0 for v in row) for row in zip(*(c.values for c in columns), strict=True)), default=0)
    plot.has_data_labels = False
    for series, column, paint in zip(plot.series, columns, chart.paints, strict=True):
        for place, value in enumerate(column.values):
            if value is None or not whole or abs(value) / whole < _THINNEST:
                continue
            # A label that has a font and no text of its own shows the value, and follows it when the data is edited.
            font = series.points[place].data_label.font
            font.size, font.color.rgb = _points(12), _rgb(theme.ink_on(paint.fill))


def _curve(drawn: Any, chapter: Chapter, chart: Chart, currency: str) -> None:
    from pptx.enum.dml import MSO_LINE  # noqa: PLC0415

    x, y = chapter.column(chart.by), chapter.column(chart.of[0])
    for axis, column, title in ((drawn.category_axis, x, chart.across), (drawn.value_axis, y, chart.up)):
        axis.has_title = bool(title)
        if title:
            axis.axis_title.text_frame.text = printable(title)
            axis.axis_title.text_frame.paragraphs[0].font.size = _points(12)
            axis.axis_title.text_frame.paragraphs[0].font.bold = False
        axis.minimum_scale = 0
        most = max((formats.cell(v, column.unit) for v in column.values if v is not None), default=0)
        axis.maximum_scale = 1 if column.unit is Unit.SHARE else max(most, 1)
        axis.tick_labels.number_format = formats.axis(column.unit, currency, column.values)
        axis.tick_labels.number_format_is_linked = False
        if column.unit is Unit.COUNT and axis.maximum_scale <= 10:
            axis.major_unit = 1  # there is no half account
        axis.has_major_gridlines = axis is drawn.value_axis
        axis.format.line.color.rgb = _rgb(_COLOURS.border)
    drawn.value_axis.major_unit = 0.2 if y.unit is Unit.SHARE else None
    drawn.value_axis.major_gridlines.format.line.color.rgb = _rgb(_COLOURS.grid)
    for at, series in enumerate(drawn.plots[0].series):
        series.smooth = False
        series.format.line.color.rgb = _rgb(chart.paints[at].edge)
        series.format.line.width = _points(2.5 if at == 0 else 1.25)
        if at:
            series.format.line.dash_style = MSO_LINE.SQUARE_DOT


def _rgb(colour: str) -> Any:
    from pptx.dml.color import RGBColor  # noqa: PLC0415

    made: Any = RGBColor  # python-pptx types some of its parts only
    return made.from_string(colour[1:])


def _points(size: float) -> Any:
    from pptx.util import Pt  # noqa: PLC0415

    return Pt(size)
