"""The same without a screen: `python -m core --help`.

One JSON object goes to standard output with `--json`, a plain table without; messages go to standard error. Exit 0 is
done, 2 is bad usage or bad input.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import pyarrow as pa
import pyarrow.compute as pc
import typer

from core import wording
from core.accounts import banding, books, checking, ingest
from core.accounts.contract import BY_NAME, Kind
from core.accounts.listing import Wanted
from core.accounts.recipe import Recipe
from core.decisions.robustness import acceptability, per_account
from core.errors import BadAccounts, BadFile, TierwiseError
from core.measures import at_risk as at_risk_measure
from core.measures import concentration as concentration_measure
from core.measures import portfolio
from core.measures import tiers as tiers_measure
from core.model import toml
from core.report import periods, stream, tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from core.accounts.books import Book
    from core.accounts.building import Built
    from core.measures.portfolio import Portfolio
    from core.model.model import Model

app = typer.Typer(
    name="core", help="Decide which accounts matter: score, tier and measure a book.", no_args_is_help=True,
    add_completion=False, pretty_exceptions_enable=False,
)  # fmt: skip

File = Annotated[Path, typer.Argument(help="The accounts: CSV, XLSX or Parquet.")]
AsJson = Annotated[bool, typer.Option("--json", help="Write one JSON object to standard output.")]
Mapping_ = Annotated[
    list[str] | None, typer.Option("--map", help="field=column, where a heading differs from the contract.")
]
ModelName = Annotated[str, typer.Option("--model", help="A ready model's name, or a model file.")]
AsOf = Annotated[
    str | None, typer.Option("--as-of", help="The day that counts as today; default the newest in the data.")
]
History = Annotated[Path | None, typer.Option("--history", help="The revenue history: account_id, period, amount.")]
By = Annotated[str | None, typer.Option("--by", help="With --history: every month, quarter or year of it too.")]
SetAside = Annotated[bool, typer.Option("--set-aside", help="Set broken rows aside, and go on with the others.")]
With = Annotated[
    list[Path] | None, typer.Option("--with", help="A further table that joins the accounts; may stand several times.")
]
SumBy = Annotated[
    str, typer.Option(help="The file holds payments or deals: make accounts of this column, and sum its amounts.")
]
Reading = Annotated[
    list[str] | None,
    typer.Option("--read", help="column=comma, point, day first, month first, percent, fraction or text."),
]
Weight = Annotated[list[str] | None, typer.Option("--weight", help="criterion=importance, to override the model's.")]
Out = Annotated[Path | None, typer.Option("-o", "--out", help="Write to a file: .csv, .xlsx or .parquet.")]


@app.command()
def check(
    file: File,
    mapping: Mapping_ = None,
    joined: With = None,
    sum_by: SumBy = "",
    reading: Reading = None,
    set_aside: SetAside = False,
    as_json: AsJson = False,
) -> None:
    """Check a file against the contract, and list every finding."""
    decided = {"mapping": _pairs(mapping), "formats": _pairs(reading), "set_aside": set_aside, "grouped": sum_by}
    recipe = Recipe(**decided, propose=True)
    try:
        built = ingest.book([ingest.File(path) for path in (file, *(joined or ()))], recipe)
        checked = built.accounts
        findings, done = checked.findings, True
        facts: dict[str, Any] = {"rows": checked.rows_in_file, "columns": _columns(checked.columns)}
        facts |= {"notes": list(checked.notes), "rows_set_aside": checked.rows_set_aside, **_built(built)}
    except (BadAccounts, BadFile) as error:
        found = getattr(error, "findings", None)
        findings = found if isinstance(found, pa.Table) else checking.FINDINGS.empty_table()
        if not as_json and findings.num_rows == 0:
            raise
        done, facts = False, {"error": str(error)}
        _say(str(error))
    report = {"ok": done, **facts, "findings": findings.to_pylist()}
    mend = f"{wording.plural(findings.num_rows, 'finding')} to look at" if findings.num_rows else "nothing to mend"
    lines = [f"{file.name}: {wording.plural(facts['rows'], 'row')}, {mend}"] if done else []
    lines += [f"note: {note}" for note in facts.get("notes", ())]
    lines += [f"{_place(f)}: {f['what']}" for f in report["findings"]]
    _put(report, lines, as_json=as_json)
    if not done:
        raise typer.Exit(2)


@app.command()
def score(  # noqa: PLR0913, PLR0917  one argument an option of the command line
    file: File,
    model: ModelName = toml.DEFAULT,
    mapping: Mapping_ = None,
    weight: Weight = None,
    as_of: AsOf = None,
    set_aside: SetAside = False,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Score every account: score, tier, coverage, and the interval that missing values leave open."""
    chosen = _model(model, weight)
    prepared = _prepared(file, chosen, mapping=mapping, as_of=as_of, set_aside=set_aside)
    verdict = tiers_measure.weigh(prepared.cube, chosen)
    found = portfolio.accounts(prepared, verdict, Wanted(sort="row", descending=False))
    labels = pa.array([verdict.labels[i] for i in found["tier"].to_pylist()])
    names = ["account_id", "score", "tier", "coverage", "low", "high", "provisional"]
    table = found.set_column(found.column_names.index("tier"), "tier", labels).select(names)
    if out:
        tables.write(table, out)
        _say(f"{wording.accounts(table.num_rows)} written to {out}")
        return
    rows = table.to_pylist()
    lines = [f"{r['account_id']}  {wording.score(r['score']):>6}  {r['tier']}" for r in rows]
    _put({"model": chosen.name, "accounts": rows}, lines, as_json=as_json)


