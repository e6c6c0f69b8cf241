"""What was done that an owner may have to account for; entries are added and never changed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from generations.models.team import Team


class AuditKind(models.TextChoices):
    SIGNED_IN = "signed_in", "Signed in"
    SIGN_IN_FAILED = "sign_in_failed", "Failed to sign in"
    PASSWORD_CHANGED = "password_changed", "Changed a password"
    SECOND_FACTOR = "second_factor", "Changed how somebody signs in"
    TEAM_MADE = "team_made", "Made a team"
    TEAM_CHANGED = "team_changed", "Changed the team"
    INVITED = "invited", "Invited somebody"
    INVITE_ENDED = "invite_ended", "Withdrew an invitation"
    JOINED = "joined", "Joined"
    ROLE_CHANGED = "role_changed", "Changed a role"
    LEFT = "left", "Left or was removed"
    KEY_MADE = "key_made", "Made an API key"
    KEY_REVOKED = "key_revoked", "Revoked an API key"
    ACCOUNT_CHANGED = "account_changed", "Changed a vendor's key"
    SHARED = "shared", "Made a share link"
    SHARE_ENDED = "share_ended", "Revoked a share link"
    VISIBILITY = "visibility", "Changed who sees something"
    BUDGET_CHANGED = "budget_changed", "Changed a budget"
    APPROVED = "approved", "Approved an expense"
    DECLINED = "declined", "Declined an expense"
    POLICY_CHANGED = "policy_changed", "Changed a policy"
    REPORTED = "reported", "Reported a picture"
    REVIEWED = "reviewed", "Reviewed a picture"
    EXPORTED = "exported", "Exported pictures"
    DELETED = "deleted", "Deleted for good"


class AuditEntry(models.Model):
    """The database refuses to change an entry (a trigger in migration 0011)."""

    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.PROTECT, related_name="audit", help_text="Empty: of the whole installation."
    )
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=AuditKind.choices)
    subject = models.CharField(max_length=300, blank=True, help_text="What or whom it was about, in words.")
    address = models.CharField(max_length=45, blank=True, help_text="The IP address it came from, where one is known.")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "audit entries"
        constraints = [models.CheckConstraint(condition=models.Q(kind__in=AuditKind.values), name="audit_kind_known")]
        indexes = [models.Index(fields=["team", "-id"], name="audit_newest")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.subject}"
