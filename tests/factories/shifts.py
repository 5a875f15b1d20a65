"""Plans with an instalment that was moved, a pause, or another way of paying; made by the operations themselves."""

from datetime import date

from arrangements.domain.break_reason import BreakReason
from arrangements.domain.deciders import Decider
from arrangements.models import Arrangement, Installment
from arrangements.models.arrangement import PayWay, ShiftRule, WindfallRule
from arrangements.operations.ask_break import ask_break
from arrangements.operations.bridge_payment import BridgeGround, bridge_payment
from arrangements.operations.choose_rules import choose_rules
from arrangements.operations.grant_break import grant_break
from arrangements.operations.move_installment import move_installment
from infra import jobs
from infra.scope import act_as, as_worker
from tests.factories.money import START, activate, at
from tests.factories.people import citizen_scope, make_citizen
from tests.factories.plans import Case, agreed, make_case


def running_with(
    *amounts: int,
    shift_rule: ShiftRule = ShiftRule.LATER,
    windfall_rule: WindfallRule = WindfallRule.KEEP,
    declared: int = 45_00,
    months: int = 36,
    family_name: str = "Schuift",
) -> tuple[Case, Arrangement]:
    """One claim (cents) at each of as many creditors, signed on 23 November 2026 with these rules, and active."""
    at(START)
    case = make_case(*amounts, citizen=make_citizen(family_name=family_name))
    proposal = agreed(case, declared=declared, months=months)
    with act_as(citizen_scope(case.citizen)):
        case.proposal = choose_rules(proposal=proposal, shift_rule=shift_rule, windfall_rule=windfall_rule)
    arrangement = activate(case.sign())
    jobs.run_all()
    return case, fresh(arrangement)


def fresh(arrangement: Arrangement) -> Arrangement:
    """The row as it is now."""
    with as_worker("test"):
        return Arrangement.objects.select_related("citizen__director", "proposal").get(pk=arrangement.pk)


def schedule(arrangement: Arrangement) -> list[tuple[int, date, int, str]]:
    """Number, due date, amount in cents and state of every instalment, moved ones too."""
    with as_worker("test"):
        rows = Installment.objects.filter(arrangement=arrangement).order_by("number", "pk")
        return [(row.number, row.due_date, row.amount_cents, row.state) for row in rows]


def moved() -> Case:
    """The first instalment is moved by a week."""
    case, arrangement = running_with(1_000_00, 2_000_00, family_name="Verplaatst")
    with act_as(citizen_scope(case.citizen)):
        move_installment(arrangement=arrangement, number=1, new_day=date(2026, 12, 8), decider=Decider.CITIZEN)
    jobs.run_all()
    return case


def paused() -> Case:
    """A crisis break of two months, granted by a helper."""
    case, arrangement = running_with(1_000_00, 2_000_00, family_name="Pauzeert")
    with act_as(citizen_scope(case.citizen)):
        grant_break(arrangement=arrangement, months=2, reason=BreakReason.CRISIS, decider=Decider.COACH)
    jobs.run_all()
    return case


def bridged() -> Case:
    """Left the bijstand: pays with a link from now on, with one free month."""
    case, arrangement = running_with(1_000_00, 2_000_00, family_name="Andersbetaalt")
    with act_as(citizen_scope(case.citizen)):
        bridge_payment(
            arrangement=arrangement,
            ground=BridgeGround.LEAVING_BIJSTAND,
            pay_way=PayWay.LINK,
            decider=Decider.CITIZEN,
        )
    jobs.run_all()
    return case


def pause_asked() -> Case:
    """The citizen asked for a pause; nobody called yet."""
    case, arrangement = running_with(1_000_00, 2_000_00, family_name="Vraagtpauze")
    with act_as(citizen_scope(case.citizen)):
        ask_break(arrangement=arrangement)
    return case
