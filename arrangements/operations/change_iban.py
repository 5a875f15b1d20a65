"""Another account for a creditor: one person asks, another checks, and then there is a waiting time (reliability.md 27)."""

from datetime import date

from django.db import IntegrityError, transaction

from accounts.models import User
from arrangements.documents.content import long_date
from arrangements.domain.policy_values import policy_on
from arrangements.operations.tell import tell_creditor
from creditors.models import Creditor, CreditorMember, IbanChange
from infra import audit, clock
from kernel.identifiers import is_iban, mask_iban, normalize_iban
from kernel.working_days import add_working_days

OPEN = (IbanChange.State.ASKED, IbanChange.State.APPROVED)


class CannotChangeIban(Exception):
    """Why this account number cannot be changed so; the message is a Dutch sentence for whoever asks."""


@transaction.atomic
def ask_iban_change(*, creditor: Creditor, user: User, iban: str) -> IbanChange:
    """A manager of the creditor asks for another account. Until it is in force payments go on to the old one.

    The address we know gets a message at once: whoever is behind it can say that this is not theirs. Scope: the creditor's.
    Raises CannotChangeIban: not a manager, an account that cannot exist, the same one, or a change that is open.
    """
    if not CreditorMember.objects.filter(
        user=user, creditor=creditor, active=True, role=CreditorMember.Role.MANAGER
    ).exists():
        raise CannotChangeIban("Alleen een beheerder van uw organisatie kan het rekeningnummer wijzigen.")
    wanted = normalize_iban(iban)
    if not is_iban(wanted):
        raise CannotChangeIban("Deze IBAN bestaat niet. Kijk de cijfers nog eens na.")
    if wanted == creditor.iban and creditor.iban_blocked_on is None:
        raise CannotChangeIban("Dit is het rekeningnummer dat wij al hebben.")
    if IbanChange.objects.filter(creditor=creditor, state__in=OPEN).exists():
        raise CannotChangeIban("Er loopt al een wijziging. Wacht tot die klaar is, of trek haar in.")
    try:
        with transaction.atomic():
            change = IbanChange.objects.create(
                creditor=creditor, old_iban=creditor.iban, iban=wanted, asked_by=user, asked_on=clock.today()
            )
    except IntegrityError:  # a colleague was first, in the same moment
        raise CannotChangeIban("Er loopt al een wijziging. Wacht tot die klaar is, of trek haar in.") from None
    _record("iban_change_asked", change)
    _tell(
        change,
        "asked",
        "Er is een ander rekeningnummer gevraagd",
        f"Iemand van uw organisatie vraagt om voortaan te betalen op {mask_iban(wanted)}.\n"
        "Wij kijken dit eerst na. Tot die tijd betalen wij op het oude nummer.\n"
        "Was u dit niet? Bel ons dan meteen.",
    )
    return change


@transaction.atomic
def withdraw_iban_change(*, change: IbanChange, user: User) -> IbanChange:
    """Somebody of the creditor takes the question back, until it is in force. Scope: the creditor's. CannotChangeIban."""
    row = _open(change)
    row.state, row.decided_by, row.decided_on = IbanChange.State.WITHDRAWN, user, clock.today()
    row.save(update_fields=["state", "decided_by", "decided_on"])
    _record("iban_change_withdrawn", row)
    return row


