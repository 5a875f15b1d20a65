"""Ways in and around: guessing, second doors, a coach who was sent away, and one party speaking for another."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import DatabaseError, transaction
from django.test import Client, RequestFactory
from django.urls import get_resolver
from pytest_django.fixtures import Settings
from redis.exceptions import ConnectionError as NoValkey

from accounts.checks import all_views
from accounts.middleware import SINCE_SESSION_KEY
from accounts.models import User
from accounts.operations.accept_invitation import accept_invitation
from accounts.operations.end_mandate import end_mandate
from accounts.operations.invite_client import invite_client
from accounts.operations.paper_code import give_paper_code, redeem_paper_code
from arrangements.models import Answer, Claim, Document, Proposal
from arrangements.operations.application import give_consent, start_application
from arrangements.operations.collect_claims import InvitationUnknown, add_claim, find_claims, open_by_invitation
from citizen_portal.limits import address_of, too_often
from creditors.operations.invitations import invitation_code
from infra import clock, jobs
from infra.scope import Scope, act_as, as_worker
from tests.factories.citizens import acting_coach, logged_in
from tests.factories.creditors import claim_line, claims_file, imported
from tests.factories.money import running_case
from tests.factories.people import (
    citizen_scope,
    creditor_scope,
    login_of,
    make_citizen,
    make_creditor,
    make_director,
    make_member,
    make_user,
)
from tests.factories.plans import make_case, submitted
from tests.support.databases import flush_valkey

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def _fresh() -> None:
    flush_valkey()
    clock.set_today(MONDAY)


def text(response: Any) -> str:
    return str(response.content.decode())


def mailed_code() -> str:
    found = re.search(r"^(\d{6})$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found
    return found[1]


def force_login(client: Client, user: User) -> None:
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")


# --- guessing --------------------------------------------------------------------------------------------------------


def test_requests_at_the_same_moment_get_no_more_tries_at_a_mailed_code_than_requests_in_a_row(client: Client) -> None:
    client.post("/inloggen/", {"email": "doel@voorbeeld.example"})
    right = mailed_code()
    wrong = "000000" if right != "000000" else "111111"
    as_all_of_them_read_it = client.session["email_code"]
    for _ in range(5):
        client.post("/inloggen/code/", {"code": wrong})
        session = client.session
        session["email_code"] = as_all_of_them_read_it
        session.save()
    client.post("/inloggen/code/", {"code": right})
    assert "_auth_user_id" not in client.session
    assert not User.objects.filter(email="doel@voorbeeld.example").exists()


def test_guessing_the_code_of_a_letter_stops(client: Client) -> None:
    citizen = logged_in(client)
    client.post("/mijn/begin/")
    creditor = make_creditor()
    imported(creditor, make_member(creditor), claims_file(claim_line(FactuurnummerSE="F-9")))
    for _ in range(10):
        client.post("/mijn/aanvraag/brief/", {"code": "ACDEFGHJ"})
    code = invitation_code(creditor_id=creditor.pk, reference="F-9")
    assert "te vaak geprobeerd" in text(client.post("/mijn/aanvraag/brief/", {"code": code}))
    with act_as(citizen_scope(citizen)):
        assert not Claim.objects.exists()


@pytest.mark.parametrize("path", ["/mijn/aanvraag/brief/", "/mijn/coachcode/"])
def test_another_login_from_the_same_address_does_not_make_guessing_go_on(path: str) -> None:
    answers = []
    for _ in range(5):
        client = Client()
        logged_in(client)
        client.post("/mijn/begin/")
        answers += [text(client.post(path, {"code": "ACDEFGHJ"})) for _ in range(5)]
    assert "te vaak geprobeerd" not in answers[0]
    assert "te vaak geprobeerd" in answers[-1]


def test_without_a_cache_no_code_is_tried(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    citizen, director = make_citizen(), make_director()
    with act_as(Scope(user_id=director.user_id, citizen_id=citizen.pk, coach_id=director.pk)):
        code = give_paper_code(citizen=citizen, given_by=director)

    def away(*_: object, **__: object) -> None:
        raise NoValkey

    monkeypatch.setattr(cache, "add", away)
    assert too_often("x", "y", times=5)
    response = client.post("/inloggen/papier/", {"code": code})
    assert response.status_code == 200
    assert "_auth_user_id" not in client.session


def test_an_address_is_what_our_own_proxy_saw_and_never_what_the_visitor_says(settings: Settings) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="6.6.6.6, 192.0.2.7")
    assert address_of(request) == "10.0.0.1"
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert address_of(request) == "192.0.2.7"


# --- second doors ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["login/", "login/code/", "signup/", "password/change/", "password/set/", "password/reset/"]
)
def test_the_addresses_of_allauth_are_no_second_way_in(client: Client, path: str) -> None:
    for response in (client.get(f"/accounts/{path}"), client.post(f"/accounts/{path}", {"email": "a@b.example"})):
        assert response.status_code == 302
        assert response["Location"].startswith("/inloggen/")
    assert not mail.outbox


def test_the_desk_logs_in_where_everybody_does_and_a_password_opens_nothing(client: Client) -> None:
    User.objects.create_user("desk@voorbeeld.example", "een-lang-wachtwoord", is_staff=True)
    response = client.post("/beheer/login/", {"username": "desk@voorbeeld.example", "password": "een-lang-wachtwoord"})
    assert response["Location"].startswith("/inloggen/")
    assert "_auth_user_id" not in client.session
    assert client.get("/beheer/", follow=True).redirect_chain[-1][0] == "/inloggen/?next=%2Fbeheer%2F"


def test_somebody_who_is_not_of_the_desk_is_refused_and_not_sent_round(client: Client) -> None:
    force_login(client, make_user())
    assert client.get("/beheer/", follow=True).status_code == 403


def test_one_view_takes_a_form_without_a_token_and_no_other() -> None:
    assert [path for path, view in all_views(get_resolver()) if getattr(view, "csrf_exempt", False)] == [
        "betalen/webhook/<slug:provider>/"
    ]


def test_logging_in_gives_the_session_another_key(client: Client) -> None:
    make_director()
    client.post("/inloggen/", {"email": "nieuw@voorbeeld.example"})
    before = client.session.session_key
    client.post("/inloggen/code/", {"code": mailed_code()})
    assert client.session.session_key != before


def test_a_login_ends_after_eight_hours_however_busy_somebody_is(client: Client) -> None:
    logged_in(client)
    assert client.get("/mijn/").status_code == 200
    session = client.session
    session[SINCE_SESSION_KEY] -= 8 * 3600 + 1
    session.save()
    assert client.get("/mijn/")["Location"] == "/inloggen/?next=/mijn/"
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("path", ["/bestaat-niet/", "/mijn/", "/inloggen/", "/coach/", "/gezond/", "/b/x/", "/demo/"])
def test_every_answer_carries_the_headers_also_when_it_is_no(client: Client, path: str) -> None:
    headers = client.get(path).headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


# --- a coach who was sent away ---------------------------------------------------------------------------------------


def test_a_code_on_paper_dies_with_the_mandate_of_the_coach_who_wrote_it() -> None:
    coach, citizen = make_director(kind="coach", default=False), make_citizen()
    with act_as(Scope(user_id=coach.user_id, coach_id=coach.pk)):
        _, code = invite_client(coach=coach, label="x")
    with act_as(citizen_scope(citizen)):
        mandate = accept_invitation(citizen=citizen, user=login_of(citizen), code=code)
    with act_as(Scope(user_id=coach.user_id, citizen_id=citizen.pk, coach_id=coach.pk)):
        paper = give_paper_code(citizen=citizen, given_by=coach)
    with act_as(citizen_scope(citizen)):
        end_mandate(mandate=mandate, user=login_of(citizen))
    with act_as(Scope(reason="pagina")):
        assert redeem_paper_code(code=paper) is None


def test_the_name_of_a_client_stands_in_no_address(client: Client) -> None:
    citizen = make_citizen(family_name="Naamgenoot")
    mandate = acting_coach(client, citizen)
    page = text(client.get(f"/coach/clienten/{mandate.public_id}/"))
    assert not [link for link in re.findall(r'href="([^"]+)"', page) if "Naamgenoot" in link]
    assert "Naamgenoot" in text(client.get(f"/coach/nieuw/?verleng={mandate.public_id}"))
    assert "Naamgenoot" not in text(client.get("/coach/nieuw/?verleng=x"))


# --- who may see which debts -----------------------------------------------------------------------------------------


def test_a_claim_past_its_last_day_is_shown_to_nobody_also_before_it_is_thrown_away() -> None:
    creditor, citizen = make_creditor(), make_citizen(birth_date=date(1985, 12, 3))
    imported(creditor, make_member(creditor), claims_file(claim_line(FactuurnummerSE="F-9")))
    clock.set_today(MONDAY + timedelta(days=60))
    with act_as(citizen_scope(citizen)):
        give_consent(application=start_application(citizen=citizen))
        assert find_claims(citizen=citizen) == []
        with pytest.raises(InvitationUnknown), transaction.atomic():
            open_by_invitation(citizen=citizen, code=invitation_code(creditor_id=creditor.pk, reference="F-9"))
    clock.set_today(MONDAY)
    with act_as(citizen_scope(citizen)):
        assert len(find_claims(citizen=citizen)) == 1


def test_a_letter_somebody_used_opens_nothing_for_the_next_one_also_before_the_worker_marked_it() -> None:
    creditor, first, second = make_creditor(), make_citizen(), make_citizen(family_name="Anders")
    imported(creditor, make_member(creditor), claims_file(claim_line(FactuurnummerSE="F-9")))
    code = invitation_code(creditor_id=creditor.pk, reference="F-9")
    with act_as(citizen_scope(first)):
        open_by_invitation(citizen=first, code=code)
    with act_as(citizen_scope(second)), pytest.raises(InvitationUnknown), transaction.atomic():
        open_by_invitation(citizen=second, code=code)


@pytest.mark.parametrize(("anchored", "consent", "asked"), [(True, True, 200), (False, True, 404), (True, False, 404)])
def test_a_creditor_is_asked_for_a_balance_only_of_somebody_we_know_and_who_consented(
    client: Client, anchored: bool, consent: bool, asked: int
) -> None:
    creditor = make_creditor()
    citizen = make_citizen(anchored=anchored, family_name="Naamgenoot")
    with act_as(citizen_scope(citizen)):
        application = start_application(citizen=citizen)
        if consent:
            give_consent(application=application)
        claim = add_claim(citizen=citizen, creditor_name=creditor.name, told_cents=None)
    force_login(client, make_member(creditor).user)
    assert ("Naamgenoot" in text(client.get("/schuldeiser/saldo/"))) is (asked == 200)
    assert client.get(f"/schuldeiser/saldo/{claim.public_id}/").status_code == asked
    assert client.post(f"/schuldeiser/saldo/{claim.public_id}/", {"amount": "100"}).status_code in {302, asked}
    with act_as(citizen_scope(citizen)):
        claim.refresh_from_db()
        assert (claim.confirmed_cents is not None) is (asked == 200)


# --- one party speaking for another, in SQL of the web role ----------------------------------------------------------


def refused(scope: Scope, rows: Any, **changes: object) -> bool:
    with act_as(scope):
        try:
            with transaction.atomic():
                return int(rows().update(**changes)) == 0
        except DatabaseError:
            return True


def test_a_claim_cannot_be_moved_to_another_citizen_or_creditor_by_either_party() -> None:
    case, other = make_case(100_00), make_case(50_00)
    claim, creditor = case.claims[0], creditor_scope(case.creditors[0])
    assert refused(creditor, lambda: Claim.objects.filter(pk=claim.pk), citizen_id=other.citizen.pk)
    assert refused(
        citizen_scope(case.citizen), lambda: Claim.objects.filter(pk=claim.pk), creditor_id=other.creditors[0].pk
    )
    assert refused(creditor, lambda: Claim.objects.filter(pk=claim.pk), citizen_says="yes")
    assert refused(creditor, lambda: Claim.objects.filter(pk=claim.pk), told_cents=1)
    assert not refused(creditor, lambda: Claim.objects.filter(pk=claim.pk), confirmed_cents=99_00)
    assert not refused(citizen_scope(case.citizen), lambda: Claim.objects.filter(pk=claim.pk), citizen_says="yes")


def test_a_citizen_cannot_answer_for_a_creditor_nor_call_a_proposal_agreed() -> None:
    case = make_case(100_00, 200_00)
    proposal = submitted(case)
    mine = citizen_scope(case.citizen)
    answer = case.answer_of(0)
    values = {"state": "accepted", "decided_at": clock.now(), "decided_on": MONDAY, "decided_by": case.members[0].user}
    assert refused(mine, lambda: Answer.objects.filter(pk=answer.pk), **values)
    assert refused(mine, lambda: Proposal.objects.filter(pk=proposal.pk), state="agreed", agreed_on=MONDAY)
    assert refused(
        creditor_scope(case.creditors[0]), lambda: Answer.objects.filter(pk=answer.pk), citizen_id=make_citizen().pk
    )
    case.say_yes(0)
    with act_as(mine):
        assert Answer.objects.get(pk=answer.pk).state == "accepted"


# --- downloads -------------------------------------------------------------------------------------------------------


def test_a_document_is_saved_and_never_shown_as_part_of_the_site(client: Client) -> None:
    case, _ = running_case(100_00, 200_00)
    jobs.run_all()
    with as_worker("test"):
        document = Document.objects.filter(citizen=case.citizen)[0]
    logged_in(client, case.citizen)
    headers = client.get(f"/mijn/documenten/{document.public_id}.pdf").headers
    assert headers["Content-Disposition"].startswith("attachment;")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
