"""Who is asking: the roles one login has, looked up anew on every request so that a right taken away works at once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from django.db import transaction

from accounts.models import CaseWorker, Citizen, User
from infra import scope
from infra.scope import Scope


class CreditorSeat(Protocol):
    """What a login is for a creditor. The table lives on a higher floor, so it is told to us (see `register_seat_finder`)."""

    @property
    def creditor_id(self) -> int: ...
    @property
    def role(self) -> str: ...
    @property
    def name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Actor:
    """A person behind a request. All ids are None for somebody who is not logged in."""

    user_id: int | None = None
    citizen_id: int | None = None
    coach_id: int | None = None
    desk_id: int | None = None
    creditor_id: int | None = None
    creditor_role: str = ""
    name: str = ""
    is_staff: bool = False


NOBODY = Actor()
_seat_finders: list[Callable[[int], CreditorSeat | None]] = []


def register_seat_finder(finder: Callable[[int], CreditorSeat | None]) -> None:
    """Called once by the creditors' app: finds the active seat of a user at a creditor."""
    _seat_finders.append(finder)


def actor_of(user: User) -> Actor:
    """Look up all roles of a login. Opens its own short transaction, because it runs before the request's own."""
    with scope.act_as(Scope(user_id=user.pk, reason="inloggen")), transaction.atomic():
        citizen_id = Citizen.objects.filter(user_id=user.pk).values_list("pk", flat=True).first()
        worker = CaseWorker.objects.filter(user_id=user.pk, active=True).first()
        seat = next((found for finder in _seat_finders if (found := finder(user.pk))), None)
    return Actor(
        user_id=user.pk,
        citizen_id=citizen_id,
        # The desk helps people too, with the same pages and the same need of a mandate.
        coach_id=worker.pk if worker else None,
        desk_id=worker.pk if worker and worker.kind == CaseWorker.Kind.DESK else None,
        creditor_id=seat.creditor_id if seat else None,
        creditor_role=seat.role if seat else "",
        name=seat.name if seat else (worker.name if worker else ""),
        is_staff=user.is_staff,
    )
