from dateutil.relativedelta import relativedelta
from django.db import connection, transaction

from accounts import codes
from accounts.models import CaseWorker, Citizen, IdentityAnchor, Mandate, User
from accounts.operations.identify_citizen import anchor_identity
from accounts.operations.invite_client import PURPOSE
from infra import audit, clock

TEXT_VERSION = "machtiging-1"


class CodeUnknown(Exception):
    """The code does not exist, was used, or is older than 48 hours. One error for all three: nothing to guess at."""


def coach_of_code(code: str) -> tuple[CaseWorker, int] | None:
    """Who made this code, and for how many months the mandate would be; None when it does not work (any more)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coach_id, valid_months FROM open_mandate_invitation(%s)", [codes.code_hash(PURPOSE, code)]
        )
        row = cursor.fetchone()
    if row is None:
        return None
    return CaseWorker.objects.get(pk=row[0]), int(row[1])


@transaction.atomic
def accept_invitation(*, citizen: Citizen, user: User, code: str) -> Mandate:
    """The citizen lets the coach help: makes the mandate, makes the coach the director of the case.

    Raises CodeUnknown. Scope: the citizen's own (the coach cannot accept for the client).
    """
    found = coach_of_code(code)
    if found is None:
        raise CodeUnknown
    coach, months = found
    today = clock.today()
    running = Mandate.objects.filter(citizen=citizen, coach=coach, ended_at=None).first()
    until = today + relativedelta(months=months)
    if running is None:
        mandate = Mandate.objects.create(
            citizen=citizen,
            coach=coach,
            valid_from=today,
            valid_until=until,
            text_version=TEXT_VERSION,
            given_by_user=user,
        )
    else:
        # A new code from the same coach renews the mandate, also one whose last day has passed.
        mandate = running
        mandate.valid_until = max(until, running.valid_until)
        mandate.text_version = TEXT_VERSION
        mandate.save(update_fields=["valid_until", "text_version"])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT papers_seen FROM use_mandate_invitation(%s, %s)", [codes.code_hash(PURPOSE, code), mandate.pk]
        )
        used = cursor.fetchone()
    if used is None:  # somebody else was first, between our two looks
        raise CodeUnknown
    Citizen.objects.filter(pk=citizen.pk).update(director=coach)
    if used[0]:
        desk = coach.kind == CaseWorker.Kind.DESK
        kind = IdentityAnchor.Kind.DESK if desk else IdentityAnchor.Kind.COACH
        anchor_identity(citizen=citizen, kind=kind, seen_by=coach)
    audit.record("mandate_given", object_type="mandate", object_id=mandate.pk, citizen_id=citizen.pk)
    return mandate
