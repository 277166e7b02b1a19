from __future__ import annotations

import datetime as dt
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from core.workspace import __main__ as command
from core.workspace import log
from core.workspace.state import Change, Stamp, Store

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TIERWISE_HOME", str(tmp_path))
    stamp = Stamp(dt.datetime(2026, 7, 31, tzinfo=dt.UTC))
    with closing(Store(tmp_path)) as store:
        store.write(lambda: Change("note", "a", "saved", body={"text": "remember"}), stamp)
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["core.workspace", *arguments])
    return command.main()


def test_a_good_store_is_checked(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch) == 0
    assert capsys.readouterr().out == f"All is well: 1 entries, each as it was written ({home})\n"


def test_a_backup_is_made(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, "backup") == 0
    assert len(list((home / "backups").iterdir())) == 2


def test_the_way_out_that_an_error_names_leads_out(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = home / log.NAME
    file.write_bytes(file.read_bytes().replace(b"remember", b"remembar"))
    assert run(monkeypatch) == 1
    assert "`python -m core.workspace restore`" in capsys.readouterr().err
    assert run(monkeypatch, "restore") == 0
    assert "0 are lost" in capsys.readouterr().out
    assert run(monkeypatch) == 0
