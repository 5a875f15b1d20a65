"""What became of a refund.

The books follow the table of payments.md 5.4 to the letter: 2200 to 1000 when the statement shows the transfer (not when it
was handed in: until then the money is on our account and the debt is there, and what is on its way is known from the
refunds), 2200 to 1100 when the provider took the refund, 2900 to 1000 for a sender nobody knows.
"""

from datetime import date

from django.db import transaction

from arrangements.domain import postings
from arrangements.domain.refund import RefundState, check_move
from arrangements.models import BankLine, CaseTask, Refund
from arrangements.operations.ask_refund import lock_refund
from arrangements.operations.move_refund import move_refund
from arrangements.operations.post_entries import post_entries
from arrangements.operations.tasks_for_director import make_task
from arrangements.operations.tell import tell_citizen
from arrangements.operations.tell_desk import tell_desk
from kernel.cents import spoken_euro

PAGE = "/beheer/arrangements/refund/"


class RefundUnknown(LookupError):
    """No refund has this end-to-end id."""


@transaction.atomic
def refund_paid(*, end_to_end_id: str, booked_on: date) -> Refund:
    """The bank statement shows that this refund went out on `booked_on`. Once; worker only. Raises RefundUnknown."""
    refund = _by_id(end_to_end_id)
    if refund.state in (Refund.State.PAID, Refund.State.FAILED):
        return refund
    return book_paid(refund, booked_on)


def book_paid(refund: Refund, paid_on: date) -> Refund:
    """The money is gone: post it. `refund` comes from `lock_refund`, in the caller's transaction. Worker only."""
    check_move(RefundState(refund.state), RefundState.PAID)
    post_entries([_paid_entry(refund)])
    move_refund(refund, Refund.State.PAID, paid_on=paid_on)
    if refund.arrangement is not None and refund.payment_id is None:
        tell_citizen(
            refund.arrangement.citizen,
            key=f"refund_paid:{refund.pk}",
            kind="refund",
            subject="Uw geld is teruggestort",
            body=(
                f"Wij hebben {spoken_euro(refund.amount_cents)} aan u terugbetaald.\n"
                f"Het staat op uw rekening die eindigt op {refund.iban[-4:]}."
            ),
        )
    return refund


@transaction.atomic
def refund_failed(*, end_to_end_id: str, reason_code: str = "", booked_on: date | None = None) -> Refund:
    """The money did not arrive and is still theirs: a person corrects the account and asks again. Once; worker only.

    `booked_on`: the day on which it came back on the statement; None when the bank refused it before booking it, and then
    nothing is posted. Raises RefundUnknown.
    """
    refund = _by_id(end_to_end_id)
    if refund.state in (Refund.State.FAILED, Refund.State.WITHDRAWN):
        return refund
    if booked_on is not None and refund.state != Refund.State.PAID:
        # It came back, so it was booked before: the line that says so is read after this one.
        book_paid(refund, booked_on)
    return book_failed(refund, reason_code)


def book_failed(refund: Refund, reason_code: str) -> Refund:
    """Back to what is due; what was posted is posted back. `refund` comes from `lock_refund`. Worker only."""
    check_move(RefundState(refund.state), RefundState.FAILED)
    if refund.state == Refund.State.PAID:
        key = f"refund:{refund.public_id.hex}:failed"
        post_entries(
            [
                postings.reversal(key, _paid_entry(refund))
                if refund.payment_id is not None
                else postings.refund_failed(key, arrangement=refund.arrangement_id, amount=refund.amount_cents)
            ]
        )
    move_refund(refund, Refund.State.FAILED, reason=reason_code, paid_on=None)
    if refund.bank_line is not None:
        # Of nobody again, so a person may place it or try another time.
        BankLine.objects.filter(pk=refund.bank_line.pk, meaning=BankLine.Meaning.SENT_BACK).update(
            meaning=BankLine.Meaning.OPEN, placed_on=None, evidence=""
        )
    if refund.arrangement is None:
        tell_desk(
            key=f"refund_failed:{refund.pk}",
            kind="refund_failed",
            subject="Geld terugsturen is niet gelukt",
            body="\n".join(
                [f"Terugbetaling {refund.end_to_end_id} kwam terug. Reden van de bank: {reason_code or 'onbekend'}."]
            ),
            where=f"{PAGE}{refund.pk}/change/",
        )
        return refund
    make_task(
        citizen_id=refund.arrangement.citizen_id,
        key=f"refund_failed:{refund.pk}",
        kind=CaseTask.Kind.REFUND,
        text="Terugbetalen is niet gelukt. Bel de cliënt, vraag het goede rekeningnummer en de naam, en vraag het opnieuw aan.",
    )
    tell_citizen(
        refund.arrangement.citizen,
        key=f"refund_failed:{refund.pk}",
        kind="refund",
        subject="Terugbetalen lukte niet",
        body=(
            f"Wij wilden {spoken_euro(refund.amount_cents)} aan u terugbetalen. Dat lukte niet.\n"
            "Het geld staat veilig bij ons en blijft van u.\n"
            "Wij bellen u om uw rekeningnummer te vragen."
        ),
    )
    return refund


def _paid_entry(refund: Refund) -> postings.Entry:
    key = f"refund:{refund.public_id.hex}:paid"
    if refund.arrangement_id is None:
        return postings.sent_back(key, amount=refund.amount_cents)
    return postings.refund(
        key,
        arrangement=refund.arrangement_id,
        amount=refund.amount_cents,
        through_provider=refund.payment_id is not None,
    )


def _by_id(end_to_end_id: str) -> Refund:
    found = Refund.objects.filter(end_to_end_id=end_to_end_id).values_list("pk", flat=True).first()
    if found is None:
        raise RefundUnknown(end_to_end_id)
    return lock_refund(found)
