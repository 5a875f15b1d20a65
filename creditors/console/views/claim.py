"""One own claim: what is known of it, its whole history, and everything the creditor may do with it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.policies import page
from arrangements.domain.lifecycle import ClaimState, IllegalMove, Thing, state_label
from arrangements.domain.plan_change import PlanImpossible
from arrangements.models import Claim
from arrangements.operations import correct_claim, edit_claim, settle_dispute, transfer_claim, withdraw_claim
from arrangements.operations.dispute_claim import open_dispute
from arrangements.queries.claims import costs_check, foreseen_share, line_of, live_proposal, running_line
from creditors.console import claim_queries
from creditors.console.claim_forms import ClaimForm, CorrectForm, DetailsForm, TransferForm
from creditors.console.presenters import euro
from creditors.console.views.frame import show, user_on
from creditors.models import Creditor
from infra import clock

SECTION = "vorderingen"
GONE = (ClaimState.WITHDRAWN, ClaimState.TRANSFERRED)


def _claim(public_id: UUID) -> Claim:
    found = claim_queries.own_claim(public_id)
    if found is None:
        raise Http404
    return found


def _what_now(claim: Claim) -> dict[str, Any]:
    """Which of the pages below make sense now."""
    signed, running = line_of(claim), running_line(claim)
    gone = claim.state in GONE
    correction, transfer = claim_queries.waiting_correction(claim), claim_queries.waiting_transfer(claim)
    last = correct_claim.last_day(running.arrangement) if running is not None else None
    return {
        "signed": signed,
        "running": running,
        "gone": gone,
        "last_day": last,
        "waiting_correction": correction,
        "waiting_transfer": transfer,
        "may_edit": not gone,
        "may_correct": running is not None and correction is None and last is not None and clock.today() <= last,
        "may_transfer": not gone and not (signed and not running) and correction is None and transfer is None,
        "may_withdraw": not gone and not (signed and not running),
        "open_cents": transfer_claim.open_of(claim),
    }


@page("creditor", methods=("GET", "HEAD"))
def claim(request: HttpRequest, claim: UUID) -> HttpResponse:
    """What we know of it, and what happened to it."""
    found = _claim(claim)
    over = costs_check(found)
    context = {
        "claim": found,
        "state": state_label(Thing.CLAIM, found.state),
        "dispute": open_dispute(found),
        "costs": over if over is not None and over.over else None,
        "history": claim_queries.history(found),
        **_what_now(found),
    }
    return show(request, "claim.html", context, section=SECTION)


@page("creditor")
def edit(request: HttpRequest, claim: UUID) -> HttpResponse:
    """Who collects it, and as long as it stands in no proposal what it is made of."""
    found = _claim(claim)
    if found.state in GONE:
        return _cannot(request, found, "Deze vordering is niet meer van u, of is ingetrokken.")
    free = found.state == ClaimState.CONFIRMED and line_of(found) is None and live_proposal(found) is None
    make = ClaimForm if free else DetailsForm
    form = make(found, request.POST if request.method == "POST" else None)
    over = None
    if request.method == "POST" and form.is_valid():
        over = form.over
        if over is None:
            try:
                edit_claim.edit_claim(claim=found, details=form.details, amounts=form.amounts)
            except (edit_claim.ClaimFrozen, edit_claim.InProposal, edit_claim.NotOpen):
                return _cannot(request, found, "Deze vordering staat nu in een voorstel of regeling. Kijk opnieuw.")
            messages.success(request, "De vordering is bewaard.")
            return redirect("console:vordering", claim=found.public_id)
    context = {"claim": found, "form": form, "over": over, "free": free, "signed": line_of(found)}
    return show(request, "claim_edit.html", context, section=SECTION)


@page("creditor")
def correct(request: HttpRequest, claim: UUID) -> HttpResponse:
    """The explicit correction: first what it would mean for the own share, then for real."""
    found = _claim(claim)
    now = _what_now(found)
    line = now["running"]
    if line is None:
        return _cannot(request, found, "Deze vordering staat niet in een regeling die loopt.")
    if not now["may_correct"]:
        return _cannot(request, found, _why_no_correction(now))
    form = CorrectForm(request.POST if request.method == "POST" else None, now_cents=line.outstanding_cents)
    preview = None
    if request.method == "POST" and form.is_valid():
        after = form.cleaned_data["amount"]
        try:
            preview = foreseen_share(line, after)
            if form.was_seen:
                correct_claim.correct_claim(
                    claim=found,
                    user=user_on(request),
                    after_cents=after,
                    reason=correct_claim.Reason(form.cleaned_data["reason"]),
                    note=form.cleaned_data["note"],
                )
                messages.success(request, "Uw correctie is ontvangen. Wij verwerken die nu.")
                return redirect("console:vordering", claim=found.public_id)
        except PlanImpossible as impossible:
            form.add_error("amount", str(impossible))
        except correct_claim.BelowPaid as below:
            form.add_error("amount", f"Wij betaalden u al {euro(below.paid)}. Het bedrag kan niet lager zijn.")
        except correct_claim.HigherWhileDisputed:
            form.add_error("amount", "De burger betwist deze vordering. Een hoger bedrag kan nu niet.")
        except (correct_claim.NotInPlan, correct_claim.StillWaiting, correct_claim.CorrectionTooLate):
            return _cannot(request, found, _why_no_correction(_what_now(found)))
    context = {"claim": found, "form": form, "preview": preview, **now, "line": line}
    if preview is not None:
        context |= {
            "after": form.cleaned_data["amount"],
            "higher": form.cleaned_data["amount"] > line.outstanding_cents,
        }
    return show(request, "claim_correct.html", context, section=SECTION)


def _why_no_correction(now: dict[str, Any]) -> str:
    if now["waiting_correction"] is not None:
        return "Uw vorige correctie wacht nog op het ja van andere organisaties."
    if now["last_day"] is not None:
        return f"Een correctie kon tot en met {now['last_day']:%d-%m-%Y}. Bel ons als het bedrag toch niet klopt."
    return "Deze vordering staat niet meer in een regeling die loopt."


@page("creditor")
def transfer(request: HttpRequest, claim: UUID) -> HttpResponse:
    """Sold or handed over, whole or in part."""
    found = _claim(claim)
    now = _what_now(found)
    if not now["may_transfer"]:
        return _cannot(request, found, "Deze vordering kunt u nu niet overdragen.")
    form = TransferForm(request.POST if request.method == "POST" else None, today=clock.today())
    if request.method == "POST" and form.is_valid():
        try:
            made = transfer_claim.transfer_claim(
                claim=found,
                user=user_on(request),
                to_name=form.cleaned_data["to_name"],
                to_reference=form.cleaned_data["to_reference"].strip(),
                amount_cents=form.cleaned_data["amount"],
                from_date=form.cleaned_data["from_date"],
            )
        except transfer_claim.MoreThanOpen as more:
            form.add_error("amount", f"Open staat {euro(more.open_cents)}. Een deel is lager. Alles? Laat dit leeg.")
        except transfer_claim.PartOfDisputed:
            form.add_error("amount", "De burger betwist deze vordering. U kunt haar nu alleen helemaal overdragen.")
        except (transfer_claim.NotToTransfer, transfer_claim.TransferWaiting):
            return _cannot(request, found, "Deze vordering kunt u nu niet overdragen.")
        except ValueError:
            form.add_error("to_name", "Deze vordering is al van uw organisatie. Noem de nieuwe eigenaar.")
        else:
            messages.success(
                request,
                "De overdracht is genoteerd."
                if made.to_creditor_id
                else "Wij kennen deze organisatie nog niet. Wij nodigen haar uit. Tot dan blijft de vordering van u.",
            )
            return redirect("console:vordering", claim=found.public_id)
    names = Creditor.objects.filter(participates=True, named_by_citizen_id=None).order_by("name")
    context = {"claim": found, "form": form, **now, "names": names.values_list("name", flat=True)[:500]}
    return show(request, "claim_transfer.html", context, section=SECTION)


@page("creditor")
def withdraw(request: HttpRequest, claim: UUID) -> HttpResponse:
    """Take the claim back, after one look at what that means."""
    found = _claim(claim)
    now = _what_now(found)
    if not now["may_withdraw"]:
        return _cannot(request, found, "Deze vordering kunt u niet meer intrekken.")
    if request.method == "POST":
        try:
            withdraw_claim.withdraw_claim(claim=found, user=user_on(request))
        except (withdraw_claim.TooLate, IllegalMove):
            return _cannot(request, found, "Deze vordering kunt u niet meer intrekken.")
        messages.success(request, "De vordering is ingetrokken.")
        return redirect("console:vordering", claim=found.public_id)
    return show(request, "claim_withdraw.html", {"claim": found, **now}, section=SECTION)


@page("creditor", methods=("POST",))
def stands(request: HttpRequest, claim: UUID) -> HttpResponse:
    """A disputed claim in a plan is right after all."""
    found = _claim(claim)
    try:
        settle_dispute.say_it_stands(claim=found, user=user_on(request))
    except settle_dispute.NothingToSettle:
        return _cannot(request, found, "Deze vordering wordt niet (meer) betwist.")
    messages.success(request, "Genoteerd: de vordering klopt. De burger krijgt bericht.")
    return redirect("console:vordering", claim=found.public_id)


def _cannot(request: HttpRequest, found: Claim, why: str) -> HttpResponse:
    return show(request, "claim_cannot.html", {"claim": found, "why": why}, section=SECTION, status=409)
