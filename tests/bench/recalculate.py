"""In a process of its own: `make N FROM` sent proposals of fourteen claims, `analyze` them, `recalculate N FROM`.

The proposals are copies of one that the product's own operations made and half of whose creditors answered, so that every
column is as it should be. Then one creditor corrects its balance in all of them.
"""

import json
import sys
import time
from typing import Any

import django

from tests.bench.rerun import FIRST_ID, _copy, _peak_mb, analyze

CLAIMS = 14
# One claim of a fifth of all, a long tail of small ones; made up, and meant to look like people with debts.
AMOUNTS = (
    3_200_00,
    2_100_00,
    1_850_50,
    1_400_00,
    990_00,
    875_25,
    640_00,
    512_34,
    430_00,
    388_00,
    275_00,
    180_10,
    95_00,
    61_11,
)
CORRECTED = 3
ALL_DIGITS = tuple(range(10))


def main() -> None:
    word, size, first = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    django.setup()
    from infra.scope import as_worker

    with as_worker("meting"):
        if word == "make":
            make(size, first)
        elif word == "analyze":
            analyze()
        else:
            print(json.dumps(recalculate(size, first)))


def make(size: int, first: int) -> None:
    """`size` sent proposals, numbered from `first` + 1."""
    from django.db import transaction

    with transaction.atomic():
        _copies(_original(), size, first)


def _original() -> Any:
    """One proposal, of whose creditors half said yes and one no, on the first day of the demo."""
    from arrangements.models import Proposal
    from tests.factories.answers import says_no
    from tests.factories.money import START, at
    from tests.factories.plans import make_case, submitted

    found = Proposal.objects.filter(pk__lt=FIRST_ID, version=1, state="submitted").first()
    if found is not None:
        return found
    at(START)
    case = make_case(*AMOUNTS, preferent={1}, not_dischargeable={5})
    proposal = submitted(case, declared=95_00)
    for number in range(6, CLAIMS - 1):
        case.say_yes(number)
    says_no(case, CLAIMS - 1)
    return proposal


def _copies(proposal: Any, size: int, first: int) -> None:
    from arrangements.models import Answer, ProposalLine

    number = f"{FIRST_ID} + g.n"
    mine = {"id": number, "public_id": "gen_random_uuid()", "citizen_id": number}
    rows: list[tuple[Any, dict[str, str]]] = [
        (proposal.citizen, {"id": number, "public_id": "gen_random_uuid()", "user_id": "NULL"}),
        (proposal.application, mine),
        (proposal.assessment, mine),
        (proposal, {**mine, "application_id": number, "assessment_id": number}),
    ]
    lines = ProposalLine.objects.filter(proposal=proposal).select_related("claim").order_by("position")
    for place, line in enumerate(lines):
        one = f"{FIRST_ID} + g.n * 100 + {place}"
        rows += [
            (line.claim, {**mine, "id": one, "reference": f"'F-' || ({one})::text"}),
            (line, {"id": one, "citizen_id": number, "proposal_id": number, "claim_id": one}),
        ]
    for place, answer in enumerate(Answer.objects.filter(proposal=proposal).order_by("pk")):
        rows.append((answer, {**mine, "id": f"{FIRST_ID} + g.n * 100 + {place}", "proposal_id": number}))
    for row, changed in rows:
        _copy(row, changed, first, first + size, ALL_DIGITS)


def recalculate(size: int, first: int) -> dict[str, Any]:
    """One creditor corrects its balance in every copy, and the job makes the new versions. Times, memory, counters."""
    from django.db import connection, transaction
    from django.db.models import F

    from arrangements.models import Answer, Claim, Proposal
    from arrangements.operations import recalculate_proposals
    from infra import jobs
    from infra.models import Job

    numbers = range(FIRST_ID + first + 1, FIRST_ID + first + size + 1)
    with transaction.atomic():
        corrected = [FIRST_ID + (pk - FIRST_ID) * 100 + CORRECTED for pk in numbers]
        Claim.objects.filter(pk__in=corrected).update(confirmed_cents=F("confirmed_cents") + 123_45)
        promised = recalculate_proposals.promise_recalculation(claim_ids=corrected)
        job = Job.objects.filter(kind="recalculate_proposals").order_by("-created_at")[0]
    if promised != size:
        raise SystemExit(f"{promised} proposals were promised, not {size}")
    statements = 0

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal statements
        statements += 1
        return execute(sql, params, many, context)

    before = _peak_mb()
    start = time.perf_counter()
    with connection.execute_wrapper(count):
        done = jobs.run(job.pk)
    seconds = time.perf_counter() - start
    after = _peak_mb()
    kernel = _kernel_alone(size)
    with transaction.atomic():
        new = Proposal.objects.filter(replaces__pk__in=numbers)
        kept = Answer.objects.filter(proposal__in=new, state="accepted").count()
        if not done or new.count() != size:
            raise SystemExit(f"the recalculation is not whole: {new.count()} new versions of {size}")
    chunks = -(-size // recalculate_proposals.CHUNK)
    return {
        "proposals": size,
        "claims": CLAIMS,
        "chunk": recalculate_proposals.CHUNK,
        "seconds": round(seconds, 2),
        "seconds_per_1000": round(seconds / size * 1000, 3),
        "kernel_seconds": round(kernel, 3),
        "statements_per_chunk": round(statements / chunks, 1),
        "yes_kept": kept,
        "memory_before_mb": before,
        "peak_mb": after,
    }


def _kernel_alone(size: int) -> float:
    """Seconds of the pure core for as many proposals: the plan and the hash of what it promises, and no database."""
    from arrangements.domain.claim import PlanClaim
    from arrangements.domain.proposal import compute_plan, content_hash

    claims = [
        PlanClaim(key=str(FIRST_ID + place), outstanding=cents, preferent=place == 1, dischargeable=place != 5)
        for place, cents in enumerate(AMOUNTS)
    ]
    start = time.perf_counter()
    for _ in range(size):
        content_hash(compute_plan(95_00, 36, claims))
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
