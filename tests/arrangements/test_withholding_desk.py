"""Withholding and refunds in /beheer/: bad files are told line by line, two people give money back."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from arrangements.models import Arrangement, CaseTask, Refund, Withholder, WithholdingFile, WithholdingLine
from arrangements.operations.book_withholding import match_waiting_files
from arrangements.operations.receive_payment import lock_arrangement, receive_transfer
from infra import clock, jobs
from infra.scope import as_worker
from kernel.identifiers import betalingskenmerk
from tests.factories.bank import MUNICIPALITY_IBAN, bank_line, make_withholder
from tests.factories.money import pay_next, running_case
from tests.factories.norms import make_desk

pytestmark = pytest.mark.django_db
NOBODY = betalingskenmerk("999999999999999")
IBAN = "NL20INGB0001234567"


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode().replace("&nbsp;", " ").replace("\u00a0", " "))


def upload(client: Client, withholder: Withholder, content: str, reference: str = "INH-2026-11") -> Any:
    file = SimpleUploadedFile("inhouding.csv", content.encode())
    given = {"withholder": withholder.pk, "reference": reference, "file": file}
    return client.post(reverse("admin:arrangements_withholding"), given)


def test_the_desk_adds_a_municipality_and_a_wrong_account_is_told() -> None:
    client = browser(make_desk())
    address = reverse("admin:arrangements_withholder_add")
    wrong = client.post(address, {"name": "Gemeente Veldhoven", "iban": "NL91ABNA0417164301", "email": ""})
    assert "Deze IBAN bestaat niet" in text_of(wrong)
    assert (
        client.post(address, {"name": "Gemeente Veldhoven", "iban": "nl91 abna 0417 1643 00", "email": ""}).status_code
        == 302
    )
    with as_worker("test"):
        assert Withholder.objects.get().iban == MUNICIPALITY_IBAN


def test_a_wrong_file_keeps_what_was_typed_and_names_every_line() -> None:
    _case, plan = running_case(1_000_00)
    client, withholder = browser(make_desk()), make_withholder()
    page = upload(client, withholder, f"betalingskenmerk;bedrag\n{plan.payment_reference};45,00\nx;1\n{NOBODY};-1\n")
    said = text_of(page)
    assert page.status_code == 400
    assert "Er is niets bewaard" in said
    assert "Regel 3: " in said
    assert "Regel 4: " in said
    assert 'value="INH-2026-11"' in said
    with as_worker("test"):
        assert not WithholdingFile.objects.exists()


def test_a_good_file_waits_its_difference_is_shown_and_it_can_be_taken_back() -> None:
    _case, plan = running_case(1_000_00)
    client, withholder = browser(make_desk()), make_withholder()
    content = f"betalingskenmerk;bedrag\n{plan.payment_reference};45,00\n"
    done = upload(client, withholder, content)
    assert done.status_code == 302
    assert "staat er al in" in text_of(upload(client, withholder, content, "INH-2026-12"))
    bank_line(40_00, iban=MUNICIPALITY_IBAN, text="INH-2026-11")
    said = text_of(client.get(reverse("admin:arrangements_withholding")))
    assert "Verschil: € -5,00" in said
    client.post(done["Location"], {"intrekken": "1"})
    with as_worker("test"):
        assert WithholdingFile.objects.get().state == "withdrawn"
    assert upload(client, withholder, content).status_code == 302


def test_a_line_of_nobody_is_placed_by_a_person_and_a_wrong_reference_stays_typed() -> None:
    _case, plan = running_case(1_000_00)
    client, withholder = browser(make_desk()), make_withholder()
    address = upload(client, withholder, f"betalingskenmerk;bedrag\n{NOBODY};45,00\n")["Location"]
    line = bank_line(45_00, iban=MUNICIPALITY_IBAN, text="INH-2026-11")
    with as_worker("test"):
        assert match_waiting_files(line) is not None
        row = WithholdingLine.objects.get()
    assert "INH-2026-11" in text_of(client.get(reverse("admin:arrangements_withholding")))
    wrong = client.post(address, {"regel": row.pk, "kenmerk": "999"})
    assert wrong.status_code == 409
    assert "niet van een regeling" in text_of(wrong)
    assert 'value="999"' in text_of(wrong)
    assert client.post(address, {"regel": row.pk, "kenmerk": plan.payment_reference}).status_code == 302
    jobs.run_all()
    with as_worker("test"):
        assert Arrangement.objects.get(pk=plan.pk).received_cents == 45_00


def test_money_of_nobody_goes_back_to_the_municipality() -> None:
    client, withholder = browser(make_desk()), make_withholder()
    address = upload(client, withholder, f"betalingskenmerk;bedrag\n{NOBODY};45,00\n")["Location"]
    line = bank_line(45_00, iban=MUNICIPALITY_IBAN, text="INH-2026-11", name="Gemeente Veldhoven")
    with as_worker("test"):
        match_waiting_files(line)
    [link] = re.findall(r'href="([^"]*bankregel=[^"]*)"', client.get(address).content.decode())
    assert "€ 45,00" in text_of(client.get(link))
    assert client.post(link, {"amount": "45"}).status_code == 302
    with as_worker("test"):
        refund = Refund.objects.get()
    assert (refund.iban, refund.reason) == (MUNICIPALITY_IBAN, "unidentified")
    assert "gaat of ging terug" in text_of(client.get(address))


def overpaid() -> Arrangement:
    _case, plan = running_case(100_00)
    line = bank_line(120_00, name="A. de Vries", iban=IBAN)
    with as_worker("test"):
        receive_transfer(
            lock_arrangement(plan.pk), key="x", amount_cents=120_00, received_on=clock.today(), bank_line=line
        )
    return plan


def test_the_task_leads_to_a_form_that_is_filled_in_and_a_second_person_approves() -> None:
    plan = overpaid()
    first, second = make_desk(), make_desk()
    client = browser(first)
    listed = client.get(reverse("admin:arrangements_casetask_changelist")).content.decode()
    [link] = set(re.findall(r'href="([^"]*regeling=\d+)"', listed))
    page = client.get(link)
    said = text_of(page)
    assert 'value="20"' in said or 'value="20,00"' in said
    assert "NL20 INGB 0001 2345 67" in said
    bad = client.post(link, {"reason": "overpaid", "amount": "25", "payment": "", "iban": IBAN, "account_name": "A"})
    assert bad.status_code == 400
    assert "meer dan er terug kan" in text_of(bad)
    assert 'value="25"' in text_of(bad)
    made = client.post(
        link, {"reason": "overpaid", "amount": "20", "payment": "", "iban": IBAN, "account_name": "A. de Vries"}
    )
    assert made.status_code == 302
    look = made["Location"]
    own = client.get(look)
    assert "Een collega keurt haar goed" in text_of(own)
    assert client.post(look, {"goedkeuren": "1", "name_checked": "on"}).status_code == 409
    other = browser(second)
    asked = text_of(other.get(look))
    with as_worker("test"):
        citizen = Arrangement.objects.select_related("citizen").get(pk=plan.pk).citizen
    assert "A. de Vries" in asked
    assert citizen.full_name in asked
    assert "Kijk eerst naar de naam" in text_of(other.post(look, {"goedkeuren": "1"}))
    assert other.post(look, {"goedkeuren": "1", "name_checked": "on"}).status_code == 302
    with as_worker("test"):
        assert Refund.objects.get(arrangement=plan).state == "approved"
    assert client.get(reverse("admin:arrangements_refunds")).status_code == 200


def test_a_payment_by_link_goes_back_without_an_account() -> None:
    _case, plan = running_case(45_00)
    payment = pay_next(plan, amount_cents=60_00)
    client = browser(make_desk())
    address = f"{reverse('admin:arrangements_refund_ask')}?regeling={plan.pk}"
    assert "Via de aanbieder" in text_of(client.get(address))
    given = {"reason": "overpaid", "amount": "15", "payment": str(payment.pk), "iban": "", "account_name": ""}
    assert client.post(address, given).status_code == 302
    with as_worker("test"):
        refund = Refund.objects.get()
        assert CaseTask.objects.filter(kind="refund").exists()
    assert (refund.payment_id, refund.iban) == (payment.pk, "")


@pytest.mark.parametrize("query", ["", "?regeling=x", "?regeling=99999999999999", "?bankregel=0", "?regeling=123"])
def test_a_form_about_nothing_leads_back_to_the_list(query: str) -> None:
    response = browser(make_desk()).get(reverse("admin:arrangements_refund_ask") + query)
    assert response["Location"] == reverse("admin:arrangements_refunds")


def test_nobody_outside_the_desk_sees_these_pages() -> None:
    case, _plan = running_case(100_00)
    client = browser(case.citizen.user)  # type: ignore[arg-type]  # has one
    for name in ("arrangements_withholding", "arrangements_refunds", "arrangements_refund_ask"):
        assert client.get(reverse(f"admin:{name}")).status_code in (302, 403)
