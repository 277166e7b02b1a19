"""Chapters through time: a measure by period, what moved the HHI, what stayed of the revenue, and who leads.

In: the facts of a story. Out: a chapter each, or None where the history does not reach far enough.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pandas as pd

from core import wording
from core.accounts import timeline
from core.figures import through_time as figures
from core.measures import bridge as bridge_measure
from core.measures import retention as retention_measure
from core.measures import through_time
from core.report import terms
from core.report.story import Chapter, Chart, Column, Kind, Unit, shorten
from core.report.theming import BEFORE, SECOND, STRONG

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.accounts.timeline import Period
    from core.measures.bridge import Bridge
    from core.report.look import Facts

NAME, RANKED_PERIODS = 40, 9
NEEDS_HISTORY = ("time", "bridge", "retention", "ranks")
"""The chapters that only a book with a revenue history has."""

_TIMED = ("top_1", "top_5", "top_10", "top_20", "hhi", "effective_accounts", "gini")
_KINDS = {"lost": "Lost", "new": "New", "grown": "Grown", "shrunk": "Shrunk"}


def time(key: str, name: str, facts: Facts) -> Chapter | None:
    """Say how the share of the largest has moved."""
    points = facts.trend
    if len([point for _, point in points if point is not None and point.total]) < 2:
        return None
    names = {"top_1": "Largest", "top_5": "5 largest", "top_10": "10 largest", "top_20": "20 largest"}
    values = {name: tuple(getattr(point, name) if point else None for _, point in points) for name in _TIMED}
    columns = (
        Column("Twelve months to", Unit.TEXT, tuple(label for label, _ in points)),
        *(Column(name, Unit.SHARE, values[measure]) for measure, name in names.items()),
        Column("HHI", Unit.INDEX, values["hhi"]),
        Column("Effective number", Unit.SCORE, values["effective_accounts"]),
        Column("Gini", Unit.RATIO, values["gini"]),
    )
    chart = Chart(Kind.LINE, columns[0].name, ("10 largest", "Largest"), (STRONG, SECOND))
    known = [(label, point.top_10) for label, point in points if point is not None and point.top_10 is not None]
    (first, then), (last, now) = known[0], known[-1]
    change = wording.change_points(now - then)
    message = (
        f"The 10 largest {facts.who}s brought {wording.share(now)} of revenue in the twelve months to {last};"
        f" in those to {first} it was {wording.share(then)} ({change})."
    )
    reading = "Share of revenue of the largest in each span of twelve months, by the revenue history."
    table = {"period": [label for label, _ in points], "value": pd.Series(values["top_10"], dtype=object)}

    def draw() -> Any:
        return figures.line(pd.DataFrame(table), "Share of the 10 largest", "share", currency=facts.currency)

    meant = (terms.TOP_N, terms.HHI, terms.GINI)
    return Chapter(key, name, message, columns, reading, chart, meant, picture=draw)


# What moved it ------------------------------------------------------------------------------------------------------


def bridge(key: str, name: str, facts: Facts) -> Chapter | None:
    """Say what moved the HHI in the last year, or in as much of it as the history covers."""
    ends = _a_year(facts.spans, whole=False)
    if ends is None:
        return None
    found = bridge_measure.hhi(facts.amounts(ends[0]), facts.amounts(ends[1]))
    if found is None:
        return None
    parts = found.parts
    columns = (
        Column(f"{facts.who.capitalize()}s that were", Unit.TEXT, tuple(_KINDS[part.kind] for part in parts)),
        Column("How many", Unit.COUNT, tuple(part.accounts for part in parts)),
        Column("Revenue before", Unit.MONEY, tuple(part.before for part in parts)),
        Column("Revenue after", Unit.MONEY, tuple(part.after for part in parts)),
        Column("By own shares", Unit.CHANGE, tuple(part.own for part in parts)),
        Column("Through the total", Unit.CHANGE, tuple(part.total for part in parts)),
        Column("Points of HHI", Unit.CHANGE, tuple(part.points for part in parts)),
    )
    chart = Chart(Kind.BARS, columns[0].name, ("Points of HHI",), (STRONG,))
    span = (ends[0].label, ends[1].label)
    reading = f"Twelve months to {span[0]} against those to {span[1]}; the four parts add up to the change."
    reading += _moved(facts, found)

    def draw() -> Any:
        rows = pd.DataFrame([asdict(part) for part in parts])
        return figures.bridge(rows, found.before, found.after, span=span, currency=facts.currency)

    return Chapter(
        key, name, _bridged(found, facts.who), columns, reading, chart, (terms.HHI, terms.BRIDGE), picture=draw
    )


def _a_year(spans: Sequence[Period], *, whole: bool) -> tuple[Period, Period] | None:
    """Give the last span and the one a year before it; the earliest where there is none, unless it must be whole."""
    if len(spans) < 2:
        return None
    end = spans[-1]
    start = next((span for span in spans if span.last == end.last - timeline.YEAR), None)
    if start is None:
        return None if whole else (spans[0], end)
    return start, end


def _bridged(found: Bridge, who: str) -> str:
    moved = figures.change(found.after - found.before, "hhi", of=found.after)
    most = max(found.parts, key=lambda part: abs(part.points))
    text = f"The HHI went from {wording.hhi(found.before)} to {wording.hhi(found.after)} ({moved})"
    if not any(part.accounts for part in found.parts):
        return f"{text}; no {who} changed."
    if not most.points:
        return f"{text}; what the {who}s did cancels out."
    verb = "raised" if most.points > 0 else "lowered"
    what = {"lost": "were lost", "new": "are new", "grown": "grew", "shrunk": "shrank"}[most.kind]
    return f"{text}; the {who}s that {what} {verb} it most, by {figures.written(abs(most.points), 'number')} points."


def _moved(facts: Facts, found: Bridge) -> str:
    most = found.movers[:3]
    if not most:
        return ""
    names = facts.names([mover.customer for mover in most])
    said = [
        f"{shorten(name, 24)} ({figures.change(mover.points, 'number')})"
        for name, mover in zip(names, most, strict=True)
    ]
    return f" Moved it most: {', '.join(said)}."


# What stayed --------------------------------------------------------------------------------------------------------


def retention(key: str, name: str, facts: Facts) -> Chapter | None:
    """Say how much of the revenue of a year before is still there, tier by tier."""
    ends = _a_year(facts.spans, whole=True)
    if ends is None:
        return None
    tier = facts.verdict.tier[facts.basis.profile]
    rows = retention_measure.by_group(facts.amounts(ends[0]), facts.amounts(ends[1]), tier, facts.verdict.labels)
    whole = rows[-1]
    if whole.grr is None or whole.nrr is None:
        return None
    columns = (
        Column("Tier", Unit.TEXT, tuple(row.name for row in rows)),
        Column("With revenue before", Unit.COUNT, tuple(row.accounts for row in rows)),
        Column("Revenue before", Unit.MONEY, tuple(row.start for row in rows)),
        Column("Gross retention", Unit.SHARE, tuple(row.grr for row in rows)),
        Column("Net retention", Unit.SHARE, tuple(row.nrr for row in rows)),
        Column("Lost", Unit.MONEY, tuple(row.churned for row in rows)),
        Column("Shrunk by", Unit.MONEY, tuple(row.contraction for row in rows)),
        Column("Grown by", Unit.MONEY, tuple(row.expansion for row in rows)),
        Column("New", Unit.MONEY, tuple(row.new for row in rows)),
    )
    chart = Chart(Kind.BARS, "Tier", ("Gross retention", "Net retention"), (STRONG, BEFORE))
    message = (
        f"Of the revenue of a year before, {wording.share(whole.grr)} stayed;"
        f" with growth of the same {facts.who}s it is {wording.share(whole.nrr)}."
    )
    reading = (
        f"The year to {ends[0].label} against the year to {ends[1].label}, by the tier of today."
        f" {facts.who.capitalize()}s that are new are in neither."
    )

    def draw() -> Any:
        return figures.retention(pd.DataFrame([asdict(row) for row in rows]), currency=facts.currency)

    return Chapter(key, name, message, columns, reading, chart, (terms.RETENTION, terms.TIER), picture=draw)


# Who leads ----------------------------------------------------------------------------------------------------------


def ranks(key: str, name: str, facts: Facts) -> Chapter | None:
    """Say who leads, and who led before."""
    spans, past = facts.spans[-RANKED_PERIODS:], facts.history
    if past is None or len(spans) < 2:
        return None
    found = through_time.ranks(past, facts.basis, spans)
    if not found:
        return None
    names = facts.names([one.customer for one in found])
    columns = (
        Column(facts.who.capitalize(), Unit.TEXT, tuple(names)),
        Column("Revenue", Unit.MONEY, tuple(one.cents[-1] for one in found)),
        *(
            Column(f"Rank to {span.label}", Unit.COUNT, tuple(one.ranks[at] for one in found))
            for at, span in enumerate(spans)
            if (spans[-1].last - span.last) % timeline.YEAR == 0 or at == 0  # a slide has no room for every quarter
        ),
    )
    most = len(found)
    came = sum((one.ranks[0] or most + 1) > most for one in found)
    verb = "was" if came == 1 else "were"
    who = f"the {most} largest {facts.who}s" if most > 1 else f"the largest {facts.who}"
    message = f"{came} of {who} in the year to {spans[-1].label} {verb} not among them in the year to {spans[0].label}."
    reading = f"Ranks by the revenue of the twelve months to each month named; {wording.UNDEFINED}: no revenue."
    hover = [f"{wording.money_short(one.cents[-1], facts.currency)} in the last twelve months" for one in found]

    def draw() -> Any:
        places = [one.ranks for one in found]
        return figures.ranks(names, [span.label for span in spans], places, {"hover": hover})

    return Chapter(key, name, message, columns, reading, None, (terms.RANK,), picture=draw)
