"""Nonsense in any field of any page of a citizen: a sentence at that field, what was typed stays, and nothing is saved.

Forms find themselves: every page of tests/support/citizen_pages.py is asked for, and every form in its context is tried.
"""

import html
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Final

import pytest
from django import forms
from django.apps import apps
from django.test import Client

import citizen_portal.forms
from infra.forms import DateField, EuroField, PageForm
from infra.scope import as_worker
from tests.factories import stages
from tests.factories.money import at
from tests.support import citizen_pages, reading
from tests.support.addresses import values
from tests.support.citizen_pages import STAGES, Stage

pytestmark = pytest.mark.django_db

AMOUNTS: Final = ("-5", "1.000.000", "12,345", "abc")
DATES: Final = (("3", "12", "1890"), ("31", "2", "1980"), ("3", "abc", "1980"), ("-5", "1", "1980"))
NO_CHOICE: Final = "bestaat-niet"
#: Something for the fields beside the one under test; it must come back as well.
FILLED: Final = "47"

#: Forms of coaches, of the desk and of organisations; their pages are not a citizen's.
_OTHERS: Final = {"bewind_consent", "coach", "director", "join_in"}


@dataclass(frozen=True)
class Try:
    """One field with one wrong answer. `data`: what its inputs send; `visible`: whether a person types it."""

    field: str
    data: dict[str, str]
    visible: bool


def _tries(name: str, field: forms.Field) -> Iterator[Try]:
    if isinstance(field, EuroField):
        yield from (Try(name, {name: text}, visible=True) for text in AMOUNTS)
    elif isinstance(field, DateField):
        yield from (Try(name, {f"{name}_{n}": part for n, part in enumerate(parts)}, visible=True) for parts in DATES)
    elif isinstance(field, forms.ChoiceField):
        yield Try(name, {name: NO_CHOICE}, visible=False)
    elif isinstance(field, forms.IntegerField):
        yield from (Try(name, {name: text}, visible=True) for text in AMOUNTS)
    elif isinstance(field, forms.EmailField):
        yield Try(name, {name: "abc"}, visible=True)


def _beside(form: forms.BaseForm) -> dict[str, str]:
    """An answer to every field, as somebody fills in a page."""
    given: dict[str, str] = {}
    for name, field in form.fields.items():
        key = form.add_prefix(name)
        if isinstance(field, EuroField | forms.IntegerField):
            given[key] = FILLED
        elif isinstance(field, DateField):
            given |= {f"{key}_0": "3", f"{key}_1": "12", f"{key}_2": "1985"}
        elif isinstance(field, forms.ChoiceField):
            offered = list(field.widget.choices)
            given[key] = next(str(value) for value, _ in offered if value)
        elif isinstance(field, forms.BooleanField | forms.FileField):
            continue  # a file has to be chosen again: no browser lets us fill it in
        else:
            given[key] = FILLED
    return given


def _forms(response: Any) -> list[forms.BaseForm]:
    """The forms a page was made with, those of a set one by one."""
    found: dict[int, forms.BaseForm] = {}
    for layer in response.context or []:
        for value in layer.flatten().values() if hasattr(layer, "flatten") else layer.values():
            inside = value.forms if isinstance(value, forms.BaseFormSet) else [value]
            found |= {id(one): one for one in inside if isinstance(one, forms.BaseForm) and one.fields}
    return list(found.values())


def _is_asked(response: Any, field: forms.BoundField) -> bool:
    return f'name="{field.html_name}' in response.content.decode()


def _everything() -> dict[str, list[Any]]:
    """All rows of people and plans."""
    with as_worker("test"):
        return {
            model.__name__: list(model._base_manager.order_by("pk").values())
            for label in ("accounts", "arrangements", "creditors")
            for model in apps.get_app_config(label).get_models()
        }


def _typed(text: str) -> str:
    return f'value="{html.escape(text)}"'


def _chosen(page: str, name: str, value: str) -> bool:
    wanted = (f'name="{html.escape(name)}"', _typed(value), "checked")
    if any(all(part in tag for part in wanted) for tag in re.findall(r"<input[^>]*>", page)):
        return True
    choices = re.search(rf'<select[^>]*name="{re.escape(html.escape(name))}"[^>]*>(.*?)</select>', page, re.DOTALL)
    options = re.findall(r"<option[^>]*>", choices[1]) if choices else []
    return any(_typed(value) in option and "selected" in option for option in options)


