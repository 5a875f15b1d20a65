"""The coach's mark: who may give it, what it is about, and what lets it go."""

import re
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Mandate
from accounts.operations.end_mandate import end_mandate
from arrangements.models import Application, BudgetMark
from arrangements.operations.application import save_answers, save_budget
from arrangements.operations.mark_budget import (
    FIGURES,
    AlreadyMarked,
    FiguresChanged,
    MarkRefused,
    figures_hash,
    mark_budget,
)
from arrangements.queries.budget import budget_file
from infra import clock
from infra.models import AuditLine
from infra.scope import Scope, act_as, as_worker
from tests.factories.budgets import LEFT, coach_scope, fill_in_budget, give_mark
from tests.factories.people import citizen_scope, creditor_scope, login_of, make_director
from tests.factories.plans import Case, fill_in, make_case, submitted
from tests.factories.stages import acting_coach

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    clock.set_today(date(2026, 11, 23))
    made = make_case(1_000_00, 2_000_00)
    fill_in(made)
    fill_in_budget(made)
    return made


@pytest.fixture
def mandate(case: Case) -> Mandate:
    found = acting_coach(case, "Sam de Vries").acting
    assert found is not None
    return found


def latest(case: Case) -> BudgetMark:
    with act_as(citizen_scope(case.citizen)):
        return BudgetMark.objects.get()


def test_a_coach_marks_with_number_date_person_and_hash(case: Case, mandate: Mandate) -> None:
    given = give_mark(case, mandate)
    mark = latest(case)
    assert mark.pk == given.pk
    assert re.fullmatch(r"B-2026-\d{6}", mark.number)
    assert mark.number == f"B-2026-{mark.pk:06d}"
    assert (mark.marked_on, mark.coach_id, mark.dropped_on) == (date(2026, 11, 23), mandate.coach_id, None)
    with act_as(citizen_scope(case.citizen)):
        assert mark.figures_hash == figures_hash(Application.objects.get())
    with as_worker("test"):
        line = AuditLine.objects.get(action="budget_marked")
        assert (line.actor_coach_id, line.citizen_id) == (mandate.coach_id, case.citizen.pk)


def test_two_marks_have_two_numbers(case: Case, mandate: Mandate) -> None:
    first = give_mark(case, mandate)
    fill_in(case, declared=50_00)
    second = give_mark(case, mandate)
    assert first.number != second.number


def test_the_citizen_cannot_give_a_mark(case: Case) -> None:
    with act_as(citizen_scope(case.citizen)):
        application = Application.objects.get()
        with pytest.raises(MarkRefused):
            mark_budget(application=application, seen_hash=figures_hash(application))
        assert not BudgetMark.objects.exists()


def test_a_coach_without_a_living_mandate_cannot_give_a_mark(case: Case, mandate: Mandate) -> None:
    stranger = make_director(kind="coach", default=False, name="Iemand Anders")
    scopes = [Scope(user_id=stranger.user_id, citizen_id=case.citizen.pk, coach_id=stranger.pk, reason="test")]
    with act_as(citizen_scope(case.citizen)):
        end_mandate(mandate=mandate, user=login_of(case.citizen))
    scopes.append(coach_scope(case, mandate))
    for one in scopes:
        with act_as(one):
            application = Application.objects.get()
            with pytest.raises(MarkRefused):
                mark_budget(application=application, seen_hash=figures_hash(application))
    with act_as(citizen_scope(case.citizen)):
        assert not BudgetMark.objects.exists()


def test_a_mandate_that_ran_out_gives_no_mark(case: Case, mandate: Mandate) -> None:
    clock.set_today(date(2027, 11, 23))
    with pytest.raises(MarkRefused):
        give_mark(case, mandate)


def test_there_is_no_second_mark_while_one_holds(case: Case, mandate: Mandate) -> None:
    given = give_mark(case, mandate)
    with pytest.raises(AlreadyMarked):
        give_mark(case, mandate)
    with act_as(coach_scope(case, mandate)), pytest.raises(IntegrityError), transaction.atomic():
        BudgetMark.objects.create(
            number="B-2026-999999",
            citizen=case.citizen,
            application=case.application,
            coach=mandate.coach,
            figures_hash=given.figures_hash,
            marked_on=clock.today(),
        )


