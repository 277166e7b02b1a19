"""The curve that is read off at the reader's own points."""

from __future__ import annotations

import pandas as pd

from core.figures import concentration, read_off, theme

CURVE = pd.DataFrame({"x": [0, 1, 2, 3, 4], "y": [0.0, 0.4, 0.7, 0.9, 1.0]})


def test_both_points_are_in_the_title_and_on_the_curve() -> None:
    frame = read_off.pareto(CURVE, (2, 0.7), (3, 0.8))
    assert frame.layout.meta["title"] == "The top 2 hold 70.0\u00a0%; 3 accounts (75.0\u00a0%) make 80\u00a0%"
    points = [(trace.x[0], trace.y[0]) for trace in frame.data if trace.mode == "markers"]
    assert points == [(2, 0.7), (3, 0.8)]
    assert list(frame.layout.xaxis.ticktext) == ["0", "2", "3", "4"]


def test_one_account_is_said_in_the_singular() -> None:
    frame = read_off.pareto(CURVE, (1, 0.4), (1, 0.055), dark=True)
    title = "The largest account holds 40.0\u00a0%; 1 account (25.0\u00a0%) makes 5.5\u00a0%"
    assert frame.layout.meta["title"] == title


def test_a_book_of_one_account_is_drawn() -> None:
    frame = read_off.pareto(pd.DataFrame({"x": [0, 1], "y": [0.0, 1.0]}), (1, 1.0), (1, 0.8))
    assert (
        frame.layout.meta["title"] == "The largest account holds 100.0\u00a0%; 1 account (100.0\u00a0%) makes 80\u00a0%"
    )


def test_no_revenue_has_no_curve() -> None:
    frame = read_off.pareto(CURVE.iloc[:0], (1, 1.0), (1, 0.8))
    assert [note.text for note in frame.layout.annotations] == [concentration.NOTHING]


def test_customers_are_called_customers() -> None:
    frame = read_off.pareto(CURVE, (1, 0.5), (2, 0.8), who="customer")
    assert frame.layout.meta["title"].startswith("The largest customer holds")
    assert frame.layout.xaxis.title.text == "customers, largest first"
    assert "account" not in theme.alt(frame)
