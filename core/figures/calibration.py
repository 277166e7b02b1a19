"""Calibration: what was expected of accounts, against what became of them.

In: the points of a reliability curve.  Out: a Plotly figure. Nothing is added up or left out here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core import wording
from core.figures import theme

if TYPE_CHECKING:
    import pandas as pd

NOTHING = "No probabilities were judged."


def reliability(table: pd.DataFrame, *, dark: bool = False) -> Any:
    """Expected against observed share of lost accounts; columns forecast, observed, low, high (fractions), accounts.

    On the diagonal a probability is right; the whiskers are the interval of the observed share.
    """
    if not len(table):
        return theme.empty(NOTHING, dark=dark)
    rows = theme.records(table, "forecast", "observed", "low", "high", "accounts")
    title = _title(rows)
    words = "; ".join(f"expected {wording.share(f)}, lost {wording.share(o)} of {n:,}" for f, o, _, _, n in rows)
    frame = theme.figure(title, f"{title}. {words}.", height=300, dark=dark)
    colours = theme.palette(dark=dark)
    line = {"color": colours.before, "width": 1, "dash": "dot"}
    end = min(1.0, 1.1 * max([0.1, *(max(row[0], row[3]) for row in rows)]))
    frame.add_shape(type="line", x0=0, y0=0, x1=end, y1=end, line=line, layer="below")
    theme.note(frame, "as expected", x=end, y=end, xanchor="right", yanchor="bottom", font={"color": colours.muted})
    frame.add_scatter(
        x=[row[0] for row in rows],
        y=[row[1] for row in rows],
        error_y={
            "type": "data", "symmetric": False, "color": colours.muted, "thickness": 1.2, "width": 4,
            "array": [row[3] - row[1] for row in rows], "arrayminus": [row[1] - row[2] for row in rows],
        },
        hovertext=[
            f"expected {wording.share(f)}<br>lost {wording.share(o)} ({wording.share(lo)} to {wording.share(hi)})"
            f"<br>{wording.accounts(n)}"
            for f, o, lo, hi, n in rows
        ],
        hoverinfo="text",
        mode="markers",
        marker={"size": 11, "color": colours.strong.fill, "line": {"color": colours.strong.edge, "width": 1}},
    )  # fmt: skip
    frame.update_xaxes(range=[0, end], title_text="expected share lost", tickformat=".0%", showgrid=False)
    frame.update_yaxes(range=[0, end], title_text="observed share lost", tickformat=".0%", showgrid=True)
    return frame


def _title(rows: list[tuple[Any, ...]]) -> str:
    off = [row for row in rows if not row[2] <= row[0] <= row[3]]
    if not off:
        return "Every probability lies within the interval of what was lost"
    worst = max(off, key=lambda row: abs(row[0] - row[1]) * row[4])
    return f"Expected {wording.share(worst[0])} of {wording.accounts(worst[4])}, lost {wording.share(worst[1])}"
