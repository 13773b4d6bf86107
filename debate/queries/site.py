"""What admins have set for the whole site."""

from typing import NamedTuple

# Asked with every page that is made (see Database.peek).
SET = "SELECT registration, names_moderators, holds_new, source_changes, erasures FROM site WHERE id = 1"


class Chosen(NamedTuple):
    """The stored settings; see models.Site. An empty `registration` is as the environment says."""

    registration: str = ""
    names_moderators: bool = True
    holds_new: bool = False
    source_changes: int = 0
    erasures: int = 0
