"""Every request we send to Stripe, checked against the types of its own package at our version; and every word we compare with.

The package's lists of words are open, so neither the type checker nor pydantic sees a typing error in one: these tests do.
"""

import typing
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args, get_origin

import pytest
import stripe
from stripe.checkout import Session

from arrangements.models import ProviderMove
from arrangements.payments import stripe_client, stripe_events, stripe_reading, stripe_settlements
from arrangements.payments.provider import CollectionState, OutcomeUnknown
from arrangements.payments.stripe_provider import StripeProvider, session_request
from infra import clock
from tests.arrangements.payments.contract import collection
from tests.peers import stripe_standin, stripe_words
from tests.peers.stripe_standin import StandIn, stripe_collects

pytestmark = pytest.mark.django_db


@pytest.fixture
def books(settings: Any) -> Iterator[StandIn]:
    with stripe_collects(settings) as found:
        yield found


def words_of(cls: type, name: str) -> set[str]:
    """The words that Stripe's package lists for a field."""

    def walk(annotation: Any) -> Iterator[str]:
        if get_origin(annotation) is Literal:
            yield from get_args(annotation)
        for part in get_args(annotation):
            if get_origin(annotation) is not Literal:
                yield from walk(part)

    note = cls.__annotations__[name]
    if isinstance(note, str):
        note = eval(note, {**vars(typing), "Union": typing.Union})  # noqa: S307  a note in a package we pinned
    return set(walk(note))


class TestEveryRequest:
    @pytest.fixture
    def sent(self, books: StandIn, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, dict[str, Any]]]:
        """Every request as we hand it to the package, before it is written as a form; after using every method."""
        found: list[tuple[str, str, dict[str, Any]]] = []
        requestor = stripe._api_requestor._APIRequestor
        real = requestor.request

        def note(self: Any, method: str, url: str, params: Any = None, *more: Any, **named: Any) -> Any:
            found.append((method.upper(), url, dict(params or {})))
            return real(self, method, url, params, *more, **named)

        monkeypatch.setattr(requestor, "request", note)
        provider = StripeProvider()
        asked = collection()
        link = provider.open_link(asked)
        provider.find(asked.key)
        provider.find("nothing:1")
        books.pay(link.provider_id)
        provider.refund(link.provider_id, 5_00, "refund:1")
        books.dispute(link.provider_id)
        provider.read(link.provider_id)
        provider.find(str(books.rows[link.provider_id]["payment_intent"]))
        provider.close_link(provider.open_link(collection()).provider_id)
        more = [provider.open_link(collection()).provider_id for _ in range(stripe_settlements._FEW + 1)]
        for session in more:
            books.pay(session)
        provider.events_since(provider.events_since("")[1])
        _none, from_time = provider.settlements_since("")
        books.settle()
        settlements, cursor = provider.settlements_since(from_time)
        assert {line.collection_id for line in settlements[0].lines} == {link.provider_id, *more}
        provider.settlements_since("")
        provider.settlements_since(cursor)
        return found

    def test_it_fits_the_types_and_uses_only_their_words(self, sent: list[tuple[str, str, dict[str, Any]]]) -> None:
        made = set()
        for method, path, params in sent:
            declared = stripe_words.params_of(method, path)
            stripe_words.check(params, declared, strict=True)
            made.add(declared)
        assert made == set(stripe_words.CALLS.values())

    def test_it_carries_an_idempotency_key_when_it_changes_something(
        self, sent: list[tuple[str, str, dict[str, Any]]], books: StandIn
    ) -> None:
        keys = [key for method, _path, _params, key in books.requests if method == "POST"]
        assert all(key.startswith("testserver:") for key in keys)

    def test_it_never_says_the_list_of_methods_in_the_old_way(
        self, sent: list[tuple[str, str, dict[str, Any]]]
    ) -> None:
        assert sent
        assert not [params for _method, _path, params in sent if "payment_method_types" in params]


