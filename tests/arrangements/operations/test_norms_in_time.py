"""Norms and the calendar: warned in time, nobody stuck, and plans go on whatever is missing."""

from datetime import date, timedelta

import pytest
from django.conf import LazySettings

from affordability.norms import NormsMissing
from arrangements.models import Arrangement, CaseTask, Installment, NormsRerun
from arrangements.operations.advance import advance_to, next_day_with_work
from arrangements.operations.assess_application import assess_application, report_missing_norms
from arrangements.operations.check_books import check_books
from arrangements.operations.run_day import run_day
from arrangements.operations.warn_norms import warning_stage
from infra import jobs
from infra.models import Job, Message
from infra.scope import act_as, as_worker
from tests.factories.money import at, pay_next, running_case
from tests.factories.norms import approved, entered, make_desk
from tests.factories.people import citizen_scope, make_director
from tests.factories.plans import Case, fill_in, make_case

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_only_real")]

YEAR = date(2027, 1, 1)


@pytest.fixture
def _only_real(settings: LazySettings) -> None:
    """As in production: nothing made up."""
    settings.ALLOW_EXAMPLE_NORMS = False


def day(today: date) -> dict[str, int]:
    at(today)
    with as_worker("test"):
        done = run_day(today=today)
    jobs.run_all()
    return done


def mails(kind: str) -> list[Message]:
    with as_worker("test"):
        return list(Message.objects.filter(kind=kind).order_by("created_at"))


def test_the_stages_of_the_warning() -> None:
    assert [warning_stage(YEAR, YEAR - timedelta(days=days)) for days in (31, 30, 15, 14, 4, 3, 1)] == [
        "",
        "30",
        "30",
        "14",
        "14",
        "3",
        "3",
    ]
    assert [warning_stage(YEAR, YEAR + timedelta(days=days)) for days in (0, 6, 7, 30)] == [
        "week-0",
        "week-0",
        "week-1",
        "week-4",
    ]


def test_the_desk_is_warned_once_per_stage_and_every_week_while_norms_are_missing() -> None:
    make_desk("Ans")
    gone = make_desk("Weg")
    gone.case_worker.active = False
    gone.case_worker.save()
    make_director(kind="coach", default=False)
    day(YEAR - timedelta(days=31))
    assert mails("norms_warning") == []
    for days, expected in ((30, 1), (29, 1), (14, 2), (13, 2), (2, 3), (1, 3), (0, 4), (-6, 4), (-7, 5)):
        day(YEAR - timedelta(days=days))
        assert len(mails("norms_warning")) == expected, days
    first, *_rest, last = mails("norms_warning")
    assert {mail.to_name for mail in mails("norms_warning")} == {"Ans"}
    assert "er is niets" in first.body
    assert "Vanaf 1 januari 2027 kan zonder deze normen niemand een nieuwe toets krijgen" in first.body
    assert "Lopende regelingen gaan gewoon door" in last.body
    assert "/beheer/arrangements/normsentry/" in last.body
    approved(YEAR)
    day(YEAR + timedelta(days=14))
    assert len(mails("norms_warning")) == 5


def test_the_warning_names_what_a_draft_lacks_and_days_that_were_skipped_are_made_up_for() -> None:
    entered(YEAR, norms={"rent_maximum": {"cents": 95_000}})
    day(YEAR - timedelta(days=20))
    mail = mails("norms_warning")[0]
    assert mail.subject == "De normen voor het halfjaar vanaf 1 januari 2027 ontbreken"
    assert "Maximale huur, per maand (H): bron, zekerheid" in mail.body


def test_examples_count_where_they_are_allowed(settings: LazySettings) -> None:
    settings.ALLOW_EXAMPLE_NORMS = True
    make_desk()
    day(YEAR - timedelta(days=3))
    assert mails("norms_warning") == []


def waiting(today: date) -> Case:
    """Filled in, and stopped because the norms for today are not there."""
    at(today)
    case = make_case(1_000_00)
    fill_in(case)
    with act_as(citizen_scope(case.citizen)):
        with pytest.raises(NormsMissing) as caught:
            assess_application(application=case.application)
        report_missing_norms(application=case.application, error=caught.value)
    return case


def open_tasks() -> int:
    with as_worker("test"):
        return CaseTask.objects.filter(kind=CaseTask.Kind.NORMS_MISSING, done_on=None).count()


