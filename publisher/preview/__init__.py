"""A rendered site served on this machine as the storage would serve it."""
