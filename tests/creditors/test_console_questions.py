"""A question and a second look in the console."""

import pytest
from django.test import Client
from django.urls import reverse

from arrangements.domain.lifecycle import AnswerState
from arrangements.models import Answer
from creditors.models import CreditorMember
from infra import jobs
from tests.factories.answers import asks, looking_again, questioned, replies, says_no
from tests.factories.money import START, at
from tests.factories.people import make_member
from tests.factories.plans import Case, make_case, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday() -> None:
    at(START)


def login(member: CreditorMember) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


def page_of(answer: Answer, name: str = "voorstel") -> str:
    return reverse(f"console:{name}", kwargs={"answer": answer.public_id})


def text(response: object) -> str:
    return response.content.decode().replace("\u00a0", " ")  # type: ignore[attr-defined,no-any-return]  # a test response


def sent() -> Case:
    case = make_case(1_000_00, 2_000_00)
    submitted(case)
    return case


def test_a_clerk_asks_one_question_and_reads_the_reply_on_the_page_of_the_proposal() -> None:
    case = sent()
    client, answer = login(case.members[0]), case.answer_of(0)
    assert case.proposal is not None
    assert page_of(answer, "vraag") in text(client.get(page_of(answer)))
    seen = case.proposal.content_hash
    assert "Schrijf uw vraag op." in text(client.post(page_of(answer, "vraag"), {"seen_hash": seen, "question": " "}))
    long = text(client.post(page_of(answer, "vraag"), {"seen_hash": seen, "question": "waarom " * 60}))
    assert "Gebruik ten hoogste 300 tekens." in long
    assert "waarom waarom" in long
    asked = {"seen_hash": seen, "question": "Waar werkt u?"}
    assert client.post(page_of(answer, "vraag"), asked)["Location"] == page_of(answer)
    # Pressed twice, or from a second tab: the question stands there, once.
    assert client.post(page_of(answer, "vraag"), {**asked, "question": "Anders?"})["Location"] == page_of(answer)
    jobs.run_all()
    page = text(client.get(page_of(answer)))
    assert "Waar werkt u?" in page
    assert "heeft nog niet geantwoord" in page
    assert page_of(answer, "vraag") not in page
    assert page_of(answer, "akkoord") in page
    replies(case, 0, "Bij een bakker.")
    page = text(client.get(page_of(answer)))
    assert "Bij een bakker." in page
    assert client.get(page_of(answer, "vraag"))["Location"] == page_of(answer)


def test_a_question_on_another_version_than_the_one_on_the_screen_is_not_asked() -> None:
    case = sent()
    answer = case.answer_of(0)
    response = login(case.members[0]).post(
        page_of(answer, "vraag"), {"seen_hash": "0" * 64, "question": "Waar werkt u?"}
    )
    assert response.status_code == 409
    assert "Gewijzigd, kijk opnieuw" in text(response)
    assert case.answer_of(0).state == AnswerState.OPEN


def test_after_an_answer_there_is_no_question_and_it_says_who_was_first() -> None:
    case = sent()
    case.say_yes(0)
    colleague = make_member(case.creditors[0], name="Tweede Collega")
    assert case.proposal is not None
    response = login(colleague).post(
        page_of(case.answer_of(0), "vraag"), {"seen_hash": case.proposal.content_hash, "question": "Waar werkt u?"}
    )
    assert response.status_code == 409
    assert "Er is al geantwoord" in text(response)
    assert "Kees Clerk" in text(response)


def test_a_question_is_seen_by_its_own_organisation_only() -> None:
    case = questioned()
    other = login(case.members[1])
    assert other.get(page_of(case.answer_of(0))).status_code == 404
    assert "werkgever" not in text(other.get(page_of(case.answer_of(1))))


def test_who_looks_again_sees_how_many_said_yes_the_earlier_no_and_the_note_and_no_names() -> None:
    case = looking_again()
    page = text(login(case.members[0]).get(page_of(case.answer_of(0))))
    assert "2 van 3 organisaties zeiden al ja." in page
    assert "U zei eerder nee. Reden: Aanbod is lager dan onze norm (noem de norm). Wij vragen 80 %." in page
    assert "Dit is echt alles wat ik kan missen." in page
    assert page_of(case.answer_of(0), "akkoord") in page
    assert page_of(case.answer_of(0), "weigeren") in page
    assert page_of(case.answer_of(0), "saldo-wijkt-af") not in page
    assert case.creditors[1].name not in page


def test_a_second_look_stands_in_the_work_queue_and_its_answer_is_final() -> None:
    case = looking_again()
    client = login(case.members[0])
    assert "wordt opnieuw bekeken" in text(client.get(reverse("console:werkvoorraad")))
    assert case.proposal is not None
    client.post(page_of(case.answer_of(0), "akkoord"), {"seen_hash": case.proposal.content_hash})
    page = text(client.get(page_of(case.answer_of(0))))
    assert "Antwoord: ja." in page
    assert '<p class="utrecht-paragraph">Reden:' not in page
    no = looking_again("Tweede")
    says_no(no, 0)
    page = text(login(no.members[0]).get(page_of(no.answer_of(0))))
    assert "Antwoord: nee." in page
    assert page_of(no.answer_of(0), "akkoord") not in page


def test_asking_is_not_deciding() -> None:
    case = sent()
    asks(case, 0)
    page = text(login(case.members[0]).get(page_of(case.answer_of(0))))
    assert 'data-check="decided"' not in page
