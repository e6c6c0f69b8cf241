"""The index over the words of all pictures, and the words of those that are there already."""

from django.db import migrations
from django.db.models import Prefetch

from generations.migrations import _search_index
from generations.words import words_of

AT_ONCE = 1000


def fill(apps, schema_editor):
    """Write down the words of pictures made before there was a search, as `generations.search` does since."""
    rows = apps.get_model("generations", "Generation").objects.filter(
        state="succeeded", is_check=False, trashed_at=None, purged_at=None, search_text=None
    )
    tags = Prefetch("taggings", apps.get_model("generations", "Tagging").objects.select_related("tag"))
    search_text, texts = apps.get_model("generations", "SearchText"), []
    for row in rows.select_related("enhancement").prefetch_related(tags).iterator(chunk_size=AT_ONCE):
        texts.append(search_text(generation_id=row.pk, team_id=row.team_id, words=words(row), facets=facets(row)))
        if len(texts) == AT_ONCE:
            search_text.objects.bulk_create(texts)
            texts = []
    search_text.objects.bulk_create(texts)


def words(row):
    original = row.enhancement.original if row.enhancement and row.enhancement.original != row.prompt else ""
    said = (row.prompt, original, row.note, *(tagging.tag.name for tagging in row.taggings.all()))
    return " ".join(word for text in said for word in words_of(text))


def facets(row):
    shape = "square" if row.width == row.height else "landscape" if row.width > row.height else "portrait"
    found = [f"t{row.team_id}", f"a{row.author_id}", f"b{row.backend.encode().hex()}", shape]
    found += [f"y{row.created_at.year}", f"m{row.created_at:%Y%m}", *(f"g{tagging.tag_id}" for tagging in row.taggings.all())]
    return " ".join(f"={facet}" for facet in found)


class Migration(migrations.Migration):
    dependencies = [("generations", "0008_gallery")]
    operations = [
        migrations.RunPython(_search_index.add, _search_index.remove),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
