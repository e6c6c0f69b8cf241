"""Fill an installation with pictures that share one file: `python -m benchmarks.archive_rows JSON`, which prints JSON."""

from __future__ import annotations

import json
import os
import secrets
import sys

import django


def collection(*, pictures: int, bytes_each: int) -> dict[str, str]:
    """Put so many rows into a collection of the owner's team; return a session and the address of the collection's ZIP."""
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage
    from django.test import Client
    from django.urls import reverse

    from generations.models import Collection, CollectionItem, Generation, Image, Member, State

    owner = Member.objects.select_related("team", "user").get()
    name = default_storage.save("pictures/shared.png", ContentFile(secrets.token_bytes(bytes_each)))
    made = {"team": owner.team, "author": owner.user, "model": "flux-srpo", "backend": "easel", "state": State.SUCCEEDED}
    made |= {"width": 1024, "height": 1024, "num_inference_steps": 28, "guidance_scale": 3.5, "output_format": "png"}
    prompts = (f"a red fox in the snow under a full moon, soft watercolour, number {number}" for number in range(pictures))
    rows = Generation.objects.bulk_create(
        [Generation(seed=number, prompt=prompt, **made) for number, prompt in enumerate(prompts)], batch_size=500
    )
    files = {"file": name, "small": name, "large": name, "size_bytes": bytes_each, "placeholder": "data:,"}
    files |= {"width": 1024, "height": 1024, "output_format": "png", "sha256": "0" * 64, "pixels_sha256": "0" * 64}
    Image.objects.bulk_create([Image(generation=row, **files) for row in rows], batch_size=500)
    kept = Collection.objects.create(team=owner.team, author=owner.user, name=f"All {pictures}")
    CollectionItem.objects.bulk_create([CollectionItem(collection=kept, generation=row) for row in rows], batch_size=500)
    client = Client()
    client.force_login(owner.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    address = reverse("gallery:archive_of_collection", args=[kept.public_id])
    return {"session": client.cookies["sessionid"].value, "address": address}


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")
    django.setup()
    sys.stdout.write(json.dumps(collection(**json.loads(sys.argv[1]))))
