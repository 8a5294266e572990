"""What Liaise will start with, and the sentence for everything it will not."""

import secrets
from pathlib import Path

import pytest

from config import BadSettings, Config, read

KEY = secrets.token_hex(32)
LIVE = {"BASE_URL": "https://liaise.example.org", "SECRET_KEY": KEY}
MAIL = {"MAIL_SERVER": "mail.example.org", "MAIL_DEFAULT_SENDER": "Liaise <liaise@example.org>"}

REFUSED = [
    ({"PORT": "eighty"}, "PORT must be a whole number from 1 to 65535, not 'eighty'."),
    ({"PORT": "0"}, "PORT must be"),
    ({"PORT": "65536"}, "PORT must be"),
    ({"PORT": "٨٠٠٠"}, "PORT must be"),
    ({"PROXY_HOPS": "-1"}, "PROXY_HOPS must be"),
    ({"PROXY_HOPS": "all"}, "PROXY_HOPS must be"),
    ({"LOOPBACK_ONLY": "perhaps"}, "LOOPBACK_ONLY must be true or false"),
    ({"MONITOR_URL": "monitor.example.org"}, "MONITOR_URL must be an address"),
    ({"MONITOR_URL": "https://"}, "MONITOR_URL must be an address"),
    ({"MONITOR_URL": "https://me:pw@monitor.example.org/"}, "MONITOR_URL must be an address"),
    ({"MONITOR_URL": "https://monitor.example.org/a\r\nHost: b"}, "MONITOR_URL must be an address"),
    ({"MONITOR_URL": "http://monitor.example.org/ping"}, "MONITOR_URL must be https"),
    (
        {"MONITOR_URL": "https://monitor.example.org/ping", "LOOPBACK_ONLY": "1"},
        "MONITOR_URL is on another machine",
    ),
    ({"BASE_URL": "liaise.example.org"}, "BASE_URL must be an address"),
    ({"BASE_URL": "ftp://liaise.example.org"}, "BASE_URL must be an address"),
    ({"BASE_URL": "https://"}, "BASE_URL must be an address"),
    ({"BASE_URL": "https://[::1"}, "BASE_URL must be an address"),
    ({"BASE_URL": "https://liaise.example.org:port"}, "BASE_URL must be an address"),
    ({"BASE_URL": "https://example.org/liaise"}, "BASE_URL must have nothing after"),
    ({"BASE_URL": "https://me@example.org"}, "BASE_URL must have nothing after"),
    ({"BASE_URL": "http://liaise.example.org"}, "BASE_URL must be https"),
    ({"HOST": "0.0.0.0"}, "HOST is 0.0.0.0, which other machines can reach"),
    ({"HOST": "::"}, "HOST is ::"),
    ({"HOST": "192.0.2.1"}, "HOST is 192.0.2.1"),
    ({**LIVE, "SECRET_KEY": ""}, "SECRET_KEY is needed when BASE_URL is https"),
    ({**LIVE, "SECRET_KEY": "x" * 31}, "SECRET_KEY has 31 bytes and needs at least 32."),
    ({**LIVE, "SECRET_KEY": "ab" * 16}, "SECRET_KEY looks like a sample"),
    ({**LIVE, "SECRET_KEY": "please-change-this-key-before-you-go-live"}, "looks like a sample"),
    ({"SECRET_KEY": "short"}, "SECRET_KEY has 5 bytes"),
    ({**LIVE, "FLASK_DEBUG": "1"}, "FLASK_DEBUG must not be set"),
    ({"DATABASE_URL": "mysql://localhost/liaise"}, "DATABASE_URL must be"),
    ({"DATABASE_URL": "liaise"}, "DATABASE_URL must be"),
    ({"DATABASE_URL": "sqlite://"}, "DATABASE_URL must be"),
    ({"DATABASE_URL": "sqlite:///:memory:"}, "DATABASE_URL must be"),
    ({"DATABASE_URL": "postgresql://localhost"}, "DATABASE_URL must be"),
    ({"DATA_DIR": "/proc/liaise"}, "DATA_DIR /proc/liaise cannot be made"),
    ({"MAIL_USE_SLL": "1"}, "MAIL_USE_SLL is not a setting of Liaise: did you mean MAIL_USE_SSL?"),
    ({"MAIL_PORT": "587"}, "MAIL_PORT would do nothing without MAIL_SERVER"),
    ({"MAIL_SERVER": "mail.example.org"}, "MAIL_DEFAULT_SENDER is needed with MAIL_SERVER"),
    ({"MAIL_DEFAULT_SENDER": "Liaise"}, "MAIL_DEFAULT_SENDER must be an address"),
    ({"MAIL_DEFAULT_SENDER": "a@b\r\nBcc: c@d"}, "MAIL_DEFAULT_SENDER must be an address"),
    ({**MAIL, "MAIL_PORT": "smtp"}, "MAIL_PORT must be"),
    ({**MAIL, "MAIL_USE_TLS": "1", "MAIL_USE_SSL": "1"}, "exclude each other"),
    ({**MAIL, "MAIL_USERNAME": "liaise"}, "MAIL_USERNAME and MAIL_PASSWORD go together"),
    ({**MAIL, "MAIL_PASSWORD": "pw"}, "MAIL_USERNAME and MAIL_PASSWORD go together"),
    (
        {**MAIL, "MAIL_USERNAME": "u", "MAIL_PASSWORD": "pw", "MAIL_USE_TLS": "no"},
        "MAIL_PASSWORD would cross the network unencrypted",
    ),
]


