"""The log of one case, in order. Scope: the citizen's, the coach's who works for them, the desk's or the worker's."""

from uuid import UUID

from django.db import connection

from accounts.models import Citizen
from arrangements.domain.history import Event
from arrangements.models import Application, Arrangement, Claim, Proposal


def case_history(citizen_id: int) -> list[Event]:
    """Everything that happened in the case of this citizen, oldest first; [] for a citizen who is not in scope."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT at, business_date, action, object_type, object_id, from_state, to_state, reason, who, by_citizen, "
            "creditor, number FROM case_history(%s)",
            [citizen_id],
        )
        return [Event(*row) for row in cursor.fetchall()]


def citizen_of(reference: str) -> int | None:
    """Whose case a reference is about: a betalingskenmerk, the number of a proposal, plan, claim, application or person.

    Worker only. None for a reference nobody has.
    """
    text = reference.strip()
    by_payment = Arrangement.objects.filter(payment_reference=text.replace(" ", "")).values_list(
        "citizen_id", flat=True
    )
    found = by_payment.first()
    if found is not None:
        return found
    by_claim = list(Claim.objects.filter(reference=text).values_list("citizen_id", flat=True).distinct()[:2])
    if len(by_claim) == 1:
        return by_claim[0]
    try:
        number = UUID(text)
    except ValueError:
        return None
    for model in (Proposal, Arrangement, Claim, Application):
        row = model.objects.filter(public_id=number).values_list("citizen_id", flat=True).first()
        if row is not None:
            return int(row)
    return Citizen.objects.filter(public_id=number).values_list("pk", flat=True).first()
