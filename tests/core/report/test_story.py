"""A story refuses what no document could hold, and says every value as people read it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.report.story import Chapter, Chart, Column, Kind, Unit, printable, said, shorten
from tests import telling
from tests.telling import PAINT

TEXTS = Column("Name", Unit.TEXT, ("a", "b"))
SHARES = Column("Share", Unit.SHARE, (0.5, None))


@pytest.mark.parametrize(
    ("unit", "value"),
    [
        (Unit.MONEY, 1.5),
        (Unit.COUNT, True),
        (Unit.SHARE, float("nan")),
        (Unit.RATIO, float("inf")),
        (Unit.TEXT, 5),
        (Unit.INDEX, "75"),
    ],
)
def test_a_value_that_is_not_of_its_unit_is_refused(unit: Unit, value: object) -> None:
    with pytest.raises(ValueError, match="is no "):
        Column("x", unit, (value,))


def test_a_chapter_needs_a_table_without_gaps() -> None:
    with pytest.raises(ValueError, match="not of one length"):
        Chapter("k", "n", "m", (TEXTS, Column("x", Unit.COUNT, (1,))), "r")
    with pytest.raises(ValueError, match="not of one length"):
        Chapter("k", "n", "m", (), "r")
    with pytest.raises(ValueError, match="one name"):
        Chapter("k", "n", "m", (TEXTS, TEXTS), "r")


@pytest.mark.parametrize(
    ("chart", "why"),
    [
        (Chart(Kind.BARS, "Share", ("Name",), (PAINT,)), "numbers of one unit"),
        (Chart(Kind.XY, "Name", ("Share",), (PAINT,)), "no numbers across"),
        (Chart(Kind.BARS, "Name", ("Share",), (PAINT,) * 3), "3 paints for 1 series"),
    ],
)
def test_a_chart_of_what_is_not_there_is_refused(chart: Chart, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Chapter("k", "n", "m", (TEXTS, SHARES), "r", chart)


def test_only_keeps_the_order_of_the_story() -> None:
    story = telling.told(telling.prepared({"annual_revenue": ["5", "4"]}))
    assert [chapter.key for chapter in story.only({"basis", "headline"}).chapters] == ["headline", "basis"]


def test_each_definition_stands_once() -> None:
    story = telling.told(telling.prepared({"annual_revenue": ["5", "4"]}))
    terms = [found.term for found in story.definitions]
    assert len(terms) == len(set(terms)) > 5
    assert all(str(found).startswith(f"{found.term}: ") for found in story.definitions)


@given(st.text(alphabet=st.characters(categories=None)))
def test_whatever_is_printable_can_be_written_on_one_line(text: str) -> None:
    made = printable(text)
    made.encode()
    assert not [c for c in made if ord(c) < 32 or c in "\u2028\u2029\u202e\ufffe\uffff"]
    assert printable(made) == made
    assert len(shorten(text, 10)) <= 10


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, Unit.SHARE, "n/a"),
        (-5_00, Unit.MONEY, "−€5"),
        (0.041, Unit.POINTS, "+4.1 points"),
        (1240, Unit.COUNT, "1,240"),
        (133.96, Unit.SCORE, "134.0"),
        (74.6, Unit.INDEX, "75"),
        (0.755, Unit.RATIO, "0.76"),
        ("a\nb", Unit.TEXT, "a b"),
    ],
)
def test_a_value_is_said_by_its_unit(value: object, unit: Unit, text: str) -> None:
    assert said(value, unit, "EUR") == text
