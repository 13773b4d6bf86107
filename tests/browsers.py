"""Chromium, for the tests that look at pages as readers do."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from live import lacking
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
HOW = "Browser tests are off; to turn them on install Chromium (Debian: apt-get install chromium)"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser; skips where there is none."""
    if CHROMIUM is None:
        lacking(HOW)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()
