"""The budget: totals that add up, unknown that is never zero, counted twice, and the truce with the reference amounts."""

from datetime import date
from fractions import Fraction
from importlib.resources import files
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affordability.budget import (
    HOLIDAY_ALLOWANCE,
    LINES,
    MOST_PER_MONTH,
    NET_INCOME,
    OVERLAPS,
    PARTNER_INCOME,
    STANDARD_LIST,
    DoubleCount,
    Group,
    check_line,
    double_counts,
    is_absurd,
    line_per_month,
    make_budget,
    overlaps_to_ask,
)
from affordability.reference_amounts import (
    InvalidReferences,
    Person,
    default_buffer,
    eigen_risico_reference,
    food_reference,
    is_above,
    needs_sentence,
    official_references,
    parse_record,
)
from kernel.periods import Period, exact_per_month

TODAY = date(2026, 11, 23)
ALL = tuple(LINES)
FOOD_FILE = files("affordability").joinpath("references", "food-2023.toml").read_text("utf-8")


def month(cents: int) -> dict[str, Any]:
    return {"cents": cents, "period": "month"}


def amounts() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"cents": st.integers(0, 500_000), "period": st.sampled_from([*Period])}).map(
        lambda line: {**line, "period": line["period"].value}
    )


def budgets() -> st.SearchStrategy[dict[str, dict[str, Any]]]:
    return st.dictionaries(st.sampled_from(ALL), st.one_of(amounts(), st.just({"unknown": True})))


# --- totals --------------------------------------------------------------------------------------------------------


def test_a_whole_month_comes_out_to_the_cent() -> None:
    budget = make_budget(
        {
            "zorgtoeslag": month(131_00),
            "rent": month(640_00),
            "water": {"cents": 45_00, "period": "quarter"},
            "municipal_tax": {"cents": 36_00, "period": "ten_installments"},
            "eigen_risico": {"cents": 385_00, "period": "year"},
            "food": {"cents": 65_00, "period": "week"},
            "transport": {"cents": 40_00, "period": "four_weeks"},
        },
        net_income=1_900_00,
        answered=ALL,
        buffer=25_00,
    )
    assert budget.total(Group.INCOME) == 2_031_00
    assert budget.total(Group.FIXED) == 640_00 + 15_00 + 30_00
    assert budget.total(Group.RESERVE) == 32_08  # 385 / 12 = 32,083; the buffer was emptied
    assert budget.total(Group.HOUSEHOLD) == 281_67 + 43_33  # 65 x 52 / 12 and 40 x 13 / 12
    assert budget.left == 2_031_00 - 685_00 - 32_08 - 325_00


@given(lines=budgets(), income=st.integers(0, 1_000_000), seed=st.integers())
def test_the_order_of_the_lines_makes_no_difference(lines: dict[str, Any], income: int, seed: int) -> None:
    shuffled = list(lines.items())
    Random(seed).shuffle(shuffled)
    first = make_budget(lines, net_income=income, answered=ALL)
    second = make_budget(dict(shuffled), net_income=income, answered=ALL)
    assert first == second
    assert list(first.per_month) == list(second.per_month)
    assert double_counts(lines, holiday="included") == double_counts(dict(shuffled), holiday="included")


@given(lines=budgets())
def test_a_total_is_the_sum_of_its_rounded_lines_and_near_the_exact_sum(lines: dict[str, Any]) -> None:
    budget = make_budget(lines, net_income=0, answered=ALL)
    for group in Group:
        known = [line for code, line in lines.items() if LINES[code].group is group and "cents" in line]
        assert budget.total(group) == sum(line_per_month(line) or 0 for line in known)
        exact = sum((exact_per_month(line["cents"], Period(line["period"])) for line in known), Fraction(0))
        assert abs(budget.total(group) - exact) <= Fraction(len(known), 2)
    assert budget.costs == sum(budget.total(group) for group in Group if group is not Group.INCOME)


