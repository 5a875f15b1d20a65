"""Who may act for whom, and how fast that ends."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from accounts.models import CaseWorker, Citizen, IdentityAnchor, Mandate, MandateInvitation
from accounts.operations.accept_invitation import CodeUnknown, accept_invitation
from accounts.operations.end_mandate import end_mandate
from accounts.operations.invite_client import invite_client
from accounts.operations.paper_code import give_paper_code, redeem_paper_code
from infra import clock
from infra.scope import Scope, act_as
from tests.factories.people import citizen_scope, login_of, make_citizen, make_director

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday() -> None:
    clock.set_today(date(2026, 11, 23))


def coach_scope(coach: CaseWorker) -> Scope:
    return Scope(user_id=coach.user_id, coach_id=coach.pk, reason="test")


def given(*, papers_seen: bool = False) -> tuple[CaseWorker, Citizen, Mandate]:
    coach = make_director(kind="coach", default=False, name="Sam de Wit")
    citizen = make_citizen(anchored=False)
    with act_as(coach_scope(coach)):
        _, code = invite_client(coach=coach, label="mevrouw J.", papers_seen=papers_seen)
    with act_as(citizen_scope(citizen)):
        mandate = accept_invitation(citizen=citizen, user=login_of(citizen), code=f" {code[:4].lower()}-{code[4:]} ")
        citizen.refresh_from_db()
    return coach, citizen, mandate


def test_a_code_makes_a_mandate_of_six_months_and_the_coach_becomes_the_director() -> None:
    coach, citizen, mandate = given()
    assert (mandate.valid_from, mandate.valid_until) == (date(2026, 11, 23), date(2027, 5, 23))
    assert citizen.director_id == coach.pk


def test_papers_the_coach_has_seen_anchor_the_identity() -> None:
    _, citizen, _ = given(papers_seen=True)
    with act_as(citizen_scope(citizen)):
        assert IdentityAnchor.objects.get().kind == IdentityAnchor.Kind.COACH


def test_a_code_works_once() -> None:
    coach = make_director(kind="coach", default=False)
    with act_as(coach_scope(coach)):
        _, code = invite_client(coach=coach, label="x")
    first, second = make_citizen(), make_citizen(family_name="Pietersen")
    with act_as(citizen_scope(first)):
        accept_invitation(citizen=first, user=login_of(first), code=code)
    with act_as(citizen_scope(second)), pytest.raises(CodeUnknown), transaction.atomic():
        accept_invitation(citizen=second, user=login_of(second), code=code)


def test_a_code_of_49_hours_ago_is_dead() -> None:
    coach, citizen = make_director(kind="coach", default=False), make_citizen()
    with act_as(coach_scope(coach)):
        invitation, code = invite_client(coach=coach, label="x")
        MandateInvitation.objects.filter(pk=invitation.pk).update(expires_at=clock.now() - timedelta(hours=1))
    with act_as(citizen_scope(citizen)), pytest.raises(CodeUnknown):
        accept_invitation(citizen=citizen, user=login_of(citizen), code=code)


def test_a_coach_sees_the_clients_of_today_and_none_after_the_client_stopped_it() -> None:
    coach, citizen, mandate = given()
    with act_as(coach_scope(coach)):
        assert [client.pk for client in Citizen.objects.all()] == [citizen.pk]
    with act_as(citizen_scope(citizen)):
        end_mandate(mandate=mandate, user=login_of(citizen))
        citizen.refresh_from_db()
    with act_as(coach_scope(coach)):
        assert not Citizen.objects.exists()
    assert citizen.director.is_default_director


def test_a_coach_cannot_make_a_mandate() -> None:
    coach, citizen, _ = given()
    other = make_citizen(family_name="Pietersen")
    with act_as(coach_scope(coach)), pytest.raises(DatabaseError), transaction.atomic():
        Mandate.objects.create(
            citizen=other,
            coach=coach,
            valid_from=clock.today(),
            valid_until=clock.today(),
            text_version="x",
            given_by_user=login_of(citizen),
        )


def test_a_code_on_paper_logs_in_once() -> None:
    coach, citizen, _ = given()
    acting = Scope(user_id=coach.user_id, citizen_id=citizen.pk, coach_id=coach.pk, reason="test")
    with act_as(acting):
        code = give_paper_code(citizen=citizen, given_by=coach)
    with act_as(Scope(reason="pagina")):
        assert redeem_paper_code(code=code) == citizen.user
        assert redeem_paper_code(code=code) is None
        assert redeem_paper_code(code="AAAA-AAAA") is None
