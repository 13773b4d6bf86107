"""What is in the repository, what is locked, and what a built wheel holds."""

import re
import shutil
import stat
import subprocess
import sys
import tomllib
import zipfile
from hashlib import sha256
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path, PurePosixPath

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.txt", "requirements-dev.txt", "build-constraints.txt")
OTHER_LOCKS = {
    "bun.lock",
    "bun.lockb",
    "npm-shrinkwrap.json",
    "package-lock.json",
    "pdm.lock",
    "Pipfile.lock",
    "pnpm-lock.yaml",
    "poetry.lock",
    "uv.lock",
    "yarn.lock",
}
# Written in parts, so that this file does not hold what it looks for.
HOSTS = [
    ".".join(parts)
    for parts in [
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("jsdelivr", "net"),
        ("cdnjs", "cloudflare", "com"),
        ("googleapis", "com"),
        ("gstatic", "com"),
    ]
] + ["unpkg" + ".com"]
FOLDERS_IN_WHEEL = ("templates", "static", "migrations")

pytestmark = pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a git checkout")


def git(*args: str) -> list[str]:
    done = subprocess.run(
        ["git", "-C", str(ROOT), "-c", "safe.directory=*", *args, "-z"], check=True, capture_output=True, text=True
    )
    return [name for name in done.stdout.split("\0") if name]


