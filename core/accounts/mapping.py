"""Mapping: which heading feeds which field of the contract, proposed from headings and content, never applied blind.

A proposal has a confidence from 0 to 1 and a reason. It is `sure` where its name leaves no doubt, its values fit and
nothing else claims the field; everything else is put before the reader. On amounts and ids two candidates are always
one too many: a wrong column of money makes every number wrong and looks right.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz import fuzz

from core.accounts import columns, raws
from core.accounts.columns import Column
from core.accounts.contract import BY_NAME, FIELDS, Field, Kind, normalise
from core.workspace.document import Change

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.accounts.raws import Raw
    from core.workspace.document import Stamp
    from core.workspace.state import Store

SURE = 0.9
"""From here on a proposal may be applied, and is told."""
LIKELY = 0.5
"""From here on it is shown as the one to confirm."""
SAMPLE = 2_000
_NEAR = 88.0
_DELICATE = ("account_id", "parent_id")
_CRM = {"number of employees", "numberofemployees", "hs object id", "billing country", "account owner", "record id",
        "company owner", "lifecycle stage", "ownerid", "owner id", "last activity date"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Proposal:
    """One field and the heading that seems to feed it, with the other headings that could; `sure` may be applied."""

    field: str
    heading: str
    confidence: float
    reason: str
    others: tuple[str, ...] = ()

    @property
    def sure(self) -> bool:
        """Tell whether it may be applied without being asked about."""
        return self.confidence >= SURE


@dataclass(frozen=True, slots=True)
class _Claim:
    field: str
    heading: str
    confidence: float
    reason: str


def words(heading: str) -> str:
    """Bring a heading to plain words: camelCase parted, signs, Salesforce's __c and what stands in brackets left out.

    >>> words("AnnualRevenue"), words("Number_of_Employees__c"), words("ARR (USD)"), words("Account: Account Name")
    ('annual revenue', 'number of employees', 'arr', 'account name')
    """
    text = re.sub(r"__(c|pc|r)$", "", heading.strip())
    text = re.sub(r"\(.*?\)|\[.*?\]", " ", text)
    text = text.rpartition(":")[2] or text
    text = re.sub(r"([a-zäöüß0-9])([A-Z])", r"\1 \2", text)
    text = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1 \2", text)
    return " ".join(re.sub(r"[^\w%]+|_+", " ", text).lower().split())


def propose(raw: Raw, fields: Sequence[Field] = FIELDS) -> list[Proposal]:
    """Propose a heading for every field that any heading could feed; one heading feeds one field.

    Only an account's name may serve as its id as well, where nothing else can and no name stands twice.
    """
    headings = [heading for heading in raw.headings if heading]
    claims = [claim for field in fields for heading in headings if (claim := _claim(raw, field, heading))]
    crm = bool({words(heading) for heading in headings} & _CRM)
    claims = [_doubted(claim) if crm and _may_be_their_own(claim) else claim for claim in claims]
    taken: dict[str, str] = {}
    found: dict[str, Proposal] = {}
    for claim in sorted(claims, key=lambda c: (-c.confidence, [f.name for f in fields].index(c.field))):
        if claim.field in found or claim.heading in taken:
            continue
        taken[claim.heading] = claim.field
        rivals = [c for c in claims if c.field == claim.field and c.heading != claim.heading]
        found[claim.field] = _weighed(claim, [r for r in rivals if taken.get(r.heading, claim.field) == claim.field])
    if fields is FIELDS and "account_id" not in found and "name" in found:
        key = _name_as_id(raw, found["name"])
        found |= {key.field: key} if key else {}
    return [found[field.name] for field in fields if field.name in found]


def headings_below(raw: Raw) -> int:
    """Find the row of the file whose cells name more fields than the first row, which leaves gaps; 0 where none does.

    Reports of CRMs put a title above the headings, and people put a second row of them below.
    """
    if all(raw.headings) and len(raw.headings) > 1:
        return 0
    rows = [(row, _split(text)) for row, _, text in raw.broken[:TOP]]
    few = raw.cells.slice(0, TOP)
    if all(pa.types.is_string(raws.decoded(column).type) for column in few.columns[1:]):
        cells = [list(row.values()) for row in raws.plain(few.drop_columns("row")).to_pylist()]
        cells = [_split(row[0]) for row in cells] if len(raw.headings) == 1 else cells
        rows += zip(few["row"].to_pylist(), cells, strict=True)
    said = _named(raw.headings)
    better = [(row, found) for row, cells in sorted(rows) if (found := _named(cells)) >= ENOUGH and found > said]
    return better[0][0] if better else 0


TOP, ENOUGH = 30, 2
"""Rows among which headings are looked for, and fields that they must name."""


def _split(text: str) -> list[str]:
    mark = max(",;\t|", key=text.count)
    return [cell.strip().strip('"') for cell in text.split(mark)]


def _named(cells: Sequence[str | None]) -> int:
    """Count the fields of the contract that some cells name."""
    said = [cell for cell in cells if cell]
    return sum(any(_by_name(field, cell)[0] for cell in said) for field in FIELDS)


def _may_be_their_own(claim: _Claim) -> bool:
    said = words(claim.heading)
    named = claim.field == "annual_revenue" != claim.heading
    return named and "annual" in said and "recurring" not in said and "contract" not in said


def _doubted(claim: _Claim) -> _Claim:
    reason = "in a CRM's export this is often what the company itself turns over, not what it pays you"
    return _Claim(claim.field, claim.heading, min(claim.confidence, 0.6), reason)


def _weighed(claim: _Claim, rivals: Sequence[_Claim]) -> Proposal:
    """Weigh a claim against the other headings that could feed the field."""
    field = BY_NAME.get(claim.field)
    delicate = claim.field in _DELICATE or (field is not None and field.kind is Kind.MONEY) or claim.field == "amount"
    # Nobody contests a heading that is spelled as the contract spells it.
    close = [r for r in rivals if r.confidence >= (LIKELY if delicate else claim.confidence - 0.2)]
    others = tuple(r.heading for r in sorted(rivals, key=lambda r: -r.confidence))
    confidence, reason = claim.confidence, claim.reason
    if close and claim.confidence < 1.0:
        confidence = min(confidence, 0.7)
        reason += f"; “{close[0].heading}” could be it as well"
    return Proposal(claim.field, claim.heading, round(confidence, 2), reason, others)


def _claim(raw: Raw, field: Field, heading: str) -> _Claim | None:
    """Say how well a heading fits a field: its name first, then whether its values can be the field's."""
    confidence, reason = _by_name(field, heading)
    if not confidence:
        return None
    if confidence == 1.0:  # spelled as the contract spells it: faults are findings
        return _Claim(field.name, heading, confidence, reason)
    fits, doubt = _fit(raw, field, heading)
    if fits < 0.5:
        return None
    if fits < 0.9:
        return _Claim(field.name, heading, min(confidence, 0.6), f"{reason}, but {doubt}")
    return _Claim(field.name, heading, confidence, reason)


