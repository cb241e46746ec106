"""How passwords are checked and hashed, and keys derived from the secret one."""

import hmac

# The first makes hashes; the second reads those that a project brings along, until their owners log in.
HASHERS = [f"django.contrib.auth.hashers.{name}PasswordHasher" for name in ("Argon2", "PBKDF2")]
VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("MinimumLengthValidator", {"min_length": 10}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
        ("UserAttributeSimilarityValidator", {"user_attributes": ("email", "name")}),
    )
]


def derived_key(secret: str, purpose: str) -> str:
    """Make of the secret key another one for a single purpose, so that neither gives the other away."""
    return hmac.digest(secret.encode(), f"headwater: {purpose}".encode(), "sha256").hex()
