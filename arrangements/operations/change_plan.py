"""Changing the shares, the pot and the instalments of a running plan: every such change goes through `apply_plan`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django.db import transaction

from accounts.models import User
from arrangements.domain import plan_change, postings
from arrangements.domain.deciders import ChangeGround, Decider, check_decider
from arrangements.domain.lifecycle import ArrangementState, InstallmentState, Thing
from arrangements.domain.plan_change import Line
from arrangements.domain.postings import Entry, Part
from arrangements.models import Arrangement, ArrangementLine, CaseTask, Claim, Installment, PlanVersion, PlanVersionLine
from arrangements.operations.divide_money import divide
from arrangements.operations.fulfill_arrangement import fulfill_if_paid
from arrangements.operations.moves import move
from arrangements.operations.post_entries import post_entries
from arrangements.operations.tasks_for_director import make_task
from infra import audit, clock

CHANGEABLE = (ArrangementState.ACTIVE, ArrangementState.PAUSED, ArrangementState.SUSPENDED)
UNPAID = (InstallmentState.OPEN, InstallmentState.PARTLY_PAID, InstallmentState.MISSED)


class PlanNotRunning(Exception):
    """The arrangement has not begun, or is over: its plan cannot change any more."""


@dataclass(frozen=True, slots=True)
class RunningPlan:
    """A running arrangement, locked, with its lines in order and its unpaid instalments by due date."""

    arrangement: Arrangement
    rows: tuple[ArrangementLine, ...]
    installments: tuple[Installment, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        """The claims as the pure core knows them, keyed by the claim's number."""
        return tuple(line_of(row) for row in self.rows)

    def due(self, today: date) -> tuple[plan_change.Installment, ...]:
        """The unpaid instalments as the pure core knows them; those of before `today` do not change."""
        return tuple(
            plan_change.Installment(str(one.pk), one.amount_cents, one.paid_cents, is_to_come=one.due_date >= today)
            for one in self.installments
        )


def line_of(row: ArrangementLine) -> Line:
    """One row as the pure core knows it."""
    return Line(
        key=str(row.claim_id),
        outstanding=row.outstanding_cents,
        share=row.share_cents,
        waived=row.waived_cents,
        remains=row.remains_cents,
        settled=row.settled_cents,
        preferent=row.is_preferent,
        dischargeable=row.dischargeable,
        parked=row.parked_cents,
        returned=row.returned_cents,
        closed=row.closed_on is not None,
    )


def new_line(claim: Claim, outstanding_cents: int) -> Line:
    """A claim that comes into a running plan: nothing promised yet, nothing had."""
    bare = Line(
        key=str(claim.pk),
        outstanding=outstanding_cents,
        share=outstanding_cents,
        waived=0,
        remains=0,
        settled=0,
        preferent=claim.is_preferent,
        dischargeable=claim.dischargeable,
    )
    return bare.with_share(0)


def lock_plan(arrangement_id: int) -> RunningPlan:
    """The plan as it stands, held still: arrangement first, then lines, then instalments. Raises PlanNotRunning."""
    arrangement = (
        Arrangement.objects.select_for_update(of=("self",))
        .select_related("citizen__director", "citizen__user", "proposal")
        .get(pk=arrangement_id)
    )
    if arrangement.state not in CHANGEABLE:
        raise PlanNotRunning
    return _plan(arrangement, lock=True)


def read_plan(arrangement: Arrangement) -> RunningPlan:
    """The plan as it stands, for a preview: nothing is locked. Scope: the citizen's or the worker's."""
    return _plan(arrangement, lock=False)


def _plan(arrangement: Arrangement, *, lock: bool) -> RunningPlan:
    lines = ArrangementLine.objects.filter(arrangement=arrangement).select_related("claim", "creditor")
    due = Installment.objects.filter(arrangement=arrangement, state__in=UNPAID)
    if lock:
        lines, due = lines.select_for_update(of=("self",)), due.select_for_update(of=("self",))
    return RunningPlan(arrangement, tuple(lines.order_by("position")), tuple(due.order_by("due_date", "number")))


