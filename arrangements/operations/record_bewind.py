from dataclasses import dataclass
from datetime import date

from django.db import transaction

from accounts.models import Bewind, BewindConsent, Citizen
from arrangements.operations.lock_household import lock_household
from infra import audit, clock, scope


class OnlyAHelper(Exception):
    """A helper told it, or the bewindvoerder agreed already: what ends or changes is told by a helper."""


@dataclass(frozen=True, slots=True)
class Bewindvoerder:
    """Who manages the money; '' or None for what is not known."""

    name: str = ""
    organisation: str = ""
    phone: str = ""
    email: str = ""
    since: date | None = None


@transaction.atomic
def record_bewind(*, citizen: Citizen, who: Bewindvoerder) -> Bewind:
    """Somebody else manages this citizen's money. From here on nothing starts without that person's consent.

    Told by the citizen or by a helper who acts. Only that there is one is enough; the details fill up later. After a
    consent another name or office is another bewindvoerder: a new row, which needs a new consent. Raises OnlyAHelper when
    a citizen wants to change that. Scope: the citizen's (also of a helper who acts).
    """
    lock_household(citizen.pk)
    living = Bewind.objects.select_for_update(of=("self",)).filter(citizen_id=citizen.pk, ended_on=None).first()
    told_by = _told_by()
    consented = living is not None and BewindConsent.objects.filter(bewind=living).exists()
    if consented and told_by == "citizen":
        raise OnlyAHelper
    if living is not None and consented and (living.name, living.organisation) != (who.name, who.organisation):
        _end(living)
        living = None
    if living is None:
        living = Bewind.objects.create(
            citizen=citizen,
            told_by=told_by,
            name=who.name,
            organisation=who.organisation,
            phone=who.phone,
            email=who.email,
            since=who.since,
        )
    else:
        living.name, living.organisation = who.name, who.organisation
        living.phone, living.email = who.phone, who.email
        living.since = who.since or living.since  # the page of the citizen does not ask it
        living.save(update_fields=["name", "organisation", "phone", "email", "since"])
    audit.record("bewind_recorded", object_type="bewind", object_id=living.pk, citizen_id=citizen.pk)
    return living


@transaction.atomic
def end_bewind(*, citizen: Citizen) -> None:
    """There is no bewind (any more). Nothing happens when there was none.

    Raises OnlyAHelper when a citizen says it of what a helper told, or of what a bewindvoerder agreed to.
    """
    lock_household(citizen.pk)
    living = Bewind.objects.select_for_update(of=("self",)).filter(citizen_id=citizen.pk, ended_on=None).first()
    if living is None:
        return
    by_citizen = _told_by() == "citizen"
    if by_citizen and (living.told_by != "citizen" or BewindConsent.objects.filter(bewind=living).exists()):
        raise OnlyAHelper
    _end(living)


def _end(bewind: Bewind) -> None:
    bewind.ended_on = clock.today()
    bewind.save(update_fields=["ended_on"])
    audit.record("bewind_ended", object_type="bewind", object_id=bewind.pk, citizen_id=bewind.citizen_id)


def _told_by() -> str:
    coach_id = scope.current().coach_id
    return "citizen" if coach_id is None else f"coach:{coach_id}"
