from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from core.errors import StoreUnavailable
from core.workspace import secret
from core.workspace.folder import Workspace
from core.workspace.secret import Secret, open_secret

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    secret._opened.cache_clear()
    yield
    secret._opened.cache_clear()


def test_the_secret_is_made_once_and_for_this_user_only(tmp_path: Path) -> None:
    token = open_secret(Workspace(tmp_path)).signed("cookie", "ana")
    assert (tmp_path / secret.NAME).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [secret.NAME]
    secret._opened.cache_clear()
    assert open_secret(Workspace(tmp_path)).read("cookie", token) == "ana"


def test_many_that_make_it_at_once_end_with_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        tokens = list(pool.map(lambda _: secret._opened.__wrapped__(tmp_path / "secret").signed("c", "x"), range(40)))
    assert len(set(tokens)) == 1


def test_a_signature_is_for_one_text_and_one_purpose() -> None:
    ours = Secret(b"k" * 32)
    token = ours.signed("cookie", "a.b")
    assert ours.read("cookie", token) == "a.b"
    assert ours.read("other", token) is None
    assert ours.read("cookie", token.replace("a.b", "a.c")) is None
    assert ours.read("cookie", "é.x") is None
    assert Secret(b"l" * 32).read("cookie", token) is None


def test_another_workspace_has_another_secret(tmp_path: Path) -> None:
    one, other = open_secret(Workspace(tmp_path / "a")), open_secret(Workspace(tmp_path / "b"))
    assert one.mark("c", "x") != other.mark("c", "x")


def test_a_damaged_secret_and_a_folder_that_cannot_be_made_are_said(tmp_path: Path) -> None:
    (tmp_path / secret.NAME).write_bytes(b"short")
    with pytest.raises(StoreUnavailable, match="it is damaged"):
        open_secret(Workspace(tmp_path))
    with pytest.raises(StoreUnavailable, match="TIERWISE_HOME"):
        open_secret(Workspace(tmp_path / secret.NAME / "below"))
