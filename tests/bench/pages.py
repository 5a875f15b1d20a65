"""What a page costs the server, against a bare page with the same login, middleware and database (performance.md 4)."""

from functools import partial
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import override_settings

from accounts.models import User
from infra import jobs
from infra.scope import Scope, act_as
from tests.bench.measure import interleaved, report

PAGES = (
    # (case, persona of the demo, address, bare page, goal)
    (
        "overview of a citizen",
        "citizen",
        "/mijn/",
        "/kaal/lijst/",
        "<= 2 x the bare list, <= 8 queries for its content",
    ),
    ("work queue of a creditor", "creditor", "/schuldeiser/", "/kaal/lijst/", "<= 2 x the bare list"),
    ("caseload of a coach", "coach", "/coach/", "/kaal/lijst/", "<= 2 x the bare list"),
    ("start page", "citizen", "/", "/kaal/rij/", "<= 3 x one row"),
)


def run(personas: dict[str, User]) -> None:
    """`personas`: a login per role, from the demo's data."""
    with override_settings(ROOT_URLCONF="tests.bench.urls", ALLOWED_HOSTS=["*"]):
        for case, role, address, bare, goal in PAGES:
            user = personas[role]
            with act_as(Scope(user_id=user.pk, reason="meting")):
                for number in range(50):
                    jobs.enqueue("bench", key=f"bench:{role}:{number}")
            client = Client()
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            queries = 0

            def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
                nonlocal queries
                queries += 1
                return execute(sql, params, many, context)

            with connection.execute_wrapper(count):
                answer = client.get(address)
            if answer.status_code != 200:
                raise SystemExit(f"{address} answered {answer.status_code}")
            timed = interleaved({"page": partial(client.get, address), "bare": partial(client.get, bare)}, calls=10)
            report(
                case,
                product=timed["page"],
                reference=timed["bare"],
                goal=goal,
                queries_with_login=queries,
                bytes=len(answer.content),
            )
