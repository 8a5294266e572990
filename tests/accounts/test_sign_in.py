"""Giving a password: throttled, and telling a stranger nothing."""

import statistics
import subprocess
import sys
import time as real_time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.test import TestResponse

from app.accounts.authentication import hashing, password_sign_in, throttling
from app.accounts.authentication.throttling import PASSWORD as PASSWORD_LIMITS
from app.accounts.models import Permission
from app.audit.models import AuditEvent
from app.core import clock
from app.core.db import prepare
from app.outbox.models import Message
from tests.accounts.conftest import PASSWORD, Clock, is_signed_in, make_colleague

GivePassword = Callable[..., TestResponse]


def test_a_colleague_signs_in_and_goes_home(
    session: Session, stranger: FlaskClient, give_password: GivePassword
) -> None:
    make_colleague(session)
    assert give_password(" Kit@Example.ORG ").location == "/"
    assert is_signed_in(stranger)


def test_sign_ins_failed_sign_ins_and_sign_outs_are_in_the_history_without_any_password(
    session: Session, stranger: FlaskClient, give_password: GivePassword
) -> None:
    user = make_colleague(session)
    give_password("kit@example.org", "not this one at all")
    give_password("nobody@example.org", "hunter2 hunter2")
    give_password("kit@example.org")
    stranger.post("/sign-out")
    events = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    told = [(event.action, event.record_id, event.actor_name) for event in events][-4:]
    assert told == [
        ("sign-in failed", user.id, "Nobody signed in"),
        ("sign-in failed", None, "Nobody signed in"),
        ("signed in", user.id, "Kit Sample"),
        ("signed out", user.id, "Kit Sample"),
    ]
    written = " ".join(event.summary for event in events)
    assert "hunter2" not in written
    assert "nobody@example.org" not in written
    assert events[-1].ip == "127.0.0.1"


def test_the_eleventh_wrong_password_in_five_minutes_is_refused_and_so_is_the_right_one(
    time: Clock, session: Session, stranger: FlaskClient, give_password: GivePassword
) -> None:
    make_colleague(session)
    make_colleague(session, "other@example.org")
    for _ in range(10):
        assert give_password("kit@example.org", "wrong").status_code == 401
        time.pass_by(seconds=29)
    assert give_password("kit@example.org").status_code == 429
    assert not is_signed_in(stranger)
    assert give_password("other@example.org").status_code == 302


def test_nobody_is_locked_out_for_good(
    time: Clock, session: Session, give_password: GivePassword
) -> None:
    make_colleague(session)
    for _ in range(11):
        response = give_password("kit@example.org", "wrong")
    assert "Wait 6 minutes and try again" in response.text
    time.pass_by(minutes=6)
    assert give_password("kit@example.org").status_code == 302


def test_the_wait_between_tries_grows() -> None:
    now, tries, waits = timedelta(), [0.0, 0.0], []
    for _ in range(40):
        wait = max(
            (limit.wait(used) for limit, used in zip(PASSWORD_LIMITS, tries, strict=True)),
        )
        now += wait
        waits.append(wait)
        tries = [
            max(0.0, used - wait / limit.every) + 1
            for limit, used in zip(PASSWORD_LIMITS, tries, strict=True)
        ]
    assert waits[:10] == [timedelta()] * 10
    assert max(waits[10:20]) <= timedelta(minutes=6)
    assert waits[-1] == timedelta(hours=1)


def test_the_right_password_forgives_the_wrong_ones_before_it(
    session: Session, give_password: GivePassword
) -> None:
    make_colleague(session)
    for _ in range(2):
        for _ in range(9):
            assert give_password("kit@example.org", "wrong").status_code == 401
        assert give_password("kit@example.org").status_code == 302


