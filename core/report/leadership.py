"""The story of a book's concentration, for the people who lead: one message a chapter, worded from the numbers.

In: a portfolio, its verdict and model, and concentration a year ago where it is known.  Out: a `Story`. What is
undefined is None; a chapter that would have nothing to say is left out.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core import wording
from core.accounts import listing
from core.accounts.contract import FILTERS
from core.accounts.listing import Wanted
from core.figures import losses as loss_figures
from core.figures import theme
from core.figures.tiers import BENCHMARK_ACCOUNTS, BENCHMARK_REVENUE
from core.measures import concentration as measures
from core.measures import health as health_measure
from core.measures import portfolio as portfolio_measure
from core.measures import rules, stress, where
from core.measures import tiers as tiers_measure
from core.model.health import AT_RISK, STATUSES
from core.report import changes, danger, places, provenance, sentences, terms
from core.report.look import Assumed, Facts, Look, a_year_ago, plain
from core.report.story import Chapter, Chart, Column, Kind, Paint, Story, Unit, shorten
from core.report.theming import BEFORE, SECOND, STRONG

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from core.measures.concentration import ParetoPoint
    from core.measures.portfolio import Portfolio
    from core.measures.rules import Rule
    from core.measures.tiers import TierRow, Verdict
    from core.measures.where import Place
    from core.model.model import Model

    _Teller = Callable[[str, Facts], Chapter | None]

__all__ = ["Assumed", "Look", "a_year_ago", "offered", "plain", "tell"]

TITLE = "How much rests on how few"
LARGEST, GROUPS = 15, 12
CURVE_POINTS = 100
GROUPED = ("industry", "region", "segment")
NAME = 40
"""Letters of a name within a sentence."""


def offered(prepared: Portfolio) -> dict[str, str]:
    """List the chapters that a story of this portfolio may have: key to name, without measuring anything."""
    missing = {key for key, column in _COLUMN.items() if not prepared.book.has(column)}
    if not prepared.book.has_history:
        missing |= set(changes.NEEDS_HISTORY)
    return {key: name for key, (name, _) in _CHAPTERS.items() if key not in missing}


def tell(
    prepared: Portfolio,
    verdict: Verdict,
    model: Model,
    *,
    look: Look | None = None,
    filters: Mapping[str, Sequence[str]] | None = None,
    keys: Iterable[str] | None = None,
    made: dt.date | None = None,
) -> Story:
    """Tell the story of a portfolio under a model.

    `filters` are those that the portfolio was prepared with; `keys` chooses among the chapters of `offered`, None is
    all of them but the `FURTHER` ones. A chapter that would have nothing to say is left out.
    """
    look = look or plain(prepared)
    found, counted = measures.measure(look.amounts), measures.shares_base(look.amounts).counted
    facts = Facts(prepared, verdict, model, look, found, counted)
    chosen = set(_CHAPTERS) - set(FURTHER) if keys is None else set(keys)
    wanted = [key for key in offered(prepared) if key in chosen]
    chapters = [chapter for key in wanted if (chapter := _CHAPTERS[key][1](key, facts)) is not None]
    return Story(
        title=TITLE,
        answer=facts.answer,
        provenance=provenance.trace(prepared, model, filters or {}, joined=look.joined, made=made, called=look.called),
        chapters=tuple(chapters),
    )


# Headline -----------------------------------------------------------------------------------------------------------


def _headline(key: str, facts: Facts) -> Chapter:
    found, before = facts.found, facts.look.before
    labels = [f"Largest {facts.who}", *(f"{n} largest" for n in (5, 10, 20))]
    now = [found.top_n[n] for n in (1, 5, 10, 20)]
    then = [before.top_n[n] for n in (1, 5, 10, 20)] if before else []
    top, earlier = found.top_share[0.2], before.top_share[0.2] if before else None
    if top is not None:
        labels.append(f"Top 20{wording.NBSP}% ({wording.count(top.accounts)})")
        now.append(top.share)
        then.append(earlier.share if earlier else None)
    columns = [Column("Which", Unit.TEXT, tuple(labels)), Column("Now", Unit.SHARE, tuple(now))]
    if before:
        columns.append(Column("A year ago", Unit.SHARE, tuple(then)))
        change = (None if a is None or b is None else a - b for a, b in zip(now, then, strict=True))
        columns.append(Column("Change", Unit.POINTS, tuple(change)))
    reading = f"Share of revenue that the largest {facts.who}s bring."
    if before:
        reading += " A year ago: the twelve months up to a year before the as-of date, their own largest."
    series = ("Now", "A year ago") if before else ("Now",)
    chart = Chart(Kind.BARS, "Which", series, (STRONG, BEFORE)[: len(series)]) if facts.has_revenue else None
    message = facts.answer
    return Chapter(key, _CHAPTERS[key][0], message, tuple(columns), reading, chart, (terms.TOP_N, terms.COUNTED))


def _indices(key: str, facts: Facts) -> Chapter:
    dated = [("Now", facts.found)] + ([("A year ago", facts.look.before)] if facts.look.before else [])
    points = [found.pareto_80 for _, found in dated]
    columns = (
        Column("When", Unit.TEXT, tuple(when for when, _ in dated)),
        Column("HHI", Unit.INDEX, tuple(found.hhi for _, found in dated)),
        Column("Effective number", Unit.SCORE, tuple(found.effective_accounts for _, found in dated)),
        Column("Gini", Unit.RATIO, tuple(found.gini for _, found in dated)),
        Column(f"Make 80{wording.NBSP}%", Unit.COUNT, tuple(p and p.accounts for p in points)),
        Column("Of those that pay", Unit.SHARE, tuple(p and p.share_of_accounts for p in points)),
    )
    found, pareto = facts.found, facts.found.pareto_80
    if found.hhi is None or found.effective_accounts is None or pareto is None:
        message = "No account has revenue yet, so no index has a value."
    else:
        equal = wording.score(found.effective_accounts).removesuffix(".0")
        message = (
            f"Revenue is as concentrated as if {equal} equal {facts.who if equal == '1' else facts.who + 's'} brought"
            f" it (HHI {wording.hhi(found.hhi)}); {_make_80(facts, pareto)}."
        )
    reading = "A higher HHI or Gini means that more rests on fewer; a higher effective number means the opposite."
    return Chapter(
        key, _CHAPTERS[key][0], message, columns, reading, None, (terms.HHI, terms.EFFECTIVE, terms.GINI, terms.PARETO)
    )


def _make_80(facts: Facts, point: ParetoPoint) -> str:
    verb = "makes" if point.accounts == 1 else "make"
    part = wording.share(point.share_of_accounts)
    return f"{facts.many(point.accounts)} ({part} of those that pay) {verb} 80{wording.NBSP}%"


# Curves -------------------------------------------------------------------------------------------------------------


def _pareto(key: str, facts: Facts) -> Chapter | None:
    if facts.found.pareto_80 is None:
        return None
    x, y = measures.concentration_curve(facts.counted, CURVE_POINTS)
    point = facts.found.pareto_80
    if point.accounts not in x:  # thinning may have left out the very point that the message names
        at = int(np.searchsorted(x, point.accounts))
        x, y = np.insert(x, at, point.accounts), np.insert(y, at, measures.top_n(facts.counted, point.accounts))
    goal = f"80{wording.NBSP}% of revenue"
    columns = (
        Column(f"{facts.who.capitalize()}s, largest first", Unit.COUNT, tuple(int(n) for n in x)),
        Column("Share of revenue", Unit.SHARE, _floats(y)),
        Column(goal, Unit.SHARE, (0.8,) * len(x)),
    )
    chart = Chart(
        Kind.XY, columns[0].name, (columns[1].name, goal), (STRONG, BEFORE), f"{facts.who}s, largest first", "revenue"
    )
    message = f"{_make_80(facts, point)} of revenue."
    reading = (
        f"The curve adds {facts.who}s up, the largest first. The steeper its start, the more rests on the first few."
    )
    return Chapter(key, _CHAPTERS[key][0], message, columns, reading, chart, (terms.PARETO, terms.COUNTED))


def _lorenz(key: str, facts: Facts) -> Chapter | None:
    if not facts.has_revenue:
        return None
    x, y = measures.lorenz(facts.counted, CURVE_POINTS)
    columns = (
        Column(f"Share of {facts.who}s, smallest first", Unit.SHARE, _floats(x)),
        Column("Share of revenue", Unit.SHARE, _floats(y)),
        Column("If all were equal", Unit.SHARE, _floats(x)),
    )
    chart = Chart(
        Kind.XY, columns[0].name, (columns[1].name, columns[2].name), (STRONG, BEFORE),
        f"{facts.who}s, smallest first", "revenue",
    )  # fmt: skip
    gini = wording.gini(facts.found.gini)
    half = wording.share(float(np.interp(0.5, x, y)))
    message = f"The smaller half of the {facts.paying} brings {half} of revenue (Gini {gini})."
    if facts.found.accounts_counted == 1:
        message = f"A single {facts.who} pays, so nothing is shared out between {facts.who}s (Gini {gini})."
    reading = "The further the curve hangs below the straight line, the more unequal they are."
    return Chapter(key, _CHAPTERS[key][0], message, columns, reading, chart, (terms.GINI, terms.COUNTED))


# Who and where ------------------------------------------------------------------------------------------------------


def _tiers(key: str, facts: Facts) -> Chapter:
    rows = tiers_measure.distribution(facts.prepared.cube, facts.verdict)
    rows = [row for row in rows if row.accounts or row.tier != tiers_measure.UNRATED]
    columns = (
        Column("Tier", Unit.TEXT, tuple(row.tier for row in rows)),
        Column("Accounts", Unit.COUNT, tuple(row.accounts for row in rows)),
        Column("Share of accounts", Unit.SHARE, tuple(row.share_accounts for row in rows)),
        Column("Revenue", Unit.MONEY, tuple(facts.money(row.revenue) for row in rows)),
        Column("Share of revenue", Unit.SHARE, tuple(row.share_revenue for row in rows)),
        Column("Potential", Unit.MONEY, tuple(row.potential for row in rows)),
        Column("Lift", Unit.RATIO, tuple(row.lift for row in rows)),
        Column("Provisional", Unit.COUNT, tuple(row.provisional for row in rows)),
        Column("Credits", Unit.COUNT, tuple(row.credits for row in rows)),
    )
    chart = Chart(Kind.BARS, "Tier", ("Share of accounts", "Share of revenue"), (BEFORE, STRONG))
    reading = (
        f"Benchmark for the first tier: {_range(BENCHMARK_ACCOUNTS)} of accounts, {_range(BENCHMARK_REVENUE)} of"
        " revenue. Lift is the share of revenue over the share of accounts."
    )
    return Chapter(
        key, _CHAPTERS[key][0], _tier_message(rows[0]), columns, reading, chart if rows[0].share_accounts is not None
        else None, (terms.TIER, terms.LIFT, terms.BENCHMARK),
    )  # fmt: skip


def _tier_message(top: TierRow) -> str:
    tier = shorten(top.tier, NAME)
    if not top.accounts:
        return f"No account reaches {tier} under this model."
    held = f"{tier} is {wording.share(top.share_accounts)} of accounts"
    if top.share_revenue is None:
        return f"{held}; no account has revenue yet."
    text = f"{held} and brings {wording.share(top.share_revenue)} of revenue"
    return f"{text}: {_against_benchmark(top.share_accounts or 0, top.share_revenue)}."


def _against_benchmark(accounts: float, revenue: float) -> str:
    """Say where a first tier's two shares stand against the benchmarks."""
    places = _stands(accounts, BENCHMARK_ACCOUNTS), _stands(revenue, BENCHMARK_REVENUE)
    whats = f"{_range(BENCHMARK_ACCOUNTS)} of accounts", f"{_range(BENCHMARK_REVENUE)} of revenue"
    if places[0] == places[1]:
        return f"{places[0]} both benchmarks ({whats[0]}, {whats[1]})"
    return f"{places[0]} the benchmark of {whats[0]}, {places[1]} that of {whats[1]}"


