"""Two clocks: the plan, the municipal route and paying everything, before anybody signs (features.md C22)."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from arrangements.domain.lifecycle import RefusalCode
from arrangements.domain.proposal import Route
from arrangements.models import Arrangement
from arrangements.operations.answer_proposal import refuse
from arrangements.operations.go_on_without import go_on_without
from arrangements.queries.routes import routes_of
from infra import clock, jobs
from infra.models import AuditLine
from infra.scope import act_as, as_worker
from tests.factories.citizens import acting_coach, fill_in_pages, logged_in
from tests.factories.people import citizen_scope, creditor_scope, make_citizen
from tests.factories.plans import Case, agreed, fill_in, make_case, submitted

pytestmark = pytest.mark.django_db

AGREEMENT = "/mijn/regeling/overeenkomst/"
SIGN = "/mijn/regeling/overeenkomst/tekenen/"
MUST_READ = "Zet een vinkje bij: Ik heb dit gelezen. Daarna kunt u tekenen."


@pytest.fixture(autouse=True)
def _november() -> None:
    clock.set_today(date(2026, 11, 23))


def text(response: Any) -> str:
    body: str = response.content.decode().replace("\u00a0", " ")
    return body


def signed(case: Case) -> bool:
    with act_as(citizen_scope(case.citizen)):
        return Arrangement.objects.exists()


def test_every_organisation_stands_on_every_route_and_they_add_up(client: Client) -> None:
    case = make_case(1_000_00, 2_000_00, 300_00, preferent={1}, not_dischargeable={2})
    logged_in(client, case.citizen)
    fill_in_pages(client)
    response = client.get("/mijn/aanvraag/voorstel/")
    routes, parties = response.context["routes"], response.context["parties"]
    assert [(row.mark, row.months, row.paid) for row in routes] == [
        ("platform", 36, 1_620_00),
        ("municipal", 18, 810_00),
        ("in-full", 74, 3_300_00),
    ]
    assert [party.name for party in parties] == [creditor.name for creditor in case.creditors]
    for position, route in enumerate(routes):
        for name in ("paid", "waived", "remains"):
            assert sum(getattr(party.rows[position], name) for party in parties) == getattr(route, name)
    page = text(response)
    assert "Bij uw gemeente duurt een regeling vaak 18 maanden." in page
    assert "Uw gemeente rekent zelf uit wat u per maand betaalt." in page
    assert "Alles zelf betalen duurt 74 maanden. U betaalt dan 3.300 euro." in page
    for party in parties:
        assert f"{party.name}: nu" in page


def test_two_claims_of_one_organisation_are_one_line() -> None:
    case = make_case(1_000_00, 2_000_00)
    with as_worker("test"):
        claim = case.claims[1]
        claim.creditor = case.creditors[0]
        claim.save()
    proposal = submitted(case)
    with act_as(citizen_scope(case.citizen)):
        (only,) = routes_of(proposal).creditors
    assert only.outstanding_cents == 3_000_00
    assert only.routes[Route.PLATFORM].paid == 1_620_00
    assert only.routes[Route.IN_FULL].paid == 3_000_00


def test_after_a_refusal_our_route_is_what_was_agreed_to_the_cent() -> None:
    case = make_case(1_000_01, 2_000_02, 600_33)
    proposal = submitted(case)
    with act_as(creditor_scope(case.creditors[1], case.members[1])):
        refuse(
            answer=case.answer_of(1),
            seen_hash=proposal.content_hash,
            user=case.members[1].user,
            code=RefusalCode.BELOW_OUR_NORM,
        )
    case.settle()
    with act_as(citizen_scope(case.citizen)):
        go_on_without(answer=case.answer_of(1))
    jobs.run_all()
    with act_as(citizen_scope(case.citizen)):
        proposal.refresh_from_db()
        new = proposal.replaced_by
        assert new is not None
        ours = routes_of(new).routes[Route.PLATFORM]
        lines = {str(line.claim_id): line.share_cents for line in new.lines.all()}
    assert {line.key: line.share for line in ours.lines} == lines
    assert ours.paid == new.pot_cents


def test_the_other_routes_stand_before_the_button_and_without_the_tick_nobody_signs(client: Client) -> None:
    case = make_case(1_000_00, 2_000_00)
    agreed(case)
    logged_in(client, case.citizen)
    response = client.get(AGREEMENT)
    page, seen = text(response), response.context["hash"]
    assert page.index('data-check="route-municipal"') < page.index("Ik ga akkoord")
    assert "Vraag daar wat voor u het beste is." in page
    assert "Ik heb dit gelezen" in page
    assert not re.search(r'name="read"[^>]* checked', page)
    refused = client.post(SIGN, {"gezien": seen})
    assert refused.status_code == 200
    assert text(refused).count(MUST_READ) == 2  # in the summary and at the field
    # Nothing is lost: the same text, the same code, the same button.
    assert refused.context["hash"] == seen
    assert 'data-check="route-municipal"' in text(refused)
    assert not signed(case)
    assert client.post(SIGN, {"gezien": seen, "read": "on"})["Location"] == "/mijn/"
    assert signed(case)
    with as_worker("test"):
        assert AuditLine.objects.get(action="arrangement_signed").details == {"comparison_read": True}
    after = text(client.get(AGREEMENT))
    assert "U heeft getekend" in after
    assert 'data-check="two-clocks"' not in after
    # A second click, without the tick, is the same arrangement.
    assert client.post(SIGN, {"gezien": seen})["Location"] == "/mijn/"


def test_another_text_on_the_screen_is_said_before_a_missing_tick(client: Client) -> None:
    case = make_case(1_000_00)
    agreed(case)
    logged_in(client, case.citizen)
    assert client.post(SIGN, {"gezien": "f" * 64})["Location"] == AGREEMENT
    assert "De tekst is gewijzigd" in text(client.get(AGREEMENT))
    assert not signed(case)


def test_a_coach_reads_the_comparison_but_has_no_tick_and_no_button(client: Client) -> None:
    case = make_case(1_000_00, 2_000_00)
    agreed(case)
    mandate = acting_coach(client, case.citizen)
    page = text(client.get(f"/namens/{mandate.public_id}/regeling/overeenkomst/"))
    assert 'data-check="route-municipal"' in page
    assert "Ik heb dit gelezen" not in page
    assert "Ik ga akkoord" not in page


def test_the_coach_has_a_page_of_its_own_to_compare_and_print(client: Client) -> None:
    case = make_case(1_000_00, 2_000_00)
    fill_in(case)
    submitted(case)
    mandate = acting_coach(client, case.citizen)
    address = f"/coach/clienten/{mandate.public_id}/vergelijk/"
    assert address in text(client.get(f"/coach/clienten/{mandate.public_id}/"))
    page = text(client.get(address))
    assert 'data-check="route-in-full"' in page
    assert "<details" not in page  # a closed disclosure does not come out of a printer
    for creditor in case.creditors:
        assert f"{creditor.name}: nu" in page


def test_without_a_proposal_the_coach_reads_which_questions_are_open(client: Client) -> None:
    case = make_case(1_000_00)
    mandate = acting_coach(client, case.citizen)
    page = text(client.get(f"/coach/clienten/{mandate.public_id}/vergelijk/"))
    assert "Er is nog geen voorstel." in page
    assert "Met wie woont u?" in page
    assert "Hoeveel kunt u elke maand missen?" in page
    assert 'data-check="route-platform"' not in page


def test_another_coach_and_a_coach_whose_mandate_is_over_compare_nothing(client: Client) -> None:
    mine, theirs = make_case(1_000_00), make_case(2_000_00, citizen=make_citizen(family_name="Anders"))
    other = acting_coach(Client(), theirs.citizen)
    acting_coach(client, mine.citizen)
    assert client.get(f"/coach/clienten/{other.public_id}/vergelijk/").status_code == 404
