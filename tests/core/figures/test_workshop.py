from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from core.figures import theme, workshop

PEOPLE = ["Ana", "<b>Bo</b>", "Chi"]


def spread(**changes: Any) -> pd.DataFrame:
    rows: dict[str, Any] = {
        "criterion": ["Size", "<i>Fit</i>"],
        "weights": [[0.2, 0.2, 0.6], [0.8, 0.8, 0.4]],
        "low": [0.2, 0.4], "lower_quartile": [0.2, 0.6], "median": [0.2, 0.8], "upper_quartile": [0.4, 0.8],
        "high": [0.6, 0.8],
    }  # fmt: skip
    return pd.DataFrame(rows | changes)


def test_everybody_is_a_dot_and_nobody_is_hidden() -> None:
    frame = workshop.spread(spread(), PEOPLE)
    dots = [trace for trace in frame.data if trace.mode == "markers"]
    assert [list(trace.x) for trace in dots] == [[0.2, 0.2, 0.6], [0.8, 0.8, 0.4]]
    for trace in dots:
        assert len(set(zip(trace.x, trace.y, strict=True))) == 3


def test_fifty_equal_weights_stay_within_their_row() -> None:
    table = spread(weights=[[0.2] * 50, [0.8] * 50])
    frame = workshop.spread(table, [str(i) for i in range(50)])
    assert max(abs(y) for y in frame.data[0].y) <= 0.33


def test_the_title_names_the_most_disputed_criterion_as_text() -> None:
    frame = workshop.spread(spread(), PEOPLE)
    assert "Most disputed: Size, from 20.0" in theme.alt(frame)
    assert "&lt;i&gt;Fit" in str(frame.layout.yaxis.ticktext)


@pytest.mark.parametrize("names", [True, False])
def test_a_dot_says_whose_it_is_only_where_ballots_carry_names(*, names: bool) -> None:
    frame = workshop.spread(spread(), PEOPLE, names=names)
    said = " ".join(frame.data[0].hovertext)
    assert ("Ana" in said) is names
    assert "<b>Bo" not in said


def test_the_rooms_weights_stand_before_those_of_the_model() -> None:
    table = pd.DataFrame({"criterion": ["Size", "<i>Fit</i>"], "weight": [0.3, 0.7], "before": [0.6, 0.4]})
    frame = workshop.chosen(table)
    assert list(frame.data[0].x) == [0.6, 0.4]
    assert list(frame.data[1].x) == [0.3, 0.7]
    assert "most weight to <i>Fit</i>: 70.0" in theme.alt(frame)
    assert "<i>" not in frame.layout.title.text


def test_without_a_ballot_there_is_one_calm_sentence() -> None:
    for frame in (workshop.spread(spread()[:0], []), workshop.chosen(pd.DataFrame({"criterion": []}))):
        assert theme.alt(frame) == "No ballot has been revealed."
