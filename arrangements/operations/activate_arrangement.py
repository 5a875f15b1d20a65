from django.db import transaction

from arrangements.documents.content import long_date
from arrangements.domain.deciders import ChangeGround, Decider
from arrangements.domain.lifecycle import ArrangementState, Thing
from arrangements.domain.postings import Part, owed_opening
from arrangements.models import Arrangement
from arrangements.operations.change_plan import write_version
from arrangements.operations.creditor_tasks import ask_creditors_to_stop
from arrangements.operations.follow_beslag import follow_open_beslagen
from arrangements.operations.make_documents import creditors_of, lines_of, make_agreement, make_extracts
from arrangements.operations.moves import move
from arrangements.operations.post_entries import post_entries
from arrangements.operations.tell import tell_citizen, tell_creditor
from infra import jobs
from kernel.cents import spoken_euro


@jobs.job("activate_arrangement")
def activate_arrangement_job(work: jobs.Work) -> None:
    """See `activate_arrangement`."""
    activate_arrangement(arrangement_id=work.arguments["arrangement"])


@transaction.atomic
def activate_arrangement(*, arrangement_id: int) -> Arrangement:
    """After the signature: open the books for every claim, give everybody their document, ask creditors to stop collecting.

    Worker only. Repeating it changes nothing.
    """
    row = (
        Arrangement.objects.select_for_update(of=("self",))
        .select_related("citizen__director", "citizen__user", "proposal")
        .get(pk=arrangement_id)
    )
    if row.state != ArrangementState.SIGNED:
        return row
    lines = lines_of(row)
    asked = [Part(line.claim_id, line.creditor_id, line.outstanding_cents) for line in lines]
    post_entries([owed_opening(f"arrangement:{row.pk}:opening", arrangement=row.pk, claims=asked)])
    move(Thing.ARRANGEMENT, row, ArrangementState.ACTIVE, reason="boeken geopend na ondertekening")
    write_version(row, ground=ChangeGround.SIGNED, decided_by=Decider.CITIZEN, user=row.signed_by)
    make_agreement(arrangement=row)
    make_extracts(arrangement=row)
    ask_creditors_to_stop(arrangement=row, creditors=creditors_of(lines))
    follow_open_beslagen(row)
    for creditor in creditors_of(lines):
        tell_creditor(
            creditor,
            key=f"active:{row.pk}:{creditor.pk}",
            kind="stop_collecting",
            subject="Een regeling is ondertekend",
            body=(
                f"Regeling {row.payment_reference} is ondertekend op {long_date(row.signed_on)}.\n"
                "Stop vanaf die dag met innen. Trek lopende opdrachten aan een deurwaarder in.\n"
                "Bevestig dat bij Taken, met de datum.\n"
                "Uw uittreksel staat voor u klaar."
            ),
        )
    tell_citizen(
        row.citizen,
        key=f"active:{row.pk}",
        kind="arrangement_active",
        subject="Uw regeling begint",
        body=(
            "Uw regeling is rond.\n"
            f"U betaalt {spoken_euro(row.monthly_cents)} per maand. "
            f"De eerste keer is op {long_date(row.first_due_date)}.\n"
            "De organisaties stoppen nu met innen. Krijgt u toch nog een brief? Bel ons dan.\n"
            "Uw regeling staat op onze website."
        ),
    )
    return row
