"""Paying on: what every creditor has to get goes out once a month, in one file per creditor."""

from collections import defaultdict
from datetime import date, timedelta
from hashlib import sha256

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from arrangements.documents.content import money
from arrangements.domain import postings
from arrangements.domain.lifecycle import ArrangementState
from arrangements.domain.postings import Part
from arrangements.models import Arrangement, ArrangementLine, Claim, PayoutBatch, PayoutFile, PayoutLine
from arrangements.operations.post_entries import post_entries
from arrangements.operations.tell import tell_creditor
from arrangements.payments import demobank
from arrangements.payments.pain001 import Party, Transfer, build_file
from creditors.models import Creditor
from infra import audit, jobs
from kernel.working_days import is_working_day

PAYOUT_DAY = 5
"""Of the month; the first working day on or after it."""
_LOCK = 0x5061794F
FINISHED = (ArrangementState.FULFILLED, ArrangementState.WAIVED, ArrangementState.TERMINATED)


def payout_date(day: date) -> date:
    """The day of the monthly run in the month of `day`: the first working day on or after the fifth."""
    found = day.replace(day=PAYOUT_DAY)
    while not is_working_day(found):
        found += timedelta(days=1)
    return found


@jobs.job("pay_out", chunked=True)
def pay_out_job(work: jobs.Work) -> dict[str, int]:
    """See `pay_out`. Goes on where it stopped: every creditor is a transaction of its own."""
    made = pay_out(
        run_date=date.fromisoformat(work.arguments["run_date"]),
        only_finished=bool(work.arguments.get("only_finished", False)),
    )
    return {"batches": len(made), "total_cents": sum(batch.total_cents for batch in made)}


def pay_out(*, run_date: date, only_finished: bool = False) -> list[PayoutBatch]:
    """One batch for every creditor with a balance, once per run date. Worker only.

    `only_finished`: only money of arrangements that have ended, so that nobody waits a month for the last cents.
    """
    with transaction.atomic():
        creditors = sorted({creditor for creditor, _claim, _arrangement in payable(only_finished=only_finished)})
    batches = [_pay_creditor(creditor, run_date, only_finished=only_finished) for creditor in creditors]
    return [batch for batch in batches if batch is not None]


def payable(*, creditor_id: int | None = None, only_finished: bool = False) -> dict[tuple[int, int, int], int]:
    """What is waiting to be paid on, in cents, by (creditor, claim, arrangement). Worker only.

    From the lines, which `check_books` proves to be account 2100 of the ledger: a sum over all months would get slower every
    month.
    """
    rows = ArrangementLine.objects.filter(paid_cents__gt=F("remitted_cents"))
    if creditor_id is not None:
        rows = rows.filter(creditor_id=creditor_id)
    if only_finished:
        rows = rows.filter(arrangement__state__in=FINISHED)
    found = rows.order_by("creditor_id", "claim_id").values_list(
        "creditor_id", "claim_id", "arrangement_id", F("paid_cents") - F("remitted_cents")
    )
    return {(creditor, claim, arrangement): waiting for creditor, claim, arrangement, waiting in found}


