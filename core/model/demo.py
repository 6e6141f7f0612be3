"""The demo company's parameters: its customers, what moves them, and the effects planted in it."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from pydantic.dataclasses import dataclass

from core.model.toml import STRICT, load


@dataclass(frozen=True, config=STRICT)
class Effects:
    """True effects, on the scale the simulation uses (see the comments of data/model/demo.toml)."""

    advocacy_churn_logit: float
    advocacy_expansion_ratio: float
    advocacy_months: int
    referred_win: float
    referred_cycle_ratio: float
    referred_churn_logit: float
    reference_win: float
    momentum_win: float
    fatigue_factor: float
    completion_30_days: float
    play_months: int


@dataclass(frozen=True, config=STRICT)
class Churn:
    """What moves the log-odds of leaving at a yearly renewal, and what happens around it."""

    satisfaction: float
    usage: float
    annual_uplift: float
    reactivation: float


@dataclass(frozen=True, config=STRICT)
class Growth:
    """Monthly probabilities of expansion, contraction and add-ons, and their sizes."""

    expansion: float
    expansion_low: float
    expansion_high: float
    contraction: float
    contraction_low: float
    contraction_high: float
    attach: tuple[float, float]
    attach_share: tuple[float, float]


@dataclass(frozen=True, config=STRICT)
class AskRules:
    """Whom the programme asks and how likely a yes is."""

    monthly_share: float
    accept_logit: float
    nps_contact: float
    nps_account: float
    usage: float
    willingness: float
    again: float
    final_wave_months: int
    final_wave_ratio: float
    final_wave_new: float


@dataclass(frozen=True, config=STRICT)
class Season:
    """Factors by calendar month, January first."""

    opportunities: tuple[float, ...]
    usage: tuple[float, ...]


@dataclass(frozen=True, config=STRICT)
class Shock:
    """One price rise that hurt one segment."""

    months_before_end: int
    segment: str
    price_rise: float
    churn_logit: float
    lasts_months: int


@dataclass(frozen=True, config=STRICT)
class Finance:
    """How far finance's own totals differ from the subscriptions."""

    disagreements: int


@dataclass(frozen=True, config=STRICT)
class Segment:
    """One segment: how common, how large, how it buys and how it leaves."""

    name: str
    share: float
    share_referred: float
    amount_median: float
    amount_sigma: float
    seats_per_1000: float
    employees_median: float
    contacts: float
    win: float
    cycle_days: float
    churn_logit: float
    ask_weight: float
    monthly_contract_share: float


@dataclass(frozen=True, config=STRICT)
class Industry:
    """One industry: how common and how much likelier its deals are won."""

    name: str
    share: float
    share_referred: float
    win: float
    use_case: str


@dataclass(frozen=True, config=STRICT)
class Region:
    """One region and its share."""

    name: str
    share: float


@dataclass(frozen=True, config=STRICT)
class Split:
    """Shares of a line's spend by kind of cost; they sum to 1."""

    media: float
    people: float
    platform: float
    rewards: float


@dataclass(frozen=True, config=STRICT)
class Line:
    """One budget line with its true response."""

    id: str
    kind: Literal["acquisition", "post_sale"]
    journey_stage: Literal["awareness", "consideration", "conversion", "post_purchase"]
    spend: float
    growth: float
    committed: float
    split: Split
    ceiling: float
    half_at: float
    exponent: float
    carry_over: float
    channel: str | None = None
    play: str | None = None
    churn_logit: float = 0.0
    expansion_ratio: float = 1.0


@dataclass(frozen=True, config=STRICT)
class Move:
    """Money the council moved: a line's spend times `factor` in the last months of the window."""

    line: str
    factor: float
    last_months: int


@dataclass(frozen=True, config=STRICT)
class ActivityMix:
    """One kind of ask: how common, how readily accepted, what asset it leaves."""

    id: str
    share: float
    accept: float
    asset: str | None = None


@dataclass(frozen=True, config=STRICT)
class WaitingRequest:
    """A reference request open at the end; a rare one wants what no customer has, an asked one has its person."""

    due_in_days: int
    asked: bool = False
    rare: bool = False


@dataclass(frozen=True, config=STRICT)
class RunningReferral:
    """A referral running at the end; days are working days before the last one, each act an hour after the other."""

    submitted: int
    hour: int
    contacted: int | None = None
    accepted: int | None = None
    own_company: bool = False


@dataclass(frozen=True, config=STRICT)
class Words:
    """Word lists from which names are put together; all invented."""

    products: tuple[str, str, str]
    tiers: tuple[str, str, str]
    features: tuple[str, ...]
    personas: tuple[str, ...]
    rare_use_case: str
    sellers: tuple[str, ...]
    managers: tuple[str, ...]
    company_start: tuple[str, ...]
    company_end: tuple[str, ...]
    company_kind: tuple[str, ...]
    first_names: tuple[str, ...]
    last_start: tuple[str, ...]
    last_end: tuple[str, ...]


@dataclass(frozen=True, config=STRICT)
class DemoModel:
    """All of data/model/demo.toml."""

    source: str
    history_months: int
    programme_lead_months: int
    deal_lead_months: int
    reference_accounts: int
    reference_months: int
    new_customer_months: float
    currency: str
    gross_margin: float
    effects: Effects
    churn: Churn
    growth: Growth
    asks: AskRules
    season: Season
    shock: Shock
    finance: Finance
    words: Words
    segment: tuple[Segment, ...]
    industry: tuple[Industry, ...]
    region: tuple[Region, ...]
    line: tuple[Line, ...]
    move: tuple[Move, ...]
    activity: tuple[ActivityMix, ...]
    waiting_request: tuple[WaitingRequest, ...]
    running_referral: tuple[RunningReferral, ...]

    @property
    def acquisition(self) -> tuple[Line, ...]:
        """Lines that bring new opportunities."""
        return tuple(line for line in self.line if line.kind == "acquisition")

    @property
    def account_plays(self) -> tuple[Line, ...]:
        """Post-sale lines that treat accounts; the reference programme treats deals."""
        return tuple(line for line in self.line if line.kind == "post_sale" and line.id != "reference_programme")


@lru_cache(maxsize=1)
def demo_model() -> DemoModel:
    """The demo company's parameters, read once."""
    return load("demo.toml", DemoModel)
