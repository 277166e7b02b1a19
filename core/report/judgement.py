"""Judgement: whether the at-risk list is any good, in plain sentences.

In: a list that was judged (`measures.outcomes`).  Out: sentences, the answer first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import wording
from core.measures.calibration import FEWEST

if TYPE_CHECKING:
    from core.measures.calibration import Auc, Calibration
    from core.measures.outcomes import Judged

NO_OUTCOMES = (
    "No outcomes are known of this book, so nobody can say whether the list is any good: the probabilities of loss are "
    "assumptions. A revenue history of three years, or a column that says which accounts were lost, would tell."
)
CAPTURE = 0.1


def answer(judged: Judged) -> str:
    """Say in one or two sentences whether the signals tell lost accounts from kept ones."""
    found = judged.found
    who = f"{wording.accounts(found.accounts)}, of which {wording.count(found.lost)} {_were(found.lost)} lost"
    if found.auc is None or not found.enough:
        need = f"at least {FEWEST} lost and {FEWEST} kept are needed"
        return f"Too few outcomes to judge the list: {who}; {need}. The probabilities are assumptions."
    if not found.auc.informs:
        return (
            f"The signals carry no information about loss in this book: AUC {area(found.auc)}, and 0.50 is what chance"
            f" gives ({who}). Treat the order of the list, and its probabilities, as assumptions."
        )
    if found.auc.high < CHANCE:
        return (
            f"The signals point the wrong way in this book: AUC {area(found.auc)}, below the 0.50 of chance ({who})."
            " Accounts with better health were lost more often."
        )
    return (
        f"The signals carry information about loss: AUC {area(found.auc)}, where chance gives 0.50 ({who})."
        f"{_probabilities(found)}"
    )


CHANCE = 0.5


def _probabilities(found: Calibration) -> str:
    if found.skill is None:
        return ""
    share = f"{100 * found.skill:.0f}{wording.NBSP}%".replace("-", wording.MINUS)
    if found.skill > 0:
        return f" The probabilities have a Brier skill of {share} over saying the average of everybody."
    return f" The probabilities are no better than saying the average of everybody (Brier skill {share}): correct them."


def basis(judged: Judged) -> str:
    """Say what was judged by what."""
    found, left = judged.found, f"; {wording.accounts(judged.skipped)} left out, of which too little is known"
    if judged.split is None:
        text = (
            f"Judged: the health score of {wording.accounts(found.accounts)} by the column “{judged.column}”. Score "
            "and outcome stand in one table, so a score that was recorded after the loss would flatter the list"
        )
    else:
        text = (
            f"Judged: what spending showed on {judged.split.isoformat()}, by who paid nothing in the last quarter of "
            "the year that followed. The other signals have no past in the book and are not judged by this"
        )
        if judged.fitted:
            text += f". Probabilities are fitted on the year after {judged.fitted.isoformat()}, and judged on the next"
    return f"{text}{left if judged.skipped else ''}."


def area(found: Auc) -> str:
    """Write an AUC with its interval."""
    return f"{found.value:.2f} (95{wording.NBSP}% interval {found.low:.2f} to {found.high:.2f}, DeLong)"


def _were(n: int) -> str:
    return "was" if n == 1 else "were"
