"""The shock test of a proposal on the real database: kept once, done over from its row, and for no organisation's eyes."""

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from affordability import shock
from affordability.assumptions import AssumptionsMissing
from affordability.budget import STANDARD_LIST, Group
from arrangements.models import Application, Proposal, StressTest
from arrangements.operations.application import save_budget
from arrangements.operations.assess_application import assess_application
from arrangements.operations.make_proposal import make_draft
from arrangements.operations.run_stress_test import run_stress_test
from arrangements.queries.stress_tests import stress_test_of, term_of
from infra import clock
from infra.models import AuditLine
from infra.scope import act_as, as_worker
from tests.factories.people import citizen_scope, creditor_scope, make_citizen
from tests.factories.plans import Case, fill_in, make_case

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday() -> None:
    clock.set_today(date(2026, 11, 23))


def draft(case: Case) -> Proposal:
    """A draft in the scope of the citizen, which must be open."""
    return make_draft(application=case.application, assessment=assess_application(application=case.application))


def test_the_figures_are_those_of_the_gate_and_a_second_call_keeps_the_first_test() -> None:
    case = make_case(10_000_00, 20_000_00)
    fill_in(case, declared=480_00)
    with act_as(citizen_scope(case.citizen)):
        proposal = draft(case)
        test = run_stress_test(proposal=proposal)
        assert run_stress_test(proposal=proposal) == test
        assert StressTest.objects.count() == 1
        assert stress_test_of(proposal) == test
    with as_worker("test"):
        lines = AuditLine.objects.filter(action="stress_tested", object_id=str(test.pk))
        assert [line.to_state for line in lines] == ["thin"]
    # Net 1.900, capacity 493,58: 1.406,42 is kept, and 13,58 is left beside 480.
    assert (test.inputs["net_income"], test.inputs["need"], test.inputs["highest"]) == (190_000, 140_642, 49_358)
    assert (test.monthly_cents, test.months, test.on_date, test.assumptions_key) == (
        480_00,
        36,
        date(2026, 11, 23),
        "2026-11",
    )
    assert test.outcome["income_may_fall"] == 13_58
    assert test.is_thin
    assert test.suggested_cents == test.outcome["suggested"] == 455_00


def test_the_stored_inputs_give_the_stored_outcome() -> None:
    case = make_case(10_000_00, 20_000_00)
    for declared in (45_00, 480_00, 493_58):
        fill_in(case, declared=declared)
        with act_as(citizen_scope(case.citizen)):
            run_stress_test(proposal=draft(case))
    with act_as(citizen_scope(case.citizen)):
        stored = list(StressTest.objects.all())
    assert len(stored) == 3
    for test in stored:
        assert shock.replay(test.inputs) == test.outcome
        assert test.is_thin == bool(test.outcome["reasons"])


def test_another_amount_is_another_test() -> None:
    case = make_case(10_000_00)
    with act_as(citizen_scope(case.citizen)):
        for declared in (45_00, 45_00, 60_00):
            fill_in(case, declared=declared)
            run_stress_test(proposal=draft(case))
        # Every assessment is a new one; the figures of the first two are the same.
        first, again, other = StressTest.objects.order_by("pk")
    assert first.outcome == again.outcome
    assert first.inputs == again.inputs
    assert other.outcome["income_may_fall"] == first.outcome["income_may_fall"] - 15_00


def test_a_plan_that_pays_everything_sooner_is_tested_for_the_months_it_takes() -> None:
    case = make_case(100_00)
    fill_in(case, declared=45_00)
    with act_as(citizen_scope(case.citizen)):
        proposal = draft(case)
        assert term_of(proposal) == 3
        assert run_stress_test(proposal=proposal).months == 3


def test_known_costs_above_the_floor_are_what_the_household_needs() -> None:
    case = make_case(10_000_00)
    fill_in(case, declared=45_00)
    costs = {line.code: 0 for line in STANDARD_LIST if line.group is not Group.INCOME} | {"childcare": 1_800_00}
    with act_as(citizen_scope(case.citizen)):
        save_budget(
            application=case.application,
            lines={code: {"cents": cents, "period": "month"} for code, cents in costs.items()},
        )
        case.application.refresh_from_db()
        test = run_stress_test(proposal=draft(case))
        assert (test.inputs["costs"], test.inputs["need"]) == (1_800_00, 1_800_00)
        assert test.outcome["income_may_fall"] == 55_00
        save_budget(application=case.application, lines={"pets": None})
        case.application.refresh_from_db()
        assert run_stress_test(proposal=draft(case)).inputs["costs"] == 1_800_00
        save_budget(application=case.application, lines={"energy": {"unknown": True}})
        case.application.refresh_from_db()
        unknown = run_stress_test(proposal=draft(case))
        assert (unknown.inputs["costs"], unknown.inputs["need"]) == (None, 1_406_42)


def test_the_income_of_a_partner_who_does_not_take_part_pays_the_costs_too() -> None:
    case = make_case(10_000_00)
    fill_in(case, declared=45_00, situation="gehuwd", partner_takes_part=False, partner_income_cents=700_00)
    costs = {line.code: 0 for line in STANDARD_LIST if line.group is not Group.INCOME} | {"childcare": 2_500_00}
    with act_as(citizen_scope(case.citizen)):
        save_budget(
            application=case.application,
            lines={code: {"cents": cents, "period": "month"} for code, cents in costs.items()},
        )
        case.application.refresh_from_db()
        test = run_stress_test(proposal=draft(case))
    assert (test.inputs["costs"], test.inputs["need"]) == (1_800_00, 1_800_00)


def test_no_organisation_and_no_other_citizen_reads_it() -> None:
    case = make_case(10_000_00)
    fill_in(case, declared=480_00)
    with act_as(citizen_scope(case.citizen)):
        run_stress_test(proposal=draft(case))
    other = make_citizen()
    for who in (creditor_scope(case.creditors[0], case.members[0]), citizen_scope(other)):
        with act_as(who):
            assert not StressTest.objects.exists()
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM arrangements_stresstest")
                assert cursor.fetchone() == (0,)
    # The wall has something behind it.
    with act_as(citizen_scope(case.citizen)), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM arrangements_stresstest")
        assert cursor.fetchone() == (1,)


def test_it_is_never_changed_and_never_goes_away() -> None:
    case = make_case(10_000_00)
    fill_in(case)
    with act_as(citizen_scope(case.citizen)):
        run_stress_test(proposal=draft(case))
        for sql in ("UPDATE arrangements_stresstest SET is_thin = true", "DELETE FROM arrangements_stresstest"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql)


def test_without_assumptions_for_today_nothing_is_kept() -> None:
    clock.set_today(date(2026, 10, 30))
    case = make_case(10_000_00)
    fill_in(case)
    with act_as(citizen_scope(case.citizen)):
        with pytest.raises(AssumptionsMissing):
            run_stress_test(proposal=draft(case))
        assert not StressTest.objects.exists()
        assert Application.objects.get().closed_at is None
