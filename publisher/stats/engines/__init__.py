"""What runs the count: DuckDB in this process, or an engine that somebody has."""
