"""The made-up cast: entered through the real operations, the same however often it is loaded."""

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from arrangements.domain.lifecycle import AnswerState, ArrangementState, ProposalState
from arrangements.models import Answer, Arrangement, Assessment, Claim, Consent, Proposal
from citizen_portal.demo import cast
from citizen_portal.demo.load import load
from creditors.models import ClaimImport, UploadedClaim
from infra import clock, scope
from infra.models import Job
from kernel.identifiers import is_iban

pytestmark = pytest.mark.django_db


def _counts() -> dict[str, int]:
    tables = [
        table
        for table in connection.introspection.table_names()
        if table.startswith(("accounts_", "creditors_", "arrangements_", "infra_"))
    ]
    with scope.as_worker("tellen"), transaction.atomic(), connection.cursor() as cursor:
        counts = {}
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            counts[table] = cursor.fetchone()[0]
    return counts


@pytest.mark.usefixtures("cast")
def test_loading_twice_gives_the_same_rows() -> None:
    before = _counts()
    assert load() is False
    assert _counts() == before
    assert before["creditors_creditor"] == len(cast.ORGANISATIONS)
    assert before["accounts_citizen"] == len(cast.HOUSEHOLDS)


@pytest.mark.usefixtures("cast")
def test_every_case_stands_just_before_its_decision() -> None:
    with scope.as_worker("kijken"), transaction.atomic():
        assert clock.today() == cast.TODAY
        assert not Job.objects.exclude(state=Job.State.DONE).exists()
        assert not ClaimImport.objects.exclude(state=ClaimImport.State.STORED).exists()
        by_name = {one.citizen.first_name: one for one in Arrangement.objects.select_related("citizen")}
        assert set(by_name) == {"Gerda", "Mehmet", "Ria", "Fleur", "Jan", "Nadia", "Tom"}
        assert {name: one.state for name, one in by_name.items() if one.state != ArrangementState.ACTIVE} == {
            "Fleur": ArrangementState.PAUSED,
            "Nadia": ArrangementState.SUSPENDED,
        }
        assert by_name["Jan"].installments.filter(state="moved").count() == 1
        assert Consent.objects.filter(citizen__first_name="Tom", state="open").count() == 3
        sanne = Proposal.objects.get(citizen__first_name="Sanne", state=ProposalState.SUBMITTED)
        assert (sanne.version, sanne.answers.filter(state=AnswerState.OPEN).count()) == (2, 1)
        omar = Answer.objects.get(citizen__first_name="Omar", state=AnswerState.RECONSIDERATION)
        assert omar.reconsideration_note
        assert by_name["Mehmet"].creditor_count == 14
        # Last month's payment is ten days late, so five or six of them are in.
        assert by_name["Mehmet"].received_cents >= 5 * 300_00
        ria = by_name["Ria"]
        assert (ria.monthly_cents, ria.months, ria.pot_cents, ria.creditor_count) == (25_00, 36, 900_00, 1)
        gerda = by_name["Gerda"]
        assert gerda.pot_cents - gerda.received_cents == 2 * gerda.monthly_cents
        piet = Proposal.objects.get(citizen__first_name="Piet", state=ProposalState.SUBMITTED)
        assert piet.answers.filter(state=AnswerState.REFUSED).count() == 1
        assert piet.lines.filter(dischargeable=False, remains_cents__gt=0).exists()
        assert piet.lines.filter(is_preferent=True).exists()
        kim = Answer.objects.filter(citizen__first_name="Kim", decided_by_policy__isnull=False)
        assert kim.count() == 6
        assert all("beleid vraagt" in answer.why for answer in kim)
        assert Assessment.objects.get(citizen__first_name="Youssef").verdict == Assessment.Verdict.AMBER
        assert Proposal.objects.get(citizen__first_name="Lotte").state == ProposalState.DRAFT
        assert Claim.objects.filter(citizen__first_name="Anja").count() == 4
        assert UploadedClaim.objects.filter(matched_at=None).count() == 9


def test_every_organisation_has_an_account_number_that_can_exist() -> None:
    assert all(is_iban(one.iban) for one in cast.ORGANISATIONS)
    assert len({one.iban for one in cast.ORGANISATIONS}) == len(cast.ORGANISATIONS)


def test_the_cast_is_refused_outside_the_demo(settings: LazySettings) -> None:
    settings.DEMO = False
    for command in ("load_demo", "demo_links"):
        with pytest.raises(CommandError, match="demo"):
            call_command(command)
