"""After a no or silence: the choice with its consequences, the municipal route, stopping (ux.md C16)."""

from contextlib import suppress
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from accounts.contact import contact_of
from accounts.policies import PageRequest, page
from arrangements.domain.lifecycle import AnswerState, IllegalMove, ProposalState, RefusalCode
from arrangements.models import Answer, Document, MunicipalRoute, Proposal
from arrangements.operations.ask_reconsideration import may_be_reconsidered
from arrangements.operations.choose_municipal_route import NoRouteNow, choose_municipal_route
from arrangements.operations.go_on_without import NotPossible, go_on_without
from arrangements.operations.withdraw_proposal import AlreadySigned, withdraw_proposal
from arrangements.queries.after_refusal import after_refusal
from citizen_portal.current import citizen_now, ended_proposal, sent_proposal
from citizen_portal.forms.municipal import MunicipalForm
from citizen_portal.two_clocks import two_clocks

GET = ("GET", "HEAD")
#: A proposal that can still be stopped. What was signed is stopped in another way.
MAY_STOP = (ProposalState.SUBMITTED, ProposalState.AGREED)


def _answer(answer: UUID) -> Answer:
    found = Answer.objects.filter(public_id=answer).select_related("creditor", "proposal").first()
    if found is None:
        raise Http404
    return found


@page("citizen", methods=GET)
def choice(request: PageRequest, answer: UUID) -> HttpResponse:
    """What this organisation said, what it weighs, and every way to go on, before anything is chosen."""
    row = _answer(answer)
    found = after_refusal(row)
    if found is None:
        return redirect(request.page("status"))
    context = {
        "name": row.creditor.name,
        "found": found,
        "percent": round(found.part_basis_points / 100),
        # A no of before that ended in silence is no no.
        "reason": RefusalCode(row.refusal_code).citizen_text if row.state == AnswerState.REFUSED else "",
        "note": row.refusal_note if row.state == AnswerState.REFUSED else "",
        "may_look_again": may_be_reconsidered(row),
        "route": MunicipalRoute.objects.filter(proposal=row.proposal).first(),
        "director": contact_of(citizen_now().director),
    }
    return render(request, "citizen/choice.html", context)


@page("citizen_self", methods=("POST",))
def without(request: PageRequest, answer: UUID) -> HttpResponse:
    """Go on without an organisation that says no, or that stays silent."""
    row = _answer(answer)
    try:
        go_on_without(answer=row)
    except NotPossible:
        messages.warning(request, "Dit kan nu niet. Bel ons als u vragen heeft.")
        return redirect(request.page("status"))
    return redirect(request.page("keuze", answer=answer))


@page("citizen_self")
def withdraw(request: PageRequest) -> HttpResponse:
    """Stop: what it means, and asked once more."""
    proposal = sent_proposal()
    if proposal is None or proposal.state not in MAY_STOP:
        return redirect(request.page("status"))
    if request.method == "POST":
        try:
            withdraw_proposal(proposal=proposal)
        except (AlreadySigned, IllegalMove):
            messages.warning(request, "Dit kan nu niet. Bel ons als u vragen heeft.")
        return redirect(request.page("overzicht"))
    return render(request, "citizen/withdraw.html", {"director": contact_of(citizen_now().director)})


@page("citizen")
def municipal(request: PageRequest) -> HttpResponse:
    """The municipal route: what it is, what we are not; "Maak mijn dossier"; then the file and the next steps.

    A coach sees it; only the client chooses.
    """
    if request.method == "POST" and request.mandate is not None:
        return render(request, "coach/only_the_client.html", {"mandate": request.mandate}, status=403)
    proposal = sent_proposal() or ended_proposal()
    if proposal is None or _signed(proposal):
        return redirect(request.page("overzicht"))
    form = MunicipalForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with suppress(NoRouteNow):  # signed in another window: the page leads on
            choose_municipal_route(proposal=proposal, **form.cleaned_data)
        return redirect(request.page("gemeente"))
    context = {
        "route": MunicipalRoute.objects.filter(proposal=proposal).first(),
        "document": Document.objects.filter(proposal=proposal, kind=Document.Kind.MUNICIPAL).first(),
        "form": form,
        "municipal_months": two_clocks(proposal)["municipal_months"],
        "may_stop": proposal.state in MAY_STOP,
        "director": contact_of(citizen_now().director),
    }
    return render(request, "citizen/municipal.html", context)


def _signed(proposal: Proposal) -> bool:
    return hasattr(proposal, "arrangement")