def _error_at(page: str, field: forms.BoundField) -> str:
    """The sentence at this field."""
    found = re.search(rf'id="{re.escape(field.auto_id)}_error">(.*?)</p>', page, re.DOTALL)
    return html.unescape(re.sub(r"<span.*?</span>", "", found[1])).strip() if found else ""


def _wrong(client: Client, address: str, form: forms.BaseForm, one: Try, shown: str) -> Iterator[str]:
    """What is not as it should be after this answer. `shown`: the page before; a field it has not is not filled in."""
    beside = {
        key: text
        for key, text in _beside(form).items()
        if key not in {one.field, *one.data} and f'name="{html.escape(key)}"' in shown
    }
    response = client.post(address, beside | one.data)
    if response.status_code != 200:
        yield f"answers {response.status_code}"
        return
    page = response.content.decode()
    title = re.search(r"<title>(.*?)</title>", page, re.DOTALL)
    if title is None or not title[1].startswith("Fout: "):
        yield f"the title is {title and title[1]}"
    bound = next(field for field in form if form.add_prefix(field.name) == one.field)
    sentence = _error_at(page, bound)
    if not re.fullmatch(r"[A-Z“].*[.?!]", sentence):
        yield f"at the field stands “{sentence}”"
    if sentence and page.count(html.escape(sentence)) < 2:
        yield "the summary has other words than the field"
    yield from (f"too long: {part}" for part in reading.read(f"<main><p>{sentence}</p></main>").too_long())
    yield from (f"“{text}” is gone" for text in one.data.values() if one.visible and _typed(text) not in page)
    for key, text in beside.items():
        field = form.fields.get(key.removeprefix(f"{form.prefix}-") if form.prefix else key)
        kept = _chosen(page, key, text) if isinstance(field, forms.ChoiceField) else _shown(page, key, text)
        if not kept:
            yield f"beside it, “{text}” of {key} is gone"


def _shown(page: str, key: str, text: str) -> bool:
    area = re.search(rf'<textarea[^>]*name="{re.escape(key)}"[^>]*>\s*(.*?)</textarea>', page, re.DOTALL)
    tags = re.findall(rf'<input[^>]*name="{re.escape(key)}"[^>]*>', page)
    return area[1] == html.escape(text) if area else any(_typed(text) in tag for tag in tags)


@pytest.mark.parametrize("stage", STAGES, ids=[one.__name__ for one in STAGES])
def test_nonsense_in_a_field_is_answered_at_that_field_and_saves_nothing(client: Client, stage: Stage) -> None:
    at(stages.MONDAY)
    visit, wrong = stage(client), []
    with as_worker("test"):
        known = values()
    for name in citizen_pages.pages_at(stage):
        for asked, shown in list(citizen_pages.faces(visit, name, known)):
            address = asked.split(" after ")[0]
            for form in _forms(shown):
                # What we know for sure is shown and not asked: such a form has no inputs.
                asks = {key: field for key, field in form.fields.items() if _is_asked(shown, form[key])}
                tries = [one for key, field in asks.items() for one in _tries(form.add_prefix(key), field)]
                before = _everything()
                for one in tries:
                    page = shown.content.decode()
                    wrong += [f"{name}, {one.data}: {what}" for what in _wrong(visit.client, address, form, one, page)]
                if _everything() != before:
                    wrong.append(f"{name}: something was saved")
    assert not wrong, "\n" + "\n".join(dict.fromkeys(wrong))


def _form_classes() -> set[type[forms.BaseForm]]:
    """Every form of a citizen that has a field one can fill in wrong."""
    modules = [one.name for one in iter_modules(citizen_portal.forms.__path__) if one.name not in _OTHERS]
    found: set[type[forms.BaseForm]] = set()
    for module in (import_module(f"citizen_portal.forms.{name}") for name in modules):
        for _, one in inspect.getmembers(module, inspect.isclass):
            if issubclass(one, PageForm) and one.__module__ == module.__name__ and not one.__name__.startswith("_"):
                found.add(one)
    return found


def test_every_form_of_a_citizen_is_tried(client: Client) -> None:
    """A form that no page of citizen_pages shows would escape the test above."""
    at(stages.MONDAY)
    met: set[type] = set()
    for stage in STAGES:
        visit = stage(Client())
        with as_worker("test"):
            known = values()
        for name in citizen_pages.pages_at(stage):
            for _, shown in citizen_pages.faces(visit, name, known):
                met |= {type(form) for form in _forms(shown)}
    missed = sorted(one.__name__ for one in _form_classes() - met)
    assert not missed, f"{missed}: not on any page; add the page and its stage to tests/support/citizen_pages.py"
