"""What is seized, and what a beslag brings against what the plan gives. Scope: the citizen's or one creditor's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from arrangements.domain.beslag import BeslagComparison, compare_beslag, share_if_joins
from arrangements.domain.claim import ClaimLine
from arrangements.models import Arrangement, ArrangementLine, Beslag, Document
from creditors.models import Creditor


@dataclass(frozen=True, slots=True)
class Facts:
    """Through the door: what law leaves above the floor per month (None when not sure), and totals. In cents.

    `on_date`: the day of the computation; None when there is none.
    """

    on_date: date | None
    capacity: tuple[int, int] | None
    open_cents: int
    months: int


def beslag_facts(arrangement_id: int) -> Facts:
    """For a party of the arrangement. LookupError for anybody else."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM beslag_facts(%s)", [arrangement_id])
        row = cursor.fetchone()
    if row is None:
        raise LookupError(f"arrangement {arrangement_id} is not of this party")
    on_date, low, high, open_cents, months = row
    return Facts(on_date, None if low is None else (low, high), open_cents, months)


def comparison_for_creditor(arrangement: Arrangement, creditor: Creditor) -> BeslagComparison:
    """For a creditor that takes part, from its own lines. Scope: that creditor's, or the citizen's."""
    facts = beslag_facts(arrangement.pk)
    own = ArrangementLine.objects.filter(arrangement=arrangement, creditor=creditor)
    claim = sum(line.outstanding_cents - line.settled_cents for line in own)
    return compare_beslag(
        claim=claim,
        in_plan=sum(line.share_cents - line.settled_cents for line in own),
        months=facts.months,
        capacity=facts.capacity,
        others=facts.open_cents - claim,
    )


def comparison_for_outsider(arrangement: Arrangement, claim_cents: int | None) -> BeslagComparison:
    """For a party outside the plan, by the amount it is said to be owed; None when nobody knows. Scope: the citizen's."""
    facts = beslag_facts(arrangement.pk)
    lines = ArrangementLine.objects.filter(arrangement=arrangement).order_by("position")
    left = [ClaimLine(line.outstanding_cents - line.settled_cents, line.is_preferent) for line in lines]
    pot_left = arrangement.pot_cents - arrangement.received_cents
    return compare_beslag(
        claim=claim_cents,
        in_plan=None if claim_cents is None else share_if_joins(pot_left, left, claim_cents),
        months=facts.months,
        capacity=facts.capacity,
        others=facts.open_cents,
        joins=True,
    )


def living_beslagen(arrangement: Arrangement) -> list[Beslag]:
    """What is reported and not lifted, the oldest first."""
    rows = Beslag.objects.filter(arrangement=arrangement, lifted_on=None).select_related("creditor")
    return list(rows.order_by("pk"))


def beslagen(arrangement: Arrangement) -> list[Beslag]:
    """Everything that was reported, the newest first."""
    return list(Beslag.objects.filter(arrangement=arrangement).select_related("creditor", "lifted_by"))


def standing_still_since(arrangement: Arrangement) -> date | None:
    """The first day of the standstill that holds now; None while nothing is seized."""
    days: Sequence[date | None] = list(
        Beslag.objects.filter(arrangement=arrangement, lifted_on=None).values_list("suspended_on", flat=True)
    )
    return min((day for day in days if day is not None), default=None)


def party_of(beslag: Beslag) -> str:
    """Who seizes, as people call it."""
    return beslag.creditor.name if beslag.creditor is not None else beslag.party_name


def comparison_reference(arrangement: Arrangement, beslag: Beslag) -> str:
    """The reference of the comparison that was made for one report: it is how its document is found."""
    return f"{arrangement.payment_reference}-B{beslag.pk}"


def comparison_document(arrangement: Arrangement, beslag: Beslag) -> Document | None:
    """The comparison as it was given out, when the reader in scope may see it."""
    return Document.objects.filter(
        kind=Document.Kind.COMPARISON, reference=comparison_reference(arrangement, beslag)
    ).first()
