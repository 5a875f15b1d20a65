"""What is chosen before signing: skipping a month, and money that comes once (features.md P12)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.policies import PageRequest, page
from arrangements.domain.lifecycle import ProposalState
from arrangements.models import Arrangement
from arrangements.models.arrangement import ShiftRule, WindfallRule
from arrangements.operations.choose_rules import AlreadySigned, choose_rules
from citizen_portal.current import sent_proposal
from citizen_portal.forms.shifts import RulesForm


@page("citizen")
def choices(request: PageRequest) -> HttpResponse:
    """Two choices; without them the end date moves, and money that comes once is the citizen's own."""
    proposal = sent_proposal()
    if proposal is None or proposal.state != ProposalState.AGREED:
        return redirect(request.page("overzicht"))
    if Arrangement.objects.filter(proposal=proposal).exists():
        return redirect(request.page("overeenkomst"))
    known = {"shift_rule": proposal.shift_rule, "windfall_rule": proposal.windfall_rule}
    form = RulesForm(request.POST if request.method == "POST" else None, initial=known)
    if request.method == "POST" and form.is_valid():
        try:
            choose_rules(
                proposal=proposal,
                shift_rule=ShiftRule(form.cleaned_data["shift_rule"]),
                windfall_rule=WindfallRule(form.cleaned_data["windfall_rule"]),
            )
        except AlreadySigned:
            messages.info(request, "U heeft al getekend.")
        else:
            messages.success(request, "Uw keuzes staan in de regeling.")
        return redirect(request.page("overeenkomst"))
    return render(request, "citizen/choices.html", {"form": form})
