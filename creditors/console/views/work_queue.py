from django.http import HttpRequest, HttpResponse

from accounts.policies import page
from creditors.console import queries
from creditors.console.presenters import answer_label, deadline, offered_percentage
from creditors.console.views.frame import paged, show
from infra import clock


@page("creditor", methods=("GET", "HEAD"))
def work_queue(request: HttpRequest) -> HttpResponse:
    """What waits for an answer, the nearest deadline first."""
    today = clock.today()
    tabs = queries.work_queue(today)
    tab = next((one for one in tabs if one.name == request.GET.get("tab")), tabs[0])
    found = paged(request, tab.rows)
    lines = queries.lines_of(found)
    rows = [
        {
            "answer": answer,
            "claims": [line.claim for line in lines[answer.proposal_id]],
            "percent": offered_percentage(answer),
            "deadline": deadline(answer.answer_by, today) if answer.answer_by else None,
            "state": answer_label(answer),
        }
        for answer in found
    ]
    next_one = tabs[0].rows.first() if not tab.done else None
    return show(
        request,
        "work_queue.html",
        {"tabs": tabs, "tab": tab, "rows": rows, "found": found, "next_one": next_one},
        section="werkvoorraad",
    )
