"""What a person of the desk decides about a line of the bank. The worker carries it out (`carry_out_decision`)."""

from django.db import IntegrityError, transaction

from accounts.models import User
from arrangements.domain.lifecycle import ArrangementState
from arrangements.models import Arrangement, BankLine, MoneyDecision
from infra import audit, clock, jobs
from kernel.identifiers import is_iban

Kind = MoneyDecision.Kind


class CannotDecide(Exception):
    """This cannot be decided about this line; the message is the Dutch sentence for the desk."""


@transaction.atomic
def decide_bank_line(
    *, line: BankLine, kind: MoneyDecision.Kind, user: User, arrangement: Arrangement | None = None, note: str = ""
) -> MoneyDecision:
    """Decide about a line that nobody placed. Placing and own money are carried out at once; sending back waits for a
    second person. Scope: the desk's. Raises CannotDecide.
    """
    _check(line, kind, arrangement)
    try:
        with transaction.atomic():
            row = MoneyDecision.objects.create(
                kind=kind,
                bank_line=line,
                arrangement=arrangement if kind == Kind.PLACE else None,
                note=note[:200],
                decided_by=user,
                decided_on=clock.today(),
            )
    except IntegrityError as error:
        raise CannotDecide("Een collega heeft net over deze regel besloten. Kijk de lijst nog een keer na.") from error
    _record("money_decided", row)
    if kind != Kind.SEND_BACK:
        _carry_out(row)
    return row


@transaction.atomic
def approve_decision(*, decision: MoneyDecision, user: User) -> MoneyDecision:
    """The second person agrees that the money goes back. Scope: the desk's. Raises CannotDecide."""
    row = MoneyDecision.objects.select_for_update(of=("self",)).filter(pk=decision.pk, done_on=None).first()
    if row is None or row.kind != Kind.SEND_BACK or row.approved_by_id is not None:
        raise CannotDecide("Hierover is al besloten. Kijk de lijst nog een keer na.")
    if row.decided_by_id == user.pk:
        raise CannotDecide("U heeft dit zelf voorgesteld. Een collega moet het goedkeuren.")
    row.approved_by, row.approved_on = user, clock.today()
    row.save(update_fields=["approved_by", "approved_on"])
    _record("money_decision_approved", row)
    _carry_out(row)
    return row


@transaction.atomic
def withdraw_decision(*, decision: MoneyDecision) -> None:
    """Not after all: as long as the second person has not agreed. Scope: the desk's. Raises CannotDecide."""
    row = MoneyDecision.objects.select_for_update(of=("self",)).filter(pk=decision.pk, done_on=None).first()
    if row is None or row.kind != Kind.SEND_BACK or row.approved_by_id is not None:
        raise CannotDecide("Dit is al goedgekeurd. Intrekken kan niet meer.")
    _record("money_decision_withdrawn", row)
    row.delete()


def _check(line: BankLine, kind: MoneyDecision.Kind, arrangement: Arrangement | None) -> None:
    if line.meaning != BankLine.Meaning.OPEN:
        raise CannotDecide("Deze regel is al geplaatst.")
    if kind == Kind.PLACE:
        if line.amount_cents < 0:
            raise CannotDecide("Dit geld ging eraf. Alleen geld dat binnenkwam, kan bij een regeling horen.")
        if arrangement is None:
            raise CannotDecide("Kies een regeling. Zoek op betalingskenmerk of op het nummer van de regeling.")
        if arrangement.state == ArrangementState.SIGNED:
            raise CannotDecide("Deze regeling is nog niet begonnen. Wacht tot zij loopt.")
    elif kind == Kind.SEND_BACK:
        if line.amount_cents < 0:
            raise CannotDecide("Dit geld ging eraf. Er is niets om terug te sturen.")
        if not is_iban(line.counterparty_iban):
            raise CannotDecide(
                "De bank geeft geen rekeningnummer van de afzender. Terugsturen kan alleen via de bank zelf."
            )
    elif kind != Kind.TOP_UP:
        raise CannotDecide("Dit kan niet over een regel van de bank worden besloten.")


def _carry_out(row: MoneyDecision) -> None:
    jobs.enqueue("carry_out_decision", key=f"carry_out_decision:{row.pk}", arguments={"decision": row.pk})


def _record(action: str, row: MoneyDecision) -> None:
    audit.record(
        action,
        object_type="money_decision",
        object_id=row.pk,
        citizen_id=row.arrangement.citizen_id if row.arrangement is not None else None,
        reason=row.get_kind_display(),
        details={"bank_line": row.bank_line_id},
    )
