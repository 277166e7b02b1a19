"""Errors: one sentence with its place, its fact and its way out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import errors
from core.errors import BadAccounts, BadFile, BadModel, Fault, TierwiseError, UnknownName

words = st.text(st.characters(categories=["L", "N"], include_characters=" ,"), min_size=1).filter(str.strip)


@given(words, words, words)
def test_a_sentence_holds_place_fact_and_way_out_and_ends_in_one_full_stop(what: str, where: str, way_out: str) -> None:
    text = str(TierwiseError(what, where=where, way_out=way_out))
    assert text == f"{where}: {what}. {way_out}."


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({"what": "it is empty"}, "It is empty."),
        ({"what": "it is empty."}, "It is empty."),
        ({"what": "it is empty", "where": "book.csv"}, "book.csv: it is empty."),
        ({"what": "it is empty", "way_out": "Fill it"}, "It is empty. Fill it."),
        ({"what": "it is empty", "way_out": "Fill it."}, "It is empty. Fill it."),
    ],
)
def test_what_is_not_given_leaves_no_trace(facts: dict[str, str], text: str) -> None:
    assert errors.sentence(facts.pop("what"), **facts) == text


@pytest.mark.parametrize("kind", [TierwiseError, BadFile, BadAccounts, UnknownName])
def test_every_error_keeps_its_facts(kind: type[TierwiseError]) -> None:
    error = kind("a", where="b", way_out="c")
    assert (error.what, error.where, error.way_out, str(error)) == ("a", "b", "c", "b: a. c.")
    assert isinstance(error, ValueError)


def test_a_bad_model_tells_every_fault() -> None:
    faults = [Fault("tiers[1]", "it is missing", "Add it"), Fault("name", "the text is empty", "Write something")]
    error = BadModel(faults, source="mine.toml")
    assert error.faults == tuple(faults)
    assert str(error) == (
        "mine.toml: 2 faults: (1) tiers[1]: it is missing. Add it. (2) name: the text is empty. Write something."
    )
    assert str(BadModel(faults[:1])).startswith("the model: 1 fault: ")


def test_an_unknown_name_lists_those_that_exist() -> None:
    error = UnknownName.of("filter", "colour", ["region", "industry"])
    assert str(error) == "There is no filter named “colour”. Choose one of: industry, region."


def test_findings_stay_beside_the_sentence() -> None:
    assert BadAccounts("a", findings=[1]).findings == [1]
    assert BadAccounts("a").findings is None
