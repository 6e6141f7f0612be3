"""What reference requests and referrals are judged by: who may be asked, the open deals, referrals with context."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.advocacy.matching import free_for
from core.kpis.leads import referred
from core.model.activities import ActivityId, load_activities
from core.model.requests import ATTRIBUTES
from core.month.erased import not_erased
from core.schema.zones import local_days
from core.stats.ids import beside, known

if TYPE_CHECKING:
    from core.month.facts import FactMonth
    from core.month.lists import Lists
    from core.month.month import Month

WANTED = [f"wanted_{name}" for name in ATTRIBUTES]
INSTANTS = ("first_contact_at", "qualified_at")


def reference_pool(lists: Lists, activity: ActivityId) -> pd.DataFrame:
    """Who may be asked for an activity on the day of the lists, with what a reference can be wanted by.

    Returns:
        One row per person: contact_id, account_id, unit_id, industry, use_case, size (segment), employees, region,
        persona, readiness [0-100], asks_365d.
    """
    month, inputs = lists.month, lists.month.advocacy_input
    free = free_for(inputs, month.scores, month.advocacy_rules, load_activities(), activity, lists.day)
    contacts = inputs.contacts[["contact_id", "account_id", "persona", "asks_365d"]]
    readiness = beside(inputs.ids, month.scores.contacts[["contact_id", "readiness"]], "contact_id")["readiness"]
    people = contacts.assign(readiness=readiness.to_numpy())[free].reset_index(drop=True)
    accounts = month.facts.accounts[["account_id", "unit_id", "segment", "industry", "region"]]
    newest = month.facts.memory.kept("profiles", (), lambda: _profiles(month))
    profiles = beside(people["account_id"], newest, "account_id")
    found = beside(people["account_id"], accounts.rename(columns={"segment": "size"}), "account_id")
    return pd.concat([people, found, profiles], axis=1)


def _profiles(month: Month) -> pd.DataFrame:
    """account_id, use_case, employees of every account in its newest version."""
    versions = month.facts.rollup("account_profiles").sort_values(["account_id", "valid_from"], kind="stable")
    newest = versions.drop_duplicates("account_id", keep="last")[["account_id", "use_case", "employees"]]
    return newest.reset_index(drop=True)


def open_deals(month: Month) -> pd.DataFrame:
    """Opportunities open on the month's last day.

    Returns:
        opportunity_id, account_id, unit_id, name, kind, segment, industry, region, stage, entered_on, created_on,
        reference_required, owner_id, amount_cents in the reporting currency (missing where there is no rate).
    """
    return month.facts.memory.kept("open deals", (), lambda: _open_deals(month.facts))


def _open_deals(facts: FactMonth) -> pd.DataFrame:
    deals = facts.rollup("open_deals")
    units = beside(deals["account_id"], facts.accounts[["account_id", "unit_id"]], "account_id")["unit_id"]
    rated = deals["currency"].eq(facts.currency) | deals["currency"].isin(list(facts.rates))
    cents = facts.reported(deals["amount_cents"], deals["currency"]).astype("float64").where(rated)
    return deals.assign(unit_id=units.fillna(deals["account_id"]), amount_cents=cents).drop(columns="currency")


def reference_needs(month: Month) -> pd.DataFrame:
    """Every reference request with its deal and how far the ask behind it is; in an earlier month those of its deals.

    Returns:
        The columns of the table `reference_requests` with name, unit_id, outcome and amount_cents of the deal (missing
        where it is not known or, the last two, closed), ask_id, ask_state, asked_on, completed_on of the newest ask
        made for the deal of the person on it, and to_match: whether somebody is still to be found.
    """
    requests = month.records["reference_requests"].reset_index(drop=True)
    deals = month.facts.deals[["opportunity_id", "name", "outcome"]]
    if not month.facts.newest:
        requests = requests[known(requests["opportunity_id"], deals["opportunity_id"])].reset_index(drop=True)
    found = beside(requests["opportunity_id"], deals, "opportunity_id").astype("str")
    live = beside(requests["opportunity_id"], month.open_deals, "opportunity_id")[["unit_id", "amount_cents"]]
    asks = _asks_of(month, requests)
    rows = pd.concat([requests, found, live, asks], axis=1)
    refused = (rows["ask_state"] == "proposed") | (rows["response"] == "no")
    lost = (rows["state"] == "matched") & (rows["contact_id"].isna() | refused)
    return rows.assign(to_match=(rows["state"] == "open") | lost)


def _asks_of(month: Month, requests: pd.DataFrame) -> pd.DataFrame:
    asks = month.records["asks"]
    names = ["opportunity_id", "contact_id", "ask_id", "state", "asked_on", "response", "completed_on"]
    asks = asks.loc[(asks["activity"] == "reference") & asks["opportunity_id"].notna(), names]
    order = asks.assign(lives=asks["state"] != "proposed", waits=asks["asked_on"].isna())
    order = order.sort_values(["lives", "waits", "asked_on", "ask_id"], kind="stable")
    newest = order.drop_duplicates(["opportunity_id", "contact_id"], keep="last").drop(columns=["lives", "waits"])
    keys = requests[["opportunity_id", "contact_id"]]
    found = keys.merge(newest.rename(columns={"state": "ask_state"}), on=["opportunity_id", "contact_id"], how="left")
    return found.drop(columns=["opportunity_id", "contact_id"]).set_axis(requests.index)


def known_referrals(month: Month) -> pd.DataFrame:
    """Every referral as it stood at the end of the month; in the newest month as it stands.

    Returns:
        The columns of the table `referrals` with account_id, unit_id, account_name and segment of the referrer, company
        and standing as `core.kpis.leads.referred` says them, outcome, opened_on and closed_on of the deal, amount_cents
        of an open one, own_company, and shared_domain: a domain of e-mail both sides have.
    """
    rows = _seen(month, referred(month.kpi_input))
    rows = rows.astype(dict.fromkeys(("account_id", "unit_id", "account_name", "segment"), "str"))
    deals = month.facts.deals[["opportunity_id", "account_id", "outcome", "created_on", "closed_on"]]
    deals = deals.rename(columns={"created_on": "opened_on", "account_id": "deal_account_id"})
    deal = beside(rows["opportunity_id"], deals, "opportunity_id").astype({"outcome": "str"})
    rows = pd.concat([rows, deal], axis=1)
    amounts = month.open_deals[["opportunity_id", "amount_cents"]]
    units = month.facts.accounts[["account_id", "unit_id"]]
    own = [beside(rows[name], units, "account_id")["unit_id"] for name in ("prospect_id", "deal_account_id")]
    same = [(unit == rows["unit_id"]).fillna(False).to_numpy(dtype=bool) for unit in own]
    return rows.assign(
        amount_cents=beside(rows["opportunity_id"], amounts, "opportunity_id")["amount_cents"],
        own_company=same[0] | same[1] | (rows["prospect_id"] == rows["account_id"]).to_numpy(dtype=bool),
        shared_domain=_shared_domain(month, rows),
    )


def _seen(month: Month, rows: pd.DataFrame) -> pd.DataFrame:
    if month.facts.newest:
        return rows.reset_index(drop=True)
    today, zone = pd.Timestamp(month.as_of), month.facts.zone
    rows = rows[rows["submitted_on"] <= today].reset_index(drop=True)
    visible = known(rows["opportunity_id"], month.facts.deals["opportunity_id"])
    later = {name: rows[name].where(local_days(rows[name], zone) <= today) for name in INSTANTS}
    return rows.assign(opportunity_id=rows["opportunity_id"].where(visible), **later)


def _shared_domain(month: Month, rows: pd.DataFrame) -> pd.Series:
    """The domain of e-mail the referrer has in common with somebody of the referred company, or with its id.

    On the referred side people who were erased count: a domain names nobody, it is shown only where a referrer who was
    not erased has it too, and erasing somebody must not free a referral of one's own company from being looked at.
    """
    people = month.records["people"]
    numbers = rows[["contact_id", "prospect_id", "deal_account_id"]].assign(row=np.arange(len(rows)))
    referrer = numbers.merge(_domains(month, not_erased(people)), left_on="contact_id", right_on="key")
    sides = _domains(month, people)
    parts = [numbers.merge(sides, left_on=name, right_on="key") for name in ("prospect_id", "deal_account_id")]
    parts.append(pd.DataFrame({"row": np.arange(len(rows)), "domain": _domain(rows["prospect_id"]).to_numpy()}))
    other = pd.concat([part[["row", "domain"]] for part in parts]).drop_duplicates()
    shared = referrer[["row", "domain"]].merge(other).drop_duplicates("row").set_index("row")["domain"]
    return shared.reindex(range(len(rows))).set_axis(rows.index).astype("str")


def _domains(month: Month, people: pd.DataFrame) -> pd.DataFrame:
    """Domains of e-mail, each beside the key (id) of every person, contact and account that has it, each pair once."""
    domain = _domain(people["email"].astype("str")).to_numpy()
    accounts = beside(people["contact_id"], month.facts.contacts[["contact_id", "account_id"]], "contact_id")
    keys = people["person_id"], people["contact_id"], accounts["account_id"]
    sides = pd.concat([pd.DataFrame({"key": key.to_numpy(), "domain": domain}) for key in keys])
    return sides.dropna().drop_duplicates()


def _domain(addresses: pd.Series) -> pd.Series:
    return addresses.str.strip().str.rsplit("@", n=1).str[-1].str.casefold()


def told_outcomes(month: Month) -> pd.DataFrame:
    """What referrers were told with the ask that led to the referral: referral_id, milestone (missing), told_at, by."""
    asks = month.records["asks"]
    said = asks.loc[asks["told_outcome_on"].notna(), ["ask_id", "told_outcome_on", "asked_by"]]
    said = said if month.facts.newest else said[said["told_outcome_on"] <= pd.Timestamp(month.as_of)]
    rows = month.records["referrals"][["referral_id", "ask_id"]].dropna().merge(said, on="ask_id")
    texts = {name: pd.Series(pd.NA, index=rows.index, dtype="str") for name in ("milestone", "text")}
    return rows.rename(columns={"told_outcome_on": "told_at", "asked_by": "by"}).assign(**texts).drop(columns="ask_id")
