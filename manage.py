#!/usr/bin/env python
"""Django's command line for this project."""

import gc
import os
import sys
from argparse import ArgumentError, ArgumentParser
from contextlib import suppress


def main() -> None:
    """Run a management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "api.settings")
    if sys.argv[1:2] == ["serve"]:
        gc.disable()  # what a start loads stays: `api.core.server.warmup` looks it through once, at the end
        put_address_into_environment(sys.argv[2:])
    else:
        os.environ["TIME_BUDGET"] = "off"  # a migration takes as long as it takes
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


def put_address_into_environment(words: list[str]) -> None:
    """Let the settings, which depend on where `serve` listens, know it when they are read: it would start over else."""
    parser = ArgumentParser(add_help=False, exit_on_error=False)
    parser.add_argument("--host")
    parser.add_argument("--port", type=int)
    with suppress(ArgumentError):  # `serve` itself says what is wrong
        address, _ = parser.parse_known_args(words)
        given = {"HOST": address.host, "PORT": address.port}
        os.environ.update({name: str(value) for name, value in given.items() if value is not None})


if __name__ == "__main__":
    main()
