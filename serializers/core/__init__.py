"""Headwater's own part of the presentation: the serializer base, problems, JSON, tabular forms."""
