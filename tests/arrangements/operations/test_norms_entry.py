"""Norms by the desk: a draft may be unfinished, two people look, and what is approved stays."""

import os
from collections.abc import Callable
from datetime import date
from typing import Any

import psycopg
import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from affordability.household import Situation
from affordability.norms import as_json, fingerprint, official_records
from arrangements.models import NormsEntry
from arrangements.operations.norms import (
    CannotSaveNorms,
    ChangedMeanwhile,
    NormsApproved,
    NormsDoNotFit,
    NormsExist,
    NormsIncomplete,
    NotDesk,
    OwnEntry,
    approve_norms,
    change_norms,
    draft_hash,
    enter_norms,
)
from arrangements.queries.norm_records import Origin, half_year_state, norm_records, open_half_years, real_records
from infra.models import AuditLine
from infra.scope import Scope, act_as, as_worker
from tests.factories.money import at
from tests.factories.norms import STARTS, approved, desk_scope, entered, make_desk, norms_like
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db

DAY = date(2031, 3, 1)


def refused_for(kind: type[CannotSaveNorms], user: User, what: Callable[[], object]) -> CannotSaveNorms:
    with act_as(desk_scope(user)), pytest.raises(kind) as caught:
        what()
    return caught.value


def test_a_draft_may_be_unfinished_and_counts_for_nothing() -> None:
    entry = entered(norms={"rent_maximum": {"cents": 950_00}})
    assert entry.norms == {"rent_maximum": {"cents": 950_00}}
    assert STARTS not in {record.starts for record in norm_records()}
    with as_worker("test"):
        state = half_year_state(DAY)
    assert (state.origin, state.usable) == (Origin.DRAFT, False)
    assert state.lacks["rent_maximum"] == ("source", "certainty")
    assert len(state.lacks) == 20


def test_what_a_colleague_approved_counts_at_once_and_everywhere() -> None:
    entry = approved()
    (record,) = [record for record in norm_records() if record.starts == STARTS]
    assert not record.example
    assert {**entry.norms, "starts": "2031-01-01", "example": False} == as_json(record)
    assert real_records()[-1] == record
    with act_as(Scope(citizen_id=1)):
        assert record in norm_records()
    with as_worker("test"):
        assert half_year_state(DAY).origin is Origin.ENTRY
        lines = AuditLine.objects.filter(object_type="norms").order_by("at")
        assert [(line.action, line.from_state, line.to_state) for line in lines] == [
            ("norms_entered", "", "draft"),
            ("norms_approved", "draft", "approved"),
        ]
        assert lines[1].details == {"starts": "2031-01-01", "fingerprint": fingerprint(record)}


def test_who_entered_does_not_approve_and_who_changes_becomes_who_entered() -> None:
    first, second = make_desk(), make_desk()
    entry = entered(by=first)
    refused_for(OwnEntry, first, lambda: approve_norms(entry=entry, seen_hash=draft_hash(entry.norms)))
    with act_as(desk_scope(second)):
        entry = change_norms(
            entry=entry,
            norms=norms_like(child_rate={"source": "Wkb 2(7), tekst van 2031"}),
            seen_hash=draft_hash(entry.norms),
        )
    assert entry.entered_by_id == second.pk
    refused_for(OwnEntry, second, lambda: approve_norms(entry=entry, seen_hash=draft_hash(entry.norms)))
    with act_as(desk_scope(first)):
        assert approve_norms(entry=entry, seen_hash=draft_hash(entry.norms)).approved_by_id == first.pk


def test_saving_the_same_again_does_not_make_somebody_the_one_who_entered() -> None:
    first, second = make_desk(), make_desk()
    entry = entered(by=first)
    with act_as(desk_scope(second)):
        same = change_norms(entry=entry, norms=norms_like(), seen_hash=draft_hash(entry.norms))
    assert same.entered_by_id == first.pk


def test_what_was_not_seen_is_neither_changed_nor_approved() -> None:
    entry = entered()
    other, third = make_desk(), make_desk()
    seen = draft_hash(entry.norms)
    with act_as(desk_scope(other)):
        change_norms(entry=entry, norms=norms_like(rent_maximum={"cents": 1}), seen_hash=seen)
    refused_for(ChangedMeanwhile, third, lambda: approve_norms(entry=entry, seen_hash=seen))
    refused_for(ChangedMeanwhile, third, lambda: change_norms(entry=entry, norms=norms_like(), seen_hash=seen))


