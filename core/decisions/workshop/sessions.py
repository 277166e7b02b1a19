"""Sessions of a workshop: lobby, private weighing, reveal, discussion, the next round or the decision, closed.

A session, each seat in it and each ballot is a document of the state store, so every change of any of them is kept, and
when it was made. A participant's ballot in a round is one document, whose newest version counts; a round that was
opened is never opened again, and a reset is a new round. What a facilitator does needs the session's key, at every
single call; of the key only the SHA-256 is kept, which is enough for 100 random bits.

Ballots are read through `ballots`, which gives none before the round was revealed, to nobody.

In: the state store, and a stamp (who, when) for each write.  Out: `Workshop`, `Seat`, `Ballot`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from core.decisions.elicitation import methods
from core.errors import TierwiseError, UnknownName
from core.model import toml
from core.workspace.state import Change, Document

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from core.model.model import Model
    from core.workspace.state import Stamp, Store

LOBBY, WEIGHING, REVEAL, DISCUSSION, DECIDED, CLOSED = (
    "lobby", "weighing", "reveal", "discussion", "decided", "closed",
)  # fmt: skip
CODE_LENGTH = 8  # 40 bits, which the limit on wrong codes makes unreachable
LIFETIME = dt.timedelta(hours=24)
MOST_SEATS = 200
LONGEST_NAME, LONGEST_COMMENT = 40, 300

_WORKSHOP, _SEAT, _BALLOT = "workshop", "seat", "ballot"
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_LOOKALIKE = str.maketrans({"0": "O", "1": "I", "8": "B"})


class NotAllowed(TierwiseError):
    """An action that needs the facilitator's key, or a seat in the session."""


class NotNow(TierwiseError):
    """An action that the session's phase does not allow."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What a session is started with: a model, its book (digest and name), how to weigh, and whether by name."""

    title: str
    model: Model
    book: str
    book_name: str
    method: str = "swing"
    named: bool = False


@dataclass(frozen=True, slots=True)
class Workshop:
    """A session as it stands. Times are in UTC; `round` is 0 in the lobby.

    ends: when the timer runs out, None without one; revealed: the rounds whose ballots may be read; rounds: what was
    asked in each, oldest first; decision: what was decided, empty before.
    """

    id: str
    version: int
    title: str
    code: str
    until: dt.datetime
    started: dt.datetime
    phase: str
    round: int
    method: str
    named: bool
    admits: bool
    locked: bool
    ends: dt.datetime | None
    revealed: tuple[int, ...]
    rounds: tuple[Mapping[str, Any], ...]
    book: str
    book_name: str
    toml: str
    decision: Mapping[str, Any]

    @property
    def model(self) -> Model:
        """The model that the room weighs."""
        return _model(self.toml)

    def live(self, now: dt.datetime) -> bool:
        """Whether its code still works."""
        return self.phase != CLOSED and now < self.until

    def open_for_ballots(self, now: dt.datetime) -> bool:
        """Whether a ballot may be handed in or changed."""
        in_time = self.ends is None or now < self.ends
        return self.phase == WEIGHING and not self.locked and in_time and self.live(now)


@dataclass(frozen=True, slots=True)
class Seat:
    """A participant; `number` counts from 1 in the order of joining, and stands for the name where none is given."""

    id: str
    number: int
    name: str
    removed: bool

    @property
    def label(self) -> str:
        """What the room calls the participant."""
        return self.name or f"Participant {self.number}"


@dataclass(frozen=True, slots=True)
class Ballot:
    """What one participant handed in for one round: the answers, the weights in basis points, comments by criterion."""

    seat: str
    round: int
    method: str
    answers: Mapping[str, Any]
    weights: tuple[int, ...]
    comments: Mapping[str, str]
    consistent: bool | None
    notes: tuple[str, ...]
    time: dt.datetime
    version: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a round is: seats that are taken, and those of them that have handed in."""

    seats: int
    handed_in: int


# Reading ------------------------------------------------------------------------------------------------------------


def load(store: Store, key: str) -> Workshop:
    """Open a session by its id; raises `UnknownName` where there is none."""
    return _workshop(_document(store, key))


def find(store: Store, key: str) -> Workshop | None:
    """Open a session by its id; None where there is none."""
    found = store.latest(_WORKSHOP, key)
    return _workshop(found) if found else None


def by_code(store: Store, code: str, now: dt.datetime) -> Workshop | None:
    """Find the live session that a code opens; None for any other code."""
    asked = tidy(code).encode()
    found = None
    for document in store.newest(_WORKSHOP):
        held = _workshop(document)
        if hmac.compare_digest(held.code.encode(), asked) and held.live(now):
            found = held
    return found


def of_book(store: Store, book: str) -> list[Workshop]:
    """List the sessions of a book, last started first."""
    return sorted(map(_workshop, store.newest(_WORKSHOP, book)), key=lambda found: found.started, reverse=True)


def led_by(store: Store, key: str, now: dt.datetime) -> Workshop | None:
    """Find the session that a facilitator's key opens, closed ones too while they last; None for any other key."""
    digest, found = _digest(key), None
    for document in store.newest(_WORKSHOP):
        body = document.body
        if hmac.compare_digest(body["lead"], digest) and now < _time(body["until"]):
            found = _workshop(document)
    return found


