"""The figures in Prometheus' text format (version 0.0.4)."""

from collections.abc import Iterable
from datetime import UTC, datetime

from debate.backup_records import Records
from debate.figures import BOUNDS, CLASSES, Figures, Series, Served
from debate.queries.health import State

MIMETYPE = "text/plain; version=0.0.4; charset=utf-8"


def written(figures: Figures, state: State | None, current: bool, records: Records | None) -> str:
    """All that is known: of the node's processes; of the database, unless it is silent; of backups, where any are made.

    `current` is whether the schema is at the newest migration.
    """
    lines = [*_of_processes(figures), *_of_requests(figures.all_served())]
    lines += _one("debate_database_up", "gauge", "Whether the database answers", int(state is not None))
    lines += _one("debate_schema_current", "gauge", "Whether the schema is at the newest migration", int(current))
    if state is not None:
        lines += _of_database(state)
    if records is not None:
        lines += _of_backups(records)
    return "\n".join(lines) + "\n"


def _of_processes(figures: Figures) -> Iterable[str]:
    workers = figures.workers()
    yield from _one("debate_workers", "gauge", "Processes that answer", len(workers))
    yield from _one("debate_requests_in_flight", "gauge", "Requests being answered", figures.total("in flight"))
    for name, kind, help_, counted in (
        ("debate_database_connections_in_use", "gauge", "Database connections in use", "connections"),
        ("debate_write_retries_total", "counter", "Writes the database asked to try again", "retries"),
        ("debate_write_busy_total", "counter", "Writes given up because the database was busy", "busy"),
        ("debate_log_shortened_total", "counter", "Times SQLite's log was made short again", "checkpoints"),
        ("debate_logins_refused_total", "counter", "Wrong names or passwords", "logins refused"),
        ("debate_too_fast_total", "counter", "Answers with status 429", "too fast"),
    ):
        yield from _one(name, kind, help_, max(0, figures.total(counted)))


def _of_requests(served: dict[Series, Served]) -> Iterable[str]:
    yield from _head("debate_requests_total", "counter", "Answers, by route and class of status")
    for (method, route), found in served.items():
        for name, count in zip(CLASSES, found.classes, strict=True):
            if count:
                yield f'debate_requests_total{{{_labels(method, route)},status="{name}"}} {count}'
    yield from _head("debate_request_seconds", "histogram", "How long answers took to make")
    for (method, route), found in served.items():
        labels, sofar = _labels(method, route), 0
        for bound, count in zip([*map(str, BOUNDS), "+Inf"], found.buckets, strict=True):
            sofar += count
            yield f'debate_request_seconds_bucket{{{labels},le="{bound}"}} {sofar}'
        yield f"debate_request_seconds_sum{{{labels}}} {found.seconds:.6f}"
        yield f"debate_request_seconds_count{{{labels}}} {sofar}"


def _of_database(state: State) -> Iterable[str]:
    yield from _one("debate_database_bytes", "gauge", "Size of the database", state.size)
    if state.kind == "sqlite":
        yield from _one("debate_sqlite_wal_bytes", "gauge", "Size of SQLite's log", state.log)
    yield from _head("debate_queue_items", "gauge", "What waits for moderators, by kind")
    for kind, count in state.waiting.items():
        yield f'debate_queue_items{{kind="{kind}"}} {count}'
    if state.newest_reply is not None:
        yield from _age("debate_newest_reply_age_seconds", "Age of the newest reply", state.newest_reply)


def _of_backups(records: Records) -> Iterable[str]:
    if records.made is not None:
        yield from _age("debate_backup_age_seconds", "Age of the newest backup", records.made)
        yield from _one("debate_backup_bytes", "gauge", "Size of the newest backup", records.size)
    if records.checked is not None:
        yield from _age("debate_backup_checked_age_seconds", "Since a backup was last read back whole", records.checked)


def _one(name: str, kind: str, help_: str, value: float) -> Iterable[str]:
    yield from _head(name, kind, help_)
    yield f"{name} {value}"


def _age(name: str, help_: str, since: datetime) -> Iterable[str]:
    return _one(name, "gauge", help_, max(0, round((datetime.now(UTC) - since).total_seconds())))


def _head(name: str, kind: str, help_: str) -> Iterable[str]:
    yield f"# HELP {name} {help_}."
    yield f"# TYPE {name} {kind}"


def _labels(method: str, route: str) -> str:
    quoted = route.replace("\\", "\\\\").replace('"', '\\"')
    return f'method="{method}",route="{quoted}"'
