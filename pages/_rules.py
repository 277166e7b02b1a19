"""Rules of others: what standards, guidelines, lenders and buyers ask about concentration, and whether it is met.

Every cut-off can be changed; what is changed holds for this session. A draft of the sentence that accounting standards
ask for can be copied.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core import wording
from core.measures import basis, rules, tiers
from core.report import losing
from pages import _parts as parts
from pages import _past as past

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.measures.portfolio import Portfolio
    from core.measures.rules import Finding, Rule
    from pages._view import View

NAMED = 3
"""Accounts that a line of the table names."""
CAVEAT = (
    "Only the first is a standard. Merger guidelines describe markets, not customer books, and rules of thumb disagree "
    "with each other: they are here because you will meet them. Met means that the statement holds for this book."
)
DRAFT = (
    "A draft, without names, as both standards allow. Take amounts and period from the financial statements, count "
    "customers under common control as one, and add the segments that report the revenue."
)


def show(view: View) -> None:
    """Show every rule with its source, met or not, and the draft of a disclosure."""
    prepared = view.prepared
    counted = past.counted(prepared, joined=view.joined)
    if not counted.size:
        st.caption("No account has revenue, so every rule is n/a.")
    st.caption(CAVEAT)
    held = rules.with_cut_offs(_cut_offs())
    best = next(iter(tiers.distribution(prepared.cube, view.verdict)), None)
    found = rules.judge(counted, best, held)
    names = view.names([int(at) for at in basis.largest(view.basis.cents, NAMED)]) if counted.size else []
    st.table(_table(found, names), hide_index=True)
    said = "; ".join(f"({at}) {source}" for at, source in enumerate(_sources(found), 1))
    st.caption(parts.text(f"Who says so: {said}."))
    if view.joined:
        st.caption("Subsidiaries are joined with their parents: customers under common control count as one.")
    _draft(prepared, held[0], rules.customers(counted, held[0].cut_off) if counted.size else None)
    parts.downloads("rules", lambda: losing.rules_table(found))


def _key(rule: Rule) -> str:
    return f"rules.cut_off.{rule.id}"


def _shown(rule: Rule) -> float:
    """Give the cut-off as it is typed: percent, or points of HHI."""
    return rule.cut_off if rule.measured == "hhi" else round(100 * rule.cut_off, 2)


def _cut_offs() -> dict[str, float]:
    """Let every cut-off be changed; give them all, in the unit of the rule."""
    cut_offs = {}
    with st.expander("Change the cut-offs", icon=":material/tune:"), st.grid("auto", min_column_width=210, gap="small"):
        for rule in rules.RULES:
            st.session_state.setdefault(_key(rule), float(_shown(rule)))
            scale = 1 if rule.measured == "hhi" else 100
            unit, most = ("HHI", 10_000.0) if scale == 1 else ("%", 100 * (rule.upto or 1.0))
            typed = st.number_input(
                f"{rule.statement},{wording.NBSP}{unit}", 0.0, most, step=50.0 if scale == 1 else 1.0, key=_key(rule),
                format="%.0f" if scale == 1 else "%.1f", persist_state="session",
            )  # fmt: skip
            cut_offs[rule.id] = round(rule.cut_off if typed is None else typed / scale, 6)
        changed = any(abs(cut_offs[rule.id] - rule.cut_off) > 1e-9 for rule in rules.RULES)
        st.button("Reset", icon=":material/undo:", key="rules.reset", disabled=not changed, on_click=_reset)
    return cut_offs


def _reset() -> None:
    for rule in rules.RULES:
        st.session_state[_key(rule)] = float(_shown(rule))


def _table(found: Sequence[Finding], names: Sequence[str]) -> pd.DataFrame:
    """Give the rules as texts; a cell is Markdown, so what stands in it is made safe."""
    number = {source: at for at, source in enumerate(_sources(found), 1)}
    lines = [
        {
            "Rule": row.rule.statement,
            "Kind": f"{_kind(row.rule)} ({number[row.rule.source]})",
            "This book": losing.measured(row),
            "Cut-off": losing.cut_off(row.rule),
            "Result": losing.met(row),
            "Accounts": _who(row, names),
        }
        for row in found
    ]
    shown = pd.DataFrame([{name: parts.text(cell) for name, cell in line.items()} for line in lines])
    return shown if any(row.met and row.customers for row in found) else shown.drop(columns="Accounts")


def _kind(rule: Rule) -> str:
    return f"{rule.kind[:1].upper()}{rule.kind[1:]}".replace(" ", wording.NBSP)


def _sources(found: Sequence[Finding]) -> list[str]:
    return list(dict.fromkeys(row.rule.source for row in found))


def _who(row: Finding, names: Sequence[str]) -> str:
    """Name the accounts concerned, where the rule is met by accounts."""
    if not row.met or not row.customers:
        return wording.NOTHING
    shown = [name if len(name) <= 28 else f"{name[:27]}…" for name in names[: row.customers]]
    more = row.customers - len(shown)
    return ", ".join(shown) + (f" and {wording.count(more)} more" if more else "")


def _draft(prepared: Portfolio, rule: Rule, found: Sequence[tuple[int, float]] | None) -> None:
    """Draft the sentence on major customers, to be copied."""
    st.markdown("**Draft of the disclosure of major customers**")
    if found is None:
        st.caption("No account has revenue, so there is nothing to disclose.")
        return
    sentence = rules.disclosure(found, rule.cut_off, prepared.book.currency, prepared.as_of)
    st.code(sentence, language=None, wrap_lines=True)
    st.caption(DRAFT)
