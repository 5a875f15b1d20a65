"""A released run goes to the bank, once: through the channel, or by hand. And what the bank says about it afterwards."""

from datetime import date
from hashlib import sha256

from django.db import transaction

from accounts.models import User
from arrangements.documents.content import money
from arrangements.models import MoneyRun, PayoutBatch, PayoutExport, PayoutFile, ProviderCall
from arrangements.operations.approve_run import CannotApprove, release_run
from arrangements.operations.book_payout import finish_run, mark_booked
from arrangements.operations.reject_payout import reject_file, reject_payouts
from arrangements.operations.tell import message_for_creditor
from arrangements.operations.tell_desk import tell_desk
from arrangements.payments.pain001 import check_file
from arrangements.payments.provider import OrderRefused, OutcomeUnknown, RemittanceChannel
from arrangements.payments.registry import remittance_channel
from arrangements.queries.remittance import books_allow
from infra import audit, clock, jobs, outbox
from infra.models import Message

_TELL_AT_ONCE = 2_000


class BytesChanged(Exception):
    """A kept file is not what was made: its hash differs. It must never reach the bank."""


@jobs.job("submit_run", chunked=True)
def submit_run_job(work: jobs.Work) -> dict[str, int]:
    """See `submit_run`. Goes on with the file where it stopped."""
    return {"files": submit_run(run_id=work.arguments["run"])}


def submit_run(*, run_id: int) -> int:
    """Hand in every file of a released run that was not handed in. How many are at the bank now. Worker only, outside a
    transaction.

    Before a file is tried again the bank is asked whether it knows its message id: never twice. Raises OutcomeUnknown when
    nobody answers (the job is tried again), BytesChanged, NotValid. Without a channel a person hands in (`export_file`).
    """
    with transaction.atomic():
        run = MoneyRun.objects.get(pk=run_id)
        files = list(run.files.filter(state=PayoutFile.State.MADE).order_by("pk").values_list("pk", flat=True))
        if run.state != MoneyRun.State.RELEASED or not books_allow(clock.today()):
            return 0
    way = remittance_channel()
    if files and way is None:
        return 0
    for file_id in files:
        if way is not None:
            _submit_file(way, file_id)
    _after_files(run_id)
    return len(files)


def _submit_file(way: RemittanceChannel, file_id: int) -> None:
    with transaction.atomic():
        file = PayoutFile.objects.select_for_update(of=("self",)).get(pk=file_id)
        if file.state != PayoutFile.State.MADE:
            return
        message_id, content = file.message_id, checked_content(file)
        # Kept before it is made: whoever comes after a crash knows that the bank may have it.
        call, first = ProviderCall.objects.get_or_create(
            key=f"submit:{message_id}",
            defaults={
                "provider": way.name,
                "operation": "submit",
                "object_id": message_id,
                "parameters_sha256": file.sha256,
            },
        )
    taken = False if first else way.read_status(message_id) is not None
    if not taken:
        try:
            way.submit(message_id, content)
        except OrderRefused as refused:
            if way.read_status(message_id) is None:
                _refused(file_id, call, str(refused))
                return
    with transaction.atomic():
        _mark_submitted(file_id)
        ProviderCall.objects.filter(pk=call.pk).update(
            state=ProviderCall.State.DONE, provider_id=message_id, settled_at=clock.now()
        )


def checked_content(file: PayoutFile) -> bytes:
    """The bytes as they were made: same hash, and still what the bank's schema asks. Raises BytesChanged, NotValid."""
    content = file.content
    if sha256(content).hexdigest() != file.sha256:
        raise BytesChanged(file.message_id)
    check_file(content)
    return content


@transaction.atomic
def _refused(file_id: int, call: ProviderCall, why: str) -> None:
    ProviderCall.objects.filter(pk=call.pk).update(state=ProviderCall.State.FAILED, settled_at=clock.now())
    total = reject_file(file_id=file_id, reason=why)
    tell_desk(
        key=f"file_refused:{file_id}",
        kind="file_refused",
        subject="De bank weigert een betaalbestand",
        body=f"De bank nam een bestand van {money(total)} niet aan: {why[:200]}. Het geld wacht weer op de volgende run.",
        where="/beheer/arrangements/moneyrun/",
    )