@pytest.fixture(scope="module")
def tracked() -> list[str]:
    """Names of the files that are tracked, or will be at the next `git add .`"""
    names = git("ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate")
    return [name for name in names if (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def texts(tracked: list[str]) -> dict[str, str]:
    """All that is not binary, by name."""
    contents = ((name, (ROOT / name).read_bytes()) for name in tracked)
    return {name: data.decode("utf-8") for name, data in contents if b"\0" not in data[:8192]}


@pytest.fixture(scope="module")
def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def locked(name: str) -> dict[str, list[Requirement]]:
    """What a lock file pins, by normalised name; one name may have a version for each of several Pythons."""
    found: dict[str, list[Requirement]] = {}
    for line in re.sub(r"\\\n\s*", " ", (ROOT / name).read_text("utf-8")).splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            requirement = Requirement(re.split(r"\s--hash", line)[0].strip())
            found.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    return found


def hook():
    spec = spec_from_file_location("debate_build_hook", ROOT / "debate" / "_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# What is tracked


def test_nothing_ignored_is_tracked():
    assert git("ls-files", "--cached", "--ignored", "--exclude-standard") == []


def test_no_lock_file_of_another_tool_is_tracked(tracked):
    assert [name for name in tracked if PurePosixPath(name).name in OTHER_LOCKS] == []


def test_nothing_of_others_is_tracked(tracked):
    carried = re.compile(r"(^|/)(node_modules|vendor|site-packages)/|\.min\.(js|css)$|\.(js|css)\.map$")
    assert [name for name in tracked if carried.search(name)] == []


def test_no_tracked_file_is_large(tracked):
    assert [name for name in tracked if (ROOT / name).stat().st_size > 1_000_000] == []


def test_texts_are_tidy(texts):
    untidy = []
    for name, text in texts.items():
        if "\r" in text:
            untidy.append(f"{name}: CR")
        if text and not text.endswith("\n"):
            untidy.append(f"{name}: no newline at the end")
        if re.search(r"^(<{7}|>{7}) ", text, re.MULTILINE):
            untidy.append(f"{name}: left over from a merge")
        if not name.endswith(".md") and (found := re.search(r"[ \t]+$", text, re.MULTILINE)):
            untidy.append(f"{name}:{text.count(chr(10), 0, found.start()) + 1}: space at the end of the line")
    assert untidy == []


def test_no_tracked_file_names_a_registry_or_a_cdn(texts):
    assert [f"{name}: {host}" for name, text in texts.items() for host in HOSTS if host in text] == []


@pytest.mark.skipif(len(ROOT.parts) < 3, reason="the checkout is too near the root for its name to mean anything")
def test_no_tracked_file_names_this_checkout(texts):
    here = re.compile(re.escape(str(ROOT)) + r"(?![\w-])")
    assert [name for name, text in texts.items() if here.search(text)] == []


def test_ci_script_can_be_run():
    assert (ROOT / ".ci" / "run").stat().st_mode & stat.S_IXUSR


# What is locked


@pytest.mark.parametrize("name", LOCKS)
def test_lock_says_what_but_not_from_where(name):
    text = (ROOT / name).read_text("utf-8")
    assert re.findall(r"\S*://\S*|^\s*-.*$| @ \S+", re.sub(r"^\s*(--hash=|#).*$", "", text, flags=re.MULTILINE)) == []
    assert "://" not in text


@pytest.mark.parametrize("name", LOCKS)
def test_lock_pins_every_package_to_one_version(name):
    loose = [str(r) for rs in locked(name).values() for r in rs if [s.operator for s in r.specifier] != ["=="]]
    assert loose == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_lock_has_hashes_of_every_package(name):
    blocks = re.findall(
        r"^[a-z0-9].*(?:\n[ ]{4}--hash=sha256:[0-9a-f]{64}(?: \\)?)*", (ROOT / name).read_text("utf-8"), re.M
    )
    assert len(blocks) == sum(map(len, locked(name).values()))
    assert [block for block in blocks if "--hash=sha256:" not in block] == []


def test_locks_are_of_what_is_asked_for(project):
    """`make lock` was called after the last change of a dependency."""
    asked = {
        "requirements.txt": project["project"]["dependencies"],
        "requirements-dev.txt": [
            line for line in (ROOT / "dev.in").read_text("utf-8").splitlines() if line and not line.startswith("#")
        ],
        "build-constraints.txt": project["build-system"]["requires"],
    }
    stale = []
    for name, lines in asked.items():
        have = locked(name)
        for requirement in map(Requirement, lines):
            for pin in have.get(canonicalize_name(requirement.name), [None]):
                version = next(iter(pin.specifier)).version if pin else None
                if version is None or not requirement.specifier.contains(version, prereleases=True):
                    stale.append(f"{name}: {requirement} (locked: {version})")
    assert stale == []


def test_locks_agree_with_each_other():
    runtime, dev, build = map(locked, LOCKS)
    for one, other in ((runtime, dev), (build, dev)):
        differ = {
            name
            for name in one.keys() & other.keys()
            if {r.specifier for r in one[name]} != {r.specifier for r in other[name]}
        }
        assert differ == set()


def test_what_carries_the_javascript_is_not_a_runtime_dependency():
    assert {"django", "django-htmx"} & (
        locked("requirements.txt").keys() | locked("requirements-dev.txt").keys()
    ) == set()


# What is built


def test_javascript_in_place_has_its_checksum():
    for name, (_, want) in hook().ASSETS.items():
        assert sha256((ROOT / "static" / "vendor" / name).read_bytes()).hexdigest() == want


def test_javascript_with_another_checksum_stops_the_build(tmp_path, monkeypatch):
    built = hook()
    monkeypatch.setattr(built, "_carried", lambda source: b"something else")
    (tmp_path / "static" / "vendor").mkdir(parents=True)
    (tmp_path / "static" / "vendor" / "htmx.min.js").write_bytes(b"put there by somebody")
    with pytest.raises(RuntimeError, match="does not have the checksum"):
        built.Hook(str(tmp_path), {}, None, None, str(tmp_path), "wheel").initialize("standard", {"force_include": {}})


@pytest.mark.slow
def test_wheel_holds_all_that_runs_and_nothing_else(tmp_path, tracked, project):
    """Built from the tracked files and the JavaScript in place, without the network."""
    vendored = [f"static/vendor/{name}" for name in hook().ASSETS]
    for name in [*tracked, *vendored]:
        copy = tmp_path / "source" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy)
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-index", "--no-deps"]
    done = subprocess.run(
        [*pip, "--no-build-isolation", "--wheel-dir", str(tmp_path), "."],
        cwd=tmp_path / "source",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
        metadata = archive.read(next(name for name in names if name.endswith(".dist-info/METADATA"))).decode()

    own = {name for name in tracked if name.startswith("debate/") and name != "debate/_build.py"}
    own |= {name.removesuffix(".po") + ".mo" for name in own if name.endswith(".po")}  # compiled while building
    folders = {f"debate/{name}" for name in [*tracked, *vendored] if name.split("/")[0] in FOLDERS_IN_WHEEL}
    assert {name for name in names if ".dist-info/" not in name} == own | folders
    assert "debate/static/vendor/htmx.min.js" in names
    for folder in FOLDERS_IN_WHEEL:
        assert any(name.startswith(f"debate/{folder}/") for name in names), folder
    assert {name.split("/licenses/")[1] for name in names if "/licenses/" in name} == {"LICENSE", "NOTICE"}
    required = {
        Requirement(line.split(": ", 1)[1]) for line in metadata.splitlines() if line.startswith("Requires-Dist:")
    }
    runtime = {canonicalize_name(r.name) for r in required if "extra" not in str(r.marker)}
    assert runtime == {canonicalize_name(Requirement(line).name) for line in project["project"]["dependencies"]}
