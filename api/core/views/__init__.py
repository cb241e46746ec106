"""DRF's side of a resource: viewset, router, actions."""
