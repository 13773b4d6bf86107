"""Two nodes behind nginx, with the configuration that is shipped: restarted one after the other, they lose nothing."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import pytest
from flask import Flask
from lines import Line
from live import KINDS, Person, Site, database_of, free_port, lacking
from redis import Redis
from sqlalchemy import select

from debate import db
from debate.actions.paces import AT_ONE_ACCOUNT
from debate.db import Database
from debate.models import Pace, Reply

pytestmark = pytest.mark.slow

SHIPPED = Path(__file__).resolve().parent.parent / "deploy" / "nginx.conf"
RESTARTS = int(os.environ.get("DRAINS", "2"))
AROUND = """
daemon off;
{user}
pid nginx.pid;
error_log stderr warn;
events {{}}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    include site.conf;
}}
"""


@dataclass
class Nodes:
    """Two nodes and what stands before them; `front` is a site only in that people go there."""

    front: Site
    nodes: tuple[Site, Site]
    nginx: subprocess.Popen[bytes]

    def at_both(self, person: Person) -> list[Person]:
        """The same browser, at each node past nginx."""
        return [self._at(node, person) for node in self.nodes]

    def _at(self, node: Site, person: Person) -> Person:
        twin = Person(node, person.name)
        twin.cookies, twin.token = person.cookies, person.token
        return twin


@pytest.fixture(scope="module")
def nodes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Nodes]:
    folder = tmp_path_factory.mktemp("nodes")
    settings = {
        "DEBATE_SECRET_KEY": os.urandom(16).hex(),
        "DEBATE_REDIS_URL": redis_url,
        "DEBATE_PROXIES": "1",
        "DEBATE_LIMITS": "on",
        "DEBATE_DRAIN": "",  # the default
    }
    with database_of(request.param, folder, is_migrated=True) as url:
        sites = [Site(folder / name, url, settings) for name in ("front", "node1", "node2")]
        for site in sites:
            site.folder.mkdir()
        front, *pair = sites
        nginx = started(front.folder, front.port, pair[0].port, pair[1].port)
        try:
            yield Nodes(front, (pair[0].start(), pair[1].start()), nginx)
        finally:
            nginx.terminate()
            nginx.wait(10)
            for site in pair:
                site.kill()


def started(folder: Path, port: int, *nodes: int) -> subprocess.Popen[bytes]:
    """nginx with the file that is shipped, but for where it listens and where the nodes are."""
    command = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if command is None:
        lacking("nginx is not installed.")
    shipped = SHIPPED.read_text("utf-8")
    assert shipped.count("listen 80;") == 1
    shipped = shipped.replace("listen 80;", f"listen 127.0.0.1:{port};")
    for number, node in enumerate(nodes, start=1):
        shipped, found = re.subn(f"server node{number}:5000", f"server 127.0.0.1:{node}", shipped)
        assert found == 1
    (folder / "site.conf").write_text(shipped)
    (folder / "nginx.conf").write_text(AROUND.format(user="user root;" if os.getuid() == 0 else ""))
    run = [command, "-p", str(folder), "-c", "nginx.conf", "-e", "stderr"]
    tested = subprocess.run([*run, "-t"], capture_output=True, text=True)
    assert tested.returncode == 0, tested.stderr
    with (folder / "nginx.log").open("wb") as log:
        return subprocess.Popen(run, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


@pytest.mark.nodes
@pytest.mark.parametrize("nodes", KINDS, indirect=True)
def test_a_rolling_restart_under_load_loses_no_request(nodes: Nodes) -> None:
    essay = nodes.nodes[0].add_essay()
    people = [Person(nodes.front, person.name) for person in nodes.nodes[0].add_people(["Ada", "Ben"], "moderator")]
    for person in people:
        person.login()
    over = Event()
    readers = [Line(Person(nodes.front), pause, over) for pause in (0, 0.02, 0.3)]
    writers = [Line(person, 0.01, over) for person in people]
    with ThreadPoolExecutor(len(readers) + len(writers)) as pool:
        running = [pool.submit(line.read, essay.path) for line in readers]
        running += [pool.submit(line.write, f"{essay.paragraph(1)}/replies", line.person.name) for line in writers]
        try:
            time.sleep(0.5)
            for number in range(RESTARTS):
                node = nodes.nodes[number % 2]
                assert node.stop() == 0, node.log
                node.start()
            time.sleep(0.5)
        finally:
            over.set()
        assert not wait(running, 60).not_done
    lines = [*readers, *writers]
    log = (nodes.front.folder / "nginx.log").read_text()
    assert [line.cut for line in lines if line.cut] == [], log
    assert not any(line.refused for line in lines)
    assert {status for line in lines for status in line.answers} == {200, 303}, log
    stored = [row.id for row in nodes.front.rows(select(Reply.id).where(Reply.essay_id == essay.id))]
    assert set(stored) == set.union(*(line.stored for line in writers))
    assert len(stored) == sum(len(line.answers) for line in writers)  # none was sent twice
    assert "refused" in log  # nginx did come to a closed door, and went to the other node


@pytest.mark.parametrize("nodes", KINDS[1:], indirect=True)
def test_two_nodes_are_one_site(nodes: Nodes) -> None:
    essay = nodes.nodes[0].add_essay()
    nodes.nodes[0].add_people(["Both"])
    person = Person(nodes.front, "Both").login()
    for twin in nodes.at_both(person):  # begun on one node, a session holds on the other
        assert twin.get("/").forms("/logout")

    visitor = Person(nodes.front)
    pages = [visitor.get(essay.path) for _ in range(4)]
    [etag] = {page.headers["ETag"] for page in pages}  # the same bytes from both nodes
    assert visitor.request("GET", essay.path, headers={"If-None-Match": etag}).status == 304
    assert "Cookie" in pages[0].headers["Vary"]
    style = pages[0].one('link[rel="stylesheet"]').attributes["href"]
    assert style is not None
    assert "immutable" in visitor.get(style).headers["Cache-Control"]
    assert person.post(f"{essay.paragraph(1)}/replies", stance="pro", body="Seen on both nodes at once.").status == 303
    for twin in nodes.at_both(Person(nodes.front)):
        assert "Seen on both nodes at once." in twin.get(essay.paragraph(1)).words
    assert visitor.get("/", Host="evil.example").status == 400


@pytest.mark.parametrize("nodes", KINDS[1:], indirect=True)
def test_the_healthcheck_of_the_image_asks_the_node_by_its_name(nodes: Nodes) -> None:
    node = nodes.nodes[0]
    asked = [sys.executable, str(SHIPPED.parent / "healthcheck.py")]
    found = [subprocess.run([*asked, path], env=node.environment()).returncode for path in ("/livez", "/readyz", "/no")]
    assert found == [0, 0, 1]
    elsewhere = subprocess.run([*asked, "/livez"], env=node.environment(DEBATE_PORT=str(free_port())))
    assert elsewhere.returncode == 1


@pytest.mark.parametrize("nodes", KINDS[1:], indirect=True)
def test_limits_count_over_both_nodes_and_by_the_address_that_nginx_saw(nodes: Nodes, redis_url: str) -> None:
    nodes.nodes[0].add_people(["Guessed"])

    def guess(person: Person, come_by: str = "") -> int:
        headers = {"X-Forwarded-For": come_by} if come_by else {}
        page = person.get("/login")
        token = page.form("/login").css_first("[name=csrf_token]").attributes["value"]
        fields = {"csrf_token": token or "", "name": "Guessed", "password": "not this one"}
        return person.request("POST", "/login", fields, headers).status

    most = AT_ONE_ACCOUNT[0].most
    for number in range(most):
        node = nodes.nodes[number % 2]
        assert guess(Person(node), "203.0.113.7") == 422
    for node in nodes.nodes:
        assert guess(Person(node), "203.0.113.7") == 429
        assert guess(Person(node), "198.51.100.7") == 422
    for number in range(most):
        assert guess(Person(nodes.front), f"192.0.2.{number}") == 422
    assert guess(Person(nodes.front), "100.64.0.1") == 429  # what a visitor claims is not the address that counts
    assert nodes.front.rows(select(Pace)) == []
    assert any(key.startswith(b"debate:pace:log in") for key in Redis.from_url(redis_url).scan_iter(count=1000))


# --- a database whose machine is gone


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)  # of what is not asked here
def test_a_database_that_takes_calls_and_says_nothing_is_not_waited_for_long(make_app: Callable[..., Flask]) -> None:
    with ThreadPoolExecutor(1) as pool, socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql+psycopg://nobody@127.0.0.1:{silent.getsockname()[1]}/nothing"
        app = make_app(database_url=url)
        began = time.monotonic()
        waiting = pool.submit(app.test_client().get, "/readyz")
        assert app.test_client().get("/livez").status_code == 200
        assert time.monotonic() - began < 2
        assert not waiting.done()
        assert waiting.result(9).status_code == 503


@pytest.mark.postgres
@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_every_connection_to_the_database_is_given_up_when_nothing_comes_back(database: Database) -> None:
    names = (socket.TCP_USER_TIMEOUT, socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
    for engine in database.engines:
        with engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            with socket.socket(fileno=os.dup(driver.fileno())) as line:
                assert [line.getsockopt(socket.IPPROTO_TCP, name) for name in names] == [10_000, 10, 5, 3]


def test_who_wants_to_wait_longer_says_so_in_the_address() -> None:
    assert set(db.PATIENCE) - set(db._patience("postgresql://there/it?connect_timeout=60")) == {"connect_timeout"}
