"""The at-risk table: its first page after a filter, a sort or a change of weights, and everything handed over.

A page is fifty accounts with reasons, next action and trend in words. Tierwise asks DuckDB for them and words those
fifty; the rival words every account first, one after the other, as one writes it. An export words all accounts in
chunks and writes them as they come. The words are held equal on a part of the book.

    python -m benchmarks.at_risk 1000000    # one size in a process of its own, with the memory that an export takes
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from benchmarks import harness
from benchmarks.harness import Claim, Result, Section
from benchmarks.shelf import SCORECARD, Shelf
from core.accounts import books, cube, details, listing
from core.accounts.listing import Wanted
from core.measures import at_risk, health, portfolio, tiers
from core.model import toml
from core.report import stream

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.measures.portfolio import Portfolio
    from core.model.model import Model

ROWS, MARKS, EQUAL = 50, 400, 2_000
SEARCHED = ("data", "corp", "tech", "group", "glob", "labs", "inter", "sys", "net", "soft", "a00012", "no such name")
MARKED = ("account_id", "name", "cents", "health_score", "status", "tier")
NARROWED = (("region", 0), ("industry", 0.5), ("owner", 0.9))
"""Filters of the sidebar, and the part of their values that is chosen; one at least."""
PAGE_LIMIT, EXPORT_LIMIT, MEMORY_LIMIT = 0.3, 10.0, 500 << 20
DANGER = Wanted(statuses=at_risk.AT_RISK_CODES)
QUESTIONS = {
    "health filter, most revenue first": DANGER,
    "worst health first": replace(DANGER, sort="health_score", descending=False),
    "by name": replace(DANGER, sort="name", descending=False),
    "Tier 1 only": replace(DANGER, tiers=(0,)),
}


def first_page(prepared: Portfolio, model: Model, wanted: Wanted) -> list[at_risk.AccountAtRisk]:
    """Answer as the page does: weigh, count, give the first fifty with their trends."""
    verdict = tiers.weigh(prepared.cube, model)
    listing.summary(prepared.listing, portfolio.by_profile(verdict), wanted)
    found = at_risk.rows(prepared, verdict, model, wanted, limit=ROWS)
    details.trends(prepared.book, [row.row for row in found], prepared.as_of)
    return found


def after_filter(whole: Portfolio, model: Model, filters: dict[str, list[str]]) -> None:
    """Answer as the page does when a filter of the sidebar changes: everything before the table, and the table."""
    prepared = portfolio.narrow(whole, model, filters)
    verdict, marks = tiers.weigh(prepared.cube, model), Wanted(statuses=[0, 1, 2])
    portfolio.accounts(prepared, verdict, marks, limit=MARKS, columns=MARKED)
    first_page(prepared, model, DANGER)


def one_by_one(prepared: Portfolio, model: Model, rows: range) -> list[str]:
    """Word accounts one after the other."""
    signals = books.signals(prepared.book, prepared.as_of, rows)
    return ["; ".join(reason.words for reason in why) for why in health.explain(signals, model.health)]


def hold_equal(prepared: Portfolio, model: Model) -> None:
    """Refuse to time ways that do not say the same."""
    verdict = tiers.weigh(prepared.cube, model)
    ours = next(at_risk.chunks(prepared, verdict, model, Wanted(sort="row", descending=False), size=EQUAL))
    said = ["; ".join(reasons) for reasons in ours["reasons"].to_pylist()]
    assert said == one_by_one(prepared, model, range(len(said)))


def pages(prepared: Portfolio, model: Model, rounds: int) -> dict[str, Result]:
    """Time the first page for every question, with other weights each round."""

    def asked(wanted: Wanted) -> Callable[[int], object]:
        first = model.criteria[0]
        return lambda number: first_page(
            prepared, model.with_importance({first.id: first.importance + number % 7}), wanted
        )

    offered = cube.choices(prepared.book)

    def narrowed(name: str, part: float) -> Callable[[int], object]:
        values, count = offered[name], max(1, round(part * len(offered[name])))
        return lambda number: after_filter(
            prepared, model, {name: [values[(number + i) % len(values)] for i in range(count)]}
        )

    def searched(number: int) -> object:  # another text every round: what was found is kept
        return first_page(prepared, model, replace(DANGER, search=SEARCHED[number % len(SEARCHED)]))

    words = {name: f"{part:.0%} of its values" if part else "one value" for name, part in NARROWED}
    filtered = {f"{name} in the sidebar, {words[name]}": narrowed(name, part) for name, part in NARROWED}
    asking = {name: asked(wanted) for name, wanted in QUESTIONS.items()}
    return harness.race(asking | {"a search": searched} | filtered, rounds)


def exports(prepared: Portfolio, model: Model, folder: Path) -> dict[str, tuple[float, int, int]]:
    """Export every account; give seconds, bytes of the file, and the memory it took above what was there before."""
    found = {}
    for suffix in (".csv", ".parquet", ".xlsx"):
        file = folder / f"at-risk{suffix}"
        verdict = tiers.weigh(prepared.cube, model)
        wanted = Wanted() if prepared.book.rows < 10**6 or suffix != ".xlsx" else DANGER
        with _Memory() as memory:
            start = time.perf_counter()
            stream.write(map(at_risk.exported, at_risk.chunks(prepared, verdict, model, wanted)), file)
            seconds = time.perf_counter() - start
        found[suffix] = (seconds, file.stat().st_size, memory.most)
    return found


class _Memory:
    """Watch how much more memory this process holds than at the start."""

    def __enter__(self) -> Self:
        self.most, self._done = 0, threading.Event()
        self._start = _resident()
        self._watch = threading.Thread(target=self._look)
        self._watch.start()
        return self

    def _look(self) -> None:
        while not self._done.wait(0.02):
            self.most = max(self.most, _resident() - self._start)

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._watch.join()


def _resident() -> int:
    """Bytes of memory this process holds; 0 where the system does not say."""
    status = Path("/proc/self/statm")
    return int(status.read_text().split()[1]) * 4096 if status.exists() else 0


def run(books_: Shelf, sizes: Sequence[int], rounds: int = 7) -> Section:
    """Time the largest size in a process of its own."""
    size = max(sizes)
    del books_  # each book is opened in the child, whose memory is its own
    command = [sys.executable, "-m", "benchmarks.at_risk", str(size), str(rounds)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  our own module
    found = json.loads(done.stdout)
    races = {name: Result(**times) for name, times in found["pages"].items()}
    rows = [[name, harness.duration(times.median)] for name, times in races.items()]
    rows += [
        [f"all as {suffix[1:].upper()}", f"{harness.duration(took)}, {held / 2**20:.0f} MiB more memory"]
        for suffix, (took, _, held) in found["exports"].items()
    ]
    rows.append(["all worded one by one", f"about {found['one_by_one']:.0f} s"])
    slowest = max(times.median for times in races.values())
    took, _, held = found["exports"][".csv"]
    claims = (
        Claim(
            f"the first page of the at-risk table of {size:,} accounts comes within 300 ms",
            harness.duration(slowest),
            slowest < PAGE_LIMIT,
        ),
        Claim(
            f"{size:,} rows are exported as CSV within 10 s and 500 MB",
            f"{harness.duration(took)}, {held / 2**20:.0f} MiB",
            took < EXPORT_LIMIT and held < MEMORY_LIMIT,
        ),
    )
    return Section("At risk", f"{size:,} accounts.", harness.table(["", "took"], rows), claims)


def _main(size: int, rounds: int) -> None:
    model = toml.load(SCORECARD)
    with tempfile.TemporaryDirectory(prefix="tierwise-") as folder:
        prepared = Shelf(Path(folder)).portfolio(size)
        hold_equal(prepared, model)
        start = time.perf_counter()
        one_by_one(prepared, model, range(EQUAL))
        slow = (time.perf_counter() - start) * size / EQUAL
        timed = {name: asdict(result) for name, result in pages(prepared, model, rounds).items()}
        written = exports(prepared, model, Path(folder))
    print(json.dumps({"pages": timed, "exports": written, "one_by_one": slow, "resident": _resident()}))


if __name__ == "__main__":
    _main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 5)
