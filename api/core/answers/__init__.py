"""The former address of what `api.core.http` holds, for domains that were written for it."""
