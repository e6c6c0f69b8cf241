"""The records. What touches two of them, money, the network or the queue lives elsewhere."""

from generations.models.generation import Generation, Progress, State
from generations.models.image import Image
from generations.models.ledger import LedgerEntry
from generations.models.reference import Reference
from generations.models.team import Member, Role, Team
from generations.models.user import User

__all__ = ["Generation", "Image", "LedgerEntry", "Member", "Progress", "Reference", "Role", "State", "Team", "User"]
