from dateutil.relativedelta import relativedelta
from django.db import connection, transaction

from accounts import codes
from accounts.mandate_text import TEXT_VERSION, MandateWords, mandate_words
from accounts.models import CaseWorker, Citizen, HandOver, IdentityAnchor, Mandate, MandateText, User
from accounts.operations.identify_citizen import anchor_identity
from accounts.operations.invite_client import PURPOSE
from accounts.operations.move_director import move_director
from infra import audit, clock


class CodeUnknown(Exception):
    """The code does not exist, was used, or is older than 48 hours. One error for all three: nothing to guess at."""


class OtherWordsOnScreen(Exception):
    """The words of the mandate changed since they were shown: read them again. Nothing was given, the code still works."""


def coach_of_code(code: str) -> tuple[CaseWorker, int] | None:
    """Who made this code, and for how many months the mandate would be; None when it does not work (any more).

    Nor does it when its maker does not work here any more: such a coach could not help, and no case may go there.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coach_id, valid_months FROM open_mandate_invitation(%s)", [codes.code_hash(PURPOSE, code)]
        )
        row = cursor.fetchone()
    coach = CaseWorker.objects.filter(pk=row[0], active=True).first() if row else None
    return (coach, int(row[1])) if coach else None


def words_of(coach: CaseWorker, months: int) -> MandateWords:
    """What the citizen reads before saying yes to this coach."""
    return mandate_words(name=coach.name, organisation=coach.organisation, phone=coach.phone, months=months)


@transaction.atomic
def accept_invitation(*, citizen: Citizen, user: User, code: str, seen_hash: str | None = None) -> Mandate:
    """The citizen lets the coach help: makes the mandate, keeps its words, makes the coach the director of the case.

    `seen_hash`: SHA-256 of the words that stood on the screen; None where there was no screen. Raises CodeUnknown,
    OtherWordsOnScreen. Scope: the citizen's own (the coach cannot accept for the client).
    """
    found = coach_of_code(code)
    if found is None:
        raise CodeUnknown
    coach, months = found
    words = words_of(coach, months)
    if seen_hash is not None and seen_hash != words.hash:
        raise OtherWordsOnScreen
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
    MandateText.objects.create(
        mandate=mandate,
        citizen=citizen,
        coach=coach,
        given_on=today,
        valid_until=mandate.valid_until,
        text_version=TEXT_VERSION,
        text=words.text,
        text_hash=words.hash,
        given_by_user=user,
    )
    move_director(citizen=citizen, to=coach, reason=HandOver.Reason.MANDATE_GIVEN, by=user)
    if used[0]:
        desk = coach.kind == CaseWorker.Kind.DESK
        kind = IdentityAnchor.Kind.DESK if desk else IdentityAnchor.Kind.COACH
        anchor_identity(citizen=citizen, kind=kind, seen_by=coach)
    audit.record(
        "mandate_given",
        object_type="mandate",
        object_id=mandate.pk,
        citizen_id=citizen.pk,
        details={"text_version": TEXT_VERSION, "text_hash": words.hash},
    )
    return mandate
