"""Keys become a resource: a revision, and when they were last used."""

import resources.core.resource
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('headwater', '0001_initial'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='apikey',
            options={'verbose_name': 'key'},
        ),
        migrations.AddField(
            model_name='apikey',
            name='last_used_at',
            field=models.DateTimeField(blank=True, editable=False, help_text='When it was last shown, within a minute; null for never.', null=True),
        ),
        migrations.AddField(
            model_name='apikey',
            name='revision',
            field=resources.core.resource.RevisionField(default=1, editable=False, help_text='How often it was saved; the version in its ETag.'),
        ),
        migrations.AddField(
            model_name='apikey',
            name='updated_at',
            field=models.DateTimeField(auto_now=True, help_text='When it was last saved.'),
        ),
        migrations.AlterField(
            model_name='apikey',
            name='created_at',
            field=models.DateTimeField(auto_now_add=True, help_text='When it was created.'),
        ),
    ]
