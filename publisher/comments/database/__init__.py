"""The database of comments: SQLite in a file, or PostgreSQL by address. Nothing else in the project speaks SQL to it."""
