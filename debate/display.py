"""How a reader wants the pages to look: kept in a cookie of the browser's, for visitors too; nothing on the server."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from urllib.parse import parse_qsl, urlencode

# The first value is what holds where nothing was chosen. Languages are named in themselves.
LANGUAGES = {"en": "English", "de": "Deutsch"}
CHOICES: Mapping[str, tuple[str, ...]] = {
    "theme": ("system", "light", "dark"),
    "size": ("100", "90", "110", "125", "140"),
    "activity": ("on", "off"),
    "shortcuts": ("off", "on"),
    "language": ("", *LANGUAGES),
}
COOKIE = "debate_display"


@dataclass(frozen=True)
class Display:
    """A reader's choices; each is one of CHOICES, `size` in percent, `language` empty for the site's own."""

    theme: str = "system"
    size: str = "100"
    activity: str = "on"
    shortcuts: str = "off"
    language: str = ""

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "Display":
        """The choices in a form or cookie; what is no choice is as if it had not been said."""
        return cls(**{name: given[name] for name, values in CHOICES.items() if given.get(name) in values})

    @classmethod
    def kept(cls, cookie: str) -> "Display":
        """The choices that a cookie keeps."""
        return cls.read(dict(parse_qsl(cookie[:500])))

    def cookie(self) -> str:
        """What the cookie has to keep: only what differs from the defaults, so none is needed where this is empty."""
        plain = Display()
        return urlencode({name: value for name, value in asdict(self).items() if value != getattr(plain, name)})


assert {field.name for field in fields(Display)} == set(CHOICES)  # noqa: S101
