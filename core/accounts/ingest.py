"""From a file to a checked table, in a child process.

A workbook of 2 KB can end the process that reads it, and a Parquet file of 2 KB can fill a disk; no check beforehand
sees all of them. So a file is read and typed by a child with limits on memory, processor and wall time; what comes
back is an Arrow file and a report. `python -m core.accounts.ingest` is that child.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from core.accounts import checking, reading
from core.accounts.checking import Checked, Column
from core.accounts.contract import FIELDS, HISTORY, Kind
from core.errors import BadAccounts, BadFile, TierwiseError, UnknownName

if TYPE_CHECKING:
    from collections.abc import Mapping

MEMORY = 6 << 30
"""Bytes of address space a child may have; Arrow and DuckDB reserve far more than they use."""
CPU_SECONDS = 240
WALL_SECONDS = 300

_ERRORS = {kind.__name__: kind for kind in (BadAccounts, BadFile, UnknownName, TierwiseError)}
_ROOT = Path(__file__).parents[2]


def accounts(
    file: Path, *, mapping: Mapping[str, str] | None = None, set_aside: bool = False, source: str | None = None
) -> Checked:
    """Read an account table; raises `BadFile` or `BadAccounts`, whose text names row, column and way out."""
    return _in_a_child(file, mapping or {}, "accounts", set_aside=set_aside, source=source or file.name)


def history(
    file: Path, *, mapping: Mapping[str, str] | None = None, set_aside: bool = False, source: str | None = None
) -> Checked:
    """Read a revenue history; raises as `accounts` does."""
    return _in_a_child(file, mapping or {}, "history", set_aside=set_aside, source=source or file.name)


def trusted(file: Path, *, fields: str = "accounts") -> Checked:
    """Read a file that came with the program, without the child."""
    return _read(file, {}, fields, set_aside=False, source=file.name)


def _read(file: Path, mapping: Mapping[str, str], fields: str, *, set_aside: bool, source: str) -> Checked:
    wanted = HISTORY if fields == "history" else FIELDS
    try:
        raw = reading.read(file)
    except BadFile as error:  # an upload lies under a name of ours; the sentence names the user's
        raise BadFile(error.what, where=source, way_out=error.way_out) from error
    return checking.check(raw, mapping=mapping, fields=wanted, set_aside=set_aside, source=source)


def _in_a_child(file: Path, mapping: Mapping[str, str], fields: str, *, set_aside: bool, source: str) -> Checked:
    request: dict[str, object] = {"file": str(file.resolve()), "mapping": dict(mapping), "fields": fields}
    request |= {"set_aside": set_aside, "source": source}
    with tempfile.TemporaryDirectory(prefix="tierwise-") as folder:
        command = [sys.executable, "-m", "core.accounts.ingest", folder]
        try:
            done = subprocess.run(  # noqa: S603  our own module, with no word of the user's in the command
                command,
                input=json.dumps(request),
                text=True,
                capture_output=True,
                timeout=WALL_SECONDS,
                cwd=_ROOT,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise _gave_up(source, f"reading took more than {WALL_SECONDS} seconds") from error
        report = Path(folder) / "report.json"
        if done.returncode != 0 or not report.exists():
            raise _gave_up(source, "reading it was stopped, since it asked for too much memory or time, or is broken")
        return _result(Path(folder), json.loads(report.read_text(encoding="utf-8")))


def _gave_up(source: str, what: str) -> BadFile:
    return BadFile(what, where=source, way_out="Export the table again, or hand it over as CSV UTF-8")


def _result(folder: Path, report: dict[str, Any]) -> Checked:
    """Rebuild what the child found, or the error it met."""
    findings = _load(folder / "findings.arrow")
    if "error" in report:
        facts = {key: str(report[key]) for key in ("what", "where", "way_out")}
        kind = _ERRORS[str(report["error"])]
        raise BadAccounts(**facts, findings=findings) if kind is BadAccounts else kind(**facts)
    table = _load(folder / "table.arrow")
    columns = tuple(Column(name, heading, Kind(kind)) for name, heading, kind in report["columns"])
    kept = {key: report[key] for key in ("rows_in_file", "rows_set_aside")}
    return Checked(table, columns, findings, **kept, notes=tuple(report["notes"]))


def _load(file: Path) -> pa.Table:
    # Read into memory rather than mapped: the folder goes away.
    with pa.OSFile(str(file), "rb") as stream:
        return pa.ipc.open_file(stream).read_all()


def _save(table: pa.Table, file: Path) -> None:
    with pa.OSFile(str(file), "wb") as stream, pa.ipc.new_file(stream, table.schema) as writer:
        writer.write_table(table)


def _limit() -> None:
    """Bound this process; where the system knows no limits (Windows), the wall time alone holds."""
    with contextlib.suppress(ImportError):
        import resource  # noqa: PLC0415  not on Windows

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _child(folder: Path) -> None:
    """Do the work of the child: request on standard input, answer as files in `folder`."""
    _limit()
    request = json.load(sys.stdin)
    findings = checking.FINDINGS.empty_table()
    try:
        checked = _read(Path(request.pop("file")), request.pop("mapping"), request.pop("fields"), **request)
    except TierwiseError as error:
        report: dict[str, Any] = {"error": type(error).__name__}
        report |= {"what": error.what, "where": error.where, "way_out": error.way_out}
        found = getattr(error, "findings", None)
        findings = found if isinstance(found, pa.Table) else findings
    else:
        _save(checked.table, folder / "table.arrow")
        findings = checked.findings
        report = {"rows_in_file": checked.rows_in_file, "rows_set_aside": checked.rows_set_aside}
        report |= {"notes": checked.notes, "columns": [[c.name, c.heading, c.kind.value] for c in checked.columns]}
    _save(findings, folder / "findings.arrow")
    (folder / "report.json").write_text(json.dumps(report), encoding="utf-8")


if __name__ == "__main__":
    _child(Path(sys.argv[1]))
