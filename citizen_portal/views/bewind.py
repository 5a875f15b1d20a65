"""Under bewind: who the bewindvoerder is, and what happens until that person says yes. For citizen and coach."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from accounts.models import BewindConsent, CaseWorker, Mandate
from accounts.policies import PageRequest, page
from arrangements.documents.bewind_consent import bewind_consent_content, to_sign
from arrangements.documents.pdf import render_pdf
from arrangements.domain.paper_file import media_type
from arrangements.models import Application
from arrangements.operations.bewind_consent import (
    BewindOver,
    BewindvoerderUnknown,
    record_bewind_consent,
    withdraw_bewind_consent,
)
from arrangements.operations.open_photo import open_consent_photo
from arrangements.operations.record_bewind import OnlyAHelper, end_bewind, record_bewind
from arrangements.queries.bewind import bewind_of
from citizen_portal import bewind_flow, steps
from citizen_portal.current import citizen_now, contact_now, open_application, user_now
from citizen_portal.flow import PROPOSAL_PAGE, prepare_proposal
from citizen_portal.forms.bewind import BewindForm
from citizen_portal.forms.bewind_consent import BewindConsentForm
from citizen_portal.views.coach import coach_now, for_client, living_mandate
from infra import scope
from infra.downloads import foreign_file

GET = ("GET", "HEAD")
_KNOWN = ("name", "organisation", "phone", "email", "since")


@page("citizen")
def bewindvoerder(request: PageRequest) -> HttpResponse:
    """Who manages the money. Everything may stay empty: that there is somebody is enough to ask first."""
    citizen = citizen_now()
    found = bewind_of(citizen.pk)
    if found is None:
        return redirect(request.page("bijzonder"))
    if not found.waits:
        return redirect(request.page(bewind_flow.STATUS_PAGE))
    form = BewindForm(request.POST if request.method == "POST" else None, initial=_known(found.bewind))
    if request.method == "POST" and form.is_valid():
        try:
            record_bewind(citizen=citizen, who=form.who)
        except OnlyAHelper:
            messages.info(request, f"Is er iets veranderd? Bel {contact_now().name}. Dan passen wij het aan.")
        return redirect(request.page(_after(request)))
    return render(request, "citizen/bewindvoerder.html", {"form": form})


def _known(bewind: object) -> dict[str, object]:
    return {name: getattr(bewind, name) for name in _KNOWN}


def _after(request: PageRequest) -> str:
    """The question after the circumstances, or where a change or the check page goes on."""
    application = open_application()
    if application is None:
        return bewind_flow.STATUS_PAGE
    if "terug" in request.GET or application.purpose != Application.Purpose.FIRST:
        outcome = prepare_proposal(application)
        return "controle" if outcome == PROPOSAL_PAGE else outcome
    return steps.next_page("bijzonder", application, acting=request.mandate is not None)


@page("citizen", methods=GET)
def bewind(request: PageRequest) -> HttpResponse:
    """What happens now: who calls whom, by when."""
    context = bewind_flow.status(citizen_now().pk)
    if context["bewind"] is None:
        return redirect(request.page("overzicht"))
    return render(request, "citizen/bewind.html", context | {"director": contact_now()})


# --- the coach -----------------------------------------------------------------------------------------------------


@page("coach")
def of_client(request: PageRequest, client: UUID) -> HttpResponse:
    """Who the bewindvoerder of a client is; the end of a bewind, and a consent that is taken back."""
    mandate = living_mandate(request, client)
    if mandate is None:
        return render(request, "coach/mandate_over.html", status=404)
    with scope.act_as(for_client(request, mandate)):
        found = bewind_of(mandate.citizen_id)
        asked = request.method == "POST" and not {"gestopt", "ingetrokken"} & set(request.POST)
        initial = _known(found.bewind) if found else {}
        form = BewindForm(request.POST if asked else None, initial=initial, helper=True)
        if request.method == "POST" and (not asked or form.is_valid()):
            messages.success(request, _keep(request, mandate, form))
            return redirect("coach:bewindvoerder", mandate.public_id)
    return render(request, "coach/bewind.html", {"mandate": mandate, "form": form, "bewind": found})


def _keep(request: PageRequest, mandate: Mandate, form: BewindForm) -> str:
    """Do what the button said. Returns what the coach reads."""
    if "gestopt" in request.POST:
        end_bewind(citizen=mandate.citizen)
        return "Het bewind is gestopt."
    if "ingetrokken" in request.POST:
        found = bewind_of(mandate.citizen_id)
        if found is not None and found.consent is not None:
            withdraw_bewind_consent(consent=found.consent, user=user_now(request))
        return "De toestemming is ingetrokken. Er start nu niets nieuws."
    record_bewind(citizen=mandate.citizen, who=form.who)
    return "De bewindvoerder is bewaard. Zonder toestemming start er niets."


@page("coach")
def consent_of_client(request: PageRequest, client: UUID) -> HttpResponse:
    """The yes of the bewindvoerder, from a paper the coach saw."""
    mandate = living_mandate(request, client)
    if mandate is None:
        return render(request, "coach/mandate_over.html", status=404)
    with scope.act_as(for_client(request, mandate)):
        found = bewind_of(mandate.citizen_id)
        if found is None or not found.waits or not found.bewind.name:
            return redirect("coach:bewindvoerder", mandate.public_id)
        posted = request.method == "POST"
        form = BewindConsentForm(request.POST if posted else None, request.FILES if posted else None)
        if posted and form.is_valid():
            _record(form, found.bewind.pk, mandate, coach_now(request))
            messages.success(request, "De toestemming is bewaard. Uw cliënt kan verder.")
            return redirect("coach:bewindvoerder", mandate.public_id)
        content = bewind_consent_content(bewind=found.bewind, citizen=mandate.citizen)
    context = {"mandate": mandate, "form": form, "content": content, "bewind": found}
    return render(request, "coach/bewind_consent.html", context)


def _record(form: BewindConsentForm, bewind_id: int, mandate: Mandate, coach: CaseWorker) -> None:
    found = bewind_of(mandate.citizen_id)
    if found is None or found.bewind.pk != bewind_id:
        raise Http404
    photo: bytes | None = form.cleaned_data["photo"].read() if form.cleaned_data["photo"] else None
    try:
        record_bewind_consent(
            bewind=found.bewind,
            consent_on=form.cleaned_data["consent_on"],
            recorded_by=coach,
            photo=photo,
            photo_type=(media_type(photo) or "") if photo else "",
        )
    except (BewindOver, BewindvoerderUnknown) as error:
        raise Http404 from error


@page("coach", methods=GET)
def consent_paper(request: PageRequest, client: UUID) -> HttpResponse:
    """The paper to sign: the same words that are kept, with room for a signature."""
    mandate = living_mandate(request, client)
    if mandate is None:
        return render(request, "coach/mandate_over.html", status=404)
    with scope.act_as(for_client(request, mandate)):
        found = bewind_of(mandate.citizen_id)
        if found is None:
            raise Http404
        content = bewind_consent_content(bewind=found.bewind, citizen=mandate.citizen)
    pdf = render_pdf(to_sign(content))
    return foreign_file(pdf, media_type="application/pdf", name="toestemming-bewindvoerder.pdf")


@page("coach", methods=GET)
def consent_photo(request: PageRequest, client: UUID, bewind_consent: UUID) -> HttpResponse:
    """The photo of the signed paper, for as long as the mandate lives."""
    mandate = living_mandate(request, client)
    if mandate is None:
        return render(request, "coach/mandate_over.html", status=404)
    with scope.act_as(for_client(request, mandate)):
        if not BewindConsent.objects.filter(public_id=bewind_consent, citizen_id=mandate.citizen_id).exists():
            raise Http404
        found = open_consent_photo(consent=bewind_consent)
    if found is None:
        raise Http404
    return foreign_file(found.content, media_type=found.media_type, name=found.name, inline=found.shown)
