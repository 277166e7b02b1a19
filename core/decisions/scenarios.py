"""Scenarios: saved changes of the model, with name, author, reason and time; every version is kept.

A scenario belongs to a book. At most one version of one scenario of a book is published: that is the model the book is
worked with, and it stays as it is until another version is published, whatever is saved meanwhile. Nothing is ever
overwritten; a deleted scenario comes back with `undelete`. Links name a scenario by its id and hold nothing else.

In: the state store, and a stamp (who, when) for each write.  Out: `Scenario`.
"""

from __future__ import annotations

import secrets
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from core.errors import TierwiseError, UnknownName
from core.model import toml
from core.workspace.state import Change, Document

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from core.model.model import Model
    from core.workspace.state import Stamp, Store

NOT_NAMED = "not named"
"""The author of what somebody saved without a name."""
LONGEST_NAME, LONGEST_REASON = 80, 500

_KIND, _PUBLISHED = "scenario", "published"
# Published is a document of its own, one per book: so that two scenarios can never be published at once.
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_ID_LENGTH = 10  # 50 bits: nobody guesses a link


@dataclass(frozen=True, slots=True)
class Draft:
    """What to save: a model under a name, for a book, with the reason and the name of the model it began as."""

    name: str
    model: Model
    book: str
    base: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One version of a scenario. `published_version` is the version of it that its book is worked with, if any."""

    id: str
    version: int
    name: str
    author: str
    reason: str
    time: dt.datetime
    book: str
    base: str
    toml: str
    published_version: int | None

    @property
    def model(self) -> Model:
        """The model; raises `BadModel` where an older program saved what this one does not take."""
        return _model(self.toml, self.name)

    @property
    def status(self) -> Literal["draft", "published"]:
        """Whether this very version is the published one."""
        return "published" if self.version == self.published_version else "draft"


# Reading ------------------------------------------------------------------------------------------------------------


def load(store: Store, key: str, version: int | None = None) -> Scenario:
    """Open a scenario by its id, the newest version or the one asked for.

    Raises `UnknownName` where there is no such scenario or version, or it is deleted.
    """
    newest = _living(store, key)
    if version is None:
        return _scenario(store, newest)
    for found in versions(store, key):
        if found.version == version:
            return found
    raise UnknownName(f"“{newest.title}” has no version {version}", way_out="Choose one from its list of versions")


def listed(store: Store, book: str | None = None) -> list[Scenario]:
    """List the newest version of each living scenario, of one book or all, last saved first."""
    return _newest_first(store, [found for found in store.newest(_KIND, book) if not found.deleted])


def deleted(store: Store, book: str | None = None) -> list[Scenario]:
    """List what each deleted scenario was before, last saved first: what `undelete` can bring back."""
    gone = [found for found in store.newest(_KIND, book) if found.deleted]
    return _newest_first(store, [_content(store, found.id)[-1] for found in gone])


def versions(store: Store, key: str) -> list[Scenario]:
    """List every version of a scenario that has a content, oldest first, even where it is deleted by now."""
    found = [_scenario(store, document) for document in _content(store, key)]
    if not found:
        raise _unknown(key)
    return found


def published(store: Store, book: str) -> Scenario | None:
    """Give the scenario that a book is worked with, in its published version; None where there is none."""
    pointer = store.latest(_PUBLISHED, book)
    if pointer is None or pointer.deleted:
        return None
    newest = store.latest(_KIND, pointer.body["scenario"])
    if newest is None or newest.deleted:
        return None
    return load(store, newest.id, pointer.body["version"])


def reviewed(store: Store, book: str) -> list[dt.date]:
    """Give the days on which a model was published for a book, oldest first: each settled every account's tier anew."""
    return sorted({made.time.date() for made in store.versions(_PUBLISHED, book) if not made.deleted})


# Writing ------------------------------------------------------------------------------------------------------------


