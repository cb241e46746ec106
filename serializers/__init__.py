"""The presentation: what a resource looks like as JSON, in and out. Knows resources, knows no request."""
