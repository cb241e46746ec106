"""The settings of a project whose people log in by a user name: Django's own user model."""

from api.settings import *  # noqa: F403
from api.settings import INSTALLED_APPS as ALL

AUTH_USER_MODEL = "auth.User"
OWN = ("resources.accounts", "resources.places", "resources.trips")
INSTALLED_APPS = [name for name in ALL if name not in OWN]
