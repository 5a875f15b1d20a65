"""In a process of its own: `make N ROUND` running plans in set-based SQL, `analyze` them, `rerun N ROUND` the gate for all.

The plans are copies of three that the product's own operations made, so that every column is as it should be: one with
room, one at its limit (the new norms touch it), and one whose taxable income is not known.
"""

import json
import resource
import statistics
import sys
import time
from typing import Any

import django

# Which of the three a plan is a copy of, by the last digit of its number.
SHAPES = ("roomy", *["roomy"] * 6, "unknown", "unknown", "tight")
FIRST_ID = 1_000_000_000
# A record of its own per round: a rerun is made once per record.
RECORDS = ("2027-01-01", "2027-07-01")


def main() -> None:
    word, size, round_number = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    django.setup()
    from infra.scope import as_worker

    with as_worker("meting"):
        if word == "make":
            make(size)
        elif word == "analyze":
            analyze()
        else:
            print(json.dumps(rerun(RECORDS[round_number])))


def make(size: int) -> None:
    """As many running plans as `size`, counting those that are there."""
    from django.db import transaction

    from arrangements.models import Arrangement

    with transaction.atomic():
        there = Arrangement.objects.filter(pk__gte=FIRST_ID).count()
        originals = {shape: _original(shape) for shape in set(SHAPES)} if not there else _found()
        for shape, original in originals.items():
            digits = tuple(digit for digit, name in enumerate(SHAPES) if name == shape)
            _copy_plan(original, there, size, digits)


def analyze() -> None:
    """The statistics by which the database plans its queries. Owner only."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _original(shape: str) -> Any:
    """A plan made by the operations, on the first day of the demo."""
    from tests.factories.money import START, activate, at
    from tests.factories.plans import agreed, make_case

    at(START)
    case = make_case(30_000_00)
    answers: dict[str, dict[str, Any]] = {
        "roomy": {"declared": 45_00},
        "tight": {"declared": 493_58},
        "unknown": {"declared": 45_00, "taxable_income_cents": None, "taxable_income_unknown": True},
    }
    agreed(case, **answers[shape])
    return activate(case.sign())


def _found() -> dict[str, Any]:
    from arrangements.models import Arrangement

    originals = Arrangement.objects.filter(pk__lt=FIRST_ID).order_by("-pk")[: len(set(SHAPES))]
    names = {493_58: "tight"}
    found = {}
    for one in originals.select_related("proposal__assessment"):
        known = one.proposal.assessment.inputs["taxable_income"] is not None
        found[names.get(one.monthly_cents, "roomy" if known else "unknown")] = one
    return found


def _copy_plan(original: Any, there: int, size: int, digits: tuple[int, ...]) -> None:
    """Citizen, application, assessment, proposal and arrangement of `original`, numbered `there` + 1 up to `size`."""
    proposal = original.proposal
    number = f"{FIRST_ID} + g.n"
    mine = {"id": number, "public_id": "gen_random_uuid()", "citizen_id": number}
    rows: list[tuple[Any, dict[str, str]]] = [
        (original.citizen, {"id": number, "public_id": "gen_random_uuid()", "user_id": "NULL"}),
        (proposal.application, mine),
        (proposal.assessment, mine),
        (proposal, {**mine, "application_id": number, "assessment_id": number}),
        (original, {**mine, "proposal_id": number, "payment_reference": "lpad((g.n)::text, 16, '0')"}),
    ]
    for row, changed in rows:
        _copy(row, changed, there, size, digits)


def _copy(row: Any, changed: dict[str, str], there: int, size: int, digits: tuple[int, ...]) -> None:
    from django.db import connection

    table = row._meta.db_table
    columns = [field.column for field in row._meta.concrete_fields]
    values = [changed.get(column, f't."{column}"') for column in columns]
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT {', '.join(values)} FROM {table} t, "
            "generate_series(%s::bigint, %s::bigint) AS g(n) WHERE t.id = %s AND g.n %% 10 = ANY(%s)",
            [there + 1, size, row.pk, list(digits)],
        )


def rerun(norms_key: str) -> dict[str, Any]:
    """Put every running plan through the gate, as the job does. Gives times, memory and counters."""
    from datetime import date

    from django.db import connection, transaction

    from arrangements.models import NormsRerun, NormsRerunLine
    from arrangements.operations import rerun_gate
    from arrangements.queries.norm_records import norm_records
    from infra import jobs
    from infra.models import Job

    record = next(one for one in norm_records() if one.key == norms_key)
    on = date.fromisoformat(norms_key)
    with transaction.atomic():
        rerun_gate.promise_rerun(record=record, on=on)
        promised = NormsRerun.objects.get(norms_key=norms_key)
        job = Job.objects.get(key=f"rerun_gate:{promised.public_id}")
    statements = 0

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal statements
        statements += 1
        return execute(sql, params, many, context)

    per_chunk: list[float] = []
    real = rerun_gate.rerun_chunk

    def timed(**arguments: Any) -> NormsRerun:
        began = time.perf_counter()
        row = real(**arguments)
        per_chunk.append(time.perf_counter() - began)
        return row

    before = _peak_mb()
    rerun_gate.rerun_chunk = timed
    start = time.perf_counter()
    with connection.execute_wrapper(count):
        done = jobs.run(job.pk)
    seconds = time.perf_counter() - start
    after = _peak_mb()
    row = NormsRerun.objects.get(pk=promised.pk)
    lines = NormsRerunLine.objects.filter(rerun=row).count()
    if not done or row.finished_at is None or lines != row.checked:
        raise SystemExit(f"the rerun is not whole: {row.checked} checked, {lines} lines")
    chunks = -(-row.checked // rerun_gate.CHUNK)
    whole_chunks = per_chunk[: row.checked // rerun_gate.CHUNK]
    return {
        "plans": row.checked,
        "touched": row.touched,
        "chunk": rerun_gate.CHUNK,
        "seconds": round(seconds, 2),
        "seconds_per_1000": round(seconds / row.checked * 1000, 3),
        "median_chunk_seconds": round(statistics.median(whole_chunks), 4),
        "gate_seconds": round(_gate_alone(record, on) * row.checked, 2),
        "statements_per_chunk": round(statements / chunks, 1),
        "memory_before_mb": before,
        "peak_mb": after,
    }


def _gate_alone(record: Any, on: Any) -> float:
    """Seconds of the gate for one plan, without the database: the mean over the mix of plans."""
    from affordability import gate
    from affordability.replay import household_from_json
    from arrangements.models import Arrangement

    plans = [
        (household_from_json(inputs), monthly)
        for inputs, monthly in Arrangement.objects.filter(pk__gte=FIRST_ID)
        .order_by("pk")
        .values_list("proposal__assessment__inputs", "monthly_cents")[:1000]
    ]
    times = []
    for _ in range(5):
        start = time.perf_counter()
        for household, monthly in plans:
            gate.assess(household, monthly, on, records=(record,))
        times.append((time.perf_counter() - start) / len(plans))
    return min(times)


def _peak_mb() -> float:
    """The most memory this process has had so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Kilobytes, but bytes on macOS.
    return round(peak / (1024 if sys.platform != "darwin" else 1024 * 1024), 1)


if __name__ == "__main__":
    main()
