"""The pay day: optional, warned about when it comes just before the income, and kept when somebody insists."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from arrangements.models import Application, Arrangement, Installment, Proposal
from arrangements.operations.reminders import remind_payments
from arrangements.operations.sign_arrangement import agreement_hash, first_due_date
from infra import clock, jobs
from infra.models import Message
from infra.scope import act_as, as_worker
from tests.factories.citizens import fill_in_pages, logged_in
from tests.factories.people import citizen_scope
from tests.factories.plans import Case, agreed, make_case

pytestmark = pytest.mark.django_db

PAGE = "/mijn/aanvraag/betaaldag/"


@pytest.fixture(autouse=True)
def _november() -> None:
    clock.set_today(date(2026, 11, 23))


def text(response: Any) -> str:
    body: str = response.content.decode().replace("\u00a0", " ")
    return body


@pytest.fixture
def case(client: Client) -> Case:
    made = make_case(1_000_00, 2_000_00)
    logged_in(client, made.citizen)
    assert fill_in_pages(client) == "/mijn/aanvraag/voorstel/"
    return made


def days(case: Case) -> tuple[int | None, int | None, int | None]:
    """Income day and pay day of the application, pay day of the draft."""
    with act_as(citizen_scope(case.citizen)):
        application = Application.objects.get()
        return application.income_day, application.pay_day, Proposal.objects.get().pay_day


def test_nobody_has_to_choose_and_then_it_is_the_first_of_the_month(client: Client, case: Case) -> None:
    page = text(client.get("/mijn/aanvraag/voorstel/"))
    assert "U betaalt op dag 1 van de maand." in page
    assert PAGE in page
    assert days(case) == (None, None, None)


def test_without_a_wish_it_becomes_the_day_after_the_income(client: Client, case: Case) -> None:
    assert client.post(PAGE, {"income_day": "24", "pay_day": ""})["Location"] == "/mijn/aanvraag/voorstel/"
    assert days(case) == (24, 25, 25)
    assert "U betaalt op dag 25 van de maand." in text(client.get("/mijn/aanvraag/voorstel/"))
    form = client.get(PAGE).context["form"]
    assert (form["income_day"].value(), form["pay_day"].value()) == (24, 25)


def test_not_knowing_is_an_answer_and_the_wish_still_counts(client: Client, case: Case) -> None:
    assert client.post(PAGE, {"unknown": "on", "pay_day": ""}).status_code == 302
    assert days(case) == (None, None, None)
    assert client.get(PAGE).context["form"]["unknown"].value() is True
    assert client.post(PAGE, {"unknown": "on", "pay_day": "12"}).status_code == 302
    assert days(case) == (None, 12, 12)


def test_a_day_just_before_the_income_is_warned_about_and_the_day_after_is_offered_first(
    client: Client, case: Case
) -> None:
    response = client.post(PAGE, {"income_day": "24", "pay_day": "22"})
    assert response.status_code == 200
    page = text(response)
    assert "Let op: uw betaaldag is kort voor uw inkomen." in page
    assert 0 < page.index("Dag 25: na uw inkomen") < page.index("Toch dag 22")
    # Typed text stays, and nothing is saved yet.
    assert 'value="24"' in page
    assert 'value="22"' in page
    assert days(case) == (None, None, None)
    given = {"income_day": "24", "pay_day": "22", "chosen": "25"}
    assert client.post(PAGE, given)["Location"] == "/mijn/aanvraag/voorstel/"
    assert days(case) == (24, 25, 25)


def test_somebody_may_keep_that_day_by_choosing_it_a_second_time(client: Client, case: Case) -> None:
    assert client.post(PAGE, {"income_day": "24", "pay_day": "22", "chosen": "22"}).status_code == 302
    assert days(case) == (24, 22, 22)


def test_a_choice_about_another_day_is_no_choice_about_this_one(client: Client, case: Case) -> None:
    assert client.post(PAGE, {"income_day": "24", "pay_day": "23", "chosen": "22"}).status_code == 200
    assert days(case) == (None, None, None)


@pytest.mark.parametrize(("income", "pay"), [("1", "28"), ("31", "26"), ("2", "27")])
def test_the_end_of_the_month_is_no_gap_in_the_warning(client: Client, case: Case, income: str, pay: str) -> None:
    assert client.post(PAGE, {"income_day": income, "pay_day": pay}).status_code == 200


@pytest.mark.parametrize(
    ("given", "says", "stays"),
    [
        ({"income_day": "32", "pay_day": ""}, "Vul een dag in van 1 tot en met 31.", "32"),
        ({"income_day": "24", "pay_day": "29"}, "Vul een dag in van 1 tot en met 28.", "29"),
        ({"income_day": "24", "pay_day": "0"}, "Vul een dag in van 1 tot en met 28.", "0"),
        ({"income_day": "vrijdag", "pay_day": ""}, "Vul een dag in van 1 tot en met 31.", "vrijdag"),
        ({"income_day": "-4", "pay_day": ""}, "Vul een dag in van 1 tot en met 31.", "-4"),
        ({"income_day": "٢٤", "pay_day": ""}, "Vul een dag in van 1 tot en met 31.", "٢٤"),
        ({"income_day": "", "pay_day": "5"}, "Vul een dag in. Of kies: dat weet ik niet.", "5"),
        (
            {"income_day": "24", "unknown": "on", "pay_day": "5"},
            "Kies één antwoord: een dag, of dat weet ik niet.",
            "24",
        ),
    ],
)
def test_a_day_that_cannot_be_gets_a_sentence_at_the_field_and_stays_as_typed(
    client: Client, case: Case, given: dict[str, str], says: str, stays: str
) -> None:
    response = client.post(PAGE, given)
    assert response.status_code == 200
    page = text(response)
    assert page.count(says) == 2  # in the summary and at the field
    assert f'value="{stays}"' in page
    assert days(case) == (None, None, None)


@pytest.mark.parametrize("typed", ["24", "dag 24", "24e", " 24. "])
def test_a_day_may_be_written_as_people_write_it(client: Client, case: Case, typed: str) -> None:
    assert client.post(PAGE, {"income_day": typed, "pay_day": ""}).status_code == 302
    assert days(case)[0] == 24


def test_changing_it_from_the_check_page_comes_back_there(client: Client, case: Case) -> None:
    page = text(client.get("/mijn/aanvraag/controle/"))
    assert "Dag 1 van de maand" in page
    assert f"{PAGE}?terug=controle" in page
    answer = client.post(f"{PAGE}?terug=controle", {"income_day": "24", "pay_day": ""})
    assert answer["Location"] == "/mijn/aanvraag/controle/"
    assert "Dag 25 van de maand" in text(client.get("/mijn/aanvraag/controle/"))


def test_without_an_application_there_is_nothing_to_choose(client: Client) -> None:
    logged_in(client)
    assert client.get(PAGE)["Location"] == "/mijn/begin/"


def test_every_due_date_is_on_the_day_that_was_chosen_and_the_reminder_follows_it(client: Client) -> None:
    case = make_case(1_000_00, 2_000_00)
    agreed(case, income_day=27, pay_day=28)
    assert case.proposal is not None
    assert case.proposal.pay_day == 28
    # Five days are not enough: the first of the dates is a month later.
    assert first_due_date(date(2026, 11, 23), 28) == date(2026, 12, 28)
    logged_in(client, case.citizen)
    page = text(client.get("/mijn/regeling/overeenkomst/"))
    assert "dag 28 van de maand" in page
    assert "op 28 december 2026" in page
    arrangement = case.sign()
    jobs.run_all()
    with act_as(citizen_scope(case.citizen)):
        due = list(Installment.objects.order_by("number").values_list("due_date", flat=True))
        signed = Arrangement.objects.get()
        assert signed.agreement_hash == agreement_hash(case.proposal, date(2026, 11, 23))
    assert signed.first_due_date == due[0] == date(2026, 12, 28)
    assert {day.day for day in due} == {28}
    assert (due[2], due[-1]) == (date(2027, 2, 28), date(2029, 11, 28))
    assert len(due) == arrangement.months
    with as_worker("test"):
        assert remind_payments(today=date(2026, 12, 24)) == 0
        assert remind_payments(today=date(2026, 12, 25)) == 1
        told = Message.objects.filter(kind="payment_reminder").get()
    assert "Op 28 december 2026 is uw betaaldag." in told.body


def test_a_pay_day_that_is_far_enough_begins_in_the_same_month() -> None:
    clock.set_today(date(2026, 11, 2))
    case = make_case(1_000_00)
    agreed(case, pay_day=20)
    assert case.sign().first_due_date == date(2026, 11, 20)
