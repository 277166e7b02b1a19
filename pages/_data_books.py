"""Books on the Data page: listed with source, time, counts and hash; renamed, deleted with undo, refreshed, rated."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core import wording
from core.accounts import books, catalogue, mapping, snapshot
from core.accounts.checking import FINDINGS, Checked
from core.accounts.contract import BY_NAME, Kind
from core.decisions import refreshing
from core.errors import BadFile
from core.workspace.folder import Workspace
from core.workspace.state import Stamp
from pages import _data_files as files
from pages import _data_mapping as columns
from pages import _parts as parts
from pages import _state as state
from pages import _store as store

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.accounts.building import Built
    from core.accounts.catalogue import Entry
    from core.accounts.recipe import Recipe

AUTHOR, DELETED, SAID = "scenario.author", "data.deleted", "data.said"
MOST_RATED = 2_000


def stamp() -> Stamp:
    """Say who writes now. The wall clock is read here and nowhere below."""
    return Stamp(dt.datetime.now(dt.UTC), author=st.session_state.get(AUTHOR, ""))


def tried(work: Callable[[], object]) -> bool:
    """Do something from a callback, and tell whether it was done; what goes wrong is said with the next run."""
    try:
        work()
    except ValueError as error:
        st.session_state[SAID] = str(error)
        return False
    return True


def said() -> None:
    """Say what went wrong in the last callback, and offer to take a deletion back."""
    if SAID in st.session_state:
        st.error(parts.text(st.session_state.pop(SAID)), icon=":material/error:")
    gone = st.session_state.get(DELETED)
    if gone:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.info(parts.text(f"“{gone[1]}” is deleted."), icon=":material/delete:")
            st.button("Take it back", on_click=_restore, args=(gone[0],))


def entries() -> list[Entry]:
    """List the books of the workspace, those that were deleted too."""
    return catalogue.entries(Workspace.here(), store.state_store())


def shelf() -> None:
    """List the books, and let each be renamed or deleted."""
    listed = [entry for entry in entries() if not entry.deleted]
    if not listed:
        return
    st.subheader("Books", anchor=False)
    rows = [
        {
            "Name": entry.name,
            "Source": entry.about.source,
            "Accounts": entry.about.accounts,
            "Set aside": entry.about.rows_set_aside,
            "Made": entry.time.strftime("%Y-%m-%d %H:%M") if entry.time else "n/a",
            "History": "yes" if entry.about.history else "no",
            "SHA-256": entry.digest[:12],
        }
        for entry in listed
    ]
    look = {name: st.column_config.NumberColumn(format="%,.0f") for name in ("Accounts", "Set aside")}
    st.dataframe(pd.DataFrame(rows), hide_index=True, key="data.shelf", column_config=look)
    on_screen = next((entry for entry in listed if entry.digest == st.session_state[state.BOOK]), None)
    if on_screen is None:
        return
    with st.expander(f"Change “{parts.text(on_screen.name)}”", icon=":material/edit:"):
        name = st.text_input("New name", value=on_screen.name, max_chars=80, key=f"data.rename.{on_screen.digest}")
        with st.container(horizontal=True):
            st.button("Rename", on_click=_rename, args=(on_screen.digest, name), disabled=name == on_screen.name)
            st.button("Delete this book", on_click=_delete, args=(on_screen.digest, on_screen.name))
        _ratings(on_screen)


def _rename(digest: str, name: str) -> None:
    tried(lambda: catalogue.rename(store.state_store(), digest, name, stamp()))


def _delete(digest: str, name: str) -> None:
    if tried(lambda: catalogue.note(store.state_store(), digest, stamp(), deleted=True)):
        st.session_state[DELETED] = (digest, name)
        st.session_state[state.BOOK] = store.DEMO


def _restore(digest: str) -> None:
    if tried(lambda: catalogue.note(store.state_store(), digest, stamp(), deleted=False)):
        st.session_state.pop(DELETED, None)
        st.session_state[state.BOOK] = digest


# Ratings by hand -----------------------------------------------------------------------------------------------------


def _ratings(entry: Entry) -> None:
    """Let one criterion be rated by hand; the ratings stand apart from the file and outlive its refreshes."""
    line = catalogue.lineage(entries(), entry.digest)
    held = catalogue.ratings(store.state_store(), line)
    criteria = [c.column for c in state.ground().criteria if c.kind == "points"]
    own = [c.heading for c in entry.about.columns if c.name not in BY_NAME and c.kind is Kind.NUMBER]
    fresh = "A new criterion"
    heading = st.selectbox(
        "Rate by hand", [*dict.fromkeys((*criteria, *held, *own)), fresh], index=None,
        placeholder="Choose a criterion", key="data.rated",
    )  # fmt: skip
    if heading == fresh:
        heading = st.text_input("Its name", max_chars=60, key="data.rated.new").strip() or None
    if not heading:
        return
    kept = held.get(heading, {})
    table = snapshot.read(Workspace.here().books / f"{entry.digest}.parquet").slice(0, MOST_RATED)
    grid = pd.DataFrame({"account_id": table["account_id"].to_pylist(), "name": table["name"].to_pylist()})
    grid["points"] = pd.Series([kept.get(ident) for ident in grid["account_id"]], dtype="float64")
    points = st.column_config.NumberColumn("Points, 0 to 10", min_value=0.0, max_value=10.0, step=0.1)
    made = st.data_editor(
        grid, hide_index=True, disabled=["account_id", "name"], column_config={"points": points},
        key=f"data.grid.{entry.digest}.{heading}", height=320,
    )  # fmt: skip
    by = {i: None if pd.isna(p) else float(p) for i, p in zip(made["account_id"], made["points"], strict=True)}
    changed = {ident: value for ident, value in by.items() if kept.get(ident) != value}
    st.button("Keep the ratings", disabled=not changed, on_click=_rate, args=(entry, line, heading, changed))


def _rate(entry: Entry, line: str, heading: str, by: dict[str, float | None]) -> None:
    def work() -> None:
        catalogue.ratable(heading, entry.about.columns)
        held = catalogue.ratings(store.state_store(), line)
        catalogue.rate(store.state_store(), line, heading, by, stamp())
        file = Workspace.here().books / f"{entry.digest}.parquet"
        checked = refreshing.reopened(snapshot.read(file), entry.about, FINDINGS.empty_table())
        checked = catalogue.rated(checked, catalogue.ratings(store.state_store(), line), held)
        _keep(checked, entry.name, entry.about.source, entry.about.history, entry.digest)

    tried(work)


def _keep(checked: Checked, name: str, source: str, history: str, before: str) -> None:
    kept = books.keep_again(Workspace.here(), checked, name=name, source=source, history=history)
    if kept.stem != before:
        catalogue.note(store.state_store(), kept.stem, stamp(), name=name, before=before, deleted=False)
    st.session_state[state.BOOK] = kept.stem


# A new book ----------------------------------------------------------------------------------------------------------


def take(
    built: Built, reading: str, recipe: Recipe, headings: tuple[str, ...], stem: str, source: str, key: str
) -> None:
    """Ask for the book's name, or the book that it refreshes, show what a refresh changes, and use it."""
    living = {entry.digest: entry for entry in entries() if not entry.deleted}
    name = st.text_input("Name of the book", value=stem, key=f"data.name.{key}", max_chars=80) or stem
    before = ""
    if living:
        options, names = ["", *living], store.books()
        before = st.selectbox(
            "Refreshes", options, key=f"data.before.{key}", index=0,
            format_func=lambda d: names[d] if d else "nothing: it is a new book",
        ) or ""  # fmt: skip
    if before:
        name = living[before].name
        _difference(living[before], built)
    use = partial(_use, reading, recipe, headings, name, source, before)
    st.button("Use this book", type="primary", on_click=use)


