"""Every debt in the plan: whose it is, who collects it, and saying that one is not right (features.md C21)."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from accounts.policies import PageRequest, page
from arrangements.domain.deciders import Decider
from arrangements.domain.lifecycle import ClaimState
from arrangements.models import Arrangement, ArrangementLine, Claim, ClaimDispute
from arrangements.operations.change_plan import CHANGEABLE
from arrangements.operations.dispute_claim import NotToDispute, dispute_claim, drop_dispute
from citizen_portal.current import contact_now, running_arrangement, user_now
from citizen_portal.forms.citizen import DisputeForm

GET = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class Debt:
    """One debt as its page shows it."""

    line: ArrangementLine
    dispute: ClaimDispute | None
    may_dispute: bool

    @property
    def claim(self) -> Claim:
        """The debt itself."""
        return self.line.claim

    @property
    def gone(self) -> str:
        """Why it takes no part any more; '' when it does."""
        return self.line.claim.state if self.line.closed_on is not None else ""


def _debts(arrangement: Arrangement) -> list[Debt]:
    rows = ArrangementLine.objects.filter(arrangement=arrangement).select_related("claim__creditor", "creditor")
    runs = arrangement.state in CHANGEABLE
    disputes = {
        row.claim_id: row for row in ClaimDispute.objects.filter(citizen_id=arrangement.citizen_id, closed_on=None)
    }
    return [
        Debt(
            line,
            disputes.get(line.claim_id),
            runs and line.closed_on is None and line.settled_cents < line.share_cents,
        )
        for line in rows.order_by("position")
    ]


@page("citizen", methods=GET)
def debts(request: PageRequest) -> HttpResponse:
    """Which organisation, under which number, who collects."""
    arrangement = running_arrangement()
    if arrangement is None:
        return redirect(request.page("overzicht"))
    return render(request, "citizen/debts.html", {"debts": _debts(arrangement), "director": contact_now()})


def _debt(public_id: UUID) -> Debt:
    arrangement = running_arrangement()
    found = _debts(arrangement) if arrangement is not None else []
    for one in found:
        if one.claim.public_id == public_id:
            return one
    raise Http404


@page("citizen")
def dispute(request: PageRequest, claim: UUID) -> HttpResponse:
    """This debt is not right: why, and in one sentence. The citizen, or the helper who works for them."""
    debt = _debt(claim)
    if not debt.may_dispute and debt.dispute is None:
        return redirect(request.page("schulden"))
    initial = {"reason": debt.dispute.reason, "note": debt.dispute.note} if debt.dispute else None
    form = DisputeForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            dispute_claim(
                claim=debt.claim,
                reason=ClaimDispute.Reason(form.cleaned_data["reason"]),
                note=form.cleaned_data["note"].strip(),
                user=user_now(request),
                decider=_decider(request),
            )
        except NotToDispute:
            messages.info(request, "Deze schuld is al betaald of gestopt.")
        else:
            messages.success(request, f"Wij vragen {debt.claim.creditor.name} om het na te kijken.")
        return redirect(request.page("schulden"))
    context = {
        "debt": debt,
        "form": form,
        "back_url": request.page("schulden"),
        "may_drop": debt.dispute is not None and request.mandate is None,
    }
    return render(request, "citizen/dispute.html", context)


@page("citizen_self", methods=("POST",))
def drop(request: PageRequest, claim: UUID) -> HttpResponse:
    """The debt is right after all. The citizen's own word: a helper cannot give it up for them."""
    debt = _debt(claim)
    if debt.claim.state == ClaimState.DISPUTED:
        drop_dispute(claim=debt.claim, user=user_now(request))
        messages.success(request, "U zegt nu: deze schuld klopt.")
    return redirect(request.page("schulden"))


def _decider(request: PageRequest) -> Decider:
    return Decider.CITIZEN if request.mandate is None else Decider.COACH