@transaction.atomic
def approve_iban_change(*, change: IbanChange, user: User, how_checked: str) -> IbanChange:
    """Somebody of the desk, never who asked, checked that the account is the creditor's: by calling a number known before.

    It is in force after the waiting time of the policy. Scope: the desk. Raises CannotChangeIban.
    """
    row = _open(change)
    if row.state != IbanChange.State.ASKED:
        raise CannotChangeIban("Deze wijziging is al goedgekeurd.")
    _check_decider(row, user)
    if not how_checked.strip():
        raise CannotChangeIban("Schrijf op hoe u de naam en de rekening heeft gecontroleerd.")
    today = clock.today()
    row.state, row.decided_by, row.decided_on = IbanChange.State.APPROVED, user, today
    row.how_checked = how_checked.strip()[:200]
    row.effective_on = add_working_days(today, policy_on(today).iban_change_working_days)
    row.save(update_fields=["state", "decided_by", "decided_on", "how_checked", "effective_on"])
    _record("iban_change_approved", row)
    _tell(
        row,
        "approved",
        "Uw nieuwe rekeningnummer gaat binnenkort in",
        f"Vanaf {long_date(row.effective_on)} betalen wij op {mask_iban(row.iban)}.\n"
        "Is dit niet goed? Bel ons dan vóór die dag.",
    )
    return row


@transaction.atomic
def refuse_iban_change(*, change: IbanChange, user: User, how_checked: str) -> IbanChange:
    """The desk does not believe it, also after it was approved: as long as it is not in force. Scope: the desk.

    Raises CannotChangeIban.
    """
    row = _open(change)
    _check_decider(row, user)
    if not how_checked.strip():
        raise CannotChangeIban("Schrijf op waarom de wijziging niet door gaat.")
    row.state, row.decided_by, row.decided_on = IbanChange.State.REFUSED, user, clock.today()
    row.how_checked = how_checked.strip()[:200]
    row.save(update_fields=["state", "decided_by", "decided_on", "how_checked"])
    _record("iban_change_refused", row)
    _tell(
        row,
        "refused",
        "Uw rekeningnummer is niet gewijzigd",
        "Wij konden het nieuwe rekeningnummer niet controleren. Wij betalen op het oude nummer.\nBel ons als dit niet klopt.",
    )
    return row


@transaction.atomic
def apply_iban_changes(*, today: date) -> int:
    """Put the approved changes of which the day has come in force. How many. Worker only, daily.

    What was built before keeps its account. A block because money came back ends here: the account is another one.
    """
    due = list(
        IbanChange.objects.select_for_update(of=("self",)).filter(
            state=IbanChange.State.APPROVED, effective_on__lte=today
        )
    )
    for change in due:
        creditor = Creditor.objects.select_for_update(no_key=True).get(pk=change.creditor_id)
        creditor.iban, creditor.iban_blocked_on = change.iban, None
        creditor.save(update_fields=["iban", "iban_blocked_on"])
        change.state = IbanChange.State.APPLIED
        change.save(update_fields=["state"])
        _record("iban_change_applied", change)
        _tell(
            change,
            "applied",
            "Uw nieuwe rekeningnummer is in gebruik",
            f"Vanaf nu betalen wij op {mask_iban(change.iban)}.",
        )
    return len(due)


def _open(change: IbanChange) -> IbanChange:
    row = IbanChange.objects.select_for_update(of=("self",)).get(pk=change.pk)
    if row.state not in OPEN:
        raise CannotChangeIban(f"Deze wijziging is al klaar: {row.get_state_display().lower()}.")
    return row


def _check_decider(row: IbanChange, user: User) -> None:
    if not User.objects.filter(pk=user.pk, is_staff=True, is_active=True).exists():
        raise CannotChangeIban("Alleen een medewerker van het loket mag dit doen.")
    if row.asked_by_id == user.pk:
        raise CannotChangeIban("U heeft deze wijziging zelf gevraagd. Een collega moet haar controleren.")


def _record(action: str, change: IbanChange) -> None:
    audit.record(
        action,
        object_type="iban_change",
        object_id=change.pk,
        to_state=change.state,
        creditor_id=change.creditor_id,
        reason=change.how_checked,
    )


def _tell(change: IbanChange, stage: str, subject: str, body: str) -> None:
    creditor = Creditor.objects.get(pk=change.creditor_id)
    tell_creditor(creditor, key=f"iban_change:{change.pk}:{stage}", kind="iban_change", subject=subject, body=body)
