"""Figures of health: cells, marks, words, names from files."""

from __future__ import annotations

import json
import math
from typing import Any

import pandas as pd
import pytest

from core.figures import health, theme

NBSP = "\u00a0"
HOSTILE = "<svg/onload=alert(1)> & co"
MATRIX = pd.DataFrame(
    [
        ("Tier 1", "Critical", 2, 82_000_000),
        ("Tier 1", "Healthy", 7, 520_000_000),
        ("Tier 1", "At Risk", 3, 240_000_000),
        ("Tier 2", "Healthy", 20, 190_000_000),
        ("Tier 2", "At Risk", 0, 0),
    ],
    columns=["tier", "health", "accounts", "revenue"],
)
ACCOUNTS = pd.DataFrame(
    {
        "name": ["Northwind", "Contoso", "Fabrikam", "Litware", "Proseware"],
        "revenue": [100_000_000, 90_000_000, 5_000_000, 0, 40_000_000],
        "health_score": [60.0, 88.0, 20.0, 95.0, 30.0],
        "health": ["At Risk", "Healthy", "Critical", "Healthy", "Critical"],
        "tier": ["Tier 1", "Tier 1", "Tier 3", "Tier 4", "Tier 2"],
    }
)
STATUS = pd.DataFrame(
    {
        "health": ["Healthy", "At Risk", "Critical"],
        "accounts": [77, 37, 1],
        "revenue": [825_000_000, 395_000_000, 137_000_000],
        "share_revenue": [0.608, 0.291, 0.101],
    }
)


def notes(frame: Any) -> list[str]:
    return [note.text for note in frame.layout.annotations]


# --------------------------------------------------------------------------------------------------- matrix


def test_the_matrix_says_what_the_first_tier_has_in_danger() -> None:
    frame = health.matrix(MATRIX)
    assert frame.layout.meta["title"] == "Tier 1 has $2.4M At Risk and $820K Critical"
    assert "Tier 2 Healthy 20 accounts, $1.9M" in theme.alt(frame)


def test_a_first_tier_out_of_danger_says_so() -> None:
    safe = MATRIX[MATRIX["tier"] == "Tier 2"]
    assert health.matrix(safe).layout.meta["title"] == "No account of Tier 2 is At Risk or Critical"


def test_cells_hold_accounts_and_revenue_in_the_order_of_tiers_and_statuses() -> None:
    cells = health.matrix(MATRIX, currency="EUR").data[0]
    assert [list(row) for row in cells.text] == [
        ["7 accounts<br><b>€5.2M</b>", "3 accounts<br><b>€2.4M</b>", "2 accounts<br><b>€820K</b>"],
        ["20 accounts<br><b>€1.9M</b>", "–", "–"],
    ]
    assert [list(row) for row in cells.z] == [[5_200_000, 2_400_000, 820_000], [1_900_000, 0, 0]]


def test_columns_are_headed_by_status_with_colour_sign_and_word() -> None:
    frame = health.matrix(MATRIX)
    assert notes(frame) == ["● Healthy", "▲ At Risk", "■ Critical"]
    assert [shape.fillcolor for shape in frame.layout.shapes[:3]] == list(theme.HEALTH.values())


def test_rows_carry_the_colour_of_their_tier() -> None:
    assert [shape.fillcolor for shape in health.matrix(MATRIX).layout.shapes[3:]] == list(theme.tier_colours(2))


def test_a_status_without_a_name_of_ours_gets_its_own_column_last() -> None:
    extra = pd.DataFrame([("Tier 1", "Unknown", 4, 100)], columns=MATRIX.columns)
    assert notes(health.matrix(pd.concat([extra, MATRIX])))[-1] == "○ Unknown"


def test_a_matrix_without_revenue_is_even() -> None:
    cells = health.matrix(MATRIX.assign(revenue=0)).data[0]
    assert (cells.zmin, cells.zmax) == (0, 1)


# --------------------------------------------------------------------------------------------------- scatter


def test_the_scatter_names_the_largest_account_at_risk() -> None:
    frame = health.value_against_risk(ACCOUNTS)
    assert frame.layout.meta["title"] == f"Largest at risk: Northwind, $1.0M, At{NBSP}Risk"
    assert "5 accounts" in theme.alt(frame)
    healthy = ACCOUNTS.assign(health="Healthy")
    assert health.value_against_risk(healthy).layout.meta["title"] == "No account is At Risk or Critical"


