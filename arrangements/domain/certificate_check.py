"""Checking equality certificates: what anybody can work out over from the paper itself.

Every check says in plain Dutch what was looked at, and for everything wrong one sentence that names the line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from arrangements.domain.certificate import (
    COLUMNS,
    FORM,
    WIDEST_MARGIN,
    Basis,
    FullList,
    Heading,
    Line,
    Statement,
    added,
    root,
    within,
)
from arrangements.domain.claim import ClaimLine
from arrangements.domain.split import RULE, rates, shares
from arrangements.domain.sum_tree import climb, top
from kernel.cents import format_euro

_NAMES = {
    "organisaties": "het aantal organisaties",
    "vorderingen": "het aantal regels",
    "open_preferent": "wat open is met voorrang",
    "open_concurrent": "wat open is zonder voorrang",
    "deel_preferent": "het deel met voorrang",
    "deel_concurrent": "het deel zonder voorrang",
}


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. `faults`: a Dutch sentence for each thing that is wrong."""

    title: str
    faults: tuple[str, ...]

    @property
    def good(self) -> bool:
        """Whether nothing was wrong."""
        return not self.faults


def check_paper(paper: Statement | FullList) -> list[Check]:
    """Everything that can be worked out over, in the order people read it. The signature is another matter."""
    return check_statement(paper) if isinstance(paper, Statement) else check_full_list(paper)


def check_statement(paper: Statement) -> list[Check]:
    """What one creditor can know: its lines, the percentages, the totals, and that all of it is in the commitment."""
    lines = paper.party.lines
    return [
        _check("Uw regels tellen op", _adds_up(lines)),
        _check("Uw deel volgt de regel", _near_rate(lines, paper.heading)),
        _check("De percentages volgen uit de totalen", _heading_fits(paper.heading, paper.totals)),
        _check("De anderen krijgen hetzelfde percentage", _others_fit(paper)),
        _check("U en de anderen zijn samen het totaal", _totals_fit(paper)),
        _check("De code hoort bij uw regels", _leads_to_root(paper)),
    ]


def check_full_list(paper: FullList) -> list[Check]:
    """What an auditor can know: every line of everybody by the rule, the totals, and the commitment over all of it."""
    lines = [line for party in paper.parties for line in party.lines]
    numbered = sorted(lines, key=lambda line: line.number)
    by_rule = _by_rule if paper.heading.basis is Basis.SPLIT else _near_rate
    return [
        _check("Elke regel staat er één keer in", _numbered(numbered)),
        _check("Alle regels tellen op", _adds_up(numbered)),
        _check("Elk deel volgt de regel", by_rule(numbered, paper.heading)),
        _check("De percentages volgen uit de totalen", _heading_fits(paper.heading, paper.totals)),
        _check("De totalen kloppen", _differing(paper.totals, added([party.sums for party in paper.parties]))),
        _check("De code hoort bij deze lijst", _gives_root(paper)),
    ]


def same_commitment(papers: Sequence[Statement | FullList]) -> Check:
    """Whether papers of several creditors are about one and the same plan: nobody was shown another one."""
    differ = len({paper.root for paper in papers}) > 1
    return _check(
        "Alle bestanden hebben dezelfde code",
        iter(["De bestanden gaan niet over hetzelfde plan."] if differ else []),
    )


def _check(title: str, faults: Iterator[str]) -> Check:
    return Check(title, tuple(faults))


def _adds_up(lines: Sequence[Line]) -> Iterator[str]:
    for line in lines:
        if line.share + line.waived + line.remains != line.outstanding:
            yield f"Regel {line.number}: de bedragen tellen niet op."


def _near_rate(lines: Sequence[Line], heading: Heading) -> Iterator[str]:
    for line in lines:
        if not within(line, heading.rates, min(heading.margin, WIDEST_MARGIN)):
            yield f"Regel {line.number}: {_euro(line.share)} is niet het deel van de regel."