def test_who_waited_for_norms_is_told_once_as_soon_as_a_colleague_approves_them() -> None:
    today = YEAR + timedelta(days=5)
    case, other = waiting(today), waiting(today)
    day(today)
    assert (open_tasks(), mails("norms_back")) == (2, [])
    approved(YEAR)
    jobs.run_all()
    assert open_tasks() == 0
    assert {mail.citizen_id for mail in mails("norms_back")} == {case.citizen.pk, other.citizen.pk}
    mail = mails("norms_back")[0]
    assert mail.subject == "U kunt verder"
    assert "Alles wat u invulde, is bewaard." in mail.body
    with as_worker("test"):
        assert CaseTask.objects.filter(kind=CaseTask.Kind.NORMS_MISSING, done_on=today).count() == 2
    day(today + timedelta(days=1))
    assert len(mails("norms_back")) == 2
    with act_as(citizen_scope(case.citizen)):
        assert assess_application(application=case.application).norms_key == "2027-01-01"


def test_a_release_with_a_file_gets_them_going_too(settings: LazySettings) -> None:
    today = YEAR + timedelta(days=5)
    waiting(today)
    settings.ALLOW_EXAMPLE_NORMS = True  # the files of the examples are there from now on
    assert day(today)["norms_back"] == 1
    assert (open_tasks(), len(mails("norms_back"))) == (0, 1)


def test_norms_of_a_later_half_year_help_nobody_yet() -> None:
    waiting(YEAR + timedelta(days=5))
    approved(date(2027, 7, 1))
    jobs.run_all()
    assert (open_tasks(), mails("norms_back")) == (1, [])
    with as_worker("test"):
        assert not NormsRerun.objects.exists()
        assert Job.objects.filter(kind="use_new_norms", state="done").count() == 1


def test_who_stopped_meanwhile_is_not_bothered() -> None:
    today = YEAR + timedelta(days=5)
    case = waiting(today)
    with as_worker("test"):
        case.application.closed_at = case.application.created_at
        case.application.save()
    approved(YEAR)
    jobs.run_all()
    assert (open_tasks(), mails("norms_back")) == (0, [])


def test_a_running_plan_goes_on_without_any_norms(monkeypatch: pytest.MonkeyPatch) -> None:
    case, arrangement = running_case(1_000_00, 2_000_00)
    at(date(2027, 1, 5))
    with pytest.raises(NormsMissing), act_as(citizen_scope(case.citizen)):
        assess_application(application=case.application)
    done = day(date(2027, 1, 5))
    assert done["norms_reruns"] == 0
    with as_worker("test"):
        number = Installment.objects.filter(arrangement=arrangement, state="missed").count()
    assert number >= 1  # the reminders went on as well
    pay_next(arrangement)
    pay_next(arrangement)
    day(date(2027, 1, 7))
    with as_worker("test"):
        after = Arrangement.objects.get(pk=arrangement.pk)
        assert (after.state, after.received_cents) == ("active", 90_00)
        assert sum(line.paid_cents for line in after.lines.all()) == 90_00
        assert not CaseTask.objects.filter(kind__in=["norms_missing", "norms_changed"]).exists()
        assert check_books() == []


def test_the_time_machine_stops_on_the_days_that_norms_ask_for() -> None:
    at(date(2026, 11, 30))
    with as_worker("test"):
        assert next_day_with_work(date(2026, 11, 30)) == date(2026, 12, 2)  # thirty days ahead
        assert next_day_with_work(date(2026, 12, 28)) == date(2026, 12, 29)
        assert next_day_with_work(date(2026, 12, 29)) == YEAR


def test_the_time_machine_makes_a_rerun_each_half_year(settings: LazySettings) -> None:
    settings.ALLOW_EXAMPLE_NORMS = True
    _case, arrangement = running_case(10_000_00, months=6)
    with as_worker("test"):
        advance_to(until=date(2027, 7, 2))
        reruns = NormsRerun.objects.order_by("pk")
        assert [(one.norms_key, one.on_date, one.checked) for one in reruns] == [
            ("2026-07-01", date(2026, 11, 23), 1),
            ("2027-01-01", date(2027, 1, 1), 1),
            ("2027-07-01", date(2027, 7, 1), 1),
        ]
        assert all(one.finished_at for one in reruns)
        arrangement.refresh_from_db()
        assert arrangement.monthly_cents == 45_00
