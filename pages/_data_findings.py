"""Findings on the Data page: what was read, what is asked, what was set aside and why, what may be merged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from core import wording
from core.accounts import checking, quality
from core.accounts.checking import StandsTwice, Undecided
from core.accounts.values import STYLES
from core.errors import BadAccounts
from pages import _data_files as files
from pages import _data_mapping as mapping
from pages import _parts as parts
from pages import _state as state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.accounts.building import Built
    from core.accounts.columns import Question
    from core.accounts.recipe import Recipe
    from pages._data_files import Brought

ASIDE, TWICE, FORMATS, MERGES, SAME = "data.aside", "data.twice", "data.formats", "data.merges", "data.same"
MOST_SHOWN = 500


def decided(recipe: Recipe, key: str) -> Recipe:
    """Put what was decided of these files in this session into the recipe."""
    held = st.session_state
    return recipe.with_(
        set_aside=held.get(ASIDE) == key,
        twice=held.get(TWICE, {}).get(key, ""),
        formats={**recipe.formats, **held.get(FORMATS, {}).get(key, {})},
        merges={**recipe.merges, **held.get(MERGES, {}).get(key, {})},
        same=held.get(SAME, {}).get(key, {}),
    )


def read(brought: Sequence[Brought], recipe: Recipe, key: str) -> Built | None:
    """Read the files; None where something is asked or refused, which is shown with the way out."""
    try:
        return files.built(brought, recipe)
    except Undecided as error:
        _ask(error.questions, key)
    except StandsTwice as error:
        st.error(parts.text(str(error)), icon=":material/error:")
        with st.container(horizontal=True):
            st.button("Keep the first row of each", on_click=_decide, args=(TWICE, key, "first"))
            st.button("Make them one, and add up amounts", on_click=_decide, args=(TWICE, key, "sum"))
            st.button("They are payments or deals: sum them by day", on_click=mapping.sum_rows, args=(key,))
    except BadAccounts as error:
        _refused(error, key)
    return None


def _decide(name: str, key: str, value: object) -> None:
    st.session_state.setdefault(name, {})[key] = value


def _ask(questions: Sequence[Question], key: str) -> None:
    """Ask how columns that admit two readings are meant."""
    st.info("Some columns can be read in two ways. Say which one is meant.", icon=":material/help:")
    answers = {}
    for n, question in enumerate(questions):
        shown = ", ".join(f"“{example}”" for example in question.examples)
        label = parts.text(f"{question.heading}: {shown}")
        answers[question.heading] = st.radio(
            label,
            question.readings,
            index=None,
            format_func=lambda one: parts.text(STYLES[one]),
            key=f"data.ask.{key}.{n}",
        )
    ready = all(answers.values())
    earlier = st.session_state.get(FORMATS, {}).get(key, {})
    st.button(
        "Read them so",
        type="primary",
        disabled=not ready,
        on_click=_decide,
        args=(FORMATS, key, {**earlier, **answers}),
    )


def _refused(error: BadAccounts, key: str) -> None:
    st.error(parts.text(str(error)), icon=":material/error:")
    if not isinstance(error.findings, pa.Table) or not error.findings.num_rows:
        return
    rows = len(pc.unique(error.findings["row"]))
    found = error.findings.select(["row", "column", "value", "what", "way_out"])
    st.dataframe(found.slice(0, MOST_SHOWN).to_pandas(), hide_index=True)
    with st.container(horizontal=True):
        aside = {ASIDE: key}
        st.button(f"Set {wording.plural(rows, 'row')} aside and go on", on_click=st.session_state.update, args=(aside,))
        parts.downloads("findings", lambda: found)


def show(built: Built, name: str, key: str) -> None:
    """Say what was read, and offer everything that was found."""
    checked = built.accounts
    aside = f", {wording.plural(checked.rows_set_aside, 'row')} set aside" if checked.rows_set_aside else ""
    st.success(parts.text(f"{name}: {wording.accounts(checked.table.num_rows)} read{aside}."), icon=":material/check:")
    _totals(built)
    notes = dict.fromkeys((*checked.notes, *checking.history_notes(built.history, checked)))
    if notes:
        mark = "- " if len(notes) > 1 else ""
        st.warning("\n".join(mark + parts.text(note) for note in notes), icon=":material/info:")
    _criteria(built)
    tabs = st.tabs(["Columns", "Rows", "Raw and read", "Merge"])
    with tabs[0]:
        st.dataframe(quality.columns(checked).to_pandas(), hide_index=True, key="data.columns")
    with tabs[1]:
        _rows(built)
    with tabs[2]:
        _raw_and_read(built)
    with tabs[3]:
        _words(built, key)
        _doubles(built, key)


def _totals(built: Built) -> None:
    """Say what revenue adds up to, and what became of the rows of every further table."""
    said = []
    if built.accounts.table.num_rows and "annual_revenue" in built.accounts.table.column_names:
        total = pc.sum(built.accounts.table["annual_revenue"]).as_py() or 0
        said.append(f"annual_revenue adds to {total:,.2f}")
    parts_ = [part for _, part in built.parts if part.use != "skip"]
    for part, one in zip(parts_, [one for one in built.joined if one.use != "skip"], strict=False):
        what = f" for {part.into}" if part.use in {"amounts", "contracts"} else ""
        until = f", as of {one.as_of}" if one.as_of else ""
        until += ", on which contracts that are open count" if part.use == "contracts" else ""
        said.append(f"{one.name}: {one.used:,} of {wording.plural(one.rows, 'row')} used{what}{until}")
    if said:
        st.caption(parts.text("; ".join(said) + "."))
    if "annual_revenue" not in built.accounts.table.column_names:
        sentence = "Nothing feeds annual_revenue, so nothing can be said of revenue. Choose its column under"
        st.info(f"{sentence} What feeds what, Further fields.", icon=":material/help:")


def _criteria(built: Built) -> None:
    """Say of which criteria of the model on screen the book knows too little."""
    lacking = [one for one in quality.missing(built.accounts, state.ground()) if one.accounts > 0]
    unknown = [one.criterion for one in lacking if one.accounts == 1.0]
    lacking = [one for one in lacking if one.accounts < 1.0]
    if unknown:
        listed = ", ".join(unknown[:-1]) + " and " + unknown[-1] if len(unknown) > 1 else unknown[0]
        others = len(unknown) < len(state.ground().criteria)
        then = "scores rest on the other criteria" if others else "no account can be scored by this model"
        st.markdown(parts.text(f"Nothing is known of {listed}: {then}."))
    said = [
        f"{one.criterion} is missing for {wording.share(one.revenue)} of revenue and "
        f"{wording.share(one.accounts)} of accounts"
        if one.revenue is not None
        else f"{one.criterion} is missing for {wording.share(one.accounts)} of accounts"
        for one in lacking
    ]
    if said:
        st.markdown("\n".join(f"- {parts.text(line)}" for line in said))


def _rows(built: Built) -> None:
    found = built.accounts.findings
    if not found.num_rows:
        st.caption("Nothing to mend.")
        return
    st.caption(f"{wording.plural(found.num_rows, 'finding')}; the row is its number in the file.")
    together = quality.grouped(found)
    if together.num_rows < found.num_rows:
        st.dataframe(together.slice(0, MOST_SHOWN).to_pandas(), hide_index=True, placeholder="", key="data.together")
        st.caption("Row by row:")
    st.dataframe(found.slice(0, MOST_SHOWN).to_pandas(), hide_index=True, key="data.rows")
    parts.downloads("findings", lambda: found)
    aside = built.accounts.aside
    if aside is not None:
        st.caption("The rows that were set aside, as they stood in the file:")
        parts.downloads("set-aside", lambda: aside)


def _raw_and_read(built: Built) -> None:
    """Show the first cells as they stood and as they were read, side by side."""
    raw, checked = built.preview, built.accounts
    rows = raw["row"].to_pylist()
    kept = checked.table.filter(pc.is_in(checked.table["row"], pa.array(rows, pa.int64())))
    by_row = {row: i for i, row in enumerate(kept["row"].to_pylist())}
    shown: dict[str, list[object]] = {"row": rows}
    for column in checked.columns:
        if column.heading not in built.headings:
            continue
        said = raw[f"c{built.headings.index(column.heading)}"].to_pylist()
        values = kept[column.name].to_pylist()
        shown[column.heading] = ["" if cell is None else str(cell) for cell in said]
        read_ = [str(values[by_row[row]]) if row in by_row and values[by_row[row]] is not None else "" for row in rows]
        shown[f"{column.heading}, read as {column.kind.value}"] = list(read_)
    st.dataframe(pd.DataFrame(shown), hide_index=True, key="data.preview")


def _words(built: Built, key: str) -> None:
    if not built.alike:
        st.caption("No category has words that look alike.")
        return
    st.markdown("These words look alike. Choose those that mean the same; the others stay as they are.")
    rows = [(one.heading, one.word, one.rows, one.meant, one.rows_meant, one.why) for one in built.alike]
    headings = ["Column", "Word", "Rows", "Looks like", "Its rows", "Why"]
    st.dataframe(pd.DataFrame(rows, columns=headings), hide_index=True, key="data.alike")
    labels = {
        n: f"{one.heading}: “{one.word}” ({one.rows:,}) → “{one.meant}” ({one.rows_meant:,}), {one.why}"
        for n, one in enumerate(built.alike)
    }
    chosen = st.multiselect("Words to merge", list(labels), format_func=labels.__getitem__, key=f"data.words.{key}")
    merges: dict[str, dict[str, str]] = {h: dict(w) for h, w in st.session_state.get(MERGES, {}).get(key, {}).items()}
    for n in chosen:
        merges.setdefault(built.alike[n].heading, {})[built.alike[n].word] = built.alike[n].meant
    st.button("Merge these words", disabled=not chosen, on_click=_decide, args=(MERGES, key, merges))


def _doubles(built: Built, key: str) -> None:
    if not built.same:
        st.caption("No two accounts look like one.")
        return
    st.markdown("These accounts look like one. Those you choose become one: gaps are filled, amounts added.")
    pairs = [(s.name, s.id, s.kept_name, s.kept_id, s.why) for s in built.same]
    headings = ["Name", "Id", "Looks like", "Its id", "Why"]
    st.dataframe(pd.DataFrame(pairs, columns=headings), hide_index=True, key="data.doubles")
    labels = {n: f"{s.name} ({s.id}) → {s.kept_name} ({s.kept_id}), {s.why}" for n, s in enumerate(built.same)}
    chosen = st.multiselect("Accounts to merge", list(labels), format_func=labels.__getitem__, key=f"data.same.{key}")
    same = {**st.session_state.get(SAME, {}).get(key, {}), **{built.same[n].id: built.same[n].kept_id for n in chosen}}
    st.button("Merge these accounts", disabled=not chosen, on_click=_decide, args=(SAME, key, same))