@transaction.atomic
def _pay_creditor(creditor_id: int, run_date: date, *, only_finished: bool) -> PayoutBatch | None:
    with connection.cursor() as cursor:
        # Two runs at once would both see the same balance; the second waits here and then sees none.
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, creditor_id])
    if PayoutBatch.objects.filter(creditor_id=creditor_id, run_date=run_date).exists():
        return None
    balances = payable(creditor_id=creditor_id, only_finished=only_finished)
    creditor = Creditor.objects.get(pk=creditor_id)
    if not balances or not creditor.iban:
        return None
    claims = Claim.objects.in_bulk([claim for _creditor, claim, _arrangement in balances])
    arrangements = Arrangement.objects.in_bulk([arrangement for _creditor, _claim, arrangement in balances])
    number = f"EP{run_date:%Y%m%d}-{creditor_id}"
    lines = [
        PayoutLine(
            creditor=creditor,
            claim=claims[claim],
            arrangement=arrangements[arrangement],
            amount_cents=amount,
            reference=claims[claim].reference
            or claims[claim].customer_number
            or arrangements[arrangement].payment_reference,
            end_to_end_id=f"EP{run_date:%Y%m%d}C{claim}",
        )
        for (_creditor, claim, arrangement), amount in balances.items()
    ]
    content = file_of(number=number, run_date=run_date, creditor_name=creditor.name, iban=creditor.iban, lines=lines)
    total = sum(line.amount_cents for line in lines)
    file = PayoutFile.objects.create(
        message_id=number,
        content=content,
        sha256=sha256(content).hexdigest(),
        total_cents=total,
        line_count=len(lines),
        state=PayoutFile.State.SUBMITTED,
        made_on=run_date,
        submitted_on=run_date,
    )
    batch = PayoutBatch.objects.create(
        file=file,
        creditor=creditor,
        run_date=run_date,
        number=number,
        total_cents=total,
        line_count=len(lines),
        iban=creditor.iban,
        state=PayoutBatch.State.SUBMITTED,
    )
    for line in lines:
        line.batch = batch
    PayoutLine.objects.bulk_create(lines)
    rows = {row.claim_id: row for row in ArrangementLine.objects.select_for_update().filter(claim_id__in=list(claims))}
    for line in lines:
        rows[line.claim_id].remitted_cents += line.amount_cents
    ArrangementLine.objects.bulk_update(rows.values(), ["remitted_cents"])
    by_arrangement: dict[int, list[Part]] = defaultdict(list)
    for line in lines:
        by_arrangement[line.arrangement_id].append(Part(line.claim_id, creditor_id, line.amount_cents))
    post_entries(
        postings.remittance_submitted(f"payout:{number}:{arrangement}", parts=parts, arrangement=arrangement)
        for arrangement, parts in by_arrangement.items()
    )
    audit.record(
        "payout_submitted",
        object_type="payout",
        object_id=batch.pk,
        to_state=batch.state,
        creditor_id=creditor_id,
        details={"total_cents": batch.total_cents, "lines": batch.line_count},
    )
    tell_creditor(
        creditor,
        key=f"payout:{batch.pk}",
        kind="payout",
        subject="Wij maken geld aan u over",
        body=(
            f"Wij maken {money(batch.total_cents)} aan u over. Dat zijn {batch.line_count} regels.\n"
            f"Het nummer is {number}. De regels staan voor u klaar onder Doorbetalingen."
        ),
    )
    return batch


def file_of(*, number: str, run_date: date, creditor_name: str, iban: str, lines: list[PayoutLine]) -> bytes:
    """The pain.001 file of these lines, from the account of the foundation."""
    return build_file(
        number=number,
        run_date=run_date,
        debtor=Party(settings.ACCOUNT_HOLDER_NAME, settings.ACCOUNT_HOLDER_IBAN),
        creditor=Party(creditor_name, iban),
        transfers=[Transfer(line.end_to_end_id, line.amount_cents, line.reference) for line in lines],
    )


def book_payouts(*, today: date) -> list[PayoutBatch]:
    """The demo bank books what was handed in before today. Elsewhere the bank statement does this. Worker only."""
    if not demobank.allowed():
        return []
    with transaction.atomic():
        waiting = list(
            PayoutBatch.objects.filter(state=PayoutBatch.State.SUBMITTED, run_date__lt=today).values_list(
                "pk", flat=True
            )
        )
    return [_book(batch_id, today) for batch_id in waiting]


@transaction.atomic
def _book(batch_id: int, today: date) -> PayoutBatch:
    batch = PayoutBatch.objects.select_for_update(of=("self",)).get(pk=batch_id)
    if batch.state == PayoutBatch.State.SUBMITTED:
        post_entries([postings.remittance_booked(f"payout:{batch.number}:booked", amount=batch.total_cents)])
        before, batch.state = batch.state, PayoutBatch.State.BOOKED
        batch.booked_on = today
        batch.save(update_fields=["state", "booked_on"])
        audit.record(
            "payout_booked",
            object_type="payout",
            object_id=batch.pk,
            from_state=before,
            to_state=batch.state,
            creditor_id=batch.creditor_id,
        )
    return batch


def payouts_due(*, today: date) -> None:
    """Promise the runs that are due: the monthly one, and one for money of ended arrangements. Worker only."""
    monthly = payout_date(today)
    with transaction.atomic():
        if today >= monthly:
            jobs.enqueue("pay_out", key=f"pay_out:{monthly.isoformat()}", arguments={"run_date": monthly.isoformat()})
        if today != monthly and payable(only_finished=True):
            jobs.enqueue(
                "pay_out",
                key=f"pay_out:{today.isoformat()}:finished",
                arguments={"run_date": today.isoformat(), "only_finished": True},
            )
