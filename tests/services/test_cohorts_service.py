"""The Cohorts screen's figures and words on the demo company, on RavenStack and without data."""

import dataclasses
import datetime as dt

import pandas as pd
import pytest

from core.cohorts.groups import SPLITS
from core.cohorts.moments import Moment
from core.errors import CouncilError
from core.glossary import QUANTITIES
from core.model.cohorts import cohort_rules
from core.month import build_month
from core.services.cohort_cells import cell_lines, cell_text, triangle_subtitle, triangle_title
from core.services.cohort_choices import choices
from core.services.cohort_curves import curve_subtitle, curve_title, nothing_drawn
from core.services.cohort_method import method
from core.services.cohort_rows import ALL, KAPLAN_MEIER, RATIO, cell_rows, cohort_labels, cohorts_json, triangle_frame
from core.services.cohort_words import age_words, answer, apart_words, caution, facts, note
from core.services.cohorts import CohortQuery, cohorts, opening, query_of
from core.services.home import open_month
from tests.companies import account, day, source, subscription

CAUSAL = ("because", "due to", "thanks to", "causes", "leads to", "drives", "lifts", "effect of", "makes them")


@pytest.fixture(scope="module")
def month(demo_home, demo_months):
    from tests.homes import using

    with using(demo_home):
        yield demo_months(dt.date(2026, 10, 1))


def said(view, month):
    parts = [answer(view), note(view, month), caution(view), triangle_title(view)]
    return " ".join([*parts, *(word for fact in facts(view) for word in fact), *(text for _, text in method(view))])


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("measure", cohort_rules().by_id)
def test_every_split_and_measure_answers_without_claiming_a_cause(month, split, measure):
    view = cohorts(month, CohortQuery(split=split, measure=measure))
    words = said(view, month)
    assert any(part in answer(view) for part in (view.measure.label, view.measure.verb, "Too few customers"))
    assert "nan" not in words.lower()
    assert not any(word in words.lower() for word in CAUSAL)
    if view.comparison is not None:
        assert "not an effect" in caution(view)


@pytest.mark.parametrize("measure", cohort_rules().by_id)
def test_the_customers_behind_a_cell_sum_to_it(month, measure):
    view = cohorts(month, CohortQuery(measure=measure))
    rule = view.measure
    for cohort, row in zip((*cohort_labels(view)[1:], ALL), (*view.triangle.cohorts, view.triangle.all), strict=True):
        for cell in (row.cells[0], row.cells[-1]):
            rows = cell_rows(month, view, cohort, cell.age)
            for name, total in ((rule.numerator, cell.figure.numerator), (rule.denominator, cell.figure.denominator)):
                scale = 100 if QUANTITIES[name].unit == "money" else 1
                assert rows.frame[name].sum() * scale == pytest.approx(total)
            assert len(rows.frame) == cell.figure.n
            assert rule.label in rows.tie


@pytest.mark.parametrize("along", ["quarter", "month"])
@pytest.mark.parametrize("measure", cohort_rules().by_id)
def test_along_the_calendar_cells_curves_and_rows_are_of_who_had_started(month, measure, along):
    view = cohorts(month, CohortQuery(measure=measure, along=along))
    rule, newest = view.measure, view.triangle.ages[-1]
    whole = view.triangle.all.cells[-1]
    rows = cell_rows(month, view, ALL, newest)
    for name, total in ((rule.numerator, whole.figure.numerator), (rule.denominator, whole.figure.denominator)):
        assert rows.frame[name].sum() * (100 if QUANTITIES[name].unit == "money" else 1) == pytest.approx(total)
    assert rows.frame["started"].max().date() <= view.triangle.months[-1]
    ends = [curve.points[-1].figure for curve in view.curves if curve.points and curve.points[-1].age == newest]
    assert sum(end.n for end in ends) <= whole.figure.n
    row = view.triangle.cohorts[-2]
    assert len(cell_rows(month, view, row.period.label, newest).frame) == row.cells[-1].figure.n
    said = f"{triangle_title(view)} {curve_title(view)} {triangle_subtitle(view)} {curve_subtitle(view)}"
    assert not any(word in said.lower() for word in (*CAUSAL, "nan"))
    assert f"Weakest {along}" in dict(method(view)) or view.moment is None


