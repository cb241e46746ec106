"""People: who may be let in, and by which address."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.validators import EmailValidator
from django.db import models
from django.db.models import Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact

from resources.core import fields
from resources.core.keys import UUIDv7Key
from resources.core.resource import Resource, Resources


class People(Resources["Person"], BaseUserManager["Person"]):
    """Makes people; an address is one person's, in whatever case it is written."""

    def create_user(self, email: str, password: str | None = None, **values: Any) -> "Person":
        """Make a person; without a password nobody can log in with one."""
        person = self.model(email=self.normalize_email(email), **values)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, email: str, password: str | None = None, **values: Any) -> "Person":
        """Make a person who runs this installation."""
        return self.create_user(email, password, **({"is_staff": True, "is_superuser": True} | values))

    def get_by_natural_key(self, username: str | None) -> "Person":
        """Find a person by e-mail, in any case."""
        return self.get(Exact(Lower("email"), Value((username or "").lower())))


class Person(UUIDv7Key, Resource, AbstractBaseUser, PermissionsMixin):
    """Somebody who logs in by e-mail."""

    email = fields.CharField(
        max_length=254,
        unique=True,
        validators=[EmailValidator()],
        help_text="The address the person logs in by; one person's, in whatever case it is written.",
    )
    name = fields.CharField(max_length=150, blank=True, help_text="What the person is called.")
    is_active = models.BooleanField(default=True, help_text="Whether the person may log in.")
    is_staff = models.BooleanField(default=False, help_text="Whether the person runs this installation.")

    objects: ClassVar[People] = People()

    unjournaled = ("password", "last_login")

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name_plural = "people"
        constraints = (
            models.UniqueConstraint(
                Lower("email"),
                name="person_email_is_unique",
                violation_error_code="unique",
                violation_error_message="Somebody has this address already, perhaps in another case.",
            ),
        )

    def __str__(self) -> str:
        """Show the address."""
        return self.email

    def save(self, **options: Any) -> None:
        """Save the person, the address in small letters: it is looked for as it stands."""
        if "email" in self.__dict__:  # it is loaded
            self.email = self.email.lower()
        super().save(**options)
