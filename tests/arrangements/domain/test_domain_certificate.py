"""The equality certificate: honest ones verify, one altered cent does not, and nobody learns what another is owed."""

import copy
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from hashlib import sha256
from itertools import combinations
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from arrangements.domain.certificate import Basis, FullList, Statement, added, root
from arrangements.domain.certificate_check import check_paper, same_commitment
from arrangements.domain.certificate_file import (
    EMPTY,
    MAX_BYTES,
    NOT_OURS,
    NOT_WHOLE,
    TOO_LARGE,
    Unreadable,
    read_certificate,
)
from arrangements.domain.certify import Certificates, Entry, NotEqual, certify, hides_everybody
from arrangements.domain.claim import ClaimLine, PlanClaim
from arrangements.domain.proposal import Plan, PlanLine, compute_plan, continue_without
from arrangements.domain.split import Rates, shares
from arrangements.domain.sum_tree import beside, top

Claims = list[tuple[int, bool, int]]
"""(cents, preferent, creditor)"""

CLAIMS = st.lists(st.tuples(st.integers(1, 5_000_00), st.booleans(), st.integers(0, 7)), min_size=1, max_size=12)


def plan_of(claims: Claims, monthly: int, months: int = 36) -> Plan:
    return compute_plan(
        monthly, months, [PlanClaim(str(at), cents, preferent) for at, (cents, preferent, _) in enumerate(claims)]
    )


def salts(number: int, seed: int = 0) -> list[str]:
    return [f"{seed * 1000 + one:064x}" for one in range(1, number + 1)]


def certified(
    lines: Sequence[PlanLine], owners: Sequence[int], *, earlier: Sequence[Sequence[PlanLine]] = (), seed: int = 0
) -> Certificates:
    entries = [
        Entry(line, str(owner), f"Organisatie {owner}", f"KENMERK-{line.key}")
        for line, owner in zip(lines, owners, strict=True)
    ]
    return certify(
        subject="voorstel:1",
        label="Voorstel versie 1",
        made_on="2026-11-23",
        entries=entries,
        salts=salts(len(set(owners)), seed),
        earlier=earlier,
    )


def of(claims: Claims, monthly: int = 45_00) -> Certificates:
    return certified(plan_of(claims, monthly).lines, [owner for _, _, owner in claims])


def papers(made: Certificates) -> list[Statement | FullList]:
    return [made.full_list, *made.statements.values()]


def file_of(document: dict[str, Any]) -> bytes:
    return json.dumps({"document": document, "sleutel": "k", "handtekening": "0" * 128}).encode()


