"""People: how they sign up, log in and keep their account, by django-allauth; nothing else of Headwater knows it."""
