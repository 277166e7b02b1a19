"""The model editor: a table that is typed into acts at once, says what is wrong, and loses nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings

from core.decisions import scenarios
from core.model import toml
from core.workspace.folder import Workspace
from core.workspace.state import open_store
from pages import _forms as forms
from pages import _said as said
from pages import _saving as saving
from pages import _store as store
from tests import making
from tests.pages.visitor import Visitor, bare

if TYPE_CHECKING:
    from pathlib import Path

    from core.model.model import Model

AS_BEFORE = "No account changes its tier."
EDITED = "The model is edited. Save a scenario to keep it."
SCORECARD = toml.load(toml.DEFAULT)
FIELDS = "editor.tier1_scorecard.0"
BANDS, TIERS, GATES = "revenue_potential.bands", ".tiers", ".gates"
LOWER = {"edited_rows": {"3": {"From": 250000}}}
"""Ten points from $250,000 on, in place of $400,000."""
WORDS_NOT_NUMBERS = (
    "criteria: “Fit” reads a number from the column “industry”, which holds text. "
    "Use kind = categories, or name another column."
)


@pytest.fixture
def visitor() -> Visitor:
    return Visitor("model").must_be_well()


def held(visitor: Visitor) -> Any:
    """What each band holds."""
    (found,) = (table.value for table in visitor.at.dataframe if "Band" in table.value.columns)
    return found


def type_in(visitor: Visitor, part: str, **changes: Any) -> Visitor:
    """Type into a table, as the browser reports it: edited_rows, added_rows, deleted_rows."""
    (grid,) = (table for table in visitor.at.dataframe if str(table.proto.id).endswith(part))
    edits = {"edited_rows": {}, "added_rows": [], "deleted_rows": []} | changes
    return visitor._report(grid.proto.id, "string_value", edits).must_be_well()


def press(visitor: Visitor, label: str) -> Visitor:
    (button,) = (button for button in visitor.at.button if button.label == label)
    button.click().run()
    return visitor.must_be_well()


def which(visitor: Visitor, criterion: str) -> Visitor:
    visitor.at.selectbox(key=f"{FIELDS}.which").set_value(criterion).run()
    return visitor.must_be_well()


def bars(visitor: Visitor, chart: str, name: str) -> list[float]:
    (series,) = (series for series in visitor.figures[chart]["series"] if series["name"] == name)
    return [bar["value"] for bar in series["data"]]


def test_an_edge_that_is_typed_moves_accounts_everywhere(visitor: Visitor) -> None:
    before = list(held(visitor)["Accounts"])
    type_in(visitor, BANDS, **LOWER)
    assert visitor.errors == []
    assert visitor.sentence.endswith(" Tier 1, no account leaves.")
    after = list(held(visitor)["Accounts"])
    assert after[3] > before[3]
    assert sum(after) == sum(before) == 2000
    assert after[:2] + after[4:] == before[:2] + before[4:]
    then, now = (bars(visitor, "model.accounts", name) for name in ("Before", "After"))
    assert now[0] > then[0]
    assert sum(now) == sum(then) == 2000
    assert EDITED in visitor.texts
    sentence = visitor.sentence
    visitor.open("weights").must_be_well()
    assert visitor.sentence == sentence, "the same before and after on the page of weights"
    assert bars(visitor, "weights.accounts", "Before") == then
    assert bars(visitor, "weights.accounts", "After") == now
    (movers,) = (table.value for table in visitor.at.dataframe if "Because of" in table.value.columns)
    assert set(movers["Because of"]) == {"Revenue potential"}
    visitor.open("overview").must_be_well()
    assert visitor.sentence.startswith(f"{now[0]:,.0f} accounts of 2,000 are Tier 1: ")
    assert visitor.open("model").must_be_well().sentence == sentence


def test_an_edit_stays_when_another_criterion_is_opened_and_when_the_page_changes(visitor: Visitor) -> None:
    sentence = type_in(visitor, BANDS, **LOWER).sentence
    assert which(visitor, "industry").sentence == sentence
    assert which(visitor, "revenue_potential").sentence == sentence
    assert visitor.open("data").open("model").must_be_well().sentence == sentence


@pytest.mark.parametrize(
    ("part", "changes", "said"),
    [
        (BANDS, {"edited_rows": {"3": {"From": 200000}}},
         "criteria[1] (revenue_potential).bands: lower edges must rise from band to band. Mend it."),
        (BANDS, {"edited_rows": {"3": {"Points": 11}}},
         "criteria[1] (revenue_potential).bands[4].points: 11.0 is above 10. Give a number in range."),
        (BANDS, {"edited_rows": {"3": {"Points": None}}},
         "criteria[1] (revenue_potential).bands[4].points: it is missing. Add it."),
        (BANDS, {"added_rows": [{"Points": 3}]},
         "criteria[1] (revenue_potential).bands: only the first band may go without a lower edge. Mend it."),
        (TIERS, {"edited_rows": {"1": {"From score": 75}}},
         "tiers[2].cut_off: 75 is not below 75, the cut-off of the tier before it. Mend it."),
        (TIERS, {"deleted_rows": [3]},
         "tiers[3].cut_off: the last tier needs cut-off 0, so that every account has a tier. Mend it."),
        (GATES, {"added_rows": [{"Gate": "Fit", "Column": "employees", "Test": "is at least", "Value": "many",
                                 "Best tier if it fails": "Tier 2"}]},
         "gates[1] (fit).at_least: 'many' is not a number. Give a number, without quotes."),
        (GATES, {"added_rows": [{"Gate": "Fit", "Column": "industry", "Test": "is at least", "Value": "5",
                                 "Best tier if it fails": "Tier 2"}]},
         WORDS_NOT_NUMBERS),
    ],
)  # fmt: skip
def test_a_fault_is_said_in_one_sentence_and_the_last_good_model_stays(
    visitor: Visitor, part: str, changes: dict[str, Any], said: str
) -> None:
    type_in(visitor, part, **changes)
    assert visitor.errors == [said]
    assert visitor.sentence == AS_BEFORE
    assert EDITED not in visitor.texts
    press(visitor, "Undo edit")
    assert visitor.errors == []
    assert visitor.sentence == AS_BEFORE


def test_the_last_good_model_is_the_edited_one(visitor: Visitor) -> None:
    good = type_in(visitor, BANDS, **LOWER).sentence
    type_in(visitor, BANDS, edited_rows={"3": {"From": 250000, "Points": 77}})
    assert len(visitor.errors) == 1
    assert visitor.sentence == good
    assert press(visitor, "Undo edit").sentence == good, "what is faulty goes first"
    assert press(visitor, "Undo edit").sentence == AS_BEFORE


def test_undo_redo_and_discard(visitor: Visitor) -> None:
    once = type_in(visitor, BANDS, **LOWER).sentence
    twice = type_in(visitor, BANDS, edited_rows={"3": {"From": 250000}, "2": {"From": 120000}}).sentence
    assert len({once, twice, AS_BEFORE}) == 3
    assert press(visitor, "Undo edit").sentence == once
    assert press(visitor, "Undo edit").sentence == AS_BEFORE
    assert EDITED not in visitor.texts
    assert press(visitor, "Redo edit").sentence == once
    assert press(visitor, "Redo edit").sentence == twice
    assert press(visitor, "Discard all edits").sentence == AS_BEFORE
    assert press(visitor, "Undo edit").sentence == twice, "a slip of the finger loses nothing"


def test_edits_belong_to_their_model_and_their_session(visitor: Visitor) -> None:
    sentence = type_in(visitor, BANDS, **LOWER).sentence
    assert Visitor("model").sentence == AS_BEFORE
    assert visitor.choose(model="key_account").must_be_well().sentence == AS_BEFORE
    assert visitor.choose(model="tier1_scorecard").must_be_well().sentence == sentence


def test_a_saved_scenario_keeps_the_bands(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    type_in(visitor, BANDS, **LOWER)
    now = bars(visitor, "model.accounts", "After")
    # AppTest shows no dialogs.
    save = lambda: said.tried(saving.SAID, lambda: saving._saved("Lower edge", "a try", ""))  # noqa: E731
    monkeypatch.setattr(saving, "_save_dialog", save)
    press(visitor, "Save scenario")
    (found,) = scenarios.listed(open_store(Workspace.here()), store.book(store.DEMO).digest)
    (first, *_) = found.model.criteria
    assert [band.lower for band in first.bands] == [None, 100000, 200000, 250000]  # type: ignore[union-attr]
    fresh = Visitor("model", model=found.id).must_be_well()
    assert fresh.sentence == AS_BEFORE
    assert bars(fresh, "model.accounts", "Before") == bars(fresh, "model.accounts", "After") == now
    assert visitor.open("model").sentence == AS_BEFORE, "the scenario is on screen, as it was saved"
    assert visitor.choose(model="tier1_scorecard").sentence != AS_BEFORE, "the edits stay where they were"


def test_weights_and_edits_go_together(visitor: Visitor) -> None:
    moved = visitor.open("weights").move(revenue_potential=90.0).cut("Tier 1", 70.0).sentence
    assert visitor.open("model").must_be_well().sentence == moved
    assert type_in(visitor, BANDS, **LOWER).sentence not in (moved, AS_BEFORE)
    assert press(visitor, "Undo edit").sentence == moved
    visitor.open("weights").must_be_well()
    assert visitor.importance["revenue_potential"] == 90.0
    assert visitor.cut_offs["Tier 1"] == 70.0


def test_a_slider_moves_an_edited_model(visitor: Visitor) -> None:
    edited = type_in(visitor, BANDS, **LOWER).sentence
    visitor.open("weights")
    assert visitor.drag(revenue_potential=60.0).must_be_well().sentence != edited
    assert visitor.move(revenue_potential=30.0).must_be_well().sentence == edited
    visitor.move(**dict.fromkeys(visitor.importance, 0.0)).must_be_well()
    assert len(visitor.errors) == 1
    assert len(visitor.open("model").must_be_well().errors) == 1, "said here too, and the editor stays"


def test_a_cut_off_typed_here_stands_on_the_board(visitor: Visitor) -> None:
    type_in(visitor, TIERS, edited_rows={"0": {"From score": 70}})
    assert visitor.sentence.endswith(" Tier 1, no account leaves.")
    assert visitor.open("weights").must_be_well().cut_offs == {"Tier 1": 70.0, "Tier 2": 60.0, "Tier 3": 40.0}
    visitor.cut("Tier 1", 65.0).press("reset").must_be_well()
    assert visitor.cut_offs["Tier 1"] == 70.0, "as the edited model has it"


def test_a_criterion_comes_and_goes_with_the_board_following(visitor: Visitor) -> None:
    visitor.open("weights").move(industry=90.0).open("model")
    visitor.at.text_input(key=f"{FIELDS}.new.name").set_value("Adoption")
    visitor.at.selectbox(key=f"{FIELDS}.new.column").set_value("adoption").run()
    press(visitor, "Add criterion")
    assert visitor.at.selectbox(key=f"{FIELDS}.which").value == "adoption"
    assert held(visitor)["Accounts"].sum() == 2000
    visitor.open("weights").must_be_well()
    assert (visitor.importance["adoption"], visitor.importance["industry"]) == (10.0, 90.0)
    assert not visitor.board["canUndo"], "the steps before do not fit any more"
    press(which(visitor.open("model"), "industry"), "Remove")
    assert "industry" not in visitor.open("weights").must_be_well().importance
    press(press(visitor.open("model"), "Undo edit"), "Undo edit")
    assert set(visitor.open("weights").must_be_well().importance) == {c.id for c in SCORECARD.criteria}


def test_a_gate_and_a_tier_can_be_edited(visitor: Visitor) -> None:
    gate = {"Gate": "Known industry", "Column": "industry", "Test": "is one of", "Value": "Technology; Healthcare",
            "Best tier if it fails": "Tier 2"}  # fmt: skip
    type_in(visitor, GATES, added_rows=[gate])
    assert visitor.errors == []
    assert visitor.sentence.startswith("No account enters Tier 1, ")
    before = visitor.sentence
    type_in(visitor, TIERS, edited_rows={"1": {"Tier": "Second"}})
    assert visitor.errors == [], "the gate follows the name of its tier"
    assert visitor.sentence == before, "a tier under another name is the same tier"
    assert "Second" in str(visitor.figures["model.accounts"])
    visitor.open("weights").must_be_well()
    (movers,) = (table.value for table in visitor.at.dataframe if "Because of" in table.value.columns)
    assert set(movers["Because of"]) == {"Gates"}
    visitor.open("model")
    type_in(visitor, TIERS, deleted_rows=[2])
    assert visitor.errors == []
    for page in ("weights", "overview", "at_risk", "concentration", "scenarios"):
        visitor.open(page).must_be_well()


def test_names_and_columns_are_typed_into_fields(visitor: Visitor) -> None:
    name = f"{FIELDS}.revenue_potential.name"
    visitor.at.text_input(key=name).set_value("Potential").run()
    assert visitor.must_be_well().sentence == AS_BEFORE
    assert visitor.open("weights").board["rows"][0]["name"] == "Potential"
    visitor.open("model").at.text_input(key=name).set_value("").run()
    assert visitor.errors == ["criteria[1] (revenue_potential).name: the text is empty. Write something."]
    visitor.at.text_input(key=name).set_value("Potential").run()
    visitor.at.selectbox(key=f"{FIELDS}.revenue_potential.column").set_value("industry").run()
    assert visitor.must_be_well().errors == [WORDS_NOT_NUMBERS.replace("“Fit”", "“Potential”")]


def test_a_book_without_the_columns_and_with_hostile_names_can_be_edited(home: Path) -> None:
    visitor = Visitor("model", book=bare(home)).must_be_well()
    type_in(which(visitor, "industry"), "industry.categories", edited_rows={"0": {"Points": 3}})
    assert visitor.errors == []
    type_in(which(visitor, "technology_fit"), "technology_fit.categories", edited_rows={"0": {"Points": 3}})
    assert visitor.errors == []


@settings(max_examples=60, deadline=None)
@given(making.models())
def test_what_is_not_touched_comes_back_as_it_was(model: Model) -> None:
    raw = forms.raw(model)
    for criterion in raw["criteria"]:
        if "bands" in criterion:
            criterion["bands"] = forms.bands(forms.table(criterion["bands"], forms.BANDS))
        if "categories" in criterion:
            shown = forms.table(criterion["categories"], forms.CATEGORIES)
            criterion["categories"] = [row for _, row in forms.rows(shown, forms.CATEGORIES)]
    raw["tiers"] = forms.tiers(forms.table(raw["tiers"], forms.TIERS), raw["tiers"])
    gates = forms.gate_rows(model, {})
    raw["gates"] = forms.gates(forms.table(gates, forms.GATES), gates, None)  # type: ignore[arg-type]
    assert toml.build(json.loads(json.dumps(raw))) == model
