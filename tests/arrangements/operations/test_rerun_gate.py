"""The gate once more when new norms begin: it reports whom they touch, once each, and changes no plan."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from affordability import gate
from affordability.norms import NormRecord, official_records
from affordability.replay import household_from_json
from arrangements.models import (
    Application,
    Arrangement,
    ArrangementLine,
    Assessment,
    CaseTask,
    Installment,
    NormsRerun,
    NormsRerunLine,
    Proposal,
)
from arrangements.operations import rerun_gate
from arrangements.operations.rerun_gate import promise_rerun, rerun_chunk
from arrangements.operations.use_new_norms import rerun_for_new_norms
from arrangements.queries.norm_records import norm_records
from infra import jobs
from infra.models import Job
from infra.scope import as_worker
from tests.factories.money import START, activate, at
from tests.factories.plans import agreed, make_case

pytestmark = pytest.mark.django_db

NEW_DAY = date(2027, 1, 1)
EVERYTHING_OF_A_PLAN: tuple[type[Model], ...] = (
    Arrangement,
    ArrangementLine,
    Installment,
    Proposal,
    Assessment,
    Application,
)


def plan(declared: int = 45_00, **answers: object) -> Arrangement:
    """Running since November 2026; capacity then 493,58 unless `answers` say otherwise."""
    case = make_case(30_000_00)
    agreed(case, declared=declared, **answers)
    return activate(case.sign())


def later_assessment(arrangement: Arrangement, **changed: Any) -> None:
    """Another assessment of the same citizen, made after the plan began."""
    with as_worker("test"):
        row = Assessment.objects.filter(citizen_id=arrangement.citizen_id).latest("pk")
        row.pk = None
        row.public_id = Assessment().public_id
        for name, value in changed.items():
            setattr(row, name, value)
        row.save(force_insert=True)


def new_norms() -> NormRecord:
    return next(record for record in norm_records() if record.starts == NEW_DAY)


def rerun() -> NormsRerun:
    at(NEW_DAY)
    with as_worker("test"):
        rerun_for_new_norms(today=NEW_DAY)
    jobs.run_all()
    with as_worker("test"):
        return NormsRerun.objects.get(norms_key="2027-01-01")


def line_of(arrangement: Arrangement) -> NormsRerunLine:
    with as_worker("test"):
        return NormsRerunLine.objects.get(arrangement=arrangement, rerun__norms_key="2027-01-01")


def tasks() -> list[CaseTask]:
    with as_worker("test"):
        return list(CaseTask.objects.filter(kind=CaseTask.Kind.NORMS_CHANGED).order_by("pk"))


def rows_of(models: Sequence[type[Model]]) -> list[list[dict[str, Any]]]:
    with as_worker("test"):
        return [list(model._base_manager.order_by("pk").values()) for model in models]


def test_a_plan_that_no_longer_surely_fits_is_reported_to_its_director() -> None:
    at(START)
    roomy, tight = plan(45_00), plan(493_58)
    done = rerun()
    assert (done.checked, done.touched, done.on_date) == (2, 1, NEW_DAY)
    assert done.finished_at is not None
    line = line_of(tight)
    with as_worker("test"):
        inputs = Assessment.objects.get(citizen_id=tight.citizen_id).inputs
    expected = gate.assess(household_from_json(inputs), 493_58, NEW_DAY, records=(new_norms(),))
    assert expected.verdict is gate.Verdict.RED
    assert (line.old_verdict, line.new_verdict, line.touched) == ("green", "red", True)
    assert (line.old_capacity_cents, line.new_capacity_cents) == (493_58, expected.capacity_low)
    assert expected.capacity_low < 493_58
    assert not line_of(roomy).touched
    assert (line_of(roomy).old_verdict, line_of(roomy).new_verdict) == ("green", "green")
    (task,) = tasks()
    assert task.citizen_id == tight.citizen_id
    assert task.due_on == date(2027, 1, 15)
    assert task.text == (
        "De normen van 1 januari 2027 zijn anders. 493 euro en 58 cent per maand past niet meer zeker. "
        "Bel en kijk samen naar de cijfers. Aan het plan is niets veranderd."
    )


def test_nothing_about_any_plan_changes() -> None:
    at(START)
    plan(493_58)
    plan(45_00)
    before = rows_of(EVERYTHING_OF_A_PLAN)
    assert rerun().touched == 1
    assert rows_of(EVERYTHING_OF_A_PLAN) == before


def test_the_amount_of_the_plan_is_judged_not_what_was_asked_last() -> None:
    at(START)
    arrangement = plan(493_58)
    later_assessment(arrangement, declared_cents=10_00, purpose="change")
    rerun()
    line = line_of(arrangement)
    assert (line.monthly_cents, line.old_verdict, line.new_verdict) == (493_58, "green", "red")


def test_newer_facts_go_before_those_of_the_proposal() -> None:
    at(START)
    arrangement = plan(100_00)
    facts: dict[str, Any] = {
        "inputs": {"situation": "alleenstaand", "net_income": 1_500_00, "taxable_income": 18_000_00},
        "capacity_low_cents": 151_51,
        "capacity_high_cents": 151_51,
        "floor_low_cents": 1_348_49,
        "floor_high_cents": 1_348_49,
        "declared_cents": 100_00,
        "purpose": "change",
    }
    later_assessment(arrangement, **facts)
    rerun()
    line = line_of(arrangement)
    assert (line.old_capacity_cents, line.new_capacity_cents) == (151_51, 138_03)
    assert (line.new_verdict, line.touched) == ("green", False)


def test_a_plan_that_already_did_not_fit_is_not_blamed_on_the_norms() -> None:
    at(START)
    arrangement = plan(300_00)
    later_assessment(
        arrangement,
        inputs={"situation": "alleenstaand", "net_income": 1_500_00, "taxable_income": 18_000_00},
        capacity_low_cents=151_51,
        capacity_high_cents=151_51,
        floor_low_cents=1_348_49,
        floor_high_cents=1_348_49,
        declared_cents=50_00,
        purpose="change",
    )
    rerun()
    line = line_of(arrangement)
    assert (line.old_verdict, line.new_verdict, line.touched) == ("red", "red", False)


def test_a_figure_only_an_official_paper_can_give_stays_unsure() -> None:
    at(START)
    arrangement = plan(45_00)
    later_assessment(
        arrangement,
        inputs={
            "situation": "alleenstaand",
            "net_income": 1_900_00,
            "taxable_income": None,
            "uncertain": ["company_car"],
        },
        verdict="amber",
        missing=["official_beslagvrije_voet"],
        capacity_low_cents=95_00,
        capacity_high_cents=551_52,
        floor_low_cents=1_348_48,
        floor_high_cents=1_805_00,
        declared_cents=20_00,
        purpose="change",
    )
    rerun()
    line = line_of(arrangement)
    assert (line.old_verdict, line.new_verdict, line.touched) == ("amber", "amber", False)
    assert (line.old_capacity_cents, line.new_capacity_cents) == (0, 0)


def test_an_assessment_without_an_income_is_counted_and_reported_without_figures() -> None:
    at(START)
    arrangement = plan(45_00)
    later_assessment(
        arrangement,
        inputs={"situation": "alleenstaand", "net_income": None, "taxable_income": None},
        verdict="amber",
        missing=["net_income"],
        capacity_low_cents=None,
        capacity_high_cents=None,
        floor_low_cents=None,
        floor_high_cents=None,
        purpose="change",
    )
    done = rerun()
    line = line_of(arrangement)
    assert (done.checked, done.touched) == (1, 0)
    assert (line.old_verdict, line.new_verdict) == ("amber", "amber")
    assert (line.old_capacity_cents, line.new_capacity_cents) == (None, None)


def test_facts_of_later_years_may_be_absent_from_an_old_assessment() -> None:
    at(START)
    arrangement = plan(45_00)
    with as_worker("test"):
        stored = Assessment.objects.get(citizen_id=arrangement.citizen_id).inputs
    bare = {name: stored[name] for name in ("situation", "net_income", "taxable_income")}
    assert household_from_json(bare) == household_from_json(stored)
    assert household_from_json({**bare, "application": "x", "something_else": 1}) == household_from_json(stored)


def test_only_running_plans_are_looked_at() -> None:
    at(START)
    stopped, paused, signed = plan(), plan(), make_case(30_000_00)
    agreed(signed)
    signed.sign()
    with as_worker("test"):
        Arrangement.objects.filter(pk=stopped.pk).update(
            state="terminated",
            terminated_on=START,
            termination_ground="verhuisd",
            terminated_by=stopped.signed_by_id,
        )
        Arrangement.objects.filter(pk=paused.pk).update(state="paused", paused_until=START)
    assert rerun().checked == 2
    with as_worker("test"):
        assert not NormsRerunLine.objects.filter(arrangement=stopped).exists()


def test_a_record_is_run_once_however_often_the_day_comes_by() -> None:
    at(START)
    plan(493_58)
    rerun()
    rerun()
    with as_worker("test"):
        assert NormsRerun.objects.count() == 1
        assert not promise_rerun(record=new_norms(), on=NEW_DAY)
        assert Job.objects.filter(kind="rerun_gate").count() == 1
    assert len(tasks()) == 1


def test_killed_half_way_it_goes_on_where_it_was_and_does_each_plan_once(monkeypatch: pytest.MonkeyPatch) -> None:
    at(START)
    plans = [plan(493_58) for _ in range(5)]
    monkeypatch.setattr(rerun_gate, "CHUNK", 2)
    real, calls = rerun_gate.rerun_chunk, 0

    def dies_in_the_second(**arguments: Any) -> NormsRerun:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise KeyboardInterrupt
        return real(**arguments)

    at(NEW_DAY)
    with as_worker("test"):
        rerun_for_new_norms(today=NEW_DAY)
        job = Job.objects.get(kind="rerun_gate")
    monkeypatch.setattr(rerun_gate, "rerun_chunk", dies_in_the_second)
    with pytest.raises(KeyboardInterrupt):
        jobs.run(job.pk)
    with as_worker("test"):
        half = NormsRerun.objects.get()
        assert (half.checked, half.touched, half.finished_at) == (2, 2, None)
        assert half.last_arrangement_id == plans[1].pk
    assert len(tasks()) == 2
    monkeypatch.setattr(rerun_gate, "rerun_chunk", real)
    jobs.run_all()
    with as_worker("test"):
        whole = NormsRerun.objects.get()
        lines = list(NormsRerunLine.objects.order_by("pk").values_list("arrangement_id", flat=True))
        job.refresh_from_db()
    assert (whole.checked, whole.touched) == (5, 5)
    assert whole.finished_at is not None
    assert lines == [one.pk for one in plans]
    assert len({task.citizen_id for task in tasks()}) == len(tasks()) == 5
    assert (job.state, job.result) == (Job.State.DONE, {"checked": 5, "touched": 5})
    assert (job.progress_done, job.progress_total) == (5, 5)


def test_a_chunk_that_fails_in_the_middle_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    at(START)
    plan(493_58)
    at(NEW_DAY)
    with as_worker("test"):
        promise_rerun(record=new_norms(), on=NEW_DAY)
        row = NormsRerun.objects.get()
        monkeypatch.setattr(rerun_gate, "_task", lambda *_arguments: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            rerun_chunk(rerun_id=row.pk, record=new_norms())
        assert not NormsRerunLine.objects.exists()
        row.refresh_from_db()
        assert (row.checked, row.last_arrangement_id) == (0, 0)


def test_a_record_that_was_replaced_before_its_rerun_is_left_to_the_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    at(START)
    plan(493_58)
    at(NEW_DAY)
    with as_worker("test"):
        promise_rerun(record=official_records()[0], on=NEW_DAY)
        job = Job.objects.get(kind="rerun_gate")
    monkeypatch.setattr(rerun_gate, "norm_records", lambda: (new_norms(),))
    assert jobs.run(job.pk)
    with as_worker("test"):
        job.refresh_from_db()
        assert job.result == {"norms": "replaced"}
        assert NormsRerun.objects.get().finished_at is None
        assert not NormsRerunLine.objects.exists()


def test_a_chunk_takes_as_many_statements_for_one_plan_as_for_many() -> None:
    def statements() -> int:
        with as_worker("test"):
            row = NormsRerun.objects.create(
                norms_key="2027-01-01", norms_hash=str(NormsRerun.objects.count()), on_date=NEW_DAY
            )
            with CaptureQueriesContext(connection) as seen:
                rerun_chunk(rerun_id=row.pk, record=new_norms())
        return len(seen)

    at(START)
    plan(493_58)
    one = statements()
    for _ in range(4):
        plan(493_58)
    assert statements() == one <= 12
