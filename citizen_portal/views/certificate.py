"""The public page on which anybody checks an equality certificate, and the citizen's own list as a file.

Of what is checked nothing is kept: not in a row, the session or a log.
"""

from datetime import date
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters

from accounts.policies import PageRequest, page
from arrangements.domain.certificate import Statement, totals_as_json
from arrangements.operations.open_certificate_list import open_certificate_list
from arrangements.queries.certificates import FILE_TYPE
from citizen_portal.forms.certificate import CertificateForm
from infra import signing
from infra.downloads import foreign_file


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


@page("citizen", methods=("GET", "HEAD"))
def own_list(request: PageRequest, certificate_list: UUID) -> HttpResponse:  # noqa: ARG001  Django gives it
    """The full list of the citizen's own plan, as a file."""
    found = open_certificate_list(certificate_list=certificate_list)
    if found is None:
        raise Http404
    return foreign_file(found, media_type=FILE_TYPE, name="bewijs-gelijke-behandeling.json")


def _date(text: str) -> date | None:
    # Somebody may have put anything there; the check says that it does not fit.
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
