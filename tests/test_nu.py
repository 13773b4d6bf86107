"""The Nu HTML checker on every page, collected with FULL=1 only. It needs Java, and npm to fetch it once."""

import re
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
import sweep
from cast import Browser, EssayAt
from live import lacking

CACHE = Path(__file__).resolve().parent.parent / ".venv" / "cache"


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_the_nu_checker_finds_nothing(
    essay: EssayAt, critic: Browser, author: Browser, stranger: Browser, moderator: Browser, client: Browser,
    tmp_path: Path,
) -> None:  # fmt: skip
    jar = _checker()
    answers = sweep.every_page(essay, critic, author, stranger, moderator, client)
    for number, html in enumerate(answers.values()):
        (tmp_path / f"{number:03}.html").write_text(html)
    done = subprocess.run(
        ["java", "-jar", str(jar), "--errors-only", *map(str, sorted(tmp_path.glob("*.html")))],
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    names = dict(enumerate(answers))
    print(len(answers), "pages judged")
    assert re.sub(r"\S*/(\d{3})\.html", lambda found: names[int(found[1])], done.stderr) == ""
    assert done.returncode == 0


def _checker() -> Path:
    if not shutil.which("java") or not shutil.which("npm"):
        lacking("The Nu HTML checker is off; to turn it on install Java and npm (apt-get install default-jre npm)")
    CACHE.mkdir(exist_ok=True)
    there = CACHE / "package" / "build" / "dist" / "vnu.jar"
    if not there.exists():
        done = subprocess.run(
            ["npm", "pack", "--silent", "--ignore-scripts", "vnu-jar@26.9.27"],
            cwd=CACHE,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            lacking(f"The Nu HTML checker could not be fetched: {done.stderr[-200:]}")
        with tarfile.open(CACHE / done.stdout.split()[-1]) as archive:
            archive.extractall(CACHE, filter="data")
    return there
