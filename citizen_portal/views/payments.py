"""Paying, and what was paid (ux.md C20, C21)."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from accounts.policies import PageRequest, page
from arrangements.domain.lifecycle import ArrangementState, InstallmentState, PaymentState
from arrangements.models import Arrangement, Installment, Payment, Receipt
from arrangements.operations import start_payment
from citizen_portal.current import contact_now, running_arrangement

GET = ("GET", "HEAD")
NOTHING_DUE = (InstallmentState.PAID, InstallmentState.MOVED)


def next_installment(arrangement: Arrangement | None) -> Installment | None:
    """The first month that is not paid. None while the plan stands still, and when it was stopped: it asks nothing then."""
    if arrangement is None or arrangement.state in (ArrangementState.SUSPENDED, ArrangementState.TERMINATED):
        return None
    unpaid = Installment.objects.filter(arrangement=arrangement).exclude(state__in=NOTHING_DUE)
    # By date: an instalment that was moved to the end keeps its number.
    return unpaid.order_by("due_date", "number").first()


@page("citizen")
def pay(request: PageRequest) -> HttpResponse:
    """C20: amount and month; the amount comes from our row."""
    arrangement = running_arrangement()
    installment = next_installment(arrangement)
    failed = False
    if request.method == "POST" and installment is not None:
        try:
            payment = start_payment.start_payment(installment=installment, return_url=back_from_bank(request))
        except start_payment.BeingPaid as paid:
            return redirect(request.page("betaling-resultaat", payment=paid.payment.public_id))
        except start_payment.AlreadyPaid:
            return redirect(request.page("betalen"))
        except start_payment.CannotPay:
            failed = True
        else:
            return redirect(payment.link)
    context = {
        "arrangement": arrangement,
        "installment": installment,
        "failed": failed,
        "director": contact_now(),
    }
    return render(request, "citizen/pay.html", context)


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
        Receipt.objects.filter(arrangement=arrangement).prefetch_related("stornos").order_by("-received_on", "-id")
        if arrangement
        else []
    )
    return render(
        request, "citizen/payments.html", {"arrangement": arrangement, "installments": rows, "receipts": receipts}
    )
