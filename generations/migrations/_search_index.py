"""The index over the words of all pictures.

SQLite keeps an FTS5 table beside `generations_searchtext` by triggers, PostgreSQL a generated tsvector. A later migration that
makes SQLite rebuild `generations_searchtext` has to add the triggers again.
"""

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
