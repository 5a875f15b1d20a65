import uuid

from django.db import models
from django.utils import timezone

from accounts.models import CaseWorker, Citizen
from arrangements.models.application import Application
from infra.db.scoped import ScopedManager


class OfficialFigure(models.Model):
    """An official beslagvrije voet or vtlb, in cents per month, from a paper with a date. Never changed: a newer one counts.

    There is a photo of the paper, or a coach or desk worker saw it ("gezien aan balie").
    """

    class Kind(models.TextChoices):
        BESLAGVRIJE_VOET = "bvv", "Beslagvrije voet"
        VTLB = "vtlb", "Vrij te laten bedrag (vtlb)"

    class Paper(models.TextChoices):
        LETTER = "letter", "Brief van de deurwaarder of van een beslaglegger"
        WEBSITE = "website", "Berekening van uwbeslagvrijevoet.nl"
        VTLB_SHEET = "vtlb_sheet", "Vtlb-berekening van de gemeente of bewindvoerder"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="official_figures")
    application = models.ForeignKey(Application, models.PROTECT, related_name="official_figures")
    kind = models.CharField(max_length=4, choices=Kind)
    amount_cents = models.BigIntegerField()
    paper = models.CharField(max_length=10, choices=Paper)
    paper_date = models.DateField(help_text="de datum die op het papier staat")
    seen_by = models.ForeignKey(CaseWorker, models.PROTECT, null=True, related_name="+")
    photo = models.BinaryField(null=True)
    photo_type = models.CharField(max_length=20, blank=True)
    entered_by = models.CharField(max_length=40, help_text='"citizen" of "coach:<id>"')
    entered_on = models.DateField()
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["OfficialFigure"](citizen="citizen_id")

    class Meta:
        verbose_name = "officieel bedrag"
        verbose_name_plural = "officiële bedragen"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(amount_cents__gt=0), name="official_figure_is_positive"),
            models.CheckConstraint(
                condition=models.Q(seen_by__isnull=False) | models.Q(photo__isnull=False),
                name="official_figure_was_seen",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="vtlb", paper="vtlb_sheet")
                | (models.Q(kind="bvv") & ~models.Q(paper="vtlb_sheet")),
                name="official_figure_and_its_paper",
            ),
            models.CheckConstraint(
                condition=models.Q(paper_date__lte=models.F("entered_on")), name="official_paper_is_not_of_tomorrow"
            ),
            models.CheckConstraint(
                condition=models.Q(photo__isnull=True, photo_type="")
                | (models.Q(photo__isnull=False) & ~models.Q(photo_type="")),
                name="official_photo_has_a_type",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} van {self.paper_date}"
