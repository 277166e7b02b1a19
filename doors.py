"""The doors of a workshop: joining by a code, the facilitator's key, and who may pass on to the app.

Plain pages and cookies, no Streamlit: a phone gets its way in with one small answer. `Doorkeeper` stands before
everything else. Visitors from this machine see the whole app, as ever; from elsewhere somebody sees it only with the
server's access code or a facilitator's key, a participant's browser reaches the ballot, and anybody else this way in.

In: requests.  Out: `routes`, `Doorkeeper`, and `gate`, which `server.py` sets.
"""

from __future__ import annotations

import datetime as dt
import hmac
import html
import ipaddress
import os
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from core.decisions.workshop import access, sessions
from core.decisions.workshop.access import May
from core.errors import TierwiseError
from core.workspace.folder import Workspace
from core.workspace.secret import open_secret
from core.workspace.state import open_store

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

CODE_VARIABLE: Final = "TIERWISE_ACCESS_CODE"
STAMP: Final = b"tierwise-door"
"""The header in which `Doorkeeper` tells the app of a visitor; whatever a visitor writes there is thrown away."""
DAY: Final = 24 * 60 * 60
LONGEST_FORM: Final = 4096
OPEN: Final = ("/join", "/leave", "/lead", "/access", "/healthz", "/static/")
"""What anybody may ask for; the last is Streamlit's own code."""
BALLOT: Final = ("/media/", "/component/", "/_stcore/stream", "/_stcore/health", "/_stcore/host-config")
"""What a participant's browser needs beside the ballot page itself."""


@dataclass
class Gate:
    """Who counts as known: `code` opens the whole app from elsewhere, `everybody` opens it to all."""

    code: str = field(default_factory=lambda: os.environ.get(CODE_VARIABLE, "") or secrets.token_hex(8))
    everybody: bool = False


gate = Gate()
limiter = access.Limiter()


# Who is there -------------------------------------------------------------------------------------------------------


def address_of(connection: HTTPConnection) -> str:
    """Give the address that a request came from; uvicorn takes it from a proxy's header only on this machine."""
    return connection.client.host if connection.client else ""


def near(connection: HTTPConnection) -> bool:
    """Tell whether a visitor is at this machine, or the server is open to all."""
    if gate.everybody:
        return True
    try:
        return ipaddress.ip_address(address_of(connection)).is_loopback
    except ValueError:  # a socket file, or no network at all
        return not address_of(connection)


def known(connection: HTTPConnection) -> bool:
    """Tell whether a visitor has shown the access code."""
    cookie = connection.cookies.get(access.COLLEAGUE, "")
    return access.is_colleague(open_secret(Workspace.here()), gate.code, cookie)


def may(connection: HTTPConnection) -> May:
    """Decide what a visitor may see."""
    here = Workspace.here()
    asked = {"near": near(connection), "known": known(connection)}
    return access.may(open_store(here), open_secret(here), connection.cookies, _now(), **asked)


class Doorkeeper:
    """Let a visitor see what is for them, and tell the app who comes."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, lead to the way in, or refuse."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        if _under(scope["path"], OPEN):
            await self.app(scope, receive, send)
            return
        try:
            allowed = await run_in_threadpool(may, connection)
        except TierwiseError:  # the app itself says what is wrong, to those who are here
            allowed = May.WHOLE if near(connection) else May.NOTHING
        if allowed is May.WHOLE or (allowed is May.BALLOT and _for_ballot(scope["path"])):
            await self.app(_stamped(scope, connection), receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            target = "/" if allowed is May.BALLOT else "/join"
            await _elsewhere(scope["path"], target)(scope, receive, send)


def _for_ballot(path: str) -> bool:
    return path == "/" or _under(path, BALLOT)


def _under(path: str, roots: tuple[str, ...]) -> bool:
    return any(path == root or path.startswith(root if root.endswith("/") else f"{root}/") for root in roots)


def _elsewhere(path: str, target: str) -> Response:
    """Lead a person to the page that is for them; what a program asks for is not there."""
    if "_stcore" in path or "." in path:
        return Response("Not found", status_code=404, media_type="text/plain")
    return RedirectResponse(target, status_code=303, headers={"Cache-Control": "no-store"})


def _stamped(scope: Scope, connection: HTTPConnection) -> Scope:
    """Write into the request what the app must know of the visitor, in place of anything that came with it."""
    said = b"near" if near(connection) else b"known" if known(connection) else b"far"
    headers = [(name, value) for name, value in scope["headers"] if name.lower() != STAMP]
    return {**scope, "headers": [*headers, (STAMP, said)]}


# Joining ------------------------------------------------------------------------------------------------------------


def join(request: Request) -> Response:
    """Take a code and give the browser its cookie; without a code, ask for it."""
    given = request.path_params.get("code") or request.query_params.get("code", "")
    if not given:
        return _page("Join a workshop", _ASK_CODE, "")
    if refused := _too_many(request, _ASK_CODE):
        return refused
    here = Workspace.here()
    found = sessions.by_code(open_store(here), given, _now())
    if found is None:
        limiter.failed(address_of(request), time.monotonic())
        return _page("Join a workshop", _ASK_CODE, "No workshop is open under this code.", status=404)
    cookie = access.joined(open_secret(here), found.id, request.cookies.get(access.PARTICIPANT, ""))
    # Whoever sees the whole app finds the ballot as a page of it; for all others it is the only page.
    cookies = {**request.cookies, access.PARTICIPANT: cookie}
    asked = {"near": near(request), "known": known(request)}
    whole = access.may(open_store(here), open_secret(here), cookies, _now(), **asked) is May.WHOLE
    return _with_cookie(request, "/ballot" if whole else "/", access.PARTICIPANT, cookie)


def leave(request: Request) -> Response:
    """Let a browser leave its workshop; it stays the same person, should it come back."""
    cookie = access.left(open_secret(Workspace.here()), request.cookies.get(access.PARTICIPANT, ""))
    return _with_cookie(request, "/join", access.PARTICIPANT, cookie)


async def lead(request: Request) -> Response:
    """Take a facilitator's key, typed or behind a ticket of the workshop page, and give the browser its cookie."""
    ticket = request.path_params.get("ticket", "")
    if not ticket and request.method == "GET":
        return _page("Lead a workshop", _ASK_KEY, "")
    if refused := _too_many(request, _ASK_KEY):
        return refused
    key = access.TICKETS.redeem(ticket, time.monotonic()) if ticket else await _field(request, "key")
    if key is None:  # a ticket is no guess: it is too long to be found by trying
        return _page("Lead a workshop", _ASK_KEY, "This link is too old. Open it anew, or type the key.", status=403)
    found = await run_in_threadpool(sessions.led_by, open_store(Workspace.here()), key, _now())
    if found is None:
        limiter.failed(address_of(request), time.monotonic())
        return _page("Lead a workshop", _ASK_KEY, "No workshop is led with this key.", status=403)
    return _with_cookie(request, f"/workshop?book={quote(found.book)}", access.LEAD, sessions.tidy(key))