def _stands(share: float, band: tuple[float, float]) -> str:
    return "inside" if band[0] <= share <= band[1] else "below" if share < band[0] else "above"


def _range(band: tuple[float, float]) -> str:
    return f"{100 * band[0]:.0f}–{100 * band[1]:.0f}{wording.NBSP}%"


def _largest(key: str, facts: Facts) -> Chapter | None:
    if not facts.has_revenue:
        return None
    rows = _largest_customers(facts) if facts.look.joined else _largest_accounts(facts)
    cents = [amount for *_, amount, _ in rows]
    running = np.cumsum(np.array(cents, dtype=object))
    labels, total = facts.verdict.labels, facts.found.total
    columns = (
        Column(facts.who.capitalize(), Unit.TEXT, tuple(name for name, *_ in rows)),
        Column("Account id", Unit.TEXT, tuple(own for _, own, *_ in rows)),
        Column("Tier", Unit.TEXT, tuple(labels[tier] for *_, tier in rows)),
        Column("Revenue", Unit.MONEY, tuple(cents)),
        Column("Share of revenue", Unit.SHARE, tuple(amount / total for amount in cents)),
        Column("Cumulative share", Unit.SHARE, tuple(int(amount) / total for amount in running)),
    )
    marks = theme.tier_marks(labels)
    paints = tuple(Paint(marks[labels[tier]].fill, marks[labels[tier]].edge) for *_, tier in rows)
    chart = Chart(Kind.BARS, columns[0].name, ("Revenue",), paints)
    together, first = wording.share(int(running[-1]) / total), wording.share(cents[0] / total)
    name = shorten(rows[0][0], NAME)
    message = f"The {len(rows)} largest {facts.who}s bring {together} of revenue; the largest, {name}, brings {first}."
    if len(rows) == 1:
        message = f"One {facts.who}, {name}, brings all revenue."
    reading = f"Revenue of the last twelve months by {facts.who}, largest first; the darker, the better the tier."
    return Chapter(key, _CHAPTERS[key][0], message, columns, reading, chart, (terms.TIER, terms.COUNTED))


