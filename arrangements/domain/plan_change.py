"""Changing the shares of a running plan. What somebody got is never taken back; the rest follows the one rule of the split.

All amounts are int cents over the whole life of the plan. `settled` is what a claim had so far: paid on, or set aside
because it is disputed. Sources: architecture.md ("A yes is a yes to at least this share"), domain.md 3.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from hashlib import sha256

from arrangements.domain.claim import ClaimLine
from arrangements.domain.split import shares
from kernel.cents import half_up, whole_number


class PlanImpossible(ValueError):
    """This change cannot be made. `str()` of it is a Dutch sentence that says why."""


@dataclass(frozen=True)
class Line:
    """One claim in a running plan: share + waived + remains is what is outstanding.

    `parked` is the part of `settled` that is set aside; `returned` the part that went back to the citizen. A closed line
    takes no part in the division any more: its share is what it had.
    """

    key: str
    outstanding: int
    share: int
    waived: int
    remains: int
    settled: int
    preferent: bool = False
    dischargeable: bool = True
    parked: int = 0
    returned: int = 0
    closed: bool = False

    def __post_init__(self) -> None:
        """Refuse what does not add up."""
        for name in ("outstanding", "share", "waived", "remains", "settled", "parked", "returned"):
            whole_number(getattr(self, name), name)
        if self.share + self.waived + self.remains != self.outstanding:
            raise ValueError(f"claim {self.key} does not add up")
        if self.settled > self.share or self.parked + self.returned > self.settled:
            raise ValueError(f"claim {self.key} got more than its share")

    @property
    def paid(self) -> int:
        """What was paid on to the creditor."""
        return self.settled - self.parked - self.returned

    @property
    def to_come(self) -> int:
        """What it still gets."""
        return self.share - self.settled

    def with_share(self, share: int, *, outstanding: int | None = None) -> Line:
        """The same claim with another share (and amount): the rest is waived, or remains where law does not let it go."""
        whole = self.outstanding if outstanding is None else outstanding
        rest = whole - share
        return replace(
            self,
            outstanding=whole,
            share=share,
            waived=rest if self.dischargeable else 0,
            remains=0 if self.dischargeable else rest,
        )


def pot_of(lines: Iterable[Line]) -> int:
    """What the citizen pays in all: the shares together."""
    return sum(line.share for line in lines)


def resplit(lines: Sequence[Line], pot: int, *, keep_shares: bool = False) -> tuple[Line, ...]:
    """Divide `pot` again by the rule of the split (`domain.split.shares`), over the whole life of the plan.

    Nobody comes below what it had; with `keep_shares` nobody comes below its present share. Closed lines stay as they are.
    What nobody can take any more is left out: the result asks min(pot, all that is outstanding). PlanImpossible when `pot`
    is less than what has to stay.
    """
    open_ones = [line for line in lines if not line.closed]
    fixed: dict[str, int] = {}
    least = {line.key: line.share if keep_shares else line.settled for line in open_ones}
    rest = pot - sum(line.share for line in lines if line.closed)
    if rest < sum(least.values()):
        raise PlanImpossible("Er is niet genoeg om te verdelen: iedereen houdt wat hij al kreeg.")
    free = open_ones
    while free:
        fair = shares(
            rest - sum(fixed.values()),
            [ClaimLine(outstanding=one.outstanding, preferent=one.preferent) for one in free],
        )
        under = {one.key: least[one.key] for one, share in zip(free, fair, strict=True) if share < least[one.key]}
        if not under:
            fixed |= {one.key: share for one, share in zip(free, fair, strict=True)}
            break
        # They keep what they have, and the others divide what is left by the same rule.
        fixed |= under
        free = [one for one in free if one.key not in fixed]
    return tuple(line if line.closed else line.with_share(fixed[line.key]) for line in lines)


def falls(before: Sequence[Line], after: Sequence[Line]) -> tuple[str, ...]:
    """The keys of the claims that get less than they had been promised: whose creditors have to say yes."""
    promised = {line.key: line.share for line in before}
    return tuple(line.key for line in after if line.share < promised.get(line.key, 0))


def add_claim(lines: Sequence[Line], claim: Line, pot: int) -> tuple[Line, ...]:
    """A late-found claim comes in: the same pot, divided again over all. ValueError when it is in the plan already."""
    if any(line.key == claim.key for line in lines):
        raise ValueError(f"claim {claim.key} is in the plan already")
    return resplit((*lines, claim), pot)


def withdraw_claim(lines: Sequence[Line], key: str) -> tuple[Line, ...]:
    """The claim is withdrawn: it keeps what was paid to it, and the rest of its share goes to the others, as far as they can
    take it. What was set aside for it comes free; of that, what nobody can take goes back to the citizen.
    """
    line = _find(lines, key)
    return _free(lines, replace(_shrunk(line, line.paid + line.returned), closed=True))


def correct_claim(lines: Sequence[Line], key: str, outstanding: int) -> tuple[Line, ...]:
    """The claim turns out to be `outstanding` cents at the start of the plan.

    Lower: by the rule its share is smaller too, what comes free goes to the others, and nobody else gets less than promised.
    Higher: everything is divided again over the life of the plan, and others may get less. PlanImpossible when more than
    that was paid on already.
    """
    line = _find(lines, key)
    if whole_number(outstanding, "outstanding") > line.outstanding:
        bigger = line.with_share(line.share, outstanding=outstanding)
        return resplit([bigger if one.key == key else one for one in lines], pot_of(lines))
    if outstanding < line.paid + line.returned:
        raise PlanImpossible("Er is al meer betaald dan dit bedrag. Bel ons: het verschil moet eerst terug.")
    least = _shrunk(line, outstanding)
    with_least = [least if one.key == key else one for one in lines]
    room = _room(with_least)
    if room < sum(one.settled for one in lines):
        return _free(lines, least)
    fair = resplit(with_least, min(pot_of(lines), room))
    own = min(line.share, next(one.share for one in fair if one.key == key))
    return _free(lines, least.with_share(own))


def transfer_claim(lines: Sequence[Line], key: str, new_key: str, amount: int | None = None) -> tuple[Line, ...]:
    """The claim, or `amount` of what is still open of it, goes to another owner under `new_key`.

    What was paid stays with the old owner. Share, waiver and what remains go along in the same proportion, to the cent;
    what was set aside for a dispute goes along with a whole claim. Nobody else's line changes. PlanImpossible for more than
    is open.
    """
    line = _find(lines, key)
    open_now = line.outstanding - line.paid - line.returned
    wanted = open_now if amount is None else whole_number(amount, "amount", minimum=1)
    if not 0 < wanted <= open_now:
        raise PlanImpossible("Er staat minder open dan dit bedrag.")
    if wanted < open_now and line.parked:
        raise PlanImpossible("Deze schuld wordt betwist. Draag dan alles over, of wacht tot de betwisting klaar is.")
    parked = line.parked if wanted == open_now else 0
    share = line.share - line.paid - line.returned
    moved = share if wanted == open_now else half_up(Fraction(share * wanted, open_now))
    base = Line(
        key=new_key,
        outstanding=wanted,
        share=wanted,
        waived=0,
        remains=0,
        settled=0,
        preferent=line.preferent,
        dischargeable=line.dischargeable,
    )
    new = replace(base.with_share(moved), settled=parked, parked=parked)
    left = replace(line, settled=line.settled - parked, parked=line.parked - parked)
    old = left.with_share(line.share - moved, outstanding=line.outstanding - wanted)
    if wanted == open_now:
        old = replace(old, closed=True)
    found: list[Line] = []
    for one in lines:
        found += [old, new] if one.key == key else [one]
    return tuple(found)


def join_on_top(lines: Sequence[Line], claim: Line, share: int) -> tuple[Line, ...]:
    """Somebody who was left out joins with `share` cents on top of the pot: nobody else's line changes."""
    if any(line.key == claim.key for line in lines):
        raise ValueError(f"claim {claim.key} is in the plan already")
    return (*lines, claim.with_share(share))


