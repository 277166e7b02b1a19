"""Makes the demo book: invented accounts and their quarterly revenue, the same bytes for the same seed.

    python data/make_demo.py                                        the book in data/demo
    python data/make_demo.py --accounts 1000000 --format parquet --no-history --out FOLDER

Two hidden numbers per account drive everything: *fit* (how well the account suits us) moves potential, technology,
buying stage and revenue; *care* (how well we look after it) moves engagement, contacts, pipeline and growth.
Books are made in chunks of 250,000 accounts, each with its own random stream, so memory does not grow with the book.
"""

from __future__ import annotations

import argparse
import itertools
import tomllib
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Iterator

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Frame = dict[str, Floats]  # a column per field: labels as codes, money in cents, dates in days; NaN is missing

HERE = Path(__file__).resolve().parent
NAMES: dict[str, Any] = tomllib.loads((HERE / "demo_names.toml").read_text(encoding="utf-8"))
AS_OF = date(2026, 9, 30)
EPOCH = date(1970, 1, 1).toordinal()
TODAY = AS_OF.toordinal() - EPOCH
CHUNK = 250_000
FEWEST = 40  # below this the five seed accounts do not fit the shares of the segments
SMALL, MID, ENTERPRISE = 0, 1, 2
SEGMENT_SHARES = (0.625, 0.30, 0.075)

COUNTRIES: list[dict[str, Any]] = NAMES["countries"]
OWNERS: list[dict[str, Any]] = NAMES["owners"]
FAMILIES = tuple(NAMES["stems"])
REGIONS = ("North America", "EMEA", "APAC", "LATAM", "Rest of World")
LABELS: dict[str, tuple[str, ...]] = {
    "lifecycle": ("customer", "prospect"),
    "industry": tuple(NAMES["descriptors"]),
    "region": REGIONS,
    "country": tuple(c["name"] for c in COUNTRIES),
    "segment": ("Small", "Mid-market", "Enterprise"),
    "owner": tuple(o["name"] for o in OWNERS),
    "competitive_threat": ("none", "present", "active"),
    "technology_fit": ("Weak", "Partial", "Strong"),
    "buying_stage": ("No project", "Exploring", "Budgeted", "Active evaluation"),
    "trigger_event": ("None seen", "Leadership change", "Expansion", "Funding"),
    "partnership": ("None", "In talks", "Signed"),
    "relationship_status": ("None yet", "Introduced", "Working contact", "Trusted partner"),
}
# The account table: fields in their order, each with the way it is written.
FIELDS: dict[str, str] = {
    "account_id": "text", "name": "text", "parent_id": "text", "lifecycle": "label", "industry": "label",
    "region": "label", "country": "label", "segment": "label", "owner": "label", "employees": "count",
    "annual_revenue": "money", "revenue_potential": "money", "pipeline": "money", "revenue_target": "money",
    "recurring_share": "fraction", "contract_start": "date", "renewal_date": "date", "last_activity_date": "date",
    "engagement_score": "count", "contacts_engaged": "count", "executive_contacts": "count", "adoption": "fraction",
    "competitive_threat": "label", "churn_probability": "fraction", "technology_fit": "label",
    "buying_stage": "label", "employee_growth": "fraction", "strategic_value": "count", "influence": "count",
    "trigger_event": "label", "reference_potential": "count", "partnership": "label", "network_effects": "count",
    "relationship_status": "label", "culture_fit": "count",
}  # fmt: skip
# Parts of the accounts with no value; Small accounts and prospects have more (see _forget).
FORGOTTEN: dict[str, float] = {
    "technology_fit": 0.07, "buying_stage": 0.05, "employees": 0.025, "competitive_threat": 0.05,
    "engagement_score": 0.03, "revenue_potential": 0.03, "adoption": 0.04, "contacts_engaged": 0.01,
    "employee_growth": 0.08, "strategic_value": 0.04, "influence": 0.05, "trigger_event": 0.06,
    "reference_potential": 0.06, "partnership": 0.03, "network_effects": 0.07, "relationship_status": 0.03,
    "culture_fit": 0.08, "last_activity_date": 0.01, "owner": 0.008,
}  # fmt: skip
# The five accounts of the seed dashboard. Potential, revenue, pipeline and engagement are its figures.
SEED_NAMES = ("Acme Corp", "TechGlobal Inc", "Enterprise Co", "DataCorp", "BigRetail Inc")
SEED_ROWS: dict[str, tuple[float | str | None, ...]] = {
    "lifecycle": ("prospect", "customer", "prospect", "customer", "prospect"),
    "industry": ("Financial Services", "Technology", "Manufacturing", "Healthcare", "Retail"),
    "region": ("North America", "North America", "EMEA", "North America", "North America"),
    "country": ("United States", "United States", "Germany", "Canada", "United States"),
    "segment": ("Enterprise", "Mid-market", "Enterprise", "Mid-market", "Enterprise"),
    "owner": ("Priya Raman", "Luis Herrera", "Katharina Vogel", "Grace Nguyen", "Daniel Okafor"),
    "employees": (6800, 2600, 11500, 1400, 18200),
    "annual_revenue": (0, 120000, 0, 280000, 0),
    "revenue_potential": (650000, 480000, 425000, 380000, 520000),
    "pipeline": (350000, 180000, 95000, 120000, 0),
    "revenue_target": (115000, 180000, 60000, 300000, 100000),
    "recurring_share": (None, 0.82, None, 0.9, None),
    "contract_start": (None, "2024-05-14", None, "2022-11-01", None),
    "renewal_date": (None, "2027-05-14", None, "2026-11-01", None),
    "last_activity_date": ("2026-09-24", "2026-09-29", "2026-08-12", "2026-09-21", "2026-03-17"),
    "engagement_score": (82, 91, 58, 76, 34),
    "contacts_engaged": (5, 6, 3, 4, 1),
    "executive_contacts": (0, 2, 1, 1, 0),
    "adoption": (None, 0.74, None, 0.81, None),
    "competitive_threat": ("present", "none", "present", "none", "active"),
    "churn_probability": (None, 0.03, None, 0.06, None),
    "technology_fit": ("Strong", "Strong", "Partial", "Strong", "Partial"),
    "buying_stage": ("Budgeted", "Active evaluation", "Exploring", "Budgeted", "No project"),
    "employee_growth": (0.04, 0.18, 0.01, 0.11, -0.03),
    "strategic_value": (9, 7, 6, 7, 6),
    "influence": (8, 6, 7, 5, 8),
    "trigger_event": ("Leadership change", "Funding", "None seen", "Expansion", "None seen"),
    "reference_potential": (8, 8, 5, 7, 4),
    "partnership": ("In talks", "Signed", "None", "None", "None"),
    "network_effects": (7, 8, 5, 6, 5),
    "relationship_status": ("Working contact", "Trusted partner", "Introduced", "Trusted partner", "None yet"),
    "culture_fit": (7, 9, 6, 8, 4),
}
SEED_GROWTH = (0.0, 0.35, 0.0, 0.06, 0.0)
SEEDS = len(SEED_NAMES)

