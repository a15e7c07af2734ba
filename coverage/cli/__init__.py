"""The command line: ``python -m coverage fetch | import | check | run | publish``.

Every error that a user can cause is one message on standard error and exit code 2, in the language
of ``--lang`` (Indonesian by default, or ``JANGKAU_LANG``).
"""

from coverage.cli.main import main

__all__ = ["main"]
