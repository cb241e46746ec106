"""A point on the globe: two columns and the constraints that keep them on it."""

from django.db import models


class Located(models.Model):
    """Has a latitude and a longitude, in degrees of WGS 84."""

    latitude = models.FloatField(help_text="Degrees north of the equator, -90 to 90 (WGS 84).")
    longitude = models.FloatField(help_text="Degrees east of Greenwich, -180 to 180 (WGS 84).")

    class Meta:
        abstract = True
        constraints = (
            models.CheckConstraint(
                condition=models.Q(latitude__range=(-90, 90)),
                name="%(class)s_latitude_is_on_the_globe",
                violation_error_code="invalid_latitude",
                violation_error_message="Give a latitude from -90 to 90 degrees.",
            ),
            models.CheckConstraint(
                condition=models.Q(longitude__range=(-180, 180)),
                name="%(class)s_longitude_is_on_the_globe",
                violation_error_code="invalid_longitude",
                violation_error_message="Give a longitude from -180 to 180 degrees.",
            ),
        )
