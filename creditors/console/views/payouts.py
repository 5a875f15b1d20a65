from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse

from accounts.policies import page
from arrangements.models import PayoutBatch
from creditors.console import queries
from creditors.console.views.frame import download, paged, show
from creditors.policies.csv_out import csv_file

SECTION = "uitbetalingen"


@page("creditor", methods=("GET", "HEAD"))
def payouts(request: HttpRequest) -> HttpResponse:
    """What we paid out, one line per transfer."""
    found = paged(request, queries.payouts())
    return show(request, "payouts.html", {"found": found, "total_cents": queries.paid_out_total()}, section=SECTION)


def _batch(public_id: UUID) -> PayoutBatch:
    found = PayoutBatch.objects.filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


@page("creditor", methods=("GET", "HEAD"))
def payout(request: HttpRequest, payout: UUID) -> HttpResponse:
    """The specification of one transfer."""
    found = _batch(payout)
    lines = list(queries.payout_lines(found))
    context = {"payout": found, "lines": lines}
    return show(request, "payout.html", context, section=SECTION)


@page("creditor", methods=("GET", "HEAD"))
def specification(_request: HttpRequest, payout: UUID) -> HttpResponse:
    """The same as CSV, to book from."""
    found = _batch(payout)
    content = csv_file(
        ["KlantnummerSE", "FactuurnummerSE", "Betaalreferentie", "Regeling", "Bedrag"],
        (
            (
                line.claim.customer_number,
                line.reference,
                line.end_to_end_id,
                line.arrangement.payment_reference,
                line.amount_cents,
            )
            for line in queries.payout_lines(found)
        ),
    )
    return download(content, name=f"{found.number}.csv", content_type="text/csv; charset=utf-8")
