"""The citizen's overview: every creditor with what is open, paid, still to pay and waived, adding up to the cent."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from arrangements.domain.lifecycle import ArrangementState, InstallmentState
from arrangements.models import Arrangement, ArrangementLine, Document, Installment
from arrangements.queries.balances import Balance, claim_balances
from arrangements.queries.beslag import standing_still_since
from arrangements.queries.overdue import extra_days
from infra import clock


@dataclass(frozen=True, slots=True)
class Figures:
    """Amounts in cents.

    `start = paid + to_pay + waived + remains`, always: `waived` is what is waived at the end, or was.
    `open` is what the books ask now: `to_pay + waived + remains` while it runs, `remains` after the waiver. `paid` is what
    the citizen paid for the claim; `parked` is the part of it that is set aside because the claim is disputed.
    """

    start_cents: int
    open_cents: int
    paid_cents: int
    to_pay_cents: int
    waived_cents: int
    remains_cents: int
    parked_cents: int = 0


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One claim."""

    claim_id: UUID
    reference: str
    is_preferent: bool
    figures: Figures


@dataclass(frozen=True, slots=True)
class CreditorRow:
    """One creditor with its claims; `figures` are their sums."""

    name: str
    claims: tuple[ClaimRow, ...]
    figures: Figures


@dataclass(frozen=True, slots=True)
class InstallmentRow:
    """One instalment, in cents. `is_late`: its day has passed and it is not paid."""

    installment: Installment
    number: int
    due_date: date
    amount_cents: int
    paid_cents: int
    state: str
    paid_on: date | None
    is_late: bool
    moved_from: date | None = None
    """The day it had before, when it took the place of another one."""
    moved_to: date | None = None
    """The day on which it is paid now, when another one took its place."""

    @property
    def open_cents(self) -> int:
        return self.amount_cents - self.paid_cents


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document the citizen can open."""

    document_id: UUID
    kind: str
    label: str
    made_on: date


@dataclass(frozen=True, slots=True)
class CitizenOverview:
    """Everything the overview page shows. `totals` are the sums of the rows above them."""

    arrangement: Arrangement
    state: str
    reference: str
    monthly_cents: int
    months: int
    months_done: int
    months_left: int
    received_cents: int
    pot_cents: int
    creditors: tuple[CreditorRow, ...]
    totals: Figures
    installments: tuple[InstallmentRow, ...]
    next_installment: InstallmentRow | None
    late: tuple[InstallmentRow, ...]
    first_due_date: date
    last_due_date: date
    fulfilled_on: date | None
    waived_on: date | None
    documents: tuple[DocumentRow, ...]


def citizen_overview(citizen_id: int) -> CitizenOverview | None:
    """The newest arrangement of this citizen, or None without one. Scope: the citizen's (the books open for nobody else)."""
    arrangement = Arrangement.objects.filter(citizen_id=citizen_id).order_by("-pk").first()
    if arrangement is None:
        return None
    balances = claim_balances()
    lines = ArrangementLine.objects.filter(arrangement=arrangement).select_related("arrangement", "creditor", "claim")
    creditors = _creditors(lines.order_by("position"), balances)
    today = clock.today()
    grace = extra_days(arrangement, today)
    still = standing_still_since(arrangement) if arrangement.state == ArrangementState.SUSPENDED else None
    installments = tuple(
        _installment(row, today, still, grace)
        for row in Installment.objects.filter(arrangement=arrangement)
        .select_related("replaces", "replaced_by")
        .order_by("number", "pk")
    )
    counted = [row for row in installments if row.state != InstallmentState.MOVED]
    done = sum(row.state == InstallmentState.PAID for row in counted)
    running = arrangement.state in (
        ArrangementState.SIGNED,
        ArrangementState.ACTIVE,
        ArrangementState.PAUSED,
        ArrangementState.SUSPENDED,
    )
    return CitizenOverview(
        arrangement=arrangement,
        state=arrangement.state,
        reference=arrangement.payment_reference,
        monthly_cents=arrangement.monthly_cents,
        months=len(counted),
        months_done=done,
        months_left=len(counted) - done,
        received_cents=arrangement.received_cents,
        pot_cents=arrangement.pot_cents,
        creditors=creditors,
        totals=_sum(row.figures for row in creditors),
        installments=installments,
        # By date: an instalment that was moved keeps its number.
        next_installment=min(
            (row for row in counted if row.open_cents and running), key=lambda row: row.due_date, default=None
        ),
        late=tuple(row for row in counted if row.is_late and running),
        first_due_date=arrangement.first_due_date,
        last_due_date=max((row.due_date for row in counted), default=arrangement.first_due_date),
        fulfilled_on=arrangement.fulfilled_on,
        waived_on=arrangement.waived_on,
        documents=tuple(
            DocumentRow(one.public_id, one.kind, one.get_kind_display(), one.made_on)
            for one in Document.objects.filter(arrangement=arrangement, citizen_id=citizen_id)
            .defer("pdf", "content")
            .order_by("pk")
        ),
    )