def seats(store: Store, key: str, *, removed: bool = False) -> list[Seat]:
    """List the participants in the order of joining, those removed only on request."""
    found = [_seat(document, number) for number, document in enumerate(store.newest(_SEAT, key), 1)]
    return [seat for seat in found if removed or not seat.removed]


def seat(store: Store, key: str, who: str) -> Seat | None:
    """Give one participant; None who never sat down."""
    return next((found for found in seats(store, key, removed=True) if found.id == who), None)


def progress(store: Store, found: Workshop) -> Progress:
    """Count who has handed in, without a look at what."""
    taken = {seat.id for seat in seats(store, found.id)}
    given = {document.body["seat"] for document in store.newest(_BALLOT, _scope(found.id, found.round))}
    return Progress(len(taken), len(taken & given))


def handed_in(store: Store, found: Workshop) -> set[str]:
    """Name the seats that have handed in for the present round, without a look at what."""
    return {document.body["seat"] for document in store.newest(_BALLOT, _scope(found.id, found.round))}


def own(store: Store, key: str, number: int, who: str) -> Ballot | None:
    """Give a participant's own ballot of a round; None before it was handed in."""
    found = store.latest(_BALLOT, _ballot_id(key, number, who))
    return _ballot(found) if found else None


def ballots(store: Store, key: str, number: int) -> list[Ballot]:
    """List the ballots of a round in the order of joining; those of removed participants do not count.

    Raises `NotNow` before the round was revealed.
    """
    found = load(store, key)
    if number not in found.revealed:
        what = f"the ballots of round {number} have not been revealed"
        raise NotNow(what, where=found.title, way_out="Reveal them to the whole room first")
    given = {document.body["seat"]: document for document in store.newest(_BALLOT, _scope(key, number))}
    return [_ballot(given[seat.id]) for seat in seats(store, key) if seat.id in given]


# The facilitator ----------------------------------------------------------------------------------------------------


def new_key() -> str:
    """Make a facilitator's key: 100 random bits, in groups that can be read out."""
    letters = "".join(secrets.choice(_BASE32) for _ in range(20))
    return "-".join(letters[i : i + 5] for i in range(0, 20, 5))


def start(store: Store, setup: Setup, key: str, stamp: Stamp) -> Workshop:
    """Start a session whose facilitator holds `key`. The same stamp starts one session, however often it is sent."""
    _known_method(setup.method, len(setup.model.criteria))
    title = _line(setup.title, "title", 80) or setup.model.name
    text = toml.dumps(setup.model)

    def decide() -> Change:
        body = {
            "lead": _digest(key), "code": _new_code(store, stamp.now), "until": _text(stamp.now + LIFETIME),
            "started": _text(stamp.now), "phase": LOBBY, "round": 0, "method": setup.method, "named": setup.named,
            "admits": True, "locked": False, "ends": None, "revealed": [], "rounds": [],
            "book_name": setup.book_name, "model": text, "decision": {},
        }  # fmt: skip
        return Change(_WORKSHOP, secrets.token_hex(8), "started", title=title, scope=setup.book, body=body)

    return _workshop(store.write(decide, stamp))


def leads(store: Store, key: str, secret: str) -> bool:
    """Tell whether a key is that of the session's facilitator, in constant time."""
    found = store.latest(_WORKSHOP, key)
    return found is not None and hmac.compare_digest(found.body["lead"], _digest(secret))


