"""Approved refunds go out: through the provider the money came by, or in a file of their own for the bank."""

import logging
from datetime import date
from hashlib import sha256

from django.conf import settings
from django.db import transaction

from arrangements.domain.refund import CannotRefund
from arrangements.models import BankLine, CaseTask, PayoutFile, Refund
from arrangements.models.payout import pack
from arrangements.operations.ask_refund import call_key, check_still_there, lock_refund, was_called
from arrangements.operations.call_provider import PersonMustLook, refund_at_provider
from arrangements.operations.move_refund import move_refund
from arrangements.operations.settle_refund import PAGE, book_failed, book_paid
from arrangements.operations.tasks_for_director import make_task
from arrangements.operations.tell_desk import tell_desk
from arrangements.payments.pain001 import Party, Transfer, build_file
from arrangements.payments.provider import (
    CallFailed,
    NotOffered,
    OrderRefused,
    OutcomeUnknown,
    RemittanceChannel,
)
from arrangements.payments.registry import remittance_channel
from arrangements.queries.remittance import books_allow
from infra import clock, jobs
from kernel.working_days import is_working_day

log = logging.getLogger(__name__)


class StillUnknown(Exception):
    """The provider or the bank did not answer. The job comes again and asks with the same key."""


# --- through the provider ----------------------------------------------------------------------------------------


@jobs.job("refund_by_provider", chunked=True)
def refund_by_provider(work: jobs.Work) -> dict[str, str]:
    """One refund, back the way the money came. The call is kept before it is made, so a killed worker repeats the same."""
    return {"state": send_by_provider(work.arguments["refund"])}


def send_by_provider(refund_id: int) -> str:
    """Call the provider for one approved refund, outside any lock. Gives the state of the refund. Worker only.

    Raises StillUnknown when nobody answers: the same call, with the same key, comes later.
    """
    refund = _to_send(refund_id)
    if refund is None or refund.payment is None:
        with transaction.atomic():
            return str(Refund.objects.values_list("state", flat=True).get(pk=refund_id))
    try:
        provider_id = refund_at_provider(payment=refund.payment, amount_cents=refund.amount_cents, key=call_key(refund))
    except OutcomeUnknown as error:
        raise StillUnknown(call_key(refund)) from error
    except PersonMustLook:
        return _nobody_knows(refund_id)
    except (CallFailed, NotOffered) as error:
        log.warning("refund %s: %s", refund.public_id, type(error).__name__)
        return _answered(refund_id, "")
    return _answered(refund_id, provider_id)


@transaction.atomic
def _to_send(refund_id: int) -> Refund | None:
    """The refund when it is still to be sent; None when there is nothing to call for."""
    refund = lock_refund(refund_id)
    if refund.state != Refund.State.APPROVED or refund.payment is None:
        return None
    if not was_called(refund):
        try:
            check_still_there(refund)
        except CannotRefund as stopped:
            _hold_back(refund, str(stopped))
            return None
    return refund


@transaction.atomic
def _nobody_knows(refund_id: int) -> str:
    refund = lock_refund(refund_id)
    tell_desk(
        key=f"refund_unknown:{refund.pk}",
        kind="refund_unknown",
        subject="Van een terugbetaling is niet zeker of zij is gelukt",
        body=(
            f"De aanbieder gaf geen antwoord op terugbetaling {refund.end_to_end_id}.\n"
            "Kijk bij de aanbieder of zij is uitgevoerd. Stuur haar niet nog een keer."
        ),
        where=f"{PAGE}{refund.pk}/change/",
    )
    return str(refund.state)


@transaction.atomic
def _answered(refund_id: int, provider_id: str) -> str:
    """The provider took it (`provider_id`), and then its balance is lower at once; or it said no, and nothing happened."""
    refund = lock_refund(refund_id)
    if refund.state == Refund.State.APPROVED:
        if provider_id:
            refund.provider_id = provider_id
            refund.save(update_fields=["provider_id"])
            book_paid(refund, clock.today())
        else:
            book_failed(refund, "de aanbieder weigerde")
    return str(refund.state)


# --- in a file for the bank --------------------------------------------------------------------------------------


def refunds_due(*, today: date) -> int:
    """Promise the file of today when a refund waits for it; on working days. Worker only, daily. Returns how many wait."""
    waiting = Refund.objects.filter(state=Refund.State.APPROVED).count()
    made = PayoutFile.objects.filter(run=None, state=PayoutFile.State.MADE, refunds__isnull=False).exists()
    if is_working_day(today) and (waiting or made) and books_allow(today):
        jobs.enqueue(
            "submit_refunds",
            key=f"submit_refunds:{today.isoformat()}",
            arguments={"date": today.isoformat()},
        )
    return waiting


@jobs.job("submit_refunds", chunked=True)
def submit_refunds_job(work: jobs.Work) -> dict[str, int]:
    """See `submit_refunds`."""
    return submit_refunds(run_date=date.fromisoformat(work.arguments["date"]))


