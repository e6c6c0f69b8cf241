"""What the lines of an export refer to, as it is called on this server."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from generations.models import Collection, EnhancementRequest, Generation, Reference, Team, User
from generations.transfer.parts import Export

Named = type[Generation] | type[Collection] | type[EnhancementRequest] | type[Reference]


@dataclass(slots=True, kw_only=True)
class Here:
    team: Team
    export: Export
    names: Mapping[str, Any]
    """E-mail address → name, as the export has them."""
    people: dict[str, User] = field(default_factory=dict)
    collections: dict[str, Collection] = field(default_factory=dict)
    """By their names in lower case."""

    def person(self, email: str) -> User:
        """Return whose address it is; who has no account here gets one that nobody can sign in with."""
        key = email.lower()
        if key not in self.people:
            known = User.objects.filter(email__iexact=key).first()
            name = str(self.names.get(email, ""))[:80]
            self.people[key] = known or User.objects.create_user(key, None, name=name, is_active=False)
        return self.people[key]

    def picture(self, public_id: str) -> Generation | None:
        """Return the team's picture of that id, or of the one that follows from it."""
        own = UUID(public_id)
        return Generation.objects.filter(team=self.team, public_id__in=[own, self._derived(own)]).first()

    def own_id(self, model: Named, public_id: str) -> UUID:
        """Return the id that something gets here: its own, unless that is taken."""
        own = UUID(public_id)
        return self._derived(own) if model._default_manager.filter(public_id=own).exists() else own

    def stack(self, stack: str) -> UUID:
        """Return a stack's id: another team's pictures must not come to lie in the same one."""
        own = UUID(stack)
        return self._derived(own) if Generation.objects.filter(stack=own).exclude(team=self.team).exists() else own

    def _derived(self, public_id: UUID) -> UUID:
        return uuid.uuid5(self.team.public_id, str(public_id))


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def known_moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
