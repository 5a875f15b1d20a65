"""The application: one question per page, saved on every "Verder" (ux.md C2 to C15)."""

import re
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.contact import contact_of
from accounts.models import Citizen
from accounts.operations.identify_citizen import set_personal_data
from accounts.policies import PageRequest, page
from affordability.budget import SHORT_LIST, line_per_month
from affordability.household import UncertainReason
from arrangements.domain.lifecycle import ClaimState
from arrangements.domain.policy_values import policy_on
from arrangements.models import Application, Assessment, CaseTask, Claim
from arrangements.operations.application import (
    AlreadySent,
    give_consent,
    save_answers,
    save_budget,
    start_application,
    withdraw_consent,
)
from arrangements.operations.assess_application import high_rent_today
from arrangements.operations.bewind_consent import BewindConsentMissing
from arrangements.operations.collect_claims import (
    InvitationUnknown,
    add_claim,
    find_claims,
    open_by_invitation,
    say_about_claim,
)
from arrangements.operations.make_proposal import AmountTooHigh, claims_for_plan
from arrangements.operations.submit_proposal import NotComplete, NotIdentified, submit_proposal
from arrangements.operations.tasks_for_director import make_task
from arrangements.queries.bewind import bewind_of
from arrangements.queries.budget import budget_file
from arrangements.queries.household import claims_i_share, shared_claims
from arrangements.queries.submission_gaps import submission_gaps
from citizen_portal import explanation, gaps, presenters, steps
from citizen_portal.bewind_flow import WHO_PAGE, say_bewind, wait_for_bewindvoerder
from citizen_portal.change_flow import COMPARISON_PAGE, asked_as_well, back_from_question
from citizen_portal.current import (
    citizen_now,
    contact_now,
    draft_of,
    first_application,
    latest_assessment,
    open_application,
    plan_now,
    sent_proposal,
    user_now,
)
from citizen_portal.flow import PROPOSAL_PAGE, prepare_proposal
from citizen_portal.forms import citizen as forms
from citizen_portal.forms.household import HouseholdForm, SpecialForm, members_from_json
from citizen_portal.forms.income import IncomeForm, PartnerForm, TaxableForm
from citizen_portal.limits import address_of, too_often
from creditors.models import Creditor
from infra import clock

GET = ("GET", "HEAD")
BACK_TO_CHECK = "controle"
# Of a code in a letter, per login; an office with many visitors gets twice as many.
TRIES = 10


def _acting(request: PageRequest) -> bool:
    return request.mandate is not None


def _returns_to_check(request: PageRequest) -> bool:
    return request.GET.get("terug") == BACK_TO_CHECK


def _to(request: PageRequest, name: str) -> HttpResponse:
    """To another question, keeping in mind that somebody came from the check page."""
    again = f"?terug={BACK_TO_CHECK}" if _returns_to_check(request) and name in steps.BY_NAME else ""
    return redirect(request.page(name) + again)


def _onward(request: PageRequest, name: str, application: Application) -> HttpResponse:
    """After saving page `name`: the next question; back to the check page; or what came out."""
    if _returns_to_check(request) or application.purpose != Application.Purpose.FIRST:
        outcome = asked_as_well(request.GET, application) or prepare_proposal(application)
        return _to(request, BACK_TO_CHECK if outcome == PROPOSAL_PAGE else outcome)
    following = steps.next_page(name, application, acting=_acting(request))
    return _to(request, prepare_proposal(application) if following == PROPOSAL_PAGE else following)


def _question(
    request: PageRequest, name: str, application: Application, form: Form, template: str, **more: Any
) -> HttpResponse:
    step = steps.BY_NAME[name]
    before = steps.previous_page(name, application, acting=_acting(request))
    if _returns_to_check(request):
        before = BACK_TO_CHECK
    context = {
        "step": step,
        "questions": steps.QUESTIONS,
        "form": form,
        "change": application.purpose != Application.Purpose.FIRST,
        "back_url": request.page(back_from_question(application) or before),
        **more,
    }
    return render(request, f"citizen/{template}.html", context)


def _no_application(request: PageRequest) -> HttpResponse:
    """Nothing is being filled in: to the plan that runs or the change of it, to what was sent, or to the beginning."""
    if plan_now() is not None:
        return redirect(request.page("overzicht" if open_application() is None else COMPARISON_PAGE))
    return redirect(request.page("status" if sent_proposal() else "begin"))


