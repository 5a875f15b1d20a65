from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.policies import page
from arrangements.domain.lifecycle import ClaimState, Thing, state_label
from arrangements.models import Claim
from arrangements.operations.collect_claims import confirm_balance
from creditors.console import queries
from creditors.console.forms import ConfirmBalanceForm
from creditors.console.views.frame import paged, show

SECTION = "saldo"


@page("creditor", methods=("GET", "HEAD"))
def balances(request: HttpRequest) -> HttpResponse:
    """Claims whose amount has to be confirmed."""
    found = paged(request, queries.balance_requests())
    rows = [{"claim": claim, "state": state_label(Thing.CLAIM, claim.state)} for claim in found]
    return show(request, "balances.html", {"rows": rows, "found": found}, section=SECTION)


@page("creditor")
def confirm(request: HttpRequest, claim: UUID) -> HttpResponse:
    """Say what is open."""
    found = Claim.objects.filter(public_id=claim).first()
    if found is None:
        raise Http404
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
        confirm_balance(claim=found, confirmed_cents=form.cleaned_data["amount"])
        return redirect("console:saldo")
    context = {"form": form, "claim": found, "disputed": found.state == ClaimState.DISPUTED}
    return show(request, "confirm_balance.html", context, section=SECTION)
