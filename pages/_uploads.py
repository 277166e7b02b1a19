"""Where do the bytes of an upload lie, and when do they go?

Streamlit keeps an upload until the session ends, and copies it for every run that sees its widget. A file of 250 MB
would stand in memory three times; so the copies are emptied at once, the bytes are read where they lie, and they go
when the file has become a book or its reader leaves the page.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.errors import BadFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamlit.runtime.uploaded_file_manager import UploadedFile

HELD = "data.held"


def hold(uploads: Sequence[UploadedFile]) -> None:
    """Empty the copies of this run, and remember which files are to be let go of."""
    for upload in uploads:
        upload.seek(0)
        upload.truncate()
    st.session_state[HELD] = [upload.file_id for upload in uploads]


def content(upload: UploadedFile) -> bytes:
    """Give the bytes of an upload without a copy of them; raises `BadFile` where it has been let go of."""
    context = get_script_run_ctx()
    found = context.uploaded_file_mgr.get_files(context.session_id, [upload.file_id]) if context else []
    if not found:
        what = "the file is no longer here"
        raise BadFile(what, where=upload.name, way_out="Choose it again")
    return found[0].data


def drop() -> None:
    """Let go of every file that was brought."""
    context, held = get_script_run_ctx(), st.session_state.pop(HELD, ())
    for name in held:
        if context and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
            context.uploaded_file_mgr.remove_file(context.session_id, name)
    if held:
        gc.collect()  # an earlier run may stand in a circle, and with it all that was read
