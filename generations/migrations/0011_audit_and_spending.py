"""The database itself refuses to change an audit entry; and what was spent before there were sums of it."""

from django.db import migrations
from django.db.models import Sum
from django.db.models.functions import TruncMonth

from generations.migrations import _append_only


def add(apps, schema_editor):
    _append_only.add(schema_editor, "audit", "generations_auditentry")


def remove(apps, schema_editor):
    _append_only.remove(schema_editor, "audit", "generations_auditentry")


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
