"""Which key may be used where, and what is sent along with a page when Stripe collects."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from arrangements.payments.registry import name_for_new_payments, somebody_collects
from config import env

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("key", ["sk_test_1", "rk_test_1"])
def test_a_key_of_a_sandbox_is_taken(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("STRIPE_SECRET_KEY", key)
    assert env.stripe_key(allow_live=False) == key


@pytest.mark.parametrize("key", ["sk_live_1", "rk_live_1"])
def test_a_key_that_moves_real_money_needs_a_second_setting(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("STRIPE_SECRET_KEY", key)
    with pytest.raises(ImproperlyConfigured, match="STRIPE_ALLOW_LIVE"):
        env.stripe_key(allow_live=False)
    assert env.stripe_key(allow_live=True) == key


@pytest.mark.parametrize("key", ["pk_test_1", "whsec_1", "sk_test_", "sk_test_1 ", "live", "ｓk_test_1"])
def test_something_else_is_no_key(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("STRIPE_SECRET_KEY", key)
    with pytest.raises(ImproperlyConfigured, match="not a secret key"):
        env.stripe_key(allow_live=True)


def test_where_nobody_may_collect_nobody_does(settings: Any) -> None:
    settings.BUSINESS_DATE_SOURCE = "clock"
    with pytest.raises(ImproperlyConfigured):
        name_for_new_payments()
    assert [one.id for one in somebody_collects()] == ["arrangements.W001"]
    settings.STRIPE_SECRET_KEY = "sk_test_1"
    assert name_for_new_payments() == "stripe"
    assert somebody_collects() == []


def settings_of(module: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """What a process with these settings prints about them."""
    made_up = {
        **dict.fromkeys(("SECRET_KEY", "DEMOBANK_WEBHOOK_SECRET", "MATCH_KEY_SECRET", "HELP_PHONE"), "x"),
        **dict.fromkeys(("ALLOWED_HOSTS", "EMAIL_HOST", "MAIL_DOMAIN", "DEFAULT_FROM_EMAIL"), "a.example"),
        **dict.fromkeys(("ACCOUNT_HOLDER_NAME", "ACCOUNT_HOLDER_IBAN"), "x"),
        "SIGNING_KEY": "7e" * 32,
        "SITE_BASE_URL": "https://a.example",
        "REDIS_URL": "redis://a.example/0",
        **dict.fromkeys(env.DATABASE_VARIABLES.values(), "postgres://a@a.example/x"),
    }
    code = (
        f"from config.settings import {module} as s; "
        "print(s.STRIPE_SECRET_KEY, s.STRIPE_PAYMENT_METHODS, s.CONTENT_SECURITY_POLICY['DIRECTIVES']['form-action'])"
    )
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **made_up, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_takes_a_live_key_only_with_the_second_setting() -> None:
    live = {"STRIPE_SECRET_KEY": "sk_live_1", "STRIPE_WEBHOOK_SECRET": "x"}
    assert "STRIPE_ALLOW_LIVE" in settings_of("production", **live).stderr
    said = settings_of("production", **live, STRIPE_ALLOW_LIVE="1", STRIPE_PAYMENT_METHODS="ideal, wero")
    assert said.stdout == "sk_live_1 ['ideal', 'wero'] [\"'self'\", 'https://checkout.stripe.com']\n", said.stderr


def test_a_developers_machine_never_takes_a_live_key() -> None:
    live = {"STRIPE_SECRET_KEY": "sk_live_1", "STRIPE_WEBHOOK_SECRET": "x", "STRIPE_ALLOW_LIVE": "1"}
    assert "real money" in settings_of("dev", **live).stderr


def test_a_key_without_the_secret_of_its_messages_stops_the_start() -> None:
    assert "STRIPE_WEBHOOK_SECRET" in settings_of("production", STRIPE_SECRET_KEY="sk_test_1").stderr


def test_without_a_key_pages_send_forms_to_nobody_else() -> None:
    assert settings_of("production").stdout == " ['ideal'] [\"'self'\"]\n"
