"""What the pages keep of the past: a year ago is shown only where it is known, and is that of what is taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.accounts import books
from core.measures import portfolio
from core.report import leadership
from pages import _past as past
from tests import making

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@pytest.mark.parametrize(
    ("before", "total"),
    [
        ({"period": ["2024-12-31", "2025-09-30", "2026-09-30"], "amount": ["1", "2", "4"]}, 300),
        ({"period": ["2025-03-31", "2025-09-30", "2026-09-30"], "amount": ["1", "2", "4"]}, None),
        (None, None),
    ],
)
def test_concentration_a_year_ago_needs_a_history_of_the_whole_year(
    before: Mapping[str, Sequence[str]] | None, total: int | None
) -> None:
    history = {"account_id": ["A0000"] * 3, **before} if before else None
    prepared = portfolio.prepare(making.book({"annual_revenue": ["4"]}, history), making.model())
    for found in (past.a_year_ago(prepared, joined=False), leadership.a_year_ago(prepared)):
        assert (found and found.total) == total
    books.close(prepared.book)
