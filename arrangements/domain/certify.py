"""Making the equality certificates of a plan; what they are stands in `certificate`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from itertools import count

from arrangements.domain.certificate import (
    WIDEST_MARGIN,
    Basis,
    FullList,
    Heading,
    Line,
    Party,
    Statement,
    added,
    root,
    within,
)
from arrangements.domain.claim import ClaimLine
from arrangements.domain.proposal import PlanLine
from arrangements.domain.split import Rates, rates, shares
from arrangements.domain.sum_tree import beside, path, top


class NotEqual(ValueError):
    """A share does not follow from the rule: of this no certificate may be made. `number`: which line, from 1."""

    def __init__(self, number: int) -> None:
        super().__init__(f"the share of line {number} does not follow from the rule")
        self.number = number


@dataclass(frozen=True)
class Entry:
    """One line of a plan with whose it is. `creditor` tells creditors apart and stands in no file."""

    line: PlanLine
    creditor: str
    name: str
    reference: str


@dataclass(frozen=True)
class Certificates:
    """The full list, and the statement of each creditor by the key of its entries."""

    full_list: FullList
    statements: dict[str, Statement]


def certify(
    *,
    subject: str,
    label: str,
    made_on: str,
    entries: Sequence[Entry],
    salts: Sequence[str],
    earlier: Sequence[Sequence[PlanLine]] = (),
) -> Certificates:
    """The certificates of a plan; `salts`: one secret random text of 64 hex digits per creditor, never used before.

    `entries` stand in the order of the split. When their shares are not the split of these claims, `earlier` holds the
    plans they came from, the newest first. NotEqual when a share follows from none of them: a side deal is not
    certified. ValueError without entries, or without a salt for each creditor.
    """
    creditors = list(dict.fromkeys(entry.creditor for entry in entries))
    if not creditors or len(set(salts)) != len(creditors) or len(salts) != len(creditors):
        raise ValueError(f"{len(creditors)} creditors need as many different salts, not {len(salts)}")
    basis, found, margin = _where_from([entry.line for entry in entries], earlier)
    heading = Heading(subject, label, made_on, basis, found, margin)
    parties = tuple(_party(creditor, salt, entries) for creditor, salt in zip(creditors, salts, strict=True))
    orders = _orders(salts)
    draft = FullList(heading, parties, orders, added([party.sums for party in parties]), "")
    trees = draft.trees()
    commitment = root(heading, [top(leaves) for leaves in trees])
    full_list = FullList(heading, parties, orders, draft.totals, commitment)
    statements = {
        creditor: Statement(
            heading=heading,
            party=party,
            others=tuple(all_of - own for all_of, own in zip(draft.totals, party.sums, strict=True)),
            totals=draft.totals,
            paths=tuple(tuple(path(leaves, order.index(place))) for leaves, order in zip(trees, orders, strict=True)),
            root=commitment,
        )
        for place, (creditor, party) in enumerate(zip(creditors, parties, strict=True))
    }
    return Certificates(full_list, statements)


def _party(creditor: str, salt: str, entries: Sequence[Entry]) -> Party:
    own = [(number, entry) for number, entry in enumerate(entries, start=1) if entry.creditor == creditor]
    return Party(
        name=own[0][1].name,
        salt=salt,
        lines=tuple(
            Line(
                number=number,
                reference=entry.reference,
                outstanding=entry.line.outstanding,
                preferent=entry.line.preferent,
                share=entry.line.share,
                waived=entry.line.waived,
                remains=entry.line.remains,
            )
            for number, entry in own
        ),
    )


def _where_from(lines: Sequence[PlanLine], earlier: Sequence[Sequence[PlanLine]]) -> tuple[Basis, Rates, int]:
    if _follows_rule(lines):
        return Basis.SPLIT, _rates_of(lines), 1
    for before in earlier:
        if _follows_rule(before):
            found = _part_of(_rates_of(before), lines, before)
            break
    else:
        raise NotEqual(_off_rule(lines).index(True) + 1)
    for margin in range(1, WIDEST_MARGIN + 1):
        if all(within(line, found, margin) for line in lines):
            return Basis.PART_OF_SPLIT, found, margin
    raise NotEqual(next(at for at, line in enumerate(lines, start=1) if not within(line, found, WIDEST_MARGIN)))


def _off_rule(lines: Sequence[PlanLine]) -> list[bool]:
    by_rule = shares(sum(line.share for line in lines), [ClaimLine(line.outstanding, line.preferent) for line in lines])
    return [line.share != share for line, share in zip(lines, by_rule, strict=True)]


def _follows_rule(lines: Sequence[PlanLine]) -> bool:
    return not any(_off_rule(lines))


def _rates_of(lines: Sequence[PlanLine]) -> Rates:
    preferent = sum(line.outstanding for line in lines if line.preferent)
    return rates(
        sum(line.share for line in lines),
        preferent=preferent,
        concurrent=sum(line.outstanding for line in lines) - preferent,
    )


def _part_of(first: Rates, lines: Sequence[PlanLine], before: Sequence[PlanLine]) -> Rates:
    """The rates of an earlier split, less what all of its lines that are still there lost together."""
    keys = {line.key for line in lines}
    stayed = sum(line.share for line in before if line.key in keys)
    factor = Fraction(sum(line.share for line in lines), stayed) if stayed else Fraction(1)
    factor = min(factor, Fraction(1))
    return Rates(first.preferent * factor, first.concurrent * factor)


def _orders(salts: Sequence[str]) -> tuple[tuple[int, ...], ...]:
    """One order for one or two creditors; else as many as it takes to tell nobody what another one is owed."""
    trees = 1 if len(salts) < 3 else 3 if len(salts) == 3 else 2
    attempts = (tuple(_shuffled(salts, attempt, tree) for tree in range(trees)) for attempt in count())
    return next(orders for orders in attempts if hides_everybody(orders))


def _shuffled(salts: Sequence[str], attempt: int, tree: int) -> tuple[int, ...]:
    return tuple(
        sorted(range(len(salts)), key=lambda one: sha256(f"{salts[one]}|volgorde|{attempt}|{tree}".encode()).digest())
    )


def hides_everybody(orders: Sequence[Sequence[int]]) -> bool:
    """Whether nobody can add and subtract what it sees in the trees to the amounts of some of the others.

    What a creditor sees of one tree is the sum of each group beside its path. The parts of one creditor are random, so
    amounts come out only where the same creditors make up whole groups in every tree. When the groups of all trees hang
    together, that is so for all others at once only, and those totals are told anyway.
    """
    return all(_hang_together(orders, who) for who in orders[0])


def _hang_together(orders: Sequence[Sequence[int]], who: int) -> bool:
    groups = [{order[at] for at in others} for order in orders for others, _ in beside(len(order), order.index(who))]
    if not groups:
        return True
    together = groups.pop()
    while True:
        touching = [group for group in groups if group & together]
        if not touching:
            return len(together) == len(orders[0]) - 1
        together = together.union(*touching)
        groups = [group for group in groups if group not in touching]
