"""Tables of `config.toml` that are looked at closely, each with what it refuses."""
