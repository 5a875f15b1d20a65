"""What a citizen, or who helps, says back to an organisation: the reply to a question, a second look, a new start."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from accounts.policies import PageRequest, page
from arrangements.domain.lifecycle import AnswerState, IllegalMove, ProposalState
from arrangements.models import Answer
from arrangements.operations.answer_question import QuestionClosed, answer_question
from arrangements.operations.application import AlreadySent
from arrangements.operations.ask_reconsideration import NotRefused, ask_reconsideration, may_be_reconsidered
from arrangements.operations.start_again import start_again
from citizen_portal.current import citizen_now, plan_now
from citizen_portal.flow import PROPOSAL_PAGE, prepare_proposal
from citizen_portal.forms.answers import LookAgainForm, ReplyForm


def _answer(public_id: UUID) -> Answer:
    found = Answer.objects.select_related("proposal", "creditor").filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


@page("citizen")
def question(request: PageRequest, answer: UUID) -> HttpResponse:
    """C17: one question of one organisation."""
    found = _answer(answer)
    waits = found.state == AnswerState.QUESTION and found.proposal.state == ProposalState.SUBMITTED
    form = ReplyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            answer_question(answer=found, reply=form.cleaned_data["reply"])
        except QuestionClosed:
            return redirect(request.page("vraag", answer=found.public_id))
        messages.success(request, f"Uw antwoord is verstuurd naar {found.creditor.name}.")
        return redirect(request.page("status"))
    if not found.question:
        raise Http404
    return render(request, "citizen/creditor_question.html", {"answer": found, "waits": waits, "form": form})


@page("citizen")
def look_again(request: PageRequest, answer: UUID) -> HttpResponse:
    """Ask an organisation that said no to look again: once, with a note if wanted."""
    found = _answer(answer)
    form = LookAgainForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            ask_reconsideration(answer=found, note=form.cleaned_data["note"])
        except (NotRefused, IllegalMove):
            messages.warning(request, "Dit kan nu niet. Lees hier wat u wel kunt doen.")
        else:
            messages.success(request, f"Wij vragen {found.creditor.name} om nog eens te kijken.")
        return redirect(request.page("status"))
    if found.proposal.state != ProposalState.SUBMITTED or not may_be_reconsidered(found):
        return redirect(request.page("status"))
    return render(request, "citizen/look_again.html", {"answer": found, "form": form})


@page("citizen", methods=("POST",))
def begin_again(request: PageRequest) -> HttpResponse:
    """After a proposal that ended: a new application with the old answers in it."""
    if plan_now() is not None:
        return redirect(request.page("overzicht"))
    try:
        application = start_again(citizen=citizen_now())
    except AlreadySent:
        return redirect(request.page("status"))
    messages.info(request, "Uw antwoorden van eerst staan er al. Kijk of ze nog kloppen.")
    outcome = prepare_proposal(application)
    return redirect(request.page("controle" if outcome == PROPOSAL_PAGE else outcome))
