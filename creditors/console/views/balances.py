from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.policies import page
from arrangements.domain.lifecycle import ClaimState, Thing, state_label
from arrangements.models import Claim
from arrangements.operations.collect_claims import confirm_balance
from arrangements.operations.dispute_claim import open_dispute
from arrangements.queries.claims import line_of
from creditors.console import claim_queries, queries
from creditors.console.forms import ConfirmBalanceForm
from creditors.console.views.frame import paged, show, user_on

SECTION = "saldo"


@page("creditor", methods=("GET", "HEAD"))
def balances(request: HttpRequest) -> HttpResponse:
    """Claims whose amount has to be confirmed."""
    found = paged(request, queries.balance_requests())
    rows = [{"claim": claim, "state": state_label(Thing.CLAIM, claim.state)} for claim in found]
    in_plan = queries.disputed_in_plan()
    return show(request, "balances.html", {"rows": rows, "found": found, "in_plan": in_plan}, section=SECTION)


@page("creditor")
def confirm(request: HttpRequest, claim: UUID) -> HttpResponse:
    """Say what is open."""
    found = Claim.objects.filter(public_id=claim).first()
    if found is None:
        raise Http404
    if line_of(found) is not None and claim_queries.own_claim(claim) is not None:
        return redirect("console:vordering", claim=found.public_id)
    waits = found.state in (ClaimState.REPORTED, ClaimState.DISPUTED)
    in_proposal = queries.open_answer_about(found) if waits else None
    if not waits or in_proposal is not None:
        # A balance in a proposal that is out is corrected there: everybody's share changes with it.
        elsewhere = {"claim": found, "in_proposal": in_proposal, "state": state_label(Thing.CLAIM, found.state)}
        return show(request, "balance_elsewhere.html", elsewhere, section=SECTION)
    if not queries.balance_requests().filter(pk=found.pk).exists():
        raise Http404  # nobody asked us yet: who named it is not known to us, or did not consent
    form = ConfirmBalanceForm(request.POST or None, initial={"amount": found.known_cents})
    if request.method == "POST" and form.is_valid():
        confirm_balance(claim=found, confirmed_cents=form.cleaned_data["amount"], user=user_on(request))
        return redirect("console:saldo")
    context = {
        "form": form,
        "claim": found,
        "disputed": found.state == ClaimState.DISPUTED,
        "dispute": open_dispute(found),
    }
    return show(request, "confirm_balance.html", context, section=SECTION)
