"""The words of a mandate as they were agreed to: to read and to print, for the citizen and for the coach."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render

from accounts.models import MandateText
from accounts.policies import PageRequest, page
from arrangements.documents.mandate import mandate_document
from arrangements.documents.pdf import render_pdf
from citizen_portal.views.coach import living_mandate
from infra.downloads import foreign_file

GET = ("GET", "HEAD")


def _given(helper: UUID) -> MandateText:
    """The newest words of this mandate, when the scope shows them."""
    found = MandateText.objects.filter(mandate__public_id=helper).order_by("-id").first()
    if found is None:
        raise Http404
    return found


def _pdf(given: MandateText) -> HttpResponse:
    name = f"machtiging-{given.given_on:%Y-%m-%d}.pdf"
    return foreign_file(render_pdf(mandate_document(given)), media_type="application/pdf", name=name)


@page("citizen_self", methods=GET)
def words(request: PageRequest, helper: UUID) -> HttpResponse:
    """What this citizen said yes to, also of a mandate that is over."""
    given = _given(helper)
    context = {"helper": helper, "given": given, "content": mandate_document(given, versioned=False)}
    return render(request, "citizen/mandate.html", context)


@page("citizen_self", methods=GET)
def words_pdf(request: PageRequest, helper: UUID) -> HttpResponse:  # noqa: ARG001  Django gives it
    """The print form."""
    return _pdf(_given(helper))


@page("coach", methods=GET)
def words_for_coach(request: PageRequest, client: UUID) -> HttpResponse:
    """The same for the coach, while the mandate holds."""
    mandate = living_mandate(request, client)
    if mandate is None:
        return render(request, "coach/mandate_over.html", status=404)
    return render(
        request, "coach/mandate.html", {"mandate": mandate, "content": mandate_document(_given(mandate.public_id))}
    )


@page("coach", methods=GET)
def words_pdf_for_coach(request: PageRequest, client: UUID) -> HttpResponse:
    """The print form."""
    mandate = living_mandate(request, client)
    if mandate is None:
        return render(request, "coach/mandate_over.html", status=404)
    return _pdf(_given(mandate.public_id))