def _largest_accounts(facts: Facts) -> list[tuple[str, str, int, int]]:
    """List name, id, cents and tier of the largest accounts."""
    page = portfolio_measure.accounts(facts.prepared, facts.verdict, Wanted(), limit=LARGEST)
    rows = page.select(["name", "account_id", "cents", "tier"]).to_pylist()
    return [(r["name"], r["account_id"], int(r["cents"]), r["tier"]) for r in rows if (r["cents"] or 0) > 0]


def _largest_customers(facts: Facts) -> list[tuple[str, str, int, int]]:
    """List name, cents and tier of the largest customers; the tier is that of the account that names it."""
    amounts, names, tiers = facts.look.amounts, facts.look.names, facts.look.tiers
    places = [int(at) for at in np.argsort(-amounts, kind="stable")[:LARGEST] if amounts[at] > 0]
    if names is None or tiers is None:
        raise ValueError("joined customers need their names and tiers")
    rows = zip(names(places), places, tiers(places), strict=True)
    return [(name, "", int(amounts[at]), tier) for name, at, tier in rows]


def _grouped(key: str, facts: Facts) -> Chapter | None:
    column = GROUPED_BY[key]
    if not facts.has_revenue:
        return None
    groups = [group for group in _groups(facts, column) if group.revenue]
    shown, others = groups[:GROUPS], groups[GROUPS:]
    columns = _group_columns(column.capitalize(), shown, others)
    chart = Chart(Kind.BARS, columns[0].name, ("Share of revenue",), (SECOND,))
    first = shown[0]
    name = shorten(first.group, NAME)
    if len(groups) == 1:
        message = f"All revenue comes from one {column}: {name}."
    else:
        message = (
            f"{name} brings {wording.share(first.share)} of revenue; its largest {facts.who} is"
            f" {wording.share(first.top1)} of that."
        )
    reading = f"Share of revenue by {column}, the largest first. HHI here is measured within each {column}."
    return Chapter(key, _CHAPTERS[key][0], message, columns, reading, chart, (terms.HHI, terms.COUNTED))


