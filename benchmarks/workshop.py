"""A workshop under load: fifty phones that join, weigh in three rounds, and change their ballots for minutes.

Every participant is a session of a real server over its websocket, driven with Streamlit's own messages, as a browser
does it: the join route gives the cookie, the page runs, its fragments look every second or two whether the session has
gone on, a slider moves, the button is pressed. A ballot's time is from the press to the sentence that it is kept. The
facilitator is such a session, too; what it sees is the count of ballots on its page. At the end the state store is
read: a ballot that was acknowledged and is not there is lost, one that is there twice is doubled.

`python -m benchmarks.workshop --minutes 5` is the whole of it; `--minutes 0.5 --people 10` a short one.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime as dt
import random
import re
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from benchmarks import served
from benchmarks.harness import Claim, Section, table
from core.decisions.workshop import access, sessions
from core.workspace.folder import Workspace
from core.workspace.secret import open_secret
from core.workspace.state import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from websockets.asyncio.client import ClientConnection

KEPT, AGAIN_SAID = "Your ballot is kept", re.compile(r"Ballot of (\d\d:\d\d:\d\d) UTC kept")
ROUNDS = 3
JOIN_SECONDS = 3.0
BETWEEN = 3.0
"""Seconds between two changes of one person's ballot."""
PATIENCE, AGAIN = served.PATIENCE, 10.0
"""Seconds to wait for anything, and until somebody presses the button again."""


