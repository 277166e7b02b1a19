"""Scenarios: what was saved is listed, can be worked with, and comes back."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest
import streamlit as st

from core.accounts import books
from core.accounts.listing import Wanted
from core.decisions import scenarios
from core.measures import portfolio, tiers
from core.model import toml
from core.model.criteria import Band
from core.workspace.folder import Workspace
from core.workspace.state import Stamp, open_store
from tests.pages.visitor import HOSTILE, Visitor, bare, demo, keep, plain

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.model.model import Model

MADE = toml.load(toml.DEFAULT)
WHEN = dt.datetime(2026, 9, 30, 12, tzinfo=dt.UTC)


def save(home: Path, name: str, book: str, **importance: float) -> str:
    """Save a scenario as somebody else did, and give its key."""
    model = MADE.with_importance(importance)
    draft = scenarios.Draft(name, model, book, base=MADE.name, reason="because of :red[x]")
    return scenarios.save(open_store(Workspace(home)), draft, Stamp(WHEN, author="Ada <b>")).id


def choose(visitor: Visitor, *rows: int) -> Visitor:
    """Choose rows of the table; `AppTest` cannot click into it."""
    (key,) = (
        str(table.proto.id).rpartition("-")[2] for table in visitor.at.dataframe if "Scenario" in table.value.columns
    )
    visitor.at.session_state[key] = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
    visitor.at.run()
    return visitor.must_be_well()


def press(visitor: Visitor, label: str) -> Visitor:
    (button,) = (button for button in visitor.at.button if button.label == label)
    button.click().run()
    return visitor.must_be_well()


def listed(visitor: Visitor) -> list[str]:
    names: list[str] = visitor.table["Scenario"].tolist() if "Scenario" in visitor.table else []
    return names


@pytest.fixture
def own(home: Path) -> str:
    """A small book of our own, whose key is also what scenarios know it by."""
    return bare(home)


def test_at_first_there_is_none_and_the_way_to_one_is_said() -> None:
    visitor = Visitor("scenarios").must_be_well()
    assert visitor.sentence == "0 scenarios. No scenario is published for this book yet."
    assert [info.value for info in visitor.at.info] == [
        "Move weights on the Weights page, then save what you have as a scenario."
    ]


def test_a_scenario_is_listed_with_author_and_reason(own: str, home: Path) -> None:
    save(home, HOSTILE[1], own, industry=90)
    visitor = Visitor("scenarios", book=own).must_be_well()
    (row,) = visitor.table.to_dict("records")
    shown = {name: row[name] for name in ("Scenario", "Status", "Version", "Author", "Reason")}
    assert shown == {
        "Scenario": HOSTILE[1], "Status": "Draft", "Version": 1, "Author": "Ada <b>", "Reason": "because of :red[x]",
    }  # fmt: skip
    assert f"{HOSTILE[1]} (scenario)" in visitor.at.sidebar.selectbox(key="model").options


def test_a_scenario_belongs_to_its_book(own: str, home: Path) -> None:
    save(home, "Growth", own)
    visitor = Visitor("scenarios")
    assert visitor.sentence.startswith("0 scenarios.")
    assert visitor.at.sidebar.selectbox(key="model").options == [toml.load(name).name for name in toml.ready_models()]
    assert visitor.choose(book=own).sentence.startswith("1 scenario.")


def test_an_open_scenario_is_where_the_sliders_begin(own: str, home: Path) -> None:
    key = save(home, "Growth", own, industry=90)
    visitor = press(choose(Visitor("scenarios", book=own), 0), "Open")
    assert visitor.at.sidebar.selectbox(key="model").value == key
    assert visitor.open("weights").must_be_well().importance["industry"] == 90
    assert visitor.sentence == "No account changes its tier."


def test_a_scenario_is_published_and_withdrawn(own: str, home: Path) -> None:
    save(home, "Growth", own)
    visitor = press(choose(Visitor("scenarios", book=own), 0), "Publish")
    assert visitor.sentence == "1 scenario. “Growth” is published for this book."
    press(choose(visitor, 0), "Withdraw")
    assert visitor.sentence == "1 scenario. No scenario is published for this book yet."


def test_a_deleted_scenario_can_be_brought_back(own: str, home: Path) -> None:
    save(home, HOSTILE[0], own)
    visitor = press(choose(Visitor("scenarios", book=own), 0), "Delete")
    assert visitor.sentence.startswith("0 scenarios.")
    assert f"{HOSTILE[0]}, version 1" in visitor.texts
    assert press(visitor, "Bring back").sentence.startswith("1 scenario.")
    assert listed(visitor) == [HOSTILE[0]]


def test_the_chosen_scenario_stays_chosen_when_the_list_changes_its_order(own: str, home: Path) -> None:
    save(home, "Growth", own)
    save(home, "Safety", own)
    visitor = choose(Visitor("scenarios", book=own), 1)
    last = listed(visitor)[1]
    (name,) = (field for field in visitor.at.text_input if field.label == "New name")
    name.set_value("Renamed").run()
    press(visitor, "Rename")
    assert listed(visitor)[0] == "Renamed", "what was saved last comes first"
    press(visitor, "Publish")
    assert visitor.sentence == "2 scenarios. “Renamed” is published for this book."
    assert last not in listed(visitor)


def test_a_name_that_is_taken_is_said_in_one_sentence(own: str, home: Path) -> None:
    save(home, "Growth", own)
    save(home, "Safety", own)
    visitor = choose(Visitor("scenarios", book=own), 0)
    first, other = listed(visitor)
    (name,) = (field for field in visitor.at.text_input if field.label == "New name")
    name.set_value(other).run()
    press(visitor, "Rename")
    (said,) = visitor.errors
    assert other in said
    assert sorted(listed(visitor)) == sorted([first, other])


@pytest.mark.parametrize("name", [HOSTILE[2], "Criterion", "Tier"])
def test_two_scenarios_stand_side_by_side_whatever_they_are_called(own: str, home: Path, name: str) -> None:
    for scenario, weight in (("Growth", 90.0), (name, 0.0)):
        save(home, scenario, own, industry=weight)
    visitor = choose(Visitor("scenarios", book=own), 0, 1)
    _, weights, held = (table.proto for table in visitor.at.dataframe[:3])
    for table, heading in ((weights, "Criterion"), (held, "Tier")):
        labels = [config["label"] for config in json.loads(table.columns).values() if "label" in config]
        assert labels == [heading, name, "Growth"]
    (alike,) = (text for text in visitor.texts if "tau-b" in text)
    assert name in alike
    assert "keep their tier" in alike


def test_scenarios_with_other_bands_are_compared_account_by_account(home: Path) -> None:
    book = keep(home, demo()[:60])
    save(home, "Made", book)
    bands = (Band(points=0), Band.model_validate({"from": 300, "points": 10}))
    wide = MADE.criteria[1].model_copy(update={"bands": bands})
    model = MADE.model_copy(update={"criteria": (MADE.criteria[0], wide, *MADE.criteria[2:])})
    draft = scenarios.Draft("Wide", model, book, base=MADE.name, reason="")
    scenarios.save(open_store(Workspace(home)), draft, Stamp(WHEN, author=""))
    visitor = choose(Visitor("scenarios", book=book), 0, 1)
    (alike,) = (text for text in visitor.texts if "tau-b" in text)
    assert "tau-b 1.00" not in alike
    (differ,) = (box for box in visitor.at.expander if "differ" in box.label)
    found = accounts_that_differ(book, home, model)
    assert plain(differ.label) == f"{len(found)} accounts differ: from Wide to Made"
    visitor.at.session_state["differ.Wide.Made"] = True
    visitor.at.run()
    listed = next(table.value for table in visitor.at.dataframe if "Because of" in table.value.columns)
    assert set(listed["Account"]) == found


def accounts_that_differ(book: str, home: Path, other: Model) -> set[str]:
    """Names of the accounts whose tier is not the same under two models, asked one by one."""
    opened = books.open_kept(Workspace(home), book)
    tier_of = []
    for model in (MADE, other):
        prepared = portfolio.prepare(opened, model)
        rows = portfolio.accounts(prepared, tiers.weigh(prepared.cube, model), Wanted()).to_pylist()
        tier_of.append({row["name"]: row["tier"] for row in rows})
    return {name for name, tier in tier_of[0].items() if tier_of[1][name] != tier}


def test_a_link_opens_its_scenario(own: str, home: Path) -> None:
    key = save(home, "Growth", own, industry=90)
    visitor = Visitor("weights", scenario=key).must_be_well()
    assert visitor.at.session_state["book"] == own
    assert visitor.at.session_state["model"] == key
    assert visitor.importance["industry"] == 90


@pytest.mark.parametrize("asked", ["nothing", "../../etc", "' or 1=1"])
def test_a_link_to_nothing_is_said_and_the_app_goes_on(asked: str) -> None:
    visitor = Visitor(scenario=asked).must_be_well()
    assert len(visitor.errors) == 1
    visitor.at.run()
    assert visitor.must_be_well().errors == []
    assert visitor.cards["Accounts"] == "2,000"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "bad.toml: "),
        (b"this is no TOML", "bad.toml: 1 fault: (1) file: this is not TOML"),
        (b"\xff\xfe\x00", "bad.toml: "),
    ],
)
def test_a_bad_model_file_is_refused_in_one_sentence(content: bytes, said: str) -> None:
    visitor = Visitor("scenarios")
    visitor.at.file_uploader(key="scenario.file").upload("bad.toml", content).run()
    press(visitor, "Save it as a scenario")
    assert len(visitor.errors) == 1
    assert visitor.errors[0].startswith(said)
    assert visitor.sentence.startswith("0 scenarios.")


def test_a_model_goes_out_as_toml_and_comes_back_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[Callable[[], str]] = []
    real = st.download_button

    def button(label: str, data: Callable[[], str], *args: Any, **options: Any) -> bool:
        handed.append(data)
        return real(label, data, *args, **options)

    monkeypatch.setattr(st, "download_button", button)
    visitor = Visitor("weights").move(industry=77.0).open("scenarios")
    text = handed[-1]()
    assert toml.loads(text) == MADE.with_importance({"industry": 77.0})
    visitor.at.file_uploader(key="scenario.file").upload("mine.toml", text.encode()).run()
    press(visitor, "Save it as a scenario")
    assert visitor.errors == []
    assert listed(visitor) == [MADE.name]
