"""Building a book from files and a recipe: read, map, join, check, merge; runs in the child that reads files."""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from core.accounts import checking, grouping, joining, mapping, merging, reading
from core.accounts.checking import FINDINGS, Checked
from core.accounts.contract import FIELDS, HISTORY, Kind, normalise
from core.accounts.raws import plain, whole
from core.accounts.recipe import Part
from core.errors import BadFile
from core.wording import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from core.accounts.contract import Field
    from core.accounts.grouping import Grouped
    from core.accounts.joining import Joined
    from core.accounts.mapping import Proposal
    from core.accounts.merging import Alike, Same
    from core.accounts.raws import Raw
    from core.accounts.recipe import Recipe

    Told = Callable[[float, str], None]

_T = TypeVar("_T")

PREVIEW = 20
"""Rows of raw cells that are shown beside what was read from them."""
SAMPLE = 200_000
"""Rows by which a mapping and joins are proposed."""
LARGE = 32 << 20
"""Bytes from which only the beginning of a text file is looked at."""
MOST_SAME = 100_000
"""Accounts among which doubles are looked for."""
MOST_LISTED = 1_000
MERGE = "Merge the two, or leave them"
_INDUSTRY = ("industry", "sector", "vertical", "industry vertical", "branche")
_WEB = ("website", "domain", "web", "url", "homepage", "company domain name", "web site")


