"""The same without a screen: `python -m core --help`.

One JSON object goes to standard output with `--json`, a plain table without; messages go to standard error. Exit 0 is
done, 2 is bad usage or bad input.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import pyarrow as pa
import typer

from core import wording
from core.accounts import banding, books, checking, ingest
from core.accounts.contract import BY_NAME
from core.accounts.listing import Wanted
from core.errors import BadAccounts, BadFile, TierwiseError
from core.measures import at_risk as at_risk_measure
from core.measures import concentration as concentration_measure
from core.measures import portfolio
from core.measures import tiers as tiers_measure
from core.model import toml
from core.report import tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.accounts.books import Book
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
SetAside = Annotated[bool, typer.Option("--set-aside", help="Set broken rows aside, and go on with the others.")]
Weight = Annotated[list[str] | None, typer.Option("--weight", help="criterion=importance, to override the model's.")]
Out = Annotated[Path | None, typer.Option("-o", "--out", help="Write to a file: .csv, .xlsx or .parquet.")]


@app.command()
def check(file: File, mapping: Mapping_ = None, as_json: AsJson = False) -> None:
    """Check a file against the contract, and list every finding."""
    try:
        checked = ingest.accounts(file, mapping=_pairs(mapping))
        findings, done = checked.findings, True
        facts: dict[str, Any] = {"rows": checked.rows_in_file, "columns": _columns(checked.columns)}
        facts["notes"] = list(checked.notes)
    except (BadAccounts, BadFile) as error:
        found = getattr(error, "findings", None)
        findings = found if isinstance(found, pa.Table) else checking.FINDINGS.empty_table()
        if not as_json and findings.num_rows == 0:
            raise
        done, facts = False, {"error": str(error)}
        _say(str(error))
    report = {"ok": done, **facts, "findings": findings.to_pylist()}
    lines = [f"{file.name}: {wording.plural(facts['rows'], 'row')}, nothing to mend"] if done else []
    lines += [f"note: {note}" for note in facts.get("notes", ())]
    lines += [f"row {f['row']}, {f['column'] or 'whole row'}: {f['what']}" for f in report["findings"]]
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
def concentration(
    file: File,
    mapping: Mapping_ = None,
    revenue: Annotated[str | None, typer.Option("--revenue", help="The column that holds the revenue.")] = None,
    include_zeros: Annotated[bool, typer.Option("--include-zeros", help="Count accounts without revenue too.")] = False,
    set_aside: SetAside = False,
    as_json: AsJson = False,
) -> None:
    """Say how much revenue rests on how few accounts."""
    pairs = _pairs(mapping) | ({"annual_revenue": revenue} if revenue else {})
    book = _book(file, pairs, set_aside=set_aside)
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
    _put(report, lines, as_json=as_json)


@app.command("at-risk")
def at_risk(
    file: File,
    model: ModelName = toml.DEFAULT,
    mapping: Mapping_ = None,
    history: History = None,
    as_of: AsOf = None,
    set_aside: SetAside = False,
    as_json: AsJson = False,
) -> None:
    """List the accounts that are At Risk or Critical, with reasons and the next action, most revenue first."""
    chosen = _model(model, None)
    prepared = _prepared(file, chosen, mapping=mapping, as_of=as_of, set_aside=set_aside, history=history)
    verdict = tiers_measure.weigh(prepared.cube, chosen)
    found = at_risk_measure.rows(prepared, verdict, chosen, Wanted(statuses=at_risk_measure.AT_RISK_CODES))
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
    total = portfolio.risk(prepared.cube, chosen.health).revenue
    lines = [
        f"{row.account_id}  {row.name}  {row.tier}  {row.health}  "
        f"{wording.money(row.revenue_at_risk, prepared.book.currency)}  {row.next_action}"
        for row in found
    ]
    _put({"revenue_at_risk": _units(total), "accounts": listed}, lines, as_json=as_json)


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
    checked = ingest.accounts(file, mapping=mapping, set_aside=set_aside)
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


def _columns(columns: Sequence[checking.Column]) -> list[dict[str, str]]:
    return [{"heading": c.heading, "field": c.name if c.name in BY_NAME else "", "kind": c.kind.value} for c in columns]
