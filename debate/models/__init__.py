"""What there is: tables and their constraints, and what a thing says about itself."""

from debate.models.accounts import Letter, MailToken, RecoveryCode, RetiredName, SignIn, Step
from debate.models.backups import BackupNote
from debate.models.essays import Descent, Essay, Paragraph, Placement, Revision, Wording, Writer
from debate.models.evidence import Ask, Check, Citation, Citing, Source, SourceEdit
from debate.models.locks import Lock
from debate.models.moderation import LogHead, Ruling
from debate.models.notices import Notice
from debate.models.replies import Confirmation, Reply, ReplyEdit
from debate.models.reports import Appeal, Item, Report
from debate.models.search import Find
from debate.models.site import Pace, Site
from debate.models.standings import Mute, Standing
from debate.models.users import User
from debate.models.visits import Visit
from debate.models.votes import Ballot, Vote, VoteAside

__all__ = [
    "Appeal",
    "Ask",
    "BackupNote",
    "Ballot",
    "Check",
    "Citation",
    "Citing",
    "Confirmation",
    "Descent",
    "Essay",
    "Find",
    "Item",
    "Letter",
    "Lock",
    "LogHead",
    "MailToken",
    "Mute",
    "Notice",
    "Pace",
    "Paragraph",
    "Placement",
    "RecoveryCode",
    "Reply",
    "ReplyEdit",
    "Report",
    "RetiredName",
    "Revision",
    "Ruling",
    "SignIn",
    "Site",
    "Source",
    "SourceEdit",
    "Standing",
    "Step",
    "User",
    "Visit",
    "Vote",
    "VoteAside",
    "Wording",
    "Writer",
]
