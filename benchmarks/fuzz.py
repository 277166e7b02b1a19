"""Files that somebody broke: mutated accounts files through the whole reader, and every row accounted for.

`python -m benchmarks.fuzz --files 10000` makes small good files of every kind, breaks each at random places (bytes
flipped, cut out, doubled, put in; cells made hostile) and lets them be read and checked, with broken rows set aside.
Each must end in a table of which rows read and rows set aside are the rows of the file, or in one sentence. A reader
runs in a process of its own, forked for a batch of files under a limit of memory, since some workbooks end it; that
counts as a refusal, as it does in the program. Anything else is a fault: it is told with its seed, and the exit is 1.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from core.accounts import checking, reading
from core.errors import TierwiseError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HEADINGS = ["account_id", "name", "annual_revenue", "employees", "renewal_date", "Fit"]
HOSTILE = [
    "", "=1+1", "'; DROP TABLE x; --", "NaN", "1e309", "1.234", "1,234.56", "$1.2M", "(500)", "\u22125", "03/04/2026",
    "2026-02-30", '"', '""', 'a"b', "x,y", "x;y", "\t", "\n", "\r", "\u202e", "é", "\ufeff", "N/A", "007", "ü" * 50,
]  # fmt: skip
BATCH = 100
MEMORY = 4 << 30


def rows(rng: random.Random) -> list[list[str]]:
    """Make a small book of which some cells are hostile."""
    made = []
    for n in range(rng.randint(1, 12)):
        row = [f"A{n}", f"Account {n}", f"{rng.random() * 1e6:.2f}", str(rng.randint(0, 9999)), "2026-09-30", str(n)]
        if rng.random() < 0.3:
            row[rng.randrange(6)] = rng.choice(HOSTILE)
        if rng.random() < 0.05:
            row = row[: rng.randint(0, 6)] + ["x"] * rng.randint(0, 2)
        made.append(row)
    return made


def good(kind: str, rng: random.Random) -> bytes:
    """Write a small book as a file of a kind."""
    table = rows(rng)
    if kind == "csv":
        mark, end = rng.choice(",;\t|"), rng.choice(["\n", "\r\n", "\n"])
        quoted = rng.random() < 0.5
        lines = [
            mark.join(f'"{c.replace(chr(34), chr(34) * 2)}"' if quoted else c for c in r) for r in [HEADINGS, *table]
        ]
        return end.join(lines).encode(rng.choice(["utf-8", "utf-8-sig", "utf-16", "cp1252"]), "replace")
    if kind == "jsonl":
        return "\n".join(json.dumps(dict(zip(HEADINGS, r, strict=False))) for r in table).encode()
    square = [(r + [""] * 6)[:6] for r in table]
    buffer = BytesIO()
    if kind == "parquet":
        pq.write_table(
            pa.table([list(c) for c in zip(*square, strict=True)], names=HEADINGS), buffer, write_page_checksum=True
        )
    else:
        with xlsxwriter.Workbook(buffer, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
            sheet = book.add_worksheet()
            for n, r in enumerate([HEADINGS, *square]):
                sheet.write_row(n, 0, r)
    return buffer.getvalue()


def broken(data: bytes, rng: random.Random) -> bytes:
    """Break a file at up to five places."""
    found = bytearray(data)
    for _ in range(rng.choice([0, 1, 1, 2, 5])):
        place, length = rng.randrange(len(found) + 1), rng.randint(1, 8)
        match rng.randrange(5):
            case 0 if found:
                found[place % len(found)] ^= 1 << rng.randrange(8)
            case 1:
                del found[place : place + length]
            case 2:
                found[place:place] = found[place : place + length]
            case 3:
                found[place:place] = rng.choice(
                    [b'"', b"\x00", b"\r", b"\n", b",", b";", b"\xff", b"\xc3", b"'", b"\t"]
                )
            case _:
                found[place : place + length] = rng.randbytes(length)
    return bytes(found)


def outcome(path: Path) -> str:
    """Read and check a file: read, refused, or what is wrong with the reader."""
    try:
        raw = reading.read(path)
        total = raw.cells.num_rows + len(raw.broken)
        checked = checking.check(raw, set_aside=True, source="book")
    except TierwiseError as error:
        return "refused" if str(error).count("\n") == 0 or len(str(error)) < 600 else f"no sentence: {error!r}"
    except Exception as error:  # noqa: BLE001  whatever it is, it is what we look for
        return f"{type(error).__name__}: {error}"
    if checked.table.num_rows + checked.rows_set_aside != checked.rows_in_file or checked.rows_in_file != total:
        return f"rows: {checked.table.num_rows} + {checked.rows_set_aside} are not {total}"
    return "read"


def batch(seeds: Sequence[int]) -> list[tuple[int, str]]:
    """Read a batch of files in a forked process; the file that ends it is refused, and the rest goes on."""
    found: list[tuple[int, str]] = []
    left = list(seeds)
    while left:
        ours, theirs = os.pipe()
        child = os.fork()
        if child == 0:  # pragma: no cover  another process
            os.close(ours)
            _work(left, theirs)
            os._exit(0)
        os.close(theirs)
        with os.fdopen(ours) as lines:
            done = [
                (int(seed), said) for seed, said in (line.rstrip("\n").split(" ", 1) for line in lines if " " in line)
            ]
        _, status = os.waitpid(child, 0)
        found += done
        left = left[len(done) :]
        if status and left:
            found.append((left.pop(0), "ended its reader"))
    return found


def _work(seeds: Sequence[int], out: int) -> None:  # pragma: no cover  another process
    import resource  # noqa: PLC0415  not on Windows

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory(prefix="tierwise-") as folder:
        for seed in seeds:
            rng = random.Random(seed)
            path = Path(folder) / "book"
            path.write_bytes(broken(good(rng.choice(["csv", "csv", "csv", "xlsx", "parquet", "jsonl"]), rng), rng))
            os.write(out, f"{seed} {outcome(path)}\n".replace("\n", " ").strip().encode() + b"\n")


def run(files: int, seed: int = 0) -> Iterator[tuple[int, str]]:
    """Give every file's seed and what became of it."""
    for start in range(seed, seed + files, BATCH):
        yield from batch(range(start, min(start + BATCH, seed + files)))


def main() -> int:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    start = time.monotonic()
    found = list(run(options.files, options.seed))
    usual = ("read", "refused", "ended its reader")
    counts = Counter(said if said in usual else "fault" for _, said in found)
    for number, said in found:
        if said not in usual:
            print(f"seed {number}: {said}")
    print(f"{len(found):,} files in {time.monotonic() - start:.0f} s: {dict(counts)}")
    return int(counts["fault"] > 0 or len(found) != options.files)


if __name__ == "__main__":
    sys.exit(main())
