"""The tables of the journal. They are written by triggers and, of positions, by the sequencer; never by Django."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

if TYPE_CHECKING:
    BigInteger = models.BigIntegerField[int | None, int | None]
    Text = models.TextField[str | None, str | None]
else:
    BigInteger, Text = models.BigIntegerField, models.TextField


class TransactionField(BigInteger):
    """Which transaction wrote a row: PostgreSQL's own number, or on SQLite one that our connections give it."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        """Return the type of PostgreSQL's numbers of transactions, which never come round again."""
        return "xid8" if connection.vendor == "postgresql" else super().db_type(connection)


class RawRowField(Text):
    """The raw values of a row's columns by their names, as JSON (`resources.core.database.raw_forms`)."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        """Return a type that every program can write: on SQLite no CHECK asks functions of JSON."""
        return "jsonb" if connection.vendor == "postgresql" else super().db_type(connection)


class Change(models.Model):
    """One change of one row, as it was written in the transaction of the row."""

    class Operation(models.TextChoices):
        """What was done. After a reset nothing that was read of a table before is of use."""

        INSERT = "I"
        UPDATE = "U"
        DELETE = "D"
        RESET = "R"

    id = models.BigAutoField(primary_key=True)
    transaction = TransactionField(null=True)
    table_name = models.TextField()
    key = models.TextField(help_text="The raw form of the primary key, as text; empty for a reset.")
    operation = models.CharField(max_length=1, choices=Operation)
    before = RawRowField(null=True)
    after = RawRowField(null=True)
    changed_at = models.DateTimeField()
    actor = models.TextField(null=True, help_text="The key of the person who acted, as text; null for unknown.")
    api_key = models.TextField(null=True, help_text="The id of the key that acted for them.")
    request_id = models.TextField(null=True)

    class Meta:
        db_table = "headwater_change"
        indexes: ClassVar = [models.Index(fields=["table_name", "key"], name="headwater_change_of_row")]


class Position(models.Model):
    """The place of a committed change in the order that readers see. On SQLite a change's id is its position."""

    position = models.BigIntegerField(primary_key=True)
    change = models.BigIntegerField(unique=True)
    epoch = models.BigIntegerField(help_text="Drawn at random in each pass: no other history has it at this position.")

    class Meta:
        db_table = "headwater_position"


class SequencerPass(models.Model):
    """A pass of PostgreSQL's sequencer.

    Rows are added only: one that changes with every pass would be read through all its old versions, as long as some
    idle transaction keeps them from being vacuumed.
    """

    position = models.BigIntegerField(primary_key=True, help_text="The last that it gave.")
    snapshot = models.TextField(help_text="A pg_snapshot: the transactions whose changes have a position by now.")
    system = models.BigIntegerField(help_text="The server's system identifier: snapshots of others mean nothing.")

    class Meta:
        db_table = "headwater_pass"


class Journal(models.Model):
    """What is known of the log as a whole, in one row."""

    id = models.SmallIntegerField(primary_key=True)
    beginning = models.BigIntegerField(help_text="Drawn at random: the fingerprint where nothing was read yet.")
    pruned = models.BigIntegerField(default=0, help_text="The last position whose change was pruned.")

    class Meta:
        db_table = "headwater_journal"


class OpenTransaction(models.Model):
    """To whom is attributed what is written now, on SQLite, whose triggers cannot ask a connection.

    There is a row, and only one, within a transaction of Headwater's: it is gone before others could see it.
    """

    id = models.IntegerField(primary_key=True)
    transaction = models.BigIntegerField(help_text="More than that of any transaction before.")
    actor = models.TextField(null=True)
    api_key = models.TextField(null=True)
    request_id = models.TextField(null=True)

    class Meta:
        db_table = "headwater_transaction"
