"""Models as TOML: read with every fault at once, written without loss."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BadModel, UnknownName
from core.model import toml
from core.model.health import Health
from core.model.model import Model
from tests import making

if TYPE_CHECKING:
    from pathlib import Path

GOOD = toml.dumps(making.model())


@pytest.mark.parametrize("name", toml.ready_models())
def test_every_ready_model_loads_and_survives_being_written(name: str) -> None:
    model = toml.load(name)
    assert toml.loads(toml.dumps(model)) == model
    assert model.description


def test_the_scorecard_is_the_first_ready_model_and_has_its_known_weights() -> None:
    # Source: the scorecard that comes with the program.
    assert next(iter(toml.ready_models())) == "tier1_scorecard"
    model = toml.load("tier1_scorecard")
    assert [c.id for c in model.criteria] == [
        "revenue_potential", "company_size", "industry", "technology_fit", "buying_stage", "competition",
    ]  # fmt: skip
    assert model.weights == (3000, 2000, 1500, 1500, 1000, 1000)
    assert model.cut_offs == (7500, 6000, 4000, 0)


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)


@settings(max_examples=60)
@given(making.models(), texts, texts, st.floats(0.001, 1e300))
def test_any_model_survives_being_written(model: Model, name: str, text: str, target: float) -> None:
    health = Health(contacts_target=target, cap_without_executive=target > 1)
    changed = Model.model_validate({**dict(model), "name": name, "description": text, "health": health})
    assert toml.loads(toml.dumps(changed)) == changed


def test_whole_numbers_are_written_without_a_decimal_point_and_defaults_not_at_all() -> None:
    data = tomllib.loads(GOOD)
    assert isinstance(data["criteria"][0]["importance"], int)
    assert "health" not in data
    assert "coverage_floor" not in data
    assert data["criteria"][0]["bands"][0] == {"points": 0}


def test_a_number_beyond_64_bits_is_written_as_what_it_is() -> None:
    linear = {"id": "c", "name": "C", "column": "x", "importance": 1, "kind": "linear", "zero_at": 0, "ten_at": 1e300}
    written = tomllib.loads(toml.dumps(making.model(criteria=[linear])))["criteria"][0]["ten_at"]
    assert isinstance(written, float)


def test_a_file_with_five_faults_names_all_five_with_their_places() -> None:
    text = """
        name = ""
        [[criteria]]
        id = "size"
        name = "Size"
        column = "employees"
        importance = -5
        kind = "bands"
        bands = [{ points = 0 }, { from = 100, points = 11 }]
        [[criteria]]
        id = "fit"
        name = "Fit"
        column = "fit"
        importance = 10
        kind = "guess"
        [[tiers]]
        name = "A"
        cut_off = 40
        [[tiers]]
        name = "B"
        cut_off = 60
        [[tiers]]
        name = "C"
        cut_off = 0
    """
    with pytest.raises(BadModel) as caught:
        toml.loads(text, source="mine.toml")
    assert {(fault.place, fault.what) for fault in caught.value.faults} == {
        ("name", "the text is empty"),
        ("criteria[1] (size).importance", "-5 is below 0"),
        ("criteria[1] (size).bands[2].points", "11 is above 10"),
        ("criteria[2] (fit)", "there is no kind guess"),
        ("tiers[2].cut_off", "60 is not below 40, the cut-off of the tier before it"),
    }
    assert str(caught.value).startswith("mine.toml: 5 faults: (1) ")


@pytest.mark.parametrize(
    ("old", "new", "place", "what"),
    [
        ('name = "Size"\n', "", "criteria[1] (size).name", "it is missing"),
        ("importance = 60", 'importance = "much"', "criteria[1] (size).importance", "'much' is not a number"),
        ("importance = 60", "importance = nan", "criteria[1] (size).importance", "nan"),
        ("importance = 60", "importance = 600", "criteria[1] (size).importance", "600 is above 100"),
        ("cut_off = 75", "cut_off = 75.001", "tiers[1] (A).cut_off", "75.001 is finer than steps of 0.01"),
        ("cut_off = 75", "colour = 3, cut_off = 75", "tiers[1] (A).colour", "there is no such key"),
        ('kind = "points"', 'kind = "linear"\nzero_at = 1\nten_at = 1', "criteria[2] (fit)", "must differ"),
        ('kind = "points"\n', "", "criteria[2] (fit)", "its kind is missing"),
        ('id = "fit"', 'id = "Fit!"', "criteria[2] (Fit!).id", "'Fit!' is not an id"),
        ('id = "fit"', 'id = "size"', "criteria", "the criterion id “size” stands twice"),
        ('name = "Fit"', "name = 7", "criteria[2] (fit).name", "7 is not a text"),
        ('name = "small"', 'name = "small"\ntop = 1', "top", "there is no such key"),
        ('name = "small"', 'name = "small"\n[health]\nhealthy_from = 10', "health", "critical_below must not be above"),
        ("cut_off = 0", "cut_off = 3", "tiers[3].cut_off", "the last tier needs cut-off 0"),
    ],
)
def test_a_fault_has_its_place_its_sentence_and_a_way_out(old: str, new: str, place: str, what: str) -> None:
    text = GOOD.replace(old, new, 1)
    if new.startswith('name = "small"\n['):
        text = GOOD + new.removeprefix('name = "small"\n')
    assert text != GOOD
    with pytest.raises(BadModel) as caught:
        toml.loads(text)
    [fault] = caught.value.faults
    assert fault.place == place
    assert what in fault.what
    assert fault.way_out


@pytest.mark.parametrize("text", ["name = \n", "[[\n", "just words\n", "name = 'a'\nname = 'b'\n"])
def test_what_is_not_toml_is_said_with_its_line(text: str) -> None:
    with pytest.raises(BadModel, match=r"bad.toml: 1 fault: \(1\) file: this is not TOML: .*\(at line [12], column"):
        toml.loads(text, source="bad.toml")


def test_an_empty_file_lists_what_is_missing() -> None:
    with pytest.raises(BadModel) as caught:
        toml.loads("")
    assert [fault.place for fault in caught.value.faults] == ["name", "criteria", "tiers"]


@pytest.mark.parametrize("text", ["criteria = 3\ntiers = 'x'\nname = 'n'", "criteria = [3]\ntiers = [[]]\nname = 'n'"])
def test_a_file_of_another_shape_is_refused_in_sentences(text: str) -> None:
    with pytest.raises(BadModel) as caught:
        toml.loads(text)
    assert {fault.place.partition("[")[0] for fault in caught.value.faults} == {"criteria", "tiers"}


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "latin.toml"
    file.write_bytes(GOOD.replace("Size", "Größe").encode("latin-1"))
    with pytest.raises(
        BadModel, match=r"latin.toml: 1 fault: \(1\) file: the file is not UTF-8 text. Save it as UTF-8"
    ):
        toml.load(file)


def test_a_model_is_found_by_path_too(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(GOOD, encoding="utf-8")
    assert toml.load(file) == making.model()


@pytest.mark.parametrize("name", ["colour", "no/such/file.toml", ""])
def test_an_unknown_model_lists_the_ready_ones(name: str) -> None:
    with pytest.raises(UnknownName) as caught:
        toml.load(name)
    assert str(caught.value) == (
        f"There is no ready model or model file named “{name}”. "
        "Choose one of: high_value_account, key_account, strategic_relationship, tier1_scorecard."
    )