def test_along_the_calendar_the_file_names_the_end_of_each_column_and_no_rate_of_few(month):
    view = cohorts(month, CohortQuery(width="quarter", along="quarter"))
    frame = triangle_frame(view)
    assert frame["at_end_of"].str[-2:].isin(["03", "06", "09", "12"]).all()
    assert "age_months" not in frame and set(frame["estimator"]) == {RATIO}
    hidden = frame["state"].isin(["too_few", "unripe", "unknown"])
    assert frame.loc[hidden, ["value", "low", "high"]].isna().all(axis=None)
    shown = frame[~hidden]
    assert list(shown["value"]) == pytest.approx(list(shown["numerator"] / shown["denominator"]))
    assert [row["value"] is None for row in cohorts_json(view)["triangle"]] == list(frame["value"].isna())
    view = cohorts(month, CohortQuery(width="year", along="quarter"))
    unripe = [cell for row in view.triangle.cohorts for cell in row.cells if cell.figure.state == "unripe"]
    assert unripe and all(cell_text(view, cell) == "" for cell in unripe)
    assert "had started by then" in " ".join(cell_lines(view, "a cohort", unripe[0]))


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (
            ("lower", "lower"),
            "2026 Q2 was weaker than other quarters at equal ages, beyond chance, not of one cohort alone",
        ),
        (
            ("lower", "chance"),
            "2026 Q2 was weaker than other quarters at equal ages; without cohort 2025 it may be chance",
        ),
        (
            ("lower", "not_shown"),
            "2026 Q2 was weaker than other quarters at equal ages; without cohort 2025 too few losses are left to tell",
        ),
        (("chance", None), "No quarter stands out: the weakest, 2026 Q2, may be chance"),
        (("not_shown", None), "Too few losses to tell one quarter from the others"),
    ],
)
def test_the_weakest_quarter_is_claimed_only_beyond_chance(month, found, words):
    view = cohorts(month, CohortQuery(along="quarter", width="year"))
    place = len(view.triangle.ages) - 2
    carrier = dt.date(2025, 5, 1) if found[1] in ("chance", "not_shown") else None
    assert triangle_title(dataclasses.replace(view, moment=Moment(place, *found, carrier))) == words


def test_a_gross_retention_that_rises_says_why_where_it_does_and_only_there(month):
    view = cohorts(month, CohortQuery(measure="gross"))
    assert curve_subtitle(view).endswith(
        ". Where it rises, other customers have come to the age, or lost revenue came back"
    )
    assert triangle_subtitle(view).endswith(". Where a row rises, lost revenue came back")
    falling = [curve for curve in view.curves if curve.name == "Referral"]
    fewer = [dataclasses.replace(curve, points=curve.points[:2]) for curve in falling]
    rows = [dataclasses.replace(row, cells=row.cells[:1]) for row in view.triangle.cohorts]
    plain = dataclasses.replace(
        view, curves=tuple(fewer), triangle=dataclasses.replace(view.triangle, cohorts=tuple(rows))
    )
    for words in (
        curve_subtitle(plain),
        triangle_subtitle(plain),
        curve_subtitle(cohorts(month, CohortQuery(measure="net"))),
    ):
        assert "rises" not in words


@pytest.mark.parametrize(("measure", "told"), [("logo", True), ("net", False)])
def test_all_cohorts_say_where_their_share_is_the_curves_and_not_the_one_of_their_sums(month, measure, told):
    view = cohorts(month, CohortQuery(split="all", measure=measure))
    cell = next(cell for cell in view.triangle.all.cells if cell.age == 36)
    shown = cell_text(view, cell)
    tie = cell_rows(month, view, ALL, 36).tie
    assert ("Kaplan-Meier" in tie) is told
    assert ("Kaplan-Meier" in triangle_subtitle(view)) is told
    assert ("Kaplan-Meier" in " ".join(cell_lines(view, ALL, cell))) is told
    assert "Kaplan-Meier" not in cell_rows(month, view, cohort_labels(view)[1], 3).tie
    (curve,) = view.curves
    at = next(point.figure for point in curve.points if point.age == 36)
    assert shown == f"{100 * at.value:.0f}\N{NO-BREAK SPACE}%"
    assert "older cohorts are left" in dict(method(view))["All cohorts"]


