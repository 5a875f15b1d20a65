"""The pages of two partners who take part together: the code, what is shared, stopping; and guessing, which stops."""

import html
import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from arrangements.operations.tell_partner import TEXTS
from infra import clock
from tests.factories.citizens import acting_coach, fill_in_pages, logged_in
from tests.factories.partners import code_of, leave, share, together
from tests.factories.people import make_citizen
from tests.factories.plans import Case, make_case, submitted
from tests.support import reading
from tests.support.databases import flush_valkey

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh() -> None:
    flush_valkey()
    clock.set_today(date(2026, 11, 23))


def text(response: Any) -> str:
    return html.unescape(response.content.decode())


def of(case: Case) -> Client:
    client = Client()
    logged_in(client, case.citizen)
    return client


def shown_code(client: Client) -> str:
    page = text(client.post("/mijn/partner/code/", follow=True))
    found = re.search(r'data-check="code">([A-Z0-9-]+)<', page)
    assert found, page
    return found[1]


@pytest.fixture
def pair() -> tuple[Case, Case]:
    return make_case(1_000_00, 2_000_00), make_case(3_000_00, 4_000_00)


def test_two_partners_come_together_by_a_code_and_stop(pair: tuple[Case, Case]) -> None:
    anna, bram = of(pair[0]), of(pair[1])
    assert "Maak een code voor uw partner" in text(anna.get("/mijn/partner/"))
    code = shown_code(anna)
    assert code not in text(anna.get("/mijn/partner/code/", follow=True))  # shown once
    assert "Uw partner heeft hem nog niet gebruikt" in text(anna.get("/mijn/partner/"))
    joined = bram.post("/mijn/partner/meedoen/", {"code": code.lower().replace("-", " ")})
    assert joined["Location"] == "/mijn/partner/"
    for client in (anna, bram):
        assert "U doet samen mee met <strong>Jo</strong>" in text(client.get("/mijn/partner/"))
    assert anna.post("/mijn/partner/code/")["Location"] == "/mijn/partner/"
    assert anna.get("/mijn/partner/meedoen/")["Location"] == "/mijn/partner/"
    assert "Wilt u stoppen" in text(bram.get("/mijn/partner/stoppen/"))
    bram.post("/mijn/partner/stoppen/")
    for client in (anna, bram):
        assert "Maak een code voor uw partner" in text(client.get("/mijn/partner/"))
    assert bram.get("/mijn/partner/stoppen/")["Location"] == "/mijn/partner/"


def test_what_is_shared_is_on_the_page_of_both_and_in_the_list_of_organisations(pair: tuple[Case, Case]) -> None:
    anna, bram = of(pair[0]), of(pair[1])
    together(pair[0].citizen, pair[1].citizen)
    claim, creditor = pair[0].claims[1], pair[0].creditors[1]
    shared = anna.post("/mijn/partner/delen/", {"claim": str(claim.public_id), "ground": "RENT"})
    assert shared["Location"] == "/mijn/partner/"
    for address in ("/mijn/partner/", "/mijn/aanvraag/organisaties/"):
        page = text(bram.get(address))
        for seen in ("Dit deelt uw partner met u", creditor.name, claim.reference, "Wij huren samen"):
            assert seen in page, (address, seen)
        for hidden in (pair[0].creditors[0].name, pair[0].claims[0].reference):
            assert hidden not in page, (address, hidden)
        assert "Dit deelt u met uw partner" in text(anna.get(address))
    # In no sum and in no question of the partner's own.
    page = text(bram.get("/mijn/aanvraag/organisaties/"))
    assert f"klopt-{claim.public_id}" not in page
    assert "7.000" in page
    anna.post(f"/mijn/partner/delen/{claim.public_id}/stop/")
    assert creditor.name not in text(bram.get("/mijn/partner/"))


def test_a_claim_of_the_partner_is_not_shared_or_taken_back_by_the_other(pair: tuple[Case, Case]) -> None:
    bram = of(pair[1])
    together(pair[0].citizen, pair[1].citizen)
    share(pair[0].claims[0])
    strange = str(pair[0].claims[0].public_id)
    refused = text(bram.post("/mijn/partner/delen/", {"claim": strange, "ground": "RENT"}))
    assert "Kies een rekening uit de lijst." in refused
    assert "checked" not in refused.split('name="claim"')[1].split("</fieldset>")[0]
    assert bram.post(f"/mijn/partner/delen/{strange}/stop/").status_code == 404
    assert pair[0].creditors[0].name in text(bram.get("/mijn/partner/"))


def test_the_form_says_what_is_missing_and_keeps_what_was_chosen(pair: tuple[Case, Case]) -> None:
    anna = of(pair[0])
    together(pair[0].citizen, pair[1].citizen)
    page = text(anna.post("/mijn/partner/delen/", {"ground": "OTHER"}))
    assert "Kies een rekening." in page
    assert re.search(r'value="OTHER"[^>]*checked', page)
    assert "Kies een reden uit de lijst." in text(
        anna.post("/mijn/partner/delen/", {"claim": str(pair[0].claims[0].public_id), "ground": "LIEFDE"})
    )


