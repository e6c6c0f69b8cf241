"""What may be unsafe to look at stays covered, and its file is not asked for, until somebody presses."""

from __future__ import annotations

from django import template
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from generations.models import Image, PicturesPolicy

register = template.Library()


@register.simple_block_tag(takes_context=True)
def veil(context: Context, content: SafeString, image: Image | None, still: bool = False, under: bool = False) -> str:
    """Show what stands in the block, or a veil over it: `{% veil image %}<img …>{% endveil %}`.

    The img inside has to say loading="lazy", so that a browser asks for it only once the veil is open. With `still=True`
    nothing can be pressed, as inside of a link: there is the small placeholder alone. With `under=True` the placeholder lies
    under the veil, where nothing else does.
    """
    if image is None or not is_veiled(image, context.get("team")):
        return content
    return render_to_string("generations/_veil.html", {"image": image, "content": content, "still": still, "under": under})


@register.simple_tag(takes_context=True)
def veiled(context: Context, image: Image | None) -> bool:
    """Say whether a picture is covered here: `{% veiled image as is_covered %}`."""
    return image is not None and is_veiled(image, context.get("team"))


def is_veiled(image: Image, team: object) -> bool:
    """Say whether a picture is covered: flagged, not cleared by an owner, and not in a team that wants to see everything.

    Where nobody is signed in there is no team, and it is covered.
    """
    if not image.is_flagged or image.cleared_at is not None:
        return False
    return getattr(team, "pictures_policy", "") != PicturesPolicy.SHOW
