"""The invitation code on a creditor's letter: made from the claim itself, so that it can be printed again."""

from accounts import codes

PURPOSE = "invitation"


def invitation_code(*, creditor_id: int, reference: str) -> str:
    """The readable code of one claim, eight characters."""
    return codes.derived_code(PURPOSE, creditor_id, reference)


def invitation_hash(*, creditor_id: int, reference: str) -> str:
    """What is kept of it."""
    return codes.code_hash(PURPOSE, invitation_code(creditor_id=creditor_id, reference=reference))
