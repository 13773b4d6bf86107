"""An hour of ordinary use against a real server on SQLite: `python benchmarks/soak.py --minutes 60`.

Visitors and people who are signed in read, vote, reply, answer and report, at rates that are given: each request has a
time, whether or not those before it were answered, and is measured from that time on. At the end stands what was to be
reached and whether it was; the exit status is 1 where it was not.
"""

import argparse
import asyncio
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import mean
from urllib.parse import urlencode

import debates
import servers
from client import Client
from sqlalchemy import select
from traffic import Answered, Connections

from debate import schema
from debate.db import Database
from debate.models import Reply

GROWTH_MOST = 5.0  # per cent of memory, after the warm-up
P99_MOST = 400.0  # ms
WAL_MOST = 64 * 2**20
PEOPLE = 20
REFUSED = (403, 409, 410, 423)  # on one's own, there already, gone, locked: what people meet, and no error
WORDS = "The levy forgets the far bank at a loss, and so the mill owes forty letters."

Request = tuple[str, str, Client | None, dict[str, str]]  # its kind, its path, who sends it, its form (none: GET)


@dataclass
class Soak:
    """What is asked, of what, and what came of it. Times are in ms, by kind; memory in bytes, by seconds."""

    made: debates.Made
    replies: list[int]
    people: list[Client]
    chance: Random = field(default_factory=lambda: Random(7))
    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    statuses: Counter[int] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    memory: list[tuple[float, int]] = field(default_factory=list)
    wal: int = 0
    cpu: float = 0.0  # seconds that the server took
    count: int = 0

    def read(self) -> Request:
        """A page: two of three by visitors."""
        essay = f"/essays/{self.made.slug}"
        key, reply = self.chance.choice(self.made.paragraphs), self.chance.choice(self.replies)
        pages = {
            "essay": essay,
            "debate": f"{essay}/p/{key}",
            "reply": f"/replies/{reply}",
            "tree": f"{essay}/tree",
            "sources": f"{essay}/sources",
            "search": f"/search?q={self.chance.choice(('council', 'winter', 'levy', 'mill'))}",
            "home": "/",
            "account": f"/users/Reader{self.chance.randrange(PEOPLE)}",
        }
        kind = self.chance.choices(list(pages), weights=(5, 8, 8, 2, 1, 2, 3, 1))[0]
        who = self.chance.choice(self.people) if self.chance.random() < 1 / 3 else None
        return (f"{kind}, {'signed in' if who else 'visitor'}", pages[kind], who, {})

    def write(self) -> Request:
        """A vote, a reply, an answer or a report."""
        self.count += 1
        who, reply = self.chance.choice(self.people), self.chance.choice(self.replies)
        key = self.chance.choice(self.made.paragraphs)
        said = {"stance": self.chance.choice(("pro", "con")), "body": f"{WORDS} ({self.count})"}
        forms = {
            "vote": (f"/replies/{reply}/vote", {"value": self.chance.choice(("1", "-1"))}),
            "post": (f"/essays/{self.made.slug}/p/{key}/replies", said),
            "answer": (f"/replies/{reply}/replies", said),
            "report": (f"/replies/{reply}/reports", {"reason": "off-topic"}),
        }
        kind = self.chance.choices(list(forms), weights=(12, 3, 4, 1))[0]
        return (kind, forms[kind][0], who, {"csrf_token": who.token, **forms[kind][1]})

    def note(self, kind: str, answered: Answered, counts: bool) -> None:
        self.statuses[answered.status] += 1
        if not 0 < answered.status < 400 and answered.status not in REFUSED:
            self.errors[f"{kind}: {answered.status or answered.trouble}"] += 1
        if counts:
            self.times[kind].append(answered.ms)
            self.times["all"].append(answered.ms)


async def run(soak: Soak, server: servers.Server, rates: tuple[float, float], seconds: float, warm: float) -> None:
    """Ask at the given rates (reads, writes a second) for so long; times count after the warm-up."""
    connections = Connections(server.port)
    before = server.cpu()
    began = time.perf_counter()
    waiting: set[asyncio.Task[None]] = set()

    async def ask(request: Request, due: float) -> None:
        kind, path, who, form = request
        cookie = who.headers["Cookie"] if who else ""
        answered = await connections.ask(path, cookie, urlencode(form) if form else "", due)
        soak.note(kind, answered, due - began > warm)

    async def keep_asking(make: Callable[[], Request], rate: float) -> None:
        due = began
        while (due := due + soak.chance.expovariate(rate)) < began + seconds:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            task = asyncio.create_task(ask(make(), due))
            waiting.add(task)
            task.add_done_callback(waiting.discard)

    watcher = asyncio.create_task(_watch(soak, server, began))
    await asyncio.gather(keep_asking(soak.read, rates[0]), keep_asking(soak.write, rates[1]))
    await asyncio.gather(*waiting)
    watcher.cancel()
    soak.cpu = server.cpu() - before
    connections.close()


