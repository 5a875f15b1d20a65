"""Paying, and what was paid (ux.md C20, C21)."""

from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from accounts.policies import PageRequest, page
from arrangements.domain.lifecycle import ArrangementState, InstallmentState, PaymentState
from arrangements.models import Arrangement, Installment, Payment, Receipt
from arrangements.models.arrangement import PayWay
from arrangements.operations import start_payment
from arrangements.operations.receive_payment import RUNNING
from arrangements.queries.refunds import refunds_of
from citizen_portal.current import contact_now, running_arrangement
from kernel.identifiers import format_iban, in_fours

GET = ("GET", "HEAD")
NOTHING_DUE = (InstallmentState.PAID, InstallmentState.MOVED)


def next_installment(arrangement: Arrangement | None) -> Installment | None:
    """The first month that is not paid. None while the plan stands still, and when it was stopped: it asks nothing then."""
    if arrangement is None or arrangement.state in (ArrangementState.SUSPENDED, ArrangementState.TERMINATED):
        return None
    unpaid = Installment.objects.filter(arrangement=arrangement).exclude(state__in=NOTHING_DUE)
    # By date: an instalment that was moved to the end keeps its number.
    return unpaid.order_by("due_date", "number").first()


@page("citizen", atomic=False)
def pay(request: PageRequest) -> HttpResponse:
    """C20: amount and month; the amount comes from our row. The provider is asked for a page outside any transaction."""
    failed = False
    if request.method == "POST":
        with transaction.atomic():
            installment = next_installment(running_arrangement())
        try:
            if installment is not None:
                payment = start_payment.start_payment(installment=installment, return_url=back_from_bank(request))
                return redirect(payment.link)
        except start_payment.BeingPaid as paid:
            return redirect(request.page("betaling-resultaat", payment=paid.payment.public_id))
        except start_payment.AlreadyPaid:
            return redirect(request.page("betalen"))
        except start_payment.CannotPay:
            failed = True
    with transaction.atomic():
        arrangement = running_arrangement()
        context = {
            "arrangement": arrangement,
            "installment": next_installment(arrangement),
            "failed": failed,
            "withheld": arrangement is not None and arrangement.pay_way == PayWay.WITHHELD,
            "by_transfer": arrangement is not None and arrangement.pay_way == PayWay.TRANSFER,
            "director": contact_now(),
        }
        return render(request, "citizen/pay.html", context)


@page("citizen", methods=GET)
def transfer(request: PageRequest) -> HttpResponse:
    """C20, the other way: everything that is needed to transfer the money oneself, to read and to copy."""
    arrangement = running_arrangement()
    installment = next_installment(arrangement)
    if arrangement is None or installment is None or arrangement.state not in RUNNING:
        return redirect(request.page("betalen"))
    cents = installment.open_cents
    context = {
        "installment": installment,
        "holder": settings.ACCOUNT_HOLDER_NAME,
        "iban": format_iban(settings.ACCOUNT_HOLDER_IBAN),
        "amount_to_type": f"{cents // 100},{cents % 100:02d}",
        "reference": in_fours(arrangement.payment_reference),
        "director": contact_now(),
    }
    return render(request, "citizen/transfer.html", context)


def back_from_bank(request: PageRequest) -> str:
    """The address to come back to from the bank, with "{payment}" for the payment."""
    nobody = UUID(int=0)
    return request.build_absolute_uri(request.page("betaling-resultaat", payment=nobody)).replace(
        str(nobody), "{payment}"
    )


@page("citizen", methods=GET)
def result(request: PageRequest, payment: UUID) -> HttpResponse:
    """Back from the bank: paid, on its way, or not paid, each with a next step."""
    found = Payment.objects.select_related("installment").filter(public_id=payment).first()
    if found is None:
        raise Http404
    return render(
        request,
        "citizen/payment_result.html",
        {
            "payment": found,
            "paid": found.state in (PaymentState.SUCCEEDED, PaymentState.SETTLED),
            "pending": found.state == PaymentState.PENDING,
            "reversed": found.state == PaymentState.REVERSED,
            "director": contact_now(),
        },
    )


@page("citizen", methods=GET)
def payments(request: PageRequest) -> HttpResponse:
    """C21: every month, and every receipt."""
    arrangement = running_arrangement()
    rows = (
        Installment.objects.filter(arrangement=arrangement)
        .select_related("replaces", "replaced_by")
        .order_by("number", "pk")
        if arrangement
        else []
    )
    receipts = (
        Receipt.objects.filter(arrangement=arrangement)
        .select_related("withholding_line")
        .prefetch_related("stornos")
        .order_by("-received_on", "-id")
        if arrangement
        else []
    )
    context = {
        "arrangement": arrangement,
        "installments": rows,
        "receipts": receipts,
        "refunds": refunds_of(arrangement.pk) if arrangement else [],
        "withheld": arrangement is not None and arrangement.pay_way == PayWay.WITHHELD,
    }
    return render(request, "citizen/payments.html", context)
