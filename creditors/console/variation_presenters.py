"""What the console says about a change of a running arrangement, and about its versions. Scope: the creditor's."""

from dataclasses import dataclass

from arrangements.domain.deciders import ChangeGround
from arrangements.domain.lifecycle import ConsentState, RefusalCode, Thing, VariationState, state_label
from arrangements.domain.proposal import basis_points
from arrangements.models import ArrangementLine, Claim, Consent
from creditors.console.presenters import REFUSAL_LABELS, percentage
from creditors.models import CreditorMember

RULES = {
    ChangeGround.LOWERING: "De burger vraagt een lager bedrag. Alle delen dalen in dezelfde verhouding.",
    ChangeGround.LONG_PAUSE: "De burger vraagt een langere pauze. Alle termijnen komen later. Uw deel blijft gelijk.",
    ChangeGround.LATE_CREDITOR: (
        "Er is een vordering bij gekomen. De burger betaalt evenveel per maand. Alles wordt opnieuw verdeeld volgens dezelfde "
        "verdeelregel: iedereen hetzelfde percentage, preferent twee keer zoveel. Niemand komt onder wat hij al kreeg."
    ),
    ChangeGround.JOINS_LATER: "U doet alsnog mee, voor uw deel van toen. Geen ander deel verandert. De burger beslist.",
}


@dataclass(frozen=True, slots=True)
class ShownConsent:
    """One question as a page shows it; amounts in cents. `outstanding`: the own claims it is about, together."""

    consent: Consent
    ground: str
    rule: str
    debtor: str
    references: str
    outstanding: int
    percent_before: str
    percent_after: str
    state: str
    waits: bool
    decided: bool
    decider: str
    refusal: str
    months: int
    monthly: int

    @property
    def fell(self) -> int:
        """By how much the share falls."""
        return max(0, self.consent.share_before_cents - self.consent.share_after_cents)


def shown_consent(consent: Consent) -> ShownConsent:
    """See `ShownConsent`."""
    variation = consent.variation
    ground = ChangeGround(variation.ground)
    claims = _own_claims(consent)
    outstanding = sum(cents for _, cents in claims)
    decided = consent.state in (ConsentState.ACCEPTED, ConsentState.REFUSED)
    open_now = variation.state == VariationState.PROPOSED
    waits = open_now and not decided
    state = state_label(Thing.CONSENT, consent.state)
    if not open_now:
        state = f"{state} (wijziging is {state_label(Thing.VARIATION, variation.state)})"
    return ShownConsent(
        consent=consent,
        ground=ground.label,
        rule=RULES.get(ground, ""),
        debtor=next((claim.debtor_name for claim, _ in claims if claim.debtor_name), ""),
        references=", ".join(claim.reference or "zonder kenmerk" for claim, _ in claims),
        outstanding=outstanding,
        percent_before=percentage(basis_points(consent.share_before_cents, outstanding)) if outstanding else "–",
        percent_after=percentage(basis_points(consent.share_after_cents, outstanding)) if outstanding else "–",
        state=state,
        waits=waits,
        decided=decided,
        decider=_decider(consent),
        refusal=REFUSAL_LABELS[RefusalCode(consent.refusal_code)] if consent.refusal_code else "",
        months=int(variation.wanted.get("months", 0)),
        monthly=int(variation.wanted.get("monthly_cents", 0)),
    )


def _own_claims(consent: Consent) -> list[tuple[Claim, int]]:
    """The own claims with what was outstanding at the start of the plan, or what is confirmed of one that comes in."""
    arrangement_id = consent.variation.arrangement_id
    lines = ArrangementLine.objects.filter(arrangement_id=arrangement_id).select_related("claim").order_by("position")
    found = [(line.claim, line.outstanding_cents) for line in lines]
    inside = {claim.pk for claim, _ in found}
    wanted = consent.variation.wanted
    new = [*wanted.get("claims", ()), *(int(key) for key in wanted.get("shares", {}))]
    coming = Claim.objects.filter(pk__in=[pk for pk in new if pk not in inside]).order_by("pk")
    return [*found, *((claim, claim.confirmed_cents or 0) for claim in coming)]


def _decider(consent: Consent) -> str:
    if consent.decided_by_id is None:
        return ""
    member = CreditorMember.objects.filter(user_id=consent.decided_by_id).first()
    return member.name if member else "een medewerker"