# Parts in a hundred, and how much more often a fitting account comes from the industry.
INDUSTRY_ODDS = np.array([0.15, 0.17, 0.13, 0.15, 0.13, 0.12, 0.06, 0.09])
INDUSTRY_PULL = np.array([0.30, 0.35, 0.30, 0.00, -0.25, 0.00, 0.00, -0.30])
# By segment (Small, Mid-market, Enterprise): median and spread of employees with their limits, median potential.
EMPLOYEES = ((85.0, 0.95, 5, 499), (1200.0, 0.58, 500, 4_999), (11_500.0, 0.62, 5_000, 140_000))
POTENTIAL = np.log(np.array([58_000.0, 132_000.0, 520_000.0]))
QUARTERS = tuple(
    date(year, month, day)
    for year in range(2023, 2027)
    for month, day in ((3, 31), (6, 30), (9, 30), (12, 31))
    if date(2023, 12, 31) <= date(year, month, day) <= AS_OF
)
SEASON = np.array([1.08, 0.95, 0.98, 0.99] * 3)  # the last quarter of a year is the strongest


@dataclass(frozen=True)
class Demo:
    """A made book: one row per account, and one row per customer and quarter."""

    accounts: pa.Table
    history: pa.Table


@dataclass
class _Chunk:
    """What is known of a run of accounts while it is being made."""

    rng: np.random.Generator
    first: int  # the number of its first account, from 0
    total: int  # accounts in the whole book
    size: int
    frame: Frame = field(default_factory=dict)
    parent: Ints = field(default_factory=lambda: np.empty(0, np.int64))  # row of the parent in the chunk, -1 for none
    sibling: Ints = field(default_factory=lambda: np.empty(0, np.int64))  # number among its parent's subsidiaries

    def normal(self) -> Floats:
        return self.rng.standard_normal(self.size)

    def pick(self, odds: npt.ArrayLike) -> Floats:
        """A code for every account, drawn by the same odds."""
        edges = np.cumsum(np.asarray(odds, np.float64))
        return np.searchsorted(edges / edges[-1], self.rng.random(self.size), side="right").astype(np.float64)

    @property
    def customer(self) -> Bools:
        return np.equal(self.frame["lifecycle"], 0)


