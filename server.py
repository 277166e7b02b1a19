"""The server: app.py inside an ASGI application with security headers, compression, health check and doors.

`python server.py` starts it on this machine; `uvicorn server:app` does the same under a process manager.
In: the settings of .streamlit/config.toml.  Out: `app`.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import gc
import gzip
import hashlib
import importlib
import pkgutil
import re
import socket
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import streamlit as st
import uvicorn
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from streamlit import config

import core
import doors
from core.errors import TierwiseError
from core.workspace.folder import Workspace
from core.workspace.state import open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

ROOT: Final = Path(__file__).parent
FRONTEND: Final = Path(st.__file__).parent / "static"
# The types are written out because Windows lets other programs change what a suffix means.
PACKABLE: Final = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
A_YEAR: Final = 365 * 24 * 60 * 60
NOT_KEPT: Final = {"Cache-Control": "no-store"}
THIS_MACHINE: Final = {"localhost", "127.0.0.1", "::1"}
EVERY_ADDRESS: Final = {"0.0.0.0", "::"}  # noqa: S104 (recognised, never chosen)


# Security headers -----------------------------------------------------------------------------------------------


def inline_script_hashes(page: str) -> list[str]:
    """Name the inline scripts of a page the way a Content-Security-Policy wants them.

    Streamlit's own page has one. Hashing what is installed keeps the policy right when that page changes, and still
    refuses every inline script that comes from anywhere else.
    """
    scripts = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    return [f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in scripts]


@cache
def security_headers() -> Mapping[str, str]:
    """Say what a browser may do with our pages: nothing that reaches another host."""
    hashes = inline_script_hashes((FRONTEND / "index.html").read_text(encoding="utf-8"))
    policy = {
        "default-src": ["'self'"],
        # blob: carries the code of our own screen components; a script in an account's name is neither.
        "script-src": ["'self'", "blob:", *hashes],
        # Streamlit and the charts style elements one by one.
        "style-src": ["'self'", "'unsafe-inline'"],
        # An image on a foreign host, written as an account's name, would tell that host who looked at it and when.
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "worker-src": ["'self'", "blob:"],
        "frame-src": ["'none'"],
        "frame-ancestors": ["'none'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],  # a code that somebody types to join a workshop
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {' '.join(sources)}" for name, sources in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }


class SecurityHeaders:
    """Put the security headers on every answer, whoever gives it."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and dress the answer."""

        async def send_dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(security_headers())
            await send(message)

        await self.app(scope, receive, send_dressed if scope["type"] == "http" else send)


class OwnPagesOnly:
    """Refuse a websocket that a page of another host opens.

    Streamlit refuses it too, but asks a foreign host for this machine's public address first.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through what is no websocket, what names no origin, and what comes from our own pages."""
        if scope["type"] == "websocket" and not self._ours(Headers(scope=scope)):
            await send({"type": "websocket.close", "code": 1008})
            return
        await self.app(scope, receive, send)

    @staticmethod
    def _ours(headers: Headers) -> bool:
        origin = headers.get("origin")
        if origin is None or urlsplit(origin).netloc == headers.get("host"):
            return True
        return origin in config.get_option("server.corsAllowedOrigins")


# Compression ----------------------------------------------------------------------------------------------------


