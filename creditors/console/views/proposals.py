from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.policies import page
from arrangements.domain.lifecycle import AnswerState, IllegalMove, ProposalState, RefusalCode, Thing, state_label
from arrangements.models import Answer, ProposalLine
from arrangements.operations.answer_proposal import AlreadyDecided, Changed, accept, refuse, say_balance_differs
from arrangements.operations.ask_question import AlreadyAsked, ask_question
from arrangements.operations.join_later import NotLeftOut, join_later
from arrangements.queries.certificates import certificate_of
from arrangements.queries.variations import may_join
from creditors.console import queries
from creditors.console.forms import BalanceForm, QuestionForm, RefuseForm, SeenForm
from creditors.console.presenters import (
    answer_label,
    cause_label,
    deadline,
    is_decided,
    offered_percentage,
    possible_answers,
    refusal_reason,
    shown_lines,
)
from creditors.console.views.frame import show, user_on
from infra import clock

SECTION = "werkvoorraad"


def _answer(public_id: UUID) -> Answer:
    found = queries.answers().filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def _is_current(answer: Answer) -> bool:
    return answer.proposal.state == ProposalState.SUBMITTED


@page("creditor", methods=("GET", "HEAD"))
def proposal(request: HttpRequest, answer: UUID) -> HttpResponse:
    """One offer with everything needed to judge it, and the three answers."""
    found = _answer(answer)
    version = found.proposal
    own = queries.lines_of([found])[version.pk]
    totals = queries.totals_of(version.pk)
    remains = found.outstanding_cents - found.share_cents - found.waived_cents
    return show(
        request,
        "proposal.html",
        {
            "answer": found,
            "proposal": version,
            "lines": shown_lines(own, version.pot_cents, totals),
            "debtor": next((line.claim.debtor_name for line in own if line.claim.debtor_name), ""),
            "remains_cents": remains,
            "percent": offered_percentage(found),
            "totals": totals,
            "certificate": certificate_of(version.pk),
            "so_far": queries.answers_so_far(version.pk),
            "cause": cause_label(version.story_cause_shared),
            "state": answer_label(found),
            "decided": is_decided(found) and found.decided_at is not None,
            "said": state_label(Thing.ANSWER, found.state),
            "decider": queries.decider_name(found) if found.decided_at else "",
            "refused": found.state == AnswerState.REFUSED,
            "refusal": refusal_reason(found),
            "looks_again": found.reconsideration_on is not None,
            "question_waits": found.state == AnswerState.QUESTION,
            "possible": possible_answers(found, current=_is_current(found)),
            "deadline": deadline(found.answer_by, clock.today()) if found.answer_by else None,
            "newer": None if _is_current(found) else queries.current_answer(found),
            "next_one": queries.next_waiting(found),
            "may_join": found.left_out_on is not None and may_join(found),
        },
        section=SECTION,
    )


@page("creditor", methods=("POST",))
def accept_proposal(request: HttpRequest, answer: UUID) -> HttpResponse:
    """Akkoord."""
    found = _answer(answer)
    form = SeenForm(request.POST)
    if not form.is_valid():
        return _changed(request, found)
    try:
        accept(answer=found, seen_hash=form.cleaned_data["seen_hash"], user=user_on(request))
    except AlreadyDecided as first:
        return _decided(request, first.answer)
    except (Changed, IllegalMove):
        return _changed(request, found)
    return redirect("console:voorstel", answer=found.public_id)


@page("creditor")
def refuse_proposal(request: HttpRequest, answer: UUID) -> HttpResponse:
    """Weiger: a code, and a detail when the code asks for one."""
    found = _answer(answer)
    if request.method == "POST":
        form = RefuseForm(request.POST)
        if form.is_valid():
            try:
                refuse(
                    answer=found,
                    seen_hash=form.cleaned_data["seen_hash"],
                    user=user_on(request),
                    code=RefusalCode(form.cleaned_data["code"]),
                    note=form.cleaned_data["note"].strip(),
                )
            except AlreadyDecided as first:
                return _decided(request, first.answer)
            except (Changed, IllegalMove):
                return _changed(request, found)
            return redirect("console:voorstel", answer=found.public_id)
    else:
        if not possible_answers(found, current=_is_current(found)).refuse:
            return _too_late(request, found)
        form = RefuseForm(initial={"seen_hash": found.proposal.content_hash})
    return show(request, "refuse.html", {"form": form, "answer": found}, section=SECTION)


