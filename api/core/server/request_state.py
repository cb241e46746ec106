"""The state that Django keeps beside a request: language, time zone, URL configuration, script prefix.

It is kept per thread as well as per context, so a request that goes on in another thread must bring it along.
"""

from dataclasses import dataclass
from datetime import tzinfo
from typing import Self

from django.urls import get_script_prefix, get_urlconf, set_script_prefix, set_urlconf
from django.utils import timezone, translation


@dataclass(frozen=True, slots=True)
class RequestState:
    """Read at the end of one turn, restored at the start of the next."""

    language: str | None
    zone: tzinfo
    urlconf: str | None
    prefix: str

    @classmethod
    def current(cls) -> Self:
        """Return the state of this thread and context."""
        return cls(translation.get_language(), timezone.get_current_timezone(), get_urlconf(), get_script_prefix())

    def restore(self) -> None:
        """Set it in this thread and context."""
        if self.language is None:
            translation.deactivate_all()
        else:
            translation.activate(self.language)
        timezone.activate(self.zone)
        set_urlconf(self.urlconf)
        set_script_prefix(self.prefix)