class TestTheSession:
    def test_it_says_all_that_the_design_asks(self) -> None:
        asked = collection(45_67)
        request: Any = session_request(asked)
        assert request["line_items"][0]["price_data"]["unit_amount"] == 45_67
        assert request["line_items"][0]["price_data"]["currency"] == "eur"
        assert (request["mode"], request["locale"]) == ("payment", "nl")
        assert request["allowed_payment_method_types"] == ["ideal"]
        assert request["client_reference_id"] == asked.key
        assert request["payment_intent_data"]["metadata"] == {"key": asked.key, "site": "testserver"}
        stripe_words.check(request, stripe_words.params_of("POST", "/v1/checkout/sessions"), strict=True)

    def test_wero_is_no_word_of_checkout_yet(self, settings: Any) -> None:
        """This version lists it for payment intents only. When this test fails, Wero can be switched on in the settings."""
        settings.STRIPE_PAYMENT_METHODS = ["ideal", "wero"]
        request: Any = session_request(collection())
        with pytest.raises(stripe_words.NotInTheTypes, match="wero"):
            stripe_words.check(request, stripe_words.params_of("POST", "/v1/checkout/sessions"), strict=True)

    def test_it_ends_within_a_day_and_can_still_be_asked_for_when_the_call_is_repeated(self) -> None:
        asked_at = datetime(2026, 11, 23, 12, tzinfo=UTC)
        request = session_request(collection().__class__("k", 1, "d", "http://testserver/", asked_at))
        ends = datetime.fromtimestamp(request["expires_at"], UTC)
        assert ends <= asked_at + timedelta(hours=24)
        assert ends >= asked_at + timedelta(hours=23) + timedelta(minutes=30)

    def test_stripe_takes_the_moment_it_ends(self, books: StandIn) -> None:
        asked = collection()
        link = StripeProvider().open_link(
            asked.__class__(asked.key, asked.amount_cents, asked.description, asked.return_url, clock.now())
        )
        assert link.expires_at is not None
        assert link.expires_at - clock.now() > timedelta(hours=23)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"payment_method_types": ["ideal"]},
            {"allowed_payment_method_types": ["idealx"]},
            {"mode": "paymnt"},
            {"locale": "nll"},
            {"line_items": [{"quantity": "1"}]},
            {"line_items": [{"quantity": 1, "price_data": {"currency": "eur", "unit_amount": 45.5}}]},
            {"expires_at": "tomorrow"},
            {"nonsense": 1},
            {"idempotency_key": "x"},
        ],
    )
    def test_the_check_itself_finds_a_mistake(self, wrong: dict[str, Any]) -> None:
        request = {**session_request(collection()), **wrong}
        with pytest.raises(stripe_words.NotInTheTypes):
            stripe_words.check(request, stripe_words.params_of("POST", "/v1/checkout/sessions"), strict=True)


class TestWords:
    def test_every_message_we_listen_to_exists_and_there_is_room_for_all(self) -> None:
        assert set(stripe_events.KINDS) <= words_of(stripe.Event, "type")
        assert set(stripe_settlements._TYPES) <= words_of(stripe.Event, "type")
        assert len(stripe_events.KINDS) <= 20

    def test_every_state_of_a_session_has_a_meaning(self) -> None:
        assert words_of(Session, "status") == set(stripe_reading._SESSIONS)

    def test_every_state_of_a_payment_has_a_meaning_but_the_one_we_never_ask_for(self) -> None:
        known = set(stripe_reading._INTENTS) | stripe_reading._UNFINISHED
        assert words_of(stripe.PaymentIntent, "status") - known == {"requires_capture"}
        assert known <= words_of(stripe.PaymentIntent, "status")

    def test_every_state_of_a_dispute_has_a_meaning(self) -> None:
        known = stripe_reading._NO_MONEY | stripe_reading._TAKEN | {"won"}
        assert words_of(stripe.Dispute, "status") == known

    def test_the_version_is_the_one_the_types_were_made_from(self) -> None:
        assert stripe_client.API_VERSION == stripe._api_version._ApiVersion.CURRENT == stripe_standin.API_VERSION

    def test_lines_of_payouts_become_kinds_of_ours(self) -> None:
        assert set(stripe_settlements._KINDS.values()) <= set(ProviderMove.Kind)


CLASSES = {
    "checkout.session": Session,
    "payment_intent": stripe.PaymentIntent,
    "charge": stripe.Charge,
    "balance_transaction": stripe.BalanceTransaction,
    "dispute": stripe.Dispute,
    "refund": stripe.Refund,
    "payout": stripe.Payout,
    "event": stripe.Event,
}


def test_the_stand_in_answers_with_fields_that_stripe_has(books: StandIn) -> None:
    provider = StripeProvider()
    link = provider.open_link(collection())
    books.pay(link.provider_id)
    provider.refund(link.provider_id, 5_00, "refund:1")
    books.dispute(link.provider_id)
    books.settle()
    seen = set()
    for row in books.rows.values():
        seen.add(row["object"])
        fields = {name for name in row if not name.startswith("_")}
        assert fields <= set(CLASSES[row["object"]].__annotations__), row["object"]
    assert seen == set(CLASSES)


