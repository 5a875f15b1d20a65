"""Ways in: a code by mail for whoever comes, a code on paper, the codes of coach and letter; and the pages around it."""

import re
from datetime import date

import pytest
from django.core import mail
from django.test import Client

from accounts.models import Citizen, User
from accounts.operations.invite_client import invite_client
from accounts.operations.paper_code import give_paper_code
from arrangements.models import Claim
from infra import clock
from infra.scope import Scope, act_as
from tests.factories.citizens import logged_in
from tests.factories.people import citizen_scope, make_citizen, make_director
from tests.support.databases import flush_valkey

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh() -> None:
    flush_valkey()
    clock.set_today(date(2026, 11, 23))


def text(response: object) -> str:
    return response.content.decode().replace("\u00a0", " ")  # type: ignore[attr-defined,no-any-return]  # a test response


def mailed_code() -> str:
    found = re.search(r"^(\d{6})$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found
    return found[1]


def test_a_first_address_becomes_a_citizen_after_the_code_and_not_before(client: Client) -> None:
    make_director()
    before = User.objects.count()
    assert client.post("/inloggen/", {"email": "Nieuw@Voorbeeld.example"})["Location"] == "/inloggen/code/"
    assert User.objects.count() == before
    assert mail.outbox[-1].to == ["nieuw@voorbeeld.example"]
    assert "schuld" not in mail.outbox[-1].subject.lower()
    assert client.post("/inloggen/code/", {"code": mailed_code()})["Location"] == "/na-inloggen/"
    assert client.get("/na-inloggen/")["Location"] == "/mijn/begin/"
    user = User.objects.get(email="nieuw@voorbeeld.example")
    with act_as(Scope(user_id=user.pk)):
        assert Citizen.objects.get(user=user).enrolled_on == date(2026, 11, 23)


def test_a_known_and_an_unknown_address_see_the_same_page_and_get_the_same_mail(client: Client) -> None:
    citizen = make_citizen()
    assert citizen.user is not None
    pages, bodies = [], []
    for address in (citizen.user.email, "onbekend@voorbeeld.example"):
        response = client.post("/inloggen/", {"email": address}, follow=True)
        pages.append(re.sub(r'value="[^"]+"', "", text(response)).replace(address, ""))
        bodies.append(str(mail.outbox[-1].body).replace(mailed_code(), ""))
    assert pages[0] == pages[1]
    assert bodies[0] == bodies[1]


def test_a_known_address_comes_back_to_the_page_it_wanted(client: Client) -> None:
    citizen = make_citizen()
    assert citizen.user is not None
    asked = client.get("/mijn/gegevens/")
    assert asked["Location"] == "/inloggen/?next=/mijn/gegevens/"
    client.post("/inloggen/", {"email": citizen.user.email, "next": "/mijn/gegevens/"})
    assert client.post("/inloggen/code/", {"code": mailed_code()})["Location"] == "/mijn/gegevens/"
    assert client.get("/mijn/gegevens/").status_code == 200


def test_a_page_of_another_site_is_not_where_you_land(client: Client) -> None:
    citizen = make_citizen()
    assert citizen.user is not None
    client.post("/inloggen/", {"email": citizen.user.email, "next": "https://elders.example/"})
    assert client.post("/inloggen/code/", {"code": mailed_code()})["Location"] == "/na-inloggen/"


def test_guessing_a_mailed_code_stops_after_five_tries(client: Client) -> None:
    client.post("/inloggen/", {"email": "raad@voorbeeld.example"})
    right = mailed_code()
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(5):
        assert client.post("/inloggen/code/", {"code": wrong}).status_code == 200
    assert client.post("/inloggen/code/", {"code": right})["Location"] == "/inloggen/"
    assert not User.objects.filter(email="raad@voorbeeld.example").exists()


def test_asking_for_a_code_again_and_again_is_slowed_down(client: Client) -> None:
    for _ in range(5):
        client.post("/inloggen/", {"email": "vaak@voorbeeld.example"})
    assert "te vaak geprobeerd" in text(client.post("/inloggen/", {"email": "vaak@voorbeeld.example"}))
    assert len(mail.outbox) == 5


def test_a_code_on_paper_works_once(client: Client) -> None:
    citizen = make_citizen()
    director = make_director()
    with act_as(Scope(user_id=director.user_id, citizen_id=citizen.pk, coach_id=director.pk)):
        code = give_paper_code(citizen=citizen, given_by=director)
    response = client.post("/inloggen/papier/", {"code": f"{code[:4].lower()} {code[4:]}"})
    assert response["Location"] == "/na-inloggen/"
    assert client.get("/mijn/").status_code == 200
    assert "werkt niet" in text(Client().post("/inloggen/papier/", {"code": code}))


def test_guessing_a_code_on_paper_stops_after_five_tries(client: Client) -> None:
    citizen = make_citizen()
    director = make_director()
    with act_as(Scope(user_id=director.user_id, citizen_id=citizen.pk, coach_id=director.pk)):
        code = give_paper_code(citizen=citizen, given_by=director)
    for _ in range(5):
        client.post("/inloggen/papier/", {"code": "ACDEFGHJ"})
    assert "te vaak geprobeerd" in text(client.post("/inloggen/papier/", {"code": code}))


def test_logging_out_is_one_tap_and_ends_on_a_neutral_page(client: Client) -> None:
    logged_in(client)
    assert 'action="/accounts/logout/"' in text(client.get("/mijn/"))
    response = client.post("/accounts/logout/", follow=True)
    assert "U bent uitgelogd" in text(response)
    assert client.get("/mijn/").status_code == 302


def test_a_form_without_a_session_says_what_happened_and_how_to_go_on(client: Client) -> None:
    response = client.post("/mijn/aanvraag/missen/", {"declared_cents": "45"}, follow=True)
    assert "Uw tijd is voorbij" in text(response)
    assert "/inloggen/?next=%2Fmijn%2Faanvraag%2Fmissen%2F" in text(response)


def test_a_stale_form_is_explained_too() -> None:
    strict = Client(enforce_csrf_checks=True)
    response = strict.post("/inloggen/", {"email": "a@voorbeeld.example"})
    assert response.status_code == 403
    assert "Ga verder" in text(response)


def test_the_code_of_a_coach_asks_for_a_yes_before_anything_happens(client: Client) -> None:
    citizen = make_citizen(anchored=False)
    coach = make_director(kind="coach", default=False, name="Sam Visser")
    with act_as(Scope(coach_id=coach.pk, user_id=coach.user_id)):
        _, code = invite_client(coach=coach, label="cliënt", papers_seen=True)
    logged_in(client, citizen)
    assert "werkt niet" in text(client.post("/mijn/coachcode/", {"code": "ACDE-FGHJ"}))
    asked = client.post("/mijn/coachcode/", {"code": code})
    page, seen = text(asked), asked.context["words"].hash
    assert "Mag Sam Visser u helpen?" in page
    with act_as(citizen_scope(citizen)):
        assert not citizen.mandates.exists()
    assert (
        client.post("/mijn/coachcode/", {"code": code, "akkoord": "1", "gezien": seen})["Location"] == "/mijn/helpers/"
    )
    with act_as(citizen_scope(citizen)):
        citizen.refresh_from_db()
        assert citizen.director_id == coach.pk
        assert citizen.anchors.get().kind == "coach"


def test_who_somebody_is_comes_before_the_code_of_a_coach(client: Client) -> None:
    make_director()
    user = User.objects.create_user("kaal@voorbeeld.example")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    client.get("/na-inloggen/")
    assert client.get("/mijn/coachcode/")["Location"] == "/mijn/aanvraag/wie-bent-u/?terug=coachcode"
    who = {
        "first_name": "Kim",
        "family_name": "de Boer",
        "birth_date_0": "3",
        "birth_date_1": "mrt",
        "birth_date_2": "1985",
        "postcode": "1234 ab",
        "house_number": "5 a",
    }
    wrong = client.post("/mijn/aanvraag/wie-bent-u/", who | {"postcode": "12"})
    assert "Deze postcode klopt niet" in text(wrong)
    assert client.post("/mijn/aanvraag/wie-bent-u/?terug=coachcode", who)["Location"] == "/mijn/coachcode/"
    with act_as(Scope(user_id=user.pk)):
        citizen = Citizen.objects.get(user=user)
    assert (citizen.postcode, citizen.birth_date) == ("1234AB", date(1985, 3, 3))


def test_a_code_from_no_letter_opens_nothing(client: Client) -> None:
    citizen = logged_in(client)
    client.post("/mijn/begin/")
    assert "Deze code werkt niet" in text(client.post("/mijn/aanvraag/brief/", {"code": "ACDE-FGHJ"}))
    with act_as(citizen_scope(citizen)):
        assert not Claim.objects.exists()


def test_once_we_know_who_somebody_is_a_form_cannot_change_it(client: Client) -> None:
    citizen = logged_in(client, make_citizen(family_name="Jansen"))
    client.post("/mijn/begin/")
    who = {
        "first_name": "Iemand",
        "family_name": "Anders",
        "birth_date_0": "1",
        "birth_date_1": "1",
        "birth_date_2": "1970",
        "postcode": "9999ZZ",
        "house_number": "1",
    }
    assert client.post("/mijn/aanvraag/wie-bent-u/", who).status_code == 302
    with act_as(citizen_scope(citizen)):
        citizen.refresh_from_db()
        assert citizen.anchors.count() == 1
    assert (citizen.family_name, citizen.postcode) == ("Jansen", "1234AB")
