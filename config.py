"""Settings, read once from the environment; nothing else in the app reads os.environ.

Everything wrong is said at once, a sentence each, and Liaise does not start. *Production* means
that BASE_URL is https; otherwise Liaise can be reached from this machine only.
"""

import os
import secrets
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from email.utils import parseaddr
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

ROOT = Path(__file__).parent

KEY_BYTES = 32
SAMPLE_WORDS = ("change", "secret", "example", "insecure", "default", "password", "flask", "12345")

MAIL_SETTINGS = (
    "MAIL_SERVER",
    "MAIL_PORT",
    "MAIL_USE_TLS",
    "MAIL_USE_SSL",
    "MAIL_USERNAME",
    "MAIL_PASSWORD",
    "MAIL_DEFAULT_SENDER",
)
NEEDS_MAIL_SERVER = MAIL_SETTINGS[1:-1]

YES = {"1", "true", "yes", "on"}
NO = {"", "0", "false", "no", "off"}


class BadSettings(Exception):
    """Settings that Liaise will not start with; `problems` has a sentence for each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class Config:
    SECRET_KEY: str
    DATABASE_URL: str
    DATA_DIR: Path
    HOST: str = "127.0.0.1"
    PORT: int = 8000
    BASE_URL: str = "http://127.0.0.1:8000"
    PROXY_HOPS: int = 0
    LOOPBACK_ONLY: bool = False
    MONITOR_URL: str = ""  # called after each sign of life of the jobs

    MAIL_SERVER: str = ""
    MAIL_PORT: int = 25
    MAIL_USE_TLS: bool = False
    MAIL_USE_SSL: bool = False
    MAIL_USERNAME: str | None = None
    MAIL_PASSWORD: str | None = None
    MAIL_DEFAULT_SENDER: str = "Liaise <liaise@liaise.test>"
    CATCHER_PORT: int | None = None  # of the built-in catcher, in a process that runs one

    TESTING: bool = False
    WTF_CSRF_ENABLED: bool = True
    WTF_CSRF_TIME_LIMIT: int | None = None  # a page left open overnight can still be saved

    @property
    def IS_PRODUCTION(self) -> bool:
        return self.BASE_URL.startswith("https://")

    @property
    def MAIL_IS_CAUGHT(self) -> bool:
        """No mail server is configured, so mail stays in the built-in catcher."""
        return not self.MAIL_SERVER

    @property
    def TRUSTED_HOSTS(self) -> list[str]:
        """Whom a request may take us for. Links never come from here, only from BASE_URL."""
        own = urlsplit(self.BASE_URL).hostname or ""
        return [own] if self.IS_PRODUCTION else [own, "localhost", "127.0.0.1", "[::1]"]

    @property
    def SESSION_COOKIE_NAME(self) -> str:
        return "__Host-liaise" if self.IS_PRODUCTION else "liaise"

    @property
    def SESSION_COOKIE_SECURE(self) -> bool:
        return self.IS_PRODUCTION

    SESSION_COOKIE_HTTPONLY = True
    SESSION_COOKIE_SAMESITE = "Lax"

    @property
    def SQLITE_FILE(self) -> Path | None:
        url = make_url(self.DATABASE_URL)
        return Path(url.database or "") if url.get_backend_name() == "sqlite" else None

    @property
    def SQLALCHEMY_ENGINES(self) -> dict[str, Any]:
        """An error report names the statement that failed, never the values in it."""
        options: dict[str, Any] = {"url": self.DATABASE_URL, "hide_parameters": not self.TESTING}
        if self.SQLITE_FILE is None:
            options["pool_pre_ping"] = True
            waits = "-c lock_timeout=5000 -c statement_timeout=60000"
            options["connect_args"] = {"options": waits}
        return {"default": options}

    @classmethod
    def from_env(cls) -> "Config":
        """The settings, or the end of the process with a sentence for each wrong one."""
        try:
            return read(os.environ)
        except BadSettings as bad:
            for problem in bad.problems:
                sys.stderr.write(f"{problem}\n")
            raise SystemExit(2) from None


def read(environ: Mapping[str, str]) -> Config:
    reader = Reader({name: value.strip() for name, value in environ.items()})
    values: dict[str, Any] = {}
    values |= reader.place()
    values |= reader.storage()
    values |= reader.mail()
    values |= reader.monitor(values["LOOPBACK_ONLY"])
    if not reader.problems:
        values["SECRET_KEY"] = reader.secret_key(values["BASE_URL"], values["DATA_DIR"])
    if reader.problems:
        raise BadSettings(reader.problems)
    return Config(**values)


class Reader:
    """Reads one group of settings after another, collecting what is wrong with them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.problems: list[str] = []

    def place(self) -> dict[str, Any]:
        """Where Liaise listens, and what its address is to people."""
        host = self._text("HOST", "127.0.0.1")
        port = self._number("PORT", 8000, 1, 65535)
        base_url = self._text("BASE_URL", f"http://127.0.0.1:{port}").rstrip("/")
        problem = wrong_with_base_url(base_url)
        if problem:
            self.problems.append(problem)
        elif not base_url.startswith("https://") and not is_loopback(host):
            self.problems.append(
                f"HOST is {host}, which other machines can reach, so BASE_URL must be the https "
                "address people use; or leave HOST out to listen on this machine only."
            )
        if base_url.startswith("https://") and self._flag("FLASK_DEBUG", default=False):
            self.problems.append("FLASK_DEBUG must not be set when BASE_URL is https: unset it.")
        return {
            "HOST": host,
            "PORT": port,
            "BASE_URL": base_url,
            "PROXY_HOPS": self._number("PROXY_HOPS", 0, 0, 10),
            "LOOPBACK_ONLY": self._flag("LOOPBACK_ONLY", default=False),
        }

    def storage(self) -> dict[str, Any]:
        folder = Path(self._text("DATA_DIR", str(ROOT / "data"))).expanduser().absolute()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            self.problems.append(f"DATA_DIR {folder} cannot be made: {error.strerror}.")
        else:
            if not os.access(folder, os.W_OK | os.X_OK):
                self.problems.append(f"DATA_DIR {folder} cannot be written to by this user.")
        address = self._text("DATABASE_URL", f"sqlite:///{folder / 'liaise.sqlite3'}")
        return {"DATA_DIR": folder, "DATABASE_URL": self._database(address)}

    def mail(self) -> dict[str, Any]:
        self._refuse_unknown_mail_settings()
        sender = self._text("MAIL_DEFAULT_SENDER", "")
        if sender and not is_mailbox(sender):
            self.problems.append(
                "MAIL_DEFAULT_SENDER must be an address such as "
                "Liaise <liaise@example.org>; it is not one."
            )
        given = {"MAIL_DEFAULT_SENDER": sender} if sender else {}
        server = self._text("MAIL_SERVER", "")
        if not server:
            idle = [name for name in NEEDS_MAIL_SERVER if self._text(name, "")]
            if idle:
                self.problems.append(
                    f"{', '.join(idle)} would do nothing without MAIL_SERVER: "
                    "set MAIL_SERVER too, or unset the others."
                )
            return given
        if not sender:
            self.problems.append(
                "MAIL_DEFAULT_SENDER is needed with MAIL_SERVER: the address Liaise writes from."
            )
        return {**given, "MAIL_SERVER": server, **self._to(server)}

    def monitor(self, loopback_only: bool) -> dict[str, Any]:
        url = self._text("MONITOR_URL", "")
        if problem := wrong_with_monitor(url, loopback_only):
            self.problems.append(problem)
        return {"MONITOR_URL": url}

    def secret_key(self, base_url: str, folder: Path) -> str:
        key = self._text("SECRET_KEY", "")
        if not key and not base_url.startswith("https://"):
            return kept_key(folder / "secret_key")
        if not key:
            self.problems.append(
                "SECRET_KEY is needed when BASE_URL is https: set it to the output of "
                "python3 -c 'import secrets; print(secrets.token_hex(32))'."
            )
        elif len(key.encode()) < KEY_BYTES:
            self.problems.append(
                f"SECRET_KEY has {len(key.encode())} bytes and needs at least {KEY_BYTES}."
            )
        elif is_sample_key(key):
            self.problems.append(
                "SECRET_KEY looks like a sample that others could guess: make a random one."
            )
        return key

    def _to(self, server: str) -> dict[str, Any]:
        """How to reach the mail server: encrypted, unless it is on this very machine."""
        ssl = self._flag("MAIL_USE_SSL", default=False)
        tls = self._flag("MAIL_USE_TLS", default=not ssl and not is_loopback(server))
        username, password = self._text("MAIL_USERNAME", ""), self._text("MAIL_PASSWORD", "")
        if ssl and tls:
            self.problems.append("MAIL_USE_TLS and MAIL_USE_SSL exclude each other: set one.")
        if bool(username) != bool(password):
            self.problems.append("MAIL_USERNAME and MAIL_PASSWORD go together: set both or none.")
        if username and not (ssl or tls or is_loopback(server)):
            self.problems.append(
                "MAIL_PASSWORD would cross the network unencrypted: "
                "set MAIL_USE_TLS or MAIL_USE_SSL to true."
            )
        usual_port = 465 if ssl else 587 if tls else 25
        return {
            "MAIL_PORT": self._number("MAIL_PORT", usual_port, 1, 65535),
            "MAIL_USE_TLS": tls,
            "MAIL_USE_SSL": ssl,
            "MAIL_USERNAME": username or None,
            "MAIL_PASSWORD": password or None,
        }

    def _refuse_unknown_mail_settings(self) -> None:
        for name in sorted(self.environ):
            if name.startswith("MAIL_") and name not in MAIL_SETTINGS:
                near = get_close_matches(name, MAIL_SETTINGS, n=1)
                hint = f"did you mean {near[0]}?" if near else "unset it."
                self.problems.append(f"{name} is not a setting of Liaise: {hint}")

    def _database(self, address: str) -> str:
        wanted = "DATABASE_URL must be sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE; "
        try:
            url = make_url(address)
        except ArgumentError:
            self.problems.append(f"{wanted}it cannot be read.")
            return ""
        if url.drivername in {"postgres", "postgresql"}:
            url = url.set(drivername="postgresql+psycopg")
        if url.drivername == "postgresql+psycopg" and url.database:
            return url.render_as_string(hide_password=False)
        if url.drivername == "sqlite" and url.database not in {None, "", ":memory:"}:
            return str(URL.create("sqlite", database=str(Path(url.database or "").absolute())))
        self.problems.append(f"{wanted}it names {url.drivername} and {url.database or 'no'} data.")
        return ""

    def _text(self, name: str, default: str) -> str:
        return self.environ.get(name) or default

    def _number(self, name: str, default: int, least: int, most: int) -> int:
        text = self._text(name, str(default))
        if text.isascii() and text.isdigit() and least <= int(text) <= most:
            return int(text)
        self.problems.append(f"{name} must be a whole number from {least} to {most}, not {text!r}.")
        return default

    def _flag(self, name: str, *, default: bool) -> bool:
        text = self.environ.get(name)
        if not text:
            return default
        if text.lower() not in YES | NO:
            self.problems.append(f"{name} must be true or false, not {text!r}.")
        return text.lower() in YES


