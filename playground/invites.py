"""An invitation's link: sent by mail where this server sends any, and the page that it opens, once."""

from __future__ import annotations

from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.core.mail import EmailMessage, get_connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from generations import membership
from generations.errors import InvalidInputs
from generations.forms import AccountForm
from generations.models import Invite, Member, Role, User
from playground.connections import Said

MAIL_TIMEOUT_S = 10
A_ROLE: dict[str, str] = {Role.OWNER: "an owner", Role.MEMBER: "a member", Role.VIEWER: "a viewer"}
SENT = "The invitation is on its way to {email}. You can pass the link on yourself, too."
NOT_SENT = "The mail to {email} could not be sent. Copy the link and pass it on yourself."
SUBJECT = "{person} invites you to {team}"
TEXT = """{person} invites you to the team {team}, as {role}, to make and share pictures with it.

Follow this link to join. It works once, until {until}:
{link}

Did you not expect this? Then you need do nothing.
"""


def sends_mail() -> bool:
    """Say whether this server is set up to send mail."""
    return bool(getattr(settings, "EMAIL_HOST", ""))


def link_to(token: str) -> str:
    """Return the whole address that lets somebody in."""
    return settings.PUBLIC_URL + reverse("invite", args=[token])


@sensitive_variables("link", "text")
def send(invite: Invite, link: str, by: Member) -> Said:
    """Send the link to its address; say whether that went well."""
    facts = {"person": str(by.user), "team": by.team.name, "role": A_ROLE[invite.role], "link": link}
    text = TEXT.format(**facts, until=f"{invite.expires_at:%-d %B %Y}")
    subject = " ".join(SUBJECT.format(**facts).split())
    try:
        EmailMessage(subject, text, to=[invite.email], connection=get_connection(timeout=MAIL_TIMEOUT_S)).send()
    except OSError:
        return Said(sentence=NOT_SENT.format(email=invite.email), is_problem=True)
    return Said(sentence=SENT.format(email=invite.email))


@sensitive_post_parameters("password")
@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest, token: str) -> HttpResponse:
    """Show what a link opens, and let whoever presses the button in: signed in, or with an account made for it."""
    found = membership.live_invite(token)
    if found is None:
        return _sealed(_nothing(request))
    if request.method != "POST":
        return _sealed(_shown(request, found, token, AccountForm(initial={"email": found.email})))
    user = request.user
    return _sealed(_join(request, user, token) if isinstance(user, User) else _join_anew(request, found, token))


def _join(request: HttpRequest, user: User, token: str) -> HttpResponse:
    member = membership.accept(token, user)
    return _nothing(request) if member is None else _joined(request, member)


def _join_anew(request: HttpRequest, found: Invite, token: str) -> HttpResponse:
    """Make an account; too many tries from one address wait."""
    refusal: HttpResponse | None = ratelimit.consume_or_429(request, action="signup")
    if refusal is not None:
        return refusal
    form = AccountForm(request.POST)
    if not form.is_valid():
        return _shown(request, found, token, form)
    try:
        member = membership.accept_anew(token, **form.cleaned_data)
    except InvalidInputs as error:
        form.add_error("email", error.fields["email"])
        return _shown(request, found, token, form)
    if member is None:
        return _nothing(request)
    login(request, member.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return _joined(request, member)


def _joined(request: HttpRequest, member: Member) -> HttpResponse:
    messages.success(request, f"You are in the team {member.team} now. You see its pictures, and it sees yours.")
    return redirect("gallery:index")


def _shown(request: HttpRequest, found: Invite, token: str, form: AccountForm) -> HttpResponse:
    is_in = request.user.is_authenticated and found.team.memberships.filter(user=request.user.pk).exists()
    context = {"invite": found, "role": A_ROLE[found.role], "token": token, "form": form, "is_in": is_in}
    return render(request, "invite/index.html", context, status=422 if form.is_bound else 200)


def _nothing(request: HttpRequest) -> HttpResponse:
    """Answer alike for what was never a link, and for one that was used, withdrawn or is over."""
    return render(request, "invite/gone.html", status=404)


def _sealed(response: HttpResponse) -> HttpResponse:
    """Keep the link out of every Referer. With no-referrer browsers would also hide where a form comes from (Origin: null)."""
    response.headers["Referrer-Policy"] = "strict-origin"
    return response
