"""A ballot's form, one for each way to weigh: made for a thumb on a phone, and for a person's own answers only.

Answers stay in the session while they change, and are handed in with one button. What was handed in before fills the
form when the page is loaded anew.
"""

from __future__ import annotations

import json
import secrets
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.decisions.elicitation import best_worst, direct, methods
from core.decisions.workshop import sessions
from core.errors import TierwiseError
from core.workspace.state import Stamp
from pages import _access as access
from pages import _parts as parts
from pages import _store as store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from streamlit.delta_generator import DeltaGenerator

    from core.decisions.elicitation.swings import Swing
    from core.decisions.workshop.sessions import Ballot, Seat, Workshop

SENT = "ballot.sent"
HOW = {
    "swing": "Think of an account that is at its worst on everything. Which one improvement would you want most? It is "
    "worth 100; say what each other one is worth beside it.",
    "points": "Share out 100 points: more for what matters more.",
    "ranking": "Give each criterion its place; criteria may share one.",
    "best_worst": "Choose what matters most and least, then compare the others with those two.",
    "pairs": "Compare every two criteria: which one matters more, and how many times as much?",
}


def ballot(found: Workshop, seat: Seat, swings: Sequence[Swing], given: Ballot | None) -> bool:
    """Show the form of the session's method, the comments, and the button that hands both in; tell whether it did.

    What only fills the ballot is a form: a moved slider stays on the phone until the button is pressed, so that fifty
    people who move sliders ask the server for nothing. What decides about the form itself stands before it.
    """
    st.markdown(parts.text(HOW[found.method]))
    stem = f"ballot.{found.id}.{found.round}"
    outside, form = st.container(), st.form(f"{stem}.form", border=False)
    answers = _FORMS[found.method](outside, form, stem, swings, given.answers if given else {})
    with form:
        comments = _comments(stem, swings, given.comments if given else {})
        waits = answers is None and found.method != "ranking"
        pressed = st.form_submit_button("Hand in", type="primary", width="stretch", disabled=waits)
    if pressed and answers is None:
        st.error("Some criteria are still without a place.", icon=":material/error:")
    elif pressed:
        _hand_in(found, seat, answers or {}, comments, given)
    elif given:
        st.caption("Your ballot is in. Change it and hand it in again until the round is locked.")
    return pressed


def _hand_in(
    found: Workshop, seat: Seat, answers: Mapping[str, Any], comments: Mapping[str, str], given: Ballot | None
) -> None:
    """Hand in; the same answers pressed twice, or sent again after a lost answer, are one write.

    Unless another tab has handed in something else since: then they are a new one.
    """
    content = _content(found, seat, answers, comments)
    sent, nonce = st.session_state.get(SENT, ("", ""))
    if sent != content or (given and _content(found, seat, given.answers, given.comments) != content):
        nonce = secrets.token_hex(16)
        st.session_state[SENT] = (content, nonce)
    try:
        kept = sessions.hand_in(
            store.state_store(), found.id, found.round, seat.id, answers, Stamp(access.now(), nonce=nonce),
            comments=comments,
        )  # fmt: skip
    except TierwiseError as error:
        st.error(parts.text(str(error)), icon=":material/error:")
    else:
        words = f"Your ballot is kept ({kept.time:%H:%M:%S} UTC). You may change it until the round is locked."
        st.success(parts.text(words), icon=":material/check:")


def _content(found: Workshop, seat: Seat, answers: Mapping[str, Any], comments: Mapping[str, str]) -> str:
    return json.dumps([found.id, found.round, seat.id, dict(answers), dict(comments)], sort_keys=True)


def _comments(stem: str, swings: Sequence[Swing], before: Mapping[str, str]) -> dict[str, str]:
    with st.expander("Comments, if you like", icon=":material/comment:"):
        typed = {
            swing.criterion: st.text_input(
                parts.text(swing.name), before.get(swing.criterion, ""), key=f"{stem}.comment.{swing.criterion}",
                max_chars=sessions.LONGEST_COMMENT,
            )
            for swing in swings
        }  # fmt: skip
    return {key: text for key, text in typed.items() if text}


# One form a method: what stands before it, and what fills it ---------------------------------------------------------

Answers = dict[str, Any]


def _swing(
    outside: DeltaGenerator, form: DeltaGenerator, stem: str, swings: Sequence[Swing], before: Mapping[str, Any]
) -> Answers | None:
    worth = before.get("swing", [])
    first = worth.index(max(worth)) if worth else None
    words = [f"{swing.name}: {swing.words}" for swing in swings]
    top = outside.selectbox(
        "The improvement that matters most", range(len(swings)), index=first, format_func=words.__getitem__,
        key=f"{stem}.top", placeholder="Choose one",
    )  # fmt: skip
    if top is None:
        return None
    outside.caption(parts.text(f"{words[top]} is worth 100. What is each of the others worth beside it?"))
    values = []
    for j, swing in enumerate(swings):
        start = int(worth[j]) if worth else 50
        slide = partial(form.slider, _label(swing), 0, 100, start, 5, key=f"{stem}.swing.{j}")
        values.append(direct.LARGEST_SWING if j == top else slide())
    return {"swing": values}


