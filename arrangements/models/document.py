import uuid

from django.db import models
from django.utils import timezone

from accounts.models import Citizen
from arrangements.models.arrangement import Arrangement
from arrangements.models.proposal import Proposal
from creditors.models import Creditor
from infra.db.scoped import ScopedManager


class Document(models.Model):
    """A document as it was given out: the figures it was made from, and the PDF with its hash. Never changed.

    It is about an arrangement, or about a proposal that became none. It belongs to one reader: the citizen's copy lists
    everybody, a creditor's extract only its own line.
    """

    class Kind(models.TextChoices):
        AGREEMENT = "agreement", "Overeenkomst"
        EXTRACT = "extract", "Uittreksel van de overeenkomst"
        CLOSING = "closing", "Eindoverzicht"
        CLOSING_EXTRACT = "closing_extract", "Eindoverzicht voor de organisatie"
        ENDING = "ending", "Overzicht bij het stoppen"
        ENDING_EXTRACT = "ending_extract", "Overzicht bij het stoppen voor de organisatie"
        COMPARISON = "comparison", "Vergelijking bij beslag"
        MUNICIPAL = "municipal", "Dossier voor de gemeente"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=16, choices=Kind)
    arrangement = models.ForeignKey(Arrangement, models.PROTECT, null=True, related_name="documents")
    proposal = models.ForeignKey(Proposal, models.PROTECT, null=True, related_name="documents")
    citizen = models.ForeignKey(Citizen, models.PROTECT, null=True, related_name="documents")
    creditor = models.ForeignKey(Creditor, models.PROTECT, null=True, related_name="documents")
    reference = models.CharField(max_length=40)
    content = models.JSONField()
    pdf = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    made_on = models.DateField()
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["Document"](citizen="citizen_id", creditor="creditor_id")

    class Meta:
        verbose_name = "document"
        verbose_name_plural = "documenten"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(citizen__isnull=False, creditor__isnull=True)
                | models.Q(citizen__isnull=True, creditor__isnull=False),
                name="document_has_one_reader",
            ),
            models.UniqueConstraint(
                fields=["arrangement", "kind", "creditor", "reference"],
                condition=models.Q(arrangement__isnull=False),
                name="one_document_per_kind_and_reader",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=models.Q(arrangement__isnull=False) | models.Q(proposal__isnull=False),
                name="document_is_about_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.reference}"
