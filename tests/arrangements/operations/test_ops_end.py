"""After the waiver nothing is undone and nothing is dated back; the closing statements say what was paid, waived and left."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.test import Client

from arrangements.documents.closing import closing_content, closing_extract_content
from arrangements.domain import postings
from arrangements.domain.deciders import ChangeGround, Decider, NotYours, check_decider
from arrangements.domain.postings import Part
from arrangements.domain.termination import CannotTerminate, TerminationGround
from arrangements.models import Arrangement, ArrangementLine, Claim, Document, Installment, Kwijtschelding, Receipt
from arrangements.operations.activate_arrangement import activate_arrangement
from arrangements.operations.change_plan import PlanNotRunning, lock_plan
from arrangements.operations.grant_kwijtschelding import grant_kwijtschelding
from arrangements.operations.keep_promises import keep_promises
from arrangements.operations.lift_beslag import resume_after_beslag
from arrangements.operations.make_documents import lines_of
from arrangements.operations.post_entries import post_entries
from arrangements.operations.refresh_payment import refresh_payment
from arrangements.operations.report_beslag import report_beslag
from arrangements.operations.report_change import PlanIsOver
from arrangements.operations.terminate_arrangement import follow_termination, terminate_arrangement
from arrangements.payments import demobank
from infra import clock, jobs
from infra.scope import act_as, as_worker
from tests.factories.beslag import again, day, stopped
from tests.factories.citizens import logged_in
from tests.factories.money import at, next_open, open_link, pay_all, pay_next, running_case
from tests.factories.people import citizen_scope, login_of
from tests.factories.plans import Case

pytestmark = pytest.mark.django_db


@pytest.fixture
def ended() -> tuple[Case, Arrangement]:
    """Two months of 45 for 90 of 1.500; a fine of 500 remains in part."""
    case, arrangement = running_case(1_000_00, 500_00, months=2, kept={1})
    pay_all(arrangement)
    jobs.run_all()
    found = again(arrangement)
    assert found.state == "waived"
    return case, found


def _rows() -> list[object]:
    with as_worker("test"):
        models = (Arrangement, ArrangementLine, Installment, Kwijtschelding)
        rows = [list(model._base_manager.order_by("pk").values()) for model in models]
    for line in rows[1]:
        del line["remitted_cents"]  # what the last payments brought is still paid on
    return list(rows)


def test_no_operation_changes_an_arrangement_that_is_over(ended: tuple[Case, Arrangement]) -> None:
    case, arrangement = ended
    before = _rows()
    with act_as(citizen_scope(case.citizen)):
        with pytest.raises(PlanIsOver):
            report_beslag(
                arrangement=arrangement, decider=Decider.CITIZEN, user=login_of(case.citizen), party_name="Iemand"
            )
        for decider in (Decider.CITIZEN, Decider.DESK):
            with pytest.raises(CannotTerminate):
                terminate_arrangement(
                    arrangement=arrangement,
                    decider=decider,
                    user=login_of(case.citizen),
                    ground=TerminationGround.OWN_WISH,
                    note="toch niet",
                )
    with as_worker("test"):
        grant_kwijtschelding(arrangement_id=arrangement.pk)
        activate_arrangement(arrangement_id=arrangement.pk)
        resume_after_beslag(arrangement_id=arrangement.pk)
        follow_termination(arrangement_id=arrangement.pk)
        with pytest.raises(PlanNotRunning):
            lock_plan(arrangement.pk)
        assert keep_promises(today=clock.today()) == 0
    for _ in range(10):
        day(clock.today() + timedelta(days=4))
    assert _rows() == before


def _refused(write: Callable[[], object], constraint: str) -> None:
    with (
        as_worker("test"),
        pytest.raises(IntegrityError, match=r"is over|closed|dated back") as caught,
        transaction.atomic(),
    ):
        write()
    assert constraint in str(caught.value.__cause__.diag.constraint_name)  # type: ignore[union-attr]  # psycopg's


def test_the_database_refuses_every_change_of_what_is_over(ended: tuple[Case, Arrangement]) -> None:
    _case, arrangement = ended
    changes: dict[type[Arrangement | ArrangementLine | Installment], dict[str, object]] = {
        Arrangement: {"waived_on": date(2026, 1, 1)},
        ArrangementLine: {
            "outstanding_cents": F("outstanding_cents") + 1,
            "waived_cents": F("waived_cents") + 1,
        },
        Installment: {"paid_on": date(2026, 1, 1)},
    }
    for model, values in changes.items():
        name = "pk" if model is Arrangement else "arrangement"
        rows = model._base_manager.filter(**{name: arrangement.pk})
        _refused(lambda rows=rows, values=values: rows.update(**values), "waived_stays")  # type: ignore[misc]
    _refused(lambda: _delete("arrangements_installment", arrangement), "waived_stays")
    _refused(lambda: _delete("arrangements_arrangementline", arrangement), "waived_stays")


def _delete(table: str, arrangement: Arrangement) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE arrangement_id = %s", [arrangement.pk])


def test_no_second_kwijtschelding_and_none_dated_back(ended: tuple[Case, Arrangement]) -> None:
    case, arrangement = ended
    with as_worker("test"):
        granted = Kwijtschelding.objects.filter(arrangement=arrangement)
        assert all(one.granted_on == arrangement.waived_on for one in granted)
    _refused(
        lambda: Kwijtschelding.objects.create(
            arrangement=arrangement,
            claim_id=case.claims[0].pk,
            citizen_id=case.citizen.pk,
            creditor_id=case.creditors[0].pk,
            waived_cents=1,
            remains_cents=0,
            granted_on=clock.today(),
        ),
        "waived_stays",
    )


def test_a_kwijtschelding_of_before_the_last_payment_is_refused() -> None:
    case, arrangement = running_case(1_000_00, months=2)
    pay_all(arrangement)
    found = again(arrangement)
    assert found.state == "fulfilled"
    assert found.fulfilled_on is not None
    too_early = found.fulfilled_on - timedelta(days=1)
    _refused(
        lambda: Kwijtschelding.objects.create(
            arrangement=found,
            claim_id=case.claims[0].pk,
            citizen_id=case.citizen.pk,
            creditor_id=case.creditors[0].pk,
            waived_cents=1,
            remains_cents=0,
            granted_on=too_early,
        ),
        "kwijtschelding_is_not_dated_back",
    )


def test_the_books_of_what_is_over_are_closed(ended: tuple[Case, Arrangement]) -> None:
    case, arrangement = ended
    part = Part(case.claims[0].pk, case.creditors[0].pk, 5)
    _refused(
        lambda: post_entries([postings.waiver("test:waiver", arrangement=arrangement.pk, parts=[part])]),
        "books_of_waived_stay",
    )
    assert arrangement.waived_on is not None
    earlier = arrangement.waived_on - timedelta(days=1)

    def dated_back() -> None:
        clock.set_today(earlier)
        post_entries([postings.receipt_provider("test:early", arrangement=arrangement.pk, amount=5)])

    _refused(dated_back, "books_of_waived_stay")


def test_the_closing_statements_say_what_was_paid_waived_and_left(ended: tuple[Case, Arrangement]) -> None:
    case, arrangement = ended
    with as_worker("test"):
        own = Document.objects.get(arrangement=arrangement, kind="closing")
        extracts = {
            one.creditor_id: one for one in Document.objects.filter(arrangement=arrangement, kind="closing_extract")
        }
    assert set(extracts) == {one.pk for one in case.creditors}
    summary = dict(own.content["summary"])
    # 90 over 1.000 and 500: 60 and 30. Waived 940; 470 of the fine remains.
    assert summary["U betaalde"] == "€\u00a090,00"
    assert summary["Dit hoeft u niet meer te betalen"] == "€\u00a0940,00"
    assert summary["Dit blijft over"] == "€\u00a0470,00"
    assert all(creditor.name in str(own.content) for creditor in case.creditors)
    fine = dict(extracts[case.creditors[1].pk].content["summary"])
    assert (fine["U kreeg"], fine["Kwijtgescholden"], fine["Blijft over"]) == (
        "€\u00a030,00",
        "€\u00a00,00",
        "€\u00a0470,00",
    )
    assert case.creditors[0].name not in str(extracts[case.creditors[1].pk].content)


def test_only_the_system_grants_the_waiver() -> None:
    for decider in Decider:
        if decider is not Decider.SYSTEM:
            with pytest.raises(NotYours):
                check_decider(ChangeGround.WAIVER, decider)


def test_money_after_the_end_is_shown_as_money_that_goes_back(client: Client) -> None:
    case, arrangement = running_case(1_000_00, months=2)
    second = next_open(arrangement)
    pay_next(arrangement)
    payment = open_link(case.citizen, next_open(arrangement))
    assert payment.installment_id != second.pk
    stopped(case, arrangement)
    demobank.pay(payment.provider_id, notify=False)
    with as_worker("test"):
        refresh_payment(payment_id=payment.pk)
        receipt = Receipt.objects.get(payment=payment)
    assert (receipt.kind, receipt.divided_cents) == ("after_end", 0)
    logged_in(client, case.citizen)
    page = client.get("/mijn/betalingen/").content.decode()
    assert page.count('data-check="after-end"') == 1


def test_a_statement_says_what_became_of_a_claim_and_what_is_set_aside() -> None:
    case, arrangement = running_case(1_000_00, 500_00, 300_00)
    at(date(2026, 12, 1))
    with as_worker("test"):
        Claim.objects.filter(pk=case.claims[0].pk).update(state="transferred")
        ArrangementLine.objects.filter(claim=case.claims[0]).update(closed_on=date(2026, 11, 30))
        Claim.objects.filter(pk=case.claims[1].pk).update(transferred_from=case.claims[0])
        ArrangementLine.objects.filter(claim=case.claims[2]).update(parked_cents=5_00)
        lines = lines_of(arrangement)
        closing = closing_content(arrangement=arrangement, lines=lines, granted={})
        extract = closing_extract_content(arrangement=arrangement, creditor=case.creditors[2], lines=lines, granted={})
    rows = closing["sections"][0]["table"]["rows"]
    assert [row[0] for row in rows] == [
        f"{case.creditors[0].name} (overgedragen op 30 november 2026)",
        f"{case.creditors[1].name} (overgenomen)",
        case.creditors[2].name,
    ]
    waits = ["Staat opzij, omdat een schuld wordt betwist", "€\u00a05,00"]
    assert waits in closing["summary"]
    assert waits in extract["summary"]
