"""What every provider that collects for us must do, whoever it is: one suite, run against each of them (payments.md 5.8).

A test file makes a subclass of `CollectionContract` with a fixture `rig`. Every test runs against every rig.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import uuid4

import pytest

from arrangements.payments.provider import (
    CallFailed,
    Capability,
    Collection,
    CollectionProvider,
    CollectionState,
    Link,
    NotOffered,
    Refused,
)


class ProviderRig(Protocol):
    """A provider with our own hand on its other side: what the payer and the payer's bank do. Amounts in cents."""

    @property
    def provider(self) -> CollectionProvider:
        """The provider as our code uses it."""
        ...

    def pays(self, provider_id: str) -> None:
        """The payer pays what was asked, and the money is there."""
        ...

    def thinks(self, provider_id: str) -> None:
        """The payer paid, and the bank does not say yet whether it works."""
        ...

    def refuses(self, provider_id: str) -> None:
        """The payment failed for good, or was cancelled."""
        ...

    def disputes(self, provider_id: str) -> None:
        """The payer takes the money back after it was paid (storno)."""
        ...

    def wins(self, provider_id: str) -> None:
        """The dispute ends in our favour: the money comes back."""
        ...

    def fails_afterwards(self, provider_id: str) -> None:
        """The bank says after the success that it failed after all."""
        ...

    def settles(self) -> None:
        """Time passes until the provider has paid out what was paid before."""
        ...

    def messages(self, provider_id: str) -> Sequence[tuple[bytes, Mapping[str, str]]]:
        """The messages about this collection, oldest first, signed now as the provider signs them."""
        ...

    def signed(self, body: bytes, *, seconds_ago: int = 0, forged: bool = False) -> Mapping[str, str]:
        """Headers for this body: signed then, with the right secret or with another."""
        ...


def collection(amount_cents: int = 45_00, *, key: str = "") -> Collection:
    """A new thing to pay."""
    return Collection(
        key=key or f"payment:{uuid4()}",
        amount_cents=amount_cents,
        description="Termijn 1",
        return_url="http://testserver/terug/1/",
    )


