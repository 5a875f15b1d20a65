"""The gate once more for every running plan when new norms begin. It reports whom they touch, and changes no plan."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db import transaction

from affordability import gate
from affordability.norms import NormRecord, amounts_fingerprint
from affordability.official_figure import still_holds
from affordability.replay import household_from_json
from arrangements.documents.content import long_date
from arrangements.domain.lifecycle import ArrangementState
from arrangements.models import Arrangement, Assessment, CaseTask, NormsRerun, NormsRerunLine
from arrangements.queries.norm_records import norm_records
from infra import audit, clock, jobs
from kernel.cents import spoken_euro
from kernel.working_days import add_working_days

CHUNK: Final = 1000
"""Plans per transaction: what is in memory at once, and what is done over after a crash."""

TASK_WORKING_DAYS: Final = 10
RUNNING: Final = (
    ArrangementState.SIGNED,
    ArrangementState.ACTIVE,
    ArrangementState.PAUSED,
    ArrangementState.SUSPENDED,
)
_PAPERS: Final = {"official_beslagvrije_voet": "official_paper_date", "vtlb": "vtlb_paper_date"}
_WORSE: Final = {gate.Verdict.GREEN: 0, gate.Verdict.AMBER: 1, gate.Verdict.RED: 2}


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict on the monthly amount of a plan, with what is surely and at most possible; None without an income."""

    verdict: gate.Verdict
    sure_cents: int | None


@dataclass(frozen=True, slots=True)
class _Plan:
    arrangement_id: int
    citizen_id: int
    monthly_cents: int
    director_id: int


@dataclass(frozen=True, slots=True)
class _Before:
    """What an assessment found at the time. Without the trace: that is the bulk of the row."""

    citizen_id: int
    inputs: Mapping[str, Any]
    verdict: str
    declared_cents: int
    low_cents: int | None
    high_cents: int | None
    missing: Sequence[str]


@transaction.atomic
def promise_rerun(*, record: NormRecord, on: date) -> bool:
    """Promise the rerun with `record`, once per record. True when it is promised now. Worker only."""
    rerun, made = NormsRerun.objects.get_or_create(
        norms_key=record.key, norms_hash=amounts_fingerprint(record), defaults={"on_date": on}
    )
    if made:
        audit.record("norms_rerun_promised", object_type="norms_rerun", object_id=rerun.pk, to_state="promised")
        jobs.enqueue("rerun_gate", key=f"rerun_gate:{rerun.public_id}", arguments={"rerun": rerun.pk})
    return made


@jobs.job("rerun_gate", chunked=True)
def rerun_gate_job(work: jobs.Work) -> dict[str, Any]:
    """See `rerun_gate`. Killed half-way it goes on after the last plan that was written."""
    with transaction.atomic():
        rerun = NormsRerun.objects.get(pk=work.arguments["rerun"])
        record = next((one for one in norm_records() if amounts_fingerprint(one) == rerun.norms_hash), None)
        left = Arrangement.objects.filter(state__in=RUNNING, pk__gt=rerun.last_arrangement_id).count()
    if record is None:
        # A release put another record in its place; that one has a rerun of its own.
        return {"norms": "replaced"}
    total = rerun.checked + left
    while (rerun := rerun_chunk(rerun_id=rerun.pk, record=record)).finished_at is None:
        work.progress(rerun.checked, total, f"{rerun.checked} plannen bekeken")
    return {"checked": rerun.checked, "touched": rerun.touched}


@transaction.atomic
def rerun_chunk(*, rerun_id: int, record: NormRecord) -> NormsRerun:
    """Put the next plans through the gate, at most `CHUNK`, and write what came out; finished when none were left.

    Set-based: the number of statements does not depend on the number of plans. The mark of how far it is moves in the
    same transaction, so that each plan is written once whatever happens.
    """
    rerun = NormsRerun.objects.select_for_update().get(pk=rerun_id)
    if rerun.finished_at is not None:
        return rerun
    plans = [
        _Plan(*row)
        for row in Arrangement.objects.filter(pk__gt=rerun.last_arrangement_id, state__in=RUNNING)
        .order_by("pk")
        .values_list("pk", "citizen_id", "monthly_cents", "citizen__director_id")[:CHUNK]
    ]
    if not plans:
        _finish(rerun)
        return rerun
    before = _latest_assessments(plans)
    lines = [_line(rerun, plan, before[plan.citizen_id], record) for plan in plans]
    NormsRerunLine.objects.bulk_create(lines)
    directors = {plan.arrangement_id: plan.director_id for plan in plans}
    touched = [line for line in lines if line.touched]
    CaseTask.objects.bulk_create([_task(rerun, line, directors[line.arrangement_id]) for line in touched])
    rerun.checked += len(lines)
    rerun.touched += len(touched)
    rerun.last_arrangement_id = plans[-1].arrangement_id
    rerun.save(update_fields=["checked", "touched", "last_arrangement_id"])
    return rerun