def _groups(facts: Facts, column: str) -> Sequence[Place]:
    if facts.look.groups is not None:
        return facts.look.groups(column)
    values, cents = listing.column(facts.prepared.listing, column)
    numbers: dict[str, int] = {}
    named = (value if isinstance(value, str) and value.strip() else measures.NOT_GIVEN for value in values)
    code = np.fromiter((numbers.setdefault(name, len(numbers)) for name in named), np.int64, cents.size)
    return where.measure(cents, code, list(numbers)).places


def _group_columns(name: str, shown: Sequence[Place], others: Sequence[Place]) -> tuple[Column, ...]:
    """Make the table of groups; those that are too small to be drawn are added up in a last row."""
    rest: list[tuple[Any, ...]] = []
    if others:
        what = wording.plural(len(others), "other")
        accounts, revenue = sum(g.accounts for g in others), sum(g.revenue for g in others)
        rest = [(what, accounts, revenue, math.fsum(g.share or 0 for g in others), None, None)]
    rows = [(g.group, g.accounts, g.revenue, g.share, g.top1, g.hhi) for g in shown] + rest
    by_column = list(zip(*rows, strict=True))
    return (
        Column(name, Unit.TEXT, by_column[0]),
        Column("That pay", Unit.COUNT, by_column[1]),
        Column("Revenue", Unit.MONEY, by_column[2]),
        Column("Share of revenue", Unit.SHARE, by_column[3]),
        Column("Its largest", Unit.SHARE, by_column[4]),
        Column("HHI within", Unit.INDEX, by_column[5]),
    )