@page("citizen")
def begin(request: PageRequest) -> HttpResponse:
    """C2: what we ask, how long it takes. Not while a plan runs: then there is only a change of it."""
    if plan_now() is not None:
        return redirect(request.page("overzicht"))
    application = open_application()
    if request.method == "POST":
        citizen = citizen_now()
        try:
            application = start_application(citizen=citizen)
        except AlreadySent:
            return redirect(request.page("status"))
        return redirect(request.page(steps.first_open_page(application, citizen, acting=_acting(request))))
    started = application is not None and bool(application.entered_by or application.consent_at)
    return render(request, "citizen/begin.html", {"started": started, "questions": steps.QUESTIONS})


@page("citizen")
def who(request: PageRequest) -> HttpResponse:
    """Name, birth date and address. They open nothing; only an identity anchor does."""
    application, citizen = first_application(), citizen_now()
    if application is None:
        return _no_application(request)
    fixed = citizen.anchors.exists() and bool(citizen.family_name)
    names = ("first_name", "family_name", "birth_date", "postcode", "house_number")
    known = {name: getattr(citizen, name) for name in names}
    if request.method == "POST" and fixed:
        return _onward(request, "wie-bent-u", application)
    form = forms.WhoForm(request.POST if request.method == "POST" else None, initial=known)
    if request.method == "POST" and form.is_valid():
        set_personal_data(citizen=citizen, phone=citizen.phone, **form.cleaned_data)
        if request.GET.get("terug") == "coachcode":
            return redirect(request.page("coachcode"))
        return _onward(request, "wie-bent-u", application)
    return _question(request, "wie-bent-u", application, form, "who", fixed=fixed, citizen=citizen)


@page("citizen")
def letter(request: PageRequest) -> HttpResponse:
    """The code from a letter of an organisation: the anchor of the identity. May be passed over."""
    application, citizen = first_application(), citizen_now()
    if application is None:
        return _no_application(request)
    form = forms.InvitationForm(request.POST or None)
    if request.method == "POST" and "geen-code" in request.POST:
        return _onward(request, "brief", application)
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["code"]
        if not code:
            form.add_error("code", "Vul de code in. Heeft u geen code? Kies dan: Ik heb geen code.")
        elif not citizen.family_name:
            form.add_error("code", "Vul eerst in wie u bent.")
        elif too_often("letter-code", str(request.actor.user_id), times=TRIES) or too_often(
            "letter-code-from", address_of(request), times=2 * TRIES
        ):
            form.add_error("code", "U heeft het te vaak geprobeerd. Wacht 15 minuten. Of bel ons.")
        else:
            try:
                open_by_invitation(citizen=citizen, code=code)
            except InvitationUnknown:
                form.add_error("code", "Deze code werkt niet. Kijk nog eens goed in de brief.")
            else:
                find_claims(citizen=citizen)
                return _onward(request, "brief", application)
    return _question(request, "brief", application, form, "letter", citizen=citizen, anchored=citizen.anchors.exists())


@page("citizen_self")
def consent(request: PageRequest) -> HttpResponse:
    """C3: may we ask the organisations? Nobody else can say this yes."""
    application, citizen = first_application(), citizen_now()
    if application is None:
        return _no_application(request)
    if request.method == "POST":
        if "nee" not in request.POST:
            give_consent(application=application)
            find_claims(citizen=citizen)
        return _onward(request, "toestemming", application)
    names = Claim.objects.filter(citizen=citizen).select_related("creditor").order_by("creditor__name")
    return _question(
        request,
        "toestemming",
        application,
        Form(),
        "consent",
        given_at=application.consent_at,
        names=sorted({claim.creditor.name for claim in names}),
        anchored=citizen.anchors.exists(),
    )


@page("citizen_self", methods=("POST",))
def consent_withdrawn(request: PageRequest) -> HttpResponse:
    """Taking the yes back, at any moment while filling in."""
    application = first_application()
    if application is not None:
        withdraw_consent(application=application)
        messages.info(request, "U heeft uw toestemming ingetrokken.")
    return redirect(request.page("toestemming"))


def _claims(citizen: Citizen) -> list[Claim]:
    gone = (ClaimState.WITHDRAWN, ClaimState.TRANSFERRED)
    return list(Claim.objects.filter(citizen=citizen).exclude(state__in=gone).select_related("creditor").order_by("pk"))


