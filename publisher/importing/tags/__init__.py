"""Tags of another host's feed as keys of config.toml and of front matter."""
