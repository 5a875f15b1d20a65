"""Taking part together with a partner: the code, what is shared, and stopping (features C30).

Nobody does this for the citizen, so a coach does not get here.
"""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from accounts.codes import shown
from accounts.policies import PageRequest, page
from arrangements.domain.lifecycle import ClaimState
from arrangements.models import Claim, HouseholdInvitation
from arrangements.operations.invite_partner import AlreadyTogether, invite_partner
from arrangements.operations.join_household import PartnerCodeUnknown, join_household
from arrangements.operations.leave_household import leave_household
from arrangements.operations.share_claim import NotToBeShared, NotTogether, PartnerNotIdentified, share_claim
from arrangements.operations.stop_sharing_claim import stop_sharing_claim
from arrangements.operations.submit_proposal import NotIdentified
from arrangements.queries.household import claims_i_share, committed_cents, partner_of, shared_claims
from citizen_portal.current import citizen_now
from citizen_portal.forms.together import PartnerCodeForm, ShareForm
from citizen_portal.limits import address_of, too_often
from infra import clock

GET = ("GET", "HEAD")
# Of a partner's code: per citizen, and twice as many per address, where more people may live or work.
TRIES = 10
CODE_SESSION_KEY = "partner_code"


@page("citizen_self", methods=GET)
def together(request: PageRequest) -> HttpResponse:
    """How it works, or with whom, what is shared, and the way out."""
    citizen = citizen_now()
    partner = partner_of(citizen.pk)
    waiting = HouseholdInvitation.objects.filter(used_at=None, expires_at__gt=clock.now()).order_by("-expires_at")
    context = {
        "partner": partner,
        "may_share": partner is not None and partner.identified and citizen.anchors.exists(),
        "promised": committed_cents(citizen.pk),
        "with_me": shared_claims(citizen.pk),
        "by_me": claims_i_share(citizen.pk),
        "waiting": None if partner else waiting.first(),
    }
    return render(request, "citizen/together.html", context)


@page("citizen_self")
def code(request: PageRequest) -> HttpResponse:
    """A code for the partner, shown once: only its hash is kept."""
    if request.method == "POST":
        try:
            _, made = invite_partner(citizen=citizen_now())
        except AlreadyTogether:
            messages.info(request, "U doet al samen mee met uw partner.")
            return redirect(request.page("samen"))
        request.session[CODE_SESSION_KEY] = shown(made)
        return redirect(request.page("samen-code"))
    made = request.session.pop(CODE_SESSION_KEY, "")
    if not made:
        return redirect(request.page("samen"))
    row = HouseholdInvitation.objects.order_by("-pk").first()
    return render(request, "citizen/together_code.html", {"code": made, "invitation": row})


@page("citizen_self")
def join(request: PageRequest) -> HttpResponse:
    """The code of the partner, and what the yes means."""
    citizen = citizen_now()
    if partner_of(citizen.pk) is not None:
        messages.info(request, "U doet al samen mee met uw partner.")
        return redirect(request.page("samen"))
    form = PartnerCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if too_often("partner-code", str(citizen.pk), times=TRIES) or too_often(
            "partner-code-from", address_of(request), times=2 * TRIES
        ):
            form.add_error("code", "U heeft het te vaak geprobeerd. Wacht 15 minuten. Of bel ons.")
        else:
            try:
                join_household(citizen=citizen, code=form.cleaned_data["code"])
            except (PartnerCodeUnknown, AlreadyTogether):
                form.add_error("code", "Deze code werkt niet. Vraag uw partner om een nieuwe code.")
            else:
                messages.success(request, "U doet nu samen mee.")
                return redirect(request.page("samen"))
    return render(request, "citizen/together_join.html", {"form": form})


@page("citizen_self")
def share(request: PageRequest) -> HttpResponse:
    """Name the partner as co-debtor of one claim."""
    already = {one.public_id for one in claims_i_share(citizen_now().pk)}
    gone = (ClaimState.WITHDRAWN, ClaimState.TRANSFERRED)
    own = Claim.objects.select_related("creditor").exclude(state__in=gone).order_by("creditor__name", "pk")
    claims = [claim for claim in own if claim.public_id not in already]
    form = ShareForm(claims, request.POST or None)
    if request.method == "POST" and form.is_valid():
        claim, ground = form.chosen
        try:
            share_claim(claim=claim, ground=ground)
        except (NotIdentified, PartnerNotIdentified):
            messages.warning(request, "Wij weten nog niet zeker wie u allebei bent. Daarna kunt u delen.")
        except (NotTogether, NotToBeShared):
            messages.warning(request, "Delen kan nu niet. Bel ons als u vragen heeft.")
        else:
            messages.success(request, f"Uw partner ziet nu ook {claim.creditor.name}.")
        return redirect(request.page("samen"))
    return render(request, "citizen/together_share.html", {"form": form, "claims": claims})


@page("citizen_self", methods=("POST",))
def stop_sharing(request: PageRequest, claim: UUID) -> HttpResponse:
    """Take one back."""
    row = Claim.objects.filter(public_id=claim).first()
    if row is None:
        raise Http404
    stop_sharing_claim(claim=row)
    messages.success(request, "Uw partner ziet deze rekening nu niet meer.")
    return redirect(request.page("samen"))


@page("citizen_self")
def stop(request: PageRequest) -> HttpResponse:
    """Stop taking part together: asked once, done at once."""
    citizen = citizen_now()
    if request.method == "POST":
        leave_household(citizen=citizen)
        messages.success(request, "U doet niet meer samen mee.")
        return redirect(request.page("samen"))
    if partner_of(citizen.pk) is None:
        return redirect(request.page("samen"))
    return render(request, "citizen/together_stop.html")
