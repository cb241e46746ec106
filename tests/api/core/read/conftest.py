"""Some tests read and write `tests.specimens`, whose tables are made before any test runs."""

from tests import specimens

specimens.install()
