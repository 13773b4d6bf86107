"""Where words are taken away every process lets go of what it has kept of pages, at once, if there is Redis."""

import gzip
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cast import Browser, EssayAt, hide, withdraw
from flask import Flask
from live import free_port, lacking, site_on
from redis import Redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from debate.messages import CHANNEL, Messages

MARK = "xyzzymark"


def until(is_so: Callable[[], object], patience: float = 10) -> None:
    end = time.monotonic() + patience
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


def keeps(app: Flask) -> list[str]:
    """Where in an app's memory the mark is kept of pages."""
    parts = app.extensions["parts"]._values.values()
    pages = app.extensions["visitors"].pages._values.values()
    found = ["part" for part in parts if MARK in part]
    return found + ["page" for page in pages if MARK.encode() in gzip.decompress(page.body)]


class Redises:
    """Redis servers of this test's own, one after the other on one port."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if shutil.which("redis-server") is None:
            lacking("Tests of messages need Redis: redis-server")
        options = ["--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--dir", str(self.folder)]
        self.process = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
        with Redis.from_url(self.url, retry=Retry(ConstantBackoff(0.02), 200)) as redis:
            assert redis.ping()

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)

    def listeners(self) -> int:
        with Redis.from_url(self.url) as redis:
            return dict(redis.pubsub_numsub(CHANNEL))[CHANNEL.encode()]


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redises]:
    """A Redis that is not running yet."""
    servers = Redises(tmp_path)
    yield servers
    servers.kill()


@pytest.fixture
def other(make_app: Callable[..., Flask], redis: Redises) -> Flask:
    """Another process's app, as it listens once it serves."""
    redis.start()
    app = make_app(redis_url=redis.url)
    app.extensions["messages"].listen()
    until(redis.listeners)
    return app


def moved(to: Flask, *people: Browser) -> None:
    """They use another node from now on."""
    for person in people:
        person.app, person.client = to, to.test_client()
        person.log_in()


@pytest.mark.parametrize("act", ["erase", "hide", "withdraw"])
def test_words_that_are_taken_away_are_gone_from_the_memory_of_others_before_anybody_asks(
    make_app, redis: Redises, other: Flask, essay: EssayAt, critic: Browser, moderator: Browser, admin: Browser,
    act: str,
) -> None:  # fmt: skip
    made = essay.reply(critic, MARK)
    assert MARK in Browser(other).get(essay.p()).text
    assert set(keeps(other)) == {"part", "page"}
    moved(make_app(redis_url=redis.url), critic, moderator, admin)
    assert keeps(other), "nothing else makes it go"
    {
        "erase": lambda: admin.post(f"/replies/{made}/erase", reason="other", note="A court said so."),
        "hide": lambda: hide(moderator, made),
        "withdraw": lambda: withdraw(critic, made),
    }[act]()
    until(lambda: not keeps(other))


def test_what_only_adds_tells_nobody(app: Flask, essay: EssayAt, critic: Browser, monkeypatch) -> None:
    told: list[int] = []
    monkeypatch.setattr(app.extensions["database"], "after_removal", lambda: told.append(1))
    made = essay.reply(critic, MARK)
    critic.post(f"/replies/{made}/edit", body=f"{MARK} again")
    assert told == []
    withdraw(critic, made)
    withdraw(critic, made)
    assert told == [1]


def test_without_redis_nothing_fails(make_app, redis: Redises, essay: EssayAt, critic: Browser) -> None:
    moved(make_app(redis_url=redis.url), critic)
    withdraw(critic, essay.reply(critic, MARK))
    assert MARK not in critic.get(essay.p()).text


def test_what_was_told_while_redis_was_gone_is_made_up_for(redis: Redises) -> None:
    let_go: list[float] = []
    messages = Messages(redis.url, lambda: let_go.append(time.monotonic()))
    messages.listen()
    messages.tell()
    for _ in range(2):
        seen = len(let_go)
        redis.start()
        until(lambda seen=seen: len(let_go) > seen)
        redis.kill()
    redis.start()
    until(redis.listeners)
    seen = len(let_go)
    messages.tell()
    until(lambda: len(let_go) > seen)


def test_each_worker_of_a_node_listens_and_no_command_does(redis: Redises, tmp_path: Path) -> None:
    redis.start()
    with site_on("sqlite", tmp_path / "site", DEBATE_REDIS_URL=redis.url, DEBATE_WORKERS="2") as site:
        assert site.run("recount").returncode == 0
        assert redis.listeners() == 0
        site.start()
        until(lambda: redis.listeners() == 2)
        assert site.stop(10) == 0, "a thread that listens holds nobody up"
        until(lambda: redis.listeners() == 0)
