"""Instalments that get another day: one a little later, or a few in a row skipped. What is asked in all never changes.

Amounts are int cents. Sources: features.md C9 (one instalment later), B14 (crisis break), P12 (extra money). A skipped
instalment is not waived: it comes after the last one, or the instalments that are left become a little higher.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from arrangements.domain.lifecycle import InstallmentState
from kernel.cents import spoken_euro, whole_number
from kernel.periods import add_months, months_between

_ONE_DAY = timedelta(days=1)
_UNPAID = frozenset({InstallmentState.OPEN, InstallmentState.PARTLY_PAID, InstallmentState.MISSED})
_CAN_BE_SKIPPED = frozenset({InstallmentState.OPEN, InstallmentState.PARTLY_PAID})


class Rule(StrEnum):
    """What happens with skipped instalments; chosen by the citizen before signing."""

    LATER = "later"
    HIGHER = "higher"


class ShiftRefused(ValueError):
    """This instalment cannot get another day. `str()` of it is a Dutch sentence that says why, or what can be done."""


@dataclass(frozen=True, slots=True)
class Term:
    """One instalment. `key` names its row (0: it has none yet); `moved_before`: it was given a later day once."""

    number: int
    due_date: date
    amount: int
    paid: int = 0
    state: InstallmentState = InstallmentState.OPEN
    key: int = 0
    moved_before: bool = False

    def __post_init__(self) -> None:
        """Refuse what are not cents, and more paid than was asked."""
        if whole_number(self.paid, "paid") > whole_number(self.amount, "amount"):
            raise ValueError(f"instalment {self.number} is overpaid")

    @property
    def open(self) -> int:
        """What is still to be paid of it; 0 when another one took its place."""
        return self.amount - self.paid if self.state in _UNPAID else 0


@dataclass(frozen=True, slots=True)
class Shift:
    """What a shift does, for the preview and for the deed.

    `skipped` get state moved; `replacing` take their places, in the same order (none when the others become higher);
    `raised` keep their day and get another amount. `fell_back`: higher was the rule, and it would ask too much.
    """

    rule: Rule
    skipped: tuple[Term, ...]
    replacing: tuple[Term, ...]
    raised: tuple[Term, ...]
    old_end: date
    new_end: date
    old_monthly: int
    new_monthly: int
    next_due: date | None
    """The first instalment that is to be paid after the skipped ones."""
    fell_back: bool = False

    @property
    def skipped_open(self) -> int:
        """What the skipped instalments still asked."""
        return sum(term.open for term in self.skipped)


def asked(terms: Iterable[Term]) -> int:
    """All that an arrangement asks: what stands in its instalments, and what was paid of those that were replaced."""
    return sum(term.paid if term.state == InstallmentState.MOVED else term.amount for term in terms)


def end_of(terms: Iterable[Term]) -> date:
    """The last day on which something is to be paid, or was. ValueError without instalments."""
    return max(term.due_date for term in terms if term.state != InstallmentState.MOVED)


def highest(terms: Iterable[Term]) -> int:
    """The most that is asked in one month, of those not replaced."""
    return max((term.amount for term in terms if term.state != InstallmentState.MOVED), default=0)


def after(terms: Sequence[Term], shift: Shift) -> tuple[Term, ...]:
    """All instalments once `shift` is done, the replaced ones included, by number."""
    gone = {term.key for term in shift.skipped}
    raised = {term.key: term for term in shift.raised}
    kept = [
        replace(term, state=InstallmentState.MOVED) if term.key in gone else raised.get(term.key, term)
        for term in terms
    ]
    return tuple(sorted([*kept, *shift.replacing], key=lambda term: (term.number, term.due_date)))


# --- one instalment a little later ---------------------------------------------------------------------------------


def latest_day(terms: Sequence[Term], term: Term, move_days: int) -> date:
    """The last day to which `term` can be moved: within `move_days`, and before the next instalment is due."""
    last = term.due_date + timedelta(days=move_days)
    following = [one.due_date for one in terms if one.state in _UNPAID and one.due_date > term.due_date]
    return min([last, *(day - _ONE_DAY for day in following)])


def check_movable(terms: Sequence[Term], term: Term, *, on: date, move_days: int, by_citizen: bool) -> None:
    """Return when `term` can get another day after `on`; ShiftRefused with the reason otherwise."""
    if term.state not in _UNPAID:
        raise ShiftRefused("Deze termijn is al betaald of verplaatst.")
    if by_citizen and term.moved_before:
        raise ShiftRefused("U heeft deze termijn al een keer verplaatst. Bel ons als het niet lukt.")
    if latest_day(terms, term, move_days) <= max(on, term.due_date):
        raise ShiftRefused("Deze termijn kan niet meer later. Bel ons als betalen niet lukt.")


def move_one(terms: Sequence[Term], number: int, new_day: date, *, on: date, move_days: int, by_citizen: bool) -> Shift:
    """Instalment `number` becomes due on `new_day`: after its own day, at most `move_days` later, once for the citizen.

    A partly paid one is replaced for what is still open of it. ShiftRefused when it cannot.
    """
    term = _current(terms, number)
    check_movable(terms, term, on=on, move_days=move_days, by_citizen=by_citizen)
    if new_day <= max(on, term.due_date):
        raise ShiftRefused("Kies een dag die later is dan uw betaaldag, en later dan vandaag.")
    if new_day > latest_day(terms, term, move_days):
        raise ShiftRefused(f"Kies een dag binnen {move_days} dagen na uw betaaldag, en vóór de volgende termijn.")
    new = Term(number, new_day, term.open, moved_before=True)
    others = [one for one in terms if one.key != term.key]
    monthly = highest(terms)
    return Shift(
        rule=Rule.LATER,
        skipped=(term,),
        replacing=(new,),
        raised=(),
        old_end=end_of(terms),
        new_end=end_of([*others, new]),
        old_monthly=monthly,
        new_monthly=monthly,
        next_due=new_day,
    )


def _current(terms: Sequence[Term], number: int) -> Term:
    for term in terms:
        if term.number == number and term.state != InstallmentState.MOVED:
            return term
    raise ShiftRefused("Deze termijn is er niet.")


# --- skipping ------------------------------------------------------------------------------------------------------


def skip(
    terms: Sequence[Term],
    count: int,
    *,
    from_day: date,
    rule: Rule,
    pay_day: int,
    monthly: int,
    sure_capacity: int | None,
) -> Shift:
    """Skip the next `count` unpaid instalments that are due on or after `from_day`. A missed one stays missed.

    LATER: as many come after the last one, each on `pay_day` (1 to 28) of its month. HIGHER: what they still ask is spread
    over the instalments after them, equally, the odd cents first. When that would ask more than `monthly` does now and more
    than `sure_capacity` (None: not known), or nothing is left to spread over, it is LATER and `fell_back` says so.
    ShiftRefused when there are not so many instalments left. ValueError unless `count` is 1 or more.
    """
    whole_number(count, "count", minimum=1)
    coming = sorted(
        (term for term in terms if term.state in _CAN_BE_SKIPPED and term.due_date >= from_day),
        key=lambda term: (term.due_date, term.number),
    )
    if len(coming) < count:
        raise ShiftRefused(
            "Er is geen termijn meer om over te slaan." if not coming else f"Er zijn nog {len(coming)} termijnen over."
        )
    skipped, rest = tuple(coming[:count]), coming[count:]
    later = _later(terms, skipped, rest, pay_day, monthly)
    if rule is Rule.LATER:
        return later
    spread = sum(term.open for term in skipped)
    each, odd = divmod(spread, len(rest)) if rest else (0, 0)
    raised = tuple(
        replace(term, amount=term.amount + each + (1 if position < odd else 0)) for position, term in enumerate(rest)
    )
    most = highest(raised)
    if not rest or (most > monthly and (sure_capacity is None or most > sure_capacity)):
        return replace(later, fell_back=True)
    gone = {term.key for term in skipped}
    return Shift(
        rule=Rule.HIGHER,
        skipped=skipped,
        replacing=(),
        raised=tuple(new for new, old in zip(raised, rest, strict=True) if new != old),
        old_end=end_of(terms),
        new_end=end_of([term for term in terms if term.key not in gone]),
        old_monthly=monthly,
        new_monthly=max(monthly, most),
        next_due=rest[0].due_date,
    )


def _later(terms: Sequence[Term], skipped: tuple[Term, ...], rest: Sequence[Term], pay_day: int, monthly: int) -> Shift:
    last = end_of(terms)
    number = max(term.number for term in terms)
    replacing = []
    for position, term in enumerate(skipped, start=1):
        last = _next_pay_day(last, pay_day)
        replacing.append(Term(number + position, last, term.open))
    return Shift(
        rule=Rule.LATER,
        skipped=skipped,
        replacing=tuple(replacing),
        raised=(),
        old_end=end_of(terms),
        new_end=last,
        old_monthly=monthly,
        new_monthly=monthly,
        next_due=rest[0].due_date if rest else replacing[0].due_date,
    )


def _next_pay_day(day: date, pay_day: int) -> date:
    """The first pay day after `day`."""
    this_month = day.replace(day=pay_day)
    return this_month if this_month > day else add_months(this_month, 1)


# --- how often -----------------------------------------------------------------------------------------------------


def break_months_used(skipped: Iterable[date], on: date, window_months: int) -> int:
    """How many instalments were skipped by a break in the `window_months` before `on`, or are skipped after it.

    `skipped`: the due dates they had.
    """
    return sum(add_months(day, window_months) > on for day in skipped)


def break_possible_from(
    skipped: Sequence[date], wanted: int, on: date, *, most: int, window_months: int
) -> date | None:
    """The first day from `on` on which `wanted` instalments can be skipped by a break; None when it is never possible."""
    if whole_number(wanted, "wanted", minimum=1) > most:
        return None
    days = sorted(day for day in skipped if add_months(day, window_months) > on)
    too_many = len(days) + wanted - most
    return on if too_many <= 0 else add_months(days[too_many - 1], window_months)


# --- paying more ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Extra:
    """What an extra amount does: the last instalments are paid by it. `new_end` is None when nothing is left to pay."""

    amount: int
    old_end: date
    new_end: date | None
    months_sooner: int
    fewer: int
    """How many instalments are paid by it in full."""
    last_amount: int
    """What is left of the instalment that becomes the last one."""


def pay_extra(terms: Sequence[Term], amount: int) -> Extra:
    """Foresee an extra payment of `amount` cents. ShiftRefused when nothing, or more than what is open."""
    unpaid = sorted((term for term in terms if term.open), key=lambda term: (term.due_date, term.number))
    open_now = sum(term.open for term in unpaid)
    if not unpaid:
        raise ShiftRefused("U heeft alles al betaald.")
    if not 0 < whole_number(amount, "amount") <= open_now:
        raise ShiftRefused(f"Kies een bedrag van 1 euro tot en met {spoken_euro(open_now)}.")
    old_end, left, fewer = unpaid[-1].due_date, amount, 0
    while unpaid and left >= unpaid[-1].open:
        left -= unpaid.pop().open
        fewer += 1
    new_end = unpaid[-1].due_date if unpaid else None
    return Extra(
        amount=amount,
        old_end=old_end,
        new_end=new_end,
        months_sooner=months_between(new_end, old_end) if new_end else fewer,
        fewer=fewer,
        last_amount=unpaid[-1].open - left if unpaid else 0,
    )