def _by_rule(lines: Sequence[Line], _: Heading) -> Iterator[str]:
    pot = sum(line.share for line in lines)
    found = shares(pot, [ClaimLine(line.outstanding, line.preferent) for line in lines])
    for line, share in zip(lines, found, strict=True):
        if line.share != share:
            yield f"Regel {line.number}: {_euro(line.share)} moet {_euro(share)} zijn."


def _heading_fits(heading: Heading, totals: Sequence[int]) -> Iterator[str]:
    if heading.form != FORM or heading.rule != RULE:
        yield "De woorden van de regel zijn niet de onze."
    preferent, concurrent = heading.rates.preferent, heading.rates.concurrent
    if heading.basis is Basis.SPLIT:
        amounts = dict(zip(COLUMNS, totals, strict=True))
        found = rates(
            amounts["deel_preferent"] + amounts["deel_concurrent"],
            preferent=amounts["open_preferent"],
            concurrent=amounts["open_concurrent"],
        )
        if heading.rates != found:
            yield "De percentages volgen niet uit de totalen."
        margin = 1
    else:
        # Never more than double, and cut off at the whole claim only.
        if not concurrent <= preferent <= 2 * concurrent:
            yield "Voorrang is ten hoogste het dubbele percentage."
        margin = WIDEST_MARGIN
    if not 1 <= heading.margin <= margin:
        yield "Er mag meer worden afgerond dan de regel zegt."


def _others_fit(paper: Statement) -> Iterator[str]:
    amounts = dict(zip(COLUMNS, paper.others, strict=True))
    room = min(paper.heading.margin, WIDEST_MARGIN) * amounts["vorderingen"]
    for name, words, rate in (
        ("preferent", "met voorrang", paper.heading.rates.preferent),
        ("concurrent", "zonder voorrang", paper.heading.rates.concurrent),
    ):
        share, exact = amounts[f"deel_{name}"], rate * amounts[f"open_{name}"]
        if share != exact and abs(share - exact) >= room:
            yield f"De anderen {words} krijgen een ander percentage."


def _totals_fit(paper: Statement) -> Iterator[str]:
    yield from _differing(paper.totals, added([paper.party.sums, paper.others]))


def _differing(told: Sequence[int], found: Sequence[int]) -> Iterator[str]:
    for column, one, other in zip(COLUMNS, told, found, strict=True):
        if one != other:
            yield f"Totaal: {_NAMES[column]} klopt niet."


def _leads_to_root(paper: Statement) -> Iterator[str]:
    leaves = paper.party.leaves(len(paper.paths))
    tops = [climb(leaf, steps) for leaf, steps in zip(leaves, paper.paths, strict=True)]
    if added([one.sums for one in tops]) != paper.totals:
        yield "De totalen zijn niet de som van alle regels."
    if root(paper.heading, tops) != paper.root:
        numbers = _counted([line.number for line in paper.party.lines])
        yield f"De code past niet bij {numbers}: er is iets veranderd."


def _gives_root(paper: FullList) -> Iterator[str]:
    if root(paper.heading, [top(leaves) for leaves in paper.trees()]) != paper.root:
        yield "De code past niet bij deze lijst: er is iets veranderd."


def _numbered(lines: Sequence[Line]) -> Iterator[str]:
    times = Counter(line.number for line in lines)
    for number in sorted({*times, *range(1, len(lines) + 1)}):
        if times[number] > 1:
            yield f"Regel {number} staat er meer dan één keer in."
        elif not times[number]:
            yield f"Regel {number} ontbreekt."


def _counted(numbers: Sequence[int]) -> str:
    if len(numbers) == 1:
        return f"regel {numbers[0]}"
    return f"regel {', '.join(map(str, numbers[:-1]))} en {numbers[-1]}"


def _euro(cents: int) -> str:
    return format_euro(cents, whole=False)
