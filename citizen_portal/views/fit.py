"""P3: three questions for anybody, and an honest answer. Nothing is kept: not in a row, the session, an address or a log."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters

from accounts.policies import PageRequest, page
from arrangements.domain.policy_values import policy_on
from citizen_portal.fit import Exit, Helper, Spare, exits
from citizen_portal.forms.fit import FitForm
from infra import clock

TITLES = {
    Exit.CRISIS: "Bel vandaag nog uw gemeente",
    Exit.LOOK_AT_POST: "Kijk eerst of er haast is",
    Exit.HELPER_FIRST: "Praat eerst met wie u helpt",
    Exit.WHO_HELPS: "Zoek uit of iemand u al helpt",
    Exit.NOTHING_TO_MISS: "U kunt nu niets missen",
    Exit.BEGIN: "Dit kan bij u passen",
}


# The answers travel in the body of a POST, never in an address; an error report leaves them out.
@page("public")
@sensitive_post_parameters()
def fit(request: PageRequest) -> HttpResponse:
    """Ask, and answer on the same address."""
    form = FitForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "public/fit.html", {"form": form})
    answers = form.cleaned_data
    found = exits(**answers)
    context = {
        "exits": [(one.value, TITLES[one]) for one in found],
        "title": TITLES[found[0]],
        "threat": answers["threat"].value,
        "helper": answers["helper"].value,
        "together": answers["helper"] is Helper.VOLUNTEER,
        "to_work_out": answers["spare"] is Spare.UNKNOWN,
        "values": policy_on(clock.today()),
    }
    return render(request, "public/fit_answer.html", context)
