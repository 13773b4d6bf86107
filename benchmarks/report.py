"""What was measured, as plain tables."""

from collections.abc import Iterable, Sequence

from measure import Found

STATES = ("kept", "304", "same bytes", "signed in", "afresh", "signed in, afresh")
KB = 1024


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns as wide as they need be: the first to the left, numbers to the right."""
    lines = [list(head), *(list(row) for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(head))]
    out = [title]
    for number, line in enumerate(lines):
        cells = [
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        out.append("  " + "  ".join(cells).rstrip())
        if number == 0:
            out.append("  " + "  ".join("-" * width for width in widths))
    return "\n".join(out) + "\n"


def ms(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}" if value < 100 else f"{value:,.0f}"


def times(over: float | None, under: float | None) -> str:
    return f"{over / under:.1f}x" if over is not None and under else "-"


def everything(found: Found) -> str:
    parts = [
        _pages(found),
        _growth(found),
        _bare(found),
        _writes(found),
        _weights(found),
        _statements(found),
        _loads(found),
        _servers(found),
    ]
    return "\n".join(parts)


def _names(found: Found) -> list[str]:
    return list(dict.fromkeys(page for _, page in found.weights))


def _pages(found: Found) -> str:
    rows = []
    for page in _names(found):
        for size in found.sizes:
            if (size, page) in found.weights:
                cells = [found.p50(size, page, state) for state in STATES]
                rows.append([page, f"{size:,}", *map(ms, cells), times(cells[0], cells[2]), times(cells[1], cells[2])])
    head = ["page", "replies", *STATES, "kept/same", "304/same"]
    return table(f"{found.kind}: pages as browsers ask for them (gzip), p50 ms, one at a time", head, rows)


def _growth(found: Found) -> str:
    small, large = found.sizes[0], found.sizes[-1]
    rows = [
        [
            page,
            *(
                times(found.p50(large, page, state), found.p50(small, page, state))
                for state in STATES
                if state != "same bytes"
            ),
        ]
        for page in _names(found)
    ]
    head = ["page", *(state for state in STATES if state != "same bytes")]
    return table(f"{found.kind}: the same, {large:,} replies over {small:,}", head, rows)


def _bare(found: Found) -> str:
    rows = []
    states = ("afresh, plain", "signed in, plain", "bare")
    for page in ("essay", "debate"):
        for size in found.sizes:
            cells = [found.p50(size, page, state) for state in states]
            gzipped = found.p50(size, page, "afresh")
            over = [times(cells[0], cells[2]), times(cells[1], cells[2]), times(gzipped, cells[2])]
            rows.append([page, f"{size:,}", *map(ms, cells), *over])
    head = ["page", "replies", *states, "afresh/bare", "signed in/bare", "afresh with gzip/bare"]
    return table(f"{found.kind}: uncompressed, after a write, beside the bare view, p50 ms", head, rows)


def _writes(found: Found) -> str:
    rows = []
    for size in found.sizes:
        floor = found.p50(size, "insert", "bare")
        for what in ("vote", "reply to a paragraph", "reply to a reply", "reply to the deepest"):
            cells = [found.p50(size, what, how) for how in ("htmx", "plain")]
            rows.append([what, f"{size:,}", *map(ms, cells), ms(floor), *(times(cell, floor) for cell in cells)])
    head = ["write", "replies", "htmx", "plain", "bare insert", "htmx/bare", "plain/bare"]
    return table(f"{found.kind}: writes, p50 ms, one at a time", head, rows)


def _weights(found: Found) -> str:
    rows = []
    for page in _names(found):
        for size in found.sizes:
            if weight := found.weights.get((size, page)):
                kb = [f"{weight.raw / KB:,.1f}", f"{weight.packed / KB:,.1f}"]
                rows.append([page, f"{size:,}", f"{weight.replies:,}", *kb])
    head = ["page", "replies", "shown", "KB", "KB gzip"]
    slopes = ", ".join(f"{found.per_reply[size]:.0f} at {size:,}" for size in found.sizes)
    return table(f"{found.kind}: what pages weigh (visitor)", head, rows) + f"  gzip bytes per extra reply: {slopes}\n"


def _statements(found: Found) -> str:
    states = ("first", "again", "signed in", "signed in again")
    rows = []
    for page in _names(found):
        for size in found.sizes:
            counts = [found.statements.get((size, page, state)) for state in states]
            rows.append([page, f"{size:,}", *("-" if count is None else str(count) for count in counts)])
    return table(f"{found.kind}: SQL statements", ["page", "replies", *states], rows)


def _loads(found: Found) -> str:
    names = list(dict.fromkeys(name for _, name in found.rates))
    rows = []
    for name in names:
        cells = [found.rates[size, name] for size in found.sizes]
        rows.append([name, *(f"{count:,.0f}{f' ({wrong} failed)' if wrong else ''}" for count, wrong in cells)])
    head = ["requests a second, 16 at once", *(f"{size:,}" for size in found.sizes)]
    return table(f"{found.kind}: load", head, rows)


def _servers(found: Found) -> str:
    rows = []
    for size in found.sizes:
        for name in ("debate", "bare"):
            memory = found.memory[size, name]
            seconds = [found.first[size, name, what] for what in ("/livez", "essay")]
            rows.append(
                [
                    name,
                    f"{size:,}",
                    f"{memory['Rss']:.0f}",
                    f"{memory['Pss']:.0f}",
                    *(f"{each:.2f}" for each in seconds),
                ]
            )
    head = ["server", "replies", "RSS MiB", "PSS MiB", "s to /livez", "s to the essay"]
    recounts = "; ".join(f"{size:,}: {said}" for size, said in found.recounts.items())
    title = f"{found.kind}: a worker after the run; from start to first answer"
    return table(title, head, rows) + f"  debate recount after the run: {recounts}\n"
