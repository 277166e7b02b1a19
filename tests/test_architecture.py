"""The rules of the house, read from the source.

Each rule is a function from a syntax tree to the faults in it; a rule that could not find a fault would prove nothing,
so each is also shown one.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parent.parent
FLOORS = ("model", "workspace", "accounts", "measures", "decisions", "figures", "report", "cli")
OWNERS = {
    "duckdb": ("core/accounts/",),
    "plotly": ("core/figures/",),
    "sqlite3": ("core/workspace/",),
    "streamlit": ("app.py", "server.py", "pages/"),
}
SQL = re.compile(r"\b(SELECT\s|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|CREATE\s+TABLE|(GROUP|ORDER)\s+BY)")
RUNS_SQL = {"execute", "executemany", "executescript", "sql", "query", "from_query", "SQLExpression"}
PAGE_LINES = 120
FUNCTION_LINES = 50


def files(*patterns: str) -> list[str]:
    found = (path for pattern in patterns for path in ROOT.glob(pattern))
    return sorted(path.relative_to(ROOT).as_posix() for path in found if "__pycache__" not in path.parts)


CORE = files("core/**/*.py")
PAGES = files("pages/*.py")
SCREENS = [page for page in PAGES if not Path(page).name.startswith("_")]
OURS = [*CORE, *PAGES, *files("app.py", "doors.py", "server.py", "data/**/*.py")]


def tree(name: str) -> ast.Module:
    return ast.parse((ROOT / name).read_text(encoding="utf-8"), filename=name)


def imports(module: ast.AST) -> Iterator[str]:
    """Every module a file imports; `from core import wording` imports core.wording."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written from the root: from core.model import tiers"
            assert node.module is not None
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


# Floors and owners --------------------------------------------------------------------------------------------------


def floor(module: str) -> int | None:
    """The height of a module of ours, None for others: 0 for what everybody may use, the command line on top."""
    top, _, rest = module.partition(".")
    heights = {"pages": len(FLOORS) + 1, "doors": len(FLOORS) + 1, "app": len(FLOORS) + 2, "server": len(FLOORS) + 2}
    if top in heights:
        return heights[top]
    if top != "core":
        return None
    name = rest.partition(".")[0]
    return len(FLOORS) if name == "__main__" else FLOORS.index(name) + 1 if name in FLOORS else 0


def module_name(name: str) -> str:
    return name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def upward_imports(name: str, module: ast.Module) -> list[str]:
    own = floor(module_name(name)) or 0
    return [target for target in imports(module) if (floor(target) or 0) > own]


def stray_libraries(name: str, module: ast.Module) -> list[str]:
    return [
        target
        for target in imports(module)
        for library, owners in OWNERS.items()
        if target.partition(".")[0] == library and not name.startswith(owners)
    ]


def dynamic_imports(module: ast.Module) -> list[int]:
    """Imports that the two rules above could not see."""
    return [
        node.lineno
        for node in ast.walk(module)
        if (isinstance(node, ast.Attribute) and node.attr == "import_module")
        or (isinstance(node, ast.Name) and node.id in {"import_module", "__import__"})
    ]


@pytest.mark.parametrize("name", [name for name in OURS if not name.startswith("data/")])
def test_imports_go_down_only(name: str) -> None:
    assert upward_imports(name, tree(name)) == []


@pytest.mark.parametrize("name", OURS)
def test_each_library_lives_in_one_place(name: str) -> None:
    assert stray_libraries(name, tree(name)) == []


@pytest.mark.parametrize("name", [*CORE, *PAGES])
def test_no_import_is_hidden(name: str) -> None:
    assert dynamic_imports(tree(name)) == []


@pytest.mark.parametrize("name", CORE)
def test_every_folder_of_core_is_a_floor(name: str) -> None:
    parts = Path(name).parts
    assert len(parts) == 2 or parts[1] in FLOORS


def test_the_rules_on_imports_see_a_fault() -> None:
    assert upward_imports("core/model/tiers.py", ast.parse("from core import accounts")) == ["core.accounts"]
    assert upward_imports("core/errors.py", ast.parse("import core.model.tiers")) == ["core.model.tiers"]
    assert upward_imports("core/cli.py", ast.parse("from pages import _state")) == ["pages", "pages._state"]
    assert upward_imports("core/measures/loss.py", ast.parse("from core import wording")) == []
    assert stray_libraries("core/measures/loss.py", ast.parse("import duckdb")) == ["duckdb"]
    assert stray_libraries("pages/weights.py", ast.parse("import plotly.express as px")) == ["plotly.express"]
    assert dynamic_imports(ast.parse("importlib.import_module('duckdb')")) == [1]


# Pages --------------------------------------------------------------------------------------------------------------


def screen_faults(module: ast.Module) -> list[str]:
    """What belongs in core: grouping and merging, figures built by hand, SQL."""
    docstrings = {id(node.value) for node in ast.walk(module) if isinstance(node, ast.Expr)}
    faults = []
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and node.attr in {"groupby", "merge"}:
            faults.append(f"{node.lineno}: {node.attr}")
        elif isinstance(node, ast.Name) and node.id == "go":
            faults.append(f"{node.lineno}: go.")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            faults += [f"{node.lineno}: {found.group()}" for found in SQL.finditer(node.value)]
    return faults


