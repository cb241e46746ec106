"""The view and the controller: the only place that has a request."""
