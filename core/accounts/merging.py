"""Merging: words of a category that look like one word written in two ways, offered and never merged unseen.

“Technolgy” is one letter from Technology, “GTXPro” is GTX and Pro without the space that its siblings have, “retail ”
and “Retail” differ in case. The word that more rows use is the one that is kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz import fuzz

from core.accounts import columns, raws, values
from core.accounts.contract import Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from core.accounts.raws import Raw

MOST_WORDS = 300
"""A column of more different words is no category."""
INDUSTRIES = (
    "Technology", "Software", "Manufacturing", "Healthcare", "Retail", "Financial Services", "Insurance", "Banking",
    "Education", "Energy", "Telecommunications", "Transportation", "Logistics", "Construction", "Real Estate",
    "Hospitality", "Government", "Automotive", "Aerospace", "Agriculture", "Pharmaceuticals", "Entertainment",
    "Employment", "Marketing", "Services", "Medical",
)  # fmt: skip
"""Names of industries by which one that is misspelled in every row is noticed."""
NEAR = 88.0
_LONG = 5


@dataclass(frozen=True, slots=True)
class Alike:
    """A word, the word that it seems to stand for, and how many rows say each; `why` tells what they share.

    `table` names the file, where there are several.
    """

    heading: str
    word: str
    meant: str
    rows: int
    rows_meant: int
    why: str
    table: str = ""


def propose(raw: Raw, elsewhere: Mapping[str, Sequence[str]] | None = None) -> list[Alike]:
    """List the words of every category that look like another one of it, or of the column so called in other tables."""
    found = []
    for i, heading in enumerate(raw.headings):
        column = raw.cells[f"c{i}"]
        if not heading or not _says_words(column) or _many(column):
            continue
        counts = _counted(column)
        others = dict.fromkeys((elsewhere or {}).get(heading, ()), 0)
        if len(counts) <= MOST_WORDS and len(counts) < 0.5 * len(column) and _are_words(counts):
            found += _alike(heading, {**others, **counts}, counts)
    return found


def _says_words(column: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_string(column.type) or pa.types.is_dictionary(column.type))


def _counted(column: pa.ChunkedArray) -> dict[str, int]:
    """Count the rows that say each word."""
    coded = raws.whole(column if pa.types.is_dictionary(column.type) else column.dictionary_encode())
    said = np.bincount(coded.indices.drop_null().to_numpy(), minlength=len(coded.dictionary)).tolist()
    counts: dict[str, int] = {}
    for word, rows in zip(values.trimmed(coded.dictionary).to_pylist(), said, strict=True):
        if word and rows:
            counts[word] = counts.get(word, 0) + rows
    return counts


def industries(words: Sequence[str]) -> list[str]:
    """Give the names of industries that a column does not say itself, in its own capitals, plurals left out.

    >>> industries(["technolgy", "retail"])[:2]
    ['technology', 'software']
    """
    said = {word.casefold().removesuffix("s") for word in words}
    small = all(word == word.lower() for word in words)
    return [name.lower() if small else name for name in INDUSTRIES if name.casefold().removesuffix("s") not in said]


def words_of(raw: Raw, headings: Collection[str]) -> dict[str, list[str]]:
    """Give the words of those of the columns that are short, for a table beside it."""
    made = {}
    for i, heading in enumerate(raw.headings):
        column = raw.cells[f"c{i}"]
        if heading in headings and _says_words(column) and not _many(column):
            words = list(_counted(column))
            if len(words) <= MOST_WORDS:
                made[heading] = words
    return made


def _many(column: pa.ChunkedArray) -> bool:
    """Tell soon whether a column has too many words to be a category."""
    return int(pc.count_distinct(raws.decoded(column.slice(0, 5_000))).as_py()) > MOST_WORDS


def _are_words(counts: Mapping[str, int]) -> bool:
    texts = pa.array(list(counts), pa.string())
    said = texts.filter(pc.invert(pc.is_in(texts, pa.array(["nan", "NaN"]))))
    if len(counts) > 1 and not pc.all(pc.match_substring_regex(said, r"\d")).as_py():
        return True  # no number and no day is written without a digit
    return len(counts) > 1 and columns.shown("x", "x", texts).column.kind is Kind.TEXT


def _squashed(word: str) -> str:
    return re.sub(r"[\W_]+", "", word.casefold())


def _alike(heading: str, counts: Mapping[str, int], own: Mapping[str, int]) -> list[Alike]:
    made: dict[str, Alike] = {}
    order = sorted(counts, key=lambda word: (-counts[word], word))
    for place, meant in enumerate(order):
        for word in order[place + 1 :]:
            # A word that is told to be another stands for no third; one of another table is the better spelling.
            if word in made or meant in made:
                continue
            said, kept = (meant, word) if word not in own else (word, meant)
            if said in own and (why := _why(said, kept)):
                made[said] = Alike(heading, said, kept, own[said], counts[kept], why)
    known = {part for word in counts for part in word.split() if " " in word}
    for word in own:
        spaced = _spaced(word, known) if word not in made else ""
        if spaced and not any(one.meant == word for one in made.values()):
            made[word] = Alike(heading, word, spaced, own[word], counts.get(spaced, 0), "a space seems to be missing")
    return sorted(made.values(), key=lambda one: -one.rows)


def _why(word: str, meant: str) -> str:
    if word.casefold() == meant.casefold():
        return "differs in capitals alone"
    if _squashed(word) == _squashed(meant) and _squashed(word):
        return "differs in spaces and signs alone"
    if min(len(word), len(meant)) < _LONG or re.sub(r"\D", "", word) != re.sub(r"\D", "", meant):
        return ""
    if abs(len(word) - len(meant)) > 2 or word.count(" ") != meant.count(" "):
        return ""
    pairs = list(zip(word.casefold().split(), meant.casefold().split(), strict=False))
    near = all(a == b or (min(len(a), len(b)) >= _LONG and fuzz.ratio(a, b) >= NEAR) for a, b in pairs)
    return "spelled nearly alike" if near and pairs else ""


def _spaced(word: str, known: set[str]) -> str:
    """Part a word into two words of its siblings: GTXPro, where others say GTX Basic and GTX Plus Pro."""
    for cut in range(2, len(word) - 1):
        if word[:cut] in known and word[cut:] in known:
            return f"{word[:cut]} {word[cut:]}"
    return ""


# Accounts that seem to be one ----------------------------------------------------------------------------------------

MOST_COMPARED = 20_000
"""Accounts among which near names are looked for; above, only names that are the same but for form."""
_FORMS = re.compile(
    r"\b(incorporated|inc|llc|ltd|limited|gmbh|ag|se|sa|sas|sarl|bv|nv|corp|corporation|co|company|plc|oy|ab|as|spa|srl|"
    r"holding|holdings|group|the|kg|pty|pte)\b\.?"
)
_DOMAIN = re.compile(r"^(?:https?://)?(?:www\.)?([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?:[/:].*)?$", re.IGNORECASE)
_COMMON = {"gmail.com", "yahoo.com", "hotmail.com", "outlook.com", "icloud.com", "gmx.de", "web.de"}


@dataclass(frozen=True, slots=True)
class Same:
    """Two accounts that seem to be one: ids, names, and why."""

    id: str
    name: str
    kept_id: str
    kept_name: str
    why: str


def same(table: pa.Table, websites: pa.Array | None = None) -> list[Same]:
    """List accounts whose names are the same but for form and spelling, or whose websites are the same.

    `table` holds `account_id` and `name`; `websites` what stands in a column of addresses, row by row.
    """
    ids, names = table["account_id"].to_pylist(), table["name"].to_pylist()
    bare = [_bare(name or "") for name in names]
    found: dict[tuple[int, int], str] = {}
    first: dict[str, int] = {}
    for i, key in enumerate(bare):
        if key and key in first:
            found[first[key], i] = (
                "the names differ in form alone" if names[i] != names[first[key]] else "the same name"
            )
        first.setdefault(key, i)
    if websites is not None:
        homes: dict[str, int] = {}
        for i, text in enumerate(websites.to_pylist()):
            domain = _DOMAIN.match(text or "")
            key = domain[1].lower() if domain else ""
            if key and key not in _COMMON and key in homes:
                found.setdefault((homes[key], i), f"both are at {key}")
            homes.setdefault(key, i)
    if len(names) <= MOST_COMPARED:
        found = {**_near(bare), **found}
    return [Same(ids[j], names[j], ids[i], names[i], why) for (i, j), why in sorted(found.items())]


def _bare(name: str) -> str:
    return re.sub(r"[\W_]+", "", _FORMS.sub(" ", name.casefold()))


def _near(bare: Sequence[str]) -> dict[tuple[int, int], str]:
    """Compare names that begin or end alike, since a letter is seldom wrong at both ends."""
    found: dict[tuple[int, int], str] = {}
    for part in (slice(0, 4), slice(-4, None)):
        blocks: dict[str, list[int]] = {}
        for i, text in enumerate(bare):
            if len(text) >= 7:
                blocks.setdefault(text[part], []).append(i)
        for block in blocks.values():
            if 1 < len(block) <= 200:
                found |= _pairs(bare, block)
    return found


def _pairs(bare: Sequence[str], block: Sequence[int]) -> dict[tuple[int, int], str]:
    made = {}
    for place, i in enumerate(block):
        for j in block[place + 1 :]:
            one, other = bare[i], bare[j]
            digits = re.sub(r"\D", "", one) == re.sub(r"\D", "", other)
            if one != other and digits and abs(len(one) - len(other)) < 3 and fuzz.ratio(one, other) >= 92:
                made[min(i, j), max(i, j)] = "the names are spelled nearly alike"
    return made


def merge(table: pa.Table, into: Mapping[str, str], money: Sequence[str]) -> tuple[pa.Table, list[tuple[int, int]]]:
    """Make accounts one, as the reader agreed: gaps are filled, amounts added; give the rows that went and where to.

    The row that is kept keeps what it says. A chain of ids ends at the last of them.
    """
    ids = table["account_id"].to_pylist()
    at = {ident: i for i, ident in reversed(list(enumerate(ids)))}
    home = {i: at[_end(ident, into)] for i, ident in enumerate(ids) if ident in into and _end(ident, into) in at}
    home = {i: j for i, j in home.items() if i != j}
    return _folded(table, home, money)


def first_of_twice(table: pa.Table, money: Sequence[str]) -> tuple[pa.Table, list[tuple[int, int]]]:
    """Make rows with the same id one account: the first row, its gaps filled, amounts added."""
    ids = table["account_id"].to_pylist()
    first: dict[str, int] = {}
    home = {}
    for i, ident in enumerate(ids):
        if first.setdefault(ident, i) != i:
            home[i] = first[ident]
    return _folded(table, home, money)


def _end(ident: str, into: Mapping[str, str]) -> str:
    seen = {ident}
    while ident in into and into[ident] not in seen:
        ident = into[ident]
        seen.add(ident)
    return ident


def _folded(table: pa.Table, home: Mapping[int, int], money: Sequence[str]) -> tuple[pa.Table, list[tuple[int, int]]]:
    if not home:
        return table, []
    touched = sorted({*home, *home.values()})
    rows = dict(zip(touched, table.take(pa.array(touched)).to_pylist(), strict=True))
    for i, j in home.items():
        for name, value in rows[i].items():
            if name in money and value is not None and rows[j][name] is not None:
                rows[j][name] += value
            elif rows[j][name] is None:
                rows[j][name] = value
    kept = np.ones(table.num_rows, bool)
    kept[list(home)] = False
    targets = sorted(set(home.values()))
    changed = pa.Table.from_pylist([rows[j] for j in targets], table.schema)
    rest = kept.copy()
    rest[targets] = False
    order = np.concatenate([np.flatnonzero(rest), np.array(targets, np.int64)])
    made = pa.concat_tables([table.filter(pa.array(rest)), changed]).take(pa.array(np.argsort(order, kind="stable")))
    number = table["row"].to_pylist()
    return made, [(number[i], number[j]) for i, j in sorted(home.items())]
