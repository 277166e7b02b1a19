"""The record of a workshop's decision, to be read, printed and kept: one HTML page that needs nothing else, and JSON.

In: the record that `core.decisions.workshop.decision.record` makes.  Out: text. Every name in it was typed by somebody,
so every one is escaped; the page holds no script and asks for nothing.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from core import wording
from core.decisions.elicitation import disagreement, methods
from core.decisions.workshop import decision
from core.model.numbers import FULL_WEIGHT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_STYLE = """body{font:15px/1.5 "Segoe UI",system-ui,sans-serif;color:#0F1823;background:#fff;max-width:60rem;
margin:2rem auto;padding:0 1.25rem}h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2rem}
table{border-collapse:collapse;width:100%;margin:.5rem 0 1rem;font-variant-numeric:tabular-nums}
th,td{border-bottom:1px solid #D5DCE4;padding:.3rem .5rem;text-align:right;vertical-align:top}
th:first-child,td:first-child{text-align:left}th{color:#56616F;font-weight:600}code{overflow-wrap:anywhere}
dt{color:#56616F}dd{margin:0 0 .5rem}@media print{body{margin:0;max-width:none}h2{break-after:avoid}
tr{break-inside:avoid}}"""


def dumps(made: Mapping[str, Any]) -> str:
    """Write a record as JSON."""
    return decision.dumps(made)


def html(made: Mapping[str, Any]) -> str:
    """Write a record as one HTML page that prints well."""
    title = f"Decision record: {made['workshop']['title']}"
    parts = [_heading(title, made), _decision(made), *(_round(made, opened) for opened in made["rounds"]), _again(made)]
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body>{''.join(parts)}</body></html>\n"
    )


def _heading(title: str, made: Mapping[str, Any]) -> str:
    started = made["workshop"]["started"].replace("T", " ").removesuffix("+00:00")
    facts = {
        "Book": f"{made['book']['name']} (SHA-256 {made['book']['digest']})",
        "Started": f"{started} UTC",
        "Participants": ", ".join(made["participants"]) or wording.NOTHING,
        "Rounds": wording.count(len(made["rounds"])),
    }
    return f"<h1>{escape(title)}</h1>{_facts(facts)}"


def _decision(made: Mapping[str, Any]) -> str:
    decided = made["decision"]
    if not decided:
        return "<h2>Decision</h2><p>Nothing was decided.</p>"
    edited = " and edited by hand" if decided["edited"] else ""
    facts = {
        "Scenario": f"{decided['name']}, version {decided['scenario_version']}",
        "Weights": f"{decided['way']} of round {decided['round']}{edited}",
        "Reason": decided["reason"] or wording.NOTHING,
        "Dissent": decided["dissent"] or wording.NOTHING,
        "Decided": f"{decided['time'][:16].replace('T', ' ')} UTC, by {decided['author'] or 'not named'}",
        "Tier list": f"{wording.accounts(decided['accounts'])}, SHA-256 {decided['tier_list']}",
    }
    rows = [
        [criterion["name"], _share(computed), _share(weight)]
        for criterion, computed, weight in zip(made["criteria"], decided["computed"], decided["weights"], strict=True)
    ]
    return f"<h2>Decision</h2>{_facts(facts)}{_table(['Criterion', 'The ballots give', 'Decided'], rows)}"


def _round(made: Mapping[str, Any], opened: Mapping[str, Any]) -> str:
    title = f"<h2>Round {opened['number']}: {escape(methods.NAMES[opened['method']])}</h2>"
    if not opened["revealed"]:
        return f"{title}<p>This round was never revealed, so its ballots are not shown.</p>"
    names = [criterion["name"] for criterion in made["criteria"]]
    rows = [[ballot["participant"], *map(_share, ballot["weights"])] for ballot in opened["ballots"]]
    index, w = opened.get("consensus"), opened.get("kendall_w")
    said = f"Consensus {wording.share(index)} ({disagreement.word(index)}), Kendall’s W {wording.gini(w)}."
    comments = [
        f"{ballot['participant']} on {name}: {ballot['comments'][criterion['id']]}"
        for ballot in opened["ballots"]
        for criterion, name in zip(made["criteria"], names, strict=True)
        if criterion["id"] in ballot["comments"]
    ]
    listed = f"<ul>{''.join(f'<li>{escape(comment)}</li>' for comment in comments)}</ul>" if comments else ""
    return f"{title}<p>{escape(said)}</p>{_table(['Participant', *names], rows)}{listed}"


def _again(made: Mapping[str, Any]) -> str:
    text = (
        "The JSON of this record holds every answer and the model. From the answers follow the weights of each ballot, "
        "from the ballots the weights of the room, and from those, with the book named above, the tier list. Its "
        "SHA-256 is that of one line “account id, tab, tier” an account, sorted by id."
    )
    return f"<h2>Computing it again</h2><p>{escape(text)}</p><p>{escape(made['format'])}</p>"


def _share(weight: int) -> str:
    return wording.share(weight / FULL_WEIGHT)


def _facts(facts: Mapping[str, str]) -> str:
    return f"<dl>{''.join(f'<dt>{escape(k)}</dt><dd>{escape(str(v))}</dd>' for k, v in facts.items())}</dl>"


def _table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in heading)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
