"""Partners who take part together stay strangers to each other: the walls, asked table by table from the catalogue."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from accounts import codes
from accounts.models import Citizen
from arrangements.models import Claim, CoDebtor, HouseholdMember
from arrangements.operations.invite_partner import PURPOSE
from infra import clock, jobs
from infra.scope import Scope, act_as, as_worker
from tests.factories.money import activate, pay_next
from tests.factories.partners import code_of, leave, share, together
from tests.factories.people import citizen_scope, make_citizen
from tests.factories.plans import Case, agreed, make_case
from tests.factories.stages import acting_coach

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 23)

#: What the wall is about; the test means something only if the partner has rows in all of these.
FULL = {
    "accounts_citizen",
    "accounts_identityanchor",
    "accounts_mandate",
    "arrangements_application",
    "arrangements_arrangement",
    "arrangements_arrangementline",
    "arrangements_answer",
    "arrangements_assessment",
    "arrangements_casetask",
    "arrangements_claim",
    "arrangements_codebtor",
    "arrangements_document",
    "arrangements_householdinvitation",
    "arrangements_householdmember",
    "arrangements_installment",
    "arrangements_payment",
    "arrangements_proposal",
    "arrangements_proposalline",
    "arrangements_receipt",
    "infra_job",
    "infra_message",
}


@dataclass
class Pair:
    """Anna looks; Bram has everything: a running plan, messages, documents, a task, a coach, and one claim shared."""

    anna: Case
    bram: Case

    @property
    def shared(self) -> Claim:
        return self.bram.claims[1]


@pytest.fixture
def pair() -> Pair:
    clock.set_today(MONDAY)
    anna, bram = make_case(1_000_00), make_case(2_000_00, 3_000_00)
    together(bram.citizen, anna.citizen)
    share(bram.claims[1])
    share(anna.claims[0])
    agreed(bram)
    arrangement = activate(bram.sign())
    pay_next(arrangement)
    acting_coach(bram)
    with as_worker("test"):
        from arrangements.operations.tasks_for_director import make_task

        make_task(citizen_id=bram.citizen.pk, key="test", kind="call_back", text="test")  # type: ignore[arg-type]  # as stored
    jobs.run_all()
    return Pair(anna, bram)


@contextmanager
def sql(scope: Scope) -> Iterator[Any]:
    with act_as(scope), transaction.atomic(), connection.cursor() as cursor:
        yield cursor


def owned_tables() -> dict[str, str]:
    """Every table in which a citizen owns rows, and the column that says whose they are."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'citizen_id' "
            "WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"
        )
        # The audit line is read by nobody but the desk.
        return {name: "citizen_id" for (name,) in cursor.fetchall()} | {"accounts_citizen": "id"}


def rows_of(citizen: Citizen, scope: Scope) -> dict[str, set[int | str]]:
    """By table: the keys of the rows of `citizen` that somebody in `scope` reads with SQL of their own."""
    found = {}
    for table, column in owned_tables().items():
        with sql(scope) as cursor:
            cursor.execute(f"SELECT id FROM {table} WHERE {column} = %s", [citizen.pk])
            found[table] = {row[0] for row in cursor.fetchall()}
    return found


def test_a_partner_reads_one_shared_claim_of_the_other_and_no_other_row_in_any_table(pair: Pair) -> None:
    with as_worker("test"):
        there = {table for table, rows in rows_of(pair.bram.citizen, Scope(worker=True)).items() if rows}
    assert there >= FULL
    seen = {table: rows for table, rows in rows_of(pair.bram.citizen, citizen_scope(pair.anna.citizen)).items() if rows}
    assert seen == {"arrangements_claim": {pair.shared.pk}}