def test_the_coach_marks_what_stood_on_the_screen(case: Case, mandate: Mandate) -> None:
    with act_as(coach_scope(case, mandate)):
        seen = figures_hash(Application.objects.get())
    fill_in_budget(case, rent={"cents": 700_00, "period": "month"})
    with act_as(coach_scope(case, mandate)):
        with pytest.raises(FiguresChanged):
            mark_budget(application=case.application, seen_hash=seen)
        assert not BudgetMark.objects.exists()


def test_a_sent_application_is_not_marked_any_more(case: Case, mandate: Mandate) -> None:
    submitted(case)
    with pytest.raises(MarkRefused, match="closed"):
        give_mark(case, mandate)


OTHER: dict[str, Any] = {
    "situation": "alleenstaande_ouder",
    "members": [{"role": "child", "birth_year": 2015}],
    "net_income_cents": 1_950_00,
    "income_typed": {"cents": 1_900_00, "period": "month"},
    "holiday_allowance": "included",
    "taxable_income_cents": 27_000_00,
    "taxable_typed": {"cents": 26_000_00, "period": "year"},
    "partner_takes_part": True,
    "partner_income_cents": 100_00,
    "partner_typed": {"cents": 100_00, "period": "month"},
    "uncertain": ["other_income"],
    "unknown": ["holiday_allowance_unknown"],
    "declared_cents": 60_00,
}


@pytest.mark.parametrize("name", [*OTHER, "taxable_income_unknown"])
def test_changing_any_figure_drops_the_mark_and_names_it(case: Case, mandate: Mandate, name: str) -> None:
    given = give_mark(case, mandate)
    changed = (
        {"taxable_income_cents": None, "taxable_income_unknown": True}
        if name == "taxable_income_unknown"
        else {name: OTHER[name]}
    )
    clock.set_today(date(2026, 11, 25))
    with act_as(citizen_scope(case.citizen)):
        application = save_answers(application=case.application, answers=changed)
        assert figures_hash(application) != given.figures_hash
    mark = latest(case)
    assert mark.dropped_on == date(2026, 11, 25)
    assert mark.dropped_because == sorted(changed)
    with as_worker("test"):
        line = AuditLine.objects.get(action="budget_mark_dropped")
        assert line.details == {"because": sorted(changed)}


def test_every_figure_is_tried_above() -> None:
    assert set(OTHER) | {"taxable_income_unknown"} == set(FIGURES)


@pytest.mark.parametrize(
    "line",
    [
        {"cents": 641_00, "period": "month", "overlap": "no"},
        {"cents": 640_00, "period": "four_weeks", "overlap": "no"},
        {"cents": 640_00, "period": "month", "overlap": "yes"},
        {"unknown": True},
        None,
    ],
)
def test_changing_a_line_of_the_budget_drops_the_mark(
    case: Case, mandate: Mandate, line: dict[str, Any] | None
) -> None:
    give_mark(case, mandate)
    with act_as(citizen_scope(case.citizen)):
        save_budget(application=case.application, lines={"rent": line, "energy": {"cents": 145_00, "period": "month"}})
    assert latest(case).dropped_because == ["budget.rent"]


def test_emptying_the_small_buffer_is_a_change_and_keeping_it_is_none(case: Case, mandate: Mandate) -> None:
    give_mark(case, mandate)
    with act_as(citizen_scope(case.citizen)):
        save_budget(application=case.application, lines={"buffer": {"cents": 25_00, "period": "month"}})
    assert latest(case).dropped_on is None
    with act_as(citizen_scope(case.citizen)):
        save_budget(application=case.application, lines={"buffer": None})
    assert latest(case).dropped_because == ["budget.buffer"]


