"""Who may have an account: those who are asked in."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.urls import reverse

WRONG = "This email or this password is not right. Check both, then try again."
TOO_OFTEN = "Too many attempts. Wait a few minutes, then try again."


class InvitedOnly(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": WRONG,
        "too_many_login_attempts": TOO_OFTEN,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse open sign-up: owners make accounts."""
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Lead back to the playground, where the message about it is shown."""
        return reverse("playground")