def _finish(rerun: NormsRerun) -> None:
    rerun.finished_at = clock.now()
    rerun.save(update_fields=["finished_at"])
    audit.record(
        "norms_rerun_done",
        object_type="norms_rerun",
        object_id=rerun.pk,
        from_state="promised",
        to_state="done",
        details={"checked": rerun.checked, "touched": rerun.touched},
    )


def _latest_assessments(plans: Iterable[_Plan]) -> dict[int, _Before]:
    """Per citizen the newest assessment: the one behind the proposal, or a later one with newer facts."""
    rows = (
        Assessment.objects.filter(citizen_id__in=[plan.citizen_id for plan in plans])
        .order_by("citizen_id", "-pk")
        .distinct("citizen_id")
        .values_list(
            "citizen_id",
            "inputs",
            "verdict",
            "declared_cents",
            "capacity_low_cents",
            "capacity_high_cents",
            "missing",
        )
    )
    return {row[0]: _Before(*row) for row in rows}


def _line(rerun: NormsRerun, plan: _Plan, before: _Before, record: NormRecord) -> NormsRerunLine:
    old = judged_before(before, plan.monthly_cents)
    new = judged_now(before, plan.monthly_cents, rerun.on_date, record)
    return NormsRerunLine(
        rerun=rerun,
        arrangement_id=plan.arrangement_id,
        citizen_id=plan.citizen_id,
        monthly_cents=plan.monthly_cents,
        old_verdict=old.verdict,
        new_verdict=new.verdict,
        old_capacity_cents=old.sure_cents,
        new_capacity_cents=new.sure_cents,
        touched=is_touched(old, new, plan.monthly_cents),
    )


def judged_before(before: _Before, monthly_cents: int) -> Judged:
    """What the assessment of then says of the monthly amount of the plan, which need not be what was asked then."""
    low, high = before.low_cents, before.high_cents
    if low is None or high is None:
        return Judged(gate.Verdict.AMBER, None)
    never_sure = not gate.bounds_may_be_used(before.missing)
    if monthly_cents == before.declared_cents:
        verdict = gate.Verdict(before.verdict)
    elif monthly_cents > high:
        verdict = gate.Verdict.RED
    elif monthly_cents > low or (never_sure and monthly_cents > 0):
        verdict = gate.Verdict.AMBER
    else:
        verdict = gate.Verdict.GREEN
    return Judged(verdict, 0 if never_sure else low)


def judged_now(before: _Before, monthly_cents: int, on: date, record: NormRecord) -> Judged:
    """What the gate says of the same facts with the norms of `record`."""
    if before.low_cents is None:
        # The income itself was not known; norms do not change that.
        return Judged(gate.Verdict.AMBER, None)
    outcome = gate.assess(household_from_json(inputs_on(before.inputs, on)), monthly_cents, on, records=(record,))
    return Judged(outcome.verdict, outcome.sure_capacity)


def inputs_on(inputs: Mapping[str, Any], on: date) -> dict[str, Any]:
    """The facts of an earlier assessment as they count on the day `on`: a paper that is too old then is left out."""
    found = dict(inputs)
    for figure, paper in _PAPERS.items():
        # Absent in an assessment that was made before the date was kept: then the paper counts as it did.
        if paper in found and not still_holds(date.fromisoformat(found[paper]), on):
            found[figure] = None
    return found


def is_touched(old: Judged, new: Judged, monthly_cents: int) -> bool:
    """Whether the new norms make it worse: no longer surely possible, or a worse verdict than before."""
    was_sure = old.sure_cents is not None and old.sure_cents >= monthly_cents
    is_sure = new.sure_cents is not None and new.sure_cents >= monthly_cents
    return (was_sure and not is_sure) or _WORSE[new.verdict] > _WORSE[old.verdict]


def _task(rerun: NormsRerun, line: NormsRerunLine, director_id: int) -> CaseTask:
    return CaseTask(
        citizen_id=line.citizen_id,
        assigned_to_id=director_id,
        key=f"norms_changed:{rerun.pk}:{line.arrangement_id}",
        kind=CaseTask.Kind.NORMS_CHANGED,
        text=(
            f"De normen van {long_date(date.fromisoformat(rerun.norms_key))} zijn anders. "
            f"{spoken_euro(line.monthly_cents).capitalize()} per maand past niet meer zeker. "
            "Bel en kijk samen naar de cijfers. Aan het plan is niets veranderd."
        ),
        made_on=rerun.on_date,
        due_on=add_working_days(rerun.on_date, TASK_WORKING_DAYS),
    )
