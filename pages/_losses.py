"""What if we lose them: the largest accounts, some that are chosen, or each with its probability.

The three parts are independent of each other. Every probability is an assumption and can be changed here; what is
changed holds in this section only, and for this session.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from core import wording
from core.accounts import listing
from core.accounts.listing import Wanted
from core.figures import losses as figures
from core.measures import portfolio, stress
from core.measures.exposure import OWN
from core.measures.loss_distribution import MOST_CORRELATION
from core.model.health import NOT_KNOWN
from core.report import losing
from core.report.look import Assumed
from pages import _parts as parts
from pages import _past as past
from pages import _state as state
from pages import _store as store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.measures.concentration import Concentration
    from core.measures.loss_distribution import LossRisk
    from core.measures.portfolio import Portfolio
    from core.measures.stress import Rest, Stress
    from core.measures.tiers import Verdict
    from core.model.model import Model
    from pages._view import View

OFFERED = 200
"""Accounts that one search offers; a name narrows them down."""
CORRELATION = 0.15
TERMS = {
    "var": "Value at risk: the smallest loss that is not passed with this chance, by the probabilities assumed here.",
    "shortfall": "Expected shortfall: the mean loss of the worst years beyond the value at risk.",
    "factor": "In a bad year for all, every account is more likely to be lost. Off: losses are independent.",
    "refill": "Revenue lost over the mean revenue of a paying account today, rounded up.",
    "p": "Probability that an account of this health is lost within a year, in percent. An assumption, not a forecast.",
    "own": "From the column churn_probability. Off: every account takes the probability of its health.",
    "nobody": "No account can be lost under these probabilities.",
    "blind": "The health of accounts is not known, and of those nothing is assumed: give them a probability above.",
    "none": "Nothing is assumed of accounts whose health is not known, unless you say so.",
}


def show(view: View) -> None:
    """Show what a loss would do; with subsidiaries joined, the largest are customers in place of accounts."""
    prepared = view.prepared
    counted = past.counted(prepared, joined=view.joined)
    if not counted.size:
        st.caption("No account has revenue, so there is nothing to lose.")
        return
    currency = prepared.book.currency
    st.markdown(parts.text(losing.largest(stress.largest_against_typical(counted), currency, who=view.who)))
    _ladder(store.ladder(prepared, counted, joined=view.joined), view.found, currency)
    if view.joined:
        st.caption("The largest are customers, subsidiaries joined. Below, accounts are lost one by one.")
    _chosen(prepared, view.verdict)
    _probable(prepared, state.current())


# The largest, and the chosen -----------------------------------------------------------------------------------------


def _ladder(rows: Sequence[Stress], now: Concentration, currency: str) -> None:
    left, right = st.columns([2, 3], gap="large")
    with left:
        parts.figure(figures.ladder(_left(rows), **state.look()), "losses.ladder")
    with right:
        st.dataframe(_after(rows, now, currency), key="losses.after", hide_index=True, column_config=_right("Lost"))
        st.caption("New accounts: how many of today's mean revenue (or median) bring as much again.")
    parts.downloads("stress", lambda: losing.stress_table(rows))


def _left(rows: Sequence[Stress]) -> pd.DataFrame:
    columns = ["accounts", "left", "share_left"]
    return pd.DataFrame([[row.accounts, row.rest.revenue, 1 - row.share] for row in rows], columns=columns)


def _after(rows: Sequence[Stress], now: Concentration, currency: str) -> pd.DataFrame:
    """Give losses as texts, today first."""
    today = ["Nothing", wording.NOTHING, wording.share(now.top_n[1]), wording.share(now.top_n[10])]
    lines = [[*today, wording.hhi(now.hhi), wording.NOTHING]]
    for row in rows:
        rest = row.rest
        who = "Largest" if row.accounts == 1 else f"Top {row.accounts}"
        after = [wording.share(rest.top1), wording.share(rest.top10), wording.hhi(rest.hhi)]
        refill = f"{wording.count(row.refill_mean)} ({wording.count(row.refill_median)})"
        lines.append([who, wording.money_share(row.lost, row.share, currency), *after, refill])
    columns = ["Lost", "Revenue lost", "Largest then", "Top 10 then", "HHI then", "New accounts"]
    return pd.DataFrame(lines, columns=columns)


def _right(*texts: str) -> dict[str, Any]:
    """Put figures to the right: every column that is not named here."""
    names = ("Revenue lost", "Largest then", "Top 10 then", "HHI then", "New accounts", "Loses at least", "Within",
             "Mean beyond", "Normal", "Cornish–Fisher")  # fmt: skip
    config: dict[str, Any] = {name: st.column_config.TextColumn(alignment="right") for name in names}
    return config | {name: st.column_config.TextColumn(pinned=True) for name in texts}


@st.fragment
def _chosen(prepared: Portfolio, verdict: Verdict) -> None:
    """Let some accounts be chosen, and lose them."""
    held = f"losses.chosen.{st.session_state[state.BOOK]}"
    known: dict[str, str] = st.session_state.setdefault(held, {})
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label, hint = "Find accounts to lose", "Name or account id"
        search = st.text_input(label, placeholder=hint, key="losses.find", persist_state="session")
        offered = _offered(prepared, verdict, search or "")
        names = offered | known
        key = f"{held}.{prepared.listing.name}.{search}"
        st.session_state.setdefault(key, list(known))
        picked = st.multiselect(
            "Accounts to lose", list(names), format_func=names.__getitem__, key=key, select_all=False,
            placeholder=f"The {OFFERED} largest" if len(offered) == OFFERED else "All that were found",
        )  # fmt: skip
    st.session_state[held] = {account_id: names[account_id] for account_id in picked}
    if picked:
        _lose(prepared, verdict, picked)


def _offered(prepared: Portfolio, verdict: Verdict, search: str) -> dict[str, str]:
    """Offer the largest accounts that a search finds: id to name and revenue."""
    found = portfolio.accounts(prepared, verdict, Wanted(search=search), limit=OFFERED)
    return {
        row["account_id"]: f"{row['name']} · {wording.money_short(row['cents'], prepared.book.currency)}"
        for row in found.select(["account_id", "name", "cents"]).to_pylist()
        if (row["cents"] or 0) > 0
    }


def _lose(prepared: Portfolio, verdict: Verdict, picked: Sequence[str]) -> None:
    table = listing.page(prepared.listing, portfolio.by_profile(verdict), Wanted(ids=tuple(picked)), limit=len(picked))
    counted, currency = past.counted(prepared, joined=False), prepared.book.currency
    found = stress.lose(counted, [cents or 0 for cents in table["cents"].to_pylist()])
    if found is None:
        st.caption("None of them passes the filters with revenue.")
        return
    rest = found.rest
    refill = f"{wording.count(found.refill_median)} at the median"
    parts.cards(
        [
            parts.Card("Lost", wording.money_short(found.lost, currency), f"{wording.share(found.share)} of revenue"),
            parts.Card("Left", wording.money_short(rest.revenue, currency), wording.accounts(rest.accounts)),
            parts.Card("Largest then", wording.share(rest.top1), "of the rest"),
            parts.Card("HHI then", wording.hhi(rest.hhi), _effective(rest), meaning=parts.TERMS["hhi"]),
            parts.Card("New accounts", wording.count(found.refill_mean), refill, meaning=TERMS["refill"]),
        ]
    )
    st.caption(parts.text(losing.refill(found, currency)))
    parts.downloads("chosen-loss", lambda: losing.stress_table([found]))


def _effective(rest: Rest) -> str:
    return "of the rest" if rest.effective_accounts is None else f"{rest.effective_accounts:,.0f} effective"


# Each with its probability -------------------------------------------------------------------------------------------


@st.fragment
def _probable(prepared: Portfolio, model: Model) -> None:
    """Lose every account with its probability, and show how much a year may take."""
    held = store.exposure(prepared)
    st.markdown("**Each account with its probability**")
    assumed = _assumed(held.statuses, model)
    own = _from_book(held.accounts_told, model)
    correlation = _correlation()
    found = store.losses(prepared, assumed, from_book=own, correlation=correlation)
    currency = prepared.book.currency
    if not found.accounts:
        blind = NOT_KNOWN in assumed and not assumed[NOT_KNOWN]
        st.caption(TERMS["nobody"] + (f" {TERMS['blind']}" if blind else ""))
        return
    st.markdown(parts.text(losing.expected(found, currency)))
    left, right = st.columns([2, 3], gap="large")
    with left:
        curve = pd.DataFrame({"loss": found.curve_losses, "chance": found.curve_chances})
        marks = pd.DataFrame([[q.level, q.value] for q in found.quantiles], columns=["level", "value"])
        drawn = figures.distribution(curve, marks, found.expected, found.deviation, **state.look())
        parts.figure(drawn, "losses.distribution")
    with right:
        _quantiles(found, currency)
    parts.downloads("losses", lambda: losing.loss_table(found))


def assumed(prepared: Portfolio, model: Model) -> Assumed:
    """Give the probabilities as they stand on this screen: what is taken away rests on the same."""
    defaults = _defaults(model)
    typed = {name: st.session_state.get(_key(name, defaults), default) for name, default in defaults.items()}
    rules, held = model.health.loss_probability, st.session_state
    own = bool(held.get(f"losses.from_book.{rules.from_book}", rules.from_book)) and prepared.book.has(OWN)
    correlation = float(held.get("losses.correlation") or CORRELATION) if held.get("losses.factor") else 0.0
    return Assumed({name: round(p or 0.0, 2) / 100 for name, p in typed.items()}, own, correlation)


def _defaults(model: Model) -> dict[str, float]:
    """Give the model's probabilities as they are typed, in percent."""
    defaults = {name: round(100 * p, 2) for name, p in model.health.loss_probability.by_status().items()}
    return defaults | ({NOT_KNOWN: 0.0} if NOT_KNOWN not in defaults else {})


