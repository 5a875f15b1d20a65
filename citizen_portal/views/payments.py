"""Paying, and what was paid (ux.md C20, C21)."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from accounts.policies import PageRequest, page
from arrangements.domain.lifecycle import InstallmentState, PaymentState
from arrangements.models import Arrangement, Installment, Payment, Receipt
from arrangements.operations import start_payment
from citizen_portal.current import contact_now, running_arrangement

GET = ("GET", "HEAD")
NOTHING_DUE = (InstallmentState.PAID, InstallmentState.MOVED)


def next_installment(arrangement: Arrangement | None) -> Installment | None:
    """The first month that is not paid."""
    if arrangement is None:
        return None
    return Installment.objects.filter(arrangement=arrangement).exclude(state__in=NOTHING_DUE).order_by("number").first()


@page("citizen")
def pay(request: PageRequest) -> HttpResponse:
    """C20: amount and month; the amount comes from our row."""
    arrangement = running_arrangement()
    installment = next_installment(arrangement)
    failed = False
    if request.method == "POST" and installment is not None:
        try:
            payment = start_payment.start_payment(installment=installment, return_url=_back_from_bank(request))
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


def _back_from_bank(request: PageRequest) -> str:
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
            "director": contact_now(),
        },
    )


@page("citizen", methods=GET)
def payments(request: PageRequest) -> HttpResponse:
    """C21: every month, and every receipt."""
    arrangement = running_arrangement()
    rows = Installment.objects.filter(arrangement=arrangement).order_by("number") if arrangement else []
    receipts = Receipt.objects.filter(arrangement=arrangement).order_by("-received_on", "-id") if arrangement else []
    return render(
        request, "citizen/payments.html", {"arrangement": arrangement, "installments": rows, "receipts": receipts}
    )
