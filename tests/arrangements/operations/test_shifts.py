"""Moving an instalment, a crisis break, another way of paying: what is written, who is told, and what is refused."""

from datetime import date

import pytest

from arrangements.domain.break_reason import BreakReason
from arrangements.domain.deciders import ChangeGround, Decider, NotYours
from arrangements.domain.lifecycle import ArrangementState
from arrangements.domain.shift import ShiftRefused
from arrangements.models import Arrangement, Assessment, CaseTask, Installment, Payment, PlanVersion
from arrangements.models.arrangement import PayWay, ShiftRule
from arrangements.operations.ask_break import ask_break
from arrangements.operations.bridge_payment import BridgeGround, BridgeTooSoon, bridge_payment, checklist
from arrangements.operations.check_books import check_books
from arrangements.operations.climb_ladder import climb_ladder
from arrangements.operations.end_pauses import end_pauses
from arrangements.operations.grant_break import AlreadyPaused, BreakNotYet, grant_break
from arrangements.operations.move_installment import move_installment
from arrangements.operations.receive_payment import receive_payment
from arrangements.operations.reminders import remind_payments
from arrangements.operations.shift_plan import NotNow, break_months_left
from infra import clock, jobs
from infra.models import AuditLine, Message
from infra.scope import act_as, as_worker
from tests.factories.money import at, next_open, open_link, pay_next
from tests.factories.people import citizen_scope
from tests.factories.plans import Case
from tests.factories.shifts import fresh, running_with, schedule

pytestmark = pytest.mark.django_db

CLAIMS = (2_000_00, 4_000_00)


def move_first(case: Case, arrangement: Arrangement, day: date, decider: Decider = Decider.CITIZEN) -> Installment:
    with act_as(citizen_scope(case.citizen)):
        return move_installment(arrangement=arrangement, number=1, new_day=day, decider=decider)


def pause(case: Case, arrangement: Arrangement, months: int = 2, decider: Decider = Decider.COACH) -> None:
    with act_as(citizen_scope(case.citizen)):
        grant_break(arrangement=fresh(arrangement), months=months, reason=BreakReason.INCOME, decider=decider)


def bridge(case: Case, arrangement: Arrangement, ground: BridgeGround, way: PayWay = PayWay.LINK) -> None:
    with act_as(citizen_scope(case.citizen)):
        bridge_payment(arrangement=arrangement, ground=ground, pay_way=way, decider=Decider.CITIZEN)


def notices(kind: str = "plan_shifted") -> tuple[list[Message], list[Message]]:
    """To the citizen, and to creditors."""
    jobs.run_all()
    with as_worker("test"):
        rows = list(Message.objects.filter(kind=kind).order_by("pk"))
    return [row for row in rows if row.citizen_id], [row for row in rows if row.creditor_id]


def asked_in_all(arrangement: Arrangement) -> int:
    with as_worker("test"):
        rows = Installment.objects.filter(arrangement=arrangement)
        return sum(row.paid_cents if row.state == "moved" else row.amount_cents for row in rows)


# --- moving one ----------------------------------------------------------------------------------------------------


def test_a_moved_instalment_keeps_its_number_and_gets_its_own_pay_link() -> None:
    case, arrangement = running_with(*CLAIMS)
    old = next_open(arrangement)
    new = move_first(case, arrangement, date(2026, 12, 11))
    with as_worker("test"):
        old.refresh_from_db()
    assert (old.state, old.moved_on, old.moved_ground) == ("moved", clock.today(), "move")
    assert (new.number, new.due_date, new.amount_cents, new.state) == (1, date(2026, 12, 11), 45_00, "open")
    assert new.replaces_id == old.pk
    assert new.pay_token != old.pay_token
    assert fresh(arrangement).state == ArrangementState.ACTIVE


