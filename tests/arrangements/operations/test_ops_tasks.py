"""Tasks belong to the director, whoever that is today."""

from datetime import date

import pytest

from arrangements.models import CaseTask
from arrangements.operations.run_day import run_day
from arrangements.operations.tasks_for_director import make_task
from infra import clock
from infra.scope import as_worker
from tests.factories.people import make_citizen, make_director

pytestmark = pytest.mark.django_db


def test_an_open_task_follows_the_case_to_its_new_director_and_a_finished_one_stays() -> None:
    today = date(2026, 11, 23)
    clock.set_today(today)
    citizen = make_citizen()
    coach = make_director(kind="coach", default=False)
    with as_worker("test"):
        make_task(citizen_id=citizen.pk, key="open", kind=CaseTask.Kind.CALL_BACK, text="bel")
        make_task(citizen_id=citizen.pk, key="done", kind=CaseTask.Kind.CALL_BACK, text="bel")
        CaseTask.objects.filter(key="done").update(done_on=today)
        citizen.director = coach
        citizen.save(update_fields=["director"])
        assert run_day(today=today)["tasks_moved"] == 1
        assert CaseTask.objects.get(key="open").assigned_to_id == coach.pk
        assert CaseTask.objects.get(key="done").assigned_to_id != coach.pk
