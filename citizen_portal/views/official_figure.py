"""The official figure from a paper, and the photo of that paper. The page of the coach uses the same pieces."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from accounts.models import CaseWorker
from accounts.policies import PageRequest, page
from arrangements.domain.paper_file import media_type
from arrangements.models import Application, Assessment, OfficialFigure
from arrangements.operations.enter_official_figure import LowerThanExpected, TooManyFigures, enter_official_figure
from arrangements.operations.open_photo import open_photo
from arrangements.queries.official_figures import official_figures
from citizen_portal.current import contact_now, draft_of, open_application, sent_proposal
from citizen_portal.flow import PROPOSAL_PAGE, prepare_proposal
from citizen_portal.forms.official_figure import PAPERS, OfficialFigureForm
from infra import clock
from infra.downloads import foreign_file


@dataclass(frozen=True, slots=True)
class Entered:
    """The figure is saved. `verdict` of the new assessment, None when there is none yet; whether a draft is ready.

    `waits`: it is lower than expected, so a helper looks at the paper first.
    """

    application: Application
    verdict: Assessment.Verdict | None
    draft_ready: bool
    waits: bool = False


def enter_from(form: OfficialFigureForm, application: Application, *, helper: CaseWorker | None) -> Entered | None:
    """Enter what a valid form says; None when something has to be asked first, which the form then shows."""
    given = form.cleaned_data
    content: bytes | None = given["photo"].read() if given["photo"] else None
    try:
        assessment = enter_official_figure(
            application=application,
            kind=form.kind,
            cents=given["amount"],
            paper=OfficialFigure.Paper(given["paper"]),
            paper_date=given["paper_date"],
            seen_by=helper if given.get("seen") else None,
            photo=content,
            photo_type=(media_type(content) or "") if content else "",
            surely=form.surely,
        )
    except LowerThanExpected:
        form.ask_once_more()
        return None
    except TooManyFigures:
        form.add_error(None, "Er staan hier al te veel papieren. Bel ons. Dan kijken wij samen.")
        return None
    application.refresh_from_db()
    verdict = Assessment.Verdict(assessment.verdict) if assessment else None
    return Entered(
        application,
        verdict,
        draft_ready=draft_of(application) is not None,
        waits=form.surely and not given.get("seen"),
    )


def photo_of(figure: UUID) -> HttpResponse:
    """The photo as it came, to whoever the scope shows it; 404 for everybody else."""
    found = open_photo(figure=figure)
    if found is None:
        raise Http404
    return foreign_file(found.content, media_type=found.media_type, name=found.name, inline=found.shown)


@page("citizen")
def official_figure(request: PageRequest) -> HttpResponse:
    """Which paper, which amount, which date: the fact that ends the doubt (domain.md 1.4)."""
    application = open_application()
    if application is None:
        return redirect(request.page("status" if sent_proposal() else "begin"))
    helper = CaseWorker.objects.get(pk=request.mandate.coach_id) if request.mandate else None
    form = OfficialFigureForm(request.POST or None, request.FILES or None, helper=helper is not None)
    if request.method == "POST" and form.is_valid():
        entered = enter_from(form, application, helper=helper)
        if entered is not None and entered.waits:
            name = contact_now().name
            messages.info(request, f"{name} kijkt eerst naar uw papier. U wordt binnen 2 werkdagen gebeld.")
            return redirect(request.page("overzicht"))
        if entered is not None:
            return redirect(request.page(_outcome(entered)))
    figures = official_figures(application, clock.today())
    context = {
        "form": form,
        "figures": [(row, PAPERS[row.paper]) for row in figures],
        "director": contact_now(),
        "helps": helper is not None,
    }
    return render(request, "citizen/official_figure.html", context)


@page("citizen", methods=("GET", "HEAD"))
def photo(request: PageRequest, figure: UUID) -> HttpResponse:  # noqa: ARG001  Django gives it
    """The own photo; for a coach that of the client."""
    return photo_of(figure)


def _outcome(entered: Entered) -> str:
    """The page that tells what came out. Where nothing was assessed, the flow finds out what is missing."""
    application = entered.application
    is_first = application.purpose == Application.Purpose.FIRST
    if entered.verdict is None or application.declared_cents == 0 or not is_first:
        return prepare_proposal(application)
    if entered.verdict == Assessment.Verdict.GREEN:
        return PROPOSAL_PAGE if entered.draft_ready else "geen-bedragen"
    return "let-op" if entered.verdict == Assessment.Verdict.RED else "nog-even"
