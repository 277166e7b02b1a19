"""Weights: what a slider moves, what it leaves alone, and what comes back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.figures import theme
from core.model import toml
from pages import _plane
from tests.pages.visitor import Visitor

CHARTS = ("weights.accounts", "weights.revenue", "weights.scores")
AS_BEFORE = "No account changes its tier."
MADE = {criterion.id: criterion.importance for criterion in toml.load(toml.DEFAULT).criteria}


def bars(visitor: Visitor, chart: str, name: str) -> list[float]:
    """The bars of a series, Before or After."""
    (series,) = (series for series in visitor.figures[chart]["series"] if series["name"] == name)
    return [bar["value"] for bar in series["data"]]


def count(words: str) -> int:
    return 0 if words == "no account" else int(words.split(" ", maxsplit=1)[0].replace(",", ""))


@pytest.fixture
def visitor() -> Visitor:
    return Visitor("weights").must_be_well()


def test_what_stays_in_view_has_the_colour_of_the_page() -> None:
    css = Path(_plane.__file__).with_name("_weights.css").read_text(encoding="utf-8")
    light, dark = (theme.palette(dark=dark).background for dark in (False, True))
    assert f"--paper: light-dark({light}, {dark});" in css


def test_at_first_nothing_has_moved(visitor: Visitor) -> None:
    assert visitor.sentence == AS_BEFORE
    assert visitor.importance == MADE
    assert bars(visitor, "weights.accounts", "Before") == bars(visitor, "weights.accounts", "After")
    assert sum(bars(visitor, "weights.accounts", "After")) == 2000
    assert sum(bars(visitor, "weights.revenue", "After")) == pytest.approx(1)


def test_a_slider_changes_the_sentence_and_every_chart(visitor: Visitor) -> None:
    before = visitor.figures
    visitor.move(revenue_potential=90.0).must_be_well()
    found = re.fullmatch(r"(.+) worth .+ enters? Tier 1, (no account|.+) (worth .+ )?leaves?\.", visitor.sentence)
    assert found, visitor.sentence
    then, now = (bars(visitor, "weights.accounts", name) for name in ("Before", "After"))
    assert now[0] - then[0] == count(found[1].lower()) - count(found[2].lower())
    assert sum(now) == sum(then) == 2000
    assert then == [bar["value"] for bar in before["weights.accounts"]["series"][0]["data"]]
    assert [chart for chart in CHARTS if visitor.figures[chart]["series"] == before[chart]["series"]] == []


def test_a_slider_moves_no_other_slider(visitor: Visitor) -> None:
    """Weights add to 100 %, importances need not: what is normalised is never written back."""
    visitor.move(revenue_potential=90.0)
    assert visitor.importance == MADE | {"revenue_potential": 90.0}
    assert visitor.weights["revenue_potential"] == "56.3\u00a0%"  # 90 of 160
    assert visitor.weights["company_size"] == "12.5\u00a0%"
    visitor.at.run()
    assert visitor.importance == MADE | {"revenue_potential": 90.0}


def test_the_weights_add_to_100(visitor: Visitor) -> None:
    visitor.move(revenue_potential=33.0, industry=1.0, competition=77.0)
    shown = [float(weight.removesuffix("\u00a0%")) for weight in visitor.weights.values()]
    assert sum(shown) == pytest.approx(100, abs=0.05 * len(shown)), "each is rounded for itself"


def test_a_slider_that_is_still_held_moves_the_charts_but_is_no_step_to_undo(visitor: Visitor) -> None:
    visitor.drag(revenue_potential=60.0).drag(revenue_potential=90.0)
    assert visitor.sentence != AS_BEFORE
    assert not visitor.board["canUndo"]
    visitor.move(revenue_potential=90.0)
    assert visitor.board["canUndo"]
    assert visitor.press("undo").importance == MADE


def test_reset_brings_everything_back(visitor: Visitor) -> None:
    visitor.move(revenue_potential=90.0, industry=0.0)
    assert visitor.board["changed"]
    visitor.press("reset").must_be_well()
    assert visitor.importance == MADE
    assert visitor.sentence == AS_BEFORE
    assert not visitor.board["changed"]


def test_one_criterion_can_be_reset_alone(visitor: Visitor) -> None:
    visitor.move(revenue_potential=90.0, industry=0.0).press("reset", "industry")
    assert visitor.importance == MADE | {"revenue_potential": 90.0}


def test_equal_weights_are_equal(visitor: Visitor) -> None:
    visitor.press("equal").must_be_well()
    assert len(set(visitor.importance.values())) == 1
    assert set(visitor.weights.values()) == {"16.7\u00a0%"}
    assert visitor.sentence != AS_BEFORE


def test_undo_and_redo_go_step_by_step(visitor: Visitor) -> None:
    visitor.move(industry=40.0)
    once = visitor.sentence
    visitor.move(industry=80.0)
    twice = visitor.sentence
    assert visitor.press("undo").sentence == once
    assert visitor.press("undo").sentence == AS_BEFORE
    assert not visitor.board["canUndo"]
    assert visitor.press("redo").press("redo").sentence == twice
    assert not visitor.board["canRedo"]


def test_a_locked_weight_keeps_its_share_while_others_move(visitor: Visitor) -> None:
    visitor.press("lock", "industry").move(revenue_potential=90.0).must_be_well()
    assert visitor.weights["industry"] == "15.0\u00a0%"
    assert visitor.press("unlock", "industry").weights["industry"] == "15.0\u00a0%"


def test_the_last_free_weight_cannot_be_locked(visitor: Visitor) -> None:
    *first, last = visitor.importance
    for criterion in first:
        visitor.press("lock", criterion)
    assert visitor.errors == []
    visitor.press("lock", last).must_be_well()
    assert visitor.errors == ["weights: one criterion must stay free. Unlock another one first."]


def test_a_cut_off_moves_the_tiers(visitor: Visitor) -> None:
    assert visitor.cut_offs == {"Tier 1": 75.0, "Tier 2": 60.0, "Tier 3": 40.0}
    before = bars(visitor, "weights.accounts", "After")
    visitor.cut("Tier 1", 70.0).must_be_well()
    after = bars(visitor, "weights.accounts", "After")
    assert after[0] > before[0]
    assert after[0] + after[1] == before[0] + before[1], "they come from the next tier"
    assert visitor.importance == MADE


def test_the_charts_come_back_when_weights_of_0_are_mended(visitor: Visitor) -> None:
    visitor.move(**dict.fromkeys(MADE, 0.0)).must_be_well()
    assert len(visitor.errors) == 1
    assert set(visitor.importance.values()) == {0.0}, "the sliders stay, so that they can be mended"
    visitor.move(industry=10.0).must_be_well()
    assert visitor.errors == []
    assert visitor.weights["industry"] == "100.0\u00a0%"
    assert sum(bars(visitor, "weights.accounts", "After")) == 2000


def test_weights_survive_a_change_of_page_and_reach_the_others(visitor: Visitor) -> None:
    visitor.move(revenue_potential=100.0)
    sentence, tier_1 = visitor.sentence, bars(visitor, "weights.accounts", "After")[0]
    visitor.open("overview")
    assert visitor.sentence.startswith(f"{tier_1:,.0f} accounts of 2,000 are Tier 1: ")
    visitor.open("at_risk").open("concentration").open("weights")
    assert visitor.importance == MADE | {"revenue_potential": 100.0}
    assert visitor.sentence == sentence


def test_each_model_keeps_its_own_sliders(visitor: Visitor) -> None:
    visitor.move(revenue_potential=100.0)
    sentence = visitor.sentence
    visitor.choose(model="key_account").must_be_well()
    assert visitor.sentence == AS_BEFORE
    assert "technology_fit" not in visitor.importance
    first = next(iter(visitor.importance))
    visitor.move(**{first: 100.0})
    visitor.choose(model=toml.DEFAULT)
    assert visitor.importance == MADE | {"revenue_potential": 100.0}
    assert visitor.sentence == sentence
    assert visitor.choose(model="key_account").importance[first] == 100.0


def test_two_sessions_do_not_share_their_sliders(visitor: Visitor) -> None:
    other = Visitor("weights")
    visitor.move(revenue_potential=100.0)
    other.at.run()
    assert other.importance == MADE
    assert other.sentence == AS_BEFORE


@pytest.mark.parametrize("verb", ["", "no such verb", "__class__"])
def test_a_button_that_does_not_exist_does_nothing(verb: str, visitor: Visitor) -> None:
    visitor.press(verb, "industry").must_be_well()
    assert visitor.importance == MADE


def test_fit_and_need_lists_the_accounts_of_a_group_of_profiles() -> None:
    visitor = Visitor("weights")
    visitor.at.session_state["weights.plane"] = True
    visitor.at.run()
    assert "Tier 1 averages health" in visitor.must_be_well().figures["plane.chart.health"]["layout"]["title"]["text"]
    visitor.at.pills(key="plane.group").set_value("Fit well, need us").run()
    listed = next(table.value for table in visitor.must_be_well().at.dataframe if "Health score" in table.value.columns)
    assert set(listed["Tier"]) == {"Tier 1"}
    assert 0 < len(listed) <= 50
    visitor.at.segmented_control(key="plane.need").set_value("engagement").run()
    assert "plane.chart.engagement" in visitor.must_be_well().figures


@pytest.mark.parametrize(
    ("sent", "places"),
    [
        ([{"customdata": 2}, {"customdata": [0]}, {"customdata": 2}], [0, 2]),
        ([{"customdata": "1"}, {"customdata": -1}, {"customdata": 9}, {}, {"customdata": None}], []),
    ],
)
def test_what_a_browser_sends_as_a_selection_is_checked(sent: list[dict[str, object]], places: list[int]) -> None:
    assert _plane._inside({"selection": {"points": sent}}, 3).tolist() == places
