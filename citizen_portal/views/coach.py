"""Pages of the budget coach: who needs me today, inviting, one client, and working for a client."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.codes import shown
from accounts.contact import contact_of
from accounts.models import CaseWorker, HandOver, Mandate, MandateInvitation
from accounts.operations.invite_client import invite_client
from accounts.operations.paper_code import give_paper_code
from accounts.policies import ACTING_SESSION_KEY, PageRequest, page
from arrangements.domain.lifecycle import UNDER_WAY, Thing, state_label
from arrangements.models import Application, Arrangement, Assessment, CaseTask, MunicipalRoute
from arrangements.operations.assess_application import missing_facts
from arrangements.operations.finish_task import finish_task
from arrangements.operations.invite_creditor import open_invitations
from arrangements.operations.mark_budget import figures_hash
from arrangements.queries.beslag import living_beslagen, party_of
from arrangements.queries.bewind import bewind_of
from arrangements.queries.budget import budget_file
from arrangements.queries.caseload import Client, Need, caseload, client_file
from arrangements.queries.creditor_tasks import cak_surcharge, stopped_collecting
from arrangements.queries.official_figures import official_figures
from arrangements.queries.overdue import overdue
from arrangements.queries.stand_in import stand_in_tasks
from citizen_portal import budget_presenters, change_presenters, claim_presenters, explanation, presenters
from citizen_portal.forms.coach import InviteForm
from citizen_portal.forms.official_figure import OfficialFigureForm
from citizen_portal.steps import BY_NAME, PAGE_OF_FACT
from citizen_portal.two_clocks import two_clocks
from citizen_portal.views.budget import mark_and_tell
from citizen_portal.views.official_figure import Entered, enter_from, photo_of
from infra import audit, clock, scope
from infra.scope import Scope

CODE_SESSION_KEY = "code_to_show"

# What the coach reads, and what the one next action is called.
NEEDS = {
    Need.TASK: ("Taak", "Bekijk de taak"),
    Need.REFUSED: ("Organisatie zegt nee", "Bespreek het nee"),
    Need.SILENT: ("Organisatie antwoordt niet", "Bespreek wat nu kan"),
    Need.AMBER: ("Er ontbreekt een gegeven voor de toets", "Vul het gegeven aan"),
    Need.MISSED: ("Betaling is niet gekomen", "Bel uw cliënt"),
    Need.TO_SIGN: ("Iedereen zegt ja: de cliënt kan tekenen", "Laat uw cliënt tekenen"),
    Need.TO_SEND: ("Voorstel staat klaar: de cliënt kan versturen", "Laat uw cliënt versturen"),
    Need.MANDATE_ENDS: ("Machtiging loopt bijna af", "Maak een nieuwe code"),
    Need.UNTOUCHED: ("Aanvraag ligt een week stil", "Bel uw cliënt"),
}


# A task says the same as the signal it was made for, and more.
SAID_BY_TASK = {
    Need.REFUSED: CaseTask.Kind.REFUSAL,
    Need.SILENT: CaseTask.Kind.NO_ANSWER,
    Need.AMBER: CaseTask.Kind.MISSING_FACT,
    Need.MISSED: CaseTask.Kind.MISSED_PAYMENT,
}


def _reasons(client: Client) -> list[str]:
    tasks = {signal.task.kind for signal in client.signals if signal.task}
    return [
        signal.task.text if signal.task else NEEDS[signal.need][0]
        for signal in client.signals
        if SAID_BY_TASK.get(signal.need) not in tasks
    ]


def _row(client: Client) -> dict[str, object]:
    first = client.signals[0] if client.signals else None
    return {
        "mandate": client.mandate,
        "name": client.mandate.citizen.full_name or "Naam nog niet ingevuld",
        "reasons": _reasons(client),
        "kinds": " ".join(signal.need.value for signal in client.signals),
        "action": NEEDS[first.need][1] if first else "Open",
        "date": client.next_date,
        "late": bool(first and first.on < clock.today()),
    }


def _what_came_of(entered: Entered) -> str:
    """One sentence after an official figure was saved."""
    match entered.verdict:
        case Assessment.Verdict.GREEN if entered.draft_ready:
            return "De toets is groen: het voorstel staat klaar voor uw cliënt."
        case Assessment.Verdict.GREEN:
            return "De toets is groen. Voor een voorstel is nog een bedrag van een organisatie nodig."
        case Assessment.Verdict.AMBER:
            return "De toets is nog oranje: kijk op de pagina van uw cliënt wat er ontbreekt."
        case Assessment.Verdict.RED:
            return "De toets is rood: kies samen een lager bedrag."
        case None:
            return "De toets volgt als alles is ingevuld."


@page("coach", methods=("GET", "HEAD"))
def work_list(request: PageRequest) -> HttpResponse:
    """B1: who needs me today."""
    assert request.actor.coach_id is not None  # noqa: S101  the policy said so; for the type checker
    clients = caseload(request.actor.coach_id, clock.today())
    search = request.GET.get("zoek", "").strip()[:60]
    if search:
        clients = [client for client in clients if search.lower() in client.mandate.citizen.full_name.lower()]
    return render(
        request,
        "coach/work_list.html",
        {
            "busy": [_row(client) for client in clients if client.signals],
            "quiet": [_row(client) for client in clients if not client.signals],
            "search": search,
            "today": clock.today(),
            "stand_in": stand_in_tasks(clock.today()),
            "waiting": MandateInvitation.objects.filter(used_at=None, expires_at__gt=clock.now()).order_by(
                "expires_at"
            ),
        },
    )


@page("coach")
def invite(request: PageRequest) -> HttpResponse:
    """B2: a code of eight characters for a client."""
    form = InviteForm(request.POST or None, initial={"label": _name_of(request)})
    if request.method == "POST" and form.is_valid():
        invitation, code = invite_client(coach=coach_now(request), **form.cleaned_data)
        _keep_code(request, str(invitation.public_id), code)
        return redirect("coach:uitnodiging", invitation.public_id)
    return render(request, "coach/invite.html", {"form": form})


@page("coach", methods=("GET", "HEAD"))
def invitation(request: PageRequest, invitation: UUID) -> HttpResponse:
    """B4: the code, once. Only its hash is kept, so afterwards there is nothing left to show."""
    row = MandateInvitation.objects.filter(public_id=invitation, coach_id=request.actor.coach_id).first()
    if row is None:
        raise Http404
    return render(
        request,
        "coach/invitation.html",
        {"invitation": row, "code": _take_code(request, str(invitation)), "over": row.expires_at <= clock.now()},
    )


@page("coach", methods=("GET", "HEAD"))
def client(request: PageRequest, client: UUID) -> HttpResponse:
    """B5: summary, mandate, next step."""
    mandate = living_mandate(request, client)
    if mandate is None:
        return render(request, "coach/mandate_over.html", status=404)
    with scope.act_as(for_client(request, mandate)):
        file = client_file(mandate.citizen_id)
        anchored = mandate.citizen.anchors.exists()
        budget = _budget_of(mandate, file.application)
        change = change_presenters.for_coach(file.arrangement)
        plan = _plan_of(file.arrangement)
        claims = claim_presenters.for_coach(mandate.citizen_id)
        bewind = bewind_of(mandate.citizen_id)
        contact = contact_of(mandate.citizen.director)
        handed = HandOver.objects.filter(citizen_id=mandate.citizen_id, reason=HandOver.Reason.BY_HAND).first()
        route = MunicipalRoute.objects.first()
        invitations = list(open_invitations().select_related("creditor"))
    return render(
        request,
        "coach/client.html",
        {
            "missing": explanation.missing_facts(file.assessment) if file.assessment else [],
            "mandate": mandate,
            "citizen": mandate.citizen,
            "file": file,
            "proposal_state": state_label(Thing.PROPOSAL, file.proposal.state) if file.proposal else "",
            "arrangement_state": state_label(Thing.ARRANGEMENT, file.arrangement.state) if file.arrangement else "",
            "anchored": anchored,
            "change": change,
            "claims": claims,
            "bewind": bewind,
            "contact": contact,
            "is_director": mandate.citizen.director_id == mandate.coach_id,
            "handed": handed,
            "may_finish": _may_finish(mandate, file.tasks),
            "asked": len(file.answers),
            "yes": sum(answer.state == "accepted" for answer in file.answers),
            "no": [answer.creditor.name for answer in file.answers if answer.state == "refused"],
            "silent": [answer.creditor.name for answer in file.answers if answer.state == "unanswered"],
            "today": clock.today(),
            "route": route,
            "invitations": invitations,
            **budget,
            **plan,
        },
    )


def _plan_of(arrangement: Arrangement | None) -> dict[str, Any]:
    """What needs somebody in a plan that runs: late instalments, a beslag, creditors that did not confirm."""
    if arrangement is None or arrangement.state not in UNDER_WAY:
        return {}
    today = clock.today()
    return {
        "overdue": overdue(arrangement.pk, today),
        "seized": [party_of(one) for one in living_beslagen(arrangement)],
        "unconfirmed": [row for row in stopped_collecting(arrangement, today) if row.waits],
        "cak": cak_surcharge(arrangement, today),
        "plan_runs": True,
    }


@page("coach", methods=("GET", "HEAD"))
def compare(request: PageRequest, client: UUID) -> HttpResponse:
    """B10: the plan beside the municipal route and paying everything; or which answers are still missing."""
    mandate = living_mandate(request, client)
    if mandate is None:
        return render(request, "coach/mandate_over.html", status=404)
    with scope.act_as(for_client(request, mandate)):
        file = client_file(mandate.citizen_id)
        context: dict[str, Any] = {
            "mandate": mandate,
            "citizen": mandate.citizen,
            "proposal": file.proposal,
            "today": clock.today(),
        }
        if file.proposal is not None:
            context |= presenters.plan_context(file.proposal) | two_clocks(file.proposal)
        elif file.application is not None:
            pages = [PAGE_OF_FACT[fact] for fact in missing_facts(file.application)]
            context["missing"] = [BY_NAME[name].title for name in dict.fromkeys(pages)]
        return render(request, "coach/compare.html", context)


def _may_finish(mandate: Mandate, tasks: list[CaseTask]) -> set[UUID]:
    """The tasks this coach can put behind us: the own ones, and those of the director for whom they stand in today."""
    own = {task.public_id for task in tasks if task.assigned_to_id == mandate.coach_id}
    return own | {one.task for one in stand_in_tasks(clock.today()) if one.mandate == mandate.public_id}


def _budget_of(mandate: Mandate, application: Application | None) -> dict[str, Any]:
    """What is left and the mark, for the card on the client's page. Runs in the client's scope."""
    if application is None:
        return {}
    found = budget_file(application, mandate.citizen)
    told = budget_presenters.mark(found.mark)
    return {
        "budget_started": bool(application.budget),
        "budget_left": found.left,
        "may_mark": bool(application.budget) and not told["mark_holds"],
        "figures_hash": figures_hash(application),
        **told,
    }


@page("coach", methods=("POST",))
def mark_clients_budget(request: PageRequest, client: UUID) -> HttpResponse:
    """The mark, from the page of the client."""
    mandate = living_mandate(request, client)
    if mandate is None:
        return render(request, "coach/mandate_over.html", status=404)
    with scope.act_as(for_client(request, mandate)):
        application = Application.objects.filter(citizen_id=mandate.citizen_id, closed_at=None).first()
        if application is None:
            raise Http404
        mark_and_tell(request, application)
    return redirect("coach:client", mandate.public_id)


@page("coach", methods=("POST",))
def start_acting(request: PageRequest, client: UUID) -> HttpResponse:
    """Begin working for one client. Another client of the same session stops at this moment."""
    mandate = living_mandate(request, client)
    if mandate is None:
        return render(request, "coach/mandate_over.html", status=404)
    request.session[ACTING_SESSION_KEY] = {"mandate": str(mandate.public_id), "since": timezone.now().isoformat()}
    audit.record("acting_started", object_type="mandate", object_id=mandate.pk, citizen_id=mandate.citizen_id)
    to_budget = request.POST.get("naar") == "budget"
    return redirect("namens:budget" if to_budget else "namens:overzicht", mandate=mandate.public_id)


@page("coach", methods=("POST",))
def stop_acting(request: PageRequest) -> HttpResponse:
    """Back to the caseload."""
    if request.session.pop(ACTING_SESSION_KEY, None):
        audit.record("acting_stopped", object_type="coach", object_id=request.actor.coach_id or 0)
    return redirect("coach:werkvoorraad")


@page("coach", methods=("POST",))
def task_done(request: PageRequest, task: UUID) -> HttpResponse:
    """A task is behind us; only while the mandate holds."""
    row = CaseTask.objects.filter(public_id=task, assigned_to_id=request.actor.coach_id).first()
    if row is not None:
        mandate = _mandates(request).filter(citizen_id=row.citizen_id).first()
    else:
        taken_over = next((one.mandate for one in stand_in_tasks(clock.today()) if one.task == task), None)
        mandate = _mandates(request).filter(public_id=taken_over).first() if taken_over else None
    if mandate is None:
        raise Http404
    with scope.act_as(for_client(request, mandate)):
        finish_task(task=CaseTask.objects.get(public_id=task))
    messages.success(request, "De taak is afgerond.")
    return redirect("coach:client", mandate.public_id)


@page("coach")
def official_figure(request: PageRequest, client: UUID) -> HttpResponse:
    """A better fact, never a decision to go under the floor."""
    mandate = living_mandate(request, client)
    if mandate is None:
        return render(request, "coach/mandate_over.html", status=404)
    with scope.act_as(for_client(request, mandate)):
        application = Application.objects.filter(citizen_id=mandate.citizen_id, closed_at=None).first()
        form = OfficialFigureForm(request.POST or None, request.FILES or None, helper=True, of_client=True)
        if request.method == "POST" and application is not None and form.is_valid():
            entered = enter_from(form, application, helper=coach_now(request))
            if entered is not None:
                came = (
                    "Het is lager dan wij verwachten. Het telt pas als u het papier zelf zag."
                    if entered.waits
                    else _what_came_of(entered)
                )
                messages.success(request, "Het bedrag is bewaard. " + came)
                return redirect("coach:client", mandate.public_id)
        figures = official_figures(application, clock.today()) if application else []
    return render(
        request,
        "coach/official_figure.html",
        {"form": form, "mandate": mandate, "application": application, "figures": figures},
    )


@page("coach", methods=("GET", "HEAD"))
def official_photo(request: PageRequest, client: UUID, figure: UUID) -> HttpResponse:
    """The photo of the paper, for as long as the mandate lives."""
    mandate = living_mandate(request, client)
    if mandate is None:
        return render(request, "coach/mandate_over.html", status=404)
    with scope.act_as(for_client(request, mandate)):
        return photo_of(figure)


@page("coach")
def paper_code(request: PageRequest, client: UUID) -> HttpResponse:
    """A login code on paper, shown once."""
    mandate = living_mandate(request, client)
    if mandate is None:
        return render(request, "coach/mandate_over.html", status=404)
    key = f"paper:{mandate.public_id}"
    if request.method == "POST":
        with scope.act_as(for_client(request, mandate)):
            _keep_code(request, key, give_paper_code(citizen=mandate.citizen, given_by=coach_now(request)))
        return redirect("coach:papieren_code", mandate.public_id)
    return render(request, "coach/paper_code.html", {"mandate": mandate, "code": _take_code(request, key)})


def coach_now(request: PageRequest) -> CaseWorker:
    assert request.actor.coach_id is not None  # noqa: S101  the policy said so; for the type checker
    return CaseWorker.objects.get(pk=request.actor.coach_id)


def _mandates(request: PageRequest) -> QuerySet[Mandate]:
    today = clock.today()
    return Mandate.objects.filter(
        coach_id=request.actor.coach_id, ended_at=None, valid_from__lte=today, valid_until__gte=today
    ).select_related("citizen__director")


def living_mandate(request: PageRequest, public_id: UUID) -> Mandate | None:
    """The mandate when it holds now; None when it was this coach's and is over. Anybody else's is 404."""
    if not Mandate.objects.filter(public_id=public_id, coach_id=request.actor.coach_id).exists():
        raise Http404
    return _mandates(request).filter(public_id=public_id).first()


def _name_of(request: PageRequest) -> str:
    """The name of the client whose mandate is renewed: looked up, because a name in an address ends up in logs."""
    try:
        wanted = UUID(request.GET.get("verleng", ""))
    except ValueError:
        return ""
    found = _mandates(request).filter(public_id=wanted).first()
    return found.citizen.full_name[:60] if found else ""


def for_client(request: PageRequest, mandate: Mandate) -> Scope:
    return Scope(
        user_id=request.actor.user_id,
        citizen_id=mandate.citizen_id,
        coach_id=request.actor.coach_id,
        reason="coach werkt voor cliënt",
    )


def _keep_code(request: HttpRequest, key: str, code: str) -> None:
    """For the one page that follows."""
    request.session[CODE_SESSION_KEY] = {"for": key, "code": shown(code)}


def _take_code(request: HttpRequest, key: str) -> str:
    kept = request.session.get(CODE_SESSION_KEY) or {}
    if kept.get("for") != key:
        return ""
    del request.session[CODE_SESSION_KEY]
    return str(kept["code"])
