"""What is known of a running site: its log, figures, backups, the page for admins; and what must not be in them."""

import json
import logging
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cast import Browser, EssayAt, add_user, page, report, vote, words
from flask import Flask
from flask.testing import FlaskCliRunner
from live import KINDS, Person, Site, lacking, site_on
from sqlalchemy import delete, event, insert, make_url, update
from sqlalchemy.exc import DBAPIError, OperationalError

from debate import backup_records, db, logs
from debate.db import Database
from debate.figures import BOUNDS, HOURS, Figures
from debate.models import BackupNote, Reply, User
from debate.queries import health

TOKEN = "a token for tests, not for others".replace(" ", "-")
SAMPLE = re.compile(r'[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? -?[0-9.]+')
ONE = ("GET", "/one/<id>")

on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
no_database = on_sqlite  # the same on both


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Iterator[list[dict[str, Any]]]:
    """What was logged of requests."""
    caplog.set_level(logging.INFO, "debate.requests")
    found: list[dict[str, Any]] = []
    handler = logging.Handler()
    handler.emit = lambda record: found.append(logs.said(record))  # type: ignore[method-assign]
    logs.REQUESTS.addHandler(handler)
    yield found
    logs.REQUESTS.removeHandler(handler)


# --- the log


@no_database
def test_each_request_leaves_one_line_without_anything_secret(
    app: Flask, essay: EssayAt, critic: Browser, author: Browser, told: list[dict[str, Any]]
) -> None:
    author.post("/essays/new", title="Hidden words", text="Nobody knows yet.", intent="draft")
    critic.get("/search", q="whisper")
    essay.reply(critic, "Said aloud.")
    critic.post(f"{essay.p()}/replies", stance="pro", body="murmured to the log")
    critic.get("/drafts/1/very-secret-link")
    last = told[-1]
    assert set(last) == {"time", "level", "id", "method", "route", "status", "ms", "bytes", "account"}
    assert (last["method"], last["route"], last["status"]) == ("GET", "/drafts/<int:essay_id>/<token>", 404)
    assert (last["account"], last["bytes"] > 0) == (critic.id, True)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", last["time"])
    everything = json.dumps(told)
    for word in ("very-secret-link", "whisper", "murmured", "Hidden", "127.0.0.1", critic.token(), essay.slug):
        assert word not in everything, word


@no_database
def test_a_kept_page_has_the_route_that_made_it(client: Browser, essay: EssayAt, told: list[dict[str, Any]]) -> None:
    for _ in range(2):
        assert client.get(essay.path).status_code == 200
    assert [line["route"] for line in told] == ["/essays/<slug>"] * 2
    assert told[0]["id"] != told[1]["id"]
    assert client.get("/no/such/place").status_code == 404
    assert told[-1]["route"] == ""


@no_database
@pytest.mark.parametrize(
    ("proxies", "given", "kept"),
    [
        (1, "from-the-proxy-01", True), (0, "from-the-proxy-01", False), (1, "short", False), (1, "x" * 65, False),
        (1, "a b c d e f g", False), (1, 'quote"quote"quote', False), (1, "-leading-dash", False), (1, "", False),
    ],
)  # fmt: skip
def test_a_request_keeps_the_number_that_a_proxy_gave_it_if_there_is_one_to_be_believed(
    make_app: Callable[..., Flask], proxies: int, given: str, kept: bool
) -> None:
    answer = make_app(proxies=proxies).test_client().get("/livez", headers={"X-Request-ID": given})
    numbers = answer.headers.getlist("X-Request-ID")
    assert (numbers == [given]) == kept
    assert kept or re.fullmatch(r"[0-9a-f]{16}", numbers[0])


@no_database
@pytest.mark.parametrize("htmx", [False, True])
def test_who_meets_a_failure_is_given_the_number_that_is_in_the_log(
    make_app: Callable[..., Flask], caplog: pytest.LogCaptureFixture, htmx: bool
) -> None:
    app = make_app(testing=False)

    def fails() -> None:
        raise RuntimeError("a fault of ours")

    app.view_functions["site.about"] = fails
    caplog.handler.setFormatter(logs.Json())
    answer = Browser(app).get("/about", htmx=htmx)
    assert answer.status_code == 500
    number = answer.headers["X-Request-ID"]
    assert page(answer).css_first("code").text() == number
    line = json.loads(caplog.text.splitlines()[-1])
    assert (line["id"], line["message"], line["level"]) == (number, "GET /about failed", "error")
    assert "a fault of ours" in line["trace"]
    assert "X-Request-ID" in Browser(app).get("/contact").headers
    assert page(Browser(app).get("/nowhere")).css_first("code") is None


