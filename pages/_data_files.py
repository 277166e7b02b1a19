"""Files on the Data page: what was brought, which part of it is meant, and the child that reads it.

Nothing of an upload is kept in a cache: what was read lies in the session, and goes when it has become a book or the
reader leaves the page.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core import wording
from core.accounts import ingest
from pages import _parts as parts
from pages import _uploads as uploads

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from core.accounts.building import Built, Look
    from core.accounts.recipe import Recipe

KINDS = ["csv", "tsv", "txt", "xlsx", "parquet", "jsonl", "ndjson", "json", "zip", "duckdb", "db"]
ROUND, LOOKS, BUILT = "data.round", "data.looks", "data.built"


@dataclass(frozen=True, slots=True)
class Brought:
    """A file that was brought, the part of it that is meant, and what it looks like."""

    upload: UploadedFile
    part: str
    look: Look

    @property
    def key(self) -> str:
        """Name what is meant, for this session."""
        return f"{self.upload.file_id}.{self.part}"

    @property
    def name(self) -> str:
        """The name that the reader knows."""
        return f"{self.upload.name}, {self.part}" if self.part and len(self.look.parts) > 1 else self.upload.name


def uploader() -> list[UploadedFile]:
    """Ask for files; a new round after each book lets the files of the last one go."""
    key = f"data.files.{st.session_state.setdefault(ROUND, 0)}"
    brought = st.file_uploader(
        "Files: CSV, TSV, XLSX, Parquet, JSON lines, DuckDB, or a zip of them",
        type=KINDS, key=key, accept_multiple_files=True,
        help="The accounts, and if you have them tables that belong to them: deals, subscriptions, a revenue history.",
    )  # fmt: skip
    if not brought:
        forget()
    else:
        uploads.hold(brought)
        ingest.prepare()
    return list(brought or ())


def forget() -> None:
    """Let go of what was read."""
    for name in (LOOKS, BUILT):
        st.session_state.pop(name, None)


def leave() -> None:
    """Let go of the files as well: they have become a book, or their reader looks at another page."""
    forget()
    uploads.drop()


def next_round() -> None:
    """Begin anew without any file."""
    leave()
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1


def looked(files: Sequence[UploadedFile]) -> list[Brought]:
    """Look at every file, and let its sheet, file or table be chosen where there are several."""
    found = []
    for upload in files:
        first = _look(upload, "")
        part = ""
        if len(first.parts) > 1:
            label = parts.text(f"Which part of {upload.name}?")
            part = st.selectbox(label, first.parts, key=f"data.part.{upload.file_id}") or first.parts[0]
        found.append(Brought(upload, part, _look(upload, part) if part else first))
    return found


def _look(upload: UploadedFile, part: str) -> Look:
    kept: dict[str, Look] = st.session_state.setdefault(LOOKS, {})
    key = f"{upload.file_id}.{part}"
    if key not in kept:
        with st.spinner(f"Looking at {parts.text(upload.name)} …"), _on_disk([upload]) as (path,):
            kept[key] = ingest.look(ingest.File(path, upload.name, part))
        ingest.prepare()
    return kept[key]


def reading(brought: Sequence[Brought], recipe: Recipe) -> str:
    """Name what comes of reading these files by a recipe."""
    return hashlib.sha256(json.dumps([[b.key for b in brought], recipe.model_dump_json()]).encode()).hexdigest()


def built(brought: Sequence[Brought], recipe: Recipe) -> Built:
    """Read and check the files as the recipe says, once; raises what that raises."""
    key = reading(brought, recipe)
    kept = st.session_state.get(BUILT)
    if kept is None or kept[0] != key:
        st.session_state.pop(BUILT, None)
        bar = st.progress(0.0, "Reading …")
        try:
            with _on_disk([b.upload for b in brought]) as paths:
                files = [ingest.File(path, b.upload.name, b.part) for path, b in zip(paths, brought, strict=True)]
                found = ingest.book(files, recipe, told=lambda share, what: _told(bar, share, what))
        finally:
            bar.empty()
        kept = (key, found)
        st.session_state[BUILT] = kept
    made: Built = kept[1]
    return made


def made(named: str) -> Built | None:
    """Give what a `reading` gave, where the session holds it still."""
    kept = st.session_state.get(BUILT)
    return kept[1] if kept is not None and kept[0] == named else None


def _told(bar: st.delta_generator.DeltaGenerator, share: float, what: str) -> None:
    bar.progress(min(share, 1.0), f"{parts.text(what)} …")


@contextmanager
def _on_disk(files: Sequence[UploadedFile]) -> Iterator[list[Path]]:
    """Give every upload as a file under a name of ours."""
    with tempfile.TemporaryDirectory(prefix="tierwise-") as folder:
        paths = []
        for n, upload in enumerate(files):
            path = Path(folder) / f"upload-{n}"
            path.write_bytes(uploads.content(upload))
            paths.append(path)
        yield paths


def described(brought: Sequence[Brought]) -> None:
    """Say how every file was read."""
    for one in brought:
        facts = ", ".join(f"{what} {said}" for what, said in one.look.facts.items())
        columns = len(one.look.sample.headings) if one.look.sample else 0
        said = f"{one.name}: {wording.plural(columns, 'column')}" + (f", {facts}" if facts else "")
        st.caption(parts.text(said))