def save(store: Store, draft: Draft, stamp: Stamp, *, key: str = "") -> Scenario:
    """Save a new scenario, or with `key` the next version of that one.

    Raises `TierwiseError` where the name cannot be used, the scenario is deleted or belongs to another book.
    """
    draft = replace(
        draft,
        name=_one_line(draft.name, "name", LONGEST_NAME, needed=True),
        reason=_one_line(draft.reason, "reason", LONGEST_REASON),
    )
    text = toml.dumps(draft.model)

    def decide() -> Change:
        if key and (before := _living(store, key)).scope != draft.book:
            what = f"“{before.title}” belongs to another book"
            raise TierwiseError(what, where="book", way_out="Save it as a new scenario of this book")
        _name_is_free(store, draft.book, draft.name, key)
        return Change(
            kind=_KIND,
            id=key or _new_id(store),
            scope=draft.book,
            action="saved",
            title=draft.name,
            body={"reason": draft.reason, "base": draft.base, "model": text},
        )

    return _scenario(store, _written(store, decide, stamp))


def rename(store: Store, key: str, name: str, stamp: Stamp) -> Scenario:
    """Give a scenario another name, as a new version."""
    name = _one_line(name, "name", LONGEST_NAME, needed=True)

    def decide() -> Change:
        before = _living(store, key)
        _name_is_free(store, before.scope, name, key)
        return _next(before, "renamed", title=name)

    return _scenario(store, _written(store, decide, stamp))


def duplicate(store: Store, key: str, stamp: Stamp, name: str = "") -> Scenario:
    """Make a new scenario with the content of another; without a name it is called “… (copy)”."""
    name = name and _one_line(name, "name", LONGEST_NAME, needed=True)

    def decide() -> Change:
        before = _living(store, key)
        if name:
            _name_is_free(store, before.scope, name)
        title = name or _name_of_copy(store, before)
        return replace(_next(before, "duplicated", title=title), id=_new_id(store))

    return _scenario(store, _written(store, decide, stamp))


def restore(store: Store, key: str, version: int, stamp: Stamp) -> Scenario:
    """Return to the model of an earlier version, as a new version under the present name."""

    def decide() -> Change:
        former = load(store, key, version)
        body = {"reason": f"Back to version {version}", "base": former.base, "model": former.toml}
        return replace(_next(_living(store, key), "returned"), body=body)

    return _scenario(store, _written(store, decide, stamp))


def delete(store: Store, key: str, stamp: Stamp) -> None:
    """Delete a scenario. Its versions are kept; where it was published, its book has no published scenario now."""
    _written(store, lambda: replace(_next(_living(store, key), "deleted"), body=None), stamp)


def undelete(store: Store, key: str, stamp: Stamp, name: str = "") -> Scenario:
    """Bring a deleted scenario back as it was, published where it was and no other is; or under another name."""
    name = name and _one_line(name, "name", LONGEST_NAME, needed=True)

    def decide() -> Change:
        newest = store.latest(_KIND, key)
        if newest is None:
            raise _unknown(key)
        if not newest.deleted:
            raise TierwiseError(f"“{newest.title}” is not deleted", where="scenario")
        title = name or newest.title
        _name_is_free(store, newest.scope, title)
        return _next(_content(store, key)[-1], "undeleted", title=title)

    return _scenario(store, _written(store, decide, stamp))


def publish(store: Store, key: str, stamp: Stamp, version: int | None = None) -> Scenario:
    """Publish a version of a scenario, the newest if none is named; the one published before is a draft again."""

    def decide() -> Change:
        chosen = load(store, key, version)
        body = {"scenario": chosen.id, "version": chosen.version}
        return Change(_PUBLISHED, chosen.book, "published", title=chosen.name, scope=chosen.book, body=body)

    body = _written(store, decide, stamp).body
    return load(store, body["scenario"], body["version"])


def withdraw(store: Store, book: str, stamp: Stamp) -> None:
    """Take the published scenario of a book back to a draft; raises `UnknownName` where none is published."""

    def decide() -> Change:
        current = published(store, book)
        if current is None:
            raise UnknownName("no scenario of this book is published", way_out="Publish one first")
        return Change(_PUBLISHED, book, "withdrawn", title=current.name, scope=book)

    _written(store, decide, stamp)