def test_what_the_database_refuses_is_not_in_the_log(app: Flask, database: Database) -> None:
    row = {"name": "Sesame", "name_key": "sesame", "email": "open@example.org", "email_key": "open@example.org",
           "password_hash": "x", "role": "nobody", "made_at": datetime.now(UTC)}  # fmt: skip
    with pytest.raises(DBAPIError) as caught:
        database.write(lambda session: session.execute(insert(User).values(row)) and None)
    record = logging.LogRecord("debate", logging.ERROR, "", 0, "POST %s failed", ("/x",), (None, caught.value, None))  # type: ignore[arg-type]
    for formatter in (logs.Json(), logs.Text()):
        assert "Sesame" not in formatter.format(record)
        assert "open@example.org" not in formatter.format(record)
        assert "IntegrityError" in formatter.format(record)


@pytest.fixture
def loggers() -> Iterator[None]:
    """Puts back what `logs.begin` changes."""
    there = [logging.getLogger(name) for name in ("root", "debate", "debate.requests", "gunicorn.error")]
    before = [(logger, logger.level, logger.handlers, logger.propagate) for logger in there]
    yield
    for logger, level, handlers, propagate in before:
        logger.level, logger.handlers, logger.propagate = level, handlers, propagate
        logger.manager._clear_cache()


@no_database
@pytest.mark.parametrize(("way", "line"), [("text", r"\S+Z info [0-9a-f]{16} GET /livez 200 [0-9.]+ 3\n"), ("off", "")])
def test_the_log_can_be_for_people_or_without_requests(
    app: Flask, loggers: None, capsys: pytest.CaptureFixture[str], way: str, line: str
) -> None:
    logs.begin(way)
    app.test_client().get("/livez")
    app.logger.info("Something else.")
    said = capsys.readouterr().err
    assert re.fullmatch(line + r"\S+Z info debate Something else\.\n", said), said


# --- the figures


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_counts_of_several_processes_are_one_sum_and_outlive_who_counted() -> None:
    figures = Figures([ONE], blocks=3)
    figures.take(0)
    for block in (1, 2):
        child = os.fork()
        if not child:
            figures.take(block)
            for _ in range(5):
                figures.served(ONE, 200, 0.02)
            figures.add("retries", 2)
            figures.add("in flight")
            os.kill(os.getpid(), signal.SIGKILL)
        os.waitpid(child, 0)
    figures.served(ONE, 503, 99)
    figures.served(("GET", "/unheard-of"), 404, 0)
    served = figures.all_served()
    assert served[ONE].classes == (0, 10, 0, 0, 1)
    assert served[ONE].buckets == (0, 0, 10, *[0] * (len(BOUNDS) - 3), 1)
    assert served[ONE].seconds == pytest.approx(99.2)
    assert served["", ""].classes == (0, 0, 0, 1, 0)
    assert figures.total("retries") == 4
    assert (figures.total("in flight"), len(figures.workers())) == (2, 3)
    for block in (1, 2):
        figures.leave(block)
    assert (figures.total("in flight"), [worker.pid for worker in figures.workers()]) == (0, [os.getpid()])
    assert figures.total("retries") == 4


