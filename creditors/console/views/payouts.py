from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse

from accounts.policies import page
from arrangements.models import PayoutBatch
from creditors.console import queries
from creditors.console.payout_specification import PDF_LINES, Row, as_csv, as_pdf, as_xlsx, rows
from creditors.console.views.frame import creditor_on, download, paged, show

SECTION = "uitbetalingen"


@page("creditor", methods=("GET", "HEAD"))
def payouts(request: HttpRequest) -> HttpResponse:
    """What we paid out, one line per transfer; and the account it goes to."""
    found = paged(request, queries.payouts())
    context = {
        "found": found,
        "total_cents": queries.paid_out_total(),
        "to": creditor_on(request),
        "change": queries.open_iban_change(),
    }
    return show(request, "payouts.html", context, section=SECTION)


def _found(public_id: UUID) -> tuple[PayoutBatch, list[Row]]:
    found = queries.payouts().filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found, list(rows(found, queries.payout_lines(found)))


@page("creditor", methods=("GET", "HEAD"))
def payout(request: HttpRequest, payout: UUID) -> HttpResponse:
    """The specification of one transfer."""
    found, lines = _found(payout)
    context = {
        "payout": found,
        "lines": lines,
        "came_back_cents": sum(one.paid_cents for one in lines if one.line.returned_on),
        "has_pdf": len(lines) <= PDF_LINES,
    }
    return show(request, "payout.html", context, section=SECTION)


@page("creditor", methods=("GET", "HEAD"))
def specification(_request: HttpRequest, payout: UUID) -> HttpResponse:
    """The same as CSV, to book from."""
    found, lines = _found(payout)
    return download(as_csv(lines), name=f"{found.number}.csv", content_type="text/csv; charset=utf-8")


@page("creditor", methods=("GET", "HEAD"))
def specification_xlsx(_request: HttpRequest, payout: UUID) -> HttpResponse:
    """The same as a workbook."""
    found, lines = _found(payout)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return download(as_xlsx(found, lines), name=f"{found.number}.xlsx", content_type=kind)


@page("creditor", methods=("GET", "HEAD"))
def specification_pdf(_request: HttpRequest, payout: UUID) -> HttpResponse:
    """The same on paper, unless it would be hundreds of pages."""
    found, lines = _found(payout)
    if len(lines) > PDF_LINES:
        raise Http404
    return download(as_pdf(found, lines), name=f"{found.number}.pdf", content_type="application/pdf")
