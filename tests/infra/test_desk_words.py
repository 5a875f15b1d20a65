"""The lists of the desk speak Dutch: every column has a word, and amounts are euros."""

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.test import Client, RequestFactory

from infra import desk_words
from infra.read_only_admin import DeskAdmin
from infra.scope import as_worker
from tests.factories.money import pay_next, running_case

pytestmark = pytest.mark.django_db


def _lists() -> list[DeskAdmin]:
    return [found for found in admin.site._registry.values() if isinstance(found, DeskAdmin)]


def test_no_column_of_the_desk_is_an_english_name_of_a_field() -> None:
    request = RequestFactory().get("/beheer/")
    wrong = []
    for found in _lists():
        names = {
            field.name for field in found.opts.concrete_fields if field.verbose_name == field.name.replace("_", " ")
        }
        wrong += [f"{found.opts.model_name}.{name}" for name in found.get_list_display(request) if name in names]
    assert wrong == []


def test_a_list_shows_words_and_euros(client: Client) -> None:
    _case, arrangement = running_case(1_000_00)
    pay_next(arrangement)
    with as_worker("test"):
        desk = get_user_model().objects.create_superuser("desk@hulp.example", "geheim-wachtwoord-9")
    client.force_login(desk)
    page = client.get("/beheer/arrangements/receipt/").content.decode()
    assert "Ontvangen op" in page
    assert "€ 45,00" in page.replace("\u00a0", " ").replace("&nbsp;", " ")
    assert "Received on" not in page


def test_two_words_for_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="state"):
        desk_words.add({"state": "Toestand"})
