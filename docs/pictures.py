"""Makes the pictures in README from the demo debate: `make pictures`. Needs Chromium."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, sync_playwright

FOLDER = Path(__file__).resolve().parent / "pictures"
MOST_BYTES = 300_000


def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("pictures: Chromium is missing (Debian: apt-get install chromium)")
    with tempfile.TemporaryDirectory() as instance, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        settings = os.environ | {"DEBATE_INSTANCE": instance, "DEBATE_PORT": str(port), "DEBATE_WORKERS": "1"}
        debate = [sys.executable, "-m", "debate"]
        subprocess.run([*debate, "db", "upgrade"], env=settings, check=True, stdout=subprocess.DEVNULL)
        said = subprocess.run([*debate, "demo"], env=settings, check=True, capture_output=True, text=True).stdout
        essay = f"http://127.0.0.1:{port}" + said.split()[2]
        server = subprocess.Popen([*debate, "serve"], env=settings, stderr=subprocess.DEVNULL)
        try:
            wait_for(essay)
            with sync_playwright() as play:
                browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
                take(browser, essay)
                browser.close()
        finally:
            server.terminate()
            server.wait()


def wait_for(address: str) -> None:
    for _ in range(100):
        try:
            with urlopen(address):
                return
        except URLError:
            time.sleep(0.1)
    sys.exit("pictures: the site did not start")


def take(browser: Browser, essay: str) -> None:
    """The top of the essay; a debate open beneath its paragraph; the same in the dark on a phone."""
    FOLDER.mkdir(exist_ok=True)
    wide = browser.new_page(viewport={"width": 1280, "height": 860}, color_scheme="light")
    wide.goto(essay)
    save(wide.screenshot(), "essay")
    busiest = wide.evaluate(
        "[...document.querySelectorAll('section[data-heat]')].sort((a, b) => b.dataset.heat - a.dataset.heat)[0].id"
    )
    wide.goto(f"{essay}?open={busiest[2:]}#{busiest}")
    wide.wait_for_timeout(300)
    save(wide.screenshot(), "debate")
    phone = browser.new_page(viewport={"width": 390, "height": 780}, color_scheme="dark")
    phone.goto(f"{essay}?open={busiest[2:]}#{busiest}")
    phone.wait_for_timeout(300)
    save(phone.screenshot(), "phone")


def save(picture: bytes, name: str) -> None:
    file = FOLDER / f"{name}.png"
    if len(picture) > MOST_BYTES:
        sys.exit(f"pictures: {file.name} has {len(picture):,} bytes, more than {MOST_BYTES:,}")
    file.write_bytes(picture)
    print(f"{file.relative_to(FOLDER.parent.parent)}: {len(picture):,} bytes")


if __name__ == "__main__":
    main()