@app.command()
def tiers(
    file: File,
    model: ModelName = toml.DEFAULT,
    mapping: Mapping_ = None,
    weight: Weight = None,
    as_of: AsOf = None,
    set_aside: SetAside = False,
    as_json: AsJson = False,
) -> None:
    """Say what each tier holds: accounts, revenue, potential, and their shares."""
    chosen = _model(model, weight)
    prepared = _prepared(file, chosen, mapping=mapping, as_of=as_of, set_aside=set_aside)
    rows = tiers_measure.distribution(prepared.cube, tiers_measure.weigh(prepared.cube, chosen))
    listed = [
        {
            "tier": row.tier,
            "accounts": row.accounts,
            "revenue": _units(row.revenue),
            "potential": _units(row.potential),
            "share_accounts": row.share_accounts,
            "share_revenue": row.share_revenue,
        }
        for row in rows
    ]
    lines = [
        f"{row.tier:<12} {wording.accounts(row.accounts):>16} {wording.share(row.share_accounts):>8}"
        f" {wording.money(row.revenue, prepared.book.currency):>18} {wording.share(row.share_revenue):>8}"
        for row in rows
    ]
    _put({"model": chosen.name, "tiers": listed[:-1], "unrated": rows[-1].accounts}, lines, as_json=as_json)


