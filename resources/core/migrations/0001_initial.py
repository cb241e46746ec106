"""The tables of core."""

import django.db.models.deletion
import resources.core.fields
import resources.core.keys
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiKey",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=resources.core.keys.uuid7,
                        editable=False,
                        help_text="A UUIDv7.",
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("name", resources.core.fields.CharField(blank=True, help_text="What it is for.", max_length=100)),
                (
                    "digest",
                    resources.core.fields.CharField(
                        editable=False, help_text="SHA-256 of the secret.", max_length=64, unique=True
                    ),
                ),
                (
                    "scopes",
                    models.JSONField(
                        default=list, help_text="What it may do, such as `trips:read`; `*` for everything."
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, help_text="When it was made.")),
                (
                    "expires_at",
                    models.DateTimeField(blank=True, help_text="When it stops working; null for never.", null=True),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        help_text="The person it acts for.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="api_keys",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "API key",
            },
        ),
    ]
