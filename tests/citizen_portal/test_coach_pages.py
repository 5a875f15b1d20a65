"""The coach's pages, by an ordinary client: what a mandate opens, and how fast it closes."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Citizen, Mandate, MandateInvitation, User
from accounts.operations.accept_invitation import accept_invitation
from accounts.operations.end_mandate import end_mandate
from accounts.operations.register_citizen import register_citizen
from accounts.policies import ACTING_SESSION_KEY
from arrangements.models import Application, Assessment, CaseTask
from infra import clock, scope
from infra.models import AuditLine
from infra.scope import Scope, act_as
from tests.factories.papers import paper_form

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cast")]

LogIn = Callable[[str], Client]


def _mandate(first_name: str) -> Mandate:
    with scope.as_worker("test"):
        return Mandate.objects.select_related("citizen__user").get(citizen__first_name=first_name)


@pytest.fixture
def sam(log_in: LogIn) -> Client:
    return log_in("sam@hulp.example")


def _start(client: Client, mandate: Mandate) -> None:
    answer = client.post(f"/coach/clienten/{mandate.public_id}/werk/")
    assert answer.status_code == 302
    assert answer["Location"] == f"/namens/{mandate.public_id}/"


def test_the_caseload_says_who_needs_the_coach_and_shows_no_amounts(sam: Client) -> None:
    page = sam.get("/coach/").content.decode()
    for name in ("Youssef Amrani", "Lotte van Dam", "Henk Veenstra", "Piet de Groot"):
        assert name in page
    assert "Kim Peeters" not in page  # another coach's client
    assert "Anja Smit" not in page
    assert "€" not in page
    assert 'data-needs="task amber"' in page
    assert "Machtiging loopt bijna af" in page
    assert "Laat uw cliënt versturen" in page


def test_the_caseload_costs_the_same_number_of_queries_for_any_number_of_clients(
    sam: Client, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    sam.get("/coach/")
    with django_assert_max_num_queries(35):  # type: ignore[attr-defined]  # a context manager
        assert sam.get("/coach/").status_code == 200


def test_an_invitation_shows_its_code_once(sam: Client) -> None:
    answer = sam.post("/coach/nieuw/", {"label": "mevrouw J.", "valid_months": "6", "papers_seen": "on"}, follow=True)
    invitation = answer.context["invitation"]
    code = answer.context["code"]
    assert len(code) == 9
    assert code in answer.content.decode()
    again = sam.get(f"/coach/uitnodiging/{invitation.public_id}/").content.decode()
    assert code not in again
    assert "al getoond" in again
    with scope.as_worker("test"):
        assert MandateInvitation.objects.get(pk=invitation.pk).papers_seen


def test_an_invitation_of_another_coach_is_not_there(sam: Client, log_in: LogIn) -> None:
    answer = sam.post("/coach/nieuw/", {"label": "x", "valid_months": "6"})
    assert log_in("noor@hulp.example").get(answer["Location"]).status_code == 404


def test_a_form_without_a_name_says_what_to_do(sam: Client) -> None:
    page = sam.post("/coach/nieuw/", {"label": "", "valid_months": "6"}).content.decode()
    assert "Vul een naam in" in page
    assert "<title>Fout: " in page


def test_working_for_a_client_opens_their_pages_until_the_client_stops_it(sam: Client) -> None:
    mandate = _mandate("Lotte")
    _start(sam, mandate)
    address = f"/namens/{mandate.public_id}/aanvraag/huishouden/"
    assert sam.get(address).status_code == 200
    user = mandate.citizen.user
    assert user is not None
    with act_as(Scope(user_id=user.pk, citizen_id=mandate.citizen_id, reason="test")):
        end_mandate(mandate=mandate, user=user)
    refused = sam.get(address)
    assert refused.status_code == 404
    assert "Uw toegang is gestopt" in refused.content.decode()
    assert "Lotte" not in sam.get("/coach/").content.decode()
    gone = sam.get(f"/coach/clienten/{mandate.public_id}/")
    assert gone.status_code == 404
    assert "Lotte" not in gone.content.decode()


def test_a_mandate_whose_last_day_has_passed_opens_nothing(sam: Client) -> None:
    mandate = _mandate("Henk")
    clock.set_today(mandate.valid_until + timedelta(days=1))
    assert sam.get(f"/coach/clienten/{mandate.public_id}/").status_code == 404
    assert "Henk" not in sam.get("/coach/").content.decode()
    clock.set_today(mandate.valid_until)
    assert sam.get(f"/coach/clienten/{mandate.public_id}/").status_code == 200


def test_a_new_code_from_the_same_coach_renews_the_mandate(sam: Client) -> None:
    mandate = _mandate("Henk")
    code = sam.post("/coach/nieuw/", {"label": "Henk", "valid_months": "12"}, follow=True).context["code"]
    with act_as(Scope(user_id=mandate.citizen.user_id, citizen_id=mandate.citizen_id, reason="test")):
        assert mandate.citizen.user is not None
        renewed = accept_invitation(citizen=mandate.citizen, user=mandate.citizen.user, code=code)
    assert renewed.pk == mandate.pk
    assert renewed.valid_until > mandate.valid_until


def test_one_client_at_a_time(sam: Client) -> None:
    lotte, youssef = _mandate("Lotte"), _mandate("Youssef")
    _start(sam, lotte)
    blocked = sam.get(f"/namens/{youssef.public_id}/aanvraag/huishouden/")
    assert blocked.status_code == 409
    assert "U werkt nu niet voor deze cliënt" in blocked.content.decode()
    _start(sam, youssef)
    assert sam.get(f"/namens/{lotte.public_id}/aanvraag/huishouden/").status_code == 409


def test_after_an_hour_the_coach_is_asked_again(sam: Client) -> None:
    mandate = _mandate("Lotte")
    _start(sam, mandate)
    session = sam.session
    session[ACTING_SESSION_KEY]["since"] = (timezone.now() - timedelta(minutes=61)).isoformat()
    session.save()
    answer = sam.get(f"/namens/{mandate.public_id}/aanvraag/huishouden/")
    assert answer.status_code == 409
    assert "Het uur is om" in answer.content.decode()


def test_stopping_goes_back_to_the_caseload(sam: Client) -> None:
    mandate = _mandate("Lotte")
    _start(sam, mandate)
    assert sam.post("/coach/stop/")["Location"] == "/coach/"
    assert sam.get(f"/namens/{mandate.public_id}/aanvraag/huishouden/").status_code == 409


def test_the_final_yes_stays_with_the_client(sam: Client) -> None:
    mandate = _mandate("Lotte")
    _start(sam, mandate)
    for page in ("aanvraag/versturen/", "regeling/overeenkomst/tekenen/"):
        refused = sam.post(f"/namens/{mandate.public_id}/{page}")
        assert refused.status_code == 403, page
        assert "Dit doet uw cliënt zelf" in refused.content.decode()


def test_a_coach_of_somebody_else_finds_nothing(log_in: LogIn) -> None:
    noor, mandate = log_in("noor@hulp.example"), _mandate("Lotte")
    assert noor.get(f"/coach/clienten/{mandate.public_id}/").status_code == 404
    assert noor.post(f"/coach/clienten/{mandate.public_id}/werk/").status_code == 404
    assert noor.get(f"/namens/{mandate.public_id}/").status_code == 404


@pytest.mark.parametrize("email", ["lotte@post.example", "balie@delinde.example"])
def test_the_pages_of_a_coach_are_for_coaches(log_in: LogIn, email: str) -> None:
    assert log_in(email).get("/coach/").status_code in (302, 403)


def test_an_official_figure_answers_the_amber_question_and_closes_the_task(sam: Client) -> None:
    mandate = _mandate("Youssef")
    page = sam.get(f"/coach/clienten/{mandate.public_id}/").content.decode()
    assert 'data-verdict="amber"' in page
    answer = sam.post(
        f"/coach/clienten/{mandate.public_id}/beslagvrije-voet/",
        paper_form("1.420,00", date(2026, 11, 2), seen="on"),
        follow=True,
    )
    page = answer.content.decode()
    assert 'data-verdict="green"' in page
    assert "De toets is groen" in page
    with scope.as_worker("test"):
        application = Application.objects.get(citizen=mandate.citizen_id, closed_at=None)
        assert application.official_beslagvrije_voet_cents == 1_420_00
        assert application.official_beslagvrije_voet_source.endswith("van 02-11-2026, gezien door de coach")
        assert application.entered_by["official_beslagvrije_voet_cents"] == f"coach:{mandate.coach_id}"
        assert Assessment.objects.filter(citizen=mandate.citizen_id).first().verdict == "green"  # type: ignore[union-attr]  # there is one
        assert not CaseTask.objects.filter(citizen=mandate.citizen_id, done_on=None).exists()
    listed = sam.get(f"/coach/clienten/{mandate.public_id}/beslagvrije-voet/").content.decode()
    assert "gezien door Sam de Vries" in listed
    assert "Telt nu" in listed


def test_a_figure_that_leaves_too_little_stays_too_little(sam: Client) -> None:
    mandate = _mandate("Youssef")
    sam.post(
        f"/coach/clienten/{mandate.public_id}/beslagvrije-voet/", paper_form("1.599,00", date(2026, 11, 2), seen="on")
    )
    with scope.as_worker("test"):
        assert Assessment.objects.filter(citizen=mandate.citizen_id).first().verdict == "red"  # type: ignore[union-attr]  # there is one


def test_a_task_is_finished_by_whom_it_was_given_to(sam: Client, log_in: LogIn) -> None:
    with scope.as_worker("test"):
        task = CaseTask.objects.get(kind=CaseTask.Kind.MISSING_FACT)
    assert log_in("noor@hulp.example").post(f"/coach/taken/{task.public_id}/klaar/").status_code == 404
    assert sam.post(f"/coach/taken/{task.public_id}/klaar/").status_code == 302
    with scope.as_worker("test"):
        assert CaseTask.objects.get(pk=task.pk).done_on == clock.today()
        assert AuditLine.objects.filter(action="task_done", object_id=str(task.pk)).count() == 1


def test_a_code_on_paper_logs_the_client_in_once(sam: Client) -> None:
    mandate = _mandate("Henk")
    code = sam.post(f"/coach/clienten/{mandate.public_id}/code/", follow=True).context["code"]
    assert sam.get(f"/coach/clienten/{mandate.public_id}/code/").context["code"] == ""
    client = Client()
    assert client.post("/inloggen/papier/", {"code": code}).status_code == 302
    assert client.session["_auth_user_id"] == str(mandate.citizen.user_id)
    assert Client().post("/inloggen/papier/", {"code": code}).status_code == 200


def test_a_client_who_is_new_joins_with_the_code(sam: Client) -> None:
    code = sam.post("/coach/nieuw/", {"label": "nieuw", "valid_months": "3"}, follow=True).context["code"]
    user = User.objects.create_user("nieuw@post.example")
    with act_as(Scope(user_id=user.pk, reason="test")):
        citizen = register_citizen(user=user)
    with act_as(Scope(user_id=user.pk, citizen_id=citizen.pk, reason="test")):
        accept_invitation(citizen=citizen, user=user, code=code)
        assert Citizen.objects.get(pk=citizen.pk).director.name == "Sam de Vries"
    assert "Naam nog niet ingevuld" in sam.get("/coach/").content.decode()