def _points(
    outside: DeltaGenerator, form: DeltaGenerator, stem: str, swings: Sequence[Swing], before: Mapping[str, Any]
) -> Answers | None:
    given = before.get("points", [])
    values = []
    for j, swing in enumerate(swings):
        start = int(given[j]) if given else 0
        values.append(outside.number_input(_label(swing), 0, 100, start, 5, key=f"{stem}.points.{j}"))
    left = direct.remainder(values)
    fits = abs(left) <= direct.SLACK
    words = "All 100 points are given." if not left else f"{left} points left." if left > 0 else f"{-left} too many."
    if fits and left:
        words += " That is near enough: they are scaled to 100."
    (form.success if fits else form.warning)(words, icon=":material/functions:")
    return {"points": values} if fits else None


def _ranking(
    outside: DeltaGenerator, form: DeltaGenerator, stem: str, swings: Sequence[Swing], before: Mapping[str, Any]
) -> Answers | None:
    given = before.get("places", [])
    outside.caption("1 is the first place.")
    places = [
        form.pills(
            _label(swing), range(1, len(swings) + 1), default=int(given[j]) if given else None, key=f"{stem}.place.{j}"
        )
        for j, swing in enumerate(swings)
    ]
    return None if None in places else {"places": places}


def _best_worst(
    outside: DeltaGenerator, form: DeltaGenerator, stem: str, swings: Sequence[Swing], before: Mapping[str, Any]
) -> Answers | None:
    n, names = len(swings), [f"{swing.name}: {swing.words}" for swing in swings]
    from_best, to_worst = before.get("from_best", [1] * n), before.get("to_worst", [1] * n)
    chosen = best_worst.extremes(from_best, to_worst) if before else (None, None)
    best, worst = (
        outside.selectbox(label, range(n), index=at, format_func=names.__getitem__, key=f"{stem}.{label}",
                          placeholder="Choose one")
        for label, at in zip(("Matters most", "Matters least"), chosen, strict=True)
    )  # fmt: skip
    if best is None or worst is None:
        return None
    if best == worst:
        outside.warning("Choose two different criteria.", icon=":material/error:")
        return None
    again = chosen == (best, worst)

    def times(question: str, key: str, start: float) -> int:
        return int(form.slider(question, 1, best_worst.SCALE, int(start), format="%d×",
                               key=f"{stem}.{best}.{worst}.{key}"))  # fmt: skip

    most, least = parts.text(swings[best].name), parts.text(swings[worst].name)
    outside.caption("1× is “as much”, 9× “nine times as much”.")
    whole = times(f"{most} matters … as much as {least}", "whole", from_best[worst] if again else 5)
    others = [j for j in range(n) if j not in (best, worst)]
    down = {j: times(f"{most} matters … as much as {parts.text(swings[j].name)}", f"best.{j}",
                     from_best[j] if again else 3) for j in others}  # fmt: skip
    up = {j: times(f"{parts.text(swings[j].name)} matters … as much as {least}", f"worst.{j}",
                   to_worst[j] if again else 2) for j in others}  # fmt: skip
    return {
        "from_best": [1 if j == best else whole if j == worst else down[j] for j in range(n)],
        "to_worst": [1 if j == worst else whole if j == best else up[j] for j in range(n)],
    }


def _pairs(
    outside: DeltaGenerator, form: DeltaGenerator, stem: str, swings: Sequence[Swing], before: Mapping[str, Any]
) -> Answers | None:
    steps = [*range(-best_worst.SCALE + 1, 0), *range(best_worst.SCALE)]
    given, values = before.get("pairs", []), []
    outside.caption(parts.text("; ".join(f"{swing.name}: {swing.words}" for swing in swings)))
    for place, (i, j) in enumerate(methods.pairs_of(len(swings))):
        first, second = swings[i].name, swings[j].name
        start = _step(given[place]) if given else 0
        step = form.select_slider(
            parts.text(f"{first} or {second}?"), steps, start, key=f"{stem}.pair.{place}",
            format_func=partial(_preference, first, second),
        )  # fmt: skip
        values.append(float(1 - step) if step < 0 else 1 / (1 + step))
    return {"pairs": values}


def _label(swing: Swing) -> str:
    return f"{parts.text(swing.name)}  \n{parts.text(swing.words)}"


def _preference(first: str, second: str, step: int) -> str:
    return "as much" if not step else f"{first if step < 0 else second} {abs(step) + 1}×"


def _step(ratio: float) -> int:
    return 1 - round(ratio) if ratio >= 1 else round(1 / ratio) - 1


_FORMS: dict[str, Callable[..., Answers | None]] = {
    "swing": _swing,
    "points": _points,
    "ranking": _ranking,
    "best_worst": _best_worst,
    "pairs": _pairs,
}
