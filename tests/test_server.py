"""`debate serve` as a process: started with wrong settings, stopped in the middle of a request, killed under load.

KILLS is how often it is killed.
"""

import os
import resource
import select
import socket
import stat
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from crowd import workers
from live import KINDS, Person, Site, free_port, site_on

from debate.commands.serve import connections

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("KILLS", "3"))
WRITERS = 8
PATIENCE = 30  # seconds a stop may take


@pytest.fixture(params=KINDS)
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    with site_on(request.param, tmp_path / "site") as site:
        yield site


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Site]:
    """A folder without anything in it, on SQLite by default: no database address is set."""
    folder = tmp_path / "bare"
    folder.mkdir()
    site = Site(folder, "")
    try:
        yield site
    finally:
        site.kill()


# --- settings


WRONG = {
    "no-database": {"DEBATE_DATABASE_URL": "nothing of the kind"},
    "other-database": {"DEBATE_DATABASE_URL": "mysql://localhost/debate"},
    "memory": {"DEBATE_DATABASE_URL": "sqlite://"},
    "no-such-folder": {"DEBATE_DATABASE_URL": "sqlite:////no/such/folder/debate.db"},
    "nobody-answers": {"DEBATE_DATABASE_URL": "postgresql://postgres@127.0.0.1:1/debate"},
    "short-key": {"DEBATE_SECRET_KEY": "short"},
    "port-word": {"DEBATE_PORT": "http"},
    "port-zero": {"DEBATE_PORT": "0"},
    "port-high": {"DEBATE_PORT": "65536"},
    "port-digits": {"DEBATE_PORT": "٥٠٠٠"},
    "workers": {"DEBATE_WORKERS": "none"},
    "hosts": {"DEBATE_TRUSTED_HOSTS": "https://debate.example"},
    "publishing": {"DEBATE_PUBLISHING": "nobody"},
    "registration": {"DEBATE_REGISTRATION": "maybe"},
    "https": {"DEBATE_HTTPS": "perhaps"},
    "limits": {"DEBATE_LIMITS": "offf"},
    "limits-outside": {"DEBATE_HOST": "0.0.0.0", "DEBATE_LIMITS": "off"},
    "host": {"DEBATE_HOST": "no.such.host.invalid", "DEBATE_LIMITS": "on"},
}
MAY_PASS = [WRONG[name] for name in ("no-such-folder", "nobody-answers", "host")]