def test_a_status_is_a_colour_and_a_shape() -> None:
    marks = [
        (trace.name, trace.marker.symbol, trace.marker.color) for trace in health.value_against_risk(ACCOUNTS).data
    ]
    assert marks == [
        ("Healthy", "circle", "#2A9D8F"),
        ("At Risk", "triangle-up", "#E9A23B"),
        ("Critical", "square", "#C8453B"),
    ]


def test_every_account_is_drawn_once_also_without_revenue() -> None:
    for scale in ("log", "linear"):
        frame = health.value_against_risk(ACCOUNTS, scale=scale)
        assert sum(len(trace.x) for trace in frame.data) == len(ACCOUNTS)
        assert frame.layout.yaxis.type == ("log" if scale == "log" else None)
    healthy = health.value_against_risk(ACCOUNTS, scale="log").data[0]
    assert list(healthy.y) == [900_000, 25_000]
    assert "$0" in healthy.hovertext[1]


def test_cut_offs_are_a_band_with_named_sides() -> None:
    frame = health.value_against_risk(ACCOUNTS, cut_offs=(80.0, 40.0))
    assert [(band.x0, band.x1) for band in frame.layout.shapes] == [(40.0, 80.0)]
    assert [note.split("</span> ")[1] for note in notes(frame)[:3]] == ["Critical", "At Risk", "Healthy"]
    assert list(frame.layout.xaxis.ticktext) == ["0", "40", "80", "100"]


def test_names_stand_beside_marks_only_where_they_run_over_no_other() -> None:
    assert "Northwind" in notes(health.value_against_risk(ACCOUNTS))
    crowd = pd.concat([ACCOUNTS.iloc[:1].assign(health_score=float(x)) for x in range(2, 100, 4)], ignore_index=True)
    assert len(notes(health.value_against_risk(crowd))) == 3


def test_hostile_names_are_text_in_title_label_and_hover() -> None:
    table = ACCOUNTS.assign(name=[HOSTILE, *ACCOUNTS["name"][1:]], tier=HOSTILE)
    frame = health.value_against_risk(table)
    text = json.dumps([frame.layout.title.text, notes(frame), [list(trace.hovertext) for trace in frame.data]])
    assert "<svg" not in text
    assert "&lt;svg/onload=alert(1)&gt;" in text


def test_many_accounts_are_drawn_on_one_surface() -> None:
    many = pd.concat([ACCOUNTS] * 401, ignore_index=True)
    assert {trace.type for trace in health.value_against_risk(many).data} == {"scattergl"}
    assert {trace.type for trace in health.value_against_risk(ACCOUNTS).data} == {"scatter"}


@pytest.mark.parametrize(
    ("revenue", "words"),
    [([30_000_00], ["$30K"]), ([30_000_00, 90_000_00], ["$30K", "$90K"]), ([10_00], ["$10"])],
)
def test_a_scale_without_powers_of_ten_is_told_by_the_amounts_themselves(revenue: list[int], words: list[str]) -> None:
    table = ACCOUNTS.iloc[: len(revenue)].assign(revenue=revenue)
    axis = health.value_against_risk(table).layout.yaxis
    assert list(axis.ticktext) == words
    assert all(axis.range[0] <= math.log10(tick) <= axis.range[1] for tick in axis.tickvals)


def test_credits_do_not_break_the_scales() -> None:
    table = ACCOUNTS.assign(revenue=[-5_000, -100, 0, 0, 0])
    for scale in ("log", "linear"):
        frame = health.value_against_risk(table, scale=scale)
        assert sum(len(trace.x) for trace in frame.data) == len(table)


# --------------------------------------------------------------------------------------------------- statuses


def test_revenue_by_status_names_the_worst() -> None:
    frame = health.revenue_by_status(STATUS)
    assert frame.layout.meta["title"] == f"Critical accounts bring $1.4M, 10.1{NBSP}% of revenue"
    assert [trace.text[0] for trace in frame.data] == [
        f"$8.3M · 60.8{NBSP}%",
        f"$4.0M · 29.1{NBSP}%",
        f"$1.4M · 10.1{NBSP}%",
    ]
    assert [trace.marker.color for trace in frame.data] == list(theme.HEALTH.values())
    assert frame.layout.yaxis.ticktext[2].startswith("■ Critical<br>")
    assert "1 account<" in frame.layout.yaxis.ticktext[2]