def plan_hash(lines: Sequence[Line], amounts: Mapping[str, int]) -> str:
    """SHA-256 (64 hex digits) of a version: every line, and the amount of every instalment that is to come, by due date."""
    text = json.dumps(
        {"plan": 2, "lines": [asdict(line) for line in lines], "amounts": dict(amounts)},
        sort_keys=True,
        separators=(",", ":"),
    )
    return sha256(text.encode("ascii")).hexdigest()


@dataclass(frozen=True)
class Installment:
    """An instalment that is not moved, in cents, in the order of their due dates."""

    key: str
    amount: int
    paid: int
    is_to_come: bool = True
    """Its day has not come: only these change."""


def fit_to(installments: Sequence[Installment], pot: int, received: int) -> dict[str, int]:
    """New amounts so that received and what is still open together are `pot`. Only instalments to come change.

    Less: the last ones fall away first, so that the plan is over sooner. More: spread equally over those to come, odd
    cents first. PlanImpossible when there is nothing to change.
    """
    open_now = sum(one.amount - one.paid for one in installments)
    difference = pot - received - open_now
    amounts = {one.key: one.amount for one in installments}
    to_come = [one for one in installments if one.is_to_come]
    if difference > 0:
        if not to_come:
            raise PlanImpossible("Er is geen termijn meer die hoger kan worden.")
        each, odd = divmod(difference, len(to_come))
        for position, one in enumerate(to_come):
            amounts[one.key] += each + (1 if position < odd else 0)
    for one in reversed(installments):
        if difference >= 0:
            break
        cut = min(-difference, one.amount - one.paid)
        amounts[one.key] -= cut
        difference += cut
    if difference < 0:
        raise PlanImpossible("Er is al meer betaald dan dit plan vraagt.")
    return amounts


def _find(lines: Sequence[Line], key: str) -> Line:
    for line in lines:
        if line.key == key:
            if line.closed:
                raise PlanImpossible("Deze schuld doet niet meer mee in het plan.")
            return line
    raise ValueError(f"claim {key} is not in the plan")


def _room(lines: Sequence[Line]) -> int:
    """The most that these claims can ask together."""
    return sum(line.share if line.closed else line.outstanding for line in lines)


def _shrunk(line: Line, outstanding: int) -> Line:
    """The claim asks no more than `outstanding` and so far gets no more than it had; what was parked above it comes free."""
    kept = min(line.settled, outstanding)
    freed = line.settled - kept
    bare = replace(line, settled=kept, parked=line.parked - freed)
    return bare.with_share(kept, outstanding=outstanding)


def _free(lines: Sequence[Line], smaller: Line) -> tuple[Line, ...]:
    """Put `smaller` in the place of its line; what comes free goes to the others, and what nobody can take, back."""
    changed = [smaller if one.key == smaller.key else one for one in lines]
    back = sum(one.settled for one in lines) - _room(changed)
    if back > 0:
        given = replace(
            smaller,
            outstanding=smaller.outstanding + back,
            share=smaller.share + back,
            settled=smaller.settled + back,
            returned=smaller.returned + back,
        )
        changed = [given if one.key == smaller.key else one for one in lines]
    return resplit(changed, min(pot_of(lines), _room(changed)), keep_shares=True)
