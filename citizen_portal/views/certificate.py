"""The public page on which anybody checks an equality certificate. Nothing is kept: not in a row, the session or a log."""

from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters

from accounts.policies import PageRequest, page
from arrangements.domain.certificate import Statement, totals_as_json
from citizen_portal.forms.certificate import CertificateForm
from infra import signing


@page("public")
@sensitive_post_parameters()
def check(request: PageRequest) -> HttpResponse:
    """Ask for a certificate, and say on the same address what is good and what is not."""
    form = CertificateForm(request.POST, request.FILES) if request.method == "POST" else CertificateForm()
    if request.method != "POST" or not form.is_valid():
        return render(request, "public/certificate.html", {"form": form, "keys": signing.public_keys()})
    paper = form.checked.paper
    own = totals_as_json(paper.party.sums) if isinstance(paper, Statement) else None
    context = {
        "checked": form.checked,
        "heading": paper.heading,
        "made_on": _date(paper.heading.made_on),
        "root": paper.root,
        "party": paper.party.name if isinstance(paper, Statement) else "",
        "share": own["deel_preferent"] + own["deel_concurrent"] if own else 0,
        "outstanding": own["open_preferent"] + own["open_concurrent"] if own else 0,
        "others": paper.others[0] if isinstance(paper, Statement) else 0,
    }
    return render(request, "public/certificate_checked.html", context)


def _date(text: str) -> date | None:
    # Somebody may have put anything there; the check says that it does not fit.
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
