"""The doors, tried from outside: a server of our own, plain requests and a real browser."""

from __future__ import annotations

import base64
import gzip
import hashlib
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright
from starlette.requests import Request

import server

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
# One worker, so that one server is enough for this file.
pytestmark = pytest.mark.xdist_group("server")
EVERYWHERE = "0.0.0.0"  # noqa: S104 (only ever compared)
LARGEST_SCRIPT = max((server.FRONTEND / "static" / "js").glob("*.js"), key=lambda path: path.stat().st_size)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


def ask(port: int, path: str, **headers: str) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        names = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, names, b"" if response.status == 101 else response.read())
    finally:
        connection.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def wait_until_up(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert process.poll() is None, "the server stopped before it answered"
        try:
            ask(port, "/_stcore/health")
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the server did not answer within a minute")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("workspace")


@pytest.fixture(scope="module")
def port(home: Path) -> Iterator[int]:
    chosen = free_port()
    command = [sys.executable, str(ROOT / "server.py"), "--port", str(chosen)]
    # Another folder than ours: where it is started from must not matter.
    with subprocess.Popen(command, cwd=home, env={**os.environ, "TIERWISE_HOME": str(home)}) as process:
        try:
            wait_until_up(process, chosen)
            yield chosen
        finally:
            process.terminate()


def test_healthz_writes_and_reads_the_state_store(port: int, home: Path) -> None:
    answer = ask(port, "/healthz")
    assert (answer.status, json.loads(answer.body)) == (200, {"status": "ok", "workspace": "writable"})
    assert answer.headers["cache-control"] == "no-store"
    assert (home / "state.sqlite").is_file()


def test_healthz_fails_when_the_workspace_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TIERWISE_HOME", str(tmp_path / "file" / "below"))
    answer = server.health(Request({"type": "http"}))
    assert answer.status_code == 503
    assert json.loads(bytes(answer.body))["status"] == "failing"


@pytest.mark.parametrize(
    "path", ["/", "/healthz", "/_stcore/health", f"/static/js/{LARGEST_SCRIPT.name}", "/no-such-page"]
)
def test_every_answer_carries_the_security_headers(port: int, path: str) -> None:
    headers = ask(port, path, Accept_Encoding="gzip").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "server" not in headers


def test_the_policy_knows_streamlits_own_inline_script_and_no_other(port: int) -> None:
    answer = ask(port, "/")
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    script = answer.body.decode().split("<script>")[1].split("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy["script-src"].split() == ["'self'", "blob:", f"'sha256-{digest}'"]
    assert "//" not in answer.headers["content-security-policy"]


def test_scripts_are_sent_compressed_and_whole(port: int) -> None:
    path = f"/static/js/{LARGEST_SCRIPT.name}"
    packed = ask(port, path, Accept_Encoding="gzip, br")
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["content-type"].startswith("text/javascript")
    assert "immutable" in packed.headers["cache-control"]
    assert gzip.decompress(packed.body) == LARGEST_SCRIPT.read_bytes()
    assert len(packed.body) < LARGEST_SCRIPT.stat().st_size / 2


def test_who_cannot_unpack_gets_the_script_as_it_is(port: int) -> None:
    plain = ask(port, f"/static/js/{LARGEST_SCRIPT.name}", Accept_Encoding="identity")
    assert "content-encoding" not in plain.headers
    assert plain.body == LARGEST_SCRIPT.read_bytes()


def handshake(port: int, origin: str | None, host: str) -> int:
    """Open the websocket as a browser would whose page came from `origin`, and give the status."""
    headers = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13", "Host": host}
    headers["Sec_WebSocket_Key"] = base64.b64encode(b"sixteen bytes...").decode()
    return ask(port, "/_stcore/stream", **headers, **({"Origin": origin} if origin else {})).status


def test_the_websocket_opens_for_our_own_pages_only(port: int) -> None:
    ours = f"127.0.0.1:{port}"
    assert handshake(port, f"http://{ours}", ours) == 101
    assert handshake(port, "http://evil.invalid", ours) == 403
    assert handshake(port, "null", ours) == 403


def test_a_foreign_name_that_points_at_this_machine_is_refused(port: int) -> None:
    assert handshake(port, f"http://evil.invalid:{port}", f"evil.invalid:{port}") == 403


@pytest.mark.parametrize(
    ("address", "configured", "accepted"),
    [
        ("127.0.0.1", ["localhost", "127.0.0.1"], ["localhost", "127.0.0.1"]),
        ("192.168.1.5", ["localhost"], ["localhost", "192.168.1.5"]),
        (EVERYWHERE, ["localhost", "127.0.0.1"], ["*"]),
        (EVERYWHERE, ["tierwise.example"], ["tierwise.example", EVERYWHERE]),
    ],
)
def test_accepted_hosts(address: str, configured: list[str], accepted: list[str]) -> None:
    assert server.accepted_hosts(address, configured) == accepted


def test_a_port_in_use_is_said_with_the_way_out(port: int) -> None:
    command = [sys.executable, str(ROOT / "server.py"), "--port", str(port)]
    second = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert second.returncode == 2
    assert f"port {port} is in use" in second.stderr
    assert f"--port {port + 1}" in second.stderr


@pytest.mark.browser
def test_a_browser_asks_no_other_host_and_has_nothing_to_complain_of(port: int) -> None:
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)  # None: the one that Playwright brings
    flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    asked: list[str] = []
    said: list[str] = []
    sockets: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=flags)
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("websocket", lambda socket: sockets.append(socket.url))
        page.goto(f"http://127.0.0.1:{port}/")
        page.locator("[data-testid=stMain] h1").first.wait_for(timeout=60_000)
        page.wait_for_timeout(2_000)
        browser.close()
    assert sockets == [f"ws://127.0.0.1:{port}/_stcore/stream"]
    assert [url for url in asked if not url.startswith((f"http://127.0.0.1:{port}/", "data:", "blob:"))] == []
    assert said == []
