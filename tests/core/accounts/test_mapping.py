"""Mapping: the headings of other programs, proposed with a reason, and never silently wrong on money or ids."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from core.accounts import mapping
from core.accounts.contract import BY_NAME, Kind
from core.workspace.folder import Workspace
from core.workspace.state import Stamp, open_store
from tests import making

if TYPE_CHECKING:
    from pathlib import Path

    from core.accounts.mapping import Proposal

VALUES = {
    Kind.TEXT: ["Alpha", "Beta", "Gamma"],
    Kind.MONEY: ["1200.50", "300", ""],
    Kind.NUMBER: ["1.5", "2", "3"],
    Kind.COUNT: ["500", "20", "1"],
    Kind.SHARE: ["0.5", "1", "0.25"],
    Kind.SCORE: ["80", "15.5", "100"],
    Kind.DATE: ["2026-09-30", "2025-12-31", ""],
    Kind.LIFECYCLE: ["customer", "prospect", "customer"],
    Kind.THREAT: ["none", "active", "present"],
}
IDS = ["0015g00000A1", "0015g00000B2", "0015g00000C3"]
FOREIGN = {
    "Website": ["a.com", "b.com", "c.com"],
    "Phone": ["+49 30 1", "+49 30 2", ""],
    "Created Date": ["x", "y", "z"],
}
# What each program calls the fields; a heading that means no field is there as well.
SETS: dict[str, dict[str, str]] = {
    "Salesforce API": {
        "account_id": "Id", "name": "Name", "parent_id": "ParentId", "industry": "Industry",
        "country": "BillingCountry",
        "owner": "OwnerId", "employees": "NumberOfEmployees", "annual_revenue": "AnnualRevenue",
        "last_activity_date": "LastActivityDate", "currency": "CurrencyIsoCode", "region": "Region__c",
    },
    "Salesforce report": {
        "account_id": "Account ID", "name": "Account Name", "parent_id": "Parent Account ID", "lifecycle": "Type",
        "industry": "Industry", "country": "Billing Country", "owner": "Account Owner", "employees": "Employees",
        "annual_revenue": "Annual Revenue", "last_activity_date": "Last Activity",
    },
    "HubSpot": {
        "account_id": "Record ID", "name": "Company name", "industry": "Industry", "country": "Country/Region",
        "owner": "Company owner", "employees": "Number of Employees", "annual_revenue": "Annual Revenue",
        "lifecycle": "Lifecycle Stage", "last_activity_date": "Last Activity Date", "pipeline": "Total open deal value",
    },
    "Dynamics": {
        "account_id": "accountnumber", "name": "Account Name", "parent_id": "Parent Account", "industry": "Industry",
        "country": "Address 1: Country/Region", "owner": "Owner", "employees": "Number of Employees",
        "annual_revenue": "Annual Revenue", "currency": "Currency",
    },
    "Gainsight": {
        "account_id": "Company ID", "name": "Company Name", "annual_revenue": "ARR", "renewal_date": "Renewal Date",
        "contract_start": "Customer Since", "owner": "CSM", "adoption": "Adoption Rate", "segment": "Segment",
        "churn_probability": "Churn Risk", "last_activity_date": "Last Touch Date",
        "engagement_score": "Engagement Score",
    },
    "snake": {name: name for name in BY_NAME},
    "camel": {name: name.title().replace("_", "")[0].lower() + name.title().replace("_", "")[1:] for name in BY_NAME},
    "spaces": {name: name.replace("_", " ").title() for name in BY_NAME},
    "shouting": {name: name.upper() for name in BY_NAME},
    "finance": {
        "account_id": "Customer No.", "name": "Customer Name", "annual_revenue": "Revenue (LTM)",
        "currency": "Currency Code",
        "region": "Sales Region", "segment": "Customer Segment", "revenue_target": "Annual Target",
        "contract_start": "Contract Start Date", "renewal_date": "Contract End Date",
        "recurring_share": "Recurring Revenue Share",
    },
    "German": {
        "account_id": "Kundennummer", "name": "Firma", "industry": "Branche", "employees": "Anzahl Mitarbeiter",
        "owner": "Betreuer", "contract_start": "Vertragsbeginn", "renewal_date": "Vertragsende",
        "last_activity_date": "Letzter Kontakt", "annual_revenue": "Umsatz", "currency": "Währung",
    },
    "misspelled": {
        "account_id": "Acount ID", "name": "Compny Name", "industry": "Industy", "employees": "Number of Employes",
        "renewal_date": "Renewall Date", "owner": "Acount Owner",
    },
    "marketing": {
        "account_id": "account_key", "name": "account_name", "employees": "employee_count",
        "industry": "industry_vertical",
        "engagement_score": "account_engagement", "contacts_engaged": "engaged_contacts",
        "executive_contacts": "exec_contacts", "competitive_threat": "competitor_threat",
        "revenue_potential": "wallet_size", "pipeline": "open_pipeline", "country": "hq_country",
    },
}  # fmt: skip


def proposed(headings: dict[str, str]) -> dict[str, Proposal]:
    columns: dict[str, list[str]] = {}
    for field, heading in headings.items():
        kind = BY_NAME[field].kind
        columns[heading] = IDS if field == "account_id" else VALUES[kind]
    return {p.field: p for p in mapping.propose(making.raw({**columns, **FOREIGN}))}


@pytest.mark.parametrize("name", SETS)
def test_nothing_is_silently_wrong(name: str) -> None:
    for field, proposal in proposed(SETS[name]).items():
        if proposal.sure:
            assert proposal.heading == SETS[name].get(field), proposal
        assert 0 < proposal.confidence <= 1
        assert proposal.reason


def test_at_least_95_of_100_fields_get_the_right_heading() -> None:
    right = asked = 0
    wrong = []
    for name, headings in SETS.items():
        found = proposed(headings)
        for field, heading in headings.items():
            asked += 1
            if field in found and found[field].heading == heading:
                right += 1
            else:
                wrong.append((name, field, heading, found.get(field)))
    assert right / asked >= 0.95, wrong
    assert asked > 150


@pytest.mark.parametrize(
    ("field", "headings"),
    [
        ("annual_revenue", ["ARR", "Annual Contract Value"]), ("annual_revenue", ["arr_amount", "mrr_amount"]),
        ("annual_revenue", ["revenue"]), ("account_id", ["id"]), ("account_id", ["Client ID", "Customer ID"]),
        ("pipeline", ["Open Pipeline", "Pipeline Amount"]), ("revenue_target", ["Target"]), ("parent_id", ["Parent"]),
    ],
)  # fmt: skip
def test_two_candidates_or_a_doubtful_name_of_money_or_an_id_are_asked_about(field: str, headings: list[str]) -> None:
    kind = BY_NAME[field].kind
    columns = dict.fromkeys(headings, IDS if field == "account_id" else VALUES[kind])
    found = {p.field: p for p in mapping.propose(making.raw({"name": ["A", "B", "C"], **columns}))}
    assert not found[field].sure
    assert {found[field].heading, *found[field].others} == set(headings)


def test_the_revenue_of_a_crm_is_asked_about_since_it_is_often_the_companys_own() -> None:
    found = proposed(SETS["Salesforce API"])["annual_revenue"]
    assert (found.heading, found.sure) == ("AnnualRevenue", False)
    assert "turns over" in found.reason


def test_values_that_cannot_be_a_fields_speak_against_its_name() -> None:
    raw = making.raw({"account_id": ["1", "2"], "name": ["A", "B"], "ARR": ["high", "low"], "Sector": ["5", "6"]})
    assert {p.field for p in mapping.propose(raw)} == {"account_id", "name"}


def test_a_name_serves_as_id_where_nothing_else_can_and_none_stands_twice() -> None:
    found = {p.field: p for p in mapping.propose(making.raw({"account": ["A", "B"]}))}
    assert (found["account_id"].heading, found["account_id"].sure) == ("account", False)
    assert "account_id" not in {p.field for p in mapping.propose(making.raw({"account": ["A", "A"]}))}


def test_a_mapping_is_remembered_for_its_set_of_headings_in_any_order(tmp_path: Path) -> None:
    store = open_store(Workspace(tmp_path))
    stamp = Stamp(dt.datetime(2026, 9, 30, tzinfo=dt.UTC))
    decided = {"mapping": {"name": "Firm"}, "formats": {"ARR": "comma"}}
    mapping.remember(store, ["Firm", "ARR"], decided, stamp)
    assert mapping.remembered(store, ["ARR", "Firm"]) == decided
    assert mapping.remembered(store, ["ARR"]) == {}
    mapping.remember(store, ["ARR", "Firm"], decided, stamp)
    assert len(store.versions(mapping.KIND, mapping.key_of(["Firm", "ARR"]))) == 1, "the same decision is written once"
    store.close()