def make(accounts: int = 2000, seed: int = 7, *, history: bool = True) -> Demo:
    """The whole book in memory. The first five accounts are those of the seed dashboard."""
    parts = list(_parts(accounts, seed, history=history))
    return Demo(pa.concat_tables([p.accounts for p in parts]), pa.concat_tables([p.history for p in parts]))


def write(
    folder: str | Path, accounts: int = 2000, seed: int = 7, *, suffix: str = "csv", history: bool = True
) -> list[Path]:
    """Write accounts and history as csv or parquet (the suffix), chunk by chunk, and return the paths."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    tables = ("accounts", "history") if history else ("accounts",)
    paths = {table: folder / f"{table}.{suffix}" for table in tables}
    writers: dict[str, Any] = {}
    with ExitStack() as stack:
        for part in _parts(accounts, seed, history=history):
            for table, path in paths.items():
                rows: pa.Table = getattr(part, table)
                if table not in writers:
                    writers[table] = stack.enter_context(_writer(path, rows.schema))
                writers[table].write_table(rows)
    return list(paths.values())


def _writer(path: Path, schema: pa.Schema) -> Any:
    if path.suffix == ".parquet":
        return pq.ParquetWriter(path, schema, compression="zstd")
    plain = pa.csv.WriteOptions(quoting_style="none", quoting_header="none")
    return pa.csv.CSVWriter(path, schema, write_options=plain)


def _parts(accounts: int, seed: int, *, history: bool) -> Iterator[Demo]:
    if accounts < FEWEST:
        raise ValueError(f"A demo book has at least {FEWEST} accounts; {accounts} were asked for.")
    namer = _Namer(seed)
    for number, first in enumerate(range(0, accounts, CHUNK)):
        size = min(CHUNK, accounts - first)
        chunk = _Chunk(np.random.default_rng((seed, number)), first, accounts, size)
        for step in (_who, _suits, _worth, _mood, _plans, _extras):
            step(chunk)
        _forget(chunk)
        if first == 0:
            _story(chunk)
        _churn(chunk)
        if first == 0:
            _seed_accounts(chunk)
        table = _accounts_table(chunk, namer)
        yield Demo(table, _history_table(chunk, table["account_id"]) if history else _NO_HISTORY)


def _who(c: _Chunk) -> None:
    """Segment, hidden fit, country, industry, lifecycle, parents, owner."""
    f = c.frame
    f["segment"] = _segments(c)
    f["fit"] = c.normal()
    f["country"] = c.pick([country["share"] for country in COUNTRIES])
    region_of = np.array([REGIONS.index(country["region"]) for country in COUNTRIES], np.float64)
    f["region"] = region_of[_codes(f["country"])]
    pull = f["fit"][:, None] * INDUSTRY_PULL
    gumbel = -np.log(-np.log(c.rng.random((c.size, len(INDUSTRY_ODDS)))))
    f["industry"] = np.argmax(np.log(INDUSTRY_ODDS) + pull + gumbel, axis=1).astype(np.float64)
    leaning = 0.50 + 0.35 * f["fit"] + np.array([-0.05, 0.1, 0.35])[_codes(f["segment"])]
    f["lifecycle"] = (c.rng.random(c.size) > _logistic(leaning)).astype(np.float64)
    _parents(c)
    _owners(c)


def _segments(c: _Chunk) -> Floats:
    """Exact numbers of Small, Mid-market and Enterprise accounts in the book, in random order."""
    edges = [round(sum(SEGMENT_SHARES[: k + 1]) * at) for at in (c.first, c.first + c.size) for k in range(2)]
    small, mid = edges[2] - edges[0], (edges[3] - edges[2]) - (edges[1] - edges[0])
    counts = [small, mid, c.size - small - mid]
    start: list[int] = []
    if c.first == 0:
        start = [LABELS["segment"].index(str(label)) for label in SEED_ROWS["segment"]]
        counts = [count - start.count(code) for code, count in enumerate(counts)]
    rest = np.repeat(np.arange(3), counts)
    c.rng.shuffle(rest)
    return np.concatenate([np.array(start, np.float64), rest.astype(np.float64)])


def _parents(c: _Chunk) -> None:
    """About 6 % of the accounts belong to another, larger one of the same industry."""
    f = c.frame
    wanted = round(0.06 * c.size)
    rows = np.arange(c.size)
    public = f["industry"] == LABELS["industry"].index("Public Sector")
    large = c.rng.permutation(rows[(rows >= SEEDS) & (f["segment"] != SMALL) & ~public])
    heads = large[: max(1, min(wanted // 2, len(large) // 2))]
    families = np.repeat(heads, c.rng.integers(1, 5, len(heads)))[:wanted]
    free = c.rng.permutation(rows[(rows >= SEEDS) & (f["segment"] != ENTERPRISE) & ~np.isin(rows, heads) & ~public])
    children = free[: len(families)]
    families = families[: len(children)]
    c.parent = np.full(c.size, -1)
    c.sibling = np.zeros(c.size, np.int64)
    c.parent[children] = families
    c.sibling[children] = np.arange(len(families)) - _run_starts(families)
    f["industry"][children] = f["industry"][families]


def _run_starts(values: Ints) -> Ints:
    """For each item of a list made of runs, where its run begins."""
    begins = np.concatenate([[True], values[1:] != values[:-1]]) if len(values) else np.empty(0, bool)
    starts: Ints = np.maximum.accumulate(np.where(begins, np.arange(len(values)), 0))
    return starts


def _owners(c: _Chunk) -> None:
    """Owners work a region; named owners have its Enterprise accounts, some owners carry far more than others."""
    f = c.frame
    f["owner"] = np.zeros(c.size)
    draw = c.rng.random(c.size)
    strategic = (f["segment"] == ENTERPRISE) | ((f["segment"] == MID) & (c.rng.random(c.size) < 0.15))
    away = c.rng.random(c.size) < 0.04
    for region, named in itertools.product(range(len(REGIONS)), (False, True)):
        team = [o for o in OWNERS if o["region"] == REGIONS[region]]
        team = [o for o in team if o["named"] == named] or team
        edges = np.cumsum([o["load"] for o in team], dtype=np.float64)
        mine = (f["region"] == region) & (strategic == named)
        codes = np.array([OWNERS.index(o) for o in team], np.float64)
        f["owner"][mine] = codes[np.searchsorted(edges / edges[-1], draw[mine], side="right")]
    f["owner"][away] = c.rng.integers(0, len(OWNERS), int(away.sum()))


def _suits(c: _Chunk) -> None:
    """Technology fit, buying stage and what rivals do."""
    f = c.frame
    f["technology_fit"] = _steps(0.85 * f["fit"] + 0.6 * c.normal(), -1.1, 0.60)
    eager = 0.55 * f["fit"] + 0.8 * c.normal() + np.where(c.customer, 0.15, 0.0)
    f["buying_stage"] = _steps(eager, -0.95, 0.4, 1.2)


def _worth(c: _Chunk) -> None:
    """Employees, revenue potential and revenue: heavy-tailed, larger where the account fits."""
    f, segment = c.frame, _codes(c.frame["segment"])
    size = c.normal()
    middle, spread, low, high = (np.array(column)[segment] for column in zip(*EMPLOYEES, strict=True))
    f["employees"] = np.round(np.clip(middle * np.exp(spread * size), low, high))
    spread = np.array([0.62, 0.60, 0.50])[segment]
    log_potential = POTENTIAL[segment] + 0.58 * f["fit"] + 0.25 * size + spread * c.normal()
    log_potential += np.array([0.0, 0.1, 0.45])[segment] * c.rng.exponential(1.0, c.size)
    potential = np.exp(np.minimum(log_potential, np.log(6_500_000.0) + 0.1 * c.normal()))
    f["revenue_potential"] = _money(potential, 1000)
    liking = 1.15 * f["fit"] + 0.45 * (f["technology_fit"] - 1) + INDUSTRY_PULL[_codes(f["industry"])]
    reach = np.clip(_logistic(-1.15 + liking + 0.5 * c.normal()), 0.03, 0.97)
    f["age"] = np.floor(np.clip(c.rng.gamma(2.0, 1000.0, c.size), 25, 5000))  # days since the contract began
    revenue = np.where(c.customer, np.maximum(potential * reach * np.minimum(f["age"] / 365, 1.0), 400.0), 0.0)
    f["annual_revenue"] = _money(revenue, 0.01)
    credit = c.rng.permutation(np.flatnonzero(c.customer & (f["segment"] == SMALL)))[: round(0.002 * c.size)]
    f["annual_revenue"][credit] = _money(-np.exp(7.4 + 0.6 * c.rng.standard_normal(len(credit))), 0.01)
    blank = ~c.customer & (c.rng.random(c.size) < 0.03)
    f["annual_revenue"][blank] = np.nan


def _mood(c: _Chunk) -> None:
    """Hidden care, and what shows of it: rivals, engagement, contacts, adoption, last activity."""
    f = c.frame
    trouble = c.rng.random(c.size) - 0.085 * f["fit"] - 0.02 * (_codes(f["segment"]) - 0.45)
    f["care"] = np.where(trouble > 0.93, -2.25, np.where(trouble > 0.62, -0.85, 0.55)) + 0.38 * c.normal()
    rival = -f["care"] - 0.45 * f["fit"] + 0.9 * c.normal()
    f["competitive_threat"] = _steps(rival, 0.15, 1.75)
    care = f["care"] - np.where(c.customer, 0.0, 0.7)
    f["engagement_score"] = np.clip(np.round(70 + 14.5 * care + 7 * c.normal()), 2, 100)
    people = np.array([0.85, 1.2, 1.6])[_codes(f["segment"])]
    f["contacts_engaged"] = c.rng.poisson(people * np.exp(1.28 + 0.42 * np.minimum(care, 1.2))).astype(np.float64)
    seniors = c.rng.poisson(people * np.exp(0.35 + 0.65 * np.minimum(care, 1.0)))
    f["executive_contacts"] = np.minimum(seniors, f["contacts_engaged"])
    f["adoption"] = np.where(c.customer, np.clip(0.66 + 0.13 * care + 0.08 * c.normal(), 0.02, 1.0), np.nan)
    idle = c.rng.exponential(9 * np.exp(-0.75 * care))
    f["last_activity_date"] = TODAY - np.minimum(np.floor(idle), 700)


def _plans(c: _Chunk) -> None:
    """Target, open pipeline, contract dates, recurring share."""
    f, customer = c.frame, c.customer
    revenue = np.maximum(np.nan_to_num(f["annual_revenue"]), 0.0) / 100
    potential = f["revenue_potential"] / 100
    ratio = np.clip(0.95 + 0.11 * f["care"] + 0.07 * c.normal(), 0.35, 1.5)
    opening = potential * np.array([0.05, 0.10, 0.16, 0.22])[_codes(f["buying_stage"])]
    target = np.maximum(np.where(customer, revenue / ratio, opening), 1000.0)
    f["revenue_target"] = _money(target, 1000)
    gap = np.maximum(target - revenue, 0.0)
    cover = np.clip(3.0 * np.exp(0.62 * f["care"] + 0.45 * c.normal()) - 0.25, 0.0, 9.0)
    upside = potential * 0.05 * c.rng.random(c.size) * (f["buying_stage"] > 0)
    f["pipeline"] = _money(np.where((f["buying_stage"] > 0) | customer, gap * cover + upside, 0.0), 500)
    term = 365 * (1 + c.pick([0.62, 0.22, 0.16]))
    f["contract_start"] = np.where(customer, TODAY - f["age"], np.nan)
    f["renewal_date"] = f["contract_start"] + np.ceil((f["age"] + 1) / term) * term
    steady = np.array([0.72, 0.85, 0.70, 0.45, 0.50, 0.35, 0.60, 0.65])[_codes(f["industry"])]
    f["recurring_share"] = np.where(customer, np.clip(steady + 0.16 * c.normal(), 0.0, 1.0), np.nan)


def _extras(c: _Chunk) -> None:
    """The columns only some of the ready models use."""
    f, rank = c.frame, _codes(c.frame["segment"])
    f["employee_growth"] = np.clip(0.05 + 0.05 * f["fit"] + 0.10 * c.normal(), -0.4, 0.9)
    f["strategic_value"] = _grade(4.6 + 1.5 * f["fit"] + 0.8 * rank + 1.1 * c.normal())
    f["influence"] = _grade(0.95 * np.log10(f["employees"] + 1) ** 1.5 + 1.4 * c.normal())
    f["trigger_event"] = c.pick([0.58, 0.17, 0.15, 0.10])
    f["reference_potential"] = _grade(4.4 + 0.9 * f["fit"] + 1.1 * f["care"] + 1.2 * c.normal())
    f["partnership"] = _steps(0.5 * f["fit"] + c.normal(), 1.0, 1.6)
    f["network_effects"] = _grade(4.2 + 0.8 * f["fit"] + 0.7 * rank + 1.6 * c.normal())
    near = f["care"] + np.where(c.customer, 0.8, -0.9) + 0.6 * c.normal()
    f["relationship_status"] = _steps(near, -1.1, -0.1, 1.1)
    f["culture_fit"] = _grade(5.6 + 0.7 * f["fit"] + 0.6 * f["care"] + 1.4 * c.normal())


def _forget(c: _Chunk) -> None:
    """Leave values out as real books do; about one account in seventy is known by name only."""
    f = c.frame
    often = np.where(f["segment"] == SMALL, 1.35, np.where(f["segment"] == MID, 0.75, 0.3))
    often = often * np.where(c.customer, 0.85, 1.4)
    thin = (f["segment"] != ENTERPRISE) & (c.rng.random(c.size) < 0.007 * often)
    for name, part in FORGOTTEN.items():
        lost = c.rng.random(c.size) < part * often
        if name in ("revenue_potential", "technology_fit", "buying_stage"):
            lost |= thin
        f[name] = np.where(lost, np.nan, f[name])


def _story(c: _Chunk) -> None:
    """Three large accounts slip away: no executive contact, an active rival, little activity.

    Without a word about rivals they have 76 of the default scorecard's 100, so they stay in Tier 1.
    """
    f = c.frame
    suits = (f["revenue_potential"] >= 40_000_000) & (f["employees"] >= 2000) & (f["industry"] < 3)
    suits &= (f["technology_fit"] == 2) & (f["buying_stage"] >= 1) & c.customer
    suits[:SEEDS] = False
    rows = np.flatnonzero(suits)
    ranked = rows[np.argsort(-f["annual_revenue"][rows], kind="stable")]
    worst = ranked[[at for at in (3, 8, 15) if at < len(ranked)]]
    f["care"][worst] = -2.6
    f["competitive_threat"][worst] = 2
    f["executive_contacts"][worst] = 0
    f["contacts_engaged"][worst] = np.array([2, 1, 2])[: len(worst)]
    f["engagement_score"][worst] = np.array([31, 24, 38])[: len(worst)]
    f["adoption"][worst] = np.array([0.35, 0.22, 0.41])[: len(worst)]
    f["relationship_status"][worst] = 1
    f["revenue_target"][worst] = _money(f["annual_revenue"][worst] / 100 / 0.74, 1000)
    f["pipeline"][worst] = _money(f["annual_revenue"][worst] / 100 * 0.08, 500)
    f["last_activity_date"][worst] = TODAY - np.array([74, 121, 58])[: len(worst)]


def _seed_accounts(c: _Chunk) -> None:
    """Put the five accounts of the seed dashboard into the first rows."""
    for name, values in SEED_ROWS.items():
        c.frame[name][:SEEDS] = [_as_number(name, value) for value in values]
    c.frame["growth"][:SEEDS] = SEED_GROWTH


def _as_number(name: str, value: float | str | None) -> float:
    if value is None:
        return float("nan")
    if isinstance(value, str):
        if FIELDS[name] == "date":
            return float(date.fromisoformat(value).toordinal() - EPOCH)
        return float(LABELS[name].index(value))
    return value * 100.0 if FIELDS[name] == "money" else float(value)


def _churn(c: _Chunk) -> None:
    """Yearly growth of a customer, and a probability of loss that follows health and growth."""
    f = c.frame
    f["growth"] = np.clip(0.2 * f["care"] + 0.02 * f["fit"] + 0.12 * c.normal(), -0.95, 0.8)
    risk = 2.9 - 0.075 * _health(f) - 1.2 * np.minimum(f["growth"], 0.3) + 0.45 * c.normal()
    f["churn_probability"] = np.where(c.customer, np.clip(_logistic(risk), 0.002, 0.97), np.nan)


def _health(f: Frame) -> Floats:
    """A rough health of 0 to 100: the mean of what is known. The program's own measure is in core, not here."""
    gap = np.maximum(f["revenue_target"] - np.nan_to_num(f["annual_revenue"]), 0.0)
    parts = (
        (30.0, f["engagement_score"]),
        (20.0, 10 * np.minimum(f["contacts_engaged"], 5) + 25 * np.minimum(f["executive_contacts"], 2)),
        (20.0, np.where(gap > 0, 100 * np.minimum(f["pipeline"] / np.maximum(gap, 1.0) / 3, 1), 100.0)),
        (15.0, 100 * np.clip(f["annual_revenue"] / np.maximum(f["revenue_target"], 1.0), 0, 1)),
        (10.0, 100 - 50 * f["competitive_threat"]),
    )
    total = sum(weight * np.nan_to_num(part) for weight, part in parts)
    known = sum(weight * ~np.isnan(part) for weight, part in parts)
    return np.asarray(total / known, np.float64)


