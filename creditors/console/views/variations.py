"""Changes of running arrangements that need this organisation's yes, and a no that is taken back."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.policies import page
from arrangements.domain.lifecycle import IllegalMove, RefusalCode
from arrangements.models import Consent
from arrangements.operations.answer_proposal import Changed
from arrangements.operations.answer_variation import (
    ConsentDecided,
    accept_variation,
    look_again,
    refuse_variation,
)
from arrangements.operations.join_running_plan import CannotJoin, offer_to_join
from arrangements.queries.variations import consents, newer_consent, variation_facts, waiting_consents
from creditors.console import queries
from creditors.console.forms import RefuseForm, SeenForm
from creditors.console.presenters import deadline
from creditors.console.variation_presenters import shown_consent
from creditors.console.views.frame import paged, show, user_on
from infra import clock

SECTION = "wijzigingen"


def _consent(public_id: UUID) -> Consent:
    found = consents().filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


@page("creditor", methods=("GET", "HEAD"))
def variations(request: HttpRequest) -> HttpResponse:
    """What waits for an answer, the nearest deadline first; then what was answered."""
    today = clock.today()
    waiting = [{"shown": shown_consent(one), "deadline": deadline(one.answer_by, today)} for one in waiting_consents()]
    found = paged(request, consents().exclude(pk__in=waiting_consents().values("pk")).order_by("-pk"))
    done = [{"shown": shown_consent(one)} for one in found]
    return show(request, "variations.html", {"waiting": waiting, "done": done, "found": found}, section=SECTION)


@page("creditor", methods=("GET", "HEAD"))
def variation(request: HttpRequest, consent: UUID) -> HttpResponse:
    """One question with everything needed to judge it, and the two answers."""
    found = _consent(consent)
    facts = variation_facts(found.variation_id)
    shown = shown_consent(found)
    return show(
        request,
        "variation.html",
        {
            "shown": shown,
            "facts": facts,
            "may_answer": shown.waits and facts.current,
            "deadline": deadline(found.answer_by, clock.today()) if shown.waits else None,
            "newer": newer_consent(found),
            "next_one": waiting_consents().exclude(pk=found.pk).first(),
        },
        section=SECTION,
    )


@page("creditor", methods=("POST",))
def accept(request: HttpRequest, consent: UUID) -> HttpResponse:
    """Akkoord."""
    found = _consent(consent)
    form = SeenForm(request.POST)
    if not form.is_valid():
        return _changed(request, found)
    try:
        accept_variation(consent=found, seen_hash=form.cleaned_data["seen_hash"], user=user_on(request))
    except ConsentDecided as first:
        return _decided(request, first.consent)
    except (Changed, IllegalMove):
        return _changed(request, found)
    return redirect("console:wijziging", consent=found.public_id)


@page("creditor")
def refuse(request: HttpRequest, consent: UUID) -> HttpResponse:
    """Weiger: a code, and a detail when the code asks for one."""
    found = _consent(consent)
    if request.method == "POST":
        form = RefuseForm(request.POST)
        if form.is_valid():
            try:
                refuse_variation(
                    consent=found,
                    seen_hash=form.cleaned_data["seen_hash"],
                    user=user_on(request),
                    code=RefusalCode(form.cleaned_data["code"]),
                    note=form.cleaned_data["note"].strip(),
                )
            except ConsentDecided as first:
                return _decided(request, first.consent)
            except (Changed, IllegalMove):
                return _changed(request, found)
            return redirect("console:wijziging", consent=found.public_id)
    else:
        shown = shown_consent(found)
        if shown.decided:
            return _decided(request, found)
        if not shown.waits or not variation_facts(found.variation_id).current:
            return _changed(request, found)
        form = RefuseForm(initial={"seen_hash": found.variation.content_hash})
    return show(request, "refuse_variation.html", {"form": form, "shown": shown_consent(found)}, section=SECTION)


@page("creditor", methods=("POST",))
def join(request: HttpRequest, answer: UUID) -> HttpResponse:
    """Alsnog meedoen: for the share of then; the citizen chooses."""
    found = queries.answers().filter(public_id=answer).first()
    if found is None:
        raise Http404
    try:
        offer_to_join(answer=found, user=user_on(request))
    except CannotJoin:
        messages.error(request, "Meedoen kan niet (meer). De regeling loopt niet, of u vroeg het al.")
    else:
        messages.success(request, "De burger krijgt uw vraag. U hoort het antwoord onder Wijzigingen.")
    return redirect("console:voorstel", answer=found.public_id)


def _decided(request: HttpRequest, consent: Consent) -> HttpResponse:
    """Somebody was first: who, when and what."""
    context = {"shown": shown_consent(_consent(consent.public_id)), "next_one": waiting_consents().first()}
    return show(request, "variation_decided.html", context, section=SECTION, status=409)


def _changed(request: HttpRequest, consent: Consent) -> HttpResponse:
    """Gewijzigd, kijk opnieuw: it is asked afresh when the plan changed."""
    look_again(consent)
    context = {"shown": shown_consent(consent), "newer": newer_consent(consent)}
    return show(request, "variation_changed.html", context, section=SECTION, status=409)
