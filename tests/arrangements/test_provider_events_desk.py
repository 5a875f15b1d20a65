"""Messages nobody can place, as the desk sees them; and the fault menu of the made-up bank."""

import pytest
from django.test import Client
from django.utils import timezone

from arrangements.models import DemoBankFault, MoneyDecision, ProviderEvent
from infra import clock
from infra.scope import as_worker
from tests.factories.money import START, at
from tests.factories.norms import make_desk

pytestmark = pytest.mark.django_db


def stranger(*, shown: bool) -> ProviderEvent:
    with as_worker("test"):
        return ProviderEvent.objects.create(
            provider="demobank",
            event_id="evt_stranger",
            kind="collection.succeeded",
            provider_payment_id="demo_stranger",
            raw=b"{}",
            shown_on=clock.today() if shown else None,
        )


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(make_desk())
    return client


def test_the_desk_finds_what_lies_with_a_person_and_says_what_it_saw(desk: Client) -> None:
    event = stranger(shown=True)
    listed = desk.get("/beheer/arrangements/providerevent/?waar=mens").content.decode()
    address = f"/beheer/arrangements/providerevent/{event.pk}/bekeken/"
    assert address in listed
    empty = desk.post(address, {"note": "  "})
    assert "Schrijf op wat u heeft gezien" in empty.content.decode()
    assert desk.post(address, {"note": "Testbetaling"}).status_code == 302
    with as_worker("test"):
        decision = MoneyDecision.objects.get()
    assert (decision.kind, decision.note, decision.done_on) == ("close_event", "Testbetaling", None)
    assert "Testbetaling" in desk.get(address).content.decode()
    again = desk.post(address, {"note": "Nog eens"})
    assert again.status_code == 200


def test_one_that_is_still_tried_has_no_link_and_is_not_closed(desk: Client) -> None:
    event = stranger(shown=False)
    address = f"/beheer/arrangements/providerevent/{event.pk}/bekeken/"
    assert address not in desk.get("/beheer/arrangements/providerevent/?waar=onderweg").content.decode()
    assert "nog een dag" in desk.post(address, {"note": "Weg ermee"}).content.decode()


def test_what_is_done_is_listed_as_done(desk: Client) -> None:
    event = stranger(shown=True)
    with as_worker("test"):
        ProviderEvent.objects.filter(pk=event.pk).update(handled_at=timezone.now(), outcome="received")
    assert "evt_stranger" in desk.get("/beheer/arrangements/providerevent/?waar=klaar").content.decode()
    assert "evt_stranger" not in desk.get("/beheer/arrangements/providerevent/?waar=mens").content.decode()


class TestTheFaultMenu:
    ADDRESS = "/betalen/demobank/storingen/"

    @pytest.fixture(autouse=True)
    def _demo(self, settings: object) -> None:
        settings.DEMO = True  # type: ignore[attr-defined]  # pytest-django's wrapper
        at(START)

    def test_a_fault_is_chosen_and_listed(self, client: Client) -> None:
        page = client.get(self.ADDRESS).content.decode()
        for kind in DemoBankFault.Kind:
            assert str(kind.label) in page
        answer = client.post(self.ADDRESS, {"kind": "storno", "target": "", "after_days": "20"})
        assert answer.status_code == 302
        fault = DemoBankFault.objects.get()
        assert (fault.kind, fault.after_days, fault.set_on) == ("storno", 20, START)
        assert "wacht op de eerstvolgende keer" in client.get(self.ADDRESS).content.decode()

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ({}, "Kies wat er misgaat."),
            ({"kind": "aardbeving"}, "Kies een van de antwoorden."),
            ({"kind": "storno", "after_days": "veel"}, "Vul een aantal dagen in."),
            ({"kind": "storno", "after_days": "9999"}, "ten hoogste 400 dagen"),
            ({"kind": "storno", "target": "demo_niemand"}, "Dit nummer kent de bank niet"),
        ],
    )
    def test_what_cannot_be_is_said_at_the_field_and_typed_text_stays(
        self, client: Client, typed: dict[str, str], sentence: str
    ) -> None:
        page = client.post(self.ADDRESS, typed).content.decode()
        assert sentence in page
        if "target" in typed:
            assert typed["target"] in page
        assert not DemoBankFault.objects.exists()

    def test_it_is_not_there_outside_the_demo(self, client: Client, settings: object) -> None:
        settings.DEMO = False  # type: ignore[attr-defined]  # pytest-django's wrapper
        assert client.get(self.ADDRESS).status_code == 404
