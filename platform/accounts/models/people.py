"""Who logs in, who they are to us, and who may act for whom."""

import uuid
from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.utils import timezone

from infra import scope
from infra.db.scoped import ScopedManager


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        if password:
            user.set_password(password)
        else:
            user.set_unusable_password()
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A way to log in. What a person is to us (citizen, coach, creditor staff, desk) hangs on other rows."""

    email = models.EmailField("e-mailadres", unique=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField("medewerker van het loket", default=False)
    date_joined = models.DateTimeField(default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"

    class Meta:
        verbose_name = "gebruiker"
        verbose_name_plural = "gebruikers"

    def __str__(self) -> str:
        return self.email


class CaseWorker(models.Model):
    """A coach or a worker of the desk: a named person with a direct number, who can be the director of a case."""

    class Kind(models.TextChoices):
        COACH = "coach", "Budgetcoach"
        DESK = "desk", "Medewerker van het loket"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.OneToOneField(User, models.PROTECT, related_name="case_worker")
    kind = models.CharField(max_length=5, choices=Kind)
    name = models.CharField(max_length=100)
    organisation = models.CharField(max_length=100)
    phone = models.CharField(max_length=20)
    is_default_director = models.BooleanField(default=False)
    active = models.BooleanField(default=True)

    class Meta:
        verbose_name = "coach of loketmedewerker"
        verbose_name_plural = "coaches en loketmedewerkers"
        constraints = [
            models.UniqueConstraint(
                fields=["is_default_director"],
                condition=models.Q(is_default_director=True),
                name="one_default_director",
                violation_error_message="Er is al een loketmedewerker die nieuwe zaken krijgt.",
            ),
            models.CheckConstraint(condition=~models.Q(phone=""), name="case_worker_has_a_direct_number"),
            models.CheckConstraint(
                condition=models.Q(is_default_director=False) | models.Q(active=True),
                name="default_director_is_active",
                violation_error_message="Deze medewerker krijgt alle nieuwe zaken. Wijs eerst een ander aan.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} van {self.organisation}"


class CitizenManager(ScopedManager["Citizen"]):
    """The citizen's own row; for a coach also the clients whose mandate has not been ended."""

    def get_queryset(self) -> models.QuerySet["Citizen"]:
        rows = super().get_queryset()
        coach_id = scope.current().coach_id
        if coach_id is None or scope.current().citizen_id is not None:
            return rows
        clients = Mandate._base_manager.filter(coach_id=coach_id, ended_at=None)  # noqa: SLF001  both unfiltered:
        return self.model._base_manager.filter(pk__in=clients.values("citizen_id"))  # noqa: SLF001  the filter is here


