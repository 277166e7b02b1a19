from __future__ import annotations

import pytest

from core import wording
from core.decisions.elicitation import swings
from core.model import toml
from core.model.criteria import Band, BandCriterion, LinearCriterion


def test_a_swing_is_spelled_out_by_its_ends() -> None:
    revenue, size, industry, *_ = (swings.of(criterion) for criterion in toml.load("tier1_scorecard").criteria)
    assert revenue.words == "from <$100K to $400K+"
    assert size.words == "from <500 employees to 10,000+ employees"
    assert industry.best == "Financial Services, Technology, Healthcare"


def test_levels_come_worst_first_with_their_points() -> None:
    revenue = swings.of(toml.load("tier1_scorecard").criteria[0])
    assert revenue.levels == (("<$100K", 0), ("$100K–$200K", 5), ("$200K–$400K", 8), ("$400K+", 10))


def test_where_less_is_better_the_way_runs_the_other_way() -> None:
    bands = (Band(points=10), Band(lower=5, points=0))
    falling = BandCriterion(id="c", name="Churned", column="c", unit="losses", importance=1, bands=bands)
    assert swings.of(falling).words == "from 5+ losses to <5 losses"
    slower = LinearCriterion(id="d", name="Days", column="d", unit="days", importance=1, zero_at=90, ten_at=10)
    assert swings.of(slower).words == "from 90 days to 10 days"


def test_shares_are_said_in_percent_and_a_scale_is_no_unit() -> None:
    criteria = {c.id: c for c in toml.load("high_value_account").criteria}
    growth, engagement = swings.of(criteria["growth_trajectory"]), swings.of(criteria["engagement"])
    assert growth.words == f"from <0{wording.NBSP}% a year to 30{wording.NBSP}%+ a year"
    assert engagement.words == "from <40 to 80+"


@pytest.mark.parametrize("model", sorted(toml.ready_models()))
def test_every_ready_model_can_be_spelled_out(model: str) -> None:
    for criterion in toml.load(model).criteria:
        found = swings.of(criterion)
        assert found.worst != found.best
        assert [points for _, points in found.levels] == sorted(points for _, points in found.levels)
