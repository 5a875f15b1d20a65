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
    reminder_days_before_due: int
    """The pay link goes out this many calendar days before the due date (features.md C7)."""
    missed_after_days: int
    """Calendar days after the due date from which an instalment counts as missed."""
    days_to_first_due_date: int
    """At least this many calendar days between signing and the first due date."""
    review_every_months: int
    """So many months after signing, and each time so many later, the citizen looks at the figures (features.md P11)."""
    review_task_after_days: int
    """Calendar days after the question from which a review that was not done is a task for the director."""


POLICY: tuple[PolicyValues, ...] = (
    PolicyValues(
        valid_from=date(2026, 1, 1),
        term_months=36,
        municipal_term_months=18,
        answer_working_days=10,
        remind_after_working_days=5,
        task_after_working_days=10,
        unanswered_after_working_days=15,
        reminder_days_before_due=3,
        missed_after_days=3,
        days_to_first_due_date=7,
        review_every_months=12,
        review_task_after_days=30,
    ),
)


def policy_on(day: date) -> PolicyValues:
    """The values that hold on `day`. LookupError before the first of them."""
    for values in reversed(POLICY):
        if values.valid_from <= day:
            return values
    raise LookupError(f"no policy values for {day.isoformat()}")
