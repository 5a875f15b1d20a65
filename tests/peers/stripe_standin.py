"""A small server that speaks Stripe's API, version 2026-10-28.endive, as far as we use it. Nobody at Stripe wrote it.

It refuses whatever the types of Stripe's own package have no place for, and it honours idempotency keys, which no other
peer does. That real Stripe behaves like this has NOT been tried: no sandbox was ever at hand (payments.md 6.7). It
covers what `localstripe` cannot: Checkout, iDEAL, disputes, fees, lines of payouts, idempotency.
"""

import json
import re
import secrets
import threading
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import stripe

from tests.peers import stripe_words

API_VERSION = "2026-10-28.endive"
KEY = "sk_test_standin"
SECRET = "whsec_tests_only"
FEE_CENTS = 29
DISPUTE_FEE_CENTS = 15_00
Row = dict[str, Any]


class Refusal(Exception):
    """An answer with an error."""

    def __init__(self, status: int, code: str, message: str = "", kind: str = "invalid_request_error") -> None:
        super().__init__(message or code)
        self.status = status
        self.body = {"error": {"type": kind, "code": code, "message": message or code}}


class StandIn:
    """The books of the other side, and what payers and banks do there. Amounts in cents."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.rows: dict[str, Row] = {}
        self.kept: dict[str, tuple[str, int, Row]] = {}
        self.requests: list[tuple[str, str, dict[str, Any], str]] = []
        #: What goes wrong with the next writing calls: "drop" (done, but nobody hears), "500" (done, answered with an
        #: error), "hang" (done, answered too late), "refuse" (certainly not done).
        self.faults: list[str] = []
        self.hang_seconds = 2.0

    # ---- what payers and banks do

    def pay(self, session_id: str) -> None:
        session = self.rows[session_id]
        waited = session["payment_intent"] is not None
        intent = self._intent(session)
        charge = self._charge(intent)
        charge["balance_transaction"] = self._move("payment", "charge", charge, session["amount_total"], FEE_CENTS)
        intent |= {"status": "succeeded", "amount_received": session["amount_total"]}
        session |= {"status": "complete", "payment_status": "paid", "url": None}
        self._tell("payment_intent.succeeded", intent)
        self._tell("checkout.session.async_payment_succeeded" if waited else "checkout.session.completed", session)

    def think(self, session_id: str) -> None:
        session = self.rows[session_id]
        intent = self._intent(session)
        self._charge(intent)["status"] = "pending"
        intent["status"] = "processing"
        session |= {"status": "complete", "url": None}
        self._tell("payment_intent.processing", intent)
        self._tell("checkout.session.completed", session)

    def refuse(self, session_id: str) -> None:
        session = self.rows[session_id]
        if session["payment_intent"] is None:
            session |= {"status": "expired", "url": None}
            self._tell("checkout.session.expired", session)
            return
        intent = self.rows[session["payment_intent"]]
        self.rows[intent["latest_charge"]]["status"] = "failed"
        intent["status"] = "requires_payment_method"
        self._tell("payment_intent.payment_failed", intent)
        self._tell("checkout.session.async_payment_failed", session)

    def try_in_vain(self, session_id: str) -> None:
        """One try that the bank refused; the page stays open for another."""
        intent = self._intent(self.rows[session_id])
        self._charge(intent)["status"] = "failed"
        intent["status"] = "requires_payment_method"
        self._tell("payment_intent.payment_failed", intent)

    def dispute(self, session_id: str, *, status: str = "needs_response", takes_money: bool = True) -> str:
        intent = self.rows[self.rows[session_id]["payment_intent"]]
        charge = self.rows[intent["latest_charge"]]
        charge["disputed"] = True
        row = self._new("du", "dispute", amount=charge["amount"], currency="eur", status=status, charge=charge["id"])
        row |= {"payment_intent": intent["id"], "balance_transactions": []}
        self._tell("charge.dispute.created", row)
        if takes_money:
            taken = self._move("adjustment", "dispute", row, -charge["amount"], DISPUTE_FEE_CENTS)
            row["balance_transactions"].append(self.rows[taken])
            self._tell("charge.dispute.funds_withdrawn", row)
        return str(row["id"])

    def win(self, session_id: str) -> None:
        intent = self.rows[session_id]["payment_intent"]
        (row,) = [one for one in self.all("dispute") if one["payment_intent"] == intent]
        row["status"] = "won"
        back = self._move("adjustment", "dispute_reversal", row, row["amount"], 0)
        row["balance_transactions"].append(self.rows[back])
        self._tell("charge.dispute.funds_reinstated", row)
        self._tell("charge.dispute.closed", row)

    def fail_afterwards(self, session_id: str) -> None:
        intent = self.rows[self.rows[session_id]["payment_intent"]]
        charge = self.rows[intent["latest_charge"]]
        charge["status"] = "failed"
        charge["failure_balance_transaction"] = self._move(
            "payment_failure_refund", "charge_failure", charge, -charge["amount"], 0
        )
        intent["status"] = "requires_payment_method"
        self._tell("payment_intent.payment_failed", intent)

    def settle(self, status: str = "paid") -> str:
        moves = [one for one in self.all("balance_transaction") if one["id"] not in self._settled()]
        amount = sum(one["net"] for one in moves)
        row = self._new("po", "payout", amount=amount, currency="eur", status=status, automatic=True)
        row |= {"arrival_date": int(time.time()), "reconciliation_status": "completed"}
        own = self.rows[self._move("payout", "payout", row, -amount, 0)]
        row["_moves"] = [*(one["id"] for one in moves), own["id"]]
        self._tell(f"payout.{status}", row)
        return str(row["id"])

    def fail_payout(self, payout_id: str) -> None:
        self.rows[payout_id]["status"] = "failed"
        self._tell("payout.failed", self.rows[payout_id])

    # ---- the books

    def all(self, kind: str) -> list[Row]:
        """Oldest first."""
        return [row for row in self.rows.values() if row["object"] == kind]

    def bodies_about(self, session_id: str) -> list[bytes]:
        """The messages about one collection, oldest first, as they are sent."""
        ids = {session_id, self.rows[session_id]["payment_intent"]}
        return [
            json.dumps(self._public(event)).encode()
            for event in self.all("event")
            if {event["data"]["object"]["id"], event["data"]["object"].get("payment_intent")} & ids - {None}
        ]

    def _settled(self) -> set[str]:
        return {one for payout in self.all("payout") for one in payout.get("_moves", [])}

    def _new(self, prefix: str, kind: str, **fields: Any) -> Row:
        row = {"id": f"{prefix}_{secrets.token_hex(12)}", "object": kind, "created": int(time.time()), **fields}
        self.rows[str(row["id"])] = row
        return row

    def _intent(self, session: Row) -> Row:
        if session["payment_intent"] is None:
            row = self._new(
                "pi", "payment_intent", amount=session["amount_total"], amount_received=0, currency="eur", status=""
            )
            row |= {"metadata": session["_intent_metadata"], "latest_charge": None}
            session["payment_intent"] = row["id"]
        return self.rows[session["payment_intent"]]

    def _charge(self, intent: Row) -> Row:
        charge = self.rows.get(str(intent["latest_charge"]))
        if charge is None or charge["status"] == "failed":
            charge = self._new("py", "charge", amount=intent["amount"], amount_refunded=0, currency="eur")
            charge |= {"payment_intent": intent["id"], "disputed": False, "balance_transaction": None}
            charge |= {"failure_balance_transaction": None, "metadata": intent["metadata"]}
            intent["latest_charge"] = charge["id"]
        charge["status"] = "succeeded"
        return charge

    def _move(self, kind: str, category: str, source: Row, amount: int, fee: int) -> str:
        row = self._new("txn", "balance_transaction", type=kind, reporting_category=category, source=source["id"])
        row |= {"amount": amount, "fee": fee, "net": amount - fee, "currency": "eur"}
        return str(row["id"])

    def _tell(self, kind: str, about: Row) -> None:
        row = self._new("evt", "event", type=kind, livemode=False, api_version=API_VERSION)
        row["data"] = {"object": json.loads(json.dumps(self._public(about)))}

    def _public(self, row: Row) -> Row:
        return {name: value for name, value in row.items() if not name.startswith("_")}

    # ---- calls

    def answer(self, method: str, path: str, params: dict[str, Any]) -> Row:
        """The answer to a call whose parameters were found good."""
        *_, last = path.split("/")
        if method == "POST":
            if path == "/v1/checkout/sessions":
                return self._create_session(params)
            if path == "/v1/refunds":
                return self._create_refund(params)
            return self._expire(path.split("/")[-2])
        if path == "/v1/payment_intents/search":
            return self._search(params["query"])
        lists = {"sessions": "checkout.session", "disputes": "dispute", "refunds": "refund", "events": "event"}
        lists |= {"payouts": "payout", "balance_transactions": "balance_transaction"}
        if last in lists:
            return self._list(path, lists[last], params)
        row = self.rows.get(last)
        if row is None:
            raise Refusal(404, "resource_missing")
        return self._expanded(row, params.get("expand", []))

    def _create_session(self, params: dict[str, Any]) -> Row:
        if params.get("mode") != "payment" or not params.get("line_items") or not params.get("success_url"):
            raise Refusal(400, "parameter_missing")
        total = 0
        for item in params["line_items"]:
            price = item["price_data"]
            if price["currency"] != "eur" or int(price["unit_amount"]) <= 0:
                raise Refusal(400, "parameter_invalid_integer")
            total += int(price["unit_amount"]) * int(item["quantity"])
        now = int(time.time())
        expires = int(params.get("expires_at", now + 24 * 3600))
        if not now + 30 * 60 <= expires <= now + 24 * 3600:
            raise Refusal(400, "expires_at_out_of_range")
        row = self._new("cs_test", "checkout.session", mode="payment", status="open", payment_status="unpaid")
        row |= {"amount_total": total, "currency": "eur", "payment_intent": None, "expires_at": expires}
        row |= {"client_reference_id": params.get("client_reference_id"), "metadata": params.get("metadata", {})}
        # As long as the real ones are.
        row["url"] = f"https://checkout.stripe.com/c/pay/{row['id']}#{secrets.token_urlsafe(330)}"
        row["_intent_metadata"] = params.get("payment_intent_data", {}).get("metadata", {})
        return self._public(row)

    def _expire(self, session_id: str) -> Row:
        row = self.rows.get(session_id)
        if row is None:
            raise Refusal(404, "resource_missing")
        if row["status"] != "open":
            raise Refusal(400, "checkout_session_not_open")
        row |= {"status": "expired", "url": None}
        self._tell("checkout.session.expired", row)
        return self._public(row)

    def _create_refund(self, params: dict[str, Any]) -> Row:
        intent = self.rows.get(params["payment_intent"])
        if intent is None:
            raise Refusal(404, "resource_missing")
        charge, amount = self.rows[intent["latest_charge"]], int(params["amount"])
        if amount <= 0 or amount > charge["amount"] - charge["amount_refunded"]:
            raise Refusal(400, "refund_amount_out_of_range")
        charge["amount_refunded"] += amount
        row = self._new("re", "refund", amount=amount, currency="eur", status="succeeded", charge=charge["id"])
        row |= {"payment_intent": intent["id"], "metadata": params.get("metadata", {})}
        self._move("payment_refund", "refund", row, -amount, 0)
        self._tell("refund.created", row)
        return self._public(row)

    def _search(self, query: str) -> Row:
        found = re.fullmatch(r"metadata\['key'\]:'(.*)'", query)
        if found is None:
            raise Refusal(400, "search_query_invalid")
        rows = [one for one in self.all("payment_intent") if one["metadata"].get("key") == found.group(1)]
        return {"object": "search_result", "url": "/v1/payment_intents/search", "has_more": False, "data": rows}

    def _list(self, path: str, kind: str, params: dict[str, Any]) -> Row:
        rows = self.all(kind)
        if "payment_intent" in params:
            rows = [one for one in rows if one.get("payment_intent") == params["payment_intent"]]
        if "types" in params:
            rows = [one for one in rows if one["type"] in params["types"]]
        if "payout" in params:
            rows = [one for one in rows if one["id"] in self.rows[params["payout"]]["_moves"]]
        created = params.get("created", {})
        rows = [one for one in rows if one["created"] >= int(created.get("gte", 0))]
        rows = [one for one in rows if one["created"] <= int(created.get("lte", one["created"]))]
        limit = int(params.get("limit", 10))
        newest_first = rows[::-1]
        for name in ("ending_before", "starting_after"):
            if name in params and params[name] not in {one["id"] for one in newest_first}:
                raise Refusal(400, "resource_missing")
        ids = [one["id"] for one in newest_first]
        if "ending_before" in params:
            newer = newest_first[: ids.index(params["ending_before"])]
            page, more = newer[-limit:], len(newer) > limit
        else:
            older = (
                newest_first[ids.index(params["starting_after"]) + 1 :] if "starting_after" in params else newest_first
            )
            page, more = older[:limit], len(older) > limit
        expand = [one.removeprefix("data.") for one in params.get("expand", [])]
        return {"object": "list", "url": path, "has_more": more, "data": [self._expanded(one, expand) for one in page]}

    def _expanded(self, row: Row, paths: list[str]) -> Row:
        shown = self._public(row)
        for path in paths:
            first, _, rest = path.partition(".")
            if first not in shown:
                raise Refusal(400, "property_cannot_be_expanded")
            if shown[first] is not None:
                shown[first] = self._expanded(self.rows[shown[first]], [rest] if rest else [])
        return shown


def decode(text: str) -> dict[str, Any]:
    """Stripe's way of writing nested parameters in a form: a[b][0][c]=x."""
    root: dict[str, Any] = {}
    for name, value in urllib.parse.parse_qsl(text, keep_blank_values=True):
        steps = [name.partition("[")[0], *re.findall(r"\[([^\]]*)\]", name)]
        at = root
        for step in steps[:-1]:
            at = at.setdefault(step, {})
        at[steps[-1]] = value
    return {name: _lists(value) for name, value in root.items()}


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(name.isdigit() for name in value):
        return [_lists(value[name]) for name in sorted(value, key=int)]
    return {name: _lists(one) for name, one in value.items()}


