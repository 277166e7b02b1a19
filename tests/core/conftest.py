"""How the tests of core run: examples are not timed, since the first one pays for imports and for DuckDB."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("core", deadline=None)
settings.load_profile("core")
