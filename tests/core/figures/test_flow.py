"""Figures of flow: what is drawn, in which order and colour, and with which words."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest

from core.figures import flow, theme

NBSP = "\u00a0"
HOSTILE = "<img src=x onerror=alert(1)> & {b} %{x}"
TIERS = ["Tier 1", "Tier 2", "Tier 3", "Unrated"]
ROWS = [
    ("Tier 1", "Tier 1", 90, 8_000_000_00),
    ("Tier 1", "Tier 2", 10, 500_000_00),
    ("Tier 2", "Tier 1", 25, 1_500_000_00),
    ("Tier 2", "Tier 2", 175, 4_000_000_00),
    ("Tier 3", "Tier 3", 600, 900_000_00),
    ("Tier 3", "Unrated", 4, 30_000_00),
    ("Unrated", "Tier 3", 2, 0),
]


def table(rows: list[tuple[str, str, int, int]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["before", "after", "accounts", "revenue"])


def parts(rows: list[tuple[str, str, float | None, float | None]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["criterion", "value", "contribution", "possible"])


ACME = parts(
    [
        ("Revenue potential", "400,000+", 30.0, 30.0),
        ("Company size", "2,000–9,999", 16.0, 20.0),
        ("Industry", "Technology", 15.0, 15.0),
        ("Technology fit", "Strong", 15.0, 15.0),
        ("Buying stage", "Budgeted", 8.0, 10.0),
        ("Competitive position", "present", 5.0, 10.0),
    ]
)
CUT_OFFS = [("Tier 1", 75.0), ("Tier 2", 60.0), ("Tier 3", 40.0), ("Tier 4", 0.0)]


def drawn(frame: Any) -> Any:
    [trace] = frame.data
    return trace


def words(frame: Any) -> list[str]:
    return [note.text for note in frame.layout.annotations]


# Between tiers -------------------------------------------------------------------------------------------------------


def test_the_title_counts_who_moves_and_which_way() -> None:
    frame = flow.sankey(table(ROWS), TIERS)
    assert frame.layout.meta["title"] == (
        f"41 accounts change tier: 25{NBSP}up, 10{NBSP}down, 4{NBSP}to unrated, 2{NBSP}from unrated"
    )
    assert theme.alt(frame).startswith(frame.layout.meta["title"])
    assert "Tier 2 to Tier 1 25 accounts, $1.5M" in theme.alt(frame)
    assert "Tier 3 to Tier 3" not in theme.alt(frame)
    one = flow.sankey(table([("Tier 2", "Tier 1", 1, 0)]), TIERS)
    assert one.layout.meta["title"] == f"1 account changes tier: 1{NBSP}up"
    still = flow.sankey(table(ROWS[:1]), TIERS)
    assert still.layout.meta["title"] == "No account changes its tier"
    assert theme.alt(still) == "No account changes its tier."


def test_both_sides_name_every_tier_with_its_accounts_and_revenue_best_on_top() -> None:
    frame = flow.sankey(table(ROWS), TIERS)
    before, left, after, right = "before", words(frame)[1:5], "after", words(frame)[6:]
    assert (words(frame)[0], words(frame)[5]) == (before, after)
    assert ["Tier 1" in text for text in left] == [True, False, False, False]
    assert "100 · $8.5M" in left[0]
    assert "115 · $9.5M" in right[0]
    assert "2 · $0" in left[3]
    heights = [note.y for note in frame.layout.annotations[1:5]]
    assert heights == sorted(heights, reverse=True)


def test_words_of_neighbours_never_touch_however_thin_a_tier_is() -> None:
    names = [f"T{i}" for i in range(8)]
    rows = [(name, name, 1 if i else 10**6, 0) for i, name in enumerate(names)]
    frame = flow.sankey(table(rows), [*names, "Unrated"])
    room = frame.layout.height - frame.layout.margin.t - frame.layout.margin.b
    places = [note.y * room for note in frame.layout.annotations[1:9]]
    assert min(a - b for a, b in pairwise(places)) >= 32


def test_only_what_moves_is_coloured_by_where_it_goes_and_lies_on_top() -> None:
    link = drawn(flow.sankey(table(ROWS), TIERS)).link
    still = theme.palette().band
    stays = [colour == still for colour in link.color]
    assert stays == sorted(stays, reverse=True)
    assert stays.count(True) == 3
    nodes = drawn(flow.sankey(table(ROWS), TIERS)).node
    assert tuple(nodes.color) == (*theme.tier_colours(3), theme.UNRATED) * 2
    to_first = [colour for colour, target in zip(link.color, link.target, strict=True) if target == 4]
    edge = theme.tier_edges(3)[0]
    assert f"rgba({int(edge[1:3], 16)},{int(edge[3:5], 16)},{int(edge[5:], 16)},0.72)" in to_first


def test_every_flow_keeps_its_ends_and_its_size() -> None:
    found = drawn(flow.sankey(table(ROWS), TIERS)).link
    pairs = {
        (TIERS[s], TIERS[t - len(TIERS)]): n for s, t, n in zip(found.source, found.target, found.value, strict=True)
    }
    assert pairs == {(before, after): n for before, after, n, _ in ROWS}
    assert "Tier 2 → Tier 1<br>25 accounts, $1.5M" in found.customdata
    assert "Tier 3, as before<br>600 accounts, $900K" in found.customdata


def test_a_tier_that_only_one_side_has_stands_there_only() -> None:
    found = drawn(flow.sankey(table([("Tier 1", "Tier 2", 3, 0)]), TIERS))
    assert len(found.node.x) == 2
    assert (list(found.link.source), list(found.link.target)) == ([0], [1])


@pytest.mark.parametrize("rows", [[], [("Tier 1", "Tier 1", 0, 0)]])
def test_nobody_to_follow_gives_one_sentence(rows: list[tuple[str, str, int, int]]) -> None:
    assert flow.sankey(table(rows), TIERS).layout.annotations[0].text == flow.NOTHING


def test_money_is_in_the_book_s_currency() -> None:
    assert "100 · €8.5M" in words(flow.sankey(table(ROWS), TIERS, currency="EUR"))[1]


def test_the_dark_screen_changes_colours_and_nothing_else() -> None:
    light, dark = flow.sankey(table(ROWS), TIERS), flow.sankey(table(ROWS), TIERS, dark=True)
    assert list(drawn(dark).link.value) == list(drawn(light).link.value)
    assert tuple(drawn(dark).node.color)[:3] == theme.tier_colours(3, dark=True)


# Within a score ------------------------------------------------------------------------------------------------------


def test_each_bar_begins_where_the_one_before_ended_and_the_score_ends_with_the_last() -> None:
    possible, brings, score = flow.waterfall(ACME).data
    assert list(brings.base) == list(possible.base) == [0, 30, 46, 61, 76, 84]
    assert list(brings.x) == [30, 16, 15, 15, 8, 5]
    assert list(possible.x) == [30, 20, 15, 15, 10, 10]
    assert (list(score.x), list(score.text)) == ([89.0], ["<b>89.0</b>"])
    assert possible.marker.color == "rgba(0,0,0,0)"


def test_the_title_says_the_score_and_where_most_is_lost() -> None:
    frame = flow.waterfall(ACME)
    assert frame.layout.meta["title"] == "89.0 of 100; most is lost on Competitive position (−5.0)"
    assert "Company size 16.0 of 20.0" in theme.alt(frame)
    full = flow.waterfall(parts([("A", "top", 100.0, 100.0)]))
    assert full.layout.meta["title"] == "100.0 of 100"


def test_a_missing_value_brings_nothing_and_says_so() -> None:
    for nothing in (None, math.nan):
        frame = flow.waterfall(parts([("A", "top", 40.0, 60.0), ("B", "not known", nothing, nothing)]))
        assert list(frame.data[0].text) == ["40.0 of 60.0", "not counted"]
        assert list(frame.data[1].x) == [40.0, 0.0]
        json.dumps(frame.to_plotly_json(), default=list, allow_nan=False)


def test_the_two_cut_offs_that_a_score_stands_between_are_named() -> None:
    marks = [words(flow.waterfall(parts([("A", "v", score, 100.0)]), cut_offs=CUT_OFFS)) for score in (89.0, 51.5, 9.0)]
    assert marks == [["Tier 1 from 75.0"], ["Tier 3 from 40.0", "Tier 2 from 60.0"], ["Tier 3 from 40.0"]]
    assert len(flow.waterfall(ACME, cut_offs=CUT_OFFS).layout.shapes) == len(ACME) + 3
    assert words(flow.waterfall(ACME)) == []


def test_a_score_on_the_cut_off_has_reached_it_whatever_floats_add_to() -> None:
    tenths = parts([("A", "v", 0.1, 1.0)] * 3)
    assert sum([0.1] * 3) != 0.3
    assert words(flow.waterfall(tenths, cut_offs=[("Top", 0.3), ("Rest", 0.0)])) == ["Top from 0.3"]


@pytest.mark.parametrize("rows", [[], [("A", "not known", None, None)]])
def test_nothing_known_gives_one_sentence(rows: list[tuple[str, str, float | None, float | None]]) -> None:
    assert flow.waterfall(parts(rows)).layout.annotations[0].text == flow.NO_SCORE


# Habits --------------------------------------------------------------------------------------------------------------


def test_hostile_names_are_text() -> None:
    frames = [
        flow.sankey(table([(HOSTILE, "B", 3, 0), ("B", HOSTILE, 1, 0)]), [HOSTILE, "B"]),
        flow.waterfall(parts([(HOSTILE, HOSTILE, 40.0, 60.0)]), cut_offs=[(HOSTILE, 30.0), ("B", 0.0)]),
    ]
    for frame in frames:
        shown = frame.to_plotly_json()
        shown["layout"].pop("meta")  # plain text, which the browser never reads as markup
        text = json.dumps(shown, default=list)
        assert "<img" not in text
        assert "&lt;img" in text


def test_no_figure_changes_its_table() -> None:
    flows, score = table(ROWS), ACME.copy(deep=True)
    flow.sankey(flows, TIERS)
    flow.waterfall(score, cut_offs=CUT_OFFS)
    pd.testing.assert_frame_equal(flows, table(ROWS))
    pd.testing.assert_frame_equal(score, ACME)
