"""Help with payments that did not come: message, call, talk, a proposal to vary. Late is paid; nothing stops by itself."""

from datetime import date, timedelta
from itertools import groupby

from django.db import transaction

from arrangements.domain.ladder import Climb, LadderStep, climb
from arrangements.domain.lifecycle import ArrangementState, InstallmentState, Thing
from arrangements.domain.policy_values import PolicyValues, policy_on
from arrangements.models import CaseTask, Installment
from arrangements.models.arrangement import PayWay
from arrangements.operations.moves import move
from arrangements.operations.tasks_for_director import make_task
from arrangements.operations.tell import tell_citizen
from arrangements.queries.overdue import UNPAID, as_late, days_late

_TASKS = {
    LadderStep.CALL: (CaseTask.Kind.MISSED_PAYMENT, "{what}. Bel en vraag wat er is."),
    LadderStep.COACH: (CaseTask.Kind.MISSED_PAYMENT, "{what}. Maak een afspraak en bespreek wat wél lukt."),
    LadderStep.VARY: (
        CaseTask.Kind.VARIATION,
        "{what}. Stel een wijziging voor: later, een pauze of een lager bedrag.",
    ),
}


@transaction.atomic
def climb_ladder(*, today: date) -> int:
    """Take the step that is due for every plan with late instalments, together for all of them. Worker only, daily.

    Only for plans that run: nothing is late while a plan is paused or stands still. Returns how many steps were taken.
    """
    policy = policy_on(today)
    rows = (
        Installment.objects.select_for_update(of=("self",))
        .select_related("citizen__director", "citizen__user", "arrangement")
        .filter(
            due_date__lte=today - timedelta(days=policy.missed_after_days),
            due_date__lt=today,
            state__in=UNPAID,
            arrangement__state=ArrangementState.ACTIVE,
        )
        .order_by("arrangement_id", "due_date", "number")
    )
    # A municipality has some days more; its plans stand a step lower all the way up.
    late_now = [row for row in rows if days_late(row, today) >= policy.missed_after_days]
    return sum(
        _one_plan(list(late), today, policy) for _, late in groupby(late_now, key=lambda row: row.arrangement_id)
    )


def _one_plan(late: list[Installment], today: date, policy: PolicyValues) -> int:
    by_key = {row.pk: row for row in late}
    for row in late:
        if row.state == InstallmentState.OPEN:
            move(Thing.INSTALLMENT, row, InstallmentState.MISSED, reason="niet betaald binnen de dagen die er waren")
    found = climb([as_late(row, today) for row in late], policy)
    for key, step in found.taken:
        by_key[key].ladder_step = step.value
        by_key[key].save(update_fields=["ladder_step"])
    if found.step is None:
        return 0
    about = [by_key[key] for key in found.about]
    _help(found, about)
    return 1


def _help(found: Climb, about: list[Installment]) -> None:
    assert found.step is not None  # noqa: S101  the caller looked
    step, first = found.step, about[0]
    # By the newest of them: older ones have had their own.
    key = f"{step.value}:{max(row.pk for row in about)}"
    if step is LadderStep.MESSAGE and first.arrangement.pay_way == PayWay.WITHHELD:
        # Nothing this citizen can do: the municipality is asked first.
        make_task(
            citizen_id=first.citizen_id,
            key=f"missed:{key}",
            kind=CaseTask.Kind.WITHHOLDING,
            text=f"{_what(about)}: de inhouding van de gemeente is niet gekomen. Bel de gemeente en vraag waarom.",
        )
        return
    if step in _TASKS:
        kind, text = _TASKS[step]
        make_task(citizen_id=first.citizen_id, key=f"missed:{key}", kind=kind, text=text.format(what=_what(about)))
    if step is LadderStep.MESSAGE:
        body = (
            "We hebben uw geld nog niet gekregen.\n"
            if not any(row.paid_cents for row in about)
            else "We hebben nog niet alles gekregen.\n"
        ) + (
            "Lukt betalen niet? Vertel het ons. Dan zoeken we samen een oplossing.\n"
            "Later betalen kan ook. Dat telt gewoon mee."
        )
    elif step is LadderStep.VARY:
        body = (
            "Betalen lukt nu niet. Dat kan gebeuren.\n"
            "Wij denken graag mee. Dit kan:\n"
            "- Betaal een keer later.\n"
            "- Neem een pauze.\n"
            "- Betaal minder per maand.\n"
            f"{first.citizen.director.name} belt u hierover. U mag ook zelf bellen."
        )
    else:
        # Somebody calls: a message on top of that would only press.
        return
    tell_citizen(
        first.citizen,
        key=f"missed:{key}",
        kind="payment_missed" if step is LadderStep.MESSAGE else "ways_out",
        subject="Bericht over uw afspraak",
        body=body,
    )


def _what(about: list[Installment]) -> str:
    numbers = [str(row.number) for row in about]
    if len(numbers) == 1:
        return f"Termijn {numbers[0]} is niet betaald"
    return f"De termijnen {', '.join(numbers[:-1])} en {numbers[-1]} zijn niet betaald"
