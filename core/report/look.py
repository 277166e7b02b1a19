"""How a reader looks at a book, and what its chapters are told from.

In: a portfolio, its verdict and model, and what has been measured already. Out: facts that are measured once a story,
when a chapter first asks for them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from core import wording
from core.accounts import listing, timeline
from core.measures import basis as basis_measure
from core.measures import concentration as measures
from core.measures import exposure, loss_distribution, through_time
from core.report import sentences

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from core.accounts.timeline import Period, Timeline
    from core.measures.basis import Basis
    from core.measures.concentration import Concentration, Money
    from core.measures.loss_distribution import LossRisk
    from core.measures.portfolio import Portfolio
    from core.measures.through_time import Point
    from core.measures.tiers import Verdict
    from core.measures.where import Place
    from core.model.model import Model


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Assumed:
    """What is assumed of losses: a probability for each health status, the book's own where `from_book`."""

    by_status: Mapping[str, float]
    from_book: bool
    correlation: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """How a reader looks at a book: whose shares are measured, and what has been measured of it already.

    amounts: cents of every account, or of every customer where subsidiaries are `joined` with their parents; before:
    concentration a year ago; names, tiers: what customers are called and which tier they have (0 is the best), by
    their places in `amounts`; groups: the groups of a column, most revenue first; trend: concentration by period,
    oldest first, None where a period is not known; basis: whose amounts these are; history: the revenue history;
    assumed: the probabilities of loss, where they are not the model's; called: the name that the book goes by now.
    """

    amounts: Money
    joined: bool = False
    before: Concentration | None = None
    names: Callable[[Sequence[int]], Sequence[str]] | None = None
    tiers: Callable[[Sequence[int]], Sequence[int]] | None = None
    groups: Callable[[str], Sequence[Place]] | None = None
    trend: Callable[[], Sequence[tuple[str, Point | None]]] | None = None
    basis: Basis | None = None
    history: Callable[[], Timeline | None] | None = None
    assumed: Assumed | None = None
    called: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """Everything that the chapters are told from, measured once."""

    prepared: Portfolio
    verdict: Verdict
    model: Model
    look: Look
    found: Concentration
    counted: Money
    held: dict[str, Any] = field(default_factory=dict)

    @property
    def currency(self) -> str:
        """Name the currency of the book."""
        return self.prepared.book.currency

    @property
    def has_revenue(self) -> bool:
        """Tell whether there is anything to take shares of."""
        return self.found.total > 0

    @property
    def knows_revenue(self) -> bool:
        """Tell whether the book says anything of revenue: where it does not, no sum of it is 0."""
        return self.prepared.book.has("annual_revenue")

    def money(self, cents: int) -> int | None:
        """Give an amount; None where the book says nothing of revenue."""
        return cents if self.knows_revenue else None

    @property
    def answer(self) -> str:
        """Say in one sentence how much rests on how few."""
        if not self.knows_revenue:
            return sentences.REVENUE_NOT_KNOWN
        return sentences.concentration(self.found, self.look.before, who=self.paying)

    @property
    def who(self) -> str:
        """Say what the shares are of: accounts, or customers where subsidiaries are joined."""
        return "customer" if self.look.joined else "account"

    @property
    def paying(self) -> str:
        """Say who is counted."""
        return "customers" if self.look.joined else "paying accounts"

    def many(self, n: int) -> str:
        """Count accounts, or customers."""
        return wording.plural(n, self.who)

    @property
    def basis(self) -> Basis:
        """Give whose amounts are measured."""
        made = self.look.basis
        return (
            made if made is not None else self._once("basis", lambda: basis_measure.of_listing(self.prepared.listing))
        )

    @property
    def history(self) -> Timeline | None:
        """Give the revenue history; None where the book has none."""
        given = self.look.history
        return self._once("history", given if given is not None else lambda: timeline.read(self.prepared.book))

    @property
    def assumed(self) -> Assumed:
        """Give the probabilities of loss: the reader's, or the model's."""
        rules = self.model.health.loss_probability
        return self.look.assumed or Assumed(rules.by_status(), rules.from_book)

    @property
    def spans(self) -> list[Period]:
        """List the spans of twelve months that the history covers, a quarter apart, oldest first."""
        past = self.history
        return [] if past is None else [s for s in timeline.trailing(past, as_of=self.prepared.as_of) if s.known]

    @property
    def trend(self) -> Sequence[tuple[str, Point | None]]:
        """Give concentration by period, oldest first."""
        return self._once("trend", self.look.trend or self._trend)

    def amounts(self, span: Period) -> Money:
        """Give what every customer paid in a span; nothing without a history."""
        past = self.history
        if past is None:
            return self.basis.cents * 0
        (by_row,) = past.sums([span])
        return self.basis.take(by_row)

    @property
    def loss(self) -> LossRisk:
        """Give the distribution of the loss under what is assumed."""
        return self._once("loss", self._loss)

    def names(self, customers: Sequence[int]) -> list[str]:
        """Say what customers are called, by their places."""
        from core.accounts import arrays  # noqa: PLC0415  only where nobody has said it

        if self.look.names is not None:
            return list(self.look.names(customers))
        heads = [int(self.basis.head[customer]) for customer in customers]
        return [name for _, name in arrays.named(self.prepared.book, heads)]

    def _once(self, name: str, make: Callable[[], T]) -> T:
        if name not in self.held:
            self.held[name] = make()
        found: T = self.held[name]
        return found

    def _trend(self) -> list[tuple[str, Point | None]]:
        past = self.history
        if past is None:
            return []
        periods = timeline.trailing(past, as_of=self.prepared.as_of)
        found = through_time.trend(past, self.basis, periods)
        return [(period.label, point) for period, point in zip(periods, found, strict=True)]

    def _loss(self) -> LossRisk:
        held, assumed = exposure.exposure(self.prepared), self.assumed
        chances = held.probability(assumed.by_status, from_book=assumed.from_book)
        return loss_distribution.assess(held.revenue, chances, correlation=assumed.correlation)


def plain(prepared: Portfolio) -> Look:
    """Look at a book account by account, with concentration a year ago where its history reaches that far."""
    return Look(listing.profiles(prepared.listing)[1], before=a_year_ago(prepared))


def a_year_ago(prepared: Portfolio) -> Concentration | None:
    """Measure concentration of the twelve months up to a year ago; None where the history does not reach that far."""
    day = prepared.as_of
    if day is None or not prepared.book.knows_a_year_before(day):
        return None
    last_day = 28 if day.month == 2 else day.day  # a 29th of February has no day a year ago
    found = measures.measure(listing.trailing(prepared.listing, day.replace(year=day.year - 1, day=last_day)))
    return found if found.accounts_counted else None
