"""Loss, outcome by outcome: how much revenue goes when each account is lost with a probability of its own.

In: revenue in cents (0 or more) and a probability of loss (0 to 1), one of each per account. Out: the distribution of
the loss on a grid of money, its quantiles (value at risk) and what lies beyond them (expected shortfall), in cents.

Losses are independent of each other, or, with a correlation above 0, independent once a common factor is known. The
distribution is exact where every amount is a whole number of grid steps. Where amounts have to be rounded onto the
grid, every value at risk comes with two limits between which the exact one lies. See `docs/methods.md`.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from core import parallel
from core.measures import concentration, loss

Numbers = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

LEVELS = (0.90, 0.95, 0.99)
CURVE_POINTS = 400
MOST_CORRELATION = 0.95

_SUPPORT, _FEW = 1 << 16, 64  # outcomes that are counted out one by one, and accounts for which that is tried
_GRID, _GRID_NEAR_HALF, _GRID_OF_FACTOR = 1 << 19, 1 << 16, 1 << 15
_SLOW = 0.9  # odds of loss from which the series of a logarithm is long
_NEAR_HALF, _NEAR_HALF_OF_FACTOR = 0.995, 0.95  # and from which a table is quicker; a smaller grid has smaller tables
_SERIES = 1e-13  # what the series of all accounts together may leave out
_OUTSIDE = 1e-10  # chance of a loss beyond either end of the grid
_ROUNDED = 1e-6  # chance that the rounding of all lost accounts adds up to more than its limit
_FLOATS = 1e-9  # what floating-point numbers may do to a cumulative chance
_TIE = 1e-10  # a cumulative chance this close to a level has reached it
_NO_SPREAD = 1e-6  # cents; no skewness can be told of less
_NODES = np.linspace(-6.5, 6.5, 261)  # of the common factor; 8e-11 lies outside
_AT_ONCE = 32  # steps of the factor that are held before they are added up
_Z = NormalDist()


@dataclass(frozen=True, slots=True, eq=False)
class Distribution:
    """The loss: `losses` in cents, ascending, each with its `chances`; both describe the loss rounded onto a grid.

    The exact loss lies within `below` and `above` cents of it, but for a chance of `odds`; all three are 0 where
    nothing was rounded. `least` and `most` enclose the cumulative chances where a common factor is taken in steps.
    `rounding` is the standard deviation of what rounding has changed, `step` the grid's step in cents (0: no grid).
    """

    losses: Numbers
    chances: Numbers
    least: Numbers
    most: Numbers
    total: int
    step: int = 0
    below: float = 0.0
    above: float = 0.0
    odds: float = 0.0
    rounding: float = 0.0

    @property
    def cumulative(self) -> Numbers:
        """Chance of losing no more than each of `losses`."""
        return np.cumsum(self.chances)


@dataclass(frozen=True, slots=True)
class Quantile:
    """What is lost at most with a chance of `level`, in cents, and the mean of the outcomes beyond.

    The exact value at risk lies between `low` and `high`, the exact shortfall within `shortfall_error` of `shortfall`.
    `normal` and `cornish_fisher` are what approximations would say; they stand here to be compared, not used.
    """

    level: float
    value: int
    low: int
    high: int
    shortfall: int
    shortfall_error: int
    normal: int
    cornish_fisher: int

    def __post_init__(self) -> None:
        """Refuse limits that do not enclose the value."""
        if not self.low <= self.value <= self.high:
            raise ValueError(f"the value at risk is outside its limits: {self}")


@dataclass(frozen=True, slots=True, eq=False)
class LossRisk:
    """The loss in short; cents, shares and chances from 0 to 1.

    `accounts` can be lost (revenue and probability above 0), `curve_losses` and `curve_chances` say for some losses
    (cents, ascending) how probable it is to lose more. `step` is the grid's, 0 where every outcome was counted out.
    """

    accounts: int
    total: int
    expected: float
    deviation: float
    nothing: float
    quantiles: tuple[Quantile, ...]
    step: int
    correlation: float
    curve_losses: Numbers
    curve_chances: Numbers

    @property
    def exact(self) -> bool:
        """Whether nothing had to be rounded: every limit is the value itself."""
        return all(found.low == found.high for found in self.quantiles)


@dataclass(frozen=True, slots=True, eq=False)
class _Accounts:
    """What can be lost but need not be: amounts above 0, each with the place of its probability in `chances`."""

    amounts: Whole
    code: npt.NDArray[np.int64]
    chances: Numbers
    sure: int  # cents that are lost in any case

    @property
    def probability(self) -> Numbers:
        """Give the probability of every account."""
        return self.chances[self.code]


@dataclass(frozen=True, slots=True, eq=False)
class _Rounded:
    """Accounts rounded onto a grid: groups of equal steps and probability, and what rounding did to every account."""

    step: int
    steps: Whole
    code: npt.NDArray[np.int64]
    count: npt.NDArray[np.int64]
    off: Numbers  # amount less its steps, in cents, in the order of the accounts

    @property
    def total(self) -> int:
        """Give the steps of all accounts together."""
        return int(self.steps @ self.count)


# --- what is asked ---------------------------------------------------------------------------------------------------


def assess(
    revenue: concentration.Money, probability: Numbers, *, correlation: float = 0.0, levels: tuple[float, ...] = LEVELS
) -> LossRisk:
    """Say what is expected to be lost, what may be, and how surely.

    >>> risk = assess(np.array([500, 300, 200, 100, 50]), np.array([0.05, 0.1, 0.25, 0.6, 0.05]))
    >>> risk.expected, [(found.level, found.value) for found in risk.quantiles]
    (167.5, [(0.9, 400), (0.95, 600), (0.99, 800)])
    """
    found = distribution(revenue, probability, correlation=correlation)
    mean = loss.expected_loss(revenue, probability)
    deviation, skewness = _moments(found, revenue, probability, correlation)
    cumulative = found.cumulative
    losses, chances = _curve(found, cumulative)
    return LossRisk(
        accounts=int(np.count_nonzero((revenue > 0) & (probability > 0))),
        total=found.total,
        expected=mean,
        deviation=deviation,
        nothing=_nothing(revenue, probability, correlation),
        quantiles=tuple(_quantile(found, cumulative, level, (mean, deviation, skewness)) for level in levels),
        step=found.step,
        correlation=correlation,
        curve_losses=losses,
        curve_chances=chances,
    )


def distribution(revenue: concentration.Money, probability: Numbers, *, correlation: float = 0.0) -> Distribution:
    """Give the distribution of the loss; few accounts are counted out, many are put on a grid of money.

    `correlation` is that of the one-factor Gaussian model: 0 for losses independent of each other, at most 0.95.

    Raises `ValueError` for revenue below 0, a probability outside 0 to 1, and revenue beyond 2**61 cents.

    >>> two = distribution(np.array([280, 120]), np.array([0.25, 0.05]))
    >>> two.losses.tolist(), two.chances.round(4).tolist()
    ([0.0, 120.0, 280.0, 400.0], [0.7125, 0.0375, 0.2375, 0.0125])
    """
    total = _checked(revenue, probability, correlation)
    accounts = _losable(revenue, probability)
    if not accounts.amounts.size:
        return _plain(np.zeros(1), np.ones(1), accounts.sure, total)
    if correlation > 0:
        return _with_factor(accounts, total, correlation)
    counted = _counted_out(accounts)
    return _plain(*counted, accounts.sure, total) if counted else _on_grid(accounts, total)


def conditional(probability: Numbers, factor: float, correlation: float) -> Numbers:
    """Give the probabilities of loss once the common factor z is known (standard normal; below 0 is a bad year).

    p(z) = Phi((Phi^-1(p) - sqrt(rho) * z) / sqrt(1 - rho)); their mean over z is p again. Source: Vasicek 2002.

    >>> conditional(np.array([0.1]), -2.0, 0.15).round(4).tolist()
    [0.2912]
    """
    return np.asarray(ndtr((ndtri(probability) - math.sqrt(correlation) * factor) / math.sqrt(1 - correlation)))


def factor_deviation_share(probability: float, correlation: float, hhi: float) -> float:
    """Deviation as a share of revenue with a common factor, every account having one probability.

    Var(L/R) = (p2 - p**2) + HHI * (p - p2), where p2 is the chance that two accounts fall together: the first part
    stays however many accounts there are, the second is name concentration. HHI from 0 to 10,000. The idea of a
    granularity adjustment (Gordy 2003; Gordy and Luetkebohmert 2013), as an analogy from credit portfolios.

    >>> round(factor_deviation_share(0.1, 0.15, 10_000 / 20), 6)
    0.097152
    """
    weights = _node_weights()
    given = np.array([conditional(np.array([probability]), z, correlation)[0] for z in _NODES])
    together = float(weights @ given**2)
    return math.sqrt(together - probability**2 + hhi / 10_000 * (probability - together))


# --- the door --------------------------------------------------------------------------------------------------------


def _checked(revenue: concentration.Money, probability: Numbers, correlation: float) -> int:
    """Refuse what no formula below expects, and give the revenue."""
    if revenue.shape != probability.shape:
        raise ValueError(f"{revenue.size} amounts but {probability.size} probabilities")
    if revenue.size and int(revenue.min()) < 0:
        raise ValueError("credits are set apart before: revenue must not be negative")
    if not bool(np.all((probability >= 0) & (probability <= 1))):
        raise ValueError("a probability lies between 0 and 1")
    if not 0 <= correlation <= MOST_CORRELATION:
        raise ValueError(f"a correlation lies between 0 and {MOST_CORRELATION}")
    total = concentration.total(revenue)
    if total >= 1 << 61:
        raise ValueError("revenue of 2**61 cents and more is beyond the grid")
    return total


def _losable(revenue: concentration.Money, probability: Numbers) -> _Accounts:
    """Keep the accounts that may be lost and may stay."""
    is_open = (revenue > 0) & (probability > 0) & (probability < 1)
    chances, code = np.unique(probability[is_open], return_inverse=True)
    return _Accounts(
        amounts=revenue[is_open].astype(np.int64),
        code=code.astype(np.int64),
        chances=chances,
        sure=concentration.total(revenue[probability == 1]),
    )


def _plain(losses: Numbers, chances: Numbers, sure: int, total: int) -> Distribution:
    cumulative = np.cumsum(chances)
    return Distribution(losses + sure, chances, cumulative, cumulative, total)


def _counted_out(accounts: _Accounts) -> tuple[Numbers, Numbers] | None:
    """Run through all outcomes, equal ones together; None where there are too many of them."""
    if accounts.amounts.size > _FEW:
        return None
    outcomes: Whole = np.zeros(1, dtype=np.int64)
    chances: Numbers = np.ones(1)
    for amount, p in zip(accounts.amounts, accounts.probability, strict=True):
        outcomes, place = np.unique(np.concatenate((outcomes, outcomes + amount)), return_inverse=True)
        weighted = np.concatenate((chances * (1 - p), chances * p))
        chances = np.bincount(place, weighted).astype(np.float64)
        if outcomes.size > _SUPPORT:
            return None
    return outcomes.astype(np.float64), chances


# --- on a grid -------------------------------------------------------------------------------------------------------


def _on_grid(accounts: _Accounts, total: int) -> Distribution:
    """Give the distribution of independent losses on a grid as fine as the budget allows.

    The grid covers the losses that occur, not all revenue: a loss outside has a chance below 1e-10 at either end.
    """
    p = accounts.probability
    size = _GRID_NEAR_HALF if bool(np.any(_odds(accounts.chances) > _SLOW)) else _GRID
    amounts = accounts.amounts.astype(np.float64)
    open_total = concentration.total(accounts.amounts)
    low, high = _window(amounts, p, np.ones_like(p), open_total)
    step = _step(accounts.amounts, open_total, high - low, size)
    while True:
        rounded = _round(accounts, step)
        chances = accounts.chances[rounded.code]
        first, last = _window(rounded.steps.astype(np.float64), chances, rounded.count, rounded.total)
        if last - first + 2 <= size:
            break
        step += -(-step // 50)
    start = math.floor(first)
    found = np.roll(_cyclic(rounded.steps, chances, rounded.count, size), -(start % size))
    return _described(accounts, rounded, found[: math.ceil(last) - start + 1], start, total)


def _described(accounts: _Accounts, rounded: _Rounded, found: Numbers, start: int, total: int) -> Distribution:
    """Put money to the grid, and say how far rounding may have moved the loss."""
    p, off = accounts.probability, rounded.off
    chances = np.maximum(found, 0.0)
    chances /= chances.sum()
    cumulative = np.cumsum(chances)
    shift, variance = float(p @ off), loss.loss_variance(off**2, p)
    outside = 0.0 if start == 0 and found.size > rounded.total else 2 * _OUTSIDE + _FLOATS
    below, above, odds = _slack(off, shift, 0.0, variance, outside)
    losses = (start + np.arange(found.size, dtype=np.float64)) * rounded.step + (shift + accounts.sure)
    return Distribution(
        losses, chances, cumulative, cumulative, total, rounded.step, below, above, odds, math.sqrt(variance)
    )


def _slack(off: Numbers, shift: float, drift: float, variance: float, outside: float) -> tuple[float, float, float]:
    """Give limits of what rounding changes beyond its mean `shift`, and the chance that they do not hold.

    Certain limits are the sums of what is rounded down and up; for many accounts Bernstein's inequality gives narrower
    ones that hold but for a chance of 1e-6. `drift` is by how much the mean may move with the common factor.
    """
    certain = (shift - float(np.minimum(off, 0).sum()), float(np.maximum(off, 0).sum()) - shift)
    likely = drift + _bernstein(variance, float(np.abs(off).max()), _ROUNDED / 2)
    if 2 * likely < sum(certain):
        return likely, likely, _ROUNDED + outside + _FLOATS
    return max(0.0, certain[0]), max(0.0, certain[1]), outside + (_FLOATS if sum(certain) else 0.0)


def _bernstein(variance: float, largest: float, odds: float) -> float:
    """Give the t that a sum of independent parts is above its mean with a chance of `odds` at most.

    P(S - E S >= t) <= exp(-t**2 / (2 * (Var S + b * t / 3))), b the largest part. Source: Bernstein 1927.
    """
    u = -math.log(odds)
    part = largest * u / 3
    return part + math.sqrt(part * part + 2 * u * variance)


def _window(amounts: Numbers, p: Numbers, count: npt.NDArray[np.int64] | Numbers, total: int) -> tuple[float, float]:
    """Give the losses between which all but a chance of 1e-10 at either end lies."""
    mean = float((p * count) @ amounts)
    reach = _bernstein(float((p * (1 - p) * count) @ amounts**2), float(amounts.max()), _OUTSIDE)
    return max(0.0, mean - reach), min(float(total), mean + reach)


def _step(amounts: Whole, total: int, width: float, size: int) -> int:
    """Choose the grid's step, in cents: one that rounds nothing where it fits, else as fine as fits."""
    common = int(np.gcd.reduce(amounts))
    if total // common + 1 <= size:
        return common
    return max(1, math.ceil(width / (size - 4)))