def test_saving_the_same_again_or_something_that_is_no_figure_keeps_the_mark(case: Case, mandate: Mandate) -> None:
    give_mark(case, mandate)
    fill_in(case)
    fill_in_budget(case, notes={"food": "Ik eet glutenvrij."})
    with act_as(citizen_scope(case.citizen)):
        save_answers(application=case.application, answers={"story": "Mijn werk stopte.", "story_readers": "helper"})
    assert latest(case).dropped_on is None


def test_a_change_that_fails_keeps_the_mark(case: Case, mandate: Mandate) -> None:
    give_mark(case, mandate)
    with act_as(citizen_scope(case.citizen)), pytest.raises(ValueError, match="no such line"):
        save_budget(application=case.application, lines={"rent": None, "sweets": None})
    assert latest(case).dropped_on is None
    with act_as(citizen_scope(case.citizen)):
        assert Application.objects.get().budget["rent"]["cents"] == 640_00


def test_who_wrote_a_line_or_a_sentence_is_kept(case: Case, mandate: Mandate) -> None:
    with act_as(coach_scope(case, mandate)):
        saved = save_budget(
            application=case.application,
            lines={"food": {"cents": 90_00, "period": "week"}, "rent": case.application.budget["rent"]},
            notes={"food": "Ik eet glutenvrij."},
        )
    assert saved.entered_by["budget.food"] == f"coach:{mandate.coach_id}"
    assert saved.entered_by["budget_notes.food"] == f"coach:{mandate.coach_id}"
    assert saved.entered_by["budget.rent"] == "citizen"


def test_the_budget_of_an_application_adds_up(case: Case) -> None:
    with act_as(citizen_scope(case.citizen)):
        found = budget_file(Application.objects.get(), case.citizen)
    assert found.left == LEFT
    assert found.buffer_is_ours
    assert found.double_counts == ()
    assert {code: reference.cents for code, reference in found.references.items()} == {
        "food": 65_45,
        "eigen_risico": 385_00,
    }


def test_what_is_not_known_about_the_household_leaves_no_outcome_and_no_reference(case: Case) -> None:
    for answers in (
        {"situation": ""},
        {"situation": "gehuwd"},
        {"net_income_cents": None},
        {"unknown": ["holiday_allowance_unknown"]},
        {"holiday_allowance": "unknown"},
    ):
        fill_in(case, **answers)
        with act_as(citizen_scope(case.citizen)):
            assert budget_file(Application.objects.get(), case.citizen).left is None, answers
        fill_in(case, unknown=[], holiday_allowance="")
    fill_in(case, situation="alleenstaande_ouder")
    with act_as(citizen_scope(case.citizen)):
        assert "food" not in budget_file(Application.objects.get(), case.citizen).references
    fill_in(case, situation="alleenstaande_ouder", members=[{"role": "child", "birth_year": 2015}])
    with act_as(citizen_scope(case.citizen)):
        found = budget_file(Application.objects.get(), case.citizen)
        assert found.references["food"].cents == 109_06  # (8,50 + 7,08) x 7


def test_a_partners_income_counts_in_the_budget_of_the_household(case: Case) -> None:
    fill_in(case, situation="gehuwd", partner_takes_part=False, partner_income_cents=800_00)
    with act_as(citizen_scope(case.citizen)):
        found = budget_file(Application.objects.get(), case.citizen)
    assert found.left == LEFT + 800_00
    assert found.references["eigen_risico"].cents == 770_00


def test_an_arrangement_beside_the_plan_is_asked_about(case: Case) -> None:
    fill_in_budget(case, other_arrangements={"cents": 40_00, "period": "month"})
    with act_as(citizen_scope(case.citizen)):
        found = budget_file(Application.objects.get(), case.citizen)
    assert [one.value for one in found.double_counts] == ["other_arrangements_ask"]
    assert found.left is None


def test_an_organisation_reads_no_budget_and_no_mark(case: Case, mandate: Mandate) -> None:
    give_mark(case, mandate)
    submitted(case)
    with act_as(creditor_scope(case.creditors[0], case.members[0])):
        assert not Application._base_manager.exists()
        assert not BudgetMark._base_manager.exists()
