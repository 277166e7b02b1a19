"""Actions: what people do about an account, and what they wrote down of it.

An action belongs to an account of a *line* of books: the books of one name, whatever their date. So what was recorded
survives a refresh of the data; a book that gets another name begins anew, and two books that shall not share their
actions must not share a name. Nothing is overwritten: every change is a version with who and when, and the audit log
tells them all.

An action that is done, or snoozed until a day, answers one next step. When the data calls for another, the account is
open again; so it is when the day has come.

In: the state store, and a stamp (who, when) for each write.  Out: `Record`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from core.errors import TierwiseError
from core.workspace.state import Change

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.workspace.state import Document, Stamp, Store

Status = Literal["open", "done", "snoozed"]
STATUSES: tuple[Status, ...] = ("open", "done", "snoozed")
LONGEST_NOTE, LONGEST_WHO = 2000, 80
NOT_NAMED = "not named"

_KIND = "action"


@dataclass(frozen=True, slots=True)
class Entry:
    """What to record: the status, the next step that it answers, who does it, a note; `until` where it is snoozed."""

    status: Status
    action: str
    who: str = ""
    until: dt.date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """What was recorded of an account's action. `author` wrote it down at `time`; `who` is to do it."""

    account_id: str
    status: Status
    action: str
    who: str
    until: dt.date | None
    note: str
    author: str
    time: dt.datetime
    version: int

    def status_now(self, action: str, today: dt.date) -> Status:
        """Say how the account's present next step stands.

        Another step than the one recorded is open, and so is one whose snooze has ended.
        """
        if self.status == "snoozed" and (self.until is None or today >= self.until):
            return "open"
        return self.status if self.action == action else "open"


def line_of(name: str) -> str:
    """Give the line that a book belongs to, by its name; spaces, width and case of letters do not count.

    >>> line_of("EMEA  Accounts") == line_of("emea accounts")
    True
    """
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def record(store: Store, book: str, account_id: str, entry: Entry, stamp: Stamp, *, name: str = "") -> Record:
    """Record how an account's action stands, in the line of the book of that name; `name` is the account's.

    Raises `TierwiseError` where the status is none, a snooze has no day, or a text is too long.
    """
    entry = _checked(entry)
    body = {
        "account": account_id,
        "status": entry.status,
        "action": entry.action,
        "who": entry.who,
        "until": entry.until.isoformat() if entry.until else None,
        "note": entry.note,
    }
    line = line_of(book)
    change = Change(_KIND, _id(line, account_id), entry.status, title=name or account_id, scope=line, body=body)
    stamp = replace(stamp, author=_one_line(stamp.author, "author", LONGEST_WHO))
    return _read(store.write(lambda: change, stamp))


def latest(store: Store, book: str, account_id: str) -> Record | None:
    """Give what was recorded last of an account, None where nothing ever was."""
    found = store.latest(_KIND, _id(line_of(book), account_id))
    return _read(found) if found and not found.deleted else None


def history(store: Store, book: str, account_id: str) -> list[Record]:
    """List everything that was recorded of an account, newest first."""
    found = store.versions(_KIND, _id(line_of(book), account_id))
    return [_read(document) for document in reversed(found) if not document.deleted]


def recorded(store: Store, book: str) -> dict[str, Record]:
    """Give what was recorded last of every account of a book's line, by account id."""
    found = [_read(document) for document in store.newest(_KIND, line_of(book)) if not document.deleted]
    return {each.account_id: each for each in found}


def mark(store: Store, book: str) -> str:
    """Give a mark that changes whenever anybody records anything in a book's line."""
    versions = sum(document.version for document in store.newest(_KIND, line_of(book)))
    return f"{line_of(book)}:{versions}"


def said(found: Mapping[str, Record], account_id: str, action: str, today: dt.date) -> str:
    """Say in a few words how an account's next step stands.

    >>> said({}, "A1", "Call", dt.date(2026, 9, 30))
    'Open'
    """
    one = found.get(account_id)
    if one is None:
        return "Open"
    status = one.status_now(action, today)
    if status == "open":
        return f"Open, {one.who}" if one.who and one.action == action else "Open"
    whose = f", {one.who}" if one.who else ""
    if status == "snoozed" and one.until:
        return f"Snoozed until {one.until.isoformat()}{whose}"
    return f"Done {one.time.date().isoformat()}{whose}"


# Inside -------------------------------------------------------------------------------------------------------------


def _id(line: str, account_id: str) -> str:
    """Name the document. A hash, since both parts may hold anything, and no two pairs may meet in one name."""
    return hashlib.sha256(f"{len(line)}:{line}{account_id}".encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _read(document: Document) -> Record:
    body = document.body
    return Record(
        account_id=body["account"],
        status=body["status"],
        action=body["action"],
        who=body["who"],
        until=dt.date.fromisoformat(body["until"]) if body["until"] else None,
        note=body["note"],
        author=document.author or NOT_NAMED,
        time=document.time,
        version=document.version,
    )


def _checked(entry: Entry) -> Entry:
    if entry.status not in STATUSES:
        raise TierwiseError(f"“{entry.status}” is no status", where="status", way_out="Choose open, done or snoozed")
    if entry.status == "snoozed" and entry.until is None:
        raise TierwiseError("it has no day", where="snoozed until", way_out="Choose the day on which it comes back")
    note = entry.note.strip()
    if len(note) > LONGEST_NOTE:
        raise TierwiseError(f"it has {len(note)} characters", where="note", way_out=f"Give at most {LONGEST_NOTE}")
    if any(unicodedata.category(letter) == "Cs" for letter in note):
        raise TierwiseError("it holds a character that cannot be written", where="note", way_out="Type it anew")
    until = entry.until if entry.status == "snoozed" else None
    return replace(entry, note=note, until=until, who=_one_line(entry.who, "who", LONGEST_WHO))


def _one_line(text: str, what: str, longest: int) -> str:
    text = " ".join(text.split())
    if len(text) > longest:
        raise TierwiseError(f"it has {len(text)} characters", where=what, way_out=f"Give at most {longest}")
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text):
        raise TierwiseError("it holds a character that cannot be written", where=what, way_out="Type it anew")
    return text
