"""For what share of cases a thing is done, in the programme: asks by rule, thanks, offers, scores, opt-outs.

Evidence measures of the maturity matrices; none of them is a KPI of its own.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.kpis.acts import acts_known, day_of
from core.kpis.coverage import share
from core.kpis.inputs import KpiInput, frame, windowed
from core.kpis.judging import census, proportion
from core.kpis.registry import measure
from core.kpis.tiers import earlier_pool
from core.model.activities import load_activities
from core.model.kpi_rules import kpi_rules
from core.stats.months import month_end, shift_month


@windowed(by="asked_on", months=3)
def asks_quarter(data: KpiInput) -> pd.DataFrame:
    """One row per ask sent; a month sees those of three.

    Returns:
        contact_id, account_name, segment, activity, asked_on, trigger, sent_asks (1) and rule_asks (0 or 1): prompted
        by a milestone, after first value or a verified outcome, and not too soon after another ask.
    """
    asks = data.table("asks")
    sent = asks[(asks["state"] == "sent") & asks["asked_on"].notna()].sort_values("asked_on", kind="stable")
    by_rule = sent["trigger"].notna() & _after_value(data, sent) & _rested(data, sent)
    columns = ["contact_id", "account_name", "segment", "activity", "asked_on", "trigger"]
    return sent[columns].assign(sent_asks=1, rule_asks=by_rule.astype("int64"))


def _after_value(data: KpiInput, sent: pd.DataFrame) -> pd.Series:
    """Whether the account had reached first value, or verified an outcome, by the day of the ask."""
    reached = data.table("account_days").set_index("account_id")["first_value_on"]
    verified = data.table("outcomes").groupby("account_id")["verified_on"].min()
    first = day_of(sent["account_id"], reached)
    outcome = day_of(sent["account_id"], verified)
    return (first <= sent["asked_on"]) | (outcome <= sent["asked_on"])


def _rested(data: KpiInput, sent: pd.DataFrame) -> pd.Series:
    """Whether the person had rested long enough since the last ask, and since the last one for the same activity."""
    cooldown = {str(name): item.cooldown_days for name, item in load_activities().activities.items()}
    between = int(data.table("ask_limits")["between_asks_days"].iloc[0])
    last = sent["asked_on"] - sent.groupby("contact_id")["asked_on"].shift()
    same = sent["asked_on"] - sent.groupby(["contact_id", "activity"])["asked_on"].shift()
    needed = pd.to_timedelta(sent["activity"].map(cooldown), unit="D")
    return ~(last < pd.Timedelta(days=between)) & ~(same < needed)


@measure(
    label="Asks by rule",
    frame="asks_quarter",
    needs=("asks", "milestones", "outcomes"),
    also=("contacts",),
    interval=proportion("rule_asks", "sent_asks", "asks"),
    covered=acts_known(3),
)
def cov_rule_driven_asks(*, rule_asks: float, sent_asks: float) -> float | None:
    """Share of asks prompted by a milestone, after proven value, to people who had rested.

    coverage = asks by rule / asks, three months

    Args:
        rule_asks: Asks with a trigger, after first value or a verified outcome, and inside the cool-down limits.
        sent_asks: All asks sent.

    Returns:
        A ratio between 0 and 1. None when nobody was asked.

    Source:
        Maturity matrices, advocacy activation; limits of data/model/activities.toml and advocacy.toml.
    """
    return share(rule_asks, sent_asks)


@windowed(by="due_on", months=12)
def thanks_year(data: KpiInput) -> pd.DataFrame:
    """One row per completed ask whose days to be thanked are over; a month sees those of twelve.

    Returns:
        contact_id, account_name, segment, activity, completed_on, thanked_on, due_on, done_asks (1), thanked_acts and
        recorded_acts (0 or 1): thanked in time; and also with the request and every consent it needs on file.
    """
    asks = data.table("asks")
    done = asks[(asks["state"] == "sent") & asks["completed_on"].notna()].reset_index(drop=True)
    due = done["completed_on"] + pd.to_timedelta(kpi_rules().coverage.thanks_days, unit="D")
    thanked = done["thanked_on"] <= due
    recorded = thanked & done["asked_on"].notna() & _consented(data, done)
    columns = ["contact_id", "account_name", "segment", "activity", "completed_on", "thanked_on"]
    return done[columns].assign(
        due_on=due, done_asks=1, thanked_acts=thanked.astype("int64"), recorded_acts=recorded.astype("int64")
    )


def _consented(data: KpiInput, done: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether every consent an activity needs was given when it was done."""
    given = data.table("consents")
    given = given[given["status"] == "granted"].drop_duplicates(["contact_id", "use"], keep="last")
    held = {}
    for use, own in given.groupby("use"):
        days = own.set_index("contact_id")
        since, until = day_of(done["contact_id"], days["granted_on"]), day_of(done["contact_id"], days["expires_on"])
        held[use] = ((since <= done["completed_on"]) & ~(until < done["completed_on"])).to_numpy()
    nobody = np.zeros(len(done), dtype=bool)
    found = nobody.copy()
    for name, activity in load_activities().activities.items():
        own_kind = (done["activity"] == name).to_numpy()
        found |= own_kind & np.logical_and.reduce([held.get(use, nobody) for use in activity.consent])
    return found


