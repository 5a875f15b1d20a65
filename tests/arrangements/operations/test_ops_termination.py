"""A plan is stopped by a person on a signed ground, and everybody reads what was paid and what is open."""

import pytest

from arrangements.domain.deciders import Decider, NotYours
from arrangements.domain.kwijtschelding import NotFulfilled
from arrangements.domain.termination import MEANING, CannotTerminate, TerminationGround
from arrangements.models import Arrangement, Beslag, CaseTask, CreditorTask, Document, Installment, Payment
from arrangements.operations.check_books import check_books
from arrangements.operations.grant_kwijtschelding import grant_kwijtschelding
from arrangements.operations.start_payment import NotRunning, start_payment
from arrangements.operations.terminate_arrangement import terminate_arrangement
from creditors.models import Creditor
from infra import clock, jobs
from infra.models import Message
from infra.scope import act_as, as_worker
from kernel.periods import add_months
from tests.factories.beslag import again, day, reported, stopped
from tests.factories.money import RETURN_URL, START, activate, at, next_open, open_link, pay_next, running_case
from tests.factories.people import citizen_scope, login_of, make_director
from tests.factories.plans import Case, agreed, make_case

pytestmark = pytest.mark.django_db


def stop(
    case: Case,
    arrangement: Arrangement,
    ground: TerminationGround,
    *,
    by: Decider = Decider.DESK,
    note: str = "Drie keer gebeld, brief gestuurd, huisbezoek: geen reactie.",
    independent: bool = False,
) -> Arrangement:
    user = login_of(case.citizen) if by is Decider.CITIZEN else make_director(default=False).user
    with act_as(citizen_scope(case.citizen)):
        return terminate_arrangement(
            arrangement=arrangement,
            decider=by,
            user=user,
            ground=ground,
            note=note,
            independently_established=independent,
        )


def messages(kind: str) -> list[Message]:
    with as_worker("test"):
        return list(Message.objects.filter(kind=kind).order_by("pk"))


def test_not_paying_ends_a_plan_only_after_all_help_was_offered() -> None:
    case, arrangement = running_case(3_000_00, 6_000_00)
    due = next_open(arrangement).due_date
    for days in (3, 7, 14):
        day(due.replace(day=due.day + days))
        with pytest.raises(CannotTerminate, match="alle hulp"):
            stop(case, arrangement, TerminationGround.DOES_NOT_PAY)
    day(due.replace(day=31))
    assert again(arrangement).state == "active"
    with pytest.raises(CannotTerminate, match="gehoord"):
        stop(case, arrangement, TerminationGround.DOES_NOT_PAY, note=" ")
    with pytest.raises(NotYours):
        stop(case, arrangement, TerminationGround.DOES_NOT_PAY, by=Decider.COACH)
    found = stop(case, arrangement, TerminationGround.DOES_NOT_PAY)
    assert (found.state, found.terminated_on, found.termination_ground) == (
        "terminated",
        clock.today(),
        "does_not_pay",
    )
    assert found.terminated_by_id is not None


def test_somebody_who_pays_a_part_cannot_be_put_out() -> None:
    case, arrangement = running_case(3_000_00, 6_000_00)
    due = next_open(arrangement).due_date
    day(due.replace(day=31))
    pay_next(arrangement, amount_cents=1_00)
    with pytest.raises(CannotTerminate):
        stop(case, arrangement, TerminationGround.DOES_NOT_PAY)


def test_stopping_leaves_what_was_paid_and_asks_nothing_any_more() -> None:
    case, arrangement = running_case(3_000_00, 6_000_00)
    at(next_open(arrangement).due_date)
    pay_next(arrangement)
    link = open_link(case.citizen, next_open(arrangement))
    with as_worker("test"):
        before = list(Installment.objects.order_by("pk").values("state", "amount_cents", "paid_cents", "due_date"))
    stopped(case, arrangement)
    with as_worker("test"):
        token = Installment.objects.filter(paid_cents=0).order_by("number")[0]
    with act_as(citizen_scope(case.citizen)), pytest.raises(NotRunning):
        start_payment(installment=token, return_url=RETURN_URL)
    jobs.run_all()
    with as_worker("test"):
        assert Payment.objects.get(pk=link.pk).state == "failed"
        after = list(Installment.objects.order_by("pk").values("state", "amount_cents", "paid_cents", "due_date"))
        assert after == before
        assert check_books() == []
        with pytest.raises(NotFulfilled):
            grant_kwijtschelding(arrangement_id=arrangement.pk)
    day(add_months(clock.today(), 2))
    assert len(messages("payment_reminder")) == len(messages("payment_missed")) == 0


