"""Robustness in plain sentences: how sure the tiers are, and what a tier rests on.

In: what `core/decisions/robustness` has measured.  Out: sentences.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import wording
from core.decisions.robustness.acceptability import LIKELY, ROBUST, TOSS_UP
from core.decisions.robustness.examples import Above

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.decisions.robustness.acceptability import Belief
    from core.decisions.robustness.examples import Found, Statement, Subject
    from core.decisions.robustness.fragile import FragileAccount, Sureness
    from core.decisions.robustness.margins import Certificate
    from core.decisions.robustness.tipping import Interval

PERCENT = f"{wording.NBSP}%"
NOTHING = "No account has a tier under this model, so there is nothing to be sure of."


def headline(rows: Sequence[Sureness], within: str, currency: str) -> str:
    """Say in one sentence how many accounts of the best tier hold, and how many are a toss-up.

    `within` says which weights are thought possible, as in “within about ± 5 points”; empty is any weights.
    """
    if not any(row.accounts for row in rows):
        return NOTHING
    top = rows[0].tier
    own = {row.label: row for row in rows if row.tier == top}
    whole = sum(row.accounts for row in own.values())
    if not whole:
        tossed = sum(row.accounts for row in rows if row.label == TOSS_UP)
        return f"No account is {top}; of the other tiers {wording.accounts(tossed)} {_are(tossed)} a toss-up."
    scope = f", {within}" if within else ""
    hold = own[ROBUST].accounts
    text = f"{wording.count(hold)} of {wording.count(whole)} {top} accounts {'holds' if hold == 1 else 'hold'}"
    text += f" whatever we think of the weights{scope}"
    toss = own[TOSS_UP]
    if not toss.accounts:
        return f"{text}; none is a toss-up."
    worth = wording.money_short(toss.revenue, currency)
    return f"{text}; {wording.count(toss.accounts)} worth {worth} {_are(toss.accounts)} a toss-up."


def _are(n: int) -> str:
    return "is" if n == 1 else "are"


def spread(points: float) -> str:
    """Say how far the weights are thought to be open."""
    return f"within about ±{wording.NBSP}{points:g} points"


def belief(found: Belief, name: str) -> str:
    """Say what a belief comes to: the largest weight with its standard deviation, and that nothing is drawn by lot."""
    largest = 100 * max(found.means)
    return (
        f"Weights spread around those on screen: {name} {largest:.1f}{PERCENT} ±{wording.NBSP}{found.spread:.1f} points"
        " (standard deviation), the others in keeping. Exact, nothing is drawn by lot."
    )


def account(tier: str, confidence: float | None, label: str | None, within: str, error: float | None = None) -> str:
    """Say how sure one account's tier is."""
    if confidence is None or label is None:
        return "Unrated: too little is known of this account to be sure of anything."
    off = f" (±{wording.NBSP}{100 * error:.1f} points)" if error else ""
    scope = within or "under any weights"
    names = {ROBUST: "robust", LIKELY: "likely", TOSS_UP: "a toss-up"}
    return f"{tier} in {share(confidence)} of all weightings {scope}{off}: {names[label]}."


def share(fraction: float) -> str:
    r"""A share of weightings; what is not all or nothing is never rounded to 100 or 0.

    >>> share(1.0), share(0.99999), share(0.4271), share(0.00001)
    ('100\xa0%', 'over 99.9\xa0%', '42.7\xa0%', 'under 0.1\xa0%')
    """
    if fraction > 1 - 1e-12 or fraction < 1e-12:
        return f"{round(100 * fraction)}{PERCENT}"
    if fraction > 0.9995:
        return f"over 99.9{PERCENT}"
    return f"under 0.1{PERCENT}" if fraction < 0.0005 else wording.share(fraction)


def certificate(found: Certificate | None, tier: str) -> str:
    """Say the smallest change of weights that changes a tier."""
    if found is None:
        return f"No weights take it out of {tier}."
    moved = float(found.shift.moved)
    if not moved:
        return f"It stands exactly on a cut-off: the least move of weight may take it to {found.tier}."
    return f"It takes {100 * moved:.1f} points of weight to bring it to {found.tier}; no change that moves less can."


def interval(found: Interval) -> str:
    r"""Write an interval of a weight.

    >>> from core.decisions.robustness.tipping import Interval
    >>> interval(Interval(0.25, 0.42307))
    '25.0\xa0% to 42.3\xa0%'
    >>> interval(Interval(0, 1)), interval(Interval(0.3, 0.3)), interval(Interval(None, None))
    ('any weight', 'only at 30.0\xa0%', 'n/a')
    """
    if found.low is None or found.high is None:
        return wording.UNDEFINED
    if found.low == 0 and found.high == 1 and not found.low_open and not found.high_open:
        return "any weight"
    if found.low == found.high:
        return f"only at {wording.share(found.low)}"
    return f"{wording.share(found.low)} to {wording.share(found.high)}"


def settles(row: FragileAccount) -> str:
    """Say what would settle an account: a blank that decides it first, then the weight that tips it soonest."""
    if row.blanks:
        return f"find out: {', '.join(row.blanks)}"
    if row.on_the_line:
        return "on the cut-off: agree on which side it belongs"
    if row.tips:
        return f"agree on {row.tips[0]}: it tips at {wording.share(row.tips[1])}"
    return "no single weight tips it; agree on several"


def statement(made: Statement, subjects: dict[str, Subject], tiers: Sequence[str]) -> str:
    """Write a statement about accounts as it was made."""
    if isinstance(made, Above):
        return f"{subjects[made.one].name} stands above {subjects[made.other].name}"
    return f"{subjects[made.account].name} is {made.how} {tiers[made.tier]}"


def example(found: Found) -> str:
    """Say what the weights that satisfy every statement come to."""
    if not found.moved:
        return "The weights on screen satisfy every statement already."
    text = f"The nearest weights that satisfy every statement move {100 * found.moved:.1f} points."
    if not found.holds:
        text += " Only between two basis points: rounded, one of the statements does not hold any more."
    return text
