"""Figures of calibration: every point with its interval, and the title names what is most wrong."""

from __future__ import annotations

import pandas as pd
import pytest

from core.figures import calibration, theme

COLUMNS = ["forecast", "observed", "low", "high", "accounts"]
ROWS = [(0.05, 0.06, 0.04, 0.09, 400), (0.25, 0.12, 0.08, 0.18, 200), (0.6, 0.5, 0.35, 0.65, 40)]


def test_the_title_names_the_probability_that_is_most_wrong() -> None:
    frame = calibration.reliability(pd.DataFrame(ROWS, columns=COLUMNS))
    assert "Expected 25.0\u00a0% of 200 accounts, lost 12.0\u00a0%" in theme.alt(frame)


def test_where_every_interval_holds_its_forecast_the_title_says_so() -> None:
    frame = calibration.reliability(pd.DataFrame([ROWS[0], ROWS[2]], columns=COLUMNS))
    assert theme.alt(frame).startswith("Every probability lies within the interval")


def test_points_stand_at_forecast_and_outcome_with_their_whiskers() -> None:
    (points,) = calibration.reliability(pd.DataFrame(ROWS, columns=COLUMNS)).data
    assert list(points.x) == [0.05, 0.25, 0.6]
    assert list(points.y) == [0.06, 0.12, 0.5]
    assert list(points.error_y.array) == pytest.approx([0.03, 0.06, 0.15])
    assert list(points.error_y.arrayminus) == pytest.approx([0.02, 0.04, 0.15])


@pytest.mark.parametrize("dark", [False, True])
def test_nothing_is_one_sentence(dark: bool) -> None:  # noqa: FBT001
    assert theme.alt(calibration.reliability(pd.DataFrame(columns=COLUMNS), dark=dark)) == calibration.NOTHING
