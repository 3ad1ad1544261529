"""What vanished from the storage, found, put back by the publish that looked, and told."""