def test_everybody_is_told_once_and_creditors_only_what_concerns_them() -> None:
    case, arrangement = running_with(*CLAIMS)
    move_first(case, arrangement, date(2026, 12, 11))
    move_first(case, arrangement, date(2026, 12, 11))
    citizens, creditors = notices()
    assert len(citizens) == 1
    assert "Eerst was dat op 1 december 2026. Nu is het op 11 december 2026." in citizens[0].body
    assert {row.creditor_id for row in creditors} == {one.pk for one in case.creditors}
    assert len(creditors) == 2
    for row in creditors:
        assert f"Regeling {arrangement.payment_reference} is gewijzigd: Eén termijn later." in row.body
        assert "De einddatum blijft 1 november 2029." in row.body
        assert case.citizen.family_name not in row.body
        assert "45" not in row.body.replace(arrangement.payment_reference, "")
        assert "december" not in row.body


def test_twice_is_once() -> None:
    case, arrangement = running_with(*CLAIMS)
    first = move_first(case, arrangement, date(2026, 12, 11))
    again = move_first(case, arrangement, date(2026, 12, 11))
    assert first.pk == again.pk
    assert len(schedule(arrangement)) == 37


def test_the_citizen_does_it_once_and_a_helper_may_do_it_again() -> None:
    case, arrangement = running_with(*CLAIMS)
    move_first(case, arrangement, date(2026, 12, 11))
    with pytest.raises(ShiftRefused, match="al een keer"):
        move_first(case, arrangement, date(2026, 12, 12))
    assert move_first(case, arrangement, date(2026, 12, 14), Decider.DESK).due_date == date(2026, 12, 14)


@pytest.mark.parametrize("decider", [Decider.CREDITOR, Decider.SYSTEM])
def test_nobody_else_moves_an_instalment(decider: Decider) -> None:
    case, arrangement = running_with(*CLAIMS)
    with pytest.raises(NotYours):
        move_first(case, arrangement, date(2026, 12, 11), decider)


def test_a_partly_paid_one_moves_what_is_open_and_the_plan_can_still_be_paid() -> None:
    case, arrangement = running_with(100_00, 80_00, months=4)
    pay_next(arrangement, amount_cents=20_00)
    new = move_first(case, arrangement, date(2026, 12, 11))
    assert new.amount_cents == 25_00
    assert asked_in_all(arrangement) == arrangement.pot_cents == 180_00
    with as_worker("test"):
        left = Installment.objects.filter(arrangement=arrangement, state="open").order_by("due_date", "number")
        for row in list(left):
            at(max(row.due_date, clock.today()))
            paid = open_link(case.citizen, row)
            receive_payment(payment_id=paid.pk, amount_cents=row.amount_cents)
    assert fresh(arrangement).state == ArrangementState.FULFILLED


def test_the_link_at_the_bank_is_closed() -> None:
    case, arrangement = running_with(*CLAIMS)
    waiting = open_link(case.citizen, next_open(arrangement))
    move_first(case, arrangement, date(2026, 12, 11))
    jobs.run_all()
    with as_worker("test"):
        assert Payment.objects.get(pk=waiting.pk).state == "failed"


def test_the_moved_one_is_announced_anew_and_the_old_day_is_forgotten() -> None:
    case, arrangement = running_with(*CLAIMS)
    move_first(case, arrangement, date(2026, 12, 11))
    at(date(2026, 12, 5))
    with as_worker("test"):
        assert climb_ladder(today=clock.today()) == 0
        assert remind_payments(today=date(2026, 12, 8)) == 1


def test_a_late_one_that_is_moved_is_not_late_and_nobody_calls_about_it() -> None:
    case, arrangement = running_with(*CLAIMS)
    at(date(2026, 12, 8))
    with as_worker("test"):
        climb_ladder(today=clock.today())
        assert CaseTask.objects.get(kind=CaseTask.Kind.MISSED_PAYMENT).done_on is None
    move_first(case, arrangement, date(2026, 12, 11))
    assert [row[3] for row in schedule(arrangement)][:3] == ["moved", "open", "open"]
    with as_worker("test"):
        assert CaseTask.objects.get(kind=CaseTask.Kind.MISSED_PAYMENT).done_on == clock.today()
        assert climb_ladder(today=date(2026, 12, 13)) == 0


