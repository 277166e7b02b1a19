"""Figures of losses: what stays, and how probable a loss is; words, marks, names that hold at any size."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.figures import losses, theme
from core.measures import loss_distribution

NBSP = "\u00a0"
LADDER = pd.DataFrame(
    {
        "accounts": [1, 3, 5, 10],
        "left": [60_000_000, 40_000_000, 20_000_000, 1_000_000],
        "share_left": [0.6, 0.4, 0.2, 0.01],
    }
)
RISK = loss_distribution.assess(100_000 * np.array([500, 300, 200, 100, 50]), np.array([0.05, 0.1, 0.25, 0.6, 0.05]))
CURVE = pd.DataFrame({"loss": RISK.curve_losses, "chance": RISK.curve_chances})
MARKS = pd.DataFrame([[q.level, q.value] for q in RISK.quantiles], columns=["level", "value"])


def notes(frame: Any) -> list[str]:
    return [note.text for note in frame.layout.annotations]


def trace(frame: Any, name: str) -> Any:
    return next(found for found in frame.data if found.name == name)


def drawn(**more: Any) -> Any:
    return losses.distribution(CURVE, MARKS, RISK.expected, RISK.deviation, **more)


def test_the_ladder_says_what_stays_of_the_revenue() -> None:
    frame = losses.ladder(LADDER)
    title = f"Without the largest 60.0{NBSP}% of revenue stays, without the top 10 1.0{NBSP}%"
    assert frame.layout.meta["title"] == title
    assert theme.alt(frame).endswith(f"Lose the top 10: $10K · 1.0{NBSP}% stays.")
    assert list(trace(frame, "Stays").x) == LADDER["share_left"].tolist()
    assert list(trace(frame, "Revenue today").x) == [1.0] * 4, "before is the outline"
    assert list(frame.layout.yaxis.ticktext) == [
        "Lose the largest",
        "Lose the top 3",
        "Lose the top 5",
        "Lose the top 10",
    ]


def test_a_label_that_does_not_fit_its_bar_stands_beside_it() -> None:
    labels = [note for note in losses.ladder(LADDER).layout.annotations if "·" in note.text]
    assert [label.x for label in labels] == [0, 0, 0.2, 0.01]


def test_a_book_of_one_account_has_one_step() -> None:
    frame = losses.ladder(LADDER.iloc[:1].assign(share_left=0.0, left=0), currency="EUR")
    assert frame.layout.meta["title"] == f"Without the largest 0.0{NBSP}% of revenue stays"
    assert f"€0 · 0.0{NBSP}%" in notes(frame)


def test_the_distribution_says_what_one_year_in_twenty_takes() -> None:
    frame = drawn()
    assert frame.layout.meta["title"] == "One year in 20 loses $600K or more"
    assert theme.alt(frame).endswith(f"10{NBSP}%: $400K or more; 5{NBSP}%: $600K or more; 1{NBSP}%: $800K or more.")
    for text in (f"10{NBSP}%: $400K", f"5{NBSP}%: $600K", f"1{NBSP}%: $800K", "expected $168K"):
        assert text in notes(frame)


def test_a_value_at_risk_of_nothing_is_said_as_nothing() -> None:
    frame = losses.distribution(CURVE, MARKS.assign(value=0), RISK.expected, RISK.deviation)
    assert frame.layout.meta["title"] == f"95{NBSP}% of years lose nothing"


def test_the_curve_is_a_staircase_of_the_outcomes_and_normal_is_an_outline() -> None:
    frame = drawn()
    curve = trace(frame, "Loss")
    assert list(curve.x) == CURVE["loss"].tolist()
    assert list(curve.y) == CURVE["chance"].tolist()
    assert (curve.line.shape, curve.line.simplify) == ("hv", False)
    normal = trace(frame, "Normal approximation")
    assert normal.line.dash == "dash"
    assert normal.y[0] == pytest.approx(1 - 0.1667, abs=0.001), "a normal loss could be below nothing"


def test_every_mark_stands_at_its_value_and_no_label_crosses_another_line() -> None:
    frame = drawn()
    marks = trace(frame, "At risk")
    assert list(marks.x) == MARKS["value"].tolist()
    assert list(marks.y) == pytest.approx([0.1, 0.05, 0.01])
    lines = [shape for shape in frame.layout.shapes if shape.x0 == shape.x1 and shape.x0 in list(marks.x)]
    tops = [line.y1 for line in lines]
    assert tops == sorted(tops, reverse=True), "the leftmost is the highest"
    for value, text in zip(MARKS["value"], (f"10{NBSP}%: $400K", f"5{NBSP}%: $600K", f"1{NBSP}%: $800K"), strict=True):
        start, end = frame.layout.xaxis.range
        assert (end - value) / (end - start) >= theme.name_share(text) - 1e-9, "the label fits on a phone"


def test_a_book_of_many_accounts_does_not_begin_at_nothing_and_says_so() -> None:
    revenue = (np.random.default_rng(1).lognormal(11, 1.0, 20_000) * 100).astype(np.int64)
    risk = loss_distribution.assess(revenue, np.full(revenue.size, 0.1))
    curve = pd.DataFrame({"loss": risk.curve_losses, "chance": risk.curve_chances})
    marks = pd.DataFrame([[q.level, q.value] for q in risk.quantiles], columns=["level", "value"])
    frame = losses.distribution(curve, marks, risk.expected, risk.deviation)
    assert frame.layout.xaxis.range[0] > 0
    assert frame.layout.xaxis.title.text == "revenue lost in a year, axis not from 0"
    assert drawn().layout.xaxis.range[0] == 0
    ticks = frame.layout.xaxis.tickvals
    assert len(ticks) >= 2
    assert frame.layout.xaxis.range[0] <= ticks[0] <= ticks[-1] <= frame.layout.xaxis.range[1]


@pytest.mark.parametrize("dark", [False, True])
def test_nothing_to_draw_is_one_sentence(dark: bool) -> None:  # noqa: FBT001
    assert notes(losses.ladder(LADDER.iloc[:0], dark=dark)) == [losses.NOTHING]
    for curve, marks, deviation in ((CURVE.iloc[:0], MARKS, 1.0), (CURVE, MARKS.iloc[:0], 1.0), (CURVE, MARKS, 0.0)):
        assert notes(losses.distribution(curve, marks, 1.0, deviation, dark=dark)) == [losses.NO_RISK]


def test_no_figure_changes_its_table() -> None:
    copies = [table.copy(deep=True) for table in (LADDER, CURVE, MARKS)]
    losses.ladder(LADDER, dark=True)
    drawn(dark=True)
    for table, copy in zip((LADDER, CURVE, MARKS), copies, strict=True):
        pd.testing.assert_frame_equal(table, copy)