def _mark_submitted(file_id: int) -> None:
    today = clock.today()
    file = PayoutFile.objects.select_for_update(of=("self",)).get(pk=file_id)
    if file.state != PayoutFile.State.MADE:
        return
    file.state, file.submitted_on = PayoutFile.State.SUBMITTED, today
    file.save(update_fields=["state", "submitted_on"])
    audit.record(
        "payout_file_submitted",
        object_type="payout_file",
        object_id=file.pk,
        to_state=file.state,
        details={"total_cents": file.total_cents, "transfers": file.line_count, "sha256": file.sha256},
    )
    built = PayoutBatch.objects.filter(file=file, state=PayoutBatch.State.BUILT)
    told = built.select_related("creditor").order_by("pk")
    outbox.post_messages([_message(batch) for batch in told.iterator(chunk_size=_TELL_AT_ONCE)])
    built.update(state=PayoutBatch.State.SUBMITTED)
    jobs.enqueue(
        "read_payout_status", key=f"read_payout_status:{file.pk}:{today.isoformat()}", arguments={"file": file.pk}
    )


def _message(batch: PayoutBatch) -> Message:
    where = f"Het nummer is {batch.number}. De regels staan voor u klaar onder Uitbetalingen."
    if batch.total_cents:
        off = f" Wij hebben {money(batch.set_off_cents)} verrekend." if batch.set_off_cents else ""
        subject = "Wij maken geld aan u over"
        body = f"Wij maken {money(batch.total_cents)} aan u over.{off} Dat zijn {batch.line_count} regels.\n{where}"
    else:
        subject = "Wij hebben een bedrag verrekend"
        body = f"Wij hebben {money(batch.set_off_cents)} verrekend met een storno. Nu maken wij niets over.\n{where}"
    return message_for_creditor(batch.creditor, key=f"payout:{batch.pk}", kind="payout", subject=subject, body=body)


@transaction.atomic
def _after_files(run_id: int) -> None:
    """The run is at the bank once all of its files are; what was set off whole needs no bank."""
    run = MoneyRun.objects.select_for_update(of=("self",)).get(pk=run_id)
    if run.state != MoneyRun.State.RELEASED or run.files.filter(state=PayoutFile.State.MADE).exists():
        return
    run.state, run.submitted_on = MoneyRun.State.SUBMITTED, clock.today()
    run.save(update_fields=["state", "submitted_on"])
    audit.record("run_submitted", object_type="money_run", object_id=run.pk, to_state=run.state)
    nothing_to_pay = PayoutBatch.objects.select_for_update(of=("self",)).select_related("creditor")
    for batch in nothing_to_pay.filter(run=run, state=PayoutBatch.State.BUILT, total_cents=0).order_by("pk"):
        outbox.post_messages([_message(batch)])
        mark_booked(batch, clock.today())
    finish_run(run.pk)


@transaction.atomic
def export_file(*, file: PayoutFile, user: User, again: bool = False) -> tuple[bytes, PayoutExport]:
    """A person of the desk takes the file out to hand it in at the bank: always the same bytes. Scope: the desk.

    Once; every next time only with `again`, and it is marked for everybody to see. Raises CannotApprove when the run was not
    released, when a channel hands in by itself, or the second time without `again`; BytesChanged, NotValid.
    """
    if file.run is None or file.run.state not in (MoneyRun.State.RELEASED, MoneyRun.State.SUBMITTED):
        raise CannotApprove("Deze run is nog niet vrijgegeven door twee medewerkers.")
    if remittance_channel() is not None:
        raise CannotApprove("Dit bestand gaat vanzelf naar de bank. Lever het niet ook zelf aan.")
    before = PayoutExport.objects.filter(file=file).count()
    if before and not again:
        raise CannotApprove(
            "Dit bestand is al gedownload. Kijk eerst of het al bij de bank is. Zo niet, zet dan het vinkje en download opnieuw."
        )
    content = checked_content(file)
    export = PayoutExport.objects.create(file=file, user=user, number=before + 1, exported_on=clock.today())
    audit.record(
        "payout_file_exported",
        object_type="payout_file",
        object_id=file.pk,
        details={"number": export.number, "user": user.pk, "sha256": file.sha256},
    )
    return content, export


