"""The account we pay to: a manager asks for another one, our desk checks it, and then there is a waiting time."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.policies import page
from arrangements.domain.policy_values import policy_on
from arrangements.operations.change_iban import CannotChangeIban, ask_iban_change, withdraw_iban_change
from creditors.console import queries
from creditors.console.forms import IbanForm
from creditors.console.views.frame import creditor_on, show, user_on
from infra import clock

SECTION = "uitbetalingen"


@page("creditor_manager")
def account(request: HttpRequest) -> HttpResponse:
    """First the number; then, with old and new on the screen, the yes."""
    form = IbanForm(request.POST or None)
    ask = request.method == "POST" and form.is_valid()
    if ask and "zeker" in request.POST:
        try:
            ask_iban_change(creditor=creditor_on(request), user=user_on(request), iban=form.cleaned_data["iban"])
        except CannotChangeIban as refused:
            form.add_error("iban", str(refused))
            ask = False
        else:
            return redirect("console:rekening")
    context = {
        "to": creditor_on(request),
        "change": queries.open_iban_change(),
        "history": queries.iban_changes(),
        "form": form,
        "ask": ask,
        "days": policy_on(clock.today()).iban_change_working_days,
    }
    return show(request, "account.html", context, section=SECTION)


@page("creditor_manager", methods=("POST",))
def withdraw(request: HttpRequest, iban_change: UUID) -> HttpResponse:
    """The question is taken back. When it was in force already, the page shows that."""
    found = queries.iban_changes().filter(public_id=iban_change).first()
    if found is None:
        raise Http404
    try:
        withdraw_iban_change(change=found, user=user_on(request))
    except CannotChangeIban:
        return redirect("console:rekening")
    return redirect("console:rekening")