@dataclass(frozen=True, slots=True)
class Look:
    """A file at first sight: its parts, where one must be chosen, and else its first rows and how it was read."""

    parts: tuple[str, ...]
    sample: Raw | None
    facts: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Built:
    """A book as it was built: accounts, history, what became of joined rows, what may be merged, and how it was read.

    `preview` holds the first rows as they stood in the file, under the headings; `mapping` what fed each field; `asked`
    the proposals that were too doubtful to apply; `parts` how the further tables joined.
    """

    accounts: Checked
    history: Checked | None = None
    joined: tuple[Joined, ...] = ()
    alike: tuple[Alike, ...] = ()
    same: tuple[Same, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    headings: tuple[str, ...] = ()
    preview: pa.Table = field(default_factory=lambda: pa.table({}))
    mapping: Mapping[str, str] = field(default_factory=dict)
    asked: tuple[Proposal, ...] = ()
    parts: tuple[tuple[int, Part], ...] = ()


def look(path: Path, name: str, part: str = "") -> Look:
    """Look at a file's parts, and at the first rows of the part that is meant; raises `BadFile`."""
    parts = tuple(_named(name, lambda: reading.parts(path)))
    if len(parts) > 1 and not part:
        kind = reading.kind_of(path)
        if kind != "xlsx":
            return Look(parts, None)
        part = parts[0]
    raw = _named(name, lambda: _beginning(path, part))
    _refuse_title(raw, name)
    sample = replace(raw, cells=raw.cells.slice(0, SAMPLE).combine_chunks(), broken=(), faults=())
    return Look(parts, sample, raw.facts, raw.notes)


def _beginning(path: Path, part: str) -> Raw:
    """Read a file, of a large text only the beginning."""
    if path.stat().st_size < LARGE or reading.kind_of(path) not in {"text", "json"}:
        return reading.read(path, part)
    with path.open("rb") as stream:
        start = stream.read(LARGE // 4)
    if b"\x00" in start:
        return reading.read(path, part)
    with tempfile.TemporaryDirectory(prefix="tierwise-") as folder:
        beginning = Path(folder) / "beginning"
        beginning.write_bytes(start[: start.rfind(b"\n") + 1])
        try:
            return reading.read(beginning, part)
        except BadFile:  # perhaps the cut fell into a quoted cell
            return reading.read(path, part)


def _refuse_title(raw: Raw, name: str) -> None:
    """Refuse a file whose headings stand below other rows; which row means what is not guessed."""
    row = mapping.headings_below(raw)
    if row:
        what = f"the headings seem to stand in row {row}, and the rows above are no headings"
        raise BadFile(what, where=name, way_out="Remove the rows above, so that one row of headings is the first")


def _named(name: str, work: Callable[[], _T]) -> _T:
    """Let a sentence name the file that the reader knows."""
    try:
        return work()
    except BadFile as error:
        raise BadFile(error.what, where=name, way_out=error.way_out) from error


def build(
    files: Sequence[tuple[Path, str, str]],
    recipe: Recipe,
    *,
    fields: Sequence[Field] = FIELDS,
    told: Told | None = None,
) -> Built:
    """Build a book from files (path, name, part), the accounts first; raises what reading and checking raise."""
    say = told or (lambda _share, _what: None)
    # Joining compares cells with cells; a single table's words may stay numbered.
    raws = _all(files, say, coded=len(files) == 1 and not recipe.grouped)
    raw, source = raws[0], files[0][1]
    _refuse_title(raw, source)
    proposed = mapping.propose(raw, fields) if recipe.propose else []
    sure = [p for p in proposed if p.sure and p.field not in recipe.mapping]
    fed = {p.field: p.heading for p in sure} | dict(recipe.mapping)
    if recipe.grouped and recipe.propose:
        fed = {"account_id": recipe.grouped, "name": recipe.grouped} | fed
    parts = _parts(files, raws, recipe, fed)
    say(0.5, "Joining" if parts else "Checking every cell")
    grouped, fed = _grouped(raw, recipe, fed, parts)
    first = grouped.accounts if grouped else raw
    tables = [(files[n][1], raws[n] if n else replace(raw, broken=()), part) for n, part, _ in parts if n < len(raws)]
    made = joining.join(first, tables, recipe.formats, ids=_id_heading(first, fed))
    say(0.6, "Checking every cell")
    with ThreadPoolExecutor(1) as pool:  # words that look alike are looked for beside it, in the cells as they are
        looking = pool.submit(_alike, raws, [name for _, name, _ in files])
        checked = _checked(made.accounts, fed, recipe, fields, source)
        alike = looking.result()
    checked = _counted(checked, grouped, made.joined) if grouped else checked
    checked = _merged(checked, recipe, made.accounts)
    past = _history(made.history, checked)
    say(0.85, "Looking for doubles")
    same = tuple(_same(checked)) if fields is FIELDS else ()
    before = (*_said(sure, parts, files), *checked.notes)
    if raw.cells.num_rows > SAMPLE:
        before = (*before, f"words that look alike are looked for in the first {SAMPLE:,} rows")
    notes = (*before, *(note for other in raws[1:] for note in other.notes), *made.notes)
    findings = pa.concat_tables([checked.findings, made.findings, _hints(alike, same)])
    checked = replace(checked, findings=findings, notes=notes)
    asked = tuple(p for p in proposed if not p.sure and p.field not in fed)
    joined = tuple((n, part) for n, part, _ in parts)
    shown, headings = _preview(made.accounts), made.accounts.headings
    return Built(checked, past, made.joined, alike, same, raw.facts, headings, shown, fed, asked, joined)


def _checked(raw: Raw, fed: Mapping[str, str], recipe: Recipe, fields: Sequence[Field], source: str) -> Checked:
    return checking.check(
        raw,
        mapping=fed,
        formats=recipe.formats,
        merges=recipe.merges,
        fields=fields,
        set_aside=recipe.set_aside,
        source=source,
        twice=recipe.twice != "",
    )


def _all(files: Sequence[tuple[Path, str, str]], say: Told, *, coded: bool) -> list[Raw]:
    raws = []
    for n, (path, name, part) in enumerate(files):
        say(0.5 * n / len(files), f"Reading {name}")
        raws.append(_named(name, partial(reading.read, path, part, coded=coded)))
    return raws


def _said(
    sure: Sequence[Proposal], parts: Sequence[tuple[int, Part, str]], files: Sequence[tuple[Path, str, str]]
) -> list[str]:
    """Tell what was applied because it left no doubt."""
    said = [f"{p.field} is read from “{p.heading}”: {p.reason}" for p in sure if p.confidence < 1.0]
    return said + [f"{files[n][1]}: {reason}" for n, _, reason in parts if reason]


def _parts(
    files: Sequence[tuple[Path, str, str]], raws: Sequence[Raw], recipe: Recipe, fed: Mapping[str, str]
) -> list[tuple[int, Part, str]]:
    """Give how every further table joins: as decided, and, where that may be proposed, as proposed, with the reason."""
    parts = [(n, part, "") for n, part in recipe.parts]
    parts = [one for one in parts if one[0] or recipe.grouped]
    if recipe.propose:
        decided = {n for n, _ in recipe.parts}
        if recipe.grouped and 0 not in decided:
            parts += [(0, part, reason) for part, reason in joining.propose_sums(raws[0], recipe.grouped)]
        for n in range(1, len(raws)):
            if n not in decided:
                found = joining.propose(raws[0], files[n][1], raws[n], fed)
                parts += [(n, part, reason) for part, reason in found]
                if not found:
                    parts.append((n, Part(use="skip"), "no column of it names the accounts, so it is left out"))
    return parts


def _grouped(
    raw: Raw, recipe: Recipe, fed: dict[str, str], parts: Sequence[tuple[int, Part, str]]
) -> tuple[Grouped | None, dict[str, str]]:
    """Make accounts of the first file's rows, where they are payments or deals; what is summed feeds no field."""
    if not recipe.grouped:
        return None, fed
    own = [part for n, part, _ in parts if n == 0]
    of_rows = {heading for part in own for heading in (part.amount, part.day, part.end, part.only) if heading}
    fed = {field: heading for field, heading in fed.items() if heading not in of_rows}
    day = next((part.day for part in own if part.day), "")
    found = grouping.group(raw, recipe.grouped, fed=set(fed.values()), of_rows=of_rows, day=day, formats=recipe.formats)
    return found, fed


def _counted(checked: Checked, grouped: Grouped, joined: Sequence[Joined]) -> Checked:
    """Count the rows of the file, of which each account has several: those that no account has count as set aside."""
    left = pc.is_in(whole(grouped.accounts.cells["row"]), value_set=whole(checked.table["row"]))
    rows = grouped.rows + len(grouped.accounts.broken)
    unreadable = joined[0].unreadable if joined else 0
    kept = int(grouped.counts[left.to_numpy(zero_copy_only=False)].sum()) - unreadable
    return replace(checked, rows_in_file=rows, rows_set_aside=rows - kept)


def _same(checked: Checked) -> list[Same]:
    if checked.table.num_rows > MOST_SAME:
        return []
    return merging.same(checked.table, _websites(checked))[:MOST_LISTED]


def _hints(alike: Sequence[Alike], same: Sequence[Same]) -> pa.Table:
    """List what may be merged as findings that set nothing aside."""
    rows = [
        (f"{one.table}: {one.heading}" if one.table else one.heading, one.word,
         f"“{one.word}” ({plural(one.rows, 'row')}) looks like “{one.meant}”: {one.why}", MERGE)
        for one in alike
    ]  # fmt: skip
    rows += [
        ("name", one.name, f"“{one.name}” ({one.id}) looks like “{one.kept_name}” ({one.kept_id}): {one.why}", MERGE)
        for one in same
    ]  # fmt: skip
    listed = [
        {"row": None, "column": column, "severity": "hint", "value": value, "what": what, "way_out": way_out}
        for column, value, what, way_out in rows
    ]
    return pa.Table.from_pylist(listed, FINDINGS)


def _preview(raw: Raw) -> pa.Table:
    cells = plain(raw.cells.slice(0, PREVIEW)).combine_chunks()
    return pa.table([cells["row"], *(cells[f"c{i}"] for i in range(len(raw.headings)))], names=cells.column_names)


def _alike(raws: Sequence[Raw], names: Sequence[str]) -> tuple[Alike, ...]:
    found: list[Alike] = []
    raws = [replace(raw, cells=raw.cells.slice(0, SAMPLE)) for raw in raws]
    short = [[h for h in raw.headings if h and (raws[1:] or mapping.words(h) in _INDUSTRY)] for raw in raws]
    said = [merging.words_of(raw, headings) for raw, headings in zip(raws, short, strict=True)]
    for n, raw in enumerate(raws):
        elsewhere: dict[str, list[str]] = {}
        for other in (*said[:n], *said[n + 1 :]):
            for heading, words in other.items():
                elsewhere.setdefault(heading, []).extend(words)
        for heading, own in said[n].items():
            if mapping.words(heading) in _INDUSTRY:
                elsewhere.setdefault(heading, []).extend(merging.industries(own))
        table = names[n] if len(raws) > 1 else ""
        found += [replace(one, table=table) for one in merging.propose(raw, elsewhere)]
    return tuple(found)


def _websites(checked: Checked) -> pa.Array | None:
    for column in checked.columns:
        if column.kind is Kind.TEXT and mapping.words(column.heading) in _WEB:
            return checked.table[column.name].combine_chunks()
    return None


def _merged(checked: Checked, recipe: Recipe, raw: Raw) -> Checked:
    """Make accounts one where the reader agreed; each row that goes is told with the row that it went into."""
    money = [column.name for column in checked.columns if column.kind is Kind.MONEY]
    if not (recipe.twice or recipe.same):
        return checked
    table, gone = plain(checked.table), []
    if recipe.twice:
        table, pairs = merging.first_of_twice(table, money if recipe.twice == "sum" else ())
        gone += pairs
    if recipe.same:
        table, pairs = merging.merge(table, recipe.same, money)
        gone += pairs
    if not gone:
        return checked
    told = [
        {"row": row, "column": "", "severity": "merged", "value": "", "what": f"merged into row {into}", "way_out": ""}
        for row, into in gone
    ]
    findings = pa.Table.from_pylist(told, FINDINGS)
    aside = checking.originals(raw, findings)
    both = (
        pa.concat_tables([checked.aside, aside], promote_options="permissive") if checked.aside is not None else aside
    )
    return replace(
        checked,
        table=table,
        findings=pa.concat_tables([checked.findings, findings]),
        rows_set_aside=checked.rows_set_aside + len(gone),
        aside=both,
    )


def _id_heading(raw: Raw, fed: Mapping[str, str]) -> str:
    """Give the heading of the ids; nothing where there is none, which checking will say."""
    exact = [heading for heading in raw.headings if normalise(heading) == "account_id"]
    return fed.get("account_id", "") or (exact[0] if exact else "")


def _history(raw: Raw | None, checked: Checked) -> Checked | None:
    """Check the history that joined amounts gave, of the accounts that are left."""
    if raw is None:
        return None
    found = checking.check(raw, fields=HISTORY, source="the history")
    known = pc.is_in(found.table["account_id"], value_set=checked.table["account_id"].combine_chunks())
    table = found.table.filter(known)
    return replace(found, table=table) if table.num_rows else None
