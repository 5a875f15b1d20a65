"""A payment that the citizen's bank took back: what it means, and one button to pay it back (payments.md 5.4)."""

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.policies import PageRequest, page
from arrangements.operations.start_payment import AlreadyPaid, BeingPaid, CannotPay
from arrangements.operations.start_storno_payment import start_storno_payment
from arrangements.queries.stornos import OpenStornos, open_stornos
from citizen_portal.current import contact_now
from citizen_portal.views.payments import back_from_bank


@page("citizen", atomic=False)
def storno(request: PageRequest) -> HttpResponse:
    """What is open, the oldest first; and then to the bank, which is asked for a page outside any transaction."""
    with transaction.atomic():
        found = open_stornos()
    if found is None:
        return redirect(request.page("overzicht"))
    failed = False
    if request.method == "POST":
        answer = _to_bank(request, found)
        if answer is not None:
            return answer
        failed = True
    with transaction.atomic():
        return render(request, "citizen/storno.html", {"found": found, "failed": failed, "director": contact_now()})


def _to_bank(request: PageRequest, found: OpenStornos) -> HttpResponse | None:
    try:
        payment = start_storno_payment(storno=found.first, return_url=back_from_bank(request))
    except BeingPaid as paid:
        return redirect(request.page("betaling-resultaat", payment=paid.payment.public_id))
    except AlreadyPaid:
        return redirect(request.page("teruggehaald"))
    except CannotPay:
        return None
    return redirect(payment.link)
