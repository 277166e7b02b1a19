"""While somebody's file is being read: how much longer do the pages of another session take?

Two sessions of a real server in a real browser. One brings files that keep a reader busy for long: a workbook of 3 MB
that unpacks to a million rows, and a CSV whose quotes only the strict reader takes. The other goes from page to page;
the median time from its click to the end of the run is put beside what it was a moment before, when nothing was read.
A reader is a process of its own at a lower priority, so that the ratio should stay below two on two cores.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
import zipfile
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from benchmarks import served
from benchmarks.harness import Claim, Section, duration, ratio, table

if TYPE_CHECKING:
    from playwright.sync_api import Page

VISITS, MOST = 16, 2.0
PAGES = ("Concentration", "Overview")
READING = "[data-testid=stProgress], [data-testid=stSpinner]"
RESTED = "() => document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'"


def workbook(path: Path, rows: int) -> Path:
    """Write a workbook whose sheet unpacks to a hundred times its size."""
    row = b"<row>" + b"<c><v>12345</v></c>" * 12 + b"</row>"
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        plain = Path(folder) / "plain.xlsx"
        import xlsxwriter  # noqa: PLC0415  only to have every other part of a workbook

        with xlsxwriter.Workbook(plain) as book:
            book.add_worksheet().write_row(0, 0, ["account_id", "name"])
        with zipfile.ZipFile(plain) as source:
            for name in source.namelist():
                if not name.endswith("sheet1.xml"):
                    made.writestr(name, source.read(name))
        with made.open("xl/worksheets/sheet1.xml", "w") as out:
            out.write(sheet)
            for _ in range(rows // 1000):
                out.write(row * 1000)
            out.write(b"</sheetData></worksheet>")
    return path


def strict(path: Path, rows: int) -> Path:
    """Write a CSV with a quote in the midst of every name."""
    with path.open("w", encoding="utf-8") as out:
        out.write("account_id,name,annual_revenue,industry,region,note\n")
        out.writelines(f'A{i},Ac"me {i},{i}.50,Retail,North,"said ""so"" twice"\n' for i in range(rows))
    return path


def measure(rows: int = 1_000_000) -> Section:
    """Visit pages with and without a file being read beside."""
    lines, claims = [], []
    with tempfile.TemporaryDirectory(prefix="tierwise-beside-") as folder:
        home = Path(folder)
        files = {"a workbook that unpacks": workbook(home / "bomb.xlsx", rows),
                 "a CSV for the strict reader": strict(home / "strict.csv", rows)}  # fmt: skip
        with served.running(home / "workspace") as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=served.chromium(), args=served.FLAGS)
            for name, file in files.items():
                # A context each, since the page behind in a window is drawn late.
                one, other = (browser.new_context(viewport={"width": 1440, "height": 900}) for _ in range(2))
                alone, beside, busy = _beside(one.new_page(), other.new_page(), address, file)
                slower = beside / alone
                lines.append([name, duration(alone), duration(beside), ratio(slower), f"{busy}"])
                what = f"pages of others at most {MOST:g} times as long while {name} is read"
                claims.append(Claim(what, ratio(slower), slower <= MOST and busy > 0))
            browser.close()
    heading = ["", "alone", "beside it", "ratio", "visits while it was read"]
    return Section("Others, while a file is read", "", table(heading, lines), tuple(claims))


def _beside(bringing: Page, visiting: Page, address: str, file: Path) -> tuple[float, float, int]:
    """Give seconds a visit alone, while the file is read, and how many visits that were."""
    visiting.goto(address)
    bringing.goto(f"{address}/data")
    bringing.locator("[data-testid=stFileUploader] input").wait_for(state="attached", timeout=60_000)
    links = cycle(PAGES)
    for _ in range(4):  # every page once before it counts
        _visit(visiting, next(links))
    alone = [_visit(visiting, next(links)) for _ in range(VISITS)]
    bringing.locator("[data-testid=stFileUploader] input").set_input_files(str(file))
    bringing.locator(READING).first.wait_for(timeout=60_000)
    beside: list[float] = []
    while len(beside) < VISITS and bringing.locator(READING).count():
        took = _visit(visiting, next(links))
        if bringing.locator(READING).count():
            beside.append(took)
    bringing.close()
    visiting.close()
    return statistics.median(alone), statistics.median(beside or [0.0]), len(beside)


def _visit(page: Page, name: str) -> float:
    """Go to a page and wait until its run has ended; give the seconds."""
    before = page.locator("[data-testid=stMain] h1").first.inner_text(timeout=60_000)
    start = time.perf_counter()
    page.get_by_role("link", name=name, exact=True).click()
    changed = "(was) => document.querySelector('[data-testid=stMain] h1')?.innerText !== was"
    page.wait_for_function(changed, arg=before, timeout=120_000)
    page.wait_for_function(RESTED, timeout=120_000)
    return time.perf_counter() - start


if __name__ == "__main__":
    section = measure(*map(int, sys.argv[1:2]))
    sys.stdout.write(
        section.table + "\n" + "\n".join(f"{c.holds}: {c.what}: {c.measured}" for c in section.claims) + "\n"
    )
