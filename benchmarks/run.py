"""Everything side by side in one run: `python benchmarks/run.py`. It prints a report and always exits 0."""

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import measure
import report
import targets
from databases import Databases
from measure import Found, Plan
from servers import ROOT, environment
from sites import Site

DEPTH = 1000
QUICK = Plan(rounds=8, budget=1.0, load=0.6)


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers are stopped and databases dropped
    given = _given()
    plan = QUICK if given.quick else Plan()
    plan.rounds = given.requests or plan.rounds
    python = f"{platform.python_implementation()} {platform.python_version()}"
    print(f"{python}, {os.cpu_count()} cores; {plan.rounds} requests of each")
    with tempfile.TemporaryDirectory(prefix="debate-bench-") as scratch:
        keep = Path(given.keep or scratch)
        keep.mkdir(parents=True, exist_ok=True)
        kinds = {"sqlite": "", "postgresql": given.postgres}
        for kind, server in kinds.items():
            if given.only in ("", kind) and (server or kind == "sqlite"):
                databases = Databases(keep, server, keep=bool(given.keep))
                try:
                    found = measured(databases, given.sizes, given.depth, plan, Path(scratch))
                finally:
                    databases.clean()
                print(f"\n{report.everything(found)}\n{targets.lines(found)}", flush=True)


def measured(databases: Databases, sizes: list[int], depth: int, plan: Plan, scratch: Path) -> Found:
    """Serve all sizes at once, so that they too can be compared in turns, and measure everything."""
    found = Found(databases.kind, sizes)
    sites: list[Site] = []
    try:
        for size in sizes:
            _say(f"{databases.kind}: {size:,} replies")
            folder = scratch / f"{databases.kind}-{size}"
            folder.mkdir()
            site = Site(size, *databases.copy(size, depth), folder)
            sites.append(site)
            _count_statements(found, site)
            site.start()
            for name, server in (("debate", site.debate), ("bare", site.bare)):
                for what, path in (("/livez", "/livez"), ("essay", site.pages["essay"])):
                    found.first[size, name, what] = server.first[path]
        _measure(found, sites, plan)
    finally:
        for site in sites:
            site.stop()
    return found


def _measure(found: Found, sites: list[Site], plan: Plan) -> None:
    _say("weights")
    measure.weigh(found, sites)
    pages = list(dict.fromkeys(page for site in sites for page in site.pages))
    for page in pages:
        _say(f"page: {page}")
        measure.kept(found, sites, page, plan)
        measure.afresh(found, sites, page, plan)
    _say("writes")
    measure.writes(found, sites, plan)
    _say("load")
    measure.loads(found, sites, plan)
    for site in sites:
        found.memory[site.size, "debate"] = site.debate.memory()
        found.memory[site.size, "bare"] = site.bare.memory()
        found.recounts[site.size] = _recount(site)


def _recount(site: Site) -> str:
    """Whether all that was written was counted rightly: the last line of `debate recount`."""
    command, settings = [sys.executable, "-m", "debate", "recount"], environment(**site.debate.settings)
    done = subprocess.run(command, env=settings, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip().rpartition("\n")[2]


def _count_statements(found: Found, site: Site) -> None:
    """In a process of its own, before the server starts."""
    asked = {
        "url": site.url,
        "name": site.made["participant"],
        "password": site.made["password"],
        "pages": site.pages,
    }
    command = [sys.executable, str(ROOT / "benchmarks" / "statements.py")]
    settings = environment(DEBATE_INSTANCE=str(site.folder))
    done = subprocess.run(command, env=settings, cwd=ROOT, input=json.dumps(asked), stdout=subprocess.PIPE, text=True)
    for name, count in json.loads(done.stdout or "{}").items():
        page, _, state = name.partition("|")
        found.statements[site.size, page, state] = count


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure Debate beside a bare Flask app and print a report.")
    parser.add_argument("--sizes", type=_sizes, default=[100, 10_000, 100_000], help="replies: 100,10000,100000")
    parser.add_argument("--depth", type=int, default=DEPTH, help="of the deepest chain (default: %(default)s)")
    parser.add_argument("--requests", type=int, default=0, help="of each thing, one at a time (default: 60; quick: 8)")
    parser.add_argument("--quick", action="store_true", help="few requests: to see whether it works, not to compare")
    parser.add_argument("--only", choices=("sqlite", "postgresql"), default="")
    parser.add_argument("--keep", default="", help="folder in which databases are kept for the next run")
    parser.add_argument(
        "--postgres",
        default=os.environ.get("DEBATE_BENCH_DATABASE_URL", ""),
        help="a PostgreSQL server on which databases may be made (default: DEBATE_BENCH_DATABASE_URL)",
    )
    given = parser.parse_args()
    given.postgres = given.postgres.replace("postgresql://", "postgresql+psycopg://", 1)
    if given.only == "postgresql" and not given.postgres:
        parser.error("--only postgresql needs --postgres URL or DEBATE_BENCH_DATABASE_URL")
    return given


def _sizes(given: str) -> list[int]:
    return sorted({int(size) for size in given.split(",")})


def _say(words: str) -> None:
    """What is going on, on stderr: the report stays clean."""
    print(f"[{time.strftime('%H:%M:%S')}] {words}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