def _key(name: str, defaults: dict[str, float]) -> str:
    return f"losses.p.{name}.{defaults[name]}"


def _assumed(statuses: Sequence[str], model: Model) -> dict[str, float]:
    """Let the probabilities be changed; those of the model to begin with."""
    defaults = _defaults(model)
    keys = {name: _key(name, defaults) for name in statuses}
    assumed = {}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for name, key in keys.items():
            st.session_state.setdefault(key, defaults[name])
            more = f" {TERMS['none']}" if name == NOT_KNOWN else ""
            typed = st.number_input(
                f"{name}, %", 0.0, 100.0, step=1.0, format="%.1f", key=key, width=130, help=TERMS["p"] + more,
                persist_state="session",
            )  # fmt: skip
            assumed[name] = round(typed or 0.0, 2) / 100
        changed = any(abs(100 * assumed[name] - defaults[name]) > 1e-9 for name in statuses)
        st.button("Reset", icon=":material/undo:", key="losses.reset", disabled=not changed, on_click=_reset,
                  args=({keys[name]: defaults[name] for name in statuses},))  # fmt: skip
    st.caption("Probability of loss within a year, by health: assumptions, not a forecast. Change them and compare.")
    return assumed


def _from_book(told: int, model: Model) -> bool:
    """Ask whether the book's own probabilities hold, where it has any."""
    if not told:
        return False
    default = model.health.loss_probability.from_book
    key = f"losses.from_book.{default}"
    st.session_state.setdefault(key, default)
    label = f"Use the book’s own probability where it has one ({wording.accounts(told)})"
    return st.toggle(label, key=key, help=TERMS["own"], persist_state="session")


