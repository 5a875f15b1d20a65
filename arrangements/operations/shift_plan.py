"""Giving instalments another day: reading them for the pure core, and writing what it decided. Every shift comes here."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction

from arrangements.domain.deciders import ChangeGround, Decider
from arrangements.domain.lifecycle import ArrangementState, InstallmentState, PaymentState, Thing
from arrangements.domain.policy_values import policy_on
from arrangements.domain.shift import Rule, Shift, ShiftRefused, Term, break_months_used, break_possible_from, skip
from arrangements.models import Arrangement, Assessment, Installment, Payment
from arrangements.operations.assess_again import assess_again, sure_cents_today
from arrangements.operations.lock_household import lock_household
from arrangements.operations.moves import move
from arrangements.operations.tell_shift import promise_to_tell
from arrangements.queries.household import fits_beside_partner
from infra import audit, clock, jobs

CAN_SHIFT = (ArrangementState.ACTIVE, ArrangementState.PAUSED)
"""A plan that stands still by a beslag, or that is over, has no instalments to give another day."""


class NotNow(ShiftRefused):
    """The plan has not begun, stands still or is over."""


def lock_for_shift(arrangement_id: int) -> Arrangement:
    """The arrangement, held still, with its household. Raises NotNow unless it is active or paused."""
    citizen_id = Arrangement.objects.values_list("citizen_id", flat=True).get(pk=arrangement_id)
    lock_household(citizen_id)
    row = (
        Arrangement.objects.select_for_update(of=("self",))
        .select_related("citizen__director", "citizen__user", "proposal")
        .get(pk=arrangement_id)
    )
    check_can_shift(row)
    return row


def check_can_shift(arrangement: Arrangement) -> None:
    """Return when instalments of this arrangement can get another day; NotNow otherwise."""
    if arrangement.state not in CAN_SHIFT:
        raise NotNow("Uw regeling loopt nu niet. Bel ons. Dan kijken we samen wat kan.")


def terms_of(arrangement: Arrangement) -> tuple[Term, ...]:
    """All instalments, the moved ones too, as the pure core knows them; `key` is the row. Scope: the citizen's or worker's.

    With the arrangement locked nobody else changes them.
    """
    rows = Installment.objects.filter(arrangement=arrangement).select_related("replaces").order_by("number", "pk")
    return tuple(_term(row) for row in rows)


def _term(row: Installment) -> Term:
    return Term(
        number=row.number,
        due_date=row.due_date,
        amount=row.amount_cents,
        paid=row.paid_cents,
        state=InstallmentState(row.state),
        key=row.pk,
        moved_before=_was_moved(row.replaces),
    )


def _was_moved(row: Installment | None) -> bool:
    """Whether somewhere before it this instalment was given a later day: skipping it since does not undo that."""
    while row is not None:
        if row.moved_ground == ChangeGround.MOVE:
            return True
        row = row.replaces
    return False


def foresee_skip(arrangement: Arrangement, months: int, *, rule: Rule | None = None) -> Shift:
    """What skipping the next `months` instalments does, by the rule the citizen chose (or `rule`). Nothing is written.

    For the preview, and for the deed with the arrangement locked. ShiftRefused when there are not so many left.
    """
    return skip(
        terms_of(arrangement),
        months,
        from_day=clock.today(),
        rule=rule or Rule(arrangement.shift_rule),
        pay_day=arrangement.first_due_date.day,
        monthly=arrangement.monthly_cents,
        sure_capacity=sure_cents_today(arrangement.citizen_id),
    )


def skipped_by_break(arrangement: Arrangement) -> list[date]:
    """The due dates that a crisis break took out."""
    rows = Installment.objects.filter(
        arrangement=arrangement, state=InstallmentState.MOVED, moved_ground=ChangeGround.CRISIS_BREAK
    )
    return list(rows.order_by("due_date").values_list("due_date", flat=True))


def break_months_left(arrangement: Arrangement, on: date) -> int:
    """How many instalments a crisis break may still skip on the day `on`."""
    policy = policy_on(on)
    return max(
        0, policy.break_months - break_months_used(skipped_by_break(arrangement), on, policy.break_window_months)
    )


def break_is_possible_from(arrangement: Arrangement, months: int, on: date) -> date | None:
    """The first day on which a crisis break of `months` instalments is possible; None when it never is."""
    policy = policy_on(on)
    return break_possible_from(
        skipped_by_break(arrangement), months, on, most=policy.break_months, window_months=policy.break_window_months
    )


@transaction.atomic
def write_shift(
    *,
    arrangement: Arrangement,
    shift: Shift,
    ground: ChangeGround,
    decider: Decider,
    reason: str = "",
    tell_creditors: bool = True,
) -> str:
    """Write a shift of a locked arrangement: the moved rows, those in their place, amounts, closed links, the notices.

    `reason`: the sentence every creditor reads, nothing personal. Returns the key of this shift: whoever tells the citizen
    uses it as well, so that each of them is told once. ShiftRefused when a higher amount turns out not to fit any more.
    `decider` was checked by the caller. Scope: the citizen's or the worker's.
    """
    if shift.new_monthly > arrangement.monthly_cents:
        _raise_monthly(arrangement, shift.new_monthly)
    rows = {
        row.pk: row
        for row in Installment.objects.select_for_update(of=("self",)).filter(
            pk__in=[term.key for term in (*shift.skipped, *shift.raised)]
        )
    }
    today = clock.today()
    for term in shift.skipped:
        row = rows[term.key]
        move(
            Thing.INSTALLMENT,
            row,
            InstallmentState.MOVED,
            reason=ground.label,
            moved_on=today,
            moved_ground=ground.value,
        )
    for term, old in zip(shift.replacing, shift.skipped if shift.replacing else (), strict=True):
        Installment.objects.create(
            arrangement=arrangement,
            citizen_id=arrangement.citizen_id,
            number=term.number,
            due_date=term.due_date,
            amount_cents=term.amount,
            replaces=rows[old.key],
        )
    for term in shift.raised:
        row = rows[term.key]
        row.amount_cents = term.amount
        row.save(update_fields=["amount_cents"])
    close_links(arrangement, [term.key for term in shift.skipped])
    key = f"shift:{shift.skipped[0].key}"
    audit.record(
        "installments_shifted",
        object_type="arrangement",
        object_id=arrangement.pk,
        citizen_id=arrangement.citizen_id,
        reason=ground.value,
        details={
            "decided_by": decider.value,
            "rule": shift.rule.value,
            "numbers": [term.number for term in shift.skipped],
            "old_end": shift.old_end.isoformat(),
            "new_end": shift.new_end.isoformat(),
            "monthly_cents": shift.new_monthly,
        },
    )
    if tell_creditors:
        promise_to_tell(arrangement=arrangement, key=key, ground=ground, decider=decider, shift=shift, reason=reason)
    return key


def _raise_monthly(arrangement: Arrangement, monthly_cents: int) -> None:
    """The gate has the last word, here too: nobody pays more than what is surely possible today."""
    found = assess_again(citizen_id=arrangement.citizen_id, monthly_cents=monthly_cents)
    if (
        found is None
        or found.verdict != Assessment.Verdict.GREEN
        or not fits_beside_partner(citizen_id=arrangement.citizen_id, monthly_cents=monthly_cents, assessment=found)
    ):
        raise ShiftRefused("Dit hogere bedrag past niet meer zeker. Bel ons. Dan zoeken we een andere oplossing.")
    arrangement.monthly_cents = monthly_cents
    arrangement.save(update_fields=["monthly_cents"])


def close_links(arrangement: Arrangement, installment_ids: Iterable[int]) -> None:
    """The bank's pages for these instalments ask for money on a day that no longer holds."""
    waiting = Payment.objects.filter(
        arrangement=arrangement, installment_id__in=list(installment_ids), state=PaymentState.PENDING
    )
    for payment in waiting:
        jobs.enqueue(
            "close_payment_link",
            key=f"close_payment_link:{payment.pk}",
            arguments={"payment": payment.pk},
            citizen_id=arrangement.citizen_id,
        )
