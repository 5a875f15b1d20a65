"""Certificates follow every version by themselves, once, and only where the shares follow the rule."""

import json

import pytest
from django.db import DatabaseError, transaction

from arrangements.domain.certificate import Basis, FullList, Statement
from arrangements.domain.certify import NotEqual
from arrangements.domain.lifecycle import RefusalCode
from arrangements.models import CertificateList, EqualityCertificate, Proposal, ProposalLine
from arrangements.operations.answer_proposal import refuse, say_balance_differs
from arrangements.operations.go_on_without import go_on_without
from arrangements.operations.make_certificates import make_certificates
from arrangements.queries.certificates import certificate_of, check_file, check_together, file_of, paper_of
from infra import jobs
from infra.models import AuditLine, Job
from infra.scope import Scope, act_as, as_worker
from tests.factories.money import START, at
from tests.factories.people import citizen_scope, creditor_scope, make_director
from tests.factories.plans import Case, make_case, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday() -> None:
    at(START)


@pytest.fixture
def case() -> Case:
    """Four creditors, the second preferent; sent, and the worker has done its work."""
    made = make_case(3_000_00, 1_000_00, 2_000_00, 777_77, preferent={1})
    submitted(made)
    jobs.run_all()
    return made


def statement_of(case: Case, number: int, proposal: Proposal | None = None) -> EqualityCertificate:
    which = proposal or case.proposal
    assert which is not None
    with act_as(creditor_scope(case.creditors[number])):
        found = certificate_of(which.pk)
    assert found is not None
    return found


def list_of(proposal: Proposal) -> CertificateList:
    with as_worker("test"):
        return CertificateList.objects.get(proposal=proposal)


def newest(case: Case) -> Proposal:
    with as_worker("test"):
        return Proposal.objects.filter(citizen=case.citizen).order_by("-version")[0]


def test_sending_a_proposal_gives_every_creditor_a_statement_that_verifies(case: Case) -> None:
    assert case.proposal is not None
    checked = [check_file(file_of(statement_of(case, number))) for number in range(4)]
    checked.append(check_file(file_of(list_of(case.proposal))))
    assert all(one.good for one in checked)
    assert check_together(checked).good
    paper = paper_of(statement_of(case, 0))
    assert isinstance(paper, Statement)
    assert paper.party.name == case.creditors[0].name
    (line,) = paper.party.lines
    answer = case.answer_of(0)
    assert (line.reference, line.share, line.outstanding, line.waived) == (
        case.claims[0].reference,
        answer.share_cents,
        answer.outstanding_cents,
        answer.waived_cents,
    )
    assert paper.heading.basis is Basis.SPLIT
    assert paper.heading.subject == f"voorstel:{case.proposal.public_id}"


def test_one_cent_less_in_a_stored_statement_breaks_it(case: Case) -> None:
    document = json.loads(file_of(statement_of(case, 0)))
    document["document"]["organisatie"]["regels"][0]["deel"] -= 1
    document["document"]["organisatie"]["regels"][0]["vervalt"] += 1
    titles = [check.title for check in check_file(json.dumps(document).encode()).checks if not check.good]
    assert "De handtekening is van Eén Plan" in titles
    assert "De code hoort bij uw regels" in titles


def test_making_them_again_changes_nothing(case: Case) -> None:
    assert case.proposal is not None
    before = list_of(case.proposal)
    with as_worker("test"):
        assert make_certificates(proposal_id=case.proposal.pk) == before
        assert CertificateList.objects.count() == 1
        assert EqualityCertificate.objects.count() == 4
        assert AuditLine.objects.filter(action="certificates_made").count() == 1


def test_a_new_version_gets_certificates_of_its_own_and_the_old_ones_stay(case: Case) -> None:
    assert case.proposal is not None
    old = case.proposal
    with act_as(creditor_scope(case.creditors[2], case.members[2])):
        say_balance_differs(
            answer=case.answer_of(2),
            seen_hash=old.content_hash,
            user=case.members[2].user,
            claim=case.claims[2],
            balance_cents=2_500_00,
        )
    jobs.run_all()
    new = newest(case)
    assert new.version == 2
    one, other = list_of(old), list_of(new)
    assert one.root != other.root
    assert check_file(file_of(one)).good
    assert check_file(file_of(other)).good
    assert check_file(file_of(statement_of(case, 0, new))).good
    assert check_together([check_file(file_of(one)), check_file(file_of(other))]).faults