class Citizen(models.Model):
    """A person who has to pay. There is no BSN here and there will not be one (domain.md 7.4).

    `director` is never empty: one named person per case. `match_key` is the keyed hash of family name, birth date,
    postcode and house number, set when the identity is anchored; with it uploaded claims are found.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.OneToOneField(User, models.PROTECT, null=True, related_name="citizen")
    first_name = models.CharField("voornaam", max_length=60, blank=True)
    family_name = models.CharField("achternaam", max_length=100, blank=True)
    birth_date = models.DateField("geboortedatum", null=True)
    postcode = models.CharField("postcode", max_length=6, blank=True)
    house_number = models.CharField("huisnummer", max_length=10, blank=True)
    phone = models.CharField("telefoonnummer", max_length=20, blank=True)
    match_key = models.CharField(max_length=64, blank=True)
    director = models.ForeignKey(CaseWorker, models.PROTECT, related_name="cases")
    pay_links = models.BooleanField("betaallink in berichten", default=True)
    enrolled_on = models.DateField("ingestroomd op")
    created_at = models.DateTimeField(default=timezone.now)

    objects = CitizenManager(citizen="id", user="user_id")

    class Meta:
        verbose_name = "burger"
        verbose_name_plural = "burgers"
        indexes = [models.Index(fields=["match_key"], name="citizen_by_match_key")]

    def __str__(self) -> str:
        return f"burger {self.public_id}"

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.family_name}".strip()


class IdentityAnchor(models.Model):
    """Why we believe this login is this person (architecture.md, "Who may see which debts")."""

    class Kind(models.TextChoices):
        INVITATION = "invitation", "Code uit de brief van een organisatie"
        COACH = "coach", "Coach heeft het legitimatiebewijs gezien"
        DESK = "desk", "Loket heeft het legitimatiebewijs gezien"
        OIDC = "oidc", "Ingelogd met DigiD of een andere erkende dienst"

    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="anchors")
    kind = models.CharField(max_length=10, choices=Kind)
    seen_by = models.ForeignKey(CaseWorker, models.PROTECT, null=True)
    anchored_on = models.DateField()
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["IdentityAnchor"](citizen="citizen_id")

    class Meta:
        verbose_name = "identiteitscontrole"
        verbose_name_plural = "identiteitscontroles"
        constraints = [
            models.UniqueConstraint(fields=["citizen", "kind"], name="one_anchor_per_kind"),
            models.CheckConstraint(
                condition=~models.Q(kind__in=["coach", "desk"]) | models.Q(seen_by__isnull=False),
                name="seen_papers_name_who_saw_them",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} op {self.anchored_on}"


class Mandate(models.Model):
    """Machtiging: this citizen lets this coach help until a date, and can stop it at once. The final yes is never in it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="mandates")
    coach = models.ForeignKey(CaseWorker, models.PROTECT, related_name="mandates")
    valid_from = models.DateField()
    valid_until = models.DateField(help_text="laatste dag, deze dag telt nog mee")
    text_version = models.CharField(max_length=20)
    given_by_user = models.ForeignKey(User, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by_user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["Mandate"](citizen="citizen_id", coach="coach_id")

    class Meta:
        verbose_name = "machtiging"
        verbose_name_plural = "machtigingen"
        constraints = [
            models.UniqueConstraint(
                fields=["citizen", "coach"],
                condition=models.Q(ended_at__isnull=True),
                name="one_open_mandate_per_coach",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_until__gte=models.F("valid_from")), name="mandate_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, ended_by_user__isnull=True)
                | models.Q(ended_at__isnull=False, ended_by_user__isnull=False),
                name="ended_mandate_says_by_whom",
            ),
        ]
        indexes = [models.Index(fields=["coach", "citizen"], name="mandate_by_coach")]

    def __str__(self) -> str:
        return f"machtiging tot en met {self.valid_until}"


class MandateText(models.Model):
    """The words a citizen said yes to, each time a mandate was given or renewed, with their SHA-256. Only grows."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    mandate = models.ForeignKey(Mandate, models.PROTECT, related_name="texts")
    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="+")
    coach = models.ForeignKey(CaseWorker, models.PROTECT, related_name="+")
    given_on = models.DateField()
    valid_until = models.DateField(help_text="laatste dag van de machtiging na deze ja")
    text_version = models.CharField(max_length=20)
    text = models.TextField()
    text_hash = models.CharField(max_length=64)
    given_by_user = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["MandateText"](citizen="citizen_id", coach="coach_id")

    class Meta:
        verbose_name = "tekst van een machtiging"
        verbose_name_plural = "teksten van machtigingen"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.text_version} van {self.given_on}"


class MandateInvitation(models.Model):
    """The 8-character code a coach gives a client, on a screen or on paper. Only its keyed hash is kept."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    coach = models.ForeignKey(CaseWorker, models.PROTECT, related_name="invitations")
    label = models.CharField("naam voor uzelf", max_length=60)
    code_hash = models.CharField(max_length=64, unique=True)
    valid_months = models.PositiveSmallIntegerField(default=6)
    papers_seen = models.BooleanField("legitimatiebewijs gezien", default=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    mandate = models.ForeignKey(Mandate, models.PROTECT, null=True, related_name="invitations")
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["MandateInvitation"](coach="coach_id")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_months__gte=1, valid_months__lte=12), name="mandate_is_at_most_a_year"
            )
        ]

    def __str__(self) -> str:
        return f"uitnodiging {self.label}"


class PaperCode(models.Model):
    """A way to log in without mail or phone: a code on paper from coach or desk. Works once."""

    citizen = models.ForeignKey(Citizen, models.PROTECT, related_name="paper_codes")
    given_by = models.ForeignKey(CaseWorker, models.PROTECT)
    code_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager["PaperCode"](citizen="citizen_id")

    def __str__(self) -> str:
        return "code op papier"
