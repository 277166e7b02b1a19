"""A visitor of the app, for tests: opens pages, uses what stands on them, and reads what they say."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamlit.components.v2.bidi_component.main import _make_trigger_id
from streamlit.testing.v1 import AppTest

from core.accounts import books, checking, reading
from core.workspace.folder import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

ROOT = Path(__file__).parents[2]
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("[!_]*.py"))
HOSTILE = (
    "![x](https://evil.invalid/x.png)",
    "<img src=x onerror=alert(1)>",
    ":red[x]",
    "[click](https://evil.invalid)",
    "**bold** `code`",
    "$E=mc^2$ :material/bug_report:",
)
"""Names of accounts that Markdown or HTML would take for more than a name."""
FORMULA = "=1+1"
"""A name that a spreadsheet would run."""
SAID = ("markdown", "caption", "error", "info", "warning", "success", "title", "subheader")

LABELLED = ("button", "selectbox", "multiselect", "text_input", "file_uploader")


def plain(words: str) -> str:
    """Read Markdown as a person does: without the backslashes."""
    return re.sub(r"\\([\W_])", r"\1", words).replace("\N{WORD JOINER}", "")  # which parts an address, unseen


class Visitor:
    """One session of the app."""

    def __init__(self, page: str = "overview", *, book: str = "", model: str = "", scenario: str = "") -> None:
        self.at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        if scenario:  # came by a link
            self.at.query_params["scenario"] = scenario
        if book or model:
            self.open("data").choose(book=book, model=model)
        self.open(page)

    def open(self, page: str) -> Visitor:
        self.at.switch_page(f"pages/{page}.py").run()
        return self

    def choose(self, *, book: str = "", model: str = "") -> Visitor:
        for key, value in (("book", book), ("model", model)):
            if value:
                self._whole().sidebar.selectbox(key=key).set_value(value).run()
        return self

    def filter(self, **values: Sequence[str]) -> Visitor:
        book = self.at.session_state["book"]
        for name, chosen in values.items():
            self._whole().sidebar.multiselect(key=f"filter.{book}.{name}").set_value(list(chosen))
        self.at.run()
        return self

    def _whole(self) -> AppTest:
        """The whole screen: a report of the board runs its own part of the page only, and AppTest shows that alone."""
        return self.at if self.at.sidebar.selectbox else self.at.run()

    # What is read ----------------------------------------------------------------------------------------------------

    @property
    def texts(self) -> list[str]:
        """Every text that stands there, as a person reads it."""
        return [plain(words) for words in self._marked()]

    @property
    def sentence(self) -> str:
        """The answer under the title."""
        return plain(self.at.main.markdown[0].value)

    @property
    def errors(self) -> list[str]:
        return [plain(error.value) for error in self.at.error]

    @property
    def cards(self) -> dict[str, str]:
        """The headline figures by label."""
        return {plain(card.label): plain(card.value) for card in self.at.metric}

    @property
    def table(self) -> pd.DataFrame:
        found: pd.DataFrame = self.at.dataframe[0].value
        return found

    @property
    def figures(self) -> dict[str, dict[str, Any]]:
        """The charts by key, as they are sent to the browser."""
        charts: list[Any] = [chart for kind in ("plotly_chart", "echarts_chart") for chart in self.at.get(kind)]
        return {chart.key: json.loads(chart.proto.spec) for chart in charts}

    def _marked(self) -> Iterator[str]:
        """Every text that the browser reads as Markdown."""
        said: list[Any] = [element for kind in SAID for element in self.at.get(kind)]
        yield from (str(element.value) for element in said)
        for card in self.at.metric:
            yield from (card.label, card.value, card.delta, card.help)
        labelled: list[Any] = [widget for kind in LABELLED for widget in self.at.get(kind)]
        yield from (words for widget in labelled for words in (widget.label, widget.help))
        yield from (expander.label for expander in self.at.expander)

    def must_be_well(self) -> Visitor:
        """Nothing has failed in sight of the visitor, and no name is taken for more than a name."""
        assert [element.value for element in self.at.exception] == []
        marked = "\n".join(self._marked())
        assert "Traceback" not in marked
        assert "Error(" not in marked
        assert [name for name in HOSTILE if name in marked] == []
        drawn = json.dumps([_drawn(figure) for figure in self.figures.values()])
        assert re.findall(r"<(?!/?(b|br|span|extra)\b)", drawn) == [], "only the tags that our figures write themselves"
        return self

    # The board of weights --------------------------------------------------------------------------------------------

    @property
    def board(self) -> dict[str, Any]:
        """What the board shows."""
        shown: dict[str, Any] = json.loads(self._board().json)
        return shown

    @property
    def importance(self) -> dict[str, float]:
        return {row["id"]: row["importance"] for row in self.board["rows"] if not row.get("plain")}

    @property
    def cut_offs(self) -> dict[str, float]:
        return {row["name"]: row["importance"] for row in self.board["rows"] if row.get("plain")}

    @property
    def weights(self) -> dict[str, str]:
        return {row["id"]: row["weight"] for row in self.board["rows"] if not row.get("plain")}

    def _board(self) -> Any:
        (board,) = (part for part in self.at.get("bidi_component") if "board" in str(part.key))
        return board.proto

    def move(self, **importance: float) -> Visitor:
        """Move sliders and let them go, as the board reports it."""
        return self._moved(importance)

    def drag(self, **importance: float) -> Visitor:
        """Move sliders and hold them, as the board reports it."""
        return self._moved(importance, dragging=True)

    def cut(self, tier: str, lowest: float) -> Visitor:
        """Move the cut-off of a tier, as the board reports it."""
        return self._moved({row["id"]: lowest for row in self.board["rows"] if row["name"] == tier})

    def _moved(self, changes: dict[str, float], *, dragging: bool = False) -> Visitor:
        values = {row["id"]: row["importance"] for row in self.board["rows"]} | changes
        moved = {"values": values, "dragging": dragging, "seq": self.board["seq"] + 1}
        return self._report(self._board().id, "json_value", {"moved": moved})

    def press(self, verb: str, criterion: str = "") -> Visitor:
        """Press a button of the board, as it reports it."""
        pressed = {"verb": verb, "id": criterion, "seq": self.board["seq"] + 1}
        events = [{"event": "action", "value": pressed}]
        return self._report(_make_trigger_id(self._board().id, "events"), "json_trigger_value", events)

    def _report(self, widget: str, field: str, value: object) -> Visitor:
        states = self.at._tree.get_widget_states()
        state = states.widgets.add()
        state.id = widget
        setattr(state, field, json.dumps(value))
        self.at._run(states)
        return self


def _drawn(figure: Any) -> Any:
    """A figure without its alternative text, which is an attribute and no markup."""
    if isinstance(figure, dict):
        return {key: _drawn(part) for key, part in figure.items() if key not in {"meta", "aria"}}
    return [_drawn(part) for part in figure] if isinstance(figure, list) else figure


def demo() -> list[dict[str, str]]:
    """The rows of the demo book's file."""
    with (ROOT / "data" / "demo" / "accounts.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def keep(home: Path, rows: Sequence[dict[str, str]], *, name: str = "Own book") -> str:
    """Keep a book of our own in the workspace, and give its key."""
    file = home.parent / "own.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return books.keep(Workspace(home), checking.check(reading.read(file)), name=name, source=file.name).stem


def bare(home: Path) -> str:
    """Keep a book with next to nothing in it: hostile names, no revenue, no history, no dates, most columns missing."""
    names = [*HOSTILE, FORMULA]
    rows = [{"account_id": str(i), "name": name, "industry": name} for i, name in enumerate(names)]
    return keep(home, rows, name=HOSTILE[0])
