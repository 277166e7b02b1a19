"""What comes of a workshop: the group's weights as a scenario, and a record from which anybody can compute it again.

The record holds the ballots as they were answered, so that weights follow from answers, the group's from the ballots',
and the tier list from those: `recompute` does all of it and compares.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from core import wording
from core.accounts.listing import Wanted
from core.decisions import scenarios
from core.decisions.elicitation import disagreement, group, methods
from core.decisions.workshop import sessions
from core.errors import TierwiseError
from core.measures import portfolio, tiers
from core.model import toml
from core.model.numbers import FULL_WEIGHT, weights_from

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.decisions.scenarios import Scenario
    from core.decisions.workshop.sessions import Ballot, Workshop
    from core.measures.portfolio import Portfolio
    from core.model.model import Model
    from core.workspace.state import Stamp, Store

FORMAT = "tierwise workshop record 1"
EDITED = "edited by hand"
LONGEST_DISSENT = 500


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be adopted: how ballots are combined, weights in basis points, name, reason, and who saw it otherwise.

    Weights other than those that `way` gives are said to be edited by hand.
    """

    way: str
    weights: tuple[int, ...]
    name: str
    reason: str = ""
    dissent: str = ""


@dataclass(frozen=True, slots=True)
class Recomputed:
    """What a record comes to when computed again; every part is true where it is what the record says."""

    ballots: bool
    weights: bool
    tier_list: bool

    @property
    def holds(self) -> bool:
        """Whether everything does."""
        return self.ballots and self.weights and self.tier_list


def weighted(model: Model, weights: Sequence[int]) -> Model:
    """Give a model the weights of a group, in basis points; as importance they are percentages.

    >>> from core.model import toml
    >>> weighted(toml.load("tier1_scorecard"), (2500, 1700, 1900, 1700, 1300, 900)).weights
    (2500, 1700, 1900, 1700, 1300, 900)
    """
    importance = {c.id: weight * 100 / FULL_WEIGHT for c, weight in zip(model.criteria, weights, strict=True)}
    return model.with_importance(importance)


def tier_list(prepared: Portfolio, model: Model) -> str:
    """Give the SHA-256 of the tier list: a line “account id, tab, tier” an account, sorted by id."""
    rows = portfolio.accounts(prepared, tiers.weigh(prepared.cube, model), Wanted(sort="account_id", descending=False))
    labels = (*model.tier_names, tiers.UNRATED)
    pairs = zip(rows["account_id"].to_pylist(), rows["tier"].to_pylist(), strict=True)
    lines = sorted(f"{account}\t{labels[tier]}\n" for account, tier in pairs)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def adopt(
    store: Store, key: str, secret: str, choice: Choice, prepared: Portfolio, stamp: Stamp
) -> tuple[Workshop, Scenario]:
    """Save the chosen weights as a scenario of the session's book, and note the decision in the session.

    The same stamp does both once, however often it is sent and wherever a first attempt broke off. Raises `NotAllowed`
    without the facilitator's key, `NotNow` before a reveal, `TierwiseError` for another book than the session's.
    """
    found = sessions.load(store, key)
    if not sessions.leads(store, key, secret):
        raise sessions.NotAllowed("this needs the facilitator's key", where=found.title, way_out="Enter the key")
    again = found.decision.get("time") == stamp.now.isoformat()  # a request that is repeated after a lost answer
    if found.phase not in (sessions.REVEAL, sessions.DISCUSSION) and not again:
        what = f"the session is in its {found.phase} phase"
        raise sessions.NotNow(what, where=found.title, way_out="Decide once a round has been revealed")
    if prepared.book.digest != found.book:
        what = "the book on screen is not the one that this workshop is about"
        raise TierwiseError(what, where=found.title, way_out=f"Choose “{found.book_name}” in the sidebar")
    number = found.revealed[-1]
    given = sessions.ballots(store, key, number)
    model = weighted(found.model, choice.weights).model_copy(update={"name": choice.name.strip() or found.model.name})
    computed = group.combine([ballot.weights for ballot in given], choice.way)
    dissent = " ".join(choice.dissent.split())[:LONGEST_DISSENT]
    draft = scenarios.Draft(choice.name, model, found.book, base=found.model.name, reason=_reason(choice, len(given)))
    saved = scenarios.save(store, draft, replace(stamp, nonce=f"{stamp.nonce}.scenario"))
    noted = {
        "round": number, "way": choice.way, "computed": list(computed), "weights": list(choice.weights),
        "edited": tuple(choice.weights) != computed, "name": saved.name, "reason": " ".join(choice.reason.split()),
        "dissent": dissent, "scenario": saved.id, "scenario_version": saved.version,
        "tier_list": tier_list(prepared, model), "accounts": prepared.book.rows,
        "as_of": prepared.as_of.isoformat() if prepared.as_of else None, "author": stamp.author,
        "time": stamp.now.isoformat(),
    }  # fmt: skip
    return sessions.settle(store, key, secret, noted, stamp), saved


