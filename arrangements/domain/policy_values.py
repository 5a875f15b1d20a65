"""What policy may change, with the date from which it holds. Never a constant elsewhere, in code or in copy."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class PolicyValues:
    """`valid_from` inclusive; holds until the next one. Months, working days."""

    valid_from: date
    term_months: int
    """The term of an arrangement: the RUB term (domain.md 4, Regeling zorgverzekering art. 6.5.6)."""
    municipal_term_months: int
    """The term of the municipal route, shown beside ours (domain.md 3, NVVK from 1 July 2023)."""
    answer_working_days: int
    """Creditors answer within this many working days (domain.md 6.1)."""
    remind_after_working_days: int
    task_after_working_days: int
    unanswered_after_working_days: int
    """From this working day on silence no longer holds the citizen up (architecture.md, decided rules)."""
    question_working_days: int
    """The citizen has this many working days for a creditor's question; after the reply the creditor has at least as many."""
    reminder_days_before_due: int
    """The pay link goes out this many calendar days before the due date (features.md C7)."""
    missed_after_days: int
    """Calendar days after the due date from which an instalment counts as missed."""
    days_to_first_due_date: int
    """At least this many calendar days between signing and the first due date."""
    making_days: int
    """Making an arrangement takes at most this many calendar days from the first sending (domain.md 3, NVVK)."""
    running_out_days: int
    """So many calendar days before the last of those the director is asked to do something."""
    correction_days: int
    """A claim in an arrangement may be corrected, with a reason, this many calendar days from signing (features.md S9)."""
    move_days: int
    """The citizen may move an instalment by at most this many calendar days, once (features.md C9)."""
    break_months: int
    """A crisis break takes at most this many instalments per rolling `break_window_months` (features.md B14)."""
    break_window_months: int
    bridge_window_months: int
    """Switching the way of paying gives one free month, at most once in so many months."""
    holiday_pay_month: int
    """From `holiday_pay_day` of this month on people get holiday pay: May, and June for benefits (domain.md 2)."""
    holiday_pay_day: int
    long_pause_months: int
    """The longest pause that can be asked from the creditors, in months."""
    call_after_days: int
    """The ladder of a missed payment, in calendar days after the due date: somebody calls (features.md P15)."""
    coach_after_days: int
    """The director talks it through."""
    vary_after_days: int
    """A lower amount or a pause is put on the table."""
    stop_confirm_working_days: int
    """Creditors confirm within this many working days that they stopped collecting (features.md S8)."""
    beslag_working_days: int
    """After a report of a beslag the director acts within this many working days (features.md S10)."""
    review_every_months: int
    """So many months after signing, and each time so many later, the citizen looks at the figures (features.md P11)."""
    review_task_after_days: int
    """Calendar days after the question from which a review that was not done is a task for the director."""
    iban_change_working_days: int
    """Another account number of a creditor is in force so many working days after the desk checked it (reliability.md 27)."""
    suspense_working_days: int
    """Money of an unknown sender is looked at within this many working days (payments.md 4)."""
    unknown_days: int
    """A call with an unknown outcome, or a message nobody could place, is settled within so many calendar days."""
    pending_working_days: int
    """A payment on its way is decided within this many working days (payments.md 5.6)."""
    refund_working_days: int
    """Money that goes back to somebody is there within this many working days."""
    aged_days: int
    """What waits longer than its norm is named in the daily check; after so many calendar days the check is red."""
    top_up_working_days: int
    """A shortfall on the segregated account is made up within this many working days; until then it is named."""
    statement_working_days: int
    """A bank statement of a day is read within this many working days."""


POLICY: tuple[PolicyValues, ...] = (
    PolicyValues(
        valid_from=date(2026, 1, 1),
        term_months=36,
        municipal_term_months=18,
        answer_working_days=10,
        remind_after_working_days=5,
        task_after_working_days=10,
        unanswered_after_working_days=15,
        question_working_days=5,
        reminder_days_before_due=3,
        missed_after_days=3,
        days_to_first_due_date=7,
        making_days=120,
        running_out_days=14,
        correction_days=120,
        move_days=14,
        break_months=2,
        break_window_months=12,
        bridge_window_months=12,
        holiday_pay_month=5,
        holiday_pay_day=20,
        long_pause_months=6,
        call_after_days=7,
        coach_after_days=14,
        vary_after_days=30,
        stop_confirm_working_days=5,
        beslag_working_days=1,
        review_every_months=12,
        review_task_after_days=30,
        iban_change_working_days=3,
        suspense_working_days=5,
        unknown_days=1,
        pending_working_days=14,
        refund_working_days=10,
        aged_days=92,
        top_up_working_days=3,
        statement_working_days=3,
    ),
)


def policy_on(day: date) -> PolicyValues:
    """The values that hold on `day`. LookupError before the first of them."""
    for values in reversed(POLICY):
        if values.valid_from <= day:
            return values
    raise LookupError(f"no policy values for {day.isoformat()}")
