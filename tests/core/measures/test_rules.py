"""Rules of others: compared exactly, by whom, with other cut-offs; and the sentence that two standards ask for."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import wording
from core.measures import concentration, rules
from core.measures.tiers import TierRow

if TYPE_CHECKING:
    from core.measures.rules import Finding

DAY = dt.date(2026, 9, 30)


def counted(*amounts: int) -> concentration.Money:
    return concentration.shares_base(np.array(amounts, dtype=np.int64)).counted


def judged(*amounts: int, tier: TierRow | None = None) -> dict[str, Finding]:
    return {found.rule.id: found for found in rules.judge(counted(*amounts), tier)}


def tier(accounts: float | None, revenue: float | None) -> TierRow:
    return TierRow("Tier 1", 1, 1, 1, accounts, revenue, None, 0, 0, 0)


def spaces(text: str) -> str:
    return text.replace(wording.NBSP, " ")


def test_a_customer_of_exactly_ten_percent_is_disclosed() -> None:
    # ASC 280-10-50-42 says "10 percent or more". In floats 0.1 * 3 is above 0.3.
    assert judged(3, *[1] * 27)["customer"].met
    assert not judged(299, *[100] * 27)["customer"].met
    found = judged(30, 30, 10, 10, 10, 10)["customer"]
    assert (found.met, found.customers) == (True, 6)


def test_thresholds_of_merger_guidelines_are_an_analogy_with_known_books() -> None:
    # Ten equal customers are 1,000; the Department of Justice's own example 30/30/20/20 is 2,600.
    ten, example, eleven = judged(*[5] * 10), judged(30, 30, 20, 20), judged(*[5] * 11)
    assert ten["hhi_moderate"].value == 1_000
    assert [found["hhi_moderate"].met for found in (example, ten, eleven)] == [True, True, False]
    assert example["hhi_high"].value == pytest.approx(2_600)
    assert [found["hhi_high"].met for found in (example, ten)] == [True, False]
    assert {rule.kind for rule in rules.RULES if rule.measured == "hhi"} == {"analogy"}


def test_rules_of_thumb_look_at_the_largest_and_at_the_top() -> None:
    found = judged(36, 10, 10, 4, *[1] * 40)
    assert [found[name].met for name in ("single_moderate", "single_elevated", "single_high")] == [True, True, True]
    assert (found["top5"].value, found["top5"].met, found["top5"].customers) == (0.61, True, 5)
    assert (found["sba_one"].met, found["sba_three"].value, found["sba_three"].met) == (True, 0.56, True)
    assert (found["lender_limit"].met, found["lender_limit"].customers) == (True, 1)
    even = judged(*[1] * 100)
    assert [rule for rule, row in even.items() if row.met] == []


def test_above_is_not_at() -> None:
    assert not judged(20, *[1] * 80)["lender_limit"].met
    assert judged(20, *[1] * 80)["single_elevated"].met
    assert not judged(25, 15, 10, *[1] * 50)["sba_three"].met


@pytest.mark.parametrize(
    ("accounts", "revenue", "met"),
    [(0.05, 0.5, (True, True)), (0.15, 0.7, (True, True)), (0.04, 0.71, (False, False)), (None, None, (None, None))],
)
def test_our_own_benchmark_is_a_range_with_both_ends(
    accounts: float | None, revenue: float | None, met: tuple[bool | None, bool | None]
) -> None:
    found = judged(10, 10, tier=tier(accounts, revenue))
    assert (found["tier_accounts"].met, found["tier_revenue"].met) == met
    assert found["tier_accounts"].customers == 0


def test_a_book_without_revenue_meets_nothing_and_fails_nothing() -> None:
    for found in rules.judge(counted(-5, 0)):
        assert (found.value, found.met, found.customers) == (None, None, 0)
    assert rules.customers(counted()) == []


def test_every_cut_off_can_be_changed() -> None:
    held = rules.with_cut_offs({"customer": 0.5, "hhi_high": 900.0})
    found = {row.rule.id: row for row in rules.judge(counted(*[5] * 10), None, held)}
    assert not found["customer"].met
    assert found["hhi_high"].met
    assert [rule.id for rule in held] == [rule.id for rule in rules.RULES]
    with pytest.raises(ValueError, match="top5"):
        rules.with_cut_offs({"top5": 1.5})
    with pytest.raises(ValueError, match="tier_accounts"):
        rules.with_cut_offs({"tier_accounts": 0.2})


def test_every_rule_says_who_says_so_and_only_one_is_a_standard() -> None:
    assert all(rule.source and rule.statement for rule in rules.RULES)
    assert len({rule.id for rule in rules.RULES}) == len(rules.RULES)
    assert [rule.id for rule in rules.RULES if rule.kind == "standard"] == ["customer"]
    assert {rule.measured for rule in rules.RULES} == set(rules.MEASURED)


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=60), st.sampled_from([0.01, 0.05, 0.1, 0.25, 0.0]))
def test_the_customers_above_a_cut_off_are_all_of_them(amounts: list[int], cut_off: float) -> None:
    found = rules.customers(counted(*amounts), cut_off)
    goal = round(100 * cut_off)
    assert [cents for cents, _ in found] == sorted((a for a in amounts if 100 * a >= goal * sum(amounts)), reverse=True)
    rule = replace(rules.RULES[0], cut_off=cut_off)
    (row,) = rules.judge(counted(*amounts), None, [rule])
    assert (row.customers, row.met) == (len(found), bool(found))


def test_the_draft_names_nobody() -> None:
    found = rules.customers(counted(142_000_00, 110_000_00, *[748_00] * 1_000))
    text = spaces(rules.disclosure(found, 0.1, "USD", DAY))
    assert text == (
        "In the twelve months to 30 September 2026, two customers each accounted for 10 % or more of revenue: "
        "Customer A with $142,000 (14.2 %) and Customer B with $110,000 (11.0 %)."
    )


def test_the_draft_says_that_there_is_no_such_customer() -> None:
    assert spaces(rules.disclosure([], 0.125, "EUR", None)) == (
        "In the period, no single customer accounted for 12.5 % or more of revenue."
    )


def test_the_draft_can_list_more_customers_than_there_are_letters() -> None:
    found = rules.customers(counted(*[10] * 40), 0.02)
    text = rules.disclosure(found, 0.02, "USD", None)
    assert "40 customers each accounted" in text
    assert "Customer Z with" in text
    assert "Customer 40 with" in text