class _Namer:
    """Gives every account a name of its own, chunk after chunk.

    Stems of a language family are dealt in a shuffled order; each time round, a stem takes its industry's next
    descriptor; when those are used up, a town is added, then a number.
    """

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng((seed, 2**31))
        self.stems = {family: rng.permutation(_stems(NAMES["stems"][family])) for family in FAMILIES}
        self.offset = {family: rng.integers(0, 1000, len(self.stems[family])) for family in FAMILIES}
        self.used = dict.fromkeys(FAMILIES, 0)

    def names(self, c: _Chunk) -> pa.Array:
        country = _codes(c.frame["country"])
        family = np.array([FAMILIES.index(x["stems"]) for x in COUNTRIES])[country]
        base = _empty_text(c.size)
        for number, key in enumerate(FAMILIES):
            rows = np.flatnonzero(family == number)
            base = pc.replace_with_mask(base, pa.array(family == number), self._family(key, c, rows))
        owner_of_name = np.where(c.parent >= 0, c.parent, np.arange(c.size))
        return pc.binary_join_element_wise(base.take(pa.array(owner_of_name)), _tails(c, country), "")

    def _family(self, key: str, c: _Chunk, rows: Ints) -> pa.Array:
        stems, towns = self.stems[key], list(NAMES["stems"][key]["towns"])
        descriptors = list(NAMES["descriptors"].values())
        width = len(descriptors[0])
        turn, stem = np.divmod(self.used[key] + np.arange(len(rows)), len(stems))
        self.used[key] += len(rows)
        town, turn = np.divmod(turn, width)
        word = _codes(c.frame["industry"][rows]) * width + (self.offset[key][stem] + turn) % width
        number, place = np.divmod(town - 1, len(towns))
        flat = [text for texts in descriptors for text in texts]
        places = np.where(town > 0, place + 1, 0)
        ordinal = np.where((town > 0) & (number > 0), number, 0)
        numbers = [""] + [f" {n + 1}" for n in range(1, int(ordinal.max(initial=0)) + 1)]
        pieces = (
            _take(stems.tolist(), stem),
            _take([" " + text for text in flat], word),
            _take(["", *(" " + text for text in towns)], places),
            _take(numbers, ordinal),
        )
        return pc.binary_join_element_wise(*pieces, "")


