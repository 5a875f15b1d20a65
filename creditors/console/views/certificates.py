from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse

from accounts.policies import page
from arrangements.models import EqualityCertificate
from arrangements.queries.certificates import FILE_TYPE, check_file, file_of
from arrangements.queries.certificates import certificate as found_certificate
from creditors.console.certificate_presenter import told
from creditors.console.views.frame import download, show

SECTION = "regelingen"


def _found(public_id: UUID) -> EqualityCertificate:
    found = found_certificate(public_id)
    if found is None:
        raise Http404
    return found


@page("creditor", methods=("GET", "HEAD"))
def certificate(request: HttpRequest, certificate: UUID) -> HttpResponse:
    """Proof of equal treatment in words and figures, and everything in it checked."""
    found = _found(certificate)
    file = file_of(found)
    checked = check_file(file)
    context = {"certificate": found, "told": told(checked.paper), "checked": checked, "file": file.decode()}
    return show(request, "certificate.html", context, section=SECTION)


@page("creditor", methods=("GET", "HEAD"))
def certificate_file(_request: HttpRequest, certificate: UUID) -> HttpResponse:
    """The signed statement, to keep and to check without us."""
    found = _found(certificate)
    return download(file_of(found), name=f"bewijs-{found.full_list_id}-{found.made_on}.json", content_type=FILE_TYPE)
