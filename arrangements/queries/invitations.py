from collections.abc import Iterable

from arrangements.models import Claim, CreditorInvitation


def invitations_of(claims: Iterable[Claim]) -> dict[int, CreditorInvitation]:
    """How far the invitation of each organisation among these claims is, by creditor; only those that do not take part yet.

    Scope: the citizen's.
    """
    named = [claim.creditor_id for claim in claims if not claim.creditor.participates]
    if not named:
        return {}
    rows = CreditorInvitation.objects.filter(creditor_id__in=named, linked_on=None)
    return {row.creditor_id: row for row in rows}