def _stems(lists: dict[str, list[str]]) -> list[str]:
    joined = [a + b for a, b in itertools.product(lists["fronts"], lists["backs"]) if a.lower() != b]
    pairs = [f"{first} {second}" for first, second in itertools.product(lists["firsts"], lists["seconds"])]
    return joined + pairs


def _tails(c: _Chunk, country: Ints) -> pa.Array:
    """What follows the name: a subsidiary's country or line of business, or now and then a legal form."""
    abroad = (c.parent >= 0) & (c.sibling == 0) & (country != country[np.maximum(c.parent, 0)])
    words: list[str] = NAMES["subsidiary_words"]
    texts = ["", *(" " + x.get("short", x["name"]) for x in COUNTRIES), *(" " + word for word in words)]
    subsidiary = np.where(abroad, 1 + country, 1 + len(COUNTRIES) + c.sibling % len(words))
    starts = len(texts) + np.cumsum([0, *(len(x["legal"]) for x in COUNTRIES)])
    texts += [" " + form for x in COUNTRIES for form in x["legal"]]
    forms = np.array([len(x["legal"]) for x in COUNTRIES])[country]
    public = c.frame["industry"] == LABELS["industry"].index("Public Sector")
    formal = (c.rng.random(c.size) < 0.3) & ~public
    legal = np.where(formal, starts[country] + c.rng.integers(0, 1000, c.size) % forms, 0)
    return _take(texts, np.where(c.parent >= 0, subsidiary, legal))