def _round(accounts: _Accounts, step: int) -> _Rounded:
    """Round amounts to steps so that within each probability the running total is never off by more than half a step.

    An account may be off by a step, but a million small ones are not all rounded to nothing.
    """
    order = np.argsort(accounts.code, kind="stable")
    amounts, code = accounts.amounts[order], accounts.code[order]
    running = np.cumsum(amounts)
    first = np.searchsorted(code, np.arange(accounts.chances.size))
    running -= (running[first] - amounts[first])[code]
    nearest = (2 * running + step) // (2 * step)
    steps = np.diff(nearest, prepend=0)
    steps[first] = nearest[first]
    off = np.empty(steps.size)
    off[order] = amounts - step * steps
    width = int(steps.max()) + 1
    keys, count = np.unique(code * width + steps, return_counts=True)
    return _Rounded(step, keys % width, keys // width, count.astype(np.int64), off)


def _odds(p: Numbers) -> Numbers:
    """Give the smaller of p / (1 - p) and its inverse: the ratio of the series below."""
    return np.minimum(p, 1 - p) / np.maximum(p, 1 - p)


def _cyclic(steps: Whole, p: Numbers, count: npt.NDArray[np.int64], size: int) -> Numbers:
    """Convolve (1 - p) + p * z**steps over all accounts, modulo z**size, a power of two.

    The logarithm of the product is the sum of those of the accounts, and each is a series in powers of z**steps:
    log(1 + x * z**s) = sum of (-1)**(m+1) * x**m / m * z**(m*s). So the logarithms of all accounts are scattered into
    one array, and one Fourier transform there and one back give what convolving account by account would. An account
    more probably lost than kept is counted as lost and won back; near even odds the series is too long, and the
    logarithm is looked up in a table instead.
    """
    flipped, ratio = p > 0.5, _odds(p)
    near = ratio > (_NEAR_HALF if size > _GRID_OF_FACTOR else _NEAR_HALF_OF_FACTOR)
    plain = ~near & (ratio > 0)
    signed = np.where(flipped, -steps, steps)
    logarithm = np.fft.rfft(_series(signed[plain], ratio[plain], count[plain], size))
    logarithm -= logarithm[0]
    for chance in np.unique(p[near]):
        mine = near & (p == chance)
        _look_up(logarithm, float(chance), steps[mine], count[mine], size)
    found = np.fft.irfft(np.exp(logarithm), size)
    lost = flipped & ~near
    return np.roll(found, int(steps[lost] @ count[lost]) % size)


def _series(steps: Whole, ratio: Numbers, count: npt.NDArray[np.int64], size: int) -> Numbers:
    """Scatter the series of every account's logarithm over one array, each as long as it matters."""
    scattered = np.zeros(size)
    if not steps.size:
        return scattered
    terms = np.ceil(math.log(float(count.sum()) / _SERIES) / -np.log(ratio)).astype(np.int64)
    order = np.argsort(-terms)
    terms, ratio = terms[order], ratio[order]
    stride = steps[order] & (size - 1)
    place, weight = stride.copy(), count[order] * ratio
    for m, active in enumerate(np.searchsorted(-terms, -np.arange(1, terms[0] + 1), side="right"), 1):
        np.add.at(scattered, place[:active], weight[:active] / m)
        place[:active] += stride[:active]
        place[:active] &= size - 1
        weight[:active] *= -ratio[:active]
    return scattered


@functools.lru_cache(maxsize=4)
def _half_circle(size: int) -> tuple[Numbers, Numbers]:
    """Give cosine and sine of the frequencies up to half the size; the others mirror them."""
    angle = 2 * np.pi * np.arange(size // 2 + 1) / size
    return np.cos(angle), np.sin(angle)


def _look_up(logarithm: npt.NDArray[np.complex128], p: float, steps: Whole, count: Whole, size: int) -> None:
    """Add the logarithms of accounts of one probability, each taken from a table of all points of the circle.

    The table is made of real logarithms and angles over half the circle: an eighth of the time of complex ones.
    """
    cosine, sine = _half_circle(size)
    across, up = (1 - p) + p * cosine, -p * sine
    squared = across * across + up * up
    table = np.empty(size, dtype=np.complex128)
    half = size // 2 + 1
    table.real[:half] = np.log(np.where(squared < 1e-30, 1e-300, squared)) / 2
    table.imag[:half] = np.arctan2(up, across)
    table[half:] = np.conj(table[half - 2 : 0 : -1])
    frequency = np.arange(half)
    for s, n in zip(steps.tolist(), count.tolist(), strict=True):
        logarithm += n * table[(frequency * s) & (size - 1)]


# --- with a common factor --------------------------------------------------------------------------------------------


def _node_weights() -> Numbers:
    """Weight the steps of the common factor: the trapezoidal rule, which is very exact for a normal factor."""
    weights = np.exp(-(_NODES**2) / 2)
    return np.asarray(weights / weights.sum())


def _with_factor(accounts: _Accounts, total: int, correlation: float) -> Distribution:
    """Mix the distributions that hold once the factor is known, over the factor.

    The higher the factor, the less is lost: so within each step of the factor the two ends enclose the truth, and the
    mixtures of all left and all right ends enclose the cumulative chances.
    """
    rounded = _fitting(accounts, concentration.total(accounts.amounts))
    length = rounded.total + 1
    size = 1 << (length - 1).bit_length() if length > 1 else 2
    weights, cells = _node_weights(), np.diff(ndtr(_NODES))
    chances, least, most = np.zeros(length), np.zeros(length), np.zeros(length)

    def given(k: int) -> Numbers:
        p = conditional(accounts.chances, float(_NODES[k]), correlation)[rounded.code]
        found = np.maximum(_cyclic(rounded.steps, p, rounded.count, size)[:length], 0.0)
        return np.asarray(found / found.sum())

    for start in range(0, _NODES.size, _AT_ONCE):
        some = range(start, min(start + _AT_ONCE, _NODES.size))
        for k, found in zip(some, parallel.two_at_once(given, some), strict=True):
            chances += weights[k] * found
            cumulative = np.cumsum(found)
            least += (cells[k] if k < cells.size else 0.0) * cumulative
            most += (cells[k - 1] if k else 0.0) * cumulative
    off, p = rounded.off, accounts.probability
    shift, drift = float(p @ off), float(np.abs(np.bincount(accounts.code, off)).sum())
    variance = float(off @ off) / 4 + drift**2
    below, above, odds = _slack(off, shift, drift, float(off @ off) / 4, 1e-9)
    losses = np.arange(length, dtype=np.float64) * rounded.step + (shift + accounts.sure)
    return Distribution(losses, chances, least, most, total, rounded.step, below, above, odds, math.sqrt(variance))


def _fitting(accounts: _Accounts, total: int) -> _Rounded:
    """Round onto a grid over all revenue, since in the worst year nearly all of it may go."""
    step = _step(accounts.amounts, total, float(total), _GRID_OF_FACTOR)
    while (rounded := _round(accounts, step)).total >= _GRID_OF_FACTOR:
        step += -(-step // 50)
    return rounded


# --- in short --------------------------------------------------------------------------------------------------------


def _moments(found: Distribution, revenue: concentration.Money, p: Numbers, correlation: float) -> tuple[float, float]:
    """Give standard deviation and skewness: by formula where losses are independent, else of the distribution."""
    if correlation > 0:
        mean = float(found.losses @ found.chances)
        away = found.losses - mean
        deviation = math.sqrt(float(found.chances @ away**2))
        return deviation, float(found.chances @ away**3) / deviation**3 if deviation > _NO_SPREAD else 0.0
    amounts = revenue.astype(np.float64)
    deviation = loss.loss_deviation(amounts**2, p)
    third = float(amounts**3 @ (p * (1 - p) * (1 - 2 * p)))
    return deviation, third / deviation**3 if deviation > _NO_SPREAD else 0.0


def _nothing(revenue: concentration.Money, p: Numbers, correlation: float) -> float:
    """Give the chance that no account with revenue is lost."""
    chances, count = np.unique(p[revenue > 0], return_counts=True)
    if correlation == 0:
        return float(np.prod((1 - chances) ** count))
    if not chances.size or chances[-1] == 1:
        return float(not chances.size)
    stays = [float(np.prod((1 - conditional(chances, float(z), correlation)) ** count)) for z in _NODES]
    return float(_node_weights() @ np.array(stays))


def _quantile(found: Distribution, cumulative: Numbers, level: float, moments: tuple[float, float, float]) -> Quantile:
    """Read one value at risk off: VaR_q = min{x: P(L <= x) >= q}, its limits, and the mean beyond it."""
    last = found.losses.size - 1
    at = min(last, int(np.searchsorted(cumulative, level - _TIE)))
    lowest = min(at, int(np.searchsorted(found.most, level - found.odds - _TIE)))
    highest = max(at, min(last, int(np.searchsorted(found.least, level + found.odds - _TIE))))
    value = _within(found.losses[at], found.total)
    mean, deviation, skewness = moments
    z = _Z.inv_cdf(level)
    shortfall = _shortfall(found, cumulative, level, at)
    return Quantile(
        level=level,
        value=value,
        low=min(value, _within(found.losses[lowest] - found.below, found.total)),
        high=max(value, _within(found.losses[highest] + found.above, found.total)),
        shortfall=_within(shortfall, found.total),
        shortfall_error=math.ceil(_shortfall_error(found, level, shortfall)),
        normal=round(mean + z * deviation),
        cornish_fisher=round(mean + (z + (z * z - 1) / 6 * skewness) * deviation),
    )


def _shortfall(found: Distribution, cumulative: Numbers, level: float, at: int) -> float:
    """Give the mean loss of the worst (1 - q) of outcomes; Acerbi and Tasche 2002."""
    beyond = float(found.losses[at + 1 :] @ found.chances[at + 1 :])
    return (beyond + float(found.losses[at]) * max(0.0, float(cumulative[at]) - level)) / (1 - level)


def _shortfall_error(found: Distribution, level: float, shortfall: float) -> float:
    """Bound the error of a shortfall.

    Shortfall is subadditive, and that of a part with mean 0 is at most its deviation times sqrt(q / (1 - q)). The
    steps of a common factor add what lies between the shortfalls of the two ends.
    """
    ends = [_shortfall_of(found, cumulative, level) for cumulative in (found.least, found.most)]
    steps = max(abs(end - shortfall) for end in ends) if found.least is not found.most else 0.0
    outside = 0.0 if found.odds == 0 else (2 * _OUTSIDE + _FLOATS) * found.total / (1 - level)
    rounding = found.rounding * math.sqrt(level / (1 - level))
    if found.odds < _ROUNDED:  # then the limits of what rounding changes are certain ones
        rounding = min(rounding, max(found.below, found.above))
    return rounding + steps + outside


def _shortfall_of(found: Distribution, cumulative: Numbers, level: float) -> float:
    """Give the shortfall under other cumulative chances."""
    beyond = np.maximum(0.0, 1 - np.maximum(cumulative, level)) / (1 - level)
    return float(found.losses[0] + beyond[:-1] @ np.diff(found.losses)) if found.losses.size > 1 else 0.0


def _within(value: float, total: int) -> int:
    return min(max(0, round(float(value))), total)


def _curve(found: Distribution, cumulative: Numbers) -> tuple[Numbers, Numbers]:
    """Thin the chances of losing more than x for drawing: every outcome where they are few, else even steps."""
    first, last = (int(np.searchsorted(cumulative, level)) for level in (0.0005, 0.9995))
    last = min(last, found.losses.size - 1)
    if last - first < CURVE_POINTS:
        losses, chances = found.losses[first : last + 1], 1 - cumulative[first : last + 1]
    else:
        losses = np.linspace(found.losses[first], found.losses[last], CURVE_POINTS)
        chances = 1 - cumulative[np.searchsorted(found.losses, losses, side="right") - 1]
    if losses[0] > 0:
        losses, chances = np.concatenate(([0.0], losses)), np.concatenate(([1.0], chances))
    return losses, np.clip(chances, 0.0, 1.0)
