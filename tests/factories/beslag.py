"""A plan that stands still because of a beslag, one whose payments do not come, one that was stopped; by the operations."""

from datetime import date

from accounts.models import CaseWorker
from arrangements.domain.deciders import Decider
from arrangements.domain.termination import TerminationGround
from arrangements.models import Arrangement, Beslag
from arrangements.operations.lift_beslag import lift_beslag
from arrangements.operations.report_beslag import report_beslag
from arrangements.operations.run_day import run_day
from arrangements.operations.terminate_arrangement import terminate_arrangement
from creditors.models import Creditor
from infra import jobs
from infra.scope import act_as, as_worker
from tests.factories.money import activate, at
from tests.factories.people import citizen_scope, creditor_scope, login_of, make_citizen
from tests.factories.plans import Case, agreed, make_case

MONDAY = date(2026, 11, 23)


def day(today: date) -> None:
    """Everything that falls due on one day."""
    at(today)
    with as_worker("test"):
        run_day(today=today)
    jobs.run_all()


def again(arrangement: Arrangement) -> Arrangement:
    """As it is in the database now."""
    with as_worker("test"):
        return Arrangement.objects.get(pk=arrangement.pk)


def reported(
    case: Case,
    arrangement: Arrangement,
    *,
    by: Decider = Decider.CITIZEN,
    creditor: Creditor | None = None,
    name: str = "Deurwaarder Jansen",
    claim_cents: int | None = None,
) -> Beslag:
    """A beslag of `creditor`, or of a party by name; reported by the citizen unless a creditor does it. Jobs are not run."""
    own = by is Decider.CREDITOR
    assert not own or creditor is not None
    number = case.creditors.index(creditor) if own and creditor is not None else 0
    scope = creditor_scope(case.creditors[number], case.members[number]) if own else citizen_scope(case.citizen)
    with act_as(scope):
        return report_beslag(
            arrangement=arrangement,
            decider=by,
            user=case.members[number].user if own else login_of(case.citizen),
            party_name="" if creditor else name,
            creditor=creditor,
            claim_cents=claim_cents,
        )


def lifted(case: Case, beslag: Beslag, coach: CaseWorker, reason: str = "De deurwaarder is gestopt") -> Beslag:
    """Whoever helps saw that it is over. Jobs are not run."""
    with act_as(citizen_scope(case.citizen)):
        return lift_beslag(beslag=beslag, decider=Decider.COACH, user=coach.user, reason=reason)


def stopped(case: Case, arrangement: Arrangement) -> Arrangement:
    """The citizen stops it. Jobs are not run."""
    with act_as(citizen_scope(case.citizen)):
        return terminate_arrangement(
            arrangement=arrangement,
            decider=Decider.CITIZEN,
            user=login_of(case.citizen),
            ground=TerminationGround.OWN_WISH,
        )


def _running(name: str) -> tuple[Case, Arrangement]:
    case = make_case(1_000_00, 2_000_00, citizen=make_citizen(family_name=name))
    agreed(case)
    return case, activate(case.sign())


def seized() -> Case:
    """The citizen told of a beslag by somebody outside the plan."""
    case, arrangement = _running("Beslag")
    reported(case, arrangement)
    jobs.run_all()
    return case


def late() -> Case:
    """Two instalments late, the first as far as help goes."""
    case, _arrangement = _running("Telaat")
    for today in (date(2026, 12, 4), date(2026, 12, 31), date(2027, 1, 5)):
        day(today)
    return case


def over() -> Case:
    """Stopped by the citizen."""
    case, arrangement = _running("Gestopt")
    stopped(case, arrangement)
    jobs.run_all()
    return case
