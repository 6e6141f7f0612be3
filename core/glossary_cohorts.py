"""Names of the quantities of cohorts, as a list to add to."""

from __future__ import annotations

from core.glossary_quantities import Unit

COHORT_ENTRIES: tuple[tuple[str, str, Unit, str], ...] = (
    ("cohort_customers", "Customers won", "count", "Customers of the cohort who reached the age."),
    ("kept_customers", "Kept", "count", "Customers never without revenue from their start to the age."),
    ("reached_value", "Reached value", "count", "Customers with a first verified outcome by the age."),
    ("mrr_at_start", "MRR at the start", "money", "MRR at the first month end with revenue."),
    ("mrr_at_age", "MRR at the age", "money", "MRR of the same customers at the age."),
    (
        "kept_mrr_at_age",
        "MRR kept of the start",
        "money",
        "The smaller of MRR at the start and at the age, customer by customer.",
    ),
    ("arr_at_age", "ARR at the age", "money", "Twelve times the MRR at the age."),
    ("margin_earned", "Margin earned", "money", "MRR of every month before the age times its gross margin, added up."),
    ("user_weeks", "Active users, weeks added", "count", "Active users of the month's weeks whose seats are known."),
    ("seat_weeks", "Licensed seats, weeks added", "count", "Licensed seats of the same weeks."),
    ("cohort_age", "Age", "months", "Month ends since the first one with revenue."),
)
"""Name, label, unit and meaning of each; `core.glossary.QUANTITIES` has them by name."""
