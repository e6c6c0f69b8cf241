"""The database itself refuses to change an audit entry; and what was spent before there were sums of it."""

from django.db import migrations
from django.db.models import Sum
from django.db.models.functions import TruncMonth

SQLITE = """
CREATE TRIGGER audit_append_only BEFORE UPDATE ON generations_auditentry
BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END
"""

POSTGRESQL = (
    """
CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'audit entries are never changed' USING ERRCODE = 'integrity_constraint_violation'; END $$
""",
    """
CREATE TRIGGER audit_append_only BEFORE UPDATE ON generations_auditentry
FOR EACH ROW EXECUTE FUNCTION audit_append_only()
""",
)


def add(apps, schema_editor):
    statements = {"sqlite": (SQLITE,), "postgresql": POSTGRESQL}[schema_editor.connection.vendor]
    for statement in statements:
        schema_editor.execute(statement)


def remove(apps, schema_editor):
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    schema_editor.execute("DROP TRIGGER audit_append_only" + (" ON generations_auditentry" if is_postgresql else ""))
    if is_postgresql:
        schema_editor.execute("DROP FUNCTION audit_append_only()")


def sum_up(apps, schema_editor):
    """Write down what each team and each person has spent in each month so far."""
    spent = apps.get_model("generations", "SpentMonth")
    entries = apps.get_model("generations", "LedgerEntry").objects.annotate(month=TruncMonth("created_at"))
    prompts = (
        apps.get_model("generations", "EnhancementRequest")
        .objects.filter(charged_microusd__gt=0)
        .annotate(month=TruncMonth("created_at"))
    )
    sums: dict[tuple[int, int | None, object], int] = {}
    for rows, person, amount in ((entries, "user_id", "amount_microusd"), (prompts, "author_id", "charged_microusd")):
        for team, user, month, total in rows.values_list("team_id", person, "month").annotate(total=Sum(amount)).order_by():
            for whose in (user, None):
                key = (team, whose, month.date())
                sums[key] = sums.get(key, 0) + total
    spent.objects.bulk_create(
        spent(team_id=team, user_id=user, month=month, amount_microusd=total) for (team, user, month), total in sums.items()
    )


class Migration(migrations.Migration):
    dependencies = [("generations", "0010_teams")]
    operations = [migrations.RunPython(add, remove), migrations.RunPython(sum_up, migrations.RunPython.noop)]