@transaction.atomic
def apply_plan(
    plan: RunningPlan,
    *,
    lines: Sequence[Line],
    ground: ChangeGround,
    decided_by: Decider,
    user: User | None = None,
    amounts: Mapping[str, int] | None = None,
    details: Mapping[str, Any] | None = None,
) -> PlanVersion:
    """Put `lines` in the place of the plan's lines: rows, books, instalments and a new version, together.

    `plan` comes from `lock_plan` in the same transaction. `amounts`: new amounts of unpaid instalments in cents, by their
    number as text; without them the plan is fitted to the new pot (`plan_change.fit_to`). What is no longer set aside for a
    claim is divided again at once. Fulfils the arrangement when nothing is left to pay. Telling people is the caller's.

    Raises NotYours for a decider who may not decide this, PlanImpossible when the instalments cannot make the pot;
    ValueError when the lines take something back or do not add up. Worker only.
    """
    check_decider(ground, decided_by)
    row, today = plan.arrangement, clock.today()
    before = {line.key: line for line in plan.lines}
    _nothing_is_taken_back(before, lines)
    pot = plan_change.pot_of(lines)
    due = plan.due(today)
    wanted = dict(amounts) if amounts is not None else plan_change.fit_to(due, pot, row.received_cents)
    if row.received_cents + sum(wanted.get(one.key, one.amount) - one.paid for one in due) != pot:
        raise ValueError("the instalments are not what the creditors get together")
    number = row.version + 1
    key = f"arrangement:{row.pk}:version:{number}"
    freed = _write_lines(plan, lines, today)
    post_entries(_entries(plan, before, lines, key))
    if sum(line.returned for line in lines) > sum(line.returned for line in before.values()):
        # What was set aside for a debt that is not owed (any more) is the citizen's, and somebody has to give it back.
        make_task(
            citizen_id=row.citizen_id,
            key=f"{key}:returned",
            kind=CaseTask.Kind.REFUND,
            text="Er staat geld klaar dat niemand meer vraagt. Het is van de cliënt. Bel de cliënt en betaal het terug.",
        )
    row.version = number
    row.pot_cents = pot
    row.total_cents = sum(line.outstanding for line in lines)
    row.creditor_count = ArrangementLine.objects.filter(arrangement=row).values("creditor_id").distinct().count()
    row.base_received_cents = row.received_cents - freed
    row.monthly_cents = _monthly(plan, wanted, row.monthly_cents, today)
    row.save(
        update_fields=["version", "pot_cents", "total_cents", "creditor_count", "base_received_cents", "monthly_cents"]
    )
    _write_installments(plan, wanted, ground, today)
    if freed:
        post_entries(divide(row, freed, key=f"{key}:freed"))
    version = write_version(row, ground=ground, decided_by=decided_by, user=user, details=details)
    audit.record(
        "plan_changed",
        object_type="arrangement",
        object_id=row.pk,
        from_state=f"versie {number - 1}",
        to_state=f"versie {number}",
        citizen_id=row.citizen_id,
        reason=ground.value,
        details={"version": version.pk, "decided_by": decided_by.value, **(details or {})},
    )
    fulfill_if_paid(row, today)
    return version


def write_version(
    arrangement: Arrangement,
    *,
    ground: ChangeGround,
    decided_by: Decider,
    user: User | None = None,
    details: Mapping[str, Any] | None = None,
) -> PlanVersion:
    """Keep the plan as it stands now, whole. Worker only; part of the caller's transaction."""
    rows = list(ArrangementLine.objects.filter(arrangement=arrangement).select_related("claim").order_by("position"))
    counted = Installment.objects.filter(arrangement=arrangement).exclude(state=InstallmentState.MOVED)
    due = list(counted.order_by("due_date", "number"))
    content = plan_change.plan_hash(
        [line_of(row) for row in rows], {f"{one.due_date.isoformat()}:{one.number}": one.amount_cents for one in due}
    )
    version = PlanVersion.objects.create(
        arrangement=arrangement,
        citizen_id=arrangement.citizen_id,
        number=arrangement.version,
        ground=ground.value,
        monthly_cents=arrangement.monthly_cents,
        pot_cents=arrangement.pot_cents,
        received_cents=arrangement.base_received_cents,
        total_cents=arrangement.total_cents,
        creditor_count=arrangement.creditor_count,
        last_due_date=due[-1].due_date if due else arrangement.first_due_date,
        made_on=clock.today(),
        decided_by=decided_by.value,
        decided_by_user=user,
        content_hash=content,
        details=dict(details or {}),
    )
    PlanVersionLine.objects.bulk_create(
        PlanVersionLine(
            version=version,
            claim_id=row.claim_id,
            citizen_id=row.citizen_id,
            creditor_id=row.creditor_id,
            position=row.position,
            outstanding_cents=row.outstanding_cents,
            is_preferent=row.is_preferent,
            dischargeable=row.dischargeable,
            share_cents=row.share_cents,
            waived_cents=row.waived_cents,
            remains_cents=row.remains_cents,
            settled_cents=row.settled_cents,
        )
        for row in rows
    )
    return version


@transaction.atomic
def release_parked(plan: RunningPlan, *, claim_id: int) -> int:
    """A dispute is over and the claim stands: what was set aside for it is paid on, in cents. Worker only.

    The claim's state is the caller's. Nobody's share changes, so there is no new version.
    """
    row = next(line for line in plan.rows if line.claim_id == claim_id)
    amount = row.parked_cents
    if amount:
        row.parked_cents, row.paid_cents = 0, row.paid_cents + amount
        row.save(update_fields=["parked_cents", "paid_cents"])
        # What was set aside before and released is not set aside again under the same key: the total paid is part of it.
        key = f"arrangement:{row.arrangement_id}:released:{claim_id}:{row.paid_cents}"
        post_entries(
            postings.released(key, arrangement=row.arrangement_id, part=Part(claim_id, row.creditor_id, amount))
        )
    return amount


