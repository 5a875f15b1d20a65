"""A beslag is over. When it was the last one the plan goes on, and what fell due meanwhile moves to the end."""

from datetime import date

from django.db import transaction

from accounts.models import User
from arrangements.documents.content import long_date
from arrangements.domain.beslag import Due, after_beslag
from arrangements.domain.deciders import ChangeGround, Decider, check_decider
from arrangements.domain.lifecycle import ArrangementState, InstallmentState, PaymentState, Thing
from arrangements.models import Arrangement, Beslag, CaseTask, Installment, Payment
from arrangements.operations.finish_task import finish_task
from arrangements.operations.make_documents import creditors_of, lines_of
from arrangements.operations.moves import move
from arrangements.operations.tell import tell_citizen, tell_creditor
from infra import audit, clock, jobs

GROUND = "beslag"
UNPAID = (InstallmentState.OPEN, InstallmentState.PARTLY_PAID)


class NothingToLift(Exception):
    """This beslag was lifted already."""


@transaction.atomic
def lift_beslag(*, beslag: Beslag, decider: Decider, user: User, reason: str) -> Beslag:
    """Whoever helps saw that this beslag is over. Scope: the citizen's, of the coach or the desk.

    The plan goes on when no other beslag lives: a worker does that in a moment, because it tells everybody.
    Raises NotYours, NothingToLift; ValueError without a reason.
    """
    check_decider(ChangeGround.BESLAG_LIFTED, decider)
    if not reason.strip():
        raise ValueError("say why")
    Arrangement.objects.select_for_update(of=("self",)).get(pk=beslag.arrangement_id)
    row = Beslag.objects.select_for_update(of=("self",)).get(pk=beslag.pk)
    if row.lifted_on is not None:
        raise NothingToLift
    row.lifted_on, row.lifted_by, row.lifted_reason = clock.today(), user, reason.strip()
    row.save(update_fields=["lifted_on", "lifted_by", "lifted_reason"])
    audit.record(
        "beslag_lifted",
        object_type="beslag",
        object_id=row.pk,
        from_state="living",
        to_state="lifted",
        citizen_id=row.citizen_id,
    )
    for task in CaseTask.objects.filter(key=f"beslag:{row.pk}", done_on=None):
        finish_task(task=task)
    jobs.enqueue(
        "resume_after_beslag",
        key=f"resume_after_beslag:{row.pk}",
        arguments={"arrangement": row.arrangement_id},
        citizen_id=row.citizen_id,
    )
    return row


@jobs.job("resume_after_beslag")
def resume_after_beslag_job(work: jobs.Work) -> None:
    """See `resume_after_beslag`."""
    resume_after_beslag(arrangement_id=work.arguments["arrangement"])


@transaction.atomic
def resume_after_beslag(*, arrangement_id: int) -> Arrangement:
    """Let the plan go on when nothing is seized any more, with a new end date that is told to all. Worker only; repeatable.

    Instalments whose day fell in the standstill move behind the last one; what was late before stays late. A pause that
    still runs goes on.
    """
    row = (
        Arrangement.objects.select_for_update(of=("self",))
        .select_related("citizen__director", "citizen__user")
        .get(pk=arrangement_id)
    )
    known = Beslag.objects.filter(arrangement=row, suspended_on__isnull=False)
    last = known.filter(lifted_on__isnull=False).order_by("-lifted_on", "-pk").first()
    if row.state != ArrangementState.SUSPENDED or last is None or known.filter(lifted_on=None).exists():
        return row
    assert last.lifted_on is not None  # noqa: S101  filtered
    assert last.suspended_on is not None  # noqa: S101  filtered
    moved = _to_the_end(row, suspended_on=last.suspended_on, lifted_on=last.lifted_on)
    move(Thing.ARRANGEMENT, row, ArrangementState.ACTIVE, reason="het beslag is voorbij")
    if row.paused_until is not None and row.paused_until >= clock.today():
        move(Thing.ARRANGEMENT, row, ArrangementState.PAUSED, reason="de pauze liep nog")
    _tell(row, last, moved)
    return row


def _to_the_end(row: Arrangement, *, suspended_on: date, lifted_on: date) -> int:
    today = clock.today()
    unpaid = {
        one.number: one
        for one in Installment.objects.select_for_update(of=("self",)).filter(arrangement=row, state__in=UNPAID)
    }
    last_due = (
        Installment.objects.filter(arrangement=row)
        .exclude(state=InstallmentState.MOVED)
        .order_by("-due_date")
        .values_list("due_date", flat=True)
        .first()
    )
    assert last_due is not None  # noqa: S101  a plan has instalments
    later = after_beslag(
        [Due(one.number, one.due_date, one.open_cents) for one in unpaid.values()],
        last_due=last_due,
        suspended_on=suspended_on,
        lifted_on=lifted_on,
    )
    for one in later:
        old = unpaid[one.number]
        move(
            Thing.INSTALLMENT,
            old,
            InstallmentState.MOVED,
            reason="viel in de tijd van het beslag",
            moved_on=today,
            moved_ground=GROUND,
        )
        Installment.objects.create(
            arrangement=row,
            citizen_id=row.citizen_id,
            number=old.number,
            due_date=one.due,
            amount_cents=one.amount,
            replaces=old,
        )
        for payment in Payment.objects.filter(installment=old, state=PaymentState.PENDING):
            jobs.enqueue(
                "close_payment_link",
                key=f"close_payment_link:{payment.pk}",
                arguments={"payment": payment.pk},
                citizen_id=row.citizen_id,
            )
    return len(later)


def _tell(row: Arrangement, last: Beslag, moved: int) -> None:
    counted = Installment.objects.filter(arrangement=row).exclude(state=InstallmentState.MOVED)
    end = counted.order_by("-due_date").values_list("due_date", flat=True)[0]
    first = counted.filter(state__in=UNPAID, due_date__gte=clock.today()).order_by("due_date").first()
    times = "Eén termijn schuift" if moved == 1 else f"{moved} termijnen schuiven"
    tell_citizen(
        row.citizen,
        key=f"beslag_over:{last.pk}",
        kind="beslag_over",
        subject="Uw plan gaat verder",
        body="\n".join(
            [
                "Het beslag is voorbij. Uw plan gaat verder.",
                *([f"{times} naar het einde."] if moved else []),
                *([f"U betaalt weer op {long_date(first.due_date)}."] if first else []),
                f"Uw laatste keer is nu {long_date(end)}.",
            ]
        ),
    )
    for creditor in creditors_of(lines_of(row)):
        tell_creditor(
            creditor,
            key=f"beslag_over:{last.pk}:{creditor.pk}",
            kind="beslag_over",
            subject="Een regeling gaat verder",
            body=(
                f"Regeling {row.payment_reference} gaat verder. "
                f"De laatste termijn is nu op {long_date(end)}.\n"
                "Uw deel is niet veranderd."
            ),
        )
