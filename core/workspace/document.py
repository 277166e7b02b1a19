"""Documents: what people made, as rows of a log in which nothing is overwritten.

Every change is a new version of a document; deleting is a version without a body. Each row carries a seal, the SHA-256
of everything in it and of the seal of the row before, so a flipped bit, a missing row and a changed order are all seen.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import secrets
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FIRST = "0" * 64
"""The seal before the first row."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who writes and when, and the nonce that makes a repeated request one write.

    A request that may be repeated (a double click, a retry after a lost answer) keeps its stamp; anything else gets a
    new one.
    """

    now: dt.datetime
    author: str = ""
    nonce: str = field(default_factory=lambda: secrets.token_hex(16))

    def __post_init__(self) -> None:
        if self.now.tzinfo is None:
            message = "the time needs a time zone"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Change:
    """The next version of a document, before it is written; no `body` deletes."""

    kind: str
    id: str
    action: str
    title: str = ""
    scope: str = ""
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One version of one thing, which is also one entry of the audit log. `text` is its body as JSON."""

    seq: int
    kind: str
    scope: str
    id: str
    version: int
    action: str
    title: str
    author: str
    time: dt.datetime
    nonce: str
    text: str | None
    before: str
    seal: str

    @property
    def deleted(self) -> bool:
        """Tell whether this version says that the document is no more."""
        return self.text is None

    @property
    def body(self) -> dict[str, Any]:
        """The content: a fresh copy each time, empty where deleted."""
        return {} if self.text is None else dict(json.loads(self.text))

    def row(self) -> tuple[Any, ...]:
        """Give the document as a row of the log."""
        values = {name: getattr(self, name) for name in COLUMNS}
        return tuple((values | {"time": self.time.isoformat(timespec="microseconds")}).values())


COLUMNS = tuple(column.name for column in fields(Document))
"""The columns of the log, in order."""


def following(last: Document | None, change: Change, stamp: Stamp, version: int) -> Document:
    """Make a change into the row of the log that follows `last`, sealed."""
    text = change.body if change.body is None else json.dumps(change.body, allow_nan=False)
    unsealed = Document(
        seq=last.seq + 1 if last else 1,
        kind=change.kind,
        scope=change.scope,
        id=change.id,
        version=version,
        action=change.action,
        title=change.title,
        author=stamp.author,
        time=stamp.now.astimezone(dt.UTC),
        nonce=stamp.nonce,
        text=text,
        before=last.seal if last else FIRST,
        seal="",
    )
    return replace(unsealed, seal=seal_of(unsealed.row()[:-1]))


def document_of(row: Sequence[Any]) -> Document | None:
    """Read a row; None where the seal does not fit what it says."""
    *content, seal = row
    if seal_of(content) != seal:
        return None
    values = dict(zip(COLUMNS, row, strict=True))
    return Document(**values | {"time": dt.datetime.fromisoformat(values["time"])})


def seal_of(content: Sequence[Any]) -> str:
    """Compute the seal of a row's content.

    As JSON, where no two rows look alike, and text never looks like a number; bytes, which no row of ours holds, are
    written in a way that no row of ours can be.
    """
    return hashlib.sha256(json.dumps(content, default=lambda value: {"not ours": repr(value)}).encode()).hexdigest()
