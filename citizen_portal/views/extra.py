"""Paying more than is asked: what it would do, and then to the bank (features.md P12)."""

from django.db import transaction
from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.policies import PageRequest, page
from arrangements.models import Arrangement
from arrangements.operations.receive_payment import RUNNING
from arrangements.operations.start_extra_payment import (
    AmountNotPossible,
    foresee_extra,
    open_cents,
    start_extra_payment,
)
from arrangements.operations.start_payment import AlreadyPaid, BeingPaid, CannotPay
from citizen_portal.current import contact_now, plan_now
from citizen_portal.forms.shifts import ExtraForm
from citizen_portal.views.payments import back_from_bank


@page("citizen_self", atomic=False)
def extra(request: PageRequest) -> HttpResponse:
    """An amount, or everything at once; what it does to the plan; and then to the bank (outside any transaction)."""
    failed = False
    asked = request.POST if request.method == "POST" else request.GET
    amount = _cents(asked.get("bedrag", ""))
    if request.method == "POST" and "zeker" in request.POST and amount is not None:
        with transaction.atomic():
            plan = plan_now()
            payable = plan is not None and plan.state in RUNNING and open_cents(plan) > 0
        if plan is not None and payable:
            answer = _to_bank(request, plan, amount)
            if answer is not None:
                return answer
            failed = True
    with transaction.atomic():
        return _page(request, amount, failed=failed)


def _page(request: PageRequest, amount: int | None, *, failed: bool) -> HttpResponse:
    plan = plan_now()
    if plan is None:
        return redirect(request.page("overzicht"))
    open_now = open_cents(plan)
    if plan.state not in RUNNING or not open_now:
        return redirect(request.page("betalen"))
    if request.method == "POST" and "alles" in request.POST:
        return redirect(f"{request.page('extra-betalen')}?bedrag={open_now}")
    typed = request.method == "POST" and not failed
    form = ExtraForm(request.POST if typed else None, open_cents=open_now)
    if typed and form.is_valid():
        return redirect(f"{request.page('extra-betalen')}?bedrag={form.cleaned_data['amount']}")
    context = {"form": form, "open_cents": open_now, "director": contact_now(), "failed": failed}
    if amount is not None and not typed:
        try:
            found = foresee_extra(plan, amount)
        except (AmountNotPossible, AlreadyPaid):
            return redirect(request.page("extra-betalen"))
        ends = plan.lines.aggregate(waived=Sum("waived_cents"), remains=Sum("remains_cents"))
        context |= {"extra": found, "all": found.new_end is None, **ends}
        return render(request, "citizen/extra_preview.html", context)
    return render(request, "citizen/extra.html", context)


def _cents(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def _to_bank(request: PageRequest, plan: Arrangement, amount: int) -> HttpResponse | None:
    try:
        payment = start_extra_payment(arrangement=plan, amount_cents=amount, return_url=back_from_bank(request))
    except BeingPaid as paid:
        return redirect(request.page("betaling-resultaat", payment=paid.payment.public_id))
    except (AmountNotPossible, AlreadyPaid):
        return redirect(request.page("extra-betalen"))
    except CannotPay:
        return None
    return redirect(payment.link)
