"""What tests of the report tell: stories of books that are hostile, empty, equal, or of one account."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING

from core.measures import portfolio, tiers
from core.report import leadership, provenance
from core.report.story import Chapter, Chart, Column, Definition, Kind, Paint, Story, Unit
from tests import making

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from core.measures.portfolio import Portfolio

HOSTILE = (
    "=1+1",
    '=HYPERLINK("http://evil.invalid","x")',
    "@SUM(1)",
    "+1",
    "-1+2",
    "\t=2+2",
    "\uff1d1+1",
    "{=1+1}",
    "<b>bold</b> & <script>alert(1)</script>",
    "a\x01b\x00c",
    "x" * 300,
    "חברת שלום בע״מ",
    "\u202eevil",
    "https://evil.invalid",
    "mailto:a@b.invalid",
    "internal:Sheet2!A1",
    "]]>_x0041_",
    "😀 Ltd",
)
"""Names that a spreadsheet would run or link to, that XML cannot hold, or that turn a line around."""
PAINT = Paint("#1B3A6B", "#1B3A6B")


def prepared(columns: Mapping[str, Sequence[str | None]], **more: Mapping[str, Sequence[str | None]]) -> Portfolio:
    return portfolio.prepare(making.book(columns, **more), making.model())


def told(found: Portfolio, **options: object) -> Story:
    model = making.model()
    return leadership.tell(found, tiers.weigh(found.cube, model), model, **options)  # type: ignore[arg-type]


def hostile() -> Story:
    """The story of a book whose every name is hostile, its groups too; one account has a credit."""
    revenue = [str(1000 * (i + 1)) for i in range(len(HOSTILE) - 1)] + ["-5"]
    columns = {"name": HOSTILE, "industry": HOSTILE, "region": HOSTILE[::-1], "annual_revenue": revenue}
    return told(prepared(columns))


def hostile_in_full() -> Story:
    """Every chapter there is, the further ones too, of a book whose every name is hostile, with a history."""
    revenue = [str(1000 * (i + 1)) for i in range(len(HOSTILE) - 1)] + ["-5"]
    columns = {
        "name": HOSTILE, "industry": HOSTILE, "region": HOSTILE[::-1], "segment": HOSTILE, "annual_revenue": revenue,
        "churn_probability": ["0.2"] * len(HOSTILE), "last_activity_date": ["2025-12-31"] * len(HOSTILE),
    }  # fmt: skip
    months = [f"{(at := 2023 * 12 + 6 + m) // 12}-{at % 12 + 1:02}-15" for m in range(30)]
    history = {
        "account_id": [f"A{i:04}" for i in range(9) for _ in months],
        "period": months * 9,
        "amount": [str(100 * (i + 1) + 7 * m * (i % 3)) for i in range(9) for m in range(30)],
    }
    found = prepared(columns, history=history)
    return told(found, keys=leadership.offered(found))


def small(*labels: str, kind: Kind = Kind.BARS) -> Story:
    """A story by hand, of one chapter: its labels, and numbers of which one is negative and one undefined."""
    values = (-5_00, None, *(100_00 * i for i in range(2, len(labels))))[: len(labels)]
    shares = (0.25, None, *(0.5 for _ in labels))[: len(labels)]
    columns = (
        Column("Name", Unit.TEXT, labels),
        Column("Money", Unit.MONEY, values),
        Column("Part", Unit.SHARE, shares),
    )
    chart = Chart(kind, "Name", ("Money",), (PAINT,))
    meant = (Definition("Money", "what there is", "nobody"),)
    chapter = Chapter("small", "Small", labels[0] if labels else "Nothing.", columns, "Read it.", chart, meant)
    return Story(labels[0] if labels else "Empty", "An answer.", source(), (chapter,))


def source(**changes: object) -> provenance.Provenance:
    facts = {
        "book": "=2+2 book", "digest": "0123456789ab", "source": "book.csv", "model": "small",
        "fingerprint": "ba9876543210", "filters": "region is EMEA", "as_of": None, "currency": "USD", "accounts": 3,
        "accounts_of_book": 4, "set_aside": 0, "version": "1.2.3",
    }  # fmt: skip
    return provenance.Provenance(**{**facts, **changes})  # type: ignore[arg-type]


def parts(data: bytes) -> dict[str, bytes]:
    """Every part of an Office file, those of the workbooks inside it as well."""
    return dict(_parts(data, ""))


def _parts(data: bytes, place: str) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            content = archive.read(name)
            yield place + name, content
            if name.endswith(".xlsx"):
                yield from _parts(content, f"{place}{name}!")


def alive(data: bytes) -> list[str]:
    """What in an Office file would run or lead out of it: formulas, links, external parts, macros."""
    found = []
    for name, content in parts(data).items():
        text = content.decode("utf-8", "replace")
        sheet = "worksheets/" in name
        found += [f"{name}: formula"] * (sheet and bool(re.search(r"<f[ >/]|<definedName", text.replace("_xlnm", ""))))
        found += [f"{name}: {link}" for link in re.findall(r"<hyperlink [^>]*>", text) if "location=" not in link]
        found += [f"{name}: click"] * bool(re.search(r"hlinkClick|hlinkHover|DDE|oleObj", text))
        found += [f"{name}: outside"] * bool(re.search(r'TargetMode="External"|externalLink', text))
        found += [f"{name}: macro"] * bool(re.search("vba|macro", name, re.IGNORECASE))
    return found
