"""A creditor's day: the queue, the three answers, the rule that says yes by itself, and a file with claims."""

import re
from collections.abc import Callable
from pathlib import Path

from django.db import transaction

from arrangements.domain.lifecycle import AnswerState
from arrangements.models import Answer, Claim
from creditors.models import Creditor, CreditorMember, UploadedClaim
from tests.factories.creditors import claim_line, claims_file
from tests.factories.parties import everything
from tests.factories.people import make_citizen, make_creditor, make_member
from tests.factories.plans import make_case, submitted
from tests.support.waiting import eventually
from tests.support.walking import Walk, cents

FAULTY = {
    "een fout in de IBAN": {"FactuurnummerSE": "F-2", "IBAN": "NL91 ABNA 0417 1643 01"},
    "een kenmerk dat er al staat": {"FactuurnummerSE": "F-1"},
    "een formule": {"FactuurnummerSE": "F-4", "KlantnummerSE": "=1+1"},
}


def _propose(creditor: Creditor, name: str, reference: str, cents_here: int) -> None:
    """A citizen of this name sends a proposal in which `creditor` has one claim (cents), beside one somewhere else."""
    with transaction.atomic():
        case = make_case(cents_here, 2_400_00, citizen=make_citizen(family_name=name))
        with everything():
            Claim.objects.filter(pk=case.claims[0].pk).update(creditor=creditor, reference=reference)
        submitted(case)


def _desk() -> CreditorMember:
    """Somebody's desk with four proposals on it."""
    with transaction.atomic():
        creditor = make_creditor("Waterpoort Zorg")
        member = make_member(creditor, role="manager", name="Kees Beheer")
    for number, name in enumerate(("Aarde", "Berk", "Ceder", "Dennen")):
        _propose(creditor, name, f"WP-{number}", 1_200_00 + number)
    return member


def _answer_to(reference: str) -> Answer:
    with everything():
        return Answer.objects.get(
            proposal__lines__claim__reference=reference, creditor__name="Waterpoort Zorg", proposal__version=1
        )


def _open(walk: Walk, reference: str) -> None:
    walk.go("/schuldeiser/")
    walk.at("Werkvoorraad")
    walk.press(reference)


def _answers(walk: Walk) -> None:
    walk.go("/schuldeiser/")
    walk.at("Werkvoorraad")
    assert walk.page.locator("[data-check=proposal]").count() == 4
    walk.press("Open het eerste voorstel")
    walk.at("Voorstel van Jo Aarde")
    share = cents(walk.page.locator("[data-check=share]").inner_text())
    assert share == _answer_to("WP-0").share_cents
    walk.press("Akkoord")
    walk.at("Voorstel van Jo Aarde")
    assert "Antwoord: ja." in walk.page.locator("[data-check=decided]").inner_text()
    walk.press("Volgende voorstel")
    walk.at("Voorstel van Jo Berk")
    # With a coded reason; some codes ask for a fact.
    walk.press("Weiger")
    walk.at("Voorstel weigeren")
    walk.refused("Weiger dit voorstel", "Kies een reden.")
    walk.choose("Aanbod is lager dan onze norm (noem de norm)")
    walk.refused("Weiger dit voorstel", "Bij deze reden hoort een toelichting.")
    walk.fill("Toelichting", "Wij vragen ten minste 80 %.")
    walk.press("Weiger dit voorstel")
    walk.at("Voorstel van Jo Berk")
    assert "Aanbod is lager dan onze norm" in walk.page.locator("[data-check=decided]").inner_text()
    # Another balance makes a new version for everybody.
    _open(walk, "WP-2")
    walk.at("Voorstel van Jo Ceder")
    walk.press("Saldo wijkt af")
    walk.at("Saldo wijkt af")
    walk.refused("Stuur het juiste saldo", "Vul een bedrag in. Bijvoorbeeld 45 of 45,50.")
    walk.fill("Wat is het juiste saldo?", "1.200,02")
    walk.refused("Stuur het juiste saldo", "Dit is het saldo dat er al staat.")
    walk.fill("Wat is het juiste saldo?", "1.250,50")
    walk.press("Stuur het juiste saldo")
    walk.at("Voorstel van Jo Ceder")

    def second_version() -> bool:
        with everything():
            return Answer.objects.filter(
                proposal__version=2, outstanding_cents=1_250_50, state=AnswerState.OPEN
            ).exists()

    eventually(second_version, message="there is no second version")
    walk.page.reload()
    walk.press("Bekijk versie 2")
    walk.at("Voorstel van Jo Ceder")
    assert "€ 1.250,50" in walk.page.locator("main").inner_text().replace("\u00a0", " ")
    walk.go("/schuldeiser/?tab=afgehandeld")
    walk.at("Werkvoorraad")
    assert walk.page.locator("[data-check=proposal]").count() == 3