@app.command()
def concentration(  # noqa: PLR0913, PLR0917  one argument an option of the command line
    file: File,
    mapping: Mapping_ = None,
    revenue: Annotated[str | None, typer.Option("--revenue", help="The column that holds the revenue.")] = None,
    include_zeros: Annotated[bool, typer.Option("--include-zeros", help="Count accounts without revenue too.")] = False,
    deck: Annotated[Path | None, typer.Option("--deck", help="Write slides to this file (.pptx).")] = None,
    workbook: Annotated[Path | None, typer.Option("--workbook", help="Write a workbook to this file (.xlsx).")] = None,
    page: Annotated[Path | None, typer.Option("--page", help="Write a page for print to this file (.html).")] = None,
    model: ModelName = toml.DEFAULT,
    history: History = None,
    by: By = None,
    as_of: AsOf = None,
    set_aside: SetAside = False,
    as_json: AsJson = False,
) -> None:
    """Say how much revenue rests on how few accounts; --model and --as-of are for the past and for files."""
    pairs = _pairs(mapping) | ({"annual_revenue": revenue} if revenue else {})
    book = _book(file, pairs, set_aside=set_aside, history=history)
    if not book.has("annual_revenue"):
        raise BadAccounts(
            "there is no column “annual_revenue”",
            where=file.name,
            way_out="Name the column that holds it: --revenue COLUMN",
        )
    found = concentration_measure.measure(books.amounts(book), include_zeros=include_zeros)
    pareto = found.pareto_80
    report = {
        "accounts": found.accounts + books.without(book),
        "accounts_counted": found.accounts_counted,
        "total_revenue": _units(found.total),
        "excluded": {"count": found.excluded_count, "amount": _units(found.excluded_amount)},
        "top_n": {str(n): share for n, share in found.top_n.items()},
        "top_share": {f"{p:g}": None if top is None else top.share for p, top in found.top_share.items()},
        "gini": found.gini,
        "gini_corrected": found.gini_corrected,
        "hhi": found.hhi,
        "effective_accounts": found.effective_accounts,
        "pareto_80": None if pareto is None else {"accounts": pareto.accounts, "share": pareto.share_of_accounts},
    }
    lines = [
        f"{wording.accounts(found.accounts_counted)} with revenue, {wording.money(found.total, book.currency)}",
        f"top 10: {wording.share(found.top_n[10])}   HHI {wording.hhi(found.hhi)}   Gini {wording.gini(found.gini)}",
    ]
    if by:
        report["through_time"] = _through_time(book, _model(model, None), _day(as_of), by, lines)
    _put(report, lines, as_json=as_json)
    files = {name: path for name, path in (("deck", deck), ("workbook", workbook), ("page", page)) if path}
    if files:
        _take_away(book, _model(model, None), _day(as_of), files)


def _through_time(book: Book, model: Model, as_of: dt.date | None, by: str, lines: list[str]) -> dict[str, Any]:
    """Measure every month, quarter or year of the history, and add a line for each."""
    step = next((step for step in periods.STEPS if step == by.strip().lower()), None)
    if step is None:
        what = f"“{by}” is no length of a period"
        raise TierwiseError(what, where="--by", way_out="Write month, quarter or year")
    if not book.has_history:
        raise TierwiseError("there is no revenue history", where="--by", way_out="Name its file: --history FILE")
    found = periods.report(portfolio.prepare(book, model, as_of=as_of), step)
    for row in (row for row in found["calendar"] if row["known"]):
        shares = f"top 10: {wording.share(row['top_10']):>7}   HHI {wording.hhi(row['hhi']):>6}"
        lines.append(f"{row['period']:<9} {wording.accounts(row['accounts_counted']):>16}   {shares}")
    return found


def _take_away(book: Book, model: Model, as_of: dt.date | None, files: Mapping[str, Path]) -> None:
    """Tell the story of a book account by account, and write it in every form that is asked for."""
    from core.report import deck, leadership, page, workbook  # noqa: PLC0415  they bring the libraries that draw

    prepared = portfolio.prepare(book, model, as_of=as_of)
    today = dt.datetime.now(dt.UTC).date()
    story = leadership.tell(prepared, tiers_measure.weigh(prepared.cube, model), model, made=today)
    writers = {"deck": deck.write, "workbook": workbook.write, "page": page.write}
    for name, path in files.items():
        path.write_bytes(writers[name](story))
        _say(f"{wording.plural(len(story.chapters), 'chapter')} written to {path}")


