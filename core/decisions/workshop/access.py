"""Who may do what: a participant's cookie, a facilitator's, a colleague's, and the limit on guessing.

Three cookies, each HttpOnly: `PARTICIPANT` names a browser and the session that it joined, signed with the workspace's
secret, so that a reload, a second tab and joining again are the same person; `LEAD` holds a facilitator's key;
`COLLEAGUE` shows that somebody knew the server's access code. Within a session a browser is known by a number of its
own, so that a record of one workshop tells nothing about another.

Not everything can be told apart: a second browser, a private window or another device is another person here.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections import deque
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from core.decisions.workshop import sessions

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from core.decisions.workshop.sessions import Workshop
    from core.workspace.secret import Secret
    from core.workspace.state import Store

PARTICIPANT, LEAD, COLLEAGUE = "tierwise_participant", "tierwise_lead", "tierwise_colleague"
SEAT_LETTERS = 20
TRIES, TRIES_OF_ALL, WINDOW = 10, 200, 60.0
"""Wrong codes in so many seconds, from one address and from all together."""
TICKET_SECONDS = 120.0
_NOWHERE = "-"


class May(Enum):
    """What a visitor may see: the whole app, the ballot only, or nothing but the way in."""

    WHOLE = "whole"
    BALLOT = "ballot"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Joined:
    """A browser in a session, by the number that it has there."""

    workshop: str
    seat: str


# Cookies ------------------------------------------------------------------------------------------------------------


def joined(secret: Secret, workshop: str, cookie: str = "") -> str:
    """Make the cookie of a browser that joins a session; a browser that has one keeps who it is."""
    browser = _browser(secret, cookie) or secrets.token_hex(16)
    return secret.signed(PARTICIPANT, f"{browser}.{workshop}")


def left(secret: Secret, cookie: str) -> str:
    """Make the cookie of a browser that leaves: still the same browser, should it join again."""
    return joined(secret, _NOWHERE, cookie)


def participant(secret: Secret, cookie: str) -> Joined | None:
    """Read which session a browser joined and its seat there; None for no cookie, or one that is not ours."""
    text = secret.read(PARTICIPANT, cookie)
    browser, _, workshop = (text or "").partition(".")
    if not browser or not workshop or workshop == _NOWHERE:
        return None
    return Joined(workshop, secret.mark("seat", f"{browser}.{workshop}")[:SEAT_LETTERS])


def _browser(secret: Secret, cookie: str) -> str:
    return (secret.read(PARTICIPANT, cookie) or "").partition(".")[0]


def colleague(secret: Secret, code: str) -> str:
    """Make the cookie of somebody who knew the access code; another code makes it worthless."""
    return secret.signed(COLLEAGUE, hashlib.sha256(code.encode()).hexdigest()[:16])


def is_colleague(secret: Secret, code: str, cookie: str) -> bool:
    """Tell whether a cookie was made for the access code that holds now."""
    return bool(code) and secret.read(COLLEAGUE, cookie) == hashlib.sha256(code.encode()).hexdigest()[:16]


# What a visitor may see ---------------------------------------------------------------------------------------------


def may(
    store: Store, secret: Secret, cookies: Mapping[str, str], now: dt.datetime, *, near: bool, known: bool = False
) -> May:
    """Decide what a visitor may see.

    `near`: comes from this machine, or the server is open to all; `known`: has shown the access code. A facilitator
    sees the whole app. Whoever sits in a live session and is neither facilitator nor known sees the ballot only, even
    on this machine.
    """
    if known or leading(store, cookies, now) is not None:
        return May.WHOLE
    sitting = participant(secret, cookies.get(PARTICIPANT, ""))
    found = sessions.find(store, sitting.workshop) if sitting else None
    if found is not None and found.live(now):
        return May.BALLOT
    return May.WHOLE if near else May.NOTHING


def leading(store: Store, cookies: Mapping[str, str], now: dt.datetime) -> Workshop | None:
    """Find the session whose facilitator's key a browser carries; None without one."""
    key = cookies.get(LEAD, "")
    return sessions.led_by(store, key, now) if key else None


# Guessing -----------------------------------------------------------------------------------------------------------


@dataclass
class Limiter:
    """Limits wrong guesses, not right ones: fifty phones behind one office address join at once, one guesser does not.

    Time is in seconds of any clock that never goes back.
    """

    tries: int = TRIES
    tries_of_all: int = TRIES_OF_ALL
    window: float = WINDOW
    _of: dict[str, deque[float]] = field(default_factory=dict)
    _all: deque[float] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, address: str, now: float) -> float:
        """Give the seconds to wait before this address may try again; 0 where it may try now."""
        with self._lock:
            own = self._of.get(address, deque())
            self._forget(own, now)
            self._forget(self._all, now)
            full = [times for times, most in ((own, self.tries), (self._all, self.tries_of_all)) if len(times) >= most]
            return max((times[0] + self.window - now for times in full), default=0.0)

    def failed(self, address: str, now: float) -> None:
        """Note a wrong guess."""
        with self._lock:
            for known in [known for known, times in self._of.items() if not times or times[-1] <= now - self.window]:
                del self._of[known]  # so that memory holds the last minute only
            self._of.setdefault(address, deque()).append(now)
            self._all.append(now)

    def _forget(self, times: deque[float], now: float) -> None:
        while times and times[0] <= now - self.window:
            times.popleft()


# Tickets ------------------------------------------------------------------------------------------------------------


class Tickets:
    """Turns a facilitator's key, which a page holds, into a link that a browser opens once to get its cookie.

    The key itself never stands in an address. Tickets live in this process for two minutes.
    """

    def __init__(self) -> None:
        self._held: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()

    def issue(self, key: str, now: float) -> str:
        """Give a ticket for a key."""
        with self._lock:
            self._held = {name: held for name, held in self._held.items() if held[1] > now}
            ticket = secrets.token_urlsafe(24)
            self._held[ticket] = (key, now + TICKET_SECONDS)
            return ticket

    def redeem(self, ticket: str, now: float) -> str | None:
        """Give the key for a ticket, once; None for one that is used, too old or made up."""
        with self._lock:
            key, until = self._held.pop(ticket, ("", 0.0))
            return key if now < until else None


TICKETS = Tickets()
"""The pages issue, the doors redeem: both run in one process."""
