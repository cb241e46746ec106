"""Reference data: countries, subdivisions, currencies, languages, cities and airports."""
