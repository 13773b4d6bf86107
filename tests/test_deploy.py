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
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
import yaml
from live import free_port, lacking

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
    for line in ("NoNewPrivileges=yes", "ProtectSystem=strict", "StateDirectory=debate", "KillMode=mixed"):
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
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        for script in ("primary.sh", "replica.sh"):
            shutil.copy(DEPLOY / "postgresql" / script, folder)
        if self._as:
            shutil.chown(folder, "postgres")

    def run(self, *command: str, **environment: str) -> str:
        done = subprocess.run(
            [*self._as, *command], env=self._environment(environment), cwd=self.folder, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def start(self, name: str, *before: str, port: int, **environment: str) -> None:
        """The server of a folder, or what fills that first and then is it; comes back when the server answers."""
        more = ["-p", str(port), "-k", str(self.folder), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [*self._as, *before, "postgres", "-D", name, *more],
                env=self._environment(environment),
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        self._running[name] = process
        end = time.monotonic() + 60
        ready = ["pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
        while subprocess.run(ready, env=self._environment({})).returncode != 0:
            assert process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < end
            time.sleep(0.1)

    def ask(self, port: int, question: str) -> str:
        """As the site's role, over TCP, with its password."""
        where = ["-h", "127.0.0.1", "-p", str(port), "-U", "debate", "-d", "debate"]
        return self.run("psql", "-X", "-Atq", *where, "-c", question, PGPASSWORD="of the site")

    def stop(self) -> None:
        for name, process in self._running.items():
            self.run("pg_ctl", "-D", name, "-m", "immediate", "-w", "stop")
            process.wait(30)

    def _environment(self, more: dict[str, str]) -> dict[str, str]:
        return {"PATH": self._path, "LC_ALL": "C.UTF-8"} | more


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    folder = Path(mkdtemp())  # where another user may go as well, unlike pytest's own; and short enough for a socket
    folder.chmod(0o755)
    cluster = Cluster(folder)
    try:
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder)


@pytest.mark.slow
@pytest.mark.postgres
def test_the_scripts_make_a_replica_that_follows(cluster: Cluster) -> None:
    primary, replica = free_port(), free_port()
    cluster.run("initdb", "-D", "primary", "-U", "postgres", "-A", "scram-sha-256", "--auth-local=trust", "--no-sync")
    cluster.start("primary", port=primary)
    secrets = {"DEBATE_PASSWORD": "of the site", "REPLICATION_PASSWORD": "of the replica"}
    here = {"PGDATA": str(cluster.folder / "primary"), "PGHOST": str(cluster.folder), "PGPORT": str(primary)}
    cluster.run("./primary.sh", **here, **secrets)
    there = {"PGDATA": str(cluster.folder / "replica"), "PRIMARY_HOST": "127.0.0.1", "PRIMARY_PORT": str(primary)}
    cluster.start("replica", "./replica.sh", port=replica, **there, **secrets)
    cluster.ask(primary, "CREATE TABLE lamps AS SELECT 7 AS number")
    end = time.monotonic() + 20
    while not cluster.ask(replica, "SELECT 1 FROM pg_class WHERE relname = 'lamps'"):
        assert time.monotonic() < end
    assert cluster.ask(replica, "SELECT number, pg_is_in_recovery() FROM lamps") == "7|t"