def test_the_managers_do_not_even_show_the_shared_claim(pair: Pair) -> None:
    asked = 0
    with act_as(citizen_scope(pair.anna.citizen)):
        for model in apps.get_models():
            fields = {field.attname for field in model._meta.concrete_fields}
            if "citizen_id" in fields and model._meta.db_table != "infra_auditline":
                asked += 1
                assert not model._default_manager.filter(citizen_id=pair.bram.citizen.pk).exists(), model
        assert list(Claim.objects.all()) == pair.anna.claims
        assert Claim.objects.filter(citizen=pair.bram.citizen).count() == 0
        with pytest.raises(Claim.DoesNotExist):
            Claim.objects.select_for_update().get(pk=pair.shared.pk)
    assert asked > 15


def test_with_the_filter_of_the_managers_forgotten_only_the_shared_claim_is_shown(pair: Pair) -> None:
    with act_as(citizen_scope(pair.anna.citizen)):
        for model in apps.get_models():
            if model._meta.db_table in FULL - {"arrangements_claim", "accounts_citizen"}:
                assert not model._base_manager.filter(citizen_id=pair.bram.citizen.pk).exists(), model
        assert list(Claim._base_manager.filter(citizen_id=pair.bram.citizen.pk)) == [pair.shared]


def test_a_coach_of_one_partner_sees_of_the_other_what_the_client_sees(pair: Pair) -> None:
    coach = acting_coach(pair.anna, "Bo Kuiper")
    assert coach.user is not None
    assert coach.acting is not None
    scope = Scope(user_id=coach.user.pk, citizen_id=pair.anna.citizen.pk, coach_id=coach.acting.coach_id)
    seen = {table: rows for table, rows in rows_of(pair.bram.citizen, scope).items() if rows}
    assert seen == {"arrangements_claim": {pair.shared.pk}}
    alone = Scope(user_id=coach.user.pk, coach_id=coach.acting.coach_id)
    assert not any(rows_of(pair.bram.citizen, alone).values())


def test_a_shared_claim_is_looked_at_and_not_changed(pair: Pair) -> None:
    with sql(citizen_scope(pair.anna.citizen)) as cursor:
        cursor.execute("UPDATE arrangements_claim SET told_cents = 1 WHERE id = %s", [pair.shared.pk])
        assert cursor.rowcount == 0
        cursor.execute("SELECT id FROM arrangements_claim WHERE id = %s FOR UPDATE", [pair.shared.pk])
        assert cursor.fetchall() == []
        cursor.execute("DELETE FROM arrangements_claim WHERE id = %s", [pair.shared.pk])
        assert cursor.rowcount == 0


def test_nobody_puts_themselves_in_a_household_or_shares_past_the_doors(pair: Pair) -> None:
    stranger = make_citizen()
    with as_worker("test"):
        household = HouseholdMember.objects.get(citizen=pair.bram.citizen).household
    writes = [
        (
            citizen_scope(stranger),
            (
                "INSERT INTO arrangements_householdmember (household, citizen_id, joined_on, created_at) "
                f"VALUES ('{household}', {stranger.pk}, current_date, now())"
            ),
        ),
        (
            citizen_scope(pair.anna.citizen),
            (
                "INSERT INTO arrangements_codebtor (claim_id, citizen_id, ground, since, created_at) "
                f"VALUES ({pair.anna.claims[0].pk}, {stranger.pk}, 'x', current_date, now())"
            ),
        ),
        (
            citizen_scope(pair.anna.citizen),
            (
                "INSERT INTO arrangements_codebtor (claim_id, citizen_id, ground, since, created_at) "
                f"VALUES ({pair.bram.claims[0].pk}, {pair.anna.citizen.pk}, 'x', current_date, now())"
            ),
        ),
    ]
    for scope, statement in writes:
        with pytest.raises(DatabaseError, match="row-level security"), sql(scope) as cursor:
            cursor.execute(statement)
    for statement in (
        "UPDATE arrangements_householdmember SET left_on = NULL, household = gen_random_uuid()",
        "DELETE FROM arrangements_householdmember",
        "UPDATE arrangements_codebtor SET ground = 'x'",
        "DELETE FROM arrangements_codebtor",
    ):
        with sql(citizen_scope(pair.anna.citizen)) as cursor:
            cursor.execute(statement)
            assert cursor.rowcount == 0


