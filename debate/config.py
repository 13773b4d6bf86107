"""The settings: read from the environment once, checked once, then passed about as one value."""

import importlib.util
import ipaddress
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from debate.display import LANGUAGES

PREFIX = "DEBATE_"


class Literal(str):
    """An IPv6 address in its brackets, among trusted names: of those Werkzeug forgets all from the first colon on."""

    def partition(self, sep: str, /) -> tuple[str, str, str]:
        return str(self), "", ""


LOOPBACK_NAMES = ("localhost", "127.0.0.1", Literal("[::1]"))
# Names that belong to parts not built yet, or to the tests: known, and without effect here.
QUIET = {"TEST_DATABASE_URL", "TEST_REDIS_URL", "TEST_REQUIRE", "INSTANCE"}


class BadSetting(ValueError):
    """A setting has a value that cannot be used; the message is one line that names it."""


@dataclass(frozen=True)
class Settings:
    """All that can be set from outside; see README for the environment variables."""

    database_url: str
    secret_key: str = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 5000
    workers: int = 2
    threads: int = 8
    drain: int = 2
    trusted_hosts: tuple[str, ...] = LOOPBACK_NAMES
    publishing: str = "moderators"
    registration: str = "open"
    https: bool = False
    language: str = "en"
    limits: bool = True
    redis_url: str = ""
    replica_url: str = ""
    proxies: int = 0
    url: str = "http://localhost:5000"  # of the site as the world sees it; letters link to it
    mail_url: str = "console:"
    mail_from: str = "debate@localhost"
    log: str = "json"
    metrics: str = field(default="", repr=False)
    testing: bool = False