def test_an_incomplete_record_is_not_approved_and_says_what_it_lacks() -> None:
    norms = norms_like(care_premium={"source": ""}, child_rate={"certainty": ""})
    del norms["rent_maximum"]
    entry = entered(norms=norms)
    error = refused_for(
        NormsIncomplete, make_desk(), lambda: approve_norms(entry=entry, seen_hash=draft_hash(entry.norms))
    )
    assert isinstance(error, NormsIncomplete)
    assert error.missing == {
        "rent_maximum": ("value", "source", "certainty"),
        "care_premium": ("source",),
        "child_rate": ("certainty",),
    }


def test_maxima_that_do_not_follow_are_not_approved_and_the_difference_is_told() -> None:
    entry = entered(norms=norms_like(max_gehuwd={"cents": 290_580}))
    error = refused_for(
        NormsDoNotFit, make_desk(), lambda: approve_norms(entry=entry, seen_hash=draft_hash(entry.norms))
    )
    assert isinstance(error, NormsDoNotFit)
    assert error.wrong == {Situation.GEHUWD: (290_580, 290_579)}
    impossible = entered(date(2031, 7, 1), norms=norms_like(rent_rate_one={"percent": "0"}))
    refused_for(
        NormsDoNotFit, make_desk(), lambda: approve_norms(entry=impossible, seen_hash=draft_hash(impossible.norms))
    )


def test_a_half_year_with_a_file_or_an_entry_is_refused() -> None:
    entered()
    desk = make_desk()
    refused_for(NormsExist, desk, lambda: enter_norms(starts=date(2026, 7, 1), norms={}))
    refused_for(NormsExist, desk, lambda: enter_norms(starts=STARTS, norms={}))
    with act_as(desk_scope(desk)):
        assert open_half_years(date(2026, 11, 1)) == [date(2027, 1, 1), date(2027, 7, 1), date(2028, 1, 1)]
        assert open_half_years(DAY, count=2) == [date(2031, 7, 1)]


def test_only_somebody_of_the_desk_enters_or_approves() -> None:
    entry = entered()
    stranger, left = make_user(), make_desk()
    User.objects.filter(pk=left.pk).update(is_active=False)
    scopes = [
        Scope(user_id=make_desk().pk),  # staff, but not in /beheer/
        desk_scope(stranger),
        desk_scope(left),
        Scope(desk=True),
        Scope(user_id=stranger.pk, citizen_id=1),
        Scope(user_id=stranger.pk, creditor_id=1),
        Scope(worker=True, reason="test"),
    ]
    for scope in scopes:
        with act_as(scope):
            with pytest.raises(NotDesk):
                enter_norms(starts=date(2032, 1, 1), norms={})
            with pytest.raises(NotDesk):
                approve_norms(entry=entry, seen_hash=draft_hash(entry.norms))


@pytest.mark.parametrize(
    "norms",
    [
        {"rent": {"cents": 1}},
        {"starts": {"cents": 1}},
        {"rent_maximum": {"percent": "1"}},
        {"rent_maximum": {"cents": -1}},
        {"rent_maximum": {"cents": 1.5}},
        {"rent_maximum": {"cents": "950"}},
        {"child_rate": {"percent": "7,6"}},
        {"child_rate": {"percent": 7.6}},
        {"child_rate": {"certainty": "E"}},
        {"child_rate": {"certainty": "M"}},
    ],
)
def test_what_cannot_be_a_norm_is_not_saved(norms: dict[str, Any]) -> None:
    with act_as(desk_scope(make_desk())), pytest.raises(ValueError, match=r"cannot be|not a norm"):
        enter_norms(starts=STARTS, norms=norms)


def test_only_the_first_day_of_a_half_year_begins_one() -> None:
    with act_as(desk_scope(make_desk())), pytest.raises(ValueError, match="first day"):
        enter_norms(starts=date(2031, 2, 1), norms={})


_CHANGES = (
    "UPDATE arrangements_normsentry SET norms = '{}'",
    "UPDATE arrangements_normsentry SET approved_at = NULL, approved_by_id = NULL",
    "UPDATE arrangements_normsentry SET starts = '2032-01-01'",
    "DELETE FROM arrangements_normsentry",
    "TRUNCATE arrangements_normsentry",
)


