"""What a creditor says to a variation that touches it. One decision per creditor; the second decider hears who was first."""

import uuid

from django.db import transaction

from accounts.models import User
from arrangements.domain.lifecycle import ConsentState, RefusalCode, Thing, VariationState
from arrangements.models import Consent, Variation
from arrangements.operations.answer_proposal import Changed
from arrangements.operations.moves import move
from arrangements.queries.variations import variation_facts
from infra import clock, jobs


class ConsentDecided(Exception):
    """Somebody was first. `consent` is the answer as it stands."""

    def __init__(self, consent: Consent) -> None:
        super().__init__(f"consent {consent.pk} is {consent.state}")
        self.consent = consent


DECIDED = (ConsentState.ACCEPTED, ConsentState.REFUSED)


def _locked(consent: Consent, seen_hash: str) -> Consent:
    row = Consent.objects.select_for_update(of=("self",)).get(pk=consent.pk)
    if row.state in DECIDED:
        raise ConsentDecided(row)
    variation = Variation.objects.get(pk=row.variation_id)
    if variation.state != VariationState.PROPOSED or not seen_hash or variation.content_hash != seen_hash:
        raise Changed
    if not variation_facts(variation.pk).current:
        raise Changed
    return row


def look_again(consent: Consent) -> None:
    """Promise to see whether the question still stands: when the plan changed it is asked afresh. Any scope."""
    jobs.enqueue(
        "settle_variation",
        key=f"settle_variation:{consent.variation_id}:{uuid.uuid4()}",
        arguments={"variation": consent.variation_id},
        citizen_id=consent.citizen_id,
    )


@transaction.atomic
def accept_variation(*, consent: Consent, seen_hash: str, user: User) -> Consent:
    """Say yes to at least the share that was shown. Scope: the creditor's. Raises ConsentDecided, Changed."""
    row = _locked(consent, seen_hash)
    move(
        Thing.CONSENT,
        row,
        ConsentState.ACCEPTED,
        reason="akkoord",
        creditor_id=row.creditor_id,
        decided_by=user,
        decided_at=clock.now(),
        decided_on=clock.today(),
        seen_hash=seen_hash,
    )
    look_again(row)
    return row


@transaction.atomic
def refuse_variation(*, consent: Consent, seen_hash: str, user: User, code: RefusalCode, note: str = "") -> Consent:
    """Say no, with a code; the sentence for the citizen comes from the code. Raises ConsentDecided, Changed."""
    row = _locked(consent, seen_hash)
    move(
        Thing.CONSENT,
        row,
        ConsentState.REFUSED,
        reason=code.value,
        creditor_id=row.creditor_id,
        refusal_code=code.value,
        refusal_note=note[:300],
        decided_by=user,
        decided_at=clock.now(),
        decided_on=clock.today(),
        seen_hash=seen_hash,
    )
    look_again(row)
    return row
