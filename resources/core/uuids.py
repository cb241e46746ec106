"""Ids that sort by the time they were made. Knows no table, so that what runs before Django can make one, too."""

import uuid

import uuid_utils
import uuid_utils.compat


def uuid7() -> uuid.UUID:
    """Make an id (RFC 9562, section 5.7)."""
    return uuid_utils.compat.uuid7()


def uuid7_text() -> str:
    """Make an id, as text."""
    return str(uuid_utils.uuid7())
