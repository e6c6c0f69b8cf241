"""Who may have an account and how they prove it: those who are asked in, by password, second factor or single sign-on."""

from __future__ import annotations

import base64
import logging
import secrets
import smtplib
import threading
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.views import LoginView
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.http import HttpRequest
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from generations.membership import accept_by_mail
from generations.models import User
from generations.sealing import seal, unseal
from playground.browsers import browser_name
from playground.callers import address_of
from playground.lockout import count_try

log = logging.getLogger(__name__)

SITE = "SRPO Playground"
WRONG = "This email or this password is not right. Check both, then try again."
TOO_OFTEN = (
    "Too many wrong tries. Wait five minutes, use a browser in which you have signed in before, or get a new password "
    "the way that is named below."
)
WRONG_CODE = "This code is not right, or no longer. Wait for the next one and try again, or use a recovery code."

EMAIL_CHANGED = "account/email/email_changed"
# What allauth tells of → the sentence of the mail about it.
CHANGES = {
    "account/email/password_changed": "Your password was changed.",
    "account/email/password_set": "A password was set for your account, which had none.",
    EMAIL_CHANGED: "Your account has another email from now on. Nobody signs in with this one any more.",
    "account/email/password_reset": "A new password was chosen for your account, with a link from a mail.",
    "mfa/email/totp_activated": "An authenticator app was added to your account.",
    "mfa/email/totp_deactivated": "The authenticator app was removed from your account.",
    "mfa/email/webauthn_added": "A passkey was added to your account.",
    "mfa/email/webauthn_removed": "A passkey was removed from your account.",
    "mfa/email/recovery_codes_generated": "New recovery codes were made for your account. Earlier ones no longer work.",
    "socialaccount/email/account_connected": "Single sign-on leads to your account from now on.",
}


class InvitedOnly(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": WRONG,
        "too_many_login_attempts": TOO_OFTEN,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse open sign-up: owners make accounts."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return address_of(request) or "0.0.0.0"  # nosec B104

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse to look at the password after too many wrong ones; `authenticate` takes the count of a right one back."""
        self._login_failed_rl_usage = count_try(request, credentials.get("email", ""))
        if self._login_failed_rl_usage is None:
            raise self.validation_error("too_many_login_attempts")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Lead back to the account, where the message about it is shown."""
        return reverse("account_page")

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the link for a mail: at the address of this site, whatever host the request named."""
        uid, _, token = key.partition("-")
        return settings.PUBLIC_URL + reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token})

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tell a person by mail that something changed about how they sign in, where there is a mail server."""
        if not settings.EMAIL_HOST or template_prefix not in CHANGES:
            return
        # An email that nobody has any more gets no new password.
        may_reset = template_prefix != EMAIL_CHANGED
        known = {
            "what": CHANGES[template_prefix],
            "at": timezone.now(),
            "address": self.get_client_ip(self.request),
            "browser": browser_name(self.get_http_user_agent(self.request)),
            "reset_url": settings.PUBLIC_URL + reverse("account_reset_password") if may_reset else "",
        }
        self.send_mail("account/email/sign_in_changed", email or user.email, known)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send it aside: how long the mail server takes must not tell whether an address is known here."""
        message = self.render_mail(template_prefix, email, {"email": email, **context})
        message.connection = get_connection()
        threading.Thread(target=_send, args=[message], name="mail", daemon=True).start()


class SecondFactors(DefaultMFAAdapter):
    error_messages = {**DefaultMFAAdapter.error_messages, "incorrect_code": WRONG_CODE}

    def get_totp_issuer(self) -> str:
        return SITE

    def _get_site_name(self) -> str:
        return SITE

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret; where SECRET_KEY is another one by now, one that fits no code."""
        return unseal(encrypted_text) or base64.b32encode(secrets.token_bytes(20)).decode()

    def generate_authenticator_name(self, user: User, type: str) -> str:
        return "Passkey"


class SingleSignOn(DefaultSocialAccountAdapter):
    """Lets in whom the company's server vouches for, if they have an account here or were invited by mail."""

    def list_apps(self, request: HttpRequest, provider: str | None = None, client_id: str | None = None) -> list[SocialApp]:
        """Return the one server of the settings."""
        if not settings.OIDC_ISSUER:
            return []
        return [
            SocialApp(
                provider="openid_connect",
                provider_id="oidc",
                name=settings.OIDC_NAME,
                client_id=settings.OIDC_CLIENT_ID,
                secret=settings.OIDC_CLIENT_SECRET,
                settings={"server_url": settings.OIDC_ISSUER},
            )
        ]

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Tie what the server calls a person to the account with the same verified e-mail; turn everybody else away."""
        if sociallogin.is_existing:
            return
        verified = next((address.email for address in sociallogin.email_addresses if address.verified is True), "")
        person = User.objects.filter(email__iexact=verified).first() if verified else None
        if person is None and verified:
            said = sociallogin.account.get_provider_account().get_user_data() or {}
            person = accept_by_mail(verified, str(said.get("name") or ""))
        if person is None or not person.is_active:
            raise ImmediateHttpResponse(render(request, "account/signup_closed.html", {"email": verified}, status=403))
        sociallogin.connect(request, person)


class SignIn(LoginView):
    """The sign-in page, with the ways in that this installation has."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        ways = {
            "may_reset": bool(settings.EMAIL_HOST),
            "single_sign_on": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
            "may_use_passkeys": passkeys_work(self.request),
        }
        return {**super().get_context_data(**kwargs), **ways}


def passkeys_work(request: HttpRequest) -> bool:
    """Say whether browsers allow passkeys at this address: they want a name, and https anywhere but on this machine."""
    host = request.get_host().partition(":")[0]
    if host == "localhost":
        return True
    return request.is_secure() and not host.startswith("[") and not host.replace(".", "").isdigit()


def _send(message: EmailMultiAlternatives) -> None:
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as error:
        log.error("a mail could not be sent: %s", error)