# --------------------------------------------------------------------------------------------------- habits


@pytest.mark.parametrize("dark", [False, True])
def test_empty_tables_give_one_sentence(dark: bool) -> None:  # noqa: FBT001
    frames = [
        health.matrix(MATRIX.iloc[:0], dark=dark),
        health.value_against_risk(ACCOUNTS.iloc[:0], dark=dark),
        health.revenue_by_status(STATUS.iloc[:0], dark=dark),
    ]
    assert [notes(frame) for frame in frames] == [[health.NOTHING], [health.NO_REVENUE], [health.NOTHING]]


def test_no_figure_changes_its_table() -> None:
    tables = [MATRIX, ACCOUNTS, STATUS]
    copies = [table.copy(deep=True) for table in tables]
    health.matrix(MATRIX)
    health.value_against_risk(ACCOUNTS)
    health.revenue_by_status(STATUS)
    for table, copy in zip(tables, copies, strict=True):
        pd.testing.assert_frame_equal(table, copy)


def test_a_matrix_that_can_be_clicked_has_a_point_on_every_cell_with_accounts() -> None:
    frame = health.matrix(MATRIX, clickable=True)
    points = frame.data[-1]
    held = MATRIX[MATRIX["accounts"] > 0]
    pairs = sorted((tier, status) for tier, status in points.customdata)
    assert pairs == sorted(zip(held["tier"], held["health"], strict=True))
    assert points.marker.opacity == points.selected.marker.opacity == points.unselected.marker.opacity == 0
    assert len(health.matrix(MATRIX).data) == len(frame.data) - 1


def test_points_of_the_scatter_carry_the_id_of_their_account() -> None:
    table = ACCOUNTS.assign(account_id=[f"A{i}" for i in range(len(ACCOUNTS))])
    drawn = {point[0]: y for trace in health.value_against_risk(table).data for point, y in
             zip(trace.customdata, trace.y, strict=True)}  # fmt: skip
    assert set(drawn) == set(table["account_id"])
    assert all(trace.customdata is None for trace in health.value_against_risk(ACCOUNTS).data)


def test_the_history_of_an_account_is_drawn_whole_with_reviews_between_the_bars() -> None:
    periods = ["2025-12-31", "2026-03-31", "2026-06-30", "2026-09-30"]
    table = pd.DataFrame({"period": periods, "amount": [100_00, 300_00, 0, 200_00]})
    frame = health.revenue_history(table, reviews=["2026-01-15"])
    assert list(frame.data[0].y) == [100, 300, 0, 200]
    assert [shape.x0 for shape in frame.layout.shapes] == [0.5]
    assert theme.alt(frame).startswith("$200 by 2026-09; the most was $300")
    assert "review 2026-01-15" in notes(frame)
    several = health.revenue_history(table, reviews=["2025-06-01", "2026-10-01", "2026-11-23", "2026-08-01"])
    assert [shape.x0 for shape in several.layout.shapes] == [3.5, 2.5, -0.5]
    assert [note for note in notes(several) if "review" in note] == ["review 2026-11-23", "review 2025-06-01"]
    near = health.revenue_history(table.assign(amount=[100_00, 210_400_000, 0, 210_000_000]))
    assert theme.alt(near).startswith("$2.1M by 2026-09; nearly the most of any period")
    gone = health.revenue_history(table.assign(amount=[100_00, 0, 0, 0]))
    assert theme.alt(gone).startswith("Nothing was paid by 2026-09; the most was $100 by 2025-12")
    assert "Nothing is recorded" in theme.alt(health.revenue_history(table.head(0)))


def test_a_status_without_revenue_is_left_to_the_cells_and_counted_where_no_other_has_any() -> None:
    table = pd.DataFrame(
        {"tier": ["A"] * 2, "health": ["At Risk", "Critical"], "accounts": [3, 1], "revenue": [0, 500_00]}
    )
    assert health.matrix(table).layout.meta["title"] == "A has $500 Critical"
    nothing = health.matrix(table.assign(revenue=0))
    assert nothing.layout.meta["title"] == "A has 3 accounts At Risk and 1 account Critical"
