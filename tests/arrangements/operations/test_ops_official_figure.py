"""A paper with an official figure: what is kept, what is refused, what is asked once more, and what follows from it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from accounts.models import CaseWorker
from arrangements.models import Application, Assessment, CaseTask, OfficialFigure, Proposal
from arrangements.operations.application import save_answers
from arrangements.operations.assess_application import assess_application
from arrangements.operations.enter_official_figure import (
    MOST_FIGURES,
    LowerThanExpected,
    TooManyFigures,
    enter_official_figure,
)
from arrangements.operations.open_photo import open_photo
from arrangements.queries.official_figures import official_figures
from infra import clock
from infra.models import AuditLine, Message
from infra.scope import Scope, act_as, as_worker
from tests.factories.papers import JPEG, PDF
from tests.factories.people import citizen_scope, creditor_scope, make_citizen, make_director
from tests.factories.plans import Case, fill_in, make_case, submitted

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 23)
BVV, VTLB = OfficialFigure.Kind.BESLAGVRIJE_VOET, OfficialFigure.Kind.VTLB
LETTER, SHEET = OfficialFigure.Paper.LETTER, OfficialFigure.Paper.VTLB_SHEET


@pytest.fixture(autouse=True)
def _november() -> None:
    clock.set_today(TODAY)


@contextmanager
def helping(case: Case, *, kind: str = "coach") -> Iterator[CaseWorker]:
    """A coach or desk worker who acts for this citizen; that there is a mandate is the business of the pages."""
    helper = make_director(kind=kind, default=False, name="Sam Visser")
    with act_as(Scope(user_id=helper.user_id, citizen_id=case.citizen.pk, coach_id=helper.pk, reason="test")):
        yield helper


def amber(*, declared: int = 400_00, **answers: object) -> Case:
    """Net 1.900 and other income: only an official figure can decide."""
    case = make_case(1_000_00, 2_000_00)
    fill_in(case, declared=declared, uncertain=["other_income"], **answers)  # type: ignore[arg-type]  # answers only
    with act_as(citizen_scope(case.citizen)):
        assert assess_application(application=case.application).verdict == "amber"
    return case


def enter(case: Case, cents: int = 1_450_00, **changed: Any) -> Assessment | None:
    facts: dict[str, Any] = {
        "kind": BVV,
        "paper": LETTER,
        "paper_date": date(2026, 9, 3),
        "photo": JPEG,
        "photo_type": "image/jpeg",
    }
    return enter_official_figure(application=case.application, cents=cents, **facts | changed)


def row_of(case: Case) -> Application:
    with act_as(citizen_scope(case.citizen)):
        return Application.objects.get(pk=case.application.pk)


def test_a_photo_of_the_letter_ends_the_doubt_and_the_draft_is_there() -> None:
    case = amber()
    with act_as(citizen_scope(case.citizen)):
        assessment = enter(case)
        assert assessment is not None
        assert assessment.verdict == "green"
        assert assessment.capacity_low_cents == assessment.capacity_high_cents == 450_00
        assert Proposal.objects.get().monthly_cents == 400_00
        figure = OfficialFigure.objects.get()
        assert bytes(figure.photo or b"") == JPEG
        assert (figure.entered_by, figure.seen_by, figure.entered_on) == ("citizen", None, TODAY)
    row = row_of(case)
    assert row.official_beslagvrije_voet_cents == 1_450_00
    assert row.official_paper_date == date(2026, 9, 3)
    assert (
        row.official_beslagvrije_voet_source
        == "Brief van de deurwaarder of van een beslaglegger van 03-09-2026, met foto"
    )
    assert row.entered_by["official_beslagvrije_voet_cents"] == "citizen"
    assert row.vtlb_cents is None


@pytest.mark.parametrize(("kind", "source"), [("coach", "gezien door de coach"), ("desk", "gezien aan de balie")])
def test_a_helper_may_say_that_they_saw_the_paper(kind: str, source: str) -> None:
    case = amber()
    with helping(case, kind=kind) as helper:
        enter(case, photo=None, photo_type="", seen_by=helper)
        figure = OfficialFigure.objects.get()
        assert (figure.seen_by_id, figure.entered_by, figure.photo) == (helper.pk, f"coach:{helper.pk}", None)
    assert row_of(case).official_beslagvrije_voet_source.endswith(source)


def test_a_vtlb_stands_beside_the_other_figure_and_not_in_its_place() -> None:
    case = amber()
    with act_as(citizen_scope(case.citizen)):
        enter(case)
        enter(case, 1_500_00, kind=VTLB, paper=SHEET, paper_date=date(2026, 10, 1))
    row = row_of(case)
    assert (row.official_beslagvrije_voet_cents, row.vtlb_cents) == (1_450_00, 1_500_00)
    assert (row.official_paper_date, row.vtlb_paper_date) == (date(2026, 9, 3), date(2026, 10, 1))
    assert row.vtlb_source.startswith("Vtlb-berekening")


def test_the_audit_line_says_what_happened_and_no_amount() -> None:
    case = amber()
    with act_as(citizen_scope(case.citizen)):
        enter(case)
    with as_worker("test"):
        line = AuditLine.objects.get(action="official_figure_entered")
    assert line.details == {"kind": "bvv", "paper": "letter", "photo": True, "lower_than_expected": False}
    assert line.citizen_id == case.citizen.pk


@pytest.mark.parametrize(
    "changed",
    [
        {"cents": 0},
        {"cents": -1},
        {"cents": 10_000_01},
        {"paper_date": date(2026, 11, 24)},
        {"paper_date": date(2025, 11, 22)},
        {"paper_date": date(1890, 1, 1)},
        {"paper": SHEET},
        {"kind": VTLB},
        {"photo": None, "photo_type": ""},
        {"photo": None},
        {"photo_type": "image/png"},
        {"photo_type": ""},
        {"photo": b"<html>", "photo_type": "text/html"},
        {"photo": b"", "photo_type": ""},
        {"photo": JPEG + b"\x00" * (8 * 1024 * 1024)},
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(changed: dict[str, Any]) -> None:
    case = amber()
    with act_as(citizen_scope(case.citizen)):
        with pytest.raises(ValueError):  # noqa: PT011  each has its own words; that nothing is written is the point
            enter(case, **changed)
        assert not OfficialFigure.objects.exists()
    assert row_of(case).official_beslagvrije_voet_cents is None


def test_a_paper_of_today_and_one_of_twelve_months_ago_both_count() -> None:
    case = amber()
    with act_as(citizen_scope(case.citizen)):
        enter(case, paper_date=TODAY)
        enter(case, paper_date=date(2025, 11, 23), photo=PDF, photo_type="application/pdf")
        assert [row.counts for row in official_figures(case.application, TODAY)] == [True, False]
        assert [row.holds for row in official_figures(case.application, date(2026, 11, 24))] == [False, True]


def test_nobody_says_that_somebody_else_saw_the_paper() -> None:
    case = amber()
    colleague = make_director(kind="coach", default=False, name="Noor Kok")
    with act_as(citizen_scope(case.citizen)), pytest.raises(ValueError, match="only the helper who acts now"):
        enter(case, seen_by=colleague)
    with helping(case), pytest.raises(ValueError, match="only the helper who acts now"):
        enter(case, seen_by=colleague)


@pytest.mark.parametrize("with_photo", [True, False])
def test_the_database_too_refuses_a_paper_that_the_citizen_says_somebody_saw(*, with_photo: bool) -> None:
    case = amber()
    worker = make_director()
    with (
        act_as(citizen_scope(case.citizen)),
        pytest.raises(DatabaseError, match="row-level security"),
        transaction.atomic(),
    ):
        OfficialFigure.objects.create(
            citizen=case.citizen,
            application=case.application,
            kind=BVV,
            amount_cents=1_450_00,
            paper=LETTER,
            paper_date=TODAY,
            seen_by=worker,
            photo=JPEG if with_photo else None,
            photo_type="image/jpeg" if with_photo else "",
            entered_by="citizen",
            entered_on=TODAY,
        )


def test_a_figure_under_what_the_gate_would_keep_only_counts_once_a_helper_saw_the_paper() -> None:
    case = amber()
    with act_as(citizen_scope(case.citizen)):
        with pytest.raises(LowerThanExpected):
            enter(case, 134_85)  # somebody forgot a figure
        assert not OfficialFigure.objects.exists()
        with pytest.raises(LowerThanExpected):
            enter(case, 1_348_48)
        enter(case, 1_348_49)
        # From the citizen alone: kept, and somebody looks; the floor stays where it was.
        assert enter(case, 1, surely=True) is None
        assert row_of(case).official_beslagvrije_voet_cents == 1_348_49
        assert CaseTask.objects.filter(kind=CaseTask.Kind.CALL_BACK, done_on=None).count() == 1
    with helping(case) as coach:
        enter(case, 1_348_48, surely=True, seen_by=coach, photo=None, photo_type="")
    with as_worker("test"):
        lines = AuditLine.objects.filter(action="official_figure_entered")
        assert sorted(line.details["lower_than_expected"] for line in lines) == [False, True, True]
    assert row_of(case).official_beslagvrije_voet_cents == 1_348_48


def test_a_second_paper_is_compared_with_the_law_and_not_with_the_first_paper() -> None:
    case = amber()
    with act_as(citizen_scope(case.citizen)):
        enter(case, 1_800_00)
        enter(case, 1_400_00)
    assert row_of(case).official_beslagvrije_voet_cents == 1_400_00


def test_with_a_known_payslip_the_formula_itself_is_what_we_expect() -> None:
    case = make_case(1_000_00)
    fill_in(case)
    with act_as(citizen_scope(case.citizen)):
        with pytest.raises(LowerThanExpected):
            enter(case, 1_406_41)
        enter(case, 1_406_42)


def test_before_the_questions_are_answered_a_low_figure_is_asked_about_as_well() -> None:
    case = make_case(1_000_00)
    with act_as(citizen_scope(case.citizen)):
        with pytest.raises(LowerThanExpected):
            enter(case, 134_85)
        assert enter(case, 1_450_00) is None
    assert row_of(case).official_beslagvrije_voet_cents == 1_450_00


def test_the_older_paper_stays_when_a_newer_one_comes() -> None:
    case = amber()
    with act_as(citizen_scope(case.citizen)):
        enter(case)
    with helping(case) as helper:
        enter(case, 1_500_00, photo=None, photo_type="", seen_by=helper)
        found = official_figures(case.application, TODAY)
    assert [(row.cents, row.counts, row.helper, row.seen_by, row.has_photo) for row in found] == [
        (1_500_00, True, "Sam Visser", "Sam Visser", False),
        (1_450_00, False, "", "", True),
    ]


def test_when_a_helper_makes_it_green_the_citizen_is_told_once_in_neutral_words() -> None:
    case = amber()
    with helping(case) as helper:
        enter(case, photo=None, photo_type="", seen_by=helper)
        enter(case, 1_460_00, photo=None, photo_type="", seen_by=helper)  # green already: no news
        assert Proposal.objects.get().state == "draft"
    with as_worker("test"):
        message = Message.objects.get(kind="go_on")
    assert message.subject == "U kunt verder met uw plan"
    assert message.citizen_id == case.citizen.pk
    assert "1.450" not in message.body
    assert case.citizen.director.phone in message.body


def test_the_citizen_who_enters_the_figure_sees_the_outcome_and_gets_no_message() -> None:
    case = amber()
    with act_as(citizen_scope(case.citizen)):
        enter(case)
    with as_worker("test"):
        assert not Message.objects.filter(kind="go_on").exists()


@pytest.mark.parametrize(("declared", "verdict"), [(600_00, "red"), (400_00, "green")])
def test_an_answer_that_is_not_amber_any_more_closes_the_task(declared: int, verdict: str) -> None:
    case = amber()
    with act_as(citizen_scope(case.citizen)):
        save_answers(application=case.application, answers={"declared_cents": declared})
        assessment = enter(case)
        assert assessment is not None
        assert assessment.verdict == verdict
        assert CaseTask.objects.get(kind=CaseTask.Kind.MISSING_FACT).done_on == TODAY


def test_too_little_left_is_no_message_and_no_draft() -> None:
    case = amber()
    with helping(case) as helper:
        assessment = enter(case, 1_890_00, photo=None, photo_type="", seen_by=helper)
        assert assessment is not None
        assert assessment.verdict == "red"
        assert not Proposal.objects.exists()
    with as_worker("test"):
        assert not Message.objects.filter(kind="go_on").exists()


def test_without_norms_for_today_the_figure_is_kept_and_the_desk_has_its_task() -> None:
    case = amber()
    clock.set_today(date(2034, 1, 2))
    with act_as(citizen_scope(case.citizen)):
        assert enter(case, paper_date=date(2033, 12, 1)) is None
        assert CaseTask.objects.filter(kind=CaseTask.Kind.NORMS_MISSING, done_on=None).exists()
    assert row_of(case).official_paper_date == date(2033, 12, 1)


def test_after_the_sending_there_is_nothing_to_enter() -> None:
    case = make_case(1_000_00)
    submitted(case)
    with act_as(citizen_scope(case.citizen)), pytest.raises(ValueError, match="closed"):
        enter(case)


def test_there_is_an_end_to_the_papers_of_one_application() -> None:
    case = make_case(1_000_00)
    with act_as(citizen_scope(case.citizen)):
        for _ in range(MOST_FIGURES):
            enter(case)
        with pytest.raises(TooManyFigures):
            enter(case)
        assert OfficialFigure.objects.count() == MOST_FIGURES


# --- who opens the photo ---------------------------------------------------------------------------------------------


def test_the_photo_opens_for_the_citizen_and_the_helper_and_a_look_by_the_helper_is_written_down() -> None:
    case = amber()
    with act_as(citizen_scope(case.citizen)):
        enter(case)
        figure = OfficialFigure.objects.get().public_id
        found = open_photo(figure=figure)
        assert found is not None
        assert (found.content, found.media_type, found.name) == (JPEG, "image/jpeg", "papier-2026-09-03.jpg")
    with as_worker("test"):
        assert not AuditLine.objects.filter(action="official_photo_opened").exists()
    with helping(case):
        assert open_photo(figure=figure) is not None
    with act_as(Scope(user_id=1, desk=True, reason="beheer")):
        assert open_photo(figure=figure) is not None
    with as_worker("test"):
        assert AuditLine.objects.filter(action="official_photo_opened", citizen_id=case.citizen.pk).count() == 2


def test_no_creditor_and_no_other_citizen_reads_a_paper_not_even_past_the_managers() -> None:
    case = amber()
    with act_as(citizen_scope(case.citizen)):
        enter(case)
        figure = OfficialFigure.objects.get().public_id
        assert OfficialFigure._base_manager.count() == 1
    others = [creditor_scope(case.creditors[0], case.members[0]), citizen_scope(make_citizen())]
    for other in others:
        with act_as(other):
            assert open_photo(figure=figure) is None
            assert OfficialFigure._base_manager.count() == 0
