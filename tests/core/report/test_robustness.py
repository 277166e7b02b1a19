"""Sentences about robustness: every case a reader may meet."""

from __future__ import annotations

import pytest

from core.decisions.robustness import acceptability, examples, margins
from core.decisions.robustness.examples import Above, InTier, Subject
from core.decisions.robustness.fragile import FragileAccount, Sureness
from core.decisions.robustness.tipping import Interval
from core.model import toml
from core.report import robustness as said

SCORECARD = toml.load(toml.DEFAULT)
ACME = (100, 80, 100, 100, 80, 50)


def rows(*counts: int) -> list[Sureness]:
    labels = ("robust", "likely", "toss-up")
    return [Sureness(f"Tier {1 + i // 3}", labels[i % 3], count, 14_444_444 * count) for i, count in enumerate(counts)]


@pytest.mark.parametrize(
    ("counts", "within", "sentence"),
    [
        (
            (118, 23, 9, 5, 0, 0), "",
            "118 of 150 Tier 1 accounts hold whatever we think of the weights; 9 worth $1.3M are a toss-up.",
        ),
        (
            (1, 0, 1, 0, 0, 0), said.spread(5),
            ("1 of 2 Tier 1 accounts holds whatever we think of the weights, within about ±\u00a05 points; 1 worth "
             "$144K is a toss-up."),
        ),
        ((4, 1, 0, 0, 0, 9), "", "4 of 5 Tier 1 accounts hold whatever we think of the weights; none is a toss-up."),
        ((0, 0, 0, 4, 1, 7), "", "No account is Tier 1; of the other tiers 7 accounts are a toss-up."),
        ((0, 0, 0), "", said.NOTHING),
        ((), "", said.NOTHING),
    ],
)  # fmt: skip
def test_the_headline_says_what_holds_and_what_is_a_toss_up(
    counts: tuple[int, ...], within: str, sentence: str
) -> None:
    assert said.headline(rows(*counts), within, "USD") == sentence


def test_a_belief_says_how_wide_it_is() -> None:
    text = said.belief(acceptability.around(SCORECARD.weights, 10), "Revenue potential")
    assert "Revenue potential 30.0\u00a0% ±\u00a010.0 points (standard deviation)" in text


def test_one_account_is_said_with_its_error_where_lots_were_drawn() -> None:
    assert said.account("Tier 1", 0.9132, "likely", "") == (
        "Tier 1 in 91.3\u00a0% of all weightings under any weights: likely."
    )
    assert said.account("Tier 1", 0.5, "toss-up", "within these ranges", 0.005) == (
        "Tier 1 in 50.0\u00a0% of all weightings within these ranges (±\u00a00.5 points): a toss-up."
    )
    assert said.account("", None, None, "").startswith("Unrated: ")


def test_the_smallest_change_is_said_or_that_there_is_none() -> None:
    assert said.certificate(margins.certificate(SCORECARD, ACME, tier=0), "Tier 1") == (
        "It takes 28.0 points of weight to bring it to Tier 2; no change that moves less can."
    )
    assert said.certificate(None, "Tier 1") == "No weights take it out of Tier 1."
    line = margins.certificate(SCORECARD, (100, 100, 50, 50, 0, 100), tier=0)
    assert said.certificate(line, "Tier 1").startswith("It stands exactly on a cut-off: ")


def fragile(**changes: object) -> FragileAccount:
    made = {
        "account_id": "a", "name": "A", "tier": "Tier 1", "score": 75.0, "confidence": 0.5, "label": "toss-up",
        "revenue": 1, "at_stake": 1, "on_the_line": False, "blanks": (), "tips": None, "profile": 0,
    }  # fmt: skip
    return FragileAccount(**{**made, **changes})  # type: ignore[arg-type]


def test_a_blank_settles_before_an_opinion_does() -> None:
    assert said.settles(fragile(blanks=("Fit", "Size"), on_the_line=True)) == "find out: Fit, Size"
    assert said.settles(fragile(on_the_line=True)).startswith("on the cut-off: ")
    assert said.settles(fragile(tips=("Fit", 0.177))) == "agree on Fit: it tips at 17.7\u00a0%"
    assert said.settles(fragile()).startswith("no single weight tips it")


def test_an_interval_with_an_open_end_is_not_any_weight() -> None:
    assert said.interval(Interval(0.0, 1.0, low_open=True)) == "0.0\u00a0% to 100.0\u00a0%"


def test_statements_are_written_as_they_were_made() -> None:
    subjects = {"a": Subject("Acme", ACME), "b": Subject("Bolt", ACME)}
    assert said.statement(Above("a", "b"), subjects, SCORECARD.tier_names) == "Acme stands above Bolt"
    found = said.statement(InTier("b", 1, examples.AT_LEAST), subjects, SCORECARD.tier_names)
    assert found == "Bolt is at least in Tier 2"


def test_weights_from_examples_say_how_far_they_are_and_whether_rounding_holds() -> None:
    weights = SCORECARD.weights
    assert said.example(examples.Found(weights, (), 0.0, holds=True)).endswith("satisfy every statement already.")
    assert said.example(examples.Found(weights, (), 0.28, holds=True)).endswith("move 28.0 points.")
    assert "basis points" in said.example(examples.Found(weights, (), 0.28, holds=False))
