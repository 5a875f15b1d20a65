"""Two partners who take part together, made by the operations themselves."""

from accounts.models import Citizen
from arrangements.models import Claim, HouseholdMember
from arrangements.operations.invite_partner import invite_partner
from arrangements.operations.join_household import join_household
from arrangements.operations.leave_household import leave_household
from arrangements.operations.share_claim import Ground, share_claim
from infra.scope import act_as
from tests.factories.people import citizen_scope


def code_of(citizen: Citizen) -> str:
    """A fresh code for the partner of this citizen."""
    with act_as(citizen_scope(citizen)):
        return invite_partner(citizen=citizen)[1]


def join(citizen: Citizen, code: str) -> HouseholdMember:
    with act_as(citizen_scope(citizen)):
        return join_household(citizen=citizen, code=code)


def together(one: Citizen, other: Citizen) -> None:
    """`other` uses the code of `one`."""
    join(other, code_of(one))


def leave(citizen: Citizen) -> None:
    with act_as(citizen_scope(citizen)):
        leave_household(citizen=citizen)


def share(claim: Claim, ground: Ground = Ground.SIGNED) -> None:
    """The citizen of the claim shares it with the partner of now."""
    with act_as(citizen_scope(claim.citizen)):
        share_claim(claim=claim, ground=ground)
