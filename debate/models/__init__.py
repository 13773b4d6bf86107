"""What there is: tables and their constraints, and what a thing says about itself."""

from debate.models.essays import Essay, Paragraph, Placement, Revision, Wording, Writer
from debate.models.evidence import Citation, Citing, Source
from debate.models.locks import Lock
from debate.models.moderation import Ruling
from debate.models.notices import Notice
from debate.models.replies import Reply, ReplyEdit
from debate.models.search import Find
from debate.models.users import User
from debate.models.visits import Visit
from debate.models.votes import Vote

__all__ = [
    "Citation",
    "Citing",
    "Essay",
    "Find",
    "Lock",
    "Notice",
    "Paragraph",
    "Placement",
    "Reply",
    "ReplyEdit",
    "Revision",
    "Ruling",
    "Source",
    "User",
    "Visit",
    "Vote",
    "Wording",
    "Writer",
]
