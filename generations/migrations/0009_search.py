"""The index over the words of all pictures, and the words of those that are there already.

SQLite keeps an FTS5 table beside `generations_searchtext` by triggers, PostgreSQL a generated tsvector. A later migration that
makes SQLite rebuild `generations_searchtext` has to add the triggers again.
"""

from django.db import migrations
from django.db.models import Prefetch

from generations.words import words_of

AT_ONCE = 1000

SQLITE = (
    """
CREATE VIRTUAL TABLE generations_search USING fts5(
    words, facets, content='generations_searchtext', content_rowid='generation_id',
    tokenize='unicode61 remove_diacritics 2', prefix='2 3 4', columnsize=0
)
""",
    """
CREATE TRIGGER search_insert AFTER INSERT ON generations_searchtext BEGIN
    INSERT INTO generations_search (rowid, words, facets) VALUES (new.generation_id, new.words, new.facets);
END
""",
    """
CREATE TRIGGER search_delete AFTER DELETE ON generations_searchtext BEGIN
    INSERT INTO generations_search (generations_search, rowid, words, facets)
    VALUES ('delete', old.generation_id, old.words, old.facets);
END
""",
    """
CREATE TRIGGER search_update AFTER UPDATE ON generations_searchtext BEGIN
    INSERT INTO generations_search (generations_search, rowid, words, facets)
    VALUES ('delete', old.generation_id, old.words, old.facets);
    INSERT INTO generations_search (rowid, words, facets) VALUES (new.generation_id, new.words, new.facets);
END
""",
)
SQLITE_AWAY = (
    "DROP TRIGGER search_insert",
    "DROP TRIGGER search_delete",
    "DROP TRIGGER search_update",
    "DROP TABLE generations_search",
)

# Words that somebody wrote are letters and digits alone, so none is taken for a facet, which begins with =.
POSTGRESQL = (
    """
ALTER TABLE generations_searchtext ADD COLUMN vector tsvector NOT NULL GENERATED ALWAYS AS
(to_tsvector('simple'::regconfig, words) || array_to_tsvector(string_to_array(facets, ' '))) STORED
""",
    "CREATE INDEX generations_search ON generations_searchtext USING gin (vector)",
)
POSTGRESQL_AWAY = ("ALTER TABLE generations_searchtext DROP COLUMN vector",)


def add(apps, schema_editor):
    for statement in {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def remove(apps, schema_editor):
    for statement in {"sqlite": SQLITE_AWAY, "postgresql": POSTGRESQL_AWAY}[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


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
    operations = [migrations.RunPython(add, remove), migrations.RunPython(fill, migrations.RunPython.noop)]