def open_round(
    store: Store, key: str, secret: str, stamp: Stamp, *, method: str | None = None, minutes: int | None = None
) -> Workshop:
    """Open the next round of weighing. One that is under way ends unrevealed; nothing of it is deleted."""

    def change(now: Workshop) -> dict[str, Any]:
        _allowed(now, LOBBY, WEIGHING, REVEAL, DISCUSSION)
        chosen = method or now.method
        _known_method(chosen, len(now.model.criteria))
        opened = {"number": now.round + 1, "method": chosen, "opened": _text(stamp.now)}
        return {
            "phase": WEIGHING, "round": now.round + 1, "method": chosen, "locked": False,
            "ends": _after(stamp, minutes), "rounds": [*now.rounds, opened],
        }  # fmt: skip

    return _act(store, key, secret, stamp, "opened a round", change)


def lock(store: Store, key: str, secret: str, stamp: Stamp) -> Workshop:
    """Take no more ballots for now."""
    return _act(store, key, secret, stamp, "locked", lambda now: _allowed(now, WEIGHING) or {"locked": True})


def reopen(store: Store, key: str, secret: str, stamp: Stamp, *, minutes: int | None = None) -> Workshop:
    """Take ballots again, with another timer or none; only before the reveal."""

    def change(now: Workshop) -> dict[str, Any]:
        return _allowed(now, WEIGHING) or {"locked": False, "ends": _after(stamp, minutes)}

    return _act(store, key, secret, stamp, "reopened", change)


def reveal(store: Store, key: str, secret: str, stamp: Stamp) -> Workshop:
    """Show the room what it said. No ballot of this round changes any more."""

    def change(now: Workshop) -> dict[str, Any]:
        _allowed(now, WEIGHING)
        if not progress(store, now).handed_in:
            what = "nobody has handed in a ballot"
            raise NotNow(what, where=now.title, way_out="Wait for the first one, or close the session")
        return {"phase": REVEAL, "locked": True, "ends": None, "revealed": [*now.revealed, now.round]}

    return _act(store, key, secret, stamp, "revealed", change)


def discuss(store: Store, key: str, secret: str, stamp: Stamp) -> Workshop:
    """Go on from the reveal to the discussion."""
    return _act(store, key, secret, stamp, "opened the discussion",
                lambda now: _allowed(now, REVEAL) or {"phase": DISCUSSION})  # fmt: skip


def admit(store: Store, key: str, secret: str, stamp: Stamp, *, open_door: bool) -> Workshop:
    """Let newcomers in, or no more of them. Who sits already stays."""
    action = "opened the door" if open_door else "closed the door"
    return _act(store, key, secret, stamp, action, lambda _: {"admits": open_door})


def renew(store: Store, key: str, secret: str, stamp: Stamp) -> Workshop:
    """Give the session another code and another 24 hours; the code before it opens nothing any more."""
    change = {"code": _new_code(store, stamp.now), "until": _text(stamp.now + LIFETIME)}
    return _act(store, key, secret, stamp, "renewed the code", lambda _: change)


def hand_over(store: Store, key: str, secret: str, successor: str, stamp: Stamp) -> Workshop:
    """Make `successor` the key; the one before it opens nothing any more."""
    return _act(store, key, secret, stamp, "handed over", lambda _: {"lead": _digest(successor)})


def remove(store: Store, key: str, secret: str, who: str, stamp: Stamp) -> None:
    """Remove a participant: the seat stays taken, but its ballots count no more and no new one is accepted.

    Not after the decision, which rests on the ballots that are on record with it.
    """

    def decide() -> Change:
        _allowed(_open(_led(store, key, secret)), LOBBY, WEIGHING, REVEAL, DISCUSSION)
        found = store.latest(_SEAT, _seat_id(key, who))
        if found is None:
            raise UnknownName("there is no such participant", way_out="Choose one of the list")
        body = found.body | {"removed": True}
        return Change(_SEAT, found.id, "removed", title=found.title, scope=key, body=body)

    store.write(decide, stamp)


def settle(store: Store, key: str, secret: str, decision: Mapping[str, Any], stamp: Stamp) -> Workshop:
    """Note what was decided, once a round was revealed."""

    def change(now: Workshop) -> dict[str, Any]:
        return _allowed(now, REVEAL, DISCUSSION) or {"phase": DECIDED, "decision": dict(decision)}

    return _act(store, key, secret, stamp, "decided", change)