@dataclass
class Tab:
    """One session over the websocket: what stands on its page, and what the page asks to be run again and when."""

    port: int
    cookie: str = ""
    page: str = ""
    widgets: dict[tuple[str, str], Any] = field(default_factory=dict)
    fresh: set[tuple[str, str]] = field(default_factory=set)
    states: dict[str, tuple[str, Any]] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, str] = field(default_factory=dict)
    said: list[tuple[float, str]] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    text: dict[str, str] = field(default_factory=dict)
    stood: dict[str, str] = field(default_factory=dict)
    runs: int = 0
    wire: ClientConnection | None = None
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    timers: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    seen: Callable[[str, str], None] | None = None

    async def open(self) -> Tab:
        """Connect, run the page and wait until it stands."""
        headers = {"Cookie": self.cookie} if self.cookie else {}
        address = f"ws://127.0.0.1:{self.port}/_stcore/stream"
        self.wire = await connect(
            address,
            subprotocols=[Subprotocol("streamlit")],
            additional_headers=headers,
            max_size=None,
            ping_interval=None,
        )
        self.tasks.append(asyncio.create_task(self._listen()))
        await self.run()
        return self

    async def close(self) -> None:
        """Leave."""
        for task in (*self.tasks, *self.timers.values()):
            task.cancel()
        if self.wire:
            await self.wire.close()

    async def run(self, moved: str = "") -> None:
        """Run the page with its widgets as they are, or the part that holds the moved one; wait for the run's end."""
        before = self.runs
        await self._send(part=self.parts.get(moved, ""))
        await self.until(lambda: self.runs > before)

    async def press(self, label: str) -> float:
        """Press a button; gives the moment."""
        button = await self.until(lambda: self.find("button", label))
        moment = time.perf_counter()
        await self._send(trigger=button.id, part=self.parts.get(button.id, ""))
        return moment

    async def until(self, found: Callable[[], Any], patience: float = PATIENCE) -> Any:
        """Wait until something is true."""
        end = time.perf_counter() + patience
        while not (value := found()):
            if time.perf_counter() > end:
                message = f"waited in vain; on the page: {list(self.widgets)[:20]}, {self.said[-3:]}"
                raise TimeoutError(message)
            await asyncio.sleep(0.005)
        return value

    def find(self, kind: str, label: str) -> Any:
        """Find a widget by its kind and how its label begins."""
        return next((w for (k, name), w in self.widgets.items() if k == kind and name.startswith(label)), None)

    def set(self, widget: Any, kind: str, value: Any) -> None:
        """Give a widget a value, which goes out with the next run."""
        self.states[widget.id] = (kind, value)

    async def _send(self, *, trigger: str = "", part: str = "", look: str = "") -> None:
        """Ask for a run: of the page, of a part in which something was moved or pressed, or for a look by the clock."""
        message = BackMsg()
        state = message.rerun_script
        state.page_name, state.query_string = self.page, ""
        if part or look:
            state.fragment_id, state.is_auto_rerun = part or look, bool(look)
        for key, (kind, value) in self.states.items():
            widget = state.widget_states.widgets.add(id=key)
            if kind == "double_array_value":
                widget.double_array_value.data.append(value)
            else:
                setattr(widget, kind, value)
        if trigger:
            state.widget_states.widgets.add(id=trigger, trigger_value=True)
        assert self.wire is not None
        await self.wire.send(message.SerializeToString())

    async def _listen(self) -> None:
        assert self.wire is not None
        async for payload in self.wire:
            message = ForwardMsg.FromString(payload)
            kind = message.WhichOneof("type")
            if kind == "script_finished":
                self.runs += 1
                self._settle(whole=not message.metadata.run.fragment_ids)
            elif kind == "new_session" and not message.metadata.run.fragment_ids:
                self._forget()
            elif kind == "auto_rerun":
                self._repeat(message.auto_rerun.fragment_id, message.auto_rerun.interval)
            elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                self._stands(message.delta.new_element, message.delta.fragment_id)

    def _forget(self) -> None:
        """Begin a page anew: its timers end; what stood there stays until the run is through, as in a browser."""
        for timer in self.timers.values():
            timer.cancel()
        self.timers.clear()
        self.fresh.clear()

    def _settle(self, *, whole: bool) -> None:
        if whole:
            self.stood = dict(self.text)
        if whole and self.fresh:
            self.widgets = {key: widget for key, widget in self.widgets.items() if key in self.fresh}

    def _repeat(self, fragment: str, interval: float) -> None:
        async def again() -> None:
            while True:
                await asyncio.sleep(interval)
                await self._send(look=fragment)

        if fragment not in self.timers:
            self.timers[fragment] = asyncio.create_task(again())

    def _stands(self, element: Any, part: str) -> None:
        kind = element.WhichOneof("type")
        if kind in {"button", "selectbox", "slider", "number_input", "text_input"}:
            widget = getattr(element, kind)
            self.widgets[kind, widget.label] = widget
            self.fresh.add((kind, widget.label))
            self.parts[widget.id] = part
        elif kind == "metric":
            self.metrics[element.metric.label] = element.metric.body
            if self.seen:
                self.seen(element.metric.label, element.metric.body)
        elif kind == "alert":
            self.said.append((time.perf_counter(), element.alert.body))
        elif kind == "markdown" and AGAIN_SAID.search(element.markdown.body):
            self.said.append((time.perf_counter(), element.markdown.body))
        elif kind == "markdown":
            self.text[element.markdown.body.partition(" ")[0]] = element.markdown.body
        elif kind == "code":
            self.codes.append(element.code.code_text)
        elif kind == "heading":
            self.titles.append(element.heading.body)


@dataclass
class Seen:
    """What was measured, in seconds, and what the store held in the end."""

    joins: list[float] = field(default_factory=list)
    ballots: list[float] = field(default_factory=list)
    counted: list[float] = field(default_factory=list)
    acknowledged: list[tuple[str, int, list[int]]] = field(default_factory=list)
    lost: int = 0
    doubled: int = 0
    again: int = 0


@contextlib.contextmanager
def server(home: Path) -> Iterator[int]:
    """Start a server of our own."""
    port = served.free_port()
    with served.started(home, port) as process:
        try:
            yield port
        finally:
            process.terminate()