def _accounts_table(c: _Chunk, namer: _Namer) -> pa.Table:
    numbers = pa.array(np.arange(c.first + 1, c.first + c.size + 1))
    ids = pc.binary_join_element_wise("A", pc.utf8_lpad(numbers.cast(pa.string()), 7, "0"), "")
    name = namer.names(c)
    if c.first == 0:
        name = pa.concat_arrays([pa.array(SEED_NAMES), name[SEEDS:]])
    text = {"account_id": ids, "name": name, "parent_id": ids.take(pa.array(c.parent, mask=c.parent < 0))}
    columns = [text[key] if kind == "text" else _column(key, c.frame[key]) for key, kind in FIELDS.items()]
    return pa.table(columns, names=list(FIELDS))


def _history_table(c: _Chunk, ids: pa.ChunkedArray) -> pa.Table:
    """Twelve quarters per customer; the last four add up to annual_revenue to the cent."""
    f = c.frame
    rows = np.flatnonzero(c.customer)
    annual = np.round(f["annual_revenue"][rows]).astype(np.int64)
    ends = np.array([quarter.toordinal() - EPOCH for quarter in QUARTERS])
    years = (ends - ends[-4:].mean()) / 365.25
    noise = np.exp(0.07 * c.rng.standard_normal((len(rows), len(ends))))
    level = np.exp(f["growth"][rows, None] * years) * SEASON * noise
    level *= np.clip((ends - f["contract_start"][rows, None]) / 91, 0.0, 1.0)
    yearly = level[:, -4:].sum(axis=1)
    cents = np.round(level * (np.abs(annual) / yearly)[:, None]).astype(np.int64)
    cents[:, -1] = annual - cents[:, -4:-1].sum(axis=1)
    periods = pa.array(np.tile(ends, len(rows)).astype(np.int32)).cast(pa.date32())
    return pa.table(
        [ids.combine_chunks().take(pa.array(np.repeat(rows, len(ends)))), periods, _decimals(cents.ravel())],
        schema=_NO_HISTORY.schema,
    )


