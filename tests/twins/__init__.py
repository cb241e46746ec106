"""Serializers and viewsets as a project of plain DRF has them, asked beside the same moved in.

An application that no setting names, like `tests.specimens`.
"""

from tests import specimens


def install() -> None:
    """Install the application as if it stood in INSTALLED_APPS, unless it is installed."""
    specimens.install(__name__)
