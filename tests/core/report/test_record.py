from __future__ import annotations

import json
import re
from typing import Any

import pytest

from core.report import record

MADE: dict[str, Any] = {
    "format": "tierwise workshop record 1",
    "workshop": {"id": "w", "title": "Spring <b>", "started": "2026-07-31T09:00:00+00:00", "named": True},
    "book": {"digest": "d" * 64, "name": "Book & co"},
    "criteria": [{"id": "size", "name": "Size"}, {"id": "fit", "name": "<img src=x onerror=alert(1)>"}],
    "participants": ["Ana", "<script>alert(1)</script>"],
    "rounds": [
        {"number": 1, "method": "swing", "opened": "t", "revealed": False, "ballots": []},
        {
            "number": 2, "method": "points", "opened": "t", "revealed": True, "consensus": 0.91, "kendall_w": None,
            "ballots": [{"participant": "Ana", "method": "points", "answers": {"points": [60, 40]},
                         "weights": [6000, 4000], "comments": {"size": "no & <i>"}, "consistent": None, "notes": [],
                         "time": "t"}],
        },
    ],
    "decision": {
        "round": 2, "way": "mean", "computed": [6000, 4000], "weights": [5000, 5000], "edited": True, "name": "Agreed",
        "reason": "", "dissent": "Chi: fit first", "scenario": "s", "scenario_version": 1, "tier_list": "a" * 64,
        "accounts": 2000, "as_of": None, "author": "", "time": "2026-07-31T10:15:00+00:00",
    },
    "model": "toml",
}  # fmt: skip


def test_the_page_says_who_decided_what_and_from_which_ballots() -> None:
    page = record.html(MADE)
    for words in ("Agreed, version 1", "mean of round 2 and edited by hand", "Chi: fit first", "2,000 accounts",
                  "Round 1: Swing", "never revealed", "Consensus 91.0", "very high", "W n/a", "60.0", "a" * 64,
                  "2026-07-31 10:15 UTC, by not named"):  # fmt: skip
        assert words in page, words


def test_every_name_is_escaped_and_nothing_is_fetched_or_run() -> None:
    page = record.html(MADE)
    assert set(re.findall(r"</?([a-z0-9]+)", page)) <= {
        "html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "dl", "dt", "dd", "table", "thead", "tbody",
        "tr", "th", "td", "ul", "li",
    }  # fmt: skip
    assert "://" not in page
    assert "&lt;script&gt;" in page


def test_a_workshop_without_a_decision_says_so() -> None:
    assert "Nothing was decided." in record.html(MADE | {"decision": {}})


def test_the_json_is_the_record_and_always_written_alike() -> None:
    assert json.loads(record.dumps(MADE)) == MADE
    assert record.dumps(dict(reversed(MADE.items()))) == record.dumps(MADE)
    with pytest.raises(ValueError, match="JSON"):
        record.dumps({"x": float("nan")})
