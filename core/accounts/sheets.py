"""Workbooks: a sheet's cells as their plain text, and the cells that only look empty.

calamine reads quickly, but gives an error value and a formula without a stored value as empty cells; so the sheet's own
XML is looked at for these. Some workbooks of 2 KB end the process that reads them: never read one outside the child.
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
import zlib
from html import unescape
from typing import TYPE_CHECKING

import pyarrow as pa

from core.accounts import raws
from core.accounts.raws import Fault, Raw
from core.errors import BadFile, UnknownName

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_BROKEN = (
    zipfile.BadZipFile, zlib.error, RuntimeError, ValueError, LookupError, OSError, EOFError, OverflowError,
    NotImplementedError,
)  # fmt: skip
# A sheet's XML, as far as it is needed: rows, cells with their attributes and content, and what may be at fault.
_SUSPECT = re.compile(rb"""<(?:\w+:)?f[\s/>]|\st=["']e["']""")
_ROW_OR_CELL = re.compile(
    rb"<(?:\w+:)?(?:row(?P<row>(?:[\s/][^>]*)?)>|c(?P<cell>\s[^>]*?)?(?:/>|>(?P<content>.*?)</(?:\w+:)?c>))", re.DOTALL
)
_PLACE = re.compile(rb"""\sr=["']([A-Z]*)(\d+)["']""")
_TYPE = re.compile(rb"""\st=["'](\w+)["']""")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>([^<]*)<")


def read(path: Path, sheet: str = "") -> Raw:
    """Read a sheet, the first one unless named; raises `BadFile` and `UnknownName`."""
    from python_calamine import CalamineError, CalamineWorkbook, ZipError  # noqa: PLC0415  only where it is needed

    broken = (CalamineError, ZipError, *_BROKEN)
    try:
        book = CalamineWorkbook.from_path(str(path))
        names = book.sheet_names
        if sheet and sheet not in names:
            raise UnknownName.of(f"sheet in {path.name}", sheet, names)
        chosen = sheet or names[0]
        rows = book.get_sheet_by_name(chosen).to_python(skip_empty_area=False)
        faults = [fault for fault in _faults(path, chosen) if fault.row > 1]
    except UnknownName:
        raise
    except broken as error:
        what = "the workbook cannot be read"
        raise BadFile(what, where=path.name, way_out="Save it again as XLSX, or as CSV UTF-8") from error
    if not rows:
        what = f"the sheet “{chosen}” is empty" if sheet else "the first sheet is empty"
        way_out = "Choose another sheet" if len(names) > 1 else "Put the accounts on the first sheet"
        raise BadFile(what, where=path.name, way_out=way_out)
    headings = raws.headings(rows[0], path)
    faults = [fault for fault in faults if fault.column < len(headings) and headings[fault.column]]
    at_fault = {fault.row for fault in faults}
    body = [
        (n, row)
        for n, row in enumerate(rows[1:], start=2)
        if n in at_fault or any(cell not in ("", None) for cell in row)
    ]
    body += [(n, [""] * len(headings)) for n in sorted(at_fault) if n > len(rows)]
    arrays = [pa.array([n for n, _ in body], pa.int64())]
    arrays += [pa.array([_cell_text(row[i]) for _, row in body], pa.string()) for i in range(len(headings))]
    cells = pa.Table.from_arrays(arrays, schema=raws.schema(len(headings)))
    plain = frozenset(i for i in range(len(headings)) if all(_is_native(row[i]) for _, row in body))
    return Raw(headings, cells, faults=tuple(faults), facts={"sheet": chosen}, plain=plain)


def names(path: Path) -> list[str]:
    """List the sheets; raises `BadFile`."""
    from python_calamine import CalamineError, CalamineWorkbook, ZipError  # noqa: PLC0415  only where it is needed

    broken = (CalamineError, ZipError, *_BROKEN)
    try:
        return list(CalamineWorkbook.from_path(str(path)).sheet_names)
    except broken as error:
        what = "the workbook cannot be read"
        raise BadFile(what, where=path.name, way_out="Save it again as XLSX, or as CSV UTF-8") from error


def _is_native(cell: object) -> bool:
    return cell in ("", None) or isinstance(cell, bool | int | float | dt.date | dt.datetime)


def _faults(path: Path, chosen: str) -> Iterator[Fault]:
    """Find, in the sheet's XML, what calamine gives as empty: error values, and formulas that hold no value."""
    sheet = _sheet(path, chosen)
    if not _SUSPECT.search(sheet):
        return
    row = column = 0
    for found in _ROW_OR_CELL.finditer(sheet):
        is_cell = found["row"] is None
        attributes = found["cell" if is_cell else "row"] or b""
        place = _PLACE.search(attributes)
        if not is_cell:  # a row or a cell that does not say where it stands follows the one before
            row, column = int(place[2]) if place else row + 1, 0
            continue
        column = _column_number(place[1]) if place else column + 1
        content, kind, value = found["content"] or b"", _TYPE.search(attributes), _VALUE.search(found["content"] or b"")
        shown = value[1].decode("utf-8", "replace") if value else ""
        if kind and kind[1] == b"e":
            what = f"the cell holds the error {shown or 'of a formula'}"
            yield Fault(row, column - 1, shown, what, "Mend the formula, or empty the cell")
        elif not shown and not (kind and kind[1] == b"str") and _FORMULA.search(content):
            way_out = "Open and save the workbook in a spreadsheet program"
            yield Fault(row, column - 1, "", "a formula without a stored value", way_out)


def _sheet(path: Path, chosen: str) -> bytes:
    """Give the XML of a sheet; nothing where the workbook is of another kind than XLSX."""
    with zipfile.ZipFile(path) as archive:
        parts = {name.lower(): name for name in archive.namelist()}
        about = [parts.get(name) for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")]
        sheets, relations = (archive.read(name) if name else b"" for name in about)
        found = re.findall(rb"""<(?:\w+:)?sheet\s[^>]*>""", sheets)
        told_of = [dict(re.findall(rb"""\s([\w:]+)\s*=\s*["']([^"']*)["']""", one)) for one in found]
        ids = [(unescape(told.get(b"name", b"").decode()), _id(told)) for told in told_of]
        wanted = next((ident for name, ident in ids if name == chosen), ids[0][1] if ids else b"")
        for relation in re.findall(rb"<(?:\w+:)?Relationship\s[^>]*>", relations):
            told = dict(re.findall(rb"""\s(\w+)\s*=\s*["']([^"']*)["']""", relation))
            if wanted and told.get(b"Id") == wanted:
                target = told.get(b"Target", b"").decode().lower()
                place = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
                return archive.read(parts[place]) if place in parts else b""
    return b""


def _id(told: dict[bytes, bytes]) -> bytes:
    return next((value for name, value in told.items() if name.endswith(b":id")), b"")


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _cell_text(cell: object) -> str:
    """Write a cell as its plain text: 12.0 as 12, dates in ISO form, truth values as true and false."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    isoformat: Callable[[], str] | None = getattr(cell, "isoformat", None)
    return isoformat().removesuffix("T00:00:00") if isoformat else str(cell)
