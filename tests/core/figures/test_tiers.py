"""Figures of tiers: what is drawn, in which order, with which words, and that live charts keep still."""

from __future__ import annotations

import json
import math
from typing import Any

import pandas as pd
import pytest

from core.figures import options, theme, tiers

NBSP = "\u00a0"
HOSTILE = "<img src=x onerror=alert(1)> & {b} %{x}"
CUT_OFFS = [("Tier 1", 75.0), ("Tier 2", 60.0), ("Tier 3", 40.0), ("Tier 4", 0.0)]


def book(accounts: list[int], revenue: list[int], names: list[str] | None = None) -> pd.DataFrame:
    names = names or ["Tier 1", "Tier 2", "Tier 3", "Tier 4", "Unrated"][: len(accounts)]
    return pd.DataFrame(
        {
            "tier": names,
            "accounts": accounts,
            "share_accounts": [n / sum(accounts) for n in accounts],
            "revenue": [dollars * 100 for dollars in revenue],
            "share_revenue": [dollars / sum(revenue) for dollars in revenue],
            "potential": [dollars * 200 for dollars in revenue],
        }
    )


BEFORE = book([10, 30, 40, 15, 5], [6_000_000, 2_500_000, 1_000_000, 450_000, 50_000])
AFTER = book([12, 29, 38, 16, 5], [6_410_000, 2_340_000, 800_000, 400_000, 50_000])
EMPTY = BEFORE.iloc[:0]


def histogram(accounts: list[int]) -> pd.DataFrame:
    return pd.DataFrame({"low": range(0, 100, 20), "high": range(20, 120, 20), "accounts": accounts})


