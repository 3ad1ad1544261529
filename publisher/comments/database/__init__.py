"""The database of comments: SQLite in a file, or PostgreSQL by address. Nothing else in the project speaks SQL to it."""

from publisher.comments.database.comments import Database, open_database
from publisher.comments.database.values import STATES, CommentState, Source, StoredComment

__all__ = ["STATES", "CommentState", "Database", "Source", "StoredComment", "open_database"]
