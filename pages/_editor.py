"""The model editor: criteria, tiers, gates and the coverage floor, typed into forms.

The forms are built from the model as it is shown. With every run they are read and made into a model; a good one is
taken at once, of a bad one every fault is said and the last good one stays. A table keeps the rows that it was mounted
with while it is typed into, so that nothing jumps; undoing mounts every form anew.
"""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from core.accounts import books
from core.accounts.contract import NUMERIC
from core.errors import BadModel, TierwiseError
from core.measures import holdings
from core.model import toml
from pages import _forms as forms
from pages import _parts as parts
from pages import _state as state

if TYPE_CHECKING:
    from collections.abc import Callable

    from pages._forms import Raw

EPOCH, FAULTS = "editor.epoch", "editor.faults"
POINTS = st.column_config.NumberColumn(format="%.10g", help="0 to 10, in steps of 0.1.")
TEXT = {
    "from": "Lowest value of the band, inclusive. Empty in the first band: everything below the second.",
    "floor": "An account of which less of the weight is known than this is unrated: listed and counted, in no tier.",
    "column": "Where the values come from, among the columns of this book.",
    "otherwise": "What a value earns that is not listed. Empty: it counts as missing.",
}


def show() -> None:
    """Show the forms, and take what was typed into them."""
    buttons, said = st.container(horizontal=True), st.container()
    faults = st.session_state.setdefault(FAULTS, [])
    criteria, tiers, gates = st.tabs(["Criteria", "Tiers and missing values", "Gates"])
    with criteria:
        _criteria(faults)
    with tiers:
        _tiers(faults)
    with gates:
        _gates(faults)
    for fault in faults:
        said.error(parts.text(fault), icon=":material/error:")
    st.session_state[FAULTS] = []
    with buttons:
        _buttons(faulty=bool(faults))


def _key(part: str) -> str:
    return f"editor.{state.edition()}.{st.session_state.get(EPOCH, 0)}.{part}"


def _take(raw: Raw, faults: list[str]) -> None:
    """Take a model as it was typed; where it is none, say what is wrong with it and keep the one there is."""
    try:
        state.edit(toml.build(raw))
    except BadModel as error:
        faults += [str(fault) for fault in error.faults]
    except TierwiseError as error:
        faults.append(str(error))


def _buttons(*, faulty: bool) -> None:
    history = state.edits()
    back = faulty or bool(history and history.past)
    st.button(
        "Undo edit",
        icon=":material/undo:",
        disabled=not back,
        on_click=_go,
        args=("undo",),
        kwargs={"only_forms": faulty},
    )
    again = bool(history and history.future)
    st.button("Redo edit", icon=":material/redo:", disabled=not again, on_click=_go, args=("redo",))
    st.button("Discard all edits", disabled=not (faulty or state.edited()), on_click=_go, args=("discard",))


def _go(where: str, *, only_forms: bool = False) -> None:
    """Go through the history of edits. What was typed and not taken, since it is faulty, is the first to be undone."""
    st.session_state[EPOCH] = st.session_state.get(EPOCH, 0) + 1
    history = state.edits()
    if history is not None and not only_forms:
        steps = {"undo": history.undo, "redo": history.redo, "discard": lambda: history.then(state.baseline())}
        state.take_edits(steps[where]())


def _grid(
    part: str, rows: list[Raw], columns: dict[str, str], config: dict[str, Any]
) -> tuple[pd.DataFrame, list[Raw]]:
    """Show rows as a table to be typed into; give what it now holds, and the rows that it was mounted with."""
    # With other choices in its columns it is another table to Streamlit, and comes without what was typed into it.
    key = _key(f"{zlib.crc32(json.dumps(config, sort_keys=True).encode())}.{part}")
    if key not in st.session_state:  # not on screen until now
        st.session_state[f"{key}.rows"] = rows
    mounted: list[Raw] = st.session_state[f"{key}.rows"]
    named = {columns[name]: column for name, column in config.items()}
    shown = forms.table(mounted, columns)
    return st.data_editor(
        shown, key=key, num_rows="dynamic", hide_index=True, column_config=named, placeholder=""
    ), mounted


# Criteria ------------------------------------------------------------------------------------------------------------