def submit_refunds(*, run_date: date) -> dict[str, int]:
    """Everything that is approved goes out. Killed half-way it goes on: a file once made is handed in as it is. Worker only.

    Returns how many went by file and by provider. Raises StillUnknown when somebody did not answer.
    """
    with transaction.atomic():
        by_provider = list(
            Refund.objects.filter(state=Refund.State.APPROVED, payment__isnull=False)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
    unanswered = 0
    for refund_id in by_provider:
        try:
            send_by_provider(refund_id)
        except StillUnknown:
            unanswered += 1
    _make_file(run_date)
    with transaction.atomic():
        files = list(
            PayoutFile.objects.filter(run=None, state=PayoutFile.State.MADE, refunds__isnull=False)
            .distinct()
            .order_by("pk")
        )
    sent = 0
    for file in files:
        sent += _hand_in(file)
    if unanswered:
        raise StillUnknown(f"{unanswered} refunds")
    return {"by_file": sent, "by_provider": len(by_provider)}


@transaction.atomic
def _make_file(run_date: date) -> PayoutFile | None:
    """One file with all that waits; None when nothing does. Its name and its bytes come from the refunds alone."""
    waiting = Refund.objects.filter(state=Refund.State.APPROVED, payment=None, file=None)
    # In the order of the arrangements, as everywhere where many are held at once.
    refunds = [lock_refund(pk) for pk in waiting.order_by("arrangement_id", "pk").values_list("pk", flat=True)]
    going = []
    for refund in refunds:
        if refund.state != Refund.State.APPROVED or refund.file_id is not None:
            continue
        try:
            check_still_there(refund)
        except CannotRefund as stopped:
            _hold_back(refund, str(stopped))
            continue
        going.append(refund)
    if not going:
        return None
    going.sort(key=lambda refund: refund.pk)
    message_id = f"EPT{run_date:%Y%m%d}-{going[0].pk}"
    content = file_of(message_id=message_id, run_date=run_date, refunds=going)
    file = PayoutFile.objects.create(
        message_id=message_id,
        packed=pack(content),
        sha256=sha256(content).hexdigest(),
        total_cents=sum(refund.amount_cents for refund in going),
        line_count=len(going),
        made_on=run_date,
    )
    for refund in going:
        refund.file = file
        if refund.bank_line is not None and refund.bank_line.meaning == BankLine.Meaning.OPEN:
            BankLine.objects.filter(pk=refund.bank_line.pk).update(
                meaning=BankLine.Meaning.SENT_BACK, placed_on=run_date, evidence="terug naar de afzender"
            )
    Refund.objects.bulk_update(going, ["file"])
    return file


def file_of(*, message_id: str, run_date: date, refunds: list[Refund]) -> bytes:
    """The pain.001 file of these refunds: the same refunds, the same bytes."""
    return build_file(
        number=message_id,
        run_date=run_date,
        debtor=Party(settings.ACCOUNT_HOLDER_NAME, settings.ACCOUNT_HOLDER_IBAN),
        transfers=[
            Transfer(
                refund.end_to_end_id,
                refund.amount_cents,
                "Terugbetaling Een Plan",
                Party(refund.account_name, refund.iban),
            )
            for refund in refunds
        ],
    )


def _hand_in(file: PayoutFile) -> int:
    """Give the file to the bank, outside any transaction, and mark it. Returns how many refunds went along."""
    way = remittance_channel()
    if way is not None:
        try:
            _submit(way, file)
        except OrderRefused as error:
            _refused(file.pk, str(error))
            return 0
    # Without a channel a person hands it in: it stands ready on the page from here on.
    return _handed_in(file.pk)


def _submit(channel: RemittanceChannel, file: PayoutFile) -> None:
    # After a time-out the bank may have it: the same message twice would be refused.
    if channel.read_status(file.message_id) is not None:
        return
    try:
        channel.submit(file.message_id, file.content)
    except OutcomeUnknown as error:
        raise StillUnknown(file.message_id) from error


@transaction.atomic
def _handed_in(file_id: int) -> int:
    refunds = _held(file_id)
    file = PayoutFile.objects.select_for_update(of=("self",)).get(pk=file_id)
    if file.state != PayoutFile.State.MADE:
        return 0
    file.state, file.submitted_on = PayoutFile.State.SUBMITTED, clock.today()
    file.save(update_fields=["state", "submitted_on"])
    count = 0
    for refund in refunds:
        if refund.state == Refund.State.APPROVED:
            move_refund(refund, Refund.State.SUBMITTED, details={"file": file.message_id})
            count += 1
    return count


@transaction.atomic
def _refused(file_id: int, reason: str) -> None:
    """The bank does not take the file: nothing went out, and every refund in it is due again."""
    refunds = _held(file_id)
    file = PayoutFile.objects.select_for_update(of=("self",)).get(pk=file_id)
    if file.state != PayoutFile.State.MADE:
        return
    file.state = PayoutFile.State.REJECTED
    file.save(update_fields=["state"])
    log.error("refund file %s was refused: %s", file.message_id, reason)
    for refund in refunds:
        if refund.state == Refund.State.APPROVED:
            book_failed(refund, "de bank nam het bestand niet aan")


def _held(file_id: int) -> list[Refund]:
    rows = Refund.objects.filter(file_id=file_id).order_by("arrangement_id", "pk")
    return [lock_refund(pk) for pk in rows.values_list("pk", flat=True)]


def _hold_back(refund: Refund, why: str) -> None:
    """What was approved is not there any more, by a storno for one: it does not go out, and somebody hears it."""
    move_refund(refund, Refund.State.WITHDRAWN, reason=why)
    if refund.arrangement is not None:
        make_task(
            citizen_id=refund.arrangement.citizen_id,
            key=f"refund_held:{refund.pk}",
            kind=CaseTask.Kind.REFUND,
            text="De terugbetaling ging niet door: er staat niet genoeg meer klaar. Bel de cliënt en leg het uit.",
        )
