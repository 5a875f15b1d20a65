from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import User
from arrangements.domain.deciders import ChangeGround, Decider, check_decider
from arrangements.domain.policy_values import policy_on
from arrangements.models import Arrangement, Variation
from arrangements.operations.change_plan import CHANGEABLE, PlanNotRunning, read_plan
from arrangements.operations.compute_variation import GROUNDS, compute_variation
from infra import audit, clock, jobs
from kernel.working_days import add_working_days


class AnotherIsOpen(Exception):
    """The arrangement has an open variation: one at a time."""


@transaction.atomic
def propose_variation(
    *,
    arrangement: Arrangement,
    ground: ChangeGround,
    wanted: Mapping[str, Any],
    decided_by: Decider,
    user: User | None,
) -> Variation:
    """Ask for a change of a running plan. Scope: the citizen's (also when a coach works for them).

    Whom it touches is found out by the worker (`ask_variation`): creditors whose share falls are asked, and where nobody
    has to say yes it takes effect at once. `wanted` as in `compute_variation`, with what else has to be kept in the audit.
    Raises NotYours, PlanNotRunning, AnotherIsOpen, PlanImpossible; ValueError for a ground that is no variation.
    """
    if ground not in GROUNDS:
        raise ValueError(f"{ground} is no variation")
    check_decider(ground, decided_by)
    row = Arrangement.objects.select_for_update(of=("self",)).get(pk=arrangement.pk)
    if row.state not in CHANGEABLE:
        raise PlanNotRunning
    today = clock.today()
    # What cannot be is said at once, on the page; the worker computes it again.
    compute_variation(read_plan(row), ground=ground, wanted=wanted, today=today)
    try:
        with transaction.atomic():
            made = Variation.objects.create(
                arrangement=row,
                citizen_id=row.citizen_id,
                ground=ground.value,
                wanted=dict(wanted),
                plan_number=row.version,
                content_hash="",
                decided_by=decided_by.value,
                proposed_by=user,
                proposed_on=today,
                answer_by=add_working_days(today, policy_on(today).answer_working_days),
            )
    except IntegrityError as error:
        raise AnotherIsOpen from error
    audit.record(
        "variation_proposed",
        object_type="variation",
        object_id=made.pk,
        to_state=made.state,
        citizen_id=row.citizen_id,
        reason=ground.value,
        details={"arrangement": row.pk, "decided_by": decided_by.value, **wanted},
    )
    jobs.enqueue(
        "ask_variation",
        key=f"ask_variation:{made.pk}",
        arguments={"variation": made.pk},
        citizen_id=row.citizen_id,
    )
    return made
