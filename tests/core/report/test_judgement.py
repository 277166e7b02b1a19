"""Judgement: what is said of a list follows from its figures alone."""

from __future__ import annotations

import datetime as dt

import pytest

from core.measures.calibration import Auc, Calibration
from core.measures.outcomes import Judged
from core.report import judgement


def judged(auc: Auc | None, *, lost: int = 40, skill: float | None = None) -> Judged:
    return Judged(Calibration(200, lost, auc, 0.2, skill=skill), column="churned")


@pytest.mark.parametrize(
    ("auc", "lost", "skill", "start"),
    [
        (Auc(0.51, 0.44, 0.58), 40, None, "The signals carry no information about loss in this book: AUC 0.51"),
        (Auc(0.71, 0.64, 0.78), 40, None, "The signals carry information about loss: AUC 0.71"),
        (Auc(0.31, 0.24, 0.38), 40, None, "The signals point the wrong way in this book: AUC 0.31"),
        (Auc(0.9, 0.8, 1.0), 9, None, "Too few outcomes to judge the list: 200 accounts, of which 9 were lost"),
        (Auc(0.9, 0.8, 1.0), 1, None, "Too few outcomes to judge the list: 200 accounts, of which 1 was lost"),
        (None, 0, None, "Too few outcomes to judge the list"),
    ],
)
def test_the_answer_follows_from_the_interval(auc: Auc | None, lost: int, skill: float | None, start: str) -> None:
    assert judgement.answer(judged(auc, lost=lost, skill=skill)).startswith(start)


def test_the_skill_of_the_probabilities_is_said_beside_the_order() -> None:
    good, bad = (judgement.answer(judged(Auc(0.7, 0.6, 0.8), skill=skill)) for skill in (0.12, -0.4))
    assert "Brier skill of 12\u00a0%" in good
    assert "no better than saying the average" in bad
    assert "\u221240\u00a0%" in bad


def test_what_was_judged_by_what_is_said() -> None:
    found = Calibration(200, 40, None, None)
    assert "the column “churned”" in judgement.basis(Judged(found, column="churned", skipped=3))
    year, before = dt.date(2025, 9, 30), dt.date(2024, 9, 30)
    text = judgement.basis(Judged(found, split=year, fitted=before))
    assert "2025-09-30" in text
    assert "fitted on the year after 2024-09-30" in text
    assert "left out" not in text
