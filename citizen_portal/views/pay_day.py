"""The pay day: optional, and outside the questions that are counted (features.md C8, T12)."""

from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.policies import PageRequest, page
from arrangements.operations.application import save_answers
from citizen_portal.current import open_application, sent_proposal
from citizen_portal.flow import prepare_proposal
from citizen_portal.forms.pay_day import PayDayForm

BACK_TO_CHECK = "controle"
PROPOSAL = "voorstel"


@page("citizen")
def pay_day(request: PageRequest) -> HttpResponse:
    """On which day does the income come, and on which day does somebody pay?"""
    application = open_application()
    if application is None:
        return redirect(request.page("status" if sent_proposal() else "begin"))
    back = BACK_TO_CHECK if request.GET.get("terug") == BACK_TO_CHECK else PROPOSAL
    known = {
        "income_day": application.income_day,
        "pay_day": application.pay_day,
        "unknown": application.income_day is None and "income_day" in application.entered_by,
    }
    form = PayDayForm(request.POST if request.method == "POST" else None, initial=known)
    if request.method == "POST" and form.is_valid() and not form.asks_again:
        application = save_answers(application=application, answers=form.days)
        outcome = prepare_proposal(application)
        return redirect(request.page(back if outcome == PROPOSAL else outcome))
    return render(request, "citizen/pay_day.html", {"form": form, "back_url": request.page(back)})
