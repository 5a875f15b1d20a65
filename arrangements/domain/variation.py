"""What a variation would make of a running plan, and who has to say yes to it (architecture.md, "A yes is a yes to at least
this share").

All amounts are int cents. Lines and instalments are those of `domain.plan_change`. Nothing is applied here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from arrangements.domain.change import RunningLine, ToCome, foresee
from arrangements.domain.deciders import ChangeGround
from arrangements.domain.plan_change import (
    Installment,
    Line,
    PlanImpossible,
    add_claim,
    correct_claim,
    fit_to,
    join_on_top,
    plan_hash,
    pot_of,
)
from kernel.cents import whole_number


@dataclass(frozen=True)
class Now:
    """The plan as it stands. `bases`: what each claim (by its key) had when the present version began; 0 when not named."""

    monthly: int
    received: int
    lines: tuple[Line, ...]
    installments: tuple[Installment, ...]
    bases: Mapping[str, int] = field(default_factory=dict)

    @property
    def pot(self) -> int:
        """What the citizen pays in all."""
        return pot_of(self.lines)

    @property
    def to_come(self) -> tuple[Installment, ...]:
        """The instalments whose day has not come and that are not paid."""
        return tuple(one for one in self.installments if one.is_to_come and one.amount > one.paid)


@dataclass(frozen=True)
class Then:
    """The plan as it would be: `amounts` of the instalments by key. `later`: so many months later they fall due."""

    monthly: int
    lines: tuple[Line, ...]
    amounts: Mapping[str, int]
    later: int = 0

    @property
    def pot(self) -> int:
        """What the citizen would pay in all."""
        return pot_of(self.lines)

    @property
    def hash(self) -> str:
        """SHA-256 (64 hex digits) of all of it."""
        whole = f"{plan_hash(self.lines, self.amounts)}:{self.monthly}:{self.later}"
        return sha256(whole.encode("ascii")).hexdigest()


def lower(now: Now, monthly: int) -> Then:
    """Every instalment to come asks at most `monthly` from now on; what fell due before stays owed as it was.

    Late is paid: somebody who missed a month of before the fall may still pay it, and nothing of it is given up by a
    change that looks ahead. The shares fall pro rata (`domain.change.foresee`). PlanImpossible when it is no lowering, and
    for 0: that is no plan any more, and a person has to talk about it.
    """
    if whole_number(monthly, "monthly") == 0:
        raise PlanImpossible("Nul euro per maand is geen lager bedrag. Bespreek een pauze of stoppen met elkaar.")
    if monthly >= now.monthly or not now.to_come:
        raise PlanImpossible("Dit is geen lager bedrag.")
    foreseen = foresee(
        monthly,
        [
            RunningLine(
                key=line.key,
                share=line.share - now.bases.get(line.key, 0),
                paid=line.settled - now.bases.get(line.key, 0),
                waived=line.waived,
                remains=line.remains,
                dischargeable=line.dischargeable,
            )
            for line in now.lines
        ],
        [ToCome(one.amount, one.paid) for one in now.to_come],
    )
    lines = tuple(
        line.with_share(now.bases.get(line.key, 0) + found.share_then)
        for line, found in zip(now.lines, foreseen.lines, strict=True)
    )
    coming = {one.key for one in now.to_come}
    amounts = {
        one.key: max(one.paid, min(one.amount, monthly)) if one.key in coming else one.amount
        for one in now.installments
    }
    return Then(monthly, lines, amounts)


def late_claims(now: Now, claims: Sequence[Line]) -> Then:
    """Claims that were found late share in the same pot; what anybody got already stays.

    The citizen pays no more and no longer. PlanImpossible when there is nothing left to divide.
    """
    if not now.to_come:
        raise PlanImpossible("Er komt geen geld meer om te verdelen.")
    lines = now.lines
    for claim in claims:
        lines = add_claim(lines, claim, now.pot)
    return Then(now.monthly, lines, {one.key: one.amount for one in now.installments})


def corrected(now: Now, key: str, outstanding: int) -> Then:
    """A claim turns out to be `outstanding` cents at the start: see `plan_change.correct_claim`. PlanImpossible as there."""
    lines = correct_claim(now.lines, key, outstanding)
    return Then(now.monthly, lines, fit_to(now.installments, pot_of(lines), now.received))


def joins(now: Now, claims: Sequence[tuple[Line, int]]) -> Then:
    """Somebody who was left out joins with these claims, each at its share of then (cents), on top of the plan.

    Nobody else's share changes; the months to come ask more. PlanImpossible when no month is left to pay it in, or for a
    share above what is still owed.
    """
    lines = now.lines
    for claim, share in claims:
        if whole_number(share, "share", minimum=1) > claim.outstanding:
            raise PlanImpossible("Deze organisatie krijgt nu minder dan haar deel van toen.")
        lines = join_on_top(lines, claim, share)
    amounts = fit_to(now.installments, pot_of(lines), now.received)
    return Then(max([now.monthly, *(amounts[one.key] for one in now.to_come)]), lines, amounts)


def pause(now: Now, months: int) -> Then:
    """Everything that is to come falls due `months` months later: the same amounts, the same shares, a later end."""
    whole_number(months, "months", minimum=1)
    if not now.to_come:
        raise PlanImpossible("Er is geen termijn meer die later kan.")
    return Then(now.monthly, now.lines, {one.key: one.amount for one in now.installments}, later=months)


@dataclass(frozen=True)
class Ask:
    """A creditor that has to say yes: its shares together, now and then."""

    creditor: int
    before: int
    after: int


def whom_to_ask(
    ground: ChangeGround, before: Sequence[Line], after: Sequence[Line], creditor_of: Mapping[str, int]
) -> tuple[Ask, ...]:
    """The creditors whose share falls, who wait longer (a pause), or who come in with a claim; nobody else is asked.

    In the order of their first claim. `creditor_of`: the creditor of each claim, by the claim's key.
    """
    old, new, comes, waits = (dict.fromkeys(creditor_of.values(), 0) for _ in range(4))
    known = {line.key for line in before}
    for line in before:
        old[creditor_of[line.key]] += line.share
    for line in after:
        new[creditor_of[line.key]] += line.share
        comes[creditor_of[line.key]] += line.key not in known
        waits[creditor_of[line.key]] += line.to_come
    if ground is ChangeGround.PROVEN_FALL:
        return ()  # agreed at the signature
    asked = {creditor for creditor in old if new[creditor] < old[creditor] or comes[creditor]}
    if ground is ChangeGround.LONG_PAUSE:
        asked |= {creditor for creditor in waits if waits[creditor]}
    order = dict.fromkeys(creditor_of[line.key] for line in after)
    return tuple(Ask(creditor, old[creditor], new[creditor]) for creditor in order if creditor in asked)


def still_holds(agreed: Iterable[Ask], now: Iterable[Ask]) -> bool:
    """Whether what was said yes to still covers what would happen now.

    Everybody who has to be asked now was asked, and gets at least what was said yes to.
    """
    yes = {one.creditor: one.after for one in agreed}
    return all(one.creditor in yes and one.after >= yes[one.creditor] for one in now)


def question_hash(then: Then, plan_number: int) -> str:
    """SHA-256 of what is put to the creditors: the plan as it would be, computed from this version."""
    return sha256(json.dumps([plan_number, then.hash]).encode("ascii")).hexdigest()