@given(lines=budgets(), code=st.sampled_from(ALL), income=st.integers(0, 1_000_000))
def test_unknown_never_counts_as_zero(lines: dict[str, Any], code: str, income: int) -> None:
    known = {name: line for name, line in lines.items() if "cents" in line}
    whole = make_budget(known | {code: month(0)}, net_income=income, answered=ALL)
    broken = make_budget(known | {code: {"unknown": True}}, net_income=income, answered=ALL)
    assert whole.left is not None
    assert broken.left is None
    assert not broken.is_complete
    assert broken.unknown == {code}
    assert broken.unknown_in(LINES[code].group) == (code,)
    assert code not in broken.per_month


@pytest.mark.parametrize(
    ("given_facts", "name"),
    [
        ({"net_income": None}, NET_INCOME),
        ({"net_income": 1, "partner_income": None}, PARTNER_INCOME),
        ({"net_income": 1, "holiday_unknown": True}, HOLIDAY_ALLOWANCE),
    ],
)
def test_an_income_that_is_not_known_leaves_no_outcome(given_facts: dict[str, Any], name: str) -> None:
    budget = make_budget({}, answered=ALL, **given_facts)
    assert budget.unknown_in(Group.INCOME) == (name,)
    assert budget.left is None


def test_a_part_nobody_went_through_leaves_no_outcome() -> None:
    three = {"rent": month(640_00), "energy": month(145_00), "health_insurance": month(152_00)}
    budget = make_budget(three, net_income=1_900_00, answered=three.keys())
    assert budget.unanswered == set(Group)
    assert budget.left is None
    assert make_budget(three, net_income=1_900_00, answered=ALL).left == 1_900_00 - 937_00


def test_more_costs_than_income_is_a_shortage_and_no_zero() -> None:
    assert make_budget({"rent": month(640_00)}, net_income=600_00, answered=ALL).left == -40_00


def test_the_small_buffer_counts_until_somebody_says_otherwise() -> None:
    others = [code for code in ALL if code != "buffer"]
    quiet = make_budget({}, net_income=100_00, answered=others, buffer=25_00)
    assert (quiet.total(Group.RESERVE), quiet.left) == (25_00, 75_00)
    emptied = make_budget({}, net_income=100_00, answered=ALL, buffer=25_00)
    assert (emptied.total(Group.RESERVE), emptied.left) == (0, 100_00)
    changed = make_budget({"buffer": month(10_00)}, net_income=100_00, answered=ALL, buffer=25_00)
    assert (changed.total(Group.RESERVE), changed.left) == (10_00, 90_00)


@pytest.mark.parametrize(
    "line",
    [
        {"cents": 10.0, "period": "month"},
        {"cents": -1, "period": "month"},
        {"cents": 10, "period": "fortnight"},
        {"cents": 10},
        {"cents": 10, "period": "month", "note": "x"},
        {"cents": 10, "period": "month", "overlap": "perhaps"},
        {"unknown": False},
        {"unknown": True, "overlap": "yes"},
    ],
)
def test_what_cannot_be_a_line_is_refused(line: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        check_line("rent", line)


def test_only_the_lines_with_a_question_take_an_answer() -> None:
    for code in LINES:
        line = {**month(100), "overlap": "yes"}
        if code in OVERLAPS:
            check_line(code, line)
        else:
            with pytest.raises(ValueError, match="nothing is asked"):
                check_line(code, line)


def test_an_absurd_amount_is_seen_in_its_period() -> None:
    assert not is_absurd(month(MOST_PER_MONTH))
    assert is_absurd(month(MOST_PER_MONTH + 1))
    assert is_absurd({"cents": 3_000_00, "period": "week"})
    assert not is_absurd({"cents": 3_000_00, "period": "year"})
    assert not is_absurd({"unknown": True})


# --- counted twice -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "other"),
    [
        ("rent", "huurtoeslag"),
        ("health_insurance", "zorgtoeslag"),
        ("childcare", "kinderopvangtoeslag"),
    ],
)
def test_an_allowance_taken_off_and_typed_as_income_is_counted_twice(code: str, other: str) -> None:
    income = {other: month(100_00)}
    assert double_counts({**income, code: {**month(500_00), "overlap": "yes"}}) == (DoubleCount(code),)
    assert double_counts({**income, code: {**month(500_00), "overlap": "no"}}) == ()
    (asked,) = double_counts({**income, code: month(500_00)})
    assert asked.is_question
    assert double_counts({**income, code: {**month(500_00), "overlap": "unknown"}}) == (asked,)
    assert double_counts({code: {**month(500_00), "overlap": "yes"}}) == ()
    assert double_counts({other: month(0), code: {**month(500_00), "overlap": "yes"}}) == ()
    assert double_counts({other: {"unknown": True}, code: {**month(500_00), "overlap": "yes"}}) == (DoubleCount(code),)


