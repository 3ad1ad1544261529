"""The command `publish` and the outside world: files, storage, clock, terminal."""

__version__ = "0.1.0"
