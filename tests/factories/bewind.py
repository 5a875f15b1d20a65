"""A bewindvoerder, and the yes on paper, by the operations the pages call."""

from datetime import date

from accounts.models import Bewind, BewindConsent, CaseWorker, Citizen
from arrangements.operations.bewind_consent import record_bewind_consent
from arrangements.operations.record_bewind import Bewindvoerder, record_bewind
from arrangements.queries.bewind import bewind_of
from infra import clock
from infra.scope import Scope, act_as
from tests.factories.people import citizen_scope, make_director

DE_WAARD = Bewindvoerder(
    name="Ada de Waard", organisation="Kantoor Rust", phone="030 123 45 67", email="ada@rust.example"
)


def put_under_bewind(citizen: Citizen, who: Bewindvoerder = DE_WAARD) -> Bewind:
    with act_as(citizen_scope(citizen)):
        return record_bewind(citizen=citizen, who=who)


def acting(worker: CaseWorker, citizen: Citizen) -> Scope:
    """A coach or somebody of the desk who works for this citizen."""
    return Scope(user_id=worker.user_id, coach_id=worker.pk, citizen_id=citizen.pk, reason="test")


def bewindvoerder_agrees(
    citizen: Citizen, *, seen_by: CaseWorker | None = None, consent_on: date | None = None, photo: bytes | None = None
) -> BewindConsent:
    """The desk saw the paper."""
    worker = seen_by or make_director()
    with act_as(acting(worker, citizen)):
        found = bewind_of(citizen.pk)
        assert found is not None
        return record_bewind_consent(
            bewind=found.bewind,
            consent_on=consent_on or clock.today(),
            recorded_by=worker,
            photo=photo,
            photo_type="image/jpeg" if photo else "",
        )