def test_a_plan_that_is_over_moves_nothing() -> None:
    case, arrangement = running_with(*CLAIMS)
    with as_worker("test"):
        Arrangement.objects.filter(pk=arrangement.pk).update(state="suspended")
    with pytest.raises(NotNow):
        move_first(case, arrangement, date(2026, 12, 11))


# --- a crisis break ------------------------------------------------------------------------------------------------


def test_a_break_of_two_months_moves_the_end_and_pauses_the_plan() -> None:
    case, arrangement = running_with(180_00, 90_00, months=6)
    pause(case, arrangement)
    now = fresh(arrangement)
    assert (now.state, now.paused_until) == (ArrangementState.PAUSED, date(2027, 1, 31))
    assert schedule(arrangement) == [
        (1, date(2026, 12, 1), 45_00, "moved"),
        (2, date(2027, 1, 1), 45_00, "moved"),
        (3, date(2027, 2, 1), 45_00, "open"),
        (4, date(2027, 3, 1), 45_00, "open"),
        (5, date(2027, 4, 1), 45_00, "open"),
        (6, date(2027, 5, 1), 45_00, "open"),
        (7, date(2027, 6, 1), 45_00, "open"),
        (8, date(2027, 7, 1), 45_00, "open"),
    ]
    assert asked_in_all(arrangement) == arrangement.pot_cents


def test_the_reason_is_logged_and_sent_to_every_creditor_without_a_person_in_it() -> None:
    case, arrangement = running_with(*CLAIMS)
    pause(case, arrangement)
    citizens, creditors = notices()
    assert len(citizens) == 1
    assert "U heeft 2 maanden pauze. Tot en met 31 januari 2027 betaalt u niets." in citizens[0].body
    assert "Uw einddatum wordt 1 januari 2030." in citizens[0].body
    assert len(creditors) == 2
    for row in creditors:
        assert "Reden: Er komt tijdelijk minder geld binnen." in row.body
        assert "De nieuwe einddatum is 1 januari 2030." in row.body
        assert case.citizen.family_name not in row.body
    with as_worker("test"):
        line = AuditLine.objects.get(action="break_granted")
    assert line.reason == "Er komt tijdelijk minder geld binnen."
    assert line.details["code"] == "income"


@pytest.mark.parametrize("decider", [Decider.CITIZEN, Decider.CREDITOR, Decider.SYSTEM])
def test_only_somebody_who_helps_grants_a_break(decider: Decider) -> None:
    case, arrangement = running_with(*CLAIMS)
    with pytest.raises(NotYours):
        pause(case, arrangement, decider=decider)


def test_a_pause_ends_by_itself_on_the_day_after_its_last_one() -> None:
    case, arrangement = running_with(*CLAIMS)
    pause(case, arrangement)
    with as_worker("test"):
        assert end_pauses(today=date(2027, 1, 31)) == 0
        assert remind_payments(today=date(2027, 1, 29)) == 1
        assert end_pauses(today=date(2027, 2, 1)) == 1
        assert end_pauses(today=date(2027, 2, 1)) == 0
    now = fresh(arrangement)
    assert (now.state, now.paused_until) == (ArrangementState.ACTIVE, None)


def test_nothing_is_asked_and_nobody_is_late_in_a_pause() -> None:
    case, arrangement = running_with(*CLAIMS)
    pause(case, arrangement)
    for day in (date(2026, 11, 28), date(2026, 12, 1), date(2026, 12, 5), date(2027, 1, 10)):
        with as_worker("test"):
            assert remind_payments(today=day) == 0
            assert climb_ladder(today=day) == 0


