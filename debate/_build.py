"""Build hook: brings in the JavaScript that the pages use, compiles translations, puts the top folders into the wheel.

Runs inside the build backend only (`pip install -e .`, `pip wheel .`); it is not part of the wheel. The files come out
of the build requirement django-htmx, which is located on disk but never imported, and are accepted only with the
checksums below. To change the version: change the requirement in pyproject.toml and the lines in ASSETS.
"""

from __future__ import annotations

import importlib.util
from hashlib import sha256
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CARRIER = "django_htmx"
ASSETS = {
    # name in static/vendor: (path below the carrier's static folder, sha256)
    "htmx.min.js": (
        "htmx-2.min.js",
        "71ea67185bfa8c98c39d31717c6fce5d852370fcdfd129db4543774d3145c0de",
    ),
    "hx-sse.min.js": (
        "ext/hx-sse-2.min.js",
        "98a46496de0c3605fbffdce9167ba427bdd9553184f83f149c261891a92c0136",
    ),
}
FOLDERS = ("templates", "static", "migrations")


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()


def _carried(source: str) -> bytes:
    spec = importlib.util.find_spec(CARRIER)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"static/vendor is incomplete and the build requirement {CARRIER} is not installed")
    return (Path(spec.origin).parent / "static" / CARRIER / source).read_bytes()


def _compile(source: Path) -> None:
    """Put what gettext reads, messages.mo, beside a translation; git ignores it."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with source.open("rb") as read, source.with_suffix(".mo").open("wb") as out:
        write_mo(out, read_po(read, locale=source.parent.parent.name))  # the name settles how plurals are counted


class Hook(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        vendor = Path(self.root, "static", "vendor")
        vendor.mkdir(parents=True, exist_ok=True)
        for name, (source, want) in ASSETS.items():
            there = vendor / name
            if there.is_file() and _digest(there.read_bytes()) == want:
                continue  # from an sdist, an earlier build, or put there by hand
            data = _carried(source)
            if _digest(data) != want:
                raise RuntimeError(f"{source} from {CARRIER} does not have the checksum in debate/_build.py")
            there.write_bytes(data)
        for source in Path(self.root, "debate", "translations").glob("*/LC_MESSAGES/messages.po"):
            _compile(source)
        if self.target_name == "wheel" and version == "standard":  # not for an editable install
            for folder in FOLDERS:
                path = Path(self.root, folder)
                if path.is_dir():
                    build_data["force_include"][str(path)] = f"debate/{folder}"
