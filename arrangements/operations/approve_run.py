"""Two people look at a run before any of it goes to the bank (payments.md 3.1, features.md I6)."""

from django.db import transaction

from accounts.models import User
from arrangements.models import MoneyRun, RunApproval
from arrangements.queries.remittance import books_allow
from infra import audit, clock, jobs

NEEDED = 2


class CannotApprove(Exception):
    """Why this person cannot release this run now; the message is a Dutch sentence for the desk."""


@transaction.atomic
def approve_run(*, run: MoneyRun, user: User, total_cents: int, names_checked: bool) -> RunApproval:
    """`user` looked at the run and says it may go. The second person's yes sends it. Scope: the desk.

    `total_cents`: the total on the screen; `names_checked`: names and accounts were compared where anything is new.
    Raises CannotApprove: not of the desk, not ready, approved before by the same person, another total, books that are red.
    """
    row = MoneyRun.objects.get(pk=run.pk)
    if not _of_the_desk(user):
        raise CannotApprove("Alleen een medewerker van het loket mag dit doen.")
    if row.state != MoneyRun.State.BUILT:
        raise CannotApprove(f"Deze run is niet klaar om vrij te geven: {row.get_state_display().lower()}.")
    if row.total_cents != total_cents:
        raise CannotApprove("Het totaal is veranderd. Kijk de run opnieuw na.")
    if not names_checked:
        raise CannotApprove("Kijk eerst de namen en rekeningnummers na, en zet dan het vinkje.")
    if not books_allow(clock.today()):
        raise CannotApprove("De dagelijkse controle is rood. Eerst moeten de boeken kloppen.")
    if RunApproval.objects.filter(run=row, user=user).exists():
        raise CannotApprove("U heeft deze run al goedgekeurd. Een collega moet het ook doen.")
    approval = RunApproval.objects.create(
        run=row, user=user, total_cents=total_cents, names_checked=True, approved_on=clock.today()
    )
    audit.record(
        "run_approved", object_type="money_run", object_id=row.pk, details={"total_cents": total_cents, "user": user.pk}
    )
    jobs.enqueue("release_run", key=f"release_run:{row.pk}:{approval.pk}", arguments={"run": row.pk})
    return approval


def _of_the_desk(user: User) -> bool:
    return User.objects.filter(pk=user.pk, is_staff=True, is_active=True).exists()


@jobs.job("release_run")
def release_run_job(work: jobs.Work) -> dict[str, bool]:
    """See `release_run`."""
    return {"released": release_run(run_id=work.arguments["run"])}


@transaction.atomic
def release_run(*, run_id: int) -> bool:
    """Let a run go that two different people approved for its present total; whether it may go now. Worker only.

    Here nobody is believed: the approvals are counted again under the lock, of people who still work at the desk.
    """
    run = MoneyRun.objects.select_for_update(of=("self",)).get(pk=run_id)
    if run.state != MoneyRun.State.BUILT:
        return run.state == MoneyRun.State.RELEASED
    people = RunApproval.objects.filter(
        run=run, total_cents=run.total_cents, names_checked=True, user__is_staff=True, user__is_active=True
    )
    if people.order_by().values("user_id").distinct().count() < NEEDED or not books_allow(clock.today()):
        return False
    run.state = MoneyRun.State.RELEASED
    run.save(update_fields=["state"])
    audit.record(
        "run_released",
        object_type="money_run",
        object_id=run.pk,
        from_state=MoneyRun.State.BUILT,
        to_state=run.state,
        details={"total_cents": run.total_cents, "users": sorted(people.values_list("user_id", flat=True))},
    )
    jobs.enqueue("submit_run", key=f"submit_run:{run.pk}:{clock.today().isoformat()}", arguments={"run": run.pk})
    return True