def test_a_version_that_went_on_without_a_refuser_is_certified_without_it() -> None:
    # Amounts of which another split of the first three would hand out the odd cents anew.
    case = make_case(2_424_78, 3_377_28, 4_185_95, 4_567_62, preferent={1})
    submitted(case)
    jobs.run_all()
    assert case.proposal is not None
    with act_as(creditor_scope(case.creditors[3], case.members[3])):
        refuse(
            answer=case.answer_of(3),
            seen_hash=case.proposal.content_hash,
            user=case.members[3].user,
            code=RefusalCode.OTHER,
            note="Wij doen dit niet.",
        )
    jobs.run_all()
    before = paper_of(list_of(case.proposal))
    with act_as(citizen_scope(case.citizen)):
        go_on_without(answer=case.answer_of(3))
    jobs.run_all()
    new = newest(case)
    paper = paper_of(list_of(new))
    assert isinstance(paper, FullList)
    assert isinstance(before, FullList)
    assert check_file(file_of(list_of(new))).good
    assert [party.name for party in paper.parties] == [creditor.name for creditor in case.creditors[:3]]
    assert [party.lines for party in paper.parties] == [party.lines for party in before.parties[:3]]
    assert paper.heading.basis is Basis.PART_OF_SPLIT
    assert paper.heading.rates == before.heading.rates
    with act_as(creditor_scope(case.creditors[3])):
        assert certificate_of(new.pk) is None
        assert certificate_of(case.proposal.pk) is not None


def test_a_share_that_follows_from_no_rule_gets_no_certificate_and_the_job_stays_red() -> None:
    made = make_case(3_000_00, 1_000_00, 2_000_00)
    proposal = submitted(made)
    with as_worker("test"):
        first, second, _ = ProposalLine.objects.filter(proposal=proposal)
        ProposalLine.objects.filter(pk=first.pk).update(
            share_cents=first.share_cents + 100_00, waived_cents=first.waived_cents - 100_00
        )
        ProposalLine.objects.filter(pk=second.pk).update(
            share_cents=second.share_cents - 100_00, waived_cents=second.waived_cents + 100_00
        )
        with pytest.raises(NotEqual), transaction.atomic():
            make_certificates(proposal_id=proposal.pk)
    jobs.run_all()
    with as_worker("test"):
        assert not EqualityCertificate.objects.exists()
        job = Job.objects.get(kind="make_certificates")
        assert "the share of line 1" in job.last_error


# --- the walls -----------------------------------------------------------------------------------------------------------


def test_a_creditor_reads_its_own_statement_and_nothing_else(case: Case) -> None:
    other = make_case(500_00, 600_00)
    submitted(other)
    jobs.run_all()
    for number, creditor in enumerate(case.creditors):
        with act_as(creditor_scope(creditor)):
            (mine,) = EqualityCertificate.objects.all()
            assert mine == statement_of(case, number)
            # Also past the manager: the database itself.
            assert EqualityCertificate._base_manager.count() == 1
            assert CertificateList._base_manager.count() == 0
    with act_as(creditor_scope(other.creditors[0])):
        assert case.proposal is not None
        assert certificate_of(case.proposal.pk) is None


def test_the_citizen_and_the_desk_read_the_list_and_another_citizen_does_not(case: Case) -> None:
    other = make_case(500_00)
    with act_as(citizen_scope(case.citizen)):
        assert CertificateList.objects.count() == 1
        assert EqualityCertificate._base_manager.count() == 0
    with act_as(citizen_scope(other.citizen)):
        assert CertificateList._base_manager.count() == 0
    with act_as(Scope(user_id=make_director().user_id, desk=True, reason="test")):
        assert CertificateList.objects.count() == 1


def test_nobody_but_the_worker_writes_a_certificate_and_nobody_changes_one(case: Case) -> None:
    mine = statement_of(case, 0)
    with act_as(creditor_scope(case.creditors[0])):
        with pytest.raises(DatabaseError), transaction.atomic():
            EqualityCertificate.objects.update(signature="0" * 128)
        mine.pk = None
        mine._state.adding = True
        with pytest.raises(DatabaseError), transaction.atomic():
            mine.save(force_insert=True)
    with as_worker("test"), pytest.raises(DatabaseError), transaction.atomic():
        CertificateList.objects.update(root="0" * 64)