@measure(
    label="Thanked within 14 days",
    frame="thanks_year",
    needs=("asks",),
    interval=proportion("thanked_acts", "done_asks", "acts"),
    covered=acts_known(12),
)
def cov_thanked_14d(*, thanked_acts: float, done_asks: float) -> float | None:
    """Share of acts for which the person was thanked in time.

    coverage = acts thanked within 14 days / acts whose 14 days are over, twelve months

    Args:
        thanked_acts: Acts thanked within 14 days of completion.
        done_asks: Acts that were asked for and whose 14 days ended in the twelve months.

    Returns:
        A ratio between 0 and 1. None without an act.

    Source:
        Maturity matrices, rewards and recognition.
    """
    return share(thanked_acts, done_asks)


@measure(
    label="Acts with every step recorded",
    frame="thanks_year",
    needs=("asks", "consents"),
    interval=proportion("recorded_acts", "done_asks", "acts"),
    covered=acts_known(12),
)
def cov_activities_in_process(*, recorded_acts: float, done_asks: float) -> float | None:
    """Share of acts with request, consent, completion and thanks on file.

    coverage = acts with all four steps / acts whose 14 days for thanks are over, twelve months

    Args:
        recorded_acts: Acts with a request, every consent it needs at that time, and thanks in time.
        done_asks: Acts that were asked for and whose 14 days ended in the twelve months.

    Returns:
        A ratio between 0 and 1. None without an act.

    Source:
        Maturity matrices, advocacy programme.
    """
    return share(recorded_acts, done_asks)


@measure(
    label="Eligible people offered something",
    frame="pool_month",
    needs=("contacts", "subscriptions", "consents", "asks"),
    also=("interests", "milestones", "outcomes", "renewals", "survey_responses", "tickets", "usage"),
    interval=proportion("offered_people", "offerable_people", "people"),
    version=2,
    covered=earlier_pool,
)
def cov_eligible_offered(*, offered_people: float, offerable_people: float) -> float | None:
    """Share of the people who may be asked who were asked for something in a year.

    coverage = people who may be asked and were / people who may be asked, resting or not

    Args:
        offered_people: Of those, the ones sent an ask in the twelve months to month end.
        offerable_people: People at paying accounts against whom no stop stands, resting ones included.

    Returns:
        A ratio between 0 and 1. None when nobody may be asked.

    Source:
        Maturity matrices, advocacy programme.
    """
    return share(offered_people, offerable_people)


@measure(
    label="People with a fresh score",
    frame="pool_month",
    needs=("contacts", "subscriptions", "consents", "asks"),
    also=("interests", "outcomes", "survey_responses", "usage"),
    interval=proportion("scored_people", "active_people", "people"),
    version=2,
    covered=earlier_pool,
)
def cov_contacts_scored(*, scored_people: float, active_people: float) -> float | None:
    """Share of people at paying accounts with a readiness score; scores are made anew every month.

    coverage = people with a readiness score / people at paying accounts

    Args:
        scored_people: People of whom enough is known for a score.
        active_people: People at paying accounts who have not left.

    Returns:
        A ratio between 0 and 1. None without people.

    Source:
        Maturity matrices, advocate identification.
    """
    return share(scored_people, active_people)


@measure(
    label="Acts done by the busiest tenth",
    frame="advocates_year",
    needs=("asks",),
    also=("referrals", "assets"),
    interval=census("people", "acts"),
    covered=acts_known(12),
    of="rows",
    better="lower",
)
def activity_share_top_decile(*, acts: NDArray[np.int64]) -> float | None:
    """Share of a year's acts done by the busiest tenth of those who acted.

    share = acts of the busiest tenth / acts, twelve months

    Args:
        acts: Acts of each person in the twelve months to month end.

    Returns:
        A ratio between 0.1 and 1. None when nobody acted.

    Source:
        Maturity matrices, evidence metrics.
    """
    done = np.sort(acts[acts > 0])[::-1]
    top = int(np.ceil(kpi_rules().load.busiest_share * len(done)))
    return share(float(done[:top].sum()), float(done.sum()))


@frame
def asked_year(data: KpiInput, month: dt.date) -> pd.DataFrame:
    """One row per person asked in twelve months, with asked_contacts (1) and opted_out (0 or 1) since the first ask."""
    asks, consents = data.table("asks"), data.table("consents")
    first, end = pd.Timestamp(shift_month(month, -11)), pd.Timestamp(month_end(month))
    sent = asks[(asks["state"] == "sent") & asks["asked_on"].between(first, end)]
    rows = sent.sort_values("asked_on", kind="stable").drop_duplicates("contact_id")
    out = consents[(consents["use"] == "email") & consents["status"].isin(["withdrawn", "refused"])]
    day = day_of(rows["contact_id"], out.groupby("contact_id")["granted_on"].min())
    return rows[["contact_id", "account_name", "segment", "asked_on"]].assign(
        asked_contacts=1, opted_out=((day >= rows["asked_on"]) & (day <= end)).astype("int64")
    )


@measure(
    label="Opt-outs after being asked",
    frame="asked_year",
    needs=("asks", "consents"),
    interval=proportion("opted_out", "asked_contacts", "people asked"),
    covered=acts_known(12),
    better="lower",
)
def advocacy_optout_rate(*, opted_out: float, asked_contacts: float) -> float | None:
    """Share of the people asked in a year who have said no to e-mail since.

    opt-outs = people who withdrew after an ask / people asked, twelve months

    Args:
        opted_out: People asked who refused or withdrew consent to e-mail from the first ask of the year on.
        asked_contacts: People sent an ask in the twelve months.

    Returns:
        A ratio between 0 and 1. None when nobody was asked.

    Source:
        Maturity matrices, evidence metrics.
    """
    return share(opted_out, asked_contacts)
