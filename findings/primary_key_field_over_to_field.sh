#!/usr/bin/env bash
# djangorestframework 3.18.3 with Django 6.1.3: PrimaryKeyRelatedField over a foreign key with a to_field shows one column and reads another.
#
# Expected: a member declared as PrimaryKeyRelatedField(queryset=...) shows the primary key of the related row, and takes the same; what
#   was read can be sent back and changes nothing.
# What happens: to save a query it shows the raw value of the foreign key, which is the to_field's; what it takes it looks up by the
#   primary key. Where both are integers, sending back what was read makes the row refer to another one, without an error.
#   (The field that ModelSerializer makes by itself is a SlugRelatedField on the to_field, and does not do that.)
# Output seen:
#   the seat is in the team with pk 1 and number 2
#   shown: 2
#   sent back: the seat is in the team with pk 2 and number 1
#   by itself: SlugRelatedField
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for python in python3.13 python3.12; do command -v "$python" > /dev/null && break; done
"$python" -m venv "$work/venv"
"$work/venv/bin/pip" install -q Django==6.1.3 djangorestframework==3.18.3 2> /dev/null
cat > "$work/try.py" <<'PY'
import django
from django.conf import settings

settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "rest_framework"],
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
)
django.setup()
from django.db import connection, models
from rest_framework import serializers


class Team(models.Model):
    number = models.IntegerField(unique=True)

    class Meta:
        app_label = "club"


class Seat(models.Model):
    team = models.ForeignKey(Team, models.CASCADE, to_field="number")

    class Meta:
        app_label = "club"


class Declared(serializers.ModelSerializer):
    team = serializers.PrimaryKeyRelatedField(queryset=Team.objects.all())

    class Meta:
        model, fields = Seat, ("team",)


class ByItself(serializers.ModelSerializer):
    class Meta:
        model, fields = Seat, ("team",)


with connection.schema_editor() as editor:
    editor.create_model(Team)
    editor.create_model(Seat)
Team.objects.create(pk=2, number=1)
seat = Seat.objects.create(team=Team.objects.create(pk=1, number=2))
print(f"the seat is in the team with pk {seat.team.pk} and number {seat.team.number}")
shown = Declared(Seat.objects.get()).data
print("shown:", shown["team"])
again = Declared(Seat.objects.get(), data=shown)
again.is_valid(raise_exception=True)
again.save()
team = Seat.objects.get().team
print(f"sent back: the seat is in the team with pk {team.pk} and number {team.number}")
print("by itself:", type(ByItself().fields["team"]).__name__)
assert (shown["team"], team.pk) == (2, 2), "This has changed."
PY
"$work/venv/bin/python" -W ignore "$work/try.py"
