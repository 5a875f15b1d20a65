"""How somebody pays, as they read it: by link, by own transfer, by withholding; and money that comes back."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from arrangements.models import Arrangement, Installment, Payment, Refund
from arrangements.models.arrangement import PayWay
from arrangements.operations.ask_refund import approve_refund, ask_refund
from arrangements.operations.book_withholding import match_waiting_files
from arrangements.operations.climb_ladder import climb_ladder
from arrangements.operations.import_withholding import import_withholding
from arrangements.operations.receive_payment import lock_arrangement, receive_transfer
from arrangements.operations.refresh_payment import refresh_payment
from arrangements.operations.reminders import remind_payments
from arrangements.payments import demobank
from arrangements.queries.overdue import overdue
from infra import clock, jobs
from infra.models import Message
from infra.scope import Scope, act_as, as_worker
from kernel.identifiers import in_fours
from tests.factories.bank import MUNICIPALITY_IBAN, bank_line, make_withholder
from tests.factories.beslag import day
from tests.factories.money import next_open, open_link, pay_next, running_case
from tests.factories.norms import make_desk
from tests.factories.plans import Case

pytestmark = pytest.mark.django_db
TRANSFER = "/mijn/betalen/overmaken/"


def browser(case: Case) -> Client:
    client = Client()
    client.force_login(case.citizen.user, backend="django.contrib.auth.backends.ModelBackend")  # type: ignore[arg-type]  # has one
    return client


def text_of(response: Any) -> str:
    html = response.content.decode().replace("&nbsp;", " ").replace("\u00a0", " ")
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def paying(way: PayWay) -> tuple[Case, Arrangement]:
    case, plan = running_case(10_000_00)
    with as_worker("test"):
        Arrangement.objects.filter(pk=plan.pk).update(pay_way=way)
        plan.refresh_from_db()
    return case, plan


def transferred(plan: Arrangement, cents: int, key: str = "line") -> None:
    with as_worker("test"):
        receive_transfer(lock_arrangement(plan.pk), key=key, amount_cents=cents, received_on=clock.today())


def test_everybody_finds_account_amount_reference_and_date_for_an_own_transfer() -> None:
    case, plan = running_case(10_000_00)
    client = browser(case)
    assert TRANSFER in client.get("/mijn/betalen/").content.decode()
    said = text_of(client.get(TRANSFER))
    for part in (
        "Stichting Derdengelden Eén Plan",
        "NL02 ABNA 0123 4567 89",
        in_fours(plan.payment_reference),
        "45,00 euro",
        "1 december 2026",
    ):
        assert part in said


def test_who_transfers_sees_that_first_and_may_still_use_a_link() -> None:
    case, _plan = paying(PayWay.TRANSFER)
    said = text_of(browser(case).get("/mijn/betalen/"))
    assert said.index("Zelf overmaken") < said.index("Betalen met iDEAL")


def test_the_page_leads_back_when_there_is_nothing_to_pay() -> None:
    case, plan = running_case(45_00)
    pay_next(plan)
    assert browser(case).get(TRANSFER)["Location"].endswith("/mijn/betalen/")


def test_the_link_in_a_message_leads_to_the_own_transfer_and_shows_no_reference() -> None:
    case, plan = running_case(10_000_00)
    page = Client().get(f"/b/{next_open(plan).pay_token}/")
    assert TRANSFER in page.content.decode()
    assert plan.payment_reference not in page.content.decode()
    assert case.citizen.family_name not in page.content.decode()


def test_the_reminder_of_who_transfers_names_all_that_is_needed_and_no_reference_in_the_subject() -> None:
    _case, plan = paying(PayWay.TRANSFER)
    with as_worker("test"):
        remind_payments(today=date(2026, 11, 28))
        [mail] = Message.objects.filter(kind="payment_reminder")
    assert in_fours(plan.payment_reference) in mail.body
    assert "NL02 ABNA 0123 4567 89" in mail.body
    assert "45 euro" in mail.body
    assert "/b/" not in mail.body
    assert not re.search(r"\d", mail.subject)


def test_who_pays_by_withholding_gets_no_link_and_does_nothing() -> None:
    case, _plan = paying(PayWay.WITHHELD)
    with as_worker("test"):
        remind_payments(today=date(2026, 11, 28))
        [mail] = Message.objects.filter(kind="payment_reminder")
    assert "/b/" not in mail.body
    assert "U hoeft niets te doen" in mail.body
    client = browser(case)
    for address in ("/mijn/", "/mijn/betalen/", "/mijn/betalingen/"):
        assert "De gemeente houdt" in text_of(client.get(address))


def test_the_ladder_waits_for_the_municipality_and_then_asks_the_municipality_first() -> None:
    case, plan = paying(PayWay.WITHHELD)
    day(date(2026, 12, 15))
    with as_worker("test"):
        assert climb_ladder(today=date(2026, 12, 15)) == 0
        assert Installment.objects.get(arrangement=plan, number=1).state == "open"
        assert overdue(plan.pk, date(2026, 12, 15)) == []
    assert "nog niet gekregen" not in text_of(browser(case).get("/mijn/"))
    day(date(2026, 12, 18))
    with as_worker("test"):
        assert Installment.objects.get(arrangement=plan, number=1).state == "missed"
        assert not Message.objects.filter(kind="payment_missed").exists()
        [task] = case.citizen.tasks.filter(kind="withholding")
        assert "Bel de gemeente" in task.text
        [late] = overdue(plan.pk, date(2026, 12, 18))
    assert late.days == 3
    assert "Wij vragen de gemeente" in text_of(browser(case).get("/mijn/"))


def test_a_transfer_closes_the_link_that_is_open() -> None:
    case, plan = running_case(10_000_00)
    payment = open_link(case.citizen, next_open(plan))
    transferred(plan, 45_00)
    jobs.run_all()
    with as_worker("test"):
        assert Payment.objects.get(pk=payment.pk).state == "failed"
    assert "Dit is al betaald" in text_of(Client().get(f"/b/{_token(plan, 1)}/"))


def _token(plan: Arrangement, number: int) -> str:
    with as_worker("test"):
        return str(Installment.objects.get(arrangement=plan, number=number).pay_token)


def test_more_than_this_month_pays_the_next_months_and_nothing_goes_back() -> None:
    _case, plan = running_case(10_000_00)
    transferred(plan, 100_00)
    with as_worker("test"):
        rows = list(
            Installment.objects.filter(arrangement=plan).order_by("number").values_list("paid_cents", flat=True)
        )
    assert rows[:4] == [45_00, 45_00, 10_00, 0]


def test_a_second_payment_of_a_paid_month_is_shown_as_extra_and_pays_the_next_month() -> None:
    case, plan = running_case(10_000_00)
    payment = open_link(case.citizen, next_open(plan))
    transferred(plan, 45_00)
    demobank.pay(payment.provider_id, notify=False)
    with as_worker("test"):
        refresh_payment(payment_id=payment.pk)
    assert next_open(plan).number == 3
    page = browser(case).get("/mijn/betalingen/").content.decode()
    assert 'data-check="extra"' in page
    assert "zelf overgemaakt" in page


def test_the_citizen_reads_who_withheld() -> None:
    case, plan = paying(PayWay.WITHHELD)
    user, municipality = make_desk(), make_withholder()
    content = f"betalingskenmerk;bedrag\n{plan.payment_reference};45,00\n".encode()
    with act_as(Scope(user_id=user.pk, desk=True, reason="test")):
        import_withholding(withholder=municipality, reference="INH-2026-11", content=content, user=user)
    line = bank_line(45_00, iban=MUNICIPALITY_IBAN, text="INH-2026-11")
    with as_worker("test"):
        match_waiting_files(line)
    assert "ingehouden door Gemeente Veldhoven" in text_of(browser(case).get("/mijn/betalingen/"))


def test_the_citizen_sees_what_comes_back_and_when() -> None:
    case, plan = running_case(45_00)
    transferred(plan, 60_00)
    first, second = make_desk(), make_desk()
    with act_as(Scope(user_id=first.pk, citizen_id=case.citizen.pk, desk=True, reason="test")):
        refund = ask_refund(
            reason=Refund.Reason.OVERPAID,
            user=first,
            arrangement=plan,
            amount_cents=15_00,
            iban="NL20INGB0001234567",
            account_name="A",
        )
    client = browser(case)
    page = text_of(client.get("/mijn/betalingen/"))
    assert "Hiervan krijgt u € 15,00 terug" in page
    assert "Geld dat u terugkrijgt" not in page
    with act_as(Scope(user_id=second.pk, citizen_id=case.citizen.pk, desk=True, reason="test")):
        approve_refund(refund=refund, user=second)
    page = text_of(client.get("/mijn/betalingen/"))
    assert "€ 15,00 op rekening …4567" in page
    assert "ongeveer 5 werkdagen" in page
