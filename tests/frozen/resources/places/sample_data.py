"""Which sample data was put in, so that a second run knows at a glance."""

from django.db import models

from resources.core import fields


class SampleData(models.Model):
    """A set of sample data that has been loaded, as a whole."""

    id = fields.CharField(primary_key=True, max_length=200, help_text="The sources' releases and what was taken.")
    loaded_at = models.DateTimeField(auto_now_add=True, help_text="When it was loaded.")

    class Meta:
        verbose_name_plural = "sample data"

    def __str__(self) -> str:
        """Show the sources."""
        return self.id