def _reset(defaults: dict[str, float]) -> None:
    for key, value in defaults.items():
        st.session_state[key] = value


def _correlation() -> float:
    with st.container(horizontal=True, vertical_alignment="center"):
        wanted = st.toggle("Common factor", key="losses.factor", help=TERMS["factor"], persist_state="session")
        if not wanted:
            return 0.0
        return float(
            st.slider(
                "Correlation",
                0.05,
                min(0.6, MOST_CORRELATION),
                CORRELATION,
                step=0.05,
                key="losses.correlation",
                width=240,
                persist_state="session",
                help="Of what lies behind the losses; 0.15 is usual for loans.",
            )
        )


def _quantiles(found: LossRisk, currency: str) -> None:
    """Show the values at risk with their limits, and beside them what approximations would say."""
    lines = [
        [
            f"1 year in {round(1 / (1 - q.level))}", losing.whole(q.value, currency), losing.within(q, currency),
            losing.whole(q.shortfall, currency), wording.money_short(q.normal, currency),
            wording.money_short(q.cornish_fisher, currency),
        ]
        for q in found.quantiles
    ]  # fmt: skip
    columns = ["Chance", "Loses at least", "Within", "Mean beyond", "Normal", "Cornish–Fisher"]
    config = _right("Chance") | {
        "Loses at least": st.column_config.TextColumn(alignment="right", help=TERMS["var"]),
        "Mean beyond": st.column_config.TextColumn(alignment="right", help=TERMS["shortfall"]),
    }
    st.dataframe(pd.DataFrame(lines, columns=columns), key="losses.quantiles", hide_index=True, column_config=config)
    none = wording.share(found.nothing) if found.nothing >= 0.0005 else f"below 0.1{wording.NBSP}%"
    facts = (
        f"Standard deviation {wording.money_short(round(found.deviation), currency)}. Chance of losing nobody: {none}."
    )
    st.caption(parts.text(f"{losing.method(found, currency)} {facts}"))
    st.caption("Normal and Cornish–Fisher are approximations, shown to be compared: few large accounts bend the curve.")