def test_a_holiday_allowance_in_the_income_and_typed_again_is_counted_twice() -> None:
    typed = {"other_income": {"cents": 900_00, "period": "year", "overlap": "yes"}}
    assert double_counts(typed, holiday="included") == (DoubleCount.OTHER_INCOME,)
    assert double_counts(typed, holiday="apart") == (DoubleCount.OTHER_INCOME,)
    assert double_counts(typed, holiday="none") == ()
    assert double_counts({"other_income": month(50_00)}, holiday="included") == (DoubleCount.OTHER_INCOME_ASK,)
    assert double_counts({}, holiday="included", holiday_typed_apart=True) == (DoubleCount.HOLIDAY_ALLOWANCE,)
    assert double_counts({}, holiday="apart", holiday_typed_apart=True) == ()


def test_an_arrangement_with_an_organisation_of_this_plan_is_counted_twice() -> None:
    line = {"other_arrangements": {**month(40_00), "overlap": "yes"}}
    assert double_counts(line, organisations_in_plan=2) == (DoubleCount.OTHER_ARRANGEMENTS,)
    assert double_counts(line) == ()
    asked = double_counts({"other_arrangements": month(40_00)}, organisations_in_plan=1)
    assert asked == (DoubleCount.OTHER_ARRANGEMENTS_ASK,)


def test_a_question_is_asked_where_it_matters() -> None:
    assert overlaps_to_ask({}) == {"rent", "other_arrangements"}
    assert overlaps_to_ask({"zorgtoeslag": month(131_00)}) == {"rent", "other_arrangements", "health_insurance"}
    assert "childcare" in overlaps_to_ask({"kinderopvangtoeslag": {"unknown": True}})
    assert "childcare" in overlaps_to_ask({"childcare": {**month(1), "overlap": "no"}})
    assert "other_income" in overlaps_to_ask({}, holiday="included")
    assert "other_income" not in overlaps_to_ask({}, holiday="none")


@given(lines=budgets(), holiday=st.sampled_from(["", "included", "apart", "none", "unknown"]))
def test_nothing_is_warned_about_without_its_question_being_on_the_page(lines: dict[str, Any], holiday: str) -> None:
    warned = {one.value.removesuffix("_ask") for one in double_counts(lines, holiday=holiday, organisations_in_plan=1)}
    assert warned <= overlaps_to_ask(lines, holiday=holiday)


def test_every_line_that_overlaps_names_a_line_or_a_fact_there_is() -> None:
    assert OVERLAPS.keys() <= LINES.keys()
    assert {other for other in OVERLAPS.values() if other not in LINES} == {"holiday_allowance", "plan"}
    assert {one.value.removesuffix("_ask") for one in DoubleCount} == {*OVERLAPS, "holiday_allowance"}


# --- reference amounts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("persons", "per_week"),
    [
        ([Person.of_age(40)], 65_45),  # 8,50 x 110 % x 7
        ([Person.of_age(60)], 62_52),  # 8,12 x 110 % x 7 = 62,524
        ([Person.of_age(75)], 60_37),  # 7,84 x 110 % x 7 = 60,368
        ([Person.of_age(40), Person.of_age(2)], 81_27),  # (8,50 + 3,11) x 7
        ([Person.of_age(40), Person.born_in(2018, TODAY)], 90_23),  # 7 or 8: 4,39
        ([Person.of_age(40), Person.born_in(2017, TODAY)], 109_06),  # 8 or 9: the higher, 7,08
        ([Person.of_age(40), Person.adult()], 119_00),  # nobody asked the partner's age
    ],
)
def test_food_has_a_reference_for_one_and_two_persons(persons: list[Person], per_week: int) -> None:
    found = food_reference(TODAY, persons)
    assert found is not None
    assert (found.cents, found.period, found.since, found.certainty) == (per_week, Period.WEEK, date(2023, 1, 1), "S")
    assert "2023" in found.source


