"""The workspace folder: files under their own digest, whole or not at all."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import pytest

from core.errors import TierwiseError
from core.workspace.folder import DEFAULT_HOME, Workspace, sha256


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "made.parquet"
    made.write_bytes(b"any bytes")
    return made


def test_a_file_is_kept_under_its_own_digest(tmp_path: Path, file: Path) -> None:
    workspace = Workspace(tmp_path / "home")
    kept = workspace.keep(file)
    assert kept == tmp_path / "home" / "books" / f"{hashlib.sha256(b'any bytes').hexdigest()}.parquet"
    assert kept.read_bytes() == b"any bytes"
    assert sha256(kept) == kept.stem
    assert sys.platform == "win32" or kept.stat().st_mode & 0o077 == 0
    assert [path.name for path in workspace.books.iterdir()] == [kept.name]


def test_a_file_that_is_there_already_is_left_alone(tmp_path: Path, file: Path) -> None:
    workspace = Workspace(tmp_path / "home")
    before = workspace.keep(file).stat()
    after = workspace.keep(file).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_snapshots_come_newest_first(tmp_path: Path, file: Path) -> None:
    workspace = Workspace(tmp_path / "home")
    assert list(workspace.snapshots()) == []
    kept = []
    for age, data in enumerate([b"a", b"b", b"c"]):
        file.write_bytes(data)
        kept.append(workspace.keep(file))
        os.utime(kept[-1], (1_000_000 - age, 1_000_000 - age))
    (workspace.books / ".new-half").write_bytes(b"a copy that was cut off")
    assert list(workspace.snapshots()) == kept


def test_a_workspace_that_cannot_be_written_is_one_sentence(tmp_path: Path, file: Path) -> None:
    (tmp_path / "home").write_text("a file where a folder belongs", encoding="utf-8")
    with pytest.raises(TierwiseError) as caught:
        Workspace(tmp_path / "home").keep(file)
    assert str(caught.value) == (
        f"{tmp_path / 'home' / 'books'}: the book cannot be written (Not a directory). "
        "Free space there, or let TIERWISE_HOME name a folder that can be written."
    )


def test_half_a_copy_is_never_seen_and_not_left_behind(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace(tmp_path / "home")

    def disk_full(_source: object, target: str) -> None:
        Path(target).write_bytes(b"any")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("core.workspace.folder.shutil.copyfile", disk_full)
    with pytest.raises(TierwiseError, match="No space left on device"):
        workspace.keep(file)
    assert list(workspace.snapshots()) == []
    assert list(workspace.books.iterdir()) == []


def test_the_environment_moves_the_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIERWISE_HOME", str(tmp_path))
    assert Workspace.here().home == tmp_path
    for value in ("", None):
        monkeypatch.setenv("TIERWISE_HOME", value) if value is not None else monkeypatch.delenv("TIERWISE_HOME")
        assert Workspace.here().home == DEFAULT_HOME
    assert Path(__file__).parents[3] / "data" / "workspace" == DEFAULT_HOME
