"""Lighthouse, collected with FULL=1 only: a hundred in all it scores, for a visitor, on the essay of seeded.py."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import seeded
from browsers import CHROMIUM, HOW
from live import Site, lacking, site_on
from sqlalchemy import select

from debate.db import Database
from debate.models import Essay, Paragraph

ALL = ("performance", "accessibility", "best-practices", "seo")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, dict[str, str]]]:
    if CHROMIUM is None:
        lacking(HOW)
    if not shutil.which("npx"):
        lacking("Lighthouse is off; to turn it on install Node with npm (apt-get install npm)")
    with site_on("sqlite", Path(tmp_path_factory.mktemp("lighthouse"))) as there:
        database = Database(there.database_url)
        slug = database.write(seeded.seed)
        database.dispose()
        busiest = (
            select(Paragraph.key)
            .join(Paragraph.essay)
            .where(Essay.slug == slug)
            .order_by(Paragraph.reply_count.desc())
            .limit(1)
        )
        [(key,)] = there.rows(busiest)
        there.start()
        essay = f"/essays/{slug}"
        pages = {"essay": essay, "debate": f"{essay}/p/{key}", "tree": f"{essay}/tree", "sources": f"{essay}/sources"}
        yield there, pages | {"login": "/login"}


def judged(address: str, report: Path) -> dict[str, Any]:
    """What Lighthouse says of a page."""
    done = subprocess.run(
        [
            "npx", "--yes", "lighthouse@12.8.2", address, "--quiet", "--output=json", f"--output-path={report}",
            "--chrome-flags=--headless=new --no-sandbox",
        ],
        env=os.environ | {"CHROME_PATH": CHROMIUM or ""},
        capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert report.exists(), done.stderr[-2000:]
    return json.loads(report.read_text())


@pytest.mark.parametrize("name", ["essay", "debate", "tree", "sources", "login"])
def test_lighthouse_gives_a_hundred(site: tuple[Site, dict[str, str]], name: str, tmp_path: Path) -> None:
    there, pages = site
    address = f"http://127.0.0.1:{there.port}{pages[name]}"
    wanted = ALL[:3] if name == "login" else ALL  # the login page asks not to be found
    tries: list[dict[str, int]] = []
    for number in range(3):  # what else the machine does can cost a point, or the whole run: the best of three counts
        found = judged(address, tmp_path / f"{number}.json")
        tries.append({kind: round(100 * (found["categories"][kind]["score"] or 0)) for kind in ALL})
        if all(tries[-1][kind] == 100 for kind in wanted):
            break
    scores = max(tries, key=lambda each: sum(each.values()))
    short = [
        (audit["id"], audit.get("displayValue", ""))
        for audit in found["audits"].values()
        if audit["score"] is not None and audit["score"] < 0.9 and audit["scoreDisplayMode"] != "informative"
    ]
    print(name, tries, short)
    assert {kind: scores[kind] for kind in wanted} == dict.fromkeys(wanted, 100), short
