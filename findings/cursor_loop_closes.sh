#!/usr/bin/env bash
# Django 6.1.3: leaving a loop over `connection.cursor()` early closes the cursor.
#
# Expected: `any(... for row in cursor)`, `next(iter(cursor))` or a `break` leaves the rest unread, and the cursor, inside its own
#   `with` block, can run the next statement, as a cursor of sqlite3 itself does.
# What happens: CursorWrapper.__iter__ is a generator that says `yield from self.cursor`. When the generator is thrown away before its
#   end, Python closes it, and `yield from` passes close() on to what it delegates to, which has a method of that name: the database's
#   cursor. The next execute() fails far from the loop; a loop that runs to its end does no harm, so it depends on the data.
# Output seen:
#   sqlite3's own cursor: 2
#   Django's, loop to the end: 2
#   Django's, loop left early: ProgrammingError: Cannot operate on a closed cursor.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for python in python3.13 python3.12; do command -v "$python" > /dev/null && break; done
"$python" -m venv "$work/venv"
"$work/venv/bin/pip" install -q Django==6.1.3 2> /dev/null
cat > "$work/try.py" <<'PY'
import sqlite3

from django.conf import settings

settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}})
from django.db import ProgrammingError, connection

ROWS = "SELECT 1 UNION SELECT 2 UNION SELECT 3"
own = sqlite3.connect(":memory:").cursor()
assert any(number == 1 for (number,) in own.execute(ROWS))
print("sqlite3's own cursor:", own.execute("SELECT 2").fetchone()[0])
with connection.cursor() as cursor:
    cursor.execute(ROWS)
    assert [number for (number,) in cursor] == [1, 2, 3]
    cursor.execute("SELECT 2")
    print("Django's, loop to the end:", cursor.fetchone()[0])
    cursor.execute(ROWS)
    assert any(number == 1 for (number,) in cursor)
    try:
        cursor.execute("SELECT 2")
    except ProgrammingError as error:
        print(f"Django's, loop left early: ProgrammingError: {error}")
    else:
        raise SystemExit("The cursor is open: this has changed.")
PY
"$work/venv/bin/python" -W ignore "$work/try.py"
