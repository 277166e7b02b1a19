"""Formulas: a text that a spreadsheet would run leaves with an apostrophe before it, and comes back without.

A number in text keeps its sign: −5 stays −5. `original(neutral(text)) == text` for every text.
"""

from __future__ import annotations

import re

_RUNS = re.compile(r"['\s\u200b-\u200f\ufeff]*[=+\-@|\t\r\n\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?%?")


def neutral(text: str) -> str:
    """Keep a text from running as a formula when a spreadsheet opens it.

    >>> neutral("=1+1"), neutral("-5"), neutral("Acme")
    ("'=1+1", '-5', 'Acme')
    """
    return f"'{text}" if _RUNS.match(text) and not _NUMBER.fullmatch(text) else text


def original(text: str) -> str:
    """Take off the one apostrophe that `neutral` has put before a text.

    >>> original("'=1+1"), original("'s-Hertogenbosch")
    ('=1+1', "'s-Hertogenbosch")
    """
    return text[1:] if text.startswith("'") and neutral(text[1:]) == text else text