class PackedFrontend:
    """Answer for Streamlit's own scripts and styles, compressed once and kept.

    Streamlit sends them as they are, because its compression would start anew at every request: 9 MB for a first page,
    which is a long wait on a phone. Everything else passes: pages are compressed behind this, uploads, downloads and
    the websocket are none of its business.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`; list the files now, so that no path from a request ever reaches the file system."""
        self.app = app
        files = (path for path in (FRONTEND / "static").rglob("*") if path.suffix in PACKABLE)
        self.files = {f"/{path.relative_to(FRONTEND).as_posix()}": path for path in files}
        self.packed: dict[str, asyncio.Task[bytes]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what can be packed, pass on the rest."""
        app = await self._answer(scope["path"]) if self._packable(scope) else self.app
        await app(scope, receive, send)

    def _packable(self, scope: Scope) -> bool:
        return (
            scope["type"] == "http"
            and scope["method"] in {"GET", "HEAD"}
            and scope["path"] in self.files
            and "gzip" in Headers(scope=scope).get("accept-encoding", "")
        )

    async def _answer(self, path: str) -> Response:
        if path not in self.packed:
            # A task, so that fifty phones which join at once wait for one compression.
            self.packed[path] = asyncio.create_task(asyncio.to_thread(pack, self.files[path]))
        headers = {
            "Content-Encoding": "gzip",
            "Vary": "Accept-Encoding",
            # The file's name holds a hash of its content.
            "Cache-Control": f"public, immutable, max-age={A_YEAR}",
        }
        body = await asyncio.shield(self.packed[path])
        return Response(body, headers=headers, media_type=PACKABLE[self.files[path].suffix])


def pack(path: Path) -> bytes:
    """Compress one file; level 6 takes a third of the time of 9 for one per cent more bytes."""
    return gzip.compress(path.read_bytes(), compresslevel=6)


# Health ---------------------------------------------------------------------------------------------------------


def health(_request: Request) -> JSONResponse:
    """Prove that what people make can be kept: write a row to the state store and read it back."""
    try:
        open_store(Workspace.here()).ping()
    except TierwiseError as error:
        return JSONResponse({"status": "failing", "why": str(error)}, status_code=503, headers=NOT_KEPT)
    return JSONResponse({"status": "ok", "workspace": "writable"}, headers=NOT_KEPT)


# The application ------------------------------------------------------------------------------------------------


def warm_up() -> None:
    """Import all of core before the first visitor comes, and tell the collector that it is here to stay.

    Without the freeze every collection walks through what pandas, Arrow and Plotly brought with them, which holds up
    everybody: with fifty participants a vote takes seconds in place of a tenth of one.
    """
    for module in pkgutil.walk_packages(core.__path__, "core."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    gc.collect()
    gc.freeze()


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Warm up, serve, and thaw, or else DuckDB complains at the end of leaks that are none."""
    warm_up()
    try:
        yield
    finally:
        gc.unfreeze()


app = st.App(
    ROOT / "app.py",
    lifespan=lifespan,
    routes=[Route("/healthz", health), *doors.routes],
    middleware=[
        Middleware(SecurityHeaders),
        Middleware(OwnPagesOnly),
        Middleware(PackedFrontend),
        Middleware(doors.Doorkeeper),
    ],
)


def accepted_hosts(address: str, configured: list[str]) -> list[str]:
    """Name the hosts under which a browser may speak to a server that listens on `address`.

    Only names that we know keep a web page from reaching us by pointing its own name at this machine. Somebody who
    listens on every address has asked for visitors, and a list of their own in config.toml is kept.
    """
    if address in EVERY_ADDRESS and THIS_MACHINE.issuperset(configured):
        return ["*"]
    return [*configured, address] if address not in configured else configured


def answers(address: str, port: int) -> bool:
    """Say whether somebody already listens there."""
    try:
        socket.create_connection((address, port), timeout=1).close()
    except OSError:
        return False
    return True


def main() -> None:
    """Start the server; uvicorn itself opens the socket, so TCP_NODELAY is on (Streamlit's own start leaves it off)."""
    parser = argparse.ArgumentParser(description="Start Tierwise.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=8501, help="port to listen on (default: 8501)")
    parser.add_argument("--everybody", action="store_true", help="show the whole app to everybody who can reach it")
    options = parser.parse_args()
    if answers(options.host, options.port):
        parser.error(f"port {options.port} is in use; choose another one, for example --port {options.port + 1}")
    config.set_option("server.allowedHosts", accepted_hosts(options.host, config.get_option("server.allowedHosts")))
    config.set_option("server.address", options.host)  # the workshop page says whether phones can reach us
    config.set_option("server.port", options.port)
    doors.gate.everybody = options.everybody
    print(f"Tierwise: http://{options.host}:{options.port}", flush=True)
    if options.host not in THIS_MACHINE and not options.everybody:
        print(f"From elsewhere: at /access with the access code {doors.gate.code}; phones join at /join.", flush=True)
    uvicorn.run(
        app,
        host=options.host,
        port=options.port,
        lifespan="on",  # what goes wrong while warming up ends the process, in place of an error at every request
        ws="websockets-sansio",
        ws_max_size=config.get_option("server.maxMessageSize") * 1024 * 1024,
        ws_per_message_deflate=config.get_option("server.enableWebsocketCompression"),
        log_level="warning",
        server_header=False,
    )


if __name__ == "__main__":
    main()