def test_one_network_address_cannot_try_one_account_after_the_other(
    session: Session, give_password: GivePassword
) -> None:
    make_colleague(session)
    for number in range(30):
        assert give_password(f"guess{number}@example.org", "wrong").status_code == 401
    assert give_password("kit@example.org").status_code == 429
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    assert give_password("kit@example.org", environ_overrides=elsewhere).status_code == 302


def test_a_whole_ipv6_network_counts_as_one_address() -> None:
    one, two, other = (
        throttling.for_ip(throttling.PASSWORD_BY_IP, ip)
        for ip in ("2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:1::1")
    )
    assert one == two != other


def test_administrators_hear_once_when_somebody_keeps_guessing(
    time: Clock, session: Session, give_password: GivePassword
) -> None:
    make_colleague(session, permissions=(Permission.VIEW,))
    make_colleague(session, "admin@example.org", permissions=(Permission.ADMINISTER,))
    for _ in range(13):
        give_password("kit@example.org", "wrong")
    time.pass_by(minutes=6)
    give_password("kit@example.org", "wrong")
    mails = session.scalars(select(Message)).all()
    assert [mail.recipient for mail in mails] == ["admin@example.org"]
    assert "kit@example.org" in mails[0].body


@pytest.mark.slow("starts three servers")
def test_two_processes_share_the_count_and_a_restart_does_not_reset_it(live_database: str) -> None:
    """Each try is made by a process of its own."""
    script = (
        "import sys; from datetime import datetime, UTC;"
        "from sqlalchemy import create_engine; from sqlalchemy.orm import Session;"
        "from app.core.db import prepare;"
        "from app.accounts.authentication import password_sign_in;"
        "engine = create_engine(sys.argv[1]); prepare(engine);\n"
        "with Session(engine) as session:\n"
        "    for _ in range(int(sys.argv[2])):\n"
        "        attempt = password_sign_in.attempt(session, email='kit@example.org', ip=None,"
        " at=datetime.now(UTC))\n"
        "        session.commit()\n"
        "        print(bool(attempt.wait))\n"
    )
    command = [sys.executable, "-c", script, live_database]
    both = [subprocess.Popen([*command, "8"], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    refused = "".join(process.communicate()[0] for process in both).split()
    assert (refused.count("False"), refused.count("True")) == (10, 6)
    later = subprocess.run([*command, "1"], capture_output=True, text=True, check=True)
    assert later.stdout.strip() == "True"


def test_many_tries_at_the_same_moment_are_all_counted(live_database: str) -> None:
    engine = create_engine(live_database)
    prepare(engine)

    def try_once(_: int) -> bool:
        with Session(engine) as session:
            attempt = password_sign_in.attempt(
                session, email="kit@example.org", ip=None, at=clock.now()
            )
            session.commit()
            return bool(attempt.wait)

    with ThreadPoolExecutor(8) as pool:
        refused = list(pool.map(try_once, range(24)))
    engine.dispose()
    assert refused.count(False) == 10


def test_a_stranger_cannot_tell_which_addresses_have_an_account(
    session: Session, stranger: FlaskClient, give_password: GivePassword
) -> None:
    make_colleague(session)
    gone = make_colleague(session, "gone@example.org")
    gone.disabled_at = clock.now()
    session.commit()
    stranger.get("/sign-in")
    answers = {
        (
            (response := give_password(email, "wrong")).status_code,
            response.text.replace(email, ""),
            tuple(name for name, _ in response.headers if name != "X-Request-Id"),
        )
        for email in ("kit@example.org", "gone@example.org", "nobody@example.org")
    }
    statuses = {status for status, _, _ in answers}
    assert statuses == {401}
    assert len({without_secrets(text) for _, text, _ in answers}) == 1
    assert len({headers for _, _, headers in answers}) == 1


def test_a_wrong_password_takes_as_long_for_an_unknown_address(live_app: Flask) -> None:
    """To 10 ms, in the middle of many tries; of the processor’s time, which others cannot take."""
    tries = 20
    known: list[float] = []
    unknown: list[float] = []
    for _ in range(tries):
        for times, stored in ((known, HASH_OF_ANOTHER), (unknown, None)):
            began = real_time.thread_time()
            assert not hashing.is_right(stored, "not this one")
            times.append(real_time.thread_time() - began)
    assert abs(statistics.median(known) - statistics.median(unknown)) < 0.010


def test_passwords_are_kept_as_argon2id_with_19_mib_two_passes_and_one_lane() -> None:
    assert hashing.hash_password(PASSWORD).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_hash_made_with_weaker_settings_is_made_anew_when_its_owner_signs_in(
    session: Session, give_password: GivePassword
) -> None:
    user = make_colleague(session)
    user.password_hash = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    session.commit()
    assert give_password("kit@example.org").status_code == 302
    session.expire_all()
    assert "m=19456,t=2,p=1" in (user.password_hash or "")
    assert hashing.is_right(user.password_hash, PASSWORD)


def test_a_password_of_more_than_1024_bytes_is_never_right() -> None:
    assert not hashing.is_right(hashing.hash_password("x" * 1024), "x" * 1025)
    assert hashing.is_right(hashing.hash_password("x" * 1024), "x" * 1024)


def test_the_same_letters_typed_on_another_keyboard_are_the_same_password() -> None:
    assert hashing.is_right(hashing.hash_password("Siân caffè ångström"), "Siân caffè ångström")


def test_only_one_password_is_hashed_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now_hashing, most = [], []

    class Slow:
        def hash(self, _: bytes) -> str:
            now_hashing.append(1)
            most.append(len(now_hashing))
            real_time.sleep(0.01)
            now_hashing.pop()
            return ""

    monkeypatch.setattr(hashing, "_hasher", Slow())
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(hashing.hash_password, ["x"] * 6))
    assert max(most) == 1


def test_what_a_visitor_says_about_their_address_counts_only_behind_that_many_proxies(
    app: Flask, session: Session, give_password: GivePassword, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_colleague(session)
    said = {"X-Forwarded-For": "203.0.113.9, 198.51.100.4"}
    assert ip_of_sign_in(session, give_password("kit@example.org", headers=said)) == "127.0.0.1"
    monkeypatch.setattr(app, "wsgi_app", ProxyFix(app.wsgi_app, x_for=1))
    assert ip_of_sign_in(session, give_password("kit@example.org", headers=said)) == "198.51.100.4"


def test_a_user_without_a_password_cannot_sign_in_with_an_empty_one(
    session: Session, give_password: GivePassword
) -> None:
    user = make_colleague(session)
    user.password_hash = None
    session.commit()
    assert give_password("kit@example.org", "").status_code == 200
    assert give_password("kit@example.org", "None").status_code == 401


def test_whoever_was_disabled_while_the_password_was_checked_does_not_get_in(
    session: Session,
) -> None:
    user = make_colleague(session)
    attempt = password_sign_in.attempt(session, email=user.email, ip=None, at=clock.now())
    user.disabled_at = clock.now()
    session.commit()
    assert password_sign_in.accept(session, attempt, PASSWORD) is None


HASH_OF_ANOTHER = hashing.hash_password("some other words entirely")


def without_secrets(html: str) -> str:
    return "\n".join(
        line for line in html.splitlines() if "nonce" not in line and "csrf" not in line.lower()
    )


def ip_of_sign_in(session: Session, response: TestResponse) -> str | None:
    assert response.status_code == 302
    newest = select(func.max(AuditEvent.id)).where(AuditEvent.action == "signed in")
    return session.scalar(select(AuditEvent.ip).where(AuditEvent.id == newest.scalar_subquery()))


def test_a_form_of_many_fields_from_a_stranger_is_turned_away_unread(stranger: FlaskClient) -> None:
    body = "&".join(["a="] * 200_000)
    for page in ("/sign-in", "/new-password"):
        answer = stranger.post(page, data=body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code == 413
