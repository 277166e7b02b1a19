"""Provenance names what a number needs to be traced: book, model, filters, day, version."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path

from core.model import toml
from core.report import provenance
from tests import making, telling

ROOT = Path(__file__).parents[3]


def test_it_is_told_from_the_portfolio_the_model_and_the_filters() -> None:
    found = telling.prepared({"annual_revenue": ["5", "4"], "region": ["EMEA", "APAC"]})
    traced = provenance.trace(found, making.model(), {"region": ["EMEA"], "owner": []}, made=dt.date(2026, 9, 30))
    assert traced.digest == found.book.digest[:12]
    assert traced.filters == "region is EMEA"
    assert (traced.accounts, traced.accounts_of_book, traced.as_of) == (2, 2, None)
    again = provenance.trace(found, making.model(), {}, called="Customers 2026")
    assert again.line().startswith(f"Source: Customers 2026 ({traced.digest})")
    facts = dict(traced.facts())
    assert facts["Accounts"] == "2 of 2"
    assert facts["As of"] == "no date in the data"
    assert facts["Made on"] == "2026-09-30"
    assert facts["Shares are of"] == "accounts, each by itself"


def test_subsidiaries_that_are_joined_are_told() -> None:
    traced = telling.source(joined=True)
    assert "subsidiaries joined" in traced.line()
    assert "subsidiaries joined" in dict(traced.facts())["Shares are of"]


def test_the_fingerprint_is_that_of_the_whole_model() -> None:
    model = making.model()
    assert provenance.fingerprint(model) == provenance.fingerprint(toml.loads(toml.dumps(model)))
    assert provenance.fingerprint(model) != provenance.fingerprint(model.with_importance({"fit": 41}))
    assert provenance.fingerprint(model) != provenance.fingerprint(model.with_cut_offs({"A": 76}))


def test_the_version_is_the_projects() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert provenance.version() == project["version"]


def test_the_line_names_book_model_filters_day_and_version() -> None:
    line = telling.source(as_of=dt.date(2026, 6, 30)).line()
    for part in ("=2+2 book", "0123456789ab", "2026-06-30", "small", "ba9876543210", "region is EMEA", "1.2.3"):
        assert part in line
