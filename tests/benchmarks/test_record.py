"""Sections are kept one by one, and the page is written from all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import harness, record
from benchmarks.harness import Claim, Section

if TYPE_CHECKING:
    from pathlib import Path


def kept(title: str, *claims: Claim) -> record.Kept:
    return record.made(harness, Section(title, "a text", "| table |", claims), "2 cores", 0.5)


def test_the_page_says_what_is_promised_and_what_does_not_hold() -> None:
    text = record.document([kept("Heading", Claim("quick", "2 s", holds=True), Claim("small", "9 MB", holds=False))])
    assert "| quick | 2 s | yes |" in text
    assert "| small | 9 MB | **no** |" in text
    assert "## Heading\n\nTiming side by side" in text
    assert "at a load of 0.5 before and " in text


def test_a_section_measured_anew_takes_the_place_of_the_old_one_and_leaves_the_others(tmp_path: Path) -> None:
    for section in (kept("Second: all"), kept("First", Claim("quick", "2 s", holds=True)), kept("Other")):
        record.keep(tmp_path, section)
    record.keep(tmp_path, kept("First", Claim("quick", "3 s", holds=False)))
    found = record.everything(tmp_path, ("First", "Second"))
    assert [section.title for section in found] == ["First", "Second: all", "Other"]
    assert found[0].claims == (Claim("quick", "3 s", holds=False),)
    assert (found[1].text, found[1].table, found[1].machine) == ("a text", "| table |", "2 cores")


def test_a_module_is_explained_once() -> None:
    text = record.document([kept("One"), kept("Two")])
    assert text.count("Timing side by side") == 1
    assert text.count("a text") == 2
