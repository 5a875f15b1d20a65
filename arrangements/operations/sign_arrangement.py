from datetime import date
from hashlib import sha256

from django.db import transaction

from accounts.models import User
from arrangements.documents.agreement import AGREEMENT_TEXT_VERSION, agreement_text
from arrangements.domain import waiver_conditions
from arrangements.domain.lifecycle import ProposalState
from arrangements.domain.pay_day import first_pay_date
from arrangements.domain.policy_values import policy_on
from arrangements.domain.term import installments
from arrangements.models import Arrangement, ArrangementLine, Installment, Proposal, ProposalLine
from arrangements.operations.bewind_consent import require_bewind_consent
from arrangements.operations.coverage import fits_the_household, fits_the_norms
from arrangements.operations.lock_household import lock_household
from arrangements.operations.make_documents import make_agreement
from infra import audit, clock, jobs
from kernel.identifiers import betalingskenmerk
from kernel.periods import due_dates


class NotAgreedYet(Exception):
    """Not every creditor has said yes to this version."""


class AnotherIsRunning(NotAgreedYet):
    """There is a running arrangement already; nobody pays two at once."""


class TooMuchTogether(NotAgreedYet):
    """Beside what the partner promised, this amount leaves the household too little."""


class NoLongerFits(NotAgreedYet):
    """By the norms of today the amount leaves too little: it was judged in another half-year."""


class SomethingElseOnScreen(Exception):
    """The agreement changed since it was shown: read it again."""


def first_due_date(signed_on: date, pay_day: int | None) -> date:
    """The citizen's pay day (1 to 28; the first of the month when None) in the first month that leaves enough days."""
    return first_pay_date(signed_on, pay_day, days=policy_on(signed_on).days_to_first_due_date)


def payment_reference(proposal: Proposal) -> str:
    """The betalingskenmerk of the arrangement (payments.md 3.4): 16 digits, made from the proposal's own number."""
    return betalingskenmerk(f"7{proposal.pk:014d}")


def agreement_hash(proposal: Proposal, signed_on: date) -> str:
    """SHA-256 of the text the citizen signs: what stands on the screen is what is signed."""
    first = first_due_date(signed_on, proposal.pay_day)
    return sha256(agreement_text(proposal=proposal, first_due_date=first).encode()).hexdigest()


@transaction.atomic
def sign_arrangement(*, proposal: Proposal, user: User, seen_hash: str, comparison_read: bool = False) -> Arrangement:
    """The citizen signs: from here on there is one arrangement, with its instalments and the promise of kwijtschelding.

    Raises NotAgreedYet (AnotherIsRunning, TooMuchTogether, NoLongerFits), BewindConsentMissing (the database refuses that
    too), NormsMissing (when it was judged by the norms of
    another half-year and those of today are missing), SomethingElseOnScreen. Signing twice gives the same arrangement. The
    books are opened and the creditors told by the worker (`activate_arrangement`), because that touches all of them.
    `comparison_read`: the citizen ticked to have seen this plan beside the other routes; kept in the audit.
    """
    household = lock_household(proposal.citizen_id)
    row = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
    signed = Arrangement.objects.filter(proposal=row).first()
    if signed is not None:
        return signed
    if row.state != ProposalState.AGREED:
        raise NotAgreedYet
    running = Arrangement.objects.filter(citizen_id=row.citizen_id, fulfilled_on=None, terminated_on=None)
    if running.exists():
        raise AnotherIsRunning
    require_bewind_consent(row.citizen_id)
    if not fits_the_household(
        citizen_id=row.citizen_id, monthly_cents=row.monthly_cents, assessment=row.assessment, household=household
    ):
        raise TooMuchTogether
    today = clock.today()
    if not fits_the_norms(assessment=row.assessment, monthly_cents=row.monthly_cents, on=today):
        raise NoLongerFits
    text_hash = agreement_hash(row, today)
    if seen_hash != text_hash:
        raise SomethingElseOnScreen
    due = installments(row.monthly_cents, row.months, row.pot_cents)
    first = first_due_date(today, row.pay_day)
    arrangement = Arrangement.objects.create(
        citizen_id=row.citizen_id,
        proposal=row,
        payment_reference=payment_reference(row),
        monthly_cents=row.monthly_cents,
        months=len(due),
        pot_cents=row.pot_cents,
        total_cents=row.total_cents,
        creditor_count=row.creditor_count,
        first_due_date=first,
        signed_at=clock.now(),
        signed_on=today,
        signed_by=user,
        agreement_hash=text_hash,
        agreement_text_version=AGREEMENT_TEXT_VERSION,
        shift_rule=row.shift_rule,
        windfall_rule=row.windfall_rule,
        waiver_conditions=waiver_conditions.as_data(),
    )
    ArrangementLine.objects.bulk_create(
        ArrangementLine(
            arrangement=arrangement,
            claim_id=line.claim_id,
            citizen_id=row.citizen_id,
            creditor_id=line.creditor_id,
            position=line.position,
            outstanding_cents=line.outstanding_cents,
            is_preferent=line.is_preferent,
            dischargeable=line.dischargeable,
            share_cents=line.share_cents,
            waived_cents=line.waived_cents,
            remains_cents=line.remains_cents,
        )
        for line in ProposalLine.objects.filter(proposal=row).order_by("position")
    )
    Installment.objects.bulk_create(
        Installment(
            arrangement=arrangement, citizen_id=row.citizen_id, number=number, due_date=day, amount_cents=amount
        )
        for number, (day, amount) in enumerate(zip(due_dates(first, len(due)), due, strict=True), start=1)
    )
    audit.record(
        "arrangement_signed",
        object_type="arrangement",
        object_id=arrangement.pk,
        to_state=arrangement.state,
        citizen_id=row.citizen_id,
        details={"comparison_read": comparison_read},
    )
    # Kept in the moment it is signed: a name or a number that changes later does not change what was signed.
    make_agreement(arrangement=arrangement)
    jobs.enqueue(
        "activate_arrangement",
        key=f"activate_arrangement:{arrangement.pk}",
        arguments={"arrangement": arrangement.pk},
        citizen_id=row.citizen_id,
    )
    return arrangement
