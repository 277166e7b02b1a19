"""Pictures of figures: PNG and SVG where a Chromium is found on this machine, interactive HTML always.

The first picture starts a Chromium, which costs seconds; it is kept for the next ones and closed after a minute
without any. It draws a page of our own and loads nothing from elsewhere.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import html
import os
import shutil
import textwrap
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from core.errors import TierwiseError
from core.report.story import printable

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from core.report.provenance import Provenance

Still = Literal["png", "svg"]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
"""What a browser that can draw is called."""
NAMED_BY = ("BROWSER_PATH", "CHROMIUM")
"""Environment variables that name one."""
TIMEOUT = 60.0
"""Seconds that a picture may take, the start of a Chromium included."""
_PATIENCE = 10.0
_WIDER = 1.3  # the names' column was measured for the font of the screen
_BELOW, _SIGNED, _LINE = 52, 82, 170  # pixels below the plot, pixels of its lower margin, letters of a line
_LEAST_LEFT = 44  # pixels to the left of the plot, where the line of the source begins
IDLE = 60.0
"""Seconds without a picture after which the Chromium is closed."""
WIDTH = 900
"""Pixels of a picture; PNG has twice as many, for slides and print."""

# Nothing but what the page itself holds: a name in a figure can neither fetch nor send.
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:"
)


class NoBrowser(TierwiseError):
    """There is no Chromium on this machine, or it did not draw."""


def browser() -> str | None:
    """Find a Chromium; None where there is none."""
    for variable in NAMED_BY:
        found = shutil.which(os.environ.get(variable, ""))
        if found:
            return found
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def still(figure: Any, kind: Still, provenance: Provenance) -> bytes:
    """Draw a figure as PNG or SVG, its source written under it; raises `NoBrowser` where that cannot be done."""
    found = browser()
    if found is None:
        what = "a picture needs a Chromium, and none is found"
        raise NoBrowser(what, way_out="Install Chromium, name it in CHROMIUM, or take the interactive HTML")
    signed = _signed(figure, provenance)
    options = {"format": kind, "width": WIDTH, "height": signed.layout.height, "scale": 2 if kind == "png" else 1}
    return _STUDIO.draw(found, signed, options)


def _signed(figure: Any, provenance: Provenance) -> Any:
    """Copy a figure for paper: on white, with room for names in a wider font, and with its source in the margin."""
    margin = figure.layout.margin
    left, bottom = max(_WIDER * (margin.l or 0), _LEAST_LEFT), max(margin.b or 0, _SIGNED)
    height = (figure.layout.height or 450) + bottom - (margin.b or 0)
    lines = [html.escape(line, quote=False) for line in textwrap.wrap(printable(provenance.line()), _LINE)[:2]]
    copy = type(figure)(figure)
    copy.update_layout(paper_bgcolor="#FFFFFF", height=height, margin={"l": left, "b": bottom})
    copy.add_annotation(
        text="<br>".join(lines), x=0, y=0, xref="paper", yref="paper", xanchor="left", yanchor="top", align="left",
        xshift=4 - left, yshift=-_BELOW, showarrow=False, font={"size": 9, "color": "#56616F"},
    )  # fmt: skip
    return copy


def interactive(figure: Any, provenance: Provenance) -> bytes:
    """Give a figure as one HTML page that needs no network, with the line that says where its numbers come from."""
    part = figure.to_html(full_html=False, include_plotlyjs=True, config={"displayModeBar": False, "responsive": True})
    title = html.escape(printable((figure.layout.meta or {}).get("title", "Figure")))
    line = html.escape(printable(provenance.line()))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<style>body{font-family:system-ui,sans-serif;margin:1rem;color:#0F1823}p{color:#56616F;font-size:.75rem}"
        f"</style></head>\n<body>\n{part}\n<p>{line}</p>\n</body></html>\n"
    ).encode("utf-8", "replace")


@dataclass(slots=True)
class _Studio:
    """Keeps one Chromium, in a thread with an event loop of its own, for all who ask; closes it when it is idle.

    Streamlit runs scripts and downloads in many threads, none of which has an event loop that may be blocked.
    """

    lock: threading.Lock = field(default_factory=threading.Lock)
    loop: asyncio.AbstractEventLoop | None = None
    thread: threading.Thread | None = None
    drawer: Any = None
    idle: threading.Timer | None = None

    def draw(self, path: str, figure: Any, options: dict[str, Any]) -> bytes:
        """Draw one picture; one at a time, since all share a window."""
        with self.lock:
            self._rest()
            try:
                if self.drawer is None:
                    self._open(path)
                return bytes(self._wait(self.drawer.calc_fig(figure, opts=options)))
            except Exception as error:
                self._close()
                what = "Chromium did not draw the picture"
                raise NoBrowser(what, where=path, way_out="Try again, or take the interactive HTML") from error
            finally:
                self._rest(IDLE)

    def close(self) -> None:
        """Close the Chromium, if there is one."""
        with self.lock:
            self._rest()
            self._close()

    def _open(self, path: str) -> None:
        import kaleido  # noqa: PLC0415  only where a picture is asked for

        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=_run, args=(self.loop,), name="pictures", daemon=True)
        self.thread.start()

        async def start() -> Any:
            # Without mathjax=False the page would fetch MathJax from another host.
            drawer = kaleido.Kaleido(path=path, timeout=TIMEOUT, mathjax=False)
            await drawer.open()
            return drawer

        self.drawer = self._wait(start())

    def _wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        if self.loop is None:  # pragma: no cover - only `_open` and what follows it come here
            raise RuntimeError("there is no loop to wait in")
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(TIMEOUT)

    def _close(self) -> None:
        drawer, loop, thread = self.drawer, self.loop, self.thread
        self.drawer = self.loop = self.thread = None
        if loop is None or thread is None:
            return
        if drawer is not None:
            with contextlib.suppress(Exception):  # it may have gone already, and is to go
                asyncio.run_coroutine_threadsafe(drawer.close(), loop).result(_PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_PATIENCE)

    def _rest(self, after: float | None = None) -> None:
        """Stop the clock that closes the Chromium, and start it anew where a time is given."""
        if self.idle is not None:
            self.idle.cancel()
            self.idle = None
        if after is not None and self.drawer is not None:
            self.idle = threading.Timer(after, self.close)
            self.idle.daemon = True
            self.idle.start()


def _run(loop: asyncio.AbstractEventLoop) -> None:
    """Run a loop until it is stopped, and leave nothing of it behind."""
    asyncio.set_event_loop(loop)
    loop.run_forever()
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(asyncio.sleep(0))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()


_STUDIO = _Studio()
close = _STUDIO.close
"""Close the Chromium that draws, if one runs; the next picture starts another."""
atexit.register(close)
