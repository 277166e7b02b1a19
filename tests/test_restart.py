"""A server that is killed in the middle of a round: started again, it is the same workshop, with every ballot in it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import pytest

from benchmarks.served import free_port, started
from benchmarks.workshop import Seen, Tab, join, lead, vote
from core.decisions.workshop import access, sessions
from core.workspace.folder import Workspace
from core.workspace.secret import open_secret
from core.workspace.state import Store

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.xdist_group("browser")
"""A server and its visitors take both cores, as browsers do; not beside them."""
PEOPLE, BALLOTS = 5, 15


def seat_of(home: Path, tab: Tab) -> str:
    found = access.participant(open_secret(Workspace(home)), tab.cookie.partition("=")[2])
    assert found is not None
    return found.seat


async def until_killed(home: Path, port: int, seen: Seen) -> tuple[str, str, list[Tab]]:
    """Hold a round in which everybody changes their ballot all the time; kill the server in it, with SIGKILL."""
    process = started(home, port)
    facilitator = await lead(port)
    key = await facilitator.until(lambda: next((code for code in facilitator.codes if code.count("-") == 3), None))
    store = Store(home)
    (document,) = store.newest("workshop")
    tabs = [await join(port, sessions.load(store, document.id).code) for _ in range(PEOPLE)]
    await facilitator.press("Open round 1")

    async def changing(tab: Tab) -> None:
        for turn in range(1000):
            await vote(tab, seat_of(home, tab), 1, 5 * (turn % 21), seen)

    voters = [asyncio.create_task(changing(tab)) for tab in tabs]

    def enough() -> bool:
        return len(seen.acknowledged) >= BALLOTS and len({who for who, _, _ in seen.acknowledged}) == PEOPLE

    await facilitator.until(enough)
    process.kill()
    process.wait()
    for voter in voters:
        voter.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await voter
    for tab in (*tabs, facilitator):
        with contextlib.suppress(Exception):
            await tab.close()
    store.close()
    return document.id, key, tabs


async def after_the_restart(home: Path, port: int, key: str, before: list[Tab], seen: Seen) -> tuple[str, set[str]]:
    """Come back as the same browsers; give what the facilitator's page counts and what the participants read."""
    process = started(home, port)
    try:
        tabs = [await Tab(port, tab.cookie).open() for tab in before]
        said = {text for tab in tabs for text in (*tab.text.values(), *(words for _, words in tab.said))}
        await vote(tabs[0], seat_of(home, tabs[0]), 1, 100, seen)
        facilitator = await Tab(port, page="workshop").open()
        typed = facilitator.find("text_input", "Facilitator's key")
        facilitator.set(typed, "string_value", key)
        await facilitator.run()
        await facilitator.press("Take the lead")
        counted = await facilitator.until(lambda: facilitator.metrics.get("Handed in"))
        for tab in (*tabs, facilitator):
            await tab.close()
        return str(counted), said
    finally:
        process.kill()
        process.wait()


def test_a_server_killed_in_the_middle_of_a_round_has_every_acknowledged_ballot_when_it_is_back(tmp_path: Path) -> None:
    port, seen = free_port(), Seen()
    workshop, key, tabs = asyncio.run(until_killed(tmp_path, port, seen))
    acknowledged = list(seen.acknowledged)
    assert {who for who, _, _ in acknowledged} == {seat_of(tmp_path, tab) for tab in tabs}

    with contextlib.closing(Store(tmp_path)) as store:
        store.verify()
        found = sessions.load(store, workshop)
        assert (found.phase, found.round, found.open_for_ballots(found.started)) == (sessions.WEIGHING, 1, True)
        seats = {seat.id for seat in sessions.seats(store, workshop)}
        for who in seats:
            said = [answers for voter, _, answers in acknowledged if voter == who]
            held = [row.body["answers"]["swing"] for row in store.versions("ballot", f"{workshop}.1.{who}")]
            assert held[: len(said)] == said
            assert len(held) <= len(said) + 1, "at most one was on its way when the server died"

    counted, words = asyncio.run(after_the_restart(tmp_path, port, key, tabs, seen))
    assert counted == f"{PEOPLE} of {PEOPLE}", "nobody has become somebody else"
    assert any(text.startswith("Your ballot is in.") for text in words)
    assert not any("has not joined" in text for text in words)
    with contextlib.closing(Store(tmp_path)) as store:
        assert {seat.id for seat in sessions.seats(store, workshop)} == seats
        first = seat_of(tmp_path, tabs[0])
        assert sessions.own(store, workshop, 1, first).answers["swing"] == seen.acknowledged[-1][2]  # type: ignore[union-attr]
