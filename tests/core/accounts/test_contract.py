"""The contract: one truth about columns, and how a heading finds its field."""

from __future__ import annotations

import pytest

from core.accounts import contract
from core.accounts.contract import FIELDS, FILTERS, HISTORY, Kind, normalise


@pytest.mark.parametrize(
    "heading", ["Account ID", "account-id", " ACCOUNT_ID ", "account  id", "account__id", "Account\tId", "_account_id_"]
)
def test_case_spaces_and_hyphens_of_a_heading_do_not_count(heading: str) -> None:
    assert normalise(heading) == "account_id"


def test_every_field_is_spelt_as_a_heading_is_brought_to() -> None:
    assert [normalise(field.name) for field in (*FIELDS, *HISTORY)] == [field.name for field in (*FIELDS, *HISTORY)]


def test_every_kind_has_its_type_and_its_words() -> None:
    assert set(contract.SQL_TYPES) == set(contract.WANTED) == set(Kind)


def test_no_field_stands_twice_and_every_filter_is_a_field() -> None:
    assert len(contract.BY_NAME) == len(FIELDS)
    assert set(FILTERS) <= set(contract.BY_NAME)
    assert [field.name for field in FIELDS if field.required] == ["account_id", "name"]