async def join(port: int, code: str) -> Tab:
    """Ask the join route for the cookie, as a phone does, and open the page with it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET /join/{code} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
    answer = (await reader.read()).decode("latin-1")
    writer.close()
    name = f"{access.PARTICIPANT}="
    cookie = next(line for line in answer.splitlines() if name in line).partition(name)[2].partition(";")[0]
    tab = await Tab(port, f"{name}{cookie}").open()
    await tab.until(lambda: any("You are in" in text for _, text in tab.said))
    return tab


def says_kept(text: str, clock: str) -> bool:
    """Tell whether a sentence says that a ballot is kept: at once, or by the clock, of this second or a later one."""
    again = AGAIN_SAID.search(text)
    return KEPT in text or bool(again and again[1] >= clock)


async def vote(tab: Tab, who: str, number: int, worth: int, seen: Seen) -> None:
    """Move sliders and hand in; wait for the word that it is kept."""
    await tab.until(lambda: tab.stood.get("Round", "").startswith(f"Round {number}."))
    chosen = await tab.until(lambda: tab.find("selectbox", "The improvement"))
    if chosen.id not in tab.states:
        tab.set(chosen, "string_value", chosen.options[0])
        await tab.run(chosen.id)
    slider = await tab.until(lambda: tab.find("slider", "Company size"))
    tab.set(slider, "double_array_value", float(worth))  # goes out with the form
    tab.said.clear()
    clock = f"{dt.datetime.now(dt.UTC):%H:%M:%S}"
    moment = await tab.press("Hand in")
    kept = None
    while kept is None:
        # A person who sees no answer presses again, which is the same request and must not become a second ballot.
        with contextlib.suppress(TimeoutError):
            kept = await tab.until(lambda: next((t for t, text in tab.said if says_kept(text, clock)), None), AGAIN)
        if kept is None:
            seen.again += 1
            await tab.press("Hand in")
    seen.ballots.append(kept - moment)
    seen.acknowledged.append((who, number, [100, worth, 50, 50, 50, 50]))


async def lead(port: int) -> Tab:
    """Start a workshop as a facilitator does."""
    tab = await Tab(port, page="workshop").open()
    await tab.press("Start")
    await tab.until(lambda: tab.find("button", "Open round 1"))
    return tab


async def measure_on(port: int, home: Path, people: int, minutes: float) -> Seen:
    """Hold the workshop."""
    seen = Seen()
    facilitator = await lead(port)
    store = Store(home)
    (document,) = store.newest("workshop")
    found = sessions.load(store, document.id)

    async def arrive(delay: float) -> Tab:
        await asyncio.sleep(delay)
        start = time.perf_counter()
        tab = await join(port, found.code)
        seen.joins.append(time.perf_counter() - start)
        return tab

    rng = random.Random(6)
    tabs = await asyncio.gather(*(arrive(rng.uniform(0, JOIN_SECONDS)) for _ in range(people)))
    secret = open_secret(Workspace(home))
    seats = [access.participant(secret, tab.cookie.partition("=")[2]) for tab in tabs]
    names = [seat.seat for seat in seats if seat]
    for number in range(1, ROUNDS + 1):
        await _round(facilitator, tabs, names, number, seen, rng)
        if number < ROUNDS:
            await facilitator.press("Reveal")
            await facilitator.until(partial(facilitator.find, "button", f"Open round {number + 1}"))
    end = time.monotonic() + 60 * minutes

    async def keep_changing(tab: Tab, who: str) -> None:
        while time.monotonic() < end:
            await asyncio.sleep(rng.uniform(0.5, 1.5) * BETWEEN)
            await vote(tab, who, ROUNDS, rng.randrange(0, 101, 5), seen)

    await asyncio.gather(*(keep_changing(tab, who) for tab, who in zip(tabs, names, strict=True)))
    await asyncio.gather(*(tab.close() for tab in (*tabs, facilitator)))
    _audit(store, found.id, seen)
    store.close()
    return seen


async def _round(
    facilitator: Tab, tabs: list[Tab], names: list[str], number: int, seen: Seen, rng: random.Random
) -> None:
    """Open a round, let everybody hand in within ten seconds, and note when the facilitator's page counts them."""
    minutes = await facilitator.until(lambda: facilitator.find("number_input", "Minutes"))
    facilitator.set(minutes, "double_value", 0.0)  # no timer
    await facilitator.run()
    await facilitator.press(f"Open round {number}")
    await facilitator.until(lambda: facilitator.metrics.get("Handed in") == f"0 of {len(tabs)}")
    kept: list[float] = []
    shown: dict[int, float] = {}

    def note(label: str, value: str) -> None:
        if label == "Handed in":
            for n in range(int(value.partition(" ")[0]) + 1):
                shown.setdefault(n, time.perf_counter())

    facilitator.seen = note

    async def one(tab: Tab, who: str) -> None:
        await asyncio.sleep(rng.uniform(0, 10))
        await vote(tab, who, number, rng.randrange(0, 101, 5), seen)
        kept.append(time.perf_counter())

    await asyncio.gather(*(one(tab, who) for tab, who in zip(tabs, names, strict=True)))
    await facilitator.until(lambda: len(tabs) in shown)
    facilitator.seen = None
    seen.counted += [max(0.0, shown[n] - moment) for n, moment in enumerate(sorted(kept), 1)]


