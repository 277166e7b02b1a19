"""How health is judged: the parts, their weights, the cut-offs, the caps, and what each status is assumed to mean.

The weights are a proposal and the probabilities of loss are assumptions; both are shown as such and can be edited.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from core.model.criteria import Record
from core.model.numbers import Share

STATUSES = ("Healthy", "At Risk", "Critical")
"""Health statuses, best first."""
NOT_KNOWN = "Not known"
"""The status of an account of which no health signal is known."""
AT_RISK = ("At Risk", "Critical")
"""The statuses whose revenue counts as revenue at risk."""

PARTS = ("engagement", "relationship", "pipeline_coverage", "revenue_attainment", "expansion", "competition")
"""The parts of a health score, in the order they are shown."""

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


class HealthWeights(Record):
    """What each part counts; renormalised over the parts that are known of an account."""

    engagement: NotNegative = 30
    relationship: NotNegative = 20
    pipeline_coverage: NotNegative = 20
    revenue_attainment: NotNegative = 15
    expansion: NotNegative = 5
    competition: NotNegative = 10

    @model_validator(mode="after")
    def _something_counts(self) -> HealthWeights:
        if not any(getattr(self, part) for part in PARTS):
            message = "every part of health has weight 0"
            raise ValueError(message)
        return self


class LossProbabilities(Record):
    """The assumed probability that an account of a status is lost within a year."""

    healthy: Share = 0.05
    at_risk: Share = 0.25
    critical: Share = 0.60

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
    inactivity: str = "Get back in touch this week"
    renewal: str = "Start the renewal talk"
    unknown: str = "Record the last contact and engagement"
    keep: str = "Keep the cadence"


class Health(Record):
    """The health model: score cut-offs, targets of the signals, weights, caps, assumptions."""

    healthy_from: NotNegative = 70
    critical_below: NotNegative = 50
    contacts_target: Positive = 5
    executives_target: Positive = 2
    coverage_target: Positive = 3.0
    inactive_after_days: Positive = 60
    renewal_within_days: Positive = 90
    cap_without_executive: bool = True
    weights: HealthWeights = HealthWeights()
    loss_probability: LossProbabilities = LossProbabilities()
    actions: NextActions = NextActions()

    @model_validator(mode="after")
    def _ordered(self) -> Health:
        if self.critical_below > self.healthy_from:
            message = "critical_below must not be above healthy_from"
            raise ValueError(message)
        return self
