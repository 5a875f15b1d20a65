"""Giving money back: one person of the desk asks, another one approves. What it does to the books is in `settle_refund`."""

import uuid

from django.conf import settings
from django.db import connection, transaction

from accounts.models import User
from arrangements.domain.lifecycle import PaymentState
from arrangements.domain.refund import CannotRefund, RefundState, check_amount, check_eyes, check_move
from arrangements.models import Arrangement, BankLine, Payment, ProviderCall, Refund
from arrangements.operations.call_provider import REFUND
from arrangements.operations.tell import tell_citizen
from arrangements.queries.refunds import due_to_citizen, free_of_line, free_of_payment
from infra import audit, clock, jobs
from kernel.cents import spoken_euro
from kernel.identifiers import is_iban, normalize_iban

_LOCK = 0x52656655


@transaction.atomic
def ask_refund(
    *,
    reason: Refund.Reason,
    user: User,
    amount_cents: int,
    arrangement: Arrangement | None = None,
    bank_line: BankLine | None = None,
    payment: Payment | None = None,
    iban: str = "",
    account_name: str = "",
) -> Refund:
    """Ask to give money back, in cents. Scope: the desk's (acting for the citizen of `arrangement`).

    Of an arrangement: not more than what is due to its citizen less what is on its way. With `payment` it goes back the way
    it came, without an IBAN and not more than came in there; else to `iban` of `account_name`. Without arrangement it is the
    money of `bank_line` that nobody knows (reason UNIDENTIFIED), and that goes back only to the account it came from.
    Raises CannotRefund.
    """
    if arrangement is not None:
        # Two people who ask at once would both see the same money.
        arrangement = Arrangement.objects.select_for_update(of=("self",)).get(pk=arrangement.pk)
        if reason == Refund.Reason.UNIDENTIFIED or bank_line is not None:
            raise CannotRefund("Geld van een onbekende hoort niet bij een regeling.")
        check_amount(asked=amount_cents, available=due_to_citizen(arrangement.pk).free_cents)
    else:
        if bank_line is None or reason != Refund.Reason.UNIDENTIFIED or payment is not None:
            raise CannotRefund("Kies een regeling, of een regel van de bank die niet is geplaatst.")
        _hold_line(bank_line.pk)
        bank_line = BankLine.objects.get(pk=bank_line.pk)
        check_amount(asked=amount_cents, available=free_of_line(bank_line))
        if iban and normalize_iban(iban) != normalize_iban(bank_line.counterparty_iban):
            raise CannotRefund(
                "Geld van een onbekende gaat alleen terug naar de rekening waar het vandaan kwam.", "iban"
            )
        iban, account_name = bank_line.counterparty_iban, account_name or bank_line.counterparty_name
    if payment is not None:
        _check_payment(payment, arrangement, amount_cents)
        iban = account_name = ""
    else:
        iban, account_name = _account(iban, account_name)
    number = uuid.uuid4()
    refund = Refund.objects.create(
        public_id=number,
        reason=reason,
        arrangement=arrangement,
        citizen_id=arrangement.citizen_id if arrangement else None,
        bank_line=bank_line,
        payment=payment,
        amount_cents=amount_cents,
        iban=iban,
        account_name=account_name,
        end_to_end_id=end_to_end_id(number),
        asked_by=user,
        asked_on=clock.today(),
    )
    _record("refund_asked", refund, "")
    return refund


def end_to_end_id(number: uuid.UUID) -> str:
    """Of the transfer of a refund: derived, so that the file can be made again; 35 safe signs (payments.md 5.5)."""
    return f"EPR{number.hex}"


@transaction.atomic
def approve_refund(*, refund: Refund, user: User) -> Refund:
    """The second person looked at amount, origin and name, and says yes. Scope: the desk's, for the citizen it is of.

    Through a provider it goes at once, else with the next file. The citizen is told. Raises CannotRefund.
    """
    row = lock_refund(refund.pk)
    check_move(RefundState(row.state), RefundState.APPROVED)
    check_eyes(asked_by=row.asked_by_id, approved_by=user.pk)
    check_still_there(row)
    before, row.state = row.state, Refund.State.APPROVED
    row.approved_by, row.approved_on = user, clock.today()
    row.save(update_fields=["state", "approved_by", "approved_on"])
    _record("refund_approved", row, before)
    if row.payment_id is not None:
        jobs.enqueue("refund_by_provider", key=f"refund_by_provider:{row.public_id}", arguments={"refund": row.pk})
    if row.arrangement is not None:
        where = (
            "U krijgt het geld terug op de rekening waarmee u betaalde."
            if row.payment_id is not None
            else f"U krijgt het geld op uw rekening die eindigt op {row.iban[-4:]}."
        )
        tell_citizen(
            row.arrangement.citizen,
            key=f"refund_approved:{row.pk}",
            kind="refund",
            subject="U krijgt geld terug",
            body=f"Wij betalen {spoken_euro(row.amount_cents)} aan u terug.\n{where}\nDat duurt ongeveer 5 werkdagen.",
        )
    return row