_NO_HISTORY = pa.schema(
    [("account_id", pa.string()), ("period", pa.date32()), ("amount", pa.decimal128(18, 2))]
).empty_table()


def _column(name: str, values: Floats) -> pa.Array:
    """A column of the frame as it is written."""
    kind, missing = FIELDS[name], np.isnan(values)
    if kind == "label":
        return _take(list(LABELS[name]), _codes(values), missing)
    if kind == "fraction":
        return pa.array(np.round(values, 3) + 0.0, mask=missing)
    whole = np.round(np.nan_to_num(values)).astype(np.int64)
    if kind == "money":
        return _decimals(whole, missing)
    counts = pa.array(whole.astype(np.int32), mask=missing)
    return counts.cast(pa.date32()) if kind == "date" else counts


def _decimals(cents: Ints, missing: Bools | None = None) -> pa.Array:
    """Whole cents as DECIMAL(18,2): the 128-bit integers are laid out directly, which is a hundred times faster."""
    wide = np.empty((len(cents), 2), "<i8")
    wide[:, 0] = cents
    wide[:, 1] = cents >> 63
    valid = None if missing is None else pa.py_buffer(np.packbits(~missing, bitorder="little").tobytes())
    return pa.Array.from_buffers(pa.decimal128(18, 2), len(cents), [valid, pa.py_buffer(wide.tobytes())])


