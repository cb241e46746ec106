"""Invitations; trips in which others take part outlive the wish to delete their owner; owners are no members."""

import django.core.validators
import django.db.models.deletion
import resources.core.fields
import resources.core.resource
import resources.core.triggers
import resources.core.keys
import resources.trips.invitations
import resources.trips.keeping
from django.conf import settings
from django.db import migrations, models


def owners_leave(apps, schema_editor):
    """End the memberships of people in trips of their own, which were never of use."""
    member = apps.get_model("trips", "Member")
    member.objects.filter(trip__owner=models.F("person")).delete()


class Migration(migrations.Migration):

    dependencies = [
        ('places', '0001_initial'),
        ('trips', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.UUIDField(default=resources.core.keys.uuid7, editable=False, help_text='A UUIDv7.', primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True, help_text='When it was created.')),
                ('updated_at', models.DateTimeField(auto_now=True, help_text='When it was last saved.')),
                ('revision', resources.core.resource.RevisionField(default=1, editable=False, help_text='How often it was saved; the version in its ETag.')),
                ('email', resources.core.fields.CharField(help_text='The address that is invited, in small letters.', max_length=254, validators=[django.core.validators.EmailValidator()])),
                ('role', resources.core.fields.CharField(choices=[('viewer', 'May read the trip and its stops'), ('editor', 'May change the trip and its stops')], default='viewer', help_text='What the member may do with the trip.', max_length=10)),
                ('expires_at', models.DateTimeField(default=resources.trips.invitations.in_a_week, help_text='Until when it can be accepted.')),
                ('digest', resources.core.fields.CharField(editable=False, help_text='SHA-256 of the code.', max_length=64, unique=True)),
            ],
        ),
        migrations.AlterField(
            model_name='trip',
            name='owner',
            field=models.ForeignKey(db_index=False, help_text='The person whose trip it is.', on_delete=resources.trips.keeping.cascade_unless_shared, related_name='trips', to=settings.AUTH_USER_MODEL),
        ),
        migrations.RunPython(owners_leave, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            model_name='member',
            constraint=resources.core.triggers.TriggerConstraint(broken={'postgresql': 'EXISTS (SELECT 1 FROM "trips_trip" WHERE "id" = NEW."trip_id" AND "owner_id" = NEW."person_id")', 'sqlite': 'EXISTS (SELECT 1 FROM "trips_trip" WHERE "id" = NEW."trip_id" AND "owner_id" = NEW."person_id")'}, columns=('trip_id', 'person_id'), lock='PERFORM 1 FROM "trips_trip" WHERE "id" = NEW."trip_id" FOR NO KEY UPDATE;', name='member_is_not_the_owner', violation_error_code='owner_is_member', violation_error_message='The owner of a trip is not one of its members as well.'),
        ),
        migrations.AddConstraint(
            model_name='trip',
            constraint=resources.core.triggers.TriggerConstraint(broken={'postgresql': 'EXISTS (SELECT 1 FROM "trips_member" WHERE "trip_id" = NEW."id" AND "person_id" = NEW."owner_id")', 'sqlite': 'EXISTS (SELECT 1 FROM "trips_member" WHERE "trip_id" = NEW."id" AND "person_id" = NEW."owner_id")'}, columns=('owner_id',), name='trip_owner_is_no_member', violation_error_code='owner_is_member', violation_error_message='The owner of a trip is not one of its members as well.'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='invited_by',
            field=models.ForeignKey(help_text='The person who invites.', on_delete=django.db.models.deletion.CASCADE, related_name='sent_invitations', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='invitation',
            name='member',
            field=models.OneToOneField(blank=True, help_text='The member whom it became when it was accepted; null until then. It goes with the member.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='invitation', to='trips.member'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='trip',
            field=models.ForeignKey(db_index=False, help_text='The trip that is shared.', on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='trips.trip'),
        ),
        migrations.AddIndex(
            model_name='invitation',
            index=models.Index(fields=['email', 'id'], name='invitation_email'),
        ),
        migrations.AddIndex(
            model_name='invitation',
            index=models.Index(fields=['expires_at', 'id'], name='invitation_expires_at'),
        ),
        migrations.AddIndex(
            model_name='invitation',
            index=models.Index(fields=['created_at', 'id'], name='invitation_created_at'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.UniqueConstraint(fields=('trip', 'email'), name='invitation_of_an_address_to_a_trip_once', violation_error_code='unique', violation_error_message='This address is invited already: withdraw that invitation to send another.'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['viewer', 'editor'])), name='invitation_role_is_known', violation_error_code='invalid_choice', violation_error_message='Choose one of the roles: viewer, editor.'),
        ),
    ]
