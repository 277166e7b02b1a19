"""From files to a checked table, in a child process.

A workbook of 2 KB can end the process that reads it, and a Parquet file of 2 KB can fill a disk; no check beforehand
sees all of them. So files are read and typed by a child with limits on memory, processor and wall time; what comes
back is Arrow files and a report. `python -m core.accounts.ingest` is that child; it takes one request and ends.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pyarrow as pa

from core.accounts import building, checking, reading
from core.accounts.building import Built, Look
from core.accounts.checking import Checked, StandsTwice, Undecided
from core.accounts.columns import Column, Question
from core.accounts.contract import FIELDS, HISTORY, Kind
from core.accounts.joining import Joined
from core.accounts.mapping import Proposal
from core.accounts.merging import Alike, Same
from core.accounts.recipe import Part, Recipe
from core.errors import BadAccounts, BadFile, TierwiseError, UnknownName

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Told = Callable[[float, str], None]

MEMORY = 6 << 30
"""Bytes of address space a child may have; Arrow and DuckDB reserve far more than they use."""
CPU_SECONDS = 240
WALL_SECONDS = 300
DONE = "done\n"
"""The last line that a child says."""
NICE = 10
"""A child gives way to the sessions that are being served."""

POOL = "jemalloc"
"""Arrow's memory in a child: the usual pool (mimalloc) spends a third of a long reading on giving pages back and taking
new ones, and the system's own keeps a third more."""

WORTH_TWO = 50_000
"""Rows from which a table is handed over as two files."""

_ERRORS = {kind.__name__: kind for kind in (BadAccounts, StandsTwice, BadFile, UnknownName, TierwiseError)}
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class File:
    """A file to read: where it lies, the name that the reader knows it by, and the part of it that is meant."""

    path: Path
    name: str = ""
    part: str = ""

    @property
    def called(self) -> str:
        """The name that sentences use."""
        return self.name or self.path.name


def accounts(
    file: Path,
    *,
    mapping: Mapping[str, str] | None = None,
    formats: Mapping[str, str] | None = None,
    set_aside: bool = False,
    propose: bool = False,
    source: str | None = None,
) -> Checked:
    """Read an account table; raises `BadFile` or `BadAccounts`, whose text names row, column and way out.

    With `propose`, headings that leave no doubt feed their fields, which the notes tell.
    """
    recipe = Recipe(mapping=mapping or {}, formats=formats or {}, set_aside=set_aside, propose=propose)
    return book([File(file, source or file.name)], recipe).accounts


def history(
    file: Path,
    *,
    mapping: Mapping[str, str] | None = None,
    formats: Mapping[str, str] | None = None,
    set_aside: bool = False,
    source: str | None = None,
) -> Checked:
    """Read a revenue history; raises as `accounts` does."""
    recipe = Recipe(mapping=mapping or {}, formats=formats or {}, set_aside=set_aside)
    return book([File(file, source or file.name)], recipe, fields="history").accounts


def book(files: Sequence[File], recipe: Recipe, *, fields: str = "accounts", told: Told | None = None) -> Built:
    """Build a book from its files: the first holds the accounts, the others join as the recipe says.

    `told` is given the share that is done and what is being done. Raises as `accounts` does, and `Undecided`.
    """
    request = {"work": "build", "files": _files(files), "recipe": recipe.model_dump_json(), "fields": fields}
    with _answer(request, files[0].called, told) as (folder, report):
        return _built(folder, report)


def look(file: File) -> Look:
    """Look at a file without checking it: its parts, its first rows, and what they propose; raises `BadFile`."""
    with _answer({"work": "look", "files": _files([file])}, file.called, None) as (folder, report):
        raw = _raw(folder / "sample.arrow", report) if "headings" in report else None
        return Look(tuple(report["parts"]), raw, report.get("facts", {}), tuple(report.get("notes", ())))


def trusted(file: Path, *, fields: str = "accounts") -> Checked:
    """Read a file that came with the program, without the child."""
    return _read(file, {}, fields, set_aside=False, source=file.name)


def _read(
    file: Path,
    mapping: Mapping[str, str],
    fields: str,
    *,
    set_aside: bool,
    source: str,
    formats: Mapping[str, str] | None = None,
) -> Checked:
    wanted = HISTORY if fields == "history" else FIELDS
    try:
        raw = reading.read(file)
    except BadFile as error:  # an upload lies under a name of ours; the sentence names the user's
        raise BadFile(error.what, where=source, way_out=error.way_out) from error
    return checking.check(raw, mapping=mapping, formats=formats, fields=wanted, set_aside=set_aside, source=source)


def _files(files: Sequence[File]) -> list[dict[str, str]]:
    return [{"path": str(file.path.resolve()), "name": file.called, "part": file.part} for file in files]


# The parent ----------------------------------------------------------------------------------------------------------


