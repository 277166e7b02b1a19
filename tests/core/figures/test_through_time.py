"""Figures through time: what their titles say, what a gap is, and names that stay names."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from core.figures import theme, through_time

HOSTILE = "<b>R&D</b><img src=x>"
TREND = pd.DataFrame({"period": ["Sep 2024", "Dec 2024", "Mar 2025"], "value": [0.30, 0.28, 0.25]})
BRIDGE = pd.DataFrame(
    {
        "kind": ["lost", "new", "grown", "shrunk"], "accounts": [4, 52, 7, 1], "points": [0.5, -3.5, -2.2, -2.6],
        "before": [100, 0, 500, 900], "after": [0, 200, 800, 700],
    }
)  # fmt: skip
RETENTION = pd.DataFrame(
    {
        "name": [HOSTILE, "All"], "accounts": [3, 5], "start": [1000, 2000], "end": [900, 2100], "grr": [0.8, 0.9],
        "nrr": [0.9, 1.05],
    }
)  # fmt: skip


def texts(frame: Any) -> list[str]:
    return [str(note.text) for note in frame.layout.annotations]


def bars(frame: Any) -> list[Any]:
    return [trace for trace in frame.data if trace.type == "bar"]


def test_a_line_says_where_it_ends_and_how_far_it_came() -> None:
    frame = through_time.line(TREND, "Top 10", "share")
    assert frame.layout.meta["title"] == "Top 10: 25.0\u00a0%, −5.0 points since Sep 2024"
    assert "Dec 2024 28.0\u00a0%" in theme.alt(frame)
    assert texts(frame) == ["30.0\u00a0%", "25.0\u00a0%"]


def test_a_period_that_is_not_known_is_a_gap_with_a_band_and_never_a_fall() -> None:
    table = pd.DataFrame({"period": list("abc"), "value": pd.Series([0.3, None, 0.2], dtype=object)})
    frame = through_time.line(table, "Top 10", "share")
    (line,) = frame.data
    assert list(line.y) == [0.3, None, 0.2]
    assert line.connectgaps is False
    assert "not known" in line.hovertext[1]
    assert len(frame.layout.shapes) == 1


@pytest.mark.parametrize("values", [[], [0.5], [None, 0.5, None]])
def test_one_known_period_is_no_trend(values: list[float | None]) -> None:
    table = pd.DataFrame({"period": list("abc")[: len(values)], "value": pd.Series(values, dtype=object)})
    assert texts(through_time.line(table, "X", "share")) == [through_time.NO_TREND]


@pytest.mark.parametrize(
    ("unit", "title"),
    [
        ("count", "X: 12, +2 since a"), ("hhi", "X: 12, +2 since a"), ("gini", "X: 12.00, +2.00 since a"),
        ("number", "X: 12.0, +2.0 since a"), ("money", "X: €0, €0 since a"),
    ],
)  # fmt: skip
def test_a_measure_is_written_in_its_own_unit(unit: through_time.Unit, title: str) -> None:
    table = pd.DataFrame({"period": ["a", "b"], "value": [10, 12]})
    assert through_time.line(table, "X", unit, currency="EUR").layout.meta["title"] == title


def test_a_bridge_is_a_staircase_whose_steps_add_up() -> None:
    frame = through_time.bridge(BRIDGE, 83.0, 75.2, span=("Sep 2025", "Sep 2026"))
    (steps,) = bars(frame)
    assert list(steps.base) == pytest.approx([83.0, 83.5, 80.0, 77.8])
    assert list(steps.x) == [0.5, -3.5, -2.2, -2.6]
    assert frame.layout.meta["title"] == "HHI 83 became 75 (−8); most by accounts that are new, which lowered it"
    assert list(frame.layout.yaxis.ticktext) == ["Sep 2025", "Lost", "New", "Grown", "Shrunk", "Sep 2026"]


def test_a_bridge_where_nothing_moved_names_nobody() -> None:
    still = BRIDGE.assign(points=0.0, accounts=0)
    frame = through_time.bridge(still, 50.0, 50.0, span=("a", "b"))
    assert frame.layout.meta["title"] == "HHI 50 became 50 (0)"


def test_retention_shows_gross_and_net_and_what_all_of_it_would_be() -> None:
    frame = through_time.retention(RETENTION)
    gross, net = bars(frame)
    assert (list(gross.x), list(net.x)) == ([0.8, 0.9], [0.9, 1.05])
    assert frame.layout.meta["title"] == (
        "Of each 100 of revenue a year before, 90.0 stayed and 105.0 is there with growth"
    )
    assert "80.0\u00a0%, net 90.0\u00a0%" in texts(frame)


def test_retention_without_a_cohort_says_so() -> None:
    assert texts(through_time.retention(RETENTION.iloc[:0])) == ["No account had revenue a year before."]


def test_ranks_put_the_largest_first_and_mark_who_came_from_below() -> None:
    places: list[list[int | None]] = [[1, 1], [40, 2], [None, 3]]
    frame = through_time.ranks(["A", "B", "C"], ["Sep 2025", "Sep 2026"], places, {"hover": ["$1", "$2", "$3"]})
    assert [list(trace.y) for trace in frame.data] == [[1, 1], [4, 2], [None, 3]]
    assert frame.layout.meta["title"] == "2 of the 3 largest accounts of Sep 2026 were not among them in Sep 2025"
    assert "rank 40" in frame.data[1].hovertext[0]
    assert "no revenue" in frame.data[2].hovertext[0]


def test_ranks_of_nobody_and_of_one_period_say_so() -> None:
    assert texts(through_time.ranks([], ["a", "b"], [], {"hover": []})) == [through_time.NO_RANKS]
    assert texts(through_time.ranks(["A"], ["a"], [[1]], {"hover": ["$1"]})) == [through_time.NO_TREND]


@pytest.mark.parametrize("dark", [False, True])
def test_names_are_never_markup(*, dark: bool) -> None:
    drawn = [
        through_time.retention(RETENTION, dark=dark),
        through_time.ranks([HOSTILE], ["a", "b"], [[1, 1]], {"hover": [HOSTILE]}, dark=dark),
        through_time.line(TREND, HOSTILE, "share", dark=dark),
    ]
    for frame in drawn:
        sent = frame.to_plotly_json()
        sent["layout"].pop("meta")
        assert "<img" not in str(sent)
        assert "&lt;" in str(sent)


@pytest.mark.parametrize("value", [0.0, 0.004, -0.004])
def test_a_change_that_rounds_to_nothing_carries_no_plus(value: float) -> None:
    assert not through_time.change(value, "gini").startswith("+")


def test_a_bridge_of_a_book_without_large_accounts_has_the_decimals_that_say_something() -> None:
    table = pd.DataFrame(
        {
            "kind": ["new", "shrunk"], "accounts": [6515, 49_697], "points": [-0.0531, 0.0075],
            "before": [0, 100], "after": [50, 80],
        }
    )  # fmt: skip
    frame = through_time.bridge(table, 0.8651, 0.8195, span=("Sep 2025", "Sep 2026"))
    assert theme.alt(frame).startswith("HHI 0.87 became 0.82 (−0.05)")
    assert {"−0.053 · 6,515 accounts", "+0.008 · 49,697 accounts"} <= {note.text for note in frame.layout.annotations}