# Danger -------------------------------------------------------------------------------------------------------------


def _risk(key: str, facts: Facts) -> Chapter:
    cells = portfolio_measure.risk_matrix(facts.prepared.cube, facts.verdict)
    held = {name: {getattr(c, name) for c in cells if c.accounts} for name in ("tier", "health")}
    tiers = [t for t in facts.verdict.labels if t in held["tier"] or t != tiers_measure.UNRATED]
    statuses = [s for s in health_measure.STATUS_NAMES if s in held["health"] or s in STATUSES]
    revenue = {(cell.tier, cell.health): cell.revenue for cell in cells}
    drawn = [
        Column(status, Unit.MONEY, tuple(facts.money(revenue[tier, status]) for tier in tiers)) for status in statuses
    ]
    at_risk = [sum(revenue[tier, status] for status in AT_RISK) for tier in tiers]
    whole = [sum(revenue[tier, status] for status in health_measure.STATUS_NAMES) for tier in tiers]
    shares = tuple(part / total if total else None for part, total in zip(at_risk, whole, strict=True))
    columns = (
        Column("Tier", Unit.TEXT, tuple(tiers)),
        *drawn,
        Column("Revenue at risk", Unit.MONEY, tuple(map(facts.money, at_risk))),
        Column("Share at risk", Unit.SHARE, shares),
    )
    marks = [theme.health_mark(status) for status in statuses]
    paints = tuple(Paint(mark.fill, mark.edge) for mark in marks)
    chart = Chart(Kind.STACKED, "Tier", tuple(statuses), paints) if sum(whole) else None
    assumed = facts.model.health.loss_probability.by_status()
    said = ", ".join(f"{status} {wording.share(p)}" for status, p in assumed.items())
    reading = f"Revenue by tier and health. Assumed probability of loss within a year: {said}."
    message = sentences.at_risk(
        portfolio_measure.risk(facts.prepared.cube, facts.model.health, facts.prepared.told), facts.currency
    )
    return Chapter(key, _CHAPTERS[key][0], message, columns, reading, chart, (terms.AT_RISK, terms.EXPECTED))