def test_everybody_is_told_with_a_statement_of_what_was_paid_and_is_open() -> None:
    case, arrangement = running_case(3_000_00, 6_000_00)
    at(next_open(arrangement).due_date)
    pay_next(arrangement)
    stopped(case, arrangement)
    jobs.run_all()
    with as_worker("test"):
        own = Document.objects.get(kind="ending")
        extracts = {one.creditor_id: one.content for one in Document.objects.filter(kind="ending_extract")}
    assert dict(own.content["summary"])["Nog open"] == "€\u00a08.955,00"
    assert own.content["sections"][0]["points"] == list(MEANING)
    first = extracts[case.creditors[0].pk]
    assert dict(first["summary"])["U kreeg"] == "€\u00a015,00"
    assert dict(first["summary"])["Nog open"] == "€\u00a02.985,00"
    assert case.creditors[1].name not in str(first)
    told = messages("terminated")
    assert {one.creditor_id for one in told} == {None, *(one.pk for one in case.creditors)}
    (mine,) = [one for one in told if one.citizen_id]
    assert "De gemeente helpt u gratis met uw schulden." in mine.body
    with as_worker("test"):
        assert CaseTask.objects.filter(kind="termination").count() == 1


def test_the_ground_of_a_falsehood_is_not_told_to_the_creditors() -> None:
    case, arrangement = running_case(3_000_00)
    with pytest.raises(CannotTerminate, match="onafhankelijk"):
        stop(case, arrangement, TerminationGround.FALSEHOOD)
    stop(case, arrangement, TerminationGround.FALSEHOOD, independent=True)
    jobs.run_all()
    with as_worker("test"):
        extract = Document.objects.get(kind="ending_extract").content
    assert "niet waar" not in str(extract)
    assert dict(extract["summary"])["De reden"] == "om een reden die in de overeenkomst staat"


def test_an_insurer_may_sign_on_again_and_nothing_else_is_asked_of_creditors() -> None:
    at(START)
    case = make_case(3_000_00, 6_000_00)
    with as_worker("test"):
        Creditor.objects.filter(pk=case.creditors[1].pk).update(is_health_insurer=True)
    agreed(case)
    arrangement = activate(case.sign())
    stopped(case, arrangement)
    jobs.run_all()
    with as_worker("test"):
        found = sorted(
            (one.creditor_id == case.creditors[1].pk, one.kind, one.outcome) for one in CreditorTask.objects.all()
        )
    assert found == [
        (False, "stop_collecting", "not_needed"),
        (True, "cak_sign_off", "not_needed"),
        (True, "cak_sign_on", ""),
        (True, "stop_collecting", "not_needed"),
    ]


def test_a_plan_that_stands_still_can_be_stopped_by_its_citizen_and_a_new_one_begun() -> None:
    case, arrangement = running_case(3_000_00)
    reported(case, arrangement)
    stopped(case, arrangement)
    jobs.run_all()
    assert again(arrangement).state == "terminated"
    assert stopped(case, arrangement).state == "terminated"
    with as_worker("test"):
        assert Beslag.objects.filter(lifted_on=None).count() == 0
        assert Document.objects.filter(kind="ending").count() == 1
    assert len([one for one in messages("terminated") if one.citizen_id]) == 1


def test_a_plan_that_is_not_open_yet_is_not_stopped() -> None:
    at(START)
    case = make_case(3_000_00)
    agreed(case)
    with pytest.raises(CannotTerminate, match="klaargezet"):
        stopped(case, case.sign())


def test_the_grounds_and_the_meaning_are_the_words_that_were_signed() -> None:
    _case, arrangement = running_case(3_000_00)
    with as_worker("test"):
        sections = {one["key"]: one for one in Document.objects.get(kind="agreement").content["sections"]}
    assert sections["stoppen"]["points"] == [ground.agreement_text for ground in TerminationGround]
    assert sections["na-stoppen"]["points"] == list(MEANING)
    assert arrangement.agreement_text_version == "overeenkomst-2"