def faults(document: dict[str, Any]) -> list[str]:
    """What is wrong with a file, its signature not looked at."""
    try:
        paper = read_certificate(file_of(document)).paper
    except Unreadable as refused:
        return [str(refused)]
    return [fault for check in check_paper(paper) for fault in check.faults]


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every single value in a document."""
    if isinstance(value, dict | list):
        for key, inside in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inside, (*way, key))
    else:
        yield way


def altered(document: dict[str, Any], way: tuple[Any, ...]) -> dict[str, Any]:
    """The same with one value changed as little as possible: a cent, a flag, a sign."""
    other = copy.deepcopy(document)
    *before, last = way
    place: Any = other
    for key in before:
        place = place[key]
    value = place[last]
    if isinstance(value, bool):
        place[last] = not value
    elif isinstance(value, int):
        place[last] = value + 1
    elif value in ("links", "rechts"):
        place[last] = "rechts" if value == "links" else "links"
    elif len(value) == 64:
        place[last] = ("1" if value[0] == "0" else "0") + value[1:]
    else:
        place[last] = value + "x"
    return other


FOUR: Claims = [(3_000_00, False, 0), (1_000_00, True, 1), (2_000_00, False, 2), (777_77, False, 3), (99_99, True, 0)]


# --- honest ones ------------------------------------------------------------------------------------------------------


@given(CLAIMS, st.integers(1, 500_00))
def test_an_honest_certificate_verifies_after_it_was_written_and_read(claims: Claims, monthly: int) -> None:
    made = of(claims, monthly)
    assert len(made.statements) == len({owner for _, _, owner in claims})
    for paper in papers(made):
        assert faults(paper.as_json()) == []
        assert read_certificate(file_of(paper.as_json())).paper == paper
    assert same_commitment(papers(made)).good


@given(CLAIMS, st.integers(1, 500_00))
def test_the_totals_of_a_statement_are_those_of_everybody(claims: Claims, monthly: int) -> None:
    plan = plan_of(claims, monthly)
    for number, statement in of(claims, monthly).statements.items():
        others = [line for line, (_, _, owner) in zip(plan.lines, claims, strict=True) if str(owner) != number]
        told = statement.as_json()["anderen"]
        assert told["vorderingen"] == len(others)
        assert told["organisaties"] == len({owner for _, _, owner in claims}) - 1
        for name, preferent in (("preferent", True), ("concurrent", False)):
            kind = [line for line in others if line.preferent is preferent]
            assert told[f"open_{name}"] == sum(line.outstanding for line in kind)
            assert told[f"deel_{name}"] == sum(line.share for line in kind)


def test_the_percentages_are_the_exact_fractions_of_the_rule() -> None:
    # domain.md 9.16a: T 2.000 preferent, A 6.000, B 4.000, pot 3.600: r = 3.600 / 14.000.
    heading = of([(2_000_00, True, 0), (6_000_00, False, 1), (4_000_00, False, 2)], 100_00).full_list.heading
    assert heading.basis is Basis.SPLIT
    assert heading.rates.concurrent == Fraction(3_600, 14_000)
    assert heading.rates.preferent == Fraction(7_200, 14_000)
    # More than half: preferent in full, the others share the rest.
    heading = of([(2_000_00, True, 0), (6_000_00, False, 1)], 150_00).full_list.heading
    assert heading.rates == Rates(Fraction(1), Fraction(5_400 - 2_000, 6_000))
    # Everything.
    heading = of([(2_000_00, True, 0), (6_000_00, False, 1)], 900_00).full_list.heading
    assert heading.rates == Rates(Fraction(1), Fraction(1))


def test_papers_that_are_out_there_keep_their_code() -> None:
    """Another way of writing or hashing is another form: it would break every paper that was given out."""
    made = certified(plan_of(FOUR, 45_00).lines, [0, 1, 2, 3, 0], seed=7)
    assert made.full_list.root == "27cc716668bd8ceecdbe58b6453272b2ba865a611de4365dd157baba9d043c26"


def test_the_code_can_be_worked_out_with_nothing_but_json_and_sha_256() -> None:
    """What whoever writes a checker of their own has to do, for a plan of two creditors."""

    def code(value: Any) -> str:
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return sha256(text.encode()).hexdigest()

    paper = of([(3_000_00, False, 0), (1_000_00, True, 1)]).statements["0"].as_json()
    ((step,),) = paper["paden"]
    own = [1, 1, 0, 3_000_00, 0, paper["organisatie"]["regels"][0]["deel"]]
    leaf = [code(["blad", 0, paper["organisatie"], own]), own]
    beside = [step["code"], step["som"]]
    left, right = (beside, leaf) if step["kant"] == "links" else (leaf, beside)
    sums = [one + other for one, other in zip(left[1], right[1], strict=True)]
    assert sums == list(paper["samen"].values())
    above = [code(["knoop", *left, *right]), sums]
    assert code(["wortel", paper["kop"], [above]]) == paper["vastlegging"]


# --- altered ones -----------------------------------------------------------------------------------------------------


def test_any_single_value_that_is_altered_is_noticed_without_the_signature() -> None:
    for paper in papers(of(FOUR)):
        document = paper.as_json()
        ways = list(places(document))
        assert len(ways) > 60
        for way in ways:
            assert faults(altered(document, way)), way


@settings(max_examples=60)
@given(CLAIMS, st.integers(1, 500_00), st.data())
def test_any_single_value_of_any_certificate_that_is_altered_is_noticed(
    claims: Claims, monthly: int, data: st.DataObject
) -> None:
    document = data.draw(st.sampled_from(papers(of(claims, monthly)))).as_json()
    way = data.draw(st.sampled_from(list(places(document))))
    assert faults(altered(document, way)), way


def test_what_is_wrong_is_told_with_the_line() -> None:
    list_of_all = of(FOUR).full_list.as_json()
    told = faults(altered(list_of_all, ("organisaties", 1, "regels", 0, "deel")))
    assert "Regel 2: de bedragen tellen niet op." in told
    assert any(one.startswith("Regel 2: €") and one.endswith("zijn.") for one in told)
    assert "Totaal: het deel met voorrang klopt niet." in told
    assert "De code past niet bij deze lijst: er is iets veranderd." in told
    told = faults(altered(list_of_all, ("organisaties", 1, "regels", 0, "nummer")))
    assert "Regel 2 ontbreekt." in told
    assert "Regel 3 staat er meer dan één keer in." in told
    statement = of(FOUR).statements["0"].as_json()
    told = faults(altered(statement, ("organisatie", "regels", 1, "deel")))
    assert "Regel 5: de bedragen tellen niet op." in told
    assert "De code past niet bij regel 1 en 5: er is iets veranderd." in told
    told = faults(altered(statement, ("anderen", "open_concurrent")))
    assert "Totaal: wat open is zonder voorrang klopt niet." in told
    assert "De woorden van de regel zijn niet de onze." in faults(altered(statement, ("kop", "regel")))
    assert "Er mag meer worden afgerond dan de regel zegt." in faults(altered(statement, ("kop", "marge_centen")))


def test_a_list_made_over_with_a_side_deal_in_it_shows_the_line_though_its_code_is_right() -> None:
    """Whoever makes the list anew has a commitment that fits; the rule does not bend."""
    honest = of(FOUR).full_list
    first, second, *rest = honest.parties
    richer = replace(first, lines=(replace(first.lines[0], share=first.lines[0].share + 100_00), *first.lines[1:]))
    poorer = replace(second, lines=(replace(second.lines[0], share=second.lines[0].share - 100_00),))
    forged = replace(honest, parties=(richer, poorer, *rest))
    forged = replace(forged, totals=added([party.sums for party in forged.parties]))
    forged = replace(forged, root=root(forged.heading, [top(leaves) for leaves in forged.trees()]))
    told = faults(forged.as_json())
    assert any(one.startswith("Regel 1: €") for one in told)
    assert any(one.startswith("Regel 2: €") for one in told)
    assert not any("code" in one for one in told)


def test_papers_of_two_plans_are_told_apart() -> None:
    one, other = of(FOUR), of(FOUR, 46_00)
    assert same_commitment([one.statements["0"], other.statements["1"]]).faults


# --- shares that come from elsewhere ------------------------------------------------------------------------------------


def test_a_plan_that_went_on_without_a_creditor_says_so_and_verifies() -> None:
    # The others keep their shares to the cent, where a new split would hand out the odd cents anew.
    tried = ((monthly, plan_of(FOUR, monthly)) for monthly in range(45_00, 46_00))
    went_on = (
        (monthly, certified(continue_without(whole, ["2"]).lines, [0, 1, 3, 0], earlier=[whole.lines]))
        for monthly, whole in tried
    )
    monthly, made = next(one for one in went_on if one[1].full_list.heading.basis is Basis.PART_OF_SPLIT)
    heading = made.full_list.heading
    assert heading.rates == of(FOUR, monthly).full_list.heading.rates
    assert heading.margin == 1
    for paper in papers(made):
        assert faults(paper.as_json()) == []
    document = made.full_list.as_json()
    moved = altered(document, ("organisaties", 1, "regels", 0, "deel"))
    moved = altered(moved, ("organisaties", 1, "regels", 0, "deel"))
    assert any(one.startswith("Regel 2: €") for one in faults(moved))


@given(CLAIMS, st.integers(1, 500_00), st.data())
def test_going_on_without_somebody_never_stands_in_the_way_of_a_certificate(
    claims: Claims, monthly: int, data: st.DataObject
) -> None:
    whole = plan_of(claims, monthly)
    gone = str(data.draw(st.integers(0, len(claims) - 1)))
    if not sum(line.share for line in whole.lines if line.key != gone):
        return
    rest = continue_without(whole, [gone])
    made = certified(rest.lines, [claims[int(line.key)][2] for line in rest.lines], earlier=[whole.lines])
    for paper in papers(made):
        assert faults(paper.as_json()) == []


def test_shares_that_fell_pro_rata_carry_the_lower_percentages() -> None:
    # 300 a month pays the preferent in full; after the fall it gets its part like everybody, and not everything.
    whole = plan_of(FOUR, 300_00, 18)
    fallen = shares(whole.pot // 2, [ClaimLine(line.share) for line in whole.lines])
    half = [
        replace(line, share=share, waived=line.outstanding - share)
        for line, share in zip(whole.lines, fallen, strict=True)
    ]
    made = certified(half, [0, 1, 2, 3, 0], earlier=[whole.lines])
    heading = made.full_list.heading
    assert heading.basis is Basis.PART_OF_SPLIT
    assert heading.rates.preferent == Fraction(1, 2)
    assert heading.margin <= 2
    for paper in papers(made):
        assert faults(paper.as_json()) == []


@pytest.mark.parametrize("earlier", [False, True])
def test_a_side_deal_gets_no_certificate(earlier: bool) -> None:
    whole = plan_of(FOUR, 45_00)
    lines = [*whole.lines]
    lines[2] = replace(lines[2], share=lines[2].share + 100_00, waived=lines[2].waived - 100_00)
    with pytest.raises(NotEqual) as refused:
        certified(lines, [0, 1, 2, 3, 0], earlier=[whole.lines] if earlier else [])
    assert refused.value.number in range(1, 6)
    if earlier:
        assert refused.value.number == 3


def test_every_creditor_needs_a_salt_of_its_own() -> None:
    entries = [Entry(line, line.key, "x", "y") for line in plan_of(FOUR, 45_00).lines]
    for given_salts in (salts(4), [*salts(4), salts(1)[0]]):
        with pytest.raises(ValueError, match="salts"):
            certify(subject="s", label="l", made_on="d", entries=entries, salts=given_salts)
    with pytest.raises(ValueError, match="salts"):
        certify(subject="s", label="l", made_on="d", entries=[], salts=[])


# --- what a creditor learns ------------------------------------------------------------------------------------------


def numbers(value: Any) -> set[int]:
    found = [value]
    for way in places(value):
        place = value
        for key in way:
            place = place[key]
        found.append(place)
    return {one for one in found if type(one) is int}


@settings(max_examples=50)
@given(st.lists(st.integers(10**9, 10**13), min_size=4, max_size=9, unique=True))
def test_no_statement_names_another_creditor_or_holds_one_of_its_amounts(amounts: list[int]) -> None:
    # Amounts so large that a part of one is the amount of another by a miracle only.
    plan = plan_of([(cents, False, at) for at, cents in enumerate(amounts)], sum(amounts) // 100)
    made = certified(plan.lines, range(len(amounts)))
    for number, statement in made.statements.items():
        document = statement.as_json()
        text = json.dumps(document)
        assert f"Organisatie {number}" in text
        inside = numbers(document)
        own = plan.lines[int(number)]
        for line in plan.lines:
            if line.key == number:
                continue
            assert f"Organisatie {line.key}" not in text
            assert f"KENMERK-{line.key}" not in text
            for cents in {line.outstanding, line.share, line.waived} - {own.outstanding, own.share, own.waived, 0}:
                assert cents not in inside


def _learns(orders: Sequence[Sequence[int]], who: int) -> list[set[int]]:
    """Which groups of others can be worked out from the sums beside the paths, by linear algebra.

    Unknown: one part per other creditor and tree. Seen: the sum of each group. A group of creditors comes out when all
    their parts together are a combination of what is seen.
    """
    others = [one for one in orders[0] if one != who]
    columns = {(tree, one): at for at, (tree, one) in enumerate((t, o) for t in range(len(orders)) for o in others)}
    seen = []
    for tree, order in enumerate(orders):
        for group, _ in beside(len(order), order.index(who)):
            row = [Fraction(0)] * len(columns)
            for place in group:
                row[columns[tree, order[place]]] = Fraction(1)
            seen.append(row)
    found = []
    for size in range(1, len(others)):
        for group_of in combinations(others, size):
            wanted = [Fraction(1 if one in group_of else 0) for _tree, one in columns]
            if _rank([*seen, wanted]) == _rank(seen):
                found.append(set(group_of))
    return found


def _rank(rows: list[list[Fraction]]) -> int:
    left, rank = [row[:] for row in rows], 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((row for row in left[rank:] if row[column]), None)
        if pivot is None:
            continue
        left.remove(pivot)
        left.insert(rank, pivot)
        for row in left[rank + 1 :]:
            factor = row[column] / pivot[column]
            row[:] = [one - factor * other for one, other in zip(row, pivot, strict=True)]
        rank += 1
    return rank


@pytest.mark.parametrize("creditors", [3, 4, 5, 6, 7])
def test_no_sum_of_some_of_the_others_can_be_worked_out_from_a_statement(creditors: int) -> None:
    made = of([(1_000_00 + at, False, at) for at in range(creditors)])
    orders = made.full_list.orders
    for who in range(creditors):
        assert _learns(orders, who) == []


def test_the_quick_answer_whether_orders_hide_everybody_is_the_right_one() -> None:
    one_tree = [(0, 1, 2, 3)]
    assert not hides_everybody(one_tree)
    assert {1} in _learns(one_tree, 0)
    twice_the_same = [(0, 1, 2, 3), (0, 1, 2, 3)]
    assert not hides_everybody(twice_the_same)
    assert {1} in _learns(twice_the_same, 0)
    apart = [(0, 1, 2, 3), (0, 2, 1, 3)]
    assert hides_everybody(apart) is not any(_learns(apart, who) for who in range(4))


@pytest.mark.parametrize("creditors", [*range(1, 41), 100])
def test_orders_are_found_for_any_number_of_creditors(creditors: int) -> None:
    made = of([(1_000_00, at % 5 == 0, at) for at in range(creditors)])
    assert hides_everybody(made.full_list.orders)


def test_the_parts_beside_a_path_add_up_to_the_totals_and_are_never_negative() -> None:
    for statement in of(FOUR).statements.values():
        for steps in statement.paths:
            assert all(amount >= 0 for step in steps for amount in step.beside.sums)


# --- files that are something else -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", EMPTY),
        (b" \n", EMPTY),
        (b"x" * (MAX_BYTES + 1), TOO_LARGE),
        (b"{", NOT_WHOLE),
        (b"\xff\xfe", NOT_WHOLE),
        (b"[" * 100_000, NOT_WHOLE),
        (b"1" * 5_000, NOT_WHOLE),
        (b"null", NOT_OURS),
        (b"[]", NOT_OURS),
        (b"1.5", NOT_OURS),
        (b"NaN", NOT_OURS),
        (b'{"document": null, "sleutel": "k", "handtekening": "x"}', NOT_OURS),
        (b'{"document": {"soort": "iets"}, "sleutel": "k", "handtekening": "x"}', NOT_OURS),
        (b'{"a": 1, "a": 1}', NOT_OURS),
    ],
)
def test_anything_else_is_refused_with_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read_certificate(content)
    assert str(refused.value) == sentence


@settings(max_examples=60)
@given(st.data())
def test_a_file_with_a_part_missing_or_of_another_kind_is_refused(data: st.DataObject) -> None:
    document = data.draw(st.sampled_from(papers(of(FOUR)))).as_json()
    way = data.draw(st.sampled_from(list(places(document))))
    *before, last = way
    place: Any = document
    for key in before:
        place = place[key]
    wrong: Any = data.draw(st.sampled_from([None, -1, [], {}, "", True, "\ud800", 10**70, "weg", "erbij"]))
    if wrong == "weg":
        del place[last]
    elif wrong == "erbij" and isinstance(place, dict):
        place["iets"] = 1
    else:
        assume(not (type(place[last]) is type(wrong) and place[last] == wrong))  # that changes nothing
        place[last] = wrong
    assert faults(document)


def test_a_mark_that_programs_put_before_a_text_file_does_no_harm() -> None:
    document = of(FOUR).full_list.as_json()
    assert read_certificate(b"\xef\xbb\xbf" + file_of(document)).paper == of(FOUR).full_list
