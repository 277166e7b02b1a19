"""What can go wrong, said so that a person can mend it.

Every error that a user may meet is a `TierwiseError`: a fact (`what`), a place (`where`) and a way out. Its text is
ready to be shown; nobody above adds words to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class TierwiseError(ValueError):
    """The family: `what` happened, `where`, and the `way_out`.

    >>> str(TierwiseError("the file is empty", where="book.csv", way_out="Choose a file with a heading and rows"))
    'book.csv: the file is empty. Choose a file with a heading and rows.'
    """

    def __init__(self, what: str, *, where: str = "", way_out: str = "") -> None:
        """Build the sentence from its three facts."""
        self.what, self.where, self.way_out = what, where, way_out
        super().__init__(sentence(what, where=where, way_out=way_out))


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a file: the place in it, what is wrong there, and the way out."""

    place: str
    what: str
    way_out: str

    def __str__(self) -> str:
        """Give the fault as one sentence."""
        return sentence(self.what, where=self.place, way_out=self.way_out)


class BadModel(TierwiseError):
    """A model that cannot decide a tier; `faults` holds every fault of the file, not only the first."""

    def __init__(self, faults: Sequence[Fault], *, source: str = "the model") -> None:
        """Say how many faults there are, and each of them."""
        self.faults = tuple(faults)
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        super().__init__(f"{count}: " + " ".join(f"({i}) {fault}" for i, fault in enumerate(faults, 1)), where=source)


class BadFile(TierwiseError):
    """A file that cannot be read at all: empty, broken, of a kind that is not read, or too large."""


class BadAccounts(TierwiseError):
    """An account table that breaks the contract: no id column, ids twice, text where a number belongs.

    `findings` is the table of all broken cells and rows (pyarrow), where there is one: the sentence names the first.
    """

    def __init__(self, what: str, *, where: str = "", way_out: str = "", findings: object = None) -> None:
        """Keep the findings beside the sentence."""
        self.findings = findings
        super().__init__(what, where=where, way_out=way_out)


class StoreUnavailable(TierwiseError):
    """The state store can not be written or opened now: disk full, no permission, made by a newer Tierwise."""


class StoreBusy(StoreUnavailable):
    """Somebody else holds the state store; nothing was saved, and trying again helps."""


class StoreDamaged(TierwiseError):
    """The state store does not hold what was written into it: a checksum fails, or what was saved is missing."""


class UnknownName(TierwiseError):
    """A name that is not there: a model, a criterion, a column, a book."""

    @classmethod
    def of(cls, kind: str, name: str, known: Iterable[str]) -> UnknownName:
        """Name the unknown thing and list those that exist."""
        return cls(f"there is no {kind} named “{name}”", way_out="Choose one of: " + ", ".join(sorted(known)))


def sentence(what: str, *, where: str = "", way_out: str = "") -> str:
    """Join place, fact and way out into a text that ends in one full stop.

    >>> sentence("the sum is 0", where="weights")
    'weights: the sum is 0.'
    """
    text = f"{where}: {what}" if where else what[:1].upper() + what[1:]
    parts = [text.rstrip(".")] + ([way_out.rstrip(".")] if way_out else [])
    return ". ".join(parts) + "."