def _policy(walk: Walk, creditor: Creditor) -> None:
    """A rule says yes to what comes in afterwards, and says why."""
    walk.press("Beleid")
    walk.at("Beleid: vanzelf akkoord")
    walk.refused("Zet deze versie aan", "Vul een percentage in. Bijvoorbeeld 20 of 17,5.")
    walk.fill("Accepteer vanaf welk deel van de vordering? (in %)", "25,5")
    walk.press("Zet deze versie aan")
    walk.at("Beleid: vanzelf akkoord")
    assert "akkoord vanaf 25,50 %" in walk.page.locator("[data-check=running]").inner_text().replace("\u00a0", " ")
    _propose(creditor, "Eik", "WP-9", 900_00)

    def by_rule() -> bool:
        answer = _answer_to("WP-9")
        return answer.state == AnswerState.ACCEPTED and answer.decided_by_policy_id is not None

    eventually(by_rule, message="the rule did not say yes")
    walk.go("/schuldeiser/?tab=afgehandeld")
    walk.press("WP-9")
    walk.at("Voorstel van Jo Eik")
    assert "Waarom:" in walk.page.locator("[data-check=decided]").inner_text()
    walk.go("/schuldeiser/beleid/")
    walk.press("Stop dit beleid nu")
    walk.at("Beleid: vanzelf akkoord")
    assert walk.page.locator("[data-check=no-policy]").count() == 1


def _send(walk: Walk, path: Path) -> None:
    walk.page.get_by_label("Bestand met vorderingen").set_input_files(path)
    walk.press("Stuur het bestand op")


def _finished(walk: Walk, outcome: str) -> None:
    """The page refreshes itself while the worker reads; we look when it is done."""
    walk.page.locator(f"[data-check={outcome}]").wait_for(timeout=20_000)


def _claims(walk: Walk, folder: Path) -> None:
    bad, good = folder / "fout.csv", folder / "goed.csv"
    bad.write_bytes(claims_file(claim_line(), *(claim_line(**cells) for cells in FAULTY.values())))
    good.write_bytes(claims_file(claim_line(), claim_line(FactuurnummerSE="F-2")))
    walk.press("Vorderingen")
    walk.at("Vorderingen")
    walk.press("Stuur een bestand op")
    walk.at("Vorderingen opsturen")
    walk.refused("Stuur het bestand op", "Kies een bestand.")
    _send(walk, bad)
    _finished(walk, "refused")
    walk.at("fout.csv")
    rows = walk.page.locator("[data-check=faults] tbody tr").all_inner_texts()
    assert [re.findall(r"\d+", row)[0] for row in rows] == ["3", "4", "5"], rows
    with everything():
        assert not UploadedClaim.objects.exists()
    walk.press("Stuur het verbeterde bestand op")
    _send(walk, good)
    _finished(walk, "stored")
    walk.at("goed.csv")
    walk.press("Bekijk de vorderingen en de codes")
    walk.at("Vorderingen")
    assert walk.page.locator("[data-check=uploaded] tbody tr").count() == 2


def _journey(walk: Walk, sign_in: Callable[..., None], folder: Path) -> None:
    member = _desk()
    sign_in(walk.page, member.user)
    _answers(walk)
    _policy(walk, member.creditor)
    _claims(walk, folder)


def test_a_creditor_answers_sets_a_rule_and_sends_claims(
    new_walk: Callable[..., Walk], sign_in: Callable[..., None], tmp_path: Path
) -> None:
    _journey(new_walk(width=1280), sign_in, tmp_path)


def test_a_creditor_does_the_same_without_javascript_on_the_narrowest_telephone(
    new_walk: Callable[..., Walk], sign_in: Callable[..., None], tmp_path: Path
) -> None:
    _journey(new_walk(javascript=False, width=320), sign_in, tmp_path)