@pytest.mark.parametrize("settings", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_setting_stops_the_start_with_one_line_that_names_it(bare: Site, settings: dict[str, str]) -> None:
    done = bare.run("serve", **settings)
    assert done.returncode == (1 if settings in MAY_PASS else 2), done.stderr
    assert not done.stdout
    assert len(done.stderr.splitlines()) == 1, done.stderr
    named = "DEBATE_LIMITS" if len(settings) == 2 and settings["DEBATE_LIMITS"] == "off" else next(iter(settings))
    assert named in done.stderr


def test_an_instance_folder_that_cannot_be_made_is_one_line(bare: Site) -> None:
    (bare.folder / "file").write_text("")
    done = bare.run("serve", DEBATE_INSTANCE=str(bare.folder / "file" / "beneath"))
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr


def test_an_empty_setting_is_as_if_it_was_not_there(bare: Site) -> None:
    there = {"DEBATE_DATABASE_URL": f"sqlite:///{bare.folder / 'debate.db'}", "DEBATE_SECRET_KEY": "k" * 16}
    done = bare.run("db", "upgrade", DEBATE_INSTANCE="", DEBATE_WORKERS="", **there)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr


def test_a_port_in_use_is_one_line(bare: Site) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", bare.port))
        taken.listen()
        began = time.monotonic()
        done = bare.run("serve")
    assert done.returncode == 1, done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert str(bare.port) in done.stderr
    assert time.monotonic() - began < 5


def test_a_setting_that_nobody_reads_is_named(bare: Site) -> None:
    bare.settings["DEBATE_PROT"] = "5001"
    bare.start()
    assert "DEBATE_PROT" in bare.log


def test_the_first_start_makes_all_that_is_needed(bare: Site) -> None:
    bare.start()
    key = bare.folder / "secret_key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(key.read_text()) >= 32
    assert (bare.folder / "debate.db").exists()
    assert sorted(file.name for file in bare.folder.glob("secret_key*")) == ["secret_key"]
    assert Person(bare).get("/").status == 200
    assert Person(bare).get("/livez").status == 200
    kept = key.read_text()
    assert bare.stop() == 0
    bare.start()
    assert key.read_text() == kept


@pytest.mark.sweep
def test_a_session_outlives_a_restart(site: Site) -> None:
    (person,) = site.add_people(["Stayer"])
    person.site.start()
    person.login()
    assert site.stop() == 0
    site.start()
    assert person.get("/").forms("/logout")


def test_a_host_that_is_not_ours_is_refused(bare: Site) -> None:
    bare.start()
    assert Person(bare).get("/", Host="evil.example").status == 400
    assert Person(bare).get("/", Host=f"localhost:{bare.port}").status == 200


def groups_of_children(parent: int) -> list[int]:
    """The process groups of a process's children."""
    groups = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == parent:
                groups.append(int(fields[2]))
    return groups


def test_its_workers_stay_in_its_process_group(bare: Site) -> None:
    bare.settings["DEBATE_WORKERS"] = "3"
    bare.start()
    assert bare.process is not None
    end = time.monotonic() + 20
    while len(children := groups_of_children(bare.process.pid)) < 3:  # the first answers before the last is there
        assert time.monotonic() < end, bare.log
    assert children == [bare.process.pid] * 3


def test_two_starts_at_once_on_an_empty_folder(bare: Site) -> None:
    other = Site(bare.folder, "", port=free_port())
    try:
        with ThreadPoolExecutor(2) as pool:
            for started in [pool.submit(bare.start), pool.submit(other.start)]:
                started.result()
        (person,) = bare_person(bare)
        assert Person(other, person.name).login().token
        person.login()
        twin = Person(other, person.name)
        twin.cookies = dict(person.cookies)
        assert twin.get("/").forms("/logout")  # one secret key: a session of the one is good at the other
    finally:
        other.kill()


def bare_person(site: Site) -> list[Person]:
    """An account on a site whose database is where it is by default."""
    return Site(site.folder, f"sqlite:///{site.folder / 'debate.db'}", port=site.port).add_people(["Both"])


# --- connections


def connected(site: Site, kept: ExitStack, count: int) -> list[socket.socket]:
    return [kept.enter_context(socket.create_connection(("127.0.0.1", site.port), timeout=30)) for _ in range(count)]


def last_request(site: Site) -> bytes:
    return f"GET /livez HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nConnection: close\r\n\r\n".encode()


def to_its_end(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.fixture
def alone(bare: Site) -> Site:
    """A server of one worker."""
    bare.settings["DEBATE_WORKERS"] = "1"
    return bare.start()


def test_who_does_not_hang_up_after_an_answer_holds_up_nobody(alone: Site) -> None:
    with ExitStack() as kept:
        staying = connected(alone, kept, 40)
        for connection in staying:
            connection.sendall(last_request(alone))
        for _ in range(5):
            began = time.monotonic()
            assert Person(alone).get("/livez").status == 200
            assert time.monotonic() - began < 1
        assert all(to_its_end(connection).startswith(b"HTTP/1.1 200 ") for connection in staying)
        for connection in connected(alone, kept, 20):
            connection.sendall(last_request(alone))
        began = time.monotonic()
        assert alone.stop() == 0
        assert time.monotonic() - began < 10


def test_what_a_client_still_sends_does_not_cost_it_the_answer(alone: Site) -> None:
    with ExitStack() as kept:
        (connection,) = connected(alone, kept, 1)
        large = b"\r\nContent-Length: 20000000\r\n\r\n"
        connection.sendall(last_request(alone).replace(b"GET", b"POST").replace(b"\r\n\r\n", large))
        connection.sendall(b"a" * 700_000)
        select.select([connection], [], [], 30)
        for _ in range(5):
            connection.sendall(b"a" * 100_000)
            time.sleep(0.05)
        assert to_its_end(connection).startswith(b"HTTP/1.1 4")


def test_a_worker_without_a_descriptor_left_takes_nobody_in_and_serves_on_later(alone: Site) -> None:
    assert Person(alone).get("/").status == 200
    there = workers(alone)
    _, hard = resource.prlimit(there[0], resource.RLIMIT_NOFILE)
    most = max(int(name) for name in os.listdir(f"/proc/{there[0]}/fd")) + 10
    resource.prlimit(there[0], resource.RLIMIT_NOFILE, (most, hard))
    end = time.monotonic() + 20
    with ExitStack() as kept:
        connected(alone, kept, 60)
        while "Too many open files" not in alone.log:
            assert time.monotonic() < end
            time.sleep(0.05)
        time.sleep(1)
    assert Person(alone).get("/livez").status == 200
    assert workers(alone) == there
    assert alone.log.count("Too many open files") == 1


@pytest.mark.parametrize(("files", "most"), [(1024, 860), (65536, 1000), (resource.RLIM_INFINITY, 1000), (64, 16)])
def test_a_worker_takes_fewer_connections_than_it_may_have_files_open(
    monkeypatch: pytest.MonkeyPatch, files: int, most: int
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (files, files))
    assert connections(8) == most
