"""A run that was built does not go to the bank after all: everything in it is payable again."""

from django.db import transaction

from accounts.models import User
from arrangements.models import MoneyRun, PayoutBatch, PayoutFile
from arrangements.operations.approve_run import CannotApprove
from arrangements.operations.reject_payout import reject_batch
from infra import audit, clock, jobs


@transaction.atomic
def ask_withdraw(*, run: MoneyRun, user: User, reason: str) -> None:
    """One person of the desk is enough to stop a run that was not released. The worker does it. Scope: the desk.

    Raises CannotApprove when it went on already, or when nothing says why.
    """
    row = MoneyRun.objects.get(pk=run.pk)
    if not user.is_staff:
        raise CannotApprove("Alleen een medewerker van het loket mag dit doen.")
    if row.state != MoneyRun.State.BUILT:
        raise CannotApprove("Deze run kan niet meer worden ingetrokken.")
    if not reason.strip():
        raise CannotApprove("Schrijf op waarom de run niet door gaat.")
    audit.record(
        "run_withdrawal_asked",
        object_type="money_run",
        object_id=row.pk,
        reason=reason.strip()[:300],
        details={"user": user.pk},
    )
    jobs.enqueue("withdraw_run", key=f"withdraw_run:{row.pk}:{clock.now():%Y%m%d%H%M%S}", arguments={"run": row.pk})


@jobs.job("withdraw_run")
def withdraw_run_job(work: jobs.Work) -> dict[str, int]:
    """See `withdraw_run`."""
    return {"total_cents": withdraw_run(run_id=work.arguments["run"])}


@transaction.atomic
def withdraw_run(*, run_id: int) -> int:
    """Take every batch of a run back (1200 to 2100) that waits for release. Returns cents. Worker only.

    A run that was released meanwhile goes on: the release was first. What was set off stays set off: no money moves for it.
    """
    run = MoneyRun.objects.select_for_update(of=("self",)).get(pk=run_id)
    if run.state != MoneyRun.State.BUILT:
        return 0
    run.state, run.done_on = MoneyRun.State.WITHDRAWN, clock.today()
    run.save(update_fields=["state", "done_on"])
    total = 0
    batches = PayoutBatch.objects.select_for_update(of=("self",)).filter(run=run, state=PayoutBatch.State.BUILT)
    for batch in batches.order_by("pk"):
        total += reject_batch(batch, into=PayoutBatch.State.WITHDRAWN)
    PayoutFile.objects.filter(run=run, state=PayoutFile.State.MADE).update(state=PayoutFile.State.REJECTED)
    audit.record(
        "run_withdrawn",
        object_type="money_run",
        object_id=run.pk,
        from_state=MoneyRun.State.BUILT,
        to_state=run.state,
        details={"total_cents": total},
    )
    return total
