"""The seat of a login at a creditor."""

from creditors.models import CreditorMember


def seat_of(user_id: int) -> CreditorMember | None:
    """The active seat of this user, or None."""
    return CreditorMember.objects.filter(user_id=user_id, active=True).first()