def close(store: Store, key: str, secret: str, stamp: Stamp) -> Workshop:
    """End the session: its code opens nothing any more, and no ballot is accepted."""
    return _act(store, key, secret, stamp, "closed", lambda _: {"phase": CLOSED, "locked": True, "ends": None})


# The participant ----------------------------------------------------------------------------------------------------


def sit(store: Store, key: str, who: str, stamp: Stamp, *, name: str = "") -> Seat:
    """Take a seat. The same person sits once, whatever is reloaded or opened twice; a name may still be given later.

    Raises `NotNow` where the session is over or lets nobody in, `NotAllowed` for somebody who was removed.
    """
    found = load(store, key)
    before = seat(store, key, who)
    name = _line(name, "name", LONGEST_NAME) if found.named else ""
    if before and (before.removed or before.name == name or not name):
        return before

    def decide() -> Change:
        now = load(store, key)
        if not now.live(stamp.now):
            raise NotNow("the session has ended", where=now.title)
        taken = store.latest(_SEAT, _seat_id(key, who))
        if taken is None and not now.admits:
            raise NotNow("the door is closed", where=now.title, way_out="Ask the facilitator to let you in")
        if taken is None and len(store.newest(_SEAT, key)) >= MOST_SEATS:
            raise NotNow(f"all {MOST_SEATS} seats are taken", where=now.title)
        body = {"seat": who, "removed": False} | (taken.body if taken else {}) | {"name": name}
        return Change(_SEAT, _seat_id(key, who), "sat down" if taken is None else "gave a name", scope=key, body=body)

    store.write(decide, replace(stamp, author=""))
    sitting = seat(store, key, who)
    if sitting is None:
        raise UnknownName("there is no such participant", way_out="Join again")  # pragma: no cover - just written
    return sitting


def hand_in(
    store: Store,
    key: str,
    number: int,
    who: str,
    answers: Mapping[str, Any],
    stamp: Stamp,
    *,
    comments: Mapping[str, str] | None = None,
) -> Ballot:
    """Hand in a ballot for a round, or change the one handed in; acknowledged when it is on the disk.

    Raises `NotNow` where the round takes no ballots (another one is open, locked, out of time, revealed), `NotAllowed`
    for somebody without a seat or removed, `TierwiseError` where an answer cannot be used.
    """
    asked = load(store, key)
    names = [criterion.name for criterion in asked.model.criteria]
    weighed = methods.weigh(asked.method, answers, names)
    said = _comments(comments or {}, [criterion.id for criterion in asked.model.criteria])

    def decide() -> Change:
        now = load(store, key)
        if now.round != number or now.method != asked.method:
            raise NotNow(f"round {number} is over", where=now.title, way_out="Look at the round that is open now")
        if not now.open_for_ballots(stamp.now):
            raise NotNow("no ballots are taken now", where=now.title, way_out="Ask the facilitator to reopen the round")
        sitting = store.latest(_SEAT, _seat_id(key, who))
        if sitting is None or sitting.body["removed"]:
            raise NotAllowed("you have no seat in this session", where=now.title, way_out="Ask the facilitator")
        body = {
            "seat": who, "round": number, "method": now.method, "answers": dict(answers), "comments": said,
            "weights": list(weighed.weights), "consistent": weighed.consistent, "notes": list(weighed.notes),
        }  # fmt: skip
        return Change(_BALLOT, _ballot_id(key, number, who), "handed in", scope=_scope(key, number), body=body)

    return _ballot(store.write(decide, replace(stamp, author="")))


# Inside -------------------------------------------------------------------------------------------------------------


def tidy(code: str) -> str:
    """Read a code as it was meant: letters of any case, with or without a hyphen, 0 for O, 1 for I, 8 for B.

    >>> tidy(" abcd-2f1h ")
    'ABCD2FIH'
    """
    letters = "".join(letter for letter in code[:40].upper() if letter.isalnum())
    return letters.translate(_LOOKALIKE)


def spoken(code: str) -> str:
    """Write a code in two halves, as it is read out.

    >>> spoken("ABCDEFGH")
    'ABCD-EFGH'
    """
    return f"{code[: CODE_LENGTH // 2]}-{code[CODE_LENGTH // 2 :]}"


