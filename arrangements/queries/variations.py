"""Variations of a running plan, as its parties may see them. Scope: the citizen's, a creditor's or the worker's."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import QuerySet

from arrangements.domain.deciders import ChangeGround
from arrangements.domain.lifecycle import ClaimState, ConsentState, VariationState
from arrangements.models import (
    Answer,
    Arrangement,
    ArrangementLine,
    Claim,
    Consent,
    PlanVersion,
    PlanVersionLine,
    Variation,
)


def open_variation(arrangement: Arrangement) -> Variation | None:
    """The variation that waits for a yes; there is never a second one."""
    return Variation.objects.filter(arrangement=arrangement, state=VariationState.PROPOSED).first()


def last_variation(arrangement: Arrangement) -> Variation | None:
    """The variation that waits, else the one that was decided last."""
    return Variation.objects.filter(arrangement=arrangement).order_by("-pk").first()


@dataclass(frozen=True, slots=True)
class Facts:
    """What every party of a variation may know: numbers, never names. Amounts in cents.

    `current`: it was computed on the version of the plan that counts now.
    """

    asked: int
    accepted: int
    refused: int
    current: bool
    reference: str
    monthly_cents: int
    pot_cents: int
    received_cents: int
    total_cents: int
    creditor_count: int
    last_due_date: date


NOTHING = Facts(0, 0, 0, False, "", 0, 0, 0, 0, 0, date.min)


def variation_facts(variation_id: int) -> Facts:
    """Through the door: of the others only numbers. `NOTHING` for who has no part in it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM variation_facts(%s)", [variation_id])
        row = cursor.fetchone()
    return Facts(*row) if row else NOTHING


def may_join(answer: Answer) -> bool:
    """Whether a creditor that was left out can still join the plan that went on without it. Scope: that creditor's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT may_join_later(%s)", [answer.pk])
        return bool(cursor.fetchone()[0])


def consents() -> QuerySet[Consent]:
    """The questions put to this creditor, the newest last."""
    return Consent.objects.select_related("variation").order_by("pk")


def waiting_consents() -> QuerySet[Consent]:
    """What this creditor still has to answer, the nearest deadline first."""
    return (
        consents().filter(state=ConsentState.OPEN, variation__state=VariationState.PROPOSED).order_by("answer_by", "pk")
    )


def newer_consent(consent: Consent) -> Consent | None:
    """The question that took the place of this one, if the creditor was asked afresh."""
    return (
        consents()
        .filter(variation__arrangement_id=consent.variation.arrangement_id, pk__gt=consent.pk)
        .filter(variation__ground=consent.variation.ground)
        .last()
    )


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version of a plan for one reader, in cents: the own share now and in the version before (None: the first)."""

    version: PlanVersion
    ground: str
    share_cents: int
    share_before_cents: int | None
    waived_cents: int
    remains_cents: int

    @property
    def fell_cents(self) -> int:
        """By how much the share is lower than before; 0 when it is not."""
        return max(0, (self.share_before_cents or 0) - self.share_cents)


def versions_of(arrangement: Arrangement) -> list[VersionRow]:
    """All versions the asking party took part in, the newest first, with its own lines added up."""
    lines: dict[int, list[PlanVersionLine]] = {}
    for line in PlanVersionLine.objects.filter(version__arrangement=arrangement):
        lines.setdefault(line.version_id, []).append(line)
    rows: list[VersionRow] = []
    before: int | None = None
    for version in PlanVersion.objects.filter(arrangement=arrangement).distinct().order_by("number"):
        own = lines.get(version.pk, [])
        share = sum(line.share_cents for line in own)
        rows.append(
            VersionRow(
                version,
                ChangeGround(version.ground).label,
                share,
                before,
                sum(line.waived_cents for line in own),
                sum(line.remains_cents for line in own),
            )
        )
        before = share
    return rows[::-1]


def claims_outside(arrangement: Arrangement) -> list[Claim]:
    """The citizen's claims that are in no part of the plan: found late, or left out. Scope: the citizen's."""
    inside = ArrangementLine.objects.filter(arrangement=arrangement).values("claim_id")
    gone = (ClaimState.WITHDRAWN, ClaimState.TRANSFERRED)
    rows = Claim.objects.filter(citizen_id=arrangement.citizen_id).exclude(state__in=gone).exclude(pk__in=inside)
    return list(rows.select_related("creditor").order_by("pk"))


def left_out_creditors(arrangement: Arrangement) -> set[int]:
    """Who was left out of this plan when it was made: it joins by its own yes, at its share of then."""
    rows = Answer.objects.filter(
        proposal__application_id=arrangement.proposal.application_id, left_out_on__isnull=False
    )
    return set(rows.values_list("creditor_id", flat=True))


def counted(found: Iterable[Consent]) -> tuple[int, int]:
    """(asked, said yes)."""
    rows = list(found)
    return len(rows), sum(one.state == ConsentState.ACCEPTED for one in rows)