def _take(texts: list[str], codes: Ints, missing: Bools | None = None) -> pa.Array:
    return pa.array(texts, pa.string()).take(pa.array(codes, mask=missing))


def _empty_text(size: int) -> pa.Array:
    return pa.repeat(pa.scalar("", pa.string()), size)


def _codes(values: Floats) -> Ints:
    return np.nan_to_num(values).astype(np.int64)


def _money(dollars: npt.ArrayLike, unit: float) -> Floats:
    """Dollars rounded to a unit, as whole cents."""
    return np.asarray(np.round(np.round(np.asarray(dollars, np.float64) / unit) * unit * 100), np.float64)


def _logistic(x: npt.ArrayLike) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.asarray(x, np.float64))), np.float64)


def _steps(values: Floats, *edges: float) -> Floats:
    """The number of edges at or below each value."""
    return np.searchsorted(np.array(edges), values, side="right").astype(np.float64)


def _grade(values: Floats) -> Floats:
    return np.clip(np.round(values), 0, 10)


def main(arguments: list[str] | None = None) -> None:
    """Write a book and print where it is."""
    parser = argparse.ArgumentParser(description="Make the demo book: invented accounts and their quarterly revenue.")
    parser.add_argument("--accounts", type=int, default=2000, help="how many accounts (default 2000)")
    parser.add_argument("--seed", type=int, default=7, help="the same seed makes the same book (default 7)")
    parser.add_argument("--out", type=Path, default=HERE / "demo", help="folder to write to (default: data/demo)")
    parser.add_argument("--format", choices=("csv", "parquet"), default="csv")
    parser.add_argument("--no-history", action="store_true", help="leave the quarterly revenue out")
    given = parser.parse_args(arguments)
    if given.accounts < FEWEST:
        parser.error(f"a demo book has at least {FEWEST} accounts")
    for path in write(given.out, given.accounts, given.seed, suffix=given.format, history=not given.no_history):
        print(path)


if __name__ == "__main__":
    main()
