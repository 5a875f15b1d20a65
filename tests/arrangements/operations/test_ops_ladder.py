"""A payment that does not come: message, call, talk, a proposal to vary; once, together, and never about a claim."""

from datetime import date, timedelta

import pytest

from arrangements.models import Arrangement, CaseTask, Installment
from arrangements.queries.overdue import overdue
from infra.models import Message
from infra.scope import act_as, as_worker
from tests.factories.beslag import again, day, reported
from tests.factories.money import START, pay_next, running_case
from tests.factories.people import citizen_scope

pytestmark = pytest.mark.django_db

DUE = date(2026, 12, 1)


def after(days: int) -> date:
    return DUE + timedelta(days=days)


def messages(kind: str) -> list[Message]:
    with as_worker("test"):
        return list(Message.objects.filter(kind=kind, citizen_id__isnull=False).order_by("pk"))


def tasks(kind: str) -> list[str]:
    with as_worker("test"):
        return list(CaseTask.objects.filter(kind=kind).order_by("pk").values_list("text", flat=True))


def ladder(arrangement: Arrangement) -> list[tuple[int, str, str]]:
    with as_worker("test"):
        rows = Installment.objects.filter(arrangement=arrangement).exclude(ladder_step="").order_by("number")
        return [(row.number, row.state, row.ladder_step) for row in rows]


def test_every_step_comes_on_its_day_and_once() -> None:
    _case, arrangement = running_case(10_000_00)
    seen = []
    for days in range(1, 31):
        day(after(days))
        seen.append((days, len(messages("payment_missed")), len(tasks("missed_payment")), len(tasks("variation"))))
    changes = [now for before, now in zip([(0, 0, 0, 0), *seen], seen, strict=False) if before[1:] != now[1:]]
    assert changes == [(3, 1, 0, 0), (7, 1, 1, 0), (14, 1, 2, 0), (30, 1, 2, 1)]
    assert ladder(arrangement) == [(1, "missed", "vary")]
    assert again(arrangement).state == "active"
    (ways,) = messages("ways_out")
    assert all(way in ways.body for way in ("Betaal een keer later.", "Neem een pauze.", "Betaal minder per maand."))
    day(after(30))
    assert len(messages("ways_out")) == 1


def test_several_that_become_late_together_are_one_message() -> None:
    _case, arrangement = running_case(10_000_00)
    # Nobody ran the day for a while: two are late at once.
    day(date(2027, 1, 5))
    assert len(messages("payment_missed")) + len(messages("ways_out")) == 1
    (text,) = tasks("variation")
    assert text.startswith("De termijnen 1 en 2 zijn niet betaald. Stel een wijziging voor: ")
    assert ladder(arrangement) == [(1, "missed", "vary"), (2, "missed", "message")]
    for days in range(36, 63):
        day(after(days))
    # The second joins the first, which stands higher already.
    assert len(tasks("variation")) == 1
    assert tasks("missed_payment") == []


def test_a_payment_stops_the_ladder_and_it_does_not_start_again() -> None:
    _case, arrangement = running_case(10_000_00)
    day(after(3))
    day(after(7))
    day(after(10))
    pay_next(arrangement, amount_cents=10_00)
    for days in (14, 20, 29):
        day(after(days))
    assert len(tasks("missed_payment")) == 1
    assert ladder(arrangement) == [(1, "partly_paid", "call")]
    pay_next(arrangement)
    day(after(30))
    assert tasks("variation") == []
    assert messages("ways_out") == []


def test_a_plan_that_stands_still_has_no_ladder() -> None:
    case, arrangement = running_case(10_000_00)
    day(after(3))
    reported(case, arrangement)
    for days in (7, 14, 30, 60):
        day(after(days))
    assert tasks("missed_payment") == tasks("variation") == []
    assert ladder(arrangement) == [(1, "missed", "message")]


def test_what_is_late_is_shown_per_instalment() -> None:
    case, arrangement = running_case(10_000_00)
    day(after(3))
    day(after(7))
    pay_next(arrangement, amount_cents=10_00)
    day(date(2027, 1, 3))
    with act_as(citizen_scope(case.citizen)):
        found = overdue(arrangement.pk, date(2027, 1, 3))
    assert [(one.number, one.days, one.open_cents, one.partly, one.step) for one in found] == [
        (1, 33, 35_00, True, "bellen"),
        (2, 2, 45_00, False, ""),
    ]
    with act_as(citizen_scope(running_case(1_00)[0].citizen)):
        assert overdue(arrangement.pk, date(2027, 1, 3)) == []


ABOUT_THE_PLAN = {
    "arrangement_active",
    "payment_missed",
    "payment_received",
    "payment_reminder",
    "review_asked",
    "ways_out",
}


def test_in_a_year_nobody_is_reminded_of_a_claim_inside_the_plan() -> None:
    case, arrangement = running_case(10_000_00, 5_000_00)
    for month in range(13):
        due = date(2026 + (11 + month) // 12, (11 + month) % 12 + 1, 1)
        for today in (due - timedelta(days=3), due, due + timedelta(days=4), due + timedelta(days=8)):
            day(today)
        if month % 4 != 3:
            pay_next(arrangement)
    with as_worker("test"):
        told = list(Message.objects.filter(citizen_id=case.citizen.pk, business_date__gt=START))
    kinds = {one.kind for one in told}
    assert {"payment_reminder", "payment_received", "payment_missed"} <= kinds
    assert kinds <= ABOUT_THE_PLAN, kinds - ABOUT_THE_PLAN
    secrets = [*(one.name for one in case.creditors), *(one.reference for one in case.claims)]
    wrong = [(one.kind, word) for one in told for word in secrets if word in one.subject + one.body]
    assert wrong == []