def _difference(entry: Entry, built: Built) -> None:
    table = snapshot.read(Workspace.here().books / f"{entry.digest}.parquet")
    old = refreshing.reopened(table, entry.about, FINDINGS.empty_table())
    line = catalogue.lineage(entries(), entry.digest)
    new = catalogue.rated(built.accounts, catalogue.ratings(store.state_store(), line))
    found = catalogue.difference(old, new)
    moved = refreshing.moved(old, new, state.ground())
    said_ = (
        f"{wording.accounts(len(found.added))} added, {len(found.removed):,} removed, {len(found.changed):,} changed; "
        f"{wording.plural(len(moved), 'tier')} moved because of data."
    )
    st.info(parts.text(said_), icon=":material/difference:")
    rows = refreshing.table(found, moved)
    if rows.num_rows:
        st.dataframe(rows.slice(0, 500).to_pandas(), hide_index=True, key="data.difference")
        parts.downloads("difference", lambda: rows)


def _use(reading: str, recipe: Recipe, headings: tuple[str, ...], name: str, source: str, before: str) -> None:
    def work() -> None:
        built = files.made(reading)  # a button that held it would keep it in memory while the book is opened
        if built is None:
            what = "the files are being read again, with what was just changed"
            raise BadFile(what, where=source, way_out="Use the book when they have been read")
        checked = built.accounts
        if before:
            line = catalogue.lineage(entries(), before)
            checked = catalogue.rated(checked, catalogue.ratings(store.state_store(), line))
        kept = books.keep(Workspace.here(), checked, name=name, source=source, history=built.history)
        changes = {"before": before} if before and before != kept.stem else {}
        catalogue.note(store.state_store(), kept.stem, stamp(), name=name, deleted=False, **changes)
        decided = recipe.model_dump(include={"mapping", "formats", "merges"})
        decided["left"] = st.session_state.get(columns.LEFT, [])
        mapping.remember(store.state_store(), headings, decided, stamp())
        st.session_state[state.BOOK] = kept.stem
        files.next_round()  # the uploads go from memory with their widget

    tried(work)