async def _watch(soak: Soak, server: servers.Server, began: float) -> None:
    """Look at SQLite's log every second, at the memory of all processes every ten."""
    wal = Path(f"{server.settings['DEBATE_INSTANCE']}/debate.db-wal")
    for second in range(10**9):
        if wal.exists():
            soak.wal = max(soak.wal, wal.stat().st_size)
        if second % 10 == 0:
            soak.memory.append((time.perf_counter() - began, server.whole_memory()))
        await asyncio.sleep(1)


def report(soak: Soak, seconds: float, warm: float) -> bool:
    """Print what came of it; whether all that was to be reached was."""
    print(f"{sum(soak.statuses.values()):,} requests, by status: {dict(sorted(soak.statuses.items()))}")
    each = soak.cpu / max(1, sum(soak.statuses.values()))
    print(f"CPU of the server: {soak.cpu / seconds:.2f} processors, {each * 1000:.1f} ms a request")
    print(f"{sum(soak.errors.values()):,} errors {dict(soak.errors) or ''}\n")
    print(f"{'ms, after the warm-up':28}{'requests':>10}{'p50':>8}{'p95':>8}{'p99':>8}{'most':>9}")
    for kind, times in sorted(soak.times.items(), key=lambda one: (one[0] == "all", one[0])):
        times.sort()
        shown = "".join(f"{_share(times, share):>8.1f}" for share in (0.5, 0.95, 0.99))
        print(f"{kind:28}{len(times):>10,}{shown}{times[-1]:>9.1f}")
    part = max(30.0, (seconds - warm) / 20)
    first = mean(size for at, size in soak.memory if warm - part <= at <= warm + part)
    last = mean(size for at, size in soak.memory if at >= seconds - part)
    growth = (last / first - 1) * 100
    print(
        f"\nmemory of all processes (PSS): {first / 2**20:.1f} MiB after the warm-up, {last / 2**20:.1f} MiB at the end"
    )
    tenths = [[size for at, size in soak.memory if n <= at / seconds * 10 < n + 1] for n in range(10)]
    print(f"in each tenth of the time, MiB: {', '.join(f'{mean(sizes) / 2**20:.0f}' for sizes in tenths if sizes)}")
    goals = (
        ("no errors", f"{sum(soak.errors.values())}", not soak.errors),
        (
            f"p99 of all under {P99_MOST:.0f} ms",
            f"{_share(soak.times['all'], 0.99):.1f} ms",
            _share(soak.times["all"], 0.99) < P99_MOST,
        ),
        (f"memory grows by less than {GROWTH_MOST:.0f} %", f"{growth:+.1f} %", growth < GROWTH_MOST),
        (f"SQLite's log under {WAL_MOST // 2**20} MiB", f"{soak.wal / 2**20:.1f} MiB at most", soak.wal < WAL_MOST),
    )
    for goal, found, reached in goals:
        print(f"{'reached' if reached else 'MISSED':8} {goal}: {found}")
    return all(reached for _, _, reached in goals)


def _share(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def prepared(folder: Path, replies: int) -> tuple[debates.Made, list[int]]:
    """A database with a debate in it, and the ids of replies that people look at."""
    database = Database(f"sqlite:///{folder / 'debate.db'}")
    schema.upgrade(database)
    made = debates.make(database, replies, depth=100)
    with database.reading() as session:
        ids = session.scalars(select(Reply.id).where(Reply.state == "visible").order_by(Reply.id.desc()).limit(2000))
        listed = [*ids.all(), made.crowded]
    database.dispose()
    return made, listed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--reads", type=float, default=50, help="a second")
    parser.add_argument("--writes", type=float, default=5, help="a second")
    parser.add_argument("--replies", type=int, default=10_000, help="that are there before")
    given = parser.parse_args()
    seconds = given.minutes * 60
    warm = min(600.0, seconds / 4)
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        folder = Path(name)
        made, ids = prepared(folder, given.replies)
        server = servers.debate(f"sqlite:///{folder / 'debate.db'}", folder).start("/livez")
        try:
            essay = f"/essays/{made.slug}"
            people = [Client(server.port).login(f"Reader{n}", made.password, essay) for n in range(PEOPLE)]
            for person in people:
                person.close()
            soak = Soak(made, ids, people)
            print(f"{given.minutes:g} minutes, {given.reads:g} reads and {given.writes:g} writes a second", flush=True)
            asyncio.run(run(soak, server, (given.reads, given.writes), seconds, warm))
        finally:
            server.stop()
    raise SystemExit(0 if report(soak, seconds, warm) else 1)


if __name__ == "__main__":
    main()
