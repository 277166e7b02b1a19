"""Pieces of the live charts."""

from __future__ import annotations

import json

from core.figures import options, theme


def test_a_frame_is_plain_json_with_its_words() -> None:
    frame = options.frame("Title", "How to read it.", "A picture.", dark=True, grid={"left": 4})
    assert (frame["title"]["text"], frame["title"]["subtext"]) == ("Title", "How to read it.")
    assert frame["aria"]["label"]["description"] == "A picture."
    assert frame["grid"]["left"] == 4
    assert frame["title"]["textStyle"]["color"] == theme.palette(dark=True).ink
    assert json.loads(json.dumps(frame)) == frame


def test_a_tooltip_is_escaped_line_by_line_and_fills_no_placeholder() -> None:
    tip = options.item(1.0, "1", ["<b>{c}</b>", 'a "b"'], {})["tooltip"]["formatter"]
    assert tip == "&lt;b&gt;&#123;c&#125;&lt;/b&gt;<br>a &quot;b&quot;"


def test_only_what_is_no_tier_is_hatched() -> None:
    assert options.filled(theme.Mark("#1B3A6B", "#1B3A6B"))["decal"] == {"symbol": "none"}
    assert options.filled(theme.palette().unrated)["decal"]["symbol"] == "rect"


def test_bars_react_to_the_pointer_by_their_tooltip_only() -> None:
    series = options.bars("After", [], dark=False, label={"position": "top"}, z=3)
    assert series["emphasis"] == {"disabled": True}
    assert series["label"]["position"] == "top"
    assert series["z"] == 3


def test_axes_hold_names_and_a_fixed_end() -> None:
    assert options.names_axis(["A", "B"], dark=False)["data"] == ["A", "B"]
    assert options.hidden_axis(0.8) == {"type": "value", "min": 0, "max": 0.8, "show": False}
