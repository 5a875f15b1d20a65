"""The bewindvoerder's yes: asked for, put on file, withdrawn. Under bewind nothing starts without it (features.md B8)."""

from datetime import date
from hashlib import sha256

from django.db import transaction

from accounts.models import Bewind, BewindConsent, CaseWorker, Citizen, User
from arrangements.documents.bewind_consent import BEWIND_TEXT_VERSION, bewind_consent_text
from arrangements.domain.paper_file import MAX_BYTES, media_type
from arrangements.models import CaseTask
from arrangements.operations.lock_household import lock_household
from arrangements.operations.tasks_for_director import make_task
from arrangements.operations.tell import tell_citizen
from arrangements.queries.bewind import bewind_of
from infra import audit, clock, scope


class BewindConsentMissing(Exception):
    """This citizen is under bewind, and no living consent of the bewindvoerder is on file."""


class BewindvoerderUnknown(Exception):
    """Nobody knows yet who the bewindvoerder is: a consent is somebody's."""


class BewindOver(Exception):
    """This bewind has ended, or somebody else is bewindvoerder now."""


def require_bewind_consent(citizen_id: int) -> None:
    """Raises BewindConsentMissing. Call it with `lock_household` held: who records or withdraws holds the citizen too."""
    found = bewind_of(citizen_id)
    if found is not None and found.waits:
        raise BewindConsentMissing


@transaction.atomic
def ask_bewindvoerder(*, citizen: Citizen) -> None:
    """The director calls the bewindvoerder: a task, one as long as it is open. Nothing when nobody has to be asked."""
    found = bewind_of(citizen.pk)
    tasks = CaseTask.objects.filter(citizen_id=citizen.pk, kind=CaseTask.Kind.BEWIND)
    if found is None or not found.waits or tasks.filter(done_on=None).exists():
        return
    who = found.bewind
    named = " van ".join(part for part in (who.name, who.organisation) if part) or "de bewindvoerder (vraag wie dat is)"
    make_task(
        citizen_id=citizen.pk,
        # Numbered: a consent that was withdrawn, or a task that led to nothing, is asked for again.
        key=f"bewind:{who.pk}:{tasks.count() + 1}",
        kind=CaseTask.Kind.BEWIND,
        text=f"De cliënt wil verder. Vraag {named} om toestemming{f': {who.phone}' if who.phone else ''}."[:300],
    )


@transaction.atomic
def record_bewind_consent(
    *,
    bewind: Bewind,
    consent_on: date,
    recorded_by: CaseWorker,
    photo: bytes | None = None,
    photo_type: str = "",
) -> BewindConsent:
    """Put the yes of the bewindvoerder on file: the helper who acts now saw the paper, dated `consent_on`.

    Keeps the words of today's version with their SHA-256, closes the director's task and tells the citizen to go on. A
    consent that holds already is returned as it is. Raises BewindOver, BewindvoerderUnknown, and ValueError for what no
    form lets through: a date of tomorrow, somebody else's eyes, a file that is too large or not what it says. Scope: that of
    a coach, or of the desk, acting for this citizen.
    """
    today = clock.today()
    if consent_on > today:
        raise ValueError("a paper of tomorrow")
    if recorded_by.pk != scope.current().coach_id:
        raise ValueError("only the helper who acts now can say that the paper was seen")
    if (photo is None) != (not photo_type) or (
        photo is not None and (len(photo) > MAX_BYTES or media_type(photo) != photo_type)
    ):
        raise ValueError("a file that is too large, or not what it says it is")
    lock_household(bewind.citizen_id)
    found = bewind_of(bewind.citizen_id)
    if found is None or found.bewind.pk != bewind.pk:
        raise BewindOver
    if found.consent is not None:
        return found.consent
    if not found.bewind.name:
        raise BewindvoerderUnknown
    citizen = Citizen.objects.select_related("director", "user").get(pk=bewind.citizen_id)
    text = bewind_consent_text(bewind=found.bewind, citizen=citizen)
    consent = BewindConsent.objects.create(
        bewind=found.bewind,
        citizen=citizen,
        consent_on=consent_on,
        text_version=BEWIND_TEXT_VERSION,
        text=text,
        text_hash=sha256(text.encode()).hexdigest(),
        recorded_by=recorded_by,
        recorded_on=today,
        photo=photo,
        photo_type=photo_type,
    )
    CaseTask.objects.filter(citizen_id=citizen.pk, kind=CaseTask.Kind.BEWIND, done_on=None).update(done_on=today)
    audit.record(
        "bewind_consent_recorded",
        object_type="bewind",
        object_id=found.bewind.pk,
        citizen_id=citizen.pk,
        details={"text_version": BEWIND_TEXT_VERSION, "text_hash": consent.text_hash, "photo": photo is not None},
    )
    tell_citizen(
        citizen,
        key=f"bewind_yes:{consent.pk}",
        kind="bewind_yes",
        subject="U kunt verder met uw plan",
        body="Uw bewindvoerder zegt ja.\nLog in. Dan kunt u verder met uw plan.",
    )
    return consent


@transaction.atomic
def withdraw_bewind_consent(*, consent: BewindConsent, user: User) -> None:
    """The bewindvoerder takes the yes back: nothing new starts, what was signed goes on. Twice changes nothing."""
    lock_household(consent.citizen_id)
    row = BewindConsent.objects.select_for_update(of=("self",)).defer("photo").get(pk=consent.pk)
    if row.withdrawn_on is not None:
        return
    row.withdrawn_on = clock.today()
    row.withdrawn_by_user = user
    row.save(update_fields=["withdrawn_on", "withdrawn_by_user"])
    audit.record("bewind_consent_withdrawn", object_type="bewind", object_id=row.bewind_id, citizen_id=row.citizen_id)
    citizen = Citizen.objects.select_related("director", "user").get(pk=row.citizen_id)
    tell_citizen(
        citizen,
        key=f"bewind_no:{row.pk}",
        kind="bewind_no",
        subject="Bericht over uw plan",
        body=(
            "Uw bewindvoerder zegt niet langer ja.\n"
            "U kunt nu niets nieuws versturen of tekenen.\n"
            "Heeft u al getekend? Dan gaat uw regeling gewoon door."
        ),
    )
