"""Words on the command line become a call; errors become words and an exit status."""

from publisher.cli.command_line import main

__all__ = ["main"]