def _criteria(faults: list[str]) -> None:
    raw = forms.raw(state.shown())
    names = {criterion["id"]: criterion["name"] for criterion in raw["criteria"]}
    key = _key("which")
    if st.session_state.get(key) not in names:
        st.session_state.pop(key, None)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        which = st.selectbox("Criterion", list(names), format_func=names.__getitem__, key=key)
        _add()
        st.button("Remove", icon=":material/delete:", disabled=len(names) < 2, on_click=_remove, args=(which,))
    place = list(names).index(which)
    raw["criteria"][place] = _criterion(raw["criteria"][place])
    _take(raw, faults)
    _held(place)


def _criterion(made: Raw) -> Raw:
    """Show the forms of one criterion, and give it as it was typed."""
    read, part = dict(made), made["id"]
    left, right = st.columns(2)
    with left:
        read["name"] = st.text_input("Name", made["name"], key=_key(f"{part}.name"))
        read["column"] = _column(made["column"], f"{part}.column")
    with right:
        read["group"] = st.text_input("Group", made["group"], key=_key(f"{part}.group"))
        read["unit"] = st.text_input("Unit", made["unit"], key=_key(f"{part}.unit"))
    read["description"] = st.text_input("Description", made["description"], key=_key(f"{part}.description"))
    return _KINDS[made["kind"]](read, part)


def _column(now: str, part: str) -> str:
    book = state.book()
    heading = forms.headings(book, state.shown()).get(now, now)
    options = [column.heading for column in book.columns]
    options += [] if heading in options else [heading]
    chosen = st.selectbox("Column", options, options.index(heading), key=_key(part), help=TEXT["column"])
    return now if chosen == heading else forms.stored(book, chosen)


def _bands(read: Raw, part: str) -> Raw:
    edge = st.column_config.NumberColumn(format="%.10g", help=TEXT["from"])
    found, _ = _grid(f"{part}.bands", read["bands"], forms.BANDS, {"from": edge, "points": POINTS})
    return {**read, "bands": forms.bands(found)}


def _categories(read: Raw, part: str) -> Raw:
    book = state.book()
    try:
        known = book.codes.get(book.column(read["column"]).name, ())
    except TierwiseError:
        known = ()
    options = list(dict.fromkeys([*known, *(value for row in read["categories"] for value in row["values"])]))
    values = st.column_config.MultiselectColumn(options=options, accept_new_options=True, width="large")
    found, _ = _grid(f"{part}.categories", read["categories"], forms.CATEGORIES, {"values": values, "points": POINTS})
    number = st.number_input(
        "Points for anything else", value=read.get("otherwise"), step=0.5, key=_key(f"{part}.otherwise"),
        help=TEXT["otherwise"],
    )  # fmt: skip
    rest = {key: value for key, value in read.items() if key != "otherwise"}
    listed = [row for _, row in forms.rows(found, forms.CATEGORIES)]
    return rest | {"categories": listed} | ({} if number is None else {"otherwise": number})


def _linear(read: Raw, part: str) -> Raw:
    read = dict(read)
    for column, (end, label) in zip(
        st.columns(2), (("zero_at", "0 points at"), ("ten_at", "10 points at")), strict=True
    ):
        number = column.number_input(label, value=float(read[end]), key=_key(f"{part}.{end}"), format="%.10g")
        read[end] = number
    return read


def _points(read: Raw, _part: str) -> Raw:
    st.caption("The column holds points, 0 to 10; anything outside counts as missing.")
    return read


_KINDS: dict[str, Callable[[Raw, str], Raw]] = {
    "bands": _bands, "categories": _categories, "linear": _linear, "points": _points,
}  # fmt: skip