@page("creditor")
def balance_differs(request: HttpRequest, answer: UUID) -> HttpResponse:
    """Saldo wijkt af: another amount, and with it a new version for everybody."""
    found = _answer(answer)
    lines: list[ProposalLine] = queries.lines_of([found])[found.proposal_id]
    if request.method == "POST":
        form = BalanceForm(request.POST, lines=lines)
        if form.is_valid():
            claim = next(line.claim for line in lines if line.claim_id == form.cleaned_data["claim"])
            try:
                say_balance_differs(
                    answer=found,
                    seen_hash=form.cleaned_data["seen_hash"],
                    user=user_on(request),
                    claim=claim,
                    balance_cents=form.cleaned_data["amount"],
                )
            except AlreadyDecided as first:
                return _decided(request, first.answer)
            except (Changed, IllegalMove):
                return _changed(request, found)
            return redirect("console:voorstel", answer=found.public_id)
    else:
        if not possible_answers(found, current=_is_current(found)).balance_differs:
            return _too_late(request, found)
        form = BalanceForm(lines=lines, initial={"seen_hash": found.proposal.content_hash})
    return show(request, "balance_differs.html", {"form": form, "answer": found, "lines": lines}, section=SECTION)


@page("creditor")
def ask(request: HttpRequest, answer: UUID) -> HttpResponse:
    """Vraag stellen: one question to the citizen, before the answer."""
    found = _answer(answer)
    if request.method == "POST":
        form = QuestionForm(request.POST)
        if form.is_valid():
            try:
                ask_question(
                    answer=found,
                    seen_hash=form.cleaned_data["seen_hash"],
                    user=user_on(request),
                    question=form.cleaned_data["question"],
                )
            except AlreadyDecided as first:
                return _decided(request, first.answer)
            except (Changed, IllegalMove):
                return _changed(request, found)
            except AlreadyAsked:  # twice pressed, or a colleague was first: the question stands on the page
                pass
            return redirect("console:voorstel", answer=found.public_id)
    else:
        if not possible_answers(found, current=_is_current(found)).ask:
            return redirect("console:voorstel", answer=found.public_id) if found.question else _too_late(request, found)
        form = QuestionForm(initial={"seen_hash": found.proposal.content_hash})
    return show(request, "ask.html", {"form": form, "answer": found}, section=SECTION)


@page("creditor", methods=("POST",))
def join(request: HttpRequest, answer: UUID) -> HttpResponse:
    """Toch meedoen, after being left out."""
    found = _answer(answer)
    try:
        join_later(answer=found, user=user_on(request))
    except NotLeftOut:
        return _changed(request, found)
    return redirect("console:voorstel", answer=found.public_id)


def _too_late(request: HttpRequest, answer: Answer) -> HttpResponse:
    """A page that asks something that can no longer be asked."""
    if is_decided(answer):
        return _decided(request, answer)
    return _changed(request, answer)


def _decided(request: HttpRequest, answer: Answer) -> HttpResponse:
    """Somebody was first: who, when and what."""
    return show(
        request,
        "already_decided.html",
        {
            "answer": answer,
            "state": answer_label(answer),
            "decider": queries.decider_name(answer),
            "next_one": queries.next_waiting(answer),
        },
        section=SECTION,
        status=409,
    )


def _changed(request: HttpRequest, answer: Answer) -> HttpResponse:
    """Gewijzigd, kijk opnieuw."""
    return show(
        request,
        "changed.html",
        {"answer": answer, "newer": queries.current_answer(answer), "next_one": queries.next_waiting(answer)},
        section=SECTION,
        status=409,
    )