def _by_name(field: Field, heading: str) -> tuple[float, str]:
    if normalise(heading) == field.name:
        return 1.0, "the contract's own name"
    said, known = words(heading), synonyms().get(field.name, {})
    if said.replace(" ", "_") == field.name:
        return 0.97, "the contract's own name, spelled otherwise"
    for level, confidence, reason in (("sure", 0.95, "a usual name for it"), ("doubtful", 0.6, "often its name")):
        if said in known.get(level, ()):
            return confidence, reason
    near = max(
        ((fuzz.ratio(said, name), name) for name in known.get("sure", ()) if abs(len(name) - len(said)) < 4),
        default=(0.0, ""),
    )
    if near[0] >= _NEAR and len(said) >= 6:
        return 0.7, f"spelled nearly like “{near[1]}”"
    return 0.0, ""


@cache
def synonyms() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """Read what other programs call the fields."""
    return tomllib.loads(Path(__file__).with_name("synonyms.toml").read_text(encoding="utf-8"))


def _fit(raw: Raw, field: Field, heading: str) -> tuple[float, str]:
    """Give the share of a column's first values that can be the field's, 1 where it has none, and what may be wrong."""
    cells = raws.decoded(raw.cells[f"c{raw.headings.index(heading)}"].slice(0, SAMPLE)).combine_chunks()
    cells = cells.chunk(0) if isinstance(cells, pa.ChunkedArray) else cells
    if pa.types.is_string(cells.type):
        from core.accounts.values import trimmed  # noqa: PLC0415  where it is needed

        cells = trimmed(cells)
    read = columns.typed(Column(field.name, heading, field.kind), cells)
    says = int(len(cells) - (read.values.null_count - int(read.bad.sum())))
    doubt = "not every value fits"
    if not says:
        return 1.0, doubt
    if field.kind is Kind.TEXT and field.name not in {"account_id", "parent_id", "name"} and _all_numbers(cells):
        return 0.0 if field.name != "owner" else 1.0, doubt
    if field.name == "name" and _all_numbers(cells):
        return 0.6, doubt
    if field.name == "account_id" and pc.count_distinct(cells).as_py() < says:
        return 0.6, "values of it stand in several rows"
    if field.kind is Kind.LIFECYCLE and read.bad.any():
        return 0.6, doubt  # words that can be said to mean customer or prospect
    return float(1 - int(read.bad.sum()) / says), doubt


def _all_numbers(cells: pa.Array) -> bool:
    found = columns.shown("x", "x", cells)
    return found.column.kind is Kind.NUMBER


def _name_as_id(raw: Raw, name: Proposal) -> Proposal | None:
    """Offer the name as the id, where no name stands twice."""
    column = raws.decoded(raw.cells[f"c{raw.headings.index(name.heading)}"])
    if pc.count_distinct(column).as_py() < len(column):
        return None
    reason = "no column holds ids, and no name stands twice"
    return Proposal("account_id", name.heading, min(0.8, name.confidence), reason)


# What was decided before ---------------------------------------------------------------------------------------------

KIND = "mapping"


def remembered(store: Store, headings: Sequence[str]) -> dict[str, object]:
    """Give what was decided for this set of headings before; empty where nothing was."""
    found = store.latest(KIND, key_of(headings))
    return {} if found is None else found.body


def remember(store: Store, headings: Sequence[str], recipe: Mapping[str, object], stamp: Stamp) -> None:
    """Keep what was decided for a set of headings, in any order."""
    if remembered(store, headings) != json.loads(json.dumps(recipe)):
        title = ", ".join(sorted(headings))[:80]
        store.write(lambda: Change(KIND, key_of(headings), "decided", title=title, body=dict(recipe)), stamp)


def key_of(headings: Sequence[str]) -> str:
    """Name a set of headings."""
    import hashlib  # noqa: PLC0415  where it is needed

    return hashlib.sha256(json.dumps(sorted(headings)).encode()).hexdigest()[:32]