def _held(place: int) -> None:
    """Show what the bands of a criterion hold of this book, under the last good model."""
    found = holdings.holdings(state.portfolio().cube, state.ground(), place)
    everyone = sum(row.accounts for row in found) or 1
    currency = state.book().currency
    table = pd.DataFrame(
        {
            "Band": [row.label for row in found],
            "Points": [row.points for row in found],
            "Accounts": [row.accounts for row in found],
            "Share": [100 * row.accounts / everyone for row in found],
            f"Revenue ({currency})": [row.revenue / 100 for row in found],
        }
    )
    look = {
        "Points": st.column_config.NumberColumn(format="%.1f"),
        "Accounts": st.column_config.NumberColumn(format="%,.0f"),
        "Share": st.column_config.ProgressColumn(format="%.1f %%", min_value=0, max_value=100),
        f"Revenue ({currency})": st.column_config.NumberColumn(format="compact"),
    }
    st.caption("What each band holds of this book")
    st.dataframe(table, hide_index=True, column_config=look, key=_key(f"held.{place}"), placeholder="–")


def _add() -> None:
    with st.popover("Add", icon=":material/add:"):
        st.text_input("Name", key=_key("new.name"))
        st.selectbox("Column", [column.heading for column in state.book().columns], key=_key("new.column"))
        st.selectbox(
            "How it earns points", list(forms.KINDS), format_func=forms.KINDS.__getitem__, key=_key("new.kind")
        )
        st.button("Add criterion", type="primary", on_click=_added)


def _added() -> None:
    name, heading, kind = (st.session_state[_key(f"new.{part}")] for part in ("name", "column", "kind"))
    book, raw = state.book(), forms.raw(state.shown())
    column = book.column(heading)
    quartiles = books.quartiles(book, column.name) if column.kind in NUMERIC else ()
    made = forms.new_criterion(name, heading, kind, book, quartiles)
    made["id"] = forms.free(name, [criterion["id"] for criterion in raw["criteria"]])
    raw["criteria"].append(made)
    faults = st.session_state.setdefault(FAULTS, [])
    _take(raw, faults)
    if not faults:
        st.session_state[_key("which")] = made["id"]


def _remove(which: str) -> None:
    raw = forms.raw(state.shown())
    raw["criteria"] = [criterion for criterion in raw["criteria"] if criterion["id"] != which]
    _take(raw, st.session_state.setdefault(FAULTS, []))


# Tiers, gates, missing values ----------------------------------------------------------------------------------------


def _tiers(faults: list[str]) -> None:
    raw = forms.raw(state.shown())
    score = st.column_config.NumberColumn(format="%.10g", help="The lowest score of the tier; the last tier needs 0.")
    owner = st.column_config.NumberColumn(format="%d", help="How many accounts one owner can serve as promised.")
    wide = st.column_config.TextColumn(width="medium")
    config = {"cut_off": score, "service_level": wide, "accounts_per_owner": owner}
    found, mounted = _grid("tiers", raw["tiers"], forms.TIERS, config)
    read = forms.tiers(found, mounted)
    if len(read) == len(raw["tiers"]):  # a gate follows the name of its tier
        renamed = {old["name"]: new.get("name") for old, new in zip(raw["tiers"], read, strict=True)}
        raw["gates"] = [{**gate, "best_tier": renamed.get(gate["best_tier"]) or ""} for gate in raw["gates"]]
    raw["tiers"] = read
    percent = round(100 * raw["coverage_floor"], 6)
    typed = st.number_input("Coverage floor (%)", 0.0, 100.0, percent, step=5.0, key=_key("floor"), help=TEXT["floor"])
    raw["coverage_floor"] = raw["coverage_floor"] if typed == percent else typed / 100
    _take(raw, faults)


def _gates(faults: list[str]) -> None:
    model, book = state.shown(), state.book()
    raw = forms.raw(model)
    st.caption("An account that fails a gate is in no tier better than the one named, whatever its score.")
    columns = [column.heading for column in book.columns]
    columns += [name for name in forms.headings(book, model).values() if name not in columns]
    choose = st.column_config.SelectboxColumn
    config = {
        "column": choose(options=columns),
        "test": choose(options=list(forms.TESTS.values())),
        "value": st.column_config.TextColumn(help="A number, or texts separated by commas or semicolons."),
        "best_tier": choose(options=list(model.tier_names)),
        "missing_fails": st.column_config.CheckboxColumn(help="Whether an account without a value fails the gate."),
    }
    found, mounted = _grid("gates", forms.gate_rows(model, forms.headings(book, model)), forms.GATES, config)
    raw["gates"] = forms.gates(found, mounted, book)
    _take(raw, faults)
