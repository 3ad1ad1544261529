"""A storage that remembers nothing where a feed is served already: what listeners have, read, compared and kept."""
