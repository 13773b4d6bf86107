"""What is shipped for running it: as far as that can be checked where no containers and no systemd run.

nginx and its configuration are tried for real in test_nodes.py.
"""

import ipaddress
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
import yaml
from live import free_port, lacking
from test_nodes import started

from debate.config import QUIET, Settings

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
NODES = ("node1", "node2")


def tracked() -> set[str]:
    """Names of the files that are tracked, or will be at the next `git add .`"""
    command = ["git", "-C", str(ROOT), "-c", "safe.directory=*", "ls-files", "-co", "--exclude-standard"]
    return set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines())


def is_tracked(name: str, names: set[str]) -> bool:
    return name in names or any(other.startswith(name.rstrip("/") + "/") for other in names)


# --- the image


@pytest.fixture
def steps() -> list[list[str]]:
    """The Dockerfile's instructions, each as words."""
    text = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text("utf-8"))
    return [shlex.split(line) for line in text.splitlines() if line.strip() and not line.startswith("#")]


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a git checkout")
def test_the_image_is_made_of_tracked_files_that_docker_is_given(steps: list[list[str]]) -> None:
    names = tracked()
    given = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    copied = [source for step in steps if step[0] == "COPY" and "--from=build" not in step for source in step[1:-1]]
    assert copied
    assert [source for source in copied if not is_tracked(source, names)] == []
    assert set(copied) == given


def test_the_image_runs_without_rights_and_says_whether_it_is_up(steps: list[list[str]]) -> None:
    assert [step[1] for step in steps if step[0] == "USER"][-1] not in ("root", "0")
    assert steps[-1][0] == "CMD"
    assert any(step[0] == "HEALTHCHECK" for step in steps)
    bases = [step[1] for step in steps if step[0] == "FROM"]
    assert len(bases) == 2
    assert all(re.fullmatch(r"[a-z]+:[\w.-]+", base) for base in bases)  # no address of a registry, no "latest"
    installs = [step for step in steps if step[0] == "RUN" and "install" in step and "-r" in step]
    assert all("--require-hashes" in step for step in installs)
    assert "redis==" in (ROOT / "requirements.txt").read_text("utf-8")


# --- compose


@pytest.fixture
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))


def test_compose_asks_only_for_what_the_example_names_and_the_program_knows(compose: dict[str, Any]) -> None:
    asked = set(re.findall(r"\$\{(\w+)", (ROOT / "compose.yaml").read_text("utf-8")))
    example = (DEPLOY / "compose.env.example").read_text("utf-8")
    assert asked == set(re.findall(r"^(\w+)=", example, re.MULTILINE))
    assert ".env" in (ROOT / ".gitignore").read_text("utf-8").splitlines()
    known = {f"DEBATE_{name.upper()}" for name in {*Settings.__dataclass_fields__, *QUIET}}
    for name in (*NODES, "migrate"):
        assert compose["services"][name]["environment"].keys() <= known


