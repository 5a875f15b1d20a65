"""Two partners, worked out by hand with the record of 1 July 2026 (domain.md 1.1): one takes part, none, or both.

Anna has 1.500,00 a month net, Bram 1.100,00; their taxable income is 45.000,00 a year together, also when only one of
them takes part (475da(3): C is of person and spouse together). They live together without children: gehuwd.

    base     95 % x 2.027,79                                   = 1.926,4005
    care     (45.000,00 - 29.735,42) / 12 x 13,730 %           =   174,6522...   (at most 247,1666...)
    rent     (45.000,00 - 31.500,00) / 12 x 22 %               =   247,5         (at most 732,22)
    BVV_da   together                                          = 2.348,5527...   (at most 2.905,79)

    Anna alone, Bram does not take part   BVV_da - 1.100,00    = 1.248,5527...   (95 % of 1.500,00 is 1.425,00)
                                          1.500,00 - 1.248,55  =   251,45
    Bram alone, Anna does not take part   BVV_da - half of it, for 1.500,00 is more  = 1.174,2763...
                                          at most 95 % of 1.100,00 = 1.045,00
                                          1.100,00 - 1.045,00  =    55,00
    both together                         nothing off          = 2.348,5527...   (95 % of 2.600,00 is 2.470,00)
                                          2.600,00 - 2.348,55  =   251,45

Each alone they could promise 306,45: 55,00 more than the household has. That is why partners who both take part have one
capacity, and why what one promised is taken off for the other.
"""

from datetime import date

import pytest

from affordability.gate import Verdict, assess
from affordability.household import Household, Situation
from arrangements.models import Proposal
from arrangements.operations.assess_application import assess_application
from arrangements.operations.make_proposal import AmountTooHigh, make_draft
from arrangements.operations.submit_proposal import submit_proposal
from arrangements.queries.household import committed_cents
from infra import clock
from infra.scope import act_as
from tests.factories.partners import together
from tests.factories.people import citizen_scope, make_citizen
from tests.factories.plans import Case, fill_in, make_case

DAY = date(2026, 11, 23)
TAXABLE = 45_000_00
ANNA, BRAM = 1_500_00, 1_100_00


def couple(net_income: int, *, partner_income: int = 0) -> Household:
    """Gehuwd, with the taxable income of both; `partner_income` of a spouse who does not take part (cents per month)."""
    return Household(Situation.GEHUWD, net_income, TAXABLE, partner_income)


@pytest.mark.parametrize(
    ("household", "floor", "capacity"),
    [
        pytest.param(couple(ANNA, partner_income=BRAM), 1_248_55, 251_45, id="Anna takes part, Bram does not"),
        pytest.param(couple(BRAM, partner_income=ANNA), 1_045_00, 55_00, id="Bram takes part, Anna does not"),
        pytest.param(couple(ANNA + BRAM), 2_348_55, 251_45, id="both take part"),
        # 95 % of 2.000,00 is less than 2.348,5527...
        pytest.param(couple(2_000_00), 1_900_00, 100_00, id="both take part, and one has no income"),
    ],
)
def test_what_a_couple_can_miss(household: Household, floor: int, capacity: int) -> None:
    assessed = assess(household, capacity, DAY)
    assert (assessed.verdict, assessed.floor_low, assessed.floor_high) == (Verdict.GREEN, floor, floor)
    assert (assessed.capacity_low, assessed.capacity_high) == (capacity, capacity)
    assert assess(household, capacity + 1, DAY).verdict == Verdict.RED


# --- both have a plan of their own, against one capacity -------------------------------------------------------------


@pytest.fixture
def anna_and_bram(db: None) -> tuple[Case, Case]:
    """Each with a claim of 20.000,00 at an organisation of their own, together in one household."""
    clock.set_today(DAY)
    anna, bram = (make_case(20_000_00, citizen=make_citizen(family_name=name)) for name in ("Een", "Twee"))
    together(anna.citizen, bram.citizen)
    return anna, bram


def send(case: Case, declared: int, *, net_income: int) -> Proposal:
    """Ask `declared` (cents per month) on the income of both (cents per month), and send it."""
    answers = {
        "situation": "gehuwd",
        "partner_takes_part": True,
        "partner_income_cents": 0,
        "net_income_cents": net_income,
        "taxable_income_cents": TAXABLE,
    }
    fill_in(case, declared=declared, **answers)  # type: ignore[arg-type]  # passes the answers through
    with act_as(citizen_scope(case.citizen)):
        assessment = assess_application(application=case.application)
        draft = make_draft(application=case.application, assessment=assessment)
        return submit_proposal(proposal=draft)


def left_for(case: Case) -> int:
    """What the other one promised, in cents per month."""
    with act_as(citizen_scope(case.citizen)):
        return committed_cents(case.citizen.pk)


def test_plans_of_100_and_200_euro_both_pass_when_the_household_can_miss_351_45(
    anna_and_bram: tuple[Case, Case],
) -> None:
    """2.700,00 net together: 2.700,00 - 2.348,55 = 351,45; after 100,00 there is 251,45, after 200,00 more 51,45."""
    anna, bram = anna_and_bram
    assert send(anna, 100_00, net_income=2_700_00).state == "submitted"
    assert send(bram, 200_00, net_income=2_700_00).state == "submitted"
    assert (left_for(anna), left_for(bram)) == (200_00, 100_00)


def test_plans_of_100_and_200_euro_do_not_both_pass_when_the_household_can_miss_251_45(
    anna_and_bram: tuple[Case, Case],
) -> None:
    """2.600,00 net together: 251,45; after Anna's 100,00 there is 151,45 for Bram and not a cent more."""
    anna, bram = anna_and_bram
    send(anna, 100_00, net_income=2_600_00)
    for too_much in (200_00, 151_46):
        with pytest.raises(AmountTooHigh):
            send(bram, too_much, net_income=2_600_00)
    assert send(bram, 151_45, net_income=2_600_00).state == "submitted"
