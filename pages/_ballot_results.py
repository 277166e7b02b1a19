"""What a participant sees beside the form: the criteria in words, their own ballot, and after the reveal the room's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core import wording
from core.decisions.elicitation import group, swings
from core.decisions.workshop import sessions
from core.model.numbers import FULL_WEIGHT
from pages import _parts as parts
from pages import _store as store

if TYPE_CHECKING:
    import datetime as dt

    from core.decisions.workshop.sessions import Ballot, Seat, Workshop


def criteria(found: Workshop) -> None:
    """List the criteria with their bands: what an account can be, and what that earns."""
    st.subheader("The criteria", anchor=False)
    for criterion in found.model.criteria:
        swing = swings.of(criterion)
        levels = " · ".join(f"{label} {points:g}" for label, points in swing.levels)
        st.markdown(f"**{parts.text(swing.name)}**  \n{parts.text(criterion.description or swing.words)}")
        st.caption(parts.text(f"Points: {levels}"))


def standing(found: Workshop, given: Ballot | None, now: dt.datetime) -> None:
    """Say in one line which ballot is kept, and how much time is left."""
    said = [f"Ballot of {given.time:%H:%M:%S} UTC kept"] if given else []
    if found.ends and found.open_for_ballots(now):
        seconds = max(0, round((found.ends - now).total_seconds()))
        said.append(f"{seconds // 60}:{seconds % 60:02} left in this round")
    if said:
        st.caption(" · ".join(said))


def own(found: Workshop, given: Ballot) -> None:
    """Show the weights that one's own ballot comes to, with what is to be said of the answers."""
    st.subheader("Your weights", anchor=False)
    for note in given.notes:
        st.caption(parts.text(note))
    _table(found, {"You": given.weights})


def outcome(found: Workshop, seat: Seat) -> None:
    """Show the room's weights of the last revealed round beside one's own, and what was decided."""
    if found.phase == sessions.DECIDED:
        st.success(parts.text(f"Decided: “{found.decision['name']}”."), icon=":material/check:")
        columns = {"Decided": tuple(found.decision["weights"])}
    else:
        st.info("Look at the big screen: this is what the room said.", icon=":material/groups:")
        columns = {}
    number = found.revealed[-1]
    said = [ballot.weights for ballot in sessions.ballots(store.state_store(), found.id, number)]
    given = sessions.own(store.state_store(), found.id, number, seat.id)
    columns |= {"You": given.weights} if given else {}
    columns |= {"The room": group.combine(said, group.way_for(found.method))} if said else {}
    _table(found, columns)


def _table(found: Workshop, columns: dict[str, tuple[int, ...]]) -> None:
    """Write weights as a small table of text: a phone draws it at once, and the server hardly notices."""
    rows = [["Criterion", *columns], ["---", *["---:"] * len(columns)]]
    for j, criterion in enumerate(found.model.criteria):
        shares = [wording.share(weights[j] / FULL_WEIGHT) for weights in columns.values()]
        rows.append([parts.text(criterion.name), *shares])
    st.markdown("\n".join(f"| {' | '.join(row)} |" for row in rows))
