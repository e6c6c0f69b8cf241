"""A person's new email: it counts once a link that was sent there is opened by the person, and the old one is told.

Nothing is kept meanwhile. The link is signed, holds for an hour, and is worth nothing once the email or the password is another
one. Allauth would keep the addresses in a table of its own, by which people could still sign in.
"""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.account.internal.userkit import filter_users_by_email
from allauth.account.models import EmailAddress
from allauth.core.internal.ratelimit import consume
from django import forms
from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from generations import audit_log
from generations.access import membership
from generations.models import AuditKind, User
from generations.requests import SignedInRequest
from playground.accounts import EMAIL_CHANGED
from playground.known_devices import password_stamp

SALT = "playground.email_change"
KEPT_S = 60 * 60
LIMITS = {"email_change": "5/h/user"}
SAME = "This is your email already."


class EmailForm(forms.Form):
    email = forms.EmailField(label="New email", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"}))

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        if email == self.person.email.lower():
            raise forms.ValidationError(SAME)
        return email


@never_cache
@require_http_methods(["GET", "POST"])
def ask(request: SignedInRequest) -> HttpResponse:
    """Ask for the new email, and send a link there unless it is somebody's; the answer does not tell."""
    raise_if_reauthentication_required(request, app="")
    form = EmailForm(request.POST if request.method == "POST" else None, person=request.user)
    if not form.is_valid():
        return render(request, "account/email_change.html", {"form": form}, status=422 if form.errors else 200)
    if consume(request, app="playground", action="email_change", config=LIMITS, user=request.user) is None:
        return render(request, "429.html", status=429)
    email = form.cleaned_data["email"]
    if not filter_users_by_email(email):
        link = settings.PUBLIC_URL + reverse("account_confirm_email_change", args=[_token(request.user, email)])
        get_adapter().send_mail("account/email/email_change", email, {"link": link, "user": request.user})
    return redirect("account_email_change_sent")


@require_GET
def sent(request: SignedInRequest) -> HttpResponse:
    return render(request, "account/email_change_sent.html")


@never_cache
@require_http_methods(["GET", "POST"])
def confirm(request: SignedInRequest, token: str) -> HttpResponse:
    """Ask once more, as mail servers open links by themselves, and make the new email count."""
    email = _email_in(token, request.user)
    if email and request.method == "POST" and _changed(request.user, email):
        messages.success(request, f"Your email is {email} now.")
        return redirect("account_page")
    is_over = not email or request.method == "POST"
    context = {"email": email, "token": token, "is_over": is_over}
    return render(request, "account/email_change_confirm.html", context, status=404 if is_over else 200)


def _token(person: User, email: str) -> str:
    return signing.dumps([person.pk, person.email, password_stamp(person), email], salt=SALT)


def _email_in(token: str, person: User) -> str:
    """Return the email that the token gives this person; "" for none."""
    try:
        pk, before, stamp, email = signing.loads(token, salt=SALT, max_age=KEPT_S)
    except signing.BadSignature:
        return ""
    return str(email) if (pk, before, stamp) == (person.pk, person.email, password_stamp(person)) else ""


def _changed(person: User, email: str) -> bool:
    """Make the email count and tell the old one; False when somebody else has it by now."""
    before, member = person.email, membership(person)
    try:
        with transaction.atomic():
            if User.objects.filter(pk=person.pk, email=before).update(email=email) != 1:
                return False
            # By what allauth noted of the old one, a person could still sign in.
            EmailAddress.objects.filter(user=person).delete()
            subject = f"changed the email from {before} to {email}"
            audit_log.record(AuditKind.SECOND_FACTOR, subject[:300], team=member.team_id if member else None, actor=person)
    except IntegrityError:
        return False
    get_adapter().send_notification_mail(EMAIL_CHANGED, person, email=before)
    return True