@pytest.mark.parametrize(
    "persons",
    [
        None,
        [],
        [Person.of_age(40)] * 3,
        [Person.of_age(40), Person.of_age(0)],
        [Person.of_age(40), Person.born_in(2025, TODAY)],
    ],
)
def test_food_has_no_reference_where_no_source_says(persons: list[Person] | None) -> None:
    assert food_reference(TODAY, persons) is None
    assert food_reference(date(2022, 12, 31), [Person.of_age(40)]) is None


def test_the_excess_of_the_care_insurance_is_of_one_year_and_per_adult() -> None:
    one, two = eigen_risico_reference(TODAY, 1), eigen_risico_reference(TODAY, 2)
    assert one is not None
    assert two is not None
    assert (one.cents, two.cents, one.period) == (385_00, 770_00, Period.YEAR)
    assert eigen_risico_reference(date(2027, 1, 1), 1) is None
    assert eigen_risico_reference(TODAY, 0) is None


def test_the_buffer_is_our_own_choice_and_says_so() -> None:
    assert default_buffer(TODAY) == 25_00
    assert default_buffer(date(2025, 12, 31)) is None
    own = [record for record in official_references() if record.code == "buffer"]
    assert [record.certainty for record in own] == ["O"]
    assert "own choice" in own[0].source
    assert "not a norm" in own[0].source


def test_every_reference_has_a_source_and_only_a_certain_one() -> None:
    records = official_references()
    assert {record.code for record in records} == {"food", "eigen_risico", "buffer"}
    assert all(record.source and record.certainty in {"C", "S", "O"} for record in records)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('certainty = "S"', 'certainty = "M"'),
        ('certainty = "S"', ""),
        ("cents = 311", "cents = 3.11"),
        ("cents = 311", "cents = 0"),
        ("ages = [1, 3]", "ages = [3, 1]"),
        ("ages = [1, 3]", "ages = [1]"),
        ("starts = 2023-01-01", 'starts = "2023-01-01"'),
        ("starts = 2023-01-01", "starts = 2023-01-01\nends = 2022-01-01"),
        ('code = "food"', 'code = "clothing"'),
        ("percent = 110", "part = 110"),
        ('who = "child"\nages = [1, 3]', "ages = [1, 3]"),
        ('code = "food"', 'code = "food'),
    ],
)
def test_a_file_that_is_not_whole_is_refused(old: str, new: str) -> None:
    assert parse_record(FOOD_FILE).code == "food"
    assert old in FOOD_FILE
    with pytest.raises(InvalidReferences):
        parse_record(FOOD_FILE.replace(old, new, 1))


def test_at_or_below_the_reference_nothing_is_asked_and_above_it_one_sentence() -> None:
    reference = food_reference(TODAY, [Person.of_age(40)])
    at = {"cents": 65_45, "period": "week"}
    above = {"cents": 65_46, "period": "week"}
    assert not needs_sentence(at, reference, "")
    assert needs_sentence(above, reference, "  ")
    assert not needs_sentence(above, reference, "Ik moet glutenvrij eten.")
    assert not is_above(above, None)
    assert not is_above({"unknown": True}, reference)
    assert not is_above(None, reference)
    # 283,61 a month is just under 65,45 x 52 / 12 = 283,616..., and 283,62 just above it.
    assert not is_above(month(283_61), reference)
    assert is_above(month(283_62), reference)


@given(line=amounts(), cents=st.integers(1, 100_000))
def test_a_line_is_above_its_reference_exactly_when_more_per_month(line: dict[str, Any], cents: int) -> None:
    reference = eigen_risico_reference(TODAY, 1)
    assert reference is not None
    exact = exact_per_month(line["cents"], Period(line["period"]))
    assert is_above(line, reference) == (exact * 12 > 385_00)
    assert is_above({"cents": cents, "period": "year"}, reference) == (cents > 385_00)


def test_every_line_of_the_list_is_in_one_part() -> None:
    assert len(LINES) == len(STANDARD_LIST)
    assert {line.group for line in STANDARD_LIST} == set(Group)
