"""After the balances of many claims were corrected: every proposal they stand in gets its new version, in chunks."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.db import transaction

from arrangements.domain.lifecycle import AnswerState, ProposalState
from arrangements.models import Answer, Claim, Proposal, ProposalLine
from arrangements.operations.make_certificates import make_certificates
from arrangements.operations.make_proposal import plan_for
from arrangements.operations.replace_version import Replacement, replace_versions
from arrangements.operations.settle_proposal import (
    BALANCE_CHANGED,
    apply_policies_to,
    nothing_left,
    settle_proposal,
    still_owed,
)
from creditors.models import AcceptancePolicy
from infra import clock, jobs

CHUNK: Final = 250
"""Proposals per transaction: what is held and in memory at once, and what is done over after a crash."""


@transaction.atomic
def promise_recalculation(*, claim_ids: Iterable[int]) -> int:
    """Promise new versions of every sent proposal in which one of these claims stands; how many there are.

    For whoever corrected the balances, in the same transaction. Scope: the creditor's (its own claims), or the worker's.
    """
    found = (
        Proposal.objects.filter(lines__claim_id__in=list(claim_ids), state=ProposalState.SUBMITTED)
        .order_by("pk")
        .values_list("pk", flat=True)
        .distinct()
    )
    ids = list(found)
    if ids:
        jobs.enqueue(
            "recalculate_proposals",
            key=f"recalculate_proposals:{ids[0]}:{ids[-1]}:{len(ids)}:{clock.now().isoformat()}",
            arguments={"proposals": ids},
        )
    return len(ids)


@jobs.job("recalculate_proposals", chunked=True)
def recalculate_job(work: jobs.Work) -> dict[str, int]:
    """See `recalculate_chunk`. Killed half-way it goes on: what has its new version is passed over."""
    ids = sorted(set(work.arguments["proposals"]))
    replaced = 0
    for start in range(0, len(ids), CHUNK):
        replaced += len(recalculate_chunk(proposal_ids=ids[start : start + CHUNK]))
        work.progress(min(start + CHUNK, len(ids)), len(ids), f"{replaced} voorstellen opnieuw berekend")
    return {"looked_at": len(ids), "replaced": replaced}


@transaction.atomic
def recalculate_chunk(*, proposal_ids: Sequence[int]) -> list[Proposal]:
    """New versions of these proposals, as `settle_proposal` makes one, in as many statements as for one. Worker only.

    What moved on meanwhile (another version, withdrawn, agreed), and what stands as it should, is passed over. Proposals are
    held in the order of their numbers, and then their answers: as everywhere.
    """
    olds = list(
        Proposal.objects.select_for_update(of=("self",))
        .select_related("application", "assessment", "citizen__director", "citizen__user")
        .defer("assessment__trace")
        .filter(pk__in=proposal_ids, state=ProposalState.SUBMITTED)
        .order_by("pk")
    )
    ids = [old.pk for old in olds]
    # What somebody is saying at this moment is waited for, never overtaken.
    held = Answer.objects.select_for_update(of=("self",)).filter(proposal_id__in=ids).order_by("pk")
    differs = {row[0] for row in held.values_list("proposal_id", "state") if row[1] == AnswerState.BALANCE_DIFFERS}
    stands: dict[int, dict[int, int]] = defaultdict(dict)
    for proposal_id, claim_id, cents in ProposalLine.objects.filter(proposal_id__in=ids).values_list(
        "proposal_id", "claim_id", "outstanding_cents"
    ):
        stands[proposal_id][claim_id] = cents
    owed = {claim.pk: claim for claim in still_owed().filter(pk__in={pk for one in stands.values() for pk in one})}
    replacements = []
    for old in olds:
        claims = [owed[pk] for pk in sorted(stands[old.pk]) if pk in owed]
        if old.pk not in differs and not _changed(stands[old.pk], claims):
            continue
        if not claims:
            nothing_left(old)
            continue
        plan = plan_for(monthly_cents=old.monthly_cents, months=old.months, claims=claims)
        replacements.append(Replacement(old, claims, plan))
    new = replace_versions(replacements, reason=BALANCE_CHANGED)
    _promise_what_follows(new)
    return new


def _changed(stands: dict[int, int], claims: Sequence[Claim]) -> bool:
    return stands != {claim.pk: claim.known_cents for claim in claims}


def _promise_what_follows(new: Sequence[Proposal]) -> None:
    """Certificates for every version; policies that may say yes; and versions to which everybody said something already."""
    if not new:
        return
    today = clock.today()
    by_rule = set(
        AcceptancePolicy.objects.filter(valid_from__lte=today, valid_until=None).values_list("creditor_id", flat=True)
    )
    judged: set[int] = set()
    awaited: set[int] = set()
    for proposal_id, creditor_id in Answer.objects.filter(
        proposal_id__in=[one.pk for one in new], state=AnswerState.OPEN
    ).values_list("proposal_id", "creditor_id"):
        awaited.add(proposal_id)
        if creditor_id in by_rule:
            judged.add(proposal_id)
    ids = [one.pk for one in new]
    settle = [pk for pk in ids if pk in judged or pk not in awaited]
    arguments = {"proposals": ids, "settle": settle}
    jobs.enqueue("follow_versions", key=f"follow_versions:{ids[0]}:{len(ids)}", arguments=arguments)


@jobs.job("follow_versions", chunked=True)
def follow_versions(work: jobs.Work) -> dict[str, Any]:
    """What one new version is followed by, for many: certificates, policies, and the conclusion. Safe to repeat."""
    ids = work.arguments["proposals"]
    settle = set(work.arguments["settle"])
    for done, proposal_id in enumerate(ids, start=1):
        make_certificates(proposal_id=proposal_id)
        if proposal_id in settle:
            apply_policies_to(proposal_id=proposal_id)
            settle_proposal(proposal_id=proposal_id)
        if done % CHUNK == 0:
            work.progress(done, len(ids))
    return {"followed": len(ids)}
