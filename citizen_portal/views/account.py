"""Who may help, what we wrote, and the citizen's own data (ux.md C24, C25, C27)."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from accounts.models import CaseWorker, Mandate
from accounts.operations.accept_invitation import (
    CodeUnknown,
    OtherWordsOnScreen,
    accept_invitation,
    coach_of_code,
    words_of,
)
from accounts.operations.end_mandate import end_mandate
from accounts.operations.identify_citizen import set_personal_data
from accounts.policies import PageRequest, page
from arrangements.operations.application import start_application
from arrangements.operations.collect_claims import find_claims
from citizen_portal.current import citizen_now, open_application, user_now
from citizen_portal.forms.citizen import CoachCodeForm, OwnDataForm
from citizen_portal.limits import address_of, too_often
from infra import clock
from infra.models import Message

GET = ("GET", "HEAD")
TRIES = 5


@page("citizen_self")
def coach_code(request: PageRequest) -> HttpResponse:
    """P12: first the code, then who the coach is and what the yes means, then the yes."""
    citizen = citizen_now()
    if not citizen.family_name:
        start_application(citizen=citizen)
        return redirect(f"{request.page('wie-bent-u')}?terug=coachcode")
    form = CoachCodeForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "citizen/coach_code.html", {"form": form})
    code = form.cleaned_data["code"]
    if too_often("coach-code", str(citizen.pk), times=2 * TRIES) or too_often(
        "coach-code-from", address_of(request), times=4 * TRIES
    ):
        form.add_error("code", "U heeft het te vaak geprobeerd. Wacht 15 minuten. Of bel ons.")
        return render(request, "citizen/coach_code.html", {"form": form})
    found = coach_of_code(code)
    if found is None:
        form.add_error("code", "Deze code werkt niet. Vraag uw coach om een nieuwe code.")
        return render(request, "citizen/coach_code.html", {"form": form})
    if "akkoord" not in request.POST:
        return _confirm(request, found, code)
    try:
        mandate = accept_invitation(
            citizen=citizen, user=user_now(request), code=code, seen_hash=request.POST.get("gezien", "")
        )
    except OtherWordsOnScreen:
        messages.warning(request, "De tekst is gewijzigd. Lees hem nog één keer.")
        return _confirm(request, found, code)
    except CodeUnknown:
        form.add_error("code", "Deze code werkt niet meer. Vraag uw coach om een nieuwe code.")
        return render(request, "citizen/coach_code.html", {"form": form})
    if open_application() is not None:
        find_claims(citizen=citizen)
    messages.success(request, f"{mandate.coach.name} mag u nu helpen.")
    return redirect(request.page("helpers"))


def _confirm(request: PageRequest, found: tuple[CaseWorker, int], code: str) -> HttpResponse:
    """Who the coach is and what the yes means: the words that are kept when the yes is given."""
    coach, months = found
    context = {"coach": coach, "words": words_of(coach, months), "code": code}
    return render(request, "citizen/coach_confirm.html", context)


@page("citizen_self", methods=GET)
def helpers(request: PageRequest) -> HttpResponse:
    """C25: who may help, until when."""
    mandates = list(Mandate.objects.select_related("coach").order_by("-created_at"))
    today = clock.today()
    return render(
        request,
        "citizen/helpers.html",
        {
            "running": [one for one in mandates if one.ended_at is None and one.valid_until >= today],
            "over": [one for one in mandates if one.ended_at is not None or one.valid_until < today],
        },
    )


@page("citizen_self", methods=("POST",))
def stop_helper(request: PageRequest, helper: UUID) -> HttpResponse:
    """At once, and no reason is asked."""
    mandate = Mandate.objects.select_related("coach").filter(public_id=helper).first()
    if mandate is None:
        raise Http404
    end_mandate(mandate=mandate, user=user_now(request))
    messages.success(request, f"{mandate.coach.name} kan uw gegevens nu niet meer zien.")
    return redirect(request.page("helpers"))


@page("citizen", methods=GET)
def messages_list(request: PageRequest) -> HttpResponse:
    """C24: the archive of everything we sent."""
    return render(request, "citizen/messages.html", {"post": Message.objects.order_by("-created_at")[:200]})


@page("citizen", methods=GET)
def message(request: PageRequest, message: UUID) -> HttpResponse:
    """One message as it was sent."""
    found = Message.objects.filter(pk=message).first()
    if found is None:
        raise Http404
    return render(request, "citizen/message.html", {"message": found})


@page("citizen")
def own_data(request: PageRequest) -> HttpResponse:
    """C27: what we know, and the telephone number."""
    citizen = citizen_now()
    form = OwnDataForm(request.POST if request.method == "POST" else None, initial={"phone": citizen.phone})
    if request.method == "POST" and form.is_valid():
        set_personal_data(
            citizen=citizen,
            first_name=citizen.first_name,
            family_name=citizen.family_name,
            birth_date=citizen.birth_date,  # type: ignore[arg-type]  # unknown stays unknown
            postcode=citizen.postcode,
            house_number=citizen.house_number,
            phone=form.cleaned_data["phone"],
        )
        messages.success(request, "Uw telefoonnummer is bewaard.")
        return redirect(request.page("gegevens"))
    anchored = citizen.anchors.exists()
    return render(request, "citizen/own_data.html", {"form": form, "citizen": citizen, "anchored": anchored})
