"""What falls due by itself, and the time machine."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import transaction

from accounts.models import Citizen
from arrangements.models import (
    Answer,
    Arrangement,
    CaseTask,
    DemoPayer,
    Installment,
    LedgerEntry,
    MoneyRun,
    PayoutBatch,
    ProviderEvent,
    Receipt,
)
from arrangements.operations.advance import advance_to, next_day_with_work, start_advance
from arrangements.operations.check_books import check_books
from arrangements.operations.pay_out import payout_date
from arrangements.operations.run_day import run_day
from infra import clock, jobs
from infra.models import Job, Message
from infra.scope import as_worker
from kernel.working_days import add_working_days
from tests.factories.money import START, activate, at, pay_next, running_case
from tests.factories.payouts import release
from tests.factories.plans import agreed, make_case, submitted

pytestmark = pytest.mark.django_db


def day(today: date) -> None:
    at(today)
    with as_worker("test"):
        run_day(today=today)
    jobs.run_all()


def messages(kind: str) -> list[Message]:
    with as_worker("test"):
        return list(Message.objects.filter(kind=kind).order_by("pk"))


def tasks(kind: str) -> int:
    with as_worker("test"):
        return CaseTask.objects.filter(kind=kind).count()


def pays(citizen: Citizen, behavior: str, every_n: int = 6) -> None:
    with as_worker("test"):
        DemoPayer.objects.create(citizen=citizen, behavior=behavior, every_n=every_n)


def test_the_pay_link_comes_three_days_before_the_due_date_and_once() -> None:
    _case, arrangement = running_case(10_000_00)
    day(date(2026, 11, 27))
    assert messages("payment_reminder") == []
    day(date(2026, 11, 28))
    day(date(2026, 11, 29))
    (message,) = messages("payment_reminder")
    with as_worker("test"):
        token = Installment.objects.get(arrangement=arrangement, number=1).pay_token
    assert f"http://testserver/b/{token}/" in message.body
    assert "45 euro" in message.body
    assert "1 december 2026" in message.body


def test_the_subject_gives_nothing_away_and_no_organisation_is_named() -> None:
    case, _arrangement = running_case(10_000_00)
    day(date(2026, 11, 28))
    (message,) = messages("payment_reminder")
    assert message.subject == "Bericht over uw afspraak"
    assert all(creditor.name not in message.subject + message.body for creditor in case.creditors)


def test_without_pay_links_the_message_only_says_where_to_go() -> None:
    case, _arrangement = running_case(10_000_00)
    with as_worker("test"):
        Citizen.objects.filter(pk=case.citizen.pk).update(pay_links=False)
    day(date(2026, 11, 28))
    (message,) = messages("payment_reminder")
    assert "/b/" not in message.body
    assert "Ga zelf naar" in message.body


def test_a_payment_that_does_not_come_is_missed_and_the_director_hears_it_once() -> None:
    _case, arrangement = running_case(10_000_00)
    for number in (1, 3, 4, 5, 8):
        day(date(2026, 12, number))
    with as_worker("test"):
        assert Installment.objects.get(arrangement=arrangement, number=1).state == "missed"
        arrangement.refresh_from_db()
    assert arrangement.state == "active"
    assert (len(messages("payment_missed")), tasks("missed_payment")) == (1, 1)
    pay_next(arrangement)
    with as_worker("test"):
        assert Installment.objects.get(arrangement=arrangement, number=1).state == "paid"


def test_silence_is_never_a_yes_and_never_a_hostage() -> None:
    at(START)
    case = make_case(10_000_00, 20_000_00)
    submitted(case)
    case.say_yes(0)
    for number, reminders, director, state in (
        (4, 0, 0, "open"),
        (5, 1, 0, "open"),
        (10, 1, 1, "open"),
        (14, 1, 1, "open"),
        (15, 1, 1, "unanswered"),
    ):
        day(add_working_days(START, number))
        with as_worker("test"):
            answer = Answer.objects.get(proposal=case.proposal, creditor=case.creditors[1])
        assert (len(messages("answer_reminder")), tasks("no_answer"), answer.state) == (reminders, director, state), (
            number
        )
    assert len(messages("unanswered")) == 1
    assert case.answer_of(0).state == "accepted"


@pytest.mark.parametrize(
    ("month", "expected"),
    [
        (date(2026, 12, 1), date(2026, 12, 7)),
        (date(2027, 5, 31), date(2027, 5, 7)),
        (date(2027, 1, 20), date(2027, 1, 5)),
    ],
)
def test_the_payout_day_is_the_first_working_day_from_the_fifth(month: date, expected: date) -> None:
    # 5 December 2026 is a Saturday; 5 May 2027 is a holiday and the sixth Ascension Day.
    assert payout_date(month) == expected


def test_a_day_can_be_run_again_without_a_second_effect() -> None:
    _case, arrangement = running_case(10_000_00, 5_000_00)
    at(date(2026, 12, 1))
    pay_next(arrangement)
    day(date(2026, 12, 7))
    with as_worker("test"):
        run = MoneyRun.objects.get(kind="monthly")
    release(run)
    day(date(2026, 12, 7))
    day(date(2026, 12, 8))
    day(date(2026, 12, 9))
    with as_worker("test"):
        before = LedgerEntry.objects.count(), Message.objects.count(), PayoutBatch.objects.count()
    for _ in range(3):
        day(date(2026, 12, 9))
    with as_worker("test"):
        assert (LedgerEntry.objects.count(), Message.objects.count(), PayoutBatch.objects.count()) == before
        assert set(PayoutBatch.objects.values_list("state", flat=True)) == {"booked"}
        assert check_books() == []


def test_the_time_machine_is_refused_where_the_clock_decides(settings: object) -> None:
    settings.BUSINESS_DATE_SOURCE = "clock"  # type: ignore[attr-defined]  # pytest-django's wrapper
    with pytest.raises(ImproperlyConfigured):
        start_advance(months=1)


@pytest.mark.parametrize(("months", "days"), [(0, 0), (-1, 0), (61, 0), (0, -1)])
def test_the_time_machine_moves_forward_and_not_too_far(months: int, days: int) -> None:
    with pytest.raises(ValueError, match="move between"):
        start_advance(months=months, days=days)


def test_pressing_the_button_twice_moves_the_date_once() -> None:
    at(START)
    start_advance(months=1)
    start_advance(months=1)
    jobs.run_all()
    with as_worker("test"):
        assert clock.today() == date(2026, 12, 23)
        assert Job.objects.filter(kind="advance", state="done").count() == 1


def everything_of(arrangement: Arrangement) -> tuple[object, ...]:
    """What one arrangement came to, without the numbers that differ between two of them."""
    with as_worker("test"):
        arrangement.refresh_from_db()
        return (
            arrangement.state,
            arrangement.received_cents,
            arrangement.waived_on and (arrangement.waived_on - arrangement.signed_on).days,
            [(r.amount_cents, r.received_on) for r in Receipt.objects.filter(arrangement=arrangement)],
            list(
                Installment.objects.filter(arrangement=arrangement).values_list(
                    "number", "state", "paid_on", "reminded_on"
                )
            ),
            list(
                PayoutBatch.objects.filter(lines__arrangement=arrangement)
                .order_by("run_date")
                .values_list("run_date", "total_cents", "booked_on")
            ),
            list(
                Message.objects.filter(citizen_id=arrangement.citizen_id)
                .order_by("business_date", "kind")
                .values_list("kind", "business_date")
            ),
        )


@pytest.mark.parametrize("behavior", ["pays", "late", "half", "misses"])
@pytest.mark.timeout(400)
def test_skipping_quiet_days_gives_what_every_day_gives(behavior: str) -> None:
    outcomes = []
    for every_day in (False, True):
        with transaction.atomic():
            case, arrangement = running_case(10_000_00, 5_000_01, months=3)
            pays(case.citizen, behavior, every_n=3)
            with as_worker("test"):
                advance_to(until=START + timedelta(days=150), every_day=every_day)
                assert check_books() == []
            outcomes.append(everything_of(arrangement))
            transaction.set_rollback(True)
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][0] == "waived"


@pytest.mark.timeout(400)
def test_36_months_of_two_households_end_in_the_waiver_with_the_books_right(transactional_db: None) -> None:
    made = []
    with transaction.atomic():
        for behavior in ("half", "misses"):
            case, arrangement = running_case(4_000_00, 7_000_01, 333_33, kept={2} if behavior == "half" else None)
            pays(case.citizen, behavior)
            made.append(arrangement)
    call_command("advance", months=38)
    with as_worker("test"), transaction.atomic():
        for arrangement in made:
            arrangement.refresh_from_db()
            assert (arrangement.state, arrangement.received_cents) == ("waived", 36 * 45_00)
        assert check_books() == []
        assert sum(batch.total_cents for batch in PayoutBatch.objects.all()) == 2 * 36 * 45_00
        assert Job.objects.exclude(state="done").exclude(kind="advance").count() == 0
    call_command("check_books")


def test_a_quiet_world_jumps_to_the_payout_day() -> None:
    at(START)
    with as_worker("test"):
        assert next_day_with_work(START) == date(2026, 12, 7)


def test_the_payments_of_the_time_machine_go_through_the_door_when_it_is_open(
    transactional_db: None, live_server: object, settings: object
) -> None:
    settings.SITE_BASE_URL = str(live_server)  # type: ignore[attr-defined]  # pytest-django's wrapper
    with transaction.atomic():
        case, arrangement = running_case(4_000_00, 7_000_01)
        pays(case.citizen, "pays")
    with as_worker("test"):
        advance_to(until=date(2027, 2, 10))
        with transaction.atomic():
            assert ProviderEvent.objects.filter(outcome="received").count() == 3
            assert Receipt.objects.filter(arrangement=arrangement).count() == 3
            assert check_books() == []


def test_an_arrangement_signed_but_not_active_is_active_after_a_day() -> None:
    at(START)
    case = make_case(10_000_00)
    agreed(case)
    arrangement = case.sign()
    with as_worker("test"):
        advance_to(until=START + timedelta(days=1))
    assert activate(arrangement).state == "active"