class _Handler(BaseHTTPRequestHandler):
    books: StandIn
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name of the base class
        """Quiet."""

    def do_GET(self) -> None:
        parts = urllib.parse.urlsplit(self.path)
        self._respond("GET", parts.path, decode(parts.query), "")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self._respond("POST", urllib.parse.urlsplit(self.path).path, decode(body), body)

    def _respond(self, method: str, path: str, params: dict[str, Any], body: str) -> None:
        books, key = self.books, self.headers.get("Idempotency-Key", "")
        with books.lock:
            books.requests.append((method, path, params, key))
            fault = books.faults.pop(0) if method == "POST" and books.faults else ""
            status, answer = self._once(method, path, params, key, f"{path} {body}", fault)
        if fault == "drop":
            self.close_connection = True
            return
        if fault == "hang":
            time.sleep(books.hang_seconds)
        content = json.dumps(answer).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Request-Id", f"req_{secrets.token_hex(6)}")
            self.end_headers()
            self.wfile.write(content)
        except OSError:
            self.close_connection = True

    def _once(
        self, method: str, path: str, params: dict[str, Any], key: str, asked: str, fault: str
    ) -> tuple[int, Row]:
        books = self.books
        try:
            if self.headers.get("Authorization") != f"Bearer {KEY}":
                raise Refusal(401, "api_key_invalid")
            if self.headers.get("Stripe-Version") != API_VERSION:
                raise Refusal(400, "version")
            if method == "POST" and not key:
                raise Refusal(400, "no_idempotency_key")
            if key in books.kept:
                before, status, answer = books.kept[key]
                if before != asked:
                    raise Refusal(400, "", "other parameters under this key", "idempotency_error")
                return status, answer
            if fault == "refuse":
                raise Refusal(402, "account_closed")
            try:
                stripe_words.check(params, stripe_words.params_of(method, path), strict=False)
            except stripe_words.NotInTheTypes as error:
                raise Refusal(400, "parameter_unknown", str(error)) from error
            answer = json.loads(json.dumps(books.answer(method, path, params)))
        except Refusal as refusal:
            return refusal.status, refusal.body
        status = 200
        if fault == "500":
            status, answer = 500, {"error": {"type": "api_error", "message": "broken"}}
        if key:
            books.kept[key] = asked, status, answer
        return status, answer


def signed(body: bytes, *, seconds_ago: int = 0, secret: str = SECRET) -> dict[str, str]:
    """The header that Stripe sends along with this body, made by its own package."""
    at = int(time.time()) - seconds_ago
    text = body.decode("utf-8", errors="replace")
    return {"Stripe-Signature": stripe.WebhookSignature.generate_signature_header(text, secret, at)}


@contextmanager
def stripe_collects(settings: Any) -> Iterator[StandIn]:
    """The product configured for Stripe, with a stand-in of its own on the other side."""
    with standin() as (books, address):
        settings.STRIPE_SECRET_KEY = KEY
        settings.STRIPE_WEBHOOK_SECRET = SECRET
        settings.STRIPE_API_BASE = address
        yield books


@contextmanager
def standin() -> Iterator[tuple[StandIn, str]]:
    """The books and the address of a server of its own, on this machine only."""
    books = StandIn()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"books": books}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield books, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