@transaction.atomic
def ask_mark_submitted(*, file: PayoutFile, user: User) -> None:
    """A person says that the bank has the file. The worker writes it down. Raises CannotApprove. Scope: the desk."""
    if not PayoutExport.objects.filter(file=file).exists() or file.state != PayoutFile.State.MADE:
        raise CannotApprove("Download het bestand eerst, en lever het aan bij de bank.")
    audit.record("payout_file_handed_in", object_type="payout_file", object_id=file.pk, details={"user": user.pk})
    jobs.enqueue("mark_submitted", key=f"mark_submitted:{file.pk}", arguments={"file": file.pk})


@jobs.job("mark_submitted")
def mark_submitted_job(work: jobs.Work) -> None:
    """See `ask_mark_submitted`; only for a run that was released."""
    mark_submitted(file_id=work.arguments["file"])


@transaction.atomic
def mark_submitted(*, file_id: int) -> None:
    """A file of a released run was handed in by hand. Worker only. Repeating it changes nothing."""
    file = PayoutFile.objects.select_related("run").get(pk=file_id)
    if file.run is not None and file.run.state == MoneyRun.State.RELEASED:
        _mark_submitted(file_id)
        _after_files(file.run_id or 0)


@jobs.job("read_payout_status", chunked=True)
def read_payout_status_job(work: jobs.Work) -> dict[str, int]:
    """See `read_payout_status`."""
    return {"refused_cents": read_payout_status(file_id=work.arguments["file"])}


def read_payout_status(*, file_id: int) -> int:
    """Ask the bank which transfers of a file it refused, and take those back. Returns cents. Worker only, outside a
    transaction. Raises OutcomeUnknown when nobody answers.
    """
    way = remittance_channel()
    with transaction.atomic():
        file = PayoutFile.objects.get(pk=file_id)
    if way is None or file.state not in (PayoutFile.State.SUBMITTED, PayoutFile.State.ACCEPTED):
        return 0
    refused = way.read_status(file.message_id)
    if refused is None:
        raise OutcomeUnknown(f"{file.message_id}: handed in, and the bank does not know it")
    with transaction.atomic():
        total = reject_payouts(message_id=file.message_id, refused=refused)
        left = PayoutBatch.objects.filter(file=file).exclude(state=PayoutBatch.State.REJECTED).exists()
        PayoutFile.objects.filter(pk=file.pk).update(
            state=PayoutFile.State.ACCEPTED if left else PayoutFile.State.REJECTED
        )
    return total


def watch_runs(*, today: date) -> int:
    """Daily: what stopped half-way goes on, and the bank is asked about what it has not booked. How many. Worker only.

    A run that could not go because the books were red goes when they are green.
    """
    count = 0
    with transaction.atomic():
        for run_id in MoneyRun.objects.filter(state=MoneyRun.State.BUILT).values_list("pk", flat=True):
            count += release_run(run_id=run_id)
        for run_id in MoneyRun.objects.filter(state=MoneyRun.State.RELEASED).values_list("pk", flat=True):
            jobs.enqueue("submit_run", key=f"submit_run:{run_id}:{today.isoformat()}", arguments={"run": run_id})
        if remittance_channel() is not None:
            waiting = PayoutFile.objects.filter(batches__state=PayoutBatch.State.SUBMITTED, submitted_on__lt=today)
            for file_id in waiting.order_by().values_list("pk", flat=True).distinct():
                jobs.enqueue(
                    "read_payout_status",
                    key=f"read_payout_status:{file_id}:{today.isoformat()}",
                    arguments={"file": file_id},
                )
    return count
