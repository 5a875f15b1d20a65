"""Norms in /beheer/: a form that takes what people write, a second person, and nothing that is lost."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from arrangements.models import NormsEntry, NormsRerun, NormsRerunLine
from arrangements.operations.norms import change_norms, draft_hash
from arrangements.operations.use_new_norms import rerun_for_new_norms
from infra import clock, jobs
from infra.scope import act_as, as_worker
from tests.factories.money import START, activate, at
from tests.factories.norms import desk_scope, entered, make_desk, norms_like
from tests.factories.people import make_user
from tests.factories.plans import agreed, make_case

pytestmark = pytest.mark.django_db

LIST = "/beheer/arrangements/normsentry/"
STARTS = date(2027, 1, 1)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode().replace("&nbsp;", " ").replace("\u00a0", " "))


def fields_of(response: Any) -> dict[str, str]:
    """What the form on the page would send if nothing was touched."""
    form = response.context["adminform"].form
    return {name: str(form[name].value() or "") for name in form.fields}


def stored(starts: date = STARTS) -> NormsEntry:
    with as_worker("test"):
        return NormsEntry.objects.get(starts=starts)


@pytest.fixture(autouse=True)
def _autumn() -> None:
    clock.set_today(date(2026, 11, 23))


def test_the_form_begins_with_the_newest_real_norms_and_saves_them_as_people_write_them() -> None:
    user = make_desk()
    client = browser(user)
    page = client.get(f"{LIST}add/")
    given = fields_of(page)
    assert given["rent_maximum_value"] == "932,93"
    assert given["bijstandsnorm_single_value"] == "1.419,46"
    assert given["care_rate_value"] == "13,73"
    assert given["care_rate_source"] == "Wzt 2(3)"
    assert "Ingevuld staan de normen van 1 juli 2026" in text_of(page)
    changed = {
        "starts": "2027-01-01",
        "rent_maximum_value": "€ 950,5",
        "care_rate_value": "13,7305 %",
        "child_rate_value": "07.60",
        "rent_maximum_source": "Stcrt. 2026, 41000",
        "rent_base_one_value": "",
        "rent_base_one_source": "",
        "rent_base_one_certainty": "",
    }
    answer = client.post(f"{LIST}add/", given | changed)
    assert answer.status_code == 302
    entry = stored()
    assert entry.entered_by_id == user.pk
    assert entry.norms["rent_maximum"] == {"cents": 950_50, "source": "Stcrt. 2026, 41000", "certainty": "C"}
    assert entry.norms["care_rate"]["percent"] == "13.7305"
    assert entry.norms["child_rate"]["percent"] == "7.60"
    assert "rent_base_one" not in entry.norms
    page = client.get(f"{LIST}{entry.pk}/change/")
    assert "Basishuur één persoon, per maand (J): bedrag, bron, zekerheid" in text_of(page)
    assert fields_of(page)["care_rate_value"] == "13,7305"


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("rent_maximum_value", "12,345", "Bedoelt u"),
        ("rent_maximum_value", "-950", "Een bedrag kan niet lager zijn dan 0. Vul 0 of meer in."),
        ("rent_maximum_value", "veel", "Vul een bedrag in. Bijvoorbeeld 45 of 45,50."),
        ("rent_maximum_value", "2.000.000", "Dit bedrag is te hoog. Kijk het bedrag nog eens na."),
        ("care_rate_value", "13,73051", "Vul niet meer dan 4 cijfers na de komma in."),
        ("care_rate_value", "dertien", "Vul een percentage in. Bijvoorbeeld 13,73."),
        ("care_rate_value", "137,3", "Vul een percentage in. Bijvoorbeeld 13,73."),
        ("care_rate_value", "-13,73", "Vul een percentage in. Bijvoorbeeld 13,73."),
        ("starts", "", "Kies het halfjaar."),
        ("starts", "2026-07-01", "Voor dit halfjaar zijn er al normen. Kies een ander halfjaar."),
        ("starts", "2027-02-01", "Voor dit halfjaar zijn er al normen. Kies een ander halfjaar."),
    ],
)
def test_an_error_stands_at_its_field_and_everything_typed_stays(field: str, typed: str, sentence: str) -> None:
    client = browser(make_desk())
    given = fields_of(client.get(f"{LIST}add/")) | {"starts": "2027-01-01", "rent_base_one_source": "eigen bron"}
    page = client.post(f"{LIST}add/", given | {field: typed})
    assert page.status_code == 200
    form = page.context["adminform"].form
    assert list(form.errors) == [field]
    assert sentence in form.errors[field][0]
    assert {name: form[name].value() for name in given} == given | {field: typed}
    with as_worker("test"):
        assert not NormsEntry.objects.exists()


def test_one_enters_and_another_approves_and_then_it_is_only_read() -> None:
    first, second = make_desk(), make_desk()
    entry = entered(STARTS, by=first, norms=norms_like(care_premium={"source": "Stcrt. 2026, 40001"}))
    review = f"{LIST}{entry.pk}/nakijken/"
    own = browser(first).get(review)
    assert "Een collega moet ze goedkeuren" in text_of(own)
    assert 'value="Goedkeuren"' not in own.content.decode()
    refused = browser(first).post(review, {"seen_hash": draft_hash(entry.norms)})
    assert refused.status_code == 409
    assert "U heeft deze normen zelf ingevoerd of gewijzigd." in text_of(refused)
    client = browser(second)
    page = client.get(review)
    assert 'value="Goedkeuren"' in page.content.decode()
    assert page.context["seen_hash"] == draft_hash(entry.norms)
    answer = client.post(review, {"seen_hash": page.context["seen_hash"]}, follow=True)
    assert "De normen voor het halfjaar vanaf 1 januari 2027 zijn goedgekeurd." in text_of(answer)
    assert stored().approved_by_id == second.pk
    shown = client.get(f"{LIST}{entry.pk}/change/")
    assert "Stcrt. 2026, 40001" in text_of(shown)
    assert 'name="_save"' not in shown.content.decode()
    before = stored().norms
    assert client.post(f"{LIST}{entry.pk}/change/", {"rent_maximum_value": "1"}).status_code == 403
    assert client.post(f"{LIST}{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get(review)["Location"] == f"{LIST}{entry.pk}/change/"
    assert stored().norms == before
    assert "goedgekeurd" in text_of(client.get(LIST))


def test_what_lacks_and_what_does_not_fit_is_said_before_and_after_the_button() -> None:
    norms = norms_like(max_gehuwd={"cents": 290_580})
    wrong = entered(STARTS, norms=norms)
    lacking = entered(date(2027, 7, 1), norms=norms_like(child_rate={"source": ""}))
    client = browser(make_desk())
    for entry, sentence in (
        (wrong, "Maximum gehuwd, per maand: ingevuld € 2.905,80, volgens artikel 475da lid 8 € 2.905,79"),
        (lacking, "Percentage boven het drempelinkomen (K): bron"),
    ):
        page = client.get(f"{LIST}{entry.pk}/nakijken/")
        assert sentence in text_of(page)
        assert 'value="Goedkeuren"' not in page.content.decode()
        page = client.post(f"{LIST}{entry.pk}/nakijken/", {"seen_hash": draft_hash(entry.norms)})
        assert page.status_code == 409
        assert sentence in text_of(page)
        assert sentence in text_of(client.get(f"{LIST}{entry.pk}/change/"))
    listed = text_of(client.get(LIST))
    assert "concept: 1 van 20 normen niet compleet" in listed
    assert "concept: maxima kloppen niet" in listed
    with as_worker("test"):
        assert not NormsEntry.objects.filter(approved_at__isnull=False).exists()


def test_a_colleague_who_saved_in_between_is_not_overwritten_and_nothing_typed_is_lost() -> None:
    entry = entered(STARTS)
    client = browser(make_desk())
    given = fields_of(client.get(f"{LIST}{entry.pk}/change/"))
    assert "starts" not in given
    with act_as(desk_scope(make_desk())):
        change_norms(entry=entry, norms=norms_like(rent_maximum={"cents": 960_00}), seen_hash=draft_hash(entry.norms))
    page = client.post(f"{LIST}{entry.pk}/change/", given | {"rent_maximum_value": "970"})
    assert page.status_code == 200
    assert "Een collega heeft deze normen net gewijzigd." in text_of(page)
    assert page.context["adminform"].form["rent_maximum_value"].value() == "970"
    assert stored().norms["rent_maximum"]["cents"] == 960_00
    answer = client.post(f"{LIST}{entry.pk}/nakijken/", {"seen_hash": draft_hash(entry.norms)})
    assert "Kijk ze nog een keer na." in text_of(answer)


def test_changing_a_draft_makes_one_the_person_who_entered() -> None:
    entry = entered(STARTS)
    second = make_desk()
    client = browser(second)
    given = fields_of(client.get(f"{LIST}{entry.pk}/change/"))
    assert client.post(f"{LIST}{entry.pk}/change/", given | {"rent_maximum_value": "970"}).status_code == 302
    assert stored().norms["rent_maximum"]["cents"] == 970_00
    assert stored().entered_by_id == second.pk


def test_two_people_who_begin_the_same_half_year_do_not_make_two() -> None:
    client = browser(make_desk())
    given = fields_of(client.get(f"{LIST}add/")) | {"starts": "2027-01-01"}
    entered(STARTS)
    page = client.post(f"{LIST}add/", given | {"rent_maximum_value": "970"})
    form = page.context["adminform"].form
    assert form.errors["starts"] == ["Voor dit halfjaar zijn er al normen. Kies een ander halfjaar."]
    assert form["rent_maximum_value"].value() == "970"


def test_the_list_says_how_it_stands_with_this_half_year_and_the_next() -> None:
    page = text_of(browser(make_desk()).get(LIST))
    assert "Normen voor het halfjaar vanaf 1 juli 2026: compleet, uit het bestand 2026-07-01.toml." in page
    assert "Normen voor het halfjaar vanaf 1 januari 2027: alleen een verzonnen voorbeeld." in page


@pytest.mark.parametrize("address", ["", "add/", "1/change/", "1/nakijken/"])
def test_nobody_else_gets_in(address: str) -> None:
    answer = browser(make_user()).get(f"{LIST}{address}")
    assert answer.status_code == 302
    assert "login" in answer["Location"]


def test_a_rerun_is_shown_with_its_totals_and_the_plans_it_touches() -> None:
    at(START)
    for declared in (493_58, 45_00):
        case = make_case(30_000_00)
        agreed(case, declared=declared)
        activate(case.sign())
    at(STARTS)
    with as_worker("test"):
        rerun_for_new_norms(today=STARTS)
    jobs.run_all()
    with as_worker("test"):
        rerun = NormsRerun.objects.get()
        touched = NormsRerunLine.objects.select_related("arrangement").get(touched=True)
        spared = NormsRerunLine.objects.select_related("arrangement").get(touched=False)
    client = browser(make_desk())
    page = client.get(f"/beheer/arrangements/normsrerun/{rerun.pk}/change/")
    links = re.findall(r'href="([^"]*normsrerunline[^"]*rerun__id__exact[^"]*)"', page.content.decode())
    assert len(links) == 3
    listed = text_of(client.get(links[0].replace("&amp;", "&")))
    assert touched.arrangement.payment_reference in listed
    assert spared.arrangement.payment_reference not in listed
    assert "was € 493,58, nu € 490,65" in listed
    none = client.get(links[1].replace("&amp;", "&"))
    assert none.status_code == 200
    assert len(none.context["cl"].result_list) == 0
    assert len(client.get(links[2].replace("&amp;", "&")).context["cl"].result_list) == 2
    assert client.get(f"/beheer/arrangements/normsrerunline/{touched.pk}/change/").status_code == 200
    assert client.post(f"/beheer/arrangements/normsrerun/{rerun.pk}/change/", {"checked": "9"}).status_code == 403


def test_approving_leaves_a_line_in_the_history_of_the_entry() -> None:
    entry = entered(STARTS)
    client = browser(make_desk())
    client.post(f"{LIST}{entry.pk}/nakijken/", {"seen_hash": draft_hash(entry.norms)})
    assert "Goedgekeurd." in text_of(client.get(f"{LIST}{entry.pk}/history/"))
