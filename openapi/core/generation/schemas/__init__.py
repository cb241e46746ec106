"""JSON Schemas of what goes over the wire: columns, fields, rows, bodies, filters."""