def test_a_second_break_says_when_it_is_possible_again() -> None:
    case, arrangement = running_with(*CLAIMS)
    pause(case, arrangement)
    with pytest.raises(AlreadyPaused):
        pause(case, arrangement, 1)
    at(date(2027, 2, 1))
    with as_worker("test"):
        end_pauses(today=clock.today())
    with pytest.raises(BreakNotYet, match="1 december 2027"):
        pause(case, arrangement, 1)
    with pytest.raises(BreakNotYet, match="1 januari 2028"):
        pause(case, arrangement, 2)
    with pytest.raises(BreakNotYet, match="Zo lang kan niet"):
        pause(case, arrangement, 3)
    at(date(2027, 12, 1))
    with as_worker("test"):
        assert break_months_left(fresh(arrangement), clock.today()) == 1
    pause(case, arrangement, 1)
    assert fresh(arrangement).state == ArrangementState.PAUSED


def test_a_missed_instalment_stays_missed_in_a_break() -> None:
    case, arrangement = running_with(*CLAIMS)
    at(date(2026, 12, 5))
    with as_worker("test"):
        climb_ladder(today=clock.today())
    pause(case, arrangement, 1)
    assert [row[3] for row in schedule(arrangement)][:3] == ["missed", "moved", "open"]


def test_higher_raises_the_other_instalments_with_a_green_assessment_behind_it() -> None:
    case, arrangement = running_with(180_00, 90_00, months=6, shift_rule=ShiftRule.HIGHER)
    pause(case, arrangement, 1)
    now = fresh(arrangement)
    assert [row[2] for row in schedule(arrangement)] == [45_00, 54_00, 54_00, 54_00, 54_00, 54_00]
    assert now.monthly_cents == 54_00
    with as_worker("test"):
        found = Assessment.objects.filter(citizen=case.citizen).latest("pk")
    assert (found.verdict, found.declared_cents) == ("green", 54_00)
    [told], _ = notices()
    assert "U betaalt daarna 54 euro per maand." in told.body
    assert "Uw einddatum blijft 1 mei 2027." in told.body
    assert asked_in_all(arrangement) == now.pot_cents


def test_higher_above_what_is_surely_possible_becomes_later_and_says_so() -> None:
    """The capacity of this household is 493,58."""
    case, arrangement = running_with(2_000_00, 960_00, months=6, declared=490_00, shift_rule=ShiftRule.HIGHER)
    pause(case, arrangement, 1)
    assert fresh(arrangement).monthly_cents == 490_00
    assert [row[:3] for row in schedule(arrangement)][-1] == (7, date(2027, 6, 1), 490_00)
    [told], _ = notices()
    assert "Een hoger bedrag past nu niet zeker bij u." in told.body


def test_a_break_that_was_asked_is_one_task_and_done_when_it_is_granted() -> None:
    case, arrangement = running_with(*CLAIMS)
    with act_as(citizen_scope(case.citizen)):
        first, again = ask_break(arrangement=arrangement), ask_break(arrangement=arrangement)
    assert first == again == date(2026, 11, 25)
    pause(case, arrangement, 1)
    with as_worker("test"):
        [task] = CaseTask.objects.filter(kind=CaseTask.Kind.PAUSE)
    assert task.done_on == clock.today()


