"""What a process that reads strangers' files may use, and what is said when that is not enough."""

import codecs
import contextlib

from debate.text import links
from debate.text.message import N_

# Address space, of which a reader has taken some forty megabytes before it reads anything.
MEMORY = 250_000_000
# For finding out that a file is what it should be; and for reading the longest text that may be.
CPU_SECONDS = 2
CPU_SECONDS_IN_ALL = 20
WALL_SECONDS = 40

TOO_MUCH = N_("The file takes too much to be read; save it anew, as plainly as can be, or publish it in parts.")

# What hosts and pages are written in, and the names in ZIP files.
_ENCODINGS = (
    (
        "big5 cp437 cp866 euc_jp euc_kr gb18030 gb2312 gbk idna iso2022_jp koi8_r koi8_u mac_cyrillic mac_roman"
        " punycode shift_jis utf_8_sig utf_16 utf_16_be utf_16_le"
    ).split()
    + [f"cp125{number}" for number in range(9)]
    + [f"iso8859_{number}" for number in range(1, 17) if number != 12]
)

try:
    import resource
except ImportError:  # Windows has no such limits; the clock on the wall is there
    resource = None


_bound: list[bool] = []


def bind() -> None:
    """From here on this process is short of memory and time, and cannot write files or make processes."""
    _bound.append(True)
    _limit("RLIMIT_AS", MEMORY)
    _limit("RLIMIT_CPU", CPU_SECONDS, CPU_SECONDS_IN_ALL)
    _limit("RLIMIT_FSIZE", 0)
    _limit("RLIMIT_CORE", 0)
    _limit("RLIMIT_NPROC", 0)


def go_on() -> None:
    """The file has turned out to be harmless: it may take as long as a long text takes. Elsewhere this does nothing."""
    if _bound:
        _limit("RLIMIT_CPU", CPU_SECONDS_IN_ALL)


def seal() -> None:
    """From here on it cannot open anything: no file, no connection. What is imported late has to be there by now."""
    for encoding in _ENCODINGS:
        codecs.lookup(encoding)
    links.fits("https://ä.example")  # what reads a host that is not ASCII is imported with the first of them
    _limit("RLIMIT_NOFILE", 0)


def _limit(name: str, most: int, at_all: int | None = None) -> None:
    if resource is not None and hasattr(resource, name):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(getattr(resource, name), (most, most if at_all is None else at_all))
