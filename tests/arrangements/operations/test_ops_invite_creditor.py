"""An organisation we do not know is invited, after consent, and comes back until it is settled."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from arrangements.models import CaseTask, CreditorInvitation, MunicipalRoute
from arrangements.operations.advance import next_day_with_work
from arrangements.operations.application import give_consent, start_application, withdraw_consent
from arrangements.operations.choose_municipal_route import NoRouteNow, record_recognition
from arrangements.operations.collect_claims import add_claim
from arrangements.operations.invite_creditor import (
    AlreadyAnswered,
    InvitationUnknown,
    answer_invitation,
    chase_invitations,
    code_of,
    invited_by,
    mark_invitation_sent,
)
from arrangements.operations.link_named_creditor import CannotLink, link_named_creditor
from infra import clock, jobs
from infra.scope import Scope, act_as, as_worker
from kernel.working_days import add_working_days
from tests.factories.norms import desk_scope, make_desk
from tests.factories.people import citizen_scope, creditor_scope, login_of, make_citizen, make_creditor
from tests.factories.plans import agreed, make_case, submitted
from tests.factories.refusals import names_unknown, to_municipality

pytestmark = pytest.mark.django_db
ANSWER = {"organisation": "Garage BV", "contact_name": "Bo", "email": "bo@garage.example"}


@pytest.fixture(autouse=True)
def _monday() -> None:
    clock.set_today(date(2026, 11, 23))


def _tasks() -> list[CaseTask]:
    with as_worker("test"):
        return list(CaseTask.objects.filter(kind=CaseTask.Kind.UNKNOWN_CREDITOR).order_by("pk"))


def test_without_consent_nobody_is_written_to_and_with_it_at_once() -> None:
    citizen = make_citizen()
    with act_as(citizen_scope(citizen)):
        application = start_application(citizen=citizen)
        add_claim(citizen=citizen, creditor_name="Garage Vlug", told_cents=None)
        assert not CreditorInvitation.objects.exists()
        give_consent(application=application)
        assert CreditorInvitation.objects.get().creditor.name == "Garage Vlug"
    (task,) = _tasks()
    assert "Garage Vlug" in task.text
    assert task.assigned_to_id == citizen.director_id


def test_one_organisation_is_invited_once_and_one_that_takes_part_never() -> None:
    case = make_case(1_000_00)
    names_unknown(case)
    with act_as(citizen_scope(case.citizen)):
        add_claim(citizen=case.citizen, creditor_name="garage vliegensvlug", told_cents=5_00)
        add_claim(citizen=case.citizen, creditor_name=case.creditors[0].name, told_cents=5_00)
        assert CreditorInvitation.objects.count() == 1


def test_a_consent_that_is_withdrawn_closes_the_letter_at_once() -> None:
    case = make_case(1_000_00)
    _claim, invitation = names_unknown(case)
    code = code_of(invitation)
    assert invited_by(code).organisation == "Garage Vliegensvlug"
    with act_as(citizen_scope(case.citizen)):
        withdraw_consent(application=case.application)
    with act_as(Scope(reason="test")):
        with pytest.raises(InvitationUnknown):
            invited_by(code)
        with pytest.raises(InvitationUnknown):
            answer_invitation(code=code, **ANSWER)


def test_an_organisation_answers_once_and_what_it_said_stays() -> None:
    case = make_case(1_000_00)
    _claim, invitation = names_unknown(case)
    code = code_of(invitation)
    with act_as(Scope(reason="test")):
        answer_invitation(code=code, **ANSWER)
        with pytest.raises(AlreadyAnswered):
            answer_invitation(code=code, **ANSWER | {"organisation": "Iemand anders"})
    with as_worker("test"):
        assert CreditorInvitation.objects.get().organisation == "Garage BV"
        with pytest.raises(DatabaseError), transaction.atomic():
            CreditorInvitation.objects.update(organisation="Iemand anders")


def test_an_invitation_comes_back_every_ten_working_days_until_it_is_linked() -> None:
    case = make_case(1_000_00)
    _claim, invitation = names_unknown(case)
    today = clock.today()
    due = add_working_days(today, 10)
    with as_worker("test"):
        assert chase_invitations(today=due - timedelta(days=1)) == 0
        assert chase_invitations(today=due) == 1
        assert chase_invitations(today=due) == 0
    assert "Stuur de brief" in _tasks()[-1].text
    with act_as(desk_scope(desk := make_desk())):
        mark_invitation_sent(invitation=invitation, user=desk)
    again = add_working_days(due, 10)
    with as_worker("test"):
        assert chase_invitations(today=again) == 1
    assert "Bel de organisatie" in _tasks()[-1].text
    real = make_creditor()
    with act_as(desk_scope(desk)):
        link_named_creditor(invitation=invitation, creditor=real, user=desk)
        with pytest.raises(CannotLink):
            link_named_creditor(invitation=invitation, creditor=real, user=desk)
    jobs.run_all()
    with as_worker("test"):
        assert chase_invitations(today=add_working_days(again, 30)) == 0


def test_the_time_machine_stops_on_the_day_an_invitation_comes_back() -> None:
    case = make_case(1_000_00)
    names_unknown(case)
    today, stops = clock.today(), []
    with as_worker("test"):
        while today < date(2026, 12, 10):
            stops.append(today := next_day_with_work(today))
    assert add_working_days(date(2026, 11, 23), 10) in stops


def test_only_an_organisation_that_takes_part_can_be_linked() -> None:
    case = make_case(1_000_00)
    claim, invitation = names_unknown(case)
    desk = make_desk()
    with act_as(desk_scope(desk)), pytest.raises(CannotLink):
        link_named_creditor(invitation=invitation, creditor=claim.creditor, user=desk)


def test_where_a_proposal_is_under_way_the_director_is_asked_what_to_do() -> None:
    case = make_case(1_000_00, 500_00)
    _claim, invitation = names_unknown(case)
    submitted(case)
    desk, real = make_desk(), make_creditor()
    with act_as(desk_scope(desk)):
        link_named_creditor(invitation=invitation, creditor=real, user=desk)
    jobs.run_all()
    with as_worker("test"):
        assert CaseTask.objects.get(kind=CaseTask.Kind.JOINS_LATER).citizen_id == case.citizen.pk


def test_nobody_but_the_citizen_and_who_helps_sees_the_invitation() -> None:
    case = make_case(1_000_00)
    names_unknown(case)
    for scope in (citizen_scope(make_citizen()), creditor_scope(case.creditors[0])):
        with act_as(scope):
            assert not CreditorInvitation.objects.exists()
    with act_as(citizen_scope(case.citizen)), transaction.atomic():
        assert CreditorInvitation.objects.filter(answered_on=None).update(answered_on=clock.today()) == 0


# --- the municipal route -------------------------------------------------------------------------------------------


def test_a_choice_for_a_municipality_stays_and_only_its_body_is_filled_in_later() -> None:
    case = make_case(1_000_00)
    submitted(case)
    route = to_municipality(case)
    assert to_municipality(case).pk == route.pk
    with as_worker("test"):
        for change in ({"chosen_on": date(2026, 1, 1)}, {"citizen": make_citizen()}):
            with pytest.raises(DatabaseError), transaction.atomic():
                MunicipalRoute.objects.update(**change)
        with pytest.raises(DatabaseError), transaction.atomic():
            MunicipalRoute.objects.all().delete()


def test_a_citizen_does_not_say_whether_the_body_is_recognised() -> None:
    case = make_case(1_000_00)
    submitted(case)
    route = to_municipality(case)
    with act_as(citizen_scope(case.citizen)), pytest.raises((MunicipalRoute.DoesNotExist, DatabaseError)):
        record_recognition(
            route=route,
            body_kind="gemeente",
            body_name="X",
            is_recognised="yes",
            ground="zelf bedacht",
            user=login_of(case.citizen),
        )


def test_recognised_or_not_is_said_with_a_ground() -> None:
    case = make_case(1_000_00)
    submitted(case)
    route = to_municipality(case)
    desk = make_desk()
    with act_as(desk_scope(desk)), pytest.raises(ValueError, match="ground"):
        record_recognition(
            route=route, body_kind="gemeente", body_name="Bronveen", is_recognised="no", ground=" ", user=desk
        )


def test_what_was_signed_has_no_municipal_route() -> None:
    case = make_case(1_000_00)
    agreed(case)
    case.sign()
    with pytest.raises(NoRouteNow):
        to_municipality(case)
