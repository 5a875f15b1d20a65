"""A page costs the same number of questions to the database whatever the number of months or organisations."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from infra import clock, jobs
from tests.factories.plans import agreed, make_case

pytestmark = pytest.mark.django_db


def questions(*amounts: int, months: int) -> int:
    clock.set_today(date(2026, 11, 23))
    case = make_case(*amounts)
    agreed(case, declared=100_00, months=months)
    case.sign()
    jobs.run_all()
    client = Client()
    client.force_login(case.citizen.user, backend="django.contrib.auth.backends.ModelBackend")  # type: ignore[arg-type]  # has one
    client.get("/mijn/")
    with CaptureQueriesContext(connection) as captured:
        assert client.get("/mijn/").status_code == 200
    return len(captured)


def test_the_overview_asks_as_much_for_two_organisations_and_six_months_as_for_twelve_and_thirty_six() -> None:
    few = questions(*[900_00] * 2, months=6)
    many = questions(*[900_00] * 12, months=36)
    assert few == many