@page("citizen")
def organisations(request: PageRequest) -> HttpResponse:
    """C4: what was found, with yes, no or don't know."""
    application, citizen = first_application(), citizen_now()
    if application is None:
        return _no_application(request)
    if request.method == "POST" and "zoek" in request.POST:
        before = len(_claims(citizen))
        find_claims(citizen=citizen)
        more = len(_claims(citizen)) > before
        messages.info(request, "We hebben meer gevonden." if more else "We hebben niets nieuws gevonden.")
        return _to(request, "organisaties")
    claims = _claims(citizen)
    form = forms.ClaimsForm(
        claims, request.POST if request.method == "POST" else None, invited=presenters.invited_words(claims)
    )
    if request.method == "POST" and form.is_valid():
        for said in form.answers():
            say_about_claim(
                claim=said.claim, says=said.says, reason=said.reason, note=said.note, user=user_now(request)
            )
        return _onward(request, "organisaties", application)
    return _question(
        request,
        "organisaties",
        application,
        form,
        "organisations",
        claims=claims,
        total=sum(claim.known_cents or 0 for claim in claims),
        may_search=application.consent_at is not None and citizen.anchors.exists(),
        consent_missing=application.consent_at is None,
        with_me=shared_claims(citizen.pk),
        by_me=claims_i_share(citizen.pk),
    )


@page("citizen")
def add_organisation(request: PageRequest) -> HttpResponse:
    """C5: name one that was not found."""
    application, citizen = first_application(), citizen_now()
    if application is None:
        return _no_application(request)
    form = forms.AddOrganisationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        claim = add_claim(citizen=citizen, **form.cleaned_data)
        if claim.creditor.participates:
            messages.success(request, f"{claim.creditor.name} staat nu in uw lijst.")
        else:
            messages.info(request, f"{claim.creditor.name} doet nog niet mee. Wij nodigen deze organisatie uit.")
        return _to(request, "organisaties")
    known = Creditor.objects.filter(participates=True, named_by_citizen_id=None).order_by("name")
    context = {
        "form": form,
        "names": known.values_list("name", flat=True)[:500],
        "back_url": request.page("organisaties"),
    }
    return render(request, "citizen/add_organisation.html", context)


@page("citizen")
def household(request: PageRequest) -> HttpResponse:
    """C6: who lives with you; the living situation in law follows, and is said when it is another one."""
    application = open_application()
    if application is None:
        return _no_application(request)
    more = request.method == "POST" and "meer" in request.POST
    form = HouseholdForm(
        request.POST if request.method == "POST" and not more else None,
        year=clock.today().year,
        situation=application.situation,
        members=members_from_json(application.members),
        # Asking for one more row is no answer yet: what was typed stays, and nothing is judged.
        typed=request.POST if more else None,
    )
    if request.method == "POST" and not more and form.is_valid():
        application = save_answers(application=application, answers=form.answers(application))
        if form.differs:
            said = application.get_situation_display()
            messages.info(request, f"Een kind van 18 jaar of ouder telt niet mee. Voor de wet is het: {said.lower()}.")
        return _onward(request, "huishouden", application)
    return _question(request, "huishouden", application, form, "household", more=more)


@page("citizen")
def special(request: PageRequest) -> HttpResponse:
    """Circumstances in which we need an official figure."""
    application = open_application()
    if application is None:
        return _no_application(request)
    form = SpecialForm(
        request.POST if request.method == "POST" else None,
        initial={
            "uncertain": [*application.uncertain, *(reason for reason in application.unknown)],
            "bewind": bewind_of(application.citizen_id) is not None,
        },
        high_rent=high_rent_today(),
    )
    if request.method == "POST" and form.is_valid():
        chosen = set(form.cleaned_data["uncertain"])
        unsure = {UncertainReason.CIRCUMSTANCES_UNKNOWN.value}
        answers = {
            "uncertain": sorted(chosen - unsure),
            "unknown": sorted((set(application.unknown) - unsure) | (chosen & unsure)),
        }
        application = save_answers(application=application, answers=answers)
        if say_bewind(request, says=form.cleaned_data["bewind"]):
            again = "?terug=controle" if _returns_to_check(request) else ""
            return redirect(request.page(WHO_PAGE) + again)
        return _onward(request, "bijzonder", application)
    return _question(request, "bijzonder", application, form, "question")


@page("citizen")
def income(request: PageRequest) -> HttpResponse:
    """C7: net income; we convert weeks to months."""
    application = open_application()
    if application is None:
        return _no_application(request)
    form = IncomeForm(request.POST if request.method == "POST" else None, initial=IncomeForm.known(application))
    if request.method == "POST" and form.is_valid():
        application = save_answers(application=application, answers=form.answers(application))
        return _onward(request, "inkomen", application)
    return _question(request, "inkomen", application, form, "income")


