"""Settings: read once, checked once; a wrong one stops the start with one line that names it."""

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from debate import create_app
from debate.config import BadSetting, Settings, from_environment, is_loopback, unknown

ROOT = Path(__file__).resolve().parent.parent


def test_without_anything_set_the_site_is_local_and_keeps_its_data_in_the_instance_folder(tmp_path: Path) -> None:
    settings = from_environment({}, tmp_path / "instance")
    assert settings.database_url == f"sqlite:///{tmp_path}/instance/debate.db"
    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 5000, 2)
    assert (settings.publishing, settings.registration) == ("moderators", "open")
    assert (settings.https, settings.limits, settings.testing) == (False, True, False)
    assert settings.trusted_hosts == ("localhost", "127.0.0.1", "[::1]")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"), ("PORT", "0"), ("PORT", "65536"), ("PORT", "-1"), ("PORT", "５０００"), ("PORT", "80.0"),
        ("WORKERS", "0"), ("WORKERS", "many"), ("THREADS", "0"), ("PUBLISHING", "nobody"), ("REGISTRATION", "maybe"),
        ("HTTPS", "yes please"), ("LIMITS", "none"), ("SECRET_KEY", "short"), ("DATABASE_URL", "debate.db"),
        ("DATABASE_URL", "mysql://localhost/debate"), ("DATABASE_URL", "sqlite://"), ("DATABASE_URL", "sqlite:///:memory:"),
        ("TRUSTED_HOSTS", "https://example.org"), ("TRUSTED_HOSTS", "*"), ("TRUSTED_HOSTS", "a b"),
        ("TRUSTED_HOSTS", ","), ("TRUSTED_HOSTS", "::1"), ("TRUSTED_HOSTS", "[::1"), ("TRUSTED_HOSTS", "[::1]:5000"),
        ("TRUSTED_HOSTS", "."), ("TRUSTED_HOSTS", "a..b"), ("TRUSTED_HOSTS", ":5000"),
        ("LOG", "loud"), ("METRICS", "short"), ("METRICS", "sixteen letters and spaces"),
        ("METRICS", "sechzehn-Zeichen-ä"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_in_one_line_that_names_it(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=f"^DEBATE_{name}: .+") as caught:
        from_environment({f"DEBATE_{name}": value}, tmp_path)
    assert "\n" not in str(caught.value)


def test_a_wrong_value_does_not_tell_a_password(tmp_path: Path) -> None:
    for url in ("mysql://me:hunter2@localhost/debate", "postgresql://me:hunter2@[::1/debate", "me:hunter2@localhost"):
        with pytest.raises(BadSetting) as caught:
            from_environment({"DEBATE_DATABASE_URL": url}, tmp_path)
        assert "hunter2" not in str(caught.value)
    assert "hunter2" not in repr(Settings(database_url="sqlite:///x", secret_key="hunter2hunter2hunter2"))


def test_a_replica_is_of_a_postgresql_database(tmp_path: Path) -> None:
    both = {"DEBATE_DATABASE_URL": "postgres://me@first/debate", "DEBATE_REPLICA_URL": "postgres://me:x@second/debate"}
    assert from_environment(both, tmp_path).replica_url == "postgresql+psycopg://me:x@second/debate"
    for wrong in ({"DEBATE_DATABASE_URL": "sqlite:////srv/debate.db"}, {"DEBATE_REPLICA_URL": "sqlite:////srv/x.db"},
                  {"DEBATE_REPLICA_URL": "me:hunter2@second"}):  # fmt: skip
        with pytest.raises(BadSetting, match=r"^DEBATE_REPLICA_URL: .+") as caught:
            from_environment(both | wrong, tmp_path)
        assert "\n" not in str(caught.value)
        assert "hunter2" not in str(caught.value)


def test_limits_can_be_off_only_where_nobody_else_comes_in(tmp_path: Path) -> None:
    assert not from_environment({"DEBATE_LIMITS": "off", "DEBATE_HOST": "::1"}, tmp_path).limits
    with pytest.raises(BadSetting, match=r"^DEBATE_LIMITS: .*0\.0\.0\.0"):
        from_environment({"DEBATE_LIMITS": "off", "DEBATE_HOST": "0.0.0.0"}, tmp_path)


def test_https_is_on_unless_the_site_is_local(tmp_path: Path) -> None:
    assert not from_environment({"DEBATE_HOST": "localhost"}, tmp_path).https
    assert from_environment({"DEBATE_HOST": "0.0.0.0"}, tmp_path).https
    assert not from_environment({"DEBATE_HOST": "0.0.0.0", "DEBATE_HTTPS": "off"}, tmp_path).https


@pytest.mark.parametrize(
    ("host", "local"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("[::1]", True), ("localhost", True), ("0.0.0.0", False),
     ("::", False), ("192.168.0.1", False), ("localhost.example.org", False), ("example.org", False)],
)  # fmt: skip
def test_which_addresses_are_local(host: str, local: bool) -> None:
    assert is_loopback(host) == local


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg", "postgresql+psycopg2"])
def test_every_way_to_write_postgresql_means_our_driver(tmp_path: Path, scheme: str) -> None:
    url = from_environment({"DEBATE_DATABASE_URL": f"{scheme}://me:a%40b@db/debate"}, tmp_path).database_url
    assert url == "postgresql+psycopg://me:a%40b@db/debate"


def test_trusted_hosts_are_names(tmp_path: Path) -> None:
    given = {"DEBATE_TRUSTED_HOSTS": "Example.org, www.example.org ,"}
    assert from_environment(given, tmp_path).trusted_hosts == ("example.org", "www.example.org")
    assert "10.0.0.7" in from_environment({"DEBATE_HOST": "10.0.0.7"}, tmp_path).trusted_hosts


@pytest.mark.parametrize(
    ("given", "trusted"),
    [
        ({}, "[::1]"),
        ({"DEBATE_HOST": "::1"}, "[::1]"),
        ({"DEBATE_HOST": "[fd00::7]", "DEBATE_HTTPS": "off"}, "[fd00::7]"),
        ({"DEBATE_TRUSTED_HOSTS": "example.org,[FD00:0::7]"}, "[fd00::7]"),
        ({"DEBATE_TRUSTED_HOSTS": ".example.org:80"}, "www.example.org"),
    ],
)
def test_a_site_answers_to_the_addresses_it_trusts(tmp_path: Path, given: dict[str, str], trusted: str) -> None:
    app = create_app(from_environment(given, tmp_path))
    found = [app.test_client().get("/livez", base_url=f"http://{host}:5000").status_code for host in (trusted, "[::2]")]
    assert found == [200, 400]
    app.extensions["database"].dispose()


def test_brackets_around_an_address_to_bind_to_are_left_off(tmp_path: Path) -> None:
    settings = from_environment({"DEBATE_HOST": "[::1]"}, tmp_path)
    assert (settings.host, settings.https) == ("::1", False)


def test_a_setting_that_is_not_known_is_named() -> None:
    environ = {"DEBATE_PROT": "1", "DEBATE_PORT": "1", "DEBATE_TEST_DATABASE_URL": "x", "PATH": "/bin"}
    assert unknown(environ) == ["DEBATE_PROT"]


def test_a_secret_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    first, second = (from_environment({}, tmp_path / "instance").secret_key for _ in range(2))
    assert first == second
    assert len(first) >= 64
    assert stat.S_IMODE((tmp_path / "instance" / "secret_key").stat().st_mode) == 0o600
    assert [file.name for file in (tmp_path / "instance").iterdir()] == ["secret_key"]
    other = from_environment({}, tmp_path / "other").secret_key
    assert other != first


def test_two_starts_at_once_get_the_same_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        keys = list(pool.map(lambda _: from_environment({}, tmp_path / "instance").secret_key, range(64)))
    assert len(set(keys)) == 1
    assert [file.name for file in (tmp_path / "instance").iterdir()] == ["secret_key"]


@pytest.mark.parametrize("kept", ["", "short\n"])
def test_a_key_file_that_holds_no_key_is_named(tmp_path: Path, kept: str) -> None:
    (tmp_path / "secret_key").write_text(kept)
    with pytest.raises(BadSetting, match=r"^DEBATE_SECRET_KEY: .*secret_key"):
        from_environment({}, tmp_path)


def test_an_instance_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadSetting, match=r"^DEBATE_SECRET_KEY: "):
        from_environment({}, tmp_path / "file" / "instance")


@pytest.mark.slow
def test_the_program_stops_with_one_line(tmp_path: Path) -> None:
    environ = {**os.environ, "DEBATE_INSTANCE": str(tmp_path), "DEBATE_PORT": "eighty"}
    for command in (["essay", "list"], ["serve"]):
        done = subprocess.run(
            [sys.executable, "-m", "debate", *command], env=environ, capture_output=True, text=True, cwd=ROOT
        )
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == "DEBATE_PORT: 'eighty' is not a whole number from 1 to 65535.\n"


def test_debug_is_off_and_the_key_is_not_a_default(tmp_path: Path) -> None:
    app = create_app(from_environment({}, tmp_path))
    assert not app.debug
    assert not app.testing
    assert app.secret_key == (tmp_path / "secret_key").read_text()
    app.extensions["database"].dispose()
