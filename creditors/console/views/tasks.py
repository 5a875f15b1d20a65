from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.policies import page
from arrangements.models import CreditorTask
from arrangements.operations.creditor_tasks import DateNotPossible, confirm_creditor_task
from creditors.console import queries
from creditors.console.forms import TaskForm
from creditors.console.presenters import deadline
from creditors.console.views.frame import paged, show, user_on
from infra import clock

SECTION = "taken"
Kind = CreditorTask.Kind

#: What is asked, which day it is about, and what there is to know.
WORDS = {
    Kind.STOP_COLLECTING: (
        "Stop met innen, ook bij uw deurwaarder of incassobureau.",
        "Sinds welke dag int u niet meer?",
        "De burger ziet deze datum.",
    ),
    Kind.CAK_SIGN_OFF: (
        "Meld uw verzekerde af bij het CAK. Alleen u kunt dat doen.",
        "Vanaf welke dag betaalt uw verzekerde geen opslag meer?",
        "De regeling bij het CAK eindigt op de eerste dag van een maand. De burger ziet deze datum.",
    ),
    Kind.CAK_SIGN_ON: (
        "De regeling is gestopt. U mag uw verzekerde weer aanmelden bij het CAK.",
        "Op welke dag heeft u dat gedaan?",
        "Aanmelden hoeft niet.",
    ),
}


@page("creditor", methods=("GET", "HEAD"))
def tasks(request: HttpRequest) -> HttpResponse:
    """What has to be done because of an arrangement, and what was confirmed."""
    tab = "gedaan" if request.GET.get("tab") == "gedaan" else "open"
    today = clock.today()
    rows = (
        queries.open_tasks() if tab == "open" else queries.tasks().exclude(outcome="").order_by("-confirmed_on", "-pk")
    )
    found = paged(request, rows)
    lines = queries.arrangement_lines([task.arrangement for task in found])
    shown = [
        {
            "task": task,
            "lines": lines[task.arrangement_id],
            "deadline": deadline(task.due_on, today) if not task.outcome else None,
        }
        for task in found
    ]
    return show(
        request,
        "tasks.html",
        {"tab": tab, "rows": shown, "found": found, "open_count": queries.open_tasks().count()},
        section=SECTION,
    )


@page("creditor")
def confirm(request: HttpRequest, creditor_task: UUID) -> HttpResponse:
    """Say that it is done, and since when."""
    found = queries.tasks().filter(public_id=creditor_task).first()
    if found is None:
        raise Http404
    if found.outcome:
        return redirect("console:taken")
    what, question, note = WORDS[Kind(found.kind)]
    form = TaskForm(request.POST if request.method == "POST" else None, question=question)
    if request.method == "POST" and form.is_valid():
        try:
            confirm_creditor_task(
                task=found,
                user=user_on(request),
                outcome=CreditorTask.Outcome(form.cleaned_data["outcome"]),
                done_on=form.cleaned_data["done_on"],
            )
        except DateNotPossible as error:
            form.add_error("done_on", str(error))
        else:
            return redirect("console:taken")
    context = {
        "form": form,
        "task": found,
        "what": what,
        "note": note,
        "lines": queries.arrangement_lines([found.arrangement])[found.arrangement_id],
    }
    return show(request, "task.html", context, section=SECTION)
