import uuid

from django.db import models
from django.utils import timezone

from accounts.models.people import CaseWorker, Citizen, User
from infra.db.scoped import ScopedManager


class Bewind(models.Model):
    """Beschermingsbewind (art. 1:431 BW): the court lets somebody else manage this citizen's money.

    The money is the bewindvoerder's to manage, and what is promised without them can be undone (art. 1:438 and 1:439 BW).
    So nothing starts before a consent is on file (`BewindConsent`). Another bewindvoerder is another row, and has to agree
    again. Details may still be unknown.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="bewinden", verbose_name="burger")
    name = models.CharField("naam van de bewindvoerder", max_length=100, blank=True)
    organisation = models.CharField("kantoor", max_length=100, blank=True)
    phone = models.CharField("telefoonnummer", max_length=20, blank=True)
    email = models.EmailField("e-mailadres", blank=True)
    since = models.DateField("onder bewind sinds", null=True, blank=True)
    told_by = models.CharField(max_length=40, help_text='"citizen" of "coach:<id>"')
    ended_on = models.DateField("bewind gestopt op", null=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["Bewind"](citizen="citizen_id")

    class Meta:
        verbose_name = "bewind"
        verbose_name_plural = "bewind"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["citizen"], condition=models.Q(ended_on__isnull=True), name="one_living_bewind_per_citizen"
            ),
        ]

    def __str__(self) -> str:
        return self.name or "bewindvoerder, naam nog niet bekend"


class BewindConsent(models.Model):
    """The bewindvoerder's yes on paper, seen by a coach or the desk, with the words that were agreed to and their SHA-256.

    Never changed; it can be withdrawn, and then nothing new starts.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    bewind = models.ForeignKey(Bewind, models.PROTECT, related_name="consents", verbose_name="bewind")
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="+", verbose_name="burger")
    consent_on = models.DateField("datum op het papier")
    text_version = models.CharField(max_length=20)
    text = models.TextField("tekst")
    text_hash = models.CharField(max_length=64)
    recorded_by = models.ForeignKey(CaseWorker, models.PROTECT, related_name="+", verbose_name="gezien door")
    recorded_on = models.DateField("vastgelegd op")
    photo = models.BinaryField(null=True)
    photo_type = models.CharField(max_length=20, blank=True)
    withdrawn_on = models.DateField("ingetrokken op", null=True)
    withdrawn_by_user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["BewindConsent"](citizen="citizen_id")

    class Meta:
        verbose_name = "toestemming van een bewindvoerder"
        verbose_name_plural = "toestemmingen van bewindvoerders"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["bewind"], condition=models.Q(withdrawn_on__isnull=True), name="one_living_consent_per_bewind"
            ),
            models.CheckConstraint(
                condition=models.Q(consent_on__lte=models.F("recorded_on")), name="bewind_consent_is_not_of_tomorrow"
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_on__isnull=True, withdrawn_by_user__isnull=True)
                | models.Q(withdrawn_on__isnull=False, withdrawn_by_user__isnull=False),
                name="withdrawn_consent_says_by_whom",
            ),
            models.CheckConstraint(
                condition=models.Q(photo__isnull=True, photo_type="")
                | (models.Q(photo__isnull=False) & ~models.Q(photo_type="")),
                name="bewind_photo_has_a_type",
            ),
        ]

    def __str__(self) -> str:
        return f"toestemming van {self.consent_on}"