def _audit(store: Store, key: str, seen: Seen) -> None:
    """Compare what was acknowledged with what the store holds: every version, in order."""
    store.verify()
    for who, number in {(who, number) for who, number, _ in seen.acknowledged}:
        said = [answers for w, n, answers in seen.acknowledged if (w, n) == (who, number)]
        held = [row.body["answers"]["swing"] for row in store.versions("ballot", f"{key}.{number}.{who}")]
        # The same answers handed in again are the ballot that was kept before, so runs of equals count once.
        distinct = [answers for i, answers in enumerate(said) if i == 0 or answers != said[i - 1]]
        seen.lost += sum(answers not in held for answers in distinct) or int(held[-1] != said[-1])
        seen.doubled += max(0, len(held) - len(distinct))


def measure(people: int = 50, minutes: float = 5.0) -> Section:
    """Hold a workshop on a server of our own, and say what was seen."""
    with tempfile.TemporaryDirectory(prefix="tierwise-workshop-") as folder, server(Path(folder)) as port:
        seen = asyncio.run(measure_on(port, Path(folder), people, minutes))
    rows = [
        [what, f"{len(times):,}", *(f"{1000 * value:,.0f} ms" for value in _figures(times))]
        for what, times in (("join", seen.joins), ("ballot", seen.ballots), ("seen by facilitator", seen.counted))
    ]
    counts = f"\n\n{len(seen.acknowledged):,} ballots acknowledged, {seen.lost} lost, {seen.doubled} doubled; "
    counts += f"{seen.again} times somebody pressed again after {AGAIN:.0f} seconds without an answer."
    return Section(
        f"A workshop of {people}",
        "",
        table(["", "times", "median", "p95", "most"], rows) + counts,
        _claims(seen),
    )


def _figures(times: list[float]) -> tuple[float, float, float]:
    ordered = sorted(times)
    return statistics.median(ordered), ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], ordered[-1]


def _claims(seen: Seen) -> tuple[Claim, ...]:
    join, ballot, counted = (_figures(times)[1] for times in (seen.joins, seen.ballots, seen.counted))
    return (
        Claim("no ballot lost or doubled", f"{seen.lost} lost, {seen.doubled} doubled", not seen.lost + seen.doubled),
        Claim("a ballot kept within 250 ms (p95)", f"{1000 * ballot:.0f} ms", ballot < 0.25),
        Claim("joined within 2 s (p95), all within 3 s", f"{join:.2f} s", join < 2),
        Claim("the facilitator sees it within 2 s (p95)", f"{counted:.2f} s", counted < 2),
    )


def main() -> int:
    """Measure by itself; exit 1 where something promised does not hold."""
    parser = argparse.ArgumentParser(description="A workshop under load.")
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=5.0)
    options = parser.parse_args()
    found = measure(options.people, options.minutes)
    print(found.table)
    for claim in found.claims:
        print(f"{'holds' if claim.holds else 'DOES NOT HOLD'}: {claim.what}: {claim.measured}")
    return int(not all(claim.holds for claim in found.claims))


if __name__ == "__main__":
    sys.exit(main())
