"""Whether somebody else manages this citizen's money, and whether that person agreed. Scope: the citizen's."""

from dataclasses import dataclass

from accounts.models import Bewind, BewindConsent


@dataclass(frozen=True, slots=True)
class BewindFile:
    """The bewind that lasts, with the consent that holds; None while there is none."""

    bewind: Bewind
    consent: BewindConsent | None

    @property
    def waits(self) -> bool:
        """Whether nothing can start yet."""
        return self.consent is None


def bewind_of(citizen_id: int) -> BewindFile | None:
    """The bewind of this citizen; None when there is none. Without the photo, which can be megabytes."""
    bewind = Bewind.objects.filter(citizen_id=citizen_id, ended_on=None).first()
    if bewind is None:
        return None
    consents = BewindConsent.objects.filter(bewind=bewind, withdrawn_on=None)
    return BewindFile(bewind, consents.select_related("recorded_by").defer("photo").first())