@app.command("at-risk")
def at_risk(  # noqa: PLR0913, PLR0917  one argument an option of the command line
    file: File,
    model: ModelName = toml.DEFAULT,
    mapping: Mapping_ = None,
    history: History = None,
    as_of: AsOf = None,
    set_aside: SetAside = False,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """List the accounts that are At Risk or Critical, with reasons and the next action, most revenue first."""
    chosen = _model(model, None)
    prepared = _prepared(file, chosen, mapping=mapping, as_of=as_of, set_aside=set_aside, history=history)
    verdict = tiers_measure.weigh(prepared.cube, chosen)
    wanted = Wanted(statuses=at_risk_measure.AT_RISK_CODES)
    if out:
        stream.write(map(at_risk_measure.exported, at_risk_measure.chunks(prepared, verdict, chosen, wanted)), out)
        _say(f"The accounts at risk are written to {out}")
        return
    found = at_risk_measure.rows(prepared, verdict, chosen, wanted)
    listed = [
        {
            "account_id": row.account_id,
            "name": row.name,
            "tier": row.tier,
            "health": row.health,
            "health_score": row.health_score,
            "annual_revenue": None if row.annual_revenue is None else _units(row.annual_revenue),
            "revenue_at_risk": _units(row.revenue_at_risk),
            "reasons": list(row.reasons),
            "next_action": row.next_action,
        }
        for row in found
    ]
    total = portfolio.risk(prepared.cube, chosen.health, prepared.told).revenue
    lines = [
        f"{row.account_id}  {row.name}  {row.tier}  {row.health}  "
        f"{wording.money(row.revenue_at_risk, prepared.book.currency)}  {row.next_action}"
        for row in found
    ]
    _put({"revenue_at_risk": _units(total), "accounts": listed}, lines, as_json=as_json)


@app.command()
def robustness(  # noqa: PLR0913, PLR0917  one argument an option of the command line
    file: File,
    model: ModelName = toml.DEFAULT,
    mapping: Mapping_ = None,
    weight: Weight = None,
    spread: Annotated[
        float, typer.Option("--spread", help="Points by which the largest weight may be off (a standard deviation).")
    ] = acceptability.USUAL_SPREAD,
    any_weights: Annotated[bool, typer.Option("--any-weights", help="Take any weights for equally possible.")] = False,
    as_of: AsOf = None,
    set_aside: SetAside = False,
    as_json: AsJson = False,
) -> None:
    """Say how sure every account's tier is, and what change of the weights would change it."""
    chosen = _model(model, weight)
    uniform = acceptability.anything(len(chosen.criteria))
    belief = uniform if any_weights else acceptability.around(chosen.weights, spread)
    prepared = _prepared(file, chosen, mapping=mapping, as_of=as_of, set_aside=set_aside)
    found = per_account.measure(prepared, chosen, belief)
    lines = [
        f"{key}  {row.tier}  {wording.share(row.confidence)}  {row.label or wording.UNDEFINED}  "
        f"{wording.score(row.margin_points)} points"
        for key, row in found
    ]
    told = {
        key: asdict(row) for key, row in {id(row): row for _, row in found}.items()
    }  # accounts share their profile's
    accounts = [{"account_id": key, **told[id(row)]} for key, row in found]
    report = {"model": chosen.name, "any_weights": belief == uniform, "spread": belief.spread, "accounts": accounts}
    _put(report, lines, as_json=as_json)


@app.command()
def demo(
    out: Annotated[Path, typer.Option("-o", "--out", help="The folder to write to.")] = Path("tierwise-demo"),
    accounts: Annotated[int, typer.Option(help="How many accounts.", min=40)] = 2000,
    seed: Annotated[int, typer.Option(help="The same seed makes the same book.")] = 7,
) -> None:
    """Write the demo book, or a larger one made the same way, as CSV."""
    from data import make_demo  # noqa: PLC0415  the generator is no part of the core

    for file in make_demo.write(out, accounts, seed):
        typer.echo(str(file))


def main() -> None:
    """Run the command line; an error that a person can mend is one sentence and exit 2."""
    try:
        app()
    except TierwiseError as error:
        _say(str(error))
        sys.exit(2)
    except OSError as error:
        what = error.strerror or "the system refused"
        _say(str(TierwiseError(what, where=str(error.filename or "file"), way_out="Choose another file or folder")))
        sys.exit(2)


def _say(text: str) -> None:
    typer.echo(text, err=True)


def _put(report: dict[str, Any], lines: Iterable[str], *, as_json: bool) -> None:
    typer.echo(json.dumps(report, ensure_ascii=False, default=str) if as_json else "\n".join(lines))


def _units(cents: int) -> int | float:
    """Give cents in units of the currency: whole where it is whole."""
    return cents // 100 if cents % 100 == 0 else cents / 100


def _pairs(texts: Sequence[str] | None) -> dict[str, str]:
    pairs = [text.partition("=") for text in texts or ()]
    for name, sign, value in pairs:
        if not (name and sign and value):
            what = f"“{name}{sign}{value}” is not of the form name=value"
            raise TierwiseError(what, way_out="Write for example annual_revenue=ARR")
    return {name.strip(): value.strip() for name, _, value in pairs}


def _model(name: str, weights: Sequence[str] | None) -> Model:
    changes = {}
    for criterion, text in _pairs(weights).items():
        try:
            changes[criterion] = float(text)
        except ValueError:
            what = f"the importance “{text}” is not a number"
            raise TierwiseError(what, where=f"--weight {criterion}", way_out="Give a number from 0 to 100") from None
    return toml.load(name).with_importance(changes)


def _book(file: Path, mapping: dict[str, str], *, set_aside: bool, history: Path | None = None) -> Book:
    checked = ingest.accounts(file, mapping=mapping, set_aside=set_aside, propose=True)
    for note in checked.notes:
        _say(f"{file.name}: {note}")
    if checked.rows_set_aside:
        counts = f"{checked.rows_set_aside:,} of {checked.rows_in_file:,} rows"
        _say(f"{file.name}: {counts} were set aside; `check` lists them")
    past = ingest.history(history, set_aside=set_aside) if history else None
    for note in checking.history_notes(past, checked):
        _say(f"{history.name if history else file.name}: {note}")
    return books.open_checked(checked, name=file.stem, source=file.name, history=past)


def _prepared(
    file: Path,
    model: Model,
    *,
    mapping: Sequence[str] | None,
    as_of: str | None,
    set_aside: bool,
    history: Path | None = None,
) -> Portfolio:
    book = _book(file, _pairs(mapping), set_aside=set_aside, history=history)
    for criterion in banding.missing_columns(book, model):
        _say(f"{file.name}: no column “{criterion.column}”, so {criterion.name} counts as missing for every account")
    return portfolio.prepare(book, model, as_of=_day(as_of))


def _day(text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        what = f"“{text}” is not a date"
        raise TierwiseError(what, where="--as-of", way_out="Write it as 2026-09-30") from None


def _place(finding: Mapping[str, Any]) -> str:
    row = f"row {finding['row']}, " if finding["row"] is not None else ""
    return row + (finding["column"] or "whole row")


def _built(built: Built) -> dict[str, Any]:
    """Say how a book was put together: what feeds which field, what is asked, what joined, and the sums of money."""
    money = [c for c in built.accounts.columns if c.kind is Kind.MONEY]
    totals = {c.heading: pc.sum(built.accounts.table[c.name]).as_py() for c in money}
    return {
        "mapping": dict(built.mapping),
        "asked": [asdict(one) for one in built.asked],
        "joined": [asdict(one) for one in built.joined],
        "totals": {heading: None if total is None else float(total) for heading, total in totals.items()},
    }


def _columns(columns: Sequence[checking.Column]) -> list[dict[str, str]]:
    return [{"heading": c.heading, "field": c.name if c.name in BY_NAME else "", "kind": c.kind.value} for c in columns]
