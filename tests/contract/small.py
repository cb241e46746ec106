"""A small contract, on which the rules of this package are tried."""

from typing import Any

PROBLEM = {
    "description": "Refused.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}

CITY = {
    "type": "object",
    "required": ["id", "name", "country"],
    "properties": {
        "id": {"type": "string", "readOnly": True},
        "name": {"type": "string", "maxLength": 20},
        "country": {"oneOf": [{"type": "string"}, {"$ref": "#/components/schemas/Country"}]},
        "twin": {"oneOf": [{"$ref": "#/components/schemas/City"}, {"type": "null"}]},
        "settled": {"type": ["string", "null"], "format": "date"},
        "extra": {},
    },
}

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.1",
    "info": {"title": "Small", "version": "1"},
    "paths": {
        "/v1/cities": {
            "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer"}}],
            "get": {
                "parameters": [
                    {"$ref": "#/components/parameters/Filters"},
                    {"name": "If-None-Match", "in": "header", "schema": {"type": "string"}},
                ],
                "responses": {
                    "200": {
                        "description": "A page.",
                        "headers": {
                            "ETag": {"required": True, "schema": {"type": "string", "pattern": '^"'}},
                            "X-Total": {"schema": {"type": "integer", "minimum": 0}},
                        },
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "required": ["results"],
                                    "properties": {
                                        "results": {"type": "array", "items": {"$ref": "#/components/schemas/City"}}
                                    },
                                }
                            },
                            "application/x-ndjson": {"schema": {"$ref": "#/components/schemas/City"}},
                            "text/csv": {"schema": {"type": "string"}},
                        },
                    },
                    "304": {"description": "Not modified."},
                    "4XX": PROBLEM,
                },
            },
            "post": {
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/CityRequest"}}}
                },
                "responses": {
                    "201": {
                        "description": "Made.",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/City"}}},
                    },
                    "400": PROBLEM,
                },
            },
        },
        "/v1/cities/{id}": {
            "get": {
                "responses": {
                    "200": {
                        "description": "A city.",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/City"}}},
                    },
                    "404": PROBLEM,
                }
            },
            "delete": {"responses": {"204": {"description": "Gone."}}},
        },
        "/v1/cities/newest": {"get": {"responses": {"204": {"description": "Literal paths go first."}}}},
    },
    "components": {
        "parameters": {
            "Filters": {
                "name": "filters",
                "in": "query",
                "schema": {"type": "object", "properties": {"name__not": {}}, "additionalProperties": False},
            }
        },
        "schemas": {
            "City": CITY,
            "CityRequest": {
                "type": "object",
                "required": ["name"],
                "properties": {"name": {"type": "string"}},
                "additionalProperties": False,
            },
            "Country": {
                "allOf": [
                    {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
                    {"type": "object", "properties": {"continent": {"type": "string"}}},
                ]
            },
            "Problem": {
                "type": "object",
                "required": ["type", "title", "status"],
                "properties": {
                    "type": {"type": "string", "format": "uri"},
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                },
                "additionalProperties": True,
            },
        },
    },
}
