"""The records. What touches two of them, money, the network or the queue lives elsewhere."""

from generations.models.account import Account
from generations.models.api import ApiKey, Prediction, Scope
from generations.models.attempt import Attempt, Outcome
from generations.models.audit import AuditEntry, AuditKind
from generations.models.check import Check, Verdict
from generations.models.collection import Collection, CollectionItem
from generations.models.delivery import Delivery, DeliveryState
from generations.models.enhancement import EnhancementRequest, EnhancementState
from generations.models.favourite import Favourite
from generations.models.generation import Generation, Progress, State
from generations.models.image import Image
from generations.models.invite import Invite
from generations.models.lease import Lease
from generations.models.ledger import LedgerEntry
from generations.models.preset import Preset
from generations.models.reference import Reference
from generations.models.report import Report, Resolution
from generations.models.search import SearchText
from generations.models.share import ShareKind, ShareLink
from generations.models.spent import SpentMonth
from generations.models.tag import Tag, Tagging
from generations.models.team import Member, PicturesPolicy, Role, Team, WordsPolicy
from generations.models.upload import Upload
from generations.models.user import User

__all__ = [
    "Account",
    "ApiKey",
    "Attempt",
    "AuditEntry",
    "AuditKind",
    "Check",
    "Collection",
    "CollectionItem",
    "Delivery",
    "DeliveryState",
    "EnhancementRequest",
    "EnhancementState",
    "Favourite",
    "Generation",
    "Image",
    "Invite",
    "Lease",
    "LedgerEntry",
    "Member",
    "Outcome",
    "PicturesPolicy",
    "Prediction",
    "Preset",
    "Progress",
    "Reference",
    "Report",
    "Resolution",
    "Role",
    "Scope",
    "SearchText",
    "ShareKind",
    "ShareLink",
    "SpentMonth",
    "State",
    "Tag",
    "Tagging",
    "Team",
    "Upload",
    "User",
    "Verdict",
    "WordsPolicy",
]
