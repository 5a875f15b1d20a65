"""Money that came in: booked, divided over the claims and over the instalments, once, in one transaction."""

from datetime import date

from django.db import transaction

from arrangements.domain import postings
from arrangements.domain.lifecycle import ArrangementState, InstallmentState, PaymentState, Thing
from arrangements.domain.postings import Entry
from arrangements.models import Arrangement, CaseTask, Installment, Payment, Receipt
from arrangements.operations.divide_money import divide
from arrangements.operations.fulfill_arrangement import fulfill_if_paid
from arrangements.operations.moves import move
from arrangements.operations.post_entries import post_entries
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

    Worker only. The amount is what came in, also when we asked for another one. Divided is what the arrangement still
    asks; the rest is set aside for the citizen. A second call for the same payment gives the receipt of the first, also
    when two workers call at once: the arrangement's row lock puts them in line, the unique key is the proof.
    ValueError for an amount that is not positive.
    """
    if amount_cents <= 0:
        raise ValueError("nothing came in")
    arrangement_id = Payment.objects.values_list("arrangement_id", flat=True).get(pk=payment_id)
    arrangement = (
        Arrangement.objects.select_for_update(of=("self",))
        .select_related("citizen__director", "citizen__user")
        .get(pk=arrangement_id)
    )
    payment = Payment.objects.select_for_update(of=("self",)).get(pk=payment_id)
    key = f"{payment.provider}:{payment.provider_id}:receipt"
    found = Receipt.objects.filter(key=key).first()
    if found is not None:
        return found
    today = clock.today()
    wanted = arrangement.pot_cents - arrangement.received_cents if arrangement.state in RUNNING else 0
    divided = min(amount_cents, wanted)
    receipt = Receipt.objects.create(
        kind=_kind(arrangement, payment),
        arrangement=arrangement,
        citizen_id=arrangement.citizen_id,
        payment=payment,
        key=key,
        amount_cents=amount_cents,
        divided_cents=divided,
        extra_cents=amount_cents - divided,
        received_on=today,
    )
    entries: list[Entry] = [postings.receipt_provider(key, arrangement=arrangement.pk, amount=amount_cents)]
    if divided:
        entries += divide(arrangement, divided, key=f"{key}:distribution:{RULE_VERSION}")
        _allocate(arrangement, divided, today, is_extra=payment.is_extra)
    if receipt.extra_cents:
        entries.append(postings.overpayment(f"{key}:extra", arrangement=arrangement.pk, amount=receipt.extra_cents))
    post_entries(entries)
    if payment.state == PaymentState.PENDING:
        move(Thing.PAYMENT, payment, PaymentState.SUCCEEDED, reason="ontvangen", decided_at=clock.now())
    audit.record(
        "payment_received",
        object_type="receipt",
        object_id=receipt.pk,
        citizen_id=arrangement.citizen_id,
        reason="" if amount_cents == payment.amount_cents else "ander bedrag dan gevraagd",
        details={"amount_cents": amount_cents, "divided_cents": divided, "extra_cents": receipt.extra_cents},
    )
    if divided:
        arrangement.received_cents += divided
        arrangement.save(update_fields=["received_cents"])
    _tell(arrangement, receipt)
    _close_other_links(arrangement, payment)
    if divided:
        fulfill_if_paid(arrangement, today)
    return receipt


def _kind(arrangement: Arrangement, payment: Payment) -> Receipt.Kind:
    if arrangement.state in OVER:
        return Receipt.Kind.AFTER_END
    return Receipt.Kind.EXTRA if payment.is_extra else Receipt.Kind.INSTALLMENT


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
    if receipt.kind == Receipt.Kind.AFTER_END:
        _tell_after_end(arrangement, receipt)
        return
    body = f"Wij hebben {spoken_euro(receipt.amount_cents)} van u gekregen. Dank u wel.\n"
    if receipt.divided_cents:
        body += "Wij hebben het verdeeld over de organisaties.\nOp onze website ziet u wat u nu nog betaalt."
    if receipt.extra_cents:
        body += (
            f"\nU betaalde {spoken_euro(receipt.extra_cents)} te veel. Dat geld is van u.\n"
            "Wij bellen u om het terug te geven."
        )
        make_task(
            citizen_id=arrangement.citizen_id,
            key=f"extra:{receipt.pk}",
            kind=CaseTask.Kind.CALL_BACK,
            text="De cliënt betaalde te veel. Bel om het terug te geven.",
        )
    tell_citizen(
        arrangement.citizen,
        key=f"receipt:{receipt.pk}",
        kind="payment_received",
        subject="Uw betaling is binnen",
        body=body,
    )


def _tell_after_end(arrangement: Arrangement, receipt: Receipt) -> None:
    """The plan is over: this money is nobody's but the citizen's, and goes back."""
    make_task(
        citizen_id=arrangement.citizen_id,
        key=f"after_end:{receipt.pk}",
        kind=CaseTask.Kind.MONEY_AFTER_END,
        text="Er kwam geld binnen na het einde van de regeling. Bel de cliënt en betaal het terug.",
    )
    tell_citizen(
        arrangement.citizen,
        key=f"receipt:{receipt.pk}",
        kind="money_after_end",
        subject="U krijgt geld terug",
        body=(
            f"Wij hebben {spoken_euro(receipt.amount_cents)} van u gekregen.\n"
            "Uw regeling is al klaar of gestopt. Dit geld is van u.\n"
            "Wij bellen u om het terug te geven."
        ),
    )


def _close_other_links(arrangement: Arrangement, payment: Payment) -> None:
    """A link for an instalment that is paid by now asks for money nobody owes."""
    others = Payment.objects.filter(
        arrangement=arrangement,
        state=PaymentState.PENDING,
        installment__state__in=[InstallmentState.PAID, InstallmentState.MOVED],
    ).exclude(pk=payment.pk)
    for other in others:
        jobs.enqueue(
            "close_payment_link",
            key=f"close_payment_link:{other.pk}",
            arguments={"payment": other.pk},
            citizen_id=arrangement.citizen_id,
        )