def _losing(key: str, facts: Facts) -> Chapter | None:
    if not facts.has_revenue:
        return None
    steps = stress.ladder(facts.counted)
    columns = (
        Column(
            "If lost",
            Unit.TEXT,
            tuple("the largest" if s.accounts == 1 else f"the {s.accounts} largest" for s in steps),
        ),
        Column("Revenue lost", Unit.MONEY, tuple(s.lost for s in steps)),
        Column("Share lost", Unit.SHARE, tuple(s.share for s in steps)),
        Column("To refill", Unit.COUNT, tuple(s.refill_mean for s in steps)),
        Column("10 largest after", Unit.SHARE, tuple(s.rest.top10 for s in steps)),
        Column("HHI after", Unit.INDEX, tuple(s.rest.hhi for s in steps)),
        Column("Gini after", Unit.RATIO, tuple(s.rest.gini for s in steps)),
    )
    chart = Chart(Kind.BARS, "If lost", ("Share lost",), (STRONG,))
    first = steps[0]
    money = wording.money_short(first.lost, facts.currency)
    refill = wording.plural(first.refill_mean, f"new {facts.who}")
    message = (
        f"Losing the largest {facts.who} would take {money}, {wording.share(first.share)} of revenue;"
        f" {refill} of average size would refill it."
    )
    if facts.counted.size == 1:
        message = f"Losing the only paying {facts.who} would take all revenue, {money}."
    reading = "What leaves with the largest, all else equal, and how concentrated the rest would be."
    left = [[step.accounts, step.rest.revenue, 1 - step.share] for step in steps]

    def draw() -> Any:
        rows = pd.DataFrame(left, columns=["accounts", "left", "share_left"])
        return loss_figures.ladder(rows, currency=facts.currency)

    meant = (terms.STRESS, terms.HHI, terms.GINI)
    return Chapter(key, _CHAPTERS[key][0], message, columns, reading, chart, meant, picture=draw)


# Rules of others ----------------------------------------------------------------------------------------------------


def _rules(key: str, facts: Facts) -> Chapter | None:
    if not facts.has_revenue:
        return None
    best = tiers_measure.distribution(facts.prepared.cube, facts.verdict)[0]
    found = rules.judge(facts.counted, best)
    columns = (
        Column("Statement", Unit.TEXT, tuple(one.rule.statement for one in found)),
        Column("Holds", Unit.TEXT, tuple({True: "yes", False: "no", None: "n/a"}[one.met] for one in found)),
        Column("Measured", Unit.TEXT, tuple(_measured(one.rule, one.value) for one in found)),
        Column("Cut-off", Unit.TEXT, tuple(_cut_off(one.rule) for one in found)),
        Column("Kind", Unit.TEXT, tuple(one.rule.kind for one in found)),
        Column("Source", Unit.TEXT, tuple(one.rule.source for one in found)),
    )
    customers = rules.customers(facts.counted)
    ten = f"10{wording.NBSP}% of revenue"
    message = f"No {facts.who} brings {ten}, from where on accounting standards ask for disclosure."
    if customers:
        one = len(customers) == 1
        bring = f"brings {ten} or more" if one else f"each bring {ten} or more"
        message = f"{facts.many(len(customers))} {bring}, which accounting standards ask to be disclosed."
    draft = rules.disclosure(customers, 0.10, facts.currency, facts.prepared.as_of)
    reading = f"Draft of a disclosure: {draft} Rules of thumb disagree with each other."
    return Chapter(key, _CHAPTERS[key][0], message, columns, reading, None, (terms.TEN_PERCENT, terms.HHI), ("Source",))


def _measured(rule: Rule, value: float | None) -> str:
    return wording.hhi(value) if rule.measured == "hhi" else wording.share(value)


def _cut_off(rule: Rule) -> str:
    if rule.upto is not None:
        return f"{_measured(rule, rule.cut_off)} to {_measured(rule, rule.upto)}"
    return f"{'from' if rule.inclusive else 'above'} {_measured(rule, rule.cut_off)}"


# What counts --------------------------------------------------------------------------------------------------------


