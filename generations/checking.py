"""Is it still the same picture? Make it again and compare: the pixels first, then how the two look."""

from __future__ import annotations

from django.db.models.functions import Now

from generations.backends import title_of
from generations.errors import InvalidInputs, UnusablePicture
from generations.images import distance, open_picture
from generations.models import Check, Generation, Image, Member, State, Verdict
from generations.models.generation import FINAL
from generations.submission import make_again

ALIKE_UP_TO = 0.02
"""What saving a painting as JPEG with quality 10 does to it, measured; one step more or less of 28 is 0.036."""
NO_PICTURE = "There is no finished picture to check here."
UNDER_WAY = "This picture is being checked already."


def check(member: Member, generation: Generation) -> Check:
    """Order the same picture again, apart from the gallery; its verdict comes with `settle`.

    Raises InvalidInputs when there is nothing to check or it is being checked, BackendUnavailable and
    OverMonthBudget.
    """
    if generation.state != State.SUCCEEDED or generation.purged_at is not None:
        raise InvalidInputs({"check": NO_PICTURE})
    if generation.checks.filter(verdict=Verdict.WAITING).exists():
        raise InvalidInputs({"check": UNDER_WAY})
    saved: list[Check] = []

    def note(again: Generation) -> None:
        saved.append(Check.objects.create(generation=generation, again=again, author=member.user))

    make_again(member, generation, note)
    return saved[0]


def settle(check: Check) -> Check:
    """Return a check with its verdict, once the second run has ended; read it with its runs and their images."""
    if check.verdict != Verdict.WAITING or check.again.state not in FINAL:
        return check
    verdict, apart = _compared(check)
    found = {"verdict": verdict, "distance": apart, "changes": changes(check.generation, check.again)}
    if Check.objects.filter(pk=check.pk, verdict=Verdict.WAITING).update(decided_at=Now(), **found):
        check.refresh_from_db(fields=["verdict", "distance", "changes", "decided_at"])
    return check


def changes(before: Generation, now: Generation) -> list[list[str]]:
    """Return [what, before, now] of all that shaped the two runs and differs."""
    found = [] if before.backend == now.backend else [["Made by", title_of(before.backend), title_of(now.backend)]]
    names = [*before.versions, *(name for name in now.versions if name not in before.versions)]
    for name in names:
        one, other = str(before.versions.get(name, "")), str(now.versions.get(name, ""))
        if one != other:
            found.append([name, one or "not recorded", other or "not recorded"])
    return found


def _compared(check: Check) -> tuple[Verdict, float | None]:
    """Return the verdict and, of pictures that can be compared, how far apart they look."""
    one, other = _image(check.generation), _image(check.again)
    if one is None or other is None:
        return Verdict.FAILED, None
    if one.pixels_sha256 == other.pixels_sha256:
        return Verdict.IDENTICAL, 0.0
    try:
        apart = round(distance(*(open_picture(_bytes(each)) for each in (one, other))), 4)
    except (UnusablePicture, OSError):
        return Verdict.FAILED, None
    return (Verdict.ALIKE if apart <= ALIKE_UP_TO else Verdict.DIFFERENT), apart


def _image(generation: Generation) -> Image | None:
    return next(iter(generation.images.all()), None)


def _bytes(image: Image) -> bytes:
    with image.file.open("rb") as file:
        return bytes(file.read())