@pytest.mark.parametrize("change", _CHANGES)
@pytest.mark.parametrize("role", ["desk", "worker"])
def test_what_was_approved_is_never_changed_by_web_or_worker(role: str, change: str) -> None:
    entry = approved()
    scope = act_as(desk_scope(make_desk())) if role == "desk" else as_worker("test")
    with scope, pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
    with as_worker("test"):
        kept = NormsEntry.objects.get(pk=entry.pk)
    assert (kept.norms, kept.starts, kept.approved_by_id) == (entry.norms, STARTS, entry.approved_by_id)


@pytest.mark.django_db(transaction=True)
def test_what_was_approved_is_never_changed_by_the_owner_of_the_tables() -> None:
    with transaction.atomic():
        approved()
        draft = entered(date(2031, 7, 1))
    only_approved = "SELECT id, norms, starts, approved_by_id FROM arrangements_normsentry WHERE starts = '2031-01-01'"
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        before = owner.execute(only_approved).fetchall()
        assert owner.execute("SELECT current_user").fetchone() == ("eenplan_owner",)
        for change in _CHANGES:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                owner.execute(change)
        assert owner.execute(only_approved).fetchall() == before
        # The refusal is about what is approved, not about this connection.
        changed = owner.execute("UPDATE arrangements_normsentry SET norms = '{}' WHERE id = %s", [draft.pk])
        assert changed.rowcount == 1


def test_an_approved_entry_is_refused_by_the_operations_too() -> None:
    entry = approved()
    desk = make_desk()
    refused_for(NormsApproved, desk, lambda: change_norms(entry=entry, norms={}, seen_hash=draft_hash(entry.norms)))
    refused_for(NormsApproved, desk, lambda: approve_norms(entry=entry, seen_hash=draft_hash(entry.norms)))


@pytest.mark.parametrize("who", ["citizen", "creditor", "coach", "nobody", "staff outside beheer"])
def test_others_only_read_what_is_approved(who: str) -> None:
    approved()
    draft = entered(date(2031, 7, 1))
    user = make_desk()
    scope = {
        "citizen": Scope(user_id=user.pk, citizen_id=1),
        "creditor": Scope(user_id=user.pk, creditor_id=1),
        "coach": Scope(user_id=user.pk, coach_id=1),
        "nobody": Scope(),
        "staff outside beheer": Scope(user_id=user.pk),
    }[who]
    with act_as(scope):
        assert list(NormsEntry.objects.values_list("starts", flat=True)) == [STARTS]
        assert NormsEntry.objects.filter(pk=draft.pk).update(norms={}) == 0
        with pytest.raises(DatabaseError), transaction.atomic():
            NormsEntry.objects.bulk_create([NormsEntry(starts=date(2032, 1, 1), entered_by=user)])


def test_the_database_holds_the_four_eyes_for_the_web_role() -> None:
    first, second = make_desk(), make_desk()
    entry = entered(by=first)
    rows = NormsEntry.objects.filter(pk=entry.pk)
    with act_as(desk_scope(second)):
        attempts: tuple[dict[str, Any], ...] = (
            {"norms": {}},  # in the name of the first
            {"approved_by": first, "approved_at": entry.entered_at, "entered_by": second},
            {"approved_by": second, "approved_at": entry.entered_at, "entered_by": second},
        )
        for faked in attempts:
            with pytest.raises(DatabaseError), transaction.atomic():
                rows.update(**faked)
        with pytest.raises(DatabaseError), transaction.atomic():
            NormsEntry.objects.bulk_create([NormsEntry(starts=date(2032, 1, 1), entered_by=first)])
    for scope in (as_worker("test"), act_as(desk_scope(second))):
        with scope, pytest.raises(DatabaseError), transaction.atomic():
            NormsEntry.objects.bulk_create(
                [
                    NormsEntry(
                        starts=date(2032, 1, 1), entered_by=first, approved_by=second, approved_at=entry.entered_at
                    )
                ]
            )


def test_examples_fill_only_what_has_no_real_record(settings: LazySettings) -> None:
    starts = date(2027, 1, 1)
    settings.ALLOW_EXAMPLE_NORMS = True
    assert {record.starts: record.example for record in norm_records()}[starts]
    approved(starts)
    assert not {record.starts: record.example for record in norm_records()}[starts]
    assert {record.starts: record.example for record in norm_records()}[date(2027, 7, 1)]
    settings.ALLOW_EXAMPLE_NORMS = False
    assert [record.key for record in norm_records()] == ["2026-01-01", "2026-07-01", "2027-01-01"]