def config(tmp_path: Path, **environ: str) -> Config:
    return read({"DATA_DIR": str(tmp_path / "data"), **environ})


@pytest.mark.parametrize(("environ", "sentence"), REFUSED)
def test_a_wrong_setting_is_one_plain_sentence(
    tmp_path: Path, environ: dict[str, str], sentence: str
) -> None:
    with pytest.raises(BadSettings) as refusal:
        config(tmp_path, **environ)
    (problem,) = refusal.value.problems
    assert sentence in problem
    assert problem.endswith((".", "?"))


def test_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadSettings) as refusal:
        config(tmp_path, PORT="x", BASE_URL="x", MAIL_PORT="x", DATABASE_URL="x")
    assert len(refusal.value.problems) == 4


def test_a_sentence_never_repeats_a_secret(tmp_path: Path) -> None:
    with pytest.raises(BadSettings) as refusal:
        config(
            tmp_path,
            BASE_URL=LIVE["BASE_URL"],
            SECRET_KEY="s3cr3t",
            DATABASE_URL="mysql://me:s3cr3t@localhost/x",
            MAIL_PASSWORD="s3cr3t",
        )
    assert "s3cr3t" not in str(refusal.value)


def test_a_wrong_setting_ends_the_process_with_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PORT", "x")
    with pytest.raises(SystemExit) as end:
        Config.from_env()
    assert end.value.code == 2
    assert capsys.readouterr().err.startswith("PORT must be a whole number")


def test_with_no_settings_only_this_machine_can_reach_liaise(tmp_path: Path) -> None:
    found = config(tmp_path)
    assert (found.HOST, found.PORT) == ("127.0.0.1", 8000)
    assert found.BASE_URL == "http://127.0.0.1:8000"
    assert f"sqlite:///{tmp_path}/data/liaise.sqlite3" == found.DATABASE_URL
    assert found.PROXY_HOPS == 0
    assert found.MAIL_IS_CAUGHT
    assert not found.IS_PRODUCTION
    assert found.SESSION_COOKIE_NAME == "liaise"
    assert not found.SESSION_COOKIE_SECURE


def test_the_address_follows_the_port(tmp_path: Path) -> None:
    assert config(tmp_path, PORT="8099").BASE_URL == "http://127.0.0.1:8099"


def test_in_production_the_cookie_is_bound_to_https_and_the_host_is_known(tmp_path: Path) -> None:
    found = config(tmp_path, **LIVE, HOST="0.0.0.0")
    assert found.IS_PRODUCTION
    assert found.SESSION_COOKIE_NAME == "__Host-liaise"
    assert found.SESSION_COOKIE_SECURE
    assert found.TRUSTED_HOSTS == ["liaise.example.org"]


def test_a_key_is_made_once_and_is_for_its_owner_only(tmp_path: Path) -> None:
    first = config(tmp_path).SECRET_KEY
    kept = tmp_path / "data" / "secret_key"
    assert len(first) == 64
    assert kept.stat().st_mode & 0o777 == 0o600
    kept.chmod(0o644)
    assert first == config(tmp_path).SECRET_KEY
    assert kept.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in kept.parent.iterdir()] == ["secret_key"]


def test_half_a_kept_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "secret_key").write_text("abc")
    with pytest.raises(BadSettings, match="does not hold a whole key"):
        config(tmp_path)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_usual_postgresql_address_is_understood(tmp_path: Path, scheme: str) -> None:
    found = config(tmp_path, DATABASE_URL=f"{scheme}://me:pw@db.example.org/liaise")
    assert found.DATABASE_URL == "postgresql+psycopg://me:pw@db.example.org/liaise"
    assert found.SQLITE_FILE is None


@pytest.mark.parametrize(
    ("given", "port", "tls", "ssl"),
    [
        ({}, 587, True, False),
        ({"MAIL_USE_TLS": "true"}, 587, True, False),
        ({"MAIL_USE_SSL": "true"}, 465, False, True),
        ({"MAIL_USE_TLS": "false"}, 25, False, False),
        ({"MAIL_SERVER": "127.0.0.1"}, 25, False, False),
        ({"MAIL_PORT": "2525"}, 2525, True, False),
    ],
)
def test_mail_is_encrypted_unless_somebody_says_otherwise(
    tmp_path: Path, given: dict[str, str], port: int, tls: bool, ssl: bool
) -> None:
    found = config(tmp_path, **{**MAIL, **given})
    assert (port, tls, ssl) == (found.MAIL_PORT, found.MAIL_USE_TLS, found.MAIL_USE_SSL)
    assert not found.MAIL_IS_CAUGHT


def test_an_empty_setting_is_no_setting(tmp_path: Path) -> None:
    assert config(tmp_path, PORT="", MAIL_SERVER="", SECRET_KEY=" ", BASE_URL="").PORT == 8000
