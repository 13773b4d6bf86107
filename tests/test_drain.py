"""`debate serve` is told to stop while people read and write over connections that they keep: nothing is cut off.

DRAINS is how often it is stopped.
"""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest
from lines import Line
from live import KINDS, EssayAt, Person, Site, site_on
from sqlalchemy import select

from debate.models import Reply

pytestmark = pytest.mark.slow

DRAINS = int(os.environ.get("DRAINS", "2"))
WRITERS = 4
READERS = 4
PATIENCE = 30  # seconds a stop may take


@pytest.fixture(params=KINDS)
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    with site_on(request.param, tmp_path / "site", DEBATE_DRAIN="1") as site:
        yield site


def readiness(site: Site) -> list[tuple[float, float, int]]:
    """When /readyz was asked and answered (monotonic), and what, until the server refuses."""
    found = []
    while True:
        asked = time.monotonic()
        try:
            status = Person(site).get("/readyz").status
            found.append((asked, time.monotonic(), status))
        except ConnectionRefusedError:
            return found
        time.sleep(0.02)


def stopped_under_load(site: Site, essay: EssayAt, people: list[Person], number: int) -> list[Line]:
    """Stop the server amid reads and writes; all that was asked of it."""
    readers = [Line(Person(site), pause) for pause in (0, 0, 0.3, 0.9)]
    writers = [Line(person) for person in people]
    with ThreadPoolExecutor(len(readers) + len(writers) + 1) as pool:
        running = [pool.submit(line.read, essay.path) for line in readers]
        for line in writers:
            words = f"{line.person.name} in round {number}"
            running.append(pool.submit(line.write, f"{essay.paragraph(1)}/replies", words))
        asked = pool.submit(readiness, site)
        time.sleep(1 + 0.37 * (number % 3))
        before = time.monotonic()
        assert site.process is not None
        site.process.terminate()
        assert site.process.wait(PATIENCE) == 0, site.log
        assert time.monotonic() - before < PATIENCE
        assert not wait([*running, asked], 30).not_done
    assert {status for _, answered, status in asked.result() if answered < before} == {200}
    assert {status for at, _, status in asked.result() if at > before + 0.3} == {503}  # a busy machine's pause
    return [*readers, *writers]


@pytest.mark.full  # in make check R4 of tests/promises shows the same
def test_a_stop_under_load_cuts_no_request_off(site: Site) -> None:
    essay = site.add_essay()
    people = site.add_people([f"Writer{number}" for number in range(WRITERS)])
    stored: set[int] = set()
    for number in range(DRAINS):
        site.start()
        for person in people if number == 0 else ():
            person.login()
        lines = stopped_under_load(site, essay, people, number)
        assert [line.cut for line in lines if line.cut] == [], site.log
        assert {status for line in lines for status in line.answers} == {200, 303}
        assert all(line.answers for line in lines)
        for line in lines:
            stored |= line.stored
        assert {row.id for row in site.rows(select(Reply.id))} == stored
    assert "Traceback" not in site.log


@pytest.mark.parametrize("site", KINDS[:1], indirect=True)
def test_a_worker_that_goes_alone_leaves_the_door_to_the_others(site: Site) -> None:
    site.start()
    assert site.process is not None
    children = Path(f"/proc/{site.process.pid}/task/{site.process.pid}/children")
    end = time.monotonic() + 20
    while len(workers := children.read_text().split()) < 2:  # the first answers before the second is there
        assert time.monotonic() < end, site.log
    os.kill(int(workers[0]), 15)
    while workers[0] in children.read_text().split():
        assert time.monotonic() < end, site.log
        assert Person(site).get("/readyz").status == 200
    for _ in range(20):
        assert Person(site).get("/readyz").status == 200