class CollectionContract:
    """Names read as sentences about a provider."""

    def opened(self, rig: ProviderRig, amount_cents: int = 45_00) -> Link:
        return rig.provider.open_link(collection(amount_cents))

    def test_a_new_link_is_open_for_the_amount_that_was_asked(self, rig: ProviderRig) -> None:
        link = self.opened(rig, 45_67)
        reading = rig.provider.read(link.provider_id)
        assert (reading.state, reading.amount_cents) == (CollectionState.OPEN, 45_67)
        assert link.url
        assert reading.reversals == ()

    def test_the_same_key_gives_the_same_link(self, rig: ProviderRig) -> None:
        asked = collection()
        assert rig.provider.open_link(asked) == rig.provider.open_link(asked)

    def test_another_key_gives_another_link(self, rig: ProviderRig) -> None:
        assert self.opened(rig).provider_id != self.opened(rig).provider_id

    def test_the_same_key_for_another_amount_is_refused(self, rig: ProviderRig) -> None:
        key = collection().key
        rig.provider.open_link(collection(45_00, key=key))
        with pytest.raises(ValueError):  # noqa: PT011  each provider has words of its own
            rig.provider.open_link(collection(46_00, key=key))

    def test_what_was_opened_is_found_by_its_key(self, rig: ProviderRig) -> None:
        asked = collection()
        link = rig.provider.open_link(asked)
        assert rig.provider.find(asked.key) == link.provider_id

    def test_what_was_never_opened_is_not_found(self, rig: ProviderRig) -> None:
        assert rig.provider.find(collection().key) is None

    def test_an_id_nobody_gave_out_is_unknown(self, rig: ProviderRig) -> None:
        with pytest.raises(LookupError):
            rig.provider.read("nobody_gave_this_out")

    def test_paid_is_read_with_the_amount_that_was_received(self, rig: ProviderRig) -> None:
        link = self.opened(rig, 45_67)
        rig.pays(link.provider_id)
        reading = rig.provider.read(link.provider_id)
        assert (reading.state, reading.amount_cents) == (CollectionState.PAID, 45_67)
        assert reading.fee_cents is None or reading.fee_cents >= 0

    def test_a_bank_that_still_thinks_is_pending_and_then_paid(self, rig: ProviderRig) -> None:
        link = self.opened(rig)
        rig.thinks(link.provider_id)
        assert rig.provider.read(link.provider_id).state is CollectionState.PENDING
        rig.pays(link.provider_id)
        assert rig.provider.read(link.provider_id).state is CollectionState.PAID

    def test_a_bank_that_still_thinks_may_say_no(self, rig: ProviderRig) -> None:
        link = self.opened(rig)
        rig.thinks(link.provider_id)
        rig.refuses(link.provider_id)
        assert rig.provider.read(link.provider_id).state is CollectionState.FAILED

    def test_refused_is_failed(self, rig: ProviderRig) -> None:
        link = self.opened(rig)
        rig.refuses(link.provider_id)
        assert rig.provider.read(link.provider_id).state is CollectionState.FAILED

    def test_a_closed_link_is_failed_and_closing_twice_is_closing_once(self, rig: ProviderRig) -> None:
        link = self.opened(rig)
        assert rig.provider.close_link(link.provider_id).state is CollectionState.FAILED
        assert rig.provider.close_link(link.provider_id).state is CollectionState.FAILED
        assert rig.provider.read(link.provider_id).state is CollectionState.FAILED

    def test_closing_what_was_paid_just_before_says_that_it_is_paid(self, rig: ProviderRig) -> None:
        link = self.opened(rig)
        rig.pays(link.provider_id)
        assert rig.provider.close_link(link.provider_id).state is CollectionState.PAID

    def test_a_storno_is_a_reversal_with_a_name_of_its_own(self, rig: ProviderRig) -> None:
        link = self.opened(rig)
        rig.pays(link.provider_id)
        rig.disputes(link.provider_id)
        reading = rig.provider.read(link.provider_id)
        assert reading.state is CollectionState.REVERSED
        (reversal,) = reading.reversals
        assert reversal.dispute_id
        assert (reversal.amount_cents, reversal.won) == (45_00, False)
        assert reversal.fee_cents >= 0
        assert rig.provider.read(link.provider_id).reversals == reading.reversals

    def test_a_dispute_that_is_won_is_the_same_dispute_won(self, rig: ProviderRig) -> None:
        link = self.opened(rig)
        rig.pays(link.provider_id)
        rig.disputes(link.provider_id)
        (before,) = rig.provider.read(link.provider_id).reversals
        rig.wins(link.provider_id)
        (after,) = rig.provider.read(link.provider_id).reversals
        assert (after.dispute_id, after.won) == (before.dispute_id, True)

    def test_a_failure_after_success_is_no_plain_failure(self, rig: ProviderRig) -> None:
        link = self.opened(rig)
        rig.pays(link.provider_id)
        rig.fails_afterwards(link.provider_id)
        reading = rig.provider.read(link.provider_id)
        assert reading.state is CollectionState.REVERSED
        (reversal,) = reading.reversals
        assert reversal.amount_cents == 45_00

    def test_a_refund_is_made_once_per_key(self, rig: ProviderRig) -> None:
        link = self.opened(rig)
        rig.pays(link.provider_id)
        first = rig.provider.refund(link.provider_id, 10_00, "refund:1")
        assert rig.provider.refund(link.provider_id, 10_00, "refund:1") == first
        assert rig.provider.read(link.provider_id).refunded_cents == 10_00

    def test_two_refunds_add_up(self, rig: ProviderRig) -> None:
        link = self.opened(rig)
        rig.pays(link.provider_id)
        one = rig.provider.refund(link.provider_id, 10_00, f"{link.provider_id}:1")
        other = rig.provider.refund(link.provider_id, 35_00, f"{link.provider_id}:2")
        assert one != other
        assert rig.provider.read(link.provider_id).refunded_cents == 45_00

    def test_more_than_was_paid_is_not_refunded(self, rig: ProviderRig) -> None:
        link = self.opened(rig)
        rig.pays(link.provider_id)
        with pytest.raises(CallFailed):
            rig.provider.refund(link.provider_id, 45_01, f"{link.provider_id}:1")
        assert rig.provider.read(link.provider_id).refunded_cents == 0

    def test_what_was_not_paid_is_not_refunded(self, rig: ProviderRig) -> None:
        link = self.opened(rig)
        with pytest.raises(CallFailed):
            rig.provider.refund(link.provider_id, 45_00, f"{link.provider_id}:1")

    def test_what_it_cannot_do_it_says_beforehand(self, rig: ProviderRig) -> None:
        able = rig.provider.capabilities()
        assert Capability.LINK in able
        link = self.opened(rig)
        for capability, ask in (
            (Capability.REFUND, lambda: rig.provider.refund(link.provider_id, 1, "x")),
            (Capability.EVENTS, lambda: rig.provider.events_since("")),
            (Capability.SETTLEMENTS, lambda: rig.provider.settlements_since("")),
        ):
            if capability not in able:
                with pytest.raises(NotOffered):
                    ask()

    def test_its_message_leads_to_the_collection(self, rig: ProviderRig) -> None:
        link = self.opened(rig)
        rig.pays(link.provider_id)
        body, headers = rig.messages(link.provider_id)[-1]
        event = rig.provider.verify(body, headers)
        assert event.provider_id == link.provider_id
        assert event.event_id
        assert event.kind

    def test_the_same_message_is_the_same_event(self, rig: ProviderRig) -> None:
        link = self.opened(rig)
        rig.pays(link.provider_id)
        ids = [rig.provider.verify(*rig.messages(link.provider_id)[-1]).event_id for _ in range(2)]
        assert ids[0] == ids[1]

    def test_a_forged_message_is_refused(self, rig: ProviderRig) -> None:
        link = self.opened(rig)
        rig.pays(link.provider_id)
        body, _headers = rig.messages(link.provider_id)[-1]
        with pytest.raises(Refused):
            rig.provider.verify(body, rig.signed(body, forged=True))
        with pytest.raises(Refused):
            rig.provider.verify(body, {})

    def test_an_altered_message_is_refused(self, rig: ProviderRig) -> None:
        link = self.opened(rig)
        rig.pays(link.provider_id)
        body, headers = rig.messages(link.provider_id)[-1]
        with pytest.raises(Refused):
            rig.provider.verify(body + b" ", headers)

    def test_a_message_from_long_ago_or_from_the_future_is_refused(self, rig: ProviderRig) -> None:
        link = self.opened(rig)
        rig.pays(link.provider_id)
        body, _headers = rig.messages(link.provider_id)[-1]
        for seconds_ago in (400, -60, -86_400):
            with pytest.raises(Refused):
                rig.provider.verify(body, rig.signed(body, seconds_ago=seconds_ago))

    def test_something_signed_that_is_no_message_is_refused(self, rig: ProviderRig) -> None:
        for body in (b"", b"[]", b"{}", b"null", b"\xff\xfe"):
            with pytest.raises(Refused):
                rig.provider.verify(body, rig.signed(body))

    def test_messages_can_be_asked_again_from_where_one_was(self, rig: ProviderRig) -> None:
        first = self.opened(rig)
        rig.pays(first.provider_id)
        events, cursor = rig.provider.events_since("")
        told = {rig.provider.verify(*message).event_id for message in rig.messages(first.provider_id)}
        assert told <= {event.event_id for event in events}
        second = self.opened(rig)
        rig.pays(second.provider_id)
        later, next_cursor = rig.provider.events_since(cursor)
        assert second.provider_id in {event.provider_id for event in later}
        again, _ = rig.provider.events_since(next_cursor)
        assert second.provider_id not in {event.provider_id for event in again}

    def test_a_settlement_adds_up_and_names_every_payment_once(self, rig: ProviderRig) -> None:
        links = [self.opened(rig, cents) for cents in (45_00, 12_34)]
        for link in links:
            rig.pays(link.provider_id)
        rig.settles()
        settlements, cursor = rig.provider.settlements_since("")
        lines = [line for settlement in settlements for line in settlement.lines]
        for settlement in settlements:
            assert sum(line.amount_cents for line in settlement.lines) == settlement.net_cents
            fees = sum(-line.amount_cents for line in settlement.lines if line.kind in ("fee", "storno_fee"))
            assert fees == settlement.fee_cents
        paid = {line.collection_id: line.amount_cents for line in lines if line.kind == "payment"}
        assert {link.provider_id: paid.get(link.provider_id) for link in links} == {
            links[0].provider_id: 45_00,
            links[1].provider_id: 12_34,
        }
        assert len({line.provider_id for line in lines}) == len(lines)
        assert rig.provider.settlements_since(cursor)[0] == []

    def test_a_storno_and_a_refund_come_off_the_next_settlement(self, rig: ProviderRig) -> None:
        disputed, refunded, other = (self.opened(rig) for _ in range(3))
        for link in (disputed, refunded):
            rig.pays(link.provider_id)
        rig.settles()
        _, cursor = rig.provider.settlements_since("")
        rig.disputes(disputed.provider_id)
        rig.provider.refund(refunded.provider_id, 5_00, f"{refunded.provider_id}:1")
        rig.pays(other.provider_id)
        for _ in range(3):
            more = self.opened(rig)
            rig.pays(more.provider_id)
        rig.settles()
        settlements, _ = rig.provider.settlements_since(cursor)
        lines = [line for settlement in settlements for line in settlement.lines]
        took = {(line.kind, line.collection_id): line.amount_cents for line in lines}
        assert took["storno", disputed.provider_id] == -45_00
        assert took["refund", refunded.provider_id] == -5_00
        assert took["payment", other.provider_id] == 45_00
