from django.db import transaction
from django.db.models import F, Sum

from arrangements.domain.kwijtschelding import ClaimFact, Facts, InstallmentFact, kwijtschelding_due
from arrangements.domain.lifecycle import ArrangementState, InstallmentState, Thing
from arrangements.domain.postings import Ledger, OwedAccount, Part, waiver
from arrangements.models import Arrangement, Installment, Kwijtschelding, LedgerPosting
from arrangements.operations.make_documents import creditors_of, lines_of, make_closing
from arrangements.operations.moves import move
from arrangements.operations.post_entries import post_entries
from arrangements.operations.tell import tell_citizen, tell_creditor
from infra import clock, jobs
from kernel.cents import spoken_euro


class BooksDoNotClose(Exception):
    """After the waiver a claim would still ask something it may not ask. Nothing was written."""


@jobs.job("grant_kwijtschelding")
def grant_kwijtschelding_job(work: jobs.Work) -> None:
    """See `grant_kwijtschelding`."""
    grant_kwijtschelding(arrangement_id=work.arguments["arrangement"])


@transaction.atomic
def grant_kwijtschelding(*, arrangement_id: int) -> Arrangement:
    """Keep the promise of the signature: waive what remains of every claim the law lets go. Done by the system.

    There is no argument by which anybody could withhold it (architecture.md). NotFulfilled when it is not due.
    Worker only. Repeating it changes nothing.
    """
    row = (
        Arrangement.objects.select_for_update(of=("self",))
        .select_related("citizen__director", "citizen__user")
        .get(pk=arrangement_id)
    )
    if row.state == ArrangementState.WAIVED:
        return row
    lines = lines_of(row)
    outcomes = kwijtschelding_due(
        Facts(
            installments=[
                InstallmentFact(one.amount_cents, one.paid_cents, moved=one.state == InstallmentState.MOVED)
                for one in Installment.objects.filter(arrangement=row)
            ],
            claims=[
                # What is set aside for a disputed claim is paid by the citizen: the dispute holds no waiver back.
                ClaimFact(str(line.claim_id), line.outstanding_cents, line.settled_cents, line.dischargeable)
                for line in lines
            ],
            fulfilled_on=row.fulfilled_on,
            terminated=row.state == ArrangementState.TERMINATED,
        )
    )
    today = clock.today()
    by_claim = {int(outcome.key): outcome for outcome in outcomes}
    granted = {
        line.claim_id: Kwijtschelding(
            arrangement=row,
            claim_id=line.claim_id,
            citizen_id=row.citizen_id,
            creditor_id=line.creditor_id,
            waived_cents=by_claim[line.claim_id].waived,
            remains_cents=by_claim[line.claim_id].remains,
            granted_on=today,
        )
        for line in lines
        if by_claim[line.claim_id].waived or by_claim[line.claim_id].remains
    }
    Kwijtschelding.objects.bulk_create(granted.values())
    parts = [Part(one.claim_id, one.creditor_id, one.waived_cents) for one in granted.values() if one.waived_cents]
    if parts:
        post_entries([waiver(f"arrangement:{row.pk}:waiver", arrangement=row.pk, parts=parts)])
    _check_balances(row, {line.claim_id: by_claim[line.claim_id].remains + line.parked_cents for line in lines})
    move(
        Thing.ARRANGEMENT,
        row,
        ArrangementState.WAIVED,
        reason="alle voorwaarden zijn vervuld; verleend door het systeem",
        waived_on=today,
    )
    make_closing(arrangement=row, granted=granted)
    waived = sum(one.waived_cents for one in granted.values())
    remains = sum(one.remains_cents for one in granted.values())
    body = f"U bent klaar. U heeft {row.months} keer betaald.\n"
    if waived:
        body += f"De rest hoeft u niet meer te betalen. Dat is {spoken_euro(waived)}.\n"
    if remains:
        body += (
            f"Er blijft {spoken_euro(remains)} over. Dat mag van de wet niet weg.\n"
            "Wij helpen u met een nieuwe afspraak daarover.\n"
        )
    tell_citizen(
        row.citizen,
        key=f"waived:{row.pk}",
        kind="waived",
        subject="U bent klaar",
        body=body + "Uw bewijs staat op onze website. Bewaar het goed.",
    )
    for creditor in creditors_of(lines):
        tell_creditor(
            creditor,
            key=f"waived:{row.pk}:{creditor.pk}",
            kind="waived",
            subject="Een regeling is klaar",
            body=(
                f"Regeling {row.payment_reference} is helemaal betaald. De kwijtschelding is verleend.\n"
                "Sluit de vordering in uw administratie. Uw eindoverzicht staat voor u klaar."
            ),
        )
    return row


def _check_balances(row: Arrangement, remains: dict[int, int]) -> None:
    """What the owed ledger says is open must be what the law does not let go and what is set aside, and nothing else."""
    sums = (
        LedgerPosting.objects.filter(
            entry__ledger=Ledger.OWED.value, account=OwedAccount.OUTSTANDING.value, claim_id__in=list(remains)
        )
        .values_list("claim_id")
        .annotate(balance=Sum(F("debit_cents") - F("credit_cents")))
    )
    wrong = {claim: balance for claim, balance in sums if balance != remains[claim]}
    if wrong:
        raise BooksDoNotClose(f"arrangement {row.pk}: {wrong}")
