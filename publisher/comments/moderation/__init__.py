"""The moderator: told of what waits, by mail, webhook or ntfy, with links that decide; what decides by itself, and when threads close."""