@pytest.mark.parametrize("name", SCREENS)
def test_a_page_opens_with_its_question(name: str) -> None:
    first, *_ = (ast.get_docstring(tree(name)) or "").splitlines() or [""]
    assert first.endswith("?")


@pytest.mark.parametrize("name", SCREENS)
def test_a_page_is_short(name: str) -> None:
    assert len((ROOT / name).read_text(encoding="utf-8").splitlines()) <= PAGE_LINES


@pytest.mark.parametrize("name", [*PAGES, *files("app.py")])
def test_a_page_computes_nothing(name: str) -> None:
    assert screen_faults(tree(name)) == []


def test_the_rule_on_pages_sees_a_fault() -> None:
    bad = "table.groupby('a')\nleft.merge(right)\ngo.Figure()\nq = 'SELECT 1'\nlabel = 'Group by region'"
    assert sorted(screen_faults(ast.parse(bad))) == ["1: groupby", "2: merge", "3: go.", "4: SELECT "]


# Names from files ---------------------------------------------------------------------------------------------------


def unsafe_html(module: ast.Module) -> list[int]:
    calls = (node for node in ast.walk(module) if isinstance(node, ast.Call))
    words = (word for call in calls for word in call.keywords if word.arg == "unsafe_allow_html")
    return [word.value.lineno for word in words if not (isinstance(word.value, ast.Constant) and not word.value.value)]


def put_together(node: ast.expr) -> bool:
    """Whether a text is made of pieces: f"...", "..." + x, "..." % x, "...".format(x), " ".join(x)."""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Add | ast.Mod)
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"format", "format_map", "join", "replace", "substitute", "safe_substitute"}
    )


def assembled_sql(module: ast.Module) -> list[int]:
    """Calls that run SQL put together from pieces, there or in an assignment to the name that they are given."""
    assigned: dict[str, list[ast.expr]] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            assigned.setdefault(node.targets[0].id, []).append(node.value)
        elif isinstance(node, ast.AnnAssign | ast.AugAssign) and isinstance(node.target, ast.Name) and node.value:
            assigned.setdefault(node.target.id, []).append(node.value)
    faults = []
    for call in (node for node in ast.walk(module) if isinstance(node, ast.Call) and node.args):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        text = call.args[0]
        texts = assigned.get(text.id, []) if isinstance(text, ast.Name) else [text]
        if name in RUNS_SQL and any(map(put_together, texts)):
            faults.append(call.lineno)
    return faults


@pytest.mark.parametrize("name", [*OURS, *files("benchmarks/**/*.py")])
def test_no_markup_is_let_through(name: str) -> None:
    assert unsafe_html(tree(name)) == []


@pytest.mark.parametrize("name", OURS)
def test_sql_is_never_put_together_from_text(name: str) -> None:
    assert assembled_sql(tree(name)) == []


@pytest.mark.parametrize("name", files("core/**/*.sql"))
def test_an_sql_file_says_what_it_answers(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8").lstrip().startswith("-- ")


def test_the_rules_on_names_see_a_fault() -> None:
    assert unsafe_html(ast.parse("st.markdown(x, unsafe_allow_html=True)")) == [1]
    assert unsafe_html(ast.parse("st.markdown(x, unsafe_allow_html=y)")) == [1]
    bad = [
        'con.execute(f"select {x}")',
        'con.sql("select " + x)',
        'con.query("select %s" % x)',
        'con.execute("select {}".format(x))',
        'q = f"select {x}"\ncon.execute(q)',
    ]
    assert [bool(assembled_sql(ast.parse(text))) for text in bad] == [True] * len(bad)
    assert assembled_sql(ast.parse('con.execute("select ?", [x])\ncon.sql(text)')) == []


# Size and place -----------------------------------------------------------------------------------------------------


def long_functions(module: ast.Module) -> list[str]:
    """Functions whose code, without the docstring, has more lines than a screen."""
    faults = []
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            docstring = first.end_lineno - first.lineno + 1 if ast.get_docstring(node) and first.end_lineno else 0
            lines = (node.end_lineno or node.lineno) - node.lineno + 1 - docstring
            faults += [f"{node.name}: {lines} lines"] * (lines > FUNCTION_LINES)
    return faults


@pytest.mark.parametrize("name", [*CORE, *PAGES])
def test_no_function_is_longer_than_a_screen(name: str) -> None:
    assert long_functions(tree(name)) == []


def test_the_rule_on_length_sees_a_fault() -> None:
    assert long_functions(ast.parse("def f():\n" + "    x = 1\n" * FUNCTION_LINES)) == ["f: 51 lines"]


@pytest.mark.parametrize("name", files("tests/core/**/test_*.py"))
def test_tests_mirror_the_code(name: str) -> None:
    path = Path(name).relative_to("tests")
    assert (ROOT / path.with_name(path.name.removeprefix("test_"))).is_file()


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(lambda: CORE, id="core"),
        pytest.param(lambda: SCREENS, id="pages"),
        pytest.param(lambda: files("app.py"), id="app.py"),
        pytest.param(lambda: files("tests/core/**/test_*.py"), id="tests/core"),
    ],
)
def test_there_is_something_to_check(found: Callable[[], list[str]]) -> None:
    assert found()
