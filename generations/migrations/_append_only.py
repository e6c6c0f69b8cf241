"""Triggers by which the database itself refuses to change a row of a table that is only ever added to."""

SQLITE = """
CREATE TRIGGER {name}_append_only BEFORE UPDATE ON {table}
BEGIN SELECT RAISE(ABORT, '{name} entries are never changed'); END
"""

POSTGRESQL = (
    """
CREATE FUNCTION {name}_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{name} entries are never changed' USING ERRCODE = 'integrity_constraint_violation'; END $$
""",
    """
CREATE TRIGGER {name}_append_only BEFORE UPDATE ON {table}
FOR EACH ROW EXECUTE FUNCTION {name}_append_only()
""",
)
POSTGRESQL_AWAY = ("DROP TRIGGER {name}_append_only ON {table}", "DROP FUNCTION {name}_append_only()")


def add(schema_editor, name, table):
    for statement in {"sqlite": (SQLITE,), "postgresql": POSTGRESQL}[schema_editor.connection.vendor]:
        schema_editor.execute(statement.format(name=name, table=table))


def remove(schema_editor, name, table):
    away = {"sqlite": ("DROP TRIGGER {name}_append_only",), "postgresql": POSTGRESQL_AWAY}
    for statement in away[schema_editor.connection.vendor]:
        schema_editor.execute(statement.format(name=name, table=table))
