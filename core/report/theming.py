"""The paints that chapters draw with, in the colours of the screen's light theme."""

from __future__ import annotations

from core.figures import theme
from core.report.story import Paint

_COLOURS = theme.palette()
STRONG = Paint(_COLOURS.ramp[0], _COLOURS.ramp_edges[0])
"""What a chart is about."""
SECOND = Paint(_COLOURS.ramp[1], _COLOURS.ramp_edges[1])
BEFORE = Paint(_COLOURS.plain.fill, _COLOURS.before)
"""What it is compared with: an earlier time, an approximation, equal shares."""
