"""Effective importance, held by closed forms, by known shares, and by working every account in fractions.

`tests/known/extras.json: effective_importance` gives η² of a random book that is not in the file (and that neither the
1,728 profiles taken once nor uniform draws of them reproduce), so of it only the step from η² to shares is checked. The
closed form stands in for it: where criteria are independent, η_j² = w_j² var_j / Σ w² var.
"""

from __future__ import annotations

import itertools
import json
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.accounts import books
from core.accounts.banding import MISSING
from core.measures import influence, portfolio, scoring, tiers
from core.model import toml
from tests import making, reference

if TYPE_CHECKING:
    from core.model.model import Model

KNOWN: dict[str, Any] = json.loads((Path(__file__).parents[2] / "known" / "extras.json").read_text("utf-8"))
ORACLE = KNOWN["effective_importance"]


def ratios(points: list[list[int]], weights: tuple[int, ...], accounts: list[int]) -> list[float | None]:
    matrix = np.array(points, dtype=np.uint8).reshape(len(points), len(weights))
    scores = scoring.score(matrix, weights)
    return influence.correlation_ratios(matrix, scores.earned, scores.present, np.array(accounts, dtype=np.int64))


def test_shares_are_those_of_the_oracle() -> None:
    assert influence.shares(ORACLE["eta2"]) == pytest.approx(ORACLE["normalised"], abs=1e-15)
    assert toml.load(toml.DEFAULT).weights == tuple(round(10_000 * says) for says in ORACLE["nominal"])


def test_over_every_profile_once_the_closed_form_holds() -> None:
    model = toml.load(toml.DEFAULT)
    levels = [sorted(set(criterion.levels)) for criterion in model.criteria]
    points = [list(profile) for profile in itertools.product(*levels)]
    parts = [w**2 * float(np.var(each)) for w, each in zip(model.weights, levels, strict=True)]
    assert len(points) == 1728
    expected = [part / sum(parts) for part in parts]
    assert ratios(points, model.weights, [1] * 1728) == pytest.approx(expected, rel=1e-12)


def test_a_criterion_on_which_all_agree_explains_nothing_whatever_its_weight() -> None:
    found = ratios([[50, 0], [50, 100], [50, 30]], (9_900, 100), [1, 2, 3])
    assert found == pytest.approx([0.0, 1.0], abs=1e-15)


def test_nothing_varies_so_nothing_is_explained() -> None:
    assert ratios([[50, 50], [50, MISSING]], (5_000, 5_000), [3, 4]) == [None, None]
    assert ratios([[30, 50], [50, 30]], (5_000, 5_000), [3, 4]) == [None, None]
    assert ratios([], (5_000, 5_000), []) == [None, None]
    assert influence.shares([None, None]) == [None, None]


def test_missing_is_a_level_of_its_own() -> None:
    # Scores 100, 0 and 50, the last from the second criterion alone: the first has levels 100, 0 and missing.
    found = ratios([[100, 100], [0, 0], [MISSING, 50]], (5_000, 5_000), [1, 1, 1])
    assert found == pytest.approx([1.0, 1.0])


@settings(max_examples=25)
@given(making.models(), st.data())
def test_the_cube_answers_as_every_rated_account_by_itself(model: Model, data: st.DataObject) -> None:
    accounts = data.draw(making.rows(model))
    book = making.book(making.columns(accounts))
    found = portfolio.prepare(book, model)
    answers = [answer for answer in (reference.judge(model, a) for a in accounts) if answer.tier < len(model.tiers)]
    effective = influence.effective(found.cube, tiers.weigh(found.cube, model), model)
    scores = [answer.score or Fraction(0) for answer in answers]
    mean = sum(scores, Fraction(0)) / max(len(scores), 1)
    total = sum((s - mean) ** 2 for s in scores)
    for j, each in enumerate(effective):
        assert each.says == model.weights[j] / 10_000
        if not total:
            assert each.explains is each.acts_as is None
            continue
        levels: dict[Fraction | None, list[Fraction]] = {}
        for answer, score in zip(answers, scores, strict=True):
            levels.setdefault(answer.points[j], []).append(score)
        between = sum(len(held) * (sum(held, Fraction(0)) / len(held) - mean) ** 2 for held in levels.values())
        assert each.explains == pytest.approx(float(between / total), rel=1e-9, abs=1e-12)
    if total:
        assert sum(each.acts_as or 0 for each in effective) == pytest.approx(1)
    books.close(book)
