"""Which replies may be drawn by lot for a reader."""

from functools import lru_cache

from sqlalchemy import Integer, String, TextualSelect, text
from sqlalchemy.orm import Session

from debate.models import User
from debate.queries.levels import STANCES
from debate.queries.threads import Place


def drawable(session: Session, person: User, place: Place, points: dict[str, int], limit: int) -> list[tuple[int, str]]:
    """Visible replies of the first level, (id, stance), that `person` neither wrote nor voted on.

    All of a side up to `limit`; of a larger one those whose lots follow the point given for that side.
    """
    parent = "r.parent_id IS NULL" if place.under is None else "r.parent_id = :parent"
    rows = session.execute(
        _drawing(parent, limit),
        place.values | {"person": person.id} | {f"point_{stance}": point for stance, point in points.items()},
    )
    found: dict[str, list[int]] = {stance: [] for stance in STANCES}
    for reply_id, stance, *_ in sorted(rows, key=lambda row: row[2:]):
        if reply_id not in found[stance] and len(found[stance]) < limit:
            found[stance].append(reply_id)
    return [(reply_id, stance) for stance in STANCES for reply_id in found[stance]]


@lru_cache(maxsize=4)
def _drawing(parent: str, limit: int) -> TextualSelect:
    parts = [
        f"SELECT id, '{stance}' AS stance, {turn} AS turn, lot FROM (SELECT r.id, r.lot FROM replies r "  # noqa: S608
        f"WHERE r.paragraph_id = :paragraph AND {parent} AND r.stance = '{stance}' AND r.stands = true "
        f"AND r.lot {compared} :point_{stance} AND r.state = 'visible' AND r.author_id <> :person "
        "AND NOT EXISTS (SELECT 1 FROM votes v WHERE v.user_id = :person AND v.reply_id = r.id) "
        f"ORDER BY r.parent_id, r.lot LIMIT {limit}) {stance}{turn}"
        for stance in STANCES
        for turn, compared in ((0, ">="), (1, "<"))
    ]
    return text(" UNION ALL ".join(parts)).columns(id=Integer, stance=String, turn=Integer, lot=Integer)
