"""What is said of each account is what the parts say of its profile."""

from __future__ import annotations

from core.accounts import books
from core.decisions.robustness import acceptability, margins, per_account, tipping
from core.measures import portfolio, tiers
from core.model.model import Model
from tests import making

COLUMNS: dict[str, list[str | None]] = {
    "employees": ["1000", "100", None, "1000", "1000"],
    "Fit": ["4", "10", "3", "4", None],
}


def test_every_account_has_what_its_profile_has_in_the_order_of_the_file() -> None:
    model = making.model()
    own = making.book(COLUMNS)
    prepared = portfolio.prepare(own, model)
    belief = acceptability.around(model.weights, 8)
    found = per_account.measure(prepared, model, belief)
    books.close(own)
    assert [key for key, _ in found] == ["A0000", "A0001", "A0002", "A0003", "A0004"]
    rows = [row for _, row in found]
    assert rows[0] is rows[3], "worked out once a profile"
    one = acceptability.of_one(model, (100, 40), 0, belief)
    assert (rows[0].confidence, rows[0].label) == (one.confidence[0], "toss-up")
    proof = margins.certificate(model, (100, 40), tier=0)
    assert proof is not None
    assert rows[0].margin_points is not None
    assert abs(rows[0].margin_points - 100 * float(proof.shift.moved)) < 1e-9
    verdict = tiers.weigh(prepared.cube, model)
    low = [span.low.tolist() for span in tipping.intervals(prepared.cube, model, verdict)]
    assert {row.intervals["size"][0] for row in rows if row.intervals["size"]} <= set(low[0])
    assert (rows[2].tier, rows[2].confidence, rows[2].label, rows[2].margin_points) == ("Unrated", None, None, None)


def test_one_criterion_with_all_the_weight_has_no_interval() -> None:
    model = making.model()
    alone = Model.model_validate({**dict(model), "criteria": (model.criteria[0],)})
    own = making.book(COLUMNS)
    rows = [row for _, row in per_account.measure(portfolio.prepare(own, alone), alone, acceptability.anything(1))]
    books.close(own)
    assert rows[0].intervals == {"size": None}
    assert (rows[0].tier, rows[0].confidence, rows[0].margin_points) == ("A", 1.0, None)
