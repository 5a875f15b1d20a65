"""Money that came in: booked, divided over the claims and over the instalments, once, in one transaction."""

from datetime import date

from django.db import transaction
from django.db.models import Q

from arrangements.domain import postings
from arrangements.domain.lifecycle import ArrangementState, InstallmentState, PaymentState, Thing
from arrangements.domain.postings import Entry
from arrangements.models import Arrangement, BankLine, CaseTask, Installment, Payment, Receipt, Storno, WithholdingLine
from arrangements.operations import receipt_words as words
from arrangements.operations.divide_money import divide
from arrangements.operations.fulfill_arrangement import fulfill_if_paid
from arrangements.operations.moves import move
from arrangements.operations.post_entries import post_entries
from arrangements.operations.repay_storno import repay_stornos
from arrangements.operations.tasks_for_director import make_task
from arrangements.operations.tell import tell_citizen
from infra import audit, clock, jobs
from kernel.cents import spoken_euro

RULE_VERSION = 1
"""Of the division; part of the key of every distribution (payments.md 5.5)."""

RUNNING = (ArrangementState.ACTIVE, ArrangementState.PAUSED, ArrangementState.SUSPENDED)
OVER = (ArrangementState.FULFILLED, ArrangementState.WAIVED, ArrangementState.TERMINATED)


@transaction.atomic
def receive_payment(*, payment_id: int, amount_cents: int) -> Receipt:
    """Book what the provider says it received for this payment, in cents, and divide it.

    Worker only. The amount is what came in, also when we asked for another one. A second call for the same payment gives
    the receipt of the first, also when two workers call at once: the arrangement's row lock puts them in line, the unique
    key is the proof. ValueError for an amount that is not positive.
    """
    if amount_cents <= 0:
        raise ValueError("nothing came in")
    arrangement = lock_arrangement(Payment.objects.values_list("arrangement_id", flat=True).get(pk=payment_id))
    payment = Payment.objects.select_for_update(of=("self",)).get(pk=payment_id)
    key = f"{payment.provider}:{payment.provider_id}:receipt"
    found = Receipt.objects.filter(key=key).first()
    if found is not None:
        return found
    receipt = Receipt(
        kind=kind_of(arrangement, is_extra=payment.is_extra or _was_paid(payment)),
        arrangement=arrangement,
        citizen_id=arrangement.citizen_id,
        payment=payment,
        key=key,
        amount_cents=amount_cents,
        received_on=clock.today(),
    )
    book_receipt(
        arrangement,
        receipt,
        postings.receipt_provider(key, arrangement=arrangement.pk, amount=amount_cents),
        repays=payment.storno,
    )
    if payment.state == PaymentState.PENDING:
        move(Thing.PAYMENT, payment, PaymentState.SUCCEEDED, reason="ontvangen", decided_at=clock.now())
    return receipt


def lock_arrangement(arrangement_id: int) -> Arrangement:
    """The arrangement, held still: before anything else, as everywhere."""
    return (
        Arrangement.objects.select_for_update(of=("self",))
        .select_related("citizen__director", "citizen__user")
        .get(pk=arrangement_id)
    )


def receive_transfer(
    arrangement: Arrangement,
    *,
    key: str,
    amount_cents: int,
    received_on: date,
    source: Receipt.Source = Receipt.Source.TRANSFER,
    bank_line: BankLine | None = None,
    withholding_line: WithholdingLine | None = None,
    was_unidentified: bool = False,
    is_extra: bool = False,
) -> Receipt:
    """Book money that came on the segregated account for this arrangement, in cents, and divide it.

    `arrangement` comes from `lock_arrangement` in the same transaction. `was_unidentified`: it stood on 2900 and was placed
    now; else it came in now. `is_extra`: the instalment it is for was paid already. Once per `key`: a second call gives the
    receipt of the first. Worker only.
    """
    found = Receipt.objects.filter(key=key).first()
    if found is not None:
        return found
    entry = postings.matched if was_unidentified else postings.receipt_transfer
    receipt = Receipt(
        kind=kind_of(arrangement, is_extra=is_extra),
        source=source,
        arrangement=arrangement,
        citizen_id=arrangement.citizen_id,
        bank_line=bank_line,
        withholding_line=withholding_line,
        key=key,
        amount_cents=amount_cents,
        received_on=received_on,
    )
    book_receipt(arrangement, receipt, entry(key, arrangement=arrangement.pk, amount=amount_cents))
    return receipt