def _nothing_is_taken_back(before: Mapping[str, Line], lines: Sequence[Line]) -> None:
    if missing := before.keys() - {line.key for line in lines}:
        raise ValueError(f"claims fell out of the plan: {sorted(missing)}")
    for line in lines:
        old = before.get(line.key)
        had = (old.paid, old.returned) if old else (0, 0)
        if line.paid != had[0] or line.returned < had[1]:
            raise ValueError(f"claim {line.key} does not keep what it had")


def _write_lines(plan: RunningPlan, lines: Sequence[Line], today: date) -> int:
    """The rows as `lines` say. Returns what came free of what was set aside and has to be divided again, in cents."""
    rows = {str(row.claim_id): row for row in plan.rows}
    claims = Claim.objects.in_bulk([int(line.key) for line in lines if line.key not in rows])
    position = max((row.position for row in plan.rows), default=0)
    freed = 0
    for line in lines:
        row = rows.get(line.key)
        if row is None:
            claim = claims[int(line.key)]
            position += 1
            row = ArrangementLine(
                arrangement=plan.arrangement,
                claim=claim,
                citizen_id=plan.arrangement.citizen_id,
                creditor_id=claim.creditor_id,
                position=position,
                is_preferent=line.preferent,
                dischargeable=line.dischargeable,
            )
        freed += row.settled_cents - line.settled
        row.outstanding_cents = line.outstanding
        row.share_cents = line.share
        row.waived_cents = line.waived
        row.remains_cents = line.remains
        row.parked_cents = line.parked
        row.returned_cents = line.returned
        row.base_settled_cents = line.settled
        if line.closed and row.closed_on is None:
            row.closed_on = today
        row.save()
    return freed


def _entries(plan: RunningPlan, before: Mapping[str, Line], lines: Sequence[Line], key: str) -> list[Entry]:
    """What the books have to say about the difference."""
    arrangement = plan.arrangement.pk
    creditor = dict(ArrangementLine.objects.filter(arrangement=arrangement).values_list("claim_id", "creditor_id"))
    more, less, came_free, goes_back, goes_along = [], [], [], [], []
    for line in lines:
        old, claim = before.get(line.key), int(line.key)
        part = partial(Part, claim, creditor[claim])
        # What goes back to the citizen never was the creditor's: the books ask the claim without it.
        asks = line.outstanding - line.returned
        asked = old.outstanding - old.returned if old else 0
        if asks > asked:
            more.append(part(asks - asked))
        elif asks < asked:
            less.append(part(asked - asks))
        back = line.returned - (old.returned if old else 0)
        if back:
            goes_back.append(part(back))
        moved = line.parked - (old.parked if old else 0) + back
        if moved > 0:
            goes_along.append(part(moved))
        elif moved < 0:
            came_free.append(part(-moved))
    entries: list[Entry] = []
    if more or less:
        entries.append(postings.claim_changed(f"{key}:claims", arrangement=arrangement, more=more, less=less))
    if came_free:
        entries.append(postings.unparked(f"{key}:unparked", arrangement=arrangement, parts=came_free))
    entries += [
        postings.reserved_refunded(f"{key}:returned:{one.claim}", arrangement=arrangement, part=one)
        for one in goes_back
    ]
    if goes_along:
        # A disputed claim that is sold takes what was set aside along.
        entries += postings.distribution(f"{key}:parked", arrangement=arrangement, parts=(), parked=goes_along)
    return entries


def _monthly(plan: RunningPlan, wanted: Mapping[str, int], now: int, today: date) -> int:
    """The monthly amount is the highest of what is to come; it stays when nothing is."""
    to_come = [wanted[str(one.pk)] for one in plan.installments if one.due_date >= today and wanted.get(str(one.pk))]
    return max(to_come, default=now)


def _write_installments(plan: RunningPlan, wanted: Mapping[str, int], ground: ChangeGround, today: date) -> None:
    for one in plan.installments:
        amount = wanted.get(str(one.pk), one.amount_cents)
        if amount == one.amount_cents:
            continue
        if amount == one.paid_cents == 0:
            # Not needed any more, and nothing takes its place.
            move(
                Thing.INSTALLMENT,
                one,
                InstallmentState.MOVED,
                reason="niet meer nodig",
                moved_on=today,
                moved_ground=ground.value,
            )
            continue
        one.amount_cents = amount
        if amount == one.paid_cents:
            move(
                Thing.INSTALLMENT,
                one,
                InstallmentState.PAID,
                reason="het bedrag is lager geworden",
                amount_cents=amount,
                paid_on=today,
            )
        else:
            one.save(update_fields=["amount_cents"])
