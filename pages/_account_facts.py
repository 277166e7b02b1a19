"""Who an account is: identity, its share of the book and of its owner's book, relatives, similar accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from core import wording
from core.accounts import details
from core.accounts.contract import FIELDS, Kind
from core.measures import similar
from core.measures.health import STATUS_NAMES
from pages import _account as account
from pages import _parts as parts

if TYPE_CHECKING:
    from pages._account import One

SIMILAR = 6
HIDDEN = {"account_id", "name", "parent_id", "currency"}


def cards(found: One) -> None:
    """Show what the account brings, and how much of the book and of its owner's that is."""
    shares = details.owned(found.prepared.listing, found.row.owner)
    currency, cents = found.prepared.book.currency, max(found.row.annual_revenue or 0, 0)
    known = found.row.health_score is not None
    probability = found.row.loss_probability
    whose = "said by the book" if found.row.told else f"assumed for {found.row.health}"
    parts.cards(
        [
            parts.Card("Tier", found.row.tier, f"score {wording.score(found.row.score)}", meaning=parts.TERMS["tier"]),
            parts.Card("Health", found.row.health, f"{found.row.health_score:.0f} of 100" if known else None),
            parts.Card(
                "Revenue",
                wording.money_short(found.row.annual_revenue, currency),
                f"{wording.share(_share(cents, shares['revenue']))} of the book",
            ),
            parts.Card(
                "Of its owner's book",
                wording.share(_share(cents, shares["owner_revenue"])) if found.row.owner else "n/a",
                f"of {wording.accounts(shares['owner_accounts'])}" if found.row.owner else "no owner",
            ),
            parts.Card("Probability of loss", wording.share(probability), whose if probability is not None else None),
        ],
        columns=5,
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def identity(found: One) -> None:
    """Show everything that the file says of the account under the headings of the contract."""
    rows = [
        {"What": field.name.replace("_", " ").capitalize(), "Value": _said(found.facts[field.name], field.kind, found)}
        for field in FIELDS
        if field.name not in HIDDEN and found.facts[field.name] is not None
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, key="account.identity", height="content")


def _said(value: Any, kind: Kind, found: One) -> str:
    if kind is Kind.MONEY:
        return wording.money(round(100 * value), found.prepared.book.currency)
    if kind is Kind.SHARE:
        return wording.share(value)
    return wording.count(value) if kind is Kind.COUNT else str(value)


def family(found: One) -> None:
    """List parent, siblings and children."""
    kin = details.family(found.prepared.listing, found.row.account_id, found.facts["parent_id"]).to_pylist()
    if not kin:
        parent = found.facts["parent_id"]
        st.caption(parts.text(f"Parent {parent} is not among the accounts shown." if parent else "No relatives known."))
        return
    whole = sum(max(each["cents"] or 0, 0) for each in kin) + max(found.row.annual_revenue or 0, 0)
    currency = found.prepared.book.currency
    st.caption(parts.text(f"Together they bring {wording.money_short(whole, currency)}."))
    rows = [
        {
            "Kin": each["kin"].capitalize(),
            "Account": each["name"],
            "Tier": found.verdict.labels[found.verdict.tier[each["profile"]]],
            "Health": STATUS_NAMES[each["status"]],
            f"Revenue ({currency})": None if each["cents"] is None else each["cents"] / 100,
            "Owner": each["owner"],
        }
        for each in kin
    ]
    money = st.column_config.NumberColumn(format="%,.0f")
    account.table(
        pd.DataFrame(rows), [each["account_id"] for each in kin], "account.family",
        column_config={f"Revenue ({currency})": money},
    )  # fmt: skip


def alike(found: One) -> None:
    """List the accounts with the same or the nearest profile."""
    near = similar.accounts(
        found.prepared, found.verdict, found.model.weights, found.facts["profile"], limit=SIMILAR + 1
    ).to_pylist()
    others = [each for each in near if each["account_id"] != found.row.account_id][:SIMILAR]
    if not others:
        st.caption("There is no other account.")
        return
    currency = found.prepared.book.currency
    rows = [
        {
            "Account": each["name"],
            "Difference": "same profile" if each["distance"] == 0 else f"{each['distance']:.1f} points",
            "Tier": found.verdict.labels[each["tier"]],
            "Health": STATUS_NAMES[each["status"]],
            f"Revenue ({currency})": None if each["cents"] is None else each["cents"] / 100,
            "Owner": each["owner"],
        }
        for each in others
    ]
    help_ = "How far the weighted points lie apart; what is missing in one of the two counts in full."
    account.table(
        pd.DataFrame(rows), [each["account_id"] for each in others], "account.similar",
        column_config={
            "Difference": st.column_config.TextColumn(help=help_),
            f"Revenue ({currency})": st.column_config.NumberColumn(format="%,.0f"),
        },
    )  # fmt: skip
