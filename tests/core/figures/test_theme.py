"""The theme: enough contrast, colours that stay apart for every eye, and one truth with the screen's own theme."""

from __future__ import annotations

import itertools
import math
import tomllib
from pathlib import Path
from typing import Any

import pytest
from streamlit import config as streamlit_config

from core.figures import colour, theme

# Machado, Oliveira and Fernandes, A physiologically-based model for simulation of color vision deficiency, IEEE
# Transactions on Visualization and Computer Graphics 15 (2009), severity 1.0; on linear light.
VISIONS: dict[str, tuple[colour.Triple, ...]] = {
    "usual": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
JUST_NOTICEABLE = 0.02  # CSS Color 4, section 13: "one JND is an OKLab difference of 0.02"
SCREENS = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
EYES = pytest.mark.parametrize("vision", VISIONS)
CONFIG = tomllib.loads((Path(__file__).parents[3] / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]


def seen(name: str, vision: str) -> str:
    light = colour.linear(name)
    red, green, blue = (sum(a * b for a, b in zip(row, light, strict=True)) for row in VISIONS[vision])
    return colour.hexed((red, green, blue))


def difference(one: str, other: str, vision: str = "usual") -> float:
    return math.dist(colour.oklab(seen(one, vision)), colour.oklab(seen(other, vision)))


def faded(ink: str, background: str, opacity: float) -> str:
    """Ink at less than full opacity, as Streamlit writes captions."""
    parts = [
        round(int(ink[i : i + 2], 16) * opacity + int(background[i : i + 2], 16) * (1 - opacity)) for i in (1, 3, 5)
    ]
    return "#" + "".join(f"{part:02X}" for part in parts)


# --------------------------------------------------------------------------------------------------- decided colours


def test_the_ramp_of_four_tiers_is_the_decided_one() -> None:
    assert theme.tier_colours(4) == ("#1B3A6B", "#3E7CB1", "#8DB8D8", "#CBD5DF")
    assert dict(theme.HEALTH) == {"Healthy": "#2A9D8F", "At Risk": "#E9A23B", "Critical": "#C8453B"}


@SCREENS
@pytest.mark.parametrize("n", range(9))
def test_any_number_of_tiers_has_its_colours_in_order(n: int, dark: bool) -> None:  # noqa: FBT001
    background = theme.palette(dark=dark).background
    strength = [colour.contrast(fill, background) for fill in theme.tier_colours(n, dark=dark)]
    assert len(strength) == n
    assert strength == sorted(strength, reverse=True)


def test_fewer_tiers_keep_the_colours_of_the_first() -> None:
    assert theme.tier_colours(2) == theme.tier_colours(3)[:2] == theme.tier_colours(4)[:2]


def test_unrated_accounts_are_hatched_and_take_no_colour_of_the_ramp() -> None:
    marks = theme.tier_marks(["A", "B", "Unrated"])
    assert (marks["A"].fill, marks["B"].fill) == theme.tier_colours(2)
    assert marks["Unrated"].hatched
    assert not marks["A"].hatched
    assert theme.bar_style(marks["Unrated"])["pattern"]["shape"] == "/"


# --------------------------------------------------------------------------------------------------- contrast


@SCREENS
def test_text_has_a_contrast_of_4_5(dark: bool) -> None:  # noqa: FBT001
    colours = theme.palette(dark=dark)
    grounds = [colours.background, colours.band, *colours.cells]
    assert min(colour.contrast(colours.ink, ground) for ground in grounds) >= 4.5
    assert min(colour.contrast(colours.muted, ground) for ground in grounds[:2]) >= 4.5
    for mark in colours.health.values():
        assert colour.contrast(theme.ink_on(mark.fill), mark.fill) >= 4.5


@SCREENS
def test_the_shape_of_every_mark_has_a_contrast_of_3(dark: bool) -> None:  # noqa: FBT001
    colours = theme.palette(dark=dark)
    others = [*colours.health.values(), colours.unrated, colours.plain, colours.strong]
    edges = [mark.edge for mark in others] + [colours.before]
    edges += [edge for n in range(1, 9) for edge in theme.tier_edges(n, dark=dark)]
    assert min(colour.contrast(edge, colours.background) for edge in edges) >= 3


# --------------------------------------------------------------------------------------------------- every eye


@SCREENS
@EYES
def test_statuses_of_health_stay_apart(vision: str, dark: bool) -> None:  # noqa: FBT001
    fills = [mark.fill for mark in theme.palette(dark=dark).health.values()]
    assert min(difference(*pair, vision) for pair in itertools.combinations(fills, 2)) >= 4.5 * JUST_NOTICEABLE


@SCREENS
@EYES
def test_neighbouring_tiers_stay_apart(vision: str, dark: bool) -> None:  # noqa: FBT001
    for n in range(2, 5):
        pairs = itertools.pairwise(theme.tier_colours(n, dark=dark))
        assert min(difference(*pair, vision) for pair in pairs) >= 4.5 * JUST_NOTICEABLE


@SCREENS
def test_neighbours_among_eight_tiers_can_still_be_told_apart(dark: bool) -> None:  # noqa: FBT001
    pairs = itertools.pairwise(theme.tier_colours(8, dark=dark))
    assert min(difference(*pair) for pair in pairs) >= 2 * JUST_NOTICEABLE


def test_a_status_is_never_told_by_colour_alone() -> None:
    for signs in (theme.HEALTH_SIGNS, theme.HEALTH_SYMBOLS):
        assert set(signs) == set(theme.HEALTH)
        assert len(set(signs.values())) == len(theme.HEALTH)


# --------------------------------------------------------------------------------------------------- the screen's theme


def options(section: dict[str, Any], prefix: str = "theme") -> list[str]:
    names = []
    for name, value in section.items():
        names += options(value, f"{prefix}.{name}") if isinstance(value, dict) else [f"{prefix}.{name}"]
    return names


def test_streamlit_knows_every_option_of_the_theme() -> None:
    assert set(options(CONFIG)) <= set(streamlit_config.get_config_options())


@SCREENS
def test_screen_and_figures_share_background_ink_and_tier_colours(dark: bool) -> None:  # noqa: FBT001
    section, colours = CONFIG["dark" if dark else "light"], theme.palette(dark=dark)
    assert (section["backgroundColor"], section["textColor"]) == (colours.background, colours.ink)
    assert section["borderColor"] == colours.border
    assert tuple(section["chartCategoricalColors"][:4]) == colours.ramp
    assert len(section["chartSequentialColors"]) == len(section["chartDivergingColors"]) == 10


@SCREENS
def test_text_of_the_screen_has_a_contrast_of_4_5(dark: bool) -> None:  # noqa: FBT001
    section = CONFIG["dark" if dark else "light"]
    background = section["backgroundColor"]
    for name in ("red", "orange", "yellow", "green", "blue", "violet", "gray"):
        text = section[f"{name}TextColor"]
        assert colour.contrast(text, background) >= 4.5, name
        assert colour.contrast(text, section[f"{name}BackgroundColor"]) >= 4.5, name
    assert colour.contrast(section["linkColor"], background) >= 4.5
    assert colour.contrast(section["dataframeHeaderTextColor"], section["dataframeHeaderBackgroundColor"]) >= 4.5
    # Streamlit writes captions at 60 % and the label of a primary button in white.
    for ground in (background, section["sidebar"]["backgroundColor"], section["secondaryBackgroundColor"]):
        assert colour.contrast(faded(section["textColor"], ground, 0.6), ground) >= 4.5
    assert colour.contrast("#FFFFFF", section["primaryColor"]) >= 4.5
    assert colour.contrast(section["primaryColor"], background) >= 3


def test_fonts_come_from_no_other_host() -> None:
    assert "://" not in str(CONFIG)


# --------------------------------------------------------------------------------------------------- frames and text


@SCREENS
def test_a_frame_has_its_title_alternative_text_and_template(dark: bool) -> None:  # noqa: FBT001
    frame = theme.figure("Tier 1 holds 62 %", "A picture.", height=100, dark=dark)
    assert frame.layout.title.text == "Tier 1 holds 62 %"
    assert theme.alt(frame) == "A picture."
    assert frame.layout.meta["title"] == "Tier 1 holds 62 %"
    assert frame.layout.template.layout.font.color == theme.palette(dark=dark).ink
    assert frame.layout.template.layout.paper_bgcolor == "rgba(0,0,0,0)"


def test_a_long_title_is_broken_into_even_lines_and_makes_its_own_room() -> None:
    short = theme.figure("Short", "", height=100)
    long = theme.figure("The smaller half of the accounts brings 5.8 % of revenue (Gini 0.62)", "", height=100)
    lines = long.layout.title.text.split("<br>")
    assert len(lines) == 2
    assert max(len(line) for line in lines) <= 48
    assert abs(len(lines[0]) - len(lines[1])) < 12
    assert long.layout.height == short.layout.height + 20
    assert long.layout.margin.t == short.layout.margin.t + 20


def test_names_are_text_wherever_a_theme_function_writes_them() -> None:
    assert theme.safe("<img src=x onerror=alert(1)>") == "&lt;img src=x onerror=alert(1)&gt;"
    assert theme.safe('R&D "x" %{y}') == 'R&amp;D "x" %\u2060{y}', "Plotly would put a value in its place"
    frame = theme.figure("<b>A</b> & B", "", height=100)
    theme.note(frame, "<i>n</i>\nsecond", x=0, y=0)
    theme.key(frame, {"<u>T</u>": theme.Mark("#1B3A6B", "#1B3A6B")}, left=50)
    assert frame.layout.title.text == "&lt;b&gt;A&lt;/b&gt; &amp; B"
    assert [note.text for note in frame.layout.annotations] == [
        "&lt;i&gt;n&lt;/i&gt;<br>second",
        "&lt;u&gt;T&lt;/u&gt;",
    ]


def test_a_shortened_name_is_cut_before_it_is_escaped() -> None:
    assert theme.shorten("Aurora\n Borealis & Sons", 40) == "Aurora Borealis & Sons"
    assert theme.safe(theme.shorten("R&D & R&D & R&D", 8)) == "R&amp;D &amp; R…"


def test_an_empty_figure_says_one_sentence() -> None:
    frame = theme.empty("Nothing yet.")
    assert [note.text for note in frame.layout.annotations] == ["Nothing yet."]
    assert theme.alt(frame) == "Nothing yet."
    assert len(frame.data) == 0


def test_a_bar_axis_leaves_room_for_the_label_of_every_bar() -> None:
    end = theme.axis_end([0.5, 0.1], ["$3.4M · 50.0 %", "$680K · 10.0 %"])
    assert 0.5 + 14 * 6.4 / 255 * end <= end + 1e-9
    assert theme.axis_end([], []) > 0


@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_what_is_undefined_has_no_length(value: float | None) -> None:
    assert theme.number(value) == 0.0


def test_a_key_that_is_too_long_for_a_phone_takes_a_second_row() -> None:
    frame = theme.figure("Title", "", height=100)
    before = frame.layout.height
    theme.key(frame, {f"A long tier {n}": theme.Mark("#1B3A6B", "#1B3A6B") for n in range(6)}, left=80)
    assert frame.layout.height == before + 40
    assert len(frame.layout.shapes) == 6