def _counted(key: str, facts: Facts) -> Chapter:
    found = facts.found
    columns = (
        Column("What", Unit.TEXT, ("With revenue", "Without revenue", "Credits, set apart")),
        Column(f"{facts.who.capitalize()}s", Unit.COUNT, (found.accounts_counted, found.zeros, found.excluded_count)),
        Column("Amount", Unit.MONEY, tuple(map(facts.money, (found.total, 0, found.excluded_amount)))),
    )
    paying, total = facts.many(found.accounts_counted), wording.money_short(found.total, facts.currency)
    if not found.accounts_counted:
        message = f"No {facts.who} has revenue, so no share is defined."
        message = message if facts.knows_revenue else facts.answer
    else:
        message = (
            f"Every share here is taken of {total} that {paying} {'pays' if found.accounts_counted == 1 else 'pay'}."
        )
    if found.excluded_count:
        credit, verb = wording.money_short(-found.excluded_amount, facts.currency), _are(found.excluded_count)
        message = message[:-1] + f"; {facts.many(found.excluded_count)} with credits of {credit} {verb} set apart."
    reading = "Without revenue: nothing in the last twelve months, or no amount given. No share counts a credit."
    return Chapter(key, _CHAPTERS[key][0], message, columns, reading, None, (terms.COUNTED,))


def _are(n: int) -> str:
    return "is" if n == 1 else "are"


def _floats(values: Iterable[Any]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


GROUPED_BY = {f"by_{name}": name for name in GROUPED if name in FILTERS}
"""The chapters of groups: key to column."""
_FURTHER = {"hhi": ("HHI", places.points), "map": ("Map", places.tiles), "curves": ("Curves", places.curves)}
FURTHER = tuple(f"{kind}_{column}" for column in GROUPED_BY.values() for kind in _FURTHER)
"""Chapters that a story has only where they are asked for: three more views of each column of groups."""
_COLUMN = GROUPED_BY | {f"{kind}_{column}": column for column in GROUPED_BY.values() for kind in _FURTHER}
_NAMES = {
    "time": "Over time",
    "bridge": "What moved the HHI",
    "retention": "What stayed",
    "ranks": "Who leads",
    "loss": "Value at risk",
    "loss_curve": "Chance of a loss",
}


def _named(tellers: Mapping[str, Callable[[str, str, Facts], Chapter | None]]) -> dict[str, tuple[str, _Teller]]:
    """Give chapters that are told elsewhere their names."""

    def own(teller: Callable[[str, str, Facts], Chapter | None]) -> _Teller:
        return lambda key, facts: teller(key, _NAMES[key], facts)

    return {key: (_NAMES[key], own(teller)) for key, teller in tellers.items()}


def _views() -> dict[str, tuple[str, _Teller]]:
    """Give the further views of every column of groups."""

    def of(kind: str, name: str, column: str) -> _Teller:
        return lambda key, facts: _FURTHER[kind][1](key, name, facts, column)

    views = {
        f"{kind}_{column}": (kind, f"{_FURTHER[kind][0]} by {column}", column)
        for column in GROUPED_BY.values()
        for kind in _FURTHER
    }
    return {key: (name, of(kind, name, column)) for key, (kind, name, column) in views.items()}


_CHAPTERS: dict[str, tuple[str, _Teller]] = {
    "headline": ("Headline", _headline),
    "indices": ("Indices", _indices),
    "pareto": ("Pareto curve", _pareto),
    "lorenz": ("Lorenz curve", _lorenz),
    "tiers": ("Tiers", _tiers),
    "largest": ("Largest accounts", _largest),
    **{key: (f"By {name}", _grouped) for key, name in GROUPED_BY.items()},
    **_views(),
    **_named({"time": changes.time, "bridge": changes.bridge, "retention": changes.retention, "ranks": changes.ranks}),
    "risk": ("Revenue at risk", _risk),
    "losing": ("Losing the largest", _losing),
    **_named({"loss": danger.values, "loss_curve": danger.curve}),
    "rules": ("Rules of others", _rules),
    "basis": ("What counts", _counted),
}