@transaction.atomic
def withdraw_refund(*, refund: Refund, user: User) -> Refund:
    """Not after all. Only while nothing went to a bank or a provider. Scope: the desk's. Raises CannotRefund."""
    row = lock_refund(refund.pk)
    check_move(RefundState(row.state), RefundState.WITHDRAWN)
    if row.file_id is not None or ProviderCall.objects.filter(operation=REFUND, object_id=call_key(row)).exists():
        raise CannotRefund("Deze terugbetaling is al aangeboden. Intrekken kan niet meer.")
    before, row.state = row.state, Refund.State.WITHDRAWN
    row.save(update_fields=["state"])
    _record("refund_withdrawn", row, before, by=user.pk)
    return row


def call_key(refund: Refund) -> str:
    """Of the call to the provider, and the idempotency key that goes along."""
    return f"refund:{refund.public_id}"


def lock_refund(refund_id: int) -> Refund:
    """The refund, held still, after the arrangement it is of: as everywhere."""
    arrangement_id = Refund.objects.values_list("arrangement_id", flat=True).get(pk=refund_id)
    if arrangement_id is not None:
        Arrangement.objects.select_for_update(of=("self",)).get(pk=arrangement_id)
    row = Refund.objects.select_for_update(of=("self",)).select_related("arrangement__citizen__user").get(pk=refund_id)
    if row.bank_line_id is not None:
        _hold_line(row.bank_line_id)
    return row


def check_still_there(refund: Refund) -> None:
    """What was asked is under way itself; the money must cover all of that. Raises CannotRefund: a storno may have come."""
    if refund.arrangement_id is not None:
        due = due_to_citizen(refund.arrangement_id)
        if due.under_way_cents > due.due_cents:
            raise CannotRefund("Er staat niet genoeg meer klaar voor deze terugbetaling. Trek haar in en kijk opnieuw.")
    elif refund.bank_line is not None and refund.bank_line.meaning not in (
        BankLine.Meaning.OPEN,
        BankLine.Meaning.WITHHELD,
        BankLine.Meaning.SENT_BACK,
    ):
        raise CannotRefund("Dit geld is intussen bij een regeling geplaatst. Trek de terugbetaling in.")


def _check_payment(payment: Payment, arrangement: Arrangement | None, amount_cents: int) -> None:
    if arrangement is None or payment.arrangement_id != arrangement.pk:
        raise CannotRefund("Deze betaling hoort niet bij deze regeling.", "payment")
    if payment.state not in (PaymentState.SUCCEEDED, PaymentState.SETTLED):
        raise CannotRefund("Deze betaling is niet gelukt of is teruggehaald. Daar kan niets van terug.", "payment")
    if amount_cents > free_of_payment(payment):
        raise CannotRefund("Dit is meer dan er met deze betaling binnenkwam.", "amount")


def _account(iban: str, name: str) -> tuple[str, str]:
    bare, holder = normalize_iban(iban), " ".join(name.split())
    if not is_iban(iban):
        raise CannotRefund("Dit IBAN klopt niet. Kijk de letters en cijfers nog eens na.", "iban")
    if bare == normalize_iban(settings.ACCOUNT_HOLDER_IBAN):
        raise CannotRefund("Dit is onze eigen rekening. Vul de rekening van de burger in.", "iban")
    if not holder:
        raise CannotRefund("Vul in op welke naam de rekening staat.", "account_name")
    return bare, holder[:70]


def _hold_line(bank_line_id: int) -> None:
    """The desk may not lock a line of the bank; two who ask for the same money wait here for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, bank_line_id])


def _record(action: str, refund: Refund, before: str, **details: int) -> None:
    audit.record(
        action,
        object_type="refund",
        object_id=refund.pk,
        from_state=before,
        to_state=refund.state,
        citizen_id=refund.citizen_id,
        reason=refund.get_reason_display(),
        details={"amount_cents": refund.amount_cents, **details},
    )
