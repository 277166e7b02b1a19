"""One benchmark per hot path, beside what one would use instead: `make bench` writes docs/benchmarks.md."""

from __future__ import annotations
