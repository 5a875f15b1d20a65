"""A question, a second look, the last day and a new start, as the citizen and the coach see them; and what still is missing."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from arrangements.domain.lifecycle import AnswerState, ProposalState
from arrangements.models import Application, Claim, Proposal
from arrangements.operations.application import save_answers, withdraw_consent
from arrangements.operations.assess_application import assess_application
from arrangements.operations.collect_claims import add_claim
from arrangements.operations.make_proposal import make_draft
from arrangements.operations.submit_proposal import NotComplete, NotCovered, NotIdentified, submit_proposal
from arrangements.queries import submission_gaps as gaps
from arrangements.queries.submission_gaps import submission_gaps
from citizen_portal.citizen_urls import urlpatterns
from citizen_portal.gaps import page_of
from infra.scope import act_as
from tests.factories.answers import lapsed, looking_again, now_at, questioned, refused, replied, with_gaps
from tests.factories.citizens import acting_coach, fill_in_pages, logged_in
from tests.factories.money import START, at
from tests.factories.people import citizen_scope, make_citizen, make_creditor
from tests.factories.plans import Case, agreed, fill_in, make_case

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday() -> None:
    at(START)


def text(response: object) -> str:
    return response.content.decode().replace("\u00a0", " ")  # type: ignore[attr-defined,no-any-return]  # a test response


# --- a question -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("coach", [False, True])
def test_a_question_is_read_and_answered_in_own_words_by_the_citizen_or_the_coach(
    client: Client, *, coach: bool
) -> None:
    case = questioned()
    if coach:
        mandate = acting_coach(client, case.citizen)
        base = f"/namens/{mandate.public_id}/"
    else:
        logged_in(client, case.citizen)
        base = "/mijn/"
        assert "Er is een vraag voor u" in text(client.get(base))
    address = f"{base}voorstel/vraag/{case.answer_of(0).public_id}/"
    assert address in text(client.get(f"{base}voorstel/"))
    assert "Bij welke werkgever werkt u nu?" in text(client.get(address))
    empty = client.post(address, {"reply": " "})
    assert "Schrijf een antwoord." in text(empty)
    long = client.post(address, {"reply": "woord " * 120})
    assert "Maak uw tekst korter" in text(long)
    assert "woord woord woord" in text(long)  # what was typed is kept
    assert client.post(address, {"reply": "Bij een bakker."})["Location"] == f"{base}voorstel/"
    assert case.answer_of(0).state == AnswerState.OPEN
    # The back button: closed already, with what was said.
    again = client.post(address, {"reply": "Iets anders."}, follow=True)
    assert "Deze vraag is al klaar" in text(again)
    assert case.answer_of(0).reply == "Bij een bakker."


def test_somebody_elses_question_is_not_found(client: Client) -> None:
    case = replied()
    logged_in(client, make_citizen(family_name="Ander"))
    assert client.get(f"/mijn/voorstel/vraag/{case.answer_of(0).public_id}/").status_code == 404


# --- a second look --------------------------------------------------------------------------------------------------


def test_after_a_no_the_citizen_asks_once_to_look_again(client: Client) -> None:
    case = refused()
    logged_in(client, case.citizen)
    address = f"/mijn/voorstel/nog-eens/{case.answer_of(0).public_id}/"
    choice = reverse("mijn:keuze", kwargs={"answer": case.answer_of(0).public_id})
    assert choice in text(client.get("/mijn/voorstel/"))
    assert address in text(client.get(choice))
    assert "U mag één keer vragen" in text(client.get(address))
    assert client.post(address, {"note": "Dit is alles."})["Location"] == "/mijn/voorstel/"
    assert case.answer_of(0).reconsideration_note == "Dit is alles."
    page = text(client.get("/mijn/voorstel/"))
    assert "Kijkt nog een keer" in page
    assert address not in page
    assert client.get(address)["Location"] == "/mijn/voorstel/"


def test_one_that_already_looks_again_is_not_asked_twice(client: Client) -> None:
    case = looking_again()
    logged_in(client, case.citizen)
    client.post(f"/mijn/voorstel/nog-eens/{case.answer_of(0).public_id}/", {"note": "Anders."})
    assert case.answer_of(0).reconsideration_note == "Dit is echt alles wat ik kan missen."


# --- the end, and a way back -----------------------------------------------------------------------------------------


def test_the_last_day_stands_on_the_page_of_the_proposal(client: Client) -> None:
    case = questioned()
    logged_in(client, case.citizen)
    page = text(client.get("/mijn/voorstel/"))
    assert re.search(r"Dit voorstel geldt tot en met (\w+ )?23 maart 2027", page)
    assert START + timedelta(days=120) == START.replace(year=2027, month=3, day=23)


def test_a_lapsed_proposal_leads_to_a_new_start_with_the_old_answers(client: Client) -> None:
    case = lapsed()
    logged_in(client, case.citizen)
    assert "Uw voorstel is gestopt" in text(client.get("/mijn/"))
    page = text(client.get("/mijn/voorstel/"))
    assert "Opnieuw beginnen" in page
    assert "Wij maken een nieuw voorstel" not in page
    assert client.post("/mijn/voorstel/opnieuw/")["Location"] == "/mijn/aanvraag/controle/"
    page = text(client.get("/mijn/aanvraag/controle/"))
    assert "€ 1.900" in page
    assert "U gaf nog geen toestemming." in page
    assert client.post("/mijn/voorstel/opnieuw/")["Location"] == "/mijn/aanvraag/controle/"
    with act_as(citizen_scope(case.citizen)):
        assert Application.objects.count() == 2


def test_an_agreed_proposal_can_still_be_stopped_until_it_is_signed(client: Client) -> None:
    case = make_case(1_000_00)
    agreed(case)
    logged_in(client, case.citizen)
    assert "/mijn/voorstel/stoppen/" in text(client.get("/mijn/voorstel/"))
    client.post("/mijn/voorstel/stoppen/")
    assert now_at(case).state == ProposalState.WITHDRAWN
    signed = make_case(1_000_00)
    agreed(signed)
    signed.sign()
    logged_in(client, signed.citizen)
    assert "/mijn/voorstel/stoppen/" not in text(client.get("/mijn/voorstel/"))
    client.post("/mijn/voorstel/stoppen/")
    assert now_at(signed).state == ProposalState.AGREED


# --- what is missing -------------------------------------------------------------------------------------------------


def _draft(case: Case, **answers: object) -> Proposal:
    fill_in(case, **answers)  # type: ignore[arg-type]  # passes the two integers through
    with act_as(citizen_scope(case.citizen)):
        return make_draft(application=case.application, assessment=assess_application(application=case.application))


def _facts(case: Case, proposal: Proposal | None = None) -> list[str]:
    with act_as(citizen_scope(case.citizen)):
        return [gap.fact for gap in submission_gaps(Application.objects.get(closed_at=None), proposal)]


def test_every_gap_of_an_empty_application_is_named_at_once_in_the_order_of_the_questions() -> None:
    citizen = make_citizen(anchored=False)
    case = make_case(citizen=citizen)
    with act_as(citizen_scope(citizen)):
        withdraw_consent(application=case.application)
    assert _facts(case) == [
        gaps.IDENTITY,
        gaps.CONSENT,
        gaps.CLAIMS,
        "situation",
        "net_income_cents",
        "declared_cents",
        "taxable_income_cents",
        gaps.CIRCUMSTANCES,
    ]


def test_nothing_is_missing_when_everything_is_there() -> None:
    case = make_case(1_000_00)
    assert _facts(case, _draft(case)) == []


def test_every_fact_that_can_be_missing_has_words_and_a_page_that_exists() -> None:
    names = {str(one.name) for one in urlpatterns}
    for fact in (*gaps.ABOUT_THE_AMOUNT, gaps.NAME, gaps.IDENTITY, gaps.CONSENT, gaps.CLAIMS, gaps.CIRCUMSTANCES):
        assert page_of(fact) in names, fact
    assert page_of(gaps.CLAIM_AMOUNT) in names


@pytest.mark.parametrize(
    ("change", "fact"),
    [
        ({"net_income_cents": 1_200_00}, gaps.ASSESSMENT),
        ({"declared_cents": 40_00}, gaps.ASSESSMENT),
        ({"net_income_cents": None}, "net_income_cents"),
        ({"taxable_income_cents": None}, "taxable_income_cents"),
    ],
)
def test_what_changed_after_the_draft_is_a_gap_and_nothing_is_sent(change: dict[str, object], fact: str) -> None:
    case = make_case(10_000_00)
    proposal = _draft(case)
    with act_as(citizen_scope(case.citizen)):
        save_answers(application=case.application, answers=change)
        with pytest.raises(NotCovered) as refusal:
            submit_proposal(proposal=proposal)
    assert fact in [gap.fact for gap in refusal.value.gaps]


def test_circumstances_nobody_asked_about_keep_a_proposal_back() -> None:
    case = make_case(1_000_00)
    proposal = _draft(case)
    with act_as(citizen_scope(case.citizen)):
        row = Application.objects.get(pk=case.application.pk)
        del row.entered_by["uncertain"]
        row.save()
        with pytest.raises(NotComplete) as refusal:
            submit_proposal(proposal=proposal)
    assert [gap.fact for gap in refusal.value.gaps] == [gaps.CIRCUMSTANCES]


def test_all_gaps_come_with_the_refusal_also_when_nobody_knows_who_this_is() -> None:
    case = make_case(1_000_00, citizen=make_citizen(anchored=False))
    proposal = _draft(case)
    with act_as(citizen_scope(case.citizen)):
        withdraw_consent(application=case.application)
        with pytest.raises(NotIdentified) as refusal:
            submit_proposal(proposal=proposal)
    assert [gap.fact for gap in refusal.value.gaps] == [gaps.IDENTITY, gaps.CONSENT]


def test_an_amount_nobody_knows_is_asked_for_ten_working_days_and_then_holds_nobody_up() -> None:
    case = make_case(1_000_00)
    other = make_creditor("Zorg Goed")
    with act_as(citizen_scope(case.citizen)):
        add_claim(citizen=case.citizen, creditor_name="zorg goed", told_cents=None)
    proposal = _draft(case)
    with act_as(citizen_scope(case.citizen)):
        found = submission_gaps(Application.objects.get(), proposal)
    assert [gap.text for gap in found] == ["Wij missen het bedrag van Zorg Goed."]
    at(START + timedelta(days=15))
    assert _facts(case, proposal) == []
    # Naming it again, with the amount, is no second claim.
    with act_as(citizen_scope(case.citizen)):
        add_claim(citizen=case.citizen, creditor_name="Zorg Goed", told_cents=300_00)
        assert Claim.objects.get(creditor=other).told_cents == 300_00


def test_the_check_page_links_every_gap_to_the_page_where_it_is_filled_in(client: Client) -> None:
    citizen = logged_in(client, with_gaps())
    assert fill_in_pages(client) == "/mijn/aanvraag/voorstel/"
    page = text(client.get("/mijn/aanvraag/controle/"))
    links = dict(
        re.findall(r'<li><a class="utrecht-link" href="/mijn/aanvraag/([a-z/-]+)/\?terug=controle">([^<]+)</a>', page)
    )
    assert list(links) == ["brief", "toestemming", "organisaties/toevoegen"]
    assert page.index("Dit moet nog eerst") < page.index("Verstuur mijn voorstel")
    proposal_hash = re.search(r'name="gezien" value="([0-9a-f]{64})"', page)
    assert proposal_hash is not None
    assert client.post("/mijn/aanvraag/versturen/", {"gezien": proposal_hash[1]}).status_code == 302
    with act_as(citizen_scope(citizen)):
        assert not Proposal.objects.exclude(state=ProposalState.DRAFT).exists()
