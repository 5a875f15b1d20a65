from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from accounts.models import BewindConsent
from arrangements.domain.paper_file import SHOWN_BY_BROWSERS, extension
from arrangements.models import OfficialFigure
from infra import audit, scope


@dataclass(frozen=True, slots=True)
class Photo:
    """The file behind a paper, as it came. `shown`: browsers show it; else it is saved."""

    content: bytes
    media_type: str
    name: str
    shown: bool


@transaction.atomic
def open_photo(*, figure: UUID) -> Photo | None:
    """The photo of a paper, when the scope shows it: the citizen's, an acting coach's, the desk's. None for all others.

    A look by somebody else than the citizen is written down (reliability.md 2.2, row 4). `figure`: the public id.
    """
    row = OfficialFigure.objects.filter(public_id=figure, photo__isnull=False).first()
    if row is None:
        return None
    if scope.current().coach_id is not None or scope.current().desk:
        audit.record(
            "official_photo_opened", object_type="official_figure", object_id=row.pk, citizen_id=row.citizen_id
        )
    return Photo(
        content=bytes(row.photo or b""),
        media_type=row.photo_type,
        name=f"papier-{row.paper_date:%Y-%m-%d}.{extension(row.photo_type)}",
        shown=row.photo_type in SHOWN_BY_BROWSERS,
    )


@transaction.atomic
def open_consent_photo(*, consent: UUID) -> Photo | None:
    """The photo of the paper a bewindvoerder signed; the same walls and the same line in the log as `open_photo`."""
    row = BewindConsent.objects.filter(public_id=consent, photo__isnull=False).first()
    if row is None:
        return None
    if scope.current().coach_id is not None or scope.current().desk:
        audit.record("bewind_photo_opened", object_type="bewind", object_id=row.bewind_id, citizen_id=row.citizen_id)
    return Photo(
        content=bytes(row.photo or b""),
        media_type=row.photo_type,
        name=f"toestemming-{row.consent_on:%Y-%m-%d}.{extension(row.photo_type)}",
        shown=row.photo_type in SHOWN_BY_BROWSERS,
    )
