"""A storno that will not be paid back: two people of the desk decide, the worker books it (payments.md 5.4, "uncollectable").

It is our loss: never the creditors', and no debt of the citizen that stays.
"""

from django.db import transaction

from accounts.models import User
from arrangements.domain import postings
from arrangements.domain.lifecycle import PaymentState
from arrangements.models import MoneyDecision, Payment, Storno
from arrangements.operations.post_entries import post_entries
from arrangements.operations.receive_payment import lock_arrangement
from arrangements.operations.tell import tell_citizen
from infra import audit, clock, jobs
from kernel.cents import spoken_euro

NOTHING_OPEN = "Van deze storno staat niets meer open."
SAY_WHY = "Leg uit waarom de burger dit niet terugbetaalt."
ASKED_ALREADY = "Een collega heeft dit al voorgesteld. Keur dat voorstel goed, of trek het in."
SOMEBODY_ELSE = "U stelde dit zelf voor. Een collega keurt het goed."
DECIDED_ALREADY = "Dit voorstel is al goedgekeurd."


class CannotWriteOff(ValueError):
    """`str()` of it is a Dutch sentence: why not, and what to do."""


@transaction.atomic
def propose_write_off(*, storno: Storno, user: User, note: str) -> MoneyDecision:
    """The first person: this will not be paid back, and `note` says why. Scope: the desk's. Raises CannotWriteOff."""
    if not storno.open_cents:
        raise CannotWriteOff(NOTHING_OPEN)
    if not note.strip():
        raise CannotWriteOff(SAY_WHY)
    if MoneyDecision.objects.filter(storno=storno, done_on=None).exists():
        raise CannotWriteOff(ASKED_ALREADY)
    decision = MoneyDecision.objects.create(
        kind=MoneyDecision.Kind.WRITE_OFF,
        storno=storno,
        note=note.strip(),
        decided_by=user,
        decided_on=clock.today(),
    )
    _record("write_off_proposed", decision)
    return decision


@transaction.atomic
def approve_write_off(*, decision: MoneyDecision, user: User) -> MoneyDecision:
    """The second person: yes. The worker books it. Scope: the desk's. Raises CannotWriteOff."""
    row = _waiting(decision)
    if row.decided_by_id == user.pk:
        raise CannotWriteOff(SOMEBODY_ELSE)
    row.approved_by, row.approved_on = user, clock.today()
    row.save(update_fields=["approved_by", "approved_on"])
    jobs.enqueue("write_off_storno", key=f"write_off_storno:{row.pk}", arguments={"decision": row.pk})
    _record("write_off_approved", row)
    return row


@transaction.atomic
def withdraw_write_off(*, decision: MoneyDecision) -> None:
    """Not after all: the storno stays open. Only while nobody approved it. Scope: the desk's. Raises CannotWriteOff."""
    row = _waiting(decision)
    _record("write_off_withdrawn", row)
    row.delete()


def _waiting(decision: MoneyDecision) -> MoneyDecision:
    row = (
        MoneyDecision.objects.select_for_update(of=("self",))
        .filter(pk=decision.pk, kind=MoneyDecision.Kind.WRITE_OFF, approved_by=None, done_on=None)
        .first()
    )
    if row is None:
        raise CannotWriteOff(DECIDED_ALREADY)
    return row


@jobs.job("write_off_storno")
def write_off_storno_job(work: jobs.Work) -> None:
    """See `write_off_storno`."""
    write_off_storno(decision_id=work.arguments["decision"])


@transaction.atomic
def write_off_storno(*, decision_id: int) -> Storno:
    """Book what is still open as our loss (1300 to 5900), once; tell the citizen. Worker only. ValueError without two people."""
    found = Storno.objects.get(decisions__pk=decision_id)
    arrangement = lock_arrangement(found.arrangement_id)
    storno = Storno.objects.select_for_update(of=("self",)).get(pk=found.pk)
    decision = MoneyDecision.objects.select_for_update(of=("self",)).get(pk=decision_id)
    if decision.approved_by_id is None:
        raise ValueError("nobody approved this")
    if decision.done_on is not None:
        return storno
    lost = storno.open_cents
    decision.done_on = today = clock.today()
    decision.outcome = f"{lost} cent afgeboekt" if lost else NOTHING_OPEN
    decision.save(update_fields=["done_on", "outcome"])
    if not lost:
        return storno
    post_entries(
        [postings.written_off(f"{storno.key}:written_off:{decision.pk}", arrangement=arrangement.pk, amount=lost)]
    )
    storno.open_cents, storno.written_off_cents, storno.written_off_on = 0, storno.written_off_cents + lost, today
    storno.save(update_fields=["open_cents", "written_off_cents", "written_off_on"])
    audit.record(
        "storno_written_off",
        object_type="storno",
        object_id=storno.pk,
        citizen_id=storno.citizen_id,
        details={"amount_cents": lost, "decision": decision.pk},
    )
    for pk in Payment.objects.filter(storno=storno, state=PaymentState.PENDING).values_list("pk", flat=True):
        jobs.enqueue(
            "close_payment_link",
            key=f"close_payment_link:{pk}",
            arguments={"payment": pk},
            citizen_id=storno.citizen_id,
        )
    tell_citizen(
        arrangement.citizen,
        key=f"storno_written_off:{storno.pk}:{decision.pk}",
        kind="storno_written_off",
        subject="U hoeft iets niet terug te betalen",
        body=(
            f"Uw bank haalde eerder een betaling terug. Daarvan stond nog {spoken_euro(lost)} open.\n"
            "U hoeft dat niet meer aan ons terug te betalen. U hoeft niets te doen."
        ),
    )
    return storno


def _record(what: str, decision: MoneyDecision) -> None:
    assert decision.storno is not None  # noqa: S101  the decision is about one; for the type checker
    audit.record(
        what,
        object_type="storno",
        object_id=decision.storno.pk,
        citizen_id=decision.storno.citizen_id,
        reason=decision.note,
        details={"decision": decision.pk},
    )
