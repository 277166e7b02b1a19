"""The doors of a workshop, tried by plain requests: joining, leading, the access code, and what is shut."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
import time
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlencode

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute

import doors
from core.decisions.workshop import access, sessions
from core.workspace import secret
from core.workspace.folder import Workspace
from core.workspace.state import Stamp, Store, open_store
from tests import making

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.requests import Request
    from starlette.websockets import WebSocket

    from core.decisions.workshop.sessions import Workshop

KEY = sessions.new_key()
CODE = "access code"
FAR, NEAR = "192.0.2.77", "127.0.0.1"
APP = ["/", "/ballot", "/overview", "/weights", "/at_risk", "/workshop", "/data", "/media/x", "/_stcore/upload_file/s",
       "/_stcore/metrics", "/_stcore/health", "/_stcore/agent/x", "/component/x"]  # fmt: skip


def said(request: Request) -> PlainTextResponse:
    """What the app behind the doors hears of a visitor."""
    return PlainTextResponse(f"app {request.headers.getlist(doors.STAMP.decode())}")


async def socket(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text(websocket.headers[doors.STAMP.decode()])
    await websocket.close()


@pytest.fixture(autouse=True)
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TIERWISE_HOME", str(tmp_path))
    monkeypatch.setattr(doors, "gate", doors.Gate(CODE))
    monkeypatch.setattr(doors, "limiter", access.Limiter())
    secret._opened.cache_clear()
    yield
    store().close()
    secret._opened.cache_clear()


def store() -> Store:
    return open_store(Workspace.here())


def stamp() -> Stamp:
    return Stamp(dt.datetime.now(dt.UTC))


@pytest.fixture
def found() -> Workshop:
    return sessions.start(store(), sessions.Setup("Spring", making.model(), "b00c", "Book"), KEY, stamp())


BEHIND = Starlette(
    routes=[*doors.routes, WebSocketRoute("/_stcore/stream", socket), Route("/{path:path}", said)],
    middleware=[Middleware(doors.Doorkeeper)],
)


@dataclass(frozen=True)
class Answer:
    status_code: int
    headers: dict[str, str]
    text: str


@dataclass
class Visitor:
    """A browser at an address, with its cookies; no network between."""

    address: str = FAR
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        return self._ask("GET", path, b"", headers or {})

    def post(self, path: str, data: dict[str, str] | None = None, content: bytes = b"") -> Answer:
        return self._ask("POST", path, content or urlencode(data or {}).encode(), {})

    def connect(self) -> list[dict[str, Any]]:
        return self._run({"type": "websocket", "path": "/_stcore/stream", "subprotocols": []}, {}, b"")

    def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        plain, _, query = path.partition("?")
        scope = {"type": "http", "method": method, "path": unquote(plain), "query_string": query.encode()}
        start, *rest = self._run(scope, headers, body)
        names = {name.decode(): value.decode() for name, value in start["headers"]}
        if "set-cookie" in names:
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(names["set-cookie"]).items()}
        return Answer(start["status"], names, b"".join(part.get("body", b"") for part in rest).decode())

    def _run(self, scope: dict[str, Any], headers: dict[str, str], body: bytes) -> list[dict[str, Any]]:
        sent = {"host": "here", "cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), **headers}
        whole = {
            "query_string": b"", "headers": [(k.lower().encode(), v.encode()) for k, v in sent.items()],
            "client": (self.address, 5000), "server": ("here", 80), "scheme": "http", "root_path": "",
            "http_version": "1.1", **scope,
        }  # fmt: skip
        first = "websocket.connect" if scope["type"] == "websocket" else "http.request"
        heard = iter([{"type": first, "body": body, "more_body": False}])
        answers: list[dict[str, Any]] = []

        async def receive() -> Any:
            return next(heard, {"type": "http.disconnect"})

        async def send(message: Any) -> None:
            answers.append(message)

        asyncio.run(BEHIND(whole, receive, send))
        return answers


def visitor(address: str = FAR) -> Visitor:
    return Visitor(address)


def sees(client: Visitor, path: str) -> str:
    """What a path leads to: the app, another path, or a status."""
    answer = client.get(path)
    return answer.headers.get("location", "") or ("app" if answer.text.startswith("app") else str(answer.status_code))


def connects(client: Visitor) -> str:
    """What the app hears of a visitor over the websocket."""
    return next((message["text"] for message in client.connect() if message["type"] == "websocket.send"), "refused")


# Who sees what ------------------------------------------------------------------------------------------------------


def test_this_machine_sees_the_whole_app() -> None:
    client = visitor(NEAR)
    assert {sees(client, path) for path in APP} == {"app"}
    assert client.get("/").text == "app ['near']"
    assert connects(client) == "near"


def test_a_stranger_is_led_to_the_way_in_and_nothing_else_opens() -> None:
    client = visitor()
    for path in APP:
        assert sees(client, path) in {"/join", "404"}, path
    assert connects(client) == "refused"
    assert sees(client, "/static/js/x.js") == "app"


def test_a_participant_sees_the_ballot_and_no_other_page(found: Workshop) -> None:
    client = visitor()
    assert client.get(f"/join/{found.code}").headers["location"] == "/"
    assert {path: sees(client, path) for path in APP} == {
        "/": "app", "/ballot": "/", "/overview": "/", "/weights": "/", "/at_risk": "/", "/workshop": "/", "/data": "/",
        "/media/x": "app", "/_stcore/upload_file/s": "404", "/_stcore/metrics": "404", "/_stcore/health": "app",
        "/_stcore/agent/x": "404", "/component/x": "app",
    }  # fmt: skip
    assert connects(client) == "far"


def test_what_a_visitor_says_of_themselves_is_thrown_away(found: Workshop) -> None:
    client = visitor()
    client.get(f"/join/{found.code}")
    forged = client.get("/", headers={"Tierwise-Door": "near", "X-Forwarded-For": "127.0.0.1"})
    assert forged.text == "app ['far']"


def test_the_access_code_opens_the_whole_app_from_elsewhere() -> None:
    client = visitor()
    assert client.post("/access", data={"code": "wrong"}).status_code == 403
    assert client.post("/access", data={"code": CODE}).headers["location"] == "/"
    assert {sees(client, path) for path in APP} == {"app"}
    assert connects(client) == "known"


def test_a_server_that_is_open_to_everybody_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors.gate, "everybody", True)
    assert {sees(visitor(), path) for path in APP} == {"app"}


def test_without_a_code_of_ones_own_the_access_code_is_random(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(doors.CODE_VARIABLE, raising=False)
    assert doors.Gate().code != doors.Gate().code
    assert len(doors.Gate().code) >= 16
    monkeypatch.setenv(doors.CODE_VARIABLE, "mine")
    assert doors.Gate().code == "mine"


def test_a_store_that_cannot_be_opened_lets_no_stranger_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    with monkeypatch.context() as patch:
        patch.setenv("TIERWISE_HOME", str(tmp_path / "file" / "below"))
        assert sees(visitor(), "/") == "/join"
        assert sees(visitor(NEAR), "/") == "app"


# Joining ------------------------------------------------------------------------------------------------------------


def test_the_cookie_is_hidden_from_scripts_and_stays_on_this_site(found: Workshop) -> None:
    cookie = visitor().get(f"/join/{found.code}").headers["set-cookie"]
    assert re.match(rf"{access.PARTICIPANT}=[0-9a-f]+\.{found.id}\.[0-9a-f]{{64}};", cookie)
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))


def test_joining_again_by_link_or_by_form_is_the_same_person(found: Workshop) -> None:
    client = visitor()
    seats = set()
    for path in (f"/join/{found.code}", f"/join?code={sessions.spoken(found.code).lower()}", f"/join/{found.code}"):
        client.get(path)
        seats.add(access.participant(secret.open_secret(Workspace.here()), client.cookies[access.PARTICIPANT]))
    client.get("/leave")
    assert sees(client, "/") == "/join"
    client.get(f"/join/{found.code}")
    seats.add(access.participant(secret.open_secret(Workspace.here()), client.cookies[access.PARTICIPANT]))
    assert len(seats) == 1


def test_somebody_who_edits_the_cookie_is_nobody(found: Workshop) -> None:
    client = visitor()
    client.get(f"/join/{found.code}")
    value = client.cookies[access.PARTICIPANT]
    client.cookies[access.PARTICIPANT] = ("0" if value[0] != "0" else "1") + value[1:]
    assert sees(client, "/") == "/join"


def test_a_wrong_code_is_said_in_one_sentence() -> None:
    answer = visitor().get("/join/AAAAAAAA")
    assert answer.status_code == 404
    assert "No workshop is open under this code." in answer.text
    assert "set-cookie" not in answer.headers
    assert "<script" not in answer.text


@pytest.mark.parametrize(
    "path", ["/join/%3Cscript%3E", "/join?code=%22%3E%3Cimg%20src=x%3E", "/join/%00", "/join/" + "é" * 500]
)
def test_a_code_with_markup_in_it_is_not_repeated(path: str) -> None:
    answer = visitor().get(path)
    assert answer.status_code == 404
    assert "<img" not in answer.text
    assert "<script" not in answer.text


def test_codes_end_with_the_session(found: Workshop) -> None:
    client = visitor()
    client.get(f"/join/{found.code}")
    sessions.close(store(), found.id, KEY, stamp())
    assert sees(client, "/") == "/join"
    assert client.get(f"/join/{found.code}").status_code == 404


def test_guessing_is_refused_after_ten_failures_and_the_right_code_with_it(found: Workshop) -> None:
    client = visitor()
    answers = [client.get(f"/join/AAAAAA{i // 10 + 2}{i % 10}").status_code for i in range(15)]
    assert answers == [404] * 10 + [429] * 5
    refused = client.get(f"/join/{found.code}")
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 61
    assert visitor("192.0.2.78").get(f"/join/{found.code}").status_code == 303


def test_fifty_phones_of_one_office_address_all_join(found: Workshop) -> None:
    assert {visitor().get(f"/join/{found.code}").status_code for _ in range(50)} == {303}


# The facilitator ----------------------------------------------------------------------------------------------------


def test_the_facilitators_key_opens_the_whole_app_and_the_address_never_holds_it(found: Workshop) -> None:
    client = visitor()
    assert client.post("/lead", data={"key": "wrong"}).status_code == 403
    answer = client.post("/lead", data={"key": KEY.lower()})
    assert answer.headers["location"] == f"/workshop?book={found.book}", "the book that is weighed is the one on screen"
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert sees(client, "/workshop") == "app"
    assert client.get(f"/lead?key={KEY}").status_code == 200, "a form, and no cookie"
    assert "set-cookie" not in client.get(f"/lead?key={KEY}").headers


def test_a_facilitator_who_takes_part_finds_the_ballot_beside_the_app(found: Workshop) -> None:
    client = visitor()
    client.post("/lead", data={"key": KEY})
    assert client.get(f"/join/{found.code}").headers["location"] == "/ballot"
    assert sees(client, "/workshop") == "app"


def test_a_ticket_opens_the_lead_once(found: Workshop) -> None:
    ticket = access.TICKETS.issue(KEY, time.monotonic())
    client = visitor()
    assert client.get(f"/lead/{ticket}").headers["location"] == f"/workshop?book={found.book}"
    again = visitor().get(f"/lead/{ticket}")
    assert again.status_code == 403
    assert "This link is too old." in again.text


def test_old_tickets_are_no_guesses(found: Workshop) -> None:
    client = visitor()
    assert {client.get("/lead/too-old").status_code for _ in range(2 * access.TRIES)} == {403}
    assert client.post("/lead", data={"key": KEY}).headers["location"] == f"/workshop?book={found.book}"


def test_guessing_keys_and_access_codes_is_limited_alike() -> None:
    client = visitor()
    for path, name in (("/lead", "key"), ("/access", "code")):
        doors.limiter = access.Limiter()
        answers = [client.post(path, data={name: str(i)}).status_code for i in range(12)]
        assert answers == [403] * 10 + [429] * 2


def test_a_huge_form_is_not_read() -> None:
    assert visitor().post("/access", content=b"code=" + b"x" * 100_000).status_code == 403
