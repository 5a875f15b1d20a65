"""The demo's own pages: tours, ways in, all post, the time machine, the books. All of them are 404 outside the demo."""

import json
import uuid
from typing import Any

from django.contrib.auth import login
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import connection
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import User
from accounts.policies import PageRequest, page
from arrangements.models import Answer, ProposalLine
from arrangements.operations.advance import start_advance
from arrangements.queries.advance_progress import advance_progress
from citizen_portal.demo import cast
from citizen_portal.demo.personas import PERSONAS, key_fits, sign_in_path
from citizen_portal.demo.tours import TOURS
from infra import clock, jobs
from infra.models import DemoPost, Job
from infra.scope import Scope, act_as

MONTHS = (1, 2, 12, 36)
BUSY = (Job.State.WAITING, Job.State.RUNNING)


@page("demo", methods=("GET", "HEAD"))
def start(request: PageRequest) -> HttpResponse:
    """The tours, the people, the time machine."""
    roles: dict[str, list[dict[str, Any]]] = {}
    for persona in PERSONAS.values():
        roles.setdefault(persona.role, []).append({"persona": persona, "link": sign_in_path(persona.slug)})
    tours = [
        {
            "tour": tour,
            "steps": [
                {"step": step, "link": sign_in_path(step.persona, step.path) if step.persona else ""}
                for step in tour.steps
            ],
        }
        for tour in TOURS
    ]
    context = {"tours": tours, "roles": roles, "months": MONTHS, "today": clock.today(), "newcomer": cast.ROBIN}
    return render(request, "demo/start.html", context)


@page("demo", methods=("GET", "HEAD"))
def sign_in(request: PageRequest, persona: str) -> HttpResponse:
    """One click, with a key we made: a link from elsewhere logs nobody in."""
    someone = PERSONAS.get(persona)
    if someone is None:
        raise Http404
    if not key_fits(persona, request.GET.get("sleutel", "")):
        raise PermissionDenied
    user = User.objects.filter(email=someone.email, is_active=True).first()
    if user is None:
        raise Http404
    wanted = request.GET.get("volgende", "")
    if not url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) or not wanted.startswith("/"):
        wanted = someone.lands_on
    # Whoever was logged in leaves completely: no client, no code of another role stays behind.
    request.session.flush()
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return redirect(wanted)


@page("demo", methods=("GET", "HEAD"))
def proposal_of(request: PageRequest, persona: str) -> HttpResponse:
    """A tour's way into the console: the proposal of this person to the organisation that is logged in.

    When nothing of this person waits there any more (somebody answered it before), the work queue.
    """
    someone = PERSONAS.get(persona)
    creditor_id = request.actor.creditor_id
    if someone is None or creditor_id is None:
        raise Http404
    with act_as(Scope(user_id=request.actor.user_id, creditor_id=creditor_id, reason="rondleiding")):
        line = (
            ProposalLine.objects.filter(creditor_id=creditor_id, claim__debtor_name=someone.name)
            .order_by("-proposal__version")
            .first()
        )
        answer = None if line is None else Answer.objects.filter(proposal_id=line.proposal_id).first()
    return redirect("console:werkvoorraad") if answer is None else redirect("console:voorstel", answer.public_id)


@page("demo", methods=("GET", "HEAD"))
def post(request: PageRequest) -> HttpResponse:
    """All mail and letters, the newest first; `?aan=` shows those of one address."""
    rows = DemoPost.objects.all()
    wanted = request.GET.get("aan", "").strip()[:254]
    if wanted:
        rows = rows.filter(to_address__icontains=wanted)
    shown = Paginator(rows, 25).get_page(request.GET.get("pagina"))
    return render(request, "demo/post.html", {"shown": shown, "wanted": wanted})


@page("demo")
def travel(request: PageRequest) -> HttpResponse:
    """Move the business date some months on, one journey at a time; shows how far it is, and comes back by itself."""
    progress = advance_progress()
    busy = progress is not None and progress.state in BUSY
    if request.method == "POST":
        text = request.POST.get("maanden", "")
        if text not in {str(months) for months in MONTHS}:
            raise Http404
        if not busy:
            start_advance(months=int(text))
        return redirect("demo:tijd")
    if progress is None:
        return redirect("demo:start")
    context = {"job": progress, "busy": busy, "failed": progress.state == Job.State.FAILED, "today": clock.today()}
    response = render(request, "demo/time.html", context)
    if busy:
        response["Refresh"] = "2"
    return response


@page("demo")
def books(request: PageRequest) -> HttpResponse:
    """Ask for all books to be checked."""
    if request.method == "POST":
        job_id = jobs.enqueue("check_books", key=f"check_books:{uuid.uuid4()}")
        return redirect("demo:boeken_uitkomst", job_id)
    return render(request, "demo/books.html", {"outcome": "ask"})


@page("demo", methods=("GET", "HEAD"))
def books_outcome(request: PageRequest, job: uuid.UUID) -> HttpResponse:
    """What the check found."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT state, result::text FROM books_check(%s)", [job])
        row = cursor.fetchone()
    if row is None:
        raise Http404
    state, findings = row[0], json.loads(row[1]).get("findings", [])
    outcome = "busy" if state in BUSY else "failed" if state == Job.State.FAILED else "wrong" if findings else "right"
    response = render(request, "demo/books.html", {"outcome": outcome, "findings": findings})
    if outcome == "busy":
        response["Refresh"] = "2"
    return response
