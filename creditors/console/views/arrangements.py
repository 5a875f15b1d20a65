from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse

from accounts.policies import page
from arrangements.documents.ending import open_cents
from arrangements.domain.lifecycle import UNDER_WAY, ArrangementState, Thing, state_label
from arrangements.domain.termination import TerminationGround
from arrangements.models import Arrangement, ArrangementLine
from arrangements.queries.certificates import certificate_of
from arrangements.queries.variations import versions_of
from creditors.console import queries
from creditors.console.views.frame import download, paged, show

SECTION = "regelingen"


@page("creditor", methods=("GET", "HEAD"))
def arrangements(request: HttpRequest) -> HttpResponse:
    """The arrangements this creditor takes part in."""
    found = paged(request, queries.arrangements())
    lines = queries.arrangement_lines(found)
    rows = [
        {
            "arrangement": one,
            "lines": lines[one.pk],
            "sums": queries.sums(lines[one.pk]),
            "state": state_label(Thing.ARRANGEMENT, one.state),
        }
        for one in found
    ]
    return show(request, "arrangements.html", {"rows": rows, "found": found}, section=SECTION)


@page("creditor", methods=("GET", "HEAD"))
def arrangement(request: HttpRequest, arrangement: UUID) -> HttpResponse:
    """One arrangement: the own lines, what was paid out, the papers."""
    found = queries.arrangements().filter(public_id=arrangement).first()
    if found is None:
        raise Http404
    lines = queries.arrangement_lines([found])[found.pk]
    context = {
        "arrangement": found,
        "lines": [{"line": line, "open_cents": _to_come(found, line)} for line in lines],
        "sums": queries.sums(lines),
        "open_cents": sum(_to_come(found, line) for line in lines),
        "state": state_label(Thing.ARRANGEMENT, found.state),
        "payouts": queries.paid_out_for(found),
        "documents": queries.documents(found),
        "versions": versions_of(found),
        "ending": TerminationGround(found.termination_ground).creditor_text
        if found.termination_ground in list(TerminationGround)
        else "",
        "stopped": found.state == ArrangementState.TERMINATED,
        "under_way": found.state in UNDER_WAY,
        "stands_still": found.state == ArrangementState.SUSPENDED,
        "tasks": queries.open_tasks().filter(arrangement=found),
        "certificate": certificate_of(found.proposal_id),
    }
    return show(request, "arrangement.html", context, section=SECTION)


def _to_come(arrangement: Arrangement, line: ArrangementLine) -> int:
    """What the plan still gives; of a plan that was stopped: what is open, for nothing was waived."""
    return (
        open_cents(line) if arrangement.state == ArrangementState.TERMINATED else line.share_cents - line.settled_cents
    )


@page("creditor", methods=("GET", "HEAD"))
def document(_request: HttpRequest, document: UUID) -> HttpResponse:
    """One of the creditor's own papers as PDF."""
    found = queries.document_file(document)
    if found is None:
        raise Http404
    return download(bytes(found.pdf), name=f"{found.kind}-{found.reference}.pdf", content_type="application/pdf")
