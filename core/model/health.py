"""How health is judged: signals, weights, targets, cut-offs, caps; what each status is assumed to mean, what to do.

The weights are a proposal and the probabilities of loss are assumptions; both are shown as such and can be edited.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from core.model.criteria import Record, Text
from core.model.numbers import Share

STATUSES = ("Healthy", "At Risk", "Critical")
"""Health statuses, best first."""
NOT_KNOWN = "Not known"
"""The status of an account of which no health signal is known, or too little."""
AT_RISK = ("At Risk", "Critical")
"""The statuses whose revenue counts as revenue at risk."""

PARTS = (
    "engagement", "relationship", "pipeline_coverage", "revenue_attainment", "expansion", "competition", "adoption",
    "activity", "renewal",
)  # fmt: skip
"""The parts of a health score, in the order they are shown."""

REASONS = (
    "engagement", "relationship", "pipeline_coverage", "revenue_attainment", "expansion", "competition", "adoption",
    "inactivity", "renewal",
)  # fmt: skip
"""What a lack of each part is called where it is a reason, in the order of the parts."""

MOST_RULES = 40
"""More rules than this nobody can keep in mind."""

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
PositiveShare = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
Status = Literal["Healthy", "At Risk", "Critical", "Not known"]
ReasonName = Literal[
    "engagement", "relationship", "pipeline_coverage", "revenue_attainment", "expansion", "competition", "adoption",
    "inactivity", "renewal", "executives", "unknown", "keep",
]  # fmt: skip


class HealthWeights(Record):
    """What each part counts; renormalised over the parts that are known of an account.

    Adoption, activity and the renewal count for nothing until somebody gives them a weight: then a lack of them costs
    points, and before that it is said and costs none.
    """

    engagement: NotNegative = 30
    relationship: NotNegative = 20
    pipeline_coverage: NotNegative = 20
    revenue_attainment: NotNegative = 15
    expansion: NotNegative = 5
    competition: NotNegative = 10
    adoption: NotNegative = 0
    activity: NotNegative = 0
    renewal: NotNegative = 0

    @model_validator(mode="after")
    def _something_counts(self) -> HealthWeights:
        if not any(getattr(self, part) for part in PARTS):
            message = "every part of health has weight 0"
            raise ValueError(message)
        return self


class LossProbabilities(Record):
    """The assumed probability that an account of a status is lost within a year.

    Where the book says how probable the loss of an account is, that holds for it (`from_book`), and these for the rest.
    """

    healthy: Share = 0.05
    at_risk: Share = 0.25
    critical: Share = 0.60
    from_book: bool = True

    def by_status(self) -> dict[str, float]:
        """Give the probabilities under the names of the statuses."""
        return dict(zip(STATUSES, (self.healthy, self.at_risk, self.critical), strict=True))


class NextActions(Record):
    """What to do next, by the strongest reason; `keep` where nothing is wrong."""

    executives: str = "Schedule C-level meeting"
    competition: str = "Prepare a competitive response"
    engagement: str = "Call the main contact and agree a success plan"
    relationship: str = "Introduce a second contact"
    pipeline_coverage: str = "Build pipeline for the remaining target"
    revenue_attainment: str = "Review the account plan with its owner"
    expansion: str = "Find out why spending fell"
    adoption: str = "Train the people who do not use it yet"
    inactivity: str = "Get back in touch this week"
    renewal: str = "Start the renewal talk"
    unknown: str = "Record the last contact and engagement"
    keep: str = "Keep the cadence"


class ActionRule(Record):
    """Who acts, how soon, and, where `action` is given, what is done in place of the action of the reason.

    It holds for accounts of the `statuses`, of the `tiers` (places, 1 is the best) and with the `reasons` as their
    strongest; empty is any. The first rule that holds decides. Tiers are named by their places, so that a rule stays
    right when a tier gets another name; an unrated account is in none.
    """

    statuses: tuple[Status, ...] = ()
    tiers: tuple[Annotated[int, Field(ge=1, le=8)], ...] = ()
    reasons: tuple[ReasonName, ...] = ()
    action: Annotated[str, Field(max_length=200)] = ""
    role: Text = "Account owner"
    due_days: Annotated[int, Field(ge=0, le=365)] = 30


RULES = (
    ActionRule(statuses=("Critical",), tiers=(1,), role="Executive sponsor", due_days=3),
    ActionRule(statuses=("Critical",), due_days=7),
    ActionRule(statuses=("At Risk",), tiers=(1,), due_days=7),
    ActionRule(statuses=("At Risk",), due_days=14),
    ActionRule(reasons=("renewal",), due_days=14),
    ActionRule(statuses=("Not known",), role="Sales operations", due_days=30),
)
"""Who acts and how soon, where a model says nothing else: a proposal."""


class Health(Record):
    """The health model: score cut-offs, targets of the signals, weights, caps, assumptions, what to do.

    `coverage_floor`: an account of which less of the weight is known is not judged. The shipped floor lets each of the
    shipped weights be enough alone, since a fall of spending, the least of them, must not go unsaid. Below
    `single_thread_contacts` contacts or `single_thread_executives` executives an account hangs on too few people, and
    is marked so.
    """

    healthy_from: NotNegative = 70
    critical_below: NotNegative = 50
    coverage_floor: Share = 0.05
    contacts_target: Positive = 5
    executives_target: Positive = 2
    coverage_target: Positive = 3.0
    adoption_target: PositiveShare = 0.6
    inactive_after_days: Positive = 60
    renewal_within_days: Positive = 90
    single_thread_contacts: Positive = 5
    single_thread_executives: Positive = 2
    cap_without_executive: bool = True
    weights: HealthWeights = HealthWeights()
    loss_probability: LossProbabilities = LossProbabilities()
    actions: NextActions = NextActions()
    rules: Annotated[tuple[ActionRule, ...], Field(max_length=MOST_RULES)] = RULES

    @model_validator(mode="after")
    def _ordered(self) -> Health:
        if self.critical_below > self.healthy_from:
            message = "critical_below must not be above healthy_from"
            raise ValueError(message)
        return self

    def rule(self, status: str, tier: int | None, reason: str) -> ActionRule:
        """Give the first rule that holds; `tier` is the account's place among the tiers, None where it is unrated."""
        for rule in self.rules:
            if (
                (not rule.statuses or status in rule.statuses)
                and (not rule.tiers or tier in rule.tiers)
                and (not rule.reasons or reason in rule.reasons)
            ):
                return rule
        return ActionRule()