@page("citizen")
def taxable(request: PageRequest) -> HttpResponse:
    """C7: the taxable amount on a payslip or year statement; not knowing it is an answer."""
    application = open_application()
    if application is None:
        return _no_application(request)
    couple = steps.is_couple(application)
    form = TaxableForm(
        request.POST if request.method == "POST" else None,
        initial=TaxableForm.known(application),
        couple=couple,
        net_income=application.net_income_cents,
    )
    if request.method == "POST" and form.is_valid():
        application = save_answers(application=application, answers=form.answers())
        return _onward(request, "belastbaar", application)
    return _question(request, "belastbaar", application, form, "taxable", couple=couple)


@page("citizen")
def partner(request: PageRequest) -> HttpResponse:
    """Couples only: does the partner take part, and what comes in there."""
    application = open_application()
    if application is None:
        return _no_application(request)
    if not steps.is_couple(application):
        return _to(request, "vaste-lasten")
    form = PartnerForm(request.POST if request.method == "POST" else None, initial=PartnerForm.known(application))
    if request.method == "POST" and form.is_valid():
        application = save_answers(application=application, answers=form.answers(application))
        return _onward(request, "partner", application)
    return _question(request, "partner", application, form, "partner")


@page("citizen")
def fixed_costs(request: PageRequest) -> HttpResponse:
    """C8: three costs."""
    application = open_application()
    if application is None:
        return _no_application(request)
    known = {f"{code}_cents": line_per_month(application.budget.get(code)) for code in SHORT_LIST}
    form = forms.FixedCostsForm(request.POST if request.method == "POST" else None, initial=known)
    if request.method == "POST" and form.is_valid():
        application = save_budget(application=application, lines=form.lines(application))
        return _onward(request, "vaste-lasten", application)
    return _question(request, "vaste-lasten", application, form, "fixed_costs")


def _offered(request: PageRequest) -> int | None:
    """An amount that a page of ours suggested, in cents: filled in, and nothing more. The citizen's choice stays."""
    euros = request.GET.get("bedrag", "")
    return int(euros) * 100 if re.fullmatch(r"[1-9][0-9]{0,3}", euros) else None


