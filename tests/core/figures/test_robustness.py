"""Figures of robustness draw what they are given, say it in words, and take no name for more than a name."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from core.figures import robustness, theme

HOSTILE = "<img src=x onerror=alert(1)>"


def sureness(*accounts: int, tier: str = "Tier 1") -> pd.DataFrame:
    labels = ["robust", "likely", "toss-up"]
    made = {"tier": [tier] * 3, "label": labels, "accounts": accounts, "revenue": [100_000 * n for n in accounts]}
    return pd.DataFrame(made)


def drawn(figure: Any) -> str:
    made = json.loads(figure.to_json())
    made["layout"].pop("meta")
    return json.dumps(made)


@pytest.mark.parametrize("dark", [False, True])
def test_sureness_shows_each_label_as_a_part_of_its_tier(dark: bool) -> None:  # noqa: FBT001
    figure = robustness.sureness(sureness(140, 35, 25), dark=dark)
    assert [trace.name for trace in figure.data] == ["robust", "likely", "toss-up"]
    assert [trace.x[0] for trace in figure.data] == [0.7, 0.175, 0.125]
    assert figure.layout.meta["title"] == "70.0\u00a0% of Tier 1 is robust"
    assert "Tier 1, toss-up: 25 accounts" in theme.alt(figure)
    assert figure.data[2].marker.pattern.shape == "/", "told without colour, too"


def test_a_number_stands_in_a_part_only_where_it_fits_on_a_phone() -> None:
    small, large = (robustness.sureness(sureness(79 * size, 9 * size, 12 * size)) for size in (1, 10_000))
    assert [trace.text[0] for trace in small.data] == ["79", "9", "12"]
    assert [trace.text[0] for trace in large.data] == ["790,000", "", "120K"]


def test_nothing_is_one_sentence() -> None:
    assert theme.alt(robustness.sureness(sureness(0, 0, 0))) == robustness.NOTHING
    empty = pd.DataFrame({"low": [0.0], "high": [0.01], "accounts": [0], "revenue": [0]})
    assert theme.alt(robustness.distances(empty)) == robustness.NOTHING
    assert "nothing to move" in theme.alt(robustness.tornado(tornado().head(0), step="5 points"))


def test_a_tier_without_accounts_keeps_its_row() -> None:
    table = pd.concat([sureness(0, 0, 0), sureness(5, 0, 0, tier="Tier 2")])
    figure = robustness.sureness(table)
    assert list(figure.data[0].x) == [0, 1]
    assert figure.layout.meta["title"] == "n/a of Tier 1 is robust"


def test_distances_name_their_classes_and_what_no_weights_change() -> None:
    table = pd.DataFrame(
        {
            "low": [0.0, 0.01, 0.05, 0.2, None],
            "high": [0.01, 0.05, 0.2, None, None],
            "accounts": [1, 2, 3, 4, 5],
            "revenue": [100_000_000, 200_000_000, 1, 1, -5],
        }
    )
    figure = robustness.distances(table)
    names = list(figure.layout.yaxis.ticktext)
    assert names == ["under 1 point", "1 to 5 points", "5 to 20 points", "20 points and more", "no weights do"]
    assert figure.layout.meta["title"] == "$3.0M of revenue changes tier within 5 points of weight"
    assert list(figure.data[0].x)[-1] == 0, "credits have no length"
    assert list(figure.data[0].text)[:2] == ["$1.0M · 1 account", "$2.0M · 2 accounts"]


def stairs() -> pd.DataFrame:
    return pd.DataFrame({"weight": [0.0, 0.3, 1.0], "at": [5, 6, 2], "after": [5, 2, 2]})


def test_the_staircase_draws_every_step_at_and_after_its_breakpoint() -> None:
    figure = robustness.staircase(stairs(), names=("Fit", "Tier 1"), now=0.3, keeps=(0.2, 0.4))
    assert list(figure.data[0].x) == [0, 0, 0.3, 0.3, 1, 1]
    assert list(figure.data[0].y) == [5, 5, 6, 2, 2, 2]
    assert figure.data[0].line.shape == "hv"
    assert figure.layout.meta["title"] == "Tier 1 accounts: 6 now, 2 to 6 at other weights"
    between = robustness.staircase(stairs(), names=("Fit", "Tier 1"), now=0.5, money=True)
    assert between.layout.meta["title"].startswith("Tier 1 revenue: $0 now")


def tornado(name: str = "Fit") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "name": [name, "Cut-off of Tier 1"], "now": ["20 %", "75"],
            "lower": ["15 %", None], "lower_revenue": [500_000_000, None], "lower_accounts": [12, None],
            "higher": ["25 %", "80"], "higher_revenue": [100_000_000, 0], "higher_accounts": [3, 0],
        }
    )  # fmt: skip


def test_the_tornado_draws_lower_to_the_left_and_higher_to_the_right() -> None:
    figure = robustness.tornado(tornado(), step="5 points")
    assert [list(trace.x) for trace in figure.data] == [[-5_000_000, 0], [1_000_000, 0]]
    assert list(figure.data[0].text) == ["$5.0M", ""]
    assert "no room to move" in figure.data[0].hovertext[1]
    assert figure.layout.meta["title"] == "Fit matters most: $5.0M changes tier"
    assert "12 accounts with $5.0M change tier" in figure.data[0].hovertext[0]


def test_a_hostile_name_stays_a_name() -> None:
    figures = [
        robustness.sureness(sureness(1, 2, 3, tier=HOSTILE)),
        robustness.tornado(tornado(HOSTILE), step="5 points"),
        robustness.staircase(stairs(), names=(HOSTILE, HOSTILE), now=0.3),
    ]
    for figure in figures:
        assert "<img" not in drawn(figure)


def test_nothing_that_moves_is_not_called_what_matters_most() -> None:
    still = tornado().assign(lower_revenue=0, higher_revenue=0)
    assert robustness.tornado(still, step="5 points").layout.meta["title"] == "No revenue changes tier"
    none = still.assign(lower_accounts=0, higher_accounts=0)
    assert robustness.tornado(none, step="5 points").layout.meta["title"] == "No account changes its tier"


@pytest.mark.parametrize(
    ("accounts", "who"), [(0, "No account changes"), (1, "1 account changes"), (7, "7 accounts change")]
)
def test_distances_without_revenue_count_accounts(accounts: int, who: str) -> None:
    table = pd.DataFrame({"low": [0.0, None], "high": [0.05, None], "accounts": [accounts, 1], "revenue": [0, 0]})
    frame = robustness.distances(table)
    assert frame.layout.meta["title"] == f"{who} tier within 5 points of weight"
    assert theme.alt(frame).endswith("no weights do: $0 · 1 account.")