@transaction.atomic
def divide_receipt(*, receipt_id: int) -> Receipt:
    """Divide a receipt that was booked in bulk and still waits; nothing happens when it was divided. Worker only."""
    arrangement = lock_arrangement(Receipt.objects.values_list("arrangement_id", flat=True).get(pk=receipt_id))
    receipt = Receipt.objects.select_for_update(of=("self",)).get(pk=receipt_id)
    if receipt.divided_on is None:
        # What the plan is now decides, not what it was when the money came.
        receipt.kind = kind_of(arrangement, is_extra=receipt.kind == Receipt.Kind.EXTRA)
        book_receipt(arrangement, receipt, repays=receipt.payment.storno if receipt.payment is not None else None)
    return receipt


def book_receipt(
    arrangement: Arrangement,
    receipt: Receipt,
    *own: Entry,
    repays: Storno | None = None,
    divide_at_most: int | None = None,
    quiet: bool = False,
) -> None:
    """Save a receipt, post its `own` entries and use it: what the plan still asks to the claims, the rest set aside.

    Without `own` entries the receipt and its money were booked before, in bulk, and only the division is left.

    More than this month's amount is no over-payment: it pays the next instalments, oldest first, for as long as the plan
    asks anything, and the citizen is done sooner. `repays`: this storno goes before the plan, as far as it is open. Whatever
    the whole plan does not need repays open stornos before it is set aside, and goes back (payments.md 5.4).
    `divide_at_most`: cents for the plan, when not all of it is meant for that. `quiet`: the caller tells the citizen.
    """
    left = receipt.amount_cents
    repaid = repay_stornos(arrangement, left, only=repays) if repays is not None else 0
    wanted = arrangement.pot_cents - arrangement.received_cents if arrangement.state in RUNNING else 0
    if divide_at_most is not None:
        wanted = min(wanted, divide_at_most)
    receipt.divided_cents = divided = min(left - repaid, wanted)
    repaid += repay_stornos(arrangement, left - repaid - divided)
    receipt.repaid_cents = repaid
    receipt.extra_cents = left - repaid - divided
    receipt.divided_on = today = clock.today()
    receipt.save()
    entries: list[Entry] = list(own)
    if repaid:
        entries.append(postings.storno_repaid(f"{receipt.key}:repaid", arrangement=arrangement.pk, amount=repaid))
    if divided:
        entries += divide(arrangement, divided, key=f"{receipt.key}:distribution:{RULE_VERSION}")
        _allocate(arrangement, divided, today, is_extra=receipt.payment is not None and receipt.payment.is_extra)
    if receipt.extra_cents:
        entries.append(
            postings.overpayment(f"{receipt.key}:extra", arrangement=arrangement.pk, amount=receipt.extra_cents)
        )
    post_entries(entries)
    asked = receipt.payment.amount_cents if receipt.payment is not None else receipt.amount_cents
    audit.record(
        "payment_received",
        object_type="receipt",
        object_id=receipt.pk,
        citizen_id=arrangement.citizen_id,
        reason="" if receipt.amount_cents == asked else "ander bedrag dan gevraagd",
        details={
            "amount_cents": receipt.amount_cents,
            "divided_cents": divided,
            "extra_cents": receipt.extra_cents,
            "repaid_cents": repaid,
        },
    )
    if divided:
        arrangement.received_cents += divided
        arrangement.save(update_fields=["received_cents"])
    if not quiet:
        _tell(arrangement, receipt)
    _close_other_links(arrangement, receipt.payment)
    if divided:
        fulfill_if_paid(arrangement, today)


def kind_of(arrangement: Arrangement, *, is_extra: bool) -> Receipt.Kind:
    """What money that comes in now is to this arrangement."""
    if arrangement.state in OVER:
        return Receipt.Kind.AFTER_END
    return Receipt.Kind.EXTRA if is_extra else Receipt.Kind.INSTALLMENT


