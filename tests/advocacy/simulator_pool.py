"""A pool with planted willingness and fatigue, asked for a year by the product and by who asks the top scorers.

Both programmes start from the same people and the same two years of asks, send the same number of asks a month for the
same mix of activities, and meet the same truth: the chance of a yes falls with every ask of the last quarter, and
every ask may end in an opt-out, the likelier the more were made; effects are those of the demo company. The rival
sees the product's readiness score, leaves
those who opted out or left in peace, and asks from the top of the list.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from core.advocacy.guardrails import USES, guardrails
from core.advocacy.history import History
from core.advocacy.inputs import AdvocacyInput
from core.advocacy.next_ask import next_asks
from core.advocacy.propensity import propensity
from core.advocacy.ranking import rank_asks
from core.advocacy.score import score
from core.advocacy.shape import CONTACT_COLUMNS
from core.advocacy.why import prompted
from core.model.activities import load_activities
from core.model.advocacy import load_advocacy_rules
from core.model.pool import pool_rules

LOADED = frozenset(
    {"contacts", "subscriptions", "consents", "asks", "tickets", "survey_responses", "renewals", "outcomes",
     "milestones", "usage", "accounts", "interactions"}
)  # fmt: skip
START = np.datetime64("2024-01-01", "D")
EARLIER, MONTHS, MONTH = 24, 12, 30
FATIGUE, DONE, OPT_OUT = 0.7, 0.83, 0.006
EASE = {"review": 1.0, "testimonial": 1.0, "reference": 0.9, "referral": 0.85, "video": 0.7, "case_study": 0.65,
        "speaking": 0.6, "advisory_board": 0.6}  # fmt: skip
NAT = np.datetime64("NaT", "D")


@dataclass
class World:
    """People and their truth; asks so far, one list entry each."""

    rng: np.random.Generator
    people: int
    account: np.ndarray
    willing: np.ndarray
    glad: np.ndarray
    consents: np.ndarray
    outcome: np.ndarray
    renewal: np.ndarray
    left: np.ndarray
    usage: np.ndarray
    tickets: np.ndarray
    nps: list[tuple[int, np.datetime64, int]]
    opted_out: np.ndarray
    asks: list[dict[str, object]] = field(default_factory=list)
    breaches: int = 0

    def copy(self, seed: int) -> World:
        """The same people and past, with chance of its own from here on."""
        return replace(
            self,
            rng=np.random.default_rng(seed),
            asks=list(self.asks),
            opted_out=self.opted_out.copy(),
            nps=list(self.nps),
        )


def world(seed: int, people: int = 420) -> World:
    """A pool and two years in which it was asked without much plan."""
    rng = np.random.default_rng(seed)
    account = np.arange(people) // 3
    firms = int(account.max()) + 1
    glad = rng.normal(0, 1, firms)[account] * 0.8 + rng.normal(0, 0.6, people)
    days = (EARLIER + MONTHS) * MONTH
    made = World(
        rng=rng,
        people=people,
        account=account,
        willing=rng.normal(0, 1, people),
        glad=glad,
        consents=rng.random((people, len(USES))) < 0.85,
        outcome=np.where(rng.random(firms) < 0.85, rng.integers(0, EARLIER * MONTH, firms), 10**6)[account],
        renewal=rng.integers(0, 365, firms)[account],
        left=np.where(rng.random(people) < 0.12, rng.integers(days // 2, days, people), 10**6),
        usage=np.clip(0.55 + 0.18 * glad + rng.normal(0, 0.12, people), 0.05, 1.1)[account * 3 % people],
        tickets=rng.random((firms, EARLIER + MONTHS)) < 0.06,
        nps=[],
        opted_out=np.full(people, 10**6),
    )
    for month in range(EARLIER):
        _survey(made, month)
        eager = np.exp(0.5 * glad) * (made.left > month * MONTH) * (made.opted_out > month * MONTH)
        chosen = rng.choice(people, 45, replace=False, p=eager / eager.sum())
        for who in chosen:
            _ask(made, int(who), str(rng.choice(list(EASE), p=_mix())), month * MONTH + int(rng.integers(0, MONTH)))
    return made


def _mix() -> np.ndarray:
    share = np.array([0.27, 0.14, 0.22, 0.21, 0.04, 0.07, 0.03, 0.02])
    return share / share.sum()


def _survey(made: World, month: int) -> None:
    """A third of the people answer twice a year; what they say follows how glad they are, and a little their will."""
    if month % 6 == 0:
        for who in np.flatnonzero(made.rng.random(made.people) < 0.6):
            latent = 8.2 + 1.2 * made.glad[who] + 0.3 * made.willing[who] + made.rng.normal(0, 0.7)
            made.nps.append((int(who), _day(month * MONTH + 3), int(np.clip(round(latent), 0, 10))))


def _day(number: int) -> np.datetime64:
    return START + np.timedelta64(number, "D")


def _ask(made: World, who: int, activity: str, day: int) -> None:
    prior = sum(1 for ask in made.asks if ask["who"] == who and day - 90 <= int(ask["day"]) < day)  # type: ignore[call-overload]
    chance = EASE[activity] * FATIGUE**prior / (1 + np.exp(-(0.1 + 0.35 * made.glad[who] + 0.8 * made.willing[who])))
    draw, rng = made.rng.random(), made.rng
    response = "yes" if draw < chance else str(rng.choice(["no", "later", ""], p=[0.3, 0.2, 0.5]))
    done = response == "yes" and rng.random() < DONE
    made.asks.append({"who": who, "activity": activity, "day": day, "response": response or None,
                      "responded": day + 4 if response else None, "completed": day + 20 if done else None})  # fmt: skip
    if rng.random() < OPT_OUT * 2**prior:
        made.opted_out[who] = day + 5


def frames(made: World, month: int) -> tuple[AdvocacyInput, History]:
    """What is known at the end of the month before `month`."""
    today = month * MONTH - 1
    asks = pd.DataFrame(made.asks)
    asks = asks[asks["day"] <= today].reset_index(drop=True)
    for name in ("responded", "completed"):
        asks[name] = asks[name].astype("float64").where(asks[name].astype("float64") <= today)
    asks["response"] = asks["response"].where(asks["responded"].notna())
    sent = pd.DataFrame(
        {
            "contact_id": "c" + asks["who"].astype(str),
            "activity": asks["activity"],
            "asked_on": _days(asks["day"]),
            "asked_by": None,
            "responded_on": _days(asks["responded"]),
            "response": asks["response"],
            "completed_on": _days(asks["completed"]),
        }
    )
    contacts = _contacts(made, today, asks)
    inputs = AdvocacyInput(
        as_of=_day(today).astype(object),
        loaded=LOADED,
        contacts=contacts,
        consents=_consents(made, today),
        interests=pd.DataFrame(columns=["contact_id", "activity", "stance", "values"]),
        asks=sent.assign(state="sent", deferred_until=pd.NaT),
    )
    return inputs, _history(made, today, sent, contacts)


def _days(numbers: pd.Series) -> pd.Series:
    return pd.Timestamp(START) + pd.to_timedelta(numbers.astype("float64"), unit="D")


def _contacts(made: World, today: int, asks: pd.DataFrame) -> pd.DataFrame:
    n = made.people
    rows: dict[str, object] = dict.fromkeys(CONTACT_COLUMNS)
    names = ("asks_90d", "asks_365d", "answered_365d", "asks_told_365d", "asks_tried_365d", "completed_365d")
    counted = {name: np.zeros(n) for name in names}
    last = {name: np.full(n, -1) for name in ("last_ask_on", "last_no_on", "last_completed_on")}
    for ask in asks.itertuples(index=False):
        age = today - ask.day
        counted["asks_90d"][ask.who] += age < 90
        counted["asks_365d"][ask.who] += age < 365
        counted["answered_365d"][ask.who] += age < 365 and not np.isnan(ask.responded)
        over, done = age >= pool_rules().propensity.completed_within_days, not np.isnan(ask.completed)
        counted["asks_told_365d"][ask.who] += age < 365 and (over or not np.isnan(ask.responded))
        counted["asks_tried_365d"][ask.who] += age < 365 and (over or done or ask.response == "no")
        counted["completed_365d"][ask.who] += not np.isnan(ask.completed) and today - ask.completed < 365
        last["last_ask_on"][ask.who] = max(last["last_ask_on"][ask.who], ask.day)
        if ask.response == "no":
            last["last_no_on"][ask.who] = max(last["last_no_on"][ask.who], int(ask.responded))
        if not np.isnan(ask.completed):
            last["last_completed_on"][ask.who] = max(last["last_completed_on"][ask.who], int(ask.completed))
    nps, nps_on, low_on = _answers(made, today)
    verified = made.outcome <= today
    due = today + (made.renewal - today) % 365
    rows |= {
        "contact_id": [f"c{who}" for who in range(n)],
        "account_id": [f"a{firm}" for firm in made.account],
        "account_name": [f"A{firm}" for firm in made.account],
        "segment": "SMB",
        "joined_on": pd.Timestamp(START) - pd.Timedelta(days=400),
        "left_on": _known(np.where(made.left <= today, made.left, -1)),
        "nps_score": nps, "nps_on": nps_on, "last_detractor_on": low_on,
        "outcomes_verified": verified.astype(float), "last_outcome_on": _known(np.where(verified, made.outcome, -1)),
        "first_value_on": _known(np.where(verified, made.outcome, -1)),
        "users_4w": 100 * made.usage, "seats": 100.0, "events_4w": 10.0, "events_prior_12w": 10.0, "icp_fit": 0.6,
        "open_severe_tickets": made.tickets[made.account, today // MONTH].astype(float), "open_escalations": 0.0,
        "next_renewal_on": _known(due), "account_active": True, "never": False, "mrr_cents": 1e5, "gives_90d": 1.0,
        **counted, **{name: _known(days) for name, days in last.items()},
    }  # fmt: skip
    return pd.DataFrame(rows)


def _known(numbers: np.ndarray) -> pd.Series:
    return _days(pd.Series(np.where(numbers >= 0, numbers, np.nan)))


def _answers(made: World, today: int) -> tuple[np.ndarray, pd.Series, pd.Series]:
    nps, on, low = np.full(made.people, np.nan), np.full(made.people, NAT), np.full(made.people, NAT)
    for who, day, value in made.nps:
        if day <= _day(today):
            nps[who], on[who] = value, day
            low[who] = day if value <= 6 else low[who]
    return nps, pd.Series(on), pd.Series(low)


def _consents(made: World, today: int) -> pd.DataFrame:
    who, use = np.indices(made.consents.shape).reshape(2, -1)
    granted = made.consents.ravel()
    status = np.where(granted, "granted", "refused").astype(object)
    email = np.asarray(USES)[use] == "email"
    status[email] = np.where(made.opted_out[who[email]] <= today, "withdrawn", "granted")
    return pd.DataFrame({"contact_id": [f"c{one}" for one in who], "use": np.asarray(USES)[use], "status": status,
                         "expires_on": pd.NaT})  # fmt: skip


def _history(made: World, today: int, sent: pd.DataFrame, contacts: pd.DataFrame) -> History:
    nps = [(f"c{who}", pd.Timestamp(day), score) for who, day, score in made.nps if day <= _day(today)]
    firms = pd.Index(contacts["account_id"].unique())
    months = pd.date_range(START, periods=(today + 1) // MONTH, freq="MS")
    usage = pd.DataFrame(
        {
            "account_id": np.repeat(firms, len(months)),
            "month": np.tile(months, len(firms)),
            "users": np.repeat(made.usage[np.unique(made.account, return_index=True)[1]], len(months)),
            "seats": 1.0,
            "user_weeks": 40.0,
            "weeks": 4.0,
        }
    )
    outcomes = contacts.drop_duplicates("account_id")[["account_id", "last_outcome_on"]].dropna()
    return History(
        as_of=_day(today).astype(object),
        contacts=contacts[["contact_id", "account_id", "segment", "joined_on", "icp_fit"]].assign(owner_id=None),
        asks=sent,
        nps=pd.DataFrame(nps, columns=["contact_id", "answered_on", "score"]),
        csat=pd.DataFrame({"contact_id": pd.Series(dtype="str"), "answered_on": pd.Series(dtype="datetime64[us]"),
                           "score": pd.Series(dtype="float64")}),
        outcomes=outcomes.rename(columns={"last_outcome_on": "verified_on"}),
        usage=usage,
    )  # fmt: skip


@dataclass(frozen=True)
class Year:
    """What the months brought.

    Attributes:
        asks: Asks sent.
        done: Of them, completed.
        opt_outs: People who opted out.
        top_share: Share of the asks that went to the five busiest.
        breaches: Asks past a stop or a rest, counted from the truth.
        learned: Months in which the learned chance ranked.
    """

    asks: int
    done: int
    opt_outs: int
    top_share: float
    breaches: int
    learned: int


Policy = Callable[[World, int, int], tuple[list[tuple[int, str]], bool]]
"""Whom to ask for what in a month, at most so many, and whether the learned chance ranked."""


def product(made: World, month: int, most: int) -> tuple[list[tuple[int, str]], bool]:
    """The product: guards, rests, ladder, and the learned chance where it wins."""
    rules, activities = load_advocacy_rules(), load_activities()
    inputs, history = frames(made, month)
    scores, guards = score(inputs, rules), guardrails(inputs, rules)
    asks = next_asks(inputs, scores, guards, rules, activities)
    found = propensity(history, pool_rules().propensity, rules, activities, LOADED, seed=1)
    chance = found.chances(asks["contact_id"], asks["activity"])
    readiness = scores.contacts["readiness"].to_numpy(dtype=np.float64)
    load, kept = inputs.number("asks_365d"), pool_rules().ranking.kept_per_ask
    order = rank_asks(asks, readiness, prompted(asks["why"]).to_numpy(dtype=bool), chance, load, kept)
    return [(int(place), str(asks["activity"].iloc[place])) for place in order[:most]], found.used


def top_scorers(mix: list[list[str]]) -> Policy:
    """Who asks from the top of the list, for the activities the product asked for in the same month."""

    def policy(made: World, month: int, most: int) -> tuple[list[tuple[int, str]], bool]:
        inputs, _ = frames(made, month)
        ready = score(inputs, load_advocacy_rules()).contacts["readiness"].fillna(-1).to_numpy(dtype=np.float64)
        there = (made.left > month * MONTH - 1) & (made.opted_out > month * MONTH - 1)
        order = np.argsort(-np.where(there, ready, -2), kind="stable")[: len(mix[month - EARLIER])]
        return list(zip(order.tolist(), made.rng.permutation(mix[month - EARLIER]).tolist(), strict=True)), False

    return policy


def run(made: World, policy: Policy, most: int, months: int) -> tuple[Year, list[list[str]]]:
    """Months under a policy, and what was asked for in each."""
    first, before = len(made.asks), int((made.opted_out < 10**6).sum())
    mix, learned = [], 0
    for month in range(EARLIER, EARLIER + months):
        chosen, used = policy(made, month, most)
        learned += used
        mix.append([activity for _, activity in chosen])
        for who, activity in chosen:
            made.breaches += breach(made, who, activity, month * MONTH - 1)
        _survey(made, month)
        for who, activity in chosen:
            _ask(made, who, activity, month * MONTH - 1)
    own = made.asks[first:]
    busiest = np.sort(np.bincount([int(ask["who"]) for ask in own]))[::-1]  # type: ignore[call-overload]
    year = Year(
        asks=len(own),
        done=sum(ask["completed"] is not None for ask in own),
        opt_outs=int((made.opted_out < 10**6).sum()) - before,
        top_share=float(busiest[:5].sum() / max(len(own), 1)),
        breaches=made.breaches,
        learned=learned,
    )
    return year, mix


def breach(made: World, who: int, activity: str, today: int) -> bool:
    """Whether an ask goes past a stop or a rest, told from the truth and not from the product's own tables."""
    needs = load_activities().activities[activity]  # type: ignore[index]
    own = [ask for ask in made.asks if ask["who"] == who]
    ages = [today - int(ask["day"]) for ask in own]  # type: ignore[call-overload]
    noes = [today - int(ask["responded"]) for ask in own if ask["response"] == "no"]  # type: ignore[call-overload]
    low = [
        day for one, day, value in made.nps if one == who and value <= 6 and 0 <= (_day(today) - day).astype(int) < 90
    ]
    uses = [use for use in needs.consent if use != "email"]
    return bool(
        made.left[who] <= today
        or made.opted_out[who] <= today
        or made.tickets[made.account[who], today // MONTH]
        or low
        or (made.renewal[who] - today) % 365 <= 90
        or made.outcome[who] > today
        or not all(made.consents[who, USES.index(use)] for use in uses)
        or any(age < 30 for age in ages)
        or sum(age < 90 for age in ages) >= 2
        or sum(age < 365 for age in ages) >= 6
        or any(0 <= age < 180 for age in noes)
    )


def compare(seed: int, most: int = 24, months: int = MONTHS) -> tuple[Year, Year]:
    """The product and who asks the top scorers, in the same world."""
    start = world(seed)
    mine, mix = run(start.copy(seed + 10_000), product, most, months)
    rival, _ = run(start.copy(seed + 10_000), top_scorers(mix), most, months)
    return mine, rival