def call(scope: Scope, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
    with sql(scope) as cursor:
        cursor.execute(statement, list(parameters))
        return list(cursor.fetchall())


def test_a_partner_cannot_open_more_through_the_doors(pair: Pair) -> None:
    me = citizen_scope(pair.anna.citizen)
    hidden = pair.bram.claims[0].pk
    assert call(me, "SELECT * FROM share_claim(%s, 'x', current_date)", hidden) == []
    assert call(me, "SELECT * FROM share_claim(%s, 'x', current_date)", pair.shared.pk) == []
    assert call(me, "SELECT * FROM stop_sharing_claim(%s)", pair.shared.pk) == []
    assert {row[0] for row in call(me, "SELECT public_id FROM shared_claims()")} == {
        pair.shared.public_id,
        pair.anna.claims[0].public_id,
    }
    assert {row[0] for row in call(me, "SELECT claim_id FROM claim_balances()")} == set()
    assert call(me, "SELECT * FROM household_partner()") == [("Jo", True)]
    assert call(me, "SELECT household_committed()") == [(45_00,)]


@pytest.mark.parametrize("who", ["stranger", "nobody", "desk", "creditor"])
def test_a_stranger_gets_nothing_out_of_any_door(pair: Pair, who: str) -> None:
    scope = {
        "stranger": citizen_scope(make_citizen()),
        "nobody": Scope(user_id=1),
        "desk": Scope(desk=True),
        "creditor": Scope(creditor_id=pair.bram.creditors[0].pk),
    }[who]
    assert call(scope, "SELECT * FROM household_partner()") == []
    assert call(scope, "SELECT household_committed()") == [(0,)]
    assert call(scope, "SELECT * FROM shared_claims()") == []
    assert call(scope, "SELECT * FROM leave_household(current_date)") == []
    assert call(scope, "SELECT * FROM stop_sharing_claim(%s)", pair.shared.pk) == []
    assert call(scope, "SELECT * FROM share_claim(%s, 'x', current_date)", pair.bram.claims[0].pk) == []
    for guess in ("ACDEFGHJ", "", "0" * 64):
        digest = codes.code_hash(PURPOSE, guess)
        assert call(scope, "SELECT * FROM join_household(%s, current_date)", digest) == []
        assert call(scope, "SELECT * FROM join_household(%s, current_date)", guess) == []
    with as_worker("test"):
        assert HouseholdMember.objects.filter(left_on=None).count() == 2
        assert CoDebtor.objects.count() == 2


def test_a_code_is_of_no_use_to_somebody_who_is_no_citizen() -> None:
    digest = codes.code_hash(PURPOSE, code_of(make_citizen()))
    for scope in (Scope(user_id=1), Scope(desk=True)):
        assert call(scope, "SELECT * FROM join_household(%s, current_date)", digest) == []
    assert len(call(citizen_scope(make_citizen()), "SELECT * FROM join_household(%s, current_date)", digest)) == 2


def test_leaving_closes_the_doors_at_once_and_leaves_what_was_shared(pair: Pair) -> None:
    leave(pair.bram.citizen)
    me = citizen_scope(pair.anna.citizen)
    assert call(me, "SELECT * FROM household_partner()") == []
    assert call(me, "SELECT household_committed()") == [(0,)]
    assert call(me, "SELECT * FROM share_claim(%s, 'x', current_date)", pair.anna.claims[0].pk) == []
    assert call(me, "SELECT * FROM leave_household(current_date)") == []
    seen = {table: rows for table, rows in rows_of(pair.bram.citizen, me).items() if rows}
    assert seen == {"arrangements_claim": {pair.shared.pk}}
    assert call(citizen_scope(pair.bram.citizen), "SELECT count(*) FROM stop_sharing_claim(%s)", pair.shared.pk) == [
        (1,)
    ]
    assert not any(rows_of(pair.bram.citizen, me).values())
