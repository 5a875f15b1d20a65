"""The equality certificate: proof that everybody's share comes from the same rule, without telling who the others are.

A court once refused a settlement because of one hidden side deal (domain.md 3): equal treatment must be provable. There
are two papers. The full list, for the citizen and an auditor, names every line. The statement, one per creditor, holds
its own lines, the rule with its percentages, and of the others only the totals. Both carry the same commitment, one
hash over the heading and over trees of hashes that carry sums (`sum_tree`). A creditor climbs from its own lines to
that hash, so it knows that its lines are in it and that the totals are the sums of all that is in it.

A plain tree would tell a creditor what its neighbour in the tree is owed. So the amounts of every creditor are cut in
as many parts as there are trees, at places its salt decides, and the trees have different orders: chosen so that a
creditor cannot work out the amounts of anybody else from what stands beside its paths, however it adds them up. With
one other creditor the totals of the others are those of that creditor; no way of writing them hides that.

What the words in the files mean is Dutch, because creditors and courts read them (glossary.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from arrangements.domain.proposal import PlanLine
from arrangements.domain.split import RULE, Rates
from arrangements.domain.sum_tree import Node, Step, digest_of

FORM: Final = 1
"""The form of the files. Other words for the rule or another way of hashing make a new form."""

COLUMNS: Final = (
    "organisaties",
    "vorderingen",
    "open_preferent",
    "open_concurrent",
    "deel_preferent",
    "deel_concurrent",
)
"""What the sums are sums of: creditors, claims, and cents outstanding and shared, of both kinds of claims."""

MOST_TREES: Final = 3
WIDEST_MARGIN: Final = 3


class Basis(StrEnum):
    """Where the shares come from; the words stand in the file."""

    SPLIT = "verdeling"
    """The rule of the split, over exactly these claims."""
    PART_OF_SPLIT = "deel van de eerste verdeling"
    """An earlier split by the rule over more claims or more money: a creditor left, or everybody gets less pro rata."""


@dataclass(frozen=True)
class Heading:
    """What holds for all lines. `margin`: a share is less than this many cents from the exact percentage."""

    subject: str
    label: str
    made_on: str
    basis: Basis
    rates: Rates
    margin: int
    rule: str = RULE
    form: int = FORM

    def as_json(self) -> dict[str, Any]:
        """As it stands in the files."""
        return {
            "vorm": self.form,
            "onderwerp": self.subject,
            "naam": self.label,
            "gemaakt_op": self.made_on,
            "regel": self.rule,
            "grondslag": self.basis.value,
            "percentage_preferent": [self.rates.preferent.numerator, self.rates.preferent.denominator],
            "percentage_concurrent": [self.rates.concurrent.numerator, self.rates.concurrent.denominator],
            "marge_centen": self.margin,
        }


@dataclass(frozen=True)
class Line:
    """One claim, in cents. `number`: its place in the split, from 1, which decides who gets an odd cent."""

    number: int
    reference: str
    outstanding: int
    preferent: bool
    share: int
    waived: int
    remains: int

    def as_json(self) -> dict[str, Any]:
        """As it stands in the files."""
        return {
            "nummer": self.number,
            "kenmerk": self.reference,
            "open": self.outstanding,
            "preferent": self.preferent,
            "deel": self.share,
            "vervalt": self.waived,
            "blijft_over": self.remains,
        }


@dataclass(frozen=True)
class Party:
    """One creditor with its lines, and the salt (64 hex digits) that hides them in the trees."""

    name: str
    salt: str
    lines: tuple[Line, ...]

    def as_json(self) -> dict[str, Any]:
        """As it stands in the files."""
        return {"naam": self.name, "zout": self.salt, "regels": [line.as_json() for line in self.lines]}

    @property
    def sums(self) -> tuple[int, ...]:
        """One amount for each of `COLUMNS`."""
        first = [line for line in self.lines if line.preferent]
        others = [line for line in self.lines if not line.preferent]
        return (
            1,
            len(self.lines),
            sum(line.outstanding for line in first),
            sum(line.outstanding for line in others),
            sum(line.share for line in first),
            sum(line.share for line in others),
        )

    def leaves(self, trees: int) -> list[Node]:
        """Its leaf in every tree. The parts add up to `sums`; where they are cut only the salt tells."""
        whole = self.sums
        rest = list(whole)
        parts = []
        for tree in range(trees - 1):
            # The creditor itself is counted in the first tree: a part of one would say nothing.
            part = [rest[0], *(_cut(self.salt, tree, at, left) for at, left in enumerate(rest[1:], start=1))]
            rest = [left - taken for left, taken in zip(rest, part, strict=True)]
            parts.append(tuple(part))
        parts.append(tuple(rest))
        return [Node(digest_of(["blad", tree, self.as_json(), part]), part) for tree, part in enumerate(parts)]


def _cut(salt: str, tree: int, column: int, amount: int) -> int:
    return int.from_bytes(sha256(f"{salt}|{tree}|{column}".encode()).digest()) % (amount + 1)


def root(heading: Heading, tops: Sequence[Node]) -> str:
    """The commitment: one hash over the heading and the tops of the trees."""
    return digest_of(["wortel", heading.as_json(), [[one.digest, one.sums] for one in tops]])


@dataclass(frozen=True)
class FullList:
    """Everything that was committed to. `orders`: per tree, which party stands on which place."""

    heading: Heading
    parties: tuple[Party, ...]
    orders: tuple[tuple[int, ...], ...]
    totals: tuple[int, ...]
    root: str

    def as_json(self) -> dict[str, Any]:
        """As it stands in the file."""
        return {
            "soort": "volledige lijst",
            "kop": self.heading.as_json(),
            "organisaties": [party.as_json() for party in self.parties],
            "bomen": [list(order) for order in self.orders],
            "totalen": totals_as_json(self.totals),
            "vastlegging": self.root,
        }

    def trees(self) -> list[list[Node]]:
        """The leaves of every tree, in their order."""
        leaves = [party.leaves(len(self.orders)) for party in self.parties]
        return [[leaves[party][tree] for party in order] for tree, order in enumerate(self.orders)]


@dataclass(frozen=True)
class Statement:
    """What one creditor gets: its own lines, the totals of the others and of all, and the way to the commitment."""

    heading: Heading
    party: Party
    others: tuple[int, ...]
    totals: tuple[int, ...]
    paths: tuple[tuple[Step, ...], ...]
    root: str

    def as_json(self) -> dict[str, Any]:
        """As it stands in the file."""
        return {
            "soort": "verklaring",
            "kop": self.heading.as_json(),
            "organisatie": self.party.as_json(),
            "anderen": totals_as_json(self.others),
            "samen": totals_as_json(self.totals),
            "paden": [
                [
                    {
                        "kant": "links" if step.left else "rechts",
                        "code": step.beside.digest,
                        "som": list(step.beside.sums),
                    }
                    for step in steps
                ]
                for steps in self.paths
            ],
            "vastlegging": self.root,
        }


def totals_as_json(sums: Sequence[int]) -> dict[str, int]:
    """Sums with the names of their columns."""
    return dict(zip(COLUMNS, sums, strict=True))


def added(rows: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """Sums of sums, per column."""
    return tuple(sum(column) for column in zip(*rows, strict=True))


def within(line: PlanLine | Line, found: Rates, margin: int) -> bool:
    """Whether this share is less than `margin` cents from the exact percentage of its claim."""
    rate = found.preferent if line.preferent else found.concurrent
    return abs(line.share - rate * line.outstanding) < margin
