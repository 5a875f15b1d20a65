from django.db import models

from accounts.models import Citizen


class DemoPayer(models.Model):
    """How a made-up household of the demo pays when the time machine moves the date. Nobody real has a row here."""

    class Behavior(models.TextChoices):
        PAYS = "pays", "Betaalt op tijd"
        LATE = "late", "Betaalt tien dagen te laat"
        HALF = "half", "Betaalt de helft, en de rest twintig dagen later"
        MISSES = "misses", "Slaat soms een maand over"

    citizen = models.OneToOneField(Citizen, models.PROTECT, related_name="demo_payer")
    behavior = models.CharField(max_length=6, choices=Behavior, default=Behavior.PAYS)
    every_n = models.PositiveSmallIntegerField(default=6, help_text="bij 'slaat over': elke zoveelste termijn")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(every_n__gte=2), name="demo_payer_skips_some_months_only")
        ]

    def __str__(self) -> str:
        return f"{self.citizen_id}: {self.behavior}"
