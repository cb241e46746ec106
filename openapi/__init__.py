"""The contract: read from the resources, serializers and viewsets, and imported by none of them."""
