"""The tables of accounts."""

import django.core.validators
import django.db.models.functions.text
import resources.core.fields
import resources.core.keys
import resources.core.resource
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="Person",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
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
                ("created_at", models.DateTimeField(auto_now_add=True, help_text="When it was created.")),
                ("updated_at", models.DateTimeField(auto_now=True, help_text="When it was last saved.")),
                (
                    "revision",
                    resources.core.resource.RevisionField(
                        default=1, editable=False, help_text="How often it was saved; the version in its ETag."
                    ),
                ),
                (
                    "email",
                    resources.core.fields.CharField(
                        help_text="The address the person logs in by; one person's, in whatever case it is written.",
                        max_length=254,
                        unique=True,
                        validators=[django.core.validators.EmailValidator()],
                    ),
                ),
                (
                    "name",
                    resources.core.fields.CharField(blank=True, help_text="What the person is called.", max_length=150),
                ),
                ("is_active", models.BooleanField(default=True, help_text="Whether the person may log in.")),
                (
                    "is_staff",
                    models.BooleanField(default=False, help_text="Whether the person runs this installation."),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "people",
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("email"),
                        name="person_email_is_unique",
                        violation_error_code="unique",
                        violation_error_message="Somebody has this address already, perhaps in another case.",
                    )
                ],
            },
        ),
    ]
