"""A clock to be set: what the wall clock of a running server says, by Debian's libfaketime."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from live import lacking

HOW = "Tests of a clock that jumps are off; to turn them on: apt-get install libfaketime"
HOUR, DAY = 3600, 86400
# What Python is told at its start: libfaketime 0.9.10 takes the monotonic end of a sleep for a time of day, and fails.
SLEEP = """
import select, time
time.sleep = lambda seconds: select.select([], [], [], seconds) and None
"""


@dataclass
class Clock:
    """How far from the truth the wall clock is for each process that has `settings` in its environment."""

    file: Path
    library: Path

    @property
    def settings(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": str(self.library),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",  # a jump is seen at once
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # no jump of a real clock touches that one
            # gunicorn's workers sign life by a file's time, which is monotonic too.
            "NO_FAKE_STAT": "1",
            "FAKE_UTIME": "0",
            "PYTHONPATH": str(self.file.parent),
        }

    def jump(self, seconds: int) -> None:
        """From now on it is so many seconds later than it is (earlier below zero)."""
        new = self.file.with_suffix(".new")
        new.write_text(f"{seconds:+}\n")
        new.replace(self.file)  # whoever reads it reads the one or the other


@contextmanager
def a_clock() -> Iterator[Clock]:
    """A clock that is right so far, in a folder that others (PostgreSQL's user) can read."""
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not found:
        lacking(HOW)
    folder = Path(tempfile.mkdtemp(prefix="debate-clock-"))
    folder.chmod(0o755)
    try:
        clock = Clock(folder / "offset", found[0])
        clock.jump(0)
        (folder / "sitecustomize.py").write_text(SLEEP)
        yield clock
    finally:
        shutil.rmtree(folder)
        for left in Path("/dev/shm").glob("*faketime_s*_[0-9]*"):  # libfaketime's, of processes that were killed
            if not Path("/proc", left.name.rpartition("_")[2]).exists():
                left.unlink(missing_ok=True)
