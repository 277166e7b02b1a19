"""The mapping on the Data page: which heading feeds which field, how further tables join; first seen, then read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core.accounts import grouping, joining, mapping
from core.accounts.contract import BY_NAME, FIELDS, WANTED, normalise
from core.accounts.recipe import Part, Recipe
from pages import _parts as parts
from pages import _store as store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.accounts.mapping import Proposal
    from core.accounts.raws import Raw
    from pages._data_files import Brought

NONE = "–"
AGREED, LEFT, SEVERAL = "data.agreed", "data.left", "data.several"
USES = {
    "amounts": "sum its amounts", "contracts": "sum what is open of its contracts", "columns": "add its columns",
    "skip": "leave it out",
}  # fmt: skip
ROWS = {"amounts": "a payment, an invoice or a deal of an account", "accounts": "an account"}
PICKED = 6
"""Rows of a preview."""


def order(brought: Sequence[Brought]) -> list[Brought]:
    """Put the file that holds the accounts first: the guess, or what the reader chose."""
    usable = [one for one in brought if one.look.sample is not None]
    if len(usable) < 2:
        return usable
    ranked = sorted(usable, key=_likely, reverse=True)
    names = {one.key: one for one in ranked}
    label = "Which file holds the accounts, one row each?"
    chosen = st.radio(
        label, list(names), format_func=lambda key: parts.text(names[key].name), key="data.main", horizontal=True
    )
    main = names.get(chosen or "", ranked[0])
    return [main, *(one for one in usable if one is not main)]


def _likely(one: Brought) -> float:
    sample = one.look.sample
    if sample is None:
        return 0.0
    found = {p.field: p.confidence for p in mapping.propose(sample)}
    return 3 * found.get("account_id", 0.0) + sum(found.values()) - 2 * ("name" not in found)


def chosen(brought: Sequence[Brought]) -> Recipe | None:
    """Show the mapping and the joins; give the recipe once nothing in it is doubtful or the reader has agreed."""
    raw = brought[0].look.sample
    if raw is None:
        return None
    known = mapping.remembered(store.state_store(), raw.headings)
    proposed = {p.field: p for p in mapping.propose(raw)}
    earlier: Mapping[str, str] = known.get("mapping", {})  # type: ignore[assignment]
    key = ".".join(one.key for one in brought)
    settled = {*earlier, *known.get("left", ())}  # type: ignore[misc]  # what was left out is decided as well
    doubtful = [p for p in proposed.values() if not p.sure and p.field not in settled]
    missing = [f.name for f in FIELDS if f.required and f.name not in proposed and f.name not in earlier]
    agreed = st.session_state.get(AGREED) == key
    named = earlier.get("account_id") or (proposed["account_id"].heading if "account_id" in proposed else "")
    several = bool(named) and (st.session_state.get(SEVERAL) == key or grouping.seems(raw, named))
    ask = bool(doubtful or missing or several or len(brought) > 1) and not agreed
    with st.expander("What feeds what", icon=":material/conversion_path:", expanded=ask):
        if earlier:
            st.caption("Filled in as it was decided the last time for these headings.")
        fed = _fields(raw, proposed, earlier, key)
        _preview(raw, fed)
        own = _own(brought[0], fed.get("account_id", ""), told=st.session_state.get(SEVERAL) == key)
        joins = (*own, *_joins(brought, fed))
    st.session_state[LEFT] = [name for name in proposed if not fed.get(name)]
    if ask:
        _go_on(fed, joins, key)
        return None
    formats: Mapping[str, str] = known.get("formats", {})  # type: ignore[assignment]
    merges: Mapping[str, Mapping[str, str]] = known.get("merges", {})  # type: ignore[assignment]
    return Recipe(mapping=fed, parts=joins, formats=formats, merges=merges, grouped=fed["account_id"] if own else "")


def _go_on(fed: Mapping[str, str], joins: Sequence[tuple[int, Part]], key: str) -> None:
    """Offer to read the files, once everything is named that they cannot be read without."""
    wanted = [name for name in ("account_id", "name") if not fed.get(name)]
    if wanted:
        needed = "them" if len(wanted) > 1 else "it"
        st.info(f"Choose what feeds {' and '.join(wanted)}; every account needs {needed}.", icon=":material/help:")
    lacks = any(part.use in joining.SUMS and not part.amount for _, part in joins)
    if lacks:
        st.info("Choose the column of the amounts that are summed.", icon=":material/help:")
    st.button(
        "Read the files", type="primary", on_click=_agree, args=(key,), disabled=bool(wanted) or lacks,
    )  # fmt: skip


def _agree(key: str) -> None:
    st.session_state[AGREED] = key


def sum_rows(key: str) -> None:
    """Take the rows of a file as payments or deals, and ask how they are summed."""
    st.session_state[SEVERAL] = key
    st.session_state.pop(AGREED, None)


def _fields(raw: Raw, proposed: Mapping[str, Proposal], earlier: Mapping[str, str], key: str) -> dict[str, str]:
    """Let every field that something could feed be seen and changed, and the others be added."""
    headings = [heading for heading in raw.headings if heading]
    first = [f.name for f in FIELDS if f.required or f.name in proposed or earlier.get(f.name)]
    more = st.multiselect(
        "Further fields", [f.name for f in FIELDS if f.name not in first], key=f"data.more.{key}",
        placeholder="None", help="Fields of the contract that no heading seems to feed.",
    )  # fmt: skip
    fed = {}
    with st.grid("auto", min_column_width=260, gap="small"):
        for name in (*first, *more):
            found = proposed.get(name)
            with st.container():
                fed[name] = _field(name, found, headings, earlier.get(name), key)
    unnamed = {normalise(heading) for heading in headings}
    return {name: heading for name, heading in fed.items() if heading or name in unnamed}


def _field(name: str, found: Proposal | None, headings: Sequence[str], earlier: str | None, key: str) -> str:
    options = [NONE, *headings]
    # What is doubtful about money or ids is never filled in: a wrong column there looks right.
    money = BY_NAME[name].kind.value == "money" or name in {"account_id", "parent_id"}
    apply_ = found is not None and (found.sure or (not money and found.confidence >= mapping.LIKELY))
    start = earlier if earlier is not None else found.heading if found is not None and apply_ else ""
    place = options.index(start) if start in options else 0
    meant = f"{BY_NAME[name].meaning}; {WANTED[BY_NAME[name].kind]}"
    chosen_ = st.selectbox(
        parts.text(name), options, index=place, key=f"data.field.{name}.{key}", help=parts.text(meant),
    )  # fmt: skip
    if earlier is None and found is not None and not found.sure:
        st.caption(parts.text(f"“{found.heading}”? {found.reason} ({found.confidence:.0%})"))
    return "" if chosen_ in (None, NONE) else str(chosen_)


def _preview(raw: Raw, fed: Mapping[str, str]) -> None:
    feeds = {heading: name for name, heading in fed.items() if heading}
    cells = raw.cells.slice(0, PICKED).to_pydict()
    shown = {
        f"{heading} → {feeds[heading]}" if heading in feeds else heading: [str(c or "") for c in cells[f"c{i}"]]
        for i, heading in enumerate(raw.headings) if heading
    }  # fmt: skip
    st.dataframe(pd.DataFrame(shown), hide_index=True, key="data.sample")


def _own(one: Brought, key: str, *, told: bool) -> tuple[tuple[int, Part], ...]:
    """Ask what a row is where an account stands in several, and how its payments or deals are summed.

    `told`: the reader has said that they are, where the first rows of a large file do not show it.
    """
    raw = one.look.sample
    if raw is None or not key or not (told or grouping.share(raw, key) < 1.0):
        return ()
    proposed = joining.propose_sums(raw, key)
    label = parts.text(f"“{key}” stands in several rows. One row of {one.name} is")
    start = 0 if told or grouping.seems(raw, key) else 1
    asked = f"data.rows.{one.key}.{key}.{told}"  # what was chosen before it was told does not stand
    what = st.radio(label, list(ROWS), index=start, format_func=ROWS.__getitem__, key=asked)
    if what != "amounts":
        return ()
    found = proposed or [(Part(use="amounts", key=key, to=key), "")]
    return tuple((0, _join(part, why, raw, raw, f"{one.key}.own.{m}")) for m, (part, why) in enumerate(found))


def _joins(brought: Sequence[Brought], fed: Mapping[str, str]) -> tuple[tuple[int, Part], ...]:
    """Show how every further table joins the accounts; all of it can be changed."""
    accounts = brought[0].look.sample
    made: list[tuple[int, Part]] = []
    for n, one in enumerate(brought[1:], 1):
        table = one.look.sample
        if accounts is None or table is None:
            continue
        found = joining.propose(accounts, one.name, table, {k: v for k, v in fed.items() if v})
        st.markdown(f"**{parts.text(one.name)}**")
        if not found:
            st.caption("No column of it names the accounts. Say how it joins, or leave it out.")
            found = [(Part(use="skip"), "")]
        for m, (part, reason) in enumerate(found):
            made.append((n, _join(part, reason, accounts, table, f"{one.key}.{m}")))
    return tuple(made)


def _join(part: Part, reason: str, accounts: Raw, table: Raw, key: str) -> Part:
    st.caption(parts.text(reason))
    picked: dict[str, object] = {}
    own = accounts is table
    uses = [use for use in USES if use in joining.SUMS or not own]
    with st.grid("auto", min_column_width=170, gap="small"):
        use = st.selectbox(
            "Use", uses, index=uses.index(part.use), format_func=USES.__getitem__, key=f"data.join.use.{key}"
        )
        asked = ["key", "to"] if use != "skip" and not own else []
        asked += ["amount", "day"] if use in {"amounts", "contracts"} else []
        asked += ["end"] if use == "contracts" else []
        asked += ["only"] if use == "amounts" else []
        for name in asked:
            picked[name] = _column(name, part, accounts if name == "to" else table, key)
        if picked.get("only"):
            i = table.headings.index(str(picked["only"]))
            words = [word for word in map(str, table.cells[f"c{i}"].unique().to_pylist()) if word][:200]
            start = [word for word in part.model_dump()["values"] if word in words]
            chosen_ = st.multiselect("Rows that say", words, default=start, key=f"data.join.values.{key}.{i}")
            picked["values"] = tuple(chosen_)
        if use in {"amounts", "contracts"}:
            fields = ["annual_revenue", "pipeline", "revenue_potential", "revenue_target"]
            picked["into"] = st.selectbox("Becomes", fields, index=fields.index(part.into), key=f"data.join.into.{key}")
    return part.with_(use=use, **picked) if use != "skip" else Part(use="skip")


JOIN_LABELS = {
    "key": "Its column with the account", "to": "The accounts' column", "amount": "Amount", "day": "Day, or start",
    "end": "End", "only": "Only rows where",
}  # fmt: skip


def _column(name: str, part: Part, raw: Raw, key: str) -> str:
    options = [NONE, *(heading for heading in raw.headings if heading)]
    start = getattr(part, name)
    place = options.index(start) if start in options else 0
    found = st.selectbox(JOIN_LABELS[name], options, index=place, key=f"data.join.{name}.{key}")
    return "" if found in (None, NONE) else str(found)