def wrong_with_base_url(base_url: str) -> str | None:
    try:
        parts = urlsplit(base_url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in {"http", "https"}:
        return "BASE_URL must be an address such as https://liaise.example.org."
    if parts.path or parts.query or parts.fragment or parts.username:
        return "BASE_URL must have nothing after the host and port: Liaise needs a host of its own."
    if parts.scheme == "http" and not is_loopback(host):
        return f"BASE_URL must be https: people's passwords would cross the network to {host}."
    return None


def wrong_with_monitor(url: str, loopback_only: bool) -> str | None:
    if not url:
        return None
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    # It is sent as it stands, in a line of its own.
    is_plain = url.isascii() and url.isprintable() and " " not in url
    if not host or not is_plain or parts.scheme not in {"http", "https"} or parts.username:
        return "MONITOR_URL must be an address such as https://monitor.example.org/ping/liaise."
    if parts.scheme == "http" and not is_loopback(host):
        return "MONITOR_URL must be https: whoever read it on the way could speak for Liaise."
    if loopback_only and not is_loopback(host):
        return "MONITOR_URL is on another machine, which LOOPBACK_ONLY forbids: unset one of them."
    return None


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def is_mailbox(text: str) -> bool:
    address = parseaddr(text)[1]
    name, at, domain = address.rpartition("@")
    return bool(name and at and domain) and text.isprintable() and " " not in address


def is_sample_key(key: str) -> bool:
    return len(set(key)) < 12 or any(word in key.lower() for word in SAMPLE_WORDS)


def kept_key(path: Path) -> str:
    """The key this installation made for itself the first time, readable by its owner only."""
    if not path.exists():
        new = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(KEY_BYTES))
        with suppress(FileExistsError):  # another process was first: its key is the key
            os.link(new, path)
        new.unlink()
    path.chmod(0o600)
    key = path.read_text().strip()
    if len(key) < KEY_BYTES:
        raise BadSettings([f"{path} does not hold a whole key: remove it and a new one is made."])
    return key
