"""Prompts handed to an enhancer, and which pictures came of them."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import generations.enhancers.base


class Migration(migrations.Migration):
    dependencies = [
        ("generations", "0005_stacks_and_presets"),
    ]

    operations = [
        migrations.CreateModel(
            name="EnhancementRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("enhancer", models.CharField(help_text="An alias in PROMPT_ENHANCERS.", max_length=40)),
                ("original", models.TextField(help_text="What the person wrote.")),
                (
                    "style",
                    models.CharField(
                        choices=[
                            ("default", "Default"),
                            ("artistic", "Artistic"),
                            ("photographic", "Photographic"),
                            ("technical", "Technical"),
                            ("anime", "Anime"),
                            ("realistic", "Realistic"),
                        ],
                        default=generations.enhancers.base.Style["DEFAULT"],
                        max_length=16,
                    ),
                ),
                ("seed", models.PositiveIntegerField()),
                (
                    "agreed_microusd",
                    models.PositiveBigIntegerField(default=0, help_text="The most that the person agreed to pay."),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Waiting"),
                            ("running", "Being written"),
                            ("priced", "Waits for a yes to its price"),
                            ("ready", "Ready"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="queued",
                        max_length=16,
                    ),
                ),
                (
                    "moved_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), help_text="When it came into its state."
                    ),
                ),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("price_microusd", models.PositiveBigIntegerField(default=0, help_text="What the vendor asks for it.")),
                ("charged_microusd", models.PositiveBigIntegerField(default=0, help_text="What it has charged, or may have.")),
                ("text", models.TextField(blank=True)),
                (
                    "additions",
                    models.JSONField(
                        blank=True, default=list, help_text="[kind, start, end] of each piece of the text that was added."
                    ),
                ),
                ("notes", models.JSONField(blank=True, default=list, help_text="Sentences from the enhancer.")),
                ("error", models.TextField(blank=True, help_text="A sentence for the person.")),
                ("detail", models.TextField(blank=True, help_text="The facts for the log.")),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="enhancements", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="enhancements", to="generations.team"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="generation",
            name="enhancement",
            field=models.ForeignKey(
                blank=True,
                help_text="Where the prompt, or a part of it, came from.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="generations",
                to="generations.enhancementrequest",
            ),
        ),
        migrations.AddIndex(
            model_name="enhancementrequest",
            index=models.Index(fields=["team", "created_at"], name="enhancement_by_date"),
        ),
        migrations.AddConstraint(
            model_name="enhancementrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["queued", "running", "priced", "ready", "failed", "cancelled"])),
                name="enhancement_state_known",
            ),
        ),
    ]