def test_a_file_counts_above_what_the_desk_approved_and_the_difference_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from arrangements.queries import norm_records as module

    raised = {"cents": official_records()[0].rent_maximum.cents}
    approved(norms=norms_like(official_records()[0], rent_maximum=raised))
    with as_worker("test"):
        record = next(one for one in norm_records() if one.starts == STARTS)
        monkeypatch.setattr(module, "official_records", lambda: (*official_records(), record))
        assert not half_year_state(DAY).replaces_entry
        other = type(record)(**{**record.__dict__, "rent_maximum": official_records()[1].child_couple_addition})
        monkeypatch.setattr(module, "official_records", lambda: (*official_records(), other))
        assert half_year_state(DAY).replaces_entry
        assert other in norm_records()
        assert record not in norm_records()


def check_norms(on: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    try:
        call_command("check_norms", on=on)
    except CommandError as error:
        return error.returncode, capsys.readouterr().out + str(error)
    return 0, capsys.readouterr().out


def test_the_command_tells_what_there_is_and_what_lacks(
    settings: LazySettings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.ALLOW_EXAMPLE_NORMS = False
    code, text = check_norms("2026-03-01", capsys)
    assert code == 0
    assert "vanaf 1 januari 2026: compleet, uit het bestand 2026-01-01.toml" in text
    assert "vanaf 1 juli 2026: compleet" in text
    assert check_norms("2026-12-01", capsys)[0] == 0  # thirty-one days ahead
    code, text = check_norms("2026-12-02", capsys)
    assert code == 1
    assert "vanaf 1 januari 2027: er is niets" in text
    assert "er zijn geen bruikbare normen voor het halfjaar vanaf 1 januari 2027" in text
    norms = norms_like(care_premium={"source": ""})
    del norms["rent_maximum"], norms["child_rate"]
    entered(date(2027, 1, 1), norms=norms)
    code, text = check_norms("2026-12-02", capsys)
    assert code == 1
    assert "Maximale huur, per maand (H): bedrag, bron, zekerheid" in text
    assert "Percentage boven het drempelinkomen (K): percentage, bron, zekerheid" in text
    assert "Standaardpremie, per persoon per jaar: bron" in text
    code, text = check_norms("2027-01-01", capsys)
    assert code == 1


def test_the_command_waits_for_the_second_person(settings: LazySettings, capsys: pytest.CaptureFixture[str]) -> None:
    settings.ALLOW_EXAMPLE_NORMS = False
    entry = entered(date(2027, 1, 1))
    code, text = check_norms("2026-12-31", capsys)
    assert code == 1
    assert "een collega moet ze nog goedkeuren" in text
    with act_as(desk_scope(make_desk())):
        approve_norms(entry=entry, seen_hash=draft_hash(entry.norms))
    code, text = check_norms("2026-12-31", capsys)
    assert code == 0
    assert "ingevoerd en goedgekeurd door het loket" in text


def test_the_command_shows_maxima_that_do_not_follow(
    settings: LazySettings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.ALLOW_EXAMPLE_NORMS = False
    entered(date(2027, 1, 1), norms=norms_like(max_gehuwd={"cents": 290_580}))
    code, text = check_norms("2026-12-31", capsys)
    assert code == 1
    assert "Maximum gehuwd, per maand: ingevuld €\u00a02.905,80" in text
    assert "€\u00a02.905,79; verschil €\u00a00,01" in text


def test_the_command_uses_the_business_date_and_refuses_what_is_no_date(capsys: pytest.CaptureFixture[str]) -> None:
    at(date(2026, 3, 1))
    call_command("check_norms")
    assert "1 januari 2026" in capsys.readouterr().out
    with pytest.raises(CommandError, match="is geen datum"):
        call_command("check_norms", on="1 maart")


def test_whoever_approves_changes_nothing_in_the_same_breath() -> None:
    """Else the two pairs of eyes would see two different records, or one person would be both."""
    entry, author, other = entered(), make_desk(), make_desk()
    approval = {"approved_by": author, "approved_at": entry.entered_at}
    for changed in ({"norms": norms_like(rent_maximum={"cents": 1})}, {"entered_by": other}):
        with as_worker("test"), pytest.raises(DatabaseError), transaction.atomic():
            NormsEntry.objects.filter(pk=entry.pk).update(**approval, **changed)