@page("citizen")
def can_miss(request: PageRequest) -> HttpResponse:
    """C9: how much can you miss every month, and how long."""
    application = first_application()
    if application is None:
        return _no_application(request)
    term = policy_on(clock.today()).term_months
    terms = sorted({*range(12, term, 12), term})
    known = {
        "declared_cents": _offered(request) or application.declared_cents,
        "months": str(application.months or term),
    }
    form = forms.CanMissForm(terms, request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        answers = {"declared_cents": form.cleaned_data["declared_cents"], "months": int(form.cleaned_data["months"])}
        application = save_answers(application=application, answers=answers)
        return _onward(request, "missen", application)
    left = budget_file(application, citizen_now()).left
    return _question(
        request,
        "missen",
        application,
        form,
        "can_miss",
        term=term,
        left=left,
        shortage=-left if left is not None else 0,
    )


# --- what came out -------------------------------------------------------------------------------------------------


@page("citizen")
def nothing_to_miss(request: PageRequest) -> HttpResponse:
    """C10: zero is a respected answer. Other help, or somebody calls."""
    application, citizen = first_application(), citizen_now()
    if application is None:
        return _no_application(request)
    if request.method == "POST":
        make_task(
            citizen_id=citizen.pk,
            key=f"nothing_to_miss:{application.pk}",
            kind=CaseTask.Kind.NOTHING_TO_MISS,
            text="De cliënt kan niets missen en wil gebeld worden.",
        )
        if not citizen.phone:
            messages.info(request, f"Vul uw telefoonnummer in. Dan kan {contact_of(citizen.director).name} u bellen.")
            return redirect(request.page("gegevens"))
        messages.success(request, f"{contact_of(citizen.director).name} belt u binnen 2 werkdagen.")
        return redirect(request.page("niets-missen"))
    return render(
        request, "citizen/nothing_to_miss.html", {"director": contact_of(citizen.director), "phone": citizen.phone}
    )


@page("citizen", methods=GET)
def too_high(request: PageRequest) -> HttpResponse:
    """C11: this amount leaves too little. Nobody can overrule it."""
    application = open_application()
    if application is None:
        return _no_application(request)
    assessment = latest_assessment(application, Assessment.Verdict.RED)
    if assessment is None:
        return redirect(request.page("missen"))
    return render(request, "citizen/too_high.html", explanation.verdict(assessment, citizen_now()))


@page("citizen", methods=GET)
def fact_missing(request: PageRequest) -> HttpResponse:
    """Amber: saved, explained, and no proposal until the missing fact is there."""
    application = open_application()
    if application is None:
        return _no_application(request)
    assessment = latest_assessment(application, Assessment.Verdict.AMBER)
    if assessment is None:
        return redirect(request.page("missen"))
    return render(request, "citizen/fact_missing.html", explanation.verdict(assessment, citizen_now()))


@page("citizen", methods=GET)
def norms_missing(request: PageRequest) -> HttpResponse:
    """We cannot compute today. The desk knows; the answers stay."""
    if open_application() is None:
        return _no_application(request)
    citizen = citizen_now()
    return render(
        request, "citizen/norms_missing.html", {"director": contact_of(citizen.director), "phone": citizen.phone}
    )


@page("citizen", methods=GET)
def no_balances(request: PageRequest) -> HttpResponse:
    """There is nothing to divide yet: no organisation, or no amount."""
    if first_application() is None:
        return _no_application(request)
    citizen = citizen_now()
    context = {"director": contact_of(citizen.director), "claims": claims_for_plan(citizen.pk)}
    return render(request, "citizen/no_balances.html", context)


@page("citizen", methods=GET)
def draft(request: PageRequest) -> HttpResponse:
    """C12: one amount, one term, the split, what is waived, and the other route."""
    application = first_application()
    if application is None:
        return _no_application(request)
    proposal = draft_of(application)
    if proposal is None:
        return redirect(request.page("missen"))
    return render(request, "citizen/draft.html", presenters.draft(proposal))


@page("citizen")
def story(request: PageRequest) -> HttpResponse:
    """C13: optional, and the citizen chooses who reads it."""
    application = first_application()
    if application is None:
        return _no_application(request)
    names = ("story_cause", "story", "story_readers")
    form = forms.StoryForm(
        request.POST if request.method == "POST" else None, initial={name: getattr(application, name) for name in names}
    )
    if request.method == "POST" and "sla-over" in request.POST:
        return redirect(request.page("controle"))
    if request.method == "POST" and form.is_valid():
        save_answers(application=application, answers=form.cleaned_data)
        return redirect(request.page("controle"))
    back = "controle" if _returns_to_check(request) else "voorstel"
    return render(request, "citizen/story.html", {"form": form, "back_url": request.page(back)})


@page("citizen", methods=GET)
def check_answers(request: PageRequest) -> HttpResponse:
    """C14: everything on one page; nothing has been sent yet."""
    application = first_application()
    if application is None:
        return _no_application(request)
    proposal = draft_of(application)
    if proposal is None:
        return redirect(request.page("missen"))
    context = presenters.check(application, citizen_now(), proposal) | {"bewind": bewind_of(proposal.citizen_id)}
    missing = gaps.links(submission_gaps(application, proposal), acting=_acting(request))
    return render(request, "citizen/check.html", context | {"gaps": missing})


@page("citizen_self", methods=("POST",))
def send(request: PageRequest) -> HttpResponse:
    """The citizen's own yes. What is sent is what stood on the screen, or the check page is shown again."""
    application = first_application()
    if application is None:
        return redirect(request.page("verstuurd" if sent_proposal() else "begin"))
    outcome = prepare_proposal(application)
    if outcome != PROPOSAL_PAGE:
        return redirect(request.page(outcome))
    proposal = draft_of(application)
    if proposal is None or proposal.content_hash != request.POST.get("gezien"):
        messages.warning(request, "Er is iets gewijzigd in uw voorstel. Kijk het nog één keer na.")
        return redirect(request.page("controle"))
    try:
        submit_proposal(proposal=proposal)
    except NotIdentified:
        messages.warning(
            request,
            "Wij weten nog niet zeker wie u bent. Vul de code uit een brief in. "
            "Geen brief? Vraag een coach of bel ons. Uw antwoorden zijn bewaard.",
        )
        return redirect(request.page("brief"))
    except BewindConsentMissing:
        return redirect(wait_for_bewindvoerder(request))
    except AmountTooHigh:
        # An answer was changed, or the partner sent something, between our sum and this: the sum is made again.
        messages.warning(request, "Er is net iets gewijzigd. Kijk het nog één keer na.")
        stands_now = open_application()
        outcome = prepare_proposal(stands_now) if stands_now else "verstuurd"
        return redirect(request.page("controle" if outcome == PROPOSAL_PAGE else outcome))
    except NotComplete:
        messages.warning(request, "Er mist nog iets. Kijk onderaan wat u nog moet doen.")
        return redirect(request.page("controle"))
    return redirect(request.page("verstuurd"))


@page("citizen", methods=GET)
def sent(request: PageRequest) -> HttpResponse:
    """C15: sent, by when you hear from us."""
    proposal = sent_proposal()
    if proposal is None:
        return redirect(request.page("begin"))
    return render(request, "citizen/sent.html", {"proposal": proposal, "director": contact_now()})
