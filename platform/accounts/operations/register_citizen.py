from django.db import transaction

from accounts.contact import default_director
from accounts.models import Citizen, User
from infra import audit, clock
from infra.scope import current


class NoDirector(Exception):
    """There is no worker of the desk to be the named person of a new case: an operator must appoint one."""


@transaction.atomic
def register_citizen(*, user: User) -> Citizen:
    """Make the citizen that belongs to this login, or return the one that is there. Dated: cohorts count from here.

    Raises NoDirector. Scope: the user's own.
    """
    if current().user_id != user.pk and not current().worker:
        raise PermissionError("a citizen is registered by the own login")
    existing = Citizen.objects.filter(user=user).first()
    if existing is not None:
        return existing
    director = default_director()
    if director is None:
        raise NoDirector("appoint a default director in /beheer/")
    citizen = Citizen.objects.create(user=user, director=director, enrolled_on=clock.today())
    audit.record("citizen_registered", object_type="citizen", object_id=citizen.pk, citizen_id=citizen.pk)
    return citizen