def _was_paid(payment: Payment) -> bool:
    """A second payment of the same instalment is shown as extra; it pays the oldest instalment that is open."""
    return payment.installment is not None and payment.installment.state == InstallmentState.PAID


def _allocate(arrangement: Arrangement, amount: int, today: date, *, is_extra: bool) -> None:
    """Oldest instalment first; late is paid. Extra money pays the last ones, so that the plan is over sooner."""
    open_ones = Installment.objects.select_for_update(of=("self",)).filter(
        arrangement=arrangement,
        state__in=[InstallmentState.OPEN, InstallmentState.PARTLY_PAID, InstallmentState.MISSED],
    )
    in_order = ("-due_date", "-number") if is_extra else ("due_date", "number")
    for installment in open_ones.order_by(*in_order):
        if not amount:
            break
        part = min(amount, installment.open_cents)
        amount -= part
        installment.paid_cents += part
        if not installment.open_cents:
            move(
                Thing.INSTALLMENT,
                installment,
                InstallmentState.PAID,
                reason="betaald",
                paid_cents=installment.paid_cents,
                paid_on=today,
            )
        elif installment.state == InstallmentState.PARTLY_PAID:
            installment.save(update_fields=["paid_cents"])
        else:
            move(
                Thing.INSTALLMENT,
                installment,
                InstallmentState.PARTLY_PAID,
                reason="deel betaald",
                paid_cents=installment.paid_cents,
            )
    if amount:
        raise ValueError(f"arrangement {arrangement.pk}: {amount} cents fit no instalment")


def _tell(arrangement: Arrangement, receipt: Receipt) -> None:
    if receipt.kind == Receipt.Kind.AFTER_END and receipt.repaid_cents < receipt.amount_cents:
        _tell_after_end(arrangement, receipt)
        return
    if receipt.extra_cents:
        make_task(
            citizen_id=arrangement.citizen_id,
            key=f"extra:{receipt.pk}",
            kind=CaseTask.Kind.REFUND,
            text=words.TASK_EXTRA,
        )
    tell_citizen(
        arrangement.citizen,
        key=f"receipt:{receipt.pk}",
        kind="payment_received",
        subject=words.SUBJECT,
        body=words.received(
            spoken_euro(receipt.amount_cents),
            divided=receipt.divided_cents > 0,
            extra=spoken_euro(receipt.extra_cents) if receipt.extra_cents else "",
            repaid=spoken_euro(receipt.repaid_cents) if receipt.repaid_cents else "",
            by_itself=receipt.payment is not None,
        ),
    )


def _tell_after_end(arrangement: Arrangement, receipt: Receipt) -> None:
    """The plan is over: this money is nobody's but the citizen's, and goes back."""
    make_task(
        citizen_id=arrangement.citizen_id,
        key=f"after_end:{receipt.pk}",
        kind=CaseTask.Kind.MONEY_AFTER_END,
        text=words.TASK_AFTER_END,
    )
    tell_citizen(
        arrangement.citizen,
        key=f"receipt:{receipt.pk}",
        kind="money_after_end",
        subject=words.SUBJECT_AFTER_END,
        body=words.after_end(
            spoken_euro(receipt.amount_cents),
            repaid=spoken_euro(receipt.repaid_cents) if receipt.repaid_cents else "",
            extra=spoken_euro(receipt.extra_cents),
            by_itself=receipt.payment is not None,
        ),
    )


def _close_other_links(arrangement: Arrangement, payment: Payment | None) -> None:
    """A link for what is paid by now asks for money nobody owes."""
    others = Payment.objects.filter(
        Q(installment__state__in=[InstallmentState.PAID, InstallmentState.MOVED]) | Q(storno__open_cents=0),
        arrangement=arrangement,
        state=PaymentState.PENDING,
    )
    for other in others:
        if payment is not None and other.pk == payment.pk:
            continue
        jobs.enqueue(
            "close_payment_link",
            key=f"close_payment_link:{other.pk}",
            arguments={"payment": other.pk},
            citizen_id=arrangement.citizen_id,
        )
