"""In whose name a page decides something about a running plan (domain.deciders)."""

from accounts.policies import PageRequest
from arrangements.domain.deciders import Decider


def decider_of(request: PageRequest) -> Decider:
    """The citizen on their own pages; the coach or the desk when they work for a client."""
    if request.mandate is None and request.actor.coach_id is None:
        return Decider.CITIZEN
    return Decider.DESK if request.actor.desk_id is not None else Decider.COACH
