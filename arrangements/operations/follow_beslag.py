"""What follows a report of a beslag and touches other parties: the standstill itself, the notice to all, the comparison."""

from django.db import transaction

from arrangements.domain.lifecycle import UNDER_WAY, ArrangementState
from arrangements.models import Arrangement, Beslag
from arrangements.operations.make_documents import creditors_of, lines_of, make_comparison
from arrangements.operations.report_beslag import stand_still
from arrangements.operations.tell import tell_creditor
from infra import jobs


@jobs.job("follow_beslag")
def follow_beslag_job(work: jobs.Work) -> None:
    """See `follow_beslag`."""
    follow_beslag(beslag_id=work.arguments["beslag"])


@transaction.atomic
def follow_beslag(*, beslag_id: int) -> None:
    """Stop the plan when that was not done yet, tell every creditor once, and make the comparison. Worker only; repeatable.

    No creditor reads who seizes, unless it is itself.
    """
    arrangement_id = Beslag.objects.values_list("arrangement_id", flat=True).get(pk=beslag_id)
    row = (
        Arrangement.objects.select_for_update(of=("self",))
        .select_related("citizen__director", "citizen__user")
        .get(pk=arrangement_id)
    )
    beslag = Beslag.objects.select_for_update(of=("self",)).select_related("creditor").get(pk=beslag_id)
    if row.state not in UNDER_WAY or row.state == ArrangementState.SIGNED or beslag.lifted_on is not None:
        return
    stand_still(row, beslag)
    _tell_creditors(row, beslag)
    _send_comparison(row, beslag)


def follow_open_beslagen(row: Arrangement) -> None:
    """For a plan that has just become active: what was reported between signing and opening. Caller's transaction."""
    for pk in Beslag.objects.filter(arrangement=row, lifted_on=None).order_by("pk").values_list("pk", flat=True):
        jobs.enqueue(
            "follow_beslag", key=f"follow_beslag:{pk}:active", arguments={"beslag": pk}, citizen_id=row.citizen_id
        )


def _tell_creditors(row: Arrangement, beslag: Beslag) -> None:
    """One notice for one standstill, however many seize."""
    assert beslag.suspended_on is not None  # noqa: S101  stand_still has set it
    for creditor in creditors_of(lines_of(row)):
        tell_creditor(
            creditor,
            key=f"standstill:{row.pk}:{beslag.suspended_on.isoformat()}:{creditor.pk}",
            kind="beslag",
            subject="Een regeling staat stil",
            body=(
                f"Regeling {row.payment_reference} staat stil. Er is beslag gelegd bij uw klant.\n"
                "Uw klant is niet te laat en niet in verzuim. Int zelf niets.\n"
                "De termijnen schuiven op. U krijgt bericht als de regeling verder gaat."
            ),
        )


def _send_comparison(row: Arrangement, beslag: Beslag) -> None:
    takes_part = beslag.creditor is not None and any(line.creditor_id == beslag.creditor_id for line in lines_of(row))
    document = make_comparison(arrangement=row, beslag=beslag, takes_part=takes_part)
    if takes_part and beslag.creditor is not None:
        tell_creditor(
            beslag.creditor,
            key=f"comparison:{document.pk}",
            kind="beslag_comparison",
            subject="Vergelijking: het plan of beslag",
            body=(
                f"Voor regeling {row.payment_reference} is gemeld dat u beslag legt.\n"
                "Wij zetten voor u op een rij wat u in het plan krijgt en wat een beslag oplevert.\n"
                "De vergelijking staat bij de regeling."
            ),
        )
