import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import Citizen
from arrangements.models.proposal import Proposal
from infra.db.scoped import ScopedManager


class MunicipalRoute(models.Model):
    """The citizen takes the case to a municipality: which body helps there, and whether the law recognises it.

    A court first asks for help by a recognised body (Fw 288(2)(b), Wck 48): so what that body is, is kept with its ground and
    with who found it out. Only the part about the body is ever filled in later; the choice itself stays as it was made.
    """

    class BodyKind(models.TextChoices):
        GEMEENTE = "gemeente", "De gemeente zelf"
        KREDIETBANK = "kredietbank", "Een kredietbank"
        OTHER = "other", "Een andere organisatie"
        UNKNOWN = "unknown", "Dat weet ik nog niet"

    class Recognised(models.TextChoices):
        YES = "yes", "Ja, erkend"
        NO = "no", "Nee, niet erkend"
        UNKNOWN = "unknown", "Nog niet bekend"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="municipal_routes")
    proposal = models.OneToOneField(Proposal, models.PROTECT, related_name="municipal_route")
    chosen_on = models.DateField("gekozen op")
    body_kind = models.CharField("soort organisatie", max_length=11, choices=BodyKind, default=BodyKind.UNKNOWN)
    body_name = models.CharField("naam van de organisatie", max_length=100, blank=True)
    is_recognised = models.CharField("erkend", max_length=7, choices=Recognised, default=Recognised.UNKNOWN)
    ground = models.CharField("waar dat uit blijkt", max_length=200, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="vastgelegd door"
    )
    recorded_on = models.DateField("vastgelegd op", null=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["MunicipalRoute"](citizen="citizen_id")

    class Meta:
        verbose_name = "route via de gemeente"
        verbose_name_plural = "routes via de gemeente"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_recognised="unknown")
                | (~models.Q(ground="") & ~models.Q(body_name="") & models.Q(recorded_by__isnull=False)),
                name="recognition_has_a_body_and_a_ground",
            ),
            models.CheckConstraint(
                condition=models.Q(recorded_by__isnull=True, recorded_on__isnull=True)
                | models.Q(recorded_by__isnull=False, recorded_on__isnull=False),
                name="recognition_says_who_and_when",
            ),
            models.CheckConstraint(
                condition=models.Q(body_kind="unknown") | ~models.Q(body_name=""), name="a_known_body_has_a_name"
            ),
        ]

    def __str__(self) -> str:
        return f"route via {self.body_name or 'een gemeente'}"
