"""After sending: answers, the agreement, documents (ux.md C16, C19)."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header

from accounts.policies import PageRequest, page
from affordability.norms import NormsMissing
from arrangements.documents.agreement import agreement_content
from arrangements.domain.lifecycle import ProposalState
from arrangements.models import Arrangement, CaseTask, Document, Proposal
from arrangements.operations.bewind_consent import BewindConsentMissing
from arrangements.operations.sign_arrangement import (
    NoLongerFits,
    NotAgreedYet,
    SomethingElseOnScreen,
    TooMuchTogether,
    agreement_hash,
    first_due_date,
    sign_arrangement,
)
from arrangements.operations.tasks_for_director import make_task
from arrangements.queries.bewind import bewind_of
from arrangements.queries.certificates import newest_list
from citizen_portal import presenters
from citizen_portal.bewind_flow import wait_for_bewindvoerder
from citizen_portal.current import citizen_now, contact_now, running_arrangement, sent_proposal, user_now
from citizen_portal.forms.signing import SigningForm
from citizen_portal.two_clocks import two_clocks
from infra import clock

GET = ("GET", "HEAD")


@page("citizen", methods=GET)
def status(request: PageRequest) -> HttpResponse:
    """C16: who said what."""
    proposal = sent_proposal()
    if proposal is None:
        return redirect(request.page("begin"))
    context = presenters.status(proposal, citizen_now()) | presenters.plan_context(proposal)
    return render(
        request, "citizen/status.html", context | {"signed": Arrangement.objects.filter(proposal=proposal).exists()}
    )


def _agreed_proposal() -> Proposal | None:
    proposal = sent_proposal()
    return proposal if proposal and proposal.state == ProposalState.AGREED else None


@page("citizen", methods=GET)
def agreement(request: PageRequest) -> HttpResponse:
    """C19: read the agreement; sign when it is not signed yet. What stands here is what is signed."""
    proposal = _agreed_proposal()
    if proposal is None:
        return redirect(request.page("overzicht"))
    return _agreement(request, proposal, SigningForm())


def _agreement(request: PageRequest, proposal: Proposal, form: SigningForm) -> HttpResponse:
    arrangement = Arrangement.objects.filter(proposal=proposal).first()
    signed_on = arrangement.signed_on if arrangement else clock.today()
    first = arrangement.first_due_date if arrangement else first_due_date(signed_on, proposal.pay_day)
    context = {
        "proposal": proposal,
        "arrangement": arrangement,
        "content": agreement_content(proposal=proposal, first_due_date=first, arrangement=arrangement),
        "hash": arrangement.agreement_hash if arrangement else agreement_hash(proposal, signed_on),
        "document": Document.objects.filter(arrangement=arrangement, kind=Document.Kind.AGREEMENT).first(),
        "example_norms": proposal.assessment.uses_example_norms,
        "form": form,
        "bewind": None if arrangement else bewind_of(proposal.citizen_id),
    }
    # The other routes are for who still chooses; afterwards the signed text says it all.
    before = {} if arrangement else two_clocks(proposal)
    return render(request, "citizen/agreement.html", context | before)


@page("citizen_self", methods=("POST",))
def sign(request: PageRequest) -> HttpResponse:
    """ "Ik ga akkoord"."""
    proposal = _agreed_proposal()
    if proposal is None:
        return redirect(request.page("status"))
    form, seen = SigningForm(request.POST), request.POST.get("gezien", "")
    signed = Arrangement.objects.filter(proposal=proposal).exists()
    if not signed and not form.is_valid() and seen == agreement_hash(proposal, clock.today()):
        return _agreement(request, proposal, form)
    try:
        if not signed and not form.is_valid():
            raise SomethingElseOnScreen
        sign_arrangement(proposal=proposal, user=user_now(request), seen_hash=seen, comparison_read=True)
    except BewindConsentMissing:
        return redirect(wait_for_bewindvoerder(request))
    except TooMuchTogether:
        messages.warning(request, "Samen met uw partner is dit bedrag te hoog. Bel ons. Wij zoeken een oplossing.")
        return redirect(request.page("status"))
    except (NoLongerFits, NormsMissing):
        director = contact_now()
        make_task(
            citizen_id=proposal.citizen_id,
            key=f"sign_again:{proposal.pk}:{clock.today()}",
            kind=CaseTask.Kind.NORMS_CHANGED,
            text="De cliënt wil tekenen, maar de normen zijn nu anders of ontbreken. Bel en kijk samen naar de cijfers.",
        )
        messages.warning(request, f"De bedragen van de wet zijn nu anders. {director.name} belt u binnen 2 werkdagen.")
        return redirect(request.page("status"))
    except NotAgreedYet:
        return redirect(request.page("status"))
    except SomethingElseOnScreen:
        messages.warning(request, "De tekst is gewijzigd. Lees de regeling nog één keer.")
        return redirect(request.page("overeenkomst"))
    messages.success(request, "U heeft getekend. Uw regeling staat klaar.")
    return redirect(request.page("overzicht"))


@page("citizen", methods=GET)
def agreement_pdf(request: PageRequest) -> HttpResponse:  # noqa: ARG001  Django gives it
    """The signed agreement as it was given out."""
    arrangement = running_arrangement()
    found = (
        Document.objects.filter(arrangement=arrangement, kind=Document.Kind.AGREEMENT).first() if arrangement else None
    )
    if found is None:
        raise Http404
    return pdf_response(found)


@page("citizen", methods=GET)
def documents(request: PageRequest) -> HttpResponse:
    """Everything we gave out to this citizen."""
    context = {"documents": Document.objects.order_by("-made_on", "-id"), "certificates": newest_list()}
    return render(request, "citizen/documents.html", context)


def _own(document: UUID) -> Document:
    found = Document.objects.filter(public_id=document).first()
    if found is None:
        raise Http404
    return found


@page("citizen", methods=GET)
def document(request: PageRequest, document: UUID) -> HttpResponse:
    """A document as a page: the version that can be read aloud."""
    found = _own(document)
    return render(request, "citizen/document.html", {"document": found, "content": found.content})


@page("citizen", methods=GET)
def document_pdf(request: PageRequest, document: UUID) -> HttpResponse:  # noqa: ARG001  Django gives it
    """The print form."""
    return pdf_response(_own(document))


def pdf_response(document: Document) -> HttpResponse:
    """A document to save."""
    name = f"{document.kind}-{document.reference}.pdf"
    headers = {
        # Saved, never shown as part of this site (reliability.md 2.2, row 10).
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or "attachment",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return HttpResponse(bytes(document.pdf), content_type="application/pdf", headers=headers)
