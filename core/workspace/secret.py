"""The workspace's secret: what signs the cookies of this server, made once and kept for this user's eyes only.

A cookie that was signed with it is ours; without the file nobody can make one. Deleting the file ends every cookie.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING

from core.errors import StoreUnavailable

if TYPE_CHECKING:
    from pathlib import Path

    from core.workspace.folder import Workspace

NAME = "secret"
_BYTES = 32


class Secret:
    """Signs short texts, and tells whether a signature is ours."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def mark(self, purpose: str, text: str) -> str:
        """Give the signature of a text for one purpose: HMAC-SHA-256, in hex."""
        return hmac.new(self._key, f"{purpose}\n{text}".encode(), hashlib.sha256).hexdigest()

    def signed(self, purpose: str, text: str) -> str:
        """Give a text with its signature, as it is handed out."""
        return f"{text}.{self.mark(purpose, text)}"

    def read(self, purpose: str, token: str) -> str | None:
        """Read what we handed out for that purpose; None for anything else. Compares in constant time."""
        text, _, mark = token.rpartition(".")
        genuine = self.mark(purpose, text).encode()
        return text if hmac.compare_digest(genuine, mark.encode()) else None


def open_secret(workspace: Workspace) -> Secret:
    """Read the workspace's secret; it is made where there is none."""
    return _opened(workspace.home.resolve() / NAME)


@lru_cache(maxsize=8)
def _opened(file: Path) -> Secret:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            _make(file)
        key = file.read_bytes()
    except OSError as error:
        what = f"it cannot be read or written ({error.strerror or error})"
        raise StoreUnavailable(what, where=str(file), way_out="Let TIERWISE_HOME name a folder of your own") from error
    if len(key) != _BYTES:
        raise StoreUnavailable("it is damaged", where=str(file), way_out="Delete the file; a new one is made")
    return Secret(key)


def _make(file: Path) -> None:
    """Write a new secret beside the file and link it into place: two that make one at once end with the same."""
    if file.exists():
        return
    fresh = file.with_name(f".{NAME}-{secrets.token_hex(8)}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, secrets.token_bytes(_BYTES))
        os.fsync(handle)
        os.link(fresh, file)
    finally:
        os.close(handle)
        fresh.unlink(missing_ok=True)
