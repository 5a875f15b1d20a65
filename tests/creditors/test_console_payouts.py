"""The creditor books from its specification, and asks for another account."""

import io
from datetime import date

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from arrangements.models import MoneyRun, PayoutBatch, PayoutLine
from arrangements.operations.return_payout import return_payout_line
from creditors.models import CreditorMember, IbanChange
from infra.scope import as_worker
from kernel.cents import format_euro
from tests.factories.money import pay_next, running_case
from tests.factories.payouts import book_all, build, hand_in
from tests.factories.people import make_creditor, make_member
from tests.factories.plans import Case

pytestmark = pytest.mark.django_db

NEW = "NL20INGB0001234567"


def login(member: CreditorMember) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


@pytest.fixture
def booked() -> tuple[Case, MoneyRun]:
    case, arrangement = running_case(1_000_00, 2_000_00)
    with as_worker("test"):
        type(case.claims[0]).objects.filter(pk=case.claims[0].pk).update(customer_number="=2+3")
    pay_next(arrangement)
    run = hand_in(build())
    book_all(run, date(2026, 12, 8))
    return case, run


def batch_of(case: Case, number: int = 0) -> PayoutBatch:
    with as_worker("test"):
        return PayoutBatch.objects.get(creditor=case.creditors[number])


def address(batch: PayoutBatch, name: str) -> str:
    return reverse(f"console:{name}", kwargs={"payout": batch.public_id})


def test_page_csv_workbook_and_paper_have_the_total_of_the_bank_line(booked: tuple[Case, MoneyRun]) -> None:
    case, _run = booked
    batch = batch_of(case)
    client = login(case.members[0])
    total = format_euro(batch.total_cents, whole=False)
    assert total in client.get(address(batch, "uitbetaling")).content.decode()
    csv = client.get(address(batch, "specificatie")).content.decode("utf-8-sig")
    assert sum(int(line.rsplit(";", 1)[1].replace(",", "")) for line in csv.splitlines()[1:]) == batch.total_cents
    sheet = load_workbook(io.BytesIO(client.get(address(batch, "specificatie-xlsx")).content)).active
    assert sheet is not None
    rows = list(sheet.iter_rows())
    assert rows[1][0].value == "'=2+3"
    assert rows[1][0].data_type == "s"
    assert [row[6].data_type for row in rows[1:]] == ["n"] * len(rows[1:])
    assert round(float(rows[-1][6].value) * 100) == batch.total_cents  # type: ignore[arg-type]  # a number cell
    first, second = (client.get(address(batch, "specificatie-pdf")) for _ in range(2))
    assert first.content.startswith(b"%PDF")
    assert first.content == second.content


def test_what_came_back_is_marked_and_the_total_stays_the_bank_line(booked: tuple[Case, MoneyRun]) -> None:
    case, _run = booked
    batch = batch_of(case)
    with as_worker("test"):
        line = PayoutLine.objects.get(batch=batch)
        return_payout_line(end_to_end_id=line.end_to_end_id, reason="AC04", booked_on=date(2026, 12, 9))
    client = login(case.members[0])
    page = client.get(address(batch, "uitbetaling")).content.decode()
    assert "kwam terug op 09-12-2026" in page
    assert format_euro(batch.total_cents, whole=False) in page
    overview = client.get(reverse("console:uitbetalingen")).content.decode()
    assert "Wij betalen nu niet aan u." in overview


def test_what_may_still_be_withdrawn_is_not_shown() -> None:
    case, arrangement = running_case(1_000_00)
    pay_next(arrangement)
    build()
    batch = batch_of(case)
    client = login(case.members[0])
    assert batch.number not in client.get(reverse("console:uitbetalingen")).content.decode()
    assert client.get(address(batch, "uitbetaling")).status_code == 404


def test_another_creditor_gets_none_of_the_files(booked: tuple[Case, MoneyRun]) -> None:
    case, _run = booked
    stranger = login(make_member(make_creditor(), role="manager"))
    for name in ("uitbetaling", "specificatie", "specificatie-xlsx", "specificatie-pdf"):
        assert stranger.get(address(batch_of(case), name)).status_code == 404


def test_a_manager_asks_for_another_account_in_two_steps_and_takes_it_back() -> None:
    creditor = make_creditor()
    client = login(make_member(creditor, role="manager"))
    page = reverse("console:rekening")
    wrong = client.post(page, {"iban": "NL20INGB0001234568"})
    assert isinstance(wrong, HttpResponse)
    assert "Deze IBAN bestaat niet" in wrong.content.decode()
    assert "NL20INGB0001234568" in wrong.content.decode()
    sure = client.post(page, {"iban": "NL20 INGB 0001 2345 67"}).content.decode()
    assert "Klopt dit?" in sure
    assert not IbanChange._base_manager.exists()
    assert client.post(page, {"iban": NEW, "zeker": "1"}).status_code == 302
    assert NEW in client.get(page).content.decode()
    with as_worker("test"):
        change = IbanChange.objects.get()
    other = login(make_member(make_creditor(), role="manager"))
    back = reverse("console:rekening-intrekken", kwargs={"iban_change": change.public_id})
    assert other.post(back).status_code == 404
    assert client.post(back).status_code == 302
    with as_worker("test"):
        assert IbanChange.objects.get().state == "withdrawn"


def test_a_clerk_does_not_get_to_the_account() -> None:
    creditor = make_creditor()
    client = login(make_member(creditor))
    assert client.get(reverse("console:rekening")).status_code == 403
    assert "Ander rekeningnummer" not in client.get(reverse("console:uitbetalingen")).content.decode()
