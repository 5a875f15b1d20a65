"""The tripwire: one report of a beslag stops the plan for everybody, and nobody is in default (features.md S10)."""

from django.db import transaction

from accounts.models import User
from arrangements.documents.content import weekday_date
from arrangements.domain.deciders import ChangeGround, Decider, check_decider
from arrangements.domain.lifecycle import UNDER_WAY, ArrangementState, Thing
from arrangements.domain.policy_values import policy_on
from arrangements.models import Arrangement, Beslag, CaseTask
from arrangements.operations.moves import move
from arrangements.operations.report_change import PlanIsOver
from arrangements.operations.tasks_for_director import make_task
from arrangements.operations.tell import tell_citizen
from arrangements.queries.beslag import party_of, standing_still_since
from creditors.models import Creditor
from infra import audit, clock, jobs
from kernel.working_days import add_working_days


@transaction.atomic
def report_beslag(
    *,
    arrangement: Arrangement,
    decider: Decider,
    user: User | None,
    party_name: str = "",
    creditor: Creditor | None = None,
    letter: Beslag.Letter = Beslag.Letter.UNKNOWN,
    claim_cents: int | None = None,
    taken_cents: int | None = None,
) -> Beslag:
    """Somebody seizes: by `creditor` when it is known here, else by `party_name`. Amounts in cents, the second per month.

    In the scope of the citizen (also of who helps) the plan stands still at once. A creditor reports its own beslag; it
    cannot reach the plan, so a worker stops it in a moment. The same report of the same day is one report.
    Raises PlanIsOver; NotYours; ValueError without a party.
    """
    check_decider(ChangeGround.BESLAG, decider)
    if creditor is None and not party_name.strip():
        raise ValueError("somebody seizes")
    own = decider is Decider.CREDITOR
    rows = Arrangement.objects.all() if own else Arrangement.objects.select_for_update(of=("self",))
    row = rows.get(pk=arrangement.pk)
    if row.state not in UNDER_WAY:
        raise PlanIsOver
    today = clock.today()
    name = creditor.name if creditor is not None else party_name.strip()
    again = Beslag.objects.filter(
        arrangement=row, party_name=name, creditor=creditor, reporter=decider.value, reported_on=today, lifted_on=None
    ).first()
    if again is not None:
        return again
    made = Beslag.objects.create(
        arrangement=row,
        citizen_id=row.citizen_id,
        creditor=creditor,
        party_name=name,
        letter=letter,
        claim_cents=claim_cents,
        taken_cents=taken_cents,
        reporter=decider.value,
        reported_by=user,
        reported_by_creditor=creditor if own else None,
        reported_on=today,
    )
    audit.record(
        "beslag_reported",
        object_type="beslag",
        object_id=made.pk,
        citizen_id=row.citizen_id,
        creditor_id=creditor.pk if own and creditor is not None else None,
        details={"arrangement": row.pk},
    )
    if not own:
        stand_still(row, made)
    jobs.enqueue(
        "follow_beslag",
        key=f"follow_beslag:{made.pk}",
        arguments={"beslag": made.pk},
        citizen_id=row.citizen_id,
    )
    return made


def stand_still(row: Arrangement, beslag: Beslag) -> None:
    """Stop the plan for this beslag, tell the citizen and give the director a task; once. Caller's transaction and lock.

    A plan that is signed and not opened yet stops as soon as its books are open (`activate_arrangement`).
    """
    if beslag.suspended_on is not None or row.state == ArrangementState.SIGNED:
        return
    since = standing_still_since(row)
    today = clock.today()
    if row.state in (ArrangementState.ACTIVE, ArrangementState.PAUSED):
        move(Thing.ARRANGEMENT, row, ArrangementState.SUSPENDED, reason="er is beslag gelegd")
        since = None
    beslag.suspended_on = since or today
    beslag.save(update_fields=["suspended_on"])
    due_on = add_working_days(today, policy_on(today).beslag_working_days)
    make_task(
        citizen_id=row.citizen_id,
        key=f"beslag:{beslag.pk}",
        kind=CaseTask.Kind.BESLAG,
        text=f"{party_of(beslag)[:100]} legt beslag. De regeling staat stil. Bel de cliënt en stuur de vergelijking.",
        due_on=due_on,
    )
    citizen = row.citizen
    tell_citizen(
        citizen,
        key=f"beslag:{beslag.pk}",
        kind="beslag",
        subject="Bericht over uw afspraak",
        body=(
            "Wij weten nu dat er beslag is.\n"
            "Uw plan staat daarom stil. U hoeft nu niet te betalen.\n"
            "U bent niet te laat. Dat geldt voor alle organisaties.\n"
            "Wij praten met wie beslag legt.\n"
            f"{citizen.director.name} belt u uiterlijk {weekday_date(due_on)}."
        ),
    )
