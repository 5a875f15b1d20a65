"""Lines of the bank that a person must decide about, with who it may be and why. Scope: the desk's or the worker's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import QuerySet

from arrangements.domain.matching import WHY, Evidence
from arrangements.models import Arrangement, BankLine, MoneyDecision, Refund
from kernel.working_days import working_days_between

SEND_BACK_AFTER: Final = 5
"""Working days after which an unplaced transfer is put forward to go back to its sender (payments.md 4)."""


@dataclass(frozen=True, slots=True)
class Suggested:
    """An arrangement that may be meant, and why."""

    arrangement: Arrangement
    why: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line of the queue. `days`: working days since it was booked; `decision`: what somebody proposed and nobody did."""

    line: BankLine
    suggestions: Sequence[Suggested]
    days: int
    decision: MoneyDecision | None

    @property
    def should_go_back(self) -> bool:
        """Whether it is put forward to go back to its sender."""
        return self.line.amount_cents > 0 and self.days >= SEND_BACK_AFTER and self.decision is None


def unplaced() -> QuerySet[BankLine]:
    """Lines without a meaning whose money is not on its way back, the oldest first."""
    on_its_way = Refund.objects.filter(bank_line__isnull=False, state__in=["asked", "approved", "submitted"])
    rows = BankLine.objects.filter(meaning=BankLine.Meaning.OPEN).exclude(pk__in=on_its_way.values("bank_line_id"))
    return rows.select_related("statement").order_by("booked_on", "pk")


def waiting_lines(rows: Sequence[BankLine], today: date) -> list[Waiting]:
    """The rows with everything a person needs, in a fixed number of statements."""
    ids = {told["arrangement"] for row in rows for told in row.suggestions}
    arrangements = {one.pk: one for one in Arrangement.objects.filter(pk__in=ids).select_related("citizen")}
    open_ones = MoneyDecision.objects.filter(bank_line__in=rows, done_on=None).select_related(
        "arrangement", "decided_by"
    )
    decisions = {one.bank_line_id: one for one in open_ones}
    return [
        Waiting(
            line=row,
            suggestions=[
                Suggested(arrangements[told["arrangement"]], WHY[Evidence(told["evidence"])])
                for told in row.suggestions
                if told["arrangement"] in arrangements
            ],
            days=max(working_days_between(row.booked_on, today), 0),
            decision=decisions.get(row.pk),
        )
        for row in rows
    ]


def found_by(text: str) -> list[Arrangement]:
    """Arrangements with this betalingskenmerk, or this number; at most one each."""
    bare = "".join(text.split()).replace(".", "")
    if not (bare.isascii() and bare.isdigit()) or len(bare) > 16:
        return []
    rows = Arrangement.objects.select_related("citizen")
    found = list(rows.filter(payment_reference=bare))
    if not found and len(bare) <= 9:
        found = list(rows.filter(pk=int(bare)))
    return found