def _act(
    store: Store, key: str, secret: str, stamp: Stamp, action: str, change: Callable[[Workshop], dict[str, Any]]
) -> Workshop:
    """Write the next version of a session, if the key is right and the session is not over."""

    def decide() -> Change:
        document = _led(store, key, secret)
        now = _open(document)
        body = document.body | change(now)
        return Change(_WORKSHOP, key, action, title=document.title, scope=document.scope, body=body)

    return _workshop(store.write(decide, stamp))


def _led(store: Store, key: str, secret: str) -> Document:
    document = _document(store, key)
    if not hmac.compare_digest(document.body["lead"], _digest(secret)):
        raise NotAllowed("this needs the facilitator's key", where=document.title, way_out="Enter the key")
    return document


def _open(document: Document) -> Workshop:
    found = _workshop(document)
    if found.phase == CLOSED:
        raise NotNow("the session is closed", where=found.title, way_out="Start another one")
    return found


def _allowed(now: Workshop, *phases: str) -> dict[str, Any]:
    """Refuse what the phase does not allow; gives nothing, so that a change may follow it after `or`."""
    if now.phase not in phases:
        raise NotNow(f"the session is in its {now.phase} phase", where=now.title, way_out="Look at it anew")
    return {}


@lru_cache(maxsize=32)
def _model(text: str) -> Model:
    return toml.loads(text, source="the model of a workshop")


def _document(store: Store, key: str) -> Document:
    found = store.latest(_WORKSHOP, key)
    if found is None:
        raise UnknownName("there is no such session", way_out="Join with the code that the facilitator shows")
    return found


def _workshop(document: Document) -> Workshop:
    body = document.body
    held = {name: body[name] for name in ("code", "phase", "round", "method", "named", "admits", "locked", "book_name",
                                          "decision")}  # fmt: skip
    return Workshop(
        id=document.id,
        version=document.version,
        title=document.title,
        until=_time(body["until"]),
        started=_time(body["started"]),
        ends=_time(body["ends"]) if body["ends"] else None,
        revealed=tuple(body["revealed"]),
        rounds=tuple(body["rounds"]),
        book=document.scope,
        toml=body["model"],
        **held,
    )


def _seat(document: Document, number: int) -> Seat:
    body = document.body
    return Seat(body["seat"], number, body["name"], body["removed"])


def _ballot(document: Document) -> Ballot:
    body = document.body
    return Ballot(
        seat=body["seat"],
        round=body["round"],
        method=body["method"],
        answers=body["answers"],
        weights=tuple(body["weights"]),
        comments=body["comments"],
        consistent=body["consistent"],
        notes=tuple(body["notes"]),
        time=document.time,
        version=document.version,
    )


def _scope(key: str, number: int) -> str:
    return f"{key}.{number}"


def _seat_id(key: str, who: str) -> str:
    return f"{key}.{who}"


def _ballot_id(key: str, number: int, who: str) -> str:
    return f"{key}.{number}.{who}"


def _digest(secret: str) -> str:
    return hashlib.sha256(tidy(secret).encode()).hexdigest()


def _new_code(store: Store, now: dt.datetime) -> str:
    while True:
        code = "".join(secrets.choice(_BASE32) for _ in range(CODE_LENGTH))
        if by_code(store, code, now) is None:
            return code


def _known_method(method: str, criteria: int) -> None:
    if method not in methods.NAMES:
        raise UnknownName.of("method", method, methods.NAMES)
    if criteria < methods.FEWEST:
        raise TierwiseError("one criterion needs no weighing", where="model", way_out="Choose a model with two or more")


def _after(stamp: Stamp, minutes: int | None) -> str | None:
    return _text(stamp.now + dt.timedelta(minutes=minutes)) if minutes else None


def _text(time: dt.datetime) -> str:
    return time.astimezone(dt.UTC).isoformat(timespec="microseconds")


def _time(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def _comments(given: Mapping[str, str], known: list[str]) -> dict[str, str]:
    return {key: text for key in known if (text := _line(str(given.get(key, "")), "comment", LONGEST_COMMENT))}


def _line(text: str, what: str, longest: int) -> str:
    """Tidy a text that somebody typed into one line."""
    line = " ".join("".join(" " if unicodedata.category(c) == "Cc" else c for c in text).split())
    if len(line) > longest:
        raise TierwiseError(f"it has {len(line)} characters", where=what, way_out=f"Give at most {longest}")
    if any(unicodedata.category(letter) == "Cs" for letter in line):
        raise TierwiseError("it holds a character that cannot be written", where=what, way_out="Type it anew")
    return line