def shape(value: Any) -> Any:
    """Keys, lengths and kinds of a chart without its values."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


# --------------------------------------------------------------------------------------------------- distribution


def test_the_title_says_what_the_first_tier_holds() -> None:
    frame = tiers.distribution(BEFORE)
    assert frame.layout.meta["title"] == f"Tier 1 holds 60.0{NBSP}% of revenue from 10.0{NBSP}% of accounts"
    assert theme.alt(frame).startswith(frame.layout.meta["title"])
    assert f"Tier 4 15 accounts, $450K · 4.5{NBSP}% of revenue" in theme.alt(frame)


def test_accounts_are_outlined_and_revenue_is_filled_in_the_ramp() -> None:
    accounts, revenue = tiers.distribution(BEFORE).data
    assert (accounts.name, revenue.name) == ("Share of accounts", "Share of revenue")
    assert list(accounts.x) == BEFORE["share_accounts"].tolist()
    assert list(revenue.x) == BEFORE["share_revenue"].tolist()
    assert accounts.marker.color == "rgba(0,0,0,0)"
    assert tuple(revenue.marker.color) == (*theme.tier_colours(4), theme.UNRATED)
    assert tuple(revenue.marker.pattern.shape) == ("", "", "", "", "/")


def test_every_bar_has_its_label_and_rows_keep_the_order_of_the_table() -> None:
    frame = tiers.distribution(BEFORE, currency="EUR")
    accounts, revenue = frame.data
    assert accounts.text[0] == f"10 accounts · 10.0{NBSP}%"
    assert revenue.text[1] == f"€2.5M · 25.0{NBSP}%"
    assert list(frame.layout.yaxis.ticktext) == BEFORE["tier"].tolist()
    assert list(accounts.y) == sorted(accounts.y)
    assert frame.layout.yaxis.range[0] > frame.layout.yaxis.range[1]


def test_the_benchmarks_of_the_first_tier_are_drawn_behind_it_and_named() -> None:
    frame = tiers.distribution(BEFORE)
    assert [(band.x0, band.x1, band.layer) for band in frame.layout.shapes] == [
        (0.05, 0.15, "below"),
        (0.5, 0.7, "below"),
    ]
    assert [note.text for note in frame.layout.annotations] == [
        f"benchmark 5–15{NBSP}% of accounts",
        f"benchmark 50–70{NBSP}% of revenue",
    ]


def test_a_book_without_revenue_has_no_bars_and_says_na() -> None:
    table = book([1, 2], [1, 1]).assign(revenue=0, share_revenue=float("nan"))
    revenue = tiers.distribution(table).data[1]
    assert list(revenue.x) == [0.0, 0.0]
    assert revenue.text[0] == "$0 · n/a"


def test_an_empty_table_gives_one_sentence() -> None:
    assert tiers.distribution(EMPTY).layout.annotations[0].text == tiers.NOTHING


def test_the_dark_screen_changes_colours_and_nothing_else() -> None:
    light, dark = tiers.distribution(BEFORE), tiers.distribution(BEFORE, dark=True)
    assert list(dark.data[1].text) == list(light.data[1].text)
    assert tuple(dark.data[1].marker.color)[:4] == theme.tier_colours(4, dark=True)


def test_a_hostile_tier_name_is_text() -> None:
    frame = tiers.distribution(book([1, 2], [3, 4], [HOSTILE, "B"]))
    text = json.dumps([frame.layout.title.text, list(frame.layout.yaxis.ticktext), list(frame.data[0].hovertext)])
    assert "<img" not in text
    assert "&lt;img" in text


# --------------------------------------------------------------------------------------------------- live charts


@pytest.mark.parametrize("draw", [tiers.live_accounts, tiers.live_revenue])
def test_live_charts_are_plain_json_of_one_shape(draw: Any) -> None:
    charts = [draw(BEFORE, AFTER), draw(AFTER, BEFORE), draw(BEFORE, book([0, 0, 0, 0, 1], [0, 0, 0, 0, 1]))]
    for chart in charts:
        assert json.loads(json.dumps(chart, allow_nan=False)) == chart
        assert shape(chart) == shape(charts[0])


@pytest.mark.parametrize("draw", [tiers.live_accounts, tiers.live_revenue])
def test_the_axis_and_the_order_keep_still_while_values_move(draw: Any) -> None:
    one, other = draw(BEFORE, AFTER), draw(BEFORE, BEFORE)
    for axis in ("xAxis", "yAxis", "grid"):
        assert one[axis] == other[axis]


def test_before_is_outlined_and_after_is_filled() -> None:
    before, after = tiers.live_accounts(BEFORE, AFTER)["series"]
    assert [item["value"] for item in before["data"]] == BEFORE["accounts"].tolist()
    assert [item["value"] for item in after["data"]] == AFTER["accounts"].tolist()
    assert {item["itemStyle"]["color"] for item in before["data"]} == {"transparent"}
    assert [item["itemStyle"]["color"] for item in after["data"]] == [*theme.tier_colours(4), theme.UNRATED]
    assert after["data"][-1]["itemStyle"]["decal"]["symbol"] != "none"


def test_live_titles_say_what_changed() -> None:
    assert tiers.live_accounts(BEFORE, AFTER)["title"]["text"] == "Tier 1: 12 accounts, 2 more than before"
    assert tiers.live_accounts(AFTER, BEFORE)["title"]["text"] == "Tier 1: 10 accounts, 2 fewer than before"
    assert tiers.live_accounts(AFTER, AFTER)["title"]["text"] == "Tier 1: 12 accounts, as before"
    assert tiers.live_revenue(BEFORE, AFTER)["title"]["text"] == f"Tier 1: 64.1{NBSP}% of revenue, +4.1 points"
    assert tiers.live_revenue(AFTER, AFTER)["title"]["text"] == f"Tier 1: 64.1{NBSP}% of revenue, as before"


def test_live_charts_carry_alternative_text() -> None:
    for chart in (tiers.live_accounts(BEFORE, AFTER), tiers.live_revenue(BEFORE, AFTER)):
        text = chart["aria"]["label"]["description"]
        assert text.startswith(chart["title"]["text"])
        assert "Unrated 5 accounts" in text


def test_the_axis_of_accounts_holds_the_whole_book_or_what_is_asked() -> None:
    assert tiers.live_accounts(BEFORE, AFTER)["yAxis"]["max"] == 100
    assert tiers.live_accounts(BEFORE, AFTER, axis_max=60)["yAxis"]["max"] == 60
    assert tiers.live_revenue(BEFORE, AFTER, axis_max=0.8)["xAxis"]["max"] == 0.8


def test_the_revenue_band_lies_behind_the_first_tier_only() -> None:
    base, band = tiers.live_revenue(BEFORE, AFTER)["series"][:2]
    assert base["data"] == [0.5, "-", "-", "-", "-"]
    assert band["data"] == [0.2, "-", "-", "-", "-"]
    assert base["itemStyle"]["color"] == "transparent"
    assert band["label"]["formatter"] == f"benchmark 50–70{NBSP}%"


def test_a_tier_that_nobody_was_in_before_keeps_its_place() -> None:
    before = tiers.live_accounts(BEFORE.iloc[:4], AFTER)["series"][0]["data"]
    assert [item["value"] for item in before] == [10, 30, 40, 15, 0]


def test_tooltips_name_before_and_after_and_hold_no_markup_of_a_name() -> None:
    table = book([1, 2], [3, 4], [HOSTILE, "B"])
    tip = tiers.live_revenue(table, table)["series"][-1]["data"][0]["tooltip"]["formatter"]
    assert tip.startswith("&lt;img src=x onerror=alert(1)&gt; &amp; &#123;b&#125;")
    assert tip.count("<br>") == 2
    assert "before: 1 account" in tip


@pytest.mark.parametrize("draw", [tiers.live_accounts, tiers.live_revenue])
def test_an_empty_live_chart_says_so(draw: Any) -> None:
    chart = draw(EMPTY, EMPTY)
    assert chart["title"]["text"] == tiers.NOTHING
    json.dumps(chart, allow_nan=False)


def test_undefined_shares_are_drawn_as_nothing() -> None:
    table = BEFORE.assign(share_revenue=math.nan)
    chart = tiers.live_revenue(table, table)
    json.dumps(chart, allow_nan=False)
    assert chart["series"][-1]["data"][0]["label"]["formatter"] == "$6.0M · n/a"


# --------------------------------------------------------------------------------------------------- scores


def test_columns_of_scores_take_the_colour_of_their_tier() -> None:
    after = tiers.live_scores(histogram([5, 9, 30, 20, 6]), histogram([5, 8, 31, 20, 6]), CUT_OFFS)["series"][0]
    colours = theme.tier_colours(4)
    found = [item["itemStyle"]["color"] for item in after["data"]]
    assert found == [colours[3], colours[3], colours[2], colours[1], colours[0]]
    assert [item["value"] for item in after["data"]] == [[10, 5], [30, 8], [50, 31], [70, 20], [90, 6]]


def test_cut_offs_are_lines_and_stand_on_the_axis() -> None:
    chart = tiers.live_scores(histogram([1, 1, 1, 1, 1]), histogram([1, 1, 1, 1, 1]), CUT_OFFS)
    assert chart["series"][0]["markLine"]["data"] == [{"xAxis": 75.0}, {"xAxis": 60.0}, {"xAxis": 40.0}]
    assert chart["xAxis"]["axisLabel"]["customValues"] == [0.0, 40.0, 60.0, 75.0, 100.0]
    names = [area[0]["name"] for area in chart["series"][0]["markArea"]["data"]]
    assert names == ["Tier 1", "Tier 2", "Tier 3", "Tier 4"]


def test_before_is_a_step_line_over_the_same_ranges() -> None:
    before = tiers.live_scores(histogram([5, 9, 30, 20, 6]), histogram([5, 8, 31, 20, 6]), CUT_OFFS)["series"][1]
    assert before["data"] == [[0, 5], [20, 9], [40, 30], [60, 20], [80, 6], [100, 6]]
    assert before["step"] == "end"


def test_scores_keep_shape_and_axis_while_values_move() -> None:
    before = histogram([5, 9, 30, 20, 6])
    one = tiers.live_scores(before, histogram([5, 8, 31, 20, 6]), CUT_OFFS)
    other = tiers.live_scores(before, histogram([0, 0, 40, 30, 0]), CUT_OFFS)
    assert shape(one) == shape(other)
    assert one["yAxis"] == other["yAxis"]
    assert json.loads(json.dumps(one, allow_nan=False)) == one


def test_the_title_of_scores_says_where_most_lie() -> None:
    chart = tiers.live_scores(histogram([0] * 5), histogram([5, 8, 31, 20, 6]), CUT_OFFS)
    assert chart["title"]["text"] == "Most common score: 40 to 60 (31 accounts)"
    nobody = tiers.live_scores(histogram([0] * 5), histogram([0] * 5), CUT_OFFS)
    assert nobody["title"]["text"] == "No account has a score yet"
    json.dumps(tiers.live_scores(histogram([0] * 5).iloc[:0], histogram([0] * 5).iloc[:0], CUT_OFFS), allow_nan=False)


# --------------------------------------------------------------------------------------------------- habits


def test_no_figure_changes_its_table() -> None:
    before, after, scores = BEFORE.copy(deep=True), AFTER.copy(deep=True), histogram([1, 2, 3, 4, 5])
    tiers.distribution(before)
    tiers.live_accounts(before, after)
    tiers.live_revenue(before, after)
    tiers.live_scores(scores, scores, CUT_OFFS)
    pd.testing.assert_frame_equal(before, BEFORE)
    pd.testing.assert_frame_equal(after, AFTER)
    pd.testing.assert_frame_equal(scores, histogram([1, 2, 3, 4, 5]))


def test_live_charts_glide_between_values_and_stand_at_once() -> None:
    chart = options.frame("t", "r", "a", dark=False, grid={})
    assert chart["animationDuration"] == 0
    assert chart["animationDurationUpdate"] <= 150


def test_a_book_without_revenue_has_a_title_without_it() -> None:
    table = pd.DataFrame(
        {"tier": ["A", "B"], "accounts": [1, 3], "share_accounts": [0.25, 0.75], "revenue": [0, 0],
         "share_revenue": [None, None], "potential": [0, 0]}
    )  # fmt: skip
    assert tiers.distribution(table).layout.meta["title"] == "A holds 25.0\u00a0% of accounts"
    assert tiers.live_revenue(table, table)["title"]["text"] == "No account has revenue yet"
