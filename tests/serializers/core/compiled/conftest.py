"""The tests of the compiler compile serializers of `tests.specimens`, whose tables are made before any test runs."""

from tests import specimens

specimens.install()
