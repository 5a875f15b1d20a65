"""The gate once more for another monthly amount, from the newest facts we have; before a plan asks more than it did."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from affordability import gate
from affordability.norms import NormRecord, NormsMissing, as_json
from affordability.replay import household_from_json
from arrangements.models import Application, Assessment
from arrangements.operations.assess_application import norms_on
from arrangements.operations.rerun_gate import inputs_on
from arrangements.queries.household import committed_cents
from infra import audit, clock


@dataclass(frozen=True, slots=True)
class _Judged:
    record: NormRecord
    inputs: dict[str, Any]
    outcome: gate.Assessment


def _judge(citizen_id: int, monthly_cents: int, today: date) -> _Judged | None:
    """None when it cannot be said: no assessment, no income known, or no norms for today."""
    newest = Assessment.objects.filter(citizen_id=citizen_id).order_by("-pk").first()
    if newest is None or newest.capacity_low_cents is None:
        return None
    try:
        record = norms_on(today)
    except NormsMissing:
        return None
    inputs = inputs_on(newest.inputs, today)
    # It is no assessment of that application: what somebody reported keeps the answer it got.
    inputs["again_of"] = inputs.pop("application", str(newest.public_id))
    return _Judged(record, inputs, gate.assess_with(household_from_json(inputs), monthly_cents, record))


def sure_cents_today(citizen_id: int) -> int | None:
    """The most that is surely possible by the newest facts and the norms of today, in cents per month; None: not known.

    What a partner promised since is taken off. Nothing is written. Scope: the citizen's or the worker's.
    """
    found = _judge(citizen_id, 0, clock.today())
    if found is None:
        return None
    promised_since = committed_cents(citizen_id) - int(found.inputs.get("committed", 0))
    return max(0, _row(citizen_id, 0, found).sure_cents - max(0, promised_since))


def _row(citizen_id: int, monthly_cents: int, found: _Judged) -> Assessment:
    outcome = found.outcome
    return Assessment(
        citizen_id=citizen_id,
        on_date=clock.today(),
        purpose=Application.Purpose.CHANGE,
        inputs=found.inputs,
        norms_key=found.record.key,
        norms=as_json(found.record),
        rules=gate.RULES,
        uses_example_norms=found.record.example,
        declared_cents=monthly_cents,
        verdict=Assessment.Verdict(outcome.verdict.value),
        missing=list(outcome.missing),
        capacity_low_cents=outcome.capacity_low,
        capacity_high_cents=outcome.capacity_high,
        floor_low_cents=outcome.floor_low,
        floor_high_cents=outcome.floor_high,
        trace=outcome.trace_as_json,
    )


@transaction.atomic
def assess_again(*, citizen_id: int, monthly_cents: int) -> Assessment | None:
    """Assess `monthly_cents` by the newest facts and the norms of today, and keep it; None when it cannot be said.

    Scope: the citizen's or the worker's.
    """
    found = _judge(citizen_id, monthly_cents, clock.today())
    if found is None:
        return None
    stored = _row(citizen_id, monthly_cents, found)
    stored.save(force_insert=True)
    audit.record(
        "assessed_again",
        object_type="assessment",
        object_id=stored.pk,
        to_state=stored.verdict,
        citizen_id=citizen_id,
    )
    return stored
