"""A print view: a story as one HTML page that needs no network and no script, made to be printed or saved as PDF.

Every text is escaped; figures come in as pictures (SVG), which cannot run anything, and tables take their place where
there is none.
"""

from __future__ import annotations

import base64
import contextlib
import html
from typing import TYPE_CHECKING

from core import wording
from core.figures import theme
from core.report import drawings, pictures
from core.report.story import Kind, printable, said

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.report.story import Chapter, Column, Story

MOST_ROWS = 25
"""Rows of a table that are printed; the workbook has all."""
CURVE_ROWS = 11
"""Points of a curve that are printed where there is no picture of it."""

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_COLOURS = theme.palette()
_STYLE = f"""
@page {{ size: A4 landscape; margin: 14mm; }}
* {{ box-sizing: border-box; }}
body {{ margin: 0 auto; max-width: 62rem; padding: 1.5rem; color: {_COLOURS.ink}; background: #fff;
  font: 15px/1.45 "Source Sans 3", "Segoe UI", system-ui, sans-serif; }}
h1 {{ font-size: 2rem; margin: 0 0 .25rem; }}
h2 {{ font-size: 1.35rem; line-height: 1.25; margin: 0 0 .75rem; overflow-wrap: anywhere; }}
section {{ break-inside: avoid; padding-top: 1.25rem; }}
p {{ margin: .4rem 0; overflow-wrap: anywhere; }}
.quiet, caption, footer {{ color: {_COLOURS.muted}; font-size: .85rem; text-align: left; }}
caption {{ caption-side: bottom; padding-top: .25rem; }}
figure {{ margin: 0; }}
figure img {{ width: 100%; max-height: 95mm; object-fit: contain; object-position: left top; }}
.scroll {{ overflow-x: auto; }}
table {{ border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }}
th, td {{ padding: .25rem .6rem; border-bottom: 1px solid {_COLOURS.grid}; text-align: left; vertical-align: top; }}
td {{ overflow-wrap: anywhere; }}
td:first-child {{ min-width: 6rem; }}
.wide {{ font-size: .8rem; }}
footer {{ font-size: .7rem; }}
.number {{ text-align: right; white-space: nowrap; }}
.bar {{ min-width: 8rem; print-color-adjust: exact; -webkit-print-color-adjust: exact;
  background: linear-gradient({_COLOURS.ramp[2]} 0 0) no-repeat left center / var(--w) 70%; }}
dl {{ columns: 2; column-gap: 2rem; }}
dl div {{ break-inside: avoid; }}
dt {{ font-weight: 600; margin-top: .5rem; }}
dd {{ margin: 0; color: {_COLOURS.muted}; }}
@media (max-width: 40rem) {{ body {{ padding: 1rem; }} }}
@media print {{ body {{ padding: 0; max-width: none; font-size: 12px; }} .scroll {{ overflow: visible; }} }}
@media screen {{ section {{ border-top: 1px solid {_COLOURS.grid}; margin-top: 1.5rem; }} }}
"""


def write(story: Story, drawings: Mapping[str, bytes] | None = None) -> bytes:
    """Write a story as HTML (UTF-8); `drawings` holds an SVG by the key of a chapter."""
    drawn = drawings or {}
    chapters = "\n".join(_chapter(chapter, story, drawn.get(chapter.key)) for chapter in story.chapters)
    title = _text(story.title)
    facts = "".join(
        f"<div><dt>{_text(name)}</dt><dd>{_text(value)}</dd></div>" for name, value in story.provenance.facts()
    )
    meant = "".join(
        f"<div><dt>{_text(found.term)}</dt><dd>{_text(found.meaning)}{_source(found.source)}</dd></div>"
        for found in story.definitions
    )
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>{_STYLE}</style></head>\n<body>\n<header><h1>{title}</h1><p>{_text(story.answer)}</p>"
        f'<p class="quiet">{_text(story.provenance.line())}</p></header>\n{chapters}\n'
        f"<section><h2>Definitions</h2><dl>{meant}</dl></section>\n"
        f"<section><h2>Provenance</h2><dl>{facts}</dl></section>\n</body></html>\n"
    ).encode()


def illustrated(story: Story, tier_names: Sequence[str]) -> bytes:
    """Write a story with the figures of the screen in it, as far as there is a Chromium that draws them."""
    drawn: dict[str, bytes] = {}
    with contextlib.suppress(pictures.NoBrowser):  # tables say the same
        for chapter in story.chapters if pictures.browser() else ():
            figure = drawings.figure(chapter, tier_names, story.provenance.currency)
            if figure is not None:
                drawn[chapter.key] = pictures.still(figure, "svg", story.provenance)
    return write(story, drawn)


def _chapter(chapter: Chapter, story: Story, picture: bytes | None) -> str:
    # A picture has its source written in it.
    body = _picture(picture, chapter.message) if picture else _table(chapter, story.provenance.currency)
    footer = "" if picture else f"<footer>{_text(story.provenance.line())}</footer>"
    return (
        f"<section><h2>{_text(chapter.message)}</h2>{body}"
        f'<p class="quiet">{_text(chapter.reading)}</p>'
        f"{footer}</section>"
    )


def _picture(svg: bytes, message: str) -> str:
    # As an image, an SVG neither runs a script nor clashes with the names inside another one.
    data = base64.b64encode(svg).decode("ascii")
    return f'<figure><img alt="{_text(message)}" src="data:image/svg+xml;base64,{data}"></figure>'


def _table(chapter: Chapter, currency: str) -> str:
    bars = chapter.chart.of[0] if chapter.chart is not None and chapter.chart.kind is not Kind.XY else None
    heads = "".join(f'<th scope="col"{_number(column)}>{_text(column.name)}</th>' for column in chapter.columns)
    shown = _shown(chapter)
    rows = "".join(
        f"<tr>{''.join(_cell(column, i, currency, bar=column.name == bars) for column in chapter.columns)}</tr>"
        for i in shown
    )
    more = chapter.rows - len(shown)
    rest = f"<caption>{wording.plural(more, 'more row')} in the workbook.</caption>" if more else ""
    wide = ' class="wide"' if len(chapter.columns) > 6 else ""
    return f'<div class="scroll"><table{wide}>{rest}<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'


def _shown(chapter: Chapter) -> list[int]:
    """Choose the rows to print: the first ones, or, of a curve, some at even steps with both ends."""
    if chapter.chart is None or chapter.chart.kind is not Kind.XY or chapter.rows <= CURVE_ROWS:
        return list(range(min(chapter.rows, MOST_ROWS)))
    return [at * (chapter.rows - 1) // (CURVE_ROWS - 1) for at in range(CURVE_ROWS)]


def _cell(column: Column, row: int, currency: str, *, bar: bool) -> str:
    text = _text(said(column.values[row], column.unit, currency))
    if not bar:
        return f"<td{_number(column)}>{text}</td>"
    most = max((abs(value) for value in column.values if value is not None), default=0)
    width = 100 * abs(column.values[row] or 0) / most if most else 0
    return f'<td class="number bar" style="--w:{width:.1f}%">{text}</td>'


def _number(column: Column) -> str:
    return ' class="number"' if column.numeric else ""


def _source(text: str) -> str:
    return f" Source: {_text(text)}." if text else ""


def _text(text: object) -> str:
    return html.escape(printable(text))
