"""What a loss would do, in sentences and in tables that are handed over."""

from __future__ import annotations

import numpy as np
import pytest

from core import wording
from core.measures import concentration, loss_distribution, rules, stress
from core.report import losing, tables

BOOK = concentration.shares_base(np.array([500_00, 300_00, 200_00, 100_00, 50_00])).counted
FIVE = loss_distribution.assess(BOOK, np.array([0.05, 0.1, 0.25, 0.6, 0.05]))


def spaces(text: str) -> str:
    return text.replace(wording.NBSP, " ")


def many(correlation: float = 0.0) -> loss_distribution.LossRisk:
    revenue = (np.random.default_rng(2).lognormal(11, 1.6, 2_000) * 100).astype(np.int64)
    return loss_distribution.assess(revenue, np.full(2_000, 0.1), correlation=correlation)


def test_the_largest_is_held_against_ten_typical_ones() -> None:
    found = stress.largest_against_typical(concentration.shares_base(np.array([5_000_00, *[100_00] * 20])).counted)
    assert losing.largest(found, "USD") == (
        "Losing the largest account ($5.0K) hurts more than losing ten typical ones ($1.0K together); "
        "it is worth 50.0 of them."
    )
    assert losing.largest(None, "USD").startswith("There are too few paying accounts")
    assert losing.largest(found, "USD", who="customer").startswith("Losing the largest customer ($5.0K)")


def test_a_largest_that_is_worth_ten_typical_ones_hurts_as_much() -> None:
    found = stress.largest_against_typical(concentration.shares_base(np.array([1_000_00, *[100_00] * 20])).counted)
    assert "hurts as much as losing ten typical ones ($1.0K together)" in losing.largest(found, "USD")


def test_refilling_is_said_in_accounts_of_today() -> None:
    (one,) = stress.ladder(BOOK, (1,))
    assert (
        losing.refill(one, "USD")
        == "Refilling $500 takes 3 accounts of today's average revenue, or 3 of today's median."
    )


def test_the_expectation_comes_with_a_bad_year() -> None:
    assert spaces(losing.expected(FIVE, "USD")) == (
        "These probabilities expect a loss of $168 (14.6 % of revenue); one year in 20 loses $600 or more."
    )


def test_what_is_exact_is_called_exact() -> None:
    assert losing.method(FIVE, "USD") == "Exact: every outcome was counted."
    assert [losing.within(q, "USD") for q in FIVE.quantiles] == ["exact"] * 3


def test_a_grid_is_said_with_its_step_and_its_bound() -> None:
    found = many()
    text = spaces(losing.method(found, "USD"))
    assert text.startswith("Exact for independent losses on a grid of $")
    assert text.endswith(", less than 0.1 % of revenue.")
    widest = max(max(q.high - q.value, q.value - q.low) for q in found.quantiles)
    assert losing.whole(widest, "USD") in text
    assert all(losing.within(q, "USD").startswith("± $") for q in found.quantiles)


def test_a_common_factor_is_said_with_its_correlation() -> None:
    text = losing.method(many(0.15), "USD")
    assert text.startswith("One common factor with a correlation of 0.15")
    assert "no value at risk is further off than $" in text


def test_rules_are_written_in_their_unit_and_with_their_result() -> None:
    found = {row.rule.id: row for row in rules.judge(BOOK)}
    said = {name: (spaces(losing.measured(row)), spaces(losing.met(row))) for name, row in found.items()}
    assert said["customer"] == ("43.5 %", "Met")
    assert said["hhi_high"] == ("2,968", "Met")
    assert said["tier_revenue"] == ("n/a", "n/a")
    even = rules.judge(concentration.shares_base(np.full(40, 100)).counted)
    assert spaces(losing.met(even[0])) == "Not met"


def test_tables_that_are_handed_over_hold_units_and_shares() -> None:
    (row, _) = losing.stress_table(stress.ladder(BOOK, (1, 5))).to_pylist()
    assert (row["revenue_lost"], row["accounts_left"], row["revenue_left"]) == (500.0, 4, 650.0)
    assert row["share_lost"] == pytest.approx(500 / 1150)
    losses = losing.loss_table(FIVE).to_pylist()
    assert [line["value_at_risk"] for line in losses] == [400.0, 600.0, 800.0]
    assert {line["expected_loss"] for line in losses} == {167.5}
    found = losing.rules_table(rules.judge(BOOK)).to_pylist()
    assert [line["met"] for line in found[-2:]] == [None, None]
    assert found[0]["source"] == "ASC 280-10-50-42; IFRS 8.34"


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_every_table_can_be_written(suffix: str) -> None:
    lost_all = stress.ladder(BOOK, (5,))
    for table in (losing.stress_table(lost_all), losing.loss_table(many()), losing.rules_table(rules.judge(BOOK[:0]))):
        assert len(tables.WRITERS[suffix](table)) > 100


def test_money_without_cents_keeps_small_amounts() -> None:
    assert [losing.whole(cents, "USD") for cents in (12_34, 123_456, -99)] == ["$12.34", "$1,235", "−$0.99"]


def test_a_bad_year_without_a_loss_is_said_as_such() -> None:
    rare = loss_distribution.assess(np.array([100_00]), np.array([0.01]))
    assert spaces(losing.expected(rare, "USD")).endswith("; 95.0 % of years lose nothing.")