def test_threads_that_count_at_once_lose_nothing() -> None:
    figures = Figures([ONE])
    threads = [threading.Thread(target=lambda: [figures.add("busy") for _ in range(3000)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert figures.total("busy") == 12_000


def test_what_is_counted_by_the_hour_is_forgotten_after_two_days(monkeypatch: pytest.MonkeyPatch) -> None:
    figures = Figures([], blocks=2)
    began = 1_800_000_000 // 3600
    for hour in range(60):
        monkeypatch.setattr(time, "time", lambda hour=hour: (began + hour) * 3600.0)
        figures.take(hour % 2)
        figures.add("too fast", hour)
    found = figures.by_hour("too fast")
    assert found == {began + hour: hour for hour in range(60 - HOURS, 60)}
    assert sum(figures.by_hour("logins refused").values()) == 0
    assert figures.total("too fast") == sum(range(60))


# --- for Prometheus


def asked(app: Flask, given: str | None) -> Any:
    return app.test_client().get("/metrics", headers={"Authorization": given} if given is not None else {})


@no_database
def test_figures_are_nowhere_but_for_who_has_the_token(make_app: Callable[..., Flask], admin: Browser) -> None:
    assert admin.get("/metrics").status_code == 404
    app = make_app(metrics=TOKEN)
    for given in (None, "", "Bearer ", "Bearer x", TOKEN, f"bearer {TOKEN}", f"Bearer {TOKEN} ", f"Bearer {TOKEN}é"):
        assert asked(app, given).status_code == 404, given
    for given in (None, "", "Bearer ", "Bearer"):
        assert asked(make_app(metrics=""), given).status_code == 404, given
    answer = asked(app, f"Bearer {TOKEN}")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert answer.content_type.startswith("text/plain; version=0.0.4")


def samples(answer: Any) -> dict[str, float]:
    """The figures by name and labels; each line is in the format, each name is explained."""
    explained = set(re.findall(r"^# TYPE (\w+) (?:counter|gauge|histogram)$", answer.text, re.MULTILINE))
    found = {}
    for line in answer.text.splitlines():
        if not line.startswith("# "):
            assert SAMPLE.fullmatch(line), line
            assert re.sub(r"(_bucket|_sum|_count)?(\{.*)? .*", "", line) in explained, line
            name, _, value = line.rpartition(" ")
            assert name not in found, line
            found[name] = float(value)
    return found


def test_figures_tell_of_the_node(
    make_app: Callable[..., Flask], app: Flask, essay: EssayAt, critic: Browser, stranger: Browser, backend: str
) -> None:
    if backend == "sqlite":  # what another test noted beside the same file
        kept = Path(make_url(app.extensions["database"].url).database or "")
        backup_records._file(kept).unlink(missing_ok=True)
    reply = essay.reply(critic, "Waited for.")
    report(stranger, reply, "off-topic")
    watched = make_app(metrics=TOKEN, limits=True)
    visitor = Browser(watched)
    for _ in range(3):
        visitor.get(essay.path)
    visitor.get(f"{essay.path}-not")
    add_user(watched, "Forgetful", role="participant")
    for _ in range(6):
        Browser(watched, "Forgetful", 1, password="wrong words").log_in()
    found = samples(asked(watched, f"Bearer {TOKEN}"))
    assert found['debate_requests_total{method="GET",route="/essays/<slug>",status="2xx"}'] == 3
    assert found['debate_requests_total{method="GET",route="/essays/<slug>",status="4xx"}'] == 1
    assert found['debate_requests_total{method="POST",route="/login",status="4xx"}'] == 6
    assert found['debate_request_seconds_bucket{method="GET",route="/essays/<slug>",le="+Inf"}'] == 4
    assert found['debate_request_seconds_count{method="GET",route="/essays/<slug>"}'] == 4
    assert (found["debate_logins_refused_total"], found["debate_too_fast_total"]) == (6, 1)
    assert found["debate_requests_in_flight"] == 1
    assert 1 <= found["debate_database_connections_in_use"] <= 2
    assert (found["debate_database_up"], found["debate_schema_current"], found["debate_workers"]) == (1, 1, 1)
    assert (found['debate_queue_items{kind="reported"}'], found['debate_queue_items{kind="held"}']) == (1, 0)
    assert 0 <= found["debate_newest_reply_age_seconds"] < 600
    assert ("debate_sqlite_wal_bytes" in found) == (backend == "sqlite")
    assert "debate_backup_age_seconds" not in found
    ups = [
        name for name in found if name.startswith('debate_request_seconds_bucket{method="GET",route="/essays/<slug>"')
    ]
    assert [found[name] for name in ups] == sorted(found[name] for name in ups)


def test_figures_are_there_while_the_database_is_not(make_app: Callable[..., Flask], bare_url: str) -> None:
    found = samples(asked(make_app(metrics=TOKEN, database_url=bare_url), f"Bearer {TOKEN}"))
    assert (found["debate_database_up"], found["debate_schema_current"]) == (0, 0)
    assert found["debate_workers"] == 1


@no_database
def test_a_connection_that_could_not_be_made_again_was_not_in_use(make_app: Callable[..., Flask]) -> None:
    app = make_app()
    engine, figures = app.extensions["database"].engine, app.extensions["figures"]

    def refuse(*_: Any) -> None:
        raise sqlite3.OperationalError("gone")

    with engine.connect() as connection:
        assert figures.total("connections") == 1
        connection.invalidate()
    event.listen(engine, "do_connect", refuse)
    for _ in range(3):
        with pytest.raises(OperationalError):
            engine.connect()
    event.remove(engine, "do_connect", refuse)
    assert figures.total("connections") == 0
    with engine.connect():
        assert figures.total("connections") == 1
    assert figures.total("connections") == 0


def test_writes_that_are_tried_again_and_given_up_are_counted(app: Flask, backend: str) -> None:
    url = app.extensions["database"].url
    counted: list[str] = []
    database = Database(url, pool_size=1)
    database.count = counted.append
    question = "SELECT 1 / 0" if backend == "postgresql" else "SELECT 1"

    def refused(_session: object) -> None:
        error = Exception("database is locked")
        error.sqlstate = "40001"  # type: ignore[attr-defined]
        raise db.OperationalError(question, None, error)

    with pytest.raises(db.Busy):
        database.write(refused)
    database.dispose()
    assert counted == ["retries"] * db.TRIES + ["busy"]


# --- backups


@on_sqlite
def test_k3_what_is_known_of_backups_is_what_was_done(
    app: Flask, runner: FlaskCliRunner, database: Database, admin: Browser, tmp_path: Path
) -> None:
    place = Path(make_url(database.url).database or "")
    note = place.with_name(f"{place.name}.backups.json")
    note.unlink(missing_ok=True)
    assert backup_records.of(place).is_late(datetime.now(UTC))
    assert "There is no backup." in words(admin.get("/moderation/health"))
    file = tmp_path / "one.zip"
    assert runner.invoke(args=["backup", str(file)]).exit_code == 0
    known = backup_records.of(place)
    assert (known.size, known.checked_of, known.restored) == (file.stat().st_size, known.made_at, None)
    assert not known.is_late(datetime.now(UTC) + timedelta(hours=25))
    assert known.is_late(datetime.now(UTC) + timedelta(hours=27))
    assert note.stat().st_mode & 0o777 == 0o644
    assert "There is no backup." not in words(admin.get("/moderation/health"))
    note.write_text(note.read_text().replace(known.made_at, "2026-01-31T10:00:00+00:00"))
    assert "The newest backup is older than 26 hours." in words(admin.get("/moderation/health"))
    assert runner.invoke(args=["restore", "--check", str(file)]).exit_code == 0
    checked = backup_records.of(place)
    assert (checked.made_at, checked.checked_of) == ("2026-01-31T10:00:00+00:00", known.made_at)
    for broken in ("", "[]", "{}", '{"made_at": 5, "size": "many"}', '{"made_at": "yesterday"}', "\x00"):
        note.write_text(broken)
        assert backup_records.of(place).made is None
        assert admin.get("/moderation/health").status_code == 200
    note.unlink()


@pytest.mark.postgres
@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_k3_what_postgresqls_own_tools_did_is_known_once_it_is_noted(
    make_app: Callable[..., Flask],
    runner: FlaskCliRunner,
    database: Database,
    admin: Browser,
    tmp_path: Path,
    bare_url: str,
) -> None:
    if shutil.which("pg_dump") is None:
        lacking("pg_dump is missing: apt-get install postgresql-client")
    watched = make_app(metrics=TOKEN)
    dump = tmp_path / "debate.dump"
    url, other = database.url.replace("+psycopg", ""), bare_url.replace("+psycopg", "")
    assert "No backup was noted." in words(admin.get("/moderation/health"))
    assert "debate_backup_age_seconds" not in samples(asked(watched, f"Bearer {TOKEN}"))
    subprocess.run(["pg_dump", "--format=custom", f"--file={dump}", url], check=True)
    noted = runner.invoke(args=["backup", "--elsewhere", str(dump)])
    assert (noted.exit_code, noted.stderr) == (0, "")
    found = samples(asked(watched, f"Bearer {TOKEN}"))
    assert 0 <= found["debate_backup_age_seconds"] < 600
    assert found["debate_backup_bytes"] == dump.stat().st_size
    assert "debate_backup_checked_age_seconds" not in found, "nobody has read it back yet"
    shown = words(admin.get("/moderation/health"))
    assert "No backup was noted." not in shown
    assert "Last read back whole never" in shown
    subprocess.run(["pg_restore", "--exit-on-error", "--no-owner", f"--dbname={other}", dump], check=True)
    assert runner.invoke(args=["restore", "--elsewhere", "--check", str(dump)]).exit_code == 0
    assert 0 <= samples(asked(watched, f"Bearer {TOKEN}"))["debate_backup_checked_age_seconds"] < 600
    shown = words(admin.get("/moderation/health"))
    assert "Last read back whole never" not in shown
    assert "Last put back never" in shown
    assert runner.invoke(args=["restore", "--elsewhere", str(dump)]).exit_code == 0
    assert "Last put back never" not in words(admin.get("/moderation/health"))
    two_days_ago = time.time() - 48 * 3600
    os.utime(dump, (two_days_ago, two_days_ago))
    assert runner.invoke(args=["backup", "--elsewhere", str(dump)]).exit_code == 0
    assert samples(asked(watched, f"Bearer {TOKEN}"))["debate_backup_age_seconds"] < 600, (
        "an older one is not the newest"
    )
    database.write(lambda session: session.execute(delete(BackupNote)) and None)
    assert runner.invoke(args=["backup", "--elsewhere", str(dump)]).exit_code == 0
    assert "The newest backup is older than 26 hours." in words(admin.get("/moderation/health"))
    (tmp_path / "empty").touch()
    for nothing in ("empty", "missing"):
        refused = runner.invoke(args=["backup", "--elsewhere", str(tmp_path / nothing)])
        assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)


@on_sqlite
def test_on_sqlite_nothing_is_noted_that_the_program_did_not_do(runner: FlaskCliRunner, tmp_path: Path) -> None:
    (tmp_path / "some.dump").write_text("words")
    for command in ("backup", "restore"):
        refused = runner.invoke(args=[command, "--elsewhere", str(tmp_path / "some.dump")])
        assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)


@on_sqlite
def test_a_backup_is_made_though_it_cannot_be_noted(app: Flask, runner: FlaskCliRunner, tmp_path: Path) -> None:
    place = Path(make_url(app.extensions["database"].url).database or "")
    note = place.with_name(f"{place.name}.backups.json")
    note.unlink(missing_ok=True)
    note.mkdir()
    done = runner.invoke(args=["backup", str(tmp_path / "one.zip")])
    note.rmdir()
    assert done.exit_code == 0
    assert "could not be noted" in done.stderr
    assert (tmp_path / "one.zip").exists()


# --- the page


def test_the_health_of_the_site_is_for_admins(
    client: Browser, critic: Browser, moderator: Browser, admin: Browser
) -> None:
    assert client.get("/moderation/health").location == "/login?next=/moderation/health"
    assert [who.get("/moderation/health").status_code for who in (critic, moderator, admin)] == [403, 403, 200]
    for path in ("/moderation", "/moderation/settings"):
        assert page(admin.get(path)).css_first('main a[href="/moderation/health"]') is not None
    assert page(moderator.get("/moderation")).css_first('a[href="/moderation/health"]') is None


def test_the_health_of_the_site_is_told_in_words_and_pictures(
    app: Flask, essay: EssayAt, critic: Browser, stranger: Browser, admin: Browser, backend: str
) -> None:
    app.extensions.pop("rates", None)
    now = datetime.now(UTC)
    for hours in (0, 0, 3, 47, 90):
        reply = essay.reply(critic, f"Said {hours} hours ago, {reply_count(app)}.")
        made = now - timedelta(hours=hours)
        app.extensions["database"].write(
            lambda session, reply, made: (
                session.execute(update(Reply).where(Reply.id == reply).values(made_at=made)) and None
            ),
            reply,
            made,
        )
    vote(stranger, reply, 1)
    report(stranger, reply, "off-topic")
    shown = admin.get("/moderation/health")
    said = words(shown)
    assert "Replies : 4 in two days; most in one hour 2" in said
    assert "Votes : 1 in two days" in said
    assert "Reports : 1 in two days" in said
    assert {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[backend] in said
    assert "at the newest migration" in said
    figures = page(shown).css("figure.rate")
    assert [len(figure.css("svg rect")) for figure in figures][:3] == [3, 1, 1]
    assert all(figure.css_first("figcaption") for figure in figures)
    assert [len(figure.css("details tbody tr")) for figure in figures][:3] == [3, 1, 1]
    assert "style=" not in shown.text


def reply_count(app: Flask) -> int:
    with app.extensions["database"].reading() as session:
        return session.query(Reply).count()


def test_rates_of_a_large_site_read_no_more_than_so_many_rows(
    app: Flask, essay: EssayAt, critic: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "MOST", 4)
    essay.chain(critic, 7)
    with app.extensions["database"].reading() as session:
        found = health.rates(session, datetime.now(UTC))
    assert (found["replies"].total, found["replies"].whole) == (4, False)
    assert (found["reports"].total, found["reports"].whole) == (0, True)


# --- the log of SQLite


@pytest.mark.slow
@on_sqlite
def test_readers_who_never_leave_a_gap_do_not_let_the_database_log_grow(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "LOG_BYTES", 2**20)
    monkeypatch.setattr(db, "LOG_REST", 0.2)
    database = Database(app.extensions["database"].url)
    done = threading.Event()

    def read(offset: float) -> None:
        time.sleep(offset)
        while not done.is_set():
            with database.reading() as session:
                session.query(User).count()
                time.sleep(0.03)

    threads = [threading.Thread(target=read, args=(number * 0.01,)) for number in range(4)]
    for thread in threads:
        thread.start()
    before, was_cut, end = 0, False, time.monotonic() + 60
    with database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE filler (words TEXT)")
    try:
        while not was_cut and time.monotonic() < end:
            database.write(
                lambda session: (
                    session.connection().exec_driver_sql("INSERT INTO filler VALUES (?)", ("x" * 100_000,)) and None
                )
            )
            was_cut, before = database.log_bytes < before, database.log_bytes
    finally:
        done.set()
        for thread in threads:
            thread.join()
        with database.engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE filler")
        database.dispose()
    assert was_cut  # left to itself it only grows while readers overlap


@on_sqlite
def test_a_log_that_cannot_be_made_short_now_takes_nothing_from_the_write(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "LOG_BYTES", 0)
    monkeypatch.setattr(db, "LOG_REST", 0)
    database = Database(app.extensions["database"].url, pool_size=1)
    counted: list[str] = []
    database.count = counted.append
    done: list[int] = []
    with database.reading() as session:
        session.query(User).count()
        assert database.write(lambda session: done.append(session.query(User).count()) or "said") == "said"
        add_user(app, "Held")  # so that the reader holds an old state
        assert database.write(lambda session: done.append(session.query(User).count()) or "said") == "said"
    assert done == [0, 1]
    assert database.write(lambda _: "again") == "again"
    assert counted[-1:] == ["checkpoints"]
    assert database.log_bytes == 0
    database.dispose()


# --- as it is run


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_server_whose_worker_dies_loses_no_counts_and_says_all_in_json(kind: str, tmp_path: Path) -> None:
    with site_on(kind, tmp_path / "site", DEBATE_METRICS=TOKEN, DEBATE_PROTT="1") as site:
        site.start()
        visitor = Person(site)
        before = counted(site)
        for _ in range(20):
            assert visitor.get("/about").status == 200
        victim = workers(site)[0]
        os.kill(victim, signal.SIGKILL)
        end = time.monotonic() + 20
        while victim in workers(site) or len(workers(site)) < 2:
            assert time.monotonic() < end, site.log
            time.sleep(0.05)
        for _ in range(20):
            assert visitor.get("/about").status == 200
        with socket.create_connection(("127.0.0.1", site.port), 5) as garbled:
            garbled.sendall(b"NOT HTTP secret\r\n\r\n")
            assert b" 400 " in garbled.recv(1000)
        assert counted(site) - before == 40
        assert site.stop() == 0
        lines = [json.loads(line) for line in site.log.splitlines()]
    assert all({"time", "level"} <= set(line) for line in lines)
    assert sum(line.get("route") == "/about" for line in lines) == 40
    assert any("DEBATE_PROTT" in line.get("message", "") for line in lines)
    assert any(line.get("logger") == "gunicorn.error" and str(victim) in line["message"] for line in lines)
    assert any("could not be read" in line.get("message", "") for line in lines)
    everything = "".join(json.dumps(line) for line in lines if "Serving" not in line.get("message", ""))
    assert not any(word in everything for word in ("127.0.0.1", "secret", TOKEN))


def counted(site: Site) -> int:
    answer = Person(site).get("/metrics", Authorization=f"Bearer {TOKEN}")
    found = re.search(r'debate_requests_total\{method="GET",route="/about",status="2xx"\} (\d+)', answer.text)
    return int(found[1]) if found else 0


def workers(site: Site) -> list[int]:
    assert site.process is not None
    pid = site.process.pid
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
