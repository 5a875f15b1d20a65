from contextlib import suppress
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.policies import page
from arrangements.documents import comparison as words
from arrangements.domain.deciders import Decider
from arrangements.domain.lifecycle import UNDER_WAY
from arrangements.models import Beslag
from arrangements.operations.report_beslag import report_beslag
from arrangements.operations.report_change import PlanIsOver
from arrangements.queries.beslag import beslag_facts, comparison_for_creditor, living_beslagen
from creditors.console import queries
from creditors.console.forms import OwnBeslagForm
from creditors.console.views.frame import creditor_on, show, user_on

SECTION = "regelingen"


@page("creditor")
def own_beslag(request: HttpRequest, arrangement: UUID) -> HttpResponse:
    """ "Wij leggen beslag": stop and think first. What the plan gives stands beside what a beslag brings."""
    found = queries.arrangements().filter(public_id=arrangement).first()
    if found is None:
        raise Http404
    creditor = creditor_on(request)
    if found.state not in UNDER_WAY:
        return redirect("console:regeling", arrangement=found.public_id)
    form = OwnBeslagForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        # When it ended meanwhile the page of the arrangement says so.
        with suppress(PlanIsOver):
            report_beslag(
                arrangement=found,
                decider=Decider.CREDITOR,
                user=user_on(request),
                creditor=creditor,
                letter=Beslag.Letter(form.cleaned_data["letter"]),
                claim_cents=form.cleaned_data["amount"],
            )
        return redirect("console:regeling", arrangement=found.public_id)
    comparison = comparison_for_creditor(found, creditor)
    facts = beslag_facts(found.pk)
    context = {
        "arrangement": found,
        "form": form,
        "summary": words.summary(comparison, debtor=queries.arrangement_lines([found])[found.pk][0].claim.debtor_name),
        "columns": words.COLUMNS,
        "rows": words.rows(comparison),
        "known": facts.capacity is not None,
        "on_date": facts.on_date,
        "own": living_beslagen(found),
    }
    return show(request, "beslag.html", context, section=SECTION)
