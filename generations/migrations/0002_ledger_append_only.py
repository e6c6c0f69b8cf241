"""The database itself refuses to change a ledger entry."""

from django.db import migrations

SQLITE = """
CREATE TRIGGER ledger_append_only BEFORE UPDATE ON generations_ledgerentry
BEGIN SELECT RAISE(ABORT, 'ledger entries are never changed'); END
"""

POSTGRESQL = (
    """
CREATE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'ledger entries are never changed' USING ERRCODE = 'integrity_constraint_violation'; END $$
""",
    """
CREATE TRIGGER ledger_append_only BEFORE UPDATE ON generations_ledgerentry
FOR EACH ROW EXECUTE FUNCTION ledger_append_only()
""",
)


def add(apps, schema_editor):
    statements = {"sqlite": (SQLITE,), "postgresql": POSTGRESQL}[schema_editor.connection.vendor]
    for statement in statements:
        schema_editor.execute(statement)


def remove(apps, schema_editor):
    schema_editor.execute(
        "DROP TRIGGER ledger_append_only"
        + (" ON generations_ledgerentry" if schema_editor.connection.vendor == "postgresql" else "")
    )
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION ledger_append_only()")


class Migration(migrations.Migration):
    dependencies = [("generations", "0001_initial")]
    operations = [migrations.RunPython(add, remove)]
