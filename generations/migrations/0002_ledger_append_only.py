"""The database itself refuses to change a ledger entry."""

from django.db import migrations

from generations.migrations import _append_only


def add(apps, schema_editor):
    _append_only.add(schema_editor, "ledger", "generations_ledgerentry")


def remove(apps, schema_editor):
    _append_only.remove(schema_editor, "ledger", "generations_ledgerentry")


class Migration(migrations.Migration):
    dependencies = [("generations", "0001_initial")]
    operations = [migrations.RunPython(add, remove)]
