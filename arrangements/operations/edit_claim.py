"""The creditor's own side of a claim: what it is made of, who collects it, and which law counts."""

from dataclasses import asdict, dataclass

from django.db import transaction

from arrangements.domain.lifecycle import ClaimState
from arrangements.models import Claim
from arrangements.queries.claims import line_of, live_proposal
from infra import audit


class ClaimFrozen(Exception):
    """The claim stands in an arrangement: only an explicit correction moves it (features.md S9)."""


class InProposal(Exception):
    """A proposal with this amount in it is out: it is corrected there, because everybody's share changes with it."""


class NotOpen(Exception):
    """The claim was withdrawn or belongs to somebody else now."""


class DoesNotAddUp(ValueError):
    """Principal, interest and costs are all given and are not what is open. `together` in cents."""

    def __init__(self, together: int) -> None:
        super().__init__(f"the parts are {together} together")
        self.together = together


@dataclass(frozen=True, slots=True)
class Details:
    """What may be changed at any time: no amount follows from it."""

    kind: str = ""
    collector_name: str = ""
    collector_reference: str = ""
    deurwaarder_name: str = ""
    deurwaarder_reference: str = ""


@dataclass(frozen=True, slots=True)
class Amounts:
    """What the share rests on, in cents; None is not given. Changes until the claim stands in a proposal."""

    outstanding: int
    principal: int | None = None
    interest: int | None = None
    costs: int | None = None
    is_preferent: bool = False
    preference_ground: str = ""
    dischargeable: bool = True
    not_dischargeable_ground: str = ""

    def check(self) -> None:
        """Raises DoesNotAddUp; ValueError for a negative amount, a preference or an exception without its ground."""
        parts = (self.principal, self.interest, self.costs)
        if min(self.outstanding, *(part or 0 for part in parts)) < 0:
            raise ValueError("an amount is not negative")
        if None not in parts and (together := sum(part or 0 for part in parts)) != self.outstanding:
            raise DoesNotAddUp(together)
        if self.is_preferent != bool(self.preference_ground):
            raise ValueError("a preference and its ground go together")
        if self.dischargeable == bool(self.not_dischargeable_ground):
            raise ValueError("what is not dischargeable has a ground, and nothing else has")


def amounts_of(claim: Claim) -> Amounts | None:
    """The amounts as they stand; None while nobody confirmed what is open."""
    if claim.confirmed_cents is None:
        return None
    return Amounts(
        outstanding=claim.confirmed_cents,
        principal=claim.principal_cents,
        interest=claim.interest_cents,
        costs=claim.costs_cents,
        is_preferent=claim.is_preferent,
        preference_ground=claim.preference_ground,
        dischargeable=claim.dischargeable,
        not_dischargeable_ground=claim.not_dischargeable_ground,
    )


@transaction.atomic
def edit_claim(*, claim: Claim, details: Details, amounts: Amounts | None = None) -> Claim:
    """Write what the creditor says about its own claim. `amounts` None: leave them as they are.

    A claim nobody confirmed yet, or that is disputed, gets its amount by `confirm_balance`, and keeps what it has here.
    Raises ClaimFrozen and InProposal when an amount, preference or ground would change and may not; NotOpen; DoesNotAddUp
    and ValueError as `Amounts.check`. Scope: the creditor's.
    """
    row = Claim.objects.select_for_update(of=("self",)).get(pk=claim.pk)
    if row.state in (ClaimState.WITHDRAWN, ClaimState.TRANSFERRED):
        raise NotOpen
    changed: list[str] = []
    for name, value in asdict(details).items():
        if getattr(row, name) != value:
            setattr(row, name, value)
            changed.append(name)
    if amounts is not None and amounts != amounts_of(row):
        amounts.check()
        if line_of(row) is not None:
            raise ClaimFrozen
        if row.state != ClaimState.CONFIRMED or live_proposal(row) is not None:
            raise InProposal
        row.confirmed_cents = amounts.outstanding
        row.principal_cents, row.interest_cents, row.costs_cents = amounts.principal, amounts.interest, amounts.costs
        row.is_preferent, row.preference_ground = amounts.is_preferent, amounts.preference_ground
        row.dischargeable = amounts.dischargeable
        row.not_dischargeable_ground = amounts.not_dischargeable_ground
        changed += [
            "confirmed_cents",
            "principal_cents",
            "interest_cents",
            "costs_cents",
            "is_preferent",
            "preference_ground",
            "dischargeable",
            "not_dischargeable_ground",
        ]
    if changed:
        row.save(update_fields=changed)
        audit.record(
            "claim_edited",
            object_type="claim",
            object_id=row.pk,
            citizen_id=row.citizen_id,
            creditor_id=row.creditor_id,
            reason=", ".join(changed)[:200],
        )
    return row
