"""The secret that a team's webhooks are signed with. It is kept nowhere: it follows from SECRET_KEY and the team."""

from __future__ import annotations

import hmac
from hashlib import sha256

from django.conf import settings

from generations.models import Team

PURPOSE = b"flux-srpo-playground webhooks 1:"


def secret_of_team(team: Team) -> str:
    """Return "whsec_" and 64 hex digits: the same for a team as long as SECRET_KEY is."""
    return "whsec_" + hmac.new(settings.SECRET_KEY.encode(), PURPOSE + team.public_id.bytes, sha256).hexdigest()