def test_a_difference_among_customers_alike_that_is_not_shown_says_why(month):
    view = cohorts(month, CohortQuery())
    pair = view.comparison
    assert pair.alike.value is None
    label, figure, why = facts(view)[-1]
    assert (label, figure) == ("Among customers alike", "Not shown")
    assert why.startswith("Too few: ") and "needed on each side" in why
    assert why.endswith(f"({pair.alike_customers} of {pair.figures[0].n} Referral compared)")
    alone = dataclasses.replace(view, comparison=dataclasses.replace(pair, alike_customers=0))
    assert facts(alone)[-1][2] == (
        "Nobody to compare: no Referral customer shares segment and start period with enough Paid customers"
    )


@pytest.mark.parametrize(("measure", "least"), [("logo", 30), ("gross", 30), ("net", 30), ("arr", 10)])
def test_without_a_curve_a_sentence_says_what_one_takes(month, measure, least):
    view = cohorts(month, CohortQuery(measure=measure))
    assert nothing_drawn(view) == ""
    first = age_words(cohort_rules().ages.columns[0])
    words = f"No curve yet: it takes a group of at least {least} customers followed for {first} or longer."
    assert nothing_drawn(dataclasses.replace(view, curves=())) == words


def test_one_group_in_the_triangle(month):
    whole = cohorts(month, CohortQuery())
    own = cohorts(month, CohortQuery(group="Referral"))
    assert own.triangle.all.customers == next(curve.customers for curve in whole.curves if curve.name == "Referral")
    rows = cell_rows(month, own, ALL, own.triangle.ages[0])
    assert set(rows.frame["group"]) == {"Referral"}


def test_a_range_of_starts_leaves_the_others_out(month):
    known = choices(month, "channel").quarters
    view = cohorts(month, CohortQuery(since=known[-4], until=known[-2]))
    started = cell_rows(month, view, ALL, 3).frame["started"]
    assert started.min().to_period("Q") >= pd.Period(known[-4].replace(" ", ""))
    assert view.customers < cohorts(month, CohortQuery()).customers


def test_what_does_not_exist_is_taken_as_not_chosen(month):
    view = cohorts(month, CohortQuery(first="Nobody", second="Nowhere", age=7, group="Nothing", since="1900 Q1"))
    plain = cohorts(month, CohortQuery())
    assert view.query == dataclasses.replace(plain.query, since="1900 Q1")


def test_an_unknown_cohort_is_refused_with_those_there_are(month):
    view = cohorts(month, CohortQuery())
    with pytest.raises(CouncilError, match="All cohorts, 2021"):
        cell_rows(month, view, "1999", 3)


@pytest.mark.parametrize("measure", ["logo", "value", "net"])
def test_an_exported_value_follows_from_its_sums_unless_its_estimator_says_otherwise(month, measure):
    frame = triangle_frame(cohorts(month, CohortQuery(measure=measure, monthly=True)))
    shown = frame.dropna(subset=["value"])
    plain = shown[shown["estimator"] == RATIO]
    assert len(plain)
    assert list(plain["value"]) == pytest.approx(list(plain["numerator"] / plain["denominator"]))
    pooled = shown[(shown["cohort"] == ALL) & (shown["reached"] < shown["customers"])]
    assert set(pooled["estimator"]) == ({RATIO} if measure == "net" else {KAPLAN_MEIER})