# Inside -------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _model(text: str, name: str) -> Model:
    return toml.loads(text, source=f"the scenario “{name}”")


def _scenario(store: Store, document: Document) -> Scenario:
    pointer = store.latest(_PUBLISHED, document.scope)
    shown = pointer.body if pointer else {}
    body = document.body
    return Scenario(
        id=document.id,
        version=document.version,
        name=document.title,
        author=document.author or NOT_NAMED,
        reason=body["reason"],
        time=document.time,
        book=document.scope,
        base=body["base"],
        toml=body["model"],
        published_version=shown["version"] if shown.get("scenario") == document.id else None,
    )


def _newest_first(store: Store, documents: list[Document]) -> list[Scenario]:
    return [_scenario(store, found) for found in sorted(documents, key=lambda found: found.seq, reverse=True)]


def _content(store: Store, key: str) -> list[Document]:
    return [document for document in store.versions(_KIND, key) if not document.deleted]


def _living(store: Store, key: str) -> Document:
    found = store.latest(_KIND, key)
    if found is None:
        raise _unknown(key)
    if found.deleted:
        what = f"“{found.title}” was deleted on {found.time:%Y-%m-%d} (author: {found.author or NOT_NAMED})"
        raise UnknownName(what, way_out="Bring it back from the deleted scenarios")
    return found


def _unknown(key: str) -> UnknownName:
    """Refuse an id without listing those that exist: knowing one is what opens a scenario."""
    return UnknownName(f"there is no scenario “{key[:40]}”", way_out="Check the link, or choose one from the list")


def _written(store: Store, decide: Callable[[], Change], stamp: Stamp) -> Document:
    return store.write(decide, replace(stamp, author=_one_line(stamp.author, "author", LONGEST_NAME)))


def _next(before: Document, action: str, *, title: str = "") -> Change:
    """Carry a document's content on into its next version."""
    return Change(_KIND, before.id, action, title=title or before.title, scope=before.scope, body=before.body)


def _new_id(store: Store) -> str:
    while True:
        key = "".join(secrets.choice(_ALPHABET) for _ in range(_ID_LENGTH))
        if store.latest(_KIND, key) is None:
            return key


def _one_line(text: str, what: str, longest: int, *, needed: bool = False) -> str:
    """Tidy a text that somebody typed into one line; refuse one that is too long or cannot be written."""
    text = " ".join(text.split())
    if needed and not any(letter.isprintable() and not letter.isspace() for letter in text):
        raise TierwiseError("it is empty", where=what, way_out=f"Give 1 to {longest} characters")
    if len(text) > longest:
        raise TierwiseError(f"it has {len(text)} characters", where=what, way_out=f"Give at most {longest}")
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text):
        raise TierwiseError("it holds a character that cannot be written", where=what, way_out="Type it anew")
    return text


def _name_is_free(store: Store, book: str, name: str, own: str = "") -> None:
    if _folded(name) in _taken(store, book, own):
        what = f"this book has a scenario named “{name}” already"
        raise TierwiseError(what, where="name", way_out="Choose another name, or save a new version of that one")


def _taken(store: Store, book: str, own: str = "") -> set[str]:
    """The names of a book's living scenarios, but for one's own."""
    living = (found for found in store.newest(_KIND, book) if not found.deleted and found.id != own)
    return {_folded(found.title) for found in living}


def _folded(name: str) -> str:
    """Fold a name for comparison: names that look the same are the same."""
    return unicodedata.normalize("NFKC", name).casefold()


def _name_of_copy(store: Store, document: Document) -> str:
    taken = _taken(store, document.scope)
    number = 1
    while True:
        suffix = " (copy)" if number == 1 else f" (copy {number})"
        name = document.title[: LONGEST_NAME - len(suffix)].rstrip() + suffix
        if _folded(name) not in taken:
            return name
        number += 1