def _reason(choice: Choice, people: int) -> str:
    how = f"Workshop of {wording.plural(people, 'ballot')}, {choice.way}."
    return " ".join(f"{how} {choice.reason}".split())[: scenarios.LONGEST_REASON]


def record(store: Store, key: str) -> dict[str, Any]:
    """Write down what a session did: participants, rounds, ballots, method, weights and decision; plain JSON values.

    Ballots of a round that was never revealed are counted, not shown. Nobody is named unless the session was by name.
    """
    found = sessions.load(store, key)
    people = sessions.seats(store, key)
    labels = {seat.id: seat.label for seat in people}
    rounds = []
    for opened in found.rounds:
        number = opened["number"]
        shown = sessions.ballots(store, key, number) if number in found.revealed else []
        rounds.append(dict(opened) | {"revealed": number in found.revealed,
                                      "ballots": [_ballot(ballot, labels) for ballot in shown]})  # fmt: skip
        if shown:
            rounds[-1] |= _agreement(shown)
    return {
        "format": FORMAT,
        "workshop": {"id": found.id, "title": found.title, "started": found.started.isoformat(timespec="seconds"),
                     "named": found.named},
        "book": {"digest": found.book, "name": found.book_name},
        "criteria": [{"id": c.id, "name": c.name} for c in found.model.criteria],
        "participants": [labels[seat.id] for seat in people],
        "rounds": rounds,
        "decision": dict(found.decision),
        "model": found.toml,
    }  # fmt: skip


def _ballot(ballot: Ballot, labels: Mapping[str, str]) -> dict[str, Any]:
    return {
        "participant": labels[ballot.seat], "method": ballot.method, "answers": dict(ballot.answers),
        "weights": list(ballot.weights), "comments": dict(ballot.comments), "consistent": ballot.consistent,
        "notes": list(ballot.notes), "time": ballot.time.isoformat(timespec="seconds"),
    }  # fmt: skip


def _agreement(shown: Sequence[Ballot]) -> dict[str, Any]:
    found = disagreement.measure([ballot.weights for ballot in shown])
    return {"consensus": found.consensus, "kendall_w": found.kendall_w}


def dumps(made: Mapping[str, Any]) -> str:
    """Write a record as JSON, always in the same way."""
    return json.dumps(made, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def recompute(made: Mapping[str, Any], prepared: Portfolio) -> Recomputed:
    """Compute a record again: weights from answers, the group's from the ballots', the tier list from the book.

    `prepared` is the record's book under its model, without filters, as of the record's day. Raises `TierwiseError`
    where the record has no decision, or is about another book.
    """
    decided = made["decision"]
    if not decided:
        raise TierwiseError("this record holds no decision", where=made["workshop"]["title"])
    if prepared.book.digest != made["book"]["digest"]:
        raise TierwiseError("the book is not the one of this record", where=made["book"]["name"])
    names = [criterion["name"] for criterion in made["criteria"]]
    given = [ballot for opened in made["rounds"] for ballot in opened["ballots"]]
    again = [methods.weigh(ballot["method"], ballot["answers"], names).weights for ballot in given]
    (round_,) = [opened for opened in made["rounds"] if opened["number"] == decided["round"]]
    combined = group.combine([ballot["weights"] for ballot in round_["ballots"]], decided["way"])
    chosen = weights_from(decided["weights"])
    model = weighted(toml.loads(made["model"], source="the record"), chosen)
    return Recomputed(
        ballots=again == [tuple(ballot["weights"]) for ballot in given],
        weights=list(combined) == decided["computed"] and (decided["edited"] or list(chosen) == decided["computed"]),
        tier_list=tier_list(prepared, model) == decided["tier_list"],
    )