def test_what_is_unripe_or_small_has_no_rate_in_any_export(month):
    view = cohorts(month, CohortQuery(width="quarter"))
    frame = triangle_frame(view)
    hidden = frame[frame["state"].isin(["too_few", "unripe", "unknown"])]
    assert len(hidden)
    assert hidden[["value", "low", "high"]].isna().all(axis=None)
    assert frame.loc[frame["state"].isin(["ok", "wide"]), "n"].min() >= 30
    exported = cohorts_json(view)
    assert [row["value"] is None for row in exported["triangle"]] == list(frame["value"].isna())
    for row in view.triangle.cohorts:
        for cell in row.cells:
            text = cell_text(view, cell)
            assert ("%" in text) == cell.figure.shown
            if cell.figure.state == "too_few":
                assert text == f"{cell.kept} of {cell.reached}"


def test_a_look_says_at_which_ages_and_that_it_may_be_chance(month):
    view = cohorts(month, CohortQuery(split="tier", measure="margin"))
    assert [apart.age for apart in view.apart][:2] == [3, 6]
    assert "of the second figure: after 3 months" in apart_words(view)
    assert "chance" in apart_words(view)
    assert not apart_words(dataclasses.replace(view, apart=()))


def test_advocates_are_counted_from_the_landmark(month):
    view = cohorts(month, CohortQuery(split="advocate"))
    assert view.offset == cohort_rules().landmark.months
    assert f"decided {view.offset} months after the start" in caution(view)
    assert "on record" in " ".join(text for _, text in method(view))


@pytest.mark.parametrize(
    ("words", "what"), [(("channels", None), "--by"), (("all", "nrr"), "--measure"), ((None, None, "week"), "--width")]
)
def test_a_wrong_word_is_refused_with_those_there_are(words, what):
    with pytest.raises(CouncilError, match=f"{what}: expected one of"):
        query_of(*words)


def test_ravenstack_says_which_table_a_measure_lacks(in_ravenstack):
    found = open_month()
    view = cohorts(found, CohortQuery(measure="value"))
    assert "not loaded: outcomes" in answer(view)
    assert view.triangle is None
    assert "import asks" in choices(found, "advocate").gap


def test_a_company_of_one_customer_shows_counts(tmp_path):
    rows = {
        "accounts": [account("aster"), account("birch")],
        "subscriptions": [
            subscription("aster", "2024-01-01", None, 100),
            subscription("birch", "2024-03-01", None, 100),
        ],
    }
    found = build_month(day("2025-12-31"), source(tmp_path, rows))
    view = cohorts(found, CohortQuery())
    assert (view.customers, view.left_out) == (1, 1)
    assert "cannot be shown" in answer(view)
    assert all(not cell.figure.shown for cell in view.triangle.all.cells)


def test_nobody_with_a_known_start_is_said(tmp_path):
    rows = {"accounts": [account("aster")], "subscriptions": [subscription("aster", "2024-01-01", None, 100)]}
    view = cohorts(build_month(day("2024-12-31"), source(tmp_path, rows)), CohortQuery())
    assert "no customer of this range has a known start" in answer(view)


def test_several_accounts_of_a_parent_are_one_customer(tmp_path):
    rows = {
        "accounts": [account("first"), account("parent"), account("child", parent_id="parent")],
        "subscriptions": [
            subscription("first", "2024-01-01", None, 1),
            subscription("parent", "2024-03-01", "2024-05-01", 100),
            subscription("child", "2024-04-01", None, 50),
        ],
    }
    found = build_month(day("2024-12-31"), source(tmp_path, rows))
    view = cohorts(found, CohortQuery(measure="net"))
    rows = cell_rows(found, view, ALL, 3)
    assert list(rows.frame["account_id"]) == ["parent"]
    assert (rows.frame["mrr_at_start"].iloc[0], rows.frame["mrr_at_age"].iloc[0]) == (100, 50)


def test_the_first_look_tells_something_where_the_data_allow_it(month):
    first = opening(month)
    assert cohorts(month, first).comparison.raw.outcome != "not_shown"
    rules = cohort_rules().opening
    every = [CohortQuery(split, measure) for split in rules.splits for measure in rules.measures]
    before = every[: every.index(first)]
    assert all(cohorts(month, query).comparison.raw.outcome == "not_shown" for query in before)
