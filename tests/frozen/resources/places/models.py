"""The places' tables, where Django looks for them."""

from resources.places.airports import Airport
from resources.places.cities import City
from resources.places.countries import Continent, Country
from resources.places.currencies import Currency
from resources.places.languages import Language
from resources.places.sample_data import SampleData
from resources.places.subdivisions import Subdivision

__all__ = ["Airport", "City", "Continent", "Country", "Currency", "Language", "SampleData", "Subdivision"]
