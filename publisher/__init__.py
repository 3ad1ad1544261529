"""The command `publish` and the outside world: files, storage, clock, terminal."""
