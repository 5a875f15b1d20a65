from django.db import transaction

from arrangements.domain.lifecycle import ProposalState
from arrangements.models import Arrangement, Proposal
from arrangements.models.arrangement import ShiftRule, WindfallRule
from infra import audit


class AlreadySigned(Exception):
    """The rules are part of what was signed."""


@transaction.atomic
def choose_rules(*, proposal: Proposal, shift_rule: ShiftRule, windfall_rule: WindfallRule) -> Proposal:
    """What happens when an instalment is skipped, and with money that comes once: chosen before signing.

    The text of the agreement follows, so who had read another one is asked to read again. Raises AlreadySigned; ValueError
    unless everybody said yes. Scope: the citizen's.
    """
    row = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
    if Arrangement.objects.filter(proposal=row).exists():
        raise AlreadySigned
    if row.state != ProposalState.AGREED:
        raise ValueError("the rules are chosen when everybody agreed")
    if (row.shift_rule, row.windfall_rule) == (shift_rule, windfall_rule):
        return row
    before = f"{row.shift_rule}, {row.windfall_rule}"
    row.shift_rule, row.windfall_rule = shift_rule, windfall_rule
    row.save(update_fields=["shift_rule", "windfall_rule"])
    audit.record(
        "rules_chosen",
        object_type="proposal",
        object_id=row.pk,
        from_state=before,
        to_state=f"{shift_rule.value}, {windfall_rule.value}",
        citizen_id=row.citizen_id,
    )
    return row