def test_sharing_waits_for_proof_of_identity_and_says_what_to_do() -> None:
    case, unproved = make_case(1_000_00), make_citizen(anchored=False)
    together(case.citizen, unproved)
    anna = of(case)
    page = text(anna.get("/mijn/partner/"))
    assert "Delen kan pas als wij weten wie u allebei bent" in page
    assert 'href="/mijn/partner/delen/"' not in page
    answer = anna.post("/mijn/partner/delen/", {"claim": str(case.claims[0].public_id), "ground": "RENT"}, follow=True)
    assert "Wij weten nog niet zeker wie u allebei bent" in text(answer)


def test_the_partner_page_says_what_the_partner_promised_and_nothing_more(pair: tuple[Case, Case]) -> None:
    together(pair[0].citizen, pair[1].citizen)
    submitted(pair[0], declared=123_00)
    bram = of(pair[1])
    page = text(bram.get("/mijn/partner/"))
    assert re.search(r'data-check="promised">.*123', page)
    for hidden in (*(one.name for one in pair[0].creditors), *(one.reference for one in pair[0].claims)):
        assert hidden not in page
    leave(pair[0].citizen)
    assert 'data-check="promised"' not in text(bram.get("/mijn/partner/"))


def test_an_amount_that_no_longer_fits_beside_the_partner_is_not_sent(pair: tuple[Case, Case]) -> None:
    """493,58 can be missed; the partner promises 450,00 after the draft was made, so 45,00 does not fit any more."""
    together(pair[0].citizen, pair[1].citizen)
    bram = of(pair[1])
    fill_in_pages(bram)
    found = re.search(r'name="gezien" value="(\w+)"', text(bram.get("/mijn/aanvraag/controle/")))
    assert found
    submitted(pair[0], declared=450_00)
    answer = bram.post("/mijn/aanvraag/versturen/", {"gezien": found[1]})
    assert answer.status_code == 302
    assert answer["Location"] in ("/mijn/aanvraag/controle/", "/mijn/aanvraag/let-op/")
    assert bram.get("/mijn/aanvraag/verstuurd/")["Location"] == "/mijn/begin/"


# --- guessing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["ACDEFGHJ", "", "x" * 30])
def test_a_code_that_does_not_work_is_said_at_the_field(pair: tuple[Case, Case], typed: str) -> None:
    code_of(pair[0].citizen)
    page = text(of(pair[1]).post("/mijn/partner/meedoen/", {"code": typed}))
    assert page.count('class="utrecht-form-field-error-message field__error"') == 1
    assert not typed or f'value="{typed}"' in page


def test_guessing_the_code_of_a_partner_stops_also_with_the_right_one(pair: tuple[Case, Case]) -> None:
    stranger = of(pair[1])
    code = code_of(pair[0].citizen)
    for _ in range(10):
        assert "Deze code werkt niet" in text(stranger.post("/mijn/partner/meedoen/", {"code": "ACDEFGHJ"}))
    assert "te vaak geprobeerd" in text(stranger.post("/mijn/partner/meedoen/", {"code": code}))
    assert "Maak een code voor uw partner" in text(stranger.get("/mijn/partner/"))


def test_another_login_from_the_same_address_does_not_make_guessing_go_on() -> None:
    answers = []
    for _ in range(5):
        client = Client()
        logged_in(client)
        answers += [text(client.post("/mijn/partner/meedoen/", {"code": "ACDEFGHJ"})) for _ in range(5)]
    assert "te vaak geprobeerd" not in answers[0]
    assert "te vaak geprobeerd" in answers[-1]


def test_a_coach_does_none_of_this_for_the_client(pair: tuple[Case, Case], client: Client) -> None:
    mandate = acting_coach(client, pair[0].citizen)
    together(pair[0].citizen, pair[1].citizen)
    for path in ("", "code/", "meedoen/", "delen/", "stoppen/", f"delen/{pair[0].claims[0].public_id}/stop/"):
        assert client.post(f"/namens/{mandate.public_id}/partner/{path}").status_code in (403, 405)
    assert client.get(f"/namens/{mandate.public_id}/partner/").status_code == 403


@pytest.mark.parametrize("event", sorted(TEXTS))
def test_what_we_write_about_a_partner_is_short_and_says_nothing_on_a_lock_screen(event: str) -> None:
    subject, body = TEXTS[event]
    found = reading.read(f"<main><h1>{subject}.</h1><p>{body}</p></main>")
    assert found.too_long() == []
    assert found.forbidden() == []
    assert [word for word in ("schuld", "betal", "€") if word in subject.lower()] == []
