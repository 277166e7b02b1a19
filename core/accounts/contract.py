"""The contract: the columns that an account table may have, their types and units, and what each means.

`account_id` and `name` are required. Any other column of a file is kept under its own heading and may feed a criterion.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    MONEY = "money"
    NUMBER = "number"
    COUNT = "count"
    SHARE = "share"
    SCORE = "score"
    DATE = "date"
    LIFECYCLE = "lifecycle"
    THREAT = "threat"


NUMERIC = (Kind.MONEY, Kind.NUMBER, Kind.COUNT, Kind.SHARE, Kind.SCORE)
"""The kinds whose values are numbers."""
CHOICES = {Kind.LIFECYCLE: ("customer", "prospect"), Kind.THREAT: ("none", "present", "active")}
"""The kinds that allow only listed words."""

SQL_TYPES = {
    Kind.TEXT: "VARCHAR",
    Kind.MONEY: "DECIMAL(18,2)",
    Kind.NUMBER: "DOUBLE",
    Kind.COUNT: "BIGINT",
    Kind.SHARE: "DOUBLE",
    Kind.SCORE: "DOUBLE",
    Kind.DATE: "DATE",
    Kind.LIFECYCLE: "VARCHAR",
    Kind.THREAT: "VARCHAR",
}

WANTED = {
    Kind.TEXT: "text",
    Kind.MONEY: "a plain amount such as 1234.50, below ten trillion",
    Kind.NUMBER: "a plain number such as 12.5",
    Kind.COUNT: "a whole number, 0 or more",
    Kind.SHARE: "a fraction from 0 to 1, such as 0.38",
    Kind.SCORE: "a number from 0 to 100",
    Kind.DATE: "a date such as 2026-09-30",
    Kind.LIFECYCLE: "customer or prospect",
    Kind.THREAT: "none, present or active",
}
"""What a value of each kind looks like, for the sentence of a finding."""


@dataclass(frozen=True, slots=True)
class Field:
    """One column of the contract."""

    name: str
    kind: Kind
    meaning: str
    required: bool = False


FIELDS = (
    Field("account_id", Kind.TEXT, "the account's own key, unique in the book", required=True),
    Field("name", Kind.TEXT, "the account's name", required=True),
    Field("parent_id", Kind.TEXT, "account_id of the company that owns this one"),
    Field("lifecycle", Kind.LIFECYCLE, "customer or prospect"),
    Field("industry", Kind.TEXT, "industry"),
    Field("region", Kind.TEXT, "sales region"),
    Field("country", Kind.TEXT, "country"),
    Field("segment", Kind.TEXT, "segment, for example by size"),
    Field("owner", Kind.TEXT, "who is responsible for the account"),
    Field("currency", Kind.TEXT, "currency of every amount; one for the whole book"),
    Field("employees", Kind.COUNT, "employees of the whole company"),
    Field("annual_revenue", Kind.MONEY, "what the account paid us in the last twelve months"),
    Field("revenue_potential", Kind.MONEY, "what the account could pay us in a year"),
    Field("pipeline", Kind.MONEY, "open opportunities, unweighted"),
    Field("revenue_target", Kind.MONEY, "the year's revenue target for the account"),
    Field("recurring_share", Kind.SHARE, "share of revenue that recurs, 0 to 1"),
    Field("contract_start", Kind.DATE, "when the contract began"),
    Field("renewal_date", Kind.DATE, "when the contract is up for renewal"),
    Field("last_activity_date", Kind.DATE, "the last dated contact with the account"),
    Field("engagement_score", Kind.SCORE, "how much the account deals with us, 0 to 100"),
    Field("contacts_engaged", Kind.COUNT, "people at the account we are in touch with"),
    Field("executive_contacts", Kind.COUNT, "of them, executives"),
    Field("adoption", Kind.SHARE, "share of what was bought that is used, 0 to 1"),
    Field("competitive_threat", Kind.THREAT, "none, present or active"),
    Field("churn_probability", Kind.SHARE, "probability of loss within a year, 0 to 1, where it is known"),
)
BY_NAME = {field.name: field for field in FIELDS}

HISTORY = (
    Field("account_id", Kind.TEXT, "the account", required=True),
    Field("period", Kind.DATE, "the last day (or any day) of the period", required=True),
    Field("amount", Kind.MONEY, "revenue of the period", required=True),
)
"""The revenue history: a second, optional table, one row per account and period."""

FILTERS = ("lifecycle", "industry", "region", "segment", "owner")
"""The columns a book can be narrowed by."""


def normalise(heading: str) -> str:
    """Bring a heading to the contract's spelling: case, spaces and hyphens do not count.

    >>> normalise(" Account ID ")
    'account_id'
    """
    return "_".join(heading.strip().lower().replace("-", " ").replace("_", " ").split())