async def admit(request: Request) -> Response:
    """Take the server's access code from somebody elsewhere, and open the whole app to that browser."""
    if request.method == "GET":
        return _page("Open Tierwise", _ASK_ACCESS, "")
    if refused := _too_many(request, _ASK_ACCESS):
        return refused
    given = await _field(request, "code")
    if not hmac.compare_digest(given.strip().encode(), gate.code.encode()):
        limiter.failed(address_of(request), time.monotonic())
        return _page("Open Tierwise", _ASK_ACCESS, "This is not the access code.", status=403)
    return _with_cookie(request, "/", access.COLLEAGUE, access.colleague(open_secret(Workspace.here()), gate.code))


routes = [
    Route("/join", join),
    Route("/join/{code}", join),
    Route("/leave", leave),
    Route("/lead", lead, methods=["GET", "POST"]),
    Route("/lead/{ticket}", lead),
    Route("/access", admit, methods=["GET", "POST"]),
]


def _too_many(request: Request, form: str) -> Response | None:
    wait = limiter.wait(address_of(request), time.monotonic())
    if not wait:
        return None
    said = f"Too many wrong tries. Wait {int(wait) + 1} seconds, then try again."
    answer = _page("Tierwise", form, said, status=429)
    answer.headers["Retry-After"] = str(int(wait) + 1)
    return answer


async def _field(request: Request, name: str) -> str:
    """Read one field of a form, however much was sent."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_FORM:
            return ""
    return parse_qs(body.decode("utf-8", errors="replace")).get(name, [""])[0]


def _with_cookie(request: Request, target: str, name: str, value: str) -> Response:
    answer = RedirectResponse(target, status_code=303, headers={"Cache-Control": "no-store"})
    secure = request.url.scheme == "https"
    answer.set_cookie(name, value, max_age=DAY, path="/", httponly=True, samesite="lax", secure=secure)
    return answer


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


# Plain pages --------------------------------------------------------------------------------------------------------

_ASK_CODE = """<form action="/join" method="get"><label for="code">Code</label>
<input id="code" name="code" autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="12" autofocus
required placeholder="ABCD-EFGH"><button>Join</button></form>"""
_ASK_KEY = """<form action="/lead" method="post"><label for="key">Facilitator’s key</label>
<input id="key" name="key" type="password" autocomplete="off" maxlength="60" autofocus required>
<button>Open</button></form>"""
_ASK_ACCESS = """<form action="/access" method="post"><label for="code">Access code</label>
<input id="code" name="code" type="password" autocomplete="off" maxlength="100" autofocus required>
<button>Open</button></form>"""
_STYLE = """body{font:16px/1.5 "Segoe UI",system-ui,sans-serif;color:#0F1823;background:#fff;margin:0}
main{max-width:22rem;margin:18vh auto 0;padding:0 1.25rem}h1{font-size:1.5rem;font-weight:600;margin:0 0 1rem}
label{display:block;color:#56616F;margin-bottom:.25rem}
input{font:inherit;font-size:1.25rem;letter-spacing:.05em;width:100%;box-sizing:border-box;padding:.6rem .75rem;
border:1px solid #7B8794;border-radius:.375rem;background:#fff;color:inherit}
button{font:inherit;width:100%;margin-top:.75rem;padding:.7rem;border:0;border-radius:.375rem;background:#2B5C94;
color:#fff}p{color:#A3342B;min-height:1.5em}
@media(prefers-color-scheme:dark){body,input{background:#12171F;color:#E6EAF0}label{color:#A9B4C2}p{color:#F09A93}
button{background:#3F7AB2}}"""


def _page(title: str, form: str, said: str, *, status: int = 200) -> HTMLResponse:
    """A page with one question and at most one sentence; every part of it is ours, and escaped all the same."""
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<style>{_STYLE}</style></head><body><main><h1>{html.escape(title)}</h1>{form}"
        f'<p role="alert">{html.escape(said)}</p></main></body></html>'
    )
    return HTMLResponse(text, status_code=status, headers={"Cache-Control": "no-store"})