# --- another way of paying -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ground", "way"),
    [
        (BridgeGround.LEAVING_BIJSTAND, PayWay.LINK),
        (BridgeGround.MOVING, PayWay.TRANSFER),
        (BridgeGround.NEW_JOB, PayWay.WITHHELD),
    ],
)
def test_the_plan_stays_active_with_one_free_month_and_another_way_of_paying(ground: BridgeGround, way: PayWay) -> None:
    case, arrangement = running_with(*CLAIMS)
    bridge(case, arrangement, ground, way)
    now = fresh(arrangement)
    assert (now.state, now.pay_way) == (ArrangementState.ACTIVE, way)
    rows = schedule(arrangement)
    assert [row[3] for row in rows].count("moved") == 1
    assert rows[0][3] == "moved"
    assert rows[-1][:3] == (37, date(2029, 12, 1), 45_00)
    with as_worker("test"):
        [task] = CaseTask.objects.filter(kind=CaseTask.Kind.BRIDGE)
        assert break_months_left(now, clock.today()) == 2, "the free month is no part of the break"
    assert "gemeente of de verzekeraar" in task.text
    citizens, creditors = notices()
    assert (len(citizens), len(creditors)) == (1, 2)
    assert "Uw regeling gaat gewoon door." in citizens[0].body
    assert "Op 1 december 2026 betaalt u niets." in citizens[0].body
    for row in creditors:
        assert "Andere manier van betalen" in row.body
        assert "De nieuwe einddatum is 1 december 2029." in row.body


def test_who_has_it_withheld_gets_no_link_to_pay() -> None:
    case, arrangement = running_with(*CLAIMS)
    bridge(case, arrangement, BridgeGround.OTHER, PayWay.WITHHELD)
    with as_worker("test"):
        assert remind_payments(today=date(2026, 12, 29)) == 1
        [message] = Message.objects.filter(kind="payment_reminder")
    assert "De gemeente houdt" in message.body
    assert "U hoeft niets te doen." in message.body
    assert "/b/" not in message.body


def test_once_a_year() -> None:
    case, arrangement = running_with(*CLAIMS)
    bridge(case, arrangement, BridgeGround.MOVING)
    with pytest.raises(BridgeTooSoon, match="23 november 2027"):
        bridge(case, arrangement, BridgeGround.NEW_JOB)
    at(date(2027, 11, 23))
    bridge(case, arrangement, BridgeGround.NEW_JOB, PayWay.TRANSFER)
    assert fresh(arrangement).pay_way == PayWay.TRANSFER


def test_the_checklist_fits_every_ground_and_way() -> None:
    for ground in BridgeGround:
        for way in PayWay:
            assert len(checklist(ground, way)) <= 300


def test_grounds_are_written_as_the_matrix_knows_them() -> None:
    case, arrangement = running_with(*CLAIMS)
    bridge(case, arrangement, BridgeGround.MOVING)
    pause(case, arrangement, 1)
    with as_worker("test"):
        grounds = Installment.objects.filter(state="moved").values_list("moved_ground", flat=True)
        assert set(grounds) == {ChangeGround.BRIDGE, ChangeGround.CRISIS_BREAK}


# --- versions ------------------------------------------------------------------------------------------------------


def versions(arrangement: Arrangement) -> list[tuple[int, str, date, int, str]]:
    jobs.run_all()
    with as_worker("test"):
        rows = PlanVersion.objects.filter(arrangement=arrangement).order_by("number")
        return [(row.number, row.ground, row.last_due_date, row.monthly_cents, row.decided_by) for row in rows]


def test_a_new_end_date_is_a_new_version_and_a_move_within_the_term_is_not() -> None:
    case, arrangement = running_with(180_00, 90_00, months=6)
    move_first(case, arrangement, date(2026, 12, 11))
    assert [row[0] for row in versions(arrangement)] == [1]
    pause(case, arrangement, 1)
    assert versions(arrangement) == [
        (1, "signed", date(2027, 5, 1), 45_00, "citizen"),
        (2, "crisis_break", date(2027, 6, 1), 45_00, "coach"),
    ]
    assert fresh(arrangement).version == 2


def test_the_books_are_in_order_after_every_kind_of_shift() -> None:
    case, arrangement = running_with(180_00, 90_00, months=6, shift_rule=ShiftRule.HIGHER)
    pay_next(arrangement, amount_cents=20_00)
    move_first(case, arrangement, date(2026, 12, 11))
    bridge(case, arrangement, BridgeGround.MOVING)
    pause(case, arrangement, 1)
    jobs.run_all()
    with as_worker("test"):
        assert check_books() == []