def test_compose_fits_together(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for name, service in services.items():
        assert service.get("depends_on", {}).keys() <= services.keys(), name
        for mount in service.get("volumes", []):
            source = mount.split(":")[0]
            there = (ROOT / source).is_file() if source.startswith("./") else source in compose["volumes"]
            assert there, source
        if name not in (*NODES, "migrate"):
            assert re.fullmatch(r"[a-z]+:[\w.-]+", service["image"])
    for service in (services[name] for name in services if name != "migrate"):
        assert service["healthcheck"]["test"][0] == "CMD"
    network = ipaddress.ip_network(compose["networks"]["default"]["ipam"]["config"][0]["subnet"])
    addresses = {services[name]["networks"]["default"]["ipv4_address"] for name in NODES}
    assert len(addresses) == len(NODES)
    assert all(ipaddress.ip_address(address) in network for address in addresses)
    for name in NODES:
        assert int(services[name]["stop_grace_period"].rstrip("s")) >= 35
        assert f"server {name}:5000 " in (DEPLOY / "nginx.conf").read_text("utf-8")


def test_the_database_has_a_connection_for_every_thread(compose: dict[str, Any]) -> None:
    [most] = [int(word.split("=")[1]) for word in compose["services"]["database"]["command"] if "max_conn" in word]
    fields = Settings.__dataclass_fields__
    each = 2 * fields["threads"].default + 24
    assert len(NODES) * fields["workers"].default * each < most - 10


@pytest.mark.full
def test_compose_itself_takes_the_file(tmp_path: Path) -> None:
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True).returncode != 0:
        pytest.skip("docker compose is not installed")
    example = re.sub(r"=$", "=x", (DEPLOY / "compose.env.example").read_text("utf-8"), flags=re.MULTILINE)
    (tmp_path / "env").write_text(example)
    command = [docker, "compose", "--env-file", str(tmp_path / "env"), "-f", str(ROOT / "compose.yaml"), "config", "-q"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


# --- systemd


def test_systemd_understands_every_line_of_the_unit(tmp_path: Path) -> None:
    unit = (DEPLOY / "debate.service").read_text("utf-8")
    for line in (
        "NoNewPrivileges=yes", "ProtectSystem=strict", "StateDirectory=debate", "KillMode=mixed", "LimitNOFILE=65536",
    ):  # fmt: skip
        assert line in unit.splitlines()
    assert "TimeoutStopSec=35" in unit.splitlines()
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed")
    file = tmp_path / "debate.service"
    file.write_text(unit.replace("/srv/debate/venv/bin/debate", sys.executable))
    done = subprocess.run([analyze, "verify", "--man=no", str(file)], capture_output=True, text=True)
    assert [line for line in done.stderr.splitlines() if "debate.service" in line] == []
    assert done.returncode == 0, done.stderr


# --- PostgreSQL with a replica


class Cluster:
    """Servers of one test, each a folder and a port, run as a user that PostgreSQL takes."""

    def __init__(self, folder: Path) -> None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        if not found:
            lacking("PostgreSQL's own programs are not installed.")
        self.folder = folder
        self._as = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        self._path = f"{found[-1].parent}:{os.environ['PATH']}"
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        for script in ("primary.sh", "replica.sh"):
            shutil.copy(DEPLOY / "postgresql" / script, folder)
        if self._as:
            shutil.chown(folder, "postgres")

    def run(self, *command: str, **environment: str) -> str:
        done = subprocess.run(
            [*self._as, *command], env=self.environment(environment), cwd=self.folder, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def start(self, name: str, *before: str, port: int, **environment: str) -> None:
        """The server of a folder, or what fills that first and then is it; comes back when the server answers."""
        more = ["-p", str(port), "-k", str(self.folder), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [*self._as, *before, "postgres", "-D", name, *more],
                env=self.environment(environment),
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        self.running[name] = process
        end = time.monotonic() + 60
        ready = ["pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
        while subprocess.run(ready, env=self.environment({})).returncode != 0:
            assert process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < end
            time.sleep(0.1)

    def ask(self, port: int, question: str) -> str:
        """As the site's role, over TCP, with its password."""
        where = ["-h", "127.0.0.1", "-p", str(port), "-U", "debate", "-d", "debate"]
        return self.run("psql", "-X", "-Atq", *where, "-c", question, PGPASSWORD="of the site")

    def order(self, port: int, command: str) -> str:
        """As the superuser."""
        where = ["-h", str(self.folder), "-p", str(port), "-U", "postgres", "-d", "postgres"]
        return self.run("psql", "-X", "-Atq", *where, "-c", command)

    def stop(self, *names: str) -> None:
        for name in names:
            process = self.running.pop(name)
            if (self.folder / name / "postmaster.pid").exists():
                self.run("pg_ctl", "-D", name, "-m", "immediate", "-w", "stop")
            else:  # it never came up
                process.terminate()
            process.wait(30)

    def environment(self, more: dict[str, str]) -> dict[str, str]:
        return {"PATH": self._path, "LC_ALL": "C.UTF-8"} | more


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    folder = Path(mkdtemp())  # where another user may go as well, unlike pytest's own; and short enough for a socket
    folder.chmod(0o755)
    cluster = Cluster(folder)
    try:
        yield cluster
    finally:
        cluster.stop(*cluster.running)
        shutil.rmtree(folder)


SECRETS = {"DEBATE_PASSWORD": "of the site", "REPLICATION_PASSWORD": "of the replica"}


def a_primary(cluster: Cluster) -> int:
    """Made by the script; its port."""
    port = free_port()
    cluster.run("initdb", "-D", "primary", "-U", "postgres", "-A", "scram-sha-256", "--auth-local=trust", "--no-sync")
    cluster.start("primary", port=port)
    here = {"PGDATA": str(cluster.folder / "primary"), "PGHOST": str(cluster.folder), "PGPORT": str(port)}
    cluster.run("./primary.sh", **here, **SECRETS)
    return port


def fill(cluster: Cluster, name: str, port: int, *, of: int) -> None:
    """Start a replica by the script, of the server on a port."""
    there = {"PGDATA": str(cluster.folder / name), "PRIMARY_HOST": "127.0.0.1", "PRIMARY_PORT": str(of)}
    cluster.start(name, "./replica.sh", port=port, **there, **SECRETS)


def follows(cluster: Cluster, replica: int, primary: int, table: str) -> None:
    """What is written to the one comes to the other, and would be kept for it."""
    cluster.ask(primary, f"CREATE TABLE {table} AS SELECT 7 AS number")
    end = time.monotonic() + 20
    while not cluster.ask(replica, f"SELECT 1 FROM pg_class WHERE relname = '{table}'"):
        assert time.monotonic() < end
    assert cluster.ask(replica, f"SELECT number, pg_is_in_recovery() FROM {table}") == "7|t"
    slots = "SELECT slot_name, active, wal_status FROM pg_replication_slots"
    assert cluster.order(primary, slots) == "replica|t|reserved"


@pytest.mark.slow
@pytest.mark.postgres
def test_the_scripts_make_a_replica_that_follows(cluster: Cluster) -> None:
    primary, replica = a_primary(cluster), free_port()
    fill(cluster, "replica", replica, of=primary)
    follows(cluster, replica, primary, "lamps")


@pytest.mark.slow
@pytest.mark.postgres
def test_a_copy_that_was_broken_off_is_begun_anew_and_a_whole_one_put_in_its_place(cluster: Cluster) -> None:
    primary, replica = a_primary(cluster), free_port()
    broken_off = ("cp", "-r", "primary", "replica"), ("rm", "replica/global/pg_control", "replica/postmaster.pid")
    for command in (*broken_off, ("mkdir", "replica/part"), ("touch", "replica/part/PG_VERSION")):
        cluster.run(*command)
    fill(cluster, "replica", replica, of=primary)
    follows(cluster, replica, primary, "lamps")
    cluster.stop("replica")
    cluster.run("mkdir", "replica/whole")
    cluster.run("mv", "replica/global", "replica/PG_VERSION", "replica/whole")
    fill(cluster, "replica", replica, of=1)
    follows(cluster, replica, primary, "ropes")


@pytest.mark.slow
@pytest.mark.postgres
def test_a_replica_is_filled_anew_where_its_slot_is_lost_and_of_one_that_was_made_the_primary(
    cluster: Cluster,
) -> None:
    primary, replica, third = a_primary(cluster), free_port(), free_port()
    fill(cluster, "replica", replica, of=primary)
    follows(cluster, replica, primary, "lamps")
    cluster.stop("replica")
    cluster.order(primary, "ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'")
    cluster.order(primary, "SELECT pg_reload_conf()")
    for number in range(3):
        cluster.ask(primary, f"CREATE TABLE filler{number} (number integer)")
        cluster.order(primary, "SELECT pg_switch_wal()")
    cluster.order(primary, "CHECKPOINT")
    assert cluster.order(primary, "SELECT wal_status FROM pg_replication_slots") == "lost"
    cluster.run("rm", "-r", "replica")
    fill(cluster, "replica", replica, of=primary)
    follows(cluster, replica, primary, "ropes")
    cluster.stop("primary")
    assert cluster.order(replica, "SELECT pg_promote()") == "t"
    fill(cluster, "third", third, of=replica)
    follows(cluster, third, replica, "masts")


@pytest.mark.slow
@pytest.mark.postgres
def test_a_stop_ends_the_filling(cluster: Cluster) -> None:
    there = {"PGDATA": str(cluster.folder / "none"), "PRIMARY_HOST": "127.0.0.1", "PRIMARY_PORT": "1"}
    environment = cluster.environment(there | SECRETS)
    script = subprocess.Popen(
        [cluster.folder / "replica.sh", "true"], env=environment, stderr=subprocess.PIPE, text=True
    )
    assert script.stderr is not None
    with script.stderr as said:
        while "does not give a copy yet" not in said.readline():
            assert script.poll() is None
        script.terminate()
        assert script.wait(10) == 143  # by a trap of its own: the first process of a container heeds nothing else


# --- nginx


class Headers(BaseHTTPRequestHandler):
    """Answers with the headers that came."""

    def do_GET(self) -> None:
        said = bytes(self.headers)
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.mark.slow
def test_a_request_has_a_number_of_nginx_and_not_of_the_browser(tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Headers) as node:
        threading.Thread(target=node.serve_forever, daemon=True).start()
        port = free_port()
        nginx = started(tmp_path, port, node.server_port, node.server_port)
        try:
            end = time.monotonic() + 20
            while True:
                connection = HTTPConnection("127.0.0.1", port, timeout=10)
                try:
                    connection.request("GET", "/", headers={"X-Request-ID": "chosen-by-a-browser"})
                    break
                except ConnectionRefusedError:
                    assert time.monotonic() < end
                    time.sleep(0.05)
            came = connection.getresponse().read().decode()
            connection.close()
        finally:
            nginx.terminate()
            nginx.wait(10)
            node.shutdown()
    assert len(re.findall(r"^X-Request-ID: [0-9a-f]{32}\r?$", came, re.MULTILINE)) == came.count("X-Request-ID") == 1