def is_loopback(host: str) -> bool:
    """Whether a bound address can be reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def from_environment(environ: Mapping[str, str], instance: Path) -> Settings:
    """Settings from DEBATE_* variables; `instance` holds the SQLite file and the secret key.

    Raises BadSetting for the first value that cannot be used.
    """
    read = _Reader(environ)
    host = read.text("HOST", "127.0.0.1").removeprefix("[").removesuffix("]")
    local = is_loopback(host)
    limits = read.switch("LIMITS", True)
    if not limits and not local:
        raise BadSetting(f"DEBATE_LIMITS: off is for tests and only while bound to a loopback address, not {host}.")
    https = read.switch("HTTPS", not local)
    port = read.number("PORT", 5000, 1, 65535)
    trusted = _trusted_hosts(read.text("TRUSTED_HOSTS", ""), host)
    url = _url(read.text("URL", ""), https, trusted, host, port)
    database_url = _database_url(read.text("DATABASE_URL", ""), instance)
    return Settings(
        database_url=database_url,
        secret_key=_secret_key(read.text("SECRET_KEY", ""), instance),
        host=host,
        port=port,
        workers=read.number("WORKERS", 2, 1, 64),
        threads=read.number("THREADS", 8, 1, 64),
        drain=read.number("DRAIN", 2, 0, 20),
        trusted_hosts=trusted,
        publishing=read.choice("PUBLISHING", "moderators", "everyone"),
        registration=read.choice("REGISTRATION", "open", "approval", "closed"),
        https=https,
        language=read.choice("LANGUAGE", *LANGUAGES),
        limits=limits,
        redis_url=_redis_url(read.text("REDIS_URL", "")),
        replica_url=_replica_url(read.text("REPLICA_URL", ""), database_url),
        proxies=read.number("PROXIES", 0, 0, 9),
        url=url,
        mail_url=_mail_url(read.text("MAIL_URL", "console:")),
        mail_from=_mail_from(read.text("MAIL_FROM", ""), url),
        log=read.choice("LOG", "json", "text", "off"),
        metrics=_metrics(read.text("METRICS", "")),
    )


def unknown(environ: Mapping[str, str]) -> list[str]:
    """The DEBATE_* variables that nothing reads: most likely typing mistakes."""
    known = QUIET | {name.upper() for name in Settings.__dataclass_fields__} - {"TESTING"}
    return sorted(name for name in environ if name.startswith(PREFIX) and name[len(PREFIX) :] not in known)


@dataclass(frozen=True)
class _Reader:
    environ: Mapping[str, str]

    def text(self, name: str, default: str) -> str:
        return self.environ.get(PREFIX + name, "").strip() or default

    def number(self, name: str, default: int, least: int, most: int) -> int:
        given = self.text(name, str(default))
        if not (given.isascii() and given.isdigit() and least <= int(given) <= most):
            raise BadSetting(f"{PREFIX}{name}: {given!r} is not a whole number from {least} to {most}.")
        return int(given)

    def choice(self, name: str, *allowed: str) -> str:
        given = self.text(name, allowed[0]).lower()
        if given not in allowed:
            raise BadSetting(f"{PREFIX}{name}: {given!r} is not one of {', '.join(allowed)}.")
        return given

    def switch(self, name: str, default: bool) -> bool:
        return self.choice(name, *(("on", "off") if default else ("off", "on"))) == "on"


def _database_url(given: str, instance: Path) -> str:
    if not given:
        return f"sqlite:///{instance / 'debate.db'}"
    try:
        url = make_url(given)
        backend = url.get_backend_name()
    except (ArgumentError, ValueError) as error:
        raise BadSetting("DEBATE_DATABASE_URL: this is not a database address.") from error
    if backend == "sqlite":
        if not url.database or url.database == ":memory:":
            raise BadSetting("DEBATE_DATABASE_URL: SQLite needs a file, as in sqlite:////srv/debate/debate.db.")
        url = url.set(drivername="sqlite+pysqlite")
    elif backend in ("postgresql", "postgres"):
        url = url.set(drivername="postgresql+psycopg")
    else:
        raise BadSetting(f"DEBATE_DATABASE_URL: {backend!r} is not a database used here; use sqlite or postgresql.")
    return url.render_as_string(hide_password=False)


def _replica_url(given: str, database_url: str) -> str:
    if not given:
        return ""
    try:
        url = make_url(given)
        backend = url.get_backend_name()
    except (ArgumentError, ValueError) as error:
        raise BadSetting("DEBATE_REPLICA_URL: this is not a database address.") from error
    if backend not in ("postgresql", "postgres") or not database_url.startswith("postgresql"):
        raise BadSetting("DEBATE_REPLICA_URL: only PostgreSQL has replicas; DEBATE_DATABASE_URL has to be one, too.")
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def _redis_url(given: str) -> str:
    if given and not given.startswith(("redis://", "rediss://", "unix://")):
        raise BadSetting("DEBATE_REDIS_URL: this is not an address of a Redis server, as in redis://127.0.0.1:6379/0.")
    if given and importlib.util.find_spec("redis") is None:
        raise BadSetting("DEBATE_REDIS_URL: the Python package redis is not installed: pip install 'debate[redis]'.")
    return given


def _url(given: str, https: bool, trusted: tuple[str, ...], host: str, port: int) -> str:
    """The site's address without a path; where none is given, the first name that is not this machine's own."""
    if not given:
        outside = [name for name in trusted if name not in LOOPBACK_NAMES and name != host]
        return f"{'https' if https else 'http'}://{outside[0] if outside else f'{trusted[0]}:{port}'}"
    parts = urlsplit(given)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise BadSetting("DEBATE_URL: this is not the address of a site, as in https://debate.example.org.")
    return f"{parts.scheme}://{parts.netloc}"


def _mail_url(given: str) -> str:
    parts = urlsplit(given)
    if given not in ("console", "console:") and not (parts.scheme in ("smtp", "smtps") and parts.hostname):
        raise BadSetting("DEBATE_MAIL_URL: use console:, or a mail server as in smtp://name:password@mail.example.org.")
    try:
        _ = parts.port
    except ValueError as error:
        raise BadSetting("DEBATE_MAIL_URL: the port is not a number.") from error
    return given


def _mail_from(given: str, url: str) -> str:
    """The address that letters come from."""
    if given and not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", given):
        raise BadSetting(f"DEBATE_MAIL_FROM: {given!r} is not an e-mail address.")
    return given or f"debate@{urlsplit(url).hostname}"


def _metrics(given: str) -> str:
    if given and not (len(given) >= 16 and given.isascii() and given.isprintable() and " " not in given):
        raise BadSetting("DEBATE_METRICS: use at least 16 characters of ASCII without spaces, or leave it out.")
    return given


def _secret_key(given: str, instance: Path) -> str:
    if given:
        if len(given) < 16:
            raise BadSetting("DEBATE_SECRET_KEY: use at least 16 characters, or leave it out to have one made.")
        return given
    file = instance / "secret_key"
    try:
        instance.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_once(file, secrets.token_hex(32))
        kept = file.read_text().strip()
    except OSError as error:
        raise BadSetting(f"DEBATE_SECRET_KEY: none is set and {file} cannot be used ({error.strerror}).") from error
    if len(kept) < 16:
        raise BadSetting(f"DEBATE_SECRET_KEY: {file} is too short to be a key; delete it to have a new one made.")
    return kept


def _write_once(file: Path, words: str) -> None:
    """Put words into a file that does not exist yet, whole or not at all: two starts at once get the same key."""
    if file.exists():
        return
    draft = file.with_name(f"{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as out:
            out.write(words)
            out.flush()
            os.fsync(out.fileno())
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _trusted_hosts(given: str, host: str) -> tuple[str, ...]:
    if not given:
        return tuple(dict.fromkeys((*LOOPBACK_NAMES, Literal(f"[{host}]") if ":" in host else host)))
    names = tuple(_trusted(name.strip().lower()) for name in given.split(",") if name.strip())
    if not names:  # Werkzeug would take every name
        raise BadSetting(f"DEBATE_TRUSTED_HOSTS: there is no name in {given!r}.")
    return names


def _trusted(name: str) -> str:
    try:
        if name.startswith("[") and name.endswith("]"):
            return Literal(f"[{ipaddress.IPv6Address(name[1:-1])}]")
        bare, _, rest = name.removeprefix(".").partition(":")
        if bare.encode("idna") and not re.search(r"[/\s*\[:]", bare + rest):
            return name
    except ValueError:  # a name that has no encoding, too
        pass
    raise BadSetting(f"DEBATE_TRUSTED_HOSTS: {name!r} is not a host name, nor an IPv6 address as in [::1].")
