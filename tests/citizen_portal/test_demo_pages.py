"""The demo's own pages: there in the demo, nowhere else."""

import pytest
from django.conf import LazySettings
from django.test import Client

from citizen_portal.demo.personas import PERSONAS, sign_in_path
from infra import jobs, scope
from infra.models import DemoPost, Job

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/demo/", "/demo/post/", "/demo/tijd/", "/demo/boeken/", sign_in_path("anja")])
def test_outside_the_demo_nothing_is_there(settings: LazySettings, path: str) -> None:
    settings.DEMO = False
    assert Client().get(path).status_code == 404
    assert Client().post(path).status_code in (404, 405)


@pytest.mark.usefixtures("cast")
@pytest.mark.parametrize("slug", sorted(PERSONAS))
def test_one_click_signs_in_as_the_person(slug: str) -> None:
    client = Client()
    answer = client.get(sign_in_path(slug))
    assert answer.status_code == 302
    assert answer["Location"] == PERSONAS[slug].lands_on
    assert client.session["_auth_user_id"]


@pytest.mark.usefixtures("cast")
def test_every_tour_leads_to_pages_that_open() -> None:
    page = Client().get("/demo/")
    assert page.status_code == 200
    for tour in page.context["tours"]:
        assert 5 <= len(tour["steps"]) <= 7
        for row in tour["steps"]:
            if row["link"]:
                answer = Client().get(row["link"], follow=True)
                assert answer.status_code == 200, row["step"]


@pytest.mark.usefixtures("cast")
def test_a_sign_in_link_with_another_key_signs_nobody_in() -> None:
    client = Client()
    key = sign_in_path("anja").split("sleutel=")[1]
    assert client.get(f"/demo/inloggen/fatima/?sleutel={key}").status_code == 403
    assert client.get("/demo/inloggen/anja/").status_code == 403
    assert "_auth_user_id" not in client.session


@pytest.mark.usefixtures("cast")
@pytest.mark.parametrize("elsewhere", ["https://kwaad.example/", "//kwaad.example/", "javascript:alert(1)"])
def test_a_sign_in_link_leads_nowhere_else(elsewhere: str) -> None:
    assert Client().get(sign_in_path("anja", elsewhere))["Location"] == "/mijn/"


@pytest.mark.usefixtures("cast")
def test_signing_in_as_another_leaves_nothing_of_the_first() -> None:
    client = Client()
    client.get(sign_in_path("sam"))
    session = client.session
    session["acting_for"] = {"mandate": "x", "since": "y"}
    session.save()
    client.get(sign_in_path("anja"))
    assert "acting_for" not in client.session


@pytest.mark.usefixtures("cast")
def test_letters_are_shown_with_the_mail() -> None:
    page = Client().get("/demo/post/", {"aan": "Robin Visser"}).content.decode()
    assert "Uw code is" in page
    assert Client().get("/demo/post/").status_code == 200
    assert DemoPost.objects.filter(to_address="Brief aan Robin Visser").count() == 1


@pytest.mark.usefixtures("cast")
def test_the_time_machine_promises_one_journey_at_a_time() -> None:
    client = Client()
    assert client.post("/demo/tijd/", {"maanden": "1"})["Location"] == "/demo/tijd/"
    client.post("/demo/tijd/", {"maanden": "36"})
    with scope.as_worker("test"):
        assert Job.objects.filter(kind="advance").count() == 1
    page = client.get("/demo/tijd/")
    assert page["Refresh"] == "2"
    assert 'data-state="busy"' in page.content.decode()
    assert client.post("/demo/tijd/", {"maanden": "999"}).status_code == 404


@pytest.mark.usefixtures("cast")
def test_the_books_are_checked_on_request() -> None:
    client = Client()
    outcome = client.post("/demo/boeken/")["Location"]
    assert 'data-state="busy"' in client.get(outcome).content.decode()
    jobs.run_all()
    assert 'data-state="right"' in client.get(outcome).content.decode()
