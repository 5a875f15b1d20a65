"""Stopping a running arrangement: a decision of a person, on a ground that was signed. Nothing else ever stops one."""

from collections.abc import Sequence

from django.db import transaction

from accounts.models import User
from arrangements.domain.deciders import Decider
from arrangements.domain.ladder import ladder_done
from arrangements.domain.lifecycle import UNDER_WAY, ArrangementState, PaymentState, Thing, VariationState
from arrangements.domain.termination import CannotTerminate, TerminationGround, check_termination
from arrangements.models import Arrangement, Beslag, CaseTask, Payment, Variation
from arrangements.operations.creditor_tasks import let_insurers_sign_on
from arrangements.operations.make_documents import creditors_of, lines_of, make_ending
from arrangements.operations.moves import move
from arrangements.operations.tasks_for_director import make_task
from arrangements.operations.tell import tell_citizen, tell_creditor
from arrangements.queries.overdue import late_ones
from creditors.models import Creditor
from infra import audit, clock, jobs

NOT_YET = "Uw regeling wordt nog klaargezet. Probeer het over een paar minuten nog een keer."
IS_OVER = "Deze regeling loopt niet meer."
SAY_WHY = "Leg uit waarom, en hoe de burger is gehoord."


@transaction.atomic
def terminate_arrangement(
    *,
    arrangement: Arrangement,
    decider: Decider,
    user: User,
    ground: TerminationGround,
    note: str = "",
    independently_established: bool = False,
) -> Arrangement:
    """Stop it today. Scope: the citizen's own, or that of the desk acting for this citizen.

    The desk says in `note` why, and how the citizen was heard. Money that was received stays paid; instalments that are
    not due stay as they were and ask nothing. A second call changes nothing.
    Raises NotYours (a coach, a creditor, the system); CannotTerminate with a Dutch sentence.
    """
    row = Arrangement.objects.select_for_update(of=("self",)).get(pk=arrangement.pk)
    if row.state == ArrangementState.TERMINATED:
        return row
    check_termination(
        ground,
        decider,
        ladder_done=ladder_done(late_ones(row.pk, clock.today())),
        independently_established=independently_established,
    )
    if decider is not Decider.CITIZEN and not note.strip():
        raise CannotTerminate(SAY_WHY)
    if row.state == ArrangementState.SIGNED:
        raise CannotTerminate(NOT_YET)
    if row.state not in UNDER_WAY:
        raise CannotTerminate(IS_OVER)
    if row.state != ArrangementState.ACTIVE:
        # It stood still; who stops it does not have to wait for that.
        move(Thing.ARRANGEMENT, row, ArrangementState.ACTIVE, reason="de regeling wordt gestopt")
    today = clock.today()
    move(
        Thing.ARRANGEMENT,
        row,
        ArrangementState.TERMINATED,
        reason=ground.agreement_text,
        terminated_on=today,
        termination_ground=ground.value,
        termination_note=note.strip(),
        terminated_by=user,
    )
    Beslag.objects.filter(arrangement=row, lifted_on=None).update(
        lifted_on=today, lifted_by=user, lifted_reason="de regeling is gestopt"
    )
    jobs.enqueue(
        "follow_termination",
        key=f"follow_termination:{row.pk}",
        arguments={"arrangement": row.pk},
        citizen_id=row.citizen_id,
    )
    return row


@jobs.job("follow_termination")
def follow_termination_job(work: jobs.Work) -> None:
    """See `follow_termination`."""
    follow_termination(arrangement_id=work.arguments["arrangement"])


@transaction.atomic
def follow_termination(*, arrangement_id: int) -> None:
    """Tell everybody, with a statement each; close the links; ask nothing of creditors any more. Worker only; repeatable."""
    row = (
        Arrangement.objects.select_for_update(of=("self",))
        .select_related("citizen__director", "citizen__user")
        .get(pk=arrangement_id)
    )
    if row.state != ArrangementState.TERMINATED:
        return
    creditors = creditors_of(lines_of(row))
    _close_what_is_open(row)
    let_insurers_sign_on(arrangement=row, creditors=creditors)
    make_ending(arrangement=row)
    make_task(
        citizen_id=row.citizen_id,
        key=f"termination:{row.pk}",
        kind=CaseTask.Kind.TERMINATION,
        text="De regeling is gestopt. Bel de cliënt en help verder, bijvoorbeeld naar de gemeente.",
    )
    _tell(row, creditors)


def _close_what_is_open(row: Arrangement) -> None:
    for variation in Variation.objects.select_for_update(of=("self",)).filter(
        arrangement=row, state=VariationState.PROPOSED
    ):
        move(
            Thing.VARIATION,
            variation,
            VariationState.LAPSED,
            reason="de regeling is gestopt",
            decided_on=clock.today(),
        )
    for pk in Payment.objects.filter(arrangement=row, state=PaymentState.PENDING).values_list("pk", flat=True):
        jobs.enqueue(
            "close_payment_link",
            key=f"close_payment_link:{pk}",
            arguments={"payment": pk},
            citizen_id=row.citizen_id,
        )
    audit.record("termination_followed", object_type="arrangement", object_id=row.pk, citizen_id=row.citizen_id)


def _tell(row: Arrangement, creditors: Sequence[Creditor]) -> None:
    own_wish = row.termination_ground == TerminationGround.OWN_WISH
    tell_citizen(
        row.citizen,
        key=f"terminated:{row.pk}",
        kind="terminated",
        subject="Bericht over uw afspraak",
        body=(
            ("U wilde stoppen met uw plan. Het is nu gestopt.\n" if own_wish else "Uw plan is nu gestopt.\n")
            + "Wat u heeft betaald, blijft betaald. De rest is nog open.\n"
            "De organisaties mogen u weer vragen om te betalen.\n"
            "U staat er niet alleen voor. De gemeente helpt u gratis met uw schulden.\n"
            "Bel uw gemeente. Of bel ons, dan bellen wij samen.\n"
            "Een overzicht staat op onze website."
        ),
    )
    for creditor in creditors:
        tell_creditor(
            creditor,
            key=f"terminated:{row.pk}:{creditor.pk}",
            kind="terminated",
            subject="Een regeling is gestopt",
            body=(
                f"Regeling {row.payment_reference} is gestopt. Vanaf vandaag mag u weer innen.\n"
                "Wat u kreeg en wat nog open is, staat in uw overzicht."
            ),
        )