class TestReading:
    """What the contract does not come to."""

    def opened(self) -> str:
        return StripeProvider().open_link(collection()).provider_id

    def test_a_try_in_vain_leaves_the_page_open(self, books: StandIn) -> None:
        session = self.opened()
        books.try_in_vain(session)
        assert StripeProvider().read(session).state is CollectionState.OPEN
        books.pay(session)
        assert StripeProvider().read(session).state is CollectionState.PAID

    def test_the_fee_is_read_and_never_worked_out(self, books: StandIn) -> None:
        session = self.opened()
        assert StripeProvider().read(session).fee_cents is None
        books.pay(session)
        assert StripeProvider().read(session).fee_cents == stripe_standin.FEE_CENTS

    @pytest.mark.parametrize("status", sorted(stripe_reading._NO_MONEY))
    def test_a_question_of_the_bank_that_takes_no_money_is_no_reversal(self, books: StandIn, status: str) -> None:
        session = self.opened()
        books.pay(session)
        books.dispute(session, status=status, takes_money=False)
        reading = StripeProvider().read(session)
        assert (reading.state, reading.reversals) == (CollectionState.PAID, ())

    def test_two_disputes_are_two_reversals_each_with_its_fee(self, books: StandIn) -> None:
        session = self.opened()
        books.pay(session)
        ids = [books.dispute(session, status="lost") for _ in range(2)]
        reversals = StripeProvider().read(session).reversals
        assert sorted(one.dispute_id for one in reversals) == sorted(ids)
        assert {one.fee_cents for one in reversals} == {stripe_standin.DISPUTE_FEE_CENTS}

    @pytest.mark.parametrize("thing", ["session", "intent", "dispute"])
    def test_a_word_we_do_not_know_is_not_guessed_at(self, books: StandIn, thing: str) -> None:
        session = self.opened()
        books.pay(session)
        row = books.rows[session]
        if thing == "session":
            row |= {"payment_intent": None, "status": "of_next_year"}
        elif thing == "intent":
            books.rows[row["payment_intent"]]["status"] = "of_next_year"
        else:
            books.dispute(session, status="of_next_year")
        with pytest.raises(OutcomeUnknown):
            StripeProvider().read(session)

    def test_what_is_not_in_euro_is_not_ours(self, books: StandIn) -> None:
        session = self.opened()
        books.rows[session]["currency"] = "usd"
        with pytest.raises(LookupError):
            StripeProvider().read(session)

    def test_what_another_site_made_on_the_same_account_is_not_found(self, books: StandIn, settings: Any) -> None:
        asked = collection()
        settings.SITE_BASE_URL = "https://other.example"
        link = StripeProvider().open_link(asked)
        books.pay(link.provider_id)
        settings.SITE_BASE_URL = "http://testserver"
        assert StripeProvider().find(asked.key) is None

    def test_what_was_paid_is_found_however_long_ago_it_was_made(self, books: StandIn) -> None:
        asked = collection()
        link = StripeProvider().open_link(asked)
        books.pay(link.provider_id)
        books.rows[link.provider_id]["created"] -= 30 * 24 * 3600
        assert StripeProvider().find(asked.key) == link.provider_id

    def test_a_wrong_key_is_certain_when_writing_and_no_truth_when_reading(self, books: StandIn, settings: Any) -> None:
        from arrangements.payments.provider import CallFailed

        session = self.opened()
        settings.STRIPE_SECRET_KEY = "sk_test_wrong"
        with pytest.raises(CallFailed):
            self.opened()
        with pytest.raises(OutcomeUnknown):
            StripeProvider().read(session)


class TestPayouts:
    def paid(self, books: StandIn) -> str:
        session = StripeProvider().open_link(collection()).provider_id
        books.pay(session)
        return session

    def test_one_that_fails_after_it_was_paid_comes_again_as_failed(self, books: StandIn) -> None:
        self.paid(books)
        payout = books.settle()
        (first,), cursor = StripeProvider().settlements_since("")
        assert (first.provider_id, first.failed) == (payout, False)
        books.fail_payout(payout)
        (again,), cursor = StripeProvider().settlements_since(cursor)
        assert (again.provider_id, again.failed) == (payout, True)
        assert StripeProvider().settlements_since(cursor)[0] == []

    def test_one_whose_lines_are_not_all_there_waits(self, books: StandIn) -> None:
        self.paid(books)
        books.settle()
        cursor = StripeProvider().settlements_since("")[1]
        self.paid(books)
        payout = books.settle()
        books.rows[payout]["reconciliation_status"] = "in_progress"
        found, cursor = StripeProvider().settlements_since(cursor)
        assert found == []
        books.rows[payout]["reconciliation_status"] = "completed"
        (found_now,), _cursor = StripeProvider().settlements_since(cursor)
        assert found_now.provider_id == payout

    def test_a_line_we_have_no_entry_for_is_not_guessed_at(self, books: StandIn) -> None:
        self.paid(books)
        books.all("balance_transaction")[0]["reporting_category"] = "of_next_year"
        books.settle()
        with pytest.raises(OutcomeUnknown, match="of_next_year"):
            StripeProvider().settlements_since("")

    def test_lines_that_do_not_make_the_payout_are_refused(self, books: StandIn) -> None:
        self.paid(books)
        payout = books.settle()
        books.rows[payout]["amount"] += 1
        with pytest.raises(OutcomeUnknown):
            StripeProvider().settlements_since("")

    def test_a_cursor_that_stripe_forgot_starts_over(self, books: StandIn) -> None:
        self.paid(books)
        books.settle()
        assert len(StripeProvider().settlements_since("evt_gone")[0]) == 1
        assert StripeProvider().events_since("evt_gone")[0]
