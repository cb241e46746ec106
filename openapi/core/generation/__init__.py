"""Makes the contract, an OpenAPI 3.1 document, from the declarations that also serve the API."""
