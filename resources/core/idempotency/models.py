"""The table of answers. It is written in the transaction of what the answer is about, and by statements only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    Bytes = models.BinaryField[bytes, bytes]
    BigInteger = models.BigIntegerField[int, int]
else:
    Bytes, BigInteger = models.BinaryField, models.BigIntegerField


class StoredAnswer(models.Model):
    """What a request was answered, sealed with its Idempotency-Key, which is not stored."""

    id = BigInteger(primary_key=True, help_text="64 bits of a digest of the key, and of whose it is.")
    request = Bytes(help_text="A digest of what was asked for: method, address, body.")
    answer = Bytes(help_text="Status, headers and body, sealed.")
    expires = BigInteger(db_index=True, help_text="In seconds since 1970.")

    class Meta:
        db_table = "headwater_answer"
