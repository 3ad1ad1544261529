"""The show's pages: pure functions from values to bytes; only templates and assets are read from disk."""
