"""The workspace: one folder that holds everything a user would miss.

`books/` holds immutable Parquet snapshots named by their SHA-256. `TIERWISE_HOME` moves the folder.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import TierwiseError

if TYPE_CHECKING:
    from collections.abc import Iterator

DEFAULT_HOME = Path(__file__).parents[2] / "data" / "workspace"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace at `home`; folders are made when first written to."""

    home: Path

    @classmethod
    def here(cls) -> Workspace:
        """Open the workspace that `TIERWISE_HOME` names, or the default one beside the code."""
        return cls(Path(os.environ.get("TIERWISE_HOME") or DEFAULT_HOME))

    @property
    def books(self) -> Path:
        """The folder of book snapshots."""
        return self.home / "books"

    def keep(self, file: Path) -> Path:
        """Move a finished file into `books/` under its own SHA-256; a file that is there already is kept.

        The move is atomic, so that a reader never meets half a snapshot.
        """
        digest = sha256(file)
        target = self.books / f"{digest}.parquet"
        try:
            self.books.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                with tempfile.NamedTemporaryFile(dir=self.books, prefix=".new-", delete=False) as partial:
                    pass
                try:
                    shutil.copyfile(file, partial.name)
                    Path(partial.name).replace(target)
                finally:
                    Path(partial.name).unlink(missing_ok=True)
        except OSError as error:
            raise TierwiseError(
                f"the book cannot be written ({error.strerror})",
                where=str(self.books),
                way_out="Free space there, or let TIERWISE_HOME name a folder that can be written",
            ) from error
        return target

    def snapshots(self) -> Iterator[Path]:
        """Give the snapshots, newest first."""
        found = self.books.glob("*.parquet") if self.books.is_dir() else iter(())
        yield from sorted(found, key=lambda path: (-path.stat().st_mtime, path.name))


def sha256(file: Path) -> str:
    """Give the SHA-256 of a file's bytes, in hex."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