def line_figures(line: ArrangementLine, balance: Balance | None) -> Figures:
    """One claim; from the books, or from the line while they are not open yet.

    Of a plan that was stopped nothing is waived: everything that is open has to be paid. `line.arrangement` is asked for.
    """
    if balance is None:
        balance = Balance(line.outstanding_cents, 0, 0)
    if line.arrangement.state == ArrangementState.TERMINATED:
        still_open = balance.open_cents - line.parked_cents
        return Figures(
            start_cents=line.outstanding_cents - line.returned_cents,
            open_cents=still_open,
            paid_cents=balance.paid_cents + line.parked_cents,
            to_pay_cents=still_open,
            waived_cents=0,
            remains_cents=0,
            parked_cents=line.parked_cents,
        )
    return Figures(
        # What went back to the citizen is not owed to anybody.
        start_cents=line.outstanding_cents - line.returned_cents,
        open_cents=balance.open_cents - line.parked_cents,
        paid_cents=balance.paid_cents + line.parked_cents,
        to_pay_cents=line.share_cents - line.returned_cents - line.parked_cents - balance.paid_cents,
        waived_cents=line.waived_cents,
        remains_cents=line.remains_cents,
        parked_cents=line.parked_cents,
    )


def _creditors(lines: Iterable[ArrangementLine], balances: dict[int, Balance]) -> tuple[CreditorRow, ...]:
    by_creditor: dict[int, list[ClaimRow]] = {}
    names: dict[int, str] = {}
    for line in lines:
        names[line.creditor_id] = line.creditor.name
        by_creditor.setdefault(line.creditor_id, []).append(
            ClaimRow(
                line.claim.public_id,
                line.claim.reference,
                line.is_preferent,
                line_figures(line, balances.get(line.claim_id)),
            )
        )
    return tuple(
        CreditorRow(names[pk], tuple(claims), _sum(claim.figures for claim in claims))
        for pk, claims in by_creditor.items()
    )


def _sum(figures: Iterable[Figures]) -> Figures:
    rows = list(figures)
    return Figures(
        start_cents=sum(row.start_cents for row in rows),
        open_cents=sum(row.open_cents for row in rows),
        paid_cents=sum(row.paid_cents for row in rows),
        to_pay_cents=sum(row.to_pay_cents for row in rows),
        waived_cents=sum(row.waived_cents for row in rows),
        remains_cents=sum(row.remains_cents for row in rows),
        parked_cents=sum(row.parked_cents for row in rows),
    )


def _installment(row: Installment, today: date, still: date | None, grace: int) -> InstallmentRow:
    """`still`: since when the plan stands still by a beslag; what fell due since then is not late. `grace`: the days a
    municipality that withholds has more.
    """
    return InstallmentRow(
        installment=row,
        number=row.number,
        due_date=row.due_date,
        amount_cents=row.amount_cents,
        paid_cents=row.paid_cents,
        state=row.state,
        paid_on=row.paid_on,
        is_late=row.open_cents > 0
        and row.state != InstallmentState.MOVED
        and row.due_date + timedelta(days=grace) < today
        and not (still is not None and row.due_date >= still),
        moved_from=row.replaces.due_date if row.replaces else None,
        moved_to=row.replaced_by.due_date if hasattr(row, "replaced_by") else None,
    )