class _Spare:
    """A child that has started and waits for its request, so that a reader need not wait for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: subprocess.Popen[str] | None = None

    def prepare(self) -> None:
        with self._lock:
            if self._child is None or self._child.poll() is not None:
                self._child = _started()

    def take(self) -> subprocess.Popen[str] | None:
        with self._lock:
            child, self._child = self._child, None
        return child if child is not None and child.poll() is None else None

    def drop(self) -> None:
        child = self.take()
        if child is not None:
            _end(child)


_SPARE = _Spare()
atexit.register(_SPARE.drop)


def prepare() -> None:
    """Start a child ahead of its request; it ends with this process."""
    _SPARE.prepare()


def _started() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "core.accounts.ingest"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=_ROOT,
        env={"ARROW_DEFAULT_MEMORY_POOL": POOL, **os.environ},
    )  # fmt: skip


def _end(child: subprocess.Popen[str]) -> None:
    child.kill()
    for stream in (child.stdin, child.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
    child.wait()


@contextlib.contextmanager
def _answer(request: dict[str, Any], source: str, told: Told | None) -> Any:
    """Let a child do the work; give the folder of its answer and the report, or raise what it met."""
    with tempfile.TemporaryDirectory(prefix="tierwise-") as folder:
        child = _SPARE.take() or _started()
        try:
            _work(child, {**request, "folder": folder}, source, told)
            report = Path(folder) / "report.json"
            if not report.exists():
                raise _gave_up(
                    source, "reading it was stopped, since it asked for too much memory or time, or is broken"
                )
            found = json.loads(report.read_text(encoding="utf-8"))
            _raise(Path(folder), found)
            yield Path(folder), found
        finally:
            child.kill()  # a reader who leaves takes the child along
            threading.Thread(target=_end, args=(child,), name="tierwise-end").start()


def _work(child: subprocess.Popen[str], request: dict[str, Any], source: str, told: Told | None) -> None:
    """Send the request, and pass on how far the child is until it ends or its time is up."""
    late = threading.Event()

    def stop() -> None:
        late.set()
        child.kill()

    timer = threading.Timer(WALL_SECONDS, stop)
    timer.start()
    try:
        with contextlib.suppress(OSError):  # a child that is gone says so by its exit
            _sent(child.stdin, request)
        for line in child.stdout or ():
            if line == DONE:  # giving its memory back takes a large child a while, which nobody need wait for
                return
            share, _, what = line.strip().partition(" ")
            if told is not None and share:
                told(float(share), what)
    finally:
        timer.cancel()
    if late.is_set():
        raise _gave_up(source, f"reading took more than {WALL_SECONDS} seconds")


def _sent(stream: IO[str] | None, request: dict[str, Any]) -> None:
    if stream is not None:
        stream.write(json.dumps(request))
        stream.close()


def _gave_up(source: str, what: str) -> BadFile:
    return BadFile(what, where=source, way_out="Export the table again, or hand it over as CSV UTF-8")


def _raise(folder: Path, report: dict[str, Any]) -> None:
    """Raise the error that the child met."""
    if "error" not in report:
        return
    facts = {key: str(report[key]) for key in ("what", "where", "way_out")}
    if report["error"] == "Undecided":
        asked = [
            Question(q["heading"], q["field"], tuple(q["examples"]), tuple(q["readings"])) for q in report["questions"]
        ]
        raise Undecided(**facts, questions=tuple(asked))
    kind = _ERRORS[str(report["error"])]
    if kind is BadAccounts:
        raise BadAccounts(**facts, findings=_load(folder / "findings.arrow"))
    raise kind(**facts)


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _built(folder: Path, report: dict[str, Any]) -> Built:
    past = _checked(folder, "history", report["history"]) if report["history"] else None
    return Built(
        _checked(folder, "accounts", report["accounts"]),
        past,
        tuple(Joined(**one) for one in report["joined"]),
        tuple(Alike(**one) for one in report["alike"]),
        tuple(Same(**one) for one in report["same"]),
        report["facts"],
        tuple(report["headings"]),
        _load(folder / "preview.arrow"),
        report["mapping"],
        tuple(Proposal(**{name: _tuple(value) for name, value in one.items()}) for one in report["asked"]),
        tuple((n, Part.model_validate(part)) for n, part in report["parts"]),
    )


def _checked(folder: Path, name: str, report: dict[str, Any]) -> Checked:
    columns = tuple(Column(column, heading, Kind(kind)) for column, heading, kind in report["columns"])
    aside = folder / f"{name}.aside.arrow"
    return Checked(
        _load(folder / f"{name}.table.arrow"), columns, _load(folder / f"{name}.findings.arrow"),
        report["rows_in_file"], report["rows_set_aside"], tuple(report["notes"]),
        _load(aside) if aside.exists() else None,
    )  # fmt: skip


def _beside(file: Path) -> Path:
    """Name the file that holds the other columns of a large table."""
    return file.with_suffix(".more.arrow")


def _raw(file: Path, report: dict[str, Any]) -> reading.Raw:
    return reading.Raw(tuple(report["headings"]), _load(file), plain=frozenset(report["plain"]))


def _load(file: Path) -> pa.Table:
    found = _mapped(file)
    more = _beside(file)
    if more.exists():
        for column in (rest := _mapped(more)).schema:
            found = found.append_column(column, rest[column.name])
    return found


def _mapped(file: Path) -> pa.Table:
    # Mapped rather than copied: what is mapped stays when the folder goes, except on Windows, which would keep both.
    with pa.OSFile(str(file), "rb") if os.name == "nt" else pa.memory_map(str(file)) as stream:
        return pa.ipc.open_file(stream).read_all()


# The child -----------------------------------------------------------------------------------------------------------


def _save(table: pa.Table, file: Path) -> None:
    """Write a table for the parent; the columns of a large one as two files at once, which takes half the time."""
    half = table.num_columns // 2 if table.num_rows >= WORTH_TWO else table.num_columns
    parts = [(table.select(range(half)), file), (table.select(range(half, table.num_columns)), _beside(file))]
    with ThreadPoolExecutor(len(parts)) as pool:  # Arrow lets go of Python's lock
        list(pool.map(lambda part: _written(*part), parts[: 1 if half == table.num_columns else 2]))


def _written(table: pa.Table, file: Path) -> None:
    with pa.OSFile(str(file), "wb") as stream, pa.ipc.new_file(stream, table.schema) as writer:
        writer.write_table(table)


def _limit() -> None:
    """Bound this process; where the system knows no limits (Windows), the wall time alone holds."""
    with contextlib.suppress(ImportError, AttributeError, OSError):
        os.nice(NICE)
        import resource  # noqa: PLC0415  not on Windows

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class _NoPandas:
    """Hides pandas, which no reader needs: pyarrow would import it for the first array that it is handed.

    That takes longer than to read 100,000 accounts.
    """

    @staticmethod
    def find_spec(name: str, _path: object = None, _target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name=name)


def _say(share: float, what: str) -> None:
    sys.stdout.write(f"{share:.2f} {what}\n")
    sys.stdout.flush()


def _child() -> None:
    """Do the work of the child: request on standard input, answer as files in the folder that it names."""
    _limit()
    sys.meta_path.insert(0, _NoPandas())
    text = sys.stdin.read()
    if not text:  # a spare that nobody needed
        return
    request = json.loads(text)
    folder = Path(request["folder"])
    files = [File(Path(file["path"]), file["name"], file["part"]) for file in request["files"]]
    try:
        report = _looked(files[0], folder) if request["work"] == "look" else _done(files, request, folder)
    except TierwiseError as error:
        report = {"error": type(error).__name__, "what": error.what, "where": error.where, "way_out": error.way_out}
        found = getattr(error, "findings", None)
        _save(found if isinstance(found, pa.Table) else checking.FINDINGS.empty_table(), folder / "findings.arrow")
        report["questions"] = [asdict(question) for question in getattr(error, "questions", ())]
    written = folder / "report.part"
    written.write_text(json.dumps(report, default=str), encoding="utf-8")
    written.replace(folder / "report.json")  # whole, or not there
    sys.stdout.write(DONE)
    sys.stdout.flush()


def _looked(file: File, folder: Path) -> dict[str, Any]:
    seen = building.look(file.path, file.called, file.part)
    report: dict[str, Any] = {"parts": seen.parts, "facts": dict(seen.facts), "notes": seen.notes}
    if seen.sample is not None:
        _save(seen.sample.cells, folder / "sample.arrow")
        report |= {"headings": seen.sample.headings, "plain": sorted(seen.sample.plain)}
    return report


def _done(files: Sequence[File], request: dict[str, Any], folder: Path) -> dict[str, Any]:
    recipe = Recipe.model_validate_json(request["recipe"])
    sources = [(file.path, file.called, file.part) for file in files]
    made = building.build(sources, recipe, fields=HISTORY if request["fields"] == "history" else FIELDS, told=_say)
    _say(0.9, "Handing over")
    report: dict[str, Any] = {"joined": [asdict(one) for one in made.joined], "facts": dict(made.facts)}
    report |= {"alike": [asdict(one) for one in made.alike], "same": [asdict(one) for one in made.same]}
    report |= {"headings": made.headings, "mapping": dict(made.mapping), "history": None}
    report |= {"asked": [asdict(one) for one in made.asked]}
    report |= {"parts": [(n, part.model_dump()) for n, part in made.parts]}
    _save(made.preview, folder / "preview.arrow")
    for name, checked in (("accounts", made.accounts), ("history", made.history)):
        if checked is not None:
            _save(checked.table, folder / f"{name}.table.arrow")
            _save(checked.findings, folder / f"{name}.findings.arrow")
            if checked.aside is not None:
                _save(checked.aside, folder / f"{name}.aside.arrow")
            kept: dict[str, Any] = {"rows_in_file": checked.rows_in_file, "rows_set_aside": checked.rows_set_aside}
            kept |= {"notes": checked.notes, "columns": [[c.name, c.heading, c.kind.value] for c in checked.columns]}
            report[name] = kept
    return report


if __name__ == "__main__":
    _child()
