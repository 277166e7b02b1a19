"""Figures of concentration: marked points, order, words, names from files."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from core.figures import concentration, theme

NBSP = "\u00a0"
HOSTILE = "<script>alert(1)</script> & $x$"
TIERS = ["Tier 1", "Tier 2", "Tier 3"]

# Ten accounts: 400, 250, 150, 60, 50, 40, 20, 15, 10, 5 thousand.
REVENUE = [
    40_000_000,
    25_000_000,
    15_000_000,
    6_000_000,
    5_000_000,
    4_000_000,
    2_000_000,
    1_500_000,
    1_000_000,
    500_000,
]
TOTAL = sum(REVENUE)
CUMULATIVE = [sum(REVENUE[: n + 1]) / TOTAL for n in range(10)]
PARETO = pd.DataFrame({"x": range(11), "y": [0.0, *CUMULATIVE]})
LORENZ = pd.DataFrame({"x": [n / 10 for n in range(11)], "y": [sum(REVENUE[10 - n :]) / TOTAL for n in range(11)]})
LARGEST = pd.DataFrame(
    {
        "name": ["Northwind", "Contoso", "Contoso", "Fabrikam"],
        "revenue": REVENUE[:4],
        "share": [cents / TOTAL for cents in REVENUE[:4]],
        "cumulative_share": CUMULATIVE[:4],
        "tier": ["Tier 1", "Tier 2", "Tier 1", "Unrated"],
    }
)
SEGMENTS = pd.DataFrame(
    {
        "group": ["Retail", "Manufacturing"],
        "accounts": [1, 9],
        "revenue": [40_000_000, 60_000_000],
        "share": [0.4, 0.6],
        "top1": [1.0, 0.5],
        "hhi": [10_000.0, 2_345.6],
    }
)
TREND = pd.DataFrame({"period": ["2024 Q1", "2024 Q2", "2024 Q3"], "value": [0.441, 0.46, 0.482]})


def notes(frame: Any) -> list[str]:
    return [note.text for note in frame.layout.annotations]


def trace(frame: Any, name: str) -> Any:
    return next(found for found in frame.data if found.name == name)


# --------------------------------------------------------------------------------------------------- curves


def test_lorenz_says_what_the_smaller_half_brings() -> None:
    frame = concentration.lorenz(LORENZ, 0.624)
    assert frame.layout.meta["title"] == f"The smaller half of the accounts brings 9.0{NBSP}% of revenue (Gini 0.62)"
    assert theme.alt(frame).startswith(frame.layout.meta["title"])


def test_lorenz_is_drawn_against_equal_shares() -> None:
    frame = concentration.lorenz(LORENZ, 0.62)
    assert list(trace(frame, "Equal shares").x) == list(trace(frame, "Equal shares").y) == [0, 1]
    assert list(trace(frame, "Curve").y) == LORENZ["y"].tolist()
    assert "if all were equal" in notes(frame)


def test_a_gini_that_is_undefined_is_na() -> None:
    assert "Gini n/a" in concentration.lorenz(LORENZ, None).layout.meta["title"]


def test_pareto_marks_the_accounts_that_make_eighty_per_cent() -> None:
    frame = concentration.pareto(PARETO, 3)
    assert frame.layout.meta["title"] == f"3 accounts (30.0{NBSP}%) make 80{NBSP}% of revenue"
    point = trace(frame, "Point")
    assert (point.x[0], point.y[0]) == (3, pytest.approx(0.8))
    assert notes(frame) == [f"3 accounts<br>make 80{NBSP}%"]
    assert list(frame.layout.xaxis.ticktext) == ["0", "3", "10"]


def test_one_account_makes_eighty_per_cent() -> None:
    frame = concentration.pareto(pd.DataFrame({"x": [0, 1], "y": [0.0, 1.0]}), 1)
    assert frame.layout.meta["title"] == f"1 account (100.0{NBSP}%) makes 80{NBSP}% of revenue"
    assert list(frame.layout.xaxis.ticktext) == ["0", "1"]


def test_pareto_without_an_answer_draws_the_curve_and_says_na() -> None:
    frame = concentration.pareto(PARETO, None)
    assert frame.layout.meta["title"].endswith("n/a")
    assert notes(frame) == []
    assert list(frame.layout.xaxis.ticktext) == ["0", "10"]


def test_the_label_stays_inside_when_nearly_all_accounts_are_needed() -> None:
    near, far = concentration.pareto(PARETO, 2), concentration.pareto(PARETO, 9)
    assert (near.layout.annotations[0].xanchor, far.layout.annotations[0].xanchor) == ("left", "right")


# --------------------------------------------------------------------------------------------------- largest


def test_the_largest_accounts_and_what_they_bring_together() -> None:
    frame = concentration.largest(LARGEST, TIERS)
    assert frame.layout.meta["title"] == f"The 4 largest accounts bring 86.0{NBSP}% of revenue"
    assert f"Northwind $400K · 40.0{NBSP}%" in theme.alt(frame)
    assert concentration.largest(LARGEST.iloc[:1], TIERS).layout.meta["title"].startswith("The largest account brings")


def test_each_account_has_its_own_row_in_the_colour_of_its_tier() -> None:
    frame = concentration.largest(LARGEST, TIERS)
    assert [(bar.name, list(bar.y), bar.marker.color) for bar in frame.data] == [
        ("Tier 1", [0, 2], "#1B3A6B"),
        ("Tier 2", [1], "#3E7CB1"),
        ("Unrated", [3], theme.UNRATED),
    ]
    assert list(frame.layout.yaxis.ticktext) == ["Northwind", "Contoso", "Contoso", "Fabrikam"]


def test_the_key_names_the_tiers_that_occur() -> None:
    assert notes(concentration.largest(LARGEST, TIERS)) == ["Tier 1", "Tier 2", "Unrated"]


def test_a_tier_that_the_model_does_not_know_is_drawn_as_unrated() -> None:
    assert [bar.name for bar in concentration.largest(LARGEST.assign(tier="Gold"), TIERS).data] == ["Unrated"]


def test_hostile_and_long_names_are_short_text() -> None:
    table = LARGEST.assign(name=[HOSTILE, "A" * 500, "two\nlines", "Fabrikam"])
    frame = concentration.largest(table, TIERS)
    text = json.dumps([list(frame.layout.yaxis.ticktext), [list(bar.hovertext) for bar in frame.data]])
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "A" * 61 not in text
    assert frame.layout.yaxis.ticktext[2] == "two lines"


# --------------------------------------------------------------------------------------------------- segments, trend


def test_segments_keep_their_order_and_name_the_strongest() -> None:
    frame = concentration.by_segment(SEGMENTS, currency="GBP")
    assert frame.layout.meta["title"] == f"Manufacturing brings 60.0{NBSP}% of revenue"
    assert list(trace(frame, "Group").text) == [f"£400K · 40.0{NBSP}%", f"£600K · 60.0{NBSP}%"]
    assert [name.split("<br>")[0] for name in frame.layout.yaxis.ticktext] == ["Retail", "Manufacturing"]
    assert "1 account, HHI 10,000" in frame.layout.yaxis.ticktext[0]


def test_the_largest_account_of_a_group_is_a_part_of_its_bar() -> None:
    frame = concentration.by_segment(SEGMENTS)
    assert list(trace(frame, "Largest account of the group").x) == [0.4, 0.3]
    assert notes(frame) == ["dark part: the largest account of the group"]
    assert notes(concentration.by_segment(SEGMENTS, dark=True)) == ["light part: the largest account of the group"]


def test_segments_take_no_colour_of_a_tier() -> None:
    for dark in (False, True):
        frame = concentration.by_segment(SEGMENTS, dark=dark)
        assert not {bar.marker.color for bar in frame.data} & set(theme.tier_colours(4, dark=dark))


def test_a_hostile_group_is_text() -> None:
    frame = concentration.by_segment(SEGMENTS.assign(group=[HOSTILE, "B"]))
    text = json.dumps([frame.layout.title.text, list(frame.layout.yaxis.ticktext), list(frame.data[0].hovertext)])
    assert "<script" not in text


def test_a_trend_says_level_change_and_since_when() -> None:
    frame = concentration.trend(TREND, "Share of the 10 largest")
    assert frame.layout.meta["title"] == f"Share of the 10 largest: 48.2{NBSP}%, +4.1 points since 2024 Q1"
    assert notes(frame) == [f"44.1{NBSP}%", "2024 Q1", f"48.2{NBSP}%", "2024 Q3"]
    assert list(trace(frame, "Curve").y) == [0.441, 0.46, 0.482]


@pytest.mark.parametrize(
    ("unit", "values", "title"),
    [
        ("money", [100_000_000, 340_000_000], "X: $3.4M, +$2.4M since A"),
        ("hhi", [1300, 1240], "X: 1,240, \u221260 since A"),
        ("gini", [0.6, 0.62], "X: 0.62, +0.02 since A"),
        ("count", [10, 12], "X: 12, +2 since A"),
        ("score", [70.0, 70.0], "X: 70.0, 0.0 since A"),
        ("share", [float("nan"), 0.5], f"X: 50.0{NBSP}%"),
    ],
)
def test_a_trend_writes_its_unit(unit: concentration.Unit, values: list[float], title: str) -> None:
    table = pd.DataFrame({"period": ["A", "B"], "value": values})
    assert concentration.trend(table, "X", unit).layout.meta["title"] == title


def test_a_level_trend_has_room_and_one_period_is_no_trend() -> None:
    low, high = concentration.trend(TREND.assign(value=0.5), "X").layout.yaxis.range
    assert low < 0.5 < high
    assert notes(concentration.trend(TREND.iloc[:1], "X")) == [concentration.NO_TREND]


# --------------------------------------------------------------------------------------------------- habits


@pytest.mark.parametrize("dark", [False, True])
def test_empty_tables_give_one_sentence(dark: bool) -> None:  # noqa: FBT001
    frames = [
        concentration.lorenz(LORENZ.iloc[:0], None, dark=dark),
        concentration.pareto(PARETO.iloc[:0], None, dark=dark),
        concentration.largest(LARGEST.iloc[:0], TIERS, dark=dark),
        concentration.by_segment(SEGMENTS.iloc[:0], dark=dark),
    ]
    assert [notes(frame) for frame in frames] == [[concentration.NOTHING]] * 4


def test_no_figure_changes_its_table() -> None:
    tables = [LORENZ, PARETO, LARGEST, SEGMENTS, TREND]
    copies = [table.copy(deep=True) for table in tables]
    concentration.lorenz(LORENZ, 0.5)
    concentration.pareto(PARETO, 3)
    concentration.largest(LARGEST, TIERS)
    concentration.by_segment(SEGMENTS)
    concentration.trend(TREND, "X")
    for table, copy in zip(tables, copies, strict=True):
        pd.testing.assert_frame_equal(table, copy)


def test_customers_are_called_customers() -> None:
    curve = pd.DataFrame({"x": [0.0, 0.5, 1.0], "y": [0.0, 0.2, 1.0]})
    drawn = [
        concentration.lorenz(curve, 0.3, who="customer"),
        concentration.largest(LARGEST, TIERS, who="customer"),
        concentration.by_segment(SEGMENTS, who="customer"),
    ]
    assert [frame.to_json().count("account") for frame in drawn] == [0, 0, 0]
    assert "customers" in drawn[1].layout.meta["title"]


def test_every_bar_is_as_thick_as_its_row_allows_however_far_apart_those_of_its_tier_are() -> None:
    frame = concentration.largest(LARGEST, TIERS)
    assert {trace.width for trace in frame.data if trace.type == "bar"} == {0.72}
