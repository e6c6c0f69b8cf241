"""Everything up to 0011 in one step, for a new database; one that has some of it goes on step by step.

What those steps did to rows that were there already is left out: here there are none.
"""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import generations.enhancers.base
from generations.migrations import _append_only, _search_index


def add(apps, schema_editor):
    _append_only.add(schema_editor, "ledger", "generations_ledgerentry")
    _append_only.add(schema_editor, "audit", "generations_auditentry")
    _search_index.add(apps, schema_editor)


def remove(apps, schema_editor):
    _search_index.remove(apps, schema_editor)
    _append_only.remove(schema_editor, "audit", "generations_auditentry")
    _append_only.remove(schema_editor, "ledger", "generations_ledgerentry")


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("generations", "0001_initial"),
        ("generations", "0002_ledger_append_only"),
        ("generations", "0003_remote"),
        ("generations", "0004_lease_holder"),
        ("generations", "0005_stacks_and_presets"),
        ("generations", "0006_enhancements"),
        ("generations", "0007_api"),
        ("generations", "0008_gallery"),
        ("generations", "0009_search"),
        ("generations", "0010_teams"),
        ("generations", "0011_audit_and_spending"),
    ]

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Team",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=80)),
                (
                    "api_backend",
                    models.CharField(
                        blank=True,
                        help_text="Who makes the pictures that programs ask for; empty for this server's default.",
                        max_length=40,
                    ),
                ),
                (
                    "budget_microusd",
                    models.PositiveBigIntegerField(
                        blank=True,
                        help_text="The most the team may spend in a calendar month (UTC), in millionths of a dollar.",
                        null=True,
                    ),
                ),
                (
                    "person_budget_microusd",
                    models.PositiveBigIntegerField(
                        blank=True, help_text="The same for each person, unless their membership says otherwise.", null=True
                    ),
                ),
                (
                    "approval_microusd",
                    models.PositiveBigIntegerField(
                        blank=True,
                        help_text="What costs more than this waits for an owner, in millionths of a dollar.",
                        null=True,
                    ),
                ),
                (
                    "words_policy",
                    models.CharField(
                        choices=[("off", "Do nothing"), ("warn", "Ask first"), ("refuse", "Refuse it")],
                        db_default="off",
                        default="off",
                        max_length=8,
                    ),
                ),
                (
                    "listed_words",
                    models.TextField(
                        blank=True, db_default="", default="", help_text="Words and patterns of the policy above, one a line."
                    ),
                ),
                (
                    "pictures_policy",
                    models.CharField(
                        choices=[("show", "Show it"), ("blur", "Blur it until it is pressed"), ("refuse", "Do not keep it")],
                        db_default="blur",
                        default="blur",
                        max_length=8,
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("words_policy__in", ["off", "warn", "refuse"])), name="team_words_policy_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("pictures_policy__in", ["show", "blur", "refuse"])), name="team_pictures_policy_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("email", models.EmailField(max_length=254, unique=True)),
                ("name", models.CharField(blank=True, max_length=80)),
                ("is_active", models.BooleanField(default=True)),
                ("date_joined", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(django.db.models.functions.text.Lower("email"), name="user_email_any_case")
                ],
            },
        ),
        migrations.CreateModel(
            name="Lease",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("holder", models.UUIDField(blank=True, help_text="Of whoever took it last.", null=True)),
                ("until", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Member",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="memberships", to="generations.team"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="memberships", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("owner", "Owner"), ("member", "Member"), ("viewer", "Viewer")], default="member", max_length=8
                    ),
                ),
                (
                    "budget_microusd",
                    models.PositiveBigIntegerField(
                        blank=True,
                        help_text="The most this person may spend in a calendar month; empty for what the team says.",
                        null=True,
                    ),
                ),
                ("joined_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("team", "user"), name="member_once_a_team"),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["owner", "member", "viewer"])), name="member_role_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accounts",
                        to="generations.team",
                    ),
                ),
                ("backend", models.CharField(help_text="An alias in IMAGE_BACKENDS.", max_length=40)),
                ("sealed_key", models.TextField(blank=True, help_text="Encrypted; empty for the key in the environment.")),
                (
                    "sealed_webhook_secret",
                    models.TextField(
                        blank=True, help_text="Encrypted; what the vendor signs its webhooks with, as soon as that is known."
                    ),
                ),
                ("key_ending", models.CharField(blank=True, help_text="The last characters, to tell keys apart.", max_length=4)),
                (
                    "paused_because",
                    models.TextField(blank=True, help_text="A sentence for the person; nothing is sent until somebody ends it."),
                ),
                (
                    "quiet_until",
                    models.DateTimeField(
                        blank=True, help_text="The vendor asked for fewer requests; nothing is sent until then.", null=True
                    ),
                ),
                (
                    "refusals",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="How often in a row it did; each one doubles the wait."
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("team", "backend"), name="account_once_a_team"),
                    models.UniqueConstraint(
                        condition=models.Q(("team__isnull", True)), fields=("backend",), name="account_once_for_all"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EnhancementRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="enhancements", to="generations.team"
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="enhancements", to=settings.AUTH_USER_MODEL
                    ),
                ),
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
            ],
            options={
                "indexes": [models.Index(fields=["team", "created_at"], name="enhancement_by_date")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["queued", "running", "priced", "ready", "failed", "cancelled"])),
                        name="enhancement_state_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Reference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="references", to="generations.team"
                    ),
                ),
                ("pixels_sha256", models.CharField(max_length=64)),
                (
                    "source_sha256",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="Of the team's picture that this is a lossy file of.",
                        max_length=64,
                    ),
                ),
                ("file", models.FileField(max_length=200, upload_to="")),
                ("width", models.PositiveIntegerField(help_text="Pixels.")),
                ("height", models.PositiveIntegerField(help_text="Pixels.")),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "indexes": [models.Index(fields=["team", "source_sha256"], name="reference_source")],
                "constraints": [models.UniqueConstraint(fields=("team", "pixels_sha256"), name="reference_once_a_team")],
            },
        ),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: of the whole installation.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="audit",
                        to="generations.team",
                    ),
                ),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("signed_in", "Signed in"),
                            ("sign_in_failed", "Failed to sign in"),
                            ("password_changed", "Changed a password"),
                            ("second_factor", "Changed how somebody signs in"),
                            ("team_made", "Made a team"),
                            ("team_changed", "Changed the team"),
                            ("invited", "Invited somebody"),
                            ("invite_ended", "Withdrew an invitation"),
                            ("joined", "Joined"),
                            ("role_changed", "Changed a role"),
                            ("left", "Left or was removed"),
                            ("key_made", "Made an API key"),
                            ("key_revoked", "Revoked an API key"),
                            ("account_changed", "Changed a vendor's key"),
                            ("shared", "Made a share link"),
                            ("share_ended", "Revoked a share link"),
                            ("visibility", "Changed who sees something"),
                            ("budget_changed", "Changed a budget"),
                            ("approved", "Approved an expense"),
                            ("declined", "Declined an expense"),
                            ("policy_changed", "Changed a policy"),
                            ("reported", "Reported a picture"),
                            ("reviewed", "Reviewed a picture"),
                            ("exported", "Exported pictures"),
                            ("deleted", "Deleted for good"),
                        ],
                        max_length=20,
                    ),
                ),
                ("subject", models.CharField(blank=True, help_text="What or whom it was about, in words.", max_length=300)),
                (
                    "address",
                    models.CharField(blank=True, help_text="The IP address it came from, where one is known.", max_length=45),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "verbose_name_plural": "audit entries",
                "indexes": [models.Index(fields=["team", "-id"], name="audit_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "signed_in",
                                    "sign_in_failed",
                                    "password_changed",
                                    "second_factor",
                                    "team_made",
                                    "team_changed",
                                    "invited",
                                    "invite_ended",
                                    "joined",
                                    "role_changed",
                                    "left",
                                    "key_made",
                                    "key_revoked",
                                    "account_changed",
                                    "shared",
                                    "share_ended",
                                    "visibility",
                                    "budget_changed",
                                    "approved",
                                    "declined",
                                    "policy_changed",
                                    "reported",
                                    "reviewed",
                                    "exported",
                                    "deleted",
                                ],
                            )
                        ),
                        name="audit_kind_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Collection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="collections", to="generations.team"
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="collections", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("is_private", models.BooleanField(db_default=False, default=False, help_text="Only its author sees it.")),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("team"), django.db.models.functions.text.Lower("name"), name="collection_once_a_name"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Invite",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "team",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="invites", to="generations.team"),
                ),
                (
                    "author",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("owner", "Owner"), ("member", "Member"), ("viewer", "Viewer")], default="member", max_length=8
                    ),
                ),
                ("email", models.EmailField(blank=True, help_text="Where it was sent, if it was.", max_length=254)),
                ("sha256", models.CharField(help_text="Of the token.", max_length=64, unique=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                (
                    "used_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["team", "-id"], name="invite_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["owner", "member", "viewer"])), name="invite_role_known"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Preset",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "team",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="presets", to="generations.team"),
                ),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="presets", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("is_shared", models.BooleanField(default=False, help_text="The whole team sees and uses it.")),
                ("settings", models.JSONField(default=dict, help_text="The values of a recipe (`recipes.Recipe.values`).")),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "ordering": ["name", "pk"],
                "constraints": [models.UniqueConstraint(fields=("team", "author", "name"), name="preset_once_a_name")],
            },
        ),
        migrations.CreateModel(
            name="SpentMonth",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="spent_months", to="generations.team"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: everybody.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("month", models.DateField(help_text="Its first day, UTC.")),
                (
                    "amount_microusd",
                    models.BigIntegerField(db_default=0, default=0, help_text="Millionths of a dollar, charged or set aside."),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("user__isnull", True)), fields=("team", "month"), name="spent_once_a_team"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("user__isnull", False)), fields=("team", "user", "month"), name="spent_once_a_person"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "team",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="tags", to="generations.team"),
                ),
                ("name", models.CharField(help_text="In lower case, without # in front.", max_length=40)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("team", "name"), name="tag_once_a_name")],
            },
        ),
        migrations.CreateModel(
            name="Generation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="generations", to="generations.team"
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="generations", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "stack",
                    models.UUIDField(
                        db_index=True,
                        default=uuid.uuid4,
                        editable=False,
                        help_text="Shared by what one press of the button asked for.",
                    ),
                ),
                ("idempotency_key", models.CharField(blank=True, max_length=80, null=True)),
                ("model", models.CharField(help_text="A name in the catalog.", max_length=80)),
                ("backend", models.CharField(help_text="An alias in IMAGE_BACKENDS.", max_length=40)),
                ("prompt", models.TextField()),
                ("width", models.PositiveSmallIntegerField(help_text="Pixels.")),
                ("height", models.PositiveSmallIntegerField(help_text="Pixels.")),
                ("num_inference_steps", models.PositiveSmallIntegerField()),
                ("guidance_scale", models.FloatField()),
                ("seed", models.PositiveIntegerField()),
                ("output_format", models.CharField(max_length=8)),
                (
                    "reference",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="generations",
                        to="generations.reference",
                    ),
                ),
                ("strength", models.FloatField(blank=True, help_text="Only with a reference.", null=True)),
                (
                    "enhancement",
                    models.ForeignKey(
                        blank=True,
                        help_text="Where the prompt, or a part of it, came from.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="generations",
                        to="generations.enhancementrequest",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Waiting for an owner"),
                            ("queued", "Waiting in line"),
                            ("submitting", "Being ordered"),
                            ("unknown", "Being checked"),
                            ("running", "Being made"),
                            ("fetching", "Waiting to be fetched"),
                            ("rendering", "Painting"),
                            ("storing", "Saving"),
                            ("succeeded", "Done"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                            ("needs_review", "Needs a decision"),
                        ],
                        default="queued",
                        max_length=16,
                    ),
                ),
                (
                    "fence",
                    models.PositiveIntegerField(
                        default=0, help_text="Counts how often a worker took this row; an older worker's writes are refused."
                    ),
                ),
                ("lease_until", models.DateTimeField(blank=True, help_text="The worker holds the row until then.", null=True)),
                ("not_before", models.DateTimeField(blank=True, help_text="Nobody takes the row before that.", null=True)),
                ("expiries", models.PositiveSmallIntegerField(default=0, help_text="How often a lease ran out.")),
                ("error", models.TextField(blank=True, help_text="A sentence for the person.")),
                ("detail", models.TextField(blank=True, help_text="The facts for the log.")),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("render_ms", models.PositiveIntegerField(blank=True, help_text="Milliseconds the backend took.", null=True)),
                ("price_microusd", models.PositiveBigIntegerField(default=0, help_text="Millionths of a dollar.")),
                ("notes", models.JSONField(blank=True, default=list, help_text="Sentences from the backend.")),
                ("versions", models.JSONField(blank=True, default=dict, help_text="Of everything that shaped the pixels.")),
                ("is_private", models.BooleanField(db_default=False, default=False, help_text="Only its author sees it.")),
                ("note", models.CharField(blank=True, help_text="A line of the team's own about the picture.", max_length=300)),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        help_text="The picture whose settings it was made with.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="children",
                        to="generations.generation",
                    ),
                ),
                (
                    "is_check",
                    models.BooleanField(
                        db_default=False, default=False, help_text="Made to check another one; never in the gallery."
                    ),
                ),
                ("trashed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "trashed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="trashed",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "purged_at",
                    models.DateTimeField(
                        blank=True, help_text="Its files and words are gone; the books need the row.", null=True
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["team", "state", "is_check", "trashed_at", "-id"], name="generation_gallery"),
                    models.Index(fields=["team", "author", "state", "is_check", "trashed_at", "-id"], name="generation_mine"),
                    models.Index(fields=["team", "backend", "state", "is_check", "trashed_at", "-id"], name="generation_made_by"),
                    models.Index(fields=["team", "seed"], name="generation_seed"),
                    models.Index(fields=["team", "created_at"], name="generation_by_date"),
                    models.Index(condition=models.Q(("state", "queued")), fields=["backend", "id"], name="generation_line"),
                    models.Index(fields=["backend", "author", "-started_at"], name="generation_served"),
                    models.Index(
                        condition=models.Q(("lease_until__isnull", False)), fields=["lease_until"], name="generation_leases"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "pending",
                                    "queued",
                                    "submitting",
                                    "unknown",
                                    "running",
                                    "fetching",
                                    "rendering",
                                    "storing",
                                    "succeeded",
                                    "failed",
                                    "cancelled",
                                    "needs_review",
                                ],
                            )
                        ),
                        name="generation_state_known",
                    ),
                    models.UniqueConstraint(fields=("team", "idempotency_key"), name="generation_once_a_key"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reference__isnull", True), ("strength__isnull", True)),
                            models.Q(("reference__isnull", False), ("strength__isnull", False)),
                            _connector="OR",
                        ),
                        name="generation_strength_with_reference",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ApiKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="api_keys", to="generations.member"
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("prefix", models.CharField(help_text="The first characters, to tell keys apart.", max_length=12)),
                ("sha256", models.CharField(help_text="Of the whole key.", max_length=64, unique=True)),
                (
                    "scope",
                    models.CharField(choices=[("read", "Read results"), ("run", "Run and read")], default="run", max_length=8),
                ),
                (
                    "backend",
                    models.CharField(
                        blank=True, help_text="An alias in IMAGE_BACKENDS; empty for the team's choice.", max_length=40
                    ),
                ),
                (
                    "budget_microusd",
                    models.PositiveBigIntegerField(
                        blank=True,
                        help_text="The most it may spend in a calendar month (UTC), in millionths of a dollar.",
                        null=True,
                    ),
                ),
                ("runs_per_minute", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "joins_repeats",
                    models.BooleanField(
                        default=False,
                        help_text="The same request again within two minutes is the same run, for clients that send twice.",
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("last_used_at", models.DateTimeField(blank=True, help_text="To the minute.", null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("scope__in", ["read", "run"])), name="api_key_scope_known")
                ],
            },
        ),
        migrations.CreateModel(
            name="Progress",
            fields=[
                (
                    "generation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="progress",
                        serialize=False,
                        to="generations.generation",
                    ),
                ),
                ("step", models.PositiveSmallIntegerField()),
                ("of", models.PositiveSmallIntegerField()),
                ("preview", models.BinaryField(help_text="A small WebP of the picture so far.")),
            ],
        ),
        migrations.CreateModel(
            name="Prediction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(editable=False, help_text="The same as that of what is made.", unique=True)),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="predictions", to="generations.team"
                    ),
                ),
                (
                    "key",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="predictions",
                        to="generations.apikey",
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("model_id", models.CharField(max_length=80)),
                ("inputs", models.JSONField(default=dict, help_text="What was asked for, checked and complete.")),
                (
                    "generation",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="prediction",
                        to="generations.generation",
                    ),
                ),
                (
                    "enhancement",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="prediction",
                        to="generations.enhancementrequest",
                    ),
                ),
                ("wants_base64", models.BooleanField(default=False)),
                ("idempotency_key", models.CharField(max_length=255, null=True)),
                ("body_sha256", models.CharField(help_text="Of the model and the request's body.", max_length=64)),
                ("webhook_url", models.CharField(blank=True, max_length=2000)),
                ("told_at", models.DateTimeField(help_text="When the delivery to its webhook was written down.", null=True)),
                (
                    "deleted_at",
                    models.DateTimeField(help_text="Gone from the API since then; the gallery keeps the picture.", null=True),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["team", "-id"], name="prediction_newest"),
                    models.Index(fields=["key", "created_at"], name="prediction_by_key"),
                    models.Index(
                        condition=models.Q(("told_at__isnull", True), models.Q(("webhook_url", ""), _negated=True)),
                        fields=["id"],
                        name="prediction_to_tell",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("key", "idempotency_key"), name="prediction_once_a_key"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("enhancement__isnull", True), ("generation__isnull", False)),
                            models.Q(("enhancement__isnull", False), ("generation__isnull", True)),
                            _connector="OR",
                        ),
                        name="prediction_of_one_thing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "generation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="attempts", to="generations.generation"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(help_text="1 for the first order.")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="attempts", to="generations.account"
                    ),
                ),
                (
                    "nonce",
                    models.UUIDField(default=uuid.uuid4, editable=False, help_text="In the webhook's address.", unique=True),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("open", "On its way"),
                            ("accepted", "Accepted"),
                            ("rejected", "Not accepted"),
                            ("unknown", "Not known"),
                            ("abandoned", "Given up by a person"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("upstream_id", models.CharField(blank=True, max_length=128, null=True, unique=True)),
                ("request", models.JSONField(default=dict, help_text="Exactly what was sent.")),
                ("answers", models.JSONField(blank=True, default=list, help_text="What the vendor said, its essential fields.")),
                (
                    "outputs",
                    models.JSONField(blank=True, default=list, help_text="Addresses of the finished pictures at the vendor."),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("lost_at", models.DateTimeField(blank=True, help_text="When its answer was given up.", null=True)),
                (
                    "checked_at",
                    models.DateTimeField(blank=True, help_text="When the vendor's list was last read for it in vain.", null=True),
                ),
                (
                    "absences",
                    models.PositiveSmallIntegerField(default=0, help_text="How often the vendor's list did not have it."),
                ),
                ("poll_at", models.DateTimeField(blank=True, help_text="When to ask for it next.", null=True)),
                ("polls", models.PositiveIntegerField(default=0)),
            ],
            options={
                "ordering": ["number"],
                "indexes": [
                    models.Index(condition=models.Q(("poll_at__isnull", False)), fields=["poll_at"], name="attempt_due"),
                    models.Index(fields=["account", "-created_at"], name="attempt_of_account"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("outcome__in", ["open", "accepted", "rejected", "unknown", "abandoned"])),
                        name="attempt_outcome_known",
                    ),
                    models.UniqueConstraint(fields=("generation", "number"), name="attempt_once_a_number"),
                    models.UniqueConstraint(
                        condition=models.Q(("outcome__in", ["accepted", "open", "unknown"])),
                        fields=("generation",),
                        name="attempt_one_alive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("upstream_id__isnull", False), models.Q(("outcome", "accepted"), _negated=True), _connector="OR"
                        ),
                        name="attempt_accepted_has_id",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Check",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "generation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="checks", to="generations.generation"
                    ),
                ),
                (
                    "again",
                    models.OneToOneField(
                        help_text="The second run.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="check_of",
                        to="generations.generation",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="checks", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("waiting", "Being made again"),
                            ("identical", "Identical pixels"),
                            ("alike", "Looks the same"),
                            ("different", "Different"),
                            ("failed", "Could not be made again"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                (
                    "distance",
                    models.FloatField(
                        blank=True, help_text="How far apart they look: 0 is the same, 1 black and white.", null=True
                    ),
                ),
                ("changes", models.JSONField(blank=True, default=list, help_text="[what, before, now] of all that differs.")),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["generation", "-id"], name="check_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("verdict__in", ["waiting", "identical", "alike", "different", "failed"])),
                        name="check_verdict_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CollectionItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "collection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="items", to="generations.collection"
                    ),
                ),
                (
                    "generation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="collection_items", to="generations.generation"
                    ),
                ),
                ("added_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "indexes": [models.Index(fields=["collection", "-generation"], name="collection_newest")],
                "constraints": [models.UniqueConstraint(fields=("collection", "generation"), name="collection_item_once")],
            },
        ),
        migrations.CreateModel(
            name="Favourite",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="favourites", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "generation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="favourites", to="generations.generation"
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "indexes": [models.Index(fields=["user", "-generation"], name="favourite_newest")],
                "constraints": [models.UniqueConstraint(fields=("user", "generation"), name="favourite_once")],
            },
        ),
        migrations.CreateModel(
            name="Image",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "generation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="images", to="generations.generation"
                    ),
                ),
                ("index", models.PositiveSmallIntegerField(default=0)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("file", models.FileField(max_length=200, upload_to="")),
                ("small", models.FileField(help_text="WebP, 384 px on the longer side.", max_length=200, upload_to="")),
                ("large", models.FileField(help_text="WebP, 960 px on the longer side.", max_length=200, upload_to="")),
                ("width", models.PositiveSmallIntegerField(help_text="Pixels.")),
                ("height", models.PositiveSmallIntegerField(help_text="Pixels.")),
                ("size_bytes", models.PositiveIntegerField()),
                ("output_format", models.CharField(max_length=8)),
                ("sha256", models.CharField(help_text="Of the file.", max_length=64)),
                ("pixels_sha256", models.CharField(help_text="Of the pixels, whatever the file format.", max_length=64)),
                (
                    "unsafe_score",
                    models.FloatField(help_text="How unsafe the classifier finds it, 0 to 1; null: not asked.", null=True),
                ),
                (
                    "vendor_flagged",
                    models.BooleanField(db_default=False, default=False, help_text="Its vendor called it unsafe."),
                ),
                (
                    "is_flagged",
                    models.BooleanField(db_default=False, default=False, help_text="Unsafe by the score or the vendor."),
                ),
                ("cleared_at", models.DateTimeField(help_text="An owner looked at it then, and found it fine.", null=True)),
                ("placeholder", models.TextField(help_text="A tiny blurred picture as a data: URI.")),
            ],
            options={
                "ordering": ["index"],
                "indexes": [models.Index(fields=["pixels_sha256"], name="image_pixels")],
                "constraints": [models.UniqueConstraint(fields=("generation", "index"), name="image_once_an_index")],
            },
        ),
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "team",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="ledger", to="generations.team"),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="ledger", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "generation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="ledger", to="generations.generation"
                    ),
                ),
                ("attempt", models.PositiveSmallIntegerField(default=1, help_text="Which try of the generation it belongs to.")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("reserve", "Reserved"),
                            ("charge", "Charged"),
                            ("release", "Released"),
                            ("refund_expected", "Refund expected"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "amount_microusd",
                    models.BigIntegerField(
                        help_text="Millionths of a dollar; what was taken is positive, what came back negative."
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "verbose_name_plural": "ledger entries",
                "indexes": [
                    models.Index(fields=["team", "-id"], name="ledger_newest"),
                    models.Index(fields=["team", "created_at"], name="ledger_by_date"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("generation", "attempt", "kind"), name="ledger_once_a_kind"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["reserve", "charge", "release", "refund_expected"])),
                        name="ledger_kind_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "generation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reports", to="generations.generation"
                    ),
                ),
                (
                    "reporter",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: a guest.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "resolution",
                    models.CharField(
                        blank=True,
                        choices=[("", "Not looked at yet"), ("fine", "Found fine"), ("trashed", "Put into the trash")],
                        default="",
                        max_length=8,
                    ),
                ),
                ("resolved_at", models.DateTimeField(blank=True, null=True)),
                (
                    "resolved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("resolution", "")), fields=("generation", "reporter"), name="report_once_a_person"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("resolution__in", ["", "fine", "trashed"])), name="report_resolution_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchText",
            fields=[
                (
                    "generation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="search_text",
                        serialize=False,
                        to="generations.generation",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="generations.team"
                    ),
                ),
                ("words", models.TextField(help_text="Prompt, what it was before the enhancer, note and tags.")),
                ("facets", models.TextField(help_text="Words of ours that stand for the team, the author and the backend.")),
            ],
        ),
        migrations.CreateModel(
            name="ShareLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="share_links", to="generations.team"
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("picture", "Picture"), ("collection", "Collection"), ("recipe", "Recipe")], max_length=10
                    ),
                ),
                (
                    "generation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="share_links",
                        to="generations.generation",
                    ),
                ),
                (
                    "collection",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="share_links",
                        to="generations.collection",
                    ),
                ),
                ("sha256", models.CharField(help_text="Of the token.", max_length=64, unique=True)),
                ("password", models.CharField(blank=True, help_text="Hashed; empty for none.", max_length=128)),
                ("with_settings", models.BooleanField(default=False)),
                ("allows_downloads", models.BooleanField(default=False)),
                ("views", models.PositiveIntegerField(default=0, help_text="How often its page was shown.")),
                ("last_viewed_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("expires_at", models.DateTimeField(blank=True, help_text="Empty for never.", null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["team", "-id"], name="share_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["picture", "collection", "recipe"])), name="share_kind_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("collection__isnull", False), ("generation__isnull", True), ("kind", "collection")),
                            models.Q(
                                models.Q(("kind", "collection"), _negated=True),
                                ("collection__isnull", True),
                                ("generation__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="share_of_one_thing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Tagging",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "tag",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="taggings", to="generations.tag"),
                ),
                (
                    "generation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="taggings", to="generations.generation"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["tag", "-generation"], name="tagging_newest")],
                "constraints": [models.UniqueConstraint(fields=("tag", "generation"), name="tagging_once")],
            },
        ),
        migrations.CreateModel(
            name="Upload",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "team",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="uploads", to="generations.team"),
                ),
                (
                    "key",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="uploads", to="generations.apikey"
                    ),
                ),
                ("filename", models.CharField(help_text="As the program named it; never part of a path here.", max_length=200)),
                ("content_type", models.CharField(blank=True, max_length=100)),
                ("size_bytes", models.PositiveIntegerField(help_text="As announced.")),
                (
                    "file",
                    models.FileField(
                        blank=True, help_text="PNG, nothing of the original but its pixels.", max_length=200, upload_to=""
                    ),
                ),
                ("width", models.PositiveIntegerField(help_text="Pixels.", null=True)),
                ("height", models.PositiveIntegerField(help_text="Pixels.", null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("expires_at", models.DateTimeField(help_text="The ticket's end until the file came, then the file's.")),
            ],
            options={
                "indexes": [models.Index(fields=["expires_at"], name="upload_by_end")],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, help_text="The webhook-id of all its tries.", unique=True
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="deliveries", to="generations.team"
                    ),
                ),
                (
                    "prediction",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="delivery", to="generations.prediction"
                    ),
                ),
                ("url", models.CharField(max_length=2000)),
                ("body", models.TextField(help_text="JSON, exactly as it is signed and sent.")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("delivered", "Delivered"),
                            ("given_up", "Given up"),
                            ("disabled", "Not wanted"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                (
                    "due_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), help_text="When it is tried next."
                    ),
                ),
                (
                    "answers",
                    models.JSONField(
                        blank=True, default=list, help_text="[time, status or 0, sentence] of each try, oldest first."
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name_plural": "deliveries",
                "indexes": [
                    models.Index(fields=["team", "-id"], name="delivery_newest"),
                    models.Index(condition=models.Q(("state", "waiting")), fields=["due_at"], name="delivery_due"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "delivered", "given_up", "disabled"])),
                        name="delivery_state_known",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="user",
            name="current_team",
            field=models.ForeignKey(
                blank=True,
                help_text="Chosen in the header.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="generations.team",
            ),
        ),
        migrations.RunPython(add, remove),
    ]
