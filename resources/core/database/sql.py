"""What a piece of a statement is to Django's compilers, and what stands around a statement that is run."""

from collections.abc import Callable

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

type StoredJson = str | int | dict[str, str] | None
"""The same as JSON: what JSON would change has its kind beside it, `{"real": text}` and `{"blob": text}`."""
type Parameter = str | int
"""What is bound to a placeholder. Drivers take more than that, but django-stubs know of no more."""
type Stored = str | int | float | bytes | None
"""What SQLite holds, and gives where nothing converts it."""
type Fragment = tuple[str, tuple[Parameter, ...]]
"""SQL with `%s` for every parameter, and the parameters."""

type Context = dict[str, BaseDatabaseWrapper | CursorWrapper | None]
"""What Django tells beside a statement: its `connection` and its `cursor`."""
type Execute[Bound, Answer] = Callable[[str, Bound, bool, Context], Answer]
"""Runs a statement, as an `execute_wrapper` of Django's has it: SQL, parameters, whether they are many, the context."""
